//! Planning who may speak: credentials and principals, and the acts that put both on record.

use super::plan::{Plan, line};
use super::refusals::Refusal;
use super::request::{Answer, Done, NewToken, PrincipalChange, TurnedAway};
use crate::access::{Action, Principal, Standing, Token};
use crate::incident::Who;
use crate::incident::field::{Fault, Faults, Given, List, Pointer};
use crate::incident::id::{PrincipalId, TokenId};
use crate::incident::system::{
    AccessRefused, Act, PrincipalAdded, PrincipalChanged, PrincipalKind, PrincipalNamed,
    PrincipalRole, TokenMade, TokenRevoked,
};
use crate::incident::text::Line;
use crate::log::{PrincipalRow, TokenRow};
use std::sync::Arc;
use uuid::Uuid;

/// How many credentials of one principal may be valid at once.
pub const TOKENS_MAX: usize = 100;

impl Plan<'_> {
    /// Makes a credential, and its principal when that is new.
    pub(super) fn make_token(&mut self, who: &Who, new: NewToken) -> Answer {
        let batch = self.draw_id();
        let principal = match self.directory.find(&new.name) {
            Some(known) => {
                self.check_room(&same_as(known, &new)?.id)?;
                known.id.clone()
            }
            None => self.add_principal(who, batch, &new)?,
        };
        let token = TokenId(self.draw_word('k'));
        let act = Act::TokenMade(TokenMade {
            token: line(token.as_str()),
            principal: line(principal.as_str()),
            scopes: Given(List(new.scopes.clone())),
            expires: new.expires.instant(),
        });
        self.act(who, batch, &act);
        self.keep_token(Token {
            id: token.clone(),
            secret_sha256: new.secret_sha256,
            principal: principal.clone(),
            scopes: new.scopes,
            expires: new.expires,
            revoked: false,
        });
        Ok(Done::TokenMade { token: token.0, principal })
    }

    /// Takes a credential back; one that was taken back before stays so.
    pub(super) fn revoke_token(&mut self, who: &Who, id: &TokenId) -> Answer {
        let token = self.directory.token(id).ok_or(TurnedAway::NobodyKnown)?.clone();
        if !token.revoked {
            let batch = self.draw_id();
            let act = Act::TokenRevoked(TokenRevoked { token: line(id.as_str()) });
            self.act(who, batch, &act);
            self.keep_token(Token { revoked: true, ..token });
        }
        Ok(Done::Noted)
    }

    /// Changes what a principal may do; what is so already is no act.
    pub(super) fn change_principal(&mut self, who: &Who, change: PrincipalChange) -> Answer {
        let known = self.directory.find(change.principal.as_str());
        let before = known.ok_or(TurnedAway::NobodyKnown)?.clone();
        if before.kind == PrincipalKind::Tool && change.role.is_some() {
            let role = Pointer::Key(&Pointer::Root, "role");
            let detail = "belongs to a person; what a tool may do are the scopes of its tokens";
            return Err(TurnedAway::Invalid(Faults::from(Fault::new(&role, detail))));
        }
        let role = change.role.filter(|role| before.role != Some(*role));
        let disabled = change.disabled.filter(|disabled| before.disabled != *disabled);
        if role.is_none() && disabled.is_none() {
            return Ok(Done::Noted);
        }
        let after = Principal {
            role: role.or(before.role),
            disabled: disabled.unwrap_or(before.disabled),
            ..before.clone()
        };
        let is_another = |it: &Principal| it.id != before.id;
        if before.is_admin() && !after.is_admin() && !self.directory.admins().any(is_another) {
            return Err(TurnedAway::LastAdmin);
        }
        let batch = self.draw_id();
        let principal = line(before.id.as_str());
        let act = Act::PrincipalChanged(PrincipalChanged { principal, role, disabled });
        self.act(who, batch, &act);
        self.keep_principal(after);
        Ok(Done::Noted)
    }

    /// Puts refusals for want of rights on record, one act for each principal.
    pub(super) fn note_refusals(&mut self, who: &Who, refusals: Vec<Refusal>) -> Answer {
        let batch = self.draw_id();
        for Refusal { principal, actions, count, .. } in refusals {
            let actions: Vec<&str> = actions.into_iter().map(Action::word).collect();
            let (principal, action) = (line(principal.as_str()), line(&actions.join(", ")));
            let act = Act::AccessRefused(AccessRefused { principal, action, count });
            self.act(who, batch, &act);
        }
        Ok(Done::Noted)
    }

    /// A principal has so many credentials and no more: what anybody may make has a bound.
    fn check_room(&self, principal: &PrincipalId) -> Result<(), TurnedAway> {
        let is_its = |token: &&&Token| {
            token.principal == *principal && token.standing(self.at) == Standing::Valid
        };
        if self.directory.tokens().iter().filter(is_its).count() < TOKENS_MAX {
            return Ok(());
        }
        let detail = format!("has {TOKENS_MAX} valid tokens already: revoke one first");
        let name = Pointer::Key(&Pointer::Root, "name");
        Err(TurnedAway::Invalid(Faults::from(Fault::new(&name, detail))))
    }

    fn keep_token(&mut self, token: Token) {
        let scopes: Vec<String> = token.scopes.iter().map(ToString::to_string).collect();
        self.batch.tokens.push(TokenRow {
            token: token.id.clone(),
            secret_sha256: token.secret_sha256,
            principal: token.principal.clone(),
            scopes: scopes.join(" "),
            expires: token.expires,
            revoked: token.revoked,
        });
        Arc::make_mut(&mut self.directory).put_token(token);
    }

    /// Keeps what a principal is from now on.
    pub(super) fn keep_principal(&mut self, principal: Principal) {
        self.batch.principals.push(PrincipalRow {
            principal: principal.id.clone(),
            kind: principal.kind.word().into(),
            name: principal.name.clone(),
            role: principal.role.map(|role| role.word().into()),
            disabled: principal.disabled,
        });
        Arc::make_mut(&mut self.directory).put(principal);
    }

    fn add_principal(
        &mut self,
        who: &Who,
        batch: Uuid,
        new: &NewToken,
    ) -> Result<PrincipalId, TurnedAway> {
        let name = Line::new(new.name.clone()).map_err(|wrong| {
            let name = Pointer::Key(&Pointer::Root, "name");
            TurnedAway::Invalid(Faults::from(Fault::new(&name, wrong)))
        })?;
        let prefix = match new.kind {
            PrincipalKind::Person => 'u',
            PrincipalKind::Tool => 't',
        };
        let id = PrincipalId(self.draw_word(prefix));
        let role = match new.kind {
            PrincipalKind::Person => Some(new.role.unwrap_or(PrincipalRole::Responder)),
            PrincipalKind::Tool => None,
        };
        let added = PrincipalAdded { principal: line(id.as_str()), kind: new.kind, role };
        self.act(who, batch, &Act::PrincipalAdded(added));
        let named = PrincipalNamed { principal: line(id.as_str()), name };
        self.act(who, batch, &Act::PrincipalNamed(named));
        self.keep_principal(Principal {
            id: id.clone(),
            kind: new.kind,
            name: new.name.clone(),
            role,
            disabled: false,
        });
        Ok(id)
    }
}

/// The principal that is known, unless the new token is for something else of that name: another
/// token changes nothing of what its principal is.
fn same_as<'a>(known: &'a Principal, new: &NewToken) -> Result<&'a Principal, TurnedAway> {
    let differs = |member: &str, is: &str| {
        let member = Pointer::Key(&Pointer::Root, member);
        let detail = format!("{} is known as {is}: leave it out, or choose another name", new.name);
        Err(TurnedAway::Invalid(Faults::from(Fault::new(&member, detail))))
    };
    match known.role {
        _ if known.kind != new.kind => differs("kind", known.kind.word()),
        Some(role) if new.role.is_some_and(|asked| asked != role) => differs("role", role.word()),
        _ => Ok(known),
    }
}
