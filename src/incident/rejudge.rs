//! Judging again: what the machines of today say of an event that was recorded long ago.

use super::code::Code;
use super::incident::Incident;
use super::recorded::Recorded;
use super::runbook::Runbook;
use super::words::State;

/// Where the machines of today answer otherwise than those that decided. It is reported, and
/// changes nothing: folding trusts what is recorded (design 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The state after it, as it would be today.
    pub to: State,
    /// The guards that are not met today, in the order of the tables.
    pub unmet: Vec<Code>,
}

impl Incident {
    /// Judges the event that comes next, as recorded, once more; none when the answer is the same,
    /// or when nobody can tell because its words were erased or its type is unknown here.
    pub fn judge_again(&self, recorded: &Recorded, runbook: &Runbook) -> Option<Difference> {
        let event = recorded.event.as_ref()?;
        let (to, unmet) = self.rule(event, recorded.happened(), runbook);
        let unmet: Vec<Code> = unmet.into_iter().map(|unmet| unmet.code).collect();
        let mut passed: Vec<Code> = [recorded.over.as_slice(), &recorded.dev].concat();
        passed.sort_unstable();
        let is_same = to == recorded.to && unmet == passed;
        (!is_same).then_some(Difference { to, unmet })
    }
}
