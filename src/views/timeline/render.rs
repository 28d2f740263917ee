//! The timeline in Markdown and as text for a terminal.

use super::{Entry, Order, Original, Timeline};
use crate::views::escape;

impl Timeline {
    /// The timeline in Markdown; users' words are escaped.
    pub fn markdown(&self) -> String {
        let title = escape::markdown(&self.heading());
        let entries: String = self.entries.iter().map(markdown_entry).collect();
        format!("# {title}\n\n{}\n\n{entries}", self.about())
    }

    /// The timeline for a terminal; control characters are taken out.
    pub fn text(&self) -> String {
        let title = escape::terminal(&self.heading());
        let entries: String = self.entries.iter().map(text_entry).collect();
        format!("{title}\n{}\n\n{entries}", self.about())
    }

    fn heading(&self) -> String {
        let title = self.title.as_deref().unwrap_or("title not recorded");
        format!("Timeline of {}: {title}", self.r#ref)
    }

    fn about(&self) -> String {
        let order = match self.order {
            Order::Occurred => "as things happened",
            Order::Recorded => "as things were recorded",
        };
        let told = if self.retrospective { " Entered afterwards." } else { "" };
        format!("Times in UTC, {order}. Judged at {} UTC.{told}", self.judged_at.utc())
    }
}

fn markdown_entry(entry: &Entry) -> String {
    let when = escape::markdown(&entry.when);
    let t = entry.t.as_ref().map(|t| format!(" {t}")).unwrap_or_default();
    let what = escape::markdown(&entry.what);
    let what = if entry.withdrawn { format!("~~{what}~~") } else { what };
    let what = if entry.pinned { format!("**Pinned:** {what}") } else { what };
    let who = escape::markdown(&who(entry));
    let below: String =
        remarks(entry).iter().map(|it| format!("  - *{}*\n", escape::markdown(it))).collect();
    format!("- **{when}**{t} {what} ({who}) [#{}]\n{below}", entry.version)
}

fn text_entry(entry: &Entry) -> String {
    let t = entry.t.as_ref().map(|t| format!(" {t}")).unwrap_or_default();
    let what = escape::terminal(&entry.what);
    let struck = if entry.withdrawn { "(withdrawn) " } else { "" };
    let pinned = if entry.pinned { "(pinned) " } else { "" };
    let who = escape::terminal(&who(entry));
    let below: String =
        remarks(entry).iter().map(|it| format!("    {}\n", escape::terminal(it))).collect();
    let when = escape::terminal(&entry.when);
    format!("#{} {when}{t} {pinned}{struck}{what} ({who})\n{below}", entry.version)
}

/// Who did it, and who recorded it when.
fn who(entry: &Entry) -> String {
    let by = &entry.by.name;
    let spoke = entry.r#for.as_ref().map(|it| format!(" for {}", it.name)).unwrap_or_default();
    let actor = entry.actor.as_ref().map(|it| format!("by {}, ", it.name)).unwrap_or_default();
    format!("{actor}recorded by {by}{spoke} {} UTC", entry.recorded_at.utc())
}

/// The lines below an entry: its marks, what was said first, and a source's words for the time.
fn remarks(entry: &Entry) -> Vec<String> {
    let marks = entry.marks.iter().map(|mark| mark.says.clone());
    let first = entry.original.as_ref().filter(|_| !entry.withdrawn).map(first_said);
    let written = entry.as_written.as_ref().map(|it| format!("the source writes: {it}"));
    marks.chain(first).chain(written).collect()
}

fn first_said(original: &Original) -> String {
    format!("recorded first as: {}, {}", original.when, original.what)
}
