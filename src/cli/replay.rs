//! `replay`: translate deliveries again, or try jobs again that were set aside.

use std::time::Duration;

use clap::Args;
use sea_orm::{EntityTrait, QueryFilter};

use super::start;
use crate::app::App;
use crate::jobs;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shops::{SHOP, Shops};
use crate::webhooks::{self, DeliveryState};

/// Translate deliveries again. Without a filter: those that were set aside.
#[derive(Debug, Args)]
pub struct Replay {
    /// One delivery, by the platform's id.
    #[arg(long)]
    id: Option<String>,
    /// Only this topic, e.g. `orders/create`.
    #[arg(long)]
    topic: Option<String>,
    /// Only the shop with this myshopify.com domain.
    #[arg(long)]
    shop: Option<String>,
    /// Only in this state: pending, done, ignored, dead, or `all`.
    #[arg(long, default_value = "dead")]
    state: String,
    /// Only received since this instant (RFC 3339).
    #[arg(long)]
    since: Option<String>,
    /// Only received before this instant (RFC 3339).
    #[arg(long)]
    until: Option<String>,
    /// Instead of deliveries: jobs that were set aside. They are tried again; their reasons are printed.
    #[arg(long, conflicts_with_all = ["id", "topic", "state", "since", "until", "wait"])]
    jobs: bool,
    /// Only say how many there are.
    #[arg(long)]
    dry_run: bool,
    /// Wait until a running `serve` or `worker` has translated them, so many seconds at most (default 60), and say what
    /// became of them.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "60")]
    wait: Option<u64>,
}

impl Replay {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let app = start::open_unmigrated().await?;
        let filter = self.filter(&app).await?;
        if self.jobs {
            return revive(&app, filter.shop, self.dry_run).await;
        }
        let found = webhooks::matching(&app, &filter).await?;
        if self.dry_run {
            println!("{} deliveries would be translated again; nothing was changed", found.len());
            return Ok(());
        }
        webhooks::put_back(&app, &found).await?;
        println!("{} deliveries wait to be translated again; a running `serve` or `worker` does it", found.len());
        match self.wait {
            Some(seconds) => tell(&app, &found, seconds).await,
            None => Ok(()),
        }
    }

    async fn filter(&self, app: &App) -> anyhow::Result<webhooks::Replay> {
        let shop = match &self.shop {
            None => None,
            Some(domain) => {
                let found = Shops::find().filter(SHOP.domain.eq(domain)).one(app.db.read()).await?;
                Some(found.ok_or_else(|| anyhow::anyhow!("there is no shop {domain} here"))?.shop_id)
            }
        };
        Ok(webhooks::Replay {
            shop,
            source: None,
            delivery_id: self.id.clone(),
            topic: self.topic.clone(),
            state: state(&self.state)?,
            since: instant("--since", self.since.as_deref())?,
            until: instant("--until", self.until.as_deref())?,
        })
    }
}

/// Tries jobs again that were set aside.
async fn revive(app: &App, shop: Option<ShopId>, dry_run: bool) -> anyhow::Result<()> {
    let mut tried = 0;
    for job in jobs::dead(app.db.read()).await?.iter().filter(|job| shop.is_none_or(|shop| shop == job.shop_id)) {
        println!(
            "  {} of shop {}: {}",
            job.kind,
            job.shop_id,
            job.last_error.as_deref().unwrap_or("no reason is kept")
        );
        tried += usize::from(dry_run || jobs::revive(app.db.write(), job, app.clock.now()).await?);
    }
    match dry_run {
        true => println!("{tried} jobs would be tried again; nothing was changed"),
        false => println!("{tried} jobs wait to be tried again; a running `serve` or `worker` does it"),
    }
    Ok(())
}

/// Says what became of deliveries, once none of them waits any more.
async fn tell(app: &App, keys: &[webhooks::Key], seconds: u64) -> anyhow::Result<()> {
    for waited in 0..=seconds * 4 {
        let outcomes = webhooks::outcomes(app, keys).await?;
        let waiting: u64 = outcomes.iter().filter(|((state, _), _)| state == "pending").map(|(_, count)| count).sum();
        if waiting == 0 || waited == seconds * 4 {
            for ((state, reason), count) in &outcomes {
                println!(
                    "  {count:>8} {state}{}",
                    reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"))
                );
            }
            anyhow::ensure!(waiting == 0, "{waiting} still wait after {seconds} s: is a `serve` or `worker` running?");
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Ok(())
}

fn instant(option: &str, text: Option<&str>) -> anyhow::Result<Option<Timestamp>> {
    let read = |text: &str| {
        Timestamp::parse(text).ok_or_else(|| anyhow::anyhow!("{option} takes an instant such as 2026-11-22T10:00:00Z"))
    };
    text.map(read).transpose()
}

fn state(text: &str) -> anyhow::Result<Option<DeliveryState>> {
    Ok(Some(match text {
        "all" => return Ok(None),
        "pending" => DeliveryState::Pending,
        "done" => DeliveryState::Done,
        "ignored" => DeliveryState::Ignored,
        "dead" => DeliveryState::Dead,
        other => anyhow::bail!("--state is pending, done, ignored, dead or all, not {other}"),
    }))
}
