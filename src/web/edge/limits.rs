//! How much of anything one client may take, and why so much.

use std::time::Duration;

pub use crate::web::request::BODY_MAX;

/// Connections at once. Half of the 1,024 files that a process may open where nobody raised it; a
/// newcomer gets the place of whoever does least (see `places`).
pub const CONNECTIONS_MAX: usize = 512;

/// Connections of one principal that are theirs until they end; more are served as well, and give
/// way to newcomers.
pub const CONNECTIONS_OF_ONE: usize = CONNECTIONS_MAX / 4;

/// Open streams of one principal: a page for every incident of a bad day, or a wall of screens. Half
/// of the places are left to others when eight of them do their worst.
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
