//! A person drawn into a campaign: found by keyed hashes, contact sealed under a key of their own.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;

use super::same::Known;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

crate::uuid_id!(
    /// A recipient.
    RecipientId
);

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recipients")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RecipientId,
    pub phone_hash: Option<String>,
    pub whatsapp_hash: Option<String>,
    pub email_hash: Option<String>,
    pub shopify_customer_id: Option<i64>,
    pub data_key_sealed: Option<String>,
    pub contact_sealed: Option<Vec<u8>>,
    pub created_at: Timestamp,
    pub forgotten_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// All that recognises them.
    pub fn known(&self) -> Known<'_> {
        Known { shoppers: self.shopify_customer_id.as_slice(), emails: self.email_hash.as_slice(), ..self.addresses() }
    }

    /// Where messages reach them: what makes two recipients one.
    pub(super) fn addresses(&self) -> Known<'_> {
        Known { phones: self.phone_hash.as_slice(), users: self.whatsapp_hash.as_slice(), ..Known::default() }
    }
}
