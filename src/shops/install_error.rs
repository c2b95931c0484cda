//! Why a shop is not installed, or we have no token to speak for it with.

use sea_orm::DbErr;

use crate::kernel::secret::SealError;
use crate::shopify::admin::AdminError;
use crate::shopify::oauth::TokenError;

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
    /// Somebody else is fetching a token, and has not finished yet.
    #[error("a new token is being fetched; it will be there in a moment")]
    Busy,
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
    Seal(#[from] SealError),
}
