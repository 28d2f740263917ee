//! Files that are no bundle, or more than one may be: each is refused in a sentence, by `verify` and
//! by `import`, and nothing is written.

use crate::bundle::{Bundle, import, verify};
use allclear::ledger::{BUNDLE_LIMITS, BundleAudit, BundleError, BundleLimits};
use serde_json::{Value, json};

/// What somebody handed in instead of a bundle, and what is said of it.
type Bad = (&'static str, fn(&mut Bundle) -> Option<Vec<u8>>, &'static str);

const BAD: &[Bad] = &[
    ("nothing", |_| Some(Vec::new()), "line 1 of the bundle: the bundle is cut short here"),
    ("an archive", |_| Some(archive()), "line 1 of the bundle"),
    ("a database", |it| Some(std::fs::read(it.log.database()).unwrap()), "line 1 of the bundle"),
    ("no UTF-8", |_| Some(b"{\"readme\":\"\xff\"}\n".to_vec()), "invalid utf-8"),
    ("a cut line", |it| Some(cut(it, 40)), "the bundle is cut short here"),
    (
        "a cut tail",
        |it| Some(cut(it, it.lines.last().unwrap().to_string().len() + 1)),
        "the bundle is cut short here",
    ),
    (
        "a path",
        |it| changed(it, |it| insert(it, json!({ "file": { "name": "../x", "text": "" } }))),
        "unknown variant `file`",
    ),
    (
        "a runbook's path",
        |it| {
            changed(it, |it| insert(it, json!({ "runbook": { "sha256": "../../x", "text": "" } })))
        },
        "named by its SHA-256 and nothing else",
    ),
    (
        "a link",
        |it| changed(it, |it| insert(it, json!({ "link": "/etc/passwd" }))),
        "unknown variant `link`",
    ),
    (
        "an unknown member",
        |it| changed(it, |it| it.event(8)["path"] = json!("../x")),
        "unknown field `path`",
    ),
    (
        "two members in a line",
        |it| {
            changed(it, |it| {
                it.lines[1]["key"] = json!("x");
            })
        },
        "line 2 of the bundle",
    ),
    ("a member twice", |it| Some(twice(it)), "duplicate field `position`"),
    (
        "an event twice",
        |it| changed(it, |it| again(it, 8)),
        "the event at 8 cannot follow the one at 8",
    ),
    (
        "a version twice",
        |it| changed(it, two_versions),
        "this version of the incident is there twice",
    ),
    (
        "events out of order",
        |it| {
            changed(it, |it| {
                let (a, b) = (it.at(8), it.at(9));
                it.lines.swap(a, b);
            })
        },
        "the event at 8 cannot follow the one at 9",
    ),
    (
        "a runbook twice",
        |it| {
            changed(it, |it| {
                let at = it.line("runbook");
                it.lines.insert(at, it.lines[at].clone());
            })
        },
        "this runbook is there twice",
    ),
    (
        "a checkpoint twice",
        |it| {
            changed(it, |it| {
                let at = it.line("checkpoint");
                it.lines.insert(at, it.lines[at].clone());
            })
        },
        "the line \"event\" is expected here",
    ),
    (
        "no key",
        |it| {
            changed(it, |it| {
                it.lines.remove(2);
            })
        },
        "the line \"key\" is expected here",
    ),
    (
        "another's checkpoint",
        |it| changed(it, |it| it.lines[0]["bundle"]["size"] = json!(1)),
        "the checkpoint is of another log or size",
    ),
    (
        "a size of nothing",
        |it| changed(it, |it| it.lines[0]["bundle"]["size"] = json!(0)),
        "a size from 1 to",
    ),
    (
        "a size beyond what is there",
        |it| changed(it, larger),
        "the checkpoint is of another log or size",
    ),
    (
        "a size beyond all",
        |it| changed(it, |it| it.lines[0]["bundle"]["size"] = json!(u64::MAX)),
        "a size from 1 to",
    ),
    (
        "a negative position",
        |it| changed(it, |it| it.event(8)["position"] = json!(-1)),
        "invalid value",
    ),
    ("a position behind the checkpoint", beyond, "stands behind the checkpoint"),
    (
        "another count",
        |it| changed(it, |it| *it.lines.last_mut().unwrap() = json!({ "end": { "events": 1 } })),
        "1 events are announced",
    ),
    (
        "more behind the end",
        |it| changed(it, |it| it.lines.push(json!({ "end": { "events": 0 } }))),
        "something stands behind the end",
    ),
    (
        "a later format",
        |it| changed(it, |it| it.lines[0]["bundle"]["format"] = json!(2)),
        "a later release of allclear wrote it",
    ),
    (
        "a log of another kind",
        |it| changed(it, |it| it.lines[0]["bundle"]["origin"] = json!("go.sum database tree")),
        "which is not this log",
    ),
    (
        "a bomb of a line",
        |it| changed(it, |it| it.lines[1]["readme"] = json!("x".repeat(9 << 20))),
        "it has more than 8388608 bytes",
    ),
    (
        "a bomb of brackets",
        |_| Some([b"[".repeat(1 << 20).as_slice(), b"\n"].concat()),
        "line 1 of the bundle",
    ),
];

/// The beginning of a tar archive with a file that climbs out of its directory.
fn archive() -> Vec<u8> {
    let mut head = vec![0; 1024];
    head[..4].copy_from_slice(b"../x");
    head[257..262].copy_from_slice(b"ustar");
    head
}

fn bytes(bundle: &Bundle) -> Vec<u8> {
    bundle.lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes()
}

fn changed(bundle: &mut Bundle, change: impl FnOnce(&mut Bundle)) -> Option<Vec<u8>> {
    change(bundle);
    Some(bytes(bundle))
}

fn cut(bundle: &Bundle, tail: usize) -> Vec<u8> {
    let mut bytes = bytes(bundle);
    bytes.truncate(bytes.len() - tail);
    bytes
}

fn insert(bundle: &mut Bundle, line: Value) {
    let at = bundle.at(8);
    bundle.lines.insert(at, line);
}

fn again(bundle: &mut Bundle, position: u64) {
    let at = bundle.at(position);
    bundle.lines.insert(at, bundle.lines[at].clone());
    bundle.recount();
}

fn larger(bundle: &mut Bundle) {
    bundle.lines[0]["bundle"]["size"] = json!(1_000_000);
}

fn two_versions(bundle: &mut Bundle) {
    let version = bundle.event(8)["version"].clone();
    bundle.event(9)["version"] = version;
}

fn twice(bundle: &Bundle) -> Vec<u8> {
    let text = String::from_utf8(bytes(bundle)).unwrap();
    text.replace("{\"event\":{\"position\":8,", "{\"event\":{\"position\":8,\"position\":8,")
        .into_bytes()
}

fn beyond(bundle: &mut Bundle) -> Option<Vec<u8>> {
    let last = bundle.events().last().unwrap()["position"].as_u64().unwrap();
    bundle.event(last)["position"] = json!(1_000_000);
    Some(bytes(bundle))
}

#[test]
fn what_is_no_bundle_is_refused_in_a_sentence_and_nothing_is_written() {
    for (what, make, expected) in BAD {
        for mut bundle in [Bundle::whole(), Bundle::incident()] {
            let made = make(&mut bundle).unwrap();
            let file = bundle.file_of(&made);
            let (code, said) = verify(&file, &[]);
            assert!(code == 5 && said.contains(expected), "{what}: {code} {said}");
            assert!(said.lines().count() == 1 && said.len() < 1_000, "{what}: {said}");
            let (code, said) = import(&file, &bundle.target());
            assert!(code == 5 && said.contains(expected), "{what}: {code} {said}");
            assert_eq!(bundle.beside(), [""; 0], "{what}");
        }
    }
}

#[test]
fn an_event_of_another_incident_has_no_place_beside_one() {
    let mut bundle = Bundle::incident();
    bundle.event(8)["incident"] = json!("01a20ed3-84bd-78d0-8060-c3a444b562e5");
    let (code, said) = bundle.verify(&[]);
    assert!(code == 5 && said.contains("an event of another incident"), "{said}");
    let mut whole = Bundle::whole();
    whole.event(8)["proof"] = json!("c2sp.org/tlog-proof@v1\nindex 7\n\n");
    let (code, said) = whole.verify(&[]);
    assert!(code == 5 && said.contains("hashes in that of a log"), "{said}");
    let mut short = Bundle::whole();
    short.event(8)["hashes"] = json!([]);
    let (code, said) = short.verify(&[]);
    assert!(code == 5 && said.contains("hashes become complete by this event"), "{said}");
}

#[test]
fn a_bundle_that_is_larger_than_its_limits_is_refused() {
    let bundle = Bundle::whole();
    let bytes = bytes(&bundle);
    let read = |limits: BundleLimits| match BundleAudit::read(bytes.as_slice(), limits) {
        Ok(_) => None,
        Err(BundleError::Malformed(_, why)) => Some(why),
        Err(other) => panic!("{other}"),
    };
    assert_eq!(read(BUNDLE_LIMITS), None);
    let size = bytes.len() as u64;
    assert_eq!(read(BundleLimits { bytes: size, ..BUNDLE_LIMITS }), None);
    let cases = [
        (BundleLimits { bytes: size - 1, ..BUNDLE_LIMITS }, "the bundle has more than"),
        (BundleLimits { events: 10, ..BUNDLE_LIMITS }, "a size from 1 to 10"),
        (BundleLimits { runbooks: 0, ..BUNDLE_LIMITS }, "more than 0 runbooks"),
        (BundleLimits { line_bytes: 100, ..BUNDLE_LIMITS }, "it has more than 100 bytes"),
    ];
    for (limits, expected) in cases {
        let why = read(limits).unwrap();
        assert!(why.contains(expected), "{why}");
    }
    let mut gaps = Bundle::whole();
    gaps.lines.drain(gaps.at(10)..gaps.at(20));
    gaps.recount();
    let few = BundleLimits { missing: 9, ..BUNDLE_LIMITS };
    match BundleAudit::read(std::fs::read(gaps.file()).unwrap().as_slice(), few) {
        Err(BundleError::Malformed(_, why)) => {
            assert!(why.contains("10 events of the log"), "{why}")
        }
        _ => panic!("it was read"),
    }
    let incident = Bundle::incident();
    let limits = BundleLimits { events: 3, ..BUNDLE_LIMITS };
    let file = std::fs::read(incident.file()).unwrap();
    match BundleAudit::read(file.as_slice(), limits) {
        Err(BundleError::Malformed(_, why)) => assert!(why.contains("more than 3 events"), "{why}"),
        _ => panic!("it was read"),
    }
}

#[test]
fn a_file_that_is_not_there_is_no_damage() {
    let bundle = Bundle::incident();
    let (code, said) = verify(&bundle.target(), &[]);
    assert!(code == 1 && said.contains("No such file"), "{said}");
}

#[test]
fn what_is_quoted_of_a_bundle_is_short_and_writes_nothing_on_a_terminal() {
    let bundle = Bundle::whole();
    for word in ["\u{1b}[2Jcleared".to_owned(), "\u{202e}turned".into(), "long".repeat(10_000)] {
        let line = format!("{}\n", json!({ word: {} }));
        let (code, said) = verify(&bundle.file_of(line.as_bytes()), &[]);
        assert!(code == 5 && said.len() < 500, "{said}");
        assert!(!said.contains('\u{1b}') && !said.contains('\u{202e}'), "{said:?}");
    }
}
