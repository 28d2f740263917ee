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
    /// The event by which they command.
    pub owed_since: Option<Version>,
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
        let due = self.unreminded(runbook).into_iter().filter(|slot| {
            let standing = self.standing(slot, self.paid(slot), now);
            matches!(standing, Standing::Due | Standing::Missed) && slot.due <= now
        });
        due.map(|slot| slot.name()).collect()
    }

    /// When the next slot falls due that nobody has paid or was reminded of.
    pub fn next_due(&self, runbook: &Runbook) -> Option<Moment> {
        let beginning = Moment(i64::MIN);
        let open = self
            .unreminded(runbook)
            .into_iter()
            .filter(|slot| self.standing(slot, self.paid(slot), beginning) == Standing::Upcoming);
        open.map(|slot| slot.due).min()
    }

    /// The slots of the stretch that is running, but for those that somebody was reminded of.
    fn unreminded<'a>(&'a self, runbook: &'a Runbook) -> Vec<Slot<'a>> {
        let promises = &self.facts.promises;
        let running = promises.periods.last().filter(|period| period.voided.is_none());
        let mut slots = running.map_or_else(Vec::new, |period| slots(period, runbook));
        slots.retain(|slot| !promises.reminders.contains(&slot.name()));
        slots
    }

    fn obligations_of(&self, period: &Period, runbook: &Runbook, now: Moment) -> Vec<Obligation> {
        slots(period, runbook).iter().map(|slot| self.obligation(slot, now)).collect()
    }

    fn obligation(&self, slot: &Slot<'_>, now: Moment) -> Obligation {
        let payment = self.payment(slot);
        let commander = self.commander_at(slot.due.min(now));
        Obligation {
            slot: slot.rule.slot.clone(),
            says: self.worded(slot.rule),
            since: slot.period.base.version,
            due: slot.due,
            standing: self.standing(slot, payment.map(|it| it.paid), now),
            owed_by: commander.map(|(_, person)| person.clone()),
            owed_since: commander.map(|(since, _)| since),
            paid_by: payment.map(|it| it.mark.version),
            late_us: payment.map(|it| it.paid.0 - slot.due.0).filter(|late| *late > GRACE_US),
            is_recorded_late: payment
                .is_some_and(|it| it.paid <= slot.grace_ends() && it.mark.at > slot.grace_ends()),
        }
    }

    fn standing(&self, slot: &Slot<'_>, paid: Option<Moment>, now: Moment) -> Standing {
        // A stretch that has ended is judged at its end, whatever the clock said since.
        let voided = slot.period.voided.map(moment);
        let now = voided.map_or(now, |voided| voided.max(now));
        match paid {
            _ if self.facts.is_retrospective() => Standing::NotTrackable,
            Some(paid) if paid <= slot.grace_ends() => Standing::Met,
            Some(_) => Standing::Late,
            None if voided.is_some_and(|voided| voided < slot.missed) => Standing::Void,
            None if now >= slot.missed => Standing::Missed,
            None if now >= slot.due => Standing::Due,
            None => Standing::Upcoming,
        }
    }

    /// When it was paid, if it was.
    fn paid(&self, slot: &Slot<'_>) -> Option<Moment> {
        self.payment(slot).map(|it| it.paid)
    }

    /// The first communication that fits, if it was made before the slot was missed. A story told
    /// afterwards is not held against the clock.
    fn payment(&self, slot: &Slot<'_>) -> Option<Payment> {
        let promises = &self.facts.promises;
        let dates = || promises.postmortems.iter().filter(|mark| slot.period.has(**mark));
        let marks: Vec<Mark> = match slot.rule.purpose {
            None => dates().copied().collect(),
            Some(purpose) => {
                let fits = |post: &&Post| self.fits(slot, purpose, post);
                promises.posts.iter().filter(fits).map(|post| post.mark).collect()
            }
        };
        let payments = marks.into_iter().map(|mark| Payment { paid: moment(mark), mark });
        let first = payments.min_by_key(|it| (it.paid, it.mark.version));
        first.filter(|it| it.paid < slot.missed && !self.facts.is_retrospective())
    }

    /// Whether a post pays a slot: it is for that, of this stretch, and not certainly from before
    /// the slot before fell due. The final one may also come at any time after the checks passed.
    fn fits(&self, slot: &Slot<'_>, purpose: UpdatePurpose, post: &Post) -> bool {
        let (period, mark) = (slot.period, post.mark);
        let begins =
            (period.base.version > Version(1) && mark != period.base).then(|| base(period.base));
        let is_too_early = match (slot.before.or(begins), mark.happened.latest()) {
            (Some(before), Some(latest)) => latest < before,
            (None, _) | (_, None) => false,
        };
        let is_after = |pass: &Mark| {
            (period.base.version..mark.version).contains(&pass.version)
                && !mark.happened.is_certainly_before(pass.happened)
        };
        let is_final = purpose == UpdatePurpose::Final && self.facts.passes.iter().any(is_after);
        post.purposes.contains(&purpose)
            && mark.version >= period.base.version
            && period.has(mark)
            && (!is_too_early || is_final)
    }

    /// Who commanded at that moment, by the claimed times, and since which event; none is nobody.
    fn commander_at(&self, at: Moment) -> Option<(Version, &Person)> {
        let changes = self.facts.promises.commanders.iter();
        let known = changes.filter(|(mark, _)| moment(*mark) <= at);
        let last = known.max_by_key(|(mark, _)| (moment(*mark), mark.version));
        last.and_then(|(mark, person)| Some((mark.version, person.as_ref()?)))
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

impl Slot<'_> {
    /// The last moment at which it is paid in time.
    fn grace_ends(&self) -> Moment {
        Moment(self.due.0.saturating_add(GRACE_US))
    }

    /// What a reminder calls it: the slot, and the version that it counts from.
    fn name(&self) -> (Name, Version) {
        (self.rule.slot.clone(), self.period.base.version)
    }
}

/// Everything that the runbook promises over one stretch.
fn slots<'a>(period: &'a Period, runbook: &'a Runbook) -> Vec<Slot<'a>> {
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
    slots.collect()
}

/// What pays a slot, and when that counts as made.
#[derive(Clone, Copy)]
struct Payment {
    paid: Moment,
    mark: Mark,
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

/// When a communication counts as made: at the earliest instant claimed; where only an end is
/// claimed, by that end; where nothing is, at its recording.
fn moment(mark: Mark) -> Moment {
    mark.happened.earliest().or(mark.happened.latest()).unwrap_or(mark.at)
}
