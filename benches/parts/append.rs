//! Durable appends over HTTP, with everything on: token, rules, receipt, hash, one fsync a turn.

use super::bare::Bare;
use super::load::{self, Load, Next};
use super::scratch::Scratch;
use super::service::{CLAIM, Service};
use super::table::Table;
use super::{median, ms};
use allclear::engine::Sealing;
use allclear::log::SigningSeed;
use hyper::StatusCode;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How many clients append at once.
const CLIENTS: [usize; 4] = [1, 16, 64, 256];

/// How many of them are measured with and without the proof.
const SEALED: usize = 64;

/// How often each side has its turn.
const ROUNDS: usize = 7;

/// How long a turn is.
const SPAN: Duration = Duration::from_millis(1_500);

/// How often the log is sealed: ten times as often as by default, so that every turn pays for it.
const SEAL_EVERY: Duration = Duration::from_secs(1);

/// Appends beside a bare route that makes the same bytes durable, and beside each half of that.
pub fn measure(table: &mut Table) {
    let (scratch, outside) = (Scratch::new("append"), Scratch::new("append-checkpoints"));
    let service = Service::start_with(scratch.path(), Some(sealing(outside.path())));
    let answer = service.append_as(&service.announce(), CLAIM);
    let bare = Bare::start(service.last_row(), &answer);
    for clients in CLIENTS {
        Turns::of(&service, &bare, clients).told(table, clients);
    }
    service.stop();
    bare.stop();
    compare_sealing(table);
}

fn sealing(outside: &Path) -> Sealing {
    let key = Arc::new(SigningSeed::new(&[7; 32]));
    let tell = |said: &str| panic!("{said}");
    Sealing { key, directory: outside.to_owned(), every: SEAL_EVERY, tell }
}

/// Appends with the proof going behind them, in turns with appends without.
fn compare_sealing(table: &mut Table) {
    let clients = SEALED;
    let logs = ["sealed", "sealed-checkpoints", "unsealed"].map(Scratch::new);
    let [sealed, outside, unsealed] = logs.each_ref().map(Scratch::path);
    let sealed = Service::start_with(sealed, Some(sealing(outside)));
    let unsealed = Service::start(unsealed);
    let turn = |service: &Service| {
        let next = service.appends(clients);
        load::run(service.address, clients, SPAN, StatusCode::CREATED, &next)
    };
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        eprintln!("append: with and without sealing, round {round} of {ROUNDS}");
        ours.push(turn(&sealed));
        others.push(turn(&unsealed));
    }
    sealed.stop();
    unsealed.stop();
    let ratio = median(ours.iter().zip(&others).map(|(ours, other)| ours.rate / other.rate));
    let rate = |loads: &[Load]| format!("{:.0}/s", median(loads.iter().map(|load| load.rate)));
    let what = format!("durable appends, {clients} clients, sealed, beside unsealed");
    table.compare(what, rate(&ours), rate(&others), ratio);
    let work = |loads: &[Load]| median(loads.iter().map(|load| load.work_us));
    let (mine, other) = (work(&ours), work(&others));
    let what = "  work for each, the clients' included";
    table.compare(what, format!("{mine:.0} µs"), format!("{other:.0} µs"), mine / other);
}

/// Everybody in turns, so that what else the machine does falls on all alike.
#[derive(Default)]
struct Turns {
    ours: Vec<Load>,
    /// Ours, answered with the minimum.
    tools: Vec<Load>,
    /// The bare route that commits.
    bares: Vec<Load>,
    /// The route that parses and answers.
    parses: Vec<Load>,
    /// Rows a second, committed with nobody asking.
    commits: Vec<f64>,
    /// How many events one commit of ours had.
    at_once: Vec<f64>,
}

impl Turns {
    fn of(service: &Service, bare: &Bare, clients: usize) -> Turns {
        let load = |to, next: &Next| load::run(to, clients, SPAN, StatusCode::CREATED, next);
        let mut turns = Turns::default();
        for round in 1..=ROUNDS {
            eprintln!("append: {clients} clients, round {round} of {ROUNDS}");
            let next = service.appends(clients);
            let before = service.counts();
            turns.ours.push(load(service.address, &next));
            let after = service.counts();
            let at_once = (after.events - before.events) as f64
                / (after.commits - before.commits).max(1) as f64;
            turns.at_once.push(at_once);
            turns.tools.push(load(service.address, &service.appends_of_tools(clients)));
            turns.bares.push(load(bare.address, &bare.appends()));
            turns.parses.push(load(bare.address, &bare.parses()));
            turns.commits.push(bare.commits(at_once.round().max(1.0) as usize, SPAN / 3));
        }
        turns
    }

    fn told(&self, table: &mut Table, clients: usize) {
        let rates = |loads: &[Load]| loads.iter().map(|load| load.rate).collect::<Vec<_>>();
        let (ours, bares) = (rates(&self.ours), rates(&self.bares));
        let per_second = |rates: &[f64]| format!("{:.0}/s", median(rates.iter().copied()));
        let mut beside = |what: &str, ours: &[f64], others: &[f64]| {
            let ratio = median(ours.iter().zip(others).map(|(ours, other)| ours / other));
            table.compare(what, per_second(ours), per_second(others), ratio);
        };
        let what = format!("durable appends, {clients} clients, beside a bare route");
        beside(&what, &ours, &bares);
        beside("  answered with the minimum, beside the same", &rates(&self.tools), &bares);
        beside("  beside parsing and answering alone", &ours, &rates(&self.parses));
        beside("  beside as many rows a commit, nobody asking", &ours, &self.commits);
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let latency =
                |loads: &[Load]| median(loads.iter().map(|load| ms(load.quantile(share))));
            let (mine, bare) = (latency(&self.ours), latency(&self.bares));
            let what = format!("  latency {name}, beside the bare route");
            table.compare(what, format!("{mine:.2} ms"), format!("{bare:.2} ms"), mine / bare);
        }
        let work = |loads: &[Load]| median(loads.iter().map(|load| load.work_us));
        let (mine, bare) = (work(&self.ours), work(&self.bares));
        let what = "  work for each, the clients' included, beside the bare route";
        table.compare(what, format!("{mine:.0} µs"), format!("{bare:.0} µs"), mine / bare);
        let tools = work(&self.tools);
        let what = "  the same, answered with the minimum";
        table.compare(what, format!("{tools:.0} µs"), format!("{bare:.0} µs"), tools / bare);
        table.tell("  events per commit", format!("{:.1}", median(self.at_once.iter().copied())));
    }
}
