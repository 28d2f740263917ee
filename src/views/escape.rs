//! Making users' words safe to show: in Markdown, in HTML, and on a terminal.
//!
//! All fold the words into one line and drop what cannot be seen but changes what is: control
//! characters, escape sequences' first byte, and the marks that turn the direction of text.

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
    let of_host = || {
        let last = before.len().checked_sub(3).map(|from| &before.as_bytes()[from..]);
        last.is_some_and(|last| last.eq_ignore_ascii_case(b"www"))
    };
    after.starts_with("://") || after.starts_with('@') || after.starts_with('.') && of_host()
}

/// At the beginning of a line these make headings, lists and rules.
fn begins_block(before: &str, character: char) -> bool {
    match character {
        '#' | '+' | '-' | '=' | ':' => before.is_empty(),
        // The number of a list has at most nine digits.
        '.' | ')' => {
            (1..=9).contains(&before.len()) && before.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

fn is_visible_in_prose(character: char) -> bool {
    matches!(character, '\n' | '\t') || !character.is_control() && !turns_direction(character)
}
