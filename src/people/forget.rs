//! Forgetting addresses: stand-ins take their places, so that what was one person's stays one person's, of nobody.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use super::{opt_out, pairs};
use crate::db::{INSERT_ROWS, insert_once};
use crate::kernel::id::ShopId;
use crate::kernel::{Person, StandIn, Timestamp};

/// Forgets the addresses of a person in pairs and in wishes that are no younger than `until`. Safe to repeat.
pub async fn forget_addresses(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    person: &Person,
    stand_in: &StandIn,
    until: Timestamp,
) -> Result<(), DbErr> {
    let hashes: Vec<String> = person.phones.iter().chain(&person.users).cloned().collect();
    for hashes in hashes.chunks(INSERT_ROWS) {
        let either = Condition::any()
            .add(pairs::COLUMN.hash.is_in(hashes.to_vec()))
            .add(pairs::COLUMN.other_hash.is_in(hashes.to_vec()));
        let theirs = pairs::of(shop).filter(either.clone()).all(txn).await?;
        let instead = |hash: &String| if person.holds(hash) { stand_in.of(hash) } else { hash.clone() };
        let anew = theirs.into_iter().map(|row| {
            let (hash, other_hash) = (instead(&row.hash), instead(&row.other_hash));
            pairs::Model { hash, other_hash, ..row }.into_active_model()
        });
        let anew: Vec<_> = anew.collect();
        pairs::Entity::delete_many().filter(pairs::COLUMN.shop_id.eq(shop)).filter(either).exec(txn).await?;
        if !anew.is_empty() {
            insert_once(txn, anew).await?;
        }
    }
    for hash in &hashes {
        opt_out::Entity::update_many()
            .col_expr(opt_out::Column::Hash, Expr::value(stand_in.of(hash)))
            .filter(opt_out::COLUMN.shop_id.eq(shop))
            .filter(opt_out::COLUMN.hash.eq(hash))
            .filter(opt_out::COLUMN.at.lte(until))
            .exec(txn)
            .await?;
    }
    Ok(())
}
