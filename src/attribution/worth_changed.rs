//! News that what somebody bought is another sum, or that somebody else bought it: also where no message is near. The
//! judging of history anew tells it too.

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::kernel::id::ShopId;
use crate::news::{self, News};
use crate::orders::OrderId;

/// Orders that count something else than before, or behind which others stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorthChanged {
    /// Shopify's numbers of them.
    pub orders: Vec<i64>,
}

impl News for WorthChanged {
    const NAME: &'static str = "attribution.worth_changed";
}

impl WorthChanged {
    pub(super) async fn tell(
        txn: &impl ConnectionTrait,
        app: &App,
        shop: ShopId,
        orders: impl IntoIterator<Item = OrderId>,
    ) -> Result<(), DbErr> {
        let orders: Vec<i64> = orders.into_iter().map(|order| order.0).collect();
        if orders.is_empty() {
            return Ok(());
        }
        news::tell(txn, app, shop, &Self { orders }, app.clock.now()).await
    }
}
