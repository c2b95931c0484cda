//! The facts of some checkouts, as [`judge`](super::judge) wants them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DbErr};

use super::judge::Facts;
use crate::checkouts::{self, Checkout};
use crate::kernel::id::ShopId;
use crate::kernel::{Contacts, Timestamp};
use crate::orders::{self, Order};
use crate::people::{Known, compare};

/// Reads some checkouts; those nobody told of are left out.
pub(super) async fn facts_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    tokens: &BTreeSet<String>,
) -> Result<BTreeMap<String, Facts>, DbErr> {
    let known = checkouts::these(db, shop, tokens.iter().cloned()).await?;
    if known.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut steps = checkouts::steps_of(db, shop, tokens.iter().cloned()).await?;
    let mut named = checkouts::contacts_of(db, shop, &known).await?;
    let deleted = checkouts::deleted_at(db, shop, &known).await?;
    let carts = known.iter().filter_map(|one| one.cart_token.clone());
    let completing = orders::completing(db, shop, tokens.iter().cloned().collect(), carts.collect()).await?;
    let theirs = theirs(db, shop, &known, &named).await?;
    let mut all = BTreeMap::new();
    for (checkout, deleted_at) in known.into_iter().zip(deleted) {
        let contacts = named.remove(&checkout.token).unwrap_or_default();
        let mut steps = steps.remove(&checkout.token).unwrap_or_default();
        steps.extend([checkout.created_at, checkout.updated_at]);
        steps.sort();
        steps.dedup();
        let facts = Facts {
            completed: completed(&checkout, &completing),
            bought: bought(&checkout, &contacts, &completing, &theirs),
            deleted_at,
            reachable: contacts.any_phone().next().is_some(),
            steps,
        };
        all.insert(checkout.token, facts);
    }
    Ok(all)
}

/// Orders that the people of some checkouts may have placed since.
async fn theirs(
    db: &impl ConnectionTrait,
    shop: ShopId,
    known: &[Checkout],
    named: &HashMap<String, Contacts>,
) -> Result<Vec<(Order, Contacts)>, DbErr> {
    let open = || known.iter().filter(|checkout| checkout.completed_at.is_none());
    let customers: BTreeSet<i64> = open().filter_map(|checkout| checkout.shopify_customer_id).collect();
    let contacts = open().filter_map(|checkout| named.get(&checkout.token));
    let hashes: BTreeSet<String> = contacts.flat_map(Contacts::each).map(|(_, hash)| hash.clone()).collect();
    let Some(from) = open().map(|checkout| checkout.created_at).min() else { return Ok(Vec::new()) };
    if customers.is_empty() && hashes.is_empty() {
        return Ok(Vec::new());
    }
    orders::placed_by(db, shop, (customers.into_iter().collect(), hashes.into_iter().collect()), from).await
}

/// When it became an order: what the checkout says itself, and the order that names it, whichever is earlier.
fn completed(checkout: &Checkout, completing: &[Order]) -> Option<(Timestamp, Option<orders::OrderId>)> {
    let order = completing.iter().find(|order| order.checkout_token.as_ref() == Some(&checkout.token));
    let at = [checkout.completed_at, order.map(|order| order.ordered_at)].into_iter().flatten().min()?;
    Some((at, order.map(|order| order.shopify_order_id)))
}

/// Orders of the same person, and of the same cart, oldest first.
fn bought(
    checkout: &Checkout,
    contacts: &Contacts,
    completing: &[Order],
    theirs: &[(Order, Contacts)],
) -> Vec<(Timestamp, orders::OrderId)> {
    let cart = checkout.cart_token.as_ref();
    let of_cart = completing.iter().filter(|order| cart.is_some() && order.cart_token.as_ref() == cart);
    let own = Known::named(contacts, &checkout.shopify_customer_id);
    let same =
        |(order, named): &&(Order, Contacts)| compare(&own, &Known::named(named, &order.shopify_customer_id)).same();
    let all = of_cart.chain(theirs.iter().filter(same).map(|(order, _)| order));
    let all: BTreeSet<_> = all.map(|order| (order.ordered_at, order.shopify_order_id)).collect();
    all.into_iter().collect()
}
