//! The figures in Markdown and as text for a terminal.

use super::{Across, Figure, Figures, Group, Milestone, Spread, Value};
use crate::views::escape;
use std::fmt::Write;

impl Figures {
    /// The figures in Markdown, each with its definition.
    pub fn markdown(&self) -> String {
        let moments: String = self.moments.iter().map(markdown_moment).collect();
        let mut text = format!(
            "# Figures of {}\n\n{}\n\n| Moment | When | Events |\n| --- | --- | --- |\n{moments}\n",
            self.r#ref,
            self.about()
        );
        for figure in &self.figures {
            let said = escape::markdown(&figure.sentence());
            let definition = escape::markdown(figure.definition);
            let cites = cites(figure);
            writeln!(text, "- {said}{cites}\n  - *{definition}*")
                .expect("a string takes everything");
        }
        text
    }

    /// The figures for a terminal.
    pub fn text(&self) -> String {
        let moments: String = self.moments.iter().map(text_moment).collect();
        let mut text = format!("Figures of {}\n{}\n\n{moments}\n", self.r#ref, self.about());
        for figure in &self.figures {
            let said = escape::terminal(&figure.sentence());
            let (cites, definition) = (cites(figure), figure.definition);
            writeln!(text, "{said}{cites}\n    {definition}").expect("a string takes everything");
        }
        text
    }

    fn about(&self) -> String {
        let told = if self.retrospective { " Entered afterwards." } else { "" };
        format!("Judged at {} UTC.{told}", self.judged_at.utc())
    }
}

impl Figure {
    /// The figure in a sentence: its value, how exact that is, and what is to be known about it.
    pub fn sentence(&self) -> String {
        let about = self.remedy.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        let mut parts = vec![match &self.value {
            Value::Known { .. } => self.value.spoken(),
            Value::Unknown { reason } => format!("unknown, {reason}"),
        }];
        parts.extend(self.precision.map(|precision| format!("to the {precision}")));
        parts.extend(self.approximate.then(|| "approximate".to_owned()));
        parts.extend(self.remarks.iter().cloned());
        format!("{}{about}: {}.", self.title, parts.join("; "))
    }
}

impl Across {
    /// The figures in Markdown: a table for all incidents, and one for each group.
    pub fn markdown(&self) -> String {
        let mut text = format!("# Figures across incidents\n\n{}\n", self.about());
        text.push_str(&markdown_group("All incidents", &self.all));
        for group in &self.groups {
            let name = group.name.as_deref().unwrap_or("not recorded");
            let by = self.by.map(|by| format!("{by}: ")).unwrap_or_default();
            text.push_str(&markdown_group(&escape::markdown(&format!("{by}{name}")), group));
        }
        text.push_str("\n## Definitions\n\n");
        for spread in &self.all.figures {
            let definition = escape::markdown(spread.definition);
            writeln!(text, "- {}: {definition}", spread.title).expect("a string takes everything");
        }
        if self.all.figures.is_empty() {
            text.push_str("*no incident, no figure*\n");
        }
        text
    }

    fn about(&self) -> String {
        let end = |before: &str, at: Option<crate::incident::time::Instant>| {
            at.map(|at| format!(" {before} {} UTC", at.utc())).unwrap_or_default()
        };
        format!(
            "Incidents announced{}{}{}. Each figure rests on *count* incidents; *left out* have no \
             time for it; a window of time gives a range. {} cancelled ones count for nothing.",
            end("from", self.from),
            end("before", self.to),
            if self.from.or(self.to).is_none() { " at any time" } else { "" },
            self.cancelled
        )
    }
}

fn markdown_group(name: &str, group: &Group) -> String {
    let rows: String = group.figures.iter().map(markdown_spread).collect();
    let incidents = group.incidents.len();
    let table = match rows.is_empty() {
        true => String::new(),
        false => format!(
            "\n| Figure | Count | Left out | Negative | Median | 90th percentile |\n\
             | --- | --- | --- | --- | --- | --- |\n{rows}"
        ),
    };
    format!("\n## {name}\n\nIncidents: {incidents}\n{table}")
}

fn markdown_spread(it: &Spread) -> String {
    let (median, p90) = (it.median.spoken(), it.p90.spoken());
    let Spread { title, count, left_out, negative, .. } = it;
    format!("| {title} | {count} | {left_out} | {negative} | {median} | {p90} |\n")
}

fn markdown_moment(moment: &Milestone) -> String {
    let event = moment.event.map(|event| format!(" [#{event}]")).unwrap_or_default();
    format!("| {} | {} |{event} |\n", moment.title, escape::markdown(&said(moment)))
}

fn text_moment(moment: &Milestone) -> String {
    let event = moment.event.map(|event| format!(" [#{event}]")).unwrap_or_default();
    format!("{:<16}{}{event}\n", moment.title, escape::terminal(&said(moment)))
}

fn said(moment: &Milestone) -> String {
    let unknown = || format!("unknown, {}", moment.unknown.as_deref().unwrap_or_default());
    moment.when.clone().unwrap_or_else(unknown)
}

fn cites(figure: &Figure) -> String {
    figure.events.iter().map(|event| format!(" [#{event}]")).collect()
}
