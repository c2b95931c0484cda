//! A PostgreSQL of a test's own, which it may pause and kill. The shell that starts it is `tests/postgres.sh`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A running cluster; it stops and goes when dropped.
pub struct Cluster {
    folder: tempfile::TempDir,
    pub url: String,
}

impl Cluster {
    /// Makes and starts one. `None`, and a word about it, when the machine has no PostgreSQL.
    pub fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        if shell("postgres_bin").trim().is_empty() {
            eprintln!("no PostgreSQL on this machine: what needs a cluster of its own is skipped");
            return None;
        }
        let said = shell(&format!("postgres_start '{}' && echo \"$postgres_url\"", folder.path().display()));
        let url = said.trim().to_owned();
        assert!(url.starts_with("postgres://"), "PostgreSQL did not start: {said}");
        Some(Self { folder, url })
    }

    /// Starts it again. A killed server's children may hold its memory for a moment longer.
    pub fn up(&self) {
        let folder = self.folder.path().display();
        for _ in 0..50 {
            if shell(&format!("postgres_up '{folder}' >/dev/null && echo up")).trim() == "up" {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("PostgreSQL did not come back: {}", std::fs::read_to_string(self.data().join("../log")).unwrap());
    }

    /// `kill -9` of the server's first process; the others end when they notice.
    pub fn kill(&self) {
        signal("KILL", &[self.postmaster()]);
    }

    /// All its processes stand still: connections stay open and nothing answers.
    pub fn pause(&self) {
        // The first one first: once it stands still, no child is born between looking and stopping. A busy machine may
        // let it finish a birth after the signal was sent.
        stop(&[self.postmaster()]);
        stop(&self.processes());
    }

    /// They go on.
    pub fn resume(&self) {
        signal("CONT", &self.processes());
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("postgres/data")
    }

    fn postmaster(&self) -> u32 {
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        text.lines().next().unwrap().trim().parse().unwrap()
    }

    /// The first process and its children.
    fn processes(&self) -> Vec<u32> {
        let first = self.postmaster();
        let children = std::fs::read_to_string(format!("/proc/{first}/task/{first}/children")).unwrap_or_default();
        std::iter::once(first).chain(children.split_whitespace().filter_map(|pid| pid.parse().ok())).collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let pid = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        if let Some(pid) = pid.lines().next().and_then(|line| line.trim().parse().ok()) {
            signal("CONT", &[pid]);
            signal("QUIT", &[pid]);
        }
    }
}

/// Sends a signal to processes of our own.
pub fn signal(name: &str, pids: &[u32]) {
    for pid in pids {
        drop(Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).stderr(Stdio::null()).status());
    }
}

/// Stops processes and waits until they stand still.
fn stop(pids: &[u32]) {
    signal("STOP", pids);
    let stands = |pid: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(") ").next().is_none_or(|state| state.is_empty() || state.starts_with(['T', 'Z']))
    };
    for _ in 0..1_000 {
        if pids.iter().all(stands) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("PostgreSQL does not stand still");
}

fn shell(command: &str) -> String {
    let script = format!("need() {{ :; }}; . tests/postgres.sh; {command}");
    let mut bash = Command::new("bash");
    bash.arg("-c").arg(script).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    // A server that is started keeps what it inherits: a file, not a pipe somebody waits on.
    let said = tempfile::NamedTempFile::new().unwrap();
    bash.stdout(said.reopen().unwrap()).stderr(Stdio::null());
    drop(bash.status());
    std::fs::read_to_string(said.path()).unwrap()
}
