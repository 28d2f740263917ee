//! The figures in Markdown and as text for a terminal.

use super::{Figure, Figures, Value};
use crate::views::escape;
use std::fmt::Write;

impl Figures {
    /// The figures in Markdown, each with its definition.
    pub fn markdown(&self) -> String {
        let mut text = format!("# Figures of {}\n\n{}\n\n", self.r#ref, self.about());
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
        let mut text = format!("Figures of {}\n{}\n\n", self.r#ref, self.about());
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

fn cites(figure: &Figure) -> String {
    figure.events.iter().map(|event| format!(" [#{event}]")).collect()
}
