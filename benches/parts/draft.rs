//! Drafting the post-mortem of an incident, from ten events to ten thousand.

use super::scratch::Scratch;
use super::service::Service;
use super::table::Table;
use super::{median, ms};
use std::time::Instant;

/// How many events the incidents have.
const SIZES: [usize; 5] = [10, 100, 1_000, 5_000, 10_000];

/// How often each is drafted.
const ROUNDS: usize = 9;

/// How many events there are before those that are appended here: the announcement, and its
/// commander.
const BEGUN: usize = 2;

/// What happens first.
const DECIDED: &str =
    r#"{"type":"response_decided","data":{"situations":["service_down"],"chosen":"rollback"}}"#;

/// What happens after it, again and again: something of every section that grows, and a correction
/// of the event before.
const MIXED: [&str; 10] = [
    r#"{"type":"remedy_started","data":{"kind":"restart","what":"the pods","purpose":"diagnosis"}}"#,
    r#"{"type":"note_added","data":{"text":"Errors are at 40 % in the logs of the gateway."}}"#,
    r#"{"type":"corrected","data":{"version":BEFORE,"reason":"A typo.","fields":{"text":"At 50 %."}}}"#,
    r#"{"type":"check_recorded","data":{"check":"health","ok":false,"value":0.4,"threshold":1}}"#,
    r#"{"type":"change_observed","data":{"what":"A deploy of basket 7.1."}}"#,
    r#"{"type":"update_posted","data":{"purposes":["other"],"channel":"status page","text":"Still on it."}}"#,
    r#"{"type":"cause_recorded","data":{"part":"contributing","standing":"suspected","text":"A cold cache."}}"#,
    r#"{"type":"lesson_recorded","data":{"kind":"went_badly","text":"The dashboard was down too."}}"#,
    r#"{"type":"impact_changed","data":{"level":"partial","percent":40}}"#,
    r#"{"type":"follow_up_added","data":{"title":"Alert on a cold cache","owner":"ana"}}"#,
];

/// What a draft costs for each event, beside an incident of the size before: 1 is a line.
pub fn measure(table: &mut Table) {
    let scratch = Scratch::new("draft");
    let service = Service::start(scratch.path());
    let paths = SIZES.map(|events| (events, told(&service, events)));
    for format in ["json", "html"] {
        let mut smaller: Option<(usize, f64)> = None;
        for (events, path) in &paths {
            eprintln!("draft: {format} of {events} events");
            let took = drafted(&service, &format!("{path}/postmortem?format={format}"));
            let what = format!("post-mortem as {format}, {events} events");
            match smaller {
                Some((fewer, before)) => table.compare(
                    format!("{what}; for each, beside {fewer} events"),
                    format!("{took:.2} ms"),
                    format!("{before:.2} ms"),
                    took / *events as f64 / (before / fewer as f64),
                ),
                None => table.tell(what, format!("{took:.2} ms")),
            }
            smaller = Some((*events, took));
        }
    }
    service.stop();
}

/// An incident of that many events.
fn told(service: &Service, events: usize) -> String {
    let path = service.announce();
    let claims = std::iter::once(DECIDED).chain(MIXED.into_iter().cycle());
    let claims = claims.take(events - BEGUN).zip(BEGUN..);
    let claims: Vec<String> =
        claims.map(|(claim, before)| claim.replace("BEFORE", &before.to_string())).collect();
    service.append(&path, &claims.iter().map(String::as_str).collect::<Vec<_>>());
    path
}

fn drafted(service: &Service, address: &str) -> f64 {
    median((0..ROUNDS).map(|_| {
        let begun = Instant::now();
        service.get(address);
        ms(begun.elapsed())
    }))
}
