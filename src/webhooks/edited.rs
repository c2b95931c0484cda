//! News for the room that reads again: an order was edited, and nobody said what it is worth now; or what was said of it
//! does not add up.
//!
//! This room only promises the job; what it does stands in `catchup`.

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::jobs;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// An order to be read again: Shopify's number of it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Edited(pub i64);

impl Edited {
    /// Promises to read it again, once however often it is said. `orders/updated` often brings the same a moment later,
    /// so there is no hurry.
    pub async fn enqueue(
        self,
        db: &impl ConnectionTrait,
        app: &App,
        shop: ShopId,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        let key = format!("edited:{}", self.0);
        jobs::enqueue(db, &app.chance, shop, &self, Some(key), now.plus_seconds(5), now).await
    }
}
