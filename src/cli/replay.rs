//! `replay`: translate deliveries again.

use clap::Args;
use sea_orm::{EntityTrait, QueryFilter};

use super::start;
use crate::kernel::Timestamp;
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
}

impl Replay {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let app = start::open_unmigrated().await?;
        let shop = match &self.shop {
            None => None,
            Some(domain) => {
                let found = Shops::find().filter(SHOP.domain.eq(domain)).one(app.db.read()).await?;
                Some(found.ok_or_else(|| anyhow::anyhow!("there is no shop {domain} here"))?.shop_id)
            }
        };
        let since = self.since.as_deref().map(|text| {
            Timestamp::parse(text)
                .ok_or_else(|| anyhow::anyhow!("--since takes an instant such as 2026-11-22T10:00:00Z"))
        });
        let filter = webhooks::Replay {
            shop,
            delivery_id: self.id,
            topic: self.topic,
            state: state(&self.state)?,
            since: since.transpose()?,
        };
        let count = webhooks::replay(&app, &filter).await?;
        println!("{count} deliveries wait to be translated again; a running `serve` or `worker` does it");
        Ok(())
    }
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
