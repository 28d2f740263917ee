//! Making users' words safe to show: in Markdown, in HTML, and on a terminal.
//!
//! All fold the words into one line and drop what cannot be seen but changes what is: control
//! characters, escape sequences' first byte, and the marks that turn the direction of text.

use std::borrow::Cow;

/// Words for a terminal: one line, without control characters (C0, DEL, C1) and without
/// characters that turn the direction of text. Line breaks and tabs become single spaces.
pub fn terminal(words: &str) -> String {
    let shown = words.chars().filter_map(|character| match character {
        '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        hidden if hidden.is_control() || turns_direction(hidden) => None,
        other => Some(other),
    });
    let line: String = shown.collect();
    line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Words inside Markdown: as [`terminal`], and every character that could begin markup, a link,
/// HTML, an entity or a table cell is escaped, so that they read as they were written.
pub fn markdown(words: &str) -> String {
    let line = terminal(words);
    let mut escaped = String::with_capacity(line.len() + 16);
    for (index, character) in line.char_indices() {
        let (before, after) = line.split_at(index);
        if is_markup(character) || begins_link(before, after) || begins_block(before, character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Words inside HTML, also in an attribute with double quotes: as [`terminal`], and nothing in
/// them is markup.
pub fn html(words: &str) -> String {
    let line = terminal(words);
    let mut escaped = String::with_capacity(line.len() + 16);
    for character in line.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Prose of several lines without what cannot be seen but changes what is: control characters but
/// line breaks and tabs, and marks that turn the direction of text.
pub fn visible(written: &str) -> String {
    written.chars().filter(|it| is_visible_in_prose(*it)).collect()
}

/// Markdown that a person wrote, as a quotation: it reads as written, and nothing in it, be it a
/// heading, an open code fence or half a table, reaches beyond its own lines.
///
/// Raw HTML in it is left alone, as Markdown allows it: whoever turns the document into HTML must
/// not let it through.
pub fn quotation(written: &str) -> String {
    let visible = visible(written);
    let quoted = without_citations(&visible);
    quoted.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}

/// A link that was given as one, as Markdown's `<…>`; what would end it early is encoded.
pub fn link(url: &str) -> String {
    let url = terminal(url);
    let safe = url.replace('<', "%3C").replace('>', "%3E").replace('\\', "%5C").replace(' ', "%20");
    format!("<{safe}>")
}

const fn turns_direction(character: char) -> bool {
    matches!(character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

const fn is_markup(character: char) -> bool {
    matches!(
        character,
        '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '!' | '$'
    )
}

/// GitHub's Markdown makes links of bare `http://…`, `www.…` and addresses.
fn begins_link(before: &str, after: &str) -> bool {
    let of_host = || before.to_ascii_lowercase().ends_with("www");
    after.starts_with("://") || after.starts_with('@') || after.starts_with('.') && of_host()
}

/// At the beginning of a line these make headings, lists and rules.
fn begins_block(before: &str, character: char) -> bool {
    match character {
        '#' | '+' | '-' | '=' | ':' => before.is_empty(),
        '.' | ')' => !before.is_empty() && before.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}

fn is_visible_in_prose(character: char) -> bool {
    matches!(character, '\n' | '\t') || !character.is_control() && !turns_direction(character)
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
