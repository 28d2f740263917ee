//! How a closed set of words is declared, and read.

use crate::incident::field::{Fault, Faults, Pointer};
use serde_json::Value;

/// Declares a set of words: an enum, its spelling, its parser, and how a claim gives one.
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[doc = $doc:literal])* $variant:ident = $word:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[doc = $doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them, in the order in which they are documented.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The word as stored, sent and shown.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }

            /// What it means, in a sentence: its documentation.
            pub const fn about(self) -> &'static str {
                match self { $($name::$variant => concat!($($doc,)*).trim_ascii(),)+ }
            }

            /// The value that `word` spells, if it is one of these.
            pub fn parse(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl $crate::incident::field::Field for $name {
            fn read(
                value: serde_json::Value,
                at: &$crate::incident::field::Pointer<'_>,
                faults: &mut $crate::incident::field::Faults,
            ) -> Option<Self> {
                $crate::incident::words::read_word(value, at, faults, Self::parse, &[$($word,)+])
            }

            fn schema() -> serde_json::Value {
                serde_json::json!({ "type": "string", "enum": [$($word,)+] })
            }
        }
    };
}
pub(crate) use words;

/// Reads one word of a closed set; the fault names the set.
pub(crate) fn read_word<T>(
    value: Value,
    at: &Pointer<'_>,
    faults: &mut Faults,
    parse: fn(&str) -> Option<T>,
    known: &[&str],
) -> Option<T> {
    let word = value.as_str().and_then(parse);
    if word.is_none() {
        faults.add(Fault::new(at, format!("one of {} is expected", known.join(", "))));
    }
    word
}
