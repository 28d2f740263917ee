//! What principals are called. A name is a fact of its own: views print it as of their moment.

use super::batch::Row;
use super::walk::{Damage, Logged, Said};
use crate::incident::id::Position;
use crate::incident::system::Act;
use std::collections::BTreeMap;

/// Every name that a principal ever had, each from its position on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<String, Vec<(Position, String)>>);

impl Names {
    /// Reads the names out of rows of `SYS`; rows of other events are passed over.
    pub fn read(rows: &[Row]) -> Result<Names, Damage> {
        let mut names = Names::default();
        for row in rows {
            names.take(&Logged::read(row)?);
        }
        Ok(names)
    }

    /// Takes one more event in, if it gives a name.
    pub fn take(&mut self, logged: &Logged) {
        if let Said::Act(Act::PrincipalNamed(named)) = &logged.said {
            let names = self.0.entry(named.principal.to_string()).or_default();
            names.push((logged.entry.pos, named.name.to_string()));
        }
    }

    /// What a principal was called at that position.
    pub fn at(&self, principal: &str, position: Position) -> Option<&str> {
        let names = self.0.get(principal)?;
        let current = names.iter().rfind(|(since, _)| *since <= position).or(names.first());
        current.map(|(_, name)| name.as_str())
    }

    /// The principal that is called so now, case aside, or has that id.
    pub fn find(&self, called: &str) -> Option<&str> {
        let is_called = |names: &Vec<(Position, String)>| {
            names.last().is_some_and(|(_, name)| name.to_lowercase() == called.to_lowercase())
        };
        let found = self.0.iter().find(|(id, names)| *id == called || is_called(names));
        found.map(|(id, _)| id.as_str())
    }
}
