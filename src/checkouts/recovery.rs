//! Whether Shopify tells where abandoned checkouts open again.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};

use super::checkout::{COLUMN, Column, Entity};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// So many of the latest open checkouts tell.
const LATEST: u64 = 20;

/// How long ago a checkout may have been worked on to tell how things stand.
const RECENT_SECONDS: i64 = 7 * 86_400;

/// What the latest open checkouts of a shop tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// There were none in the last seven days.
    Unknown,
    /// Their addresses are told.
    Told,
    /// So many, and no address of any.
    Withheld(usize),
}

/// Looks at the latest open checkouts of a shop.
pub async fn recovery(db: &impl ConnectionTrait, shop: ShopId, now: Timestamp) -> Result<Recovery, DbErr> {
    let latest: Vec<Option<Vec<u8>>> = Entity::of(shop)
        .filter(Column::CompletedAt.is_null())
        .filter(COLUMN.updated_at.gte(now.plus_seconds(-RECENT_SECONDS)))
        .order_by_desc(COLUMN.updated_at)
        .limit(LATEST)
        .select_only()
        .column(Column::RecoveryUrlSealed)
        .into_tuple()
        .all(db)
        .await?;
    Ok(match latest.len() {
        0 => Recovery::Unknown,
        _ if latest.iter().any(Option::is_some) => Recovery::Told,
        many => Recovery::Withheld(many),
    })
}
