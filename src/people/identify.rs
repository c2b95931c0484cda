//! Who a platform means: the recipients behind phones and WhatsApp user ids, made when they are new.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::contact::{Hashes, NewRecipient};
use super::recipient::{ActiveModel, COLUMN, Column, Entity, Model, RecipientId};
use super::same::{Index, Known};
use super::sealed::seal;
use crate::app::App;
use crate::db::{each, insert_once};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// The recipients a platform names, in its order; those nobody is yet are made.
pub async fn identify(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    named: &[&NewRecipient],
    now: Timestamp,
) -> Result<Vec<RecipientId>, DbErr> {
    let hashes: Vec<Hashes> = named.iter().map(|one| one.hashes(&app.vault, shop)).collect();
    let find = |known: &Index<RecipientId>| hashes.iter().filter_map(|one| known.find(&one.addresses())).collect();
    let mut known = addressed(txn, shop, &hashes).await?;
    let mut seen: HashSet<&str> = HashSet::new();
    let mut rows = Vec::new();
    for (one, hashes) in named.iter().zip(&hashes) {
        let address = hashes.phones.first().or(hashes.user.as_ref()).map(String::as_str).unwrap_or_default();
        if known.find(&hashes.addresses()).is_none() && seen.insert(address) {
            rows.push(seal(app, shop, one, hashes, now));
        }
    }
    if rows.is_empty() {
        return Ok(find(&known));
    }
    let made = rows.clone();
    // A clash on either unique address means that the person exists.
    if insert_once(txn, rows).await? == made.len() as u64 {
        made.iter().for_each(|row| add_made(&mut known, row));
    } else {
        known = addressed(txn, shop, &hashes).await?;
    }
    let found: Vec<RecipientId> = find(&known);
    if found.len() != named.len() {
        return Err(DbErr::Custom("a recipient vanished between insert and read".into()));
    }
    Ok(found)
}

/// Recipients with any of these addresses.
async fn addressed(txn: &impl ConnectionTrait, shop: ShopId, hashes: &[Hashes]) -> Result<Index<RecipientId>, DbErr> {
    let phones: Vec<&str> = hashes.iter().flat_map(|one| &one.phones).map(String::as_str).collect();
    let users: Vec<&str> = hashes.iter().filter_map(|one| one.user.as_deref()).collect();
    let mut known = Index::default();
    // One address at a time: with both in one condition, SQLite reads all people of the shop for every recipient.
    for (address, hashes) in [(Column::PhoneHash, phones), (Column::WhatsappHash, users)] {
        let of_shop = Entity::find().filter(COLUMN.shop_id.eq(shop));
        let rows: Vec<Model> = each(txn, of_shop, address, hashes).await?;
        rows.iter().for_each(|row| known.add(&row.addresses(), row.id));
    }
    Ok(known)
}

/// Somebody who was made just now.
fn add_made(known: &mut Index<RecipientId>, row: &ActiveModel) {
    let [phones, users] =
        [&row.phone_hash, &row.whatsapp_hash].map(|hash| hash.try_as_ref().map_or(&[][..], Option::as_slice));
    if let Some(id) = row.id.try_as_ref() {
        known.add(&Known { phones, users, ..Known::default() }, *id);
    }
}
