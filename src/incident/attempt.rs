//! One attempt to restore service: the second statig machine, over [`RemedyState`] (design 2.2).
//!
//! ```text
//!   planned ──▶ running ──▶ finished ──▶ failed      running, finished, failed, and
//!      │           │ └─────────────────────▲         abandoned once it was started ──▶ undone
//!      └───────────┴──▶ abandoned
//! ```
//!
//! Done is not effective: what a remedy did to the impact is a fact of its own, and no move.

use super::code::Code;
use super::machine::{Guards, Ruling};
use super::refusal::Unmet;
use super::words::{RemedyKind, RemedyState, words};
use statig::Outcome::{self, Handled, Super, Transition};
use statig::blocking::{self, IntoStateMachine, StateExt};

words! {
    /// What an event means to a remedy.
    pub enum Step {
        /// It is intended.
        Plan = "plan",
        /// It begins.
        Start = "start",
        /// It is done.
        Finish = "finish",
        /// It did not take.
        Fail = "fail",
        /// It is given up.
        Abandon = "abandon",
        /// It is put back.
        Undo = "undo",
        /// Somebody saw what it did.
        Observe = "observe",
    }
}

/// Asks the machine what `step` does to a remedy in `state`. `started` tells whether it ever ran.
pub fn rule(
    state: RemedyState,
    step: Step,
    kind: RemedyKind,
    started: bool,
    unmet_of: &dyn Fn(Code) -> Option<Unmet>,
) -> Ruling<RemedyState> {
    let mut guards = Guards::new(true, unmet_of);
    let outcome = state.clone().handle(&mut Attempt { kind, started }, &step, &mut guards);
    Ruling::of(state, outcome, guards)
}

/// What the machine has to know of the remedy beside its state.
pub struct Attempt {
    kind: RemedyKind,
    started: bool,
}

impl IntoStateMachine for Attempt {
    type Event<'evt> = Step;
    type Context<'ctx> = Guards<'ctx>;
    type State = RemedyState;
    type Superstate<'sub> = ();

    fn initial() -> RemedyState {
        RemedyState::New
    }
}

impl blocking::State<Attempt> for RemedyState {
    fn call_handler(
        &mut self,
        attempt: &mut Attempt,
        step: &Step,
        guards: &mut Guards<'_>,
    ) -> Outcome<RemedyState> {
        match self {
            RemedyState::New => new(*step, attempt.kind, guards),
            RemedyState::Planned => planned(*step, attempt.kind, guards),
            RemedyState::Running => running(*step, attempt.kind, guards),
            RemedyState::Finished => finished(*step),
            RemedyState::Failed => failed(*step),
            RemedyState::Abandoned => abandoned(*step, attempt.started),
            RemedyState::Undone => undone(*step),
        }
    }
}

fn new(step: Step, kind: RemedyKind, guards: &mut Guards<'_>) -> Outcome<RemedyState> {
    match step {
        Step::Plan => Transition(RemedyState::Planned),
        Step::Start => guards.unless(start_guards(kind), Transition(RemedyState::Running)),
        Step::Finish | Step::Fail | Step::Abandon | Step::Undo | Step::Observe => Super,
    }
}

fn planned(step: Step, kind: RemedyKind, guards: &mut Guards<'_>) -> Outcome<RemedyState> {
    match step {
        Step::Start => guards.unless(start_guards(kind), Transition(RemedyState::Running)),
        Step::Abandon => Transition(RemedyState::Abandoned),
        Step::Plan | Step::Finish | Step::Fail | Step::Undo | Step::Observe => Super,
    }
}

fn running(step: Step, kind: RemedyKind, guards: &mut Guards<'_>) -> Outcome<RemedyState> {
    match step {
        Step::Finish => guards.unless(finish_guards(kind), Transition(RemedyState::Finished)),
        Step::Fail => Transition(RemedyState::Failed),
        Step::Abandon => Transition(RemedyState::Abandoned),
        Step::Undo => Transition(RemedyState::Undone),
        Step::Observe => Handled,
        Step::Plan | Step::Start => Super,
    }
}

fn finished(step: Step) -> Outcome<RemedyState> {
    match step {
        Step::Fail => Transition(RemedyState::Failed),
        Step::Undo => Transition(RemedyState::Undone),
        Step::Observe => Handled,
        Step::Plan | Step::Start | Step::Finish | Step::Abandon => Super,
    }
}

fn failed(step: Step) -> Outcome<RemedyState> {
    match step {
        Step::Undo => Transition(RemedyState::Undone),
        Step::Observe => Handled,
        Step::Plan | Step::Start | Step::Finish | Step::Fail | Step::Abandon => Super,
    }
}

fn abandoned(step: Step, started: bool) -> Outcome<RemedyState> {
    match step {
        Step::Undo if started => Transition(RemedyState::Undone),
        Step::Observe if started => Handled,
        Step::Undo | Step::Observe => Super,
        Step::Plan | Step::Start | Step::Finish | Step::Fail | Step::Abandon => Super,
    }
}

fn undone(step: Step) -> Outcome<RemedyState> {
    match step {
        Step::Observe => Handled,
        Step::Plan | Step::Start | Step::Finish | Step::Fail | Step::Abandon | Step::Undo => Super,
    }
}

/// What has to be known before a remedy of this kind begins.
pub const fn start_guards(kind: RemedyKind) -> &'static [Code] {
    match kind {
        RemedyKind::Rollback => {
            &[Code::TargetUnknown, Code::TargetIsCurrent, Code::SchemaUnchecked]
        }
        RemedyKind::MigrationDowngrade => {
            &[Code::SchemaUnchecked, Code::CauseUnconfirmed, Code::Destructive, Code::CodeFirst]
        }
        RemedyKind::BackupRestore
        | RemedyKind::FlagOff
        | RemedyKind::ConfigRevert
        | RemedyKind::ConfigChange
        | RemedyKind::Scale
        | RemedyKind::Restart
        | RemedyKind::Hotfix
        | RemedyKind::Redeploy
        | RemedyKind::Other => &[],
    }
}

/// What has to be seen before a remedy of this kind is done.
pub const fn finish_guards(kind: RemedyKind) -> &'static [Code] {
    match kind {
        RemedyKind::Rollback
        | RemedyKind::MigrationDowngrade
        | RemedyKind::FlagOff
        | RemedyKind::Hotfix
        | RemedyKind::Redeploy => &[Code::TargetNotObserved],
        RemedyKind::BackupRestore
        | RemedyKind::ConfigRevert
        | RemedyKind::ConfigChange
        | RemedyKind::Scale
        | RemedyKind::Restart
        | RemedyKind::Other => &[],
    }
}
