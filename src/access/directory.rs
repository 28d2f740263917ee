//! Everybody and everything that may speak, with their credentials.

use super::caller::Caller;
use super::secret::Secret;
use crate::incident::id::{PrincipalId, TokenId};
use crate::incident::scope::Scope;
use crate::incident::system::{PrincipalKind, PrincipalRole};
use crate::incident::time::Moment;
use crate::incident::words::words;
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

impl Principal {
    /// Whether it is an admin that is not disabled.
    pub fn is_admin(&self) -> bool {
        self.role == Some(PrincipalRole::Admin) && !self.disabled
    }
}

words! {
    /// Whether a credential is good.
    pub enum Standing {
        /// It works.
        Valid = "valid",
        /// Its time is over.
        Expired = "expired",
        /// It was taken back.
        Revoked = "revoked",
    }
}

/// A credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The id, `k_…`.
    pub id: TokenId,
    /// SHA-256 of its secret.
    pub secret_sha256: [u8; 32],
    /// Whose it is.
    pub principal: PrincipalId,
    /// What a tool's may do.
    pub scopes: Vec<Scope>,
    /// When it ends.
    pub expires: Moment,
    /// Whether it was taken back.
    pub revoked: bool,
}

impl Token {
    /// Whether it is good at that moment.
    pub fn standing(&self, now: Moment) -> Standing {
        match self.revoked {
            true => Standing::Revoked,
            false if now < self.expires => Standing::Valid,
            false => Standing::Expired,
        }
    }
}

/// Why nobody is known to ask.
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

/// Everybody and everything that may speak.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    principals: HashMap<PrincipalId, Principal>,
    by_name: HashMap<String, PrincipalId>,
    tokens: HashMap<TokenId, Token>,
    by_secret: HashMap<[u8; 32], TokenId>,
}

impl Directory {
    /// Adds a principal, or what is new of one.
    pub fn put(&mut self, principal: Principal) {
        self.by_name.retain(|_, id| *id != principal.id);
        self.by_name.insert(principal.name.to_lowercase(), principal.id.clone());
        self.principals.insert(principal.id.clone(), principal);
    }

    /// Adds a credential, or what is new of one.
    pub fn put_token(&mut self, token: Token) {
        self.by_secret.insert(token.secret_sha256, token.id.clone());
        self.tokens.insert(token.id.clone(), token);
    }

    /// Whether there is an admin with a credential that is valid at that moment.
    pub fn has_admin(&self, now: Moment) -> bool {
        self.tokens.values().any(|token| {
            let principal = self.principals.get(&token.principal);
            token.standing(now) == Standing::Valid && principal.is_some_and(Principal::is_admin)
        })
    }

    /// Those who are admins now and not disabled, in the order of their names.
    pub fn admins(&self) -> impl Iterator<Item = &Principal> {
        self.principals().into_iter().filter(|it| it.is_admin())
    }

    /// All of them, in the order of their names.
    pub fn principals(&self) -> Vec<&Principal> {
        let mut all: Vec<&Principal> = self.principals.values().collect();
        all.sort_by_key(|it| (it.name.to_lowercase(), &it.id));
        all
    }

    /// All credentials, in the order in which they end.
    pub fn tokens(&self) -> Vec<&Token> {
        let mut all: Vec<&Token> = self.tokens.values().collect();
        all.sort_by_key(|it| (it.expires, &it.id));
        all
    }

    /// The principal that has this name, case aside, or this id.
    pub fn find(&self, called: &str) -> Option<&Principal> {
        let by_name = || self.principals.get(self.by_name.get(&called.to_lowercase())?);
        self.principals.get(&PrincipalId(called.to_owned())).or_else(by_name)
    }

    /// The credential with this id.
    pub fn token(&self, id: &TokenId) -> Option<&Token> {
        self.tokens.get(id)
    }

    /// Who is asking with that secret at that moment. The secret is found by its hash, so the
    /// time that takes tells nothing of it.
    pub fn authenticate(&self, secret: &str, now: Moment) -> Result<Caller, Denied> {
        let hash = Secret::parse(secret).ok_or(Denied::Unknown)?.sha256();
        self.holder(self.by_secret.get(&hash).ok_or(Denied::Unknown)?, now)
    }

    /// The same caller at a later moment: what of them has changed since, has.
    pub fn again(&self, caller: &Caller, now: Moment) -> Result<Caller, Denied> {
        let holder = self.holder(&caller.token.id, now)?;
        match &caller.on_behalf_of {
            None => Ok(holder),
            Some(person) => self.speak_for(holder, person.id.as_str()),
        }
    }

    fn holder(&self, token: &TokenId, now: Moment) -> Result<Caller, Denied> {
        let token = self.tokens.get(token).ok_or(Denied::Unknown)?;
        let principal = self.principals.get(&token.principal).ok_or(Denied::Unknown)?;
        let is_valid = token.standing(now) == Standing::Valid && !principal.disabled;
        is_valid.then_some(()).ok_or(Denied::Unknown)?;
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
