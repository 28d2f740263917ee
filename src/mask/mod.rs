//! mask: what is a secret in a text, and what stands in its place: `[masked <kind> <length>]`.
//!
//! Every free text of every claim is masked before it is judged, hashed or stored (design 4.1), and
//! nothing that follows from a secret is kept but its kind and how many characters it had. Pure:
//! the patterns of the operator arrive as values, and all matching takes time linear in the text.

mod harmless;
mod kinds;
mod own;

pub use own::{MASKS_MAX, PATTERN_MAX, Unfit};

use regex::{Captures, Regex, RegexSet};
use serde_json::Value;
use std::ops::Range;
use std::sync::LazyLock;

/// How often a text is gone through at most: what is masked may uncover what stands beside it.
const PASSES_MAX: usize = 8;

/// How many bytes a value may have that is looked at once more. A token of ours has fewer.
const NAME_MAX: usize = 64;

/// A mask that stands in a text already, as words or in a link.
static MASK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\[masked(?: |%20)[a-z][a-z0-9_]{0,31}(?: |%20)[0-9]{1,7}\]")
        .expect("it is a pattern")
});

/// One kind of secret.
struct Kind {
    /// What a mask calls it.
    name: String,
    /// What it looks like: the first group that takes part is the secret, else all of it.
    pattern: Regex,
    /// Whether what was found is one after all.
    is_secret: fn(&str) -> bool,
}

impl Kind {
    /// Where secrets of this kind stand. A short value that is none may be the name of one, as in
    /// `Authorization: Authorization: Basic …`, or reach into one, as the beginning of a token that
    /// was cut off does: it is looked at once more. A long one is passed over, so that the time
    /// stays linear.
    fn secrets(&self, piece: &str) -> Vec<Range<usize>> {
        let (mut secrets, mut from) = (Vec::new(), 0);
        while from <= piece.len()
            && let Some(found) = self.pattern.captures_at(piece, from)
        {
            let (whole, secret) = (whole_of(&found), secret_of(&found));
            let is_secret = (self.is_secret)(&piece[secret.clone()]);
            from = match is_secret || secret.len() > NAME_MAX {
                true => whole.end,
                false if secret.start > whole.start => secret.start,
                false => behind_first(piece, whole.start),
            };
            if whole.is_empty() {
                from = behind_first(piece, from);
            }
            secrets.extend(is_secret.then_some(secret));
        }
        secrets
    }
}

/// The kinds of secret that are masked.
pub struct Masks {
    kinds: Vec<Kind>,
    /// The patterns of all kinds, for finding at once which of them occur.
    any: RegexSet,
}

impl Default for Masks {
    /// The kinds that are built in.
    fn default() -> Masks {
        Masks::of(kinds::built_in())
    }
}

impl Masks {
    /// The built-in kinds and those of an operator's file.
    ///
    /// # Errors
    ///
    /// Why the file is no list of masks, with the mask that is wrong.
    pub fn with(file: &str) -> Result<Masks, Unfit> {
        let mut kinds = kinds::built_in();
        kinds.extend(own::read(file)?);
        Ok(Masks::of(kinds))
    }

    fn of(kinds: Vec<Kind>) -> Masks {
        let patterns = kinds.iter().map(|kind| kind.pattern.as_str());
        let any = regex::RegexSetBuilder::new(patterns)
            .size_limit(own::SET_SIZE_MAX)
            .build()
            .expect("each of a bounded number of patterns was built within its bound");
        Masks { kinds, any }
    }

    /// The text with a mask in place of each secret; none when it has no secret. Masked text has
    /// none: masking it again changes nothing.
    pub fn mask(&self, text: &str) -> Option<String> {
        let mut masked = self.pass(text)?;
        for _ in 1..PASSES_MAX {
            match self.pass(&masked) {
                Some(again) => masked = again,
                None => break,
            }
        }
        Some(masked)
    }

    /// The value with every string in it masked; none when there is nothing to mask.
    pub fn mask_json(&self, value: &Value) -> Option<Value> {
        let mut masked = value.clone();
        self.mask_inside(&mut masked).then_some(masked)
    }

    fn mask_inside(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.mask(text) {
                Some(masked) => {
                    *text = masked;
                    true
                }
                None => false,
            },
            Value::Array(items) => {
                items.iter_mut().fold(false, |is_masked, it| self.mask_inside(it) | is_masked)
            }
            Value::Object(members) => {
                members.values_mut().fold(false, |is_masked, it| self.mask_inside(it) | is_masked)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Goes through the text once; what stands between masks is looked at piece by piece.
    fn pass(&self, text: &str) -> Option<String> {
        let (mut out, mut is_masked, mut from) = (String::new(), false, 0);
        let standing = MASK.find_iter(text).map(|mask| mask.range());
        for mask in standing.chain(std::iter::once(text.len()..text.len())) {
            is_masked |= self.mask_piece(&text[from..mask.start], &mut out);
            from = mask.end;
            out.push_str(&text[mask]);
        }
        is_masked.then_some(out)
    }

    fn mask_piece(&self, piece: &str, out: &mut String) -> bool {
        let secrets = self.secrets(piece);
        let mut from = 0;
        for (secret, kind) in &secrets {
            let length = piece[secret.clone()].chars().count();
            out.push_str(&piece[from..secret.start]);
            out.push_str(&format!("[masked {} {length}]", kind.name));
            from = secret.end;
        }
        out.push_str(&piece[from..]);
        !secrets.is_empty()
    }

    /// Where secrets stand, in order; those that overlap are one, of the kind that begins first.
    fn secrets(&self, piece: &str) -> Vec<(Range<usize>, &Kind)> {
        let kinds = self.any.matches(piece).into_iter().map(|index| &self.kinds[index]);
        let mut found: Vec<(Range<usize>, &Kind)> = kinds
            .flat_map(|kind| kind.secrets(piece).into_iter().map(move |at| (at, kind)))
            .collect();
        found.sort_by_key(|(at, _)| at.start);
        let mut apart: Vec<(Range<usize>, &Kind)> = Vec::new();
        for (at, kind) in found {
            match apart.last_mut().filter(|(last, _)| at.start < last.end) {
                Some((last, _)) => last.end = last.end.max(at.end),
                None => apart.push((at, kind)),
            }
        }
        apart
    }
}

impl std::fmt::Debug for Masks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.kinds.iter().map(|kind| &kind.name)).finish()
    }
}

/// The place behind the character at `place`.
fn behind_first(piece: &str, place: usize) -> usize {
    place + piece[place..].chars().next().map_or(1, char::len_utf8)
}

/// All of what was found.
fn whole_of(found: &Captures<'_>) -> Range<usize> {
    found.get(0).expect("a match has a whole").range()
}

/// Which part of what was found is the secret.
fn secret_of(found: &Captures<'_>) -> Range<usize> {
    found.iter().skip(1).flatten().next().map_or_else(|| whole_of(found), |it| it.range())
}
