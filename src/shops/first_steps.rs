//! What of the connection is there, for a merchant who has just begun.

use sea_orm::{ConnectionTrait, DbErr};

use super::shop::Model as Shop;
use super::{api_key, claim, token};
use crate::kernel::Timestamp;
use crate::shopify::Scopes;

/// What is there, and what is not.
#[derive(Clone, Debug)]
pub struct FirstSteps {
    /// What the shop does not grant, by Shopify's names.
    pub missing_scopes: Vec<&'static str>,
    /// Why the app has to be opened once before anything goes on.
    pub reopen: Option<String>,
    /// When the first key that still holds was made.
    pub key_made_at: Option<Timestamp>,
    /// When any of them last proved a call.
    pub key_used_at: Option<Timestamp>,
    /// WhatsApp numbers the shop says it sends from.
    pub numbers: usize,
    /// Those of them that are proven.
    pub proven: usize,
}

/// Looks.
pub async fn first_steps(db: &impl ConnectionTrait, shop: &Shop) -> Result<FirstSteps, DbErr> {
    let keys = api_key::of_shop(db, shop.shop_id).await?;
    let keys: Vec<_> = keys.into_iter().filter(|key| key.revoked_at.is_none()).collect();
    let claims = claim::of_shop(db, shop.shop_id).await?;
    let reopen = match token::of(db, shop.shop_id).await? {
        Some(kept) => kept.reopen_since.map(|_| kept.reopen_reason.unwrap_or_default()),
        None => Some("Shopify gave us no token for this shop.".to_owned()),
    };
    Ok(FirstSteps {
        missing_scopes: Scopes::parse(&shop.scopes).missing(Scopes::required()),
        reopen,
        key_made_at: keys.iter().map(|key| key.created_at).min(),
        key_used_at: keys.iter().filter_map(|key| key.last_used_at).max(),
        numbers: claims.len(),
        proven: claims.iter().filter(|claim| claim.proven).count(),
    })
}
