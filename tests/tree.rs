//! The tree, its proofs and its checkpoints, against an independent verifier: RFC 6962 written
//! down once more as the RFC says it, and Ed25519 asked directly. Nothing of ours judges itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use allclear::incident::id::Position;
use allclear::log::tree::{self, Frontier, Hash, Reading};
use allclear::log::{
    Checkpoint, CheckpointError, Consistency, Inclusion, Origin, PublicKey, SigningSeed,
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// RFC 6962, 2.1 and 2.1.1, by recursion over the leaves themselves.
mod rfc {
    use super::{Digest, Sha256};

    pub type Bytes = [u8; 32];

    pub fn leaf(entry: &[u8]) -> Bytes {
        Sha256::digest([&[0], entry].concat()).into()
    }

    pub fn node(left: Bytes, right: Bytes) -> Bytes {
        Sha256::digest([&[1], left.as_slice(), right.as_slice()].concat()).into()
    }

    /// The largest power of two below `n`.
    fn split(n: usize) -> usize {
        let mut k = 1;
        while k * 2 < n {
            k *= 2;
        }
        k
    }

    pub fn root(entries: &[Vec<u8>]) -> Bytes {
        match entries {
            [] => Sha256::digest([]).into(),
            [one] => leaf(one),
            many => {
                let (left, right) = many.split_at(split(many.len()));
                node(root(left), root(right))
            }
        }
    }

    /// The root that a path leads to (RFC 9162, 2.1.3.2).
    pub fn led_to(leaf: Bytes, mut number: usize, size: usize, path: &[Bytes]) -> Option<Bytes> {
        let (mut last, mut hash) = (size.checked_sub(1)?, leaf);
        for step in path {
            if last == 0 {
                return None;
            }
            if number % 2 == 1 || number == last {
                hash = node(*step, hash);
                while number.is_multiple_of(2) && number != 0 {
                    (number, last) = (number / 2, last / 2);
                }
            } else {
                hash = node(hash, *step);
            }
            (number, last) = (number / 2, last / 2);
        }
        (last == 0).then_some(hash)
    }

    /// Whether the path joins an earlier root to a later one (RFC 9162, 2.1.4.2).
    pub fn joins(from: usize, to: usize, earlier: Bytes, later: Bytes, path: &[Bytes]) -> bool {
        if from == to {
            return path.is_empty() && earlier == later;
        }
        let mut path = path.to_vec();
        if from.is_power_of_two() {
            path.insert(0, earlier);
        }
        let (mut number, mut last) = (from - 1, to - 1);
        while number % 2 == 1 {
            (number, last) = (number / 2, last / 2);
        }
        let Some((first, rest)) = path.split_first() else { return false };
        let (mut one, mut other) = (*first, *first);
        for step in rest {
            if last == 0 {
                return false;
            }
            if number % 2 == 1 || number == last {
                (one, other) = (node(*step, one), node(*step, other));
                while number.is_multiple_of(2) && number != 0 {
                    (number, last) = (number / 2, last / 2);
                }
            } else {
                other = node(other, *step);
            }
            (number, last) = (number / 2, last / 2);
        }
        (one, other, last) == (earlier, later, 0)
    }
}

const LEAVES: usize = 300;

fn entries() -> Vec<Vec<u8>> {
    (0..LEAVES).map(|n| format!("entry {n} {}", "x".repeat(n % 97)).into_bytes()).collect()
}

/// The hashes of a tree in the order of their places, as the log stores them.
fn stored(entries: &[Vec<u8>]) -> Vec<Hash> {
    let mut frontier = Frontier::default();
    entries.iter().flat_map(|entry| frontier.push(tree::leaf(entry))).collect()
}

type Read<'a> = Box<Reading<'a, String>>;

fn reading(hashes: &[Hash]) -> Read<'_> {
    let at = |place: &u64| hashes.get(*place as usize).copied().ok_or(format!("no {place}"));
    Box::new(move |places| places.iter().map(at).collect())
}

fn plain(path: &[Hash]) -> Vec<rfc::Bytes> {
    path.iter().map(|hash| hash.0).collect()
}

#[test]
fn the_root_of_every_size_is_that_of_the_rfc() {
    let entries = entries();
    let hashes = stored(&entries);
    let mut frontier = Frontier::default();
    for size in 0..=LEAVES {
        let expected = rfc::root(&entries[..size]);
        assert_eq!(frontier.root().0, expected, "{size} leaves");
        assert_eq!(tree::root(size as u64, &mut reading(&hashes)).unwrap().0, expected);
        let again = Frontier::read(size as u64, &mut reading(&hashes)).unwrap();
        assert_eq!((again.size(), again.root().0), (size as u64, expected));
        if let Some(entry) = entries.get(size) {
            let before = tree::hashes_of(size as u64);
            assert_eq!(
                before,
                tree::place_of(0, size as u64),
                "a leaf stands behind all before it"
            );
            let complete = frontier.push(tree::leaf(entry));
            assert_eq!(complete.len() as u64, tree::hashes_of(size as u64 + 1) - before);
        }
    }
}

#[test]
fn every_inclusion_proof_leads_an_outsider_to_the_root_and_a_forged_leaf_elsewhere() {
    let entries = entries();
    let hashes = stored(&entries);
    for size in (1..=LEAVES).filter(|size| *size < 70 || size % 23 == 0) {
        let root = rfc::root(&entries[..size]);
        for (number, entry) in entries.iter().enumerate().take(size) {
            let position = Position(number as u64 + 1);
            let proof = Inclusion::read(position, size as u64, &mut reading(&hashes)).unwrap();
            let leaf = rfc::leaf(entry);
            assert_eq!(proof.leaf.0, leaf);
            let path = plain(&proof.path);
            assert_eq!(rfc::led_to(leaf, number, size, &path), Some(root), "{number} of {size}");
            assert!(proof.holds(entry, Hash(root)));
            let forged = [entry.as_slice(), b"!"].concat();
            assert_ne!(rfc::led_to(rfc::leaf(&forged), number, size, &path), Some(root));
            assert!(!proof.holds(&forged, Hash(root)));
        }
    }
}

#[test]
fn every_consistency_proof_joins_an_earlier_root_to_a_later_one_and_no_other() {
    let entries = entries();
    let hashes = stored(&entries);
    for to in (1..=LEAVES).filter(|size| *size < 40 || size % 37 == 0) {
        let later = rfc::root(&entries[..to]);
        for from in 1..=to {
            let earlier = rfc::root(&entries[..from]);
            let proof = Consistency::read(from as u64, to as u64, &mut reading(&hashes)).unwrap();
            let path = plain(&proof.path);
            assert!(rfc::joins(from, to, earlier, later, &path), "{from} to {to}");
            assert!(proof.holds(Hash(earlier), Hash(later)));
            let other = rfc::leaf(b"another history");
            assert!(!rfc::joins(from, to, other, later, &path));
            assert!(!proof.holds(Hash(other), Hash(later)));
        }
    }
}

#[test]
fn the_error_of_whoever_reads_the_hashes_comes_back() {
    let hashes = stored(&entries()[..5]);
    let failed = Inclusion::read(Position(1), 9, &mut reading(&hashes));
    assert!(failed.unwrap_err().starts_with("no "));
    assert!(tree::root(9, &mut reading(&hashes)).is_err());
}

fn origin(generation: u32) -> Origin {
    Origin { log: Uuid::from_u128(0x019a_b3f0), generation }
}

fn checkpoint(generation: u32) -> Checkpoint {
    Checkpoint { origin: origin(generation), size: 300, root: Hash(rfc::root(&entries())) }
}

/// A line with a signature: the name of the key, its id, and the signature itself.
type Signed = (String, [u8; 4], Vec<u8>);

/// A C2SP signed note taken apart by hand: the signed text, and each signature.
fn taken_apart(note: &str) -> (String, Vec<Signed>) {
    let (text, signatures) = note.split_once("\n\n").unwrap();
    let signatures = signatures.lines().map(|line| {
        let (name, base64) = line.strip_prefix("\u{2014} ").unwrap().split_once(' ').unwrap();
        let bytes = BASE64_STANDARD.decode(base64).unwrap();
        (name.to_owned(), bytes[..4].try_into().unwrap(), bytes[4..].to_vec())
    });
    (format!("{text}\n"), signatures.collect())
}

#[test]
fn a_checkpoint_is_what_the_standard_says_to_an_outsider() {
    let seed = SigningSeed::new(&[7; 32]);
    for generation in [1, 2] {
        let note = seed.sign(&checkpoint(generation));
        let (text, signatures) = taken_apart(&note);
        let name = match generation {
            1 => "allclear/log/00000000-0000-0000-0000-0000019ab3f0",
            _ => "allclear/log/00000000-0000-0000-0000-0000019ab3f0/g2",
        };
        let root = BASE64_STANDARD.encode(rfc::root(&entries()));
        assert_eq!(text, format!("{name}\n300\n{root}\n"));
        let verifier_key = seed.public().verifier_key(&origin(generation));
        let parts: Vec<&str> = verifier_key.splitn(3, '+').collect();
        let typed = BASE64_STANDARD.decode(parts[2]).unwrap();
        assert_eq!((parts[0], typed[0], typed.len()), (name, 1, 33));
        let id = Sha256::digest([name.as_bytes(), b"\n", typed.as_slice()].concat());
        assert_eq!(u32::from_str_radix(parts[1], 16).unwrap().to_be_bytes(), id[..4]);
        let [(signer, key, signature)] = signatures.as_slice() else { panic!("{note}") };
        assert_eq!((signer.as_str(), key.as_slice()), (name, &id[..4]));
        let key = VerifyingKey::from_bytes(typed[1..].try_into().unwrap()).unwrap();
        let signature = Signature::from_slice(signature).unwrap();
        key.verify(text.as_bytes(), &signature).unwrap();
        assert!(key.verify(text.replace("300", "301").as_bytes(), &signature).is_err());
    }
}

#[test]
fn a_checkpoint_is_opened_with_the_key_of_its_log_and_no_other() {
    let seed = SigningSeed::new(&[7; 32]);
    let log = origin(1).log;
    for generation in [1, 2, 31] {
        let note = seed.sign(&checkpoint(generation));
        assert_eq!(note, seed.sign(&checkpoint(generation)), "the same bytes every time");
        assert_eq!(seed.public().open(&note, log), Ok(checkpoint(generation)));
        let key = PublicKey::read(&seed.public().verifier_key(&origin(3))).unwrap();
        assert_eq!(
            key.open(&note, log),
            Ok(checkpoint(generation)),
            "any generation's key will do"
        );
        let bad = Err(CheckpointError::BadSignature);
        assert_eq!(key.open(&note.replace("\n300\n", "\n299\n"), log), bad);
        assert_eq!(SigningSeed::new(&[8; 32]).public().open(&note, log), bad);
        let other = key.open(&note, Uuid::from_u128(1));
        assert!(matches!(other, Err(CheckpointError::OtherOrigin(_))), "{other:?}");
    }
}

#[test]
fn what_is_no_checkpoint_is_told_from_what_is() {
    let seed = SigningSeed::new(&[7; 32]);
    let (key, log) = (seed.public(), origin(1).log);
    let note = seed.sign(&checkpoint(1));
    for cut in 0..note.len() {
        if let Some(part) = note.get(..cut) {
            assert!(key.open(part, log).is_err(), "{part}");
        }
    }
    for text in
        ["", "\n", "\n\n", "a\nb\nc\n\n", &format!("{note}more\n"), &note.replace("300", "0300")]
    {
        assert!(key.open(text, log).is_err(), "{text}");
    }
    let foreign = note.replace("allclear/log/", "example.com/log/");
    assert!(matches!(key.open(&foreign, log), Err(CheckpointError::OtherOrigin(_))));
    assert_eq!(PublicKey::read("no key"), None);
    assert_eq!(PublicKey::read(""), None);
}

#[test]
fn a_proof_as_text_can_be_checked_with_the_standard_and_this_file_alone() {
    let entries = entries();
    let hashes = stored(&entries);
    let seed = SigningSeed::new(&[7; 32]);
    let proof = Inclusion::read(Position(42), 300, &mut reading(&hashes)).unwrap();
    let text = proof.text(&seed.sign(&checkpoint(1)));
    let (proof, note) = text.split_once("\n\n").unwrap();
    let mut lines = proof.lines();
    assert_eq!(lines.next(), Some("c2sp.org/tlog-proof@v1"));
    assert_eq!(lines.next(), Some("index 41"));
    let decode = |line: &str| BASE64_STANDARD.decode(line).unwrap().try_into().unwrap();
    let path: Vec<rfc::Bytes> = lines.map(decode).collect();
    let (signed, _) = taken_apart(note);
    let root: rfc::Bytes = decode(signed.lines().nth(2).unwrap());
    assert_eq!(rfc::led_to(rfc::leaf(&entries[41]), 41, 300, &path), Some(root));
    assert_ne!(rfc::led_to(rfc::leaf(b"forged"), 41, 300, &path), Some(root));
}
