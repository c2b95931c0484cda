//! From a slug to what it stands for: read from memory in the common case.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use sea_orm::{DbErr, EntityTrait};

use super::link::{self, Model as Link};
use super::slug;
use crate::app::App;
use crate::campaigns::{Campaign, Campaigns};
use crate::codes::RedeemCodes;
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

/// What does not change behind a slug, unless its code is replaced.
#[derive(Clone, Debug)]
struct Known {
    link: Link,
    campaign: Arc<Campaign>,
}

/// Looks slugs up.
#[derive(Clone, Debug)]
pub struct Resolver {
    app: App,
    cache: Cache<String, Option<Known>>,
}

impl Resolver {
    /// Remembers links and campaigns for half a minute. Codes are looked at each time, so that one that goes live is
    /// applied at once, and one that was taken back is applied no more, whichever node did it.
    pub fn new(app: App) -> Self {
        let cache = Cache::builder().max_capacity(200_000).time_to_live(Duration::from_secs(30)).build();
        Self { app, cache }
    }

    /// What a slug stands for. A slug we did not make is refused without reading the database.
    pub async fn resolve(&self, slug: &str) -> Result<Option<Arc<Resolved>>, DbErr> {
        let Some(shop) = slug::shop_of(&self.app.vault, slug) else { return Ok(None) };
        if let Some(kept) = self.cache.get(slug).await {
            let Some(known) = kept else { return Ok(None) };
            let resolved = self.complete(known).await?;
            // A link whose code is no good may carry another one since: it is read afresh.
            if resolved.code.is_some() || resolved.link.redeem_code_id.is_none() {
                return Ok(Some(Arc::new(resolved)));
            }
        }
        let known = match link::Entity::find_by_id((shop, slug.to_owned())).one(self.app.db.read()).await? {
            Some(link) => self.know(link).await?,
            None => None,
        };
        self.cache.insert(slug.to_owned(), known.clone()).await;
        let Some(known) = known else { return Ok(None) };
        Ok(Some(Arc::new(self.complete(known).await?)))
    }

    async fn know(&self, link: Link) -> Result<Option<Known>, DbErr> {
        let campaign = Campaigns::find_by_id((link.shop_id, link.campaign_id)).one(self.app.db.read()).await?;
        Ok(campaign.map(|campaign| Known { link, campaign: Arc::new(campaign) }))
    }

    async fn complete(&self, known: Known) -> Result<Resolved, DbErr> {
        let Known { mut link, campaign } = known;
        let code = match link.redeem_code_id {
            Some(id) => RedeemCodes::find_by_id((link.shop_id, id)).one(self.app.db.read()).await?,
            None => None,
        };
        // The code's own end: it may have moved since the link was remembered.
        link.expires_at = code.as_ref().map_or(link.expires_at, |code| code.expires_at);
        let code = code.filter(|code| code.state.live()).map(|code| code.code);
        Ok(Resolved { link, campaign, code })
    }
}
