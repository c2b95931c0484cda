//! A campaign: one offer, one audience, one experiment.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{Condition, ConnectionTrait, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};

use super::arms::Split;
use super::conditions::{AppliesTo, Conditions, Purchase, Tags};
use super::link_terms::LinkTerms;
use super::offer::Offer;
use super::terms::{CodeTerms, Combines, Expiry};
use crate::kernel::id::ShopId;
use crate::kernel::{Currency, Money, Timestamp};

crate::uuid_id!(
    /// A campaign; also the id of its experiment.
    CampaignId
);

/// What a campaign is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = CampaignKind)]
pub enum Kind {
    /// One audience, sent at once.
    Broadcast,
    /// People whose checkout went quiet, one by one.
    AbandonedCheckout,
    /// A step of a longer conversation.
    Flow,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CampaignId,
    pub name: String,
    pub kind: Kind,
    #[sea_orm(column_type = "JsonBinary")]
    pub offer: Option<Offer>,
    pub minimum_subtotal_minor: Option<i64>,
    pub minimum_quantity: Option<i64>,
    #[sea_orm(column_type = "JsonBinary")]
    pub applies_to: Option<AppliesTo>,
    pub purchase: Purchase,
    pub title: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub tags: Option<Tags>,
    #[sea_orm(column_type = "JsonBinary")]
    pub combines_with: Combines,
    #[sea_orm(column_type = "JsonBinary")]
    pub expiry: Expiry,
    #[sea_orm(column_type = "JsonBinary")]
    pub code: CodeTerms,
    #[sea_orm(column_type = "JsonBinary")]
    pub link: LinkTerms,
    pub holdout_ppm: i32,
    /// Share that gets the message without its code, in millionths; 0: nobody does on purpose.
    pub message_ppm: i32,
    pub expected_recipients: Option<i64>,
    pub announced_at: Option<Timestamp>,
    pub cost_minor: Option<i64>,
    pub cost_currency: Option<String>,
    pub offer_revision: i32,
    pub trouble_since: Option<Timestamp>,
    pub trouble_field: Option<String>,
    pub trouble_words: Option<String>,
    pub live_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub archived_at: Option<Timestamp>,
    /// How long a checkout must lie quiet; none: the shop's default, [`ABANDONED_AFTER_SECONDS`].
    pub abandoned_after_seconds: Option<i32>,
}

/// How long a checkout must lie quiet before it counts as abandoned, where nobody said otherwise.
pub const ABANDONED_AFTER_SECONDS: i32 = 3_600;

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Campaigns of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

impl Model {
    /// What one message costs, when the merchant said so.
    pub fn cost(&self) -> Option<Money> {
        Some(Money::new(self.cost_minor?, Currency::parse(self.cost_currency.as_deref()?)?))
    }

    /// How long a checkout must lie quiet before this campaign is about it; `None`: it is about no checkouts.
    pub fn abandoned_after_seconds(&self) -> Option<i32> {
        (self.kind == Kind::AbandonedCheckout).then(|| self.abandoned_after_seconds.unwrap_or(ABANDONED_AFTER_SECONDS))
    }

    /// What shoppers read on their discount.
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }

    /// How its recipients are divided.
    pub const fn split(&self) -> Split {
        Split { nothing_ppm: self.holdout_ppm, message_ppm: self.message_ppm, offer: self.offer.is_some() }
    }

    /// Of so many recipients, how many are to get a code.
    pub fn with_codes(&self, recipients: u64) -> u64 {
        let without = i64::from(self.holdout_ppm) + i64::from(self.message_ppm);
        let without = u128::from(recipients) * u128::try_from(without).unwrap_or(0) / 1_000_000;
        recipients - u64::try_from(without).unwrap_or(0).min(recipients)
    }

    /// The merchant's own tags.
    pub fn tags(&self) -> &[String] {
        self.tags.as_ref().map_or(&[], |tags| &tags.0)
    }

    /// Everything that decides what its codes are worth.
    pub fn conditions(&self) -> Conditions<'_> {
        Conditions {
            offer: self.offer.as_ref(),
            minimum_subtotal_minor: self.minimum_subtotal_minor,
            minimum_quantity: self.minimum_quantity,
            applies_to: self.applies_to.as_ref(),
            purchase: self.purchase,
            combines_with: self.combines_with,
        }
    }
}

/// Campaigns newest first, after a cursor; at most `limit`.
pub async fn page(
    db: &impl ConnectionTrait,
    shop: ShopId,
    after: Option<CampaignId>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    // Ids are UUID v7: their order is the order of creation.
    let later = after.map_or(Condition::all(), |id| Condition::all().add(COLUMN.id.lt(id)));
    Entity::of(shop).filter(later).order_by_desc(COLUMN.id).limit(limit).all(db).await
}

/// Campaigns about abandoned checkouts that recipients are drawn into, the oldest first.
pub async fn for_checkouts(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<Model>, DbErr> {
    let of_kind = Entity::of(shop).filter(COLUMN.kind.eq(Kind::AbandonedCheckout));
    of_kind.filter(Column::ArchivedAt.is_null()).order_by_asc(COLUMN.id).all(db).await
}

/// The present revision of a campaign's offer; `None`: there is no such campaign.
pub async fn offer_revision(db: &impl ConnectionTrait, shop: ShopId, id: CampaignId) -> Result<Option<i32>, DbErr> {
    revision(shop, id).into_tuple().one(db).await
}

/// [`offer_revision`], to be asked for within another query.
pub fn present_revision(shop: ShopId, id: CampaignId) -> SelectStatement {
    revision(shop, id).into_query()
}

fn revision(shop: ShopId, id: CampaignId) -> Select<Entity> {
    Entity::of(shop).filter(COLUMN.id.eq(id)).select_only().column(Column::OfferRevision)
}
