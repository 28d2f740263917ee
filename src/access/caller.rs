//! Who is asking, and what they may do.

use super::directory::{Principal, Token};
use super::matrix::{Action, Command, Refused, Rights, permit};
use crate::incident::scope::{Reach, Scope};
use crate::incident::system::{PrincipalKind, PrincipalRole};
use crate::incident::{EventType, Who};

/// Who is asking: the proof that a credential was valid when the request came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Whose credential it is.
    pub principal: Principal,
    /// The credential.
    pub token: Token,
    /// The person that a tool speaks for.
    pub on_behalf_of: Option<Principal>,
}

impl Caller {
    /// The one whose rights count: the person spoken for, else the principal itself.
    pub fn judged(&self) -> &Principal {
        self.on_behalf_of.as_ref().unwrap_or(&self.principal)
    }

    /// The rights that count. A person without a role, which no release has made, only reads.
    pub fn rights(&self) -> Rights<'_> {
        let role = |person: &Principal| person.role.unwrap_or(PrincipalRole::Viewer);
        match (self.principal.kind, &self.on_behalf_of) {
            (PrincipalKind::Person, _) => Rights::Person(role(&self.principal)),
            (PrincipalKind::Tool, None) => Rights::Tool(&self.token.scopes),
            (PrincipalKind::Tool, Some(person)) => {
                Rights::ToolFor(&self.token.scopes, role(person))
            }
        }
    }

    /// Whether the action is allowed, to whoever commands the incident that it is about or not.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn may(&self, action: Action, command: Command) -> Result<(), Refused> {
        permit(self.rights(), action, command)
    }

    /// Whether the service's own acts may be seen.
    pub fn may_see_system(&self) -> bool {
        self.may(Action::ReadSystem, Command::NotOwn).is_ok()
    }

    /// Whether some events are out of reach of the credential, though it may append.
    pub fn is_limited(&self) -> bool {
        self.principal.kind == PrincipalKind::Tool && !self.reaches().any(Reach::is_whole)
    }

    /// Whether an event of that type, in an incident of that service, is within its reach.
    pub fn covers(&self, kind: EventType, service: &str) -> bool {
        !self.is_limited() || self.reaches().any(|reach| reach.covers(kind, service))
    }

    fn reaches(&self) -> impl Iterator<Item = &Reach> {
        self.token.scopes.iter().filter_map(|scope| match scope {
            Scope::Append(reach) => Some(reach),
            Scope::Read | Scope::ActAs | Scope::Export => None,
        })
    }

    /// As events record it.
    pub fn who(&self) -> Who {
        Who {
            by: self.principal.id.clone(),
            on_behalf_of: self.on_behalf_of.as_ref().map(|person| person.id.clone()),
            token: Some(self.token.id.clone()),
            is_admin: self.may(Action::Override, Command::NotOwn).is_ok(),
        }
    }
}
