//! How a WhatsApp platform proves which shop it acts for: `rcp_<shop>_<secret>`, shown once, kept as a keyed hash.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, FromJsonQueryResult, QueryOrder};
use serde::{Deserialize, Serialize};

use crate::kernel::id::{BASE62_DIGITS, ShopId, base62, from_base62};
use crate::kernel::{Chance, Stream, Timestamp, Vault};

crate::uuid_id!(
    /// An API key.
    ApiKeyId
);

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Create campaigns, draw recipients.
    Campaigns,
    /// Report what became of messages.
    Statuses,
    /// Read reports, orders, receipts.
    Reports,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Scopes(pub Vec<Scope>);

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiKeyId,
    pub name: String,
    pub scopes: Scopes,
    pub hash: String,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

/// How many random base-62 digits a key carries: 190 bits.
const DIGITS: usize = 32;

/// Makes a key. The text is returned this once and never again.
pub(super) async fn make(
    db: &impl ConnectionTrait,
    vault: &Vault,
    chance: &Chance,
    (shop, name, scopes): (ShopId, String, Vec<Scope>),
    now: Timestamp,
) -> Result<(Model, String), DbErr> {
    let secret = chance.text(Stream::Keys, BASE62_DIGITS, DIGITS);
    let text = format!("rcp_{}_{secret}", base62(u128::from(shop.0.unsigned_abs())));
    let row = ActiveModel {
        shop_id: Set(shop),
        id: Set(ApiKeyId::new(chance, now)),
        name: Set(name),
        scopes: Set(Scopes(scopes)),
        hash: Set(hash(vault, shop, &text)),
        created_at: Set(now),
        revoked_at: Set(None),
    };
    Ok((row.insert(db).await?, text))
}

/// The shop a key text claims; proves nothing yet.
pub(super) fn claimed_shop(text: &str) -> Option<ShopId> {
    let (shop, secret) = text.strip_prefix("rcp_")?.split_once('_')?;
    if secret.len() != DIGITS {
        return None;
    }
    i64::try_from(from_base62(shop)?).ok().map(ShopId)
}

/// What is kept of a key's text.
pub(super) fn hash(vault: &Vault, shop: ShopId, text: &str) -> String {
    vault.lookup(shop, "api_key", text)
}

/// The live key with this [`hash`]. It is keyed, so comparing it by index tells a guesser nothing.
pub(super) async fn find(db: &impl ConnectionTrait, shop: ShopId, hash: &str) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.hash.eq(hash))
        .filter(Column::RevokedAt.is_null())
        .one(db)
        .await
}

/// All keys of a shop, newest first.
pub(super) async fn of_shop(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(COLUMN.shop_id.eq(shop))
        .order_by_desc(COLUMN.created_at)
        .order_by_desc(COLUMN.id)
        .all(db)
        .await
}

/// Revokes a key. `false`: there is none, or it was revoked before.
pub(super) async fn revoke(
    db: &impl ConnectionTrait,
    shop: ShopId,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.id.eq(id))
        .filter(Column::RevokedAt.is_null());
    Ok(update.exec(db).await?.rows_affected == 1)
}
