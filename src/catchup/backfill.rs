//! The first reading of a shop's past, and how far it is.
//!
//! ```text
//! asked ─▶ running ─▶ reading ─▶ keeping ─▶ done
//!   ▲         │          │          │
//!   └─────────┴──────────┴──────────┘ failed, or only part of the file: again, three times at most,
//!                                     then ─▶ paged: the hourly windows begin that much earlier
//! ```
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Shopify is being asked.
    Asked,
    /// Shopify reads.
    Running,
    /// We read Shopify's file.
    Reading,
    /// Orders are made of its lines and kept.
    Keeping,
    /// All is here.
    Done,
    /// It could not be had at once; it is read page by page.
    Paged,
}

impl State {
    /// Whether there is nothing more to do.
    pub const fn over(self) -> bool {
        matches!(self, Self::Done | Self::Paged)
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backfills")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    pub state: State,
    pub since: Timestamp,
    pub until: Timestamp,
    pub began_at: Timestamp,
    pub attempts: i32,
    pub operation: Option<String>,
    pub file_sealed: Option<Vec<u8>>,
    pub partial: bool,
    pub file_next: i64,
    pub lines_read: i64,
    pub objects_total: Option<i64>,
    pub orders_read: i64,
    pub orders_total: Option<i64>,
    pub last_error: Option<String>,
    pub done_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Nothing has been asked yet.
    pub(super) fn new(shop: ShopId, since: Timestamp, until: Timestamp, now: Timestamp) -> Self {
        Self {
            shop_id: shop,
            state: State::Asked,
            since,
            until,
            began_at: now,
            attempts: 0,
            operation: None,
            file_sealed: None,
            partial: false,
            file_next: 0,
            lines_read: 0,
            objects_total: None,
            orders_read: 0,
            orders_total: None,
            last_error: None,
            done_at: None,
        }
    }
}
