//! News of verdicts that came out different: a new order, a late fact, a refund. The judging of history anew tells none.

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::news::{self, News};

/// Orders that stand elsewhere, count something else or go back to another message than before, by the default policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VerdictsChanged {
    /// Shopify's numbers of them.
    pub orders: Vec<i64>,
    /// When.
    pub at: Timestamp,
}

impl News for VerdictsChanged {
    const NAME: &'static str = "attribution.verdicts_changed";
}

impl VerdictsChanged {
    pub(super) async fn tell(
        txn: &impl ConnectionTrait,
        app: &App,
        shop: ShopId,
        orders: Vec<i64>,
    ) -> Result<(), DbErr> {
        if orders.is_empty() {
            return Ok(());
        }
        let at = app.clock.now();
        news::tell(txn, app, shop, &Self { orders, at }, at).await
    }
}
