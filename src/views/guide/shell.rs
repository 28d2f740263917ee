//! Filling values into a command, so that whoever pastes it runs the command and nothing else.
//!
//! A plain value stands as it is. Any other is quoted for the place it stands in: bare, between
//! double quotes, between single quotes. Where a shell would read the value a second time, or its
//! quotes cannot be told for certain, it is not filled in: the placeholder stays. So does one whose
//! value begins with a dash, which a command would take for an option.

use crate::incident::runbook::{Part, parts};

/// A command with what is known filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    pub run: String,
    /// The placeholders that are still in it, each once.
    pub unfilled: Vec<String>,
}

/// Programs, and options of them, that read a command or a program in their arguments.
const HANDS_ON: &[&str] = &[
    "eval", "ssh", "sh", "bash", "dash", "ksh", "zsh", "su", "xargs", "parallel", "watch", "sed",
    "awk", "perl", "-c", "-e",
];

/// Beginnings of what nests quotes in quotes, or ends none of them where it seems to.
const NESTS: &[&str] = &["`", "$(", "$'", "<<"];

/// Fills a command in.
pub fn fill<'a>(run: &str, value: impl Fn(&str) -> Option<&'a str>) -> Filled {
    let mut place = if is_read_again(run) { Place::Uncertain } else { Place::Bare };
    let mut filled = Filled { run: String::new(), unfilled: Vec::new() };
    for part in parts(run) {
        match part {
            Part::Text(text) => {
                filled.run.push_str(text);
                place = place.after(text);
            }
            Part::Placeholder(name) => match value(name).and_then(|value| place.quoted(value)) {
                Some(quoted) => filled.run.push_str(&quoted),
                None => filled.leave(name),
            },
        }
        if matches!(part, Part::Placeholder(_)) && place == Place::Escaped {
            place = Place::Uncertain;
        }
    }
    filled
}

/// Whether a command hands words on to a program that reads them as a command or a program.
fn is_read_again(run: &str) -> bool {
    let is_between = |it: char| it.is_whitespace() || "'\"`();&|/".contains(it);
    run.split(is_between).any(|word| HANDS_ON.contains(&word))
}

impl Filled {
    fn leave(&mut self, name: &str) {
        self.run.push_str(&format!("{{{name}}}"));
        if !self.unfilled.iter().any(|it| it == name) {
            self.unfilled.push(name.to_owned());
        }
    }
}

/// Where in a command something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Bare,
    Double,
    Single,
    /// Behind a backslash that takes the next character.
    Escaped,
    /// Nobody can tell.
    Uncertain,
}

impl Place {
    /// A value as it stands here; none when it cannot stand here safely.
    fn quoted(self, value: &str) -> Option<String> {
        if value.starts_with('-') {
            return None;
        }
        if is_plain(value) {
            return Some(value.to_owned());
        }
        let inside = value.replace('\'', r"'\''");
        match self {
            Place::Bare => Some(format!("'{inside}'")),
            Place::Double => Some(format!("\"'{inside}'\"")),
            Place::Single => Some(inside),
            Place::Escaped | Place::Uncertain => None,
        }
    }

    /// The place behind `text`.
    fn after(self, text: &str) -> Place {
        let mut place = self;
        let mut from = 0;
        while let Some(next) = text[from..].chars().next() {
            let rest = &text[from..];
            let (then, taken) = place.step(rest, next, text[..from].chars().last());
            (place, from) = (then, from + taken);
        }
        place
    }

    /// The place behind the beginning of `rest`, and how many bytes that is.
    fn step(self, rest: &str, next: char, before: Option<char>) -> (Place, usize) {
        let is_word_start = before.is_none_or(|it| it.is_whitespace() || ";&|(".contains(it));
        let length = next.len_utf8();
        match (self, next) {
            (Place::Uncertain, _) => (Place::Uncertain, rest.len()),
            (Place::Single, '\'') => (Place::Bare, length),
            (Place::Single, _) => (Place::Single, length),
            (Place::Escaped, _) => (Place::Uncertain, length),
            (Place::Bare | Place::Double, '\\') => match rest[1..].chars().next() {
                Some(escaped) => (self, 1 + escaped.len_utf8()),
                None => (Place::Escaped, 1),
            },
            (Place::Bare | Place::Double, _) if NESTS.iter().any(|it| rest.starts_with(it)) => {
                (Place::Uncertain, length)
            }
            (Place::Bare | Place::Double, '$') if rest.starts_with("${") => variable(self, rest),
            (Place::Bare, '#') if is_word_start => (Place::Uncertain, length),
            (Place::Bare, '"') => (Place::Double, length),
            (Place::Double, '"') => (Place::Bare, length),
            (Place::Bare, '\'') => (Place::Single, length),
            (Place::Bare | Place::Double, _) => (self, length),
        }
    }
}

/// A variable with nothing but its name in the braces is passed over.
fn variable(place: Place, rest: &str) -> (Place, usize) {
    let is_name = |name: &str| name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    match rest[2..].split_once('}') {
        Some((name, _)) if is_name(name) => (place, name.len() + 3),
        Some(_) | None => (Place::Uncertain, rest.len()),
    }
}

/// Whether a shell reads a value as one word that stands for itself, wherever it stands.
fn is_plain(value: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/@-".contains(&byte);
    !value.is_empty() && value.bytes().all(is_plain)
}
