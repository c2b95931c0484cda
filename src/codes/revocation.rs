//! A code that was taken back: here at once, at Shopify when it confirms.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::id::{DiscountId, RedeemCodeId};
use crate::app::App;
use crate::jobs;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "revocations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub redeem_code_id: RedeemCodeId,
    pub discount_id: DiscountId,
    pub reason: Reason,
    /// From then on the redirect applies it no more.
    pub asked_at: Timestamp,
    /// Shopify's deletion under way.
    pub shopify_job_id: Option<String>,
    /// From then on Shopify does not know it.
    pub confirmed_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Revocations of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// The codes of a shop that were taken back since; the latest `most`.
pub async fn revoked_since(
    db: &impl ConnectionTrait,
    shop: ShopId,
    since: Timestamp,
    most: u64,
) -> Result<Vec<RedeemCodeId>, DbErr> {
    let find = Entity::of(shop).filter(COLUMN.asked_at.gte(since)).order_by_desc(COLUMN.asked_at);
    find.select_only().column(Column::RedeemCodeId).limit(most).into_tuple().all(db).await
}

/// Why a code was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub enum Reason {
    /// Somebody asked for this one.
    Asked,
    /// With all codes of its campaign.
    Campaign,
    /// Its recipient got another one.
    Replaced,
}

/// The job: sees to it that codes taken back are gone at Shopify.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Revoke {}

impl Revoke {
    /// Promises it in the caller's transaction; once per shop, however often it is said.
    pub async fn enqueue(db: &impl ConnectionTrait, app: &App, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
        jobs::enqueue(db, &app.chance, shop, &Self {}, now, now).await
    }

    /// Promises it if Shopify has not confirmed everything.
    pub(super) async fn resume(
        db: &impl ConnectionTrait,
        app: &App,
        shop: ShopId,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        let open = Entity::of(shop).filter(Column::ConfirmedAt.is_null());
        match open.limit(1).one(db).await? {
            Some(_) => Self::enqueue(db, app, shop, now).await,
            None => Ok(()),
        }
    }
}
