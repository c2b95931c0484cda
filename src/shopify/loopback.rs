//! A server on loopback that takes one request, gives one prepared answer, and tells what it was asked. For tests.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::origin::Origin;
use crate::outgoing::{Client, To};

/// One prepared answer.
pub(super) struct Loopback {
    pub(super) origin: Origin,
    served: JoinHandle<String>,
}

impl Loopback {
    /// Gives `answer` as it stands to the first request, and hangs up; an empty answer is just hanging up.
    pub(super) async fn answering(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Origin::parse(&format!("http://{}/{{shop}}", listener.local_addr().unwrap())).unwrap();
        let answer = answer.to_owned();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !complete(&request) {
                let mut piece = [0; 4096];
                let read = stream.read(&mut piece).await.unwrap();
                request.extend_from_slice(&piece[..read]);
            }
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
            String::from_utf8(request).unwrap()
        });
        Self { origin, served }
    }

    /// What was asked.
    pub(super) async fn request(self) -> String {
        self.served.await.unwrap()
    }

    /// The same address, once nobody listens there.
    pub(super) async fn closed(self) -> Origin {
        let _ = self.served.await;
        self.origin
    }
}

/// Whether head and announced body are there.
fn complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// An answer with a JSON body. Each extra header ends in a line break.
pub(super) fn json(status: u16, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}connection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A client as the program makes it, short of patience.
pub(super) fn client() -> Client {
    Client::new(To::Shopify, 10, |client| client).unwrap()
}
