//! Speaking to the Admin API for a shop, and what it means when it does not answer.

use sea_orm::EntityTrait;
use secrecy::SecretString;

use crate::app::App;
use crate::jobs::JobError;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shopify::ShopDomain;
use crate::shopify::admin::bulk::{BulkError, FileError};
use crate::shopify::admin::{Admin, AdminError, AdminFailure};
use crate::shops::{self, CallError, InstallError, Shop, Shops};

/// A shop we may speak for, at work nobody waits for.
pub(super) struct AdminSession {
    pub app: App,
    pub admin: Admin,
    pub shop: Shop,
}

/// Why nothing more can be read now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// In words; `None` when only the shop's points are used up.
    pub reason: Option<String>,
    /// When to come again.
    pub wait_seconds: i64,
    /// Whether one of the things that were asked for together may be to blame.
    pub perhaps_of_one: bool,
}

impl Trouble {
    pub fn because(reason: impl Into<String>, wait_seconds: i64) -> Self {
        Self { reason: Some(reason.into()), wait_seconds, perhaps_of_one: false }
    }

    fn used_up(wait_seconds: u64) -> Self {
        let wait_seconds = i64::try_from(wait_seconds).unwrap_or(60).max(1);
        Self { reason: None, wait_seconds, perhaps_of_one: false }
    }
}

impl AdminSession {
    /// `None`: the shop has not installed us, or not any more.
    pub async fn begin(app: &App, shop: ShopId) -> Result<Option<Self>, JobError> {
        let known = Shops::find_by_id(shop).one(app.db.read()).await?;
        let installed = known.filter(Shop::installed);
        Ok(installed.map(|shop| Self { app: app.clone(), admin: app.admin.bulk(), shop }))
    }

    /// Asks with a token that is good; `ask` may be called twice, with another token.
    pub async fn ask<T, E, Asked>(
        &self,
        now: Timestamp,
        ask: impl Fn(ShopDomain, SecretString) -> Asked,
    ) -> Result<T, CallError<E>>
    where
        E: AdminFailure,
        Asked: Future<Output = Result<T, E>>,
    {
        shops::call(&self.app, &self.shop, now, ask).await
    }
}

impl<E: Into<Trouble>> From<CallError<E>> for Trouble {
    fn from(error: CallError<E>) -> Self {
        match error {
            CallError::Token(error) => error.into(),
            CallError::Frozen => AdminError::Frozen.into(),
            CallError::Call(error) => error.into(),
        }
    }
}

impl From<InstallError> for Trouble {
    fn from(error: InstallError) -> Self {
        let wait = if matches!(error, InstallError::NeedsReopening | InstallError::NotConfigured) { 900 } else { 120 };
        Self::because(error.to_string(), wait)
    }
}

impl From<AdminError> for Trouble {
    fn from(error: AdminError) -> Self {
        let perhaps_of_one =
            matches!(error, AdminError::Unreachable { .. } | AdminError::Rejected(_) | AdminError::Protocol(_));
        let trouble = match &error {
            AdminError::Throttled { wait_seconds } => Self::used_up(*wait_seconds),
            AdminError::RateLimited { retry_after } => Self::used_up(*retry_after),
            AdminError::Unauthorized => Self::because(
                "Shopify no longer accepts our access to the shop: the app was removed, or the merchant needs to open it once",
                900,
            ),
            AdminError::Frozen => Self::because("the shop is frozen at Shopify", 3_600),
            AdminError::AccessDenied | AdminError::Forbidden => Self::because(
                "Shopify does not let the app read this: a scope or the approval for protected customer data is missing",
                3_600,
            ),
            AdminError::Unreachable { .. } => Self::because("Shopify could not be reached", 300),
            _ => Self::because(error.to_string(), 900),
        };
        Self { perhaps_of_one, ..trouble }
    }
}

impl From<BulkError> for Trouble {
    fn from(error: BulkError) -> Self {
        match error {
            BulkError::Admin(error) => error.into(),
            BulkError::Busy | BulkError::Refused(_) => Self::because(error.to_string(), 60),
        }
    }
}

impl From<FileError> for Trouble {
    fn from(error: FileError) -> Self {
        Self::because(error.to_string(), 60)
    }
}

/// What stops a reading: Shopify, or our own database.
#[derive(Debug)]
pub(super) enum Stopped {
    Trouble(Trouble),
    Db(sea_orm::DbErr),
}

impl<T: Into<Trouble>> From<T> for Stopped {
    fn from(trouble: T) -> Self {
        Self::Trouble(trouble.into())
    }
}

impl From<sea_orm::DbErr> for Stopped {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error)
    }
}
