//! A signed checkpoint.

use allclear::log::tree::leaf;
use allclear::log::{Checkpoint, Origin, PublicKey, SigningSeed};
use std::sync::LazyLock;
use uuid::Uuid;

/// The log that the corpus is of.
const LOG: Uuid = Uuid::from_u128(0x019a_b3c0_7d1e_7c3a_9a52_0242_ac12_0002);

static SEED: LazyLock<SigningSeed> = LazyLock::new(|| SigningSeed::new(&[7; 32]));

/// Everything that was ever signed.
static SIGNED: LazyLock<[String; 3]> = LazyLock::new(|| {
    [1, 2, 200].map(|size: u8| {
        let origin = Origin { log: LOG, generation: 1 };
        SEED.sign(&Checkpoint { origin, size: size.into(), root: leaf(&[size]) })
    })
});

/// Only what was signed opens: a changed note is refused, unless what is signed is as it was.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let _ = (Checkpoint::read(text), PublicKey::read(text));
    if let Ok(opened) = SEED.public().open(text, LOG) {
        let signed = SEED.sign(&opened);
        assert!(SIGNED.contains(&signed), "what nobody signed was opened");
        assert_eq!(body(text), body(&signed), "what nobody signed was opened");
    }
}

fn body(note: &str) -> Option<&str> {
    note.split("\n\n").next()
}
