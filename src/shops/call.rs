//! [`call`]: how every room speaks to a shop's Admin API. It brings the token, and knows what the usual refusals mean:
//!
//! 1. 401: the token is renewed once and the call repeated; refused again, only the merchant can help.
//! 2. 402 and 423: the shop is frozen. It is left alone for an hour at a time, whatever else wants to call it.
//! 3. Another API version answered than the one asked for: noted for `doctor` and the merchant's page.

use secrecy::SecretString;

use super::condition;
use super::install_error::InstallError;
use super::refresh::{self, Usable};
use super::shop::Model as Shop;
use super::token;
use crate::app::App;
use crate::jobs::{self, JobError};
use crate::kernel::Timestamp;
use crate::shopify::ShopDomain;
use crate::shopify::admin::{AdminError, AdminFailure, VERSION, observed};
use crate::shopify::oauth::TokenError;

/// How long a frozen shop is left alone, and a merchant who has to open the app.
const LEAVE_ALONE_SECONDS: i64 = 3_600;

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError<E> {
    /// We may not speak for the shop now.
    #[error(transparent)]
    Token(InstallError),
    /// The shop is frozen or locked; it is asked again in an hour.
    #[error(
        "Shopify has frozen or locked the shop, usually because its plan is not paid; work goes on by itself when it is open again"
    )]
    Frozen,
    /// The call itself.
    #[error(transparent)]
    Call(E),
}

impl<E> From<InstallError> for CallError<E> {
    fn from(error: InstallError) -> Self {
        Self::Token(error)
    }
}

impl<E> From<sea_orm::DbErr> for CallError<E> {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Token(error.into())
    }
}

/// What a failed call means for a job: a frozen shop and an absent merchant never kill it.
impl<E: AdminFailure + std::fmt::Display> From<CallError<E>> for JobError {
    fn from(error: CallError<E>) -> Self {
        let wait = |seconds: u64| i64::try_from(seconds).unwrap_or(60).max(1);
        let reason = error.to_string();
        match &error {
            CallError::Frozen => Self::Pause(reason, LEAVE_ALONE_SECONDS),
            CallError::Token(error) => token_error(error),
            CallError::Call(call) => match call.admin() {
                Some(AdminError::Throttled { wait_seconds }) => Self::RetryAfter(reason, wait(*wait_seconds)),
                Some(AdminError::RateLimited { retry_after }) => Self::RetryAfter(reason, wait(*retry_after)),
                Some(_) => Self::Retry(reason),
                None => Self::Fail(reason),
            },
        }
    }
}

impl From<InstallError> for JobError {
    fn from(error: InstallError) -> Self {
        token_error(&error)
    }
}

fn token_error(error: &InstallError) -> JobError {
    let reason = error.to_string();
    match error {
        InstallError::NotConfigured | InstallError::NotInstalled => JobError::Fail(reason),
        InstallError::NeedsReopening | InstallError::Token(TokenError::InvalidClient) => {
            JobError::Pause(reason, LEAVE_ALONE_SECONDS)
        }
        InstallError::Token(TokenError::RateLimited { retry_after }) => {
            JobError::RetryAfter(reason, i64::try_from(*retry_after).unwrap_or(60))
        }
        InstallError::Busy => JobError::RetryAfter(reason, 5),
        _ => JobError::Retry(reason),
    }
}

/// Asks a shop's Admin API something, with a token that is good. `ask` may be called twice, with another token.
pub async fn call<T, E, Asked>(
    app: &App,
    shop: &Shop,
    now: Timestamp,
    ask: impl Fn(ShopDomain, SecretString) -> Asked,
) -> Result<T, CallError<E>>
where
    E: AdminFailure,
    Asked: Future<Output = Result<T, E>>,
{
    let known = condition::of(app.db.read(), shop.shop_id).await?;
    if known.frozen_checked_at.is_some_and(|at| now < at.plus_seconds(LEAVE_ALONE_SECONDS)) {
        return Err(CallError::Frozen);
    }
    let domain = ShopDomain::parse(&shop.domain).map_err(|_| InstallError::NotInstalled)?;
    let Usable { access, version } = refresh::usable(app, shop, now).await?;
    let (mut answer, mut served) = observed(ask(domain.clone(), access)).await;
    if refused(&answer) {
        let Usable { access, version } = refresh::newer(app, shop, version, now).await?;
        (answer, served) = observed(ask(domain, access)).await;
        if refused(&answer) {
            give_up(app, shop, version, now).await?;
            return Err(InstallError::NeedsReopening.into());
        }
    }
    note(app, shop, &known, served, now).await?;
    match answer {
        Err(error) if error.admin() == Some(&AdminError::Frozen) => {
            condition::frozen(app.db.write(), shop.shop_id, now).await?;
            tracing::info!(shop.id = %shop.shop_id, "the shop is frozen; its jobs wait");
            Err(CallError::Frozen)
        }
        answer => {
            if known.frozen_since.is_some() && answer.as_ref().err().is_none_or(|error| error.admin().is_none()) {
                thaw(app, shop, now).await?;
            }
            answer.map_err(CallError::Call)
        }
    }
}

/// Whether Shopify refused the token itself.
fn refused<T, E: AdminFailure>(answer: &Result<T, E>) -> bool {
    let error = answer.as_ref().err().and_then(AdminFailure::admin);
    matches!(error, Some(AdminError::Unauthorized | AdminError::NonExpiring))
}

/// A token that was renewed a moment ago is refused as well.
async fn give_up(app: &App, shop: &Shop, version: i32, now: Timestamp) -> Result<(), sea_orm::DbErr> {
    if let Some(kept) = token::of(app.db.write(), shop.shop_id).await?.filter(|kept| kept.version == version) {
        let reason = "Shopify refuses even a token it gave us a moment ago.";
        token::need_reopening(app.db.write(), &kept, reason, now).await?;
        tracing::error!(shop.id = %shop.shop_id, "Shopify refuses a token it has just given us");
    }
    Ok(())
}

/// Notes which API version answered, when that is news.
async fn note(
    app: &App,
    shop: &Shop,
    known: &condition::Model,
    served: Option<String>,
    now: Timestamp,
) -> Result<(), sea_orm::DbErr> {
    let Some(served) = served else { return Ok(()) };
    let other = (served != VERSION).then_some(served);
    if other == known.served_version {
        return Ok(());
    }
    condition::served(app.db.write(), shop.shop_id, other, now).await
}

/// The shop answers again: what waited is due.
async fn thaw(app: &App, shop: &Shop, now: Timestamp) -> Result<(), sea_orm::DbErr> {
    let txn = app.db.begin_write().await?;
    if condition::thawed(&txn, shop.shop_id).await? {
        jobs::wake(&txn, shop.shop_id, now).await?;
        tracing::info!(shop.id = %shop.shop_id, "the shop is open again");
    }
    txn.commit().await?;
    app.bell.notify_one();
    Ok(())
}
