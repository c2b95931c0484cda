//! `bench`: how fast the webhook door is, beside a bare handler and Shopify's official library, in one run.
//!
//! Signed orders of 4 kB over 64 connections; every 200 of Recoup's and of the official library's means that the row is
//! on disk. Servers are children on loopback, on one core where `taskset` can see to that; the sender has the other.
//! Absolute figures drift from day to day on shared machines: quote the ratios. `benches/run` starts what it needs.

mod bare;
mod load;
mod server;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Subcommand};

use self::load::{Load, Round};
use self::server::{Server, pin_sender};

/// Measure the webhook door beside a bare handler and Shopify's official library.
#[derive(Debug, Args)]
pub struct Bench {
    #[command(subcommand)]
    part: Option<Part>,
    /// Seconds a server is under load in one round.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Rounds; the servers take turns, and the medians are shown.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Connections at the same time.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// A PostgreSQL where databases may be made (`postgres://…/postgres`). Without it PostgreSQL is left out.
    #[arg(long)]
    postgres: Option<String>,
    /// The official library's server, `benches/node/server.mjs`, its packages installed. Without it it is left out.
    #[arg(long)]
    node: Option<PathBuf>,
}

/// What the command starts of itself.
#[derive(Debug, Subcommand)]
enum Part {
    /// A bare handler that only checks the signature.
    #[command(hide = true)]
    Bare {
        /// Where it listens, on loopback.
        port: u16,
    },
}

/// One contender and what it did.
struct Lane {
    server: Server,
    rounds: Vec<Round>,
}

impl Bench {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        if let Some(Part::Bare { port }) = self.part {
            return bare::serve(port).await;
        }
        let pinned = pin_sender();
        let busy = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        println!(
            "load of the machine before: {} (figures of a busy machine say little)",
            busy.split(' ').next().unwrap_or("?")
        );
        let folder = Folder::make()?;
        let mut lanes = Vec::new();
        for server in self.servers(&folder).await? {
            lanes.push(Lane { server, rounds: Vec::new() });
        }
        let load = Load::new(self.connections);
        for lane in &lanes {
            load.run(lane.server.port, Duration::from_secs(1)).await.with_context(|| lane.server.name.to_owned())?;
        }
        for round in 0..self.rounds {
            for lane in &mut lanes {
                lane.rounds.push(load.run(lane.server.port, Duration::from_secs(self.seconds)).await?);
            }
            eprintln!("round {} of {}", round + 1, self.rounds);
        }
        self.tell(&lanes, pinned);
        for lane in lanes {
            if let Some(line) = lane.server.account().await? {
                println!("{line}");
            }
        }
        Ok(())
    }

    async fn servers(&self, folder: &Folder) -> anyhow::Result<Vec<Server>> {
        let sqlite = |name: &str| format!("sqlite://{}", folder.0.join(name).display());
        let mut all = vec![
            Server::bare().await?,
            Server::recoup("Recoup, SQLite", sqlite("door.db"), false).await?,
            Server::recoup("Recoup, SQLite, worker in the process", sqlite("both.db"), true).await?,
        ];
        if let Some(postgres) = &self.postgres {
            let database = server::database(postgres, "recoup_bench").await?;
            all.push(Server::recoup("Recoup, PostgreSQL", database, false).await?);
        }
        if let Some(script) = &self.node {
            let file = folder.0.join("node.db").display().to_string();
            all.push(Server::node("official library, SQLite", script, &file).await?);
            if let Some(postgres) = &self.postgres {
                let database = server::database(postgres, "official_bench").await?;
                all.push(Server::node("official library, PostgreSQL", script, &database).await?);
            }
        }
        Ok(all)
    }

    fn tell(&self, lanes: &[Lane], pinned: bool) {
        println!(
            "\nsigned order webhooks of {} bytes, {} connections, {} rounds of {} s, medians; {}",
            load::BODY,
            self.connections,
            self.rounds,
            self.seconds,
            if pinned {
                "servers on core 0, sender on core 1, PostgreSQL where there is room"
            } else {
                "nothing pinned to a core: taskset is missing"
            },
        );
        println!("\n{:<40}{:>10}{:>10}{:>10}{:>10}{:>10}", "", "req/s", "p50 ms", "p99 ms", "MB peak", "× bare");
        let bare = rate(&lanes[0]);
        for lane in lanes {
            let ms = |of: fn(&Round) -> u32| f64::from(median(&lane.rounds, of)) / 1_000.0;
            println!(
                "{:<40}{:>10}{:>10.1}{:>10.1}{:>10}{:>10.3}",
                lane.server.name,
                rate(lane),
                ms(|round| round.p50),
                ms(|round| round.p99),
                lane.server.peak_megabytes(),
                rate(lane) as f64 / bare as f64,
            );
            let refused: u64 = lane.rounds.iter().map(|round| round.refused).sum();
            if refused > 0 {
                println!("{:<40}{refused} were not answered 200", "");
            }
        }
        println!();
        for (ours, least, theirs) in [
            ("Recoup, SQLite", 0.20, "official library, SQLite"),
            ("Recoup, PostgreSQL", 0.15, "official library, PostgreSQL"),
        ] {
            let find = |name: &str| lanes.iter().find(|lane| lane.server.name == name);
            let Some(lane) = find(ours) else { continue };
            let ratio = rate(lane) as f64 / bare as f64;
            wanted(ours, &format!("at least {least:.2} × bare"), format!("{ratio:.2}"), ratio >= least);
            if let Some(official) = find(theirs) {
                let ratio = rate(lane) as f64 / rate(official) as f64;
                wanted(ours, "at least 10 × the official library", format!("{ratio:.1}"), ratio >= 10.0);
            }
            let p99 = f64::from(median(&lane.rounds, |round| round.p99)) / 1_000.0;
            wanted(ours, "p99 at most 60 ms", format!("{p99:.1}"), p99 <= 60.0);
            let memory = lane.server.peak_megabytes();
            wanted(ours, "memory at most 100 MB", memory.to_string(), memory <= 100);
        }
    }
}

fn wanted(who: &str, what: &str, got: String, met: bool) {
    println!("{} {who}: {what}: {got}", if met { "met   " } else { "MISSED" });
}

fn rate(lane: &Lane) -> u32 {
    median(&lane.rounds, |round| round.rate)
}

fn median(rounds: &[Round], of: fn(&Round) -> u32) -> u32 {
    let mut all: Vec<u32> = rounds.iter().map(of).collect();
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or(0)
}

/// A temporary folder that goes with the command. On a disk: what is measured is durable.
struct Folder(PathBuf);

impl Folder {
    fn make() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("recoup-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
