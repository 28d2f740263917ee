//! What may happen next: every type of event that a client may append, and for what is not legal
//! now, why. The same machines answer that judge.

use super::attempt::{self, Step};
use super::claim::is_claimable;
use super::code::Code;
use super::event::{Event, EventType, Intent, RemedyStarted};
use super::facts::Remedy;
use super::guard::Question;
use super::incident::Incident;
use super::lifecycle::Move;
use super::refusal::{Refusal, Unmet};
use super::runbook::Runbook;
use super::time::{Claimed, Moment, Precision};
use std::collections::BTreeMap;

/// Whether one type of event is legal now.
#[derive(Debug, Clone, PartialEq)]
pub struct Next {
    /// The type.
    pub kind: EventType,
    /// Everything that stands against it; none when it is legal. What depends on the payload is
    /// only asked once there is one.
    pub refusal: Option<Refusal>,
}

impl Incident {
    /// Every type of event a client may append to this incident, asked at `now`.
    pub fn next(&self, now: Moment, runbook: &Runbook) -> Vec<Next> {
        let appendable = |kind: &EventType| is_claimable(*kind) && *kind != EventType::Announced;
        let kinds = EventType::ALL.iter().copied().filter(appendable);
        // Most types are the same few moves: each move is asked once.
        let moves = Move::ALL.iter().map(|it| (*it, self.unmet_by(*it, now, runbook)));
        let answers: BTreeMap<Move, Vec<Unmet>> = moves.collect();
        kinds.map(|kind| Next { kind, refusal: self.refusal_of(kind, &answers) }).collect()
    }

    /// Everything that stands against an event of that type, asked at `now`; nothing when it is
    /// legal.
    pub fn unmet(&self, kind: EventType, now: Moment, runbook: &Runbook) -> Vec<Unmet> {
        let moves = moves_of(kind).iter().map(|it| (*it, self.unmet_by(*it, now, runbook)));
        self.refusal_of(kind, &moves.collect()).map_or_else(Vec::new, |refusal| refusal.unmet)
    }

    fn refusal_of(&self, kind: EventType, answers: &BTreeMap<Move, Vec<Unmet>>) -> Option<Refusal> {
        let answers = moves_of(kind).iter().map(|a_move| &answers[a_move]);
        let mut unmet = answers.min_by_key(|unmet| unmet.len()).cloned().unwrap_or_default();
        unmet.extend(self.no_remedy_for(kind));
        unmet.sort_by_key(|unmet| unmet.code);
        (!unmet.is_empty()).then(|| Refusal { unmet, state: self.state, version: self.version() })
    }

    /// Everything that stands against starting a remedy at `now`: what the lifecycle holds against
    /// it, and what the remedy's own guards do.
    pub fn unmet_to_start(&self, intent: Intent, now: Moment, runbook: &Runbook) -> Vec<Unmet> {
        let mut event = Event::RemedyStarted(RemedyStarted(intent));
        self.complete(&mut event, runbook);
        self.rule(&event, Claimed::At(now.instant(), Precision::Second), runbook).1
    }

    fn unmet_by(&self, a_move: Move, now: Moment, runbook: &Runbook) -> Vec<Unmet> {
        let happened = Claimed::At(now.instant(), Precision::Second);
        let question =
            Question { facts: &self.facts, runbook, event: None, happened, intent: None };
        self.rule_move(a_move, &question).1
    }

    /// That there is no remedy which could take this step.
    fn no_remedy_for(&self, kind: EventType) -> Option<Unmet> {
        let step = match kind {
            EventType::RemedyFinished => Step::Finish,
            EventType::RemedyFailed => Step::Fail,
            EventType::RemedyAbandoned => Step::Abandon,
            EventType::RemedyUndone => Step::Undo,
            EventType::EffectObserved => Step::Observe,
            _ => return None,
        };
        let takes = |remedy: &Remedy| {
            let started = remedy.started.is_some();
            attempt::rule(remedy.state, step, remedy.kind, started, &|_| false).to.is_some()
        };
        (!self.facts.remedies.iter().any(takes)).then(|| {
            Unmet::new(Code::RemedyOrder, format!("No remedy here could take \"{step}\" now."))
        })
    }
}

/// The moves that are asked for an event of this type. A remedy is taken for one of ours that is to
/// restore service: a diagnosis needs no decision, and another team's remedy is kept at any time.
fn moves_of(kind: EventType) -> &'static [Move] {
    match kind {
        EventType::Announced => &[Move::Announce],
        EventType::ResponseDecided => &[Move::DecideToAct, Move::DecideToInvestigate],
        EventType::RemedyStarted => &[Move::StartRemedy],
        EventType::RemedyFailed | EventType::RemedyUndone => &[Move::LoseRemedy],
        EventType::RemedyPlanned
        | EventType::RemedyFinished
        | EventType::RemedyAbandoned
        | EventType::EffectObserved => &[Move::TellOfRemedy],
        EventType::VerificationStarted => &[Move::StartVerification],
        EventType::ChecksPassed => &[Move::PassChecks],
        EventType::VerificationFailed => &[Move::FailVerification],
        EventType::Resolved => &[Move::Resolve],
        EventType::Reopened => &[Move::Reopen],
        EventType::Cancelled => &[Move::CancelAsNothing, Move::CancelAsElsewhere],
        EventType::PostmortemPublished => &[Move::Publish],
        _ => &[Move::Record],
    }
}
