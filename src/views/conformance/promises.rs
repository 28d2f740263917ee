//! Who was to be told, and by when: the slots, the commander, the resolution, the status page.

use super::rule::{Rule, of_step};
use super::{Deviation, Source};
use crate::incident::Event;
use crate::incident::facts::Mark;
use crate::incident::id::Version;
use crate::incident::runbook::StepName;
use crate::incident::text::Line;
use crate::incident::time::{Moment, spoken};
use crate::incident::words::{Audience, State, UpdatePurpose};
use crate::incident::{Obligation, Standing};
use crate::views::sentence::spaced;

/// How long an incident may have nobody in command (design 2.3).
const COMMAND_US: i64 = 5 * 60 * 1_000_000;

/// Promised communications that came late, or not before the next fell due.
pub fn obligations(source: &Source<'_>) -> Vec<Deviation> {
    let owed = source.story.incident.obligations(source.runbook, source.judged_at);
    owed.iter().filter_map(departed).collect()
}

fn departed(it: &Obligation) -> Option<Deviation> {
    let slot = spaced(&it.slot);
    let due = it.due.instant().utc();
    let (rule, says) = match it.standing {
        Standing::Late => {
            let late = spoken(it.late_us.unwrap_or_default());
            (Rule::ObligationLate, format!("{slot}: made {late} after it was due at {due} UTC."))
        }
        Standing::Missed => (
            Rule::ObligationMissed,
            format!("{slot}: due at {due} UTC, and not on record before the next fell due."),
        ),
        Standing::Upcoming
        | Standing::Due
        | Standing::Met
        | Standing::Void
        | Standing::NotTrackable => return None,
    };
    let events = std::iter::once(it.since).chain(it.paid_by);
    Some(Deviation::new(rule, says, events, it.says.clone()))
}

/// That nobody commanded within five minutes of the announcement, where that is certain.
pub fn commander(source: &Source<'_>) -> Option<Deviation> {
    let facts = &source.story.incident.facts;
    let (announced, _) = facts.announced.as_ref()?;
    let limit = announced.happened.latest().unwrap_or(announced.at).0.saturating_add(COMMAND_US);
    let (says, taken) = match facts.first_commander {
        Some(taken) => {
            let after = taken.happened.earliest().filter(|taken| taken.0 > limit)?;
            let late = spoken(after.0.saturating_sub(limit - COMMAND_US));
            (
                format!("The first commander is on record {late} after the announcement."),
                Some(taken),
            )
        }
        None if source.judged_at > Moment(limit) => ("No commander is on record.".to_owned(), None),
        None => return None,
    };
    let events = std::iter::once(announced.version).chain(taken.map(|mark| mark.version));
    let line = of_step(source.runbook, StepName::Announce, 1);
    Some(Deviation::new(Rule::NoCommander, says, events, line))
}

/// Resolutions that nobody announced: by `checks_passed` or `resolved` with a post, or by an
/// update for that purpose, since the announcement or the reopening before.
pub fn resolution(source: &Source<'_>) -> Vec<Deviation> {
    let resolutions = source.story.incident.facts.resolutions.iter();
    let silent = resolutions.filter(|mark| !is_announced(source, **mark));
    let line = || of_step(source.runbook, StepName::Resolution, 0);
    let says = "No post that announces the resolution is on record.";
    let deviation =
        |mark: &Mark| Deviation::new(Rule::ResolutionUnannounced, says, [mark.version], line());
    silent.map(deviation).collect()
}

fn is_announced(source: &Source<'_>, resolved: Mark) -> bool {
    let promises = &source.story.incident.facts.promises;
    let period = promises.periods.iter().rfind(|it| it.base.version < resolved.version);
    let Some(period) = period else { return true };
    promises.posts.iter().any(|post| {
        post.purposes.contains(&UpdatePurpose::Resolution)
            && post.mark.version > period.base.version
            && period.voided.is_none_or(|end| post.mark.version < end.version)
    })
}

/// That customers were told of it, and not that it is over. A post is public when it says so, or
/// when it names a status page and no audience; it closes when it is for the resolution, the final
/// one, or gives the status *resolved*.
pub fn status_page(source: &Source<'_>) -> Option<Deviation> {
    let (mut open, mut is_closed) = (None::<Version>, false);
    for told in &source.told {
        match told.said.as_ref() {
            Some(Event::Reopened(_)) => is_closed = false,
            Some(event) => match public(event) {
                Some(Public::Closes) => (open, is_closed) = (None, true),
                Some(Public::Tells) if !is_closed => {
                    open.get_or_insert(told.recorded.version);
                }
                Some(Public::Tells) | None => {}
            },
            None => {}
        }
    }
    let is_over = match source.story.incident.state {
        State::Resolved | State::Cancelled => true,
        State::Nothing
        | State::Announced
        | State::Assessing
        | State::Mitigating
        | State::Verifying
        | State::Monitoring => false,
    };
    let says = "The incident is over, and no public post after this one says so.";
    let line = of_step(source.runbook, StepName::Resolution, 1);
    open.filter(|_| is_over).map(|event| Deviation::new(Rule::StatusPageOpen, says, [event], line))
}

/// What a post tells the world.
enum Public {
    /// That something is wrong, or how it goes.
    Tells,
    /// That it is over.
    Closes,
}

fn public(event: &Event) -> Option<Public> {
    let (is_public, closes) = match event {
        Event::UpdatePosted(it) => {
            let ends = [UpdatePurpose::Resolution, UpdatePurpose::Final];
            let says_so =
                it.0.status.as_ref().is_some_and(|it| it.as_str().eq_ignore_ascii_case("resolved"));
            let is_public = match it.0.audience {
                Some(audience) => audience == Audience::Public,
                None => is_status_page(&it.0.channel),
            };
            (is_public, says_so || it.0.purposes.iter().any(|it| ends.contains(it)))
        }
        _ => {
            let posted = event.posted()?;
            let closes = matches!(event, Event::ChecksPassed(_) | Event::Resolved(_));
            (is_status_page(&posted.channel), closes)
        }
    };
    is_public.then_some(if closes { Public::Closes } else { Public::Tells })
}

fn is_status_page(channel: &Line) -> bool {
    let letters = channel.as_str().to_lowercase().replace([' ', '-', '_'], "");
    letters.contains("statuspage") || letters == "status"
}
