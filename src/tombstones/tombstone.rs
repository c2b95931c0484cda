//! Whom and what was forgotten. Late events are held against this, so that they bring nothing back.
//!
//! A mark is a keyed hash over the keyed hash by which a room knew somebody: it meets only another mark, so a tombstone
//! joins no other table. It holds no name, phone, e-mail or id.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use std::collections::{BTreeSet, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, QuerySelect};

use crate::db::INSERT_ROWS;
use crate::kernel::id::ShopId;
use crate::kernel::secret::hmac_sha256;
use crate::kernel::{Timestamp, Vault};

/// What a mark was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub enum Thing {
    Customer,
    Phone,
    Email,
    /// A WhatsApp user id.
    User,
    Order,
    Checkout,
    Message,
    /// A message as WhatsApp calls it.
    Wamid,
}

impl Thing {
    /// A person may order and agree again; what was theirs before stays forgotten for ever.
    pub const fn is_person(self) -> bool {
        matches!(self, Self::Customer | Self::Phone | Self::Email | Self::User)
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tombstones")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub mark: String,
    pub kind: Thing,
    pub forgotten_at: Timestamp,
    pub request_id: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Whether an event that happened, or began, at `at` is covered by this.
    pub fn covers(&self, at: Timestamp) -> bool {
        !self.kind.is_person() || at <= self.forgotten_at
    }
}

/// Makes marks for one shop.
#[derive(Clone)]
pub struct Marker([u8; 32]);

impl std::fmt::Debug for Marker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Marker(***)")
    }
}

impl Marker {
    /// The marker of a shop.
    pub fn of(vault: &Vault, shop: ShopId) -> Self {
        Self(vault.shop_key(shop, "tombstone"))
    }

    /// The mark of something: a keyed hash where a room has one, else an id as text.
    pub fn mark(&self, kind: Thing, value: &str) -> String {
        // Shopify's ids are large and never meet: one mark serves both, so a body's numbers are hashed once.
        let kind = if kind == Thing::Order { Thing::Customer } else { kind };
        let kind = [kind as u8, 0x1f];
        hex::encode(&hmac_sha256(&self.0, &[&kind, value.as_bytes()])[..16])
    }
}

/// Puts up tombstones; of two for the same the later one counts. Safe to repeat.
pub async fn bury(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    request: &str,
    marks: &[(Thing, String)],
    at: Timestamp,
) -> Result<(), DbErr> {
    for chunk in marks.chunks(INSERT_ROWS) {
        let rows = chunk.iter().map(|(kind, mark)| ActiveModel {
            shop_id: Set(shop),
            mark: Set(mark.clone()),
            kind: Set(*kind),
            forgotten_at: Set(at),
            request_id: Set(request.to_owned()),
        });
        let later = OnConflict::columns([Column::ShopId, Column::Mark])
            .update_columns([Column::ForgottenAt, Column::RequestId])
            .to_owned();
        Entity::insert_many(rows).on_conflict(later).exec_without_returning(txn).await?;
    }
    Ok(())
}

/// Whether this shop has forgotten anybody: nearly always not, and then nothing has to be compared.
pub async fn anybody_forgotten(db: &impl ConnectionTrait, shop: ShopId) -> Result<bool, DbErr> {
    let any: Option<String> = Entity::find()
        .filter(COLUMN.shop_id.eq(shop))
        .select_only()
        .column(Column::Mark)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(any.is_some())
}

/// The tombstones among some marks.
pub async fn covering(db: &impl ConnectionTrait, shop: ShopId, marks: &BTreeSet<String>) -> Result<Vec<Model>, DbErr> {
    let mut found = Vec::new();
    let marks: Vec<String> = marks.iter().cloned().collect();
    for chunk in marks.chunks(INSERT_ROWS) {
        let find = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.mark.is_in(chunk.to_vec()));
        found.extend(find.all(db).await?);
    }
    Ok(found)
}

/// Every mark put up for one request.
pub async fn marks_of(db: &impl ConnectionTrait, shop: ShopId, request: &str) -> Result<HashSet<String>, DbErr> {
    let find = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.request_id.eq(request));
    let marks: Vec<String> = find.select_only().column(Column::Mark).into_tuple().all(db).await?;
    Ok(marks.into_iter().collect())
}
