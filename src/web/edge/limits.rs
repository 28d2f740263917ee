//! How much of anything one client may take, and why so much.

use std::time::Duration;

pub use crate::web::request::BODY_MAX;

/// The fewest connections at once, however few files the process may open: the log needs some
/// twenty of them, and a health check has to come through.
pub const CONNECTIONS_MIN: usize = 64;

/// The most connections at once, however many files it may open: what each costs together is to
/// stay far below the memory of a small machine.
pub const CONNECTIONS_MAX: usize = 4_096;

/// How many files a process may open where nobody raised it, and it is not to be found out.
pub const FILES_ASSUMED: usize = 1_024;

/// Connections at once of a process that may open so many files: half of them; the rest are for the
/// log, for what is written beside it, and for newcomers who are told that there is no place. A
/// newcomer gets the place of whoever does least (see `places`).
pub const fn connections(files: usize) -> usize {
    match files / 2 {
        few if few < CONNECTIONS_MIN => CONNECTIONS_MIN,
        many if many > CONNECTIONS_MAX => CONNECTIONS_MAX,
        half => half,
    }
}

/// Connections that the system keeps waiting until they are taken: after a restart every screen and
/// every stream comes back at once, and who finds no room here tries again a second later.
pub const BACKLOG: u32 = 1_024;

/// Which part of all connections is one principal's until they end; more of theirs are served as
/// well, and give way to newcomers.
pub const SHARE_OF_ONE: usize = 4;

/// Open streams of one principal: a page for every incident of a bad day, or a wall of screens.
/// Where a process may open 1,024 files, half of the places are left to others when eight of them
/// do their worst.
pub const STREAMS_MAX: usize = 32;

/// From the first byte of a request's head to its end; also for a TLS handshake. A head fits into
/// a few packets, so whoever takes longer is not trying to be served.
pub const HEAD_TIME: Duration = Duration::from_secs(5);

/// From the end of the head to the end of the body: 1 MiB at 70 KiB a second.
pub const BODY_TIME: Duration = Duration::from_secs(15);

/// Between two requests on one connection. Longer than a scrape or a poll is apart.
pub const IDLE_TIME: Duration = Duration::from_secs(60);

/// For how long a client may leave an answer lying, besides the time it takes at [`ANSWER_RATE`].
pub const ANSWER_TIME: Duration = Duration::from_secs(15);

/// The slowest reader that is waited for, in bytes a second: a modem is faster.
pub const ANSWER_RATE: u64 = 4 * 1024;

/// How much of an answer lies ready for a client that takes it slowly; what is behind that is not
/// made before.
pub const ANSWER_AHEAD: usize = 64 * 1024;

/// How long what a refused client still sends is read and thrown away, so that the answer reaches
/// it: closing at once would reset the connection under the answer.
pub const LINGER_TIME: Duration = Duration::from_secs(2);

/// A request's line and fields together, in bytes. A token, a key and a few more headers have
/// room in 2 KiB.
pub const HEAD_MAX: usize = 16 * 1024;

/// Fields in a head.
pub const FIELDS_MAX: usize = 64;

/// The target of a request, in bytes. The longest query is a filter of the board.
pub const TARGET_MAX: usize = 4 * 1024;
