//! The masks of an operator: a TOML file that says what else is a secret here.
//!
//! ```toml
//! [[mask]]
//! kind = "customer_number"
//! pattern = 'CUST-([0-9]{8})'
//! ```
//!
//! The first group of the pattern is the secret; without a group all of it is.

use super::Kind;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

/// How many masks a file may have.
pub const MASKS_MAX: usize = 100;

/// How long a pattern may be, in bytes.
pub const PATTERN_MAX: usize = 1_000;

/// How large one pattern may become when it is built, in bytes.
const SIZE_MAX: usize = 256 * 1024;

/// How large all of them may become together, with the built-in ones.
pub(super) const SET_SIZE_MAX: usize = 2 * MASKS_MAX * SIZE_MAX;

/// Why a file is no list of masks.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It is no such TOML.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// There are too many.
    #[error("has {0} masks; at most {MASKS_MAX} are taken")]
    TooMany(usize),
    /// One of them cannot be used.
    #[error("the mask {kind:?} {wrong}")]
    Mask {
        /// What it is called.
        kind: String,
        /// What is wrong with it.
        wrong: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    mask: Vec<Own>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    kind: String,
    pattern: String,
}

/// Reads an operator's file.
pub(super) fn read(text: &str) -> Result<Vec<Kind>, Unfit> {
    let File { mask } = toml::from_str(text)?;
    if mask.len() > MASKS_MAX {
        return Err(Unfit::TooMany(mask.len()));
    }
    mask.into_iter().map(kind).collect()
}

fn kind(Own { kind, pattern }: Own) -> Result<Kind, Unfit> {
    match checked(&kind, &pattern) {
        Ok(pattern) => Ok(Kind { name: kind, pattern, is_secret: |secret| !secret.is_empty() }),
        Err(wrong) => Err(Unfit::Mask { kind, wrong }),
    }
}

fn checked(kind: &str, pattern: &str) -> Result<Regex, String> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let begins = kind.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if !begins || kind.len() > 32 || !kind.bytes().all(is_plain) {
        return Err("must be called by 1 to 32 small letters, digits and _, a letter first".into());
    }
    if pattern.len() > PATTERN_MAX {
        return Err(format!(
            "has a pattern of {} bytes; at most {PATTERN_MAX} are taken",
            pattern.len()
        ));
    }
    let built = RegexBuilder::new(pattern).size_limit(SIZE_MAX).build();
    let pattern = built.map_err(|error| format!("has no usable pattern: {error}"))?;
    if pattern.is_match("") {
        return Err(
            "has a pattern that takes nothing for a secret: it would match everywhere".into()
        );
    }
    Ok(pattern)
}
