//! The scanner of entries passes nothing that serde would read otherwise, whatever was done to a
//! line, and passes all that we write.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use allclear::incident::code::Code;
use allclear::incident::id::{IncidentId, Number, Position, PrincipalId, TokenId, Version};
use allclear::incident::time::{Claimed, Instant, Moment, Precision};
use allclear::incident::words::State;
use allclear::log::{Entry, Glance, Header, Logged, Said};
use proptest::prelude::*;
use uuid::Uuid;

/// What strict JSON makes of a line.
fn strict(line: &str) -> Option<Entry> {
    serde_json::from_str(line).ok()
}

fn agree(line: &str) {
    assert_eq!(Entry::from_line(line).ok(), strict(line), "{line}");
    let glance = serde_json::from_str::<Glance<'_>>(line).ok();
    assert_eq!(Glance::at(line.as_bytes()).ok(), glance, "{line}");
    let Some(header) = Header::scan(line) else { return };
    assert!(glance.is_some(), "{line}");
    if let Some(entry) = header.entry() {
        assert_eq!(Some(entry), strict(line), "{line}");
    }
}

fn ids() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("u_7f3k9q2m".to_owned()),
        Just("s_allclear".to_owned()),
        "\\PC{0,9}",
        "[ -~]{0,9}"
    ]
}

fn claims() -> impl Strategy<Value = Option<Claimed>> {
    let instant = || {
        prop_oneof![
            Just("2021-05-29T16:37:00-06:00"),
            Just("2026-11-24T03:12:00.25+00:00"),
            Just("0000-01-01T00:00:00+00:00"),
        ]
        .prop_map(|text| Instant::parse(text).unwrap())
    };
    let precision = proptest::sample::select(Precision::ALL);
    let optional = move || proptest::option::of(instant());
    prop_oneof![
        Just(None),
        Just(Some(Claimed::Unknown)),
        (instant(), precision).prop_map(|(at, precision)| Some(Claimed::At(at, precision))),
        (optional(), optional()).prop_map(|(from, till)| Some(Claimed::Within(from, till))),
    ]
}

prop_compose! {
    fn entries()(
        numbers in (any::<u64>(), any::<i64>(), proptest::option::of(any::<u64>()), 1_u64..300),
        small in (0_u32..3, 1_u32..3, 0_u32..3),
        ids in (any::<u128>(), any::<u128>()),
        kind in prop_oneof![Just("note_added".to_owned()), "[a-z_]{0,12}", "\\PC{0,4}"],
        to in proptest::option::of(proptest::sample::select(State::ALL)),
        book in proptest::option::of("[0-9a-f]{64}"),
        people in (ids(), proptest::option::of(ids()), proptest::option::of(ids())),
        occ in claims(),
        cause in proptest::option::of(any::<u64>()),
        over in proptest::collection::vec(proptest::sample::select(Code::ALL), 0..3),
        dev in proptest::collection::vec(proptest::sample::select(Code::ALL), 0..3),
        data in "[0-9a-f]{64}",
    ) -> Entry {
        Entry {
            v: small.0,
            pos: Position(numbers.0),
            at: Moment(numbers.1),
            inc: IncidentId(Uuid::from_u128(ids.0)),
            no: numbers.2.map(Number),
            ver: Version(numbers.3),
            r#type: kind,
            sch: small.1,
            to,
            rules: small.2,
            book,
            by: PrincipalId(people.0),
            r#for: people.1.map(PrincipalId),
            tok: people.2.map(TokenId),
            occ,
            batch: Uuid::from_u128(ids.1),
            cause: cause.map(Position),
            over,
            dev,
            data,
        }
    }
}

/// What is put in the place of a part of a line.
const PARTS: &[&str] = &[
    "",
    " ",
    "\t",
    "\"",
    "\\",
    "\\u0041",
    "\\n",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "null",
    "true",
    "0",
    "-0",
    "-",
    "00",
    "1.0",
    "1e3",
    "18446744073709551616",
    "9223372036854775808",
    "99999999999",
    "\u{0}",
    "\u{1f}",
    "\u{7f}",
    "é",
    "\"unknown\"",
    "{\"at\":\"2021-05-29T16:37:00-06:00\"}",
    "{\"at\":1}",
    "{}",
    "{\"from\":null}",
    "{\"unknown\":null}",
    "\"pos\":1,",
    ",\"x\":1",
    "[\"watch_too_short\",]",
    "019ab3f000007000800000000000000a",
];

prop_compose! {
    /// A cut: where it begins, how long it is, and what is put there.
    fn cuts()(from in any::<prop::sample::Index>(), length in 0_usize..40, part in 0..PARTS.len())
        -> (prop::sample::Index, usize, &'static str) {
        (from, length, PARTS[part])
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_we_write_is_read_as_it_was(entry in entries()) {
        let line = entry.to_line();
        prop_assert_eq!(Entry::from_line(&line).unwrap(), entry);
        agree(&line);
    }

    #[test]
    fn a_line_that_somebody_changed_is_read_as_strict_json_reads_it(
        entry in entries(),
        cuts in proptest::collection::vec(cuts(), 1..3),
    ) {
        let mut line = entry.to_line();
        for (from, length, part) in cuts {
            let from = from.index(line.len());
            let whole = |at: usize| (0..=at).rev().find(|at| line.is_char_boundary(*at)).unwrap();
            let (from, till) = (whole(from), whole((from + length).min(line.len())));
            line.replace_range(from..till.max(from), part);
        }
        agree(&line);
    }
}

/// Every event and act that ever was, as stored: entry and data.
fn golden() -> Vec<(String, String)> {
    let text = std::fs::read_to_string("tests/golden/bytes.txt").unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with('{')).collect();
    lines.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

/// A blank before it makes a line one that is not read in one go.
fn in_one_go_or_two(entry: &str, data: &str) {
    let read = |data: &str| Logged::of(Position(1), entry, Some(data)).ok();
    assert_eq!(read(data), read(&format!(" {data}")), "{data}");
    let event = read(data).filter(|logged| matches!(logged.said, Said::Event(_)));
    let recorded = Header::scan(entry).expect("golden").recorded(data);
    assert_eq!(recorded, event.and_then(Logged::into_recorded), "{data}");
}

#[test]
fn the_data_of_every_type_are_read_in_one_go_as_in_two() {
    let golden = golden();
    assert!(golden.len() > 50, "{}", golden.len());
    for (entry, data) in golden {
        in_one_go_or_two(&entry, &data);
        for (at, _) in data.char_indices() {
            for part in ["", "}", "{", "\"", ",", " ", "null,", ",\"data\":{}", ",\"actor\":\"x\""]
            {
                let mut changed = data.clone();
                changed.insert_str(at, part);
                in_one_go_or_two(&entry, &changed);
            }
            in_one_go_or_two(&entry, &data[..at]);
        }
    }
}

/// One with everything in it that we write every day.
fn plain() -> String {
    r#"{"v":1,"pos":42,"at":1795400000123456,"inc":"019ab3f0-0000-7000-8000-00000000000a","no":42,"ver":3,"type":"resolved","sch":1,"to":"resolved","rules":1,"book":null,"by":"u_7f3k9q2m","for":null,"tok":"k_5c1w8r0d","occ":{"at":"2021-05-29T16:37:00-06:00","precision":"minute"},"batch":"019ab3f0-0000-7000-8000-00000000000b","cause":null,"over":["watch_too_short","signal_missing"],"dev":[],"data":"00"}"#.to_owned()
}

#[test]
fn what_we_write_is_passed_and_every_byte_that_is_changed_is_read_as_strict_json_reads_it() {
    let line = plain();
    let header = Header::scan(&line).expect("it is as we write it");
    assert_eq!(header.entry(), strict(&line));
    assert!(strict(&line).is_some());
    for at in 0..line.len() {
        let mut shorter = line.clone();
        shorter.remove(at);
        agree(&shorter);
        for byte in 0_u8..128 {
            let mut changed = line.clone().into_bytes();
            changed[at] = byte;
            agree(std::str::from_utf8(&changed).unwrap());
        }
    }
}

#[test]
fn members_that_are_swapped_doubled_or_left_out_are_read_as_strict_json_reads_them() {
    let line = plain();
    let members: Vec<&str> = line[1..line.len() - 1].split(",\"").collect();
    let again = |members: &[&str]| format!("{{{}}}", members.join(",\""));
    assert_eq!(again(&members), line);
    for at in 0..members.len() {
        let without: Vec<&str> =
            members.iter().enumerate().filter(|it| it.0 != at).map(|it| *it.1).collect();
        agree(&again(&without));
        for other in 1..members.len() {
            let mut swapped = members.clone();
            swapped.swap(at, other);
            agree(&again(&swapped));
            let mut doubled = members.clone();
            doubled.insert(other, members[at]);
            agree(&again(&doubled));
        }
    }
}
