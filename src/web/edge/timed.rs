//! A body that has to be there in time.

use super::limits::BODY_TIME;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::time::{Sleep, sleep};

/// The body did not come in time.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come in time")]
pub struct Late;

/// A body whose time runs from its head on.
pub struct Timed<B> {
    inner: B,
    clock: Pin<Box<Sleep>>,
}

impl<B> Timed<B> {
    /// The body behind a head that has just come.
    pub fn new(inner: B) -> Timed<B> {
        Timed { inner, clock: Box::pin(sleep(BODY_TIME)) }
    }
}

impl<B> Body for Timed<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(frame) => Poll::Ready(frame.map(|it| it.map_err(Into::into))),
            Poll::Pending => self.clock.as_mut().poll(cx).map(|()| Some(Err(Late.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Whether a body failed because it was late, however deep the reason lies.
pub fn is_late(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<Late>() || error.source().is_some_and(is_late)
}
