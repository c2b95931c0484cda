//! What Shopify has against a campaign's offer. Written by the room that speaks with Shopify, shown with the campaign.

use sea_orm::sea_query::{Expr, Func};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde::Serialize;

use super::campaign::{COLUMN, CampaignId, Column, Entity, Model};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Why a campaign gets no codes now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = CampaignTrouble)]
pub struct Trouble {
    /// Since when.
    #[schema(value_type = String, format = "date-time")]
    pub since: Timestamp,
    /// The field of the campaign Shopify objects to, when it said which.
    pub field: Option<String>,
    /// What is wrong and what to do.
    pub words: String,
}

impl Model {
    /// Why this campaign gets no codes now; `None`: nothing is known to be wrong.
    pub fn trouble(&self) -> Option<Trouble> {
        let (since, words) = (self.trouble_since?, self.trouble_words.clone().unwrap_or_default());
        Some(Trouble { since, field: self.trouble_field.clone(), words })
    }
}

/// Shopify refuses the offer.
pub async fn refused(
    db: &impl ConnectionTrait,
    campaign: &Model,
    field: Option<&str>,
    words: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    let since = Func::coalesce([Expr::col(Column::TroubleSince), Expr::value(now)]);
    Entity::update_many()
        .col_expr(Column::TroubleSince, since.into())
        .col_expr(Column::TroubleField, Expr::value(field.map(str::to_owned)))
        .col_expr(Column::TroubleWords, Expr::value(Some(words.to_owned())))
        .filter(COLUMN.shop_id.eq(campaign.shop_id))
        .filter(COLUMN.id.eq(campaign.id))
        // Said of an offer that was changed meanwhile, it is about nothing.
        .filter(COLUMN.offer_revision.eq(campaign.offer_revision))
        .exec(db)
        .await
        .map(drop)
}

/// Shopify took the offer: a discount of it is live.
pub async fn accepted(db: &impl ConnectionTrait, shop: ShopId, id: CampaignId, now: Timestamp) -> Result<(), DbErr> {
    let first = Func::coalesce([Expr::col(Column::LiveAt), Expr::value(now)]);
    Entity::update_many()
        .col_expr(Column::LiveAt, first.into())
        .col_expr(Column::TroubleSince, Expr::value(Option::<Timestamp>::None))
        .col_expr(Column::TroubleField, Expr::value(Option::<String>::None))
        .col_expr(Column::TroubleWords, Expr::value(Option::<String>::None))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.id.eq(id))
        .exec(db)
        .await
        .map(drop)
}
