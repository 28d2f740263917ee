//! The post-mortem as a page. Every citation is a link to the row of its event in the timeline,
//! which says who recorded it and when.

use super::document::{
    Postmortem, STALE, SectionName, SectionOut, Statement, Table, TableRow, Written,
};
use crate::views::escape;
use crate::views::page::{cites, link, page, part, prose, table};

impl Postmortem {
    /// The document as one self-contained page.
    pub fn html(&self) -> String {
        let parts: Vec<(String, String)> =
            self.told_sections().map(|it| (id(it.name), it.title.to_owned())).collect();
        let body: String = self.told_sections().map(|section| self.section_html(section)).collect();
        page(&self.heading(), &self.about(), &parts, &body)
    }

    fn section_html(&self, section: &SectionOut) -> String {
        let mut body: String = section.written.iter().map(written).collect();
        if section.is_empty() {
            body.push_str("<p class=\"none\"><em>not recorded</em></p>\n");
        } else if let Some(instead) = section.instead() {
            let instead = escape::html(&instead);
            body.push_str(&format!("<p class=\"none\"><em>{instead}</em></p>\n"));
        } else if section.name == SectionName::Timeline {
            body.push_str(&self.timeline.lasted());
            body.push_str(&self.timeline.happened());
        } else {
            let rows = section.table.as_ref().map(|table| rows(section.title, table));
            body.push_str(&rows.unwrap_or_default());
            body.push_str(&statements(&section.statements));
        }
        part(&id(section.name), section.title, &body)
    }
}

/// Events are `e` and a number; sections have names with a prefix that no event has.
fn id(name: SectionName) -> String {
    format!("s-{}", name.title().to_lowercase().replace(' ', "-"))
}

fn written(written: &Written) -> String {
    let stale = match written.stale.is_empty() {
        true => String::new(),
        false => format!("<p class=\"stale\">{STALE}{}</p>\n", cites(&written.stale)),
    };
    let (by, cites) = (escape::html(&written.by.name), cites(&written.cites));
    format!(
        "<div class=\"written\">\n{}<p class=\"by\">Written by {by}.{cites}</p>\n{stale}</div>\n",
        prose(&written.markdown)
    )
}

fn statements(statements: &[Statement]) -> String {
    if statements.is_empty() {
        return String::new();
    }
    let items: String = statements.iter().map(statement).collect();
    format!("<ul>\n{items}</ul>\n")
}

fn statement(statement: &Statement) -> String {
    let text = escape::html(&statement.text);
    let text = if statement.withdrawn { format!("<s>{text}</s>") } else { text };
    let link = statement.link.as_ref().map(|url| format!(" {}", link(url))).unwrap_or_default();
    format!("<li>{text}{link}{}</li>\n", cites(&statement.cites))
}

fn rows(caption: &str, it: &Table) -> String {
    let mut head = it.head.clone();
    head.push("Events");
    let rows: String = it.rows.iter().map(row).collect();
    table(caption, &head, &rows)
}

fn row(row: &TableRow) -> String {
    let shown = |words: &String| match words.as_str() {
        "" => "<em>not recorded</em>".to_owned(),
        words => escape::html(words),
    };
    let mut cells = row.cells.iter().map(shown);
    let first = cells.next().unwrap_or_default();
    let others: String = cells.map(|it| format!("<td>{it}</td>")).collect();
    let cites = cites(&row.cites);
    format!("<tr><th scope=\"row\">{first}</th>{others}<td>{cites}</td></tr>\n")
}
