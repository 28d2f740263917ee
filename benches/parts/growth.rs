//! What an append costs when the log is long, each size in turns with the smallest.

use super::fill::fill;
use super::load::{self, Load};
use super::scratch::Scratch;
use super::service::Service;
use super::table::Table;
use super::{median, ms};
use hyper::StatusCode;
use std::time::{Duration, Instant};

/// How many events the logs have.
const SIZES: [u64; 3] = [1_000, 100_000, 1_000_000];

/// Leaves out the logs that are longer than this.
const LONGEST: &str = "ALLCLEAR_BENCH_LOG_MAX";

/// How many clients append at once.
const CLIENTS: usize = 16;

/// How often each log has its turn.
const ROUNDS: usize = 5;

/// How long a turn is.
const SPAN: Duration = Duration::from_millis(1_000);

/// A log of some size, served.
struct Grown {
    events: u64,
    start_ms: f64,
    service: Service,
    alone: Vec<Load>,
    together: Vec<Load>,
    _scratch: Scratch,
}

/// A lone client's latency and the work for an append of sixteen, by the size of the log.
pub fn measure(table: &mut Table) {
    let longest = std::env::var(LONGEST).ok().and_then(|it| it.parse().ok()).unwrap_or(u64::MAX);
    let mut logs: Vec<Grown> =
        SIZES.into_iter().filter(|events| *events <= longest).map(Grown::new).collect();
    for round in 1..=ROUNDS {
        eprintln!("growth: round {round} of {ROUNDS}");
        logs.iter_mut().for_each(Grown::append);
    }
    let small = logs.first().map(Grown::figures).unwrap_or_default();
    for log in &logs {
        let names = ["append, one client, p50", "  p99", "append, 16 clients, work", "start"];
        let units = ["ms", "ms", "µs", "ms"];
        for (index, (mine, small)) in log.figures().into_iter().zip(small).enumerate() {
            let (name, unit) = (names[index], units[index]);
            let what = format!("{name}; {} events in the log, beside {}", log.events, SIZES[0]);
            let figure = |figure: f64| format!("{figure:.2} {unit}");
            table.compare(what, figure(mine), figure(small), mine / small);
        }
    }
    logs.into_iter().for_each(|log| log.service.stop());
}

impl Grown {
    fn new(events: u64) -> Grown {
        let scratch = Scratch::new(&format!("growth-{events}"));
        fill(scratch.path(), events);
        let begun = Instant::now();
        let service = Service::start(scratch.path());
        let start_ms = ms(begun.elapsed());
        let (alone, together) = (Vec::new(), Vec::new());
        Grown { events, start_ms, service, alone, together, _scratch: scratch }
    }

    fn append(&mut self) {
        let to = self.service.address;
        let next = self.service.appends(CLIENTS);
        self.alone.push(load::run(to, 1, SPAN, StatusCode::CREATED, &next));
        self.together.push(load::run(to, CLIENTS, SPAN, StatusCode::CREATED, &next));
    }

    fn figures(&self) -> [f64; 4] {
        let latency = |share| median(self.alone.iter().map(|load| ms(load.quantile(share))));
        let work = median(self.together.iter().map(|load| load.work_us));
        [latency(0.5), latency(0.99), work, self.start_ms]
    }
}
