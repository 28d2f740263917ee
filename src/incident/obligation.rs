//! Obligations: the communications that the runbook promises, and what became of each (design 3).
//!
//! ```text
//!   upcoming ──due──▶ due ──next slot due──▶ missed
//!       └── paid ──▶ met ◀─ within the grace ─┤
//!                    late ◀───── after it ────┘        void: still open when cancelled or reopened
//! ```
//!
//! A pure function of the events, the runbook and the moment asked. What is met stays met, however
//! late one asks; what was missed before a reopening stays missed.

use super::facts::Mark;
use super::id::Version;
use super::incident::Incident;
use super::promise::{Period, Post};
use super::runbook::{Due, ObligationRule, Runbook};
use super::text::{Name, Person};
use super::time::Moment;
use super::words::{State, UpdatePurpose, words};

const MINUTE_US: i64 = 60_000_000;

/// How long after it fell due a payment still counts as in time.
pub const GRACE_US: i64 = MINUTE_US;

/// How far before its recording a claimed beginning still starts the clock.
const BASE_BEFORE_US: i64 = 60 * MINUTE_US;

words! {
    /// What became of a promised communication.
    pub enum Standing {
        /// It is not due yet.
        Upcoming = "upcoming",
        /// It is due, and nobody has paid it.
        Due = "due",
        /// It was paid in time.
        Met = "met",
        /// It was paid after the grace.
        Late = "late",
        /// Nobody had paid it when the next one fell due.
        Missed = "missed",
        /// It was still open when the incident was cancelled or reopened.
        Void = "void",
        /// The incident was told afterwards: nobody was there to pay it.
        NotTrackable = "not_trackable",
    }
}

/// One promised communication.
#[derive(Debug, Clone, PartialEq)]
pub struct Obligation {
    /// Its slot in the runbook.
    pub slot: Name,
    /// What is promised, in the words of the runbook, as it stands now.
    pub says: String,
    /// The version of the announcement or reopening that it counts from.
    pub since: Version,
    /// When it falls due.
    pub due: Moment,
    /// What became of it.
    pub standing: Standing,
    /// Who commanded when it fell due, or commands now when it has not; none is nobody.
    pub owed_by: Option<Person>,
    /// The event that paid it.
    pub paid_by: Option<Version>,
    /// How long after it was due it was paid, in microseconds; none when in time.
    pub late_us: Option<i64>,
    /// Whether what paid it in time was recorded only after the grace.
    pub is_recorded_late: bool,
}

impl Incident {
    /// Every promised communication since the announcement, as it stands at `now`.
    pub fn obligations(&self, runbook: &Runbook, now: Moment) -> Vec<Obligation> {
        let periods = self.facts.promises.periods.iter();
        periods.flat_map(|period| self.obligations_of(period, runbook, now)).collect()
    }

    /// The slots that are due at `now`, unpaid, and that nobody was reminded of.
    pub fn reminders_due(&self, runbook: &Runbook, now: Moment) -> Vec<(Name, Version)> {
        let is_unpaid = |it: &Obligation| matches!(it.standing, Standing::Due | Standing::Missed);
        let current = self.obligations(runbook, now).into_iter().filter(|it| self.is_current(it));
        let due = current.filter(|it| is_unpaid(it) && it.due <= now);
        due.map(|it| (it.slot, it.since)).filter(|it| self.is_unreminded(it)).collect()
    }

    /// When the next slot falls due that nobody has paid or was reminded of.
    pub fn next_due(&self, runbook: &Runbook) -> Option<Moment> {
        let beginning = Moment(i64::MIN);
        let open = self.obligations(runbook, beginning).into_iter().filter(|it| {
            let is_unreminded = self.is_unreminded(&(it.slot.clone(), it.since));
            it.standing == Standing::Upcoming && self.is_current(it) && is_unreminded
        });
        open.map(|it| it.due).min()
    }

    fn is_current(&self, it: &Obligation) -> bool {
        let period = self.facts.promises.periods.last();
        period.is_some_and(|it_is| it_is.base.version == it.since && it_is.voided.is_none())
    }

    fn is_unreminded(&self, it: &(Name, Version)) -> bool {
        !self.facts.promises.reminders.contains(it)
    }

    fn obligations_of(&self, period: &Period, runbook: &Runbook, now: Moment) -> Vec<Obligation> {
        let base = base(period.base);
        let rules = &runbook.obligations;
        let dues: Vec<Moment> = rules.iter().map(|rule| due(rule, base, runbook)).collect();
        let slots = rules.iter().enumerate().map(|(index, rule)| {
            let before = index.checked_sub(1).map(|before| dues[before]);
            let missed = match dues.get(index + 1) {
                Some(next) => *next,
                None => runbook.calendar.next_business_day_end(dues[index]),
            };
            Slot { rule, period, due: dues[index], before, missed }
        });
        slots.map(|slot| self.obligation(&slot, now)).collect()
    }

    fn obligation(&self, slot: &Slot<'_>, now: Moment) -> Obligation {
        let payment = self.payment(slot).filter(|(paid, _)| *paid < slot.missed);
        let in_time = Moment(slot.due.0.saturating_add(GRACE_US));
        let late_us = payment.map(|(paid, _)| paid.0 - slot.due.0).filter(|late| *late > GRACE_US);
        Obligation {
            slot: slot.rule.slot.clone(),
            says: self.worded(slot.rule),
            since: slot.period.base.version,
            due: slot.due,
            standing: self.standing(slot, payment.map(|(paid, _)| paid), now),
            owed_by: self.commander_at(slot.due.min(now)),
            paid_by: payment.map(|(_, mark)| mark.version),
            late_us,
            is_recorded_late: payment
                .is_some_and(|(paid, mark)| paid <= in_time && mark.at > in_time),
        }
    }

    fn standing(&self, slot: &Slot<'_>, paid: Option<Moment>, now: Moment) -> Standing {
        let voided = slot.period.voided.map(moment);
        match paid {
            _ if self.facts.is_retrospective() => Standing::NotTrackable,
            Some(paid) if paid.0 <= slot.due.0.saturating_add(GRACE_US) => Standing::Met,
            Some(_) => Standing::Late,
            None if voided.is_some_and(|voided| voided < slot.missed) => Standing::Void,
            None if now >= slot.missed => Standing::Missed,
            None if now >= slot.due => Standing::Due,
            None => Standing::Upcoming,
        }
    }

    /// The first communication that fits, and when it counts as made.
    fn payment(&self, slot: &Slot<'_>) -> Option<(Moment, Mark)> {
        let promises = &self.facts.promises;
        let marks: Vec<Mark> = match slot.rule.purpose {
            None => promises.postmortem.into_iter().collect(),
            Some(purpose) => {
                let fits = |post: &&Post| self.fits(slot, purpose, post);
                promises.posts.iter().filter(fits).map(|post| post.mark).collect()
            }
        };
        marks
            .into_iter()
            .map(|mark| (moment(mark), mark))
            .min_by_key(|(paid, mark)| (*paid, mark.version))
    }

    /// Whether a post pays a slot: it is for that, of this period, and not certainly from before
    /// the slot before fell due. The final one may also come at any time after the checks passed.
    fn fits(&self, slot: &Slot<'_>, purpose: UpdatePurpose, post: &Post) -> bool {
        let Period { base, voided } = slot.period;
        let is_within = post.mark.version >= base.version
            && voided.is_none_or(|voided| post.mark.version <= voided.version);
        let latest = post.mark.happened.latest();
        let is_too_early = match (slot.before, latest) {
            (Some(before), Some(latest)) => latest < before,
            (None, _) | (_, None) => false,
        };
        let passed = |pass: &Mark| (base.version..post.mark.version).contains(&pass.version);
        let is_final = purpose == UpdatePurpose::Final && self.facts.passes.iter().any(passed);
        post.purposes.contains(&purpose) && is_within && (!is_too_early || is_final)
    }

    fn commander_at(&self, at: Moment) -> Option<Person> {
        let changes = &self.facts.promises.commanders;
        let last = changes.iter().rfind(|(mark, _)| moment(*mark) <= at);
        last.and_then(|(_, person)| person.clone())
    }

    /// The seed's T+15 says "in progress / complete": which of them follows from the state.
    fn worded(&self, rule: &ObligationRule) -> String {
        let word = match self.state {
            State::Nothing | State::Announced | State::Assessing | State::Mitigating => {
                "in progress"
            }
            State::Verifying | State::Monitoring | State::Resolved | State::Cancelled => "complete",
        };
        rule.says.as_str().replace("in progress / complete", word)
    }
}

/// A slot of one period, with the moments that it is judged by.
struct Slot<'a> {
    rule: &'a ObligationRule,
    period: &'a Period,
    due: Moment,
    /// When the slot before fell due.
    before: Option<Moment>,
    /// When it counts as missed.
    missed: Moment,
}

/// T: the claimed time of the base when that is an instant within the hour before its recording,
/// else its recording.
fn base(mark: Mark) -> Moment {
    let claimed = mark.happened.instant().map(|instant| instant.moment());
    let counts = |claimed: &Moment| (mark.at.0 - BASE_BEFORE_US..=mark.at.0).contains(&claimed.0);
    claimed.filter(counts).unwrap_or(mark.at)
}

fn due(rule: &ObligationRule, base: Moment, runbook: &Runbook) -> Moment {
    match rule.due {
        Due::Minutes(minutes) => Moment(base.0.saturating_add(minutes * MINUTE_US)),
        Due::Day(_) => runbook.calendar.next_business_day_end(base),
    }
}

/// When a communication counts as made: the earliest instant claimed, else its recording.
fn moment(mark: Mark) -> Moment {
    mark.happened.earliest().unwrap_or(mark.at)
}
