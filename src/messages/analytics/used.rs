//! Which templates a campaign sends, as it was told with their numbers.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use crate::campaigns::CampaignId;
use crate::db::insert_once;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_templates")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub campaign_id: CampaignId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub template_id: String,
}

impl ActiveModelBehavior for ActiveModel {}

/// The templates of every campaign of a shop.
pub async fn templates_of(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(COLUMN.shop_id.eq(shop)).all(db).await
}

/// A campaign sends these templates.
pub(super) async fn record(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    campaign: CampaignId,
    templates: &BTreeSet<String>,
) -> Result<(), DbErr> {
    let row = |template: &String| ActiveModel {
        shop_id: Set(shop),
        campaign_id: Set(campaign),
        template_id: Set(template.clone()),
    };
    insert_once(txn, templates.iter().map(row)).await.map(drop)
}
