//! Addresses that WhatsApp says are one person's: a phone and a user id seen together, an old number and the new one.
//!
//! 1. A pair holds whenever it was told: which address came first, and whether a recipient was known by either, changes
//!    nothing. Nobody's row is rewritten; whoever compares looks the pairs up.
//! 2. From one address to the next they are followed over several steps: WhatsApp itself says that it is the same person.
//!    What merely agrees with both (an e-mail address, an order) makes no pair.

use std::collections::{BTreeSet, HashMap};

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel};

use super::address::{Address, AddressKind};
use crate::db::{each, insert_once};
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_pairs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub other_hash: String,
    pub other_kind: AddressKind,
}

impl ActiveModelBehavior for ActiveModel {}

/// More changes of number than anybody makes while a shop knows them.
const STEPS: usize = 8;

/// Records that two addresses are one person's. Answers every address of those about whom this was news.
pub async fn pair(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    told: &[(Address, Address)],
) -> Result<BTreeSet<Address>, DbErr> {
    let both = told.iter().flat_map(|(one, other)| [(one, other), (other, one)]);
    let both: BTreeSet<(&Address, &Address)> = both.filter(|(one, other)| one != other).collect();
    let known: Vec<Model> = each(txn, of(shop), Column::Hash, both.iter().map(|(one, _)| one.hash.as_str())).await?;
    let known: BTreeSet<(&str, &str)> = known.iter().map(|row| (row.hash.as_str(), row.other_hash.as_str())).collect();
    let new: Vec<(&Address, &Address)> =
        both.into_iter().filter(|(one, other)| !known.contains(&(one.hash.as_str(), other.hash.as_str()))).collect();
    if new.is_empty() {
        return Ok(BTreeSet::new());
    }
    let row = |(one, other): &(&Address, &Address)| Model {
        shop_id: shop,
        hash: one.hash.clone(),
        other_hash: other.hash.clone(),
        other_kind: other.kind,
    };
    insert_once(txn, new.iter().map(row).map(IntoActiveModel::into_active_model)).await?;
    let whose: Vec<Address> = new.into_iter().map(|(one, _)| one.clone()).collect();
    Ok(Pairs::around(txn, shop, whose.iter().map(|one| one.hash.clone())).await?.all_of(whose))
}

pub(super) fn of(shop: ShopId) -> Select<Entity> {
    Entity::find().filter(COLUMN.shop_id.eq(shop))
}

/// What is known of some addresses and of those they lead to.
#[derive(Clone, Debug, Default)]
pub struct Pairs(HashMap<String, Vec<Address>>);

impl Pairs {
    /// Reads what leads on from some hashes.
    pub async fn around(
        db: &impl ConnectionTrait,
        shop: ShopId,
        hashes: impl IntoIterator<Item = String>,
    ) -> Result<Self, DbErr> {
        let mut pairs = Self::default();
        let mut asked: BTreeSet<String> = BTreeSet::new();
        let mut ask: BTreeSet<String> = hashes.into_iter().collect();
        for _ in 0..STEPS {
            ask.retain(|hash| !asked.contains(hash));
            if ask.is_empty() {
                break;
            }
            asked.extend(ask.iter().cloned());
            let rows: Vec<Model> = each(db, of(shop), Column::Hash, ask).await?;
            ask = rows.iter().map(|row| row.other_hash.clone()).collect();
            for row in rows {
                let other = Address { kind: row.other_kind, hash: row.other_hash };
                pairs.0.entry(row.hash).or_default().push(other);
            }
        }
        Ok(pairs)
    }

    /// Some addresses of one person, and all others of theirs.
    pub fn all_of(&self, some: impl IntoIterator<Item = Address>) -> BTreeSet<Address> {
        let mut found: BTreeSet<Address> = BTreeSet::new();
        let mut next: Vec<Address> = some.into_iter().collect();
        while let Some(one) = next.pop() {
            if !found.contains(&one) {
                next.extend(self.0.get(&one.hash).into_iter().flatten().cloned());
                found.insert(one);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(hash: &str) -> Address {
        Address { kind: AddressKind::Phone, hash: hash.to_owned() }
    }

    fn user(hash: &str) -> Address {
        Address { kind: AddressKind::User, hash: hash.to_owned() }
    }

    #[test]
    fn a_chain_of_addresses_is_one_person_from_whichever_end() {
        let mut pairs = Pairs::default();
        for (one, other) in [(phone("p1"), phone("p2")), (phone("p2"), user("u2")), (user("u2"), user("u3"))] {
            pairs.0.entry(one.hash.clone()).or_default().push(other.clone());
            pairs.0.entry(other.hash).or_default().push(one);
        }
        let all = BTreeSet::from([phone("p1"), phone("p2"), user("u2"), user("u3")]);
        for one in &all {
            assert_eq!(pairs.all_of([one.clone()]), all);
        }
        assert_eq!(pairs.all_of([phone("q")]), BTreeSet::from([phone("q")]));
        assert_eq!(pairs.all_of([]), BTreeSet::new());
    }
}
