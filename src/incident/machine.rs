//! What both state machines share: how a state names its guards, and what became of a move.
//!
//! statig runs the machines by hand-written traits (design 10): a state's function answers with an
//! [`Outcome`], and `Super` that falls through the last superstate means *not in this state*.

use super::code::Code;
use super::refusal::Unmet;
use statig::Outcome;

/// The context of one move: guards are named by the states and asked here.
pub struct Guards<'a> {
    unmet_of: &'a dyn Fn(Code) -> Option<Unmet>,
    /// Whether a decision to act stands since the last reopening.
    pub decided: bool,
    /// The guards that the state named, in its order.
    pub named: Vec<Code>,
    /// What is not met of them.
    pub unmet: Vec<Unmet>,
}

impl<'a> Guards<'a> {
    /// Guards that `unmet_of` answers for; each is asked once.
    pub fn new(decided: bool, unmet_of: &'a dyn Fn(Code) -> Option<Unmet>) -> Guards<'a> {
        Guards { unmet_of, decided, named: Vec::new(), unmet: Vec::new() }
    }

    /// The outcome, unless one of these guards refuses it; all of them are asked.
    pub fn unless<S>(&mut self, codes: &[Code], outcome: Outcome<S>) -> Outcome<S> {
        self.named.extend_from_slice(codes);
        self.unmet.extend(codes.iter().filter_map(|code| (self.unmet_of)(*code)));
        outcome
    }
}

/// What a machine says of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling<S> {
    /// The state after it; none when this state has no such move.
    pub to: Option<S>,
    /// Every guard that was named.
    pub named: Vec<Code>,
    /// What is not met of them.
    pub unmet: Vec<Unmet>,
}

impl<S: Copy> Ruling<S> {
    /// Reads what statig answered for a move out of `from`.
    pub fn of(from: S, outcome: Outcome<S>, guards: Guards<'_>) -> Ruling<S> {
        let to = match outcome {
            Outcome::Handled => Some(from),
            Outcome::Transition(to) => Some(to),
            Outcome::Super => None,
        };
        Ruling { to, named: guards.named, unmet: guards.unmet }
    }
}
