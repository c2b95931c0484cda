//! A tracked link: one per message.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use super::slug;
use crate::app::App;
use crate::campaigns::{Campaign, CampaignId};
use crate::codes::{RedeemCode, RedeemCodeId};
use crate::db::insert_once;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    pub campaign_id: CampaignId,
    pub redeem_code_id: Option<RedeemCodeId>,
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// Mints one link per entry of `codes` (`None`: a link without a code); answers their slugs in that order.
pub async fn mint(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    codes: &[Option<RedeemCode>],
    now: Timestamp,
) -> Result<Vec<String>, DbErr> {
    let mut slugs = Vec::with_capacity(codes.len());
    let rows: Vec<ActiveModel> = codes.iter().map(|code| row(app, campaign, code.as_ref(), now)).collect();
    slugs.extend(rows.iter().filter_map(|row| row.slug.try_as_ref().cloned()));
    if insert_once(txn, rows).await? != slugs.len() as u64 {
        return Err(DbErr::Custom("a link's name was drawn twice".into()));
    }
    Ok(slugs)
}

fn row(app: &App, campaign: &Campaign, code: Option<&RedeemCode>, now: Timestamp) -> ActiveModel {
    ActiveModel {
        shop_id: Set(campaign.shop_id),
        slug: Set(slug::draw(&app.vault, &app.chance, campaign.shop_id)),
        campaign_id: Set(campaign.id),
        redeem_code_id: Set(code.map(|code| code.id)),
        expires_at: Set(code.and_then(|code| code.expires_at)),
        created_at: Set(now),
    }
}

/// The end of a link's code moved.
pub async fn ends(txn: &impl ConnectionTrait, slug: &str, code: &RedeemCode) -> Result<(), DbErr> {
    use sea_orm::sea_query::Expr;
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(code.expires_at))
        .filter(COLUMN.shop_id.eq(code.shop_id))
        .filter(COLUMN.slug.eq(slug))
        .filter(COLUMN.redeem_code_id.eq(code.id))
        .exec(txn)
        .await
        .map(drop)
}

/// A link applies another code from now on.
pub async fn carry(txn: &impl ConnectionTrait, shop: ShopId, slug: &str, code: &RedeemCode) -> Result<(), DbErr> {
    use sea_orm::sea_query::Expr;
    Entity::update_many()
        .col_expr(Column::RedeemCodeId, Expr::value(code.id))
        .col_expr(Column::ExpiresAt, Expr::value(code.expires_at))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.slug.eq(slug))
        .exec(txn)
        .await
        .map(drop)
}
