//! Statuses of messages whom nobody knows by WhatsApp's id: most are of messages that are not ours, some come before the
//! platform has told us that id. They wait a week, as long as Meta repeats itself, and go to their message when it is known.

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, ExprTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::message::{Charged, Model as Message};
use super::report::{Known, Reported, Status};
use crate::db::{INSERT_ROWS, insert_once};
use crate::kernel::id::ShopId;
use crate::kernel::{Currency, Price, Timestamp, Vault};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "early_statuses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub wamid_hash: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub status: Status,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    pub error_code: Option<i64>,
    pub cost_amount: Option<String>,
    pub cost_currency: Option<String>,
    pub country: Option<String>,
    pub price_category: Option<String>,
    pub price_kind: Option<String>,
    pub heard_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// Keeps reports whose message is not known.
pub async fn keep_early(
    txn: &impl ConnectionTrait,
    vault: &Vault,
    shop: ShopId,
    reports: &[&Reported],
    now: Timestamp,
) -> Result<(), DbErr> {
    let row = |report: &&Reported| {
        let Known::Wamid(wamid) = &report.message else { return None };
        Some(Model {
            shop_id: shop,
            wamid_hash: vault.lookup(shop, "wamid", wamid),
            status: report.status,
            at: report.at,
            error_code: report.error_code,
            cost_amount: report.cost.map(Price::decimal),
            cost_currency: report.cost.map(|cost| cost.currency().to_string()),
            country: report.country.clone(),
            price_category: report.pricing.category.clone(),
            price_kind: report.pricing.kind.clone(),
            heard_at: now,
        })
    };
    let rows: Vec<_> = reports.iter().filter_map(row).map(IntoActiveModel::into_active_model).collect();
    if !rows.is_empty() {
        insert_once(txn, rows).await?;
    }
    Ok(())
}

/// Takes out what came early for a message that is known by WhatsApp's id now, oldest first.
pub(super) async fn take(
    txn: &impl ConnectionTrait,
    message: &Message,
    wamid_hash: &str,
) -> Result<Vec<Reported>, DbErr> {
    let of_message = COLUMN.shop_id.eq(message.shop_id).and(COLUMN.wamid_hash.eq(wamid_hash));
    let rows = Entity::find().filter(of_message.clone()).order_by_asc(COLUMN.at).all(txn).await?;
    if !rows.is_empty() {
        Entity::delete_many().filter(of_message).exec(txn).await?;
    }
    let report = |row: Model| {
        let currency = row.cost_currency.as_deref().and_then(Currency::parse);
        Reported {
            message: Known::Id(message.id),
            wamid: None,
            status: row.status,
            at: row.at,
            error_code: row.error_code,
            cost: row.cost_amount.zip(currency).and_then(|(amount, currency)| Price::parse(&amount, currency).ok()),
            country: row.country,
            pricing: Charged { category: row.price_category, kind: row.price_kind },
        }
    };
    Ok(rows.into_iter().map(report).collect())
}

/// Lets those go that were heard of before `before`. Answers how many, at most about [`INSERT_ROWS`].
pub async fn drop_old_early(txn: &impl ConnectionTrait, shop: ShopId, before: Timestamp) -> Result<usize, DbErr> {
    let of_shop = COLUMN.shop_id.eq(shop);
    let old = Entity::find().filter(of_shop.clone()).filter(COLUMN.heard_at.lt(before)).select_only();
    let old = old.column(Column::HeardAt).order_by_asc(COLUMN.heard_at).limit(INSERT_ROWS as u64);
    let Some(last) = old.into_tuple::<Timestamp>().all(txn).await?.pop() else { return Ok(0) };
    let gone = Entity::delete_many().filter(of_shop).filter(COLUMN.heard_at.lte(last)).exec(txn).await?;
    Ok(usize::try_from(gone.rows_affected).unwrap_or(INSERT_ROWS))
}
