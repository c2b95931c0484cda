//! `bench lift`: the report of one campaign with a holdout, from its outcomes, and what keeping outcomes costs beside judging.
//!
//! No HTTP and no second process, as `bench verdicts`: orders are kept as webhooks are, and the program's own worker is run
//! until nothing is due.

use std::time::{Duration, Instant};

use clap::Args;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::race::{Folder, wanted};
use super::server;
use super::verdicts::{BEGINNING, fill, id, issued, keep, open, shop};
use crate::app::App;
use crate::campaigns::{Arm, Campaign, CampaignId, Campaigns, Draw, NewCampaign};
use crate::db::{INSERT_ROWS, insert_once};
use crate::jobs;
use crate::kernel::id::MessageId;
use crate::kernel::{Clock, Timestamp};
use crate::lift;
use crate::people::RecipientId;
use crate::shops::Shop;
use crate::worker::worker;

/// Measure the report of a campaign with a holdout, and what keeping its outcomes costs.
#[derive(Debug, Args)]
pub struct Lift {
    /// Recipients of the campaign; one in ten is left alone.
    #[arg(long, default_value_t = 1_000_000)]
    recipients: u32,
    /// Orders of theirs.
    #[arg(long, default_value_t = 50_000)]
    orders: u32,
    /// How often the report is read.
    #[arg(long, default_value_t = 20)]
    reads: u32,
    /// A PostgreSQL server to measure too: `postgres://…/postgres`.
    #[arg(long)]
    postgres: Option<String>,
}

impl Lift {
    pub(super) async fn run(&self) -> anyhow::Result<()> {
        let folder = Folder::make()?;
        self.engine("SQLite", &folder.sqlite("lift.db")).await?;
        if let Some(postgres) = &self.postgres {
            self.engine("PostgreSQL", &server::database(postgres, "lift").await?).await?;
        }
        Ok(())
    }

    async fn engine(&self, engine: &str, database: &str) -> anyhow::Result<()> {
        let clock = Clock::manual(Timestamp::from_seconds(BEGINNING));
        let app = open(database, clock.clone()).await?;
        let shop = shop(&app).await?;
        println!("{engine}: writing {} recipients", self.recipients);
        fill(&app, &shop, self.recipients).await?;
        let campaign = drawn(&app, &shop, self.recipients).await?;
        clock.advance_to(Timestamp::from_seconds(BEGINNING + 60 * 86_400));
        let judging = self.judge(&app, &shop, engine).await?;
        self.upkeep(&app, &shop, engine, judging).await?;
        self.report(&app, &shop, &campaign, engine).await?;
        app.db.clone().close().await?;
        Ok(())
    }

    /// Orders come in and are judged, and their outcomes kept.
    async fn judge(&self, app: &App, shop: &Shop, engine: &str) -> anyhow::Result<Duration> {
        keep(app, shop, self.recipients, 0..self.orders).await?;
        let began = Instant::now();
        jobs::settle(&worker(app.clone())).await?;
        let took = began.elapsed();
        println!(
            "{engine}: {} orders from stored delivery to verdict and outcome: {:.1} s",
            self.orders,
            took.as_secs_f64()
        );
        Ok(took)
    }

    /// The part of it that keeping outcomes is: all of them are thrown away and kept again.
    async fn upkeep(&self, app: &App, shop: &Shop, engine: &str, whole: Duration) -> anyhow::Result<()> {
        let of_shop = lift::Outcomes::delete_many().filter(lift::OutcomeColumn::ShopId.eq(shop.shop_id));
        let gone = of_shop.exec(app.db.write()).await?.rows_affected;
        let began = Instant::now();
        let orders = lift::rebuild(app, shop).await?;
        let took = began.elapsed();
        let share = took.as_secs_f64() / whole.saturating_sub(took).as_secs_f64();
        println!("{engine}: {gone} outcomes of {orders} orders kept again: {:.1} s", took.as_secs_f64());
        wanted(
            engine,
            "keeping outcomes costs at most 10 % of judging",
            format!("{:.1} %", share * 100.0),
            share <= 0.1,
        );
        Ok(())
    }

    async fn report(&self, app: &App, shop: &Shop, campaign: &Campaign, engine: &str) -> anyhow::Result<()> {
        let now = app.clock.now();
        let question = lift::Question {
            from: Timestamp::from_seconds(BEGINNING),
            until: now,
            horizon_days: lift::HORIZON_DAYS,
            planned: 0.1,
            through: Some(now),
            now,
        };
        let mut times = Vec::new();
        let mut sentence = String::new();
        for _ in 0..self.reads.max(1) {
            let began = Instant::now();
            let report = lift::campaign_lift(app.db.read(), shop, campaign, &question).await?;
            times.push(began.elapsed());
            sentence = report.comparisons.into_iter().next().map(|one| one.sentence).unwrap_or_default();
        }
        times.sort_unstable();
        let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
        println!("{engine}: {sentence}");
        println!(
            "{engine}: the report: median {:.0} ms, longest {:.0} ms of {}; {}",
            ms(median),
            ms(worst),
            times.len(),
            memory()
        );
        wanted(engine, "the report in at most 1 s", format!("{:.0} ms", ms(median)), median <= Duration::from_secs(1));
        Ok(())
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The most memory this process ever took, where Linux tells it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|kib| kib.trim().split(' ').next()?.parse::<u64>().ok());
    peak.map_or_else(|| "memory unknown".to_owned(), |kib| format!("{} MB at the most, filling included", kib / 1_024))
}

/// The campaign, and everybody's draw: one in ten is left alone.
async fn drawn(app: &App, shop: &Shop, recipients: u32) -> anyhow::Result<Campaign> {
    let campaign = CampaignId(id(4, 1));
    let new: NewCampaign =
        serde_json::from_value(serde_json::json!({"name": "Bench", "kind": "broadcast", "holdout": 0.1}))?;
    let campaign = new.draft(campaign, shop, Timestamp::from_seconds(BEGINNING));
    Campaigns::insert(campaign.clone().into_active_model()).exec_without_returning(app.db.write()).await?;
    let step = INSERT_ROWS * 20;
    for first in (0..recipients).step_by(step) {
        let txn = app.db.begin_write().await?;
        let draw = |number: u32| Draw {
            shop_id: shop.shop_id,
            id: MessageId(id(2, number)),
            campaign_id: campaign.id,
            recipient_key_hash: format!("bench{number}"),
            recipient_id: RecipientId(id(1, number)),
            held_out: number.is_multiple_of(10),
            arm: if number.is_multiple_of(10) { Arm::Nothing } else { Arm::MessageAndCode },
            by_program: false,
            checkout_token: None,
            drawn_at: issued(number),
        };
        let numbers = first..recipients.min(first + u32::try_from(step)?);
        insert_once(&txn, numbers.map(draw).map(IntoActiveModel::into_active_model)).await?;
        txn.commit().await?;
    }
    // The held out got no message.
    let alone = format!(
        "DELETE FROM messages WHERE shop_id = {} AND id IN (SELECT id FROM draws WHERE held_out)",
        shop.shop_id.0
    );
    app.db.write().execute_unprepared(&alone).await?;
    if !app.db.is_sqlite() {
        app.db.write().execute_unprepared("ANALYZE draws, messages").await?;
    }
    Ok(campaign)
}
