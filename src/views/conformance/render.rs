//! Conformance in Markdown and as text for a terminal.

use super::{Conformance, Deviation};
use crate::incident::id::Version;
use crate::views::escape;
use crate::views::obligations::ObligationOut;
use crate::views::sentence::spaced;

impl Conformance {
    /// The report in Markdown; users' words are escaped.
    pub fn markdown(&self) -> String {
        let heading = escape::markdown(&self.heading());
        let deviations: String = self.deviations.iter().map(markdown_deviation).collect();
        let obligations: String = self.obligations.iter().map(markdown_obligation).collect();
        let recovery = self
            .recovery_line()
            .map(|line| format!("\n## Recovery\n\n{}\n", escape::markdown(&line)));
        format!(
            "# {heading}\n\n{}\n\n{}\n\n{deviations}\n## Obligations\n\n| Slot | Due | Standing | Owed by | Events |\n| --- | --- | --- | --- | --- |\n{obligations}{}",
            self.about(),
            self.verdict(),
            recovery.unwrap_or_default()
        )
    }

    /// The report for a terminal; control characters are taken out.
    pub fn text(&self) -> String {
        let heading = escape::terminal(&self.heading());
        let deviations: String = self.deviations.iter().map(text_deviation).collect();
        let obligations: String = self.obligations.iter().map(text_obligation).collect();
        let recovery = self.recovery_line().map(|line| format!("\n{}\n", escape::terminal(&line)));
        format!(
            "{heading}\n{}\n\n{}\n\n{deviations}\nObligations\n{obligations}{}",
            self.about(),
            self.verdict(),
            recovery.unwrap_or_default()
        )
    }

    fn heading(&self) -> String {
        let title = self.title.as_deref().unwrap_or("title not recorded");
        format!("Conformance of {}: {title}", self.r#ref)
    }

    fn about(&self) -> String {
        let told = if self.retrospective { " Entered afterwards." } else { "" };
        format!(
            "Times in UTC. Judged at {} UTC, event {} of the incident.{told}",
            self.judged_at.utc(),
            self.version
        )
    }

    fn verdict(&self) -> String {
        let so_far = if self.state.is_open() { " so far" } else { "" };
        match self.deviations.len() {
            0 => format!("No deviation from the runbook is on record{so_far}."),
            1 => format!("1 deviation from the runbook is on record{so_far}."),
            count => format!("{count} deviations from the runbook are on record{so_far}."),
        }
    }

    fn recovery_line(&self) -> Option<String> {
        let it = self.recovery.as_ref()?;
        let [from, to] = it.window_minutes;
        let cites = cites(&it.events);
        Some(format!(
            "{}{cites} {}: {from}–{to} minutes, {}.",
            it.restore,
            it.title,
            match it.verdict {
                super::Verdict::Within => "within the window",
                super::Verdict::Beyond => "beyond the window",
                super::Verdict::Unknown => "which of the two is not certain",
            }
        ))
    }
}

fn markdown_deviation(it: &Deviation) -> String {
    let says = escape::markdown(&it.says);
    let line = escape::markdown(&it.line);
    format!("- `{}`: {says}{}\n  - *{line}*\n", it.rule, cites(&it.events))
}

fn text_deviation(it: &Deviation) -> String {
    let (says, line) = (escape::terminal(&it.says), escape::terminal(&it.line));
    format!("{}: {says}{}\n    {line}\n", it.rule, cites(&it.events))
}

fn markdown_obligation(it: &ObligationOut) -> String {
    let says = escape::markdown(&it.says);
    let owed_by = escape::markdown(it.owed_by.as_ref().map_or("nobody", |it| &it.name));
    let events = cites(&events_of(it));
    format!("| {says} | {} | {} | {owed_by} |{events} |\n", it.due.utc(), standing(it))
}

fn text_obligation(it: &ObligationOut) -> String {
    let says = escape::terminal(&it.says);
    let owed_by = escape::terminal(it.owed_by.as_ref().map_or("nobody", |it| &it.name));
    let events = cites(&events_of(it));
    format!("{} {says}: {}, owed by {owed_by}{events}\n", it.due.utc(), standing(it))
}

fn standing(it: &ObligationOut) -> String {
    let late = it.late.as_ref().map(|late| format!(" by {}", late.spoken)).unwrap_or_default();
    let recorded = if it.recorded_late { ", recorded late" } else { "" };
    format!("{}{late}{recorded}", spaced(it.standing))
}

fn events_of(it: &ObligationOut) -> Vec<Version> {
    std::iter::once(it.since).chain(it.paid_by).collect()
}

fn cites(events: &[Version]) -> String {
    events.iter().map(|event| format!(" [#{event}]")).collect()
}
