//! Texts with a bound. A value of one of these types fits, has no NUL, and is not blank where
//! blank would say nothing.

use super::field::{Fault, Faults, Field, INTEGER_MAX, Pointer, Reword};
use serde_json::{Value, json};

/// Declares a kind of text with its bound in bytes, its further rule, and what its words are.
macro_rules! texts {
    ($($(#[doc = $doc:literal])+ $name:ident: $max:expr, $rule:ident, $words:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The longest such text, in bytes.
            pub const MAX: usize = $max;

            /// Checks `text`, or says what is wrong with it.
            pub fn new(text: impl Into<String>) -> Result<$name, String> {
                let text = text.into();
                check(&text, Self::MAX, Rule::$rule)?;
                Ok($name(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Field for $name {
            fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
                let Value::String(text) = value else {
                    faults.add(Fault::new(at, "a string is expected"));
                    return None;
                };
                $name::new(text).map_err(|wrong| faults.add(Fault::new(at, wrong))).ok()
            }

            fn schema() -> Value {
                Words::$words.mark(Rule::$rule.schema(Self::MAX))
            }

            fn reword(&mut self, to: &mut Reword<'_>) {
                if let Some(words) = Words::$words.reworded(&self.0, to) {
                    self.0 = Rule::$rule.spelled(words);
                }
            }
        }
    )+};
}

texts! {
    /// Something a person wrote: one or more lines, at most 8 KiB.
    Text: 8 * 1024, Prose, Free;
    /// A title, a channel, a sign: words on one line, at most 512 bytes.
    Phrase: 512, OneLine, Free;
    /// What a thing is known by, a component, a version, a revision: one line, at most 512 bytes.
    Line: 512, OneLine, Fixed;
    /// The end of what a command printed: at most 16 KiB, possibly empty.
    Tail: 16 * 1024, Anything, Free;
    /// A section of a post-mortem in Markdown: at most 64 KiB.
    Markdown: 64 * 1024, Prose, Free;
    /// A client's own name for a thing: letters, digits, `_` and `-`, at most 64.
    Name: 64, Identifier, Fixed;
    /// A link that people follow: `http`, `https` or `mailto`.
    Url: 2 * 1024, Link, Free;
    /// A SHA-256 in lower-case hexadecimal.
    Sha256: 64, Hash, Fixed;
    /// A day of the calendar, `2026-11-24`.
    Day: 10, Date, Fixed;
    /// A person: the name or id of a principal, or any words for somebody who is none.
    Person: 256, OneLine, Free;
}

/// The mark of free text in a JSON Schema.
pub const FREE_TEXT: &str = "x-free-text";

/// What the words of a text are.
#[derive(Clone, Copy)]
enum Words {
    /// Told, and looked up by nothing: a redaction may replace them (design 5.3).
    Free,
    /// What something is known by or held against: they stay as they are for ever.
    Fixed,
}

impl Words {
    fn mark(self, mut schema: Value) -> Value {
        match self {
            Words::Free => schema[FREE_TEXT] = true.into(),
            Words::Fixed => {}
        }
        schema
    }

    fn reworded(self, text: &str, to: &mut Reword<'_>) -> Option<String> {
        match self {
            Words::Free => to(text),
            Words::Fixed => None,
        }
    }
}

/// Shows each string of a value whose type is not asked yet, and keeps the words that come back.
pub fn reword_strings(value: &mut Value, to: &mut Reword<'_>) {
    match value {
        Value::String(text) => {
            let rule = if is_link(text) { Rule::Link } else { Rule::Prose };
            if let Some(words) = to(text) {
                *text = rule.spelled(words);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|it| reword_strings(it, to)),
        Value::Object(members) => members.values_mut().for_each(|it| reword_strings(it, to)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[derive(Clone, Copy)]
enum Rule {
    Anything,
    Prose,
    OneLine,
    Identifier,
    Link,
    Hash,
    Date,
}

impl Rule {
    /// Our own words as such a text has them: a link has no spaces.
    fn spelled(self, words: String) -> String {
        match self {
            Rule::Link => words.replace(' ', "%20"),
            _ => words,
        }
    }

    fn schema(self, max: usize) -> Value {
        match self {
            Rule::Anything => json!({ "type": "string", "maxLength": max }),
            Rule::Prose => json!({ "type": "string", "minLength": 1, "maxLength": max }),
            Rule::OneLine => {
                json!({ "type": "string", "minLength": 1, "maxLength": max, "pattern": "^[^\\r\\n]+$" })
            }
            Rule::Identifier => json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$" }),
            Rule::Link => json!({ "type": "string", "format": "uri", "maxLength": max }),
            Rule::Hash => json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
            Rule::Date => json!({ "type": "string", "format": "date" }),
        }
    }
}

fn check(text: &str, max: usize, rule: Rule) -> Result<(), String> {
    if text.len() > max {
        return Err(format!("is {} bytes long; at most {max} are kept", text.len()));
    }
    if text.contains('\0') {
        return Err("has a NUL character in it".into());
    }
    match rule {
        Rule::Anything => Ok(()),
        Rule::Prose => not_blank(text),
        Rule::OneLine if text.contains(char::is_control) => Err("must be a single line".into()),
        Rule::OneLine => not_blank(text),
        Rule::Identifier if is_identifier(text) => Ok(()),
        Rule::Identifier => Err("must be 1 to 64 letters, digits, _ or -".into()),
        Rule::Link if is_link(text) => Ok(()),
        Rule::Link => Err("must be a link that begins with http://, https:// or mailto:".into()),
        Rule::Hash if is_hash(text) => Ok(()),
        Rule::Hash => Err("must be 64 lower-case hexadecimal digits".into()),
        Rule::Date if is_date(text) => Ok(()),
        Rule::Date => Err("must be a day such as 2026-11-24".into()),
    }
}

fn not_blank(text: &str) -> Result<(), String> {
    if text.trim().is_empty() { Err("must say something".into()) } else { Ok(()) }
}

fn is_identifier(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !text.is_empty() && text.bytes().all(fits)
}

fn is_link(text: &str) -> bool {
    let scheme =
        ["http://", "https://", "mailto:"].iter().find(|scheme| text.starts_with(**scheme));
    let plain = |character: char| !character.is_whitespace() && !character.is_control();
    scheme.is_some_and(|scheme| text.len() > scheme.len()) && text.chars().all(plain)
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

/// A measured number: whole ones are written as integers, others as the shortest float.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, serde::Deserialize)]
#[serde(transparent)]
pub struct Number(f64);

impl Number {
    /// The number; none when it is not finite or beyond ±2^53, where JSON readers differ.
    pub fn new(number: f64) -> Option<Number> {
        let exact = number.abs() <= INTEGER_MAX as f64;
        exact.then_some(Number(number + 0.0))
    }

    /// As a float.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl serde::Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 {
            to.serialize_i64(self.0 as i64)
        } else {
            to.serialize_f64(self.0)
        }
    }
}

impl Field for Number {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let given = exact(&value).and_then(Number::new);
        if given.is_none() {
            faults.add(Fault::new(at, "a number within ±2^53 is expected"));
        }
        given
    }

    fn schema() -> Value {
        json!({ "type": "number" })
    }
}

/// The number as a float, unless it is a whole one that a float would round.
fn exact(value: &Value) -> Option<f64> {
    match value.as_i64() {
        Some(whole) => (whole.unsigned_abs() <= INTEGER_MAX.unsigned_abs()).then_some(whole as f64),
        None => value.as_f64(),
    }
}

/// A share in percent, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Percent(Number);

impl Percent {
    /// As a float between 0 and 100.
    pub fn get(self) -> f64 {
        self.0.get()
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} %", self.0)
    }
}

impl Field for Percent {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let given = value.as_f64().filter(|share| (0.0..=100.0).contains(share));
        if given.is_none() {
            faults.add(Fault::new(at, "a share between 0 and 100 percent is expected"));
        }
        given.and_then(Number::new).map(Percent)
    }

    fn schema() -> Value {
        json!({ "type": "number", "minimum": 0, "maximum": 100 })
    }
}
