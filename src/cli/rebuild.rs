//! `rebuild`: derive every verdict again.

use clap::Args;
use sea_orm::EntityTrait;

use super::start;
use crate::attribution;
use crate::lift;
use crate::reports;
use crate::shops::Shops;

/// Derive every verdict again from the facts, and count again what reports read. Over unchanged facts this changes nothing.
#[derive(Debug, Args)]
pub struct Rebuild {
    /// Only the shop with this myshopify.com domain.
    #[arg(long)]
    shop: Option<String>,
}

impl Rebuild {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let app = start::open_unmigrated().await?;
        let shops = Shops::find().all(app.db.read()).await?;
        let shops: Vec<_> =
            shops.into_iter().filter(|shop| self.shop.as_ref().is_none_or(|only| *only == shop.domain)).collect();
        anyhow::ensure!(!shops.is_empty(), "there is no such shop");
        for shop in shops {
            let rebuilt = attribution::rebuild(&app, &shop).await?;
            println!("{}: {} orders, {} verdicts came out different", shop.domain, rebuilt.orders, rebuilt.changed);
            let outcomes = lift::rebuild(&app, &shop).await?;
            println!("{}: the outcomes of {outcomes} orders came out different", shop.domain);
            let counts = reports::recount(&app, &shop).await?;
            println!("{}: {counts} counts came out different", shop.domain);
        }
        Ok(())
    }
}
