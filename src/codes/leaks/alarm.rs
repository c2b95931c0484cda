//! An alarm of the leak radar: one per kind and slot, open until somebody closes it.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, Iterable, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use crate::campaigns::CampaignId;
use crate::codes::discount;
use crate::codes::id::{AlarmId, DiscountId};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// What looks like a leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = AlarmKind)]
pub enum Kind {
    /// A code that was never given to anybody is on an order or a checkout.
    Canary,
    /// Two orders used one single-use code.
    UsedTwice,
    /// Phone or e-mail are known on both sides, and none agrees.
    SomebodyElse,
    /// The order came before the message arrived, or the message never did.
    BeforeDelivery,
    /// One code on many checkouts within an hour.
    Burst,
}

/// How loud an alarm is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AlarmSeverity)]
pub enum Severity {
    /// A whole list got out: stop and look.
    Critical,
    /// Somebody should look.
    Warning,
    /// Worth knowing, mostly harmless; closes by itself when its slot is over.
    Notice,
}

impl Severity {
    fn kinds(self) -> impl Iterator<Item = Kind> {
        Kind::iter().filter(move |kind| kind.severity() == self)
    }
}

impl Kind {
    /// How loud it is.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Canary => Severity::Critical,
            Self::UsedTwice | Self::BeforeDelivery | Self::Burst => Severity::Warning,
            Self::SomebodyElse => Severity::Notice,
        }
    }

    /// What it means and what a person can do, in words a merchant can read.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Canary => (
                "A code that was never given to anybody was used: somebody outside has a list of this slot's codes.",
                "Revoke this campaign's codes, then send replacements to the recipients who still need one. Find out who could export the codes: staff with access to discounts in Shopify, and other apps.",
            ),
            Self::UsedTwice => (
                "Two orders used one single-use code. Staff can put a code on a draft order, and two checkouts may finish in the same moment.",
                "Look at both orders. If neither is a draft of your staff, revoke the code.",
            ),
            Self::SomebodyElse => (
                "Codes were used by somebody else than their recipients: phone or e-mail are known on both sides and none agrees.",
                "A few are gifts. If there are many, look for the codes on coupon sites and revoke them.",
            ),
            Self::BeforeDelivery => (
                "Codes were used before their messages had arrived, or although they never did.",
                "Somebody else saw these codes first. Check who can read them on the way: the sending platform, its logs, its test numbers.",
            ),
            Self::Burst => (
                "One code was tried on many checkouts within an hour: it was passed around or published.",
                "It works once only. Revoke it if its recipient has not used it, and send a replacement.",
            ),
        }
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "code_alarms")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AlarmId,
    pub kind: Kind,
    pub campaign_id: CampaignId,
    pub discount_id: DiscountId,
    pub sightings: i64,
    pub first_seen_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub raised_at: Timestamp,
    pub closed_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Alarms of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// Alarms newest first, after a cursor; at most `limit`.
pub async fn page(
    db: &impl ConnectionTrait,
    shop: ShopId,
    open: bool,
    campaign: Option<CampaignId>,
    severity: Option<Severity>,
    after: Option<AlarmId>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let state = if open { Column::ClosedAt.is_null() } else { Column::ClosedAt.is_not_null() };
    // Ids are UUID v7: their order is the order in which alarms were first raised.
    let later = after.map_or(sea_orm::Condition::all(), |id| sea_orm::Condition::all().add(COLUMN.id.lt(id)));
    let of = campaign.map_or(sea_orm::Condition::all(), |id| sea_orm::Condition::all().add(COLUMN.campaign_id.eq(id)));
    let loud = severity.map_or(sea_orm::Condition::all(), |severity| {
        sea_orm::Condition::all().add(COLUMN.kind.is_in(severity.kinds()))
    });
    Entity::of(shop)
        .filter(loud)
        .filter(state)
        .filter(of)
        .filter(later)
        .order_by_desc(COLUMN.id)
        .limit(limit)
        .all(db)
        .await
}

/// How many alarms of each of these campaigns nobody has seen to, mere notices left out; a campaign without any is
/// left out too.
pub async fn open_alarms(
    db: &impl ConnectionTrait,
    shop: ShopId,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, i64>, DbErr> {
    let counted = Entity::of(shop)
        .filter(COLUMN.campaign_id.is_in(campaigns.iter().copied()))
        .filter(Column::ClosedAt.is_null())
        .filter(COLUMN.kind.is_not_in(Severity::Notice.kinds()))
        .select_only()
        .column(Column::CampaignId)
        .column_as(Column::Id.count(), "alarms")
        .group_by(Column::CampaignId)
        .into_tuple::<(CampaignId, i64)>();
    Ok(counted.all(db).await?.into_iter().collect())
}

/// Notices of slots that are over close by themselves: their codes work no more, and nobody has anything to do.
pub async fn close_over(db: &impl ConnectionTrait, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
    let over = Query::select()
        .column(discount::Column::Id)
        .from(discount::Entity)
        .and_where(discount::Column::ShopId.eq(shop))
        .and_where(discount::Column::SlotEndsAt.lte(now))
        .to_owned();
    Entity::update_many()
        .col_expr(Column::ClosedAt, Expr::value(now))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.kind.is_in(Severity::Notice.kinds()))
        .filter(Column::ClosedAt.is_null())
        .filter(Column::DiscountId.in_subquery(over))
        .exec(db)
        .await
        .map(drop)
}

/// Somebody saw to it. `false`: it was closed before.
pub async fn close(db: &impl ConnectionTrait, shop: ShopId, id: AlarmId, now: Timestamp) -> Result<bool, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::ClosedAt, Expr::value(now))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.id.eq(id))
        .filter(Column::ClosedAt.is_null());
    Ok(update.exec(db).await?.rows_affected == 1)
}
