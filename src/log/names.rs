//! What principals are called. A name is a fact of its own: views print it as of their moment.

use super::batch::Row;
use super::logged::{Damage, Logged, Said};
use crate::incident::Event;
use crate::incident::id::{Position, Version};
use crate::incident::system::Act;
use std::collections::BTreeMap;

/// Every name that a principal ever had, each from its position on, but for those that were erased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    called: BTreeMap<String, Vec<(Position, String)>>,
    /// Where in `SYS` each of them was given, and to whom.
    given: BTreeMap<Version, (String, Position)>,
    /// The redactions of each that was erased.
    erased: BTreeMap<Version, Vec<Version>>,
}

impl Names {
    /// Reads the names out of rows of `SYS`; rows of other events are passed over.
    pub fn read(rows: &[Row]) -> Result<Names, Damage> {
        let mut names = Names::default();
        for row in rows {
            names.take(&Logged::read(row)?);
        }
        Ok(names)
    }

    /// Takes one more event in, if it gives a name or erases one.
    pub fn take(&mut self, logged: &Logged) {
        let entry = &logged.entry;
        match &logged.said {
            Said::Act(Act::PrincipalNamed(named)) => {
                let principal = named.principal.to_string();
                let names = self.called.entry(principal.clone()).or_default();
                names.push((entry.pos, named.name.to_string()));
                self.given.insert(entry.ver, (principal, entry.pos));
            }
            Said::Event(Event::Redacted(it)) if entry.inc.is_system() => {
                self.forget(it.version);
                let earlier = it.erased().filter(|version| *version != it.version);
                self.erased.insert(it.version, earlier.chain([entry.ver]).collect());
            }
            Said::Event(_) | Said::Act(_) | Said::Unknown | Said::Redacted => {}
        }
    }

    fn forget(&mut self, version: Version) {
        let Some((principal, position)) = self.given.remove(&version) else { return };
        if let Some(names) = self.called.get_mut(&principal) {
            names.retain(|(since, _)| *since != position);
        }
    }

    /// Who was given a name at that version of `SYS`, and whether it is the name now; nobody when
    /// it gives none, or was erased.
    pub fn given(&self, version: Version) -> Option<(&str, bool)> {
        let (principal, position) = self.given.get(&version)?;
        let last = self.called.get(principal)?.last();
        Some((principal, last.is_some_and(|(since, _)| since == position)))
    }

    /// The redactions of a name, in order; empty when it stands.
    pub fn redactions(&self, version: Version) -> &[Version] {
        self.erased.get(&version).map_or(&[], Vec::as_slice)
    }

    /// What a principal was called at that position; the nearest other name where that one is
    /// erased.
    pub fn at(&self, principal: &str, position: Position) -> Option<&str> {
        let names = self.called.get(principal)?;
        let current = names.iter().rfind(|(since, _)| *since <= position).or(names.first());
        current.map(|(_, name)| name.as_str())
    }
}
