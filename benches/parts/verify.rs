//! `verify`, beside bare SHA-256 over the same bytes; and what memory it takes for a longer log.

use super::fill::scattered;
use super::median;
use super::process::mib;
use super::scratch::Scratch;
use super::service::{Service, open};
use super::table::Table;
use allclear::engine::audit::{Auditor, Outcome};
use allclear::incident::id::{IncidentId, Number, Position, PrincipalId, Version};
use allclear::ledger::{BoardFilter, Ledger, Reader, SqliteAudit, SqliteLedger};
use allclear::log::tree::{self, Frontier};
use allclear::log::{Batch, BoardRow, Entry, Receipt, Row, Salt, Seal};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use uuid::Uuid;

/// One of the real incidents, as requests.
const SCRIPT: &str = include_str!("../../src/cli/demo/migration-failed.json");

/// How many times over the log has it, for the rate and for the memory.
const COPIES: [u64; 2] = [400, 4_000];

/// How often each side has its turn.
const ROUNDS: usize = 5;

/// How many events one turn of the ledger takes.
const EVENTS_AT_ONCE: usize = 5_000;

/// How the incidents of a log lie.
#[derive(Clone, Copy)]
enum Layout {
    /// One behind the other.
    Together,
    /// The first events of all, then the second ones of all, and so on: none is at hand any more
    /// when it goes on.
    Apart,
    /// One behind the other, each event recorded under a key.
    Keyed,
}

/// A real incident many times over: how many events of it a core checks in a second.
pub fn measure(table: &mut Table) {
    let told = Told::new();
    let logs = COPIES.map(|copies| {
        let scratch = Scratch::new(&format!("verify-{copies}"));
        eprintln!("verify: a log of {} events", copies * told.rows.len() as u64);
        told.store(scratch.path(), copies, Layout::Together);
        (copies, scratch)
    });
    let apart = Scratch::new("verify-apart");
    told.store(apart.path(), COPIES[1], Layout::Apart);
    let keyed = Scratch::new("verify-keyed");
    told.store(keyed.path(), COPIES[1], Layout::Keyed);
    let (copies, longest) = &logs[1];
    let events = (copies * told.rows.len() as u64) as f64;
    let [mut ours, mut aparts, mut keyeds, mut bares] = [const { Vec::new() }; 4];
    let clean = |data: &Path| timed(|| assert_eq!(verify(data), Outcome::Clean));
    for round in 1..=ROUNDS {
        eprintln!("verify: round {round} of {ROUNDS}");
        ours.push(clean(longest.path()));
        aparts.push(clean(apart.path()));
        keyeds.push(clean(keyed.path()));
        bares.push(timed(|| told.hash(*copies)));
    }
    let [ours, aparts, keyeds, bare] = [ours, aparts, keyeds, bares].map(median);
    let rate = |seconds: f64| format!("{:.0}/s", events / seconds);
    let what = format!("verify, {events} events, beside bare SHA-256 of the same bytes");
    table.compare(what, rate(ours), rate(bare), bare / ours);
    let what = "  every incident scattered over the log, beside one behind the other";
    table.compare(what, rate(aparts), rate(ours), ours / aparts);
    let what = "  every event with a receipt, beside none";
    table.compare(what, rate(keyeds), rate(ours), ours / keyeds);
    let [small, large] = [0, 1].map(|index| peak_mib(logs[index].1.path()));
    let what = format!("  memory at most, beside a log of a tenth of {events} events");
    table.compare(what, format!("{large:.1} MiB"), format!("{small:.1} MiB"), large / small);
}

/// How long this thread was on a processor meanwhile, in seconds: others may want it too.
fn timed(work: impl FnOnce()) -> f64 {
    let on_processor = || {
        let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        said.split(' ').next().and_then(|it| it.parse().ok()).unwrap_or(f64::NAN) / 1e9
    };
    let before = on_processor();
    work();
    on_processor() - before
}

fn verify(data: &Path) -> Outcome {
    let mut audit = SqliteAudit::open(data).expect("it is whole");
    let found = &mut |_: &_| {};
    let walked = &mut |_| {};
    Auditor { audit: &mut audit, key: None, given: Vec::new(), found, walked }.run().outcome()
}

/// The most memory that the program itself held while it verified, in MiB.
fn peak_mib(data: &Path) -> f64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_allclear"))
        .args(["verify", "--data"])
        .arg(data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut peak_mib = f64::NAN;
    while child.try_wait().expect("it is a child of this process").is_none() {
        peak_mib = mib(child.id(), "VmHWM:").unwrap_or(peak_mib);
        std::thread::sleep(Duration::from_millis(1));
    }
    peak_mib
}

/// An incident as the service stored it.
struct Told {
    rows: Vec<Row>,
    board: BoardRow,
    runbook: (String, String),
}

impl Told {
    fn new() -> Told {
        let scratch = Scratch::new("verify-told");
        let service = Service::start(scratch.path());
        let script: Value = serde_json::from_str(SCRIPT).expect("it is JSON");
        let path = service.announce_as(&script["announce"].to_string());
        for batch in script["events"].as_array().expect("batches") {
            service.append_as(&path, &batch.to_string());
        }
        service.stop();
        let mut reader = SqliteLedger::open_offline(scratch.path()).expect("it was closed");
        let mut board = reader.board(&BoardFilter::default(), None, 1).expect("it reads");
        let board = board.pop().expect("it was announced");
        let all = (Version(0), Version(u64::MAX));
        let rows = reader.incident(board.incident, all.0, all.1, 1_000).expect("it reads");
        let book = Entry::from_line(&rows[0].entry).expect("ours").book.expect("pinned");
        let text = reader.runbook(&book).expect("it reads").expect("it is kept");
        Told { rows, board, runbook: (book, text) }
    }

    /// An event of the same incident under another number, at that position.
    fn row(&self, number: u64, index: usize, position: u64) -> Row {
        let row = &self.rows[index];
        let mut entry = Entry::from_line(&row.entry).expect("ours");
        (entry.inc, entry.no, entry.pos) = (id(number), Some(Number(number)), Position(position));
        entry.batch = Uuid::from_u64_pair(7, position);
        Row { position: entry.pos, incident: entry.inc, entry: entry.to_line(), ..row.clone() }
    }

    fn board(&self, number: u64) -> BoardRow {
        BoardRow { incident: id(number), number: Number(number), ..self.board.clone() }
    }

    /// A log of so many copies, sealed to its end.
    fn store(&self, data: &Path, copies: u64, layout: Layout) {
        let mut ledger = open(data);
        let mut frontier = Frontier::default();
        let last = self.rows.len() - 1;
        let numbers = 1..=copies;
        let places: Vec<(u64, usize)> = match layout {
            Layout::Together | Layout::Keyed => {
                numbers.flat_map(|it| (0..=last).map(move |at| (it, at))).collect()
            }
            Layout::Apart => {
                (0..=last).flat_map(|at| numbers.clone().map(move |it| (it, at))).collect()
            }
        };
        for (some, first) in places.chunks(EVENTS_AT_ONCE).zip((1..).step_by(EVENTS_AT_ONCE)) {
            let rows: Vec<Row> = some
                .iter()
                .zip(first..)
                .map(|((it, at), position)| self.row(*it, *at, position))
                .collect();
            let is_keyed = matches!(layout, Layout::Keyed);
            let receipts = rows.iter().filter(|_| is_keyed).map(receipt).collect();
            let ended = some.iter().filter(|(_, at)| *at == last);
            let place = tree::hashes_of(frontier.size());
            let leaves = rows.iter().map(|row| tree::leaf(row.entry.as_bytes()));
            let hashes = leaves.flat_map(|leaf| frontier.push(leaf)).collect();
            let batch = Batch {
                board: ended.map(|(it, _)| self.board(*it)).collect(),
                rows,
                receipts,
                runbooks: vec![self.runbook.clone()],
                seals: vec![Seal::Hashes(place, hashes)],
                incidents: copies,
                ..Batch::default()
            };
            let mut turn = ledger.begin().expect("nobody else has it");
            turn.write(&batch).expect("the disk takes it");
            turn.commit().expect("the disk takes it");
        }
        Box::new(ledger).close().expect("nobody reads");
    }

    fn hash(&self, copies: u64) {
        let mut hash = Sha256::new();
        for _ in 0..copies {
            for row in &self.rows {
                hash.update(&row.entry);
                hash.update(row.salt.map_or([0; 32], |salt: Salt| salt.0));
                hash.update(row.data.as_deref().unwrap_or_default());
            }
        }
        std::hint::black_box(hash.finalize());
    }
}

/// The receipt of a request that recorded this event alone.
fn receipt(row: &Row) -> Receipt {
    Receipt {
        position: row.position,
        principal: PrincipalId("u_0123456789ab".into()),
        key: format!("{:016x}", scattered(row.position.0)),
        incident: row.incident,
        first: row.version,
        last: row.version,
        fingerprint: Some([7; 32]),
    }
}

fn id(number: u64) -> IncidentId {
    IncidentId(Uuid::from_u64_pair(number, number))
}
