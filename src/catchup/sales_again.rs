//! Somebody wants the sales of some orders read anew, because a day does not agree with Shopify's own figure.

use sea_orm::{ConnectionTrait, DbErr};

use super::journeys::Journeys;
use crate::app::App;
use crate::jobs;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::{self, OrderId};

/// Asks for the sales of these orders once more, at once; answers of how many. Test orders have none.
pub async fn read_sales_again(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    ids: &[OrderId],
    now: Timestamp,
) -> Result<u64, DbErr> {
    let asked = orders::want_books(txn, shop, ids, now).await?;
    if asked > 0 {
        jobs::enqueue(txn, &app.chance, shop, &Journeys {}, now, now).await?;
    }
    Ok(asked)
}
