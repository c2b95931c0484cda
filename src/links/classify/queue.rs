//! Links of which something was heard late: when the message left, or a hit that had waited on disk. Their hits are
//! classified again; whoever brings the news says so, in the transaction that keeps it.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, ExprTrait};

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// `again` tells whoever classifies that more came while they did.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "doubted_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    /// Hits from here on are in doubt.
    pub since: Timestamp,
    pub again: i64,
}

impl ActiveModelBehavior for ActiveModel {}

/// A link's hits since an instant are to be classified again.
pub async fn enqueue(txn: &impl ConnectionTrait, shop: ShopId, slug: &str, since: Timestamp) -> Result<(), DbErr> {
    let old = |column| Expr::col(("doubted_links", column));
    let earlier: Expr =
        CaseStatement::new().case(old(Column::Since).lt(since), old(Column::Since)).finally(since).into();
    let once_more = OnConflict::columns([Column::ShopId, Column::Slug])
        .value(Column::Since, earlier)
        .value(Column::Again, old(Column::Again).add(1))
        .to_owned();
    let row = ActiveModel { shop_id: Set(shop), slug: Set(slug.to_owned()), since: Set(since), again: Set(0) };
    Entity::insert(row).on_conflict(once_more).exec_without_returning(txn).await.map(drop)
}
