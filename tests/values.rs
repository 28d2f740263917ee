//! What values are taken and how they are written: JSON, numbers, instants, claimed times.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use allclear::incident::field::{Faults, Field, Pointer};
use allclear::incident::json;
use allclear::incident::text::{Number, Percent};
use allclear::incident::time::{Claimed, Instant, Moment, Precision, spoken};
use serde_json::{Value, json};
use support::{claim, minute};

fn read<T: Field>(given: Value) -> Option<T> {
    let mut faults = Faults::default();
    let read = T::read(given, &Pointer::Root, &mut faults);
    faults.or(read).ok()
}

fn written<T: Field + serde::Serialize>(given: Value) -> Option<String> {
    read::<T>(given).map(|value| serde_json::to_string(&value).unwrap())
}

#[test]
fn a_key_that_is_given_twice_is_refused() {
    assert!(json::parse(br#"{"a":1,"b":{"a":1}}"#).is_ok());
    let wrong = json::parse(br#"{"a":1,"\u0061":2}"#).unwrap_err();
    assert!(wrong.to_string().contains("twice"), "{wrong}");
}

#[test]
fn a_nul_a_deep_nest_or_something_after_the_end_is_refused() {
    assert!(json::parse(br#"["a\u0000"]"#).is_err());
    assert!(json::parse(br#"{"a\u0000":1}"#).is_err());
    assert!(json::parse(b"1 2").is_err());
    let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(json::parse(nest(json::DEPTH_MAX).as_bytes()).is_ok());
    assert!(json::parse(nest(json::DEPTH_MAX + 1).as_bytes()).is_err());
    assert!(json::parse(nest(100_000).as_bytes()).is_err());
}

#[test]
fn whole_numbers_are_written_as_integers_and_others_as_the_shortest_float() {
    let number = |text: &str| written::<Number>(json::parse(text.as_bytes()).unwrap());
    assert_eq!(number("1.0").as_deref(), Some("1"));
    assert_eq!(number("-0.0").as_deref(), Some("0"));
    assert_eq!(number("-0").as_deref(), Some("0"));
    assert_eq!(number("1e3").as_deref(), Some("1000"));
    assert_eq!(number("0.1").as_deref(), Some("0.1"));
    assert_eq!(number("2.50").as_deref(), Some("2.5"));
    assert_eq!(number("9007199254740992").as_deref(), Some("9007199254740992"));
    assert_eq!(number("-9007199254740992").as_deref(), Some("-9007199254740992"));
}

#[test]
fn a_number_that_json_readers_would_round_is_refused() {
    let number = |text: &str| written::<Number>(json::parse(text.as_bytes()).unwrap());
    for beyond in ["9007199254740993", "1e21", "-1e21", "18446744073709551615", "1e300"] {
        assert_eq!(number(beyond), None, "{beyond}");
    }
    assert!(json::parse(b"1e999").is_err());
    assert_eq!(read::<i64>(json!(i64::MIN)), None);
    assert_eq!(read::<i64>(json!(1.5)), None);
    assert_eq!(written::<Percent>(json!(-0.0)).as_deref(), Some("0"));
    assert_eq!(written::<Percent>(json!(100.5)), None);
}

#[test]
fn an_instant_keeps_its_offset_and_trims_its_fraction() {
    let instant = |text: &str| Instant::parse(text).map(|instant| instant.to_string());
    let same = [
        ("2021-05-29T16:37:00-06:00", "2021-05-29T16:37:00-06:00"),
        ("2021-05-29T16:37:00Z", "2021-05-29T16:37:00+00:00"),
        ("2021-05-29T16:37:00-00:00", "2021-05-29T16:37:00+00:00"),
        ("2021-05-29t16:37:00.500z", "2021-05-29T16:37:00.5+00:00"),
        ("2021-05-29T16:37:00.000000Z", "2021-05-29T16:37:00+00:00"),
        ("2021-05-29T16:37:00.1234567Z", "2021-05-29T16:37:00.123456+00:00"),
        ("2021-05-29T16:37:00.0000009Z", "2021-05-29T16:37:00+00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:60+00:00"),
        ("2016-12-31T23:59:60.25Z", "2016-12-31T23:59:60.25+00:00"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59-23:59"),
    ];
    for (given, stored) in same {
        assert_eq!(instant(given).as_deref(), Some(stored), "{given}");
        assert_eq!(instant(stored).as_deref(), Some(stored), "{stored}");
    }
    for wrong in ["2021-05-29", "2021-13-01T00:00:00Z", "10000-01-01T00:00:00Z", "now", ""] {
        assert_eq!(instant(wrong), None, "{wrong}");
    }
}

#[test]
fn every_instant_can_be_asked_whatever_its_precision() {
    for text in ["2016-12-31T23:59:60.9Z", "0000-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
    {
        for precision in Precision::ALL {
            let claimed = Claimed::At(Instant::parse(text).unwrap(), *precision);
            assert!(claimed.earliest() <= claimed.latest());
            assert!(claimed.is_ahead_of(Moment(i64::MIN)));
            assert!(!claimed.is_ahead_of(Moment(i64::MAX)));
        }
    }
    assert!(!Moment(i64::MIN).to_string().is_empty() && !Moment(i64::MAX).to_string().is_empty());
}

#[test]
fn a_precision_spreads_over_its_unit_in_the_local_offset() {
    let spread = |precision| {
        let at = Instant::parse("2026-11-24T03:12:34.5+05:30").unwrap();
        let claimed = Claimed::At(at, precision);
        let edge = |moment: Option<Moment>| moment.unwrap().to_string();
        (edge(claimed.earliest()), edge(claimed.latest()))
    };
    let both = |first: &str, last: &str| (first.to_owned(), last.to_owned());
    let exact = "2026-11-23T21:42:34.5+00:00";
    assert_eq!(spread(Precision::Second), both(exact, exact));
    assert_eq!(spread(Precision::Approximate), both(exact, exact));
    let minute = both("2026-11-23T21:42:00+00:00", "2026-11-23T21:42:59.999999+00:00");
    assert_eq!(spread(Precision::Minute), minute);
    let hour = both("2026-11-23T21:30:00+00:00", "2026-11-23T22:29:59.999999+00:00");
    assert_eq!(spread(Precision::Hour), hour);
    let day = both("2026-11-23T18:30:00+00:00", "2026-11-24T18:29:59.999999+00:00");
    assert_eq!(spread(Precision::Day), day);
}

#[test]
fn a_claimed_time_is_an_instant_a_window_or_unknown_and_nothing_between() {
    let at = "2026-11-24T03:00:00+00:00";
    assert!(read::<Claimed>(json!({ "at": at, "precision": "day" })).is_some());
    assert!(read::<Claimed>(json!({ "from": at, "till": at })).is_some());
    for wrong in [
        json!({}),
        json!({ "precision": "day" }),
        json!({ "at": at, "from": at }),
        json!({ "from": at, "precision": "day" }),
        json!({ "at": null }),
        json!({ "at": at, "when": at }),
        json!("yesterday"),
        json!(5),
    ] {
        assert_eq!(read::<Claimed>(wrong.clone()), None, "{wrong}");
    }
    let exact = written::<Claimed>(json!({ "at": at, "precision": "second" }));
    assert_eq!(exact.unwrap(), format!("{{\"at\":\"{at}\"}}"));
}

#[test]
fn a_time_that_something_held_up_is_never_before_it() {
    let at = |minutes| Claimed::At(minute(minutes).instant(), Precision::Second);
    let within = |from: Option<i64>, till: Option<i64>| {
        Claimed::Within(from.map(|it| minute(it).instant()), till.map(|it| minute(it).instant()))
    };
    assert_eq!(at(3).not_before(at(5)), at(5));
    assert_eq!(at(5).not_before(at(3)), at(5));
    assert_eq!(at(3).not_before(Claimed::Unknown), at(3));
    assert_eq!(Claimed::Unknown.not_before(at(3)), Claimed::Unknown);
    assert_eq!(within(Some(1), Some(9)).not_before(at(5)), within(Some(5), Some(9)));
    assert_eq!(within(None, Some(9)).not_before(at(5)), within(Some(5), Some(9)));
    assert_eq!(within(Some(1), None).not_before(at(5)), within(Some(5), None));
    assert_eq!(within(Some(1), Some(4)).not_before(at(5)), at(5));
}

#[test]
fn every_fault_of_a_claim_is_told_at_once() {
    let given = json!({ "type": "announced", "colour": "red", "occurred": null,
        "data": { "service": "", "reason": 5, "title": null, "recommended": 1, "affected": "eu" } });
    let faults = claim(&given).unwrap_err().into_vec();
    let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    let expected = [
        "/occurred",
        "/colour",
        "/data/service",
        "/data/reason",
        "/data/title",
        "/data/affected",
        "/data/recommended",
    ];
    assert_eq!(pointers, expected);
}

#[test]
fn what_the_service_gives_is_given_by_no_client() {
    let decided = json!({ "type": "response_decided",
        "data": { "situations": [], "chosen": "rollback", "recommended": "rollback", "row": 1 } });
    assert_eq!(claim(&decided).unwrap_err().into_vec().len(), 2);
    let reminder = json!({ "type": "reminder_sent", "data": { "slot": "final", "since": 1 } });
    assert_eq!(claim(&reminder).unwrap_err().into_vec()[0].pointer, "/type");
}

#[test]
fn durations_are_spoken_as_people_say_them() {
    let second = 1_000_000;
    assert_eq!(spoken(45 * second), "45 s");
    assert_eq!(spoken(12 * 60 * second), "12 min");
    assert_eq!(spoken(12 * 60 * second + 5 * second), "12 min 05 s");
    assert_eq!(spoken(2 * 3_600 * second + 5 * 60 * second), "2 h 05 min");
    assert_eq!(spoken(76 * 3_600 * second), "3 d 04 h");
    assert_eq!(spoken(-90 * second), "−1 min 30 s");
}
