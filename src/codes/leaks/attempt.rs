//! A checkout that carried a code of ours: a fact, and what shows one code on many checkouts.

use sea_orm::entity::prelude::*;

use crate::codes::id::RedeemCodeId;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "code_tries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub redeem_code_id: RedeemCodeId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub checkout_token: String,
    pub at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
