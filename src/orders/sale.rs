//! What Shopify's own book says was sold or given back with an order: one row a sale, in Shopify's words.
//!
//! 1. Facts: a sale is what its agreement says it is, at the instant it happened. Amounts are the shop's currency.
//! 2. Words that nobody knows yet are kept as they came, shown, and added to nothing.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;

use super::order::OrderId;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_sales")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    /// Shopify's whole global id of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_sale_id: String,
    pub shopify_agreement_id: String,
    /// Which kind of agreement: Shopify's name of the type.
    pub agreement: String,
    pub reason: String,
    pub happened_at: Timestamp,
    pub line_type: String,
    pub action_type: String,
    pub quantity: Option<i64>,
    /// After discounts, with tax; what is given back is negative.
    pub total_minor: i64,
    pub tax_minor: i64,
    /// What discounts took off before taxes.
    pub discounts_minor: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Sales of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// What was sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Product,
    Tip,
    GiftCard,
    Shipping,
    Duty,
    /// Of a return, an exchange, or the shop's own: both of Shopify's kinds of fees.
    Fee,
    /// The difference between what refunded lines were worth and what was given back.
    Adjustment,
}

/// Why it was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// The order was placed.
    Order,
    /// Staff changed it.
    Edit,
    /// Money or goods went back; an exchange may sell others in the same breath.
    Back,
}

impl Model {
    /// What was sold; `None`: what was done or to what is told in a word we do not know, or Shopify itself does not.
    pub fn line(&self) -> Option<Line> {
        if !matches!(self.action_type.as_str(), "ORDER" | "RETURN" | "UPDATE") {
            return None;
        }
        Some(match self.line_type.as_str() {
            "PRODUCT" => Line::Product,
            "TIP" => Line::Tip,
            "GIFT_CARD" => Line::GiftCard,
            "SHIPPING" => Line::Shipping,
            "DUTY" => Line::Duty,
            "FEE" | "ADDITIONAL_FEE" => Line::Fee,
            "ADJUSTMENT" => Line::Adjustment,
            _ => return None,
        })
    }

    /// Which kind of agreement it belongs to: the type's name says it, else the reason.
    pub fn agreement(&self) -> Agreement {
        match (self.agreement.as_str(), self.reason.as_str()) {
            ("OrderAgreement", _) => Agreement::Order,
            ("OrderEditAgreement", _) => Agreement::Edit,
            ("RefundAgreement" | "ReturnAgreement", _) | (_, "REFUND" | "RETURN") => Agreement::Back,
            (_, "ORDER") => Agreement::Order,
            _ => Agreement::Edit,
        }
    }

    /// From which instant on it counts: an order's own sales from the order on, which may have been told for an earlier
    /// day than the one it was written on; everything else when it happened, and never before the order.
    pub fn counts_from(&self, ordered_at: Timestamp) -> Timestamp {
        if self.agreement() == Agreement::Order { ordered_at } else { self.happened_at.max(ordered_at) }
    }

    /// Its worth without tax.
    pub const fn net(&self) -> i64 {
        self.total_minor.saturating_sub(self.tax_minor)
    }
}
