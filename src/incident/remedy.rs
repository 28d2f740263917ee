//! The attempts to restore service, as they are known, and how events change them.

use super::event::{EffectObserved, Intent, Observed, RemedyFinished};
use super::facts::{Facts, Mark};
use super::text::Name;
use super::words::{Purpose, RemedyKind, RemedyState};

/// One attempt to restore service.
#[derive(Debug, Clone, PartialEq)]
pub struct Remedy {
    /// Its name.
    pub name: Name,
    /// Its kind.
    pub kind: RemedyKind,
    /// What it is to do, with all that its start changed of the plan.
    pub intent: Intent,
    /// Where it stands.
    pub state: RemedyState,
    /// When it was planned, if it was.
    pub planned: Option<Mark>,
    /// When it began, if it did.
    pub started: Option<Mark>,
    /// When it was finished, if it was, though it may have been found failed since.
    pub finished: Option<Mark>,
    /// The move that brought it where it stands.
    pub last: Mark,
    /// What was seen when it was finished.
    pub observed: Vec<Observed>,
    /// What it did to the impact, as seen each time.
    pub effects: Vec<(Mark, EffectObserved)>,
    /// Why it failed, was given up or put back.
    pub reason: Option<String>,
}

impl Remedy {
    /// Whether our own team does it.
    pub fn is_ours(&self) -> bool {
        self.intent.owner.is_none()
    }

    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        self.intent.purpose.unwrap_or(Purpose::Remedy)
    }

    /// The last effect that was seen.
    pub fn effect(&self) -> Option<&(Mark, EffectObserved)> {
        self.effects.last()
    }
}

impl Facts {
    /// The remedy of that name.
    pub fn remedy(&self, name: &Name) -> Option<&Remedy> {
        self.remedies.iter().rfind(|remedy| remedy.name == *name)
    }

    pub(super) fn plan(&mut self, mark: Mark, intent: &Intent) {
        self.add_remedy(mark, intent, RemedyState::Planned);
    }

    pub(super) fn start(&mut self, mark: Mark, intent: &Intent) {
        match intent.remedy.as_ref().and_then(|name| self.remedy_mut(name)) {
            Some(remedy) => {
                remedy.intent = remedy.intent.changed_by(intent);
                (remedy.state, remedy.started, remedy.last) =
                    (RemedyState::Running, Some(mark), mark);
            }
            None => self.add_remedy(mark, intent, RemedyState::Running),
        }
        let Some(name) = &intent.remedy else { return };
        self.aim(name);
        if self.remedy(name).is_some_and(Remedy::is_ours) {
            self.change(mark);
        }
    }

    /// A rollback that names no version goes to the one identified as stable when it starts.
    fn aim(&mut self, name: &Name) {
        let Facts { remedies, stable, .. } = self;
        let is_it =
            |remedy: &&mut Remedy| remedy.name == *name && remedy.kind == RemedyKind::Rollback;
        for component in
            remedies.iter_mut().filter(is_it).flat_map(|it| &mut it.intent.components.0)
        {
            component.to = component.to.take().or_else(|| stable.get(&component.name).cloned());
        }
    }

    fn add_remedy(&mut self, mark: Mark, intent: &Intent, state: RemedyState) {
        let (Some(name), Some(kind)) = (intent.remedy.clone(), intent.kind) else { return };
        let is_planned = state == RemedyState::Planned;
        self.remedies.push(Remedy {
            name,
            kind,
            intent: intent.clone(),
            state,
            planned: is_planned.then_some(mark),
            started: (!is_planned).then_some(mark),
            finished: None,
            last: mark,
            observed: Vec::new(),
            effects: Vec::new(),
            reason: None,
        });
    }

    pub(super) fn finish(&mut self, mark: Mark, it: &RemedyFinished) {
        let Some(remedy) = self.remedy_mut(&it.remedy) else { return };
        (remedy.state, remedy.finished, remedy.last) = (RemedyState::Finished, Some(mark), mark);
        remedy.observed = it.observed.0.clone();
        let ours = remedy.is_ours();
        for seen in &it.observed {
            if let Observed::Component(seen) = seen {
                self.running.insert(seen.name.clone(), seen.version.clone());
            }
        }
        if ours {
            self.change(mark);
        }
    }

    pub(super) fn end(&mut self, mark: Mark, name: &Name, state: RemedyState, reason: &str) {
        let Some(remedy) = self.remedy_mut(name) else { return };
        (remedy.state, remedy.last) = (state, mark);
        remedy.reason = Some(reason.to_owned());
        if remedy.is_ours() && remedy.started.is_some() {
            self.change(mark);
        }
    }

    pub(super) fn remedy_mut(&mut self, name: &Name) -> Option<&mut Remedy> {
        // What happens to a remedy is mostly about one of the last.
        self.remedies.iter_mut().rfind(|remedy| remedy.name == *name)
    }
}
