//! `bench reports`: how long reports take in a large shop, from the counts kept beside the facts and, in the same run, from
//! the raw rows; and what keeping the counts adds to writing.
//!
//! The shop is filled by statements that make rows out of rows. As long as nobody has counted its books, a report adds up
//! the raw rows by itself: that is the raw figure. Then the books are counted, as after an update.

mod fill;
mod writing;

use std::time::{Duration, Instant};

use clap::Args;

use super::race::{Folder, wanted};
use super::server;
use super::verdicts::{open, shop};
use crate::app::App;
use crate::kernel::{Clock, Day, Timestamp};
use crate::reports::{self as rooms, Report};
use crate::shops::Shop;

/// Measure how long reports take in a large shop.
#[derive(Debug, Args)]
pub struct Reports {
    /// Messages of a year.
    #[arg(long, default_value_t = 100_000)]
    messages: u64,
    /// Orders of the same year.
    #[arg(long, default_value_t = 10_000)]
    orders: u64,
    /// How often each report is read.
    #[arg(long, default_value_t = 100)]
    times: usize,
    /// Leave SQLite out.
    #[arg(long)]
    no_sqlite: bool,
    /// A PostgreSQL server to measure too: `postgres://…/postgres`.
    #[arg(long)]
    postgres: Option<String>,
}

/// The first day of the pretend year, and how many days it has.
const FIRST: &str = "2025-11-01";
const DAYS: i32 = 360;

/// Raw reports are read this often, or for so long.
const RAW_TIMES: usize = 3;
const RAW_PATIENCE: Duration = Duration::from_secs(5);

/// Others for no longer than this; and surveys, which take as long as they may, this often.
const PATIENCE: Duration = Duration::from_secs(30);
const SURVEYS: usize = 2;

/// A statement that takes longer is cut off by PostgreSQL.
const CUT_OFF: Duration = Duration::from_secs(15);

impl Reports {
    pub(super) async fn run(&self) -> anyhow::Result<()> {
        let folder = Folder::make()?;
        if !self.no_sqlite {
            self.engine("SQLite", &folder.sqlite("reports.db")).await?;
        }
        if let Some(postgres) = &self.postgres {
            self.engine("PostgreSQL", &server::database(postgres, "reports_bench").await?).await?;
        }
        Ok(())
    }

    async fn engine(&self, engine: &str, database: &str) -> anyhow::Result<()> {
        let first = Day::parse(FIRST).ok_or_else(|| anyhow::anyhow!("the first day is no day"))?;
        let end = first.plus(DAYS).start(chrono_tz::UTC);
        let app = open(database, Clock::manual(end)).await?;
        let shop = shop(&app).await?;
        let began = Instant::now();
        fill::fill(&app, &shop, (first, DAYS), (self.messages, self.orders)).await?;
        println!(
            "{engine}: {} messages and {} orders of {DAYS} days, filled in {:.0} s",
            self.messages,
            self.orders,
            began.elapsed().as_secs_f64()
        );
        let last = first.plus(DAYS - 1);
        let periods = [("30 days", (last.plus(-29), last)), ("the year", (first, last))];
        let mut raw = Vec::new();
        for (_, period) in periods {
            for report in Report::ALL {
                let most = if report.is_survey() { 1 } else { RAW_TIMES };
                raw.push(times(&app, &shop, report, period, (most, RAW_PATIENCE)).await?);
            }
        }
        let began = Instant::now();
        let different = rooms::recount(&app, &shop).await?;
        println!("{engine}: the books were counted in {:.1} s, {different} cells", began.elapsed().as_secs_f64());
        println!("\n{:<30}{:>12}{:>12}{:>12}{:>10}", "", "raw ms", "median ms", "p99 ms", "× faster");
        let mut raw = raw.into_iter();
        for (called, period) in periods {
            for report in Report::ALL {
                let most = if report.is_survey() { SURVEYS } else { self.times };
                let counted = times(&app, &shop, report, period, (most, PATIENCE)).await?;
                let raw = raw.next().unwrap_or_default();
                let (raw, median, p99) = (at(&raw, 50), at(&counted, 50), at(&counted, 99));
                let name = format!("{report:?}, {called}");
                println!("{name:<30}{raw:>12.1}{median:>12.2}{p99:>12.2}{:>10.0}", raw / median);
                // A survey reads orders one by one for some seconds and says how far it came: no count stands for it.
                if !report.is_survey() {
                    wanted(engine, &format!("{name}: p99 at most 100 ms"), format!("{p99:.1} ms"), p99 <= 100.0);
                }
            }
        }
        let began = Instant::now();
        let different = rooms::recount(&app, &shop).await?;
        println!("{engine}: all counted again in {:.1} s", began.elapsed().as_secs_f64());
        wanted(engine, "counting again changes nothing", different.to_string(), different == 0);
        writing::measure(&app, &shop, engine, self.messages).await?;
        app.db.clone().close().await?;
        Ok(())
    }
}

/// Milliseconds a report took, each time, in order.
async fn times(
    app: &App,
    shop: &Shop,
    report: Report,
    period: (Day, Day),
    (most, patience): (usize, Duration),
) -> anyhow::Result<Vec<f64>> {
    let (began, now): (Instant, Timestamp) = (Instant::now(), app.clock.now());
    let mut took = Vec::new();
    while took.len() < most && (took.is_empty() || began.elapsed() < patience) {
        let one = Instant::now();
        match report.read(app.db.read(), shop, period, now).await {
            // PostgreSQL cuts off what takes longer than a report may: the figure is a lower bound.
            Err(_) if one.elapsed() > CUT_OFF => {}
            read => drop(read?),
        }
        took.push(one.elapsed().as_secs_f64() * 1_000.0);
    }
    took.sort_by(f64::total_cmp);
    Ok(took)
}

/// What so many of a hundred stayed within.
fn at(sorted: &[f64], percent: usize) -> f64 {
    let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(place).copied().unwrap_or(0.0)
}
