//! A connection behind its limits: of what a client sends, only heads that were judged pass, and
//! their bodies; of what it is sent, it takes its share in time, or is hung up on.
//!
//! ```text
//!   waiting ──first byte──▶ head ──judged──▶ body ──its last byte──▶ waiting
//!      │ idle                │ refused, late   chunked: everything passes, and nothing after it
//!      ▼                     ▼
//!     end                   shut: an empty request passes instead, and is answered by the refusal
//! ```
//!
//! The empty request is how a refusal gets into the order of the answers, with an id and a problem
//! like any other.

use super::head::{self, Framing, Refusal};
use super::limits::{ANSWER_RATE, ANSWER_TIME, HEAD_TIME, IDLE_TIME, LINGER_TIME};
use super::places::Place;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// What is read at once.
const CHUNK: usize = 8 * 1024;

/// What passes in place of a request that was refused.
const EMPTY: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A connection behind its limits.
pub struct Gate<S> {
    inner: S,
    place: Arc<Place>,
    /// What came and has not passed.
    read: Vec<u8>,
    /// How much of it may pass.
    passing: usize,
    /// How much of a head was looked at.
    searched: usize,
    /// How many requests have passed.
    requests: u64,
    phase: Phase,
    /// When the time of waiting, or of a head, is over.
    clock: Pin<Box<Sleep>>,
    /// When the client was last sent something.
    sent: Instant,
    /// An answer that the client has not taken at once.
    lying: Option<Lying>,
    /// Until when it is listened to after its end.
    lingering: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Head,
    Body(usize),
    Chunks,
    Shut,
}

struct Lying {
    since: Instant,
    taken: u64,
    clock: Pin<Box<Sleep>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Gate<S> {
    /// A new connection, in its place.
    pub fn new(inner: S, place: Arc<Place>) -> Gate<S> {
        Gate {
            inner,
            place,
            read: Vec::new(),
            passing: 0,
            searched: 0,
            requests: 0,
            phase: Phase::Head,
            clock: Box::pin(sleep(IDLE_TIME)),
            sent: Instant::now(),
            lying: None,
            lingering: None,
        }
    }

    /// Reads what has come; 0 at the end.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut chunk = [0; CHUNK];
        let mut buffer = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut self.inner).poll_read(cx, &mut buffer))?;
        self.read.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Judges the head that has come, and waits for one within its time; false at the end.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            match head::end(&self.read, self.searched) {
                Ok(Some(end)) => match head::framing(&self.read[..end]) {
                    Ok(framing) => return Poll::Ready(Ok(self.pass(end, framing))),
                    Err(refusal) => return Poll::Ready(Ok(self.refuse(refusal))),
                },
                Ok(None) => self.searched = self.read.len(),
                Err(refusal) => return Poll::Ready(Ok(self.refuse(refusal))),
            }
            let is_waiting = self.read.is_empty();
            if self.clock.as_mut().poll(cx).is_ready() {
                match is_waiting {
                    true if self.is_served() => self.arm(IDLE_TIME),
                    true => return Poll::Ready(Ok(false)),
                    false => return Poll::Ready(Ok(self.refuse(Refusal::Late))),
                }
            }
            if ready!(self.poll_more(cx))? == 0 {
                return Poll::Ready(Ok(false));
            }
            if is_waiting {
                self.arm(HEAD_TIME);
            }
        }
    }

    /// Whether an answer is being made, or was sent within the time of waiting.
    fn is_served(&self) -> bool {
        self.place.is_busy() || self.sent.elapsed() < IDLE_TIME
    }

    fn pass(&mut self, end: usize, framing: Framing) -> bool {
        self.requests += 1;
        self.passing = end;
        self.phase = match framing {
            Framing::Length(length) => Phase::Body(length),
            Framing::Chunked => Phase::Chunks,
        };
        true
    }

    fn refuse(&mut self, refusal: Refusal) -> bool {
        self.requests += 1;
        self.place.refuse(self.requests, refusal);
        self.read = EMPTY.to_vec();
        self.passing = EMPTY.len();
        self.phase = Phase::Shut;
        true
    }

    fn arm(&mut self, time: Duration) {
        self.clock.as_mut().reset(Instant::now() + time);
    }

    /// The next request begins; what came already counts as its first byte.
    fn next_head(&mut self) {
        self.phase = Phase::Head;
        self.searched = 0;
        self.arm(if self.read.is_empty() { IDLE_TIME } else { HEAD_TIME });
    }

    /// Throws away what a client still sends that is not listened to any more.
    fn poll_thrown_away(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            self.read.clear();
            if ready!(self.poll_more(cx))? == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Whether the client has left an answer lying for longer than it may.
    fn poll_lying(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let lying = self.lying.get_or_insert_with(|| Lying {
            since: Instant::now(),
            taken: 0,
            clock: Box::pin(sleep(ANSWER_TIME)),
        });
        loop {
            ready!(lying.clock.as_mut().poll(cx));
            let earned = Duration::from_secs(lying.taken / ANSWER_RATE);
            let end = lying.since + ANSWER_TIME + earned;
            if end <= Instant::now() {
                return Poll::Ready(());
            }
            lying.clock.as_mut().reset(end);
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Gate<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.passing > 0 {
                let length = self.passing.min(out.remaining());
                out.put_slice(&self.read[..length]);
                self.read.drain(..length);
                self.passing -= length;
                return Poll::Ready(Ok(()));
            }
            match self.phase {
                Phase::Head => {
                    if !ready!(self.poll_head(cx))? {
                        return Poll::Ready(Ok(()));
                    }
                }
                Phase::Body(0) => self.next_head(),
                Phase::Body(_) | Phase::Chunks => {
                    if self.read.is_empty() && ready!(self.poll_more(cx))? == 0 {
                        return Poll::Ready(Ok(()));
                    }
                    self.passing = self.read.len();
                    if let Phase::Body(left) = self.phase {
                        self.passing = self.passing.min(left);
                        self.phase = Phase::Body(left - self.passing);
                    }
                }
                // The end is not told: it would end the answer too.
                Phase::Shut => {
                    let _ = ready!(self.poll_thrown_away(cx));
                    return Poll::Pending;
                }
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Gate<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Poll::Ready(written) = Pin::new(&mut self.inner).poll_write(cx, bytes) else {
            ready!(self.poll_lying(cx));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        };
        self.sent = Instant::now();
        self.place.stir();
        if let (Some(lying), Ok(length)) = (&mut self.lying, &written) {
            lying.taken += *length as u64;
        }
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Poll::Ready(flushed) = Pin::new(&mut self.inner).poll_flush(cx) else {
            ready!(self.poll_lying(cx));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        };
        self.lying = None;
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
        }
        if matches!(self.phase, Phase::Head | Phase::Body(0)) {
            return Poll::Ready(Ok(()));
        }
        let lingering = self.lingering.get_or_insert_with(|| Box::pin(sleep(LINGER_TIME)));
        match lingering.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Ok(())),
            Poll::Pending => self.poll_thrown_away(cx),
        }
    }
}
