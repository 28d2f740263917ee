//! Free text, and what is masked in it; also where it was cut in two.
//!
//! The service masks each text whole. Borders are in it all the same: masks that stand already, and
//! the place where whoever recorded an output cut it.

use allclear::access::{Secret, SecretKind};
use allclear::mask::Masks;
use std::sync::LazyLock;

static MASKS: LazyLock<Masks> = LazyLock::new(Masks::default);
static TOKEN: LazyLock<Secret> = LazyLock::new(|| Secret::draw(SecretKind::Personal, &[7; 64]));

/// A mask that stands already.
const STANDING: &str = "[masked password 8]";

const KEY: [&str; 2] = [
    "oUQDQgAEuHmnXEbPk1V4Gw4mCpFzLQb9Jr7dKfXwTnY2cVxS6e",
    "MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSnTm0q8WzA",
];

/// Masked text has nothing left to mask and grows within its bound; a token of ours is gone wherever
/// it stands; and what is cut in two has no more secrets than what is whole.
///
/// The first two bytes of the input say where the rest is cut.
pub fn check(input: &[u8]) {
    let Some((cut, rest)) = input.split_first_chunk() else { return };
    let text = String::from_utf8_lossy(rest);
    let cut = usize::from(u16::from_le_bytes(*cut));
    stays_masked(&text);
    let (before, after) = text.split_at(text.floor_char_boundary(cut % (text.len() + 1)));
    a_token_is_gone(&format!("{before}{}{after}", TOKEN.reveal()));
    a_standing_mask_parts(before, after);
    a_key_is_gone_from_both_parts(before, after, cut);
}

fn masked(text: &str) -> String {
    MASKS.mask(text).unwrap_or_else(|| text.to_owned())
}

fn stays_masked(text: &str) {
    let masked = masked(text);
    assert_eq!(MASKS.mask(&masked), None, "{masked}");
    assert!(masked.len() <= 8 * text.len(), "{masked}");
}

fn a_token_is_gone(text: &str) {
    let masked = masked(text);
    assert!(!masked.contains(TOKEN.reveal()), "the token is left: {masked}");
}

fn a_standing_mask_parts(before: &str, after: &str) {
    let whole = masked(&format!("{before}{STANDING}{after}"));
    assert_eq!(whole, format!("{}{STANDING}{}", masked(before), masked(after)));
}

/// Of a private key, cut in two wherever, neither part shows a line.
fn a_key_is_gone_from_both_parts(before: &str, after: &str, cut: usize) {
    // A line that stands around it by itself, with no head of a key before it, is not one to know.
    if KEY.iter().any(|line| before.contains(line) || after.contains(line)) {
        return;
    }
    let [first, second] = KEY;
    let key = format!(
        "\n-----BEGIN EC PRIVATE KEY-----\n{first}\n{second}\n-----END EC PRIVATE KEY-----\n"
    );
    let (begin, end) = key.split_at(cut % (key.len() + 1));
    for part in [format!("{before}{begin}"), format!("{end}{after}")] {
        let masked = masked(&part);
        assert!(KEY.iter().all(|line| !masked.contains(line)), "a key is left: {masked}");
    }
}
