//! Installing: the first load of the app in the admin brings an ID token, which we exchange for tokens of our own.
//!
//! 1. Tokens are sealed and committed before they are used.
//! 2. An exchange happens only when there is no usable token: Shopify retires the old refresh token at each one.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable};
use secrecy::{ExposeSecret, SecretString};

use super::installed::Installed;
use super::shop::{self, Model as Shop};
use super::token;
use crate::app::App;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shopify::ShopDomain;
use crate::shopify::admin::{AdminError, shop::ShopInfo, shop::shop_info};
use crate::shopify::oauth::{TokenError, Tokens};

/// A token is renewed when it has less than this left, so that a call never starts with a dying one.
const RENEW_SECONDS: i64 = 300;

/// Why we may not speak for a shop.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The operator set no Shopify credentials.
    #[error("this installation has no Shopify credentials: set SHOPIFY_API_KEY and SHOPIFY_API_SECRET")]
    NotConfigured,
    /// The shop did not install us, or not any more.
    #[error("the shop has not installed the app")]
    NotInstalled,
    /// No token, and none to be had until the merchant opens the app.
    #[error("the merchant needs to open the app once, so that Shopify gives us a new token")]
    NeedsReopening,
    /// The token endpoint.
    #[error("Shopify gave no token: {0}")]
    Token(#[from] TokenError),
    /// The Admin API.
    #[error("Shopify did not describe the shop: {0}")]
    Admin(#[from] AdminError),
    /// Ours.
    #[error(transparent)]
    Db(#[from] DbErr),
    /// A sealed token does not open.
    #[error("the stored token does not open: {0}")]
    Seal(#[from] crate::kernel::secret::SealError),
}

/// Makes sure the shop behind a proven ID token is installed and has a usable token. Returns the shop.
pub async fn ensure(
    app: &App,
    known: Option<Shop>,
    domain: &ShopDomain,
    id_token: &str,
    now: Timestamp,
) -> Result<Shop, InstallError> {
    if let Some(shop) = known.filter(Shop::installed) {
        let kept = token::Entity::find_by_id(shop.shop_id).one(app.db.read()).await?;
        if kept.is_some_and(|kept| kept.reopen_since.is_none() && kept.refresh_expires_at > now) {
            return Ok(shop);
        }
    }
    let endpoint = app.tokens.as_ref().ok_or(InstallError::NotConfigured)?;
    let tokens = endpoint.exchange(domain, id_token, now).await?;
    let answer = shop_info(&app.admin, domain, &tokens.access).await?;
    let shop = keep(app, domain, &answer, &tokens, now).await?;
    tracing::info!(shop.id = %shop.shop_id, shop.domain = %domain, "a shop installed the app");
    Ok(shop)
}

/// Writes shop and tokens; both are safe to repeat.
async fn keep(
    app: &App,
    domain: &ShopDomain,
    info: &ShopInfo,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<Shop, InstallError> {
    let shop = Shop {
        shop_id: info.id,
        domain: domain.as_str().to_owned(),
        name: info.name.clone(),
        currency: info.currency.to_string(),
        time_zone: info.time_zone.clone(),
        country: info.country.clone(),
        storefront_url: info.primary_url.trim_end_matches('/').to_owned(),
        scopes: tokens.scopes.to_string(),
        installed_at: now,
        uninstalled_at: None,
    };
    // The directory row stands alone (it is copied to every node); the tokens follow in their shop's own transaction.
    let others = shop::Column::iter().filter(|column| !matches!(column, shop::Column::ShopId));
    let update = OnConflict::column(shop::Column::ShopId).update_columns(others).to_owned();
    let insert = shop::Entity::insert(shop.clone().into_active_model()).on_conflict(update);
    insert.exec_without_returning(app.db.write()).await?;
    let txn = app.db.begin_write().await?;
    keep_tokens(app, &txn, shop.shop_id, tokens).await?;
    Installed::enqueue(&txn, app, shop.shop_id, now).await?;
    txn.commit().await?;
    app.bell.notify_one();
    Ok(shop)
}

async fn keep_tokens(app: &App, db: &impl ConnectionTrait, shop: ShopId, tokens: &Tokens) -> Result<(), DbErr> {
    let seal = |column, secret: &SecretString| app.vault.seal(shop, column, secret.expose_secret().as_bytes());
    let refresh = tokens.refresh.as_ref().map(|secret| seal("tokens.refresh", secret)).unwrap_or_default();
    let row = token::ActiveModel {
        shop_id: Set(shop),
        access_sealed: Set(seal("tokens.access", &tokens.access)),
        access_expires_at: Set(tokens.access_expires_at),
        refresh_sealed: Set(refresh),
        refresh_expires_at: Set(tokens.refresh_expires_at.unwrap_or(tokens.access_expires_at)),
        version: Set(1),
        reopen_since: Set(None),
    };
    let update = OnConflict::column(token::Column::ShopId)
        .update_columns([
            token::Column::AccessSealed,
            token::Column::AccessExpiresAt,
            token::Column::RefreshSealed,
            token::Column::RefreshExpiresAt,
            token::Column::ReopenSince,
        ])
        .value(token::Column::Version, sea_orm::sea_query::Expr::cust("tokens.version + 1"))
        .to_owned();
    token::Entity::insert(row).on_conflict(update).exec_without_returning(db).await.map(drop)
}

/// A token that speaks for the shop, renewed first when it is about to die.
pub async fn access_token(app: &App, shop: &Shop, now: Timestamp) -> Result<SecretString, InstallError> {
    if !shop.installed() {
        return Err(InstallError::NotInstalled);
    }
    let kept = token::Entity::find_by_id(shop.shop_id).one(app.db.read()).await?.ok_or(InstallError::NeedsReopening)?;
    if kept.access_expires_at.plus_seconds(-RENEW_SECONDS) > now {
        let access = app.vault.open_text(shop.shop_id, "tokens.access", &kept.access_sealed)?;
        return Ok(access.into());
    }
    renew(app, shop, &kept, now).await
}

async fn renew(app: &App, shop: &Shop, kept: &token::Model, now: Timestamp) -> Result<SecretString, InstallError> {
    let endpoint = app.tokens.as_ref().ok_or(InstallError::NotConfigured)?;
    let domain = ShopDomain::parse(&shop.domain).map_err(|_| InstallError::NotInstalled)?;
    let refresh: SecretString = app.vault.open_text(shop.shop_id, "tokens.refresh", &kept.refresh_sealed)?.into();
    match endpoint.refresh(&domain, &refresh, now).await {
        Ok(tokens) => {
            keep_tokens(app, app.db.write(), shop.shop_id, &tokens).await?;
            Ok(tokens.access)
        }
        Err(TokenError::InvalidGrant) => {
            mark_reopening(app.db.write(), shop.shop_id, now).await?;
            Err(InstallError::NeedsReopening)
        }
        Err(error) => Err(error.into()),
    }
}

async fn mark_reopening(db: &impl ConnectionTrait, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
    use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
    let update = token::Entity::update_many().col_expr(token::Column::ReopenSince, Expr::value(now));
    update.filter(token::COLUMN.shop_id.eq(shop)).filter(token::Column::ReopenSince.is_null()).exec(db).await.map(drop)
}
