//! Who wants no more marketing, and who wants it again: facts, each with its source and the instant it happened.
//!
//! 1. A wish is a person's, not a message's: it is kept under the address it was told with, whether or not that is a
//!    recipient of ours yet.
//! 2. What stands now is the latest wish over all addresses of the person, by when it happened. Of two at one instant the
//!    stop holds.
//! 3. Nothing is refused here: whom a platform may write to is the platform's to know. It is shown and counted.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder};
use serde::{Deserialize, Serialize};

use super::address::{Address, AddressKind};
use super::pairs::Pairs;
use super::recipient::Model as Recipient;
use crate::db::{each, insert_once};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// What somebody wants. Of two at one instant the later of these holds.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = MarketingChoice)]
pub enum Choice {
    /// Marketing again.
    Resume,
    /// No more marketing.
    Stop,
}

/// How it was told.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = OptOutSource)]
pub enum WishSource {
    /// WhatsApp's own switch for marketing messages.
    Preference,
    /// A message that is nothing but a word for it, or a button that says so.
    Word,
    /// WhatsApp refused a message because of it (131050).
    Failure,
    /// The platform told us.
    Platform,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "opt_outs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    #[sea_orm(primary_key, auto_increment = false)]
    pub choice: Choice,
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: WishSource,
    pub kind: AddressKind,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Wishes of one shop's people.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// A wish as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Whose.
    pub address: Address,
    /// What.
    pub choice: Choice,
    /// How it was told.
    pub source: WishSource,
    /// When it happened.
    pub at: Timestamp,
}

/// Records wishes. Safe to repeat, in any order.
pub async fn record_wishes(txn: &impl ConnectionTrait, shop: ShopId, wishes: &[Wish]) -> Result<(), DbErr> {
    if wishes.is_empty() {
        return Ok(());
    }
    let row = |wish: &Wish| Model {
        shop_id: shop,
        hash: wish.address.hash.clone(),
        at: wish.at,
        choice: wish.choice,
        source: wish.source,
        kind: wish.address.kind,
    };
    insert_once(txn, wishes.iter().map(row).map(IntoActiveModel::into_active_model)).await.map(drop)
}

/// All wishes told with some addresses, oldest first.
pub async fn wishes_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    addresses: &BTreeSet<Address>,
) -> Result<Vec<Model>, DbErr> {
    let hashes = addresses.iter().map(|address| address.hash.as_str());
    let mut wishes: Vec<Model> = each(db, Entity::of(shop), Column::Hash, hashes).await?;
    wishes.sort_by(|a, b| (a.at, a.choice, a.source, &a.hash).cmp(&(b.at, b.choice, b.source, &b.hash)));
    Ok(wishes)
}

/// All wishes of a recipient, under whatever address, oldest first.
pub async fn wishes_of_recipient(
    db: &impl ConnectionTrait,
    shop: ShopId,
    recipient: &Recipient,
) -> Result<Vec<Model>, DbErr> {
    let pairs = Pairs::around(db, shop, recipient.at().map(|address| address.hash)).await?;
    wishes_of(db, shop, &pairs.all_of(recipient.at())).await
}

/// The wish that stands: of [`wishes_of`], the latest.
pub fn standing(wishes: &[Model]) -> Option<&Model> {
    wishes.last()
}

/// What was wished between two instants, oldest first.
pub async fn wished_between(
    db: &impl ConnectionTrait,
    shop: ShopId,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<Model>, DbErr> {
    let find = Entity::of(shop).filter(COLUMN.at.gte(from)).filter(COLUMN.at.lt(until));
    find.order_by_asc(COLUMN.at).order_by_asc(COLUMN.hash).all(db).await
}
