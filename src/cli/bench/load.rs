//! The sender: keep-alive connections, one request at a time on each, everything signed beforehand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::kernel::secret::hmac_sha256;

/// What signs the bodies.
pub const SECRET: &str = "example client secret";

/// The shop they come from.
pub const DOMAIN: &str = "bench.myshopify.com";

/// The size of a body.
pub const BODY: usize = 4_096;

/// Different orders; what differs per request is the delivery id.
const ORDERS: i64 = 256;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What one round came to.
#[derive(Clone, Debug)]
pub struct Round {
    /// Requests answered 200 per second.
    pub rate: u32,
    /// Microseconds within which half of the answers came.
    pub p50: u32,
    /// Microseconds within which 99 of 100 came.
    pub p99: u32,
    /// Other answers.
    pub refused: u64,
}

/// Requests ready to be sent.
pub struct Load {
    requests: Arc<Vec<Request>>,
    connections: usize,
    sent: Arc<AtomicU64>,
}

/// A request whose delivery id is written in at the last moment.
struct Request {
    bytes: Vec<u8>,
    id_at: usize,
}

impl Load {
    /// Signs everything.
    pub fn new(connections: usize) -> Self {
        let requests = Arc::new((0..ORDERS).map(request).collect());
        Self { requests, connections, sent: Arc::default() }
    }

    /// Sends for so long.
    pub async fn run(&self, port: u16, time: Duration) -> anyhow::Result<Round> {
        let began = Instant::now();
        let senders = (0..self.connections).map(|n| {
            let (requests, sent) = (Arc::clone(&self.requests), Arc::clone(&self.sent));
            tokio::spawn(async move {
                let sending = send(port, &requests, n * 7, &sent, began + time);
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
        Ok(Round { rate: rate as u32, p50: at(50), p99: at(99), refused })
    }
}

/// One connection; how long each 200 took, in microseconds, and how many other answers came.
async fn send(
    port: u16,
    requests: &[Request],
    first: usize,
    sent: &AtomicU64,
    until: Instant,
) -> anyhow::Result<(Vec<u32>, u64)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let (mut took, mut refused, mut buffer) = (Vec::with_capacity(10_000), 0, Vec::with_capacity(8_192));
    for request in requests.iter().cycle().skip(first) {
        let began = Instant::now();
        if began >= until {
            break;
        }
        buffer.clear();
        buffer.extend_from_slice(&request.bytes);
        let id = format!("{:016x}", sent.fetch_add(1, Ordering::Relaxed));
        buffer[request.id_at..request.id_at + 16].copy_from_slice(id.as_bytes());
        stream.write_all(&buffer).await?;
        if answered(&mut stream, &mut buffer).await? == 200 {
            took.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
        } else {
            refused += 1;
        }
    }
    Ok((took, refused))
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

fn request(n: i64) -> Request {
    let body = order(n);
    let digest = BASE64.encode(hmac_sha256(SECRET.as_bytes(), &[body.as_bytes()]));
    let head = format!(
        "POST /webhooks/shopify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         X-Shopify-Topic: orders/create\r\nX-Shopify-Hmac-Sha256: {digest}\r\nX-Shopify-Shop-Domain: {DOMAIN}\r\n\
         X-Shopify-API-Version: 2026-10\r\nX-Shopify-Event-Id: 98880550-7158-44d4-b7cd-2c97c8a091b5\r\n\
         X-Shopify-Webhook-Id: ",
        body.len()
    );
    let bytes = [head.as_bytes(), b"0000000000000000\r\n\r\n", body.as_bytes()].concat();
    Request { bytes, id_at: head.len() }
}

/// An order as Shopify writes it, filled up with a note.
fn order(n: i64) -> String {
    let body = |note: &str| {
        serde_json::json!({"id": 5_000_000 + n, "name": format!("#{n}"), "currency": "EUR", "financial_status": "paid",
            "created_at": "2026-11-01T10:00:00Z", "processed_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-01T10:00:00Z",
            "line_items": [{"quantity": 2, "price": "19.90"}], "total_price": "39.80", "total_tax": "0.00", "note": note})
        .to_string()
    };
    let short = body("").len();
    body(&"x".repeat(BODY - short))
}
