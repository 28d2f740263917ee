//! Steps 1 and 2: the announcement, and the version to go back to.

use super::look::Look;
use super::step::{Found, Wait};
use crate::incident::Code;
use crate::incident::event::{ComponentMove, Event};
use crate::incident::facts::Remedy;
use crate::incident::id::Version;
use crate::incident::words::{RemedyKind, Role, UpdatePurpose};

/// 1. Announced where people read, and somebody commands.
pub fn announce(look: &Look<'_>) -> Found {
    let facts = look.facts();
    let posts = facts.promises.posts.iter().filter(|post| post.mark.version >= look.base);
    let announcement = posts
        .filter(|post| post.purposes.contains(&UpdatePurpose::Announcement))
        .map(|post| post.mark.version)
        .next();
    let commander = facts.holder(Role::Commander).map(|holder| holder.since.version);
    let mut waits_for = Vec::new();
    if announcement.is_none() && !facts.is_retrospective() {
        waits_for.push(Wait::to(
            "It is not announced where people read: post it, and record update_posted with the purpose announcement.",
        ));
    }
    if commander.is_none() {
        waits_for.push(Wait::to("Nobody commands: record role_assigned with the role commander."));
    }
    Found {
        applies: true,
        is_done: waits_for.is_empty(),
        events: [Some(look.base), announcement, commander].into_iter().flatten().collect(),
        waits_for,
        ..Found::default()
    }
}

/// 2. There is a version to go back to; only a rollback needs one.
pub fn identify(look: &Look<'_>) -> Found {
    let facts = look.facts();
    let identified = look.events(|event| matches!(event, Event::StableVersionIdentified(_)));
    let is_aimed = |it: &&Remedy| it.kind == RemedyKind::Rollback && names_targets(it);
    let aimed = look.attempts().filter(is_aimed).filter_map(|it| it.planned.or(it.started));
    let events: Vec<Version> =
        identified.into_iter().chain(aimed.map(|mark| mark.version)).collect();
    let unmet = look.unmet_to_start(RemedyKind::Rollback);
    let unknown = unmet.into_iter().filter(|unmet| unmet.code == Code::TargetUnknown);
    let is_known = !events.is_empty() || !facts.stable.is_empty();
    let waits_for: Vec<Wait> = match is_known {
        true => Vec::new(),
        false => unknown.map(Wait::from).collect(),
    };
    Found {
        applies: look.expected().contains(&RemedyKind::Rollback) || is_known,
        is_done: is_known && waits_for.is_empty(),
        events,
        waits_for,
        ..Found::default()
    }
}

fn names_targets(it: &Remedy) -> bool {
    it.intent.components.iter().all(|component: &ComponentMove| component.to.is_some())
}
