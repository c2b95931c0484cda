//! A checkout as it stands.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;

use crate::kernel::id::ShopId;
use crate::kernel::{Timestamp, Vault};

/// The name under which recovery addresses are sealed.
const RECOVERY_URL: &str = "checkouts.recovery_url";

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "checkouts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: String,
    pub cart_token: Option<String>,
    pub currency: String,
    pub total_minor: i64,
    pub email_hash: Option<String>,
    pub phone_hash: Option<String>,
    pub shopify_customer_id: Option<i64>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    pub recovery_url_sealed: Option<Vec<u8>>,
    pub contact_key: i64,
    /// What was in it, as a cart permalink has it: `1:2,3:1`.
    pub cart_items: Option<String>,
    /// The instant of the state that told it.
    pub cart_items_at: Option<Timestamp>,
    /// Shopify's number of it, where a webhook told it.
    pub shopify_checkout_id: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Checkouts of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

impl Model {
    /// When the contact data that count now were told, by event time; `None`: none were.
    pub fn contact_told_at(&self) -> Option<Timestamp> {
        (self.contact_key > 0).then(|| Timestamp::from_micros(self.contact_key / 2))
    }

    /// The address at which it opens again, if one is kept.
    pub fn recovery_url(&self, vault: &Vault) -> Option<String> {
        let sealed = self.recovery_url_sealed.as_ref()?;
        String::from_utf8(vault.open_bytes(self.shop_id, RECOVERY_URL, sealed).ok()?).ok()
    }
}

/// Seals the address at which a checkout of a shop opens again.
pub fn seal_recovery_url(vault: &Vault, shop: ShopId, url: &str) -> Vec<u8> {
    vault.seal_bytes(shop, RECOVERY_URL, url.as_bytes())
}
