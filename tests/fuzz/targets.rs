//! What is fuzzed: what must hold of any input, and the inputs to begin with.

use allclear::access::{Secret, SecretKind};
use allclear::incident::field::{Faults, Field, List, Pointer};
use allclear::incident::id::{IncidentId, Position, Version};
use allclear::incident::{Claim, Event, json, runbook};
use allclear::log::tree::leaf;
use allclear::log::{
    BundleEnd, BundleEvent, BundleHead, BundleLine, BundleRunbook, Checkpoint, Data, Entry, Origin,
    Row, Salt, SigningSeed,
};
use allclear::mask::Masks;
use std::path::Path;
use std::sync::LazyLock;
use uuid::Uuid;

const LOG: Uuid = Uuid::from_u128(0x019a_b3c0_7d1e_7c3a_9a52_0242_ac12_0002);

static MASKS: LazyLock<Masks> = LazyLock::new(Masks::default);
static SEED: LazyLock<SigningSeed> = LazyLock::new(|| SigningSeed::new(&[7; 32]));

fn golden(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// Requests: one event, as its client gives it.
pub fn claims() -> Vec<Vec<u8>> {
    let text = golden("claims.txt");
    let lines = text.lines().filter_map(|line| line.split_once(" {"));
    lines.map(|(kind, rest)| format!("[{{\"type\":\"{kind}\",{rest}]").into_bytes()).collect()
}

/// A request is read or has its faults; what was read is masked, stored and read back the same.
pub fn request(input: &[u8]) {
    let Ok(value) = json::parse(input) else { return };
    let mut faults = Faults::default();
    let claims = List::<Claim>::read(value, &Pointer::Root, &mut faults);
    assert!(claims.is_some() || !faults.is_empty(), "neither read nor at fault");
    for mut claim in claims.into_iter().flat_map(|claims| claims.0) {
        claim.reword(&mut |text| MASKS.mask(text));
        let stored = serde_json::to_string(&claim.event).unwrap();
        // A bare version is no stored form yet: its component is named when it is judged.
        if let Ok(back) = Event::stored(claim.event.kind(), &stored) {
            assert_eq!(serde_json::to_string(&back).unwrap(), stored);
        }
    }
}

/// Stored lines, entries and data.
pub fn stored() -> Vec<Vec<u8>> {
    let text = golden("bytes.txt");
    text.lines().filter(|line| !line.is_empty()).map(|line| line.as_bytes().to_vec()).collect()
}

/// A stored line is damage, or an entry that is written again as one that reads the same.
pub fn line(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(entry) = Entry::from_line(text) {
        let again = Entry::from_line(&entry.to_line()).unwrap();
        assert_eq!(again.to_line(), entry.to_line());
    }
    let _ = Data::from_line(text);
}

/// Lines of bundles, each kind of them.
pub fn bundles() -> Vec<Vec<u8>> {
    let origin = Origin { log: LOG, generation: 1 };
    let checkpoint = String::from_utf8(checkpoints().remove(0)).unwrap();
    let row = Row {
        position: Position(1),
        incident: IncidentId(LOG),
        version: Version(1),
        entry: golden("bytes.txt").lines().next().unwrap().into(),
        salt: Some(Salt([7; 32])),
        data: Some("{\"data\":{}}".into()),
    };
    let event = BundleEvent::of(row).hashed([leaf(b"a")].into_iter());
    let runbook = BundleRunbook { sha256: "0".repeat(64), text: "[clock]".into() };
    let lines = [
        BundleLine::Bundle(BundleHead::new(origin, 1, Some(IncidentId(LOG)))),
        BundleLine::Key(SEED.public().verifier_key(&origin)),
        BundleLine::Checkpoint(checkpoint),
        BundleLine::Runbook(runbook),
        BundleLine::Event(event.clone().proven("c2sp.org/tlog-proof@v1".into())),
        BundleLine::Event(event),
        BundleLine::End(BundleEnd { events: 1 }),
    ];
    lines.map(|line| line.to_line().trim_end().as_bytes().to_vec()).into()
}

/// A line of a bundle is refused, or written again as one that reads the same.
pub fn bundle_line(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(line) = BundleLine::from_line(text) else { return };
    assert_eq!(BundleLine::from_line(line.to_line().trim_end()).unwrap(), line);
    if let BundleLine::Event(event) = line {
        let _ = (event.salt(), event.hashes());
    }
}

/// Runbooks.
pub fn runbooks() -> Vec<Vec<u8>> {
    vec![runbook::BUILT_IN_TEXT.as_bytes().to_vec()]
}

/// A runbook is read or has mistakes, each in a line that it has.
pub fn runbook(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Err(mistakes) = runbook::read(text) {
        assert!(!mistakes.is_empty(), "neither read nor at fault");
    }
}

/// Signed checkpoints.
pub fn checkpoints() -> Vec<Vec<u8>> {
    let signed = |size: u8| {
        let checkpoint = Checkpoint {
            origin: Origin { log: LOG, generation: 1 },
            size: size.into(),
            root: leaf(&[size]),
        };
        SEED.sign(&checkpoint).into_bytes()
    };
    [1, 2, 200].map(signed).into()
}

/// Only what was signed opens: a changed note is refused, unless what is signed is as it was.
pub fn checkpoint(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let _ = Checkpoint::read(text);
    if let Ok(opened) = SEED.public().open(text, LOG) {
        let signed = SEED.sign(&opened);
        let body = |note: &str| note.split("\n\n").next().map(ToOwned::to_owned);
        assert_eq!(body(text), body(&signed), "what nobody signed was opened");
        assert!(
            checkpoints().iter().any(|it| it == signed.as_bytes()),
            "what nobody signed was opened"
        );
    }
}

/// Texts with secrets in them.
pub fn secrets() -> Vec<Vec<u8>> {
    let token = Secret::draw(SecretKind::Personal, &[7; 64]);
    let texts = [
        format!("the token {} was pasted", token.reveal()),
        "curl -H \"Authorization: Bearer 9f86d081884c7d659a2f\" https://a:b1c2d3@x.example/".into(),
        "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04f\n-----END EC PRIVATE KEY-----".into(),
        "DB_PASSWORD='correct horse' PGPASSWORD=hunter2 {\"api_key\": \"abcdef12\"}".into(),
        "Cookie: session=8f3a9c0d1e\r\nx [masked password 8] y".into(),
    ];
    texts.map(String::into_bytes).into()
}

/// Masked text has nothing left to mask, and a token of ours that stood in the text is gone.
pub fn mask(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let masked = MASKS.mask(&text);
    if let Some(masked) = &masked {
        assert_eq!(MASKS.mask(masked), None, "{masked}");
        assert!(masked.len() <= 8 * text.len(), "{masked}");
    }
    let token = Secret::draw(SecretKind::Personal, &[7; 64]);
    let is_left = |text: &str| text.contains(token.reveal());
    assert!(!is_left(masked.as_deref().unwrap_or(&text)), "the token is left");
}
