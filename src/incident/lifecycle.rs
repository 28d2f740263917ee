//! The lifecycle of an incident: a statig machine over [`State`] (design 2.1).
//!
//! ```text
//!               open                                                                closed
//!   announced ──▶ assessing ◀──▶ mitigating ──▶ verifying ──▶ monitoring ──resolve──▶ resolved
//!       │             ▲              ▲   ◀──── failed ──┴────────────┘                   │
//!       │             └──────────────┼──────────────────── reopen ───────────────────────┤
//!       └── decide to act ───────────┘                     cancel ──▶ cancelled ─────────┘
//! ```
//!
//! One function a state. Every move is named in each of them: what is decided there, and what is
//! left to the superstate, *open* or *closed*. A move that the superstate leaves too is refused.
//! The machine sees no payload: guards are named by [`Code`] and asked of the facts.

use super::code::Code;
use super::machine::{Guards, Ruling};
use super::refusal::Unmet;
use super::words::{State, words};
use statig::Outcome::{self, Handled, Super, Transition};
use statig::blocking::{self, IntoStateMachine, StateExt};

words! {
    /// What an event means to the lifecycle.
    pub enum Move {
        /// The incident is called out.
        Announce = "announce",
        /// To look first was decided.
        DecideToInvestigate = "decide_to_investigate",
        /// A remedy was decided.
        DecideToAct = "decide_to_act",
        /// A remedy of ours begins.
        StartRemedy = "start_remedy",
        /// A remedy of ours begins whose purpose is diagnosis.
        StartDiagnosis = "start_diagnosis",
        /// A remedy of ours did not take, or was put back.
        LoseRemedy = "lose_remedy",
        /// A remedy is planned, finished or abandoned, its effect is observed, or it is not ours.
        TellOfRemedy = "tell_of_remedy",
        /// Checking begins.
        StartVerification = "start_verification",
        /// Health and smoke passed.
        PassChecks = "pass_checks",
        /// It is not well after all.
        FailVerification = "fail_verification",
        /// Watched to the end.
        Resolve = "resolve",
        /// It is back.
        Reopen = "reopen",
        /// It was none: a false alarm, or nothing had to be done.
        CancelAsNothing = "cancel_as_nothing",
        /// It is told elsewhere: a duplicate, or merged.
        CancelAsElsewhere = "cancel_as_elsewhere",
        /// The post-mortem is published, which an incident has only once it is over.
        Publish = "publish",
        /// Anything else worth keeping.
        Record = "record",
    }
}

impl Move {
    /// The move in words, for tables and refusals.
    pub const fn phrase(self) -> &'static str {
        match self {
            Move::Announce => "announce",
            Move::DecideToInvestigate => "decide to investigate",
            Move::DecideToAct => "decide to act",
            Move::StartRemedy => "start a remedy of ours",
            Move::StartDiagnosis => "start a diagnosis of ours",
            Move::LoseRemedy => "fail or undo a remedy of ours",
            Move::TellOfRemedy => "tell of a remedy",
            Move::StartVerification => "start verification",
            Move::PassChecks => "pass checks",
            Move::FailVerification => "fail verification",
            Move::Resolve => "resolve",
            Move::Reopen => "reopen",
            Move::CancelAsNothing => "cancel (false alarm, nothing to do)",
            Move::CancelAsElsewhere => "cancel (duplicate, merged)",
            Move::Publish => "publish the post-mortem",
            Move::Record => "record",
        }
    }
}

/// Asks the machine what `a_move` does in `state`; `decided` tells whether a decision to act
/// stands since the last reopening.
pub fn rule(
    state: State,
    a_move: Move,
    decided: bool,
    unmet_of: &dyn Fn(Code) -> Option<Unmet>,
) -> Ruling<State> {
    let mut guards = Guards::new(decided, unmet_of);
    let outcome = state.clone().handle(&mut Lifecycle, &a_move, &mut guards);
    Ruling::of(state, outcome, guards)
}

/// The machine itself holds nothing: an incident's state is folded from its events.
pub struct Lifecycle;

/// What the states of one side have in common.
pub enum Side {
    /// Work goes on.
    Open,
    /// It ended.
    Closed,
}

impl IntoStateMachine for Lifecycle {
    type Event<'evt> = Move;
    type Context<'ctx> = Guards<'ctx>;
    type State = State;
    type Superstate<'sub> = Side;

    fn initial() -> State {
        State::Nothing
    }
}

impl blocking::State<Lifecycle> for State {
    fn call_handler(
        &mut self,
        _: &mut Lifecycle,
        a_move: &Move,
        guards: &mut Guards<'_>,
    ) -> Outcome<State> {
        match self {
            State::Nothing => nothing(*a_move),
            State::Announced => announced(*a_move, guards),
            State::Assessing => assessing(*a_move, guards),
            State::Mitigating => mitigating(*a_move, guards),
            State::Verifying => verifying(*a_move, guards),
            State::Monitoring => monitoring(*a_move, guards),
            State::Resolved | State::Cancelled => ended(*a_move),
        }
    }

    fn superstate(&mut self) -> Option<Side> {
        match self {
            State::Nothing => None,
            State::Resolved | State::Cancelled => Some(Side::Closed),
            State::Announced
            | State::Assessing
            | State::Mitigating
            | State::Verifying
            | State::Monitoring => Some(Side::Open),
        }
    }
}

impl blocking::Superstate<Lifecycle> for Side {
    fn call_handler(
        &mut self,
        _: &mut Lifecycle,
        a_move: &Move,
        guards: &mut Guards<'_>,
    ) -> Outcome<State> {
        match self {
            Side::Open => open(*a_move, guards),
            Side::Closed => closed(*a_move, guards),
        }
    }
}

fn nothing(a_move: Move) -> Outcome<State> {
    match a_move {
        Move::Announce => Transition(State::Announced),
        Move::DecideToInvestigate
        | Move::DecideToAct
        | Move::StartRemedy
        | Move::StartDiagnosis
        | Move::LoseRemedy
        | Move::TellOfRemedy
        | Move::StartVerification
        | Move::PassChecks
        | Move::FailVerification
        | Move::Resolve
        | Move::Reopen
        | Move::CancelAsNothing
        | Move::CancelAsElsewhere
        | Move::Publish
        | Move::Record => Super,
    }
}

fn announced(a_move: Move, guards: &mut Guards<'_>) -> Outcome<State> {
    match a_move {
        Move::DecideToAct => guards.unless(DECIDE, Transition(State::Mitigating)),
        Move::StartRemedy => guards.unless(START, Transition(State::Mitigating)),
        Move::StartDiagnosis => Handled,
        Move::StartVerification => guards.unless(VERIFY, Transition(State::Verifying)),
        Move::PassChecks => guards.unless(PASS, Transition(State::Monitoring)),
        Move::Resolve => guards.unless(RESOLVE_UNVERIFIED, Transition(State::Resolved)),
        Move::Announce
        | Move::DecideToInvestigate
        | Move::LoseRemedy
        | Move::TellOfRemedy
        | Move::FailVerification
        | Move::Reopen
        | Move::CancelAsNothing
        | Move::CancelAsElsewhere
        | Move::Publish
        | Move::Record => Super,
    }
}

fn assessing(a_move: Move, guards: &mut Guards<'_>) -> Outcome<State> {
    match a_move {
        Move::DecideToAct => guards.unless(DECIDE, Transition(State::Mitigating)),
        Move::StartRemedy => guards.unless(START, Transition(State::Mitigating)),
        Move::StartDiagnosis => Handled,
        Move::StartVerification => guards.unless(VERIFY, Transition(State::Verifying)),
        Move::PassChecks => guards.unless(PASS, Transition(State::Monitoring)),
        Move::Resolve => guards.unless(RESOLVE_UNVERIFIED, Transition(State::Resolved)),
        Move::Announce
        | Move::DecideToInvestigate
        | Move::LoseRemedy
        | Move::TellOfRemedy
        | Move::FailVerification
        | Move::Reopen
        | Move::CancelAsNothing
        | Move::CancelAsElsewhere
        | Move::Publish
        | Move::Record => Super,
    }
}

fn mitigating(a_move: Move, guards: &mut Guards<'_>) -> Outcome<State> {
    match a_move {
        Move::DecideToAct => guards.unless(DECIDE, Handled),
        Move::StartRemedy => guards.unless(START, Handled),
        Move::StartDiagnosis => Handled,
        Move::StartVerification => guards.unless(VERIFY, Transition(State::Verifying)),
        Move::PassChecks => guards.unless(PASS, Transition(State::Monitoring)),
        Move::Resolve => guards.unless(RESOLVE_UNVERIFIED, Transition(State::Resolved)),
        Move::Announce
        | Move::DecideToInvestigate
        | Move::LoseRemedy
        | Move::TellOfRemedy
        | Move::FailVerification
        | Move::Reopen
        | Move::CancelAsNothing
        | Move::CancelAsElsewhere
        | Move::Publish
        | Move::Record => Super,
    }
}

fn verifying(a_move: Move, guards: &mut Guards<'_>) -> Outcome<State> {
    match a_move {
        Move::DecideToAct => guards.unless(DECIDE, Handled),
        Move::StartRemedy => guards.unless(START, Transition(State::Mitigating)),
        Move::StartDiagnosis | Move::LoseRemedy => Transition(State::Mitigating),
        Move::PassChecks => guards.unless(PASS, Transition(State::Monitoring)),
        Move::FailVerification => after_failure(guards),
        Move::Resolve => guards.unless(RESOLVE_UNVERIFIED, Transition(State::Resolved)),
        Move::Announce
        | Move::DecideToInvestigate
        | Move::TellOfRemedy
        | Move::StartVerification
        | Move::Reopen
        | Move::CancelAsNothing
        | Move::CancelAsElsewhere
        | Move::Publish
        | Move::Record => Super,
    }
}

fn monitoring(a_move: Move, guards: &mut Guards<'_>) -> Outcome<State> {
    match a_move {
        Move::DecideToAct => guards.unless(DECIDE, Handled),
        Move::StartRemedy => guards.unless(START, Transition(State::Mitigating)),
        Move::StartDiagnosis | Move::LoseRemedy => Transition(State::Mitigating),
        Move::FailVerification => after_failure(guards),
        Move::Resolve => guards.unless(RESOLVE, Transition(State::Resolved)),
        Move::Announce
        | Move::DecideToInvestigate
        | Move::TellOfRemedy
        | Move::StartVerification
        | Move::PassChecks
        | Move::Reopen
        | Move::CancelAsNothing
        | Move::CancelAsElsewhere
        | Move::Publish
        | Move::Record => Super,
    }
}

fn ended(a_move: Move) -> Outcome<State> {
    match a_move {
        Move::Reopen => Transition(State::Assessing),
        Move::Announce
        | Move::DecideToInvestigate
        | Move::DecideToAct
        | Move::StartRemedy
        | Move::StartDiagnosis
        | Move::LoseRemedy
        | Move::TellOfRemedy
        | Move::StartVerification
        | Move::PassChecks
        | Move::FailVerification
        | Move::Resolve
        | Move::CancelAsNothing
        | Move::CancelAsElsewhere
        | Move::Publish
        | Move::Record => Super,
    }
}

/// What every open state does with what it left.
fn open(a_move: Move, guards: &mut Guards<'_>) -> Outcome<State> {
    match a_move {
        Move::Announce => guards.unless(&[Code::AlreadyAnnounced], Handled),
        Move::DecideToInvestigate => {
            guards.unless(&[Code::RemedyRunning], Transition(State::Assessing))
        }
        Move::LoseRemedy | Move::TellOfRemedy | Move::Record => Handled,
        Move::CancelAsNothing => {
            guards.unless(&[Code::RemedyStarted], Transition(State::Cancelled))
        }
        Move::CancelAsElsewhere => {
            guards.unless(&[Code::RemedyRunning], Transition(State::Cancelled))
        }
        Move::DecideToAct
        | Move::StartRemedy
        | Move::StartDiagnosis
        | Move::StartVerification
        | Move::PassChecks
        | Move::FailVerification
        | Move::Resolve
        | Move::Reopen
        | Move::Publish => Super,
    }
}

/// What every closed state does with what it left: late facts are kept, nothing is reopened.
fn closed(a_move: Move, guards: &mut Guards<'_>) -> Outcome<State> {
    match a_move {
        Move::Announce => guards.unless(&[Code::AlreadyAnnounced], Handled),
        Move::LoseRemedy | Move::TellOfRemedy | Move::Publish | Move::Record => Handled,
        Move::DecideToInvestigate
        | Move::DecideToAct
        | Move::StartRemedy
        | Move::StartDiagnosis
        | Move::StartVerification
        | Move::PassChecks
        | Move::FailVerification
        | Move::Resolve
        | Move::Reopen
        | Move::CancelAsNothing
        | Move::CancelAsElsewhere => Super,
    }
}

fn after_failure(guards: &Guards<'_>) -> Outcome<State> {
    Transition(if guards.decided { State::Mitigating } else { State::Assessing })
}

const DECIDE: &[Code] = &[Code::RationaleMissing];
const START: &[Code] = &[Code::Undecided];
const VERIFY: &[Code] = &[Code::RemedyRunning, Code::NothingRemedied];
const PASS: &[Code] = &[Code::RemedyRunning, Code::NothingRemedied, Code::ChecksMissing];
const RESOLVE: &[Code] =
    &[Code::WatchTooShort, Code::SignalMissing, Code::SignalBad, Code::EndsBeforeStart];
const RESOLVE_UNVERIFIED: &[Code] = &[
    Code::Unverified,
    Code::WatchTooShort,
    Code::SignalMissing,
    Code::SignalBad,
    Code::EndsBeforeStart,
];
