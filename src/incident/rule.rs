//! What the two machines and the names of things hold against an event.

use super::attempt;
use super::code::Code;
use super::event::{Event, Intent};
use super::guard::Question;
use super::incident::Incident;
use super::lifecycle::{self, Move};
use super::meaning::{move_of, step_of};
use super::refusal::Unmet;
use super::runbook::Runbook;
use super::text::Name;
use super::time::Claimed;
use super::words::{RemedyState, State};

impl Incident {
    /// The state after the event, and everything that is not met: what is no guard first, then the
    /// guards in the order of the tables.
    pub(super) fn rule(
        &self,
        event: &Event,
        happened: Claimed,
        runbook: &Runbook,
    ) -> (State, Vec<Unmet>) {
        let intent = self.intent_of(event);
        let question = Question {
            facts: &self.facts,
            runbook,
            event: Some(event),
            happened,
            intent: intent.as_ref(),
        };
        let (to, mut unmet) = self.rule_move(move_of(event, &self.facts), &question);
        unmet.extend(self.rule_remedy(event, &question));
        unmet.extend(self.rule_names(event));
        unmet.sort_by_key(|unmet| unmet.code);
        unmet.dedup_by_key(|unmet| unmet.code);
        (to.unwrap_or(self.state), unmet)
    }

    /// What the lifecycle says of a move: the state after it, and what is not met.
    pub(super) fn rule_move(
        &self,
        a_move: Move,
        question: &Question<'_>,
    ) -> (Option<State>, Vec<Unmet>) {
        let unmet_of = |code| question.unmet(code);
        let ruling = lifecycle::rule(self.state, a_move, self.facts.decided, &unmet_of);
        let mut unmet = ruling.unmet;
        if ruling.to.is_none() {
            let detail =
                format!("An incident that is {} has no \"{}\".", self.state, a_move.phrase());
            unmet.push(Unmet::new(Code::NotInThisState, detail));
        }
        (ruling.to, unmet)
    }

    /// What the remedy's own machine holds against it.
    fn rule_remedy(&self, event: &Event, question: &Question<'_>) -> Vec<Unmet> {
        let Some((name, step)) = step_of(event) else { return Vec::new() };
        let known = self.facts.remedy(name);
        let is_new = matches!(event, Event::RemedyPlanned(_))
            || matches!(event, Event::RemedyStarted(it) if it.0.kind.is_some());
        match (known, is_new) {
            (Some(_), true) => {
                let detail = format!("{name} is another remedy's name: choose a new one, or none.");
                return vec![Unmet::new(Code::NameTaken, detail)];
            }
            (None, false) => {
                return vec![remedy_unknown(name)];
            }
            _ => {}
        }
        let Some(intent) = question.intent else { return Vec::new() };
        let Some(kind) = intent.kind else { return Vec::new() };
        let state = known.map_or(RemedyState::New, |remedy| remedy.state);
        let started = known.is_some_and(|remedy| remedy.started.is_some());
        let is_ours = intent.owner.is_none();
        let unmet_of = |code| is_ours.then(|| question.unmet(code)).flatten();
        let ruling = attempt::rule(state, step, kind, started, &unmet_of);
        let mut unmet = ruling.unmet;
        if ruling.to.is_none() {
            let detail = format!("{name} is {state}: there is no \"{step}\" from there.");
            unmet.push(Unmet::new(Code::RemedyOrder, detail));
        }
        unmet
    }

    /// What a remedy is to do, with all that its start changes of the plan.
    fn intent_of(&self, event: &Event) -> Option<Intent> {
        let (name, _) = step_of(event)?;
        match (event, self.facts.remedy(name)) {
            (Event::RemedyPlanned(it), None) => Some(it.0.clone()),
            (Event::RemedyStarted(it), None) => Some(it.0.clone()),
            (Event::RemedyStarted(it), Some(remedy)) => Some(remedy.intent.changed_by(&it.0)),
            (_, known) => known.map(|remedy| remedy.intent.clone()),
        }
    }

    /// Roles that somebody else holds, names that are taken or unknown.
    fn rule_names(&self, event: &Event) -> Option<Unmet> {
        match event {
            Event::RoleAssigned(it) if it.role.has_one_holder() => {
                let holder = self.facts.holder(it.role)?;
                (it.from.as_ref() != Some(&holder.person)).then(|| {
                    let detail = format!(
                        "The role {} is held: name its holder in from to take over.",
                        it.role
                    );
                    Unmet::new(Code::RoleHeld, detail)
                })
            }
            Event::RoleReleased(it) if it.role.has_one_holder() => {
                let holder = self.facts.holder(it.role)?;
                (it.from != holder.person).then(|| {
                    let detail =
                        format!("The role {} is held by somebody else than that.", it.role);
                    Unmet::new(Code::RoleHeld, detail)
                })
            }
            Event::CommandRecorded(it) => {
                let name = it.remedy.as_ref()?;
                self.facts.remedy(name).is_none().then(|| remedy_unknown(name))
            }
            Event::FollowUpAdded(it)
                if it
                    .follow_up
                    .as_ref()
                    .is_some_and(|name| self.follow_up_names().contains(name)) =>
            {
                Some(Unmet::new(
                    Code::NameTaken,
                    "Another follow-up has that name: choose a new one.",
                ))
            }
            _ => None,
        }
    }
}

fn remedy_unknown(name: &Name) -> Unmet {
    Unmet::new(Code::RemedyUnknown, format!("No remedy here is called {name}."))
}
