//! An order as it stands: the newest version we know, and what joins it to a message.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Shopify's numeric order id: beyond 2^53, so it travels as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct OrderId(pub i64);

impl std::fmt::Display for OrderId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for OrderId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A short list of texts nobody searches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Texts(pub Vec<String>);

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    pub version_key: String,
    pub name: String,
    pub ordered_at: Timestamp,
    pub updated_at: Timestamp,
    pub currency: String,
    pub presentment_currency: String,
    pub source_name: String,
    pub financial_status: Option<String>,
    pub test: bool,
    pub cancelled_at: Option<Timestamp>,
    pub checkout_token: Option<String>,
    pub cart_token: Option<String>,
    pub shopify_customer_id: Option<i64>,
    pub phone_hash: Option<String>,
    pub email_hash: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub codes: Texts,
    #[sea_orm(column_type = "JsonBinary")]
    pub click_ids: Texts,
    pub landing_click_id: Option<String>,
    pub landing: Option<String>,
    pub referrer: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Orders of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}
