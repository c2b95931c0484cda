//! How we may speak for a shop: an expiring token pair, sealed, and the lease under which it is renewed.
//!
//! 1. Whoever renews holds the lease: a compare-and-set on (version, lease number) decides who that is.
//! 2. Every write of the holder names both, so a holder whose time is over hits no row.
//! 3. An exchange asks for no lease. It brings the newer pair, and by raising the lease number ends whoever renews.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait};
use secrecy::{ExposeSecret, SecretString};

use crate::kernel::id::ShopId;
use crate::kernel::secret::SealError;
use crate::kernel::{Timestamp, Vault};
use crate::shopify::oauth::Tokens;

/// Longer than the longest call of the token endpoint: nobody takes a lease from somebody who still waits for an answer.
const LEASE_SECONDS: i64 = 45;

const ACCESS: &str = "tokens.access";
const REFRESH: &str = "tokens.refresh";

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    pub access_sealed: String,
    pub access_expires_at: Timestamp,
    pub refresh_sealed: String,
    pub refresh_expires_at: Timestamp,
    pub version: i32,
    pub reopen_since: Option<Timestamp>,
    pub lease_no: i64,
    pub lease_until: Option<Timestamp>,
    pub scopes: Option<String>,
    pub exchanged_at: Timestamp,
    pub reopen_reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Whether it is a token of the old kind, which never expires and has nothing to be renewed with.
    pub fn is_of_the_old_kind(&self) -> bool {
        self.refresh_sealed.is_empty()
    }

    /// The token for the Admin API.
    pub fn access(&self, vault: &Vault) -> Result<SecretString, SealError> {
        vault.open_text(self.shop_id, ACCESS, &self.access_sealed).map(SecretString::from)
    }

    /// The token for the next pair.
    pub fn refresh(&self, vault: &Vault) -> Result<SecretString, SealError> {
        vault.open_text(self.shop_id, REFRESH, &self.refresh_sealed).map(SecretString::from)
    }
}

/// The pair of a shop.
pub(super) async fn of(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(shop).one(db).await
}

/// Keeps the pair an exchange brought, whoever is renewing the one before.
pub(super) async fn replace(
    db: &impl ConnectionTrait,
    vault: &Vault,
    shop: ShopId,
    tokens: &Tokens,
    at: Timestamp,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        shop_id: Set(shop),
        access_sealed: Set(sealed(vault, shop, ACCESS, &tokens.access)),
        access_expires_at: Set(tokens.access_expires_at),
        refresh_sealed: Set(sealed_refresh(vault, shop, tokens).unwrap_or_default()),
        refresh_expires_at: Set(tokens.refresh_expires_at.unwrap_or(tokens.access_expires_at)),
        version: Set(1),
        reopen_since: Set(None),
        lease_no: Set(1),
        lease_until: Set(None),
        scopes: Set(Some(tokens.scopes.to_string())),
        exchanged_at: Set(at),
        reopen_reason: Set(None),
    };
    let next = |column: &'static str| Expr::col(("tokens", column)).add(1);
    let update = OnConflict::column(Column::ShopId)
        .update_columns([
            Column::AccessSealed,
            Column::AccessExpiresAt,
            Column::RefreshSealed,
            Column::RefreshExpiresAt,
            Column::ReopenSince,
            Column::LeaseUntil,
            Column::Scopes,
            Column::ExchangedAt,
            Column::ReopenReason,
        ])
        .value(Column::Version, next("version"))
        .value(Column::LeaseNo, next("lease_no"))
        .to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(db).await.map(drop)
}

/// Tries to become the one who renews this pair. `None`: somebody else does, or has.
pub(super) async fn claim(db: &impl ConnectionTrait, kept: &Model, now: Timestamp) -> Result<Option<Model>, DbErr> {
    let free = Column::LeaseUntil.is_null().or(Column::LeaseUntil.lt(now));
    let update = Entity::update_many()
        .col_expr(Column::LeaseNo, Expr::value(kept.lease_no + 1))
        .col_expr(Column::LeaseUntil, Expr::value(now.plus_seconds(LEASE_SECONDS)))
        .filter(held_as(kept))
        .filter(free);
    let won = update.exec(db).await?.rows_affected == 1;
    Ok(won.then(|| Model { lease_no: kept.lease_no + 1, ..kept.clone() }))
}

/// Keeps the pair the holder of the lease was given, and ends the lease. `false`: the lease was lost, nothing changed.
pub(super) async fn renew(
    db: &impl ConnectionTrait,
    vault: &Vault,
    held: &Model,
    tokens: &Tokens,
) -> Result<bool, DbErr> {
    let shop = held.shop_id;
    // An answer without a refresh token leaves the old one in its place: it stays good until another is used.
    let refresh = sealed_refresh(vault, shop, tokens).unwrap_or_else(|| held.refresh_sealed.clone());
    let update = Entity::update_many()
        .col_expr(Column::AccessSealed, Expr::value(sealed(vault, shop, ACCESS, &tokens.access)))
        .col_expr(Column::AccessExpiresAt, Expr::value(tokens.access_expires_at))
        .col_expr(Column::RefreshSealed, Expr::value(refresh))
        .col_expr(Column::RefreshExpiresAt, Expr::value(tokens.refresh_expires_at.unwrap_or(held.refresh_expires_at)))
        .col_expr(Column::Version, Expr::value(held.version + 1))
        .col_expr(Column::Scopes, Expr::value(Some(tokens.scopes.to_string())));
    Ok(free(update).filter(held_as(held)).exec(db).await?.rows_affected == 1)
}

/// Ends the lease without a new pair; the old refresh token stays for the next try.
pub(super) async fn release(db: &impl ConnectionTrait, held: &Model) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::LeaseUntil, Expr::value(Option::<Timestamp>::None));
    update.filter(held_as(held)).exec(db).await.map(drop)
}

/// Nothing but the merchant's opening the app brings a token now. `false`: a newer pair is there already.
pub(super) async fn need_reopening(
    db: &impl ConnectionTrait,
    held: &Model,
    reason: &str,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::ReopenSince, Expr::value(now))
        .col_expr(Column::ReopenReason, Expr::value(reason))
        .col_expr(Column::LeaseUntil, Expr::value(Option::<Timestamp>::None));
    Ok(update.filter(held_as(held)).exec(db).await?.rows_affected == 1)
}

fn free(update: sea_orm::UpdateMany<Entity>) -> sea_orm::UpdateMany<Entity> {
    update
        .col_expr(Column::LeaseUntil, Expr::value(Option::<Timestamp>::None))
        .col_expr(Column::ReopenSince, Expr::value(Option::<Timestamp>::None))
        .col_expr(Column::ReopenReason, Expr::value(Option::<String>::None))
}

/// The row as its reader saw it; a newer pair or another holder, and it is none.
fn held_as(kept: &Model) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(COLUMN.shop_id.eq(kept.shop_id))
        .add(COLUMN.version.eq(kept.version))
        .add(COLUMN.lease_no.eq(kept.lease_no))
}

fn sealed(vault: &Vault, shop: ShopId, column: &str, secret: &SecretString) -> String {
    vault.seal(shop, column, secret.expose_secret().as_bytes())
}

fn sealed_refresh(vault: &Vault, shop: ShopId, tokens: &Tokens) -> Option<String> {
    tokens.refresh.as_ref().map(|secret| sealed(vault, shop, REFRESH, secret))
}
