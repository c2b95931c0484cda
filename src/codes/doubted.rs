//! Codes whose standing changed, which reports count: said in the transaction that changes it.

use sea_orm::{ConnectionTrait, DbErr};

use super::id::RedeemCodeId;
use crate::db::counts::{CODES, doubt};
use crate::kernel::id::ShopId;

/// What these codes are counted as is looked after again.
pub(super) async fn doubt_codes(txn: &impl ConnectionTrait, shop: ShopId, codes: &[RedeemCodeId]) -> Result<(), DbErr> {
    doubt(txn, shop, CODES, codes.iter().map(|code| code.0.to_string()).collect()).await
}
