//! What holds of any text: a planted secret is gone, masking again changes nothing, and the text
//! does not grow past its bound.

use crate::secrets::{Planted, planted};
use allclear::mask::Masks;
use proptest::prelude::*;
use std::sync::LazyLock;

static MASKS: LazyLock<Masks> = LazyLock::new(Masks::default);
static PLANTED: LazyLock<Vec<Planted>> = LazyLock::new(planted);

/// Pieces of which texts are made in which masks meet: secrets, their halves, and what stands beside.
fn piece() -> impl Strategy<Value = String> {
    let count = PLANTED.len();
    let whole = (0..count).prop_map(|index| PLANTED[index].text());
    let half = (0..count, 0.0..1.0).prop_map(|(index, share)| {
        let text = PLANTED[index].text();
        let at = (text.len() as f64 * share) as usize;
        text[at..].to_owned()
    });
    let beside = prop::sample::select(vec![
        "",
        " ",
        "\n",
        "=",
        ":",
        "\"",
        "'",
        "@",
        "://",
        "token",
        "password=",
        "Bearer ",
        "[masked",
        "[masked password 8]",
        "]",
        "ä",
        "Authorization: ",
        "\\",
        "8",
        "-----",
    ]);
    prop_oneof![whole, half, beside.prop_map(ToOwned::to_owned), "\\PC{0,12}"]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn masked_text_has_nothing_left_to_mask(text in text()) {
        if let Some(masked) = MASKS.mask(&text) {
            prop_assert_eq!(MASKS.mask(&masked), None, "{}", masked);
        }
    }

    #[test]
    fn a_text_grows_no_more_than_its_masks_are_long(text in text()) {
        let masked = MASKS.mask(&text).unwrap_or_default();
        prop_assert!(masked.len() <= 8 * text.len(), "{text} {masked}");
    }

    #[test]
    fn a_planted_secret_is_gone(before in text(), after in text(), index in 0..PLANTED.len()) {
        let planted = &PLANTED[index];
        let text = format!("{before}\n{}\n{after}", planted.text());
        let masked = MASKS.mask(&text).unwrap();
        prop_assert!(!masked.contains(&planted.secret) || before.contains(&planted.secret)
            || after.contains(&planted.secret) || planted.secret.len() < 8, "{text}\n{masked}");
    }
}
