//! Judging: from a claim to the event as it will be recorded, or to the reason why not.
//!
//! Everything is checked before anything is changed: a claim that is turned away leaves no trace.

use super::attempt::{self, Step};
use super::claim::Claim;
use super::code::Code;
use super::event::{Correction, Event, EventType, Intent};
use super::facts::{Facts, Remedy};
use super::field::{Fault, Faults, Pointer};
use super::guard::Question;
use super::incident::Incident;
use super::lifecycle::{self, Move};
use super::recorded::{Recorded, Who};
use super::refusal::{Refusal, Rejection, Unmet};
use super::runbook::Runbook;
use super::text::Name;
use super::time::{AHEAD_MAX, Claimed, Moment, Precision};
use super::words::{CancelReason, Purpose, RemedyState, Role, State};

impl Incident {
    /// Judges a claim at `at`, the moment of recording. `pointer` is where in the request it
    /// stands; people and incidents in it are already named by their ids.
    ///
    /// # Errors
    ///
    /// [`Rejection::Invalid`] when it does not fit what is known here, with every fault;
    /// [`Rejection::NotTheCommander`] when it overrides without the right to;
    /// [`Rejection::Refused`] with every guard that is not met.
    pub fn judge(
        &self,
        claim: Claim,
        who: &Who,
        at: Moment,
        runbook: &Runbook,
        pointer: &Pointer<'_>,
    ) -> Result<Recorded, Rejection> {
        if claim.override_reason.is_some() && !self.may_override(who) {
            return Err(Rejection::NotTheCommander);
        }
        let mut event = claim.event;
        let mut faults = Faults::default();
        self.complete(&mut event, runbook);
        self.check(&event, runbook, &Pointer::Key(pointer, "data"), &mut faults);
        let occurred = self.occurred(&event, claim.occurred, at, pointer, &mut faults);
        faults.or(Some(()))?;
        let happened = occurred.unwrap_or(Claimed::At(at.instant(), Precision::Second));
        let (to, mut unmet) = self.rule(&event, happened, runbook);
        unmet.sort_by_key(|unmet| unmet.code);
        unmet.dedup_by_key(|unmet| unmet.code);
        let codes: Vec<Code> = unmet.iter().map(|unmet| unmet.code).collect();
        let passable = codes.iter().all(|code| code.is_overridable());
        let (over, dev) = match (codes.is_empty(), passable) {
            (true, _) => (Vec::new(), Vec::new()),
            (false, true) if claim.override_reason.is_some() => (codes, Vec::new()),
            (false, true) if self.is_waived(happened) => (Vec::new(), codes),
            (false, _) => {
                let refusal = Refusal { unmet, state: self.state, version: self.version() };
                return Err(Rejection::Refused(refusal));
            }
        };
        Ok(Recorded {
            version: self.version().next(),
            at,
            occurred,
            to,
            by: who.by.clone(),
            on_behalf_of: who.on_behalf_of.clone(),
            actor: claim.actor,
            override_reason: claim.override_reason,
            as_written: claim.as_written,
            over,
            dev,
            event: Some(event),
        })
    }

    /// Guards are overridden by whoever commands the incident, or by an admin (design 2.3).
    fn may_override(&self, who: &Who) -> bool {
        let commander = self.facts.holder(Role::Commander);
        who.is_admin
            || commander.is_some_and(|holder| holder.person.as_str() == who.judged().as_str())
    }

    /// A story told afterwards has happened already: its guards only mark (design 2.3).
    fn is_waived(&self, happened: Claimed) -> bool {
        let Some((announced, _)) = &self.facts.announced else { return false };
        let told_before = match happened {
            Claimed::Unknown => true,
            Claimed::At(at, _) => at.moment() < announced.at,
            Claimed::Within(..) => happened.latest().is_some_and(|latest| latest < announced.at),
        };
        self.facts.is_retrospective() && told_before
    }

    /// Adds what we know better: names of components, names of our giving, the recommendation.
    fn complete(&self, event: &mut Event, runbook: &Runbook) {
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
                let situations = it.situations.iter().map(Name::as_str);
                let (recommended, row) = runbook.recommend(situations);
                (it.recommended.0, it.row.0) = (Some(recommended), row);
            }
            Event::RemedyPlanned(it) => self.name_remedy(&mut it.0),
            Event::RemedyStarted(it) if it.0.kind.is_some() => self.name_remedy(&mut it.0),
            Event::CauseRecorded(it) => {
                let taken = |name: &Name| self.facts.causes.contains_key(name);
                it.cause.get_or_insert_with(|| free_name('C', self.facts.causes.len(), taken));
            }
            Event::FollowUpAdded(it) => {
                let taken = |name: &Name| self.follow_up_named(name);
                it.follow_up
                    .get_or_insert_with(|| free_name('F', self.facts.follow_ups.len(), taken));
            }
            _ => {}
        }
    }

    fn name_remedy(&self, intent: &mut Intent) {
        let taken = |name: &Name| self.facts.remedy(name).is_some();
        intent.remedy.get_or_insert_with(|| free_name('R', self.facts.remedies.len(), taken));
    }

    fn follow_up_named(&self, name: &Name) -> bool {
        self.facts.follow_ups.iter().any(|(_, it)| it.follow_up.as_ref() == Some(name))
    }

    /// What an event says that does not fit this incident or its runbook.
    fn check(&self, event: &Event, runbook: &Runbook, at: &Pointer<'_>, faults: &mut Faults) {
        match event {
            Event::Announced(it) => {
                known_scenario(it.scenario.as_ref(), runbook, at, faults);
                known_severity(it.severity.as_ref(), runbook, at, faults);
            }
            Event::SeverityChanged(it) => {
                let to = runbook.severities.contains(&it.to.as_str());
                expect_word(to, "to", runbook.severities, at, faults);
            }
            Event::ResponseDecided(it) => {
                known_scenario(it.scenario.as_ref(), runbook, at, faults);
                let situations: Vec<&str> =
                    runbook.decisions.iter().map(|(name, _)| *name).collect();
                let all = it.situations.iter().all(|name| situations.contains(&name.as_str()));
                expect_word(all, "situations", &situations, at, faults);
            }
            Event::RemedyStarted(it) if it.0.kind.is_none() => {
                let planned = it.0.remedy.as_ref().and_then(|name| self.facts.remedy(name));
                if let Some(remedy) = planned {
                    remedy.intent.changed_by(&it.0).check(remedy.kind, at, faults);
                }
            }
            Event::RemedyStarted(it) => {
                let named = it.0.remedy.as_ref().and_then(|name| self.facts.remedy(name));
                if named.is_some_and(|remedy| remedy.state == RemedyState::Planned) {
                    let detail = "is settled by the plan of that remedy: leave it out to start it";
                    faults.add(Fault::new(&Pointer::Key(at, "kind"), detail));
                }
            }
            Event::FollowUpChanged(it) if !self.follow_up_named(&it.follow_up) => {
                faults.add(Fault::new(
                    &Pointer::Key(at, "follow_up"),
                    "is no follow-up of this incident",
                ));
            }
            Event::Corrected(it) => self.check_correction(it, at, faults),
            _ => {}
        }
    }

    fn check_correction(&self, it: &Correction, at: &Pointer<'_>, faults: &mut Faults) {
        let version = Pointer::Key(at, "version");
        let Some(original) = self.event(it.version).and_then(|recorded| recorded.event.as_ref())
        else {
            faults.add(Fault::new(&version, "is no event of this incident that can be corrected"));
            return;
        };
        let kind = original.kind();
        if matches!(kind, EventType::Corrected | EventType::Redacted | EventType::ReminderSent) {
            faults.add(Fault::new(&version, format!("a {kind} event cannot be corrected")));
            return;
        }
        if it.withdrawn == Some(true) && moves(original, &self.facts).0 {
            let detail = format!("a {kind} event moved the incident: a move cannot be withdrawn");
            faults.add(Fault::new(&Pointer::Key(at, "withdrawn"), detail));
        }
        let fields_at = Pointer::Key(at, "fields");
        for name in it.fields.iter().flat_map(|fields| fields.0.keys()) {
            if judged_members(kind).contains(&name.as_str()) {
                let detail = format!("was judged when the {kind} was recorded and stays as it is");
                faults.add(Fault::new(&Pointer::Key(&fields_at, name), detail));
            }
        }
        if let Some(fields) = &it.fields {
            self.check_fields(original, &fields.0, &fields_at, faults);
        }
    }

    /// The corrected event must read as its type does.
    fn check_fields(
        &self,
        original: &Event,
        fields: &serde_json::Map<String, serde_json::Value>,
        at: &Pointer<'_>,
        faults: &mut Faults,
    ) {
        let Ok(serde_json::Value::Object(mut data)) = serde_json::to_value(original) else {
            return;
        };
        for ours in ["recommended", "row"] {
            if original.kind() == EventType::ResponseDecided && !fields.contains_key(ours) {
                data.shift_remove(ours);
            }
        }
        for (name, value) in fields {
            match value {
                serde_json::Value::Null => data.shift_remove(name),
                value => data.insert(name.clone(), value.clone()),
            };
        }
        Event::read(original.kind(), serde_json::Value::Object(data), at, faults);
    }

    /// When it is claimed to have happened, as it will be stored.
    fn occurred(
        &self,
        event: &Event,
        claimed: Option<Claimed>,
        at: Moment,
        pointer: &Pointer<'_>,
        faults: &mut Faults,
    ) -> Option<Claimed> {
        let retrospective = match event {
            Event::Announced(it) => it.retrospective == Some(true),
            _ => self.facts.is_retrospective(),
        };
        let occurred = Pointer::Key(pointer, "occurred");
        match claimed {
            None if retrospective && moves(event, &self.facts).0 => {
                let detail = "is missing: an incident told afterwards says when each move happened, \
                              or \"unknown\"";
                faults.add(Fault::new(&occurred, detail));
                None
            }
            None if retrospective => Some(Claimed::Unknown),
            Some(claimed) if claimed.is_ahead_of(at) => {
                let detail = format!(
                    "is more than {} minutes ahead of this server's clock ({at})",
                    AHEAD_MAX.num_minutes()
                );
                faults.add(Fault::new(&occurred, detail));
                None
            }
            claimed => claimed,
        }
    }

    /// The state after the event, and everything that is not met.
    fn rule(&self, event: &Event, happened: Claimed, runbook: &Runbook) -> (State, Vec<Unmet>) {
        let intent = self.intent_of(event);
        let question = Question {
            facts: &self.facts,
            runbook,
            event: Some(event),
            happened,
            intent: intent.as_ref(),
        };
        let a_move = move_of(event, &self.facts);
        let is_unmet = |code| question.unmet(code).is_some();
        let ruling = lifecycle::rule(self.state, a_move, self.facts.decided, &is_unmet);
        let mut unmet: Vec<Unmet> =
            ruling.unmet.iter().filter_map(|code| question.unmet(*code)).collect();
        if ruling.to.is_none() {
            let detail =
                format!("An incident that is {} has no \"{}\".", self.state, a_move.phrase());
            unmet.push(Unmet::new(Code::NotInThisState, detail));
        }
        unmet.extend(self.rule_remedy(event, &question));
        unmet.extend(self.rule_names(event));
        (ruling.to.unwrap_or(self.state), unmet)
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
                let detail = format!("No remedy here is called {name}.");
                return vec![Unmet::new(Code::RemedyUnknown, detail)];
            }
            _ => {}
        }
        let Some(intent) = question.intent else { return Vec::new() };
        let Some(kind) = intent.kind else { return Vec::new() };
        let state = known.map_or(RemedyState::New, |remedy| remedy.state);
        let started = known.is_some_and(|remedy| remedy.started.is_some());
        let is_ours = intent.owner.is_none();
        let is_unmet = |code| is_ours && question.unmet(code).is_some();
        let ruling = attempt::rule(state, step, kind, started, &is_unmet);
        let mut unmet: Vec<Unmet> =
            ruling.unmet.iter().filter_map(|code| question.unmet(*code)).collect();
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
                self.facts.remedy(name).is_none().then(|| {
                    let detail = format!("No remedy here is called {name}.");
                    Unmet::new(Code::RemedyUnknown, detail)
                })
            }
            Event::FollowUpAdded(it)
                if it.follow_up.as_ref().is_some_and(|name| self.follow_up_named(name)) =>
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

/// What an event means to the lifecycle.
pub fn move_of(event: &Event, facts: &Facts) -> Move {
    let is_ours = |name: &Name| facts.remedy(name).is_none_or(Remedy::is_ours);
    match event {
        Event::Announced(_) => Move::Announce,
        Event::ResponseDecided(it) => match it.chosen.remedy() {
            None => Move::DecideToInvestigate,
            Some(_) => Move::DecideToAct,
        },
        Event::RemedyStarted(it) => {
            let planned = it.0.remedy.as_ref().and_then(|name| facts.remedy(name));
            let intent =
                planned.map_or_else(|| it.0.clone(), |remedy| remedy.intent.changed_by(&it.0));
            match (intent.owner, intent.purpose) {
                (Some(_), _) => Move::TellOfRemedy,
                (None, Some(Purpose::Diagnosis)) => Move::StartDiagnosis,
                (None, Some(Purpose::Remedy | Purpose::Precaution) | None) => Move::StartRemedy,
            }
        }
        Event::RemedyFailed(it) if is_ours(&it.remedy) => Move::LoseRemedy,
        Event::RemedyUndone(it) if is_ours(&it.remedy) => Move::LoseRemedy,
        Event::RemedyPlanned(_)
        | Event::RemedyFinished(_)
        | Event::RemedyFailed(_)
        | Event::RemedyAbandoned(_)
        | Event::RemedyUndone(_)
        | Event::EffectObserved(_) => Move::TellOfRemedy,
        Event::VerificationStarted(_) => Move::StartVerification,
        Event::ChecksPassed(_) => Move::PassChecks,
        Event::VerificationFailed(_) => Move::FailVerification,
        Event::Resolved(_) => Move::Resolve,
        Event::Reopened(_) => Move::Reopen,
        Event::Cancelled(it) => match it.why {
            CancelReason::FalseAlarm | CancelReason::NothingToDo => Move::CancelAsNothing,
            CancelReason::Duplicate | CancelReason::Merged => Move::CancelAsElsewhere,
        },
        Event::Detected(_)
        | Event::ImpactChanged(_)
        | Event::SeverityChanged(_)
        | Event::RoleAssigned(_)
        | Event::RoleReleased(_)
        | Event::StableVersionIdentified(_)
        | Event::SchemaChecked(_)
        | Event::CommandRecorded(_)
        | Event::ChangeObserved(_)
        | Event::CheckRecorded(_)
        | Event::UpdatePosted(_)
        | Event::Escalated(_)
        | Event::NoteAdded(_)
        | Event::EvidenceAttached(_)
        | Event::CauseRecorded(_)
        | Event::AlertAttached(_)
        | Event::AlertDetached(_)
        | Event::Linked(_)
        | Event::Unlinked(_)
        | Event::Corrected(_)
        | Event::Redacted(_)
        | Event::ChecklistMarked(_)
        | Event::LessonRecorded(_)
        | Event::FollowUpAdded(_)
        | Event::FollowUpChanged(_)
        | Event::SectionWritten(_)
        | Event::PostmortemScheduled(_)
        | Event::PostmortemWaived(_)
        | Event::PostmortemPublished(_)
        | Event::ReminderSent(_) => Move::Record,
    }
}

/// Whether an event moves a machine, other than by calling the incident out.
fn moves(event: &Event, facts: &Facts) -> (bool, Move) {
    let a_move = move_of(event, facts);
    let tells = matches!(event, Event::EffectObserved(_));
    (!tells && !matches!(a_move, Move::Record | Move::Announce), a_move)
}

/// What an event means to a remedy, and to which.
fn step_of(event: &Event) -> Option<(&Name, Step)> {
    match event {
        Event::RemedyPlanned(it) => Some((it.0.remedy.as_ref()?, Step::Plan)),
        Event::RemedyStarted(it) => Some((it.0.remedy.as_ref()?, Step::Start)),
        Event::RemedyFinished(it) => Some((&it.remedy, Step::Finish)),
        Event::RemedyFailed(it) => Some((&it.remedy, Step::Fail)),
        Event::RemedyAbandoned(it) => Some((&it.remedy, Step::Abandon)),
        Event::RemedyUndone(it) => Some((&it.remedy, Step::Undo)),
        Event::EffectObserved(it) => Some((&it.remedy, Step::Observe)),
        _ => None,
    }
}

/// The members of an event that the machines judged: a correction leaves them as they are.
fn judged_members(kind: EventType) -> &'static [&'static str] {
    match kind {
        EventType::Announced => &["retrospective"],
        EventType::RoleAssigned | EventType::RoleReleased => &["role", "to", "from"],
        EventType::ResponseDecided => &["chosen", "recommended", "row"],
        EventType::RemedyPlanned | EventType::RemedyStarted => {
            &["remedy", "kind", "purpose", "owner"]
        }
        EventType::RemedyFinished
        | EventType::RemedyFailed
        | EventType::RemedyAbandoned
        | EventType::RemedyUndone
        | EventType::EffectObserved => &["remedy"],
        EventType::CheckRecorded => &["check", "ok", "not_applicable"],
        EventType::Cancelled => &["why", "of"],
        EventType::CauseRecorded => &["cause"],
        EventType::FollowUpAdded | EventType::FollowUpChanged => &["follow_up"],
        _ => &[],
    }
}

/// The next free name of our giving: a letter and a number from 1.
fn free_name(letter: char, used: usize, taken: impl Fn(&Name) -> bool) -> Name {
    let named = |number| Name::new(format!("{letter}{number}")).expect("a letter and digits");
    (used + 1..).map(named).find(|name| !taken(name)).expect("numbers do not end")
}

fn known_scenario(
    scenario: Option<&Name>,
    runbook: &Runbook,
    at: &Pointer<'_>,
    faults: &mut Faults,
) {
    let known: Vec<&str> = runbook.scenarios.iter().map(|(name, _)| *name).collect();
    let is_known = scenario.is_none_or(|name| known.contains(&name.as_str()));
    expect_word(is_known, "scenario", &known, at, faults);
}

fn known_severity(
    severity: Option<&Name>,
    runbook: &Runbook,
    at: &Pointer<'_>,
    faults: &mut Faults,
) {
    let is_known = severity.is_none_or(|word| runbook.severities.contains(&word.as_str()));
    expect_word(is_known, "severity", runbook.severities, at, faults);
}

fn expect_word(
    is_known: bool,
    member: &str,
    known: &[&str],
    at: &Pointer<'_>,
    faults: &mut Faults,
) {
    if !is_known {
        let detail = format!("is not in the runbook, which knows {}", known.join(", "));
        faults.add(Fault::new(&Pointer::Key(at, member), detail));
    }
}
