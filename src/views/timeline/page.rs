//! The timeline as a page: a picture of what lasted with its words in a table, and every event in a
//! row that citations point at.

use super::{Entry, Lane, Span, Timeline};
use crate::views::escape;
use crate::views::page::{cites, page, part, table};

impl Timeline {
    /// The timeline as one self-contained page.
    pub fn html(&self) -> String {
        let lasted = part("lasted", "What lasted", &self.lasted());
        let happened = part("happened", "What happened", &self.happened());
        page(&self.heading(), &self.about(), &[], &format!("{lasted}{happened}"))
    }

    /// The picture of what lasted, and the same in words.
    pub fn lasted(&self) -> String {
        let picture = super::picture::picture(&self.lanes).unwrap_or_default();
        let spans = |lane: &Lane| -> String { lane.spans.iter().map(|it| row(lane, it)).collect() };
        let rows: String = self.lanes.iter().map(spans).collect();
        let head = ["Lane", "What lasted", "When", "Events"];
        format!("{picture}{}", table("What lasted, in words", &head, &rows))
    }

    /// Every event in a row of its own.
    pub fn happened(&self) -> String {
        let zone = self.zone.map(|zone| zone.0.name());
        let mut head = vec!["Event", "When, UTC"];
        head.extend(zone);
        head.extend(["Since the announcement", "What", "Who and when recorded"]);
        let rows: String = self.entries.iter().map(entry).collect();
        table("Every event", &head, &rows)
    }
}

fn row(lane: &Lane, span: &Span) -> String {
    let (what, when) = (escape::html(&span.what), escape::html(&span.when));
    let (title, cites) = (lane.title, cites(&span.events));
    format!(
        "<tr><th scope=\"row\">{title}</th><td>{what}</td><td>{when}</td><td>{cites}</td></tr>\n"
    )
}

fn entry(entry: &Entry) -> String {
    let cell = |words: &str| format!("<td>{}</td>", escape::html(words));
    let local = entry.local.as_deref().map(cell).unwrap_or_default();
    let class = if entry.pinned { " class=\"pinned\"" } else { "" };
    format!(
        "<tr id=\"e{0}\"{class}><th scope=\"row\">#{0}</th>{1}{local}{2}<td>{3}{4}</td>{5}</tr>\n",
        entry.version,
        cell(&entry.when),
        cell(entry.t.as_deref().unwrap_or("not known")),
        what(entry),
        remarks(entry),
        cell(&entry.who()),
    )
}

fn what(entry: &Entry) -> String {
    let what = escape::html(&entry.what);
    let what = if entry.withdrawn { format!("<s>{what}</s>") } else { what };
    if entry.pinned { format!("<strong>Pinned:</strong> {what}") } else { what }
}

fn remarks(entry: &Entry) -> String {
    let item = |it: &String| format!("<li>{}</li>", escape::html(it));
    let items: String = entry.remarks().iter().map(item).collect();
    if items.is_empty() { items } else { format!("<ul class=\"marks\">{items}</ul>") }
}
