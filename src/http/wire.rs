//! A connection whose other end is not waited for for ever.
//!
//! 1. A request that began is there whole within the patience, head and body, whichever route it is for and whether that
//!    route reads it. (Routes answer a slow body sooner, and in words: see `body.rs`.)
//! 2. Who is answered takes at least [`LEAST`] bytes within the patience, as long as there are so many.
//! 3. Between requests nothing is waited for here: that is keep-alive, and the server's.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::rt::net::{ActixStream, Ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::framing::Framing;

/// Bytes of an answer that are taken within the patience.
const LEAST: usize = 16 * 1_024;

/// A connection with limits.
#[derive(Debug)]
pub struct Wire<S> {
    stream: S,
    patience: Duration,
    framing: Framing,
    /// Since when a request is waited for, and which.
    reading: Option<(u64, Pin<Box<Sleep>>)>,
    /// Since when the other end takes slowly, and how much it took since.
    writing: Option<(usize, Pin<Box<Sleep>>)>,
}

impl<S> Wire<S> {
    /// Limits a connection.
    pub fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, framing: Framing::default(), reading: None, writing: None }
    }

    fn late_request(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (number, patience) = (self.framing.number(), self.patience);
        if self.framing.between() {
            self.reading = None;
            return Poll::Pending;
        }
        if self.reading.as_ref().is_none_or(|(of, _)| *of != number) {
            self.reading = Some((number, Box::pin(sleep(patience))));
        }
        match &mut self.reading {
            Some((_, timer)) => timer.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into())),
            None => Poll::Pending,
        }
    }

    fn slow_reader(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let patience = self.patience;
        let (taken, timer) = self.writing.get_or_insert_with(|| (0, Box::pin(sleep(patience))));
        while timer.as_mut().poll(cx).is_ready() {
            if *taken < LEAST {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            *taken = 0;
            timer.as_mut().reset(Instant::now() + patience);
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Pending => self.late_request(cx),
            Poll::Ready(Ok(())) => {
                self.framing.follow(&mut buffer.filled_mut()[before..]);
                Poll::Ready(Ok(()))
            }
            failed => failed,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, bytes) {
            Poll::Pending => self.slow_reader(cx),
            Poll::Ready(Ok(written)) => {
                if let Some((taken, _)) = &mut self.writing {
                    *taken += written;
                }
                Poll::Ready(Ok(written))
            }
            failed => failed,
        }
    }

    /// Comes when all that was to be written is.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writing = None;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: ActixStream> ActixStream for Wire<S> {
    fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.stream.poll_read_ready(cx)
    }

    fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.stream.poll_write_ready(cx)
    }
}
