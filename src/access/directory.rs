//! Everybody and everything that may speak, with their credentials.

use super::secret::Secret;
use crate::incident::Who;
use crate::incident::id::{PrincipalId, TokenId};
use crate::incident::system::{PrincipalKind, PrincipalRole, Scope};
use crate::incident::time::Moment;
use std::collections::HashMap;

/// Somebody or something that may speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The id, `u_…` or `t_…`.
    pub id: PrincipalId,
    /// What it is.
    pub kind: PrincipalKind,
    /// The name now.
    pub name: String,
    /// What a person may do; none for a tool.
    pub role: Option<PrincipalRole>,
    /// Whether everything of it is refused.
    pub disabled: bool,
}

/// A credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The id, `k_…`.
    pub id: TokenId,
    /// Whose it is.
    pub principal: PrincipalId,
    /// What a tool's may do.
    pub scopes: Vec<Scope>,
    /// When it ends.
    pub expires: Moment,
    /// Whether it was taken back.
    pub revoked: bool,
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The credential is none of ours, has ended, or was taken back.
    #[error("this token is not valid, has expired or was revoked: ask an admin for a new one")]
    Unknown,
    /// Only a tool with the scope speaks for others.
    #[error(
        "only a tool whose token has the scope act_as may speak for somebody: leave On-Behalf-Of out"
    )]
    MayNotSpeakForOthers,
    /// The one spoken for is no principal.
    #[error("On-Behalf-Of names nobody known here: give the name or id of a person")]
    NobodyKnown,
}

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

    /// Whether an admin asks, or is spoken for.
    pub fn is_admin(&self) -> bool {
        self.judged().role == Some(PrincipalRole::Admin)
    }

    /// Whether incidents and their views may be read.
    pub fn may_read(&self) -> bool {
        match self.principal.kind {
            PrincipalKind::Person => true,
            PrincipalKind::Tool => self.token.scopes.contains(&Scope::Read),
        }
    }

    /// Whether events may be appended: by responders and admins, and by tools with the scope,
    /// never above the rights of the person spoken for.
    pub fn may_append(&self) -> bool {
        let writes = |role| matches!(role, Some(PrincipalRole::Responder | PrincipalRole::Admin));
        match (self.principal.kind, &self.on_behalf_of) {
            (PrincipalKind::Person, _) => writes(self.principal.role),
            (PrincipalKind::Tool, None) => self.token.scopes.contains(&Scope::Append),
            (PrincipalKind::Tool, Some(person)) => {
                self.token.scopes.contains(&Scope::Append) && writes(person.role)
            }
        }
    }

    /// Whether principals and everybody's tokens may be changed: by admins, in person.
    pub fn may_administer(&self) -> bool {
        self.principal.role == Some(PrincipalRole::Admin)
    }

    /// Whether the service's own acts may be seen: by auditors and admins, in person.
    pub fn may_see_system(&self) -> bool {
        let role = self.principal.role;
        matches!(role, Some(PrincipalRole::Auditor | PrincipalRole::Admin))
    }

    /// Whether an incident that `commander` commands may be carried out: by the commander, auditors
    /// and admins, and by tools with the scope, never above the rights of the person spoken for.
    pub fn may_export(&self, commander: Option<&str>) -> bool {
        let may = |person: &Principal| {
            matches!(person.role, Some(PrincipalRole::Auditor | PrincipalRole::Admin))
                || commander == Some(person.id.as_str())
        };
        let is_person = self.principal.kind == PrincipalKind::Person;
        let has_right = is_person || self.token.scopes.contains(&Scope::Export);
        has_right && (self.judged().kind == PrincipalKind::Tool || may(self.judged()))
    }

    /// Whether the whole log may be carried out: by auditors and admins, in person.
    pub fn may_export_log(&self) -> bool {
        self.may_see_system()
    }

    /// As events record it.
    pub fn who(&self) -> Who {
        Who {
            by: self.principal.id.clone(),
            on_behalf_of: self.on_behalf_of.as_ref().map(|person| person.id.clone()),
            token: Some(self.token.id.clone()),
            is_admin: self.is_admin(),
        }
    }
}

/// Everybody and everything that may speak.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    principals: HashMap<PrincipalId, Principal>,
    by_name: HashMap<String, PrincipalId>,
    tokens: HashMap<[u8; 32], Token>,
}

impl Directory {
    /// Adds a principal, or what is new of one.
    pub fn put(&mut self, principal: Principal) {
        self.by_name.retain(|_, id| *id != principal.id);
        self.by_name.insert(principal.name.to_lowercase(), principal.id.clone());
        self.principals.insert(principal.id.clone(), principal);
    }

    /// Adds a credential by the SHA-256 of its secret, or what is new of one.
    pub fn put_token(&mut self, secret_sha256: [u8; 32], token: Token) {
        self.tokens.insert(secret_sha256, token);
    }

    /// Whether there is an admin with a credential that is valid at that moment.
    pub fn has_admin(&self, now: Moment) -> bool {
        let is_admin = |token: &Token| {
            let principal = self.principals.get(&token.principal);
            principal.is_some_and(|it| it.role == Some(PrincipalRole::Admin) && !it.disabled)
        };
        self.tokens.values().any(|token| !token.revoked && now < token.expires && is_admin(token))
    }

    /// The principal that has this name, case aside, or this id.
    pub fn find(&self, called: &str) -> Option<&Principal> {
        let by_name = || self.principals.get(self.by_name.get(&called.to_lowercase())?);
        self.principals.get(&PrincipalId(called.to_owned())).or_else(by_name)
    }

    /// Who is asking with that secret at that moment. The secret is found by its hash, so the
    /// time that takes tells nothing of it.
    pub fn authenticate(&self, secret: &str, now: Moment) -> Result<Caller, Denied> {
        let hash = Secret::parse(secret).ok_or(Denied::Unknown)?.sha256();
        let token = self.tokens.get(&hash).ok_or(Denied::Unknown)?;
        let principal = self.principals.get(&token.principal).ok_or(Denied::Unknown)?;
        let valid = !token.revoked && !principal.disabled && now < token.expires;
        valid.then_some(()).ok_or(Denied::Unknown)?;
        Ok(Caller { principal: principal.clone(), token: token.clone(), on_behalf_of: None })
    }

    /// `caller` speaking for the person who is called so.
    pub fn speak_for(&self, caller: Caller, called: &str) -> Result<Caller, Denied> {
        let is_tool = caller.principal.kind == PrincipalKind::Tool;
        if !is_tool || !caller.token.scopes.contains(&Scope::ActAs) {
            return Err(Denied::MayNotSpeakForOthers);
        }
        let person =
            self.find(called).filter(|it| it.kind == PrincipalKind::Person && !it.disabled);
        let on_behalf_of = Some(person.ok_or(Denied::NobodyKnown)?.clone());
        Ok(Caller { on_behalf_of, ..caller })
    }
}
