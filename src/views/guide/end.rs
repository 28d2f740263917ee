//! Steps 6 and 7: whether it is well again, and that everybody is told.

use super::look::Look;
use super::step::{Found, Wait};
use crate::incident::EventType;
use crate::incident::event::Event;
use crate::incident::facts::Reading;
use crate::incident::id::Version;
use crate::incident::words::{Audience, State, UpdatePurpose};

/// What to do when what was done did not help.
const IN_VAIN: &str = "What was done did not help: decide again with response_decided, or start another remedy, before it is checked again.";

/// 6. The checks, then the watch; done when it was resolved.
pub fn verify(look: &Look<'_>) -> Found {
    let facts = look.facts();
    let readings = facts.readings.values().filter_map(|all| all.last());
    let readings = readings.map(|it: &Reading| it.mark.version);
    let end = facts.resolutions.last().map(|mark| mark.version).filter(|it| *it > look.base);
    let checks = || {
        let vain = look.is_in_vain().then(|| Wait::to(IN_VAIN));
        let checks = Wait::for_all(look.unmet(EventType::ChecksPassed), "Record checks_passed.");
        vain.into_iter().chain(checks).collect()
    };
    let watch = || Wait::for_all(look.unmet(EventType::Resolved), "Record resolved.");
    let (is_under_way, waits_for) = match look.incident.state {
        State::Announced | State::Assessing | State::Mitigating => (false, checks()),
        State::Verifying => (true, checks()),
        State::Monitoring => (true, watch()),
        State::Nothing | State::Resolved | State::Cancelled => (false, Vec::new()),
    };
    Found {
        applies: true,
        is_done: look.incident.state == State::Resolved,
        is_under_way,
        events: readings.chain(facts.watch.map(|mark| mark.version)).chain(end).collect(),
        waits_for,
        ..Found::default()
    }
}

/// 7. That service is restored was told, and a status page says so too if one was posted.
pub fn resolution(look: &Look<'_>) -> Found {
    let is_resolved = look.incident.state == State::Resolved;
    let restored = look.facts().watch.map(|mark| mark.version);
    let told = restored.or(is_resolved.then_some(look.base)).and_then(|it| told_since(look, it));
    let page = public_posts(look).last().copied();
    let mut waits_for = Vec::new();
    if told.is_none() {
        waits_for.push(Wait::to(
            "Once service is restored, post that it is: posted on checks_passed or resolved, or update_posted with the purpose resolution.",
        ));
    }
    if page.is_some_and(|(_, is_closed)| !is_closed) {
        waits_for.push(Wait::to(
            "A status page was posted: update it, and record update_posted with the audience public and the purpose resolution.",
        ));
    }
    let is_done = waits_for.is_empty();
    Found {
        applies: true,
        is_done,
        is_under_way: is_resolved && !is_done,
        events: told.into_iter().chain(page.map(|(version, _)| version)).collect(),
        waits_for,
        ..Found::default()
    }
}

/// The first post since that version which told of the resolution.
fn told_since(look: &Look<'_>, since: Version) -> Option<Version> {
    let posts = look.facts().promises.posts.iter();
    let mut since = posts.filter(|post| post.mark.version >= since);
    let told = since.find(|post| post.purposes.contains(&UpdatePurpose::Resolution));
    told.map(|post| post.mark.version)
}

/// The posts since the base that the world could read, and whether each told of the end.
fn public_posts(look: &Look<'_>) -> Vec<(Version, bool)> {
    let history = look.incident.history().iter().filter(|it| it.version >= look.base);
    let is_update = |event: &Event| matches!(event, Event::UpdatePosted(_));
    let updates = history.filter(|it| it.event.as_ref().is_some_and(is_update));
    let public = updates.filter_map(|it| match look.incident.said(it) {
        Some(Event::UpdatePosted(post)) if post.0.audience == Some(Audience::Public) => {
            let ends = [UpdatePurpose::Resolution, UpdatePurpose::Final];
            let is_closed = post.0.purposes.iter().any(|purpose| ends.contains(purpose));
            Some((it.version, is_closed))
        }
        _ => None,
    });
    public.collect()
}
