//! News that recipients were drawn, held out or not.

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::news::{self, News};

/// Draws told at a time.
const A_TELLING: usize = 1_000;

/// Recipients were drawn.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Drawn {
    /// Their draws.
    pub draws: Vec<MessageId>,
}

impl News for Drawn {
    const NAME: &'static str = "campaigns.drawn";
}

impl Drawn {
    pub(super) async fn tell(
        txn: &impl ConnectionTrait,
        app: &App,
        shop: ShopId,
        draws: &[MessageId],
        now: Timestamp,
    ) -> Result<(), DbErr> {
        for part in draws.chunks(A_TELLING) {
            news::tell(txn, app, shop, &Self { draws: part.to_vec() }, now).await?;
        }
        Ok(())
    }
}
