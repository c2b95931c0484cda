//! `order.judged`: an order stands elsewhere, counts something else or goes back to another message than before.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::endpoint::Event;
use super::tell::{body, subscribed, tell};
use crate::app::App;
use crate::attribution::evidence::Kind;
use crate::attribution::{DEFAULT_POLICY, Line, VerdictsChanged, conversion};
use crate::campaigns::CampaignId;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Money, Timestamp};
use crate::news::Hears;
use crate::orders::OrderId;
use crate::shops::Shops;

/// The data of the event: the verdict as it stands. `GET /api/orders/{id}/receipt` says why.
#[derive(Serialize)]
struct Judged {
    shopify_order_id: OrderId,
    ordered_at: Timestamp,
    /// Since when it is so.
    effective_at: Timestamp,
    line: Line,
    amount: Money,
    message_id: Option<MessageId>,
    campaign_id: Option<CampaignId>,
    evidence: Option<Kind>,
    shared: bool,
    recovered_message_id: Option<MessageId>,
    assisted: bool,
    policy: String,
    policy_version: i32,
}

/// Tells of orders whose verdict came out different.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TellJudged(pub VerdictsChanged);

impl Hears for TellJudged {
    type News = VerdictsChanged;
}

impl Job for TellJudged {
    const NAME: &'static str = "sinks.judged";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let event = Event::OrderJudged;
        let endpoints = subscribed(&app, shop, event).await?;
        if endpoints.is_empty() {
            return Ok(Next::Done);
        }
        // What was committed with the news, not what a replica has of it.
        let db = app.db.write();
        let Some(shop) = Shops::find_by_id(shop).one(db).await? else { return Ok(Next::Done) };
        let orders: BTreeSet<OrderId> = self.0.orders.iter().copied().map(OrderId).collect();
        let rows = conversion::Entity::find()
            .filter(conversion::COLUMN.shop_id.eq(shop.shop_id))
            .filter(conversion::COLUMN.policy.eq(DEFAULT_POLICY))
            .filter(conversion::COLUMN.shopify_order_id.is_in(orders))
            .filter(conversion::COLUMN.superseded_at.eq(Timestamp::FOREVER))
            .all(db)
            .await?;
        for row in rows {
            let subject = format!("judged:{}:{}", row.shopify_order_id, self.0.at.micros());
            let data = Judged {
                shopify_order_id: row.shopify_order_id,
                ordered_at: row.ordered_at,
                effective_at: row.effective_at,
                line: row.line,
                amount: Money::new(row.net_minor, shop.money()),
                message_id: row.message_id,
                campaign_id: row.campaign_id,
                evidence: row.evidence,
                shared: row.shared,
                recovered_message_id: row.recovered_message_id,
                assisted: row.assisted,
                policy: row.policy,
                policy_version: row.policy_version,
            };
            tell(&app, shop.shop_id, &endpoints, event, &subject, body(event.name(), self.0.at, data)?).await?;
        }
        Ok(Next::Done)
    }
}
