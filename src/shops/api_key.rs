//! How a WhatsApp platform proves which shop it acts for: `rcp_<shop>_<secret>`, shown once, kept as a keyed hash.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, FromJsonQueryResult, QueryOrder};
use serde::{Deserialize, Serialize};

use crate::kernel::id::{BASE62_DIGITS, ShopId, base62, from_base62};
use crate::kernel::{Chance, Stream, Timestamp, Vault};

crate::uuid_id!(
    /// An API key.
    ApiKeyId
);

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Create campaigns, draw recipients, see and revoke their codes.
    Campaigns,
    /// Report what became of messages. Reads nothing.
    Statuses,
    /// Read reports, orders, receipts. Of codes only those that orders have used.
    Reports,
}

impl Scope {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Campaigns => "campaigns",
            Self::Statuses => "statuses",
            Self::Reports => "reports",
        }
    }
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
    /// How its text begins, for telling keys apart; keys from before it was kept have none.
    pub prefix: Option<String>,
    /// When it last proved a call, to [`USED_SECONDS`].
    pub last_used_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

/// How many random base-62 digits a key carries: 190 bits.
const DIGITS: usize = 32;

/// How many of them are shown in lists: too few to be of use to a guesser.
const SHOWN_DIGITS: usize = 4;

/// How exactly it is known when a key was last used: a write every so often costs nothing, one a call would.
pub(super) const USED_SECONDS: i64 = 300;

/// Makes a key. The text is returned this once and never again.
pub(super) async fn make(
    db: &impl ConnectionTrait,
    vault: &Vault,
    chance: &Chance,
    (shop, name, scopes): (ShopId, String, Vec<Scope>),
    now: Timestamp,
) -> Result<(Model, String), DbErr> {
    let secret = chance.text(Stream::Keys, BASE62_DIGITS, DIGITS);
    let begins = format!("rcp_{}_", base62(u128::from(shop.0.unsigned_abs())));
    let text = format!("{begins}{secret}");
    let row = ActiveModel {
        shop_id: Set(shop),
        id: Set(ApiKeyId::new(chance, now)),
        name: Set(name),
        scopes: Set(Scopes(scopes)),
        hash: Set(hash(vault, shop, &text)),
        created_at: Set(now),
        revoked_at: Set(None),
        prefix: Set(Some(format!("{begins}{}", &secret[..SHOWN_DIGITS]))),
        last_used_at: Set(None),
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

/// One key of a shop, revoked or not.
pub(super) async fn one(db: &impl ConnectionTrait, shop: ShopId, id: ApiKeyId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((shop, id)).one(db).await
}

/// Gives a key another name. `false`: there is none.
pub(super) async fn rename(db: &impl ConnectionTrait, shop: ShopId, id: ApiKeyId, name: String) -> Result<bool, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::Name, Expr::value(name))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.id.eq(id));
    Ok(update.exec(db).await?.rows_affected == 1)
}

/// Notes that a key proved a call. What another node noted later stays.
pub(super) async fn used(db: &impl ConnectionTrait, shop: ShopId, id: ApiKeyId, at: Timestamp) -> Result<(), DbErr> {
    let earlier = Condition::any().add(Column::LastUsedAt.is_null()).add(Column::LastUsedAt.lt(at));
    let update = Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(at))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.id.eq(id))
        .filter(earlier);
    update.exec(db).await.map(drop)
}

/// Ends every key of a shop that left: whoever holds one acted for an installation that is over.
pub(super) async fn end(db: &impl ConnectionTrait, shop: ShopId, at: Timestamp) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::RevokedAt, Expr::value(at));
    let live = update.filter(COLUMN.shop_id.eq(shop)).filter(Column::RevokedAt.is_null());
    live.exec(db).await.map(drop)
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
