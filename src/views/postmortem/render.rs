//! The post-mortem in Markdown: one renderer for every section, so that no statement can lose its
//! citations on the way.

use super::document::{
    Postmortem, STALE, SectionName, SectionOut, Statement, Table, TableRow, Written,
};
use crate::incident::id::Version;
use crate::views::escape;
use crate::views::quotation::quotation;
use crate::views::sentence::counted;

impl Postmortem {
    /// The document in Markdown. Users' words are escaped; human sections stand as quotations.
    pub fn markdown(&self) -> String {
        let heading = escape::markdown(&self.heading());
        let mut text = format!("# {heading}\n\n{}\n", self.about());
        for section in self.told_sections() {
            let blocks = std::iter::once(format!("## {}", section.title)).chain(blocks(section));
            text.push_str(&format!("\n{}\n", Vec::from_iter(blocks).join("\n\n")));
        }
        text
    }

    /// What the document is of.
    pub fn heading(&self) -> String {
        let title = self.title.as_deref().unwrap_or("title not recorded");
        format!("Post-mortem of {}: {title}", self.r#ref)
    }

    /// The sections that are shown: without a publication nothing can have been recorded since.
    pub fn told_sections(&self) -> impl Iterator<Item = &SectionOut> {
        let is_told = |it: &&SectionOut| it.name != SectionName::SincePublished || !it.is_empty();
        self.sections.iter().filter(is_told)
    }

    /// What kind of document it is, in a line.
    pub fn about(&self) -> String {
        let status = match &self.published {
            None => "Draft".to_owned(),
            Some(it) if it.since.is_empty() => format!("Published as SHA-256 {}", it.sha256),
            Some(it) => {
                let since = counted(it.since.len(), "event");
                format!("Draft after publication: {since} since SHA-256 {}", it.sha256)
            }
        };
        let zone =
            self.timeline.zone.map(|zone| format!(" and, in the timeline, in {}", zone.0.name()));
        let zone = zone.unwrap_or_default();
        let told = if self.retrospective { " Entered afterwards." } else { "" };
        format!(
            "{status}. Times in UTC{zone}. Judged at {} UTC, event {} of the incident. [#12] cites event 12.{told}",
            self.judged_at.utc(),
            self.version
        )
    }
}

/// What stands in a section, with a blank line between each and the next.
fn blocks(section: &SectionOut) -> Vec<String> {
    if section.is_empty() {
        return vec!["*not recorded*.".to_owned()];
    }
    let mut blocks: Vec<String> = section.written.iter().map(markdown_written).collect();
    if let Some(instead) = section.instead() {
        blocks.push(format!("*{instead}*"));
        return blocks;
    }
    blocks.extend(section.table.as_ref().map(markdown_table));
    if !section.statements.is_empty() {
        let lines = section.statements.iter().map(markdown_statement);
        blocks.push(Vec::from_iter(lines).join("\n"));
    }
    blocks
}

fn markdown_written(written: &Written) -> String {
    let by = escape::markdown(&written.by.name);
    let quotation = quotation(&written.markdown);
    let stale = match written.stale.is_empty() {
        true => String::new(),
        false => format!("\n\n*{STALE}*{}", cites(&written.stale)),
    };
    format!("{quotation}\n\nWritten by {by}.{}{stale}", cites(&written.cites))
}

fn markdown_statement(statement: &Statement) -> String {
    let text = escape::markdown(&statement.text);
    let text = if statement.withdrawn { format!("~~{text}~~") } else { text };
    let link = statement.link.as_ref().map(|url| format!(" {}", escape::link(url.as_str())));
    format!("- {text}{}{}", link.unwrap_or_default(), cites(&statement.cites))
}

fn markdown_table(table: &Table) -> String {
    let head = format!("| {} | Events |", table.head.join(" | "));
    let rule = format!("|{}", " --- |".repeat(table.head.len() + 1));
    let lines = [head, rule].into_iter().chain(table.rows.iter().map(markdown_row));
    Vec::from_iter(lines).join("\n")
}

fn markdown_row(row: &TableRow) -> String {
    let cell = |words: &String| match words.as_str() {
        "" => "*not recorded*".to_owned(),
        words => escape::markdown(words),
    };
    let cells: Vec<String> = row.cells.iter().map(cell).collect();
    format!("| {} |{} |", cells.join(" | "), cites(&row.cites))
}

fn cites(versions: &[Version]) -> String {
    versions.iter().map(|version| format!(" [#{version}]")).collect()
}
