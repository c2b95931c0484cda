//! The people behind orders, as recipients: their messages, and their taps shortly before.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::campaigns::{RECIPIENT, Recipient, RecipientColumn, RecipientId, Recipients};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::links::{CLICK, Click, Clicks};
use crate::messages::{Message, MessageColumn, Messages};
use crate::orders::Facts;

/// Taps further back than this are no candidates of anything, whatever a policy says.
const LOOK_BACK_SECONDS: i64 = 5 * 86_400;

/// Recipients of a batch of orders, with their messages and taps.
#[derive(Debug, Default)]
pub(super) struct People {
    recipients: Vec<Recipient>,
    messages: HashMap<RecipientId, Vec<Message>>,
    /// Taps of people only, oldest first.
    taps: HashMap<String, Vec<Click>>,
}

/// Reads everybody some orders name.
pub(super) async fn read(db: &impl ConnectionTrait, shop: ShopId, facts: &[Facts]) -> Result<People, DbErr> {
    let phones: BTreeSet<String> = facts.iter().flat_map(|f| f.contacts.any_phone().cloned()).collect();
    let emails: BTreeSet<String> = facts.iter().flat_map(|f| f.contacts.emails.iter().cloned()).collect();
    let customers: BTreeSet<i64> = facts.iter().filter_map(|f| f.order.shopify_customer_id).collect();
    let any = Condition::any()
        .add(RecipientColumn::PhoneHash.is_in(phones))
        .add(RecipientColumn::EmailHash.is_in(emails))
        .add(RecipientColumn::ShopifyCustomerId.is_in(customers));
    let recipients = Recipients::find().filter(RECIPIENT.shop_id.eq(shop)).filter(any).all(db).await?;
    let span = facts.iter().map(|f| f.order.ordered_at);
    let (Some(first), Some(last), false) = (span.clone().min(), span.max(), recipients.is_empty()) else {
        return Ok(People::default());
    };
    let ids: Vec<RecipientId> = recipients.iter().map(|one| one.id).collect();
    let of_them = Messages::of(shop).filter(MessageColumn::RecipientId.is_in(ids));
    let messages = of_them.filter(MessageColumn::IssuedAt.lte(last)).all(db).await?;
    let slugs = messages.iter().map(|message| message.link_slug.clone());
    let clicks = Clicks::of(shop)
        .filter(CLICK.slug.is_in(slugs))
        .filter(CLICK.human.eq(true))
        .filter(CLICK.at.between(first.plus_seconds(-LOOK_BACK_SECONDS), last))
        .all(db)
        .await?;
    let mut people = People { recipients, ..People::default() };
    messages.into_iter().for_each(|m| people.messages.entry(m.recipient_id).or_default().push(m));
    clicks.into_iter().for_each(|click| people.taps.entry(click.slug.clone()).or_default().push(click));
    people.messages.values_mut().for_each(|messages| messages.sort_by_key(|m| m.id));
    people.taps.values_mut().for_each(|taps| taps.sort_by_key(|click| (click.at, click.id)));
    Ok(people)
}

impl People {
    /// The last tap of each message of the person behind an order, at the order or before it.
    pub(super) fn taps_before(&self, facts: &Facts) -> Vec<(&Message, &Click, &'static str)> {
        let order = &facts.order;
        let earliest = order.ordered_at.plus_seconds(-LOOK_BACK_SECONDS);
        let mut found = Vec::new();
        for (one, same) in self.recipients.iter().filter_map(|one| Some((one, same(one, facts)?))) {
            for message in self.messages.get(&one.id).into_iter().flatten() {
                let taps = self.taps.get(&message.link_slug).map(Vec::as_slice).unwrap_or_default();
                let last = taps.iter().rev().find(|click| (earliest..=order.ordered_at).contains(&click.at));
                found.extend(last.map(|click| (message, click, same)));
            }
        }
        found
    }
}

/// How a recipient is known to be the person behind an order, if so. Somebody who was forgotten before the order is
/// nobody any more.
fn same(one: &Recipient, Facts { order, contacts, .. }: &Facts) -> Option<&'static str> {
    let alive = one.forgotten_at.is_none_or(|at: Timestamp| order.ordered_at <= at);
    let by_id = one.shopify_customer_id.is_some() && one.shopify_customer_id == order.shopify_customer_id;
    match () {
        () if !alive => None,
        () if by_id => Some("the shopper's account is the same"),
        () if contacts.has_phone(one.phone_hash.as_ref()) == Some(true) => Some("the phone on the order is theirs"),
        () if contacts.has_email(one.email_hash.as_ref()) == Some(true) => Some("the e-mail on the order is theirs"),
        () => None,
    }
}
