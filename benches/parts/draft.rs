//! Drafting the post-mortem of an incident, from ten events to ten thousand.

use super::scratch::Scratch;
use super::service::Service;
use super::table::Table;
use super::{median, ms};
use std::time::Instant;

/// How many events the incidents have.
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// How often each is drafted.
const ROUNDS: usize = 9;

/// How many events are appended to a new incident before the notes: its announcement, and its
/// commander.
const BEGUN: usize = 2;

/// What a draft costs for each event, beside an incident of a tenth of its size: 1 is a line.
pub fn measure(table: &mut Table) {
    let scratch = Scratch::new("draft");
    let service = Service::start(scratch.path());
    let mut smaller: Option<(usize, f64)> = None;
    for events in SIZES {
        let path = service.announce();
        service.append_notes(&path, events - BEGUN);
        for format in ["json", "html"] {
            eprintln!("draft: {format} of {events} events");
            let took = drafted(&service, &format!("{path}/postmortem?format={format}"));
            let what = format!("post-mortem as {format}, {events} events");
            match smaller.filter(|_| format == "json") {
                Some((fewer, before)) => table.compare(
                    format!("{what}; for each, beside {fewer} events"),
                    format!("{took:.2} ms"),
                    format!("{before:.2} ms"),
                    took / events as f64 / (before / fewer as f64),
                ),
                None => table.tell(what, format!("{took:.2} ms")),
            }
            if format == "json" {
                smaller = Some((events, took));
            }
        }
    }
    service.stop();
}

fn drafted(service: &Service, address: &str) -> f64 {
    median((0..ROUNDS).map(|_| {
        let begun = Instant::now();
        service.get(address);
        ms(begun.elapsed())
    }))
}
