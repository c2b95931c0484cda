//! The leak radar's eye on redemptions: used by somebody else, or before the message had arrived.
//!
//! Both can only be said once both sides are known, and statuses come for days; so this standing job looks at a new
//! redemption within the hour, and again as long as news may come. What it says it says by the rules of attribution.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::derive::is_shared;
use super::evidence::redeem_code;
use super::load;
use crate::app::App;
use crate::codes::{self, AlarmKind, CODE, REDEMPTION, RedeemCodes, Redemption, RedemptionColumn, Redemptions, SeenOn};
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::OrderId;

/// How often new redemptions are looked at.
const EVERY_SECONDS: i64 = 3_600;

/// How often old ones are, and for how long: WhatsApp reports for days.
const AGAIN_SECONDS: i64 = 6 * 3_600;
const LOOK_BACK_SECONDS: i64 = 8 * 86_400;

/// WhatsApp's instants are whole seconds of its own clock.
const CLOCKS_APART_SECONDS: i64 = 60;

/// Redemptions looked at in one transaction.
const BATCH: u64 = 200;

/// The job: looks at redemptions of a shop.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Radar {}

impl Job for Radar {
    const NAME: &'static str = "attribution.radar";

    /// It goes on after an uninstall: orders may come late, and one empty look an hour costs nothing.
    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        loop {
            let waiting = waiting(app.db.read(), shop, now).await?;
            if waiting.is_empty() {
                return Ok(Next::At(now.plus_seconds(EVERY_SECONDS)));
            }
            look(&app, shop, &waiting, now).await?;
        }
    }
}

async fn waiting(db: &impl ConnectionTrait, shop: ShopId, now: Timestamp) -> Result<Vec<Redemption>, DbErr> {
    let due = Condition::any()
        .add(RedemptionColumn::LookedAt.is_null())
        .add(RedemptionColumn::LookedAt.lte(now.plus_seconds(-AGAIN_SECONDS)));
    Redemptions::of(shop)
        .filter(REDEMPTION.noted_at.gte(now.plus_seconds(-LOOK_BACK_SECONDS)))
        .filter(due)
        .order_by_asc(REDEMPTION.noted_at)
        .limit(BATCH)
        .all(db)
        .await
}

async fn look(app: &App, shop: ShopId, waiting: &[Redemption], now: Timestamp) -> Result<(), DbErr> {
    let ids: Vec<OrderId> = waiting.iter().map(|one| OrderId(one.shopify_order_id)).collect();
    let txn = app.db.begin_write().await?;
    let dossiers = load::dossiers(&txn, shop, &ids).await?;
    let code_ids = waiting.iter().map(|one| one.redeem_code_id);
    let codes = RedeemCodes::of(shop).filter(CODE.id.is_in(code_ids)).all(&txn).await?;
    for dossier in &dossiers {
        let order = &dossier.facts.order;
        for (one, text) in redeem_code::used(dossier) {
            let Some(code) = codes.iter().find(|code| code.code == text) else { continue };
            let early = |arrived| order.ordered_at.plus_seconds(CLOCKS_APART_SECONDS) < arrived;
            let signs = [
                (AlarmKind::SomebodyElse, is_shared(dossier, one.message)),
                (AlarmKind::BeforeDelivery, one.times.arrived().map_or(one.times.never_arrived(), early)),
            ];
            for (kind, _) in signs.into_iter().filter(|(_, seen)| *seen) {
                let on = SeenOn::Order(order.shopify_order_id.0);
                codes::sight(&txn, app, code, kind, on, order.ordered_at, now).await?;
            }
        }
    }
    for one in waiting {
        Redemptions::update_many()
            .col_expr(RedemptionColumn::LookedAt, Expr::value(now))
            .filter(REDEMPTION.shop_id.eq(shop))
            .filter(REDEMPTION.redeem_code_id.eq(one.redeem_code_id))
            .filter(REDEMPTION.shopify_order_id.eq(one.shopify_order_id))
            .exec(&txn)
            .await?;
    }
    txn.commit().await
}
