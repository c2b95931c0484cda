//! `rejudge`: judge every hit on every link again.

use clap::Args;
use sea_orm::EntityTrait;

use super::start;
use crate::links::classify;
use crate::shops::Shops;

/// Judge every hit on every link again: person or machine. Over unchanged facts and rules this changes nothing.
#[derive(Debug, Args)]
pub struct Rejudge {
    /// Only the shop with this myshopify.com domain.
    #[arg(long)]
    shop: Option<String>,
    /// Say what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Rejudge {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let app = start::open_unmigrated().await?;
        let shops = Shops::find().all(app.db.read()).await?;
        let shops: Vec<_> =
            shops.into_iter().filter(|shop| self.shop.as_ref().is_none_or(|only| *only == shop.domain)).collect();
        anyhow::ensure!(!shops.is_empty(), "there is no such shop");
        for shop in shops {
            let judged = classify::classify_again(&app, shop.shop_id, !self.dry_run).await?;
            let came = if self.dry_run { "would come out" } else { "came out" };
            println!("{}: {} hits, {} verdicts {came} different", shop.domain, judged.hits, judged.changed);
        }
        Ok(())
    }
}
