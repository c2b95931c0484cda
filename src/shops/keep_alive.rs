//! Keep-alive: a shop nobody works for still has a refresh token when the next work comes.
//!
//! A refresh token dies after ninety days. Whatever calls Shopify renews the pair every hour; where nothing does, this
//! standing job renews it a fortnight after it was had.

use serde::{Deserialize, Serialize};

use super::install_error::InstallError;
use super::shop::Entity as Shops;
use super::{refresh, token};
use crate::app::App;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use sea_orm::EntityTrait;

/// A pair has ninety days; with so many left it is a fortnight old.
const FORTNIGHT_OLD_SECONDS: i64 = 76 * 86_400;

/// How soon a shop is looked at again whose merchant has to open the app first.
const NEXT_LOOK_SECONDS: i64 = 7 * 86_400;

/// The job: renews a pair that has not been renewed for a fortnight.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct KeepAlive {}

impl Job for KeepAlive {
    const NAME: &'static str = "shops.keep_alive";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let known = Shops::find_by_id(shop).one(app.db.read()).await?;
        let Some(shop) = known.filter(|shop| shop.installed()) else { return Ok(Next::Done) };
        let later = Next::At(now.plus_seconds(NEXT_LOOK_SECONDS));
        let Some(kept) = token::of(app.db.read(), shop.shop_id).await? else { return Ok(later) };
        if kept.reopen_since.is_some() {
            return Ok(later);
        }
        if due(&kept) > now && !kept.is_of_the_old_kind() {
            return Ok(Next::At(due(&kept)));
        }
        match refresh::newer(&app, &shop, kept.version, now).await {
            Ok(_) => {
                let kept = token::of(app.db.write(), shop.shop_id).await?;
                Ok(kept.map_or(later, |kept| Next::At(due(&kept).max(now.plus_seconds(3_600)))))
            }
            Err(InstallError::NeedsReopening) => Ok(later),
            Err(error) => Err(error.into()),
        }
    }
}

fn due(kept: &token::Model) -> Timestamp {
    kept.refresh_expires_at.plus_seconds(-FORTNIGHT_OLD_SECONDS)
}
