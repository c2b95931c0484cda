//! The sender: keep-alive connections, one request at a time on each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What one round came to.
#[derive(Clone, Debug)]
pub struct Round {
    /// Requests answered as they should be, per second.
    pub rate: u32,
    /// Microseconds within which half of the answers came.
    pub p50: u32,
    /// Microseconds within which 99 of 100 came.
    pub p99: u32,
    /// How many were answered so.
    pub answered: u64,
    /// Other answers.
    pub refused: u64,
}

/// Writes the n-th request into an empty buffer.
pub type Request = dyn Fn(u64, &mut Vec<u8>) + Send + Sync;

/// Requests, and what is to be answered.
#[derive(Clone)]
pub struct Load {
    request: Arc<Request>,
    wanted: u16,
    connections: usize,
    sent: Arc<AtomicU64>,
}

impl Load {
    /// Requests that are each to be answered with this status.
    pub fn new(connections: usize, wanted: u16, request: Arc<Request>) -> Self {
        Self { request, wanted, connections, sent: Arc::default() }
    }

    /// Sends for so long.
    pub async fn run(&self, port: u16, time: Duration) -> anyhow::Result<Round> {
        let began = Instant::now();
        let senders = (0..self.connections).map(|_| {
            let load = self.clone();
            tokio::spawn(async move {
                let sending = load.send(port, began + time);
                tokio::time::timeout(time + PATIENCE, sending).await.context("an answer never came")?
            })
        });
        let (mut took, mut refused) = (Vec::new(), 0);
        for done in futures::future::join_all(senders).await {
            let (mut times, others) = done??;
            took.append(&mut times);
            refused += others;
        }
        took.sort_unstable();
        let at = |part: usize| took.get(took.len() * part / 100).copied().unwrap_or(0);
        let rate = took.len() as f64 / began.elapsed().as_secs_f64();
        Ok(Round { rate: rate as u32, p50: at(50), p99: at(99), answered: took.len() as u64, refused })
    }

    /// One connection; how long each right answer took, in microseconds, and how many others came.
    async fn send(&self, port: u16, until: Instant) -> anyhow::Result<(Vec<u32>, u64)> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let (mut took, mut refused, mut buffer) = (Vec::with_capacity(10_000), 0, Vec::with_capacity(8_192));
        loop {
            let began = Instant::now();
            if began >= until {
                return Ok((took, refused));
            }
            buffer.clear();
            (self.request)(self.sent.fetch_add(1, Ordering::Relaxed), &mut buffer);
            stream.write_all(&buffer).await?;
            if answered(&mut stream, &mut buffer).await? == self.wanted {
                took.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
            } else {
                refused += 1;
            }
        }
    }
}

/// Reads one answer whole; its status.
async fn answered(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<u16> {
    buffer.clear();
    loop {
        anyhow::ensure!(stream.read_buf(buffer).await? > 0, "the server closed a connection that it was to keep");
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..end])?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let status = head.get(9..12).and_then(|text| text.parse().ok()).context("no status")?;
        while buffer.len() < end + 4 + length.unwrap_or(0) {
            anyhow::ensure!(stream.read_buf(buffer).await? > 0, "an answer broke off");
        }
        return Ok(status);
    }
}
