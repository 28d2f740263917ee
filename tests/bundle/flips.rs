//! No byte of what a bundle proves can be changed unseen.

use crate::bundle::Bundle;
use allclear::engine::audit::{Auditor, Outcome};
use allclear::ledger::{BUNDLE_LIMITS, BundleAudit};
use allclear::log::{BundleLine, PublicKey};

/// How many bits of each bundle are flipped, one at a time.
const FLIPS: usize = 150;

/// Whether anything at all is found wrong with these bytes, by the right key.
fn is_suspect(bytes: &[u8], key: PublicKey) -> bool {
    let Ok(mut audit) = BundleAudit::read(bytes, BUNDLE_LIMITS) else { return true };
    let auditor = Auditor {
        audit: &mut audit,
        key: Some(key),
        given: Vec::new(),
        found: &mut |_| {},
        walked: &mut |_| {},
    };
    auditor.run().outcome() != Outcome::Clean
}

/// The lines as they are read, without those that prove nothing: what the reader is told to do,
/// and the key that came along.
fn said(bytes: &[u8]) -> Option<Vec<BundleLine>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let lines = text.lines().map(|line| BundleLine::from_line(line).ok());
    let lines = lines.collect::<Option<Vec<_>>>()?.into_iter().filter_map(|line| match line {
        BundleLine::Readme(_) | BundleLine::Key(_) => None,
        BundleLine::Bundle(mut head) => {
            head.readme.clear();
            Some(BundleLine::Bundle(head))
        }
        line => Some(line),
    });
    Some(lines.collect())
}

#[test]
fn a_flipped_bit_is_found_or_changes_nothing_that_is_said() {
    for bundle in [Bundle::whole(), Bundle::incident()] {
        let bytes = std::fs::read(bundle.file()).unwrap();
        let key = PublicKey::read(bundle.key()).unwrap();
        assert!(!is_suspect(&bytes, key));
        let before = said(&bytes);
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let mut found = 0;
        for _ in 0..FLIPS {
            random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            let bit = (random >> 16) as usize % (bytes.len() * 8);
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if is_suspect(&flipped, key) {
                found += 1;
            } else {
                assert_eq!(said(&flipped), before, "bit {bit} was flipped unseen");
            }
        }
        assert!(found > FLIPS / 2, "{found} of {FLIPS}");
    }
}
