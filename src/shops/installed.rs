//! News for every room below: this shop is installed.
//!
//! This room only promises the job. What it does stands in `worker.rs`, which knows every room's standing work.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::shop::{COLUMN, Column, Entity};
use crate::app::App;
use crate::jobs;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// A shop was installed, or found installed when a worker began.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Installed {}

impl Installed {
    /// Promises it in the caller's transaction; once per shop, however often it is said.
    pub async fn enqueue(db: &impl ConnectionTrait, app: &App, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
        jobs::enqueue(db, &app.chance, shop, &Self {}, Some("installed".to_owned()), now, now).await
    }
}

/// The shops that are installed now (one of the few statements over all shops; the directory is small).
pub async fn installed(db: &impl ConnectionTrait) -> Result<Vec<ShopId>, DbErr> {
    use sea_orm::QuerySelect;
    let select = Entity::find().filter(COLUMN.uninstalled_at.is_null()).select_only().column(Column::ShopId);
    select.into_tuple().all(db).await
}

/// The shops that left and were not erased yet.
pub async fn left(db: &impl ConnectionTrait) -> Result<Vec<ShopId>, DbErr> {
    use sea_orm::QuerySelect;
    let select = Entity::find().filter(COLUMN.uninstalled_at.is_not_null()).select_only().column(Column::ShopId);
    select.into_tuple().all(db).await
}
