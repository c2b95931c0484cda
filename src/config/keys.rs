//! The root of encryption.

use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use super::Env;
use crate::kernel::{Chance, Stream};

/// 32-byte root keys.
#[derive(Clone)]
pub struct Keys {
    /// `RECOUP_KEY`: 32 bytes, base64. On SQLite it is made on first start in a file beside the database
    /// (`….key`, readable by its owner alone); on PostgreSQL leaving it out is an error.
    pub current: Zeroizing<[u8; 32]>,
    /// `RECOUP_PREVIOUS_KEY`: still opens what it sealed, while keys rotate. Default: none.
    pub previous: Option<Zeroizing<[u8; 32]>>,
    /// The file the current key is still to be kept in: nobody told us one, and there was none.
    pub unkept: Option<PathBuf>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

impl Keys {
    pub(super) fn read(env: &Env<'_>, sqlite: Option<&Path>) -> anyhow::Result<Self> {
        let (current, unkept) = match (env.get("RECOUP_KEY"), sqlite) {
            (Some(text), _) => (decode("RECOUP_KEY", &text)?, None),
            (None, Some(database)) => beside(database)?,
            (None, None) => anyhow::bail!(
                "RECOUP_KEY is missing: with PostgreSQL every node needs the same key. Make one with `openssl rand -base64 32`"
            ),
        };
        let previous = env.get("RECOUP_PREVIOUS_KEY").map(|text| decode("RECOUP_PREVIOUS_KEY", &text)).transpose()?;
        Ok(Self { current, previous, unkept })
    }

    /// Keeps a key that was just made in its file. Of several processes that make one at once the first one's counts.
    pub(super) fn keep(&mut self) -> anyhow::Result<()> {
        let Some(file) = self.unkept.take() else { return Ok(()) };
        match write_private(&file, &BASE64.encode(*self.current)) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                self.current = kept(&file).with_context(|| format!("cannot read {}", file.display()))??;
                Ok(())
            }
            written => written.with_context(|| format!("cannot write {}", file.display())),
        }
    }

    /// A fixed key for tests and the pretend world.
    pub fn for_tests() -> Self {
        Self { current: Zeroizing::new([7; 32]), previous: None, unkept: None }
    }
}

fn decode(name: &str, text: &str) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let bytes = BASE64.decode(text).with_context(|| format!("{name} must be base64"))?;
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| anyhow::anyhow!("{name} must be 32 bytes in base64"))?;
    Ok(Zeroizing::new(bytes))
}

/// The key beside a SQLite database; a fresh one, with the file it belongs into, when there is none.
fn beside(database: &Path) -> anyhow::Result<(Zeroizing<[u8; 32]>, Option<PathBuf>)> {
    let file = PathBuf::from(format!("{}.key", database.display()));
    match kept(&file) {
        Ok(key) => Ok((key?, None)),
        Err(_) => Ok((Zeroizing::new(Chance::from_os().bytes(Stream::Keys)), Some(file))),
    }
}

fn kept(file: &Path) -> std::io::Result<anyhow::Result<Zeroizing<[u8; 32]>>> {
    let text = std::fs::read_to_string(file)?;
    Ok(decode("RECOUP_KEY", text.trim()).with_context(|| format!("in {}", file.display())))
}

fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
