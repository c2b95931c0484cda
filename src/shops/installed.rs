//! News for every room: this shop is installed. Each begins the work it has for as long as a shop is.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::shop::{COLUMN, Column, Entity};
use crate::app::App;
use crate::kernel::id::ShopId;
use crate::news::{self, News};

/// A shop was installed, or found installed when a worker began.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ShopInstalled {}

impl News for ShopInstalled {
    const NAME: &'static str = "shops.installed";

    /// Once per shop, however often it is said.
    fn key(&self) -> Option<String> {
        Some("installed".to_owned())
    }
}

/// Tells of every installed shop: an update may have brought work that those have not begun. Called when a worker begins.
pub async fn stand(app: &App) -> Result<(), DbErr> {
    for shop in installed(app.db.read()).await? {
        news::tell(app.db.write(), app, shop, &ShopInstalled {}, app.clock.now()).await?;
    }
    Ok(())
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
