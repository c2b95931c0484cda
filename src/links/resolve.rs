//! From a slug to what it stands for: read from memory in the common case.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use sea_orm::{DbErr, EntityTrait};

use super::link::{self, Model as Link};
use super::slug;
use crate::app::App;
use crate::campaigns::{Campaign, Campaigns};
use crate::codes::{RedeemCodes, State};
use crate::kernel::Timestamp;

/// What a slug stands for.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The link.
    pub link: Link,
    /// Its campaign.
    pub campaign: Arc<Campaign>,
    /// Its code, once Shopify has it and unless it was taken back.
    pub code: Option<String>,
}

impl Resolved {
    /// The code to apply to a visit now: only until the exact second the recipient was told.
    pub fn code_at(&self, now: Timestamp) -> Option<&str> {
        let good = self.link.expires_at.is_none_or(|end| now < end);
        self.code.as_deref().filter(|_| good && self.campaign.link.auto_apply)
    }
}

/// Looks slugs up.
#[derive(Clone, Debug)]
pub struct Resolver {
    app: App,
    cache: Cache<String, Option<Arc<Resolved>>>,
}

impl Resolver {
    /// Remembers what it resolved for half a minute: a code that goes live is applied soon after.
    pub fn new(app: App) -> Self {
        let cache = Cache::builder().max_capacity(200_000).time_to_live(Duration::from_secs(30)).build();
        Self { app, cache }
    }

    /// What a slug stands for. A slug we did not make is refused without reading the database.
    pub async fn resolve(&self, slug: &str) -> Result<Option<Arc<Resolved>>, DbErr> {
        let Some(shop) = slug::shop_of(&self.app.vault, slug) else { return Ok(None) };
        if let Some(known) = self.cache.get(slug).await {
            return Ok(known);
        }
        let db = self.app.db.read();
        let found = match link::Entity::find_by_id((shop, slug.to_owned())).one(db).await? {
            Some(link) => self.complete(link).await?,
            None => None,
        };
        // A code still on its way is looked at again next time.
        if found.as_ref().is_none_or(|found| found.code.is_some() || found.link.redeem_code_id.is_none()) {
            self.cache.insert(slug.to_owned(), found.clone()).await;
        }
        Ok(found)
    }

    async fn complete(&self, link: Link) -> Result<Option<Arc<Resolved>>, DbErr> {
        let (db, shop) = (self.app.db.read(), link.shop_id);
        let Some(campaign) = Campaigns::find_by_id((shop, link.campaign_id)).one(db).await? else { return Ok(None) };
        let code = match link.redeem_code_id {
            Some(id) => RedeemCodes::find_by_id((shop, id)).one(db).await?,
            None => None,
        };
        let code = code.filter(|code| matches!(code.state, State::Issued | State::Redeemed)).map(|code| code.code);
        Ok(Some(Arc::new(Resolved { link, campaign: Arc::new(campaign), code })))
    }
}
