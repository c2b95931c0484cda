//! From a slug to what it stands for: read from memory in the common case, and from memory alone while the database is
//! away.
//!
//! 1. What this node changed is seen at once. What another node changed (a code revoked or replaced, a campaign or a shop
//!    changed) is seen within two seconds ([`FRESH`]): the first tap on a shop after that time asks the database what changed since,
//!    and drops those copies. So a code revoked on another node may be applied here for two seconds more.
//! 2. A link whose code is not good is never remembered: a code that goes live is applied by the next tap. One whose
//!    clock starts with its delivery is read at every tap, because its end moves when the news of it comes; its copy is
//!    for outages only.
//! 3. While the database is away copies count as long as they are held; nobody waits longer than [`CHECK`] + [`READ`].

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::carried::carried_since;
use super::destination::{Back, Carried, Destination, Whose, items, whose_checkout};
use super::domain::Domains;
use super::lookup::{Lookups, Row};
use super::outage::Outage;
use super::settings;
use super::slug;
use super::sources::Sources;
use crate::app::App;
use crate::campaigns::{CAMPAIGN, Campaign, CampaignId, Campaigns, TO_CHECKOUT, Utm};
use crate::checkouts;
use crate::codes::{CodeStage, RedeemCodeId, revoked_since};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shops::Shops;

/// How long a shop's copies are trusted without asking what changed.
pub const FRESH: Duration = Duration::from_secs(2);

/// How long that question may take before the copies are used as they are.
const CHECK: Duration = Duration::from_millis(400);

/// How long reading a link may take.
const READ: Duration = Duration::from_millis(500);

/// A row is committed later than the time it bears, and nodes' clocks differ: what changed is asked for so much earlier.
const OVERLAP_SECONDS: i64 = 60;

/// Copies of links: about 250 bytes each with what the cache itself needs.
const LINKS: usize = 50_000;

/// Shops of which anything is remembered.
const HOUSES: usize = 20_000;

/// How long a copy of a link stands.
const HELD: Duration = Duration::from_secs(600);

/// Copies of campaigns per shop that are refreshed together.
const CAMPAIGNS: usize = 200;

/// More changes than this at once, and every copy of the shop is dropped instead.
const CHANGES: u64 = 5_000;

/// What a slug came to.
#[derive(Clone, Debug)]
pub enum Found {
    /// A link, and what its shop is called.
    Link(Resolved),
    /// We made it, but there is nothing behind it any more.
    Nothing(Arc<Place>),
    /// The database is away and memory does not know it: whether there is a link shows later.
    Away(ShopId, Option<Arc<Place>>),
    /// We did not make it, or its shop is gone; the address of the shop that the host speaks for.
    Stranger(Option<Arc<str>>),
}

impl Found {
    fn stranger(speaks: Option<(ShopId, Arc<str>)>) -> Self {
        Self::Stranger(speaks.map(|(_, storefront)| storefront))
    }
}

/// A shop's place in the world.
#[derive(Debug)]
pub struct Place {
    /// Its own address, `https://shop.example`.
    pub storefront: String,
    /// Its name at Shopify, which leads to the same shop.
    pub domain: String,
    /// UTM values for what a campaign does not say.
    pub preset: Utm,
}

/// What a slug stands for.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The shop.
    pub shop: ShopId,
    /// Where the shop is.
    pub place: Arc<Place>,
    known: Arc<CachedCampaign>,
    kept: Arc<CachedLink>,
}

/// A campaign, and where its links lead.
#[derive(Debug)]
struct CachedCampaign {
    campaign: Campaign,
    way: Option<Destination>,
}

impl CachedCampaign {
    fn new(campaign: Campaign, place: &Place) -> Self {
        Self { way: Destination::of(&campaign, &place.storefront, &place.preset), campaign }
    }
}

impl Resolved {
    /// The link's campaign.
    pub fn campaign(&self) -> &Campaign {
        &self.known.campaign
    }

    /// Where its links lead, if they can lead onto the shop at all.
    pub fn way(&self) -> Option<&Destination> {
        self.known.way.as_ref()
    }

    /// The code to apply to a visit now: only until the exact second the recipient was told.
    pub fn code_at(&self, now: Timestamp) -> Carried<'_> {
        if !self.campaign().link.auto_apply {
            return Carried::None;
        }
        match &self.kept.code {
            Code::None | Code::Pending => Carried::None,
            Code::Over => Carried::Over,
            Code::Good(_) if self.kept.expires_at.is_some_and(|end| end <= now) => Carried::Over,
            Code::Good(code) => Carried::Good(code),
        }
    }

    /// Whether its code's time is over.
    pub fn expired(&self, now: Timestamp) -> bool {
        self.kept.expires_at.is_some_and(|end| end <= now)
    }

    /// When the link was made: the day its message was composed.
    pub fn made_at(&self) -> Timestamp {
        self.kept.created_at
    }
}

/// What is remembered of a link.
#[derive(Debug)]
struct CachedLink {
    campaign: CampaignId,
    code_id: Option<RedeemCodeId>,
    /// The checkout it leads back to.
    checkout: Option<Box<str>>,
    code: Code,
    /// The code's own end.
    expires_at: Option<Timestamp>,
    /// Whether that end may still move.
    moves: bool,
    created_at: Timestamp,
    read_at: Instant,
}

#[derive(Debug)]
enum Code {
    None,
    Pending,
    Good(Box<str>),
    Over,
}

impl CachedLink {
    /// Whether it stays as it is until somebody says otherwise.
    fn settled(&self, now: Timestamp) -> bool {
        match self.code {
            Code::None => true,
            Code::Good(_) => !self.moves && self.expires_at.is_none_or(|end| now < end),
            Code::Pending | Code::Over => false,
        }
    }
}

type Key = (ShopId, [u8; slug::TAIL]);

/// Something of a shop that changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Change {
    Code(RedeemCodeId),
    Link(String),
}

/// What is remembered of a shop.
#[derive(Debug, Default)]
struct ShopCache {
    turn: tokio::sync::Mutex<()>,
    copy: RwLock<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    place: Option<Arc<Place>>,
    campaigns: HashMap<CampaignId, Arc<CachedCampaign>>,
    /// When, in which generation of this node, and up to which time changes were asked for.
    checked: Option<(Instant, u64, Timestamp)>,
    /// Changes, and when they were first seen here: copies read before are void.
    changes: HashMap<Change, Instant>,
    /// Copies read before are void whatever they are of.
    all: Option<Instant>,
}

impl Memory {
    fn voids(&self, slug: &str, kept: &CachedLink) -> bool {
        let after = |seen: &Instant| *seen >= kept.read_at;
        if self.all.as_ref().is_some_and(after) {
            return true;
        }
        if self.changes.is_empty() {
            return false;
        }
        kept.code_id.is_some_and(|id| self.changes.get(&Change::Code(id)).is_some_and(after))
            || self.changes.get(&Change::Link(slug.to_owned())).is_some_and(after)
    }
}

/// Looks slugs up.
#[derive(Clone, Debug)]
pub struct Resolver {
    app: App,
    outage: Outage,
    lookups: Lookups,
    domains: Domains,
    sources: Sources,
    links: Arc<Cache<Key, Arc<CachedLink>>>,
    shop_caches: Arc<Cache<ShopId, Arc<ShopCache>>>,
}

impl Resolver {
    /// An empty memory.
    pub fn new(app: App, outage: Outage) -> Self {
        let (links, shop_caches) = (Arc::new(Cache::new(LINKS)), Arc::new(Cache::new(HOUSES)));
        let lookups = Lookups::start(app.db.clone());
        let domains = Domains::default();
        let (db, all) = (app.db.clone(), domains.clone());
        tokio::spawn(async move {
            if let Err(error) = all.read(&db).await {
                tracing::warn!(error = %error, "link domains are learned one by one");
            }
        });
        Self { app, outage, lookups, domains, sources: Sources::default(), links, shop_caches }
    }

    /// Who opened how many links lately.
    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What a slug stands for. Its shop is the one it names, whatever host it was opened at: who speaks for a host gets
    /// nobody else's taps. A slug we did not make is refused without reading the database.
    pub async fn resolve(&self, slug: &str, host: &str, now: Timestamp) -> Found {
        let Some((shop, tail)) = slug::read(&self.app.vault, slug) else {
            return Found::stranger(self.domains.of(host));
        };
        let shop_cache = self.shop_cache(shop);
        self.keep_up(shop, &shop_cache, now).await;
        if let Some(resolved) = self.remembered(shop, slug, tail, &shop_cache, now) {
            return Found::Link(resolved);
        }
        let place = read_lock(&shop_cache.copy).place.clone();
        if self.outage.on(shop) {
            return Found::Away(shop, place);
        }
        match self.look_up(shop, slug, tail, &shop_cache, now).await {
            Ok(Found::Stranger(None)) => Found::stranger(self.domains.of(host)),
            Ok(found) => found,
            Err(()) => {
                self.outage.seen(shop);
                Found::Away(shop, place)
            }
        }
    }

    /// What is remembered of a shop, empty at first.
    fn shop_cache(&self, shop: ShopId) -> Arc<ShopCache> {
        let Ok(shop_cache) = self.shop_caches.get_or_insert_with(&shop, || Ok::<_, Infallible>(Arc::default()));
        shop_cache
    }

    fn remembered(
        &self,
        shop: ShopId,
        slug: &str,
        tail: [u8; slug::TAIL],
        shop_cache: &ShopCache,
        now: Timestamp,
    ) -> Option<Resolved> {
        // What is older outlived the changes that would void it.
        let kept = self.links.get(&(shop, tail)).filter(|kept| kept.read_at.elapsed() < HELD)?;
        let copy = read_lock(&shop_cache.copy);
        // An outage is no reason to forget a code that has ended since: it is told apart from none.
        if copy.voids(slug, &kept) || !kept.settled(now) && !self.outage.on(shop) {
            return None;
        }
        let known = Arc::clone(copy.campaigns.get(&kept.campaign)?);
        Some(Resolved { shop, place: copy.place.clone()?, known, kept })
    }

    async fn look_up(
        &self,
        shop: ShopId,
        slug: &str,
        tail: [u8; slug::TAIL],
        shop_cache: &ShopCache,
        now: Timestamp,
    ) -> Result<Found, ()> {
        let Some(place) = read_lock(&shop_cache.copy).place.clone() else { return Ok(Found::Stranger(None)) };
        let read_at = Instant::now();
        let Some(Row { link, code: found }) = self.lookups.ask(shop, slug, READ).await? else {
            return Ok(Found::Nothing(place));
        };
        let (expires_at, moves) =
            found.as_ref().map_or((None, false), |code| (code.expires_at, code.life_seconds.is_some()));
        let code = found.map_or(Code::None, |code| match code.state.stage() {
            CodeStage::Live => Code::Good(code.code.into()),
            CodeStage::Before => Code::Pending,
            _ => Code::Over,
        });
        let remembered = read_lock(&shop_cache.copy).campaigns.get(&link.campaign_id).cloned();
        let known = match remembered {
            Some(known) => known,
            None => {
                let Some(campaign) = self.campaign(shop, link.campaign_id).await? else {
                    return Ok(Found::Nothing(place));
                };
                let mut copy = write_lock(&shop_cache.copy);
                // The shop may have been read anew meanwhile, and its campaigns with it.
                let known = Arc::new(CachedCampaign::new(campaign, copy.place.as_ref().unwrap_or(&place)));
                Arc::clone(copy.campaigns.entry(link.campaign_id).or_insert(known))
            }
        };
        let kept = Arc::new(CachedLink {
            campaign: link.campaign_id,
            code_id: link.redeem_code_id,
            checkout: link.checkout_token.map(Into::into),
            code,
            expires_at,
            moves,
            created_at: link.created_at,
            read_at,
        });
        if kept.settled(now) || moves && matches!(kept.code, Code::Good(_)) {
            self.links.insert((shop, tail), Arc::clone(&kept));
        }
        Ok(Found::Link(Resolved { shop, place, known, kept }))
    }

    /// How the link's checkout opens again, read fresh; `None`: it became an order, nobody knows it, or nobody can say.
    /// Shopify tells its address only to apps it has approved for that: whether it is absent, null or was refused, what
    /// was in the checkout leads to much the same.
    pub async fn checkout(&self, link: &Resolved) -> Option<Back> {
        let token = link.kept.checkout.as_deref()?;
        if link.campaign().link.destination != TO_CHECKOUT || self.outage.on(link.shop) {
            return None;
        }
        let find = checkouts::find(self.app.db.read(), link.shop, token);
        let checkout = tokio::time::timeout(READ, find).await.ok()?.ok()??;
        if checkout.completed_at.is_some() {
            return None;
        }
        match checkout.recovery_url(&self.app.vault) {
            Some(address) if self.leads_home(link, &address).await => Some(Back::Address(address)),
            _ => items(checkout.cart_items),
        }
    }

    /// Whether an address Shopify told opens a checkout of this shop: on a host of it, or on a domain we do not know that
    /// is not another shop's. No header says whose a delivery is, so somebody could hand us the address of their own shop.
    async fn leads_home(&self, link: &Resolved, address: &str) -> bool {
        let hosts = [link.place.storefront.as_str(), &format!("https://{}", link.place.domain)];
        match whose_checkout(address, hosts) {
            Some(Whose::Ours) => true,
            Some(Whose::Of(shop)) if shop == link.shop => true,
            Some(Whose::Of(other)) => {
                let known = Shops::find_by_id(other).one(self.app.db.read());
                matches!(tokio::time::timeout(READ, known).await, Ok(Ok(None)))
            }
            None => false,
        }
    }

    async fn campaign(&self, shop: ShopId, id: CampaignId) -> Result<Option<Campaign>, ()> {
        let find = Campaigns::find_by_id((shop, id)).one(self.app.db.read());
        match tokio::time::timeout(READ, find).await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(error)) => {
                tracing::error!(shop.id = %shop, error = %error, "a link's campaign could not be read");
                Err(())
            }
            Err(_) => Err(()),
        }
    }

    /// Asks what changed in a shop when nobody did lately. One asks, the others of the moment wait for the answer.
    async fn keep_up(&self, shop: ShopId, shop_cache: &ShopCache, now: Timestamp) {
        if self.up_to_date(shop_cache) || self.outage.on(shop) {
            return;
        }
        let asking = async {
            let _turn = shop_cache.turn.lock().await;
            if self.up_to_date(shop_cache) { Ok(()) } else { self.ask(shop, shop_cache, now).await }
        };
        match tokio::time::timeout(CHECK, asking).await {
            Ok(Ok(())) => {}
            failed => {
                if let Ok(Err(error)) = failed {
                    tracing::warn!(shop.id = %shop, error = %error, "the redirect goes on from memory");
                }
                self.outage.seen(shop);
            }
        }
    }

    fn up_to_date(&self, shop_cache: &ShopCache) -> bool {
        let generation = self.app.db.generation();
        read_lock(&shop_cache.copy).checked.is_some_and(|(at, seen, _)| seen == generation && at.elapsed() < FRESH)
    }

    async fn ask(&self, shop: ShopId, shop_cache: &ShopCache, now: Timestamp) -> Result<(), DbErr> {
        // Before the questions: what changes while they are asked belongs to the next time.
        let (began, generation) = (Instant::now(), self.app.db.generation());
        let (since, known) = {
            let copy = read_lock(&shop_cache.copy);
            (copy.checked.map(|(.., since)| since), copy.campaigns.keys().copied().take(CAMPAIGNS).collect::<Vec<_>>())
        };
        let db = self.app.db.read();
        let place = match Shops::find_by_id(shop).one(db).await? {
            Some(shop) => {
                let said = settings::of(db, shop.shop_id).await?;
                self.domains.know(&shop, said.unproved_until.is_none());
                let preset = said.utm;
                Some(Arc::new(Place { storefront: shop.storefront_url, domain: shop.domain, preset }))
            }
            None => {
                self.domains.forget(shop);
                None
            }
        };
        let mut changes = Vec::new();
        if let Some(since) = since {
            let since = since.plus_seconds(-OVERLAP_SECONDS);
            changes.extend(revoked_since(db, shop, since, CHANGES).await?.into_iter().map(Change::Code));
            changes.extend(carried_since(db, shop, since, CHANGES).await?.into_iter().map(Change::Link));
        }
        let campaigns = match known.is_empty() {
            true => Vec::new(),
            false => Campaigns::of(shop).filter(CAMPAIGN.id.is_in(known)).all(db).await?,
        };
        // Written out before anybody has to wait for it.
        let campaigns = match &place {
            Some(place) => {
                let known = |campaign: Campaign| (campaign.id, Arc::new(CachedCampaign::new(campaign, place)));
                campaigns.into_iter().map(known).collect()
            }
            None => HashMap::new(),
        };
        let seen = Instant::now();
        let mut copy = write_lock(&shop_cache.copy);
        copy.campaigns = campaigns;
        copy.place = place;
        copy.checked = Some((began, generation, now));
        copy.changes.retain(|_, seen| seen.elapsed() < 2 * HELD);
        if since.is_none() || changes.len() as u64 >= CHANGES || copy.changes.len() as u64 > 4 * CHANGES {
            copy.all = Some(seen);
            copy.changes.clear();
        } else {
            for change in changes {
                copy.changes.entry(change).or_insert(seen);
            }
        }
        Ok(())
    }
}

fn read_lock<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write_lock<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
