//! Asking Shopify itself whether the app is still installed in a shop, before anything is done that cannot be undone.
//! What a webhook's headers say is signed by nobody, and a genuine body may be an old one.
//!
//! ```text
//! stored access token ── answered ──▶ installed
//!          └─ refused ──▶ refresh ── a new pair ──▶ installed
//!                            ├─ invalid_client ──▶ not installed
//!                            ├─ invalid_grant before its day ──▶ revoked
//!                            ├─ invalid_grant after it ──▶ unknown: nobody opened the app for ninety days
//!                            └─ no answer ──▶ an error: wait and ask again
//! ```

use super::call::CallError;
use super::install_error::InstallError;
use super::shop::Model as Shop;
use super::{refresh, token};
use crate::app::App;
use crate::jobs::JobError;
use crate::kernel::Timestamp;
use crate::shopify::ShopDomain;
use crate::shopify::admin::{AdminError, shop::shop_info};
use crate::shopify::oauth::TokenError;

/// What Shopify says of an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It lets us in.
    Installed,
    /// The app is not installed in this shop.
    Gone,
    /// What we had is void before its time: the app was removed, and perhaps added again since.
    Revoked,
    /// It cannot be asked: there is no token whose refusal would mean anything.
    Unknown,
}

/// Asks. The error says when to ask again; it never means that the shop is gone.
pub async fn standing(app: &App, shop: &Shop, now: Timestamp) -> Result<Standing, JobError> {
    let Some(kept) = token::of(app.db.write(), shop.shop_id).await? else { return Ok(Standing::Unknown) };
    let domain = ShopDomain::parse(&shop.domain).map_err(JobError::retry)?;
    let access = kept.access(&app.vault).map_err(JobError::retry)?;
    match shop_info(&app.admin, &domain, &access).await {
        Ok(_) => return Ok(Standing::Installed),
        // A frozen shop is answered for before its token is looked at; the token endpoint tells more.
        Err(AdminError::Unauthorized | AdminError::NonExpiring | AdminError::Frozen) => {}
        Err(error) => return Err(CallError::Call(error).into()),
    }
    match refresh::anew(app, shop, &kept, now).await {
        Ok(_) => Ok(Standing::Installed),
        Err(InstallError::Token(TokenError::InvalidClient)) => Ok(Standing::Gone),
        Err(InstallError::NeedsReopening) if kept.refresh_expires_at > now => Ok(Standing::Revoked),
        Err(InstallError::NeedsReopening) => Ok(Standing::Unknown),
        Err(error) => Err(error.into()),
    }
}
