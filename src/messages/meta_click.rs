//! Clicks as Meta counts them: a second witness. Facts only, and no evidence: Meta promises neither message nor
//! recipient with them. Meta documents the id as "also appended to the original URL when the user visits" ("Tracking click
//! events", 2026-06-30) without naming the parameter there; where our link was opened with `fbclid` of the same value, the
//! two tellings of one click meet by its hash. Where the values differ nothing meets, and only the counts stand side by side.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use crate::kernel::id::ShopId;
use crate::kernel::{Timestamp, Vault};
use crate::links;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meta_clicks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    #[sea_orm(primary_key, auto_increment = false)]
    pub meta_click: i64,
    pub component: String,
    pub wamid_hash: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Clicks of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// A click as Meta tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaClick {
    /// Meta's id of it.
    pub click_id: String,
    /// `cta`, `body`, …
    pub component: Option<String>,
    /// The message, where Meta names it.
    pub wamid: Option<String>,
    pub at: Timestamp,
}

/// Records clicks; a repeated delivery changes nothing.
pub async fn record(
    txn: &impl ConnectionTrait,
    vault: &Vault,
    shop: ShopId,
    clicks: &[MetaClick],
) -> Result<(), DbErr> {
    for click in clicks {
        let row = ActiveModel {
            shop_id: Set(shop),
            at: Set(click.at),
            meta_click: Set(links::meta_click(vault, shop, &click.click_id)),
            component: Set(click.component.clone().unwrap_or_default()),
            wamid_hash: Set(click.wamid.as_ref().map(|wamid| vault.lookup(shop, "wamid", wamid))),
        };
        let once = OnConflict::columns([Column::ShopId, Column::At, Column::MetaClick]).do_nothing().to_owned();
        Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    }
    Ok(())
}
