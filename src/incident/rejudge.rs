//! Judging again: what the machines of today say of an event that was recorded long ago.

use super::code::Code;
use super::incident::Incident;
use super::recorded::Recorded;
use super::runbook::Runbook;
use super::words::State;

/// What the machines of today say of a recorded event. It is reported, and changes nothing: folding
/// trusts what is recorded (design 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The state after it.
    pub to: State,
    /// The guards that its override lifts.
    pub over: Vec<Code>,
    /// The guards that are not met and let through, because the story was told afterwards.
    pub dev: Vec<Code>,
    /// Everything that would refuse it; empty when it would be recorded.
    pub refused: Vec<Code>,
}

impl Verdict {
    /// What was said when it was recorded: nothing that is recorded was refused.
    pub fn recorded(recorded: &Recorded) -> Verdict {
        let Recorded { to, over, dev, .. } = recorded;
        Verdict { to: *to, over: over.clone(), dev: dev.clone(), refused: Vec::new() }
    }

    /// Everything that is not met, passed by or not.
    pub fn unmet(&self) -> Vec<Code> {
        [self.over.as_slice(), &self.dev, &self.refused].concat()
    }
}

impl Incident {
    /// Judges the event that comes next, as recorded, once more; none when nobody can tell, because
    /// its words were erased or its type is unknown here.
    pub fn judge_again(&self, recorded: &Recorded, runbook: &Runbook) -> Option<Verdict> {
        let event = recorded.event.as_ref()?;
        let happened = recorded.happened();
        let (to, unmet) = self.rule(event, happened, runbook);
        // Whose override it was is not judged again: the reason says that somebody might.
        let is_overridden = recorded.override_reason.is_some() || !recorded.over.is_empty();
        let passed = self.let_through(unmet, is_overridden, happened);
        let (over, dev) = passed.as_ref().cloned().unwrap_or_default();
        let refused = passed.err().map_or_else(Vec::new, |refusal| refusal.unmet);
        let refused = refused.into_iter().map(|unmet| unmet.code).collect();
        Some(Verdict { to, over, dev, refused })
    }
}
