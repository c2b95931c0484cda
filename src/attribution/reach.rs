//! Which orders a fact can touch, found through indexes: never all orders of a time, however long the history.
//!
//! 1. A message: the orders of its people from its issue on, those that completed its checkout, those that used its code.
//! 2. A tap: those that carry its click id, those the pixel ties to it, and the orders of its message's people after it.
//!
//! More orders may be found than a fact touched; those come out as they stand.

use std::collections::BTreeSet;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter};

use super::{buyer, load};
use crate::codes::{REDEMPTION, RedeemCodeId, Redemption, RedemptionColumn, Redemptions};
use crate::db::{asked, each, each_like};
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::links::{Click, ClickColumn, ClickId, Clicks};
use crate::messages::{Message, MessageColumn, Messages, Replacement, ReplacementColumn, Replacements};
use crate::orders::{self, OrderId};
use crate::people::{Address, AddressKind, Pairs, RECIPIENT, Recipient, RecipientColumn, RecipientId, Recipients};
use crate::pixel;

/// Orders read at once.
const BATCH: usize = 200;

/// Orders that news of some messages can touch.
pub(super) async fn of_messages(
    db: &impl ConnectionTrait,
    shop: ShopId,
    ids: Vec<MessageId>,
) -> Result<BTreeSet<OrderId>, DbErr> {
    let messages: Vec<Message> = each(db, Messages::of(shop), MessageColumn::Id, ids).await?;
    let since = messages.iter().map(|message| message.issued_at).min();
    let mut found = of_people(db, shop, &messages, since).await?;
    let tokens: Vec<String> = messages.iter().filter_map(|message| message.checkout_token.clone()).collect();
    found.extend(orders::of_checkouts(db, shop, tokens).await?);
    // A first code stays its message's own after it was replaced.
    let of_shop = Replacements::of(shop);
    let ids = messages.iter().map(|message| message.id);
    let replaced: Vec<Replacement> = each(db, of_shop, ReplacementColumn::MessageId, ids).await?;
    let codes = messages.iter().filter_map(|message| message.redeem_code_id);
    let codes: Vec<RedeemCodeId> = codes.chain(replaced.iter().map(|row| row.old_code_id)).collect();
    let used: Vec<Redemption> = each(db, Redemptions::of(shop), RedemptionColumn::RedeemCodeId, codes).await?;
    found.extend(used.iter().map(|one| OrderId(one.shopify_order_id)));
    Ok(found)
}

/// Orders that some taps can touch; a tap is named by its link and its instant.
pub(super) async fn of_taps(
    db: &impl ConnectionTrait,
    shop: ShopId,
    taps: &[(String, Timestamp)],
) -> Result<BTreeSet<OrderId>, DbErr> {
    let links: BTreeSet<String> = taps.iter().map(|(slug, _)| slug.clone()).collect();
    let messages: Vec<Message> = each(db, Messages::of(shop), MessageColumn::LinkSlug, links).await?;
    let since = taps.iter().map(|(_, at)| *at).min();
    let mut found = of_people(db, shop, &messages, since).await?;

    let keys: BTreeSet<(&String, Timestamp)> = taps.iter().map(|(slug, at)| (slug, *at)).collect();
    let keys = keys.into_iter().map(|(slug, at)| vec![slug.clone().into(), at.into()]).collect();
    let slug = Expr::col(ClickColumn::Slug.as_column_ref()).eq(asked("column1"));
    let like = slug.and(Expr::col(ClickColumn::At.as_column_ref()).eq(asked("column2")));
    let clicks: Vec<Click> = each_like(db, Clicks::of(shop), keys, like).await?;
    let ids: Vec<ClickId> = clicks.into_iter().map(|click| click.id).collect();
    found.extend(orders::with_clicks(db, shop, ids.iter().map(|id| id.public()).collect()).await?);
    let ties = pixel::ties_of(db, shop, ids).await?;
    let tokens = ties.into_iter().map(|tie| tie.checkout_token).collect();
    found.extend(orders::of_checkouts(db, shop, tokens).await?);
    Ok(found)
}

/// Somebody is a recipient now: looks who stands behind the orders that may be theirs, from an instant on, and answers those
/// orders. Most of them were judged when nobody knew whose they are.
pub async fn known_now(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    recipients: BTreeSet<RecipientId>,
    since: Timestamp,
) -> Result<BTreeSet<OrderId>, DbErr> {
    let orders = of_recipients(txn, shop, recipients, since).await?;
    let ids: Vec<OrderId> = orders.iter().copied().collect();
    for batch in ids.chunks(BATCH) {
        orders::hold(txn, shop, batch).await?;
        let buyers = load::buyers(txn, shop, batch).await?;
        buyer::note(txn, shop, buyers.iter().map(|(order, buyers)| (*order, buyers))).await?;
    }
    Ok(orders)
}

/// Orders of the recipients of some messages, from an instant on.
async fn of_people(
    db: &impl ConnectionTrait,
    shop: ShopId,
    messages: &[Message],
    since: Option<Timestamp>,
) -> Result<BTreeSet<OrderId>, DbErr> {
    let Some(since) = since else { return Ok(BTreeSet::new()) };
    of_recipients(db, shop, messages.iter().map(|message| message.recipient_id).collect(), since).await
}

/// Orders that some recipients can stand behind, from an instant on.
async fn of_recipients(
    db: &impl ConnectionTrait,
    shop: ShopId,
    recipients: BTreeSet<RecipientId>,
    since: Timestamp,
) -> Result<BTreeSet<OrderId>, DbErr> {
    let of_shop = Recipients::find().filter(RECIPIENT.shop_id.eq(shop));
    let people: Vec<Recipient> = each(db, of_shop, RecipientColumn::Id, recipients).await?;
    // Under every number that WhatsApp says is theirs.
    let at: Vec<Address> = people.iter().flat_map(Recipient::at).collect();
    let pairs = Pairs::around(db, shop, at.iter().map(|address| address.hash.clone())).await?;
    let phones = pairs.all_of(at).into_iter().filter(|address| address.kind == AddressKind::Phone);
    let mut hashes: Vec<String> = phones.map(|address| address.hash).collect();
    hashes.extend(people.iter().flat_map(|one| one.phone_hash.iter().chain(&one.email_hash)).cloned());
    let shoppers = people.iter().filter_map(|one| one.shopify_customer_id).collect();
    Ok(orders::ids_placed_by(db, shop, hashes, shoppers, since).await?.into_iter().collect())
}

/// Orders that used a code.
pub(super) async fn of_code(
    db: &impl ConnectionTrait,
    shop: ShopId,
    code: RedeemCodeId,
) -> Result<BTreeSet<OrderId>, DbErr> {
    let uses = Redemptions::of(shop).filter(REDEMPTION.redeem_code_id.eq(code)).all(db).await?;
    Ok(uses.iter().map(|one| OrderId(one.shopify_order_id)).collect())
}
