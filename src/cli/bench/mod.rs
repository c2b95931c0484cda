//! `bench`: how fast the doors are, beside bare handlers and Shopify's official library, in one run.
//!
//! Signed orders of 4 kB, or taps on links (`bench links`), over 64 connections; every answer of Recoup's and of the
//! official library's means that the row is on disk. Servers are children on loopback, on one core where `taskset` can
//! see to that; the sender has the other. Absolute figures drift from day to day on shared machines: quote the ratios.
//! `benches/run` starts what it needs.

mod bare;
mod floor;
mod lift;
mod links;
mod load;
mod race;
mod reports;
mod server;
mod verdicts;
mod webhooks;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use self::race::{Folder, Lane, Race, wanted};
use self::server::Server;

/// Measure the webhook door beside a bare handler and Shopify's official library.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Bench {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    race: Race,
    /// The official library's server, `benches/node/server.mjs`, its packages installed. Without it it is left out.
    #[arg(long)]
    node: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Measure the redirect, every tap on disk before the shopper is sent on.
    Links(links::Links),
    /// Measure how long an order takes from its stored webhook to its verdict, in a small shop and in a large one.
    Verdicts(verdicts::Verdicts),
    /// Measure how long reports take in a large shop, from counts and from raw rows, and what counting adds to writing.
    Reports(reports::Reports),
    /// Measure the report of a campaign with a holdout, and what keeping its outcomes costs.
    Lift(lift::Lift),
    /// Bare handlers.
    #[command(hide = true)]
    Bare {
        /// Where they listen, on loopback.
        port: u16,
    },
}

impl Bench {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match &self.part {
            Some(Part::Bare { port }) => bare::serve(*port).await,
            Some(Part::Links(links)) => links.run().await,
            Some(Part::Verdicts(verdicts)) => verdicts.run().await,
            Some(Part::Reports(reports)) => reports.run().await,
            Some(Part::Lift(lift)) => lift.run().await,
            None => self.door().await,
        }
    }

    async fn door(&self) -> anyhow::Result<()> {
        let folder = Folder::make()?;
        let servers = self.servers(&folder).await?;
        let load = webhooks::deliveries(self.race.connections);
        let mut lanes: Vec<Lane> =
            servers.iter().enumerate().map(|(n, server)| Lane::new(server.name, n, &load)).collect();
        let what = format!("signed order webhooks of {} bytes", webhooks::BODY);
        self.race.run(&what, &servers, &mut lanes).await?;
        for (ours, least, theirs) in [
            ("Recoup, SQLite", 0.20, "official library, SQLite"),
            ("Recoup, PostgreSQL", 0.15, "official library, PostgreSQL"),
        ] {
            let find = |name: &str| lanes.iter().zip(&servers).find(|(lane, _)| lane.name == name);
            let Some((lane, server)) = find(ours) else { continue };
            let ratio = lane.rate() / lanes[0].rate();
            wanted(ours, &format!("at least {least:.2} × bare"), format!("{ratio:.2}"), ratio >= least);
            if let Some((official, _)) = find(theirs) {
                let ratio = lane.rate() / official.rate();
                wanted(ours, "at least 10 × the official library", format!("{ratio:.1}"), ratio >= 10.0);
            }
            wanted(ours, "p99 at most 60 ms", format!("{:.1}", lane.p99()), lane.p99() <= 60.0);
            let memory = server.peak_megabytes();
            wanted(ours, "memory at most 100 MB", memory.to_string(), memory <= 100);
        }
        floor::hold(&lanes);
        for server in servers {
            let name = server.name;
            if let Some((deliveries, _)) = server.account().await? {
                println!("{name}: killed; {deliveries} deliveries are kept");
            }
        }
        Ok(())
    }

    async fn servers(&self, folder: &Folder) -> anyhow::Result<Vec<Server>> {
        let mut all = vec![
            Server::bare().await?,
            Server::recoup("Recoup, SQLite", folder.sqlite("door.db"), false).await?,
            Server::recoup("Recoup, SQLite, worker in the process", folder.sqlite("both.db"), true).await?,
        ];
        if let Some(postgres) = &self.race.postgres {
            let database = server::database(postgres, "recoup_bench").await?;
            all.push(Server::recoup("Recoup, PostgreSQL", database, false).await?);
        }
        if let Some(script) = &self.node {
            let file = folder.0.join("node.db").display().to_string();
            all.push(Server::node("official library, SQLite", script, &file).await?);
            if let Some(postgres) = &self.race.postgres {
                let database = server::database(postgres, "official_bench").await?;
                all.push(Server::node("official library, PostgreSQL", script, &database).await?);
            }
        }
        Ok(all)
    }
}
