//! The timeline in Markdown and as text for a terminal.

use super::{Entry, Lane, Order, Original, Timeline};
use crate::incident::id::Version;
use crate::views::escape;

impl Timeline {
    /// The timeline in Markdown; users' words are escaped.
    pub fn markdown(&self) -> String {
        let title = escape::markdown(&self.heading());
        let lanes: String = self.rows().map(|(lane, row)| markdown_row(lane, &row)).collect();
        let lasted = match lanes.is_empty() {
            true => String::new(),
            false => format!(
                "## What lasted\n\n| Lane | What | When | Events |\n| --- | --- | --- | --- |\n{lanes}\n"
            ),
        };
        let entries: String = self.entries.iter().map(markdown_entry).collect();
        format!("# {title}\n\n{}\n\n{lasted}## What happened\n\n{entries}", self.about())
    }

    /// The timeline for a terminal; control characters are taken out.
    pub fn text(&self) -> String {
        let title = escape::terminal(&self.heading());
        let lanes: String = self.rows().map(|(lane, row)| text_row(lane, &row)).collect();
        let entries: String = self.entries.iter().map(text_entry).collect();
        format!("{title}\n{}\n\n{lanes}\n{entries}", self.about())
    }

    /// What the timeline is of.
    pub fn heading(&self) -> String {
        let title = self.title.as_deref().unwrap_or("title not recorded");
        format!("Timeline of {}: {title}", self.r#ref)
    }

    /// How it is told, in a line.
    pub fn about(&self) -> String {
        let order = match self.order {
            Order::Occurred => "as things happened",
            Order::Recorded => "as things were recorded",
        };
        let zone = self.zone.map(|zone| format!(" and in {}", zone.0.name())).unwrap_or_default();
        let told = if self.retrospective { " Entered afterwards." } else { "" };
        let left_out = match self.left_out {
            0 => String::new(),
            left_out => format!(" {left_out} of the service's own events are left out."),
        };
        format!(
            "Times in UTC{zone}, {order}. Judged at {} UTC.{told}{left_out}",
            self.judged_at.utc()
        )
    }

    fn rows(&self) -> impl Iterator<Item = (&Lane, [String; 3])> {
        self.lanes.iter().flat_map(|lane| {
            let row =
                |span: &super::Span| [span.what.clone(), span.when.clone(), numbers(&span.events)];
            lane.spans.iter().map(move |span| (lane, row(span)))
        })
    }
}

fn markdown_row(lane: &Lane, [what, when, events]: &[String; 3]) -> String {
    let (what, when) = (escape::markdown(what), escape::markdown(when));
    format!("| {} | {what} | {when} | {events} |\n", lane.title)
}

fn text_row(lane: &Lane, [what, when, events]: &[String; 3]) -> String {
    let (what, when) = (escape::terminal(what), escape::terminal(when));
    format!("{:<12}{what}: {when} {events}\n", lane.title)
}

fn numbers(events: &[Version]) -> String {
    events.iter().map(|event| format!("[#{event}]")).collect::<Vec<_>>().join(" ")
}

fn markdown_entry(entry: &Entry) -> String {
    let when = escape::markdown(&entry.when);
    let local = entry.local.as_ref().map(|local| format!(" ({})", escape::markdown(local)));
    let t = entry.t.as_ref().map(|t| format!(" {t}")).unwrap_or_default();
    let what = escape::markdown(&entry.what);
    let what = if entry.withdrawn { format!("~~{what}~~") } else { what };
    let what = if entry.pinned { format!("**Pinned:** {what}") } else { what };
    let who = escape::markdown(&entry.who());
    let below: String =
        entry.remarks().iter().map(|it| format!("  - *{}*\n", escape::markdown(it))).collect();
    let local = local.unwrap_or_default();
    format!("- **{when}**{local}{t} {what} ({who}) [#{}]\n{below}", entry.version)
}

fn text_entry(entry: &Entry) -> String {
    let t = entry.t.as_ref().map(|t| format!(" {t}")).unwrap_or_default();
    let what = escape::terminal(&entry.what);
    let struck = if entry.withdrawn { "(withdrawn) " } else { "" };
    let pinned = if entry.pinned { "(pinned) " } else { "" };
    let who = escape::terminal(&entry.who());
    let below: String =
        entry.remarks().iter().map(|it| format!("    {}\n", escape::terminal(it))).collect();
    let when = escape::terminal(&entry.when);
    let local = entry.local.as_ref().map(|local| format!(" ({})", escape::terminal(local)));
    let local = local.unwrap_or_default();
    format!("#{} {when}{local}{t} {pinned}{struck}{what} ({who})\n{below}", entry.version)
}

impl Entry {
    /// Who did it, and who recorded it when.
    pub fn who(&self) -> String {
        let by = &self.by.name;
        let spoke = self.r#for.as_ref().map(|it| format!(" for {}", it.name)).unwrap_or_default();
        let actor = self.actor.as_ref().map(|it| format!("by {}, ", it.name)).unwrap_or_default();
        format!("{actor}recorded by {by}{spoke} {} UTC", self.recorded_at.utc())
    }

    /// What else is to be known of it: its marks, what was said first, and a source's own words for
    /// the time.
    pub fn remarks(&self) -> Vec<String> {
        let marks = self.marks.iter().map(|mark| mark.says.clone());
        let first = self.original.as_ref().filter(|_| !self.withdrawn).map(first_said);
        let written = self.as_written.as_ref().map(|it| format!("the source writes: {it}"));
        marks.chain(first).chain(written).collect()
    }
}

fn first_said(original: &Original) -> String {
    format!("recorded first as: {}, {}", original.when, original.what)
}
