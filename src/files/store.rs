//! Bytes of a file as they come become pieces as they lie; how many there were and their checksum.

use sha2::{Digest, Sha256};

use super::file::Model as File;
use super::piece;
use crate::app::App;
use crate::jobs::JobError;

/// The largest a file may be. It lies in the database, beside everything else.
pub(super) const MOST_BYTES: i64 = 512 * 1024 * 1024;

/// A file that is being written.
pub(super) struct Store<'f> {
    app: &'f App,
    file: &'f File,
    waiting: Vec<u8>,
    hash: Sha256,
    bytes: i64,
    pieces: i64,
}

/// What it came to.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub bytes: i64,
    pub pieces: i64,
    pub sha256: String,
}

impl<'f> Store<'f> {
    /// Begins to write a run of a file.
    pub fn new(app: &'f App, file: &'f File) -> Self {
        Self { app, file, waiting: Vec::with_capacity(2 * piece::SIZE), hash: Sha256::new(), bytes: 0, pieces: 0 }
    }

    /// Writes more of it.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), JobError> {
        self.hash.update(bytes);
        self.bytes += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        if self.bytes > MOST_BYTES {
            return Err(JobError::fail(
                "The file grew larger than 512 MB. Ask for fewer days at a time, or with gzip.",
            ));
        }
        self.waiting.extend_from_slice(bytes);
        while self.waiting.len() >= piece::SIZE {
            let rest = self.waiting.split_off(piece::SIZE);
            self.keep().await?;
            self.waiting = rest;
        }
        Ok(())
    }

    /// Writes the last of it.
    pub async fn finish(mut self) -> Result<Stored, JobError> {
        if !self.waiting.is_empty() {
            self.keep().await?;
        }
        Ok(Stored { bytes: self.bytes, pieces: self.pieces, sha256: hex::encode(self.hash.finalize()) })
    }

    async fn keep(&mut self) -> Result<(), JobError> {
        let file = (self.file.shop_id, self.file.id);
        piece::keep(self.app, file, self.file.run, self.pieces, &self.waiting).await?;
        self.pieces += 1;
        Ok(())
    }
}
