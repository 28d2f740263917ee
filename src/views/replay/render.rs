//! The replay in Markdown and as text for a terminal. At each step stands what changed by it; the
//! data model has everything that stood.

use super::{Known, Outcome, Replay, Step, Then};
use crate::incident::id::Version;
use crate::views::conformance::Deviation;
use crate::views::escape;
use crate::views::obligations::ObligationOut;
use crate::views::sentence::{joined, spaced};

impl Replay {
    /// The replay in Markdown; users' words are escaped.
    pub fn markdown(&self) -> String {
        let line =
            |(label, says): &(&str, String)| format!("- *{label}:* {}\n", escape::markdown(says));
        let step = |(step, before): (&Step, Option<&Step>)| {
            let heading = escape::markdown(&heading(step));
            let below: String = lines(step, before).iter().map(line).collect();
            format!("## #{} {heading}\n\n{below}\n", step.entry.version)
        };
        let steps: String = self.pairs().map(step).collect();
        let title = escape::markdown(&self.heading());
        format!("# {title}\n\n{}\n\n{}\n\n{}", self.about(), self.outcome(), steps.trim_end())
            + "\n"
    }

    /// The replay for a terminal; control characters are taken out.
    pub fn text(&self) -> String {
        let line =
            |(label, says): &(&str, String)| format!("    {label}: {}\n", escape::terminal(says));
        let step = |(step, before): (&Step, Option<&Step>)| {
            let heading = escape::terminal(&heading(step));
            let below: String = lines(step, before).iter().map(line).collect();
            format!("#{} {heading}\n{below}", step.entry.version)
        };
        let steps: String = self.pairs().map(step).collect();
        let title = escape::terminal(&self.heading());
        format!("{title}\n{}\n{}\n\n{steps}", self.about(), self.outcome())
    }

    fn heading(&self) -> String {
        let title = self.title.as_deref().unwrap_or("title not recorded");
        format!("Replay of {}: {title}", self.r#ref)
    }

    fn about(&self) -> String {
        let told = if self.retrospective { " Entered afterwards." } else { "" };
        let steps = self.steps.len();
        format!(
            "Times in UTC, as things were recorded. Replayed {steps} of {} events, to {} at {} \
             UTC.{told}",
            self.version,
            self.state,
            self.judged_at.utc()
        )
    }

    fn outcome(&self) -> String {
        let count = |what: &str, versions: &[Version]| {
            (!versions.is_empty()).then(|| format!(" {what}:{}.", cites(versions)))
        };
        let differs = count("Differs at", &self.differs);
        let not_judged = count("Not to be judged again", &self.not_judged);
        format!(
            "Today's machines agree with {} of {} verdicts.{}{}",
            self.agrees,
            self.steps.len(),
            differs.unwrap_or_default(),
            not_judged.unwrap_or_default()
        )
    }

    /// Each step with the one before it.
    fn pairs(&self) -> impl Iterator<Item = (&Step, Option<&Step>)> {
        let before = std::iter::once(None).chain(self.steps.iter().map(Some));
        self.steps.iter().zip(before)
    }
}

fn heading(step: &Step) -> String {
    let entry = &step.entry;
    let t = entry.t.as_ref().map(|t| format!(" {t}")).unwrap_or_default();
    format!("{}{t} {} ({})", entry.when, entry.what, entry.who())
}

/// What stands below a step: a label, and the words.
fn lines(step: &Step, before: Option<&Step>) -> Vec<(&'static str, String)> {
    let mut lines = vec![("verdict", verdict(step))];
    lines.extend(step.entry.remarks().into_iter().map(|it| ("mark", it)));
    if !step.corrected_by.is_empty() {
        lines.push(("later", format!("corrected by{}", cites(&step.corrected_by))));
    }
    if let Some(then) = &step.then {
        lines.extend(changes(then, before.and_then(|step| step.then.as_ref()), step.entry.version));
    }
    lines
}

fn verdict(step: &Step) -> String {
    let it = &step.verdict;
    let how: Vec<String> = it.how.iter().map(spaced).collect();
    match it.outcome {
        Outcome::Agrees => format!("agrees: {}", it.says),
        Outcome::Differs => format!("DIFFERS in {}: {}", joined(&how), it.says),
        Outcome::NotJudged => format!("not judged: {}", it.says),
    }
}

/// What stands now and stood otherwise, or not at all, before.
fn changes(then: &Then, before: Option<&Then>, version: Version) -> Vec<(&'static str, String)> {
    let known = then.known.iter().filter(|it| it.since == version);
    let mut lines: Vec<_> =
        known.map(|it: &Known| ("known", format!("{}: {}", spaced(it.topic), it.says))).collect();
    let unknown: Vec<String> = then.unknown.iter().map(spaced).collect();
    if before.is_none_or(|it| it.unknown != then.unknown) && !unknown.is_empty() {
        lines.push(("unknown", joined(&unknown)));
    }
    let asked = new(&then.questions, before.map(|it| &*it.questions));
    lines.extend(asked.map(|it| ("asked", format!("{}{}", it.text, cites(&it.cites)))));
    if before.is_none_or(|it| it.comes_next != then.comes_next) {
        lines.extend(then.comes_next.iter().map(|it| ("next", it.clone())));
    }
    let found = new(&then.deviations, before.map(|it| &*it.deviations));
    lines.extend(found.map(|it| ("deviation", deviation(it))));
    let gone = before.map(|before| new(&before.deviations, Some(&then.deviations)));
    lines.extend(gone.into_iter().flatten().map(|it| ("no longer", deviation(it))));
    lines.extend(owed(then, before));
    lines
}

/// What is in the one list and not in the other.
fn new<'a, T: PartialEq>(one: &'a [T], other: Option<&'a [T]>) -> impl Iterator<Item = &'a T> {
    one.iter().filter(move |it| other.is_none_or(|other| !other.contains(it)))
}

fn deviation(it: &Deviation) -> String {
    format!("{}: {}{} The runbook: {}", spaced(it.rule), it.says, cites(&it.events), it.line)
}

/// The promises whose standing has changed.
fn owed(then: &Then, before: Option<&Then>) -> Vec<(&'static str, String)> {
    let has_changed = |it: &&ObligationOut| {
        let is_same = |other: &ObligationOut| {
            (&other.slot, other.since, other.standing) == (&it.slot, it.since, it.standing)
        };
        !before.is_some_and(|before| before.obligations.iter().any(is_same))
    };
    let told = |it: &ObligationOut| {
        let (slot, due) = (spaced(&it.slot), it.due.utc());
        ("owed", format!("{slot}, due {due}: {}", spaced(it.standing)))
    };
    then.obligations.iter().filter(has_changed).map(told).collect()
}

fn cites(events: &[Version]) -> String {
    events.iter().map(|event| format!(" [#{event}]")).collect()
}
