//! Bulk operations: Shopify reads everything in its own time and hands out a file with one object per line.
//!
//! ```text
//! run ─▶ under way ─▶ completed (a file, or none when there was nothing)
//!                └──▶ failed    (perhaps part of a file)
//! ```
//! 1. The file lies with Shopify's storage: hosts are a fixed list, and nobody is followed elsewhere.
//! 2. A child names its parent by `__parentId` and may come far behind it.
//! 3. An operation is known by its query: one whose answer was lost is found again by it.

use std::time::Duration;

use reqwest::{StatusCode, Url};
use secrecy::SecretString;
use url::Host;

use super::documents::{self, bulk_operation, bulk_operations, bulk_run};
use super::{Admin, AdminError, AdminFailure};
use crate::kernel::Timestamp;
use crate::outgoing::Cut;
use crate::shopify::ShopDomain;
use crate::shopify::gid::gid_type;

gid_type!(
    /// One bulk operation.
    BulkGid
);

/// Where Shopify keeps the files of bulk operations.
const STORAGE: &str = "storage.googleapis.com";

/// The longest line of a file; ours are a hundredth of it.
const LONGEST_LINE: usize = 1024 * 1024;

/// Bytes of whole lines after which a piece ends, however many lines were asked for.
const LARGEST_PIECE: usize = 16 * LONGEST_LINE;

/// How long one piece of a file may take.
const PIECE_TIME: Duration = Duration::from_secs(60);

const ORDERS: &str = include_str!("bulk_orders.graphql");

/// The query for all orders placed between two instants.
pub fn orders_query(from: Timestamp, until: Timestamp) -> String {
    let [from, until] = [from, until].map(|at| Timestamp::from_seconds(at.seconds()));
    ORDERS.replace("WHICH", &format!("created_at:>='{from}' AND created_at:<='{until}'"))
}

/// Why an operation did not begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BulkError {
    /// Too many are under way: come again.
    #[error("Shopify is busy with other bulk operations of this shop")]
    Busy,
    /// Shopify refuses the query.
    #[error("Shopify refused the bulk operation: {0}")]
    Refused(String),
    /// The call.
    #[error(transparent)]
    Admin(#[from] AdminError),
}

impl AdminFailure for BulkError {
    fn admin(&self) -> Option<&AdminError> {
        match self {
            Self::Admin(error) => Some(error),
            Self::Busy | Self::Refused(_) => None,
        }
    }
}

/// Begins to read.
pub async fn run(admin: &Admin, shop: &ShopDomain, token: &SecretString, query: &str) -> Result<BulkGid, BulkError> {
    use bulk_run::BulkOperationUserErrorCode as Code;
    let variables = bulk_run::Variables { query: query.to_owned() };
    let payload = admin.call::<documents::BulkRun>(shop, token, variables).await?.data.bulk_operation_run_query;
    let payload = payload.ok_or_else(|| AdminError::Protocol("no payload".to_owned()))?;
    if let Some(error) = payload.user_errors.first() {
        return Err(match error.code {
            Some(Code::OperationInProgress | Code::LimitReached) => BulkError::Busy,
            _ => BulkError::Refused(crate::shopify::answer::excerpt(&error.message)),
        });
    }
    let begun = payload.bulk_operation.ok_or_else(|| AdminError::Protocol("no operation".to_owned()))?;
    Ok(BulkGid(begun.id))
}

/// The newest operation with this query, if one was begun.
pub async fn find(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    query: &str,
) -> Result<Option<BulkGid>, AdminError> {
    let answer = admin.call::<documents::BulkOperations>(shop, token, bulk_operations::Variables {}).await?;
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let ours = answer.data.bulk_operations.nodes.into_iter().find(|one| bare(&one.query) == bare(query));
    Ok(ours.map(|one| BulkGid(one.id)))
}

/// How an operation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not finished; objects so far.
    UnderWay(i64),
    /// Finished: how many orders, how many objects, and the file unless there were none.
    Completed {
        /// Objects at the root.
        roots: i64,
        /// All objects.
        objects: i64,
        /// The file.
        url: Option<String>,
    },
    /// It failed; why, and the part of the file it wrote.
    Failed {
        /// Shopify's word for it.
        reason: String,
        /// What it had read until then.
        partial: Option<String>,
    },
    /// Nobody knows it any more.
    Gone,
}

/// Looks at an operation.
pub async fn look(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    operation: &BulkGid,
) -> Result<Standing, AdminError> {
    use bulk_operation::BulkOperationStatus as Status;
    let variables = bulk_operation::Variables { id: operation.0.clone() };
    let answer = admin.call::<documents::BulkOperation>(shop, token, variables).await?;
    let Some(now) = answer.data.bulk_operation else { return Ok(Standing::Gone) };
    let (roots, objects) = (count(&now.root_object_count), count(&now.object_count));
    Ok(match now.status {
        Status::Completed => Standing::Completed { roots, objects, url: now.url },
        Status::Failed | Status::Canceled | Status::Expired => {
            let reason = now.error_code.map_or_else(|| format!("{:?}", now.status), |code| format!("{code:?}"));
            Standing::Failed { reason, partial: now.partial_data_url }
        }
        _ => Standing::UnderWay(objects),
    })
}

fn count(text: &str) -> i64 {
    text.parse().unwrap_or(0)
}

/// Lines of a file, and where the next piece begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Whole lines.
    pub lines: Vec<Vec<u8>>,
    /// The byte after the last of them.
    pub next: u64,
    /// There is nothing after them.
    pub ends: bool,
}

/// Why a piece could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Not an address we call.
    #[error("Shopify named a place for the file that is not Shopify's storage")]
    Elsewhere,
    /// It is not there, or not any more.
    #[error("the file of the bulk operation is gone")]
    Gone,
    /// The storage did not answer, or not to the end.
    #[error("Shopify's storage could not be reached")]
    Unreachable,
    /// Not lines of objects.
    #[error("the file of the bulk operation has a line that is too long")]
    TooLong,
}

impl Admin {
    /// Reads at most so many whole lines of a file, beginning with a byte: bounded memory, and anybody may go on where
    /// somebody stopped.
    pub async fn piece(&self, url: &str, from: u64, lines: usize) -> Result<Piece, FileError> {
        let url = self.storage(url).ok_or(FileError::Elsewhere)?;
        let most = from.saturating_add((LARGEST_PIECE + 2 * LONGEST_LINE) as u64);
        let request =
            |http: &reqwest::Client| http.get(url).timeout(PIECE_TIME).header("range", format!("bytes={from}-"));
        let mut answer = self.http.call(most, request).await.map_err(|_| FileError::Unreachable)?;
        let mut skip = match answer.status() {
            StatusCode::PARTIAL_CONTENT => 0,
            // It does not know ranges: what was read before is passed over.
            StatusCode::OK => from,
            StatusCode::RANGE_NOT_SATISFIABLE => return Ok(Piece { next: from, ends: true, ..Piece::default() }),
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::BAD_REQUEST => {
                return Err(FileError::Gone);
            }
            _ => return Err(FileError::Unreachable),
        };
        let (mut piece, mut open, mut kept) = (Piece { next: from, ..Piece::default() }, Vec::new(), 0);
        while let Some(chunk) = answer.piece().await.map_err(cut)? {
            let passed = usize::try_from(skip).unwrap_or(usize::MAX).min(chunk.len());
            skip -= passed as u64;
            for part in chunk[passed..].split_inclusive(|byte| *byte == b'\n') {
                if open.len() + part.len() > LONGEST_LINE {
                    return Err(FileError::TooLong);
                }
                open.extend_from_slice(part);
                if part.ends_with(b"\n") {
                    kept += open.len();
                    piece.next += open.len() as u64;
                    piece.lines.push(std::mem::take(&mut open));
                    if piece.lines.len() == lines || kept >= LARGEST_PIECE {
                        return Ok(piece);
                    }
                }
            }
        }
        // A last line without an end is a line.
        piece.next += open.len() as u64;
        piece.lines.extend(Some(open).filter(|open| !open.is_empty()));
        piece.ends = true;
        Ok(piece)
    }

    /// The address, if it is one of Shopify's storage, or of the pretend Shopify while we speak to that.
    fn storage(&self, url: &str) -> Option<Url> {
        let url = Url::parse(url).ok()?;
        let theirs = url.scheme() == "https" && url.port().is_none() && url.host_str() == Some(STORAGE);
        let shop = ShopDomain::parse("example.myshopify.com").ok()?;
        let pretend = self.origin.of(&shop);
        let loopback = match pretend.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        let same = url.origin() == pretend.origin();
        let bare = url.username().is_empty() && url.password().is_none();
        (bare && (theirs || loopback && same)).then_some(url)
    }
}

fn cut(cut: Cut) -> FileError {
    match cut {
        Cut::TooLarge(_) => FileError::TooLong,
        Cut::Broken => FileError::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Chance, Clock};
    use crate::shopify::Origin;
    use crate::shopify::loopback::{Loopback, client};

    fn admin(origin: Origin) -> Admin {
        Admin::new(client(), origin, Clock::System, Chance::seeded(1))
    }

    fn address(origin: &Origin) -> String {
        let shop = ShopDomain::parse("example.myshopify.com").unwrap();
        origin.endpoint(&shop, "bulk/1.jsonl").to_string()
    }

    fn file(status: u16, body: &str) -> String {
        format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
    }

    #[test]
    fn only_shopifys_storage_is_called() {
        let real = admin(Origin::default());
        let pretend = admin(Origin::parse("http://127.0.0.1:9100/{shop}").unwrap());
        let fine = |admin: &Admin, url: &str| admin.storage(url).is_some();
        assert!(fine(&real, "https://storage.googleapis.com/shopify-tiers-assets/bulk/1.jsonl?X=1"));
        assert!(fine(&pretend, "http://127.0.0.1:9100/bulk/1.jsonl"));
        for elsewhere in [
            "http://storage.googleapis.com/a",
            "https://storage.googleapis.com:8443/a",
            "https://storage.googleapis.com.evil.example/a",
            "https://user@storage.googleapis.com/a",
            "https://evil.example/storage.googleapis.com",
            "http://169.254.169.254/latest",
            "http://127.0.0.1:9100/bulk/1.jsonl",
            "https://example.myshopify.com/a",
            "file:///etc/passwd",
            "",
        ] {
            assert!(!fine(&real, elsewhere), "{elsewhere}");
        }
        assert!(!fine(&pretend, "http://127.0.0.1:9101/bulk/1.jsonl"), "another port is another program");
    }

    #[tokio::test]
    async fn a_file_is_read_in_pieces_from_any_byte() {
        let there = Loopback::answering(&file(206, "one\ntwo\nthree")).await;
        let read = admin(there.origin.clone()).piece(&address(&there.origin), 10, 2).await.unwrap();
        assert_eq!(read, Piece { lines: vec![b"one\n".to_vec(), b"two\n".to_vec()], next: 18, ends: false });
        assert!(there.request().await.contains("range: bytes=10-"));

        let there = Loopback::answering(&file(200, "one\ntwo\nthree")).await;
        let read = admin(there.origin.clone()).piece(&address(&there.origin), 4, 9).await.unwrap();
        assert_eq!(read, Piece { lines: vec![b"two\n".to_vec(), b"three".to_vec()], next: 13, ends: true });

        let gone = Loopback::answering(&file(403, "")).await;
        assert_eq!(admin(gone.origin.clone()).piece(&address(&gone.origin), 0, 9).await, Err(FileError::Gone));
        let broken = Loopback::answering("HTTP/1.1 206 X\r\ncontent-length: 100\r\n\r\none\n").await;
        let read = admin(broken.origin.clone()).piece(&address(&broken.origin), 0, 9).await;
        assert_eq!(read, Err(FileError::Unreachable));
    }
}
