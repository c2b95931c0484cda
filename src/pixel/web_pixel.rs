//! Whether the pixel is switched on at a shop, as Shopify last said.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, IntoActiveModel};
use serde::Serialize;

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = WebPixelState)]
pub enum State {
    /// Shopify runs it for shoppers who allow it.
    On,
    /// The shop does not grant what it takes.
    ScopeMissing,
    /// Shopify refused it; `trouble` says why.
    Refused,
}

impl State {
    /// What it means, and what to do; `None`: nobody has looked yet.
    pub const fn sentence(known: Option<Self>) -> &'static str {
        match known {
            None => "The pixel is being switched on.",
            Some(Self::On) => {
                "On: for shoppers who allow analytics and marketing it tells which tap led to which checkout."
            }
            Some(Self::ScopeMissing) => "Off: open the app once and allow it to use a web pixel (write_pixels).",
            Some(Self::Refused) => "Off: Shopify refused it. Codes and cart attributes still tie orders to messages.",
        }
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "web_pixels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    pub pixel_id: Option<String>,
    pub settings: String,
    pub state: State,
    pub trouble: Option<String>,
    pub looked_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// What is known of a shop's pixel.
pub async fn of(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(shop).one(db).await
}

/// How many shops have no pixel although they could: for the operator (one of the few statements over all shops).
pub async fn troubled(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    use sea_orm::PaginatorTrait;
    Entity::find().filter(COLUMN.state.ne(State::On)).count(db).await
}

/// Notes how it stands.
pub(super) async fn note(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let columns = [Column::PixelId, Column::Settings, Column::State, Column::Trouble, Column::LookedAt];
    let update = OnConflict::column(Column::ShopId).update_columns(columns).to_owned();
    Entity::insert(row.into_active_model()).on_conflict(update).exec_without_returning(db).await.map(drop)
}
