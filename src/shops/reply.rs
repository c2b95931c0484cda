//! Answers kept by `Idempotency-Key`, for calls that have no natural key of their own.
//!
//! The same key and body again: the first answer again. The same key with another body: refused.

use actix_web::HttpRequest;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait};
use sha2::{Digest, Sha256};

use crate::db::insert_or;
use crate::http::{Problem, Result};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "replies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub request_hash: String,
    pub status: i32,
    pub body: String,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// A request that may be repeated: its key and what it asked for.
#[derive(Clone, Debug)]
pub struct Repeatable {
    shop: ShopId,
    key: String,
    request_hash: String,
}

impl Repeatable {
    /// Reads the header; `None` without one.
    pub fn read(request: &HttpRequest, shop: ShopId, body: &impl serde::Serialize) -> Result<Option<Self>> {
        let Some(header) = request.headers().get("idempotency-key") else { return Ok(None) };
        let key = header.to_str().ok().map(str::trim).filter(|key| !key.is_empty() && key.len() <= 200);
        let key = key.ok_or_else(|| {
            Problem::bad_request("bad_idempotency_key", "Idempotency-Key is 1 to 200 visible characters.")
        })?;
        let asked =
            format!("{} {}\n{}", request.method(), request.path(), serde_json::to_string(body).unwrap_or_default());
        Ok(Some(Self { shop, key: key.to_owned(), request_hash: hex::encode(Sha256::digest(asked)) }))
    }

    /// The body answered the first time, if this was asked before.
    pub async fn answered(&self, db: &impl ConnectionTrait) -> Result<Option<String>> {
        let Some(kept) = Entity::find_by_id((self.shop, self.key.clone())).one(db).await? else { return Ok(None) };
        if kept.request_hash != self.request_hash {
            let detail = "This Idempotency-Key was used for another request. Use a new key for a new request.";
            return Err(Problem::conflict("idempotency_conflict", detail));
        }
        Ok(Some(kept.body))
    }

    /// Keeps the answer in the transaction that earned it. `false`: the same request was answered at the same time
    /// elsewhere; roll back and answer what [`Repeatable::answered`] then finds.
    pub async fn keep(
        &self,
        txn: &impl ConnectionTrait,
        status: u16,
        body: &str,
        now: Timestamp,
    ) -> Result<bool, DbErr> {
        let row = ActiveModel {
            shop_id: Set(self.shop),
            key: Set(self.key.clone()),
            request_hash: Set(self.request_hash.clone()),
            status: Set(status.into()),
            body: Set(body.to_owned()),
            created_at: Set(now),
        };
        let once = OnConflict::columns([Column::ShopId, Column::Key]).do_nothing().to_owned();
        Ok(insert_or(txn, Entity::insert(row).on_conflict(once)).await? == 1)
    }
}

/// Drops answers from before `before`; answers how many, at most [`INSERT_ROWS`](crate::db::INSERT_ROWS).
pub async fn drop_old_replies(txn: &impl ConnectionTrait, shop: ShopId, before: Timestamp) -> Result<usize, DbErr> {
    use sea_orm::QuerySelect;
    let old: Vec<String> = Entity::find()
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.created_at.lt(before))
        .select_only()
        .column(Column::Key)
        .limit(crate::db::INSERT_ROWS as u64)
        .into_tuple()
        .all(txn)
        .await?;
    let gone = Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.key.is_in(old.clone()));
    gone.exec(txn).await?;
    Ok(old.len())
}
