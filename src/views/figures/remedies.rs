//! The figures of remedies.

use super::end::{End, Found, Missing, between};
use super::{Figure, FigureName};
use crate::incident::facts::{Facts, Remedy};
use crate::incident::words::{Effect, RemedyKind, RemedyState};

/// The headline, each remedy, and the way back.
pub fn all(facts: &Facts) -> Vec<Figure> {
    let mut figures = vec![headline(facts)];
    figures.extend(facts.remedies.iter().map(|remedy| of(FigureName::ExecuteRemedy, remedy)));
    figures.push(roll_back(facts));
    figures
}

fn headline(facts: &Facts) -> Figure {
    let effective = |remedy: &&Remedy| {
        remedy.effect().is_some_and(|(_, seen)| seen.effect == Effect::Effective)
    };
    let seen = |remedy: &&Remedy| remedy.effect().map(|(mark, _)| mark.version);
    let last_effective = facts.remedies.iter().filter(effective).max_by_key(seen);
    match last_effective.or_else(|| last_finished(facts, |_| true)) {
        Some(remedy) => of(FigureName::Execute, remedy),
        None => unknown(FigureName::Execute, "no remedy was recorded as finished"),
    }
}

fn roll_back(facts: &Facts) -> Figure {
    match last_finished(facts, |remedy| leads_back(remedy.kind)) {
        Some(remedy) => of(FigureName::RollBack, remedy),
        None => unknown(FigureName::RollBack, "no way back was recorded as finished"),
    }
}

const fn leads_back(kind: RemedyKind) -> bool {
    match kind {
        RemedyKind::Rollback
        | RemedyKind::ConfigRevert
        | RemedyKind::MigrationDowngrade
        | RemedyKind::FlagOff => true,
        RemedyKind::BackupRestore
        | RemedyKind::ConfigChange
        | RemedyKind::Scale
        | RemedyKind::Restart
        | RemedyKind::Hotfix
        | RemedyKind::Redeploy
        | RemedyKind::Other => false,
    }
}

/// The one that was recorded as finished last. One that was found not to have taken, or was put
/// back, since then still took the time that it took, but stands behind all that hold.
fn last_finished(facts: &Facts, counts: impl Fn(&Remedy) -> bool) -> Option<&Remedy> {
    let finished =
        facts.remedies.iter().filter(|remedy| remedy.finished.is_some() && counts(remedy));
    finished.max_by_key(|remedy| {
        (remedy.state == RemedyState::Finished, remedy.finished.map(|mark| mark.version))
    })
}

fn of(name: FigureName, remedy: &Remedy) -> Figure {
    let mut figure = between(name, started(remedy), finished(remedy));
    figure.remedy = Some(remedy.name.clone());
    if remedy.finished.is_some() && remedy.state != RemedyState::Finished {
        let last = remedy.last.version;
        figure.remarks.push(format!("{} is {} since #{last}", remedy.name, remedy.state));
        figure.events.push(last);
    }
    figure
}

fn started(remedy: &Remedy) -> Found {
    let missing = || format!("{} was never recorded as started", remedy.name);
    remedy.started.map(End::from).ok_or_else(|| Missing::of(remedy.last.version, missing()))
}

fn finished(remedy: &Remedy) -> Found {
    let missing =
        || format!("{} is {} and was never recorded as finished", remedy.name, remedy.state);
    remedy.finished.map(End::from).ok_or_else(|| Missing::of(remedy.last.version, missing()))
}

fn unknown(name: FigureName, reason: &str) -> Figure {
    super::end::told(name, Err(reason.into()), &[])
}
