//! What was observed after a remedy, held against what it was to do.

use super::event::Observed;
use super::field::List;
use super::text::Line;

/// What was observed after a remedy, as far as it lies in the remedy's scope.
pub(super) struct Sight<'a> {
    pub observed: &'a [Observed],
    pub scope: &'a [Line],
}

impl Sight<'_> {
    /// Whether a component was seen in the version it was to go to; in any, when none is known.
    pub fn component(&self, name: &Line, to: Option<&Line>) -> bool {
        self.reached(|it| match it {
            Observed::Component(it) if it.name == *name => {
                Some((&it.scope, to.is_none_or(|to| *to == it.version)))
            }
            Observed::Component(_) | Observed::Revision(_) | Observed::Flag(_) => None,
        })
    }

    /// Whether the database was seen at that revision.
    pub fn revision(&self, to: &str) -> bool {
        self.reached(|it| match it {
            Observed::Revision(it) => Some((&it.scope, it.revision.as_str() == to)),
            Observed::Component(_) | Observed::Flag(_) => None,
        })
    }

    /// Whether a flag was seen off.
    pub fn flag_off(&self, flag: &Line) -> bool {
        self.reached(|it| match it {
            Observed::Flag(it) if it.flag == *flag => Some((&it.scope, !it.on)),
            Observed::Component(_) | Observed::Revision(_) | Observed::Flag(_) => None,
        })
    }

    /// Whether something was seen of one aim, and all of it is as it was to be.
    fn reached<'b>(
        &'b self,
        look: impl Fn(&'b Observed) -> Option<(&'b List<Line>, bool)>,
    ) -> bool {
        let concerns = |scope: &[Line]| {
            let either = scope.is_empty() || self.scope.is_empty();
            either || scope.iter().any(|part| self.scope.contains(part))
        };
        let mut sights =
            self.observed.iter().filter_map(look).filter(|(scope, _)| concerns(scope)).peekable();
        sights.peek().is_some() && sights.all(|(_, is_right)| is_right)
    }
}
