//! One request, as Shopify passed it on.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait};
use serde::{Deserialize, Serialize};

use crate::kernel::id::ShopId;
use crate::kernel::{Timestamp, Vault};

/// Shopify's limit: thirty days from the request.
const DUE_SECONDS: i64 = 30 * 86_400;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Show a shopper what is held about them.
    DataRequest,
    /// Forget a shopper.
    CustomerRedact,
    /// Forget a whole shop.
    ShopRedact,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "privacy_requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub kind: Kind,
    pub received_at: Timestamp,
    pub due_at: Timestamp,
    pub done_at: Option<Timestamp>,
    pub payload_sealed: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Requests made of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// A request before it is on record.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked {
    /// The delivery that brought it.
    pub id: String,
    pub kind: Kind,
    pub received_at: Timestamp,
    /// The payload as it came; it names a shopper.
    pub payload: Vec<u8>,
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Asked({:?})", self.kind)
    }
}

/// Puts a request on record. Safe to repeat.
pub async fn record(txn: &impl ConnectionTrait, vault: &Vault, shop: ShopId, asked: &Asked) -> Result<(), DbErr> {
    let row = ActiveModel {
        shop_id: Set(shop),
        id: Set(asked.id.clone()),
        kind: Set(asked.kind),
        received_at: Set(asked.received_at),
        due_at: Set(asked.received_at.plus_seconds(DUE_SECONDS)),
        done_at: Set(None),
        payload_sealed: Set(vault.seal_bytes(shop, "privacy_requests.payload", &asked.payload)),
    };
    let once = OnConflict::columns([Column::ShopId, Column::Id]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(once).exec_without_returning(txn).await.map(drop)
}
