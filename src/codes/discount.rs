//! One discount at Shopify: an offer, until the end of a slot.
//!
//! ```text
//! planned ──▶ asked ──▶ live ─┬─▶ retired: none of its codes is handed out any more
//!                             └─▶ ended by us, ended or deleted by the merchant
//! ```
//!
//! A slot has one discount that is not retired; the next of its series is made when that one is. A discount of a single
//! code (`for_code_id`) ends with that code, to the second: its slot is the code.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::id::{DiscountId, RedeemCodeId};
use crate::campaigns::{Campaign, CampaignId, Tags};
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, utoipa::ToSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, utoipa::ToSchema)]
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

/// What is not as we wanted it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Difference {
    /// `ends_at`, `active`, `usage_limit`, `offer`, `minimum` or `title`.
    pub what: String,
    /// As this campaign wants it.
    pub asked: String,
    /// As it stands at Shopify.
    pub found: String,
}

/// All differences of a discount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Differences(pub Vec<Difference>);

/// Our mark on every discount, so that merchants find them in the admin.
const TAG: &str = "recoup";

/// Ours, then the merchant's. The admin separates tags by commas, so ours has none.
pub fn tags(campaign: &Campaign) -> Tags {
    let mut tags = vec![TAG.to_owned(), format!("{TAG}: {}", campaign.name.replace(',', " "))];
    tags.extend(campaign.tags().iter().cloned());
    Tags(tags)
}
