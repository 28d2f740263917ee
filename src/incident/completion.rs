//! What we add to an event before it is recorded, so that it says everything by itself: names of
//! components, names of our giving, the recommendation of the runbook.

use super::event::{Event, Intent};
use super::incident::Incident;
use super::runbook::Runbook;
use super::text::Name;
use std::collections::BTreeSet;

impl Incident {
    /// Completes an event that is about to be recorded.
    pub(super) fn complete(&self, event: &mut Event, runbook: &Runbook) {
        match event {
            Event::Announced(it) => {
                it.running.name_service(&it.service);
                it.previous.name_service(&it.service);
            }
            Event::Resolved(it) => {
                if let Some((_, announced)) = &self.facts.announced {
                    it.restored.name_service(&announced.service);
                }
            }
            Event::ResponseDecided(it) => {
                let advice = runbook.recommend(&it.situations, it.measured.as_ref());
                (it.recommended.0, it.row.0) = (Some(advice.response), advice.row);
            }
            Event::RemedyPlanned(it) => self.name_remedy(&mut it.0),
            Event::RemedyStarted(it) if it.0.kind.is_some() => self.name_remedy(&mut it.0),
            Event::CauseRecorded(it) => {
                it.cause.get_or_insert_with(|| free_name('C', &self.cause_names()));
            }
            Event::FollowUpAdded(it) => {
                it.follow_up.get_or_insert_with(|| free_name('F', &self.follow_up_names()));
            }
            _ => {}
        }
    }

    fn name_remedy(&self, intent: &mut Intent) {
        let names = || self.facts.remedies.iter().map(|remedy| &remedy.name).collect();
        intent.remedy.get_or_insert_with(|| free_name('R', &names()));
    }

    /// The names of all causes ever recorded: a withdrawn one keeps its name.
    fn cause_names(&self) -> BTreeSet<&Name> {
        let named = self.history().iter().filter_map(|recorded| match &recorded.event {
            Some(Event::CauseRecorded(it)) => it.cause.as_ref(),
            _ => None,
        });
        named.collect()
    }

    /// The names of all follow-ups ever added: a withdrawn one keeps its name.
    pub(super) fn follow_up_names(&self) -> BTreeSet<&Name> {
        let named = self.history().iter().filter_map(|recorded| match &recorded.event {
            Some(Event::FollowUpAdded(it)) => it.follow_up.as_ref(),
            _ => None,
        });
        named.collect()
    }
}

/// The next free name of our giving: a letter and a number from 1.
fn free_name(letter: char, taken: &BTreeSet<&Name>) -> Name {
    let named = |number| Name::new(format!("{letter}{number}")).expect("a letter and digits");
    (taken.len() + 1..).map(named).find(|name| !taken.contains(name)).expect("numbers do not end")
}
