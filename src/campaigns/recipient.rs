//! A person drawn into a campaign: found by keyed hashes, contact sealed under a key of their own.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;

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
