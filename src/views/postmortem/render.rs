//! The post-mortem in Markdown: one renderer for every section, so that no statement can lose its
//! citations on the way.

use super::document::{Postmortem, SectionOut, Statement, Table, TableRow, Written};
use crate::incident::id::Version;
use crate::views::escape;
use std::fmt::Write;

impl Postmortem {
    /// The document in Markdown. Users' words are escaped; human sections stand as quotations.
    pub fn markdown(&self) -> String {
        let title = self.title.as_deref().unwrap_or("title not recorded");
        let heading = escape::markdown(&format!("Post-mortem of {}: {title}", self.r#ref));
        let mut text = format!("# {heading}\n\n{}\n", self.about());
        for section in &self.sections {
            text.push_str(&markdown_section(section));
        }
        text
    }

    fn about(&self) -> String {
        let told = if self.retrospective { " Entered afterwards." } else { "" };
        format!(
            "Draft. Times in UTC. Judged at {} UTC, event {} of the incident. [#12] cites event 12.{told}",
            self.judged_at.utc(),
            self.version
        )
    }
}

fn markdown_section(section: &SectionOut) -> String {
    let mut text = format!("\n## {}\n\n", section.title);
    if section.is_empty() {
        text.push_str("*not recorded*\n");
    }
    for written in &section.written {
        text.push_str(&markdown_written(written));
    }
    if let Some(table) = &section.table {
        text.push_str(&markdown_table(table));
        text.push('\n');
    }
    for statement in &section.statements {
        text.push_str(&markdown_statement(statement));
    }
    text
}

fn markdown_written(written: &Written) -> String {
    let by = escape::markdown(&written.by.name);
    let quotation = escape::quotation(&written.markdown);
    format!("{quotation}\n\nWritten by {by}.{}\n\n", cites(&written.cites))
}

fn markdown_statement(statement: &Statement) -> String {
    let text = escape::markdown(&statement.text);
    let text = if statement.withdrawn { format!("~~{text}~~") } else { text };
    let link = statement.link.as_ref().map(|url| format!(" {}", escape::link(url.as_str())));
    format!("- {text}{}{}\n", link.unwrap_or_default(), cites(&statement.cites))
}

fn markdown_table(table: &Table) -> String {
    let mut text = format!("| {} | Events |\n", table.head.join(" | "));
    writeln!(text, "|{}", "---|".repeat(table.head.len() + 1)).expect("a string takes everything");
    for row in &table.rows {
        text.push_str(&markdown_row(row));
    }
    text
}

fn markdown_row(row: &TableRow) -> String {
    let cell = |words: &String| match words.as_str() {
        "" => "*not recorded*".to_owned(),
        words => escape::markdown(words),
    };
    let cells: Vec<String> = row.cells.iter().map(cell).collect();
    format!("| {} |{} |\n", cells.join(" | "), cites(&row.cites))
}

fn cites(versions: &[Version]) -> String {
    versions.iter().map(|version| format!(" [#{version}]")).collect()
}
