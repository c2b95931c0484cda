//! A visit to the store before an order, as Shopify's customer journey tells it.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;

use super::order::OrderId;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_visits")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    /// Shopify's whole global id of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_visit_id: String,
    pub at: Timestamp,
    /// What its landing page's address says of the channel, and nothing else of it; `""`: nothing.
    pub landing: String,
    /// Host of the page before it.
    pub referrer: Option<String>,
    /// The click id of one of our links in its landing page's address.
    pub click_id: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
