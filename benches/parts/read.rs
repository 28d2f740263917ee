//! Reading an incident of a thousand events, beside reading its rows and nothing more.

use super::scratch::Scratch;
use super::service::Service;
use super::table::Table;
use super::{median, ms};
use rusqlite::{Connection, OpenFlags, params};
use std::path::Path;
use std::time::Instant;

/// How many events the incident has, about: 31 at once, and one that announces it.
const EVENTS: usize = 1_000;

/// How often each is read.
const ROUNDS: usize = 51;

/// What is read of it.
const READS: [(&str, &str); 3] =
    [("the incident", ""), ("its timeline, as JSON", "/timeline"), ("its events", "/events")];

/// Each way of reading it over HTTP, in turns with a bare read of the same rows.
pub fn measure(table: &mut Table) {
    let scratch = Scratch::new("read");
    let service = Service::start(scratch.path());
    let path = service.announce();
    service.append_notes(&path, EVENTS - 2);
    let bare = open_bare(scratch.path());
    for (what, view) in READS {
        eprintln!("read: {what} of {EVENTS} events");
        let address = format!("{path}{view}");
        let (mut ours, mut bares) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            service.get(&address);
            ours.push(ms(begun.elapsed()));
            let begun = Instant::now();
            assert_eq!(read(&bare), EVENTS);
            bares.push(ms(begun.elapsed()));
        }
        let (ours, bare) = (median(ours), median(bares));
        let what = format!("{what} ({EVENTS} events), beside its rows in SQL");
        table.compare(what, format!("{ours:.2} ms"), format!("{bare:.2} ms"), ours / bare);
    }
    service.stop();
}

fn open_bare(data: &Path) -> Connection {
    let file = data.join("allclear.db");
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("it opens")
}

/// The rows of the newest incident, each taken out as it lies there.
fn read(connection: &Connection) -> usize {
    let mut query = connection
        .prepare_cached(
            "SELECT position, version, entry, salt, data FROM event
             WHERE incident = (SELECT id FROM incident ORDER BY number DESC LIMIT 1)
             ORDER BY version",
        )
        .expect("the schema is known");
    let row = |row: &rusqlite::Row<'_>| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, [u8; 32]>(3)?,
            row.get::<_, String>(4)?,
        ))
    };
    let rows: rusqlite::Result<Vec<_>> =
        query.query_map(params![], row).expect("it runs").collect();
    rows.expect("every row reads").len()
}
