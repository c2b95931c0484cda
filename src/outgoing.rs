//! The one client for outgoing calls. Whoever answers is not believed to be brief.
//!
//! 1. Every call has a connect and a total time limit, follows no redirects, and says before it is made how many bytes of
//!    its answer are wanted. The bytes are counted after decompression: two megabytes on the wire may unpack to gigabytes.
//! 2. A body is only had through [`Answer`], piece by piece, so there is no way to read one without its limit.
//! 3. Every call is counted by whom it went to and what came of it, and is a span in the log. Never by its address: that
//!    may be a merchant's, or hold a secret.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{ClientBuilder, RequestBuilder, Response, StatusCode};
use tokio::time::Instant;
use tracing::Instrument;

const CONNECT: Duration = Duration::from_secs(3);

/// Makes calls.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    to: To,
}

/// Whom a client calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// Shops' Admin API, Shopify's token endpoint, and the files it hands out.
    Shopify,
    /// Endpoints that are told news.
    Sinks,
    /// Link domains that merchants say are theirs.
    LinkDomains,
}

impl To {
    const fn name(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::Sinks => "sinks",
            Self::LinkDomains => "link_domains",
        }
    }
}

/// Why there is no more of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cut {
    /// It is larger than was asked for.
    #[error("the answer is larger than {} KB", .0 / 1_000)]
    TooLarge(u64),
    /// The connection broke, the time was over, or what came does not unpack.
    #[error("the answer broke off")]
    Broken,
}

impl Client {
    /// A client with the limits that hold for all, and `total` seconds for a call; `change` says what is special.
    pub fn new(to: To, total: u64, change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> reqwest::Result<Self> {
        drop(rustls::crypto::ring::default_provider().install_default()); // an earlier install is fine
        #[expect(clippy::disallowed_methods, reason = "the one lawful place that makes a client")]
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(Duration::from_secs(total))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("Recoup/", env!("CARGO_PKG_VERSION")));
        change(builder).build().map(|http| Self { http, to })
    }

    /// Makes the call that `request` describes. Of its answer at most `most` bytes are read.
    pub async fn call(
        &self,
        most: u64,
        request: impl FnOnce(&reqwest::Client) -> RequestBuilder,
    ) -> reqwest::Result<Answer> {
        let (to, began) = (self.to.name(), Instant::now());
        let span = tracing::info_span!("call", to);
        let answered = request(&self.http).send().instrument(span.clone()).await;
        let outcome = outcome(&answered);
        metrics::histogram!("recoup_outgoing_call_duration_seconds", "to" => to, "outcome" => outcome)
            .record(began.elapsed());
        let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        span.in_scope(|| tracing::debug!(outcome, duration_ms = ms, "called"));
        Ok(Answer { response: answered?, most, left: most })
    }
}

/// What came of a call, up to the head of its answer.
fn outcome(answered: &reqwest::Result<Response>) -> &'static str {
    match answered {
        Ok(response) if response.status() == StatusCode::TOO_MANY_REQUESTS => "429",
        Ok(response) => match response.status().as_u16() / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            5 => "5xx",
            _ => "other",
        },
        Err(error) if error.is_timeout() => "timeout",
        Err(error) if error.is_connect() => "unreachable",
        Err(_) => "broken",
    }
}

/// What was answered, as far as it is wanted.
#[derive(Debug)]
pub struct Answer {
    response: Response,
    most: u64,
    left: u64,
}

impl Answer {
    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Its headers.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next piece of the body, unpacked; `None`: that was all.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Cut> {
        let Some(piece) = self.response.chunk().await.map_err(|_| Cut::Broken)? else { return Ok(None) };
        self.left = self.left.checked_sub(piece.len() as u64).ok_or(Cut::TooLarge(self.most))?;
        Ok(Some(piece))
    }

    /// The whole body.
    pub async fn body(mut self) -> Result<Vec<u8>, Cut> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Asks somebody who answers so; with how many bytes are wanted.
    async fn asked(most: u64, answer: Vec<u8>) -> Result<Vec<u8>, Cut> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4_096]).await;
            let _ = stream.write_all(&answer).await;
        });
        let client = Client::new(To::Sinks, 10, |builder| builder).unwrap();
        client.call(most, |http| http.get(url)).await.unwrap().body().await
    }

    fn packed(zeros: usize) -> Vec<u8> {
        use std::io::Write;
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![0; zeros]).unwrap();
        let body = packer.finish().unwrap();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", body.len());
        [head.into_bytes(), body].concat()
    }

    #[tokio::test]
    async fn what_unpacks_to_more_than_is_wanted_is_cut() {
        assert_eq!(asked(1_000_000, packed(1_000_000)).await, Ok(vec![0; 1_000_000]));
        assert_eq!(asked(1_000_000, packed(1_000_001)).await, Err(Cut::TooLarge(1_000_000)));
        assert_eq!(asked(100_000, packed(50_000_000)).await, Err(Cut::TooLarge(100_000)));
    }

    #[tokio::test]
    async fn what_is_not_packed_is_counted_too_and_what_breaks_off_is_no_answer() {
        let plain = |length: usize, body: &str| {
            format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
        };
        assert_eq!(asked(5, plain(5, "12345")).await, Ok(b"12345".to_vec()));
        assert_eq!(asked(4, plain(5, "12345")).await, Err(Cut::TooLarge(4)));
        assert_eq!(asked(50, plain(9, "12345")).await, Err(Cut::Broken));
    }
}
