//! How fast it is, beside bare SHA-256 over the same bytes; run by hand with --release --ignored.

use crate::log::Log;
use crate::outside::Scratch;
use allclear::engine::audit::Auditor;
use allclear::incident::id::{Position, Version};
use allclear::ledger::{Ledger, Seeds, SqliteAudit, SqliteLedger};
use allclear::log::tree::{self, Frontier};
use allclear::log::{Batch, Data, Entry, Row, Salt, Seal};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How many incidents, of 26 events each; `RATE_INCIDENTS` says otherwise.
fn incidents() -> u64 {
    std::env::var("RATE_INCIDENTS").map_or(10_000, |number| number.parse().unwrap())
}

/// How long this thread was on a processor: others may want it too.
fn on_processor() -> f64 {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    said.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

#[test]
#[ignore = "it measures; run it by hand in a release build"]
fn how_many_events_a_second() {
    let log = Log::new();
    let scratch = Scratch::new();
    let rows = many(&log);
    let bytes: usize =
        rows.iter().map(|row| row.entry.len() + row.data.as_ref().map_or(0, String::len)).sum();
    let started = on_processor();
    let mut hash = Sha256::new();
    for row in &rows {
        hash.update(&row.entry);
        hash.update(row.data.as_deref().unwrap_or_default());
    }
    let bare = on_processor() - started;
    assert_ne!(hash.finalize()[..], [0; 32]);
    store(&scratch, &rows, &log);
    let events = rows.len() as f64;
    let mut audit = SqliteAudit::open(&scratch.data()).unwrap();
    let started = on_processor();
    let mut marks: Vec<(u64, f64)> = Vec::new();
    let mut findings = Vec::new();
    let auditor = Auditor {
        audit: &mut audit,
        key: None,
        given: Vec::new(),
        found: &mut |finding| findings.push(finding.clone()),
        walked: &mut |count| marks.push((count, on_processor() - started)),
    };
    let summary = auditor.run();
    let took = on_processor() - started;
    let (first, rest) = (marks[0].1, &marks[1..]);
    let half = rest[rest.len() / 2].1;
    println!(
        "storage {first:.2} s, by position {:.2} s, by incident {:.2} s",
        half - first,
        took - half
    );
    println!(
        "{events} events, {} MB: verify {:.0} events/s, bare SHA-256 {:.0} events/s; {:?}",
        bytes / 1_000_000,
        events / took,
        events / bare,
        summary.outcome()
    );
    println!("{:?}", &findings[..findings.len().min(3)]);
}

/// The second incident of the log, many times over.
fn many(log: &Log) -> Vec<Row> {
    let mut reader = SqliteLedger::open_offline(&log.data()).unwrap();
    use allclear::ledger::Reader;
    let id = reader.find("INC-2".parse().unwrap()).unwrap().unwrap();
    let story = reader.incident(id, Version(0), Version(u64::MAX), 1_000).unwrap();
    let mut rows = Vec::new();
    for number in 1..=incidents() {
        for row in &story {
            let mut entry = Entry::from_line(&row.entry).unwrap();
            entry.inc.0 =
                Uuid::from_u128(0x019a_b3f0_0000_7000_8000_0000_0000_0000 + u128::from(number));
            entry.no = Some(allclear::incident::id::Number(number));
            entry.pos = Position(rows.len() as u64 + 1);
            entry.batch = Uuid::from_u128(u128::from(entry.pos.0));
            let salt = Salt([7; 32]);
            let data = row.data.clone().unwrap();
            let _ = Data::from_line(&data).unwrap();
            entry.data = salt.commit(&data);
            rows.push(Row {
                position: entry.pos,
                incident: entry.inc,
                version: entry.ver,
                entry: entry.to_line(),
                salt: Some(salt),
                data: Some(data),
            });
        }
    }
    rows
}

fn store(scratch: &Scratch, rows: &[Row], log: &Log) {
    use allclear::ledger::{BoardFilter, Reader};
    let mut reader = SqliteLedger::open_offline(&log.data()).unwrap();
    let board = reader.board(&BoardFilter::default(), None, 10).unwrap();
    let second = board.into_iter().find(|row| row.number.0 == 2).unwrap();
    let book = Entry::from_line(&rows[0].entry).unwrap().book.unwrap();
    let text = reader.runbook(&book).unwrap().unwrap();
    let seeds = Seeds { origin: Uuid::from_u128(7), receipt_key: Salt([9; 32]) };
    let mut ledger = SqliteLedger::open(&scratch.data(), seeds).unwrap();
    let mut frontier = Frontier::default();
    for chunk in rows.chunks(5_000) {
        let first = tree::hashes_of(frontier.size());
        let hashes =
            chunk.iter().flat_map(|row| frontier.push(tree::leaf(row.entry.as_bytes()))).collect();
        let mut turn = ledger.begin().unwrap();
        let board = chunk.iter().filter(|row| row.version == Version(1)).map(|row| {
            let mut board = second.clone();
            board.incident = row.incident;
            board.number = Entry::from_line(&row.entry).unwrap().no.unwrap();
            board
        });
        turn.write(&Batch {
            rows: chunk.to_vec(),
            board: board.collect(),
            runbooks: vec![(book.clone(), text.clone())],
            seals: vec![Seal::Hashes(first, hashes)],
            incidents: incidents(),
            ..Batch::default()
        })
        .unwrap();
        turn.commit().unwrap();
    }
    Box::new(ledger).close().unwrap();
}
