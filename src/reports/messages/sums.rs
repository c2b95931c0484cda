//! What became of all the messages of a list.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult};
use serde::Serialize;

use super::standing::Standing;
use crate::kernel::id::ShopId;
use crate::messages::{MessageColumn, Messages};
use crate::reports::funnel::{self, counted, within};
use crate::reports::period::Period;
use crate::reports::share::Share;
use crate::reports::totals::{count, rows};

/// Counts of a period's messages, whatever state is listed. `waiting` + `sent` + `delivered` + `read` + `failed` = `issued`.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct MessageSums {
    /// Made in these days.
    pub issued: i64,
    /// Nobody told anything of them yet.
    pub waiting: i64,
    /// Sent, not known to have arrived.
    pub sent: i64,
    /// Arrived, not known to be read.
    pub delivered: i64,
    /// Known to be read.
    pub read: i64,
    /// Never arrived.
    pub failed: i64,
    /// Arrived of those sent.
    pub delivery: Share,
    /// Read of those that arrived: a lower bound.
    pub reading: Share,
    /// Tapped by a person, of those that arrived.
    pub tapping: Share,
    /// With an attributed order, of those that arrived.
    pub ordering: Share,
}

#[derive(Default, FromQueryResult)]
struct Row {
    issued: i64,
    waiting: i64,
    sent: i64,
    delivered: i64,
    read: i64,
    failed: i64,
}

/// Counts them.
pub async fn sums(db: &impl ConnectionTrait, shop: ShopId, period: &Period) -> Result<MessageSums, DbErr> {
    let mut select = Query::select();
    select
        .expr_as(count(), "issued")
        .from(Messages)
        .and_where(Expr::col((Messages, MessageColumn::ShopId)).eq(shop))
        .cond_where(within(Messages, MessageColumn::IssuedAt, MessageColumn::CampaignId, period));
    for (standing, name) in Standing::ALL.into_iter().zip(["waiting", "sent", "delivered", "read", "failed"]) {
        select.expr_as(counted(Expr::from(standing.condition())), name);
    }
    let row = rows::<Row>(db, &select).await?.into_iter().next().unwrap_or_default();
    let funnel = funnel::whole(&funnel::by_campaign(db, shop, period).await?);
    let arrived = funnel.delivered;
    Ok(MessageSums {
        issued: row.issued,
        waiting: row.waiting,
        sent: row.sent,
        delivered: row.delivered,
        read: row.read,
        failed: row.failed,
        delivery: Share::new("Messages that arrived / messages that were sent.", arrived, funnel.sent),
        reading: Share::new("Messages known to be read / messages that arrived.", funnel.read, arrived),
        tapping: Share::new("Messages whose link a person tapped / messages that arrived.", funnel.clicked, arrived),
        ordering: Share::new(
            "Messages with an attributed order, whenever it came / messages that arrived.",
            funnel.ordered,
            arrived,
        ),
    })
}
