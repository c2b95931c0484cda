//! News of taps whose verdict turned, and of rules that changed.

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::news::{self, News};

/// Taps told of in one piece.
const TOGETHER: usize = 500;

/// Taps that became a person's, or ceased to be one, or are told late. The orders they may have led to are weighed
/// again by whoever weighs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TapsTurned {
    /// The link of each, and when it happened.
    pub taps: Vec<(String, Timestamp)>,
}

impl News for TapsTurned {
    const NAME: &'static str = "links.taps_turned";
}

impl TapsTurned {
    /// Tells it in the caller's transaction, so many taps at a time.
    pub(super) async fn tell(
        txn: &impl ConnectionTrait,
        app: &App,
        shop: ShopId,
        taps: Vec<(String, Timestamp)>,
    ) -> Result<(), DbErr> {
        for taps in taps.chunks(TOGETHER) {
            news::tell(txn, app, shop, &Self { taps: taps.to_vec() }, app.clock.now()).await?;
        }
        Ok(())
    }
}

/// Every tap is classified anew by other rules than before.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RulesChanged {}

impl News for RulesChanged {
    const NAME: &'static str = "links.rules_changed";

    fn key(&self) -> Option<String> {
        Some("rules-changed".to_owned())
    }
}
