//! A line of JSON for each request, for whoever collects them.
//!
//! Nothing that a client wrote is in a line but its method, which is a token of HTTP: no token, no
//! body, no address with its query. A reader that does not read loses lines, and holds nobody up.

use serde::Serialize;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Lines that wait to be written; more are lost, and counted.
const WAITING_MAX: usize = 1024;

/// How long the last lines are waited for at the end.
const END_TIME: Duration = Duration::from_secs(1);

/// What is said of a request.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    /// When it was answered (RFC 3339).
    pub at: String,
    /// Its method.
    pub method: &'a str,
    /// The pattern of its address; none when there is no such address.
    pub route: Option<&'a str>,
    /// The status of its answer.
    pub status: u16,
    /// From its head to the head of its answer.
    pub duration_ms: f64,
    /// Whose valid token came with it, by id.
    pub principal: Option<&'a str>,
    /// The id that its answer has too.
    pub request_id: &'a str,
}

/// Where lines go; by default nowhere.
#[derive(Debug, Default)]
pub struct Lines {
    writer: Option<Writer>,
    lost: AtomicU64,
}

#[derive(Debug)]
struct Writer {
    lines: SyncSender<String>,
    ended: Mutex<Receiver<()>>,
}

impl Lines {
    /// Lines to that place, on a thread of their own.
    pub fn to(mut out: impl Write + Send + 'static) -> Lines {
        let (lines, waiting) = sync_channel::<String>(WAITING_MAX);
        let (end, ended) = sync_channel(1);
        std::thread::spawn(move || {
            for line in waiting {
                // There is nowhere left to say that this failed.
                let _ = out.write_all(line.as_bytes());
            }
            let _ = end.send(());
        });
        Lines { writer: Some(Writer { lines, ended: Mutex::new(ended) }), lost: AtomicU64::new(0) }
    }

    /// Says a line, or loses it.
    pub fn say(&self, line: &Line<'_>) {
        let Some(writer) = &self.writer else { return };
        let text = serde_json::to_string(line).expect("a line is plain data");
        if writer.lines.try_send(text + "\n").is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether anybody listens.
    pub fn are_on(&self) -> bool {
        self.writer.is_some()
    }

    /// How many were lost.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if let Some(Writer { lines, ended }) = self.writer.take() {
            drop(lines);
            let ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
            let _ = ended.recv_timeout(END_TIME);
        }
    }
}
