//! Renewing a shop's token pair: one refresher per shop, in however many processes.
//!
//! ```text
//! usable ──▶ (good for a while) ──▶ used
//!    └─ about to die, or refused ──▶ lease won ──▶ Shopify ──▶ saved, committed ──▶ used
//!                                       │            ├─ no answer ──▶ lease ends; the OLD refresh token is asked again
//!                                       │            └─ invalid_grant ──▶ needs reopening
//!                                       └─ lease lost ──▶ the old token while it is good, else a short wait
//! ```
//!
//! 1. Save, commit, then use: Shopify keeps the old refresh token alive until its replacement is used, so a lost answer
//!    or a crash before the commit costs nothing but another try with the old one.
//! 2. An exchange meanwhile wins (see [`token::replace`]): what comes back from a refresh then hits no row.

use std::time::Duration;

use secrecy::SecretString;

use super::install_error::InstallError;
use super::shop::Model as Shop;
use super::token;
use crate::app::App;
use crate::kernel::Timestamp;
use crate::shopify::ShopDomain;
use crate::shopify::oauth::{TokenError, Tokens};

/// A token is renewed when it has less than this left, so that a call never starts with a dying one.
const RENEW_SECONDS: i64 = 300;

/// A token that is being renewed by somebody else is used while it has this much left.
const LAST_SECONDS: i64 = 10;

/// How often, and how many times, one who waits for another's refresh looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: usize = 80;

/// A token that speaks for a shop, and which pair it is of.
pub(super) struct Usable {
    pub access: SecretString,
    pub version: i32,
}

/// A token that speaks for the shop, renewed first when it is about to die. Prefer [`super::call`], which also knows
/// what to do when Shopify refuses it.
pub async fn access_token(app: &App, shop: &Shop, now: Timestamp) -> Result<SecretString, InstallError> {
    usable(app, shop, now).await.map(|usable| usable.access)
}

pub(super) async fn usable(app: &App, shop: &Shop, now: Timestamp) -> Result<Usable, InstallError> {
    let kept = kept(app, shop).await?;
    if kept.access_expires_at.plus_seconds(-RENEW_SECONDS) > now && !kept.is_of_the_old_kind() {
        return open(app, &kept);
    }
    renew(app, shop, &kept, true, now).await
}

/// A newer token than the pair of this version, whose token Shopify refused.
pub(super) async fn newer(app: &App, shop: &Shop, version: i32, now: Timestamp) -> Result<Usable, InstallError> {
    let kept = kept(app, shop).await?;
    if kept.version != version {
        return open(app, &kept);
    }
    renew(app, shop, &kept, false, now).await
}

/// A new pair for the asking, even where only the merchant was expected to help: to learn what Shopify says to ours.
pub(super) async fn anew(app: &App, shop: &Shop, kept: &token::Model, now: Timestamp) -> Result<Usable, InstallError> {
    renew(app, shop, kept, false, now).await
}

/// The pair of an installed shop; an error when only the merchant can bring one.
async fn kept(app: &App, shop: &Shop) -> Result<token::Model, InstallError> {
    if !shop.installed() {
        return Err(InstallError::NotInstalled);
    }
    let kept = token::of(app.db.read(), shop.shop_id).await?;
    kept.filter(|kept| kept.reopen_since.is_none()).ok_or(InstallError::NeedsReopening)
}

fn open(app: &App, kept: &token::Model) -> Result<Usable, InstallError> {
    Ok(Usable { access: kept.access(&app.vault)?, version: kept.version })
}

/// `good`: the present access token has not been refused.
async fn renew(
    app: &App,
    shop: &Shop,
    kept: &token::Model,
    good: bool,
    now: Timestamp,
) -> Result<Usable, InstallError> {
    let still_good = good && kept.access_expires_at.plus_seconds(-LAST_SECONDS) > now;
    let Some(held) = token::claim(app.db.write(), kept, now).await? else {
        return if still_good && !kept.is_of_the_old_kind() { open(app, kept) } else { follow(app, shop, kept).await };
    };
    match ask(app, shop, &held, now).await {
        Ok(tokens) => {
            if token::renew(app.db.write(), &app.vault, &held, &tokens).await? {
                super::scopes::granted(app, shop, &tokens.scopes, now).await?;
                return Ok(Usable { access: tokens.access, version: held.version + 1 });
            }
            // An exchange, or whoever took the lease after us, has a newer pair.
            open(app, &self::kept(app, shop).await?)
        }
        Err(InstallError::Token(TokenError::InvalidGrant | TokenError::InvalidSubject)) => {
            let reason = "Shopify no longer accepts the token we kept: the app was removed and added again, or nobody opened it for ninety days.";
            if token::need_reopening(app.db.write(), &held, reason, now).await? {
                tracing::warn!(shop.id = %shop.shop_id, "the merchant needs to open the app once: Shopify refused our refresh token");
                return Err(InstallError::NeedsReopening);
            }
            open(app, &self::kept(app, shop).await?)
        }
        Err(error) => {
            token::release(app.db.write(), &held).await?;
            tracing::info!(shop.id = %shop.shop_id, error = %error, "a token was not renewed; the same refresh token will be asked again");
            if still_good && !kept.is_of_the_old_kind() { open(app, kept) } else { Err(error) }
        }
    }
}

/// Waits for whoever holds the lease.
async fn follow(app: &App, shop: &Shop, before: &token::Model) -> Result<Usable, InstallError> {
    for _ in 0..LOOKS {
        let latest = kept(app, shop).await?;
        if latest.version != before.version {
            return open(app, &latest);
        }
        if latest.lease_until.is_none() {
            break;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Err(InstallError::Busy)
}

async fn ask(app: &App, shop: &Shop, held: &token::Model, now: Timestamp) -> Result<Tokens, InstallError> {
    let endpoint = app.tokens.as_ref().ok_or(InstallError::NotConfigured)?;
    let domain = ShopDomain::parse(&shop.domain).map_err(|_| InstallError::NotInstalled)?;
    let tokens = if held.is_of_the_old_kind() {
        endpoint.migrate(&domain, &held.access(&app.vault)?, now).await
    } else {
        endpoint.refresh(&domain, &held.refresh(&app.vault)?, now).await
    };
    Ok(tokens?)
}
