//! Taps on this node's own disk while the database is away.
//!
//! 1. A line is synced before the shopper is sent on, and sealed: whoever reads the disk learns nothing from it.
//! 2. A file is deleted only after every line of it is committed. A click's id is its key, so that reading a file twice,
//!    after a kill or because a commit's answer was lost, adds nothing.
//! 3. Whoever writes a file holds its lock. A killed process loses its locks, and the next start, or another process on
//!    the same folder, drains what it left. A torn last line was never acknowledged.
//! 4. A file's name begins with its installation's mark, so that two installations on one folder leave each other's alone.
//! 5. The folder is bounded; beyond that the shopper still goes on, and the loss is logged.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::kernel::id::ShopId;
use crate::kernel::{Chance, Stream, Vault};

/// The most bytes that wait here: about a million taps.
const MOST: u64 = 512 << 20;

/// Lines per sync at most.
const LINES: usize = 256;

/// How long a sync may take before the shopper is sent on all the same.
const PATIENCE: Duration = Duration::from_millis(400);

const COLUMN: &str = "spool.click";

type Waiting = (String, oneshot::Sender<bool>);

/// The spool of one process; clones share it.
#[derive(Clone, Debug)]
pub struct Spool {
    folder: Arc<Path>,
    mark: Arc<str>,
    vault: Vault,
    open: Arc<Mutex<Option<File>>>,
    lines: mpsc::Sender<Waiting>,
}

impl Spool {
    /// A spool in a folder, which is made when the first line is written.
    pub fn start(folder: PathBuf, vault: Vault, chance: Chance) -> Self {
        let (lines, mut waiting) = mpsc::channel::<Waiting>(4_096);
        let mark = vault.lookup(ShopId::NOBODY, "spool", "mark").chars().take(16).collect::<String>().into();
        let spool = Self { folder: folder.into(), mark, vault, open: Arc::default(), lines };
        let (open, folder, mark) = (Arc::clone(&spool.open), Arc::clone(&spool.folder), Arc::clone(&spool.mark));
        tokio::spawn(async move {
            let mut gathered = Vec::with_capacity(LINES);
            while waiting.recv_many(&mut gathered, LINES).await > 0 {
                let (lines, answers): (Vec<String>, Vec<_>) = gathered.drain(..).unzip();
                let (open, folder) = (Arc::clone(&open), Arc::clone(&folder));
                let name = format!("{mark}-{}", hex::encode(chance.bytes::<12>(Stream::Jitter)));
                let wrote = tokio::task::spawn_blocking(move || append(&open, &folder, &name, &lines)).await;
                let kept = match wrote {
                    Ok(Ok(())) => true,
                    Ok(Err(error)) => {
                        tracing::error!(error = %error, "taps could not be spooled: look at the folder RECOUP_SPOOL");
                        false
                    }
                    Err(_) => false,
                };
                for answer in answers {
                    // Who stopped waiting needs no answer.
                    let _ = answer.send(kept);
                }
            }
        });
        spool
    }

    /// Waits until a value of this shop is on this node's disk; whether it is.
    pub async fn keep(&self, shop: ShopId, plain: &[u8]) -> bool {
        let line = format!("{shop} {}\n", self.vault.seal(shop, COLUMN, plain));
        let (answer, answered) = oneshot::channel();
        if self.lines.try_send((line, answer)).is_err() {
            return false;
        }
        matches!(tokio::time::timeout(PATIENCE, answered).await, Ok(Ok(true)))
    }

    /// Closes the file being written and takes the next finished one that has none of these names; `None`: nothing waits.
    pub async fn take(&self, but: &BTreeSet<OsString>) -> Option<Batch> {
        let but = but.clone();
        let (open, folder) = (Arc::clone(&self.open), Arc::clone(&self.folder));
        let (mark, vault) = (Arc::clone(&self.mark), self.vault.clone());
        tokio::task::spawn_blocking(move || {
            // Dropping the file lets its lock go.
            drop(open.lock().unwrap_or_else(PoisonError::into_inner).take());
            finished(&folder, &mark, &vault, &but)
        })
        .await
        .ok()
        .flatten()
    }
}

/// What one file holds. Its lock is held until [`Batch::done`], or until it is dropped and stays for the next time.
#[derive(Debug)]
pub struct Batch {
    /// The values, in the order they were kept.
    pub values: Vec<Vec<u8>>,
    path: PathBuf,
    _locked: File,
}

impl Batch {
    /// The file's name.
    pub fn name(&self) -> OsString {
        self.path.file_name().unwrap_or_default().to_owned()
    }

    /// All but the lines of these shops is committed: the others go. Stays as it is when that fails, to be read again.
    pub async fn keep_only(self, shops: BTreeSet<ShopId>) {
        let shortened = tokio::task::spawn_blocking(move || shorten(&self.path, &shops)).await;
        if let Ok(Err(error)) = shortened {
            tracing::error!(error = %error, "a spool file could not be shortened; it will be read again");
        }
    }

    /// Everything in it is committed: the file goes.
    pub fn done(self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::error!(error = %error, "a drained spool file could not be deleted; it will be read again");
        }
    }
}

fn append(open: &Mutex<Option<File>>, folder: &Path, name: &str, lines: &[String]) -> io::Result<()> {
    let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
    if open.is_none() {
        if waiting(folder) > MOST {
            return Err(io::Error::other("the spool is full"));
        }
        *open = Some(begin(folder, name)?);
    }
    let Some(current) = open.as_mut() else { return Ok(()) };
    let wrote = current.write_all(lines.concat().as_bytes()).and_then(|()| current.sync_data());
    let full = current.metadata().map_or(0, |file| file.len()) > MOST / 32;
    if wrote.is_err() || full {
        *open = None;
    }
    wrote
}

/// A new file: locked before it has the name under which others look for it.
fn begin(folder: &Path, name: &str) -> io::Result<File> {
    std::fs::create_dir_all(folder)?;
    let (early, path) = (folder.join(format!("{name}.new")), folder.join(format!("{name}.taps")));
    let file = private().append(true).create_new(true).open(&early)?;
    file.try_lock().map_err(|_| io::Error::other("a fresh spool file is locked"))?;
    std::fs::rename(&early, &path)?;
    // The name must survive as well as what stands under it.
    File::open(folder)?.sync_all()?;
    Ok(file)
}

/// Writes the lines of these shops into a file that takes the place of the one with this name, all at once.
fn shorten(path: &Path, shops: &BTreeSet<ShopId>) -> io::Result<()> {
    let text = std::fs::read_to_string(path)?;
    let of = |line: &str| line.split_once(' ').and_then(|(shop, _)| shop.parse().ok()).map(ShopId);
    let left = text.split_inclusive('\n').filter(|line| of(line).is_some_and(|shop| shops.contains(&shop)));
    let early = path.with_extension("new");
    let mut file = private().create(true).truncate(true).write(true).open(&early)?;
    file.write_all(left.collect::<String>().as_bytes())?;
    file.sync_data()?;
    std::fs::rename(&early, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Files nobody else on the machine reads.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn waiting(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
}

/// The first file nobody writes or drains.
fn finished(folder: &Path, mark: &str, vault: &Vault, but: &BTreeSet<OsString>) -> Option<Batch> {
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if but.contains(&name) || !name.to_str().is_some_and(|name| name.starts_with(mark) && name.ends_with(".taps")) {
            continue;
        }
        let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
        if file.try_lock().is_err() {
            continue;
        }
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        // A line without its end was cut off by a kill before anybody was told that it is kept.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let lines = whole.split('\n').filter(|line| !line.is_empty());
        let values = lines.filter_map(|line| read(vault, line)).collect();
        return Some(Batch { values, path, _locked: file });
    }
    None
}

fn read(vault: &Vault, line: &str) -> Option<Vec<u8>> {
    let opened = line.split_once(' ').and_then(|(shop, sealed)| {
        let shop = ShopId(shop.parse().ok()?);
        vault.open(shop, COLUMN, sealed).ok()
    });
    if opened.is_none() {
        tracing::error!("a line of the spool cannot be opened and is left out");
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool(folder: &Path) -> Spool {
        let chance = Chance::from_os();
        Spool::start(folder.to_owned(), Vault::new([1; 32], None, chance.clone()), chance)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_kept_comes_back_until_it_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let first = spool(folder.path());
        assert!(first.keep(ShopId(7), b"one").await);
        assert!(first.keep(ShopId(8), b"two").await);
        // Another process neither sees nor takes what is being written.
        let second = spool(folder.path());
        assert!(second.take(&BTreeSet::new()).await.is_none());
        let batch = first.take(&BTreeSet::new()).await.unwrap();
        assert_eq!(batch.values, [b"one".to_vec(), b"two".to_vec()]);
        assert!(second.take(&BTreeSet::new()).await.is_none(), "one drains at a time");
        drop(batch);
        // Not done: it is still there, for anybody; and a torn line does no harm.
        let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("one") && !text.contains("two"), "sealed");
        std::fs::write(&file, format!("{text}7 v1.torn")).unwrap();
        let batch = second.take(&BTreeSet::new()).await.unwrap();
        assert_eq!(batch.values.len(), 2);
        batch.done();
        assert!(first.take(&BTreeSet::new()).await.is_none());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn shops_that_cannot_be_kept_yet_wait_alone_and_behind_other_files() {
        let folder = tempfile::tempdir().unwrap();
        let spool = spool(folder.path());
        for (shop, value) in [(7, b"one"), (8, b"two"), (7, b"six")] {
            assert!(spool.keep(ShopId(shop), value).await);
        }
        let batch = spool.take(&BTreeSet::new()).await.unwrap();
        let tried = BTreeSet::from([batch.name()]);
        batch.keep_only(BTreeSet::from([ShopId(8)])).await;
        assert!(spool.take(&tried).await.is_none());
        assert!(spool.keep(ShopId(9), b"new").await);
        assert_eq!(spool.take(&tried).await.unwrap().values, [b"new".to_vec()]);
        let left: Vec<Batch> = [spool.take(&BTreeSet::new()).await, None].into_iter().flatten().collect();
        assert!(left.iter().any(|batch| batch.values == [b"two".to_vec()] || batch.values == [b"new".to_vec()]));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
