//! A sentence that grows part by part.

use crate::incident::event::{ComponentMove, ComponentVersion, Observed, Posted};
use crate::incident::time::Claimed;
use crate::views::when::utc;
use std::fmt::Display;

/// Words, then parts after semicolons; a part that nobody gave leaves no trace.
pub struct Phrase(String);

impl Phrase {
    /// A sentence that begins so.
    pub fn new(words: impl Into<String>) -> Phrase {
        Phrase(words.into())
    }

    /// Adds a value behind the words that introduce it.
    pub fn part(mut self, before: &str, value: Option<impl Display>) -> Phrase {
        if let Some(value) = value {
            self.0.push_str(&format!("; {before}{value}"));
        }
        self
    }

    /// Adds a list behind the words that introduce it.
    pub fn list<T: Display>(self, before: &str, values: &[T]) -> Phrase {
        self.part(before, (!values.is_empty()).then(|| joined(values)))
    }

    /// Adds words when something holds, others when it does not, none when nobody said.
    pub fn said(self, holds: Option<bool>, yes: &str, no: &str) -> Phrase {
        self.part("", holds.map(|holds| if holds { yes } else { no }))
    }

    /// Adds a time behind the words that introduce it.
    pub fn time(self, before: &str, claimed: Option<Claimed>) -> Phrase {
        self.part(before, claimed.map(utc))
    }

    /// Adds where it was also posted.
    pub fn posted(self, posted: Option<&Posted>) -> Phrase {
        let Some(posted) = posted else { return self };
        let url = posted.url.as_ref().map(|url| format!(" ({url})")).unwrap_or_default();
        self.part("posted in ", Some(format!("{}{url}", posted.channel)))
    }

    /// The whole sentence, with a full stop unless it ends otherwise.
    pub fn end(self) -> String {
        let words = self.0.trim_end();
        if words.ends_with(['.', '!', '?', '…']) { words.to_owned() } else { format!("{words}.") }
    }
}

/// How many: `1 event`, `36 events`.
pub fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// Values with commas between them.
pub fn joined<T: Display>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

/// Components with their versions: `checkout 2.4.1, basket 7`.
pub fn versions(components: &[ComponentVersion]) -> String {
    let one = |it: &ComponentVersion| format!("{} {}", it.name, it.version);
    joined(&components.iter().map(one).collect::<Vec<_>>())
}

/// Components with where they go: `checkout 2.4.1 → 2.4.0`.
pub fn moves(components: &[ComponentMove]) -> String {
    let one = |it: &ComponentMove| match (&it.from, &it.to) {
        (Some(from), Some(to)) => format!("{} {from} → {to}", it.name),
        (None, Some(to)) => format!("{} → {to}", it.name),
        (Some(from), None) => format!("{} from {from}", it.name),
        (None, None) => it.name.to_string(),
    };
    joined(&components.iter().map(one).collect::<Vec<_>>())
}

/// What was seen after a remedy: `checkout 2.4.0 in eu-1, flag new_cart off`.
pub fn observed(seen: &[Observed]) -> String {
    joined(&seen.iter().map(one_observed).collect::<Vec<_>>())
}

fn one_observed(seen: &Observed) -> String {
    let (what, scope) = match seen {
        Observed::Component(it) => (format!("{} {}", it.name, it.version), &it.scope),
        Observed::Revision(it) => (format!("revision {}", it.revision), &it.scope),
        Observed::Flag(it) => {
            (format!("flag {} {}", it.flag, if it.on { "on" } else { "off" }), &it.scope)
        }
    };
    if scope.is_empty() { what } else { format!("{what} in {}", joined(scope)) }
}

/// A word of the vocabulary as people say it: `config_revert` becomes `config revert`.
pub fn spaced(word: impl Display) -> String {
    word.to_string().replace('_', " ")
}
