//! Contenders in turn under the same load, and the table of what they did.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::load::{Load, Round};
use super::server::{Server, pin_sender};

/// How long, how often, how many at once.
#[derive(Debug, Args)]
pub struct Race {
    /// Seconds a server is under load in one round.
    #[arg(long, default_value_t = 4)]
    pub seconds: u64,
    /// Rounds; the servers take turns, and the medians are shown.
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// Connections at the same time.
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    /// A PostgreSQL where databases may be made (`postgres://…/postgres`). Without it PostgreSQL is left out.
    #[arg(long)]
    pub postgres: Option<String>,
}

/// One contender under one load.
pub struct Lane {
    /// What it is called in the table.
    pub name: &'static str,
    server: usize,
    load: Load,
    rounds: Vec<Round>,
}

impl Lane {
    /// A lane of the server with this index.
    pub fn new(name: &'static str, server: usize, load: &Load) -> Self {
        Self { name, server, load: load.clone(), rounds: Vec::new() }
    }

    /// Right answers per second.
    pub fn rate(&self) -> f64 {
        f64::from(self.median(|round| round.rate))
    }

    /// Milliseconds within which 99 of 100 answers came.
    pub fn p99(&self) -> f64 {
        f64::from(self.median(|round| round.p99)) / 1_000.0
    }

    fn median(&self, of: fn(&Round) -> u32) -> u32 {
        let mut all: Vec<u32> = self.rounds.iter().map(of).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or(0)
    }
}

impl Race {
    /// Runs it; the first lane is the measure. What each server was asked and answered rightly, also while warming up,
    /// is given back in the servers' order.
    pub async fn run(&self, what: &str, servers: &[Server], lanes: &mut [Lane]) -> anyhow::Result<Vec<u64>> {
        let pinned = pin_sender();
        let busy = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        println!(
            "load of the machine before: {} (figures of a busy machine say little)",
            busy.split(' ').next().unwrap_or("?")
        );
        let mut answered = vec![0; servers.len()];
        for lane in &*lanes {
            let warming = lane.load.run(servers[lane.server].port, Duration::from_secs(1));
            answered[lane.server] += warming.await.with_context(|| lane.name.to_owned())?.answered;
        }
        for round in 0..self.rounds {
            for lane in &mut *lanes {
                let done = lane.load.run(servers[lane.server].port, Duration::from_secs(self.seconds)).await?;
                answered[lane.server] += done.answered;
                lane.rounds.push(done);
            }
            eprintln!("round {} of {}", round + 1, self.rounds);
        }
        self.tell(what, servers, lanes, pinned);
        Ok(answered)
    }

    fn tell(&self, what: &str, servers: &[Server], lanes: &[Lane], pinned: bool) {
        let place = if pinned {
            "servers on core 0, sender on core 1, PostgreSQL where there is room"
        } else {
            "nothing pinned to a core: taskset is missing"
        };
        let (connections, rounds, seconds) = (self.connections, self.rounds, self.seconds);
        println!("\n{what}, {connections} connections, {rounds} rounds of {seconds} s, medians; {place}");
        println!("\n{:<40}{:>10}{:>10}{:>10}{:>10}{:>10}", "", "req/s", "p50 ms", "p99 ms", "MB peak", "× bare");
        let bare = lanes[0].rate();
        for lane in lanes {
            println!(
                "{:<40}{:>10}{:>10.1}{:>10.1}{:>10}{:>10.3}",
                lane.name,
                lane.rate(),
                f64::from(lane.median(|round| round.p50)) / 1_000.0,
                lane.p99(),
                servers[lane.server].peak_megabytes(),
                lane.rate() / bare,
            );
            let refused: u64 = lane.rounds.iter().map(|round| round.refused).sum();
            if refused > 0 {
                println!("{:<40}{refused} were answered otherwise", "");
            }
        }
        println!();
    }
}

/// Says whether a wish was met.
pub fn wanted(who: &str, what: &str, got: String, met: bool) {
    println!("{} {who}: {what}: {got}", if met { "met   " } else { "MISSED" });
}

/// A temporary folder that goes with the command. On a disk: what is measured is durable.
pub struct Folder(pub PathBuf);

impl Folder {
    /// Makes it.
    pub fn make() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("recoup-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    /// An SQLite database in it.
    pub fn sqlite(&self, name: &str) -> String {
        format!("sqlite://{}", self.0.join(name).display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
