//! That somebody wrote to the shop: who, when, what kind of message, and what it answers. Never a word of it.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder};

use crate::db::{each, insert_once};
use crate::kernel::id::ShopId;
use crate::kernel::{Person, StandIn, Timestamp};
use crate::people::{Address, AddressKind};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbound_messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub wamid_hash: String,
    pub at: Timestamp,
    pub hash: String,
    pub hash_kind: AddressKind,
    pub kind: String,
    /// WhatsApp's id, hashed, of the message it answers.
    pub answers: Option<String>,
    pub from_ad: bool,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// What was written to one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// A message from somebody, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReply {
    /// WhatsApp's id of it, hashed.
    pub wamid_hash: String,
    /// Who wrote.
    pub from: Address,
    /// `text`, `button`, `interactive`, …
    pub kind: String,
    /// WhatsApp's id, hashed, of the message it answers.
    pub answers: Option<String>,
    /// It came from an advertisement: what follows is the advertisement's.
    pub from_ad: bool,
    /// When.
    pub at: Timestamp,
}

/// Records messages from people. Safe to repeat, in any order.
pub async fn record_replies(txn: &impl ConnectionTrait, shop: ShopId, told: &[NewReply]) -> Result<(), DbErr> {
    if told.is_empty() {
        return Ok(());
    }
    let row = |reply: &NewReply| Model {
        shop_id: shop,
        wamid_hash: reply.wamid_hash.clone(),
        at: reply.at,
        hash: reply.from.hash.clone(),
        hash_kind: reply.from.kind,
        kind: reply.kind.clone(),
        answers: reply.answers.clone(),
        from_ad: reply.from_ad,
    };
    insert_once(txn, told.iter().map(row).map(IntoActiveModel::into_active_model)).await.map(drop)
}

/// What answers a message that WhatsApp calls so, oldest first.
pub async fn replies_to(db: &impl ConnectionTrait, shop: ShopId, wamid_hash: &str) -> Result<Vec<Model>, DbErr> {
    Entity::of(shop).filter(COLUMN.answers.eq(wamid_hash)).order_by_asc(COLUMN.at).all(db).await
}

/// What somebody wrote, under whatever address, oldest first.
pub async fn replies_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    addresses: &BTreeSet<Address>,
) -> Result<Vec<Model>, DbErr> {
    let hashes = addresses.iter().map(|address| address.hash.as_str());
    let mut replies: Vec<Model> = each(db, Entity::of(shop), Column::Hash, hashes).await?;
    replies.sort_by(|a, b| (a.at, &a.wamid_hash).cmp(&(b.at, &b.wamid_hash)));
    Ok(replies)
}

/// Forgets who wrote: a stand-in takes the place of the address, and of WhatsApp's ids, which contain it. Safe to repeat.
pub async fn forget_replies(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    person: &Person,
    stand_in: &StandIn,
    until: Timestamp,
) -> Result<(), DbErr> {
    for hash in person.phones.iter().chain(&person.users) {
        let theirs = Entity::of(shop).filter(COLUMN.hash.eq(hash)).filter(COLUMN.at.lte(until)).all(txn).await?;
        for reply in theirs {
            Entity::update_many()
                .col_expr(Column::WamidHash, Expr::value(stand_in.of(&reply.wamid_hash)))
                .col_expr(Column::Hash, Expr::value(stand_in.of(hash)))
                .col_expr(Column::Answers, Expr::value(Option::<String>::None))
                .filter(COLUMN.shop_id.eq(shop))
                .filter(COLUMN.wamid_hash.eq(&reply.wamid_hash))
                .exec(txn)
                .await?;
        }
    }
    Ok(())
}
