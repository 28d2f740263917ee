//! Durable appends over HTTP, with everything on: token, rules, receipt, hash, one fsync a turn.

use super::bare::Bare;
use super::load::{self, Load};
use super::scratch::Scratch;
use super::service::Service;
use super::table::Table;
use super::{median, ms};
use allclear::engine::Sealing;
use allclear::log::SigningSeed;
use hyper::StatusCode;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How many clients append at once.
const CLIENTS: [usize; 2] = [16, 64];

/// How often each side has its turn.
const ROUNDS: usize = 7;

/// How long a turn is.
const SPAN: Duration = Duration::from_millis(1_500);

/// How often the log is sealed: ten times as often as by default, so that every turn pays for it.
const SEAL_EVERY: Duration = Duration::from_secs(1);

/// Appends beside a bare route that makes the same bytes durable.
pub fn measure(table: &mut Table) {
    let (scratch, outside, unsealed) = (
        Scratch::new("append"),
        Scratch::new("append-checkpoints"),
        Scratch::new("append-unsealed"),
    );
    let service = Service::start_with(scratch.path(), Some(sealing(outside.path())));
    load::run(service.address, 1, SPAN / 5, StatusCode::CREATED, &service.appends(1));
    let bare = Bare::start(service.last_row());
    for clients in CLIENTS {
        compare(table, &service, &bare, clients);
    }
    bare.stop();
    let unsealed = Service::start(unsealed.path());
    compare_sealing(table, &service, &unsealed);
    service.stop();
    unsealed.stop();
}

fn sealing(outside: &Path) -> Sealing {
    let key = Arc::new(SigningSeed::new(&[7; 32]));
    let tell = |said: &str| panic!("{said}");
    Sealing { key, directory: outside.to_owned(), every: SEAL_EVERY, tell }
}

/// Appends with the proof going behind them, in turns with appends without.
fn compare_sealing(table: &mut Table, sealed: &Service, unsealed: &Service) {
    let clients = CLIENTS[1];
    let turn = |service: &Service| {
        let next = service.appends(clients);
        load::run(service.address, clients, SPAN, StatusCode::CREATED, &next)
    };
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        eprintln!("append: with and without sealing, round {round} of {ROUNDS}");
        ours.push(turn(sealed));
        others.push(turn(unsealed));
    }
    let ratio = median(ours.iter().zip(&others).map(|(ours, other)| ours.rate / other.rate));
    let rate = |loads: &[Load]| format!("{:.0}/s", median(loads.iter().map(|load| load.rate)));
    let what = format!("durable appends, {clients} clients, sealed, beside unsealed");
    table.compare(what, rate(&ours), rate(&others), ratio);
    let work = |loads: &[Load]| median(loads.iter().map(|load| load.work_us));
    let (mine, other) = (work(&ours), work(&others));
    let what = "  work for each, the clients' included";
    table.compare(what, format!("{mine:.0} µs"), format!("{other:.0} µs"), mine / other);
}

/// Both in turns, so that what else the machine does falls on both alike.
fn compare(table: &mut Table, service: &Service, bare: &Bare, clients: usize) {
    let (mut ours, mut bares) = (Vec::new(), Vec::new());
    let (mut events, mut commits) = (0, 0);
    for round in 1..=ROUNDS {
        eprintln!("append: {clients} clients, round {round} of {ROUNDS}");
        let next = service.appends(clients);
        let before = service.counts();
        ours.push(load::run(service.address, clients, SPAN, StatusCode::CREATED, &next));
        let after = service.counts();
        events += after.events - before.events;
        commits += after.commits - before.commits;
        let next = bare.appends();
        bares.push(load::run(bare.address, clients, SPAN, StatusCode::CREATED, &next));
    }
    let rate = |loads: &[Load]| median(loads.iter().map(|load| load.rate));
    let ratio = median(ours.iter().zip(&bares).map(|(ours, bare)| ours.rate / bare.rate));
    let per_second = |rate: f64| format!("{rate:.0}/s");
    table.compare(
        format!("durable appends, {clients} clients, beside a bare route"),
        per_second(rate(&ours)),
        per_second(rate(&bares)),
        ratio,
    );
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let latency = |loads: &[Load]| median(loads.iter().map(|load| ms(load.quantile(share))));
        let (mine, bare) = (latency(&ours), latency(&bares));
        let what = format!("  latency {name}");
        table.compare(what, format!("{mine:.2} ms"), format!("{bare:.2} ms"), mine / bare);
    }
    let work = |loads: &[Load]| median(loads.iter().map(|load| load.work_us));
    let (mine, bare) = (work(&ours), work(&bares));
    let what = "  work for each, the clients' included";
    table.compare(what, format!("{mine:.0} µs"), format!("{bare:.0} µs"), mine / bare);
    table.tell("  events per commit", format!("{:.1}", events as f64 / commits as f64));
}
