//! One discount at Shopify: an offer, until the end of a slot.
//!
//! ```text
//! planned ──▶ asked ──▶ live ─┬─▶ retired: none of its codes is handed out any more
//!                             └─▶ ended by us, ended or deleted by the merchant
//! ```
//!
//! A slot has one discount that is not retired; the next of its series is made when that one is. A discount of a single
//! code (`for_code_id`) ends with that code, to the second: its slot is the code.

use sea_orm::entity::prelude::*;

use super::id::{DiscountId, RedeemCodeId};
use super::shopify::noticed::Differences;
use crate::campaigns::{CampaignId, Tags};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "discounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DiscountId,
    pub campaign_id: CampaignId,
    pub slot_ends_at: Timestamp,
    pub series: i32,
    pub offer_revision: i32,
    pub state: State,
    pub title: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub tags: Option<Tags>,
    pub shopify_discount_id: Option<String>,
    pub last_error: Option<String>,
    pub retired_at: Option<Timestamp>,
    pub retired_because: Option<Because>,
    pub ending_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    pub differs_since: Option<Timestamp>,
    #[sea_orm(column_type = "JsonBinary")]
    pub differs: Option<Differences>,
    pub pace_since: Option<Timestamp>,
    pub pace_until: Option<Timestamp>,
    pub pace_codes: Option<i64>,
    pub created_at: Timestamp,
    pub for_code_id: Option<RedeemCodeId>,
    pub ends_changed_at: Option<Timestamp>,
    pub low_water: i32,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Discounts of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// So far apart may the clocks of two nodes be: what is over by the clock of one may go on by the clock of another, so
/// nothing is put away sooner. Whether a code is good is decided by its instant alone.
pub const CLOCKS_APART_SECONDS: i64 = 900;

/// Why none of a discount's codes is handed out any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, serde::Serialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = DiscountRetiredBecause)]
pub enum Because {
    /// The campaign's offer is another one now.
    OfferChanged,
    /// The campaign is archived; who holds a code keeps it.
    Archived,
    /// The merchant deleted it.
    Deleted,
    /// The merchant ended it before its time.
    Ended,
}

impl Model {
    /// Whether codes that were promised under it must come from another discount.
    pub fn lost(&self) -> bool {
        self.retired_because.is_some_and(|because| because != Because::Archived)
    }
}

/// Where a discount stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, serde::Serialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = DiscountState)]
pub enum State {
    /// Wanted here, unknown at Shopify.
    Planned,
    /// Shopify was asked for it; the answer may have been lost.
    Asked,
    /// It exists at Shopify.
    Live,
}
