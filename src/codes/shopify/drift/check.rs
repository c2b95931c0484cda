//! Shopify is asked how a discount of ours stands, and what is different is kept. A discount whose codes would not work as
//! promised is retired, and the pool filled from another.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::compare::{differences, seen, works_as_promised};
use crate::app::App;
use crate::campaigns::{Campaign, Campaigns};
use crate::codes::discount::{self, Because, Difference, Differences};
use crate::codes::id::DiscountId;
use crate::codes::pool::retire;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shopify::admin::discount::DiscountGid;
use crate::shopify::parse_gid;
use crate::shops::{Shop, Shops};

/// The job: looks at a discount of ours.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct DriftCheck(DiscountId);

/// Shopify told of a discount, by whatever form of its global id: it is looked at. `false`: not one of ours.
pub async fn check_drift(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    gid: &str,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let Some(("DiscountCodeNode" | "DiscountNode", number)) = parse_gid(gid) else { return Ok(false) };
    let ours = discount::Entity::of(shop)
        .filter(discount::Column::ShopifyDiscountId.eq(format!("gid://shopify/DiscountCodeNode/{number}")));
    let Some(discount) = ours.one(txn).await? else { return Ok(false) };
    jobs::enqueue(txn, &app.chance, shop, &DriftCheck(discount.id), now, now).await?;
    Ok(true)
}

impl Job for DriftCheck {
    const NAME: &'static str = "codes.noticed";

    fn key(&self) -> Option<String> {
        Some(format!("noticed:{}", self.0))
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let db = app.db.read();
        let Some(discount) = discount::Entity::find_by_id((shop, self.0)).one(db).await? else {
            return Ok(Next::Done);
        };
        let campaign = Campaigns::find_by_id((shop, discount.campaign_id)).one(db).await?;
        let shop = Shops::find_by_id(shop).one(db).await?.filter(|shop| shop.installed());
        if let (Some(campaign), Some(shop)) = (campaign, shop) {
            check(&app, &shop, &campaign, &discount, app.clock.now()).await?;
        }
        Ok(Next::Done)
    }
}

/// Asks Shopify how a discount stands, and keeps what is different. `true`: it still exists.
pub(in crate::codes) async fn check(
    app: &App,
    shop: &Shop,
    campaign: &Campaign,
    discount: &discount::Model,
    now: Timestamp,
) -> Result<bool, JobError> {
    let Some(gid) = discount.shopify_discount_id.clone().map(DiscountGid) else { return Ok(false) };
    // What we are ending ourselves, and what has run out, differs as it should.
    if discount.deleted_at.is_some() || discount.ending_at.is_some() || discount.slot_ends_at <= now {
        return Ok(discount.deleted_at.is_none());
    }
    let seen = seen(app, shop, &gid, now).await?;
    let txn = app.db.begin_write().await?;
    match &seen {
        None => gone(&txn, app, discount, now).await?,
        Some(seen) => {
            let found = differences(shop, campaign, discount, seen);
            keep(&txn, discount, found, now).await?;
            if !works_as_promised(discount, seen) && !discount.lost() {
                retire::retire(&txn, discount, Because::Ended, now).await?;
                retire::refill(&txn, app, discount, now).await?;
            }
        }
    }
    txn.commit().await?;
    app.bell.notify_one();
    Ok(seen.is_some())
}

/// It exists no more, and with it none of its codes.
async fn gone(txn: &impl ConnectionTrait, app: &App, discount: &discount::Model, now: Timestamp) -> Result<(), DbErr> {
    let noted = discount::Entity::update_many()
        .col_expr(discount::Column::DeletedAt, Expr::value(now))
        .filter(discount::COLUMN.shop_id.eq(discount.shop_id))
        .filter(discount::COLUMN.id.eq(discount.id))
        .filter(discount::Column::DeletedAt.is_null())
        .exec(txn)
        .await?;
    if noted.rows_affected == 1 && discount.slot_ends_at > now {
        retire::retire(txn, discount, Because::Deleted, now).await?;
        retire::refill(txn, app, discount, now).await?;
    }
    Ok(())
}

/// Keeps the differences, and since when there are any; none: the merchant put it right.
async fn keep(
    txn: &impl ConnectionTrait,
    discount: &discount::Model,
    found: Vec<Difference>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let found = Some(Differences(found)).filter(|found| !found.0.is_empty());
    let since = found.as_ref().map(|_| discount.differs_since.unwrap_or(now));
    discount::Entity::update_many()
        .col_expr(discount::Column::Differs, Expr::value(found))
        .col_expr(discount::Column::DiffersSince, Expr::value(since))
        .filter(discount::COLUMN.shop_id.eq(discount.shop_id))
        .filter(discount::COLUMN.id.eq(discount.id))
        .exec(txn)
        .await
        .map(drop)
}
