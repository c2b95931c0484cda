//! One state an order was in, from one instant on.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sha2::{Digest, Sha256};

use super::money::Amounts;
use super::order::OrderId;
use super::snapshot::Snapshot;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// How orders are read now. What an older reading made of the same state yields to what this one makes of it, so that a
/// replay mends.
const READING: i32 = 2;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub updated_at: Timestamp,
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    pub financial_status: Option<String>,
    pub cancelled_at: Option<Timestamp>,
    pub test: bool,
    pub gross_minor: i64,
    pub discounts_minor: i64,
    pub shipping_minor: i64,
    pub tax_minor: i64,
    pub tips_minor: i64,
    pub gift_cards_minor: i64,
    pub total_minor: i64,
    pub duties_minor: i64,
    pub fees_minor: i64,
    /// How it was read.
    pub reading: i32,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The version a snapshot is.
    pub fn of(shop: ShopId, snapshot: &Snapshot) -> Self {
        let amounts = snapshot.amounts;
        let state = serde_json::json!([
            snapshot.financial_status,
            snapshot.cancelled_at,
            snapshot.test,
            amounts,
            snapshot.codes,
            snapshot.click_ids,
            READING
        ]);
        Self {
            shop_id: shop,
            shopify_order_id: snapshot.order,
            updated_at: snapshot.updated_at,
            digest: hex::encode(&Sha256::digest(state.to_string())[..8]),
            financial_status: snapshot.financial_status.clone(),
            cancelled_at: snapshot.cancelled_at,
            test: snapshot.test,
            gross_minor: amounts.gross,
            discounts_minor: amounts.discounts,
            shipping_minor: amounts.shipping,
            tax_minor: amounts.tax,
            tips_minor: amounts.tips,
            gift_cards_minor: amounts.gift_cards,
            total_minor: amounts.total,
            duties_minor: amounts.duties,
            fees_minor: amounts.fees,
            reading: READING,
        }
    }

    /// Its money.
    pub const fn amounts(&self) -> Amounts {
        Amounts {
            gross: self.gross_minor,
            discounts: self.discounts_minor,
            shipping: self.shipping_minor,
            tax: self.tax_minor,
            tips: self.tips_minor,
            gift_cards: self.gift_cards_minor,
            duties: self.duties_minor,
            fees: self.fees_minor,
            total: self.total_minor,
        }
    }

    /// Sorts versions of one order in time; within one second the further state is the later one, whatever arrived
    /// first. Of two readings of one state the newer counts, and of two tellings of it the one that adds up.
    pub fn key(&self) -> String {
        let cancelled = u8::from(self.cancelled_at.is_some());
        let progress = match self.financial_status.as_deref() {
            Some("refunded" | "voided" | "expired") => 5,
            Some("partially_refunded") => 4,
            Some("paid") => 3,
            Some("partially_paid") => 2,
            Some("authorized") => 1,
            _ => 0,
        };
        // A first reading's keys have their digest, which is hexadecimal, in this place.
        let read = if self.reading < 2 {
            String::new()
        } else {
            format!("r{}{}-", self.reading, u8::from(self.amounts().unexplained() == 0))
        };
        format!("{:020}-{cancelled}{progress}-{read}{}", self.updated_at.micros(), self.digest)
    }

    /// Whether money has come in for it, or had come in before it went back.
    pub fn paid(&self) -> bool {
        matches!(self.financial_status.as_deref(), Some("paid" | "partially_paid" | "partially_refunded" | "refunded"))
    }
}
