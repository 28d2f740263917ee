//! Markdown that a person wrote, as HTML that can do nothing: no raw HTML, no image, no link but to
//! http, https and mailto, and no heading above the level that its section leaves to it.

use crate::views::escape;
use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// The Markdown as HTML. What is not allowed is shown as the text that it is.
pub fn prose(written: &str) -> String {
    let visible = escape::visible(written);
    let mut harmless = Harmless::default();
    let events =
        Parser::new_ext(&visible, prose_options()).filter_map(|event| harmless.tame(event));
    let mut shown = String::new();
    html::push_html(&mut shown, events);
    shown
}

/// What people may write beside plain CommonMark.
pub fn prose_options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

/// Whether following a link to it runs nothing here.
pub fn is_harmless(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https" | "mailto"))
}

/// What is left out between here and the end of something that was begun.
#[derive(Default)]
struct Harmless {
    is_link_kept: bool,
    is_in_head: bool,
}

impl Harmless {
    fn tame<'a>(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        match event {
            Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
            Event::Start(tag) => self.begin(tag),
            Event::End(tag) => self.end(tag),
            other => Some(other),
        }
    }

    fn begin<'a>(&mut self, tag: Tag<'a>) -> Option<Event<'a>> {
        match tag {
            Tag::HtmlBlock => Some(Event::Start(Tag::Paragraph)),
            Tag::Heading { level, .. } => Some(Event::Start(heading(level))),
            Tag::Link { ref dest_url, .. } => {
                self.is_link_kept = is_harmless(dest_url);
                self.is_link_kept.then_some(Event::Start(tag))
            }
            Tag::Image { .. } => None,
            Tag::Table(columns) => {
                // An alignment would become a style of its own, which the page does not allow.
                let columns = columns.iter().map(|_| Alignment::None).collect();
                Some(Event::Start(Tag::Table(columns)))
            }
            Tag::TableHead => {
                self.is_in_head = true;
                Some(Event::Start(Tag::TableHead))
            }
            Tag::TableCell if self.is_in_head => {
                Some(Event::InlineHtml(CowStr::Borrowed("<th scope=\"col\">")))
            }
            other => Some(Event::Start(other)),
        }
    }

    fn end<'a>(&mut self, tag: TagEnd) -> Option<Event<'a>> {
        match tag {
            TagEnd::HtmlBlock => Some(Event::End(TagEnd::Paragraph)),
            TagEnd::Heading(level) => Some(Event::End(TagEnd::Heading(lowered(level)))),
            TagEnd::Link => self.is_link_kept.then_some(Event::End(TagEnd::Link)),
            TagEnd::Image => None,
            TagEnd::TableHead => {
                self.is_in_head = false;
                Some(Event::End(TagEnd::TableHead))
            }
            TagEnd::TableCell if self.is_in_head => {
                Some(Event::InlineHtml(CowStr::Borrowed("</th>")))
            }
            other => Some(Event::End(other)),
        }
    }
}

fn heading(level: HeadingLevel) -> Tag<'static> {
    Tag::Heading { level: lowered(level), id: None, classes: Vec::new(), attrs: Vec::new() }
}

/// The page has its title and its sections above every heading of a section.
const fn lowered(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}
