//! Planning a credential: its principal when that is new, and the acts that put both on record.

use super::plan::{Plan, line};
use super::request::{Answer, Done, NewToken, TurnedAway};
use crate::access::{Principal, Token};
use crate::incident::Who;
use crate::incident::field::{Fault, Faults, Given, List, Pointer};
use crate::incident::id::{PrincipalId, TokenId};
use crate::incident::system::{
    Act, PrincipalAdded, PrincipalKind, PrincipalNamed, PrincipalRole, TokenMade,
};
use crate::incident::text::Line;
use crate::log::{PrincipalRow, TokenRow};
use std::sync::Arc;
use uuid::Uuid;

impl Plan<'_> {
    /// Makes a credential, and its principal when that is new.
    pub(super) fn make_token(&mut self, who: &Who, new: NewToken) -> Answer {
        let batch = self.draw_id();
        let principal = match self.directory.find(&new.name) {
            Some(known) => same_as(known, &new)?.id.clone(),
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
        let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.word()).collect();
        self.batch.tokens.push(TokenRow {
            token: token.clone(),
            secret_sha256: new.secret_sha256,
            principal: principal.clone(),
            scopes: scopes.join(" "),
            expires: new.expires,
            revoked: false,
        });
        Arc::make_mut(&mut self.directory).put_token(
            new.secret_sha256,
            Token {
                id: token.clone(),
                principal: principal.clone(),
                scopes: new.scopes,
                expires: new.expires,
                revoked: false,
            },
        );
        Ok(Done::TokenMade { token: token.0, principal })
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
        self.batch.principals.push(PrincipalRow {
            principal: id.clone(),
            kind: new.kind.word().into(),
            name: new.name.clone(),
            role: role.map(|role| role.word().into()),
            disabled: false,
        });
        Arc::make_mut(&mut self.directory).put(Principal {
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
