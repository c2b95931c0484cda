//! What somebody in an arm bought: one row for each of their orders near their assignment, as the ledger counts it now.
//!
//! Sparse: whoever bought nothing has no row, so it is kept in the time of orders and not of recipients. The horizon is
//! not in it: any horizon and any time before are sums over it.

use sea_orm::entity::prelude::*;
use uuid::Uuid;

use crate::campaigns::Arm;
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::orders::OrderId;

/// One order of somebody in an arm.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outcomes")]
pub struct Model {
    /// The shop.
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    /// The campaign or the programme.
    #[sea_orm(primary_key, auto_increment = false)]
    pub experiment_id: Uuid,
    /// The draw that assigned them.
    #[sea_orm(primary_key, auto_increment = false)]
    pub unit_id: MessageId,
    /// The order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    /// What they were given.
    pub arm: Arm,
    /// When they were eligible.
    pub assigned_at: Timestamp,
    /// When it was placed.
    pub ordered_at: Timestamp,
    /// Whether it is an order at all: neither a test, nor cancelled, nor a renewal, nor in another currency.
    pub counts: bool,
    /// Whether one of our codes decided whose it is: in the arm left alone that is contamination.
    pub redeemed: bool,
    /// Its part of net sales, after what went back.
    pub net_minor: i64,
    /// What discounts took off it.
    pub discount_minor: i64,
}

impl ActiveModelBehavior for ActiveModel {}

/// For how long before an assignment orders are kept: revenue from then explains revenue after (CUPED).
pub const BEFORE_SECONDS: i64 = 90 * 86_400;

/// For how long after an assignment in a campaign orders are kept: the longest horizon. A programme has no end.
pub const AFTER_SECONDS: i64 = 90 * 86_400;
