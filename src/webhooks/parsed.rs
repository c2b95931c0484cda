//! What a delivery says, in the rooms' words; and writing it down.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbErr};

use super::edited::Edited;
use super::sales_moved::SalesMoved;
use super::told::{Told, in_words};
use crate::abandoned::Touched;
use crate::app::App;
use crate::checkouts::{self, CheckoutSnapshot, Deleted};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::messages::{self, Recorded};
use crate::orders::{self, OrderId, RefundSnapshot, Snapshot};
use crate::people::{self, Address, AddressKind};
use crate::shopify::Scopes;
use crate::shops::{self, Left};
use crate::tombstones::{self, Asked};
use crate::{attribution, codes, news};

/// What a delivery says.
#[derive(Clone, Debug)]
pub enum Parsed {
    /// A state of an order.
    Order(Box<Snapshot>),
    /// Money went back.
    Refund(OrderId, RefundSnapshot),
    /// A state of a checkout.
    Checkout(Box<CheckoutSnapshot>),
    /// A checkout is gone.
    CheckoutDeleted(Deleted),
    /// An order was edited; what it is worth now is to be read again.
    Edited(OrderId),
    /// Something happened to a discount, ours or not: its global id.
    Discount(String),
    /// The shop says that it left; Shopify is to be asked.
    Uninstalled(Left),
    /// These scopes are granted since this instant.
    Scopes(Timestamp, Scopes),
    /// A shopper's right was used.
    Privacy(Asked),
    /// What WhatsApp says: of messages, of people, and what is left aside.
    Whatsapp(Box<Told>),
    /// Nothing that concerns us, and why.
    Nothing(String),
}

/// A delivery that cannot be read, and will not be by trying again: the reason in words, with nothing personal in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

impl Unreadable {
    /// With a reason.
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl Parsed {
    /// About how many facts it brings.
    pub fn facts(&self) -> usize {
        match self {
            Self::Whatsapp(told) => 1 + told.facts(),
            _ => 1,
        }
    }

    /// The order whose parts, as we read them, do not make what the payload itself says it came to.
    pub fn in_doubt(&self) -> Option<OrderId> {
        match self {
            Self::Order(snapshot) if !snapshot.adds_up() => Some(snapshot.order),
            Self::Refund(order, refund) if refund.unexplained() != 0 => Some(*order),
            _ => None,
        }
    }

    /// Whether it changes the shop itself, of which this node keeps copies.
    pub fn changes_the_shop(&self) -> bool {
        matches!(self, Self::Scopes(..))
    }
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Its facts are recorded; what was left aside, if anything.
    Done(Option<String>),
    /// Nothing of it concerned us.
    Ignored(String),
}

impl Applied {
    /// What was left aside, if anything.
    fn left(self) -> Option<String> {
        match self {
            Self::Done(left) => left,
            Self::Ignored(left) => Some(left).filter(|left| !left.is_empty()),
        }
    }
}

/// Writes down what a delivery says; of somebody who was forgotten before, the facts without them. Orders whose verdict
/// may change are added to `touched`, checkouts that may lie quiet or be over to `quiet`; the caller asks for both once,
/// in the same transaction.
pub async fn apply(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    told: &Parsed,
    forgotten: bool,
    (touched, quiet): (&mut BTreeSet<OrderId>, &mut Touched),
    now: Timestamp,
) -> Result<Applied, DbErr> {
    match told {
        Parsed::Order(snapshot) if forgotten => {
            let behind = orders::record_forgotten(txn, shop, snapshot).await?;
            follow_orders(txn, app, shop, &[snapshot], behind, (touched, quiet), now).await?;
        }
        Parsed::Order(snapshot) => apply_orders(txn, app, shop, &[snapshot], (touched, quiet), now).await?,
        Parsed::Refund(order, refund) => {
            if orders::record_refund(txn, shop, *order, refund).await? {
                news::tell(txn, app, shop, &SalesMoved {}, now).await?;
            }
            touched.insert(*order);
        }
        Parsed::Checkout(snapshot) => {
            let told = CheckoutSnapshot::clone(snapshot);
            checkouts::record(txn, shop, if forgotten { told.nameless() } else { told }).await?;
            codes::tried(txn, app, shop, &snapshot.codes, &snapshot.token, snapshot.updated_at, now).await?;
            attribution::mark_checkout_unsettled(txn, app, shop, &snapshot.token, now).await?;
            quiet.checkouts.insert(snapshot.token.clone());
        }
        Parsed::CheckoutDeleted(deleted) => {
            checkouts::record_deleted(txn, shop, deleted).await?;
            quiet.checkouts.extend(deleted.tokens(txn, shop).await?);
        }
        Parsed::Edited(order) => news::tell(txn, app, shop, &Edited(order.0), now).await?,
        Parsed::Discount(gid) => {
            if !codes::check_drift(txn, app, shop, gid, now).await? {
                return Ok(Applied::Ignored("a discount that is not ours".to_owned()));
            }
        }
        Parsed::Uninstalled(left) => {
            left.enqueue(txn, app, shop, now).await?;
            return Ok(Applied::Done(Some("Shopify itself is asked whether the app was removed".to_owned())));
        }
        Parsed::Privacy(asked) => tombstones::record(txn, app, shop, asked, now).await?,
        Parsed::Scopes(at, scopes) => {
            if !shops::rescope(txn, shop, scopes, *at).await? {
                return Ok(Applied::Ignored("older than what is known of the shop's scopes".to_owned()));
            }
        }
        Parsed::Whatsapp(told) => {
            let told = Told::clone(told);
            let told = if forgotten { told.of_the_known(txn, &app.vault, shop).await? } else { told };
            if told.nothing() && told.left.is_empty() {
                return Ok(Applied::Ignored("what it says is of somebody who was forgotten".to_owned()));
            }
            messages::record_meta_clicks(txn, &app.vault, shop, &told.clicks).await?;
            messages::record_replies(txn, shop, &told.replies).await?;
            people::record_wishes(txn, shop, &told.wishes).await?;
            touched.extend(paired(txn, shop, &told).await?);
            let applied = statuses(txn, app, shop, &told, forgotten, now).await?;
            return Ok(if told.more() { Applied::Done(applied.left()) } else { applied });
        }
        Parsed::Nothing(reason) => return Ok(Applied::Ignored(reason.clone())),
    }
    Ok(Applied::Done(None))
}

/// [`apply`] for states of orders, of nobody who was forgotten: many of them cost hardly more than one.
pub async fn apply_orders(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    snapshots: &[&Snapshot],
    facts: (&mut BTreeSet<OrderId>, &mut Touched),
    now: Timestamp,
) -> Result<(), DbErr> {
    let behind = orders::record_all(txn, shop, snapshots).await?;
    follow_orders(txn, app, shop, snapshots, behind, facts, now).await
}

/// What follows from orders that were written down: their codes are used, and whoever judges is told.
async fn follow_orders(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    snapshots: &[&Snapshot],
    behind: bool,
    (touched, quiet): (&mut BTreeSet<OrderId>, &mut Touched),
    now: Timestamp,
) -> Result<(), DbErr> {
    if behind {
        news::tell(txn, app, shop, &SalesMoved {}, now).await?;
    }
    let used = snapshots.iter().flat_map(|snapshot| {
        let (order, at, cancelled_at) = (snapshot.order.0, snapshot.ordered_at, snapshot.cancelled_at);
        snapshot.codes.iter().map(move |code| codes::Use { code, order, at, cancelled_at })
    });
    let used: Vec<codes::Use<'_>> = used.collect();
    messages::codes_used(txn, app, shop, &codes::codes_named(txn, shop, &used).await?, now).await?;
    codes::redeem(txn, app, shop, used, now).await?;
    let orders = snapshots.iter().map(|snapshot| snapshot.order);
    touched.extend(orders.clone());
    quiet.orders.extend(orders);
    Ok(())
}

/// Addresses that are one person's; answers the orders that may be somebody's because of it.
async fn paired(txn: &impl ConnectionTrait, shop: ShopId, told: &Told) -> Result<Vec<OrderId>, DbErr> {
    let pairs: Vec<(Address, Address)> =
        told.pairs.iter().map(|(one, other, _)| (one.clone(), other.clone())).collect();
    let news = people::pair(txn, shop, &pairs).await?;
    let phones = news.into_iter().filter(|address| address.kind == AddressKind::Phone).map(|address| address.hash);
    orders::ids_naming(txn, shop, phones.collect()).await
}

async fn statuses(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    Told { reports, left, .. }: &Told,
    forgotten: bool,
    now: Timestamp,
) -> Result<Applied, DbErr> {
    let (mut unknown, mut before, mut heard_of) = (Vec::new(), 0, Vec::new());
    for report in reports {
        match messages::record(txn, app, shop, report, now).await? {
            Recorded::Kept { message, news } => heard_of.extend(news.then_some(message.id)),
            // The merchant's number also sends what is not ours: order updates, other campaigns.
            Recorded::Unknown => unknown.push(report),
            Recorded::BeforeMessage => before += 1,
        }
    }
    if !forgotten {
        messages::keep_early(txn, &app.vault, shop, &unknown, now).await?;
    }
    attribution::mark_unsettled_by_messages(txn, app, shop, heard_of, now).await?;
    let mut left = in_words(left);
    if !unknown.is_empty() {
        left.push(format!("{} × a status of a message that is not ours", unknown.len()));
    }
    if before > 0 {
        left.push(format!("{before} × a status from before its message was made"));
    }
    let left = left.join("; ");
    Ok(if unknown.len() + before == reports.len() {
        Applied::Ignored(left)
    } else {
        Applied::Done(Some(left).filter(|left| !left.is_empty()))
    })
}
