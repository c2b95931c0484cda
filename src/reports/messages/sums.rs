//! What became of all the messages of a list, from the counts the funnel reads.

use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use crate::kernel::id::ShopId;
use crate::reports::funnel;
use crate::reports::period::Period;
use crate::reports::share::Share;

/// Counts of a period's messages, whatever state is listed. `under_way` + `delivered` + `read` + `failed` = `issued`.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct MessageSums {
    /// Made in these days.
    issued: i64,
    /// Not known to have arrived, nor to have failed.
    under_way: i64,
    /// Arrived, not known to be read.
    delivered: i64,
    /// Known to be read.
    read: i64,
    /// Never arrived.
    failed: i64,
    /// Arrived of those sent.
    delivery: Share,
    /// Read of those that arrived: a lower bound.
    reading: Share,
    /// Tapped by a person, of those that arrived.
    tapping: Share,
    /// With an attributed order, of those that arrived.
    ordering: Share,
}

/// Counts them.
pub async fn sums(db: &impl ConnectionTrait, shop: ShopId, period: &Period) -> Result<MessageSums, DbErr> {
    let funnel = funnel::whole(&funnel::by_campaign(db, shop, period).await?);
    let arrived = funnel.delivered;
    Ok(MessageSums {
        issued: funnel.issued,
        under_way: funnel.issued - arrived - funnel.failed,
        delivered: arrived - funnel.read,
        read: funnel.read,
        failed: funnel.failed,
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
