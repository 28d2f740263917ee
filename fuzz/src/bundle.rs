//! An audit bundle, from its first line to its last.

use allclear::ledger::{BundleError, BundleItem, BundleLimits, BundleReader, Opening};
use allclear::log::{BundleEvent, BundleLine, Inclusion, PublicKey};

/// Small enough that a finding stays readable.
const LIMITS: BundleLimits =
    BundleLimits { line_bytes: 8 << 10, bytes: 32 << 10, events: 16, runbooks: 4, missing: 2 };

/// A bundle is refused, or is as its opening and its end say; each of its lines is written again as
/// one that reads the same.
pub fn check(input: &[u8]) {
    for text in input.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok())
    {
        let Ok(line) = BundleLine::from_line(text) else { continue };
        let again = BundleLine::from_line(line.to_line().trim_end());
        assert_eq!(again.expect("what was written is read"), line);
    }
    let _ = read(input);
}

fn read(input: &[u8]) -> Result<(), BundleError> {
    let mut reader = BundleReader::new(input, LIMITS);
    let opening = reader.opening()?;
    let _ = PublicKey::read(&opening.key);
    let (mut last, mut runbooks) = (0, 0);
    while let Some(item) = reader.next(&opening)? {
        match item {
            BundleItem::Runbook(_) => runbooks += 1,
            BundleItem::Event(event) => {
                assert!((last + 1..=opening.size).contains(&event.position.0), "out of order");
                last = event.position.0;
                proven(&event, &opening);
                if opening.incident.is_none() {
                    let (_, hashes) = reader.hashes(&event)?;
                    assert!(!hashes.is_empty(), "an event has a leaf");
                }
            }
        }
    }
    assert!(runbooks <= LIMITS.runbooks && input.len() as u64 <= LIMITS.bytes);
    Ok(())
}

fn proven(event: &BundleEvent, opening: &Opening) {
    let _ = event.salt();
    let against = (opening.size, opening.checkpoint.as_str());
    let proof = event.proof.as_deref().and_then(|text| {
        let proof = Inclusion::from_text(text, event.position, event.entry.as_bytes(), against)?;
        assert_eq!(proof.text(&opening.checkpoint), text);
        Some(proof)
    });
    if let Some(proof) = proof {
        let _ = proof.holds(event.entry.as_bytes(), proof.leaf);
    }
}
