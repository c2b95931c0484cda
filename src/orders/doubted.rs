//! Orders of which something changed that reports count: said in the transaction that changes it.

use sea_orm::{ConnectionTrait, DbErr};

use super::order::OrderId;
use crate::db::counts::{ORDERS, doubt};
use crate::kernel::id::ShopId;

/// What these orders are counted as is looked after again.
pub(super) async fn doubt_orders(txn: &impl ConnectionTrait, shop: ShopId, orders: &[OrderId]) -> Result<(), DbErr> {
    doubt(txn, shop, ORDERS, orders.iter().map(|order| order.0.to_string()).collect()).await
}
