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
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

impl Keys {
    pub(super) fn read(env: &Env<'_>, sqlite: Option<&Path>) -> anyhow::Result<Self> {
        let current = match (env.get("RECOUP_KEY"), sqlite) {
            (Some(text), _) => decode("RECOUP_KEY", &text)?,
            (None, Some(database)) => beside(database)?,
            (None, None) => anyhow::bail!(
                "RECOUP_KEY is missing: with PostgreSQL every node needs the same key. Make one with `openssl rand -base64 32`"
            ),
        };
        let previous = env.get("RECOUP_PREVIOUS_KEY").map(|text| decode("RECOUP_PREVIOUS_KEY", &text)).transpose()?;
        Ok(Self { current, previous })
    }

    /// A fixed key for tests and the pretend world.
    pub fn for_tests() -> Self {
        Self { current: Zeroizing::new([7; 32]), previous: None }
    }
}

fn decode(name: &str, text: &str) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let bytes = BASE64.decode(text).with_context(|| format!("{name} must be base64"))?;
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| anyhow::anyhow!("{name} must be 32 bytes in base64"))?;
    Ok(Zeroizing::new(bytes))
}

/// The key file of a SQLite database; made when it does not exist.
fn beside(database: &Path) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let file = PathBuf::from(format!("{}.key", database.display()));
    if let Ok(text) = std::fs::read_to_string(&file) {
        return decode("RECOUP_KEY", text.trim()).with_context(|| format!("in {}", file.display()));
    }
    let key: [u8; 32] = Chance::from_os().bytes(Stream::Keys);
    write_private(&file, &BASE64.encode(key)).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(Zeroizing::new(key))
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
