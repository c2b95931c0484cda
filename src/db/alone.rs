//! Whether a process is the only one that works on an SQLite file.
//!
//! A killed process leaves jobs it held to their leases, and nobody can tell by the rows whether their holder lives: beside
//! a `serve --no-worker` there may be several workers. The system can: whoever works holds a lock on a file beside the
//! database, together with everybody else who does, and a dead process holds nothing. Who gets that lock for itself alone
//! works alone.
//!
//! PostgreSQL's workers are on machines that see no lock of each other's; there a lease runs out.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Db;

/// How often and how long one waits for somebody who is about to let others work.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: u32 = 250;

/// That this process works, for as long as it is kept.
#[derive(Debug)]
pub struct Alone {
    lock: File,
    alone: bool,
}

impl Alone {
    /// Whether nobody else worked when it was asked. It holds until [`Alone::among_others`].
    pub fn holds(&self) -> bool {
        self.alone
    }

    /// Lets others work as well. What was held by the dead must be taken back before.
    pub async fn among_others(self) -> io::Result<Self> {
        if self.alone {
            // From here on somebody else may be alone for a moment, and take back what this process holds: nothing yet.
            self.lock.unlock()?;
            share(&self.lock).await?;
        }
        Ok(Self { alone: false, ..self })
    }
}

impl Db {
    /// Says that this process works on the database, and asks whether it is the only one. `None`: nobody can say.
    pub async fn working(&self) -> Option<Alone> {
        let asked = ask(&beside(self.file.as_deref()?)).await;
        asked
            .inspect_err(
                |error| tracing::warn!(error = %error, "no lock beside the database file; leases run out instead"),
            )
            .ok()
    }
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-working");
    name.into()
}

async fn ask(path: &Path) -> io::Result<Alone> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let lock = options.open(path)?;
    let alone = match lock.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => {
            share(&lock).await?;
            false
        }
        Err(TryLockError::Error(error)) => return Err(error),
    };
    Ok(Alone { lock, alone })
}

/// Never blocks a thread: whoever must let go may be another task of this very process.
async fn share(lock: &File) -> io::Result<()> {
    for _ in 0..LOOKS {
        match lock.try_lock_shared() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOOK).await,
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_works_beside_another_is_not_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = beside(&folder.path().join("shop.db"));
        let first = ask(&path).await.unwrap();
        assert!(first.holds());
        let first = first.among_others().await.unwrap();
        let second = ask(&path).await.unwrap();
        assert!(!first.holds() && !second.holds());
        drop(first);
        assert!(!ask(&path).await.unwrap().holds(), "the second still works");
        drop(second);
        assert!(ask(&path).await.unwrap().holds());
    }

    /// On one thread, as two workers of one process may be.
    #[tokio::test]
    async fn two_that_begin_at_once_wait_for_each_other_and_block_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = beside(&folder.path().join("shop.db"));
        let begin = async || ask(&path).await.unwrap().among_others().await.unwrap().holds();
        assert_eq!(tokio::join!(begin(), begin(), begin()), (false, false, false));
    }
}
