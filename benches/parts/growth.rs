//! What a long log costs: starting on it, idling, a page of the board, an append. Each size in turns
//! with the smallest.
//!
//! Starts and memory are those of the program itself, in a process of its own, after a clean stop,
//! with the log in the page cache if it fits there. Pages and appends are asked of the service in
//! this process, where no client is held to a rate.

use super::fill::{EVENTS_EACH, fill};
use super::load::{self, Load};
use super::program::{Memory, Program};
use super::scratch::Scratch;
use super::service::Service;
use super::table::Table;
use super::{median, ms};
use hyper::StatusCode;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How many events the logs have.
const SIZES: [u64; 3] = [10_000, 1_000_000, 10_000_000];

/// Leaves out the logs that are longer than this.
const LONGEST: &str = "ALLCLEAR_BENCH_LOG_MAX";

/// How long the longest log is when nobody says.
const LONGEST_DEFAULT: u64 = 1_000_000;

/// How much room an event takes on the disk, with all that stands beside it and some to spare.
const EVENT_BYTES: u64 = 1_800;

/// How often the program is started on each log.
const STARTS: usize = 7;

/// The pages of the board that are asked for. Half of all incidents are of the first service, an
/// eighth of each other: enough for a page even in the shortest log.
const PAGES: [(&str, &str); 6] = [
    ("newest", "/v1/incidents"),
    ("open", "/v1/incidents?state=open"),
    ("closed", "/v1/incidents?state=closed"),
    ("of a service", "/v1/incidents?service=service-0"),
    ("open, of a service", "/v1/incidents?state=open&service=service-0"),
    ("closed, of another", "/v1/incidents?state=closed&service=service-3"),
];

/// How often each page is asked for.
const READS: usize = 101;

/// How many clients append at once.
const CLIENTS: usize = 16;

/// How often each log has its turn with appends.
const ROUNDS: usize = 20;

/// How long a turn is: short, so that what else the machine does falls on all alike.
const SPAN: Duration = Duration::from_millis(500);

/// A log of some size.
struct Grown {
    events: u64,
    data: PathBuf,
    _scratch: Scratch,
    starts: Vec<(Duration, Memory, Memory)>,
    pages: [Vec<f64>; PAGES.len()],
    alone: Vec<Load>,
    together: Vec<Load>,
}

/// Everything, by the size of the log.
pub fn measure(table: &mut Table) {
    let mut logs: Vec<Grown> = SIZES.into_iter().filter_map(Grown::new).collect();
    for round in 1..=STARTS {
        eprintln!("growth: start {round} of {STARTS}");
        logs.iter_mut().for_each(Grown::start);
    }
    let services: Vec<Service> = logs.iter().map(|log| Service::start(&log.data)).collect();
    eprintln!("growth: pages of the board");
    for _ in 0..READS {
        logs.iter_mut().zip(&services).for_each(|(log, service)| log.read(service));
    }
    for round in 1..=ROUNDS {
        eprintln!("growth: appends, round {round} of {ROUNDS}");
        logs.iter_mut().zip(&services).for_each(|(log, service)| log.append(service));
    }
    services.into_iter().for_each(Service::stop);
    tell(table, &logs);
}

fn tell(table: &mut Table, logs: &[Grown]) {
    let [small, longer @ ..] = logs else { return };
    for (index, (what, small_figure, unit)) in small.figures().into_iter().enumerate() {
        let figure = |figure: f64| format!("{figure:.2} {unit}");
        if longer.is_empty() {
            table.tell(format!("{what}; {} events", small.events), figure(small_figure));
        }
        for log in longer {
            let (_, mine, _) = log.figures().swap_remove(index);
            let what = format!("{what}; {} events, beside {}", log.events, small.events);
            table.compare(what, figure(mine), figure(small_figure), mine / small_figure);
        }
    }
}

impl Grown {
    /// A log of that size, when it is wanted and there is room for it.
    fn new(events: u64) -> Option<Grown> {
        let longest = std::env::var(LONGEST).ok().and_then(|it| it.parse().ok());
        if events > longest.unwrap_or(LONGEST_DEFAULT) {
            eprintln!("growth: {events} events are left out: {LONGEST}={events} takes them in");
            return None;
        }
        let scratch = Scratch::new(&format!("growth-{events}"));
        let needed = events * EVENT_BYTES;
        let free = free_bytes(scratch.path());
        if free < needed {
            eprintln!(
                "growth: {events} events are left out: they take {} MB of the temporary directory, \
                 where {} MB are free",
                needed / 1_000_000,
                free / 1_000_000
            );
            return None;
        }
        eprintln!("growth: {events} events of {} incidents are written", events / EVENTS_EACH);
        let data = scratch.path().join("data");
        fill(&data, events);
        let mut log = Grown {
            events,
            data,
            _scratch: scratch,
            starts: Vec::new(),
            pages: Default::default(),
            alone: Vec::new(),
            together: Vec::new(),
        };
        // The first start makes a key, a token and a checkpoint, which those that count find there.
        log.start();
        log.starts.clear();
        Some(log)
    }

    fn start(&mut self) {
        let program = Program::start(&self.data);
        let ready = program.memory();
        for (_, page) in PAGES {
            program.get(page);
        }
        self.starts.push((program.start, ready, program.memory()));
        program.stop();
    }

    fn read(&mut self, service: &Service) {
        for ((_, page), took) in PAGES.iter().zip(&mut self.pages) {
            let begun = Instant::now();
            service.get(page);
            took.push(ms(begun.elapsed()));
        }
    }

    fn append(&mut self, service: &Service) {
        let next = service.appends(CLIENTS);
        self.alone.push(load::run(service.address, 1, SPAN, StatusCode::CREATED, &next));
        self.together.push(load::run(service.address, CLIENTS, SPAN, StatusCode::CREATED, &next));
    }

    /// What was measured, in the order in which it is told.
    fn figures(&self) -> Vec<(String, f64, &'static str)> {
        let starts =
            |figure: fn(&(Duration, Memory, Memory)) -> f64| median(self.starts.iter().map(figure));
        let mut figures = vec![
            ("start to ready".to_owned(), starts(|it| ms(it.0)), "ms"),
            ("memory when ready".to_owned(), starts(|it| it.1.resident), "MiB"),
            ("  of it anonymous".to_owned(), starts(|it| it.1.anonymous), "MiB"),
            ("memory after some pages".to_owned(), starts(|it| it.2.resident), "MiB"),
            ("  of it anonymous".to_owned(), starts(|it| it.2.anonymous), "MiB"),
        ];
        for ((name, _), took) in PAGES.iter().zip(&self.pages) {
            figures.push((format!("board page, {name}"), median(took.iter().copied()), "ms"));
        }
        let alone = Load::pooled(&self.alone);
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let what = format!("append, one client, {name}");
            figures.push((what, ms(load::quantile(&alone, share)), "ms"));
        }
        let work = median(self.together.iter().map(|load| load.work_us));
        figures.push((format!("append, {CLIENTS} clients, work"), work, "µs"));
        figures
    }
}

/// How much room there is for a file in `directory`; without an answer there is enough.
fn free_bytes(directory: &Path) -> u64 {
    let told = Command::new("df").arg("-Pk").arg(directory).output();
    let told = told.map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default();
    let free = told.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    free.map_or(u64::MAX, |kib: u64| kib * 1_024)
}
