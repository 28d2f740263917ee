//! Server-sent events, as a browser reads them.

use super::Connection;
use serde_json::Value;

/// One event of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub id: u64,
    pub event: String,
    pub data: Value,
}

/// An open stream.
pub struct Stream {
    connection: Connection,
    pub headers: Vec<(String, String)>,
    read: Vec<u8>,
}

impl Stream {
    /// Reads the head of the answer, which must be that of a stream.
    pub fn open(mut connection: Connection) -> Stream {
        let (status, headers) = connection.head().unwrap();
        assert_eq!(status, 200);
        assert!(headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("content-type") && value == "text/event-stream"
        }));
        Stream { connection, headers, read: Vec::new() }
    }

    /// Waits for the next event; none when the server has ended the stream in order.
    #[allow(
        clippy::should_implement_trait,
        reason = "it waits, and fails a test when it waits long"
    )]
    pub fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(end) = self.read.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.read.drain(..end + 2).collect();
                match frame(&String::from_utf8(block).unwrap()) {
                    Some(frame) => return Some(frame),
                    None => continue,
                }
            }
            self.read.extend(self.connection.chunk().unwrap()?);
        }
    }

    /// The next `count` events.
    pub fn take(&mut self, count: usize) -> Vec<Frame> {
        (0..count).map(|_| self.next().unwrap()).collect()
    }
}

/// An event; none for a comment that only keeps the connection open.
fn frame(block: &str) -> Option<Frame> {
    let field = |name: &str| {
        let prefix = format!("{name}: ");
        block.lines().find_map(|line| line.strip_prefix(&prefix).map(ToOwned::to_owned))
    };
    let data = serde_json::from_str(&field("data")?).unwrap();
    Some(Frame { id: field("id")?.parse().unwrap(), event: field("event")?, data })
}
