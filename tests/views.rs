//! What views promise: the same bytes from the same events, nothing hidden, nothing invented, and
//! users' words that stay words.

mod telling;

use allclear::incident::id::{Position, Version};
use allclear::incident::words::State;
use allclear::incident::{Event, EventType};
use allclear::log::Names;
use allclear::views::figures::{FigureName, Value as Length};
use allclear::views::postmortem::SectionName;
use allclear::views::timeline::MarkWord;
use allclear::views::{EventOut, Figure, Figures, Order, People, Postmortem, Timeline};
use allclear::views::{escape, sentence::sentence};
use serde_json::{Value, json};
use telling::Telling;

const NOON: &str = "2026-11-24T12:00:00Z";

/// An incident of checkout, announced at noon.
fn checkout() -> Telling {
    let mut telling = Telling::new(NOON);
    telling.tell(json!({ "type": "announced", "data": {
        "service": "checkout", "reason": "5xx after 2.4.1", "running": "2.4.1" } }));
    telling
}

/// An incident that is entered afterwards, announced at noon of the day before.
fn afterwards() -> Telling {
    let mut telling = Telling::new(NOON);
    telling.tell(json!({ "type": "announced", "occurred": "2026-11-23T12:00:00Z", "data": {
        "service": "checkout", "reason": "5xx after 2.4.1", "retrospective": true } }));
    telling
}

fn note(text: &str, occurred: Value) -> Value {
    json!({ "type": "note_added", "occurred": occurred, "data": { "text": text } })
}

fn timeline(telling: &Telling) -> Timeline {
    Timeline::new(&telling.story(), Order::Occurred)
}

fn versions(telling: &Telling, order: Order) -> Vec<u64> {
    let timeline = Timeline::new(&telling.story(), order);
    timeline.entries.iter().map(|entry| entry.version.0).collect()
}

fn figure(telling: &Telling, name: FigureName) -> Figure {
    Figures::new(&telling.story()).get(name).expect("every figure is there").clone()
}

fn minutes(from: i64, to: i64) -> Length {
    Length::Known { min_us: from * 60_000_000, max_us: to * 60_000_000 }
}

fn marks(telling: &Telling, version: u64) -> Vec<MarkWord> {
    let timeline = timeline(telling);
    let entry = timeline
        .entries
        .iter()
        .find(|entry| entry.version.0 == version)
        .expect("every event has an entry");
    entry.marks.iter().map(|mark| mark.mark).collect()
}

/// A rollback from the announcement to the end of the impact.
fn rolled_back() -> Telling {
    let mut telling = checkout();
    for claim in [
        json!({ "type": "role_assigned", "data": { "role": "commander", "to": "u_ana" } }),
        json!({ "type": "detected", "occurred": "2026-11-24T11:50:00Z", "data": {
            "source": "customer", "impact": { "level": "full", "since": "2026-11-24T11:45:00Z" } } }),
        json!({ "type": "response_decided", "data": {
            "situations": ["service_down"], "chosen": "rollback" } }),
        json!({ "type": "remedy_started", "data": {
            "kind": "rollback", "components": [{ "name": "checkout", "to": "2.4.0" }] } }),
        json!({ "type": "remedy_finished", "data": {
            "remedy": "R1", "observed": [{ "name": "checkout", "version": "2.4.0" }] } }),
        json!({ "type": "effect_observed", "data": { "remedy": "R1", "effect": "effective" } }),
    ] {
        telling.now.0 += 60_000_000;
        telling.tell(claim);
    }
    telling
}

#[test]
fn the_same_events_give_the_same_bytes() {
    let tell = || {
        let story = rolled_back().story();
        [
            serde_json::to_string(&EventOut::all(&story)).unwrap(),
            serde_json::to_string(&Timeline::new(&story, Order::Occurred)).unwrap(),
            Timeline::new(&story, Order::Recorded).markdown(),
            Timeline::new(&story, Order::Occurred).text(),
            serde_json::to_string(&Figures::new(&story)).unwrap(),
            Figures::new(&story).markdown(),
            Figures::new(&story).text(),
            serde_json::to_string(&Postmortem::new(&story)).unwrap(),
            Postmortem::new(&story).markdown(),
        ]
    };
    assert_eq!(tell(), tell());
}

#[test]
fn an_event_comes_out_as_designed() {
    let mut telling = checkout();
    telling.tell(json!({ "type": "resolved", "actor": "a customer", "as_written": "at noon",
        "override": { "reason": "it is well" }, "data": { "summary": "x" } }));
    let out = serde_json::to_value(EventOut::all(&telling.story())).unwrap();
    let keys: Vec<&String> = out[1].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "position",
            "incident",
            "ref",
            "version",
            "type",
            "recorded_at",
            "occurred",
            "as_written",
            "by",
            "actor",
            "to",
            "batch",
            "overrides",
            "override_reason",
            "deviations",
            "data",
            "redacted",
        ]
    );
    assert_eq!(out[1]["ref"], "INC-42");
    assert_eq!(out[1]["by"], json!({ "id": "u_ana", "name": "Ana" }));
    assert_eq!(out[1]["actor"], json!({ "name": "a customer" }));
    assert_eq!(out[1]["overrides"][0], "unverified");
    assert_eq!(out[1]["occurred"], Value::Null);
}

#[test]
fn the_data_of_an_event_are_the_bytes_as_stored() {
    let story = checkout().story();
    let stored = story.events[0].data.as_ref().unwrap().data.clone();
    let out = serde_json::to_string(&EventOut::all(&story)).unwrap();
    assert!(out.contains(&format!("\"data\":{stored}")), "{out}");
}

#[test]
fn an_act_of_the_service_comes_out_without_a_story() {
    let logged = telling::act();
    let out = EventOut::new(&logged, &Names::default(), Position(1));
    let out = serde_json::to_value(out).unwrap();
    assert_eq!((&out["ref"], &out["to"]), (&json!("SYS"), &Value::Null));
    assert_eq!(out["data"], json!({ "principal": "u_ana", "name": "Ana" }));
}

#[test]
fn people_are_called_what_they_were_called_at_the_last_event() {
    let mut telling = checkout();
    telling.name("u_ana", "Ana Maria");
    assert_eq!(timeline(&telling).entries[0].by.name, "Ana");
    telling.tell(note("later", json!("2026-11-24T12:00:00Z")));
    assert_eq!(timeline(&telling).entries[0].by.name, "Ana Maria");
}

#[test]
fn what_happened_at_one_instant_stands_in_the_order_of_recording() {
    let mut telling = afterwards();
    for text in ["second", "third"] {
        telling.tell(note(text, json!("2026-11-23T12:00:00Z")));
    }
    telling.tell(note("first", json!("2026-11-23T13:59:59+02:00")));
    assert_eq!(versions(&telling, Order::Occurred), [4, 1, 2, 3]);
    assert_eq!(versions(&telling, Order::Recorded), [1, 2, 3, 4]);
}

#[test]
fn an_unknown_time_stands_behind_all_that_was_recorded_before_it() {
    let mut telling = afterwards();
    telling.tell(note("at two", json!("2026-11-23T14:00:00Z")));
    telling.tell(note("at one", json!("2026-11-23T13:00:00Z")));
    telling.tell(note("who knows when", json!("unknown")));
    telling.tell(note("at three", json!("2026-11-23T15:00:00Z")));
    assert_eq!(versions(&telling, Order::Occurred), [1, 3, 2, 4, 5]);
    assert_eq!(marks(&telling, 4), [MarkWord::UnknownTime]);
    assert!(
        timeline(&telling).entries.iter().all(|entry| entry.version.0 != 4 || entry.t.is_none())
    );
}

#[test]
fn t_counts_from_the_announcement_in_both_directions() {
    let mut telling = checkout();
    telling.tell(note("before", json!("2026-11-24T11:55:00Z")));
    telling.now.0 += 300_000_000;
    telling.tell(json!({ "type": "note_added", "data": { "text": "after" } }));
    let t: Vec<_> = timeline(&telling).entries.into_iter().map(|entry| entry.t.unwrap()).collect();
    assert_eq!(t, ["T−5 min", "T+0 s", "T+5 min"]);
}

#[test]
fn five_minutes_are_not_late_and_more_are() {
    let mut telling = checkout();
    telling.tell(note("just in time", json!("2026-11-24T11:55:00Z")));
    telling.tell(note("late", json!("2026-11-24T11:54:59Z")));
    assert_eq!(marks(&telling, 2), []);
    assert_eq!(marks(&telling, 3), [MarkWord::Late]);
}

#[test]
fn a_story_told_afterwards_is_not_late() {
    let mut telling = afterwards();
    telling.tell(note("a day ago", json!("2026-11-23T12:00:00Z")));
    assert_eq!(marks(&telling, 2), []);
    assert!(timeline(&telling).markdown().contains("Entered afterwards"));
}

#[test]
fn a_window_and_an_approximate_time_say_so() {
    let mut telling = checkout();
    let window = json!({ "from": "2026-11-24T11:57:00Z", "till": "2026-11-24T11:59:00Z" });
    telling.tell(note("in between", window));
    telling
        .tell(note("about", json!({ "at": "2026-11-24T11:58:00Z", "precision": "approximate" })));
    assert_eq!(marks(&telling, 2), [MarkWord::Window]);
    assert_eq!(marks(&telling, 3), [MarkWord::Approximate]);
    assert!(timeline(&telling).text().contains("about 2026-11-24 11:58:00 UTC"));
}

#[test]
fn a_correction_shows_both_versions() {
    let mut telling = checkout();
    telling.tell(note("disk full", json!("2026-11-24T11:58:00Z")));
    telling.tell(json!({ "type": "corrected", "data": { "version": 2,
        "occurred": "2026-11-24T11:57:00Z", "fields": { "text": "inodes exhausted" },
        "reason": "read the graph again" } }));
    assert_eq!(marks(&telling, 2), [MarkWord::Corrected]);
    for shown in [timeline(&telling).markdown(), Postmortem::new(&telling.story()).markdown()] {
        for words in
            ["inodes exhausted", "11:57:00", "disk full", "11:58:00", "read the graph again"]
        {
            assert!(shown.contains(words), "{words} is missing in {shown}");
        }
    }
}

#[test]
fn what_was_withdrawn_is_struck_through_and_counts_for_nothing() {
    let mut telling = rolled_back();
    telling.tell(json!({ "type": "corrected", "data": {
        "version": 3, "withdrawn": true, "reason": "another incident" } }));
    assert_eq!(marks(&telling, 3), [MarkWord::Late, MarkWord::Withdrawn]);
    let line = timeline(&telling).markdown();
    assert!(line.contains("~~Noticed by a customer"), "{line}");
    let detect = figure(&telling, FigureName::Detect);
    assert!(matches!(detect.value, Length::Unknown { .. }), "{detect:?}");
    let draft = Postmortem::new(&telling.story());
    assert!(draft.section(SectionName::Detection).unwrap().is_empty());
}

#[test]
fn erased_words_leave_an_event_that_says_so() {
    let mut telling = checkout();
    telling.tell(note("the password is hunter2", json!("2026-11-24T11:58:00Z")));
    telling.tell(json!({ "type": "redacted", "data": { "version": 2, "reason": "a secret" } }));
    telling.erase(Version(2));
    assert_eq!(marks(&telling, 2), [MarkWord::Redacted]);
    let story = telling.story();
    let out = serde_json::to_value(EventOut::all(&story)).unwrap();
    assert_eq!((&out[1]["data"], &out[1]["redacted"]), (&Value::Null, &json!(true)));
    let shown = timeline(&telling).text();
    assert!(shown.contains("words erased by #3: a secret"), "{shown}");
    assert!(!Postmortem::new(&story).markdown().contains("hunter2"));
}

#[test]
fn an_erased_announcement_leaves_every_view_readable() {
    let mut telling = checkout();
    telling.erase(Version(1));
    let story = telling.story();
    assert!(Postmortem::new(&story).markdown().contains("title not recorded"));
    assert!(Figures::new(&story).text().contains("the words of the announcement were erased"));
}

#[test]
fn an_override_shows_its_codes_and_its_reason() {
    let mut telling = checkout();
    telling.tell(json!({ "type": "resolved", "override": { "reason": "the power is back" } }));
    telling.tell(json!({ "type": "note_added", "data": { "text": "an afterthought" } }));
    assert_eq!(marks(&telling, 2), [MarkWord::Overridden]);
    assert_eq!(marks(&telling, 3), [MarkWord::AfterResolution]);
    let shown = timeline(&telling).text();
    assert!(shown.contains("overridden: unverified"), "{shown}");
    assert!(shown.contains("the power is back"), "{shown}");
    let draft = Postmortem::new(&telling.story()).markdown();
    assert!(draft.contains("Overridden at resolved: unverified"), "{draft}");
}

#[test]
fn the_figures_of_a_rollback_follow_from_its_events() {
    let telling = rolled_back();
    let expected = [
        (FigureName::Detect, 5),
        (FigureName::Declare, 10),
        (FigureName::Acknowledge, 11),
        (FigureName::Decide, 3),
        (FigureName::Execute, 1),
        (FigureName::ExecuteRemedy, 1),
        (FigureName::RollBack, 1),
    ];
    for (name, took) in expected {
        assert_eq!(figure(&telling, name).value, minutes(took, took), "{name:?}");
    }
}

#[test]
fn without_an_end_of_impact_the_first_effective_remedy_stands_for_it() {
    let restore = figure(&rolled_back(), FigureName::Restore);
    assert_eq!(restore.value, minutes(21, 21));
    assert!(restore.remarks[0].contains("the first effective remedy stands"), "{restore:?}");
    assert_eq!(restore.events.iter().map(|it| it.0).collect::<Vec<_>>(), [3, 7]);
    for name in [FigureName::Impact, FigureName::Stable, FigureName::Resolve] {
        assert!(matches!(figure(&rolled_back(), name).value, Length::Unknown { .. }), "{name:?}");
    }
}

#[test]
fn a_window_gives_a_range() {
    let mut telling = afterwards();
    telling.tell(json!({ "type": "impact_changed",
        "occurred": { "from": "2026-11-23T11:00:00Z", "till": "2026-11-23T11:15:00Z" },
        "data": { "level": "full" } }));
    telling.tell(json!({ "type": "impact_changed", "occurred": "2026-11-23T11:59:00Z",
        "data": { "level": "none" } }));
    let restore = figure(&telling, FigureName::Restore);
    assert_eq!(restore.value, minutes(44, 59));
    let written = serde_json::to_value(&restore).unwrap();
    assert_eq!(written["minutes"], json!({ "from": 44, "to": 59 }));
    assert_eq!(figure(&telling, FigureName::Impact).value, minutes(44, 59));
}

#[test]
fn a_window_with_one_end_makes_the_figure_unknown() {
    let mut telling = afterwards();
    telling.tell(json!({ "type": "impact_changed", "occurred": { "till": "2026-11-23T11:15:00Z" },
        "data": { "level": "full" } }));
    telling.tell(json!({ "type": "impact_changed", "occurred": "2026-11-23T11:59:00Z",
        "data": { "level": "none" } }));
    let Length::Unknown { reason } = figure(&telling, FigureName::Restore).value else { panic!() };
    assert_eq!(reason, "nobody recorded an earliest time for what #2 states");
}

#[test]
fn an_approximate_end_makes_the_figure_approximate() {
    let mut telling = afterwards();
    let about = json!({ "at": "2026-11-23T11:00:00Z", "precision": "approximate" });
    telling
        .tell(json!({ "type": "impact_changed", "occurred": about, "data": { "level": "full" } }));
    let minute = json!({ "at": "2026-11-23T11:04:00Z", "precision": "minute" });
    telling.tell(json!({ "type": "detected", "occurred": minute, "data": { "source": "staff" } }));
    let detect = figure(&telling, FigureName::Detect);
    assert_eq!(detect.value, minutes(4, 4));
    assert_eq!(detect.sentence(), "Detect: 4 min; to the minute; approximate.");
}

#[test]
fn a_negative_figure_is_shown_and_remarked() {
    let mut telling = afterwards();
    telling.tell(json!({ "type": "impact_changed", "occurred": "2026-11-23T11:10:00Z",
        "data": { "level": "full" } }));
    telling.tell(json!({ "type": "detected", "occurred": "2026-11-23T11:00:00Z",
        "data": { "source": "staff" } }));
    let detect = figure(&telling, FigureName::Detect);
    assert_eq!(detect.value, minutes(-10, -10));
    assert!(detect.sentence().contains("−10 min; negative"), "{}", detect.sentence());
}

#[test]
fn overlapping_impact_counts_once_and_gaps_not_at_all() {
    let mut telling = afterwards();
    for (at, level, scope) in [
        ("10:00", "full", "eu"),
        ("10:05", "full", "us"),
        ("10:10", "none", "eu"),
        ("10:20", "none", "us"),
        ("11:00", "partial", "eu"),
        ("11:05", "none", "eu"),
    ] {
        telling.tell(json!({ "type": "impact_changed", "occurred": format!("2026-11-23T{at}:00Z"),
            "data": { "level": level, "scope": scope } }));
    }
    assert_eq!(figure(&telling, FigureName::Impact).value, minutes(25, 25));
    assert_eq!(figure(&telling, FigureName::Restore).value, minutes(10, 10));
    assert_eq!(figure(&telling, FigureName::Stable).value, minutes(65, 65));
}

#[test]
fn every_statement_cites_an_event_but_for_what_nobody_recorded() {
    let draft = Postmortem::new(&rolled_back().story());
    for section in draft.sections.iter().filter(|it| it.name != SectionName::Questions) {
        for statement in &section.statements {
            assert!(!statement.cites.is_empty(), "{statement:?}");
        }
        for row in section.table.iter().flat_map(|table| &table.rows) {
            assert!(!row.cites.is_empty(), "{row:?}");
        }
    }
}

#[test]
fn the_decision_record_says_what_was_recommended_and_by_which_row() {
    let draft = Postmortem::new(&rolled_back().story()).markdown();
    assert!(draft.contains("The runbook recommended: rollback, by row 1 of its table. [#4]"));
    assert!(draft.contains("Chosen: rollback. [#4]"));
}

#[test]
fn human_words_stand_first_and_the_last_ones_stand() {
    let mut telling = checkout();
    for markdown in ["old words", "## Not a heading\n\n```\nan open fence\n[#1]: javascript:x"] {
        telling.tell(json!({ "type": "section_written", "data": {
            "section": "summary", "markdown": markdown } }));
    }
    let draft = Postmortem::new(&telling.story()).markdown();
    assert!(!draft.contains("old words"));
    let expected = "## Summary\n\n> ## Not a heading\n> \n> ```\n> an open fence\n> [#1]\\: javascript:x\n\nWritten by Ana. [#3]\n\n- checkout: 5xx after 2.4.1 [#1]\n";
    assert!(draft.contains(expected), "{draft}");
}

#[test]
fn hostile_words_stay_words_in_markdown() {
    let mut telling = checkout();
    let hostile = "<script>alert(1)</script> | a [x](javascript:alert(1))\n# heading\n- ![i](http://x.y) www.x.y a@b.c";
    telling.tell(note(hostile, json!("2026-11-24T11:58:00Z")));
    let story = telling.story();
    for shown in [timeline(&telling).markdown(), Postmortem::new(&story).markdown()] {
        let rows_of_ours = |line: &&str| !line.starts_with("| ") && !line.starts_with("|---");
        let prose: Vec<&str> = shown.lines().filter(rows_of_ours).collect();
        let bare = without_escapes(&prose.join("\n"));
        for markup in ["<", "|", "](", "\n# heading", "\n- !", "://", "www.", "@"] {
            assert!(!bare.contains(markup), "{markup} is bare in {shown}");
        }
        assert!(shown.contains(r"\<script\>alert(1)\</script\> \| a \[x\](javascript:alert(1))"));
    }
}

/// Markdown without the characters that a backslash makes harmless.
fn without_escapes(markdown: &str) -> String {
    let mut characters = markdown.chars();
    let mut bare = String::new();
    while let Some(character) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            character => bare.push(character),
        }
    }
    bare
}

#[test]
fn what_begins_a_line_begins_no_block() {
    for (words, escaped) in [
        ("# a", r"\# a"),
        ("- a", r"\- a"),
        ("+ a", r"\+ a"),
        ("12. a", r"12\. a"),
        ("1) a", r"1\) a"),
        ("> a", r"\> a"),
        ("a - b # c 1. d", "a - b # c 1. d"),
        ("~~a~~ &lt; `b` *c* _d_", r"\~\~a\~\~ \&lt; \`b\` \*c\* \_d\_"),
    ] {
        assert_eq!(escape::markdown(words), escaped);
    }
}

#[test]
fn a_terminal_gets_no_control_characters() {
    let hostile = "a\u{1b}[2J\u{9b}31m\u{7}b\u{202e}c\u{2066}d\u{200f}\r\n\te\u{7f}\u{85}f";
    assert_eq!(escape::terminal(hostile), "a[2J31mbcd e f");
    let mut telling = checkout();
    telling.tell(note(hostile, json!("2026-11-24T11:58:00Z")));
    let shown = timeline(&telling).text();
    assert!(shown.chars().all(|it| it == '\n' || !it.is_control()), "{shown:?}");
}

#[test]
fn a_type_of_a_later_release_is_told_raw() {
    let mut telling = checkout();
    telling.tell(note("x", json!("2026-11-24T11:58:00Z")));
    telling.retype(Version(2), "note_added", "tea_served");
    let story = telling.story();
    assert_eq!(EventOut::all(&story)[1].r#type, "tea_served");
    let shown = timeline(&telling).text();
    assert!(shown.contains(r#"this release does not know: {"text":"x"}"#), "{shown}");
}

#[test]
fn a_reminder_is_told_as_the_services_own() {
    let mut telling = checkout();
    let data = r#"{"slot":"assessment","since":1}"#;
    let event = Event::stored(EventType::ReminderSent, data).unwrap();
    telling.record_ours(event, State::Announced);
    let entry = &timeline(&telling).entries[1];
    assert_eq!(entry.by.name, "allclear");
    assert_eq!(entry.what, "Fell due: assessment, counted from #1.");
}

#[test]
fn every_type_of_event_has_a_sentence() {
    let names = Names::default();
    for kind in EventType::ALL {
        let data = least(*kind).to_string();
        let event = Event::stored(*kind, &data).unwrap_or_else(|why| panic!("{kind}: {why}"));
        let said = sentence(&event, &People::new(&names, Position(1)));
        assert!(said.chars().next().unwrap().is_uppercase() || said.starts_with('#'), "{said}");
        assert!(said.len() > 8, "{kind}: {said}");
        assert!(!said.contains(";;") && !said.contains("None") && !said.contains('_'), "{said}");
        println!("{kind}: {said}");
    }
}

/// The least that an event of each type says.
fn least(kind: EventType) -> Value {
    match kind {
        EventType::Announced => json!({ "service": "s", "reason": "r" }),
        EventType::Detected => json!({ "source": "staff" }),
        EventType::ImpactChanged => json!({ "level": "full" }),
        EventType::SeverityChanged => json!({ "to": "SEV1" }),
        EventType::RoleAssigned => json!({ "role": "scribe", "to": "Bo" }),
        EventType::RoleReleased => json!({ "role": "scribe", "from": "Bo" }),
        EventType::ResponseDecided => json!({ "situations": [], "chosen": "flag_off" }),
        EventType::StableVersionIdentified => {
            json!({ "components": [{ "name": "a", "version": "1" }] })
        }
        EventType::SchemaChecked => json!({ "migration": "m" }),
        EventType::RemedyPlanned => json!({ "remedy": "R1", "kind": "config_revert", "what": "w" }),
        EventType::RemedyStarted => json!({ "remedy": "R1" }),
        EventType::RemedyFinished => json!({ "remedy": "R1" }),
        EventType::RemedyFailed | EventType::RemedyAbandoned | EventType::RemedyUndone => {
            json!({ "remedy": "R1", "reason": "r" })
        }
        EventType::EffectObserved => json!({ "remedy": "R1", "effect": "none" }),
        EventType::CommandRecorded => json!({ "command": "c", "exit_code": 0,
            "started_at": NOON, "duration_ms": 1, "output": "", "output_sha256": "0".repeat(64) }),
        EventType::ChangeObserved => json!({ "what": "w" }),
        EventType::VerificationStarted | EventType::ChecksPassed | EventType::Resolved => json!({}),
        EventType::CheckRecorded => json!({ "check": "health", "ok": true }),
        EventType::VerificationFailed | EventType::Reopened | EventType::PostmortemWaived => {
            json!({ "reason": "r" })
        }
        EventType::UpdatePosted => json!({ "purposes": ["other"], "channel": "c" }),
        EventType::Escalated => json!({ "to": "Bo", "reason": "r" }),
        EventType::Cancelled => json!({ "why": "nothing_to_do" }),
        EventType::NoteAdded => json!({ "text": "Some words" }),
        EventType::EvidenceAttached => json!({ "title": "t" }),
        EventType::CauseRecorded => json!({ "part": "root", "standing": "confirmed", "text": "t" }),
        EventType::AlertAttached | EventType::AlertDetached => json!({
            "source": "s", "fingerprint": "f", "status": "firing", "labels": {} }),
        EventType::Linked | EventType::Unlinked => {
            json!({ "relation": "caused_by", "incident": "INC-1" })
        }
        EventType::Corrected => json!({ "version": 1, "withdrawn": true, "reason": "r" }),
        EventType::Redacted => json!({ "version": 1, "reason": "r" }),
        EventType::ChecklistMarked => {
            json!({ "item": "capture_logs", "outcome": "not_applicable" })
        }
        EventType::LessonRecorded => json!({ "kind": "went_well", "text": "t" }),
        EventType::FollowUpAdded => json!({ "follow_up": "F1", "title": "t" }),
        EventType::FollowUpChanged => json!({ "follow_up": "F1", "status": "in_progress" }),
        EventType::SectionWritten => json!({ "section": "root_cause", "markdown": "m" }),
        EventType::PostmortemScheduled => json!({ "at": NOON }),
        EventType::PostmortemPublished => json!({ "sha256": "0".repeat(64) }),
        EventType::ReminderSent => json!({ "slot": "final", "since": 1 }),
    }
}
