//! The spans of impact: opened and ended by events, kept for each scope.

use super::event::{ImpactChanged, ImpactSince};
use super::facts::{Facts, Mark};
use super::id::Version;
use super::text::{Line, Percent};
use super::time::{Claimed, ImpactEnd, Moment};
use super::words::{ImpactKind, ImpactLevel};

/// A span of impact in one scope: from the first word of it to the word that it is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Which part is affected; none for all of it.
    pub scope: Option<Line>,
    /// When it began.
    pub from: Claimed,
    /// The event that says so.
    pub from_event: Version,
    /// When it ended, and the event that says so.
    pub till: Option<(Claimed, Version)>,
    /// Each level it had, with what else was said of it.
    pub levels: Vec<Level>,
}

/// How bad an impact was from some event on.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The event that says so.
    pub mark: Mark,
    /// How much is affected.
    pub level: ImpactLevel,
    /// What it is about.
    pub kind: Option<ImpactKind>,
    /// The share affected.
    pub percent: Option<Percent>,
}

impl Facts {
    /// When the impact first began, and the event that says so.
    pub fn impact_began(&self) -> Option<(Claimed, Version)> {
        let first = |window: &&Window| window.from.earliest().unwrap_or(Moment(i64::MAX));
        self.impact.iter().min_by_key(first).map(|window| (window.from, window.from_event))
    }

    pub(super) fn take_impact(&mut self, mark: Mark, it: &ImpactChanged) {
        let open = self.open_window(it.scope.as_ref());
        match (it.level, open) {
            (ImpactLevel::None, Some(window)) => {
                window.till = Some((mark.happened, mark.version));
            }
            (ImpactLevel::None, None) => {}
            (_, Some(window)) => window.levels.push(level_of(mark, it)),
            (_, None) => self.impact.push(Window {
                scope: it.scope.clone(),
                from: mark.happened,
                from_event: mark.version,
                till: None,
                levels: vec![level_of(mark, it)],
            }),
        }
    }

    /// A word of impact beside another event: opens the window of the whole, or, when it is open,
    /// states an earlier beginning.
    pub(super) fn open_impact(&mut self, mark: Mark, impact: Option<&ImpactSince>) {
        let Some(impact) = impact else { return };
        let change = ImpactChanged {
            level: impact.level,
            kind: None,
            percent: None,
            scope: None,
            lost: None,
            note: None,
        };
        let from = impact.since.map_or(mark.happened, |since| since.0);
        match self.open_window(None).filter(|_| impact.level != ImpactLevel::None) {
            Some(window) => {
                let earlier = match (from.earliest(), window.from.earliest()) {
                    (Some(new), Some(old)) => new < old,
                    (Some(_), None) => true,
                    (None, _) => false,
                };
                if earlier && impact.since.is_some() {
                    (window.from, window.from_event) = (from, mark.version);
                }
                window.levels.push(level_of(mark, &change));
            }
            None => self.take_impact(Mark { happened: from, ..mark }, &change),
        }
    }

    fn open_window(&mut self, scope: Option<&Line>) -> Option<&mut Window> {
        let fits = |window: &&mut Window| window.till.is_none() && window.scope.as_ref() == scope;
        self.impact.iter_mut().find(fits)
    }

    pub(super) fn end_impact(&mut self, mark: Mark, ended: Option<ImpactEnd>) {
        let till = match ended {
            None => return,
            Some(ImpactEnd::WithThis) => mark.happened,
            Some(ImpactEnd::At(when)) => when.0,
        };
        for window in self.impact.iter_mut().filter(|window| window.till.is_none()) {
            window.till = Some((till, mark.version));
        }
    }
}

fn level_of(mark: Mark, it: &ImpactChanged) -> Level {
    Level { mark, level: it.level, kind: it.kind, percent: it.percent }
}
