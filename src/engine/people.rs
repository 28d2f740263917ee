//! Principals and credentials, folded from the service's own acts: what the tables beside the log
//! must say. An import writes them from here, and an audit holds them against it.

use crate::incident::id::PrincipalId;
use crate::incident::system::{Act, PrincipalAdded, PrincipalChanged, PrincipalNamed, TokenMade};
use crate::incident::time::Moment;
use crate::log::{PrincipalRow, TokenRow};
use std::collections::BTreeMap;

/// Everybody and everything that the acts so far speak of.
#[derive(Default)]
pub struct People {
    principals: BTreeMap<String, PrincipalRow>,
    tokens: BTreeMap<String, Credential>,
}

/// What acts say of a token; its secret they do not know.
struct Credential {
    principal: String,
    scopes: String,
    expires: Moment,
    revoked: bool,
}

impl People {
    /// Takes an act in; gives the principals that it adds or changes, as they stand after it.
    pub fn take(&mut self, act: &Act) -> Vec<PrincipalRow> {
        match act {
            Act::PrincipalAdded(it) => self.added(it),
            Act::PrincipalChanged(it) => self.changed(it),
            Act::PrincipalNamed(it) => self.named(it),
            Act::TokenMade(it) => {
                self.tokens.insert(it.token.to_string(), Credential::of(it));
                Vec::new()
            }
            Act::TokenRevoked(it) => {
                let known = self.tokens.get_mut(it.token.as_str());
                known.into_iter().for_each(|token| token.revoked = true);
                Vec::new()
            }
            Act::ServiceStarted(_)
            | Act::ServiceStopped(_)
            | Act::ClockStepped(_)
            | Act::Exported(_)
            | Act::AccessRefused(_) => Vec::new(),
        }
    }

    fn added(&mut self, it: &PrincipalAdded) -> Vec<PrincipalRow> {
        let id = it.principal.to_string();
        self.put(PrincipalRow {
            principal: PrincipalId(id.clone()),
            kind: it.kind.word().into(),
            name: id,
            role: it.role.map(|role| role.word().into()),
            disabled: false,
        })
    }

    fn changed(&mut self, it: &PrincipalChanged) -> Vec<PrincipalRow> {
        let Some(row) = self.principals.get(it.principal.as_str()).cloned() else {
            return Vec::new();
        };
        let role = it.role.map_or(row.role, |role| Some(role.word().into()));
        let disabled = it.disabled.unwrap_or(row.disabled);
        self.put(PrincipalRow { role, disabled, ..row })
    }

    fn named(&mut self, it: &PrincipalNamed) -> Vec<PrincipalRow> {
        let Some(row) = self.principals.get(it.principal.as_str()).cloned() else {
            return Vec::new();
        };
        let name = it.name.to_string();
        // Who had that name has another one since; which, was erased.
        let same = |other: &&PrincipalRow| {
            other.principal != row.principal && other.name.eq_ignore_ascii_case(&name)
        };
        let before = self.principals.values().find(same).cloned();
        let before = before.map(|it| PrincipalRow { name: it.principal.to_string(), ..it });
        let mut changed: Vec<_> = before.map(|it| self.put(it)).unwrap_or_default();
        changed.extend(self.put(PrincipalRow { name, ..row }));
        changed
    }

    fn put(&mut self, row: PrincipalRow) -> Vec<PrincipalRow> {
        self.principals.insert(row.principal.to_string(), row.clone());
        vec![row]
    }

    /// Where rows say something else than the acts, in sentences. That a token has no row is no
    /// difference: an import has none, since no act knows a secret.
    pub fn differences(&self, principals: &[PrincipalRow], tokens: &[TokenRow]) -> Vec<String> {
        let mut found = Vec::new();
        for row in principals {
            match self.principals.get(row.principal.as_str()) {
                None => found.push(format!("no act made the principal {}", row.principal)),
                Some(known) if known != row => found.push(format!(
                    "the row of the principal {} is not what the acts of SYS tell",
                    row.principal
                )),
                Some(_) => {}
            }
        }
        let is_there = |id: &str| principals.iter().any(|row| row.principal.as_str() == id);
        let gone = self.principals.keys().filter(|id| !is_there(id));
        found.extend(gone.map(|id| format!("the principal {id} has no row")));
        for row in tokens {
            match self.tokens.get(row.token.as_str()) {
                None => found.push(format!("no act made the token {}", row.token)),
                Some(known) if !known.is(row) => found.push(format!(
                    "the row of the token {} is not what the acts of SYS tell",
                    row.token
                )),
                Some(_) => {}
            }
        }
        found
    }
}

impl Credential {
    fn of(it: &TokenMade) -> Credential {
        let scopes: Vec<String> = it.scopes.iter().map(ToString::to_string).collect();
        Credential {
            principal: it.principal.to_string(),
            scopes: scopes.join(" "),
            expires: it.expires.moment(),
            revoked: false,
        }
    }

    fn is(&self, row: &TokenRow) -> bool {
        self.principal == row.principal.as_str()
            && self.scopes == row.scopes
            && self.expires == row.expires
            && self.revoked == row.revoked
    }
}
