//! Finding a shop by its domain or id, and a platform's key: read from memory in the common case.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::future::Cache;
use sea_orm::{DbErr, EntityTrait, QueryFilter};

use super::api_key::{self, ApiKeyId, Model as ApiKey, USED_SECONDS};
use super::retries::Retries;
use super::shop::{COLUMN, Entity, Model};
use crate::db::Db;
use crate::kernel::id::ShopId;
use crate::kernel::{Timestamp, Vault};
use crate::shopify::ShopDomain;

/// How long a platform's key is good after it was revoked on another node.
const KEY_FRESH: Duration = Duration::from_secs(2);

/// The shops this node has seen lately. What this node changes is known at once. Entries live 30 s: an uninstall on
/// another node is known here soon enough, and nothing that matters (codes, tokens, money) is decided by this copy alone.
#[derive(Clone, Debug)]
pub struct Directory {
    db: Db,
    by_domain: Cache<ShopDomain, Option<Model>>,
    by_id: Cache<ShopId, Option<Model>>,
    keys: Cache<String, ApiKey>,
    used: Cache<ApiKeyId, Timestamp>,
    generation: Arc<AtomicU64>,
    pub(super) retries: Retries,
}

impl Directory {
    /// An empty directory over a database.
    pub fn new(db: Db) -> Self {
        let generation = Arc::new(AtomicU64::new(db.generation()));
        let keys = Cache::builder().max_capacity(20_000).time_to_live(KEY_FRESH).build();
        let used = Cache::builder().max_capacity(20_000).build();
        Self { db, by_domain: cache(), by_id: cache(), keys, used, generation, retries: Retries::new() }
    }

    /// The shop with this domain, installed or not.
    pub async fn by_domain(&self, domain: &ShopDomain) -> Result<Option<Model>, DbErr> {
        self.keep_up();
        // Nothing is even prepared for the database while memory answers: the webhook door asks at every delivery.
        let find = async { Entity::find().filter(COLUMN.domain.eq(domain.as_str())).one(self.db.read()).await };
        let found = self.by_domain.try_get_with_by_ref(domain, find).await;
        found.map_err(|error| shared(&error))
    }

    /// The shop with this id, installed or not.
    pub async fn by_id(&self, id: ShopId) -> Result<Option<Model>, DbErr> {
        self.keep_up();
        let find = async { Entity::find_by_id(id).one(self.db.read()).await };
        let found = self.by_id.try_get_with(id, find).await;
        found.map_err(|error| shared(&error))
    }

    /// The live key with this text, of the shop it claims. One that is revoked here is refused here at once, and on other
    /// nodes within [`KEY_FRESH`]; one that is not known is asked for each time, so that a new key holds everywhere.
    pub(super) async fn key(&self, vault: &Vault, text: &str) -> Result<Option<ApiKey>, DbErr> {
        let Some(shop) = api_key::claimed_shop(text) else { return Ok(None) };
        self.keep_up();
        let hash = api_key::hash(vault, shop, text);
        if let Some(key) = self.keys.get(&hash).await {
            return Ok(Some(key));
        }
        let generation = self.db.generation();
        let found = api_key::find(self.db.read(), shop, &hash).await?;
        // Something changed while it was read: perhaps this key was revoked.
        if let Some(key) = found.as_ref().filter(|_| self.db.generation() == generation) {
            self.keys.insert(hash, key.clone()).await;
        }
        Ok(found)
    }

    /// Notes that a key proved a call, now and then and beside the call: it neither waits for this nor fails with it.
    pub(super) async fn used(&self, key: &ApiKey, now: Timestamp) {
        let known = self.used.get(&key.id).await.max(key.last_used_at);
        if known.is_some_and(|known| now.seconds_since(known) < USED_SECONDS) {
            return;
        }
        self.used.insert(key.id, now).await;
        let (db, shop, id) = (self.db.clone(), key.shop_id, key.id);
        tokio::spawn(async move {
            if let Err(error) = api_key::used(db.write(), shop, id, now).await {
                tracing::debug!(shop.id = %shop, key.id = %id, error = %error, "a key's use was not noted");
            }
        });
    }

    /// Forgets everything when this node changed a shop since.
    fn keep_up(&self) {
        let now = self.db.generation();
        if self.generation.swap(now, Ordering::AcqRel) != now {
            self.by_domain.invalidate_all();
            self.by_id.invalidate_all();
            self.keys.invalidate_all();
        }
    }
}

fn cache<K: std::hash::Hash + Eq + Send + Sync + 'static>() -> Cache<K, Option<Model>> {
    Cache::builder().max_capacity(20_000).time_to_live(Duration::from_secs(30)).build()
}

/// Several requests waited for one look-up, so they share its error.
fn shared(error: &Arc<DbErr>) -> DbErr {
    match &**error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => DbErr::Conn(sea_orm::RuntimeErr::Internal(error.to_string())),
        _ => DbErr::Custom(error.to_string()),
    }
}
