//! Installing: the first load of the app in the admin brings an ID token, which we exchange for tokens of our own.
//!
//! 1. Tokens are sealed and committed before they are used for work. The one exception is the question who the shop is:
//!    its number is the key they are kept under. A crash in between costs nothing, because the next load exchanges again.
//! 2. An exchange happens only when it is needed: Shopify retires the old refresh token at each one.
//! 3. `installed_at` is the beginning of the present installation, by Shopify's clock. A renewed token moves nothing.

use sea_orm::sea_query::OnConflict;
use sea_orm::{DbErr, EntityTrait, IntoActiveModel, Iterable};

use super::install_error::InstallError;
use super::installed::ShopInstalled;
use super::shop::{self, Model as Shop};
use super::{api_key, condition, exchange, token};
use crate::app::App;
use crate::jobs;
use crate::kernel::Timestamp;
use crate::news;
use crate::shopify::admin::shop::{ShopInfo, shop_info};
use crate::shopify::oauth::Tokens;
use crate::shopify::{Scopes, ShopDomain};

/// While what we need is not granted, a load tries again at most this often whether a new token brings it.
const ASK_AGAIN_SECONDS: i64 = 3_600;

/// Makes sure the shop behind a proven ID token is installed and has a usable token. `proven_at` is when Shopify made
/// the ID token.
pub(super) async fn ensure(
    app: &App,
    domain: &ShopDomain,
    id_token: &str,
    proven_at: Timestamp,
    now: Timestamp,
) -> Result<(), InstallError> {
    if usable(app, domain, proven_at, now).await?.is_ok() {
        return Ok(());
    }
    let (apps, of, id_token) = (app.clone(), domain.clone(), id_token.to_owned());
    let exchange = async move {
        // Somebody else may have exchanged while we waited.
        let Err(known) = usable(&apps, &of, proven_at, now).await? else { return Ok(()) };
        let endpoint = apps.tokens.as_ref().ok_or(InstallError::NotConfigured)?;
        let tokens = endpoint.exchange(&of, &id_token, now).await?;
        acquired(&apps, known, &of, &tokens, proven_at, now).await
    };
    exchange::one_at_a_time(app, domain, exchange).await
}

/// `Ok`: the shop is installed and has all it needs. `Err`: only an exchange brings it; with the shop, if it is installed.
async fn usable(
    app: &App,
    domain: &ShopDomain,
    proven_at: Timestamp,
    now: Timestamp,
) -> Result<Result<(), Option<Shop>>, DbErr> {
    // Not from the directory: two loads at once must see each other's exchange.
    let known = shop::Entity::find_by_domain(domain.as_str()).one(app.db.read()).await?.filter(Shop::installed);
    let Some(shop) = known else { return Ok(Err(None)) };
    condition::opened(app.db.write(), shop.shop_id, proven_at).await?;
    Ok(if needs_exchange(app, &shop, now).await? { Err(Some(shop)) } else { Ok(()) })
}

/// Whether only a new exchange helps: no pair, a dead one, one of other scopes than the shop grants now, or too few.
async fn needs_exchange(app: &App, shop: &Shop, now: Timestamp) -> Result<bool, DbErr> {
    let Some(kept) = token::of(app.db.read(), shop.shop_id).await? else { return Ok(true) };
    if kept.reopen_since.is_some() || (kept.refresh_expires_at <= now && !kept.is_of_the_old_kind()) {
        return Ok(true);
    }
    let granted = Scopes::parse(&shop.scopes);
    let changed = kept.scopes.as_deref().is_some_and(|scopes| Scopes::parse(scopes) != granted);
    let lacking = !granted.missing(Scopes::required()).is_empty();
    Ok(changed || (lacking && kept.exchanged_at.plus_seconds(ASK_AGAIN_SECONDS) <= now))
}

/// Keeps a pair that the merchant's own presence brought, and begins the installation if this is its first.
pub(super) async fn acquired(
    app: &App,
    known: Option<Shop>,
    domain: &ShopDomain,
    tokens: &Tokens,
    proven_at: Timestamp,
    now: Timestamp,
) -> Result<(), InstallError> {
    let scopes = tokens.scopes.to_string();
    let new = known.is_none();
    let shop = match known {
        Some(shop) => Shop { scopes, ..shop },
        None => described(&shop_info(&app.admin, domain, &tokens.access).await?, domain, scopes, proven_at),
    };
    // The directory row stands alone (it is copied to every node); the tokens follow in their shop's own transaction.
    // What became of its link domain is not ours to say, nor what the merchant chose; both may have changed since the row
    // was read.
    use shop::Column::{DefaultHoldoutPpm, LinkDomain, LinkDomainRestsAt, MarginPpm, ShopId};
    let kept = |column: &shop::Column| {
        matches!(column, ShopId | LinkDomain | LinkDomainRestsAt | DefaultHoldoutPpm | MarginPpm)
    };
    let others = shop::Column::iter().filter(|column| !kept(column));
    let update = OnConflict::column(ShopId).update_columns(others).to_owned();
    let insert = shop::Entity::insert(shop.clone().into_active_model()).on_conflict(update);
    insert.exec_without_returning(app.db.write()).await?;
    let txn = app.db.begin_write().await?;
    token::replace(&txn, &app.vault, shop.shop_id, tokens, now).await?;
    condition::learnt_scopes(&txn, shop.shop_id, now).await?;
    condition::opened(&txn, shop.shop_id, proven_at).await?;
    if new {
        // Keys of an installation that is over open nothing in this one.
        api_key::end(&txn, shop.shop_id, now).await?;
    }
    jobs::wake(&txn, shop.shop_id, now).await?;
    news::tell(&txn, app, shop.shop_id, &ShopInstalled {}, now).await?;
    txn.commit().await?;
    app.db.changed();
    app.bell.notify_one();
    if new {
        tracing::info!(shop.id = %shop.shop_id, shop.domain = %domain, "a shop installed the app");
    } else {
        tracing::info!(shop.id = %shop.shop_id, "a shop's tokens were exchanged anew");
    }
    Ok(())
}

fn described(info: &ShopInfo, domain: &ShopDomain, scopes: String, installed_at: Timestamp) -> Shop {
    Shop {
        shop_id: info.id,
        domain: domain.as_str().to_owned(),
        name: info.name.clone(),
        currency: info.currency.clone(),
        time_zone: info.time_zone.clone(),
        country: info.country.clone(),
        storefront_url: info.primary_url.trim_end_matches('/').to_owned(),
        scopes,
        installed_at,
        uninstalled_at: None,
        link_domain: None,
        link_domain_rests_at: None,
        default_holdout_ppm: 0,
        margin_ppm: None,
    }
}
