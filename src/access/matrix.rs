//! The permission matrix (promises 4.3): the one place that says who may do what.
//!
//! Nothing is allowed that no row allows. Every route names its action, and the answer to *may
//! they?* comes from [`permit`] alone; `docs/access.md` is printed from it.

use crate::incident::scope::Scope;
use crate::incident::system::PrincipalRole;
use crate::incident::words::words;

words! {
    /// What somebody may try; a row of the matrix.
    pub enum Action {
        /// Read incidents, their views and streams, the runbook with its advice, and the figures of the service.
        Read = "read",
        /// Announce an incident.
        Announce = "announce",
        /// Append events to an incident.
        Append = "append",
        /// Take or assign command, while nobody holds it or by naming the holder.
        AssignCommand = "assign_command",
        /// Override a guard that may be overridden.
        Override = "override",
        /// Erase words by a redaction.
        Redact = "redact",
        /// Read the service's own acts, the events of SYS.
        ReadSystem = "read_system",
        /// Export an incident.
        ExportIncident = "export_incident",
        /// Read checkpoints and proofs of the log.
        ReadProofs = "read_proofs",
        /// Export the whole log.
        ExportLog = "export_log",
        /// List, make and revoke one's own tokens.
        OwnTokens = "own_tokens",
        /// Read principals, their names, and everybody's tokens.
        ReadPrincipals = "read_principals",
        /// Change principals, make tokens for others, and revoke anybody's.
        ChangePrincipals = "change_principals",
    }
}

impl Action {
    /// Whether those who may not are not even told that there is such a thing.
    pub const fn is_hidden(self) -> bool {
        match self {
            Action::ReadSystem => true,
            Action::Read
            | Action::Announce
            | Action::Append
            | Action::AssignCommand
            | Action::Override
            | Action::Redact
            | Action::ExportIncident
            | Action::ReadProofs
            | Action::ExportLog
            | Action::OwnTokens
            | Action::ReadPrincipals
            | Action::ChangePrincipals => false,
        }
    }

    /// What it is, for the middle of a sentence.
    fn phrase(self) -> String {
        let about = self.about().trim_end_matches('.');
        about.chars().take(1).flat_map(char::to_lowercase).chain(about.chars().skip(1)).collect()
    }
}

/// Whose rights count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rights<'a> {
    /// Those of a person, who asks in person.
    Person(PrincipalRole),
    /// Those of a tool.
    Tool(&'a [Scope]),
    /// Those of a person, for whom a tool with these scopes speaks; never above the scopes.
    ToolFor(&'a [Scope], PrincipalRole),
}

/// Whether the person whose rights count commands the incident that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// They do.
    Own,
    /// Somebody else does, or nobody, or it is about no incident.
    NotOwn,
}

/// Why somebody may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The role does not go that far.
    #[error("The role {0} does not allow this ({1}): ask an admin for one that does.")]
    Role(PrincipalRole, String),
    /// The scopes of the token do not go that far.
    #[error("This token has no scope for this ({1}): ask an admin for one with the scope {0}.")]
    Scope(&'static str, String),
    /// People alone may, whatever a token's scopes are.
    #[error("Tools never may ({0}): a person has to, with a token of their own.")]
    NeverByTool(String),
    /// A tool may for the incident's commander alone.
    #[error("A tool may only for the incident's commander, by act_as ({0}).")]
    NotForTheCommander(String),
}

/// What a tool needs for an action.
#[derive(Clone, Copy)]
enum Tool {
    Never,
    Read,
    Append,
    Export,
    /// The scope `append`, and to speak for the commander of the incident.
    ForTheCommander,
}

const YES: bool = true;
const NOT: bool = false;

/// One row: viewer, responder, responder in command of the incident, auditor, admin; and a tool.
#[rustfmt::skip]
const fn row(action: Action) -> ([bool; 5], Tool) {
    match action {
        //                           viewer responder commander auditor admin   tool
        Action::Read             => ([YES,  YES,      YES,      YES,    YES], Tool::Read),
        Action::Announce         => ([NOT,  YES,      YES,      NOT,    YES], Tool::Append),
        Action::Append           => ([NOT,  YES,      YES,      NOT,    YES], Tool::Append),
        Action::AssignCommand    => ([NOT,  YES,      YES,      NOT,    YES], Tool::Append),
        Action::Override         => ([NOT,  NOT,      YES,      NOT,    YES], Tool::ForTheCommander),
        Action::Redact           => ([NOT,  NOT,      NOT,      NOT,    YES], Tool::Never),
        Action::ReadSystem       => ([NOT,  NOT,      NOT,      YES,    YES], Tool::Never),
        Action::ExportIncident   => ([NOT,  NOT,      YES,      YES,    YES], Tool::Export),
        Action::ReadProofs       => ([YES,  YES,      YES,      YES,    YES], Tool::Read),
        Action::ExportLog        => ([NOT,  NOT,      NOT,      YES,    YES], Tool::Never),
        Action::OwnTokens        => ([YES,  YES,      YES,      YES,    YES], Tool::Never),
        Action::ReadPrincipals   => ([NOT,  NOT,      NOT,      YES,    YES], Tool::Never),
        Action::ChangePrincipals => ([NOT,  NOT,      NOT,      NOT,    YES], Tool::Never),
    }
}

/// Whether those rights allow the action.
///
/// Command adds to what a responder may do; it gives a viewer or an auditor nothing.
///
/// # Errors
///
/// Why not.
pub fn permit(rights: Rights<'_>, action: Action, command: Command) -> Result<(), Refused> {
    match rights {
        Rights::Person(role) => person(role, action, command),
        Rights::Tool(scopes) => match row(action).1 {
            Tool::ForTheCommander => Err(Refused::NotForTheCommander(action.phrase())),
            _ => tool(scopes, action),
        },
        Rights::ToolFor(scopes, role) => {
            tool(scopes, action)?;
            match (row(action).1, command) {
                (Tool::ForTheCommander, Command::NotOwn) => {
                    Err(Refused::NotForTheCommander(action.phrase()))
                }
                _ => person(role, action, command),
            }
        }
    }
}

fn person(role: PrincipalRole, action: Action, command: Command) -> Result<(), Refused> {
    let [viewer, responder, commander, auditor, admin] = row(action).0;
    let may = match (role, command) {
        (PrincipalRole::Viewer, _) => viewer,
        (PrincipalRole::Responder, Command::NotOwn) => responder,
        (PrincipalRole::Responder, Command::Own) => commander,
        (PrincipalRole::Auditor, _) => auditor,
        (PrincipalRole::Admin, _) => admin,
    };
    may.then_some(()).ok_or_else(|| Refused::Role(role, action.phrase()))
}

fn tool(scopes: &[Scope], action: Action) -> Result<(), Refused> {
    let has = |is: fn(&Scope) -> bool, word: &'static str| {
        let found = scopes.iter().any(is).then_some(());
        found.ok_or_else(|| Refused::Scope(word, action.phrase()))
    };
    match row(action).1 {
        Tool::Never => Err(Refused::NeverByTool(action.phrase())),
        Tool::Read => has(|it| matches!(it, Scope::Read), "read"),
        Tool::Append | Tool::ForTheCommander => has(|it| matches!(it, Scope::Append(_)), "append"),
        Tool::Export => has(|it| matches!(it, Scope::Export), "export"),
    }
}
