//! Markdown that a person wrote, within a document of ours: it reads as written, and does nothing.

use super::escape::{self, visible};
use super::page::{is_harmless, prose_options};
use pulldown_cmark::{Event, LinkType, Parser, Tag};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// How often what came alive by the last escapes is looked for. Words that are still not at rest
/// then are shown without any markup of theirs.
const ROUNDS_MAX: usize = 8;

/// The words as a quotation: nothing in them, be it a heading, an open code fence or half a table,
/// reaches beyond its own lines, and raw HTML, images and links to anything but http, https and
/// mailto stand there as text, for whoever turns the document into HTML.
pub fn quotation(written: &str) -> String {
    let visible = visible(written);
    let harmless = harmless(&without_citations(&visible));
    harmless.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}

fn harmless(written: &str) -> String {
    let mut text = written.to_owned();
    for _ in 0..ROUNDS_MAX {
        let alive = alive(&text);
        if alive.is_empty() {
            return text;
        }
        // From the end, so that the places before stay where they are.
        alive.iter().rev().for_each(|place| text.insert(*place, '\\'));
    }
    written.lines().map(escape::markdown).collect::<Vec<_>>().join("\n")
}

/// Where a backslash must stand so that what is there is text.
fn alive(text: &str) -> BTreeSet<usize> {
    let mut places = BTreeSet::new();
    for (event, range) in Parser::new_ext(text, prose_options()).into_offset_iter() {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => {
                let opens = text[range.clone()].match_indices('<');
                places.extend(opens.map(|(at, _)| range.start + at));
            }
            Event::Start(Tag::Image { .. }) => {
                places.insert(range.start);
            }
            Event::Start(Tag::Link { link_type, dest_url, .. })
                if link_type != LinkType::Email && !is_harmless(&dest_url) =>
            {
                places.insert(range.start);
            }
            _ => {}
        }
    }
    places
}

/// A link definition for `[#12]` would turn our own citations into links of its author's choice.
fn without_citations(written: &str) -> Cow<'_, str> {
    let mut told = String::new();
    let mut rest = written;
    while let Some(end) = rest.find("]:") {
        let label = rest[..end].rsplit('[').next().unwrap_or_default();
        let label = label.trim_matches(|it: char| it.is_whitespace() || it == '>');
        let number = label.strip_prefix('#').unwrap_or_default();
        let cites = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        told.push_str(&rest[..end]);
        told.push_str(if cites { "]\\:" } else { "]:" });
        rest = &rest[end + 2..];
    }
    if told.is_empty() { Cow::Borrowed(written) } else { Cow::Owned(told + rest) }
}
