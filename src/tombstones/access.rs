//! Who looked: one row per kind of protected field that was shown. Never a value.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder, QuerySelect};

use crate::app::App;
use crate::db::INSERT_ROWS;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

crate::uuid_id!(
    /// A row of the access log.
    AccessId
);

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccessId,
    pub who: String,
    pub field: String,
    pub record: String,
    pub why: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The access log of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// One reading of protected fields.
#[derive(Clone, Debug)]
pub struct Reading<'a> {
    /// Who looked: `merchant 42`, `key …`.
    pub who: &'a str,
    /// Which kinds of fields they saw.
    pub fields: &'a [&'static str],
    /// Of which record: an opaque id.
    pub record: &'a str,
    /// Why.
    pub why: &'a str,
}

/// Writes down a reading, a row per kind of field. It is on disk before the fields are shown.
pub async fn note(
    db: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    reading: &Reading<'_>,
    now: Timestamp,
) -> Result<(), DbErr> {
    if reading.fields.is_empty() {
        return Ok(());
    }
    let rows = reading.fields.iter().map(|field| ActiveModel {
        shop_id: Set(shop),
        at: Set(now),
        id: Set(AccessId(app.chance.uuid_of(crate::kernel::Stream::Jitter, now))),
        who: Set(reading.who.to_owned()),
        field: Set((*field).to_owned()),
        record: Set(reading.record.to_owned()),
        why: Set(reading.why.to_owned()),
    });
    Entity::insert_many(rows).exec_without_returning(db).await.map(drop)
}

/// A page of the log, newest first, before `before`.
pub async fn page(
    db: &impl ConnectionTrait,
    shop: ShopId,
    before: Option<(Timestamp, AccessId)>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut find = Entity::of(shop);
    if let Some((at, id)) = before {
        let same = sea_orm::Condition::all().add(COLUMN.at.eq(at)).add(COLUMN.id.lt(id));
        find = find.filter(sea_orm::Condition::any().add(COLUMN.at.lt(at)).add(same));
    }
    find.order_by_desc(COLUMN.at).order_by_desc(COLUMN.id).limit(limit).all(db).await
}

/// Drops rows from before `before`; answers how many, at most [`INSERT_ROWS`].
pub async fn drop_old_readings(txn: &impl ConnectionTrait, shop: ShopId, before: Timestamp) -> Result<usize, DbErr> {
    let old: Vec<AccessId> = Entity::of(shop)
        .filter(COLUMN.at.lt(before))
        .select_only()
        .column(Column::Id)
        .order_by_asc(COLUMN.at)
        .limit(INSERT_ROWS as u64)
        .into_tuple()
        .all(txn)
        .await?;
    let gone = Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.at.lt(before));
    gone.filter(COLUMN.id.is_in(old.clone())).exec(txn).await?;
    Ok(old.len())
}
