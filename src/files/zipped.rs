//! A ZIP written from its beginning to its end, nothing of it held: what was written can be taken away at any time.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::jobs::JobError;
use crate::kernel::Timestamp;

/// Where the writer leaves what it wrote.
#[derive(Clone, Default)]
struct Tray(Arc<Mutex<Vec<u8>>>);

impl Write for Tray {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A ZIP that is being written.
pub(super) struct Zipped {
    writer: ZipWriter<StreamWriter<Tray>>,
    tray: Tray,
    options: SimpleFileOptions,
    open: Option<(String, Sha256)>,
    sums: Vec<(String, String)>,
}

impl Zipped {
    /// Begins one, of an instant.
    pub fn new(at: Timestamp) -> Self {
        let tray = Tray::default();
        // A file of more than 4 GB says so before its length is known.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
        let options = options.last_modified_time(moment(at).unwrap_or_default());
        Self { writer: ZipWriter::new_stream(tray.clone()), tray, options, open: None, sums: Vec::new() }
    }

    /// Begins a file in it.
    pub fn begin(&mut self, name: &str) -> Result<(), JobError> {
        self.end();
        self.writer.start_file(name, self.options).map_err(JobError::fail)?;
        self.open = Some((name.to_owned(), Sha256::new()));
        Ok(())
    }

    /// Writes more of that file.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), JobError> {
        if let Some((_, hash)) = &mut self.open {
            hash.update(bytes);
        }
        self.writer.write_all(bytes).map_err(JobError::fail)
    }

    /// A whole file.
    pub fn whole(&mut self, name: &str, bytes: &[u8]) -> Result<(), JobError> {
        self.begin(name)?;
        self.write(bytes)
    }

    /// What was written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.tray.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends it with the checksums of everything in it, in the form `sha256sum --check` reads; the last of its bytes.
    pub fn finish(mut self, sums: &str) -> Result<Vec<u8>, JobError> {
        self.end();
        let lines: String = self.sums.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
        self.whole(sums, lines.as_bytes())?;
        let tray = self.tray.clone();
        self.writer.finish().map_err(JobError::fail)?;
        Ok(std::mem::take(&mut tray.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn end(&mut self) {
        if let Some((name, hash)) = self.open.take() {
            self.sums.push((name, hex::encode(hash.finalize())));
        }
    }
}

/// An instant as a ZIP knows it: to two seconds, without a zone; UTC here.
fn moment(at: Timestamp) -> Option<DateTime> {
    let text = at.to_string();
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<u8>().ok();
    let (year, month, day) = (text.get(0..4)?.parse().ok()?, part(5, 7)?, part(8, 10)?);
    DateTime::from_date_and_time(year, month, day, part(11, 13)?, part(14, 16)?, part(17, 19)?).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_taken_away_piece_by_piece_is_a_zip_that_proves_itself() {
        let mut zip = Zipped::new(Timestamp::parse("2026-11-29T10:20:31Z").unwrap());
        let mut bytes = Vec::new();
        zip.begin("a.csv").unwrap();
        for n in 0..50_000 {
            zip.write(format!("{n},{n}\r\n").as_bytes()).unwrap();
            bytes.extend(zip.take());
        }
        assert!(bytes.len() > 10_000, "it does not wait for the end: {}", bytes.len());
        zip.whole("b.txt", b"b").unwrap();
        bytes.extend(zip.finish("SHA256SUMS").unwrap());
        let mut read = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut text = |name: &str| {
            let mut text = String::new();
            read.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        let (a, sums) = (text("a.csv"), text("SHA256SUMS"));
        assert!(a.ends_with("49999,49999\r\n") && text("b.txt") == "b");
        let sum = |text: &str| hex::encode(Sha256::digest(text.as_bytes()));
        assert_eq!(sums, format!("{}  a.csv\n{}  b.txt\n", sum(&a), sum("b")));
        assert_eq!(moment(Timestamp::parse("2026-11-29T10:20:31Z").unwrap()).unwrap().day(), 29);
    }
}
