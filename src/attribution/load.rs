//! Reading dossiers, for a batch of orders at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::dossier::{Contact, Contender, Dossier, Tap, Times};
use crate::codes::{CodeColumn, RedeemCode, RedeemCodeId, RedeemCodes};
use crate::db::each;
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::links::{CLICK, Click, ClickColumn, ClickId, Clicks, clicks_called};
use crate::messages::{Message, MessageColumn, Messages, REPLACEMENT, Replacement, Replacements};
use crate::orders::{self, Facts, OrderId};
use crate::people::{
    self, Address, AddressKind, Known, Pairs, RECIPIENT, Recipient, RecipientColumn, RecipientId, Recipients,
};
use crate::pixel::{self, Tie};

/// The dossiers of some orders, by their ids: everything any policy may look at, so that a receipt does not depend on what
/// other policies there are.
pub async fn dossiers(db: &impl ConnectionTrait, shop: ShopId, ids: &[OrderId]) -> Result<Vec<Dossier>, DbErr> {
    let facts = orders::facts(db, shop, ids).await?;
    let read = Read::around(db, shop, &facts).await?;
    Ok(facts.into_iter().map(|facts| read.dossier(facts)).collect())
}

/// Who stands behind some orders, and nothing else of them: [`Dossier::buyers`] without the rest.
pub async fn buyers(
    db: &impl ConnectionTrait,
    shop: ShopId,
    ids: &[OrderId],
) -> Result<Vec<(OrderId, BTreeSet<RecipientId>)>, DbErr> {
    let facts = orders::facts(db, shop, ids).await?;
    let everybody = recipients_behind(db, shop, &facts).await?;
    let mut read = Read::default();
    read.find_recipients(db, shop, everybody).await?;
    read.index(&[], &HashMap::new(), Vec::new());
    Ok(facts.iter().map(|facts| (facts.order.shopify_order_id, read.buyers(facts))).collect())
}

/// What stands around a batch of orders.
#[derive(Default)]
struct Read {
    messages: BTreeMap<MessageId, Message>,
    recipients: HashMap<RecipientId, Recipient>,
    /// Whose each code is, and when it ended.
    codes: HashMap<String, Vec<(MessageId, Option<Timestamp>)>>,
    clicks: HashMap<ClickId, (MessageId, Tap)>,
    taps: HashMap<MessageId, Vec<Tap>>,
    about: HashMap<String, Vec<MessageId>>,
    people: HashMap<RecipientId, Vec<MessageId>>,
    ties: Vec<Tie>,
    pairs: Pairs,
    /// Recipients by keyed hashes of their contacts.
    contacts: HashMap<String, Vec<RecipientId>>,
    /// Recipients by Shopify's numbers of them.
    shoppers: HashMap<i64, Vec<RecipientId>>,
}

impl Read {
    async fn around(db: &impl ConnectionTrait, shop: ShopId, facts: &[Facts]) -> Result<Self, DbErr> {
        let texts: Vec<String> = facts.iter().flat_map(|f| &f.order.codes.0).cloned().collect();
        let codes: Vec<RedeemCode> = each(db, RedeemCodes::of(shop), CodeColumn::Code, texts).await?;
        let tokens: BTreeSet<String> = facts.iter().filter_map(|f| f.order.checkout_token.clone()).collect();
        let events = pixel::events_of(db, shop, tokens.iter().cloned().collect()).await?;
        let ties = pixel::ties_of(db, shop, events.iter().filter_map(|event| event.click_id)).await?;
        let named = facts.iter().flat_map(named).chain(ties.iter().map(|tie| tie.click_id)).collect();
        let mut clicks = clicks_called(db, shop, named).await?;
        let everybody = recipients_behind(db, shop, facts).await?;

        // A message's first code stays its evidence after it was replaced.
        let code_ids: Vec<RedeemCodeId> = codes.iter().map(|code| code.id).collect();
        let replaced = Replacements::of(shop).filter(REPLACEMENT.old_code_id.is_in(code_ids.clone())).all(db).await?;
        let mut messages = messages_near(db, shop, (code_ids, &replaced), &clicks, tokens).await?;

        let last = facts.iter().map(|f| f.order.ordered_at).max().unwrap_or_default();
        let people: Vec<RecipientId> = everybody.iter().map(|one| one.id).collect();
        // Later messages are left out here: with the instant in the condition, SQLite reads all messages up to it for each.
        let mut theirs: Vec<Message> = each(db, Messages::of(shop), MessageColumn::RecipientId, people).await?;
        theirs.retain(|message| message.issued_at <= last);
        let taps = Clicks::of(shop).filter(CLICK.human.eq(true)).filter(CLICK.at.lte(last));
        let slugs: Vec<String> = theirs.iter().map(|message| message.link_slug.clone()).collect();
        let taps: Vec<Click> = each(db, taps, ClickColumn::Slug, slugs).await?;
        clicks.extend(taps);
        messages.extend(theirs);

        let mut read = Self { ties, ..Self::default() };
        for message in messages {
            read.messages.insert(message.id, message);
        }
        read.find_recipients(db, shop, everybody).await?;
        read.index(&codes, &replaced.iter().map(|row| (row.old_code_id, row.message_id)).collect(), clicks);
        Ok(read)
    }

    /// Recipients of all messages; those behind orders are there already.
    async fn find_recipients(
        &mut self,
        db: &impl ConnectionTrait,
        shop: ShopId,
        everybody: Vec<Recipient>,
    ) -> Result<(), DbErr> {
        self.recipients = everybody.into_iter().map(|one| (one.id, one)).collect();
        let missing = self.messages.values().map(|message| message.recipient_id);
        let missing: BTreeSet<RecipientId> = missing.filter(|id| !self.recipients.contains_key(id)).collect();
        let of_shop = Recipients::find().filter(RECIPIENT.shop_id.eq(shop));
        let rows = of_shop.filter(RECIPIENT.id.is_in(missing)).all(db).await?;
        self.recipients.extend(rows.into_iter().map(|one| (one.id, one)));
        let addresses = self.recipients.values().flat_map(Recipient::at).map(|address| address.hash);
        self.pairs = Pairs::around(db, shop, addresses).await?;
        Ok(())
    }

    fn index(&mut self, codes: &[RedeemCode], replaced: &HashMap<RedeemCodeId, MessageId>, clicks: Vec<Click>) {
        let by_code: HashMap<RedeemCodeId, MessageId> =
            self.messages.values().filter_map(|message| Some((message.redeem_code_id?, message.id))).collect();
        for code in codes {
            let message = replaced.get(&code.id).or_else(|| by_code.get(&code.id));
            let of = message.map(|message| (*message, code.expires_at));
            self.codes.entry(code.code.clone()).or_default().extend(of);
        }
        let by_slug: HashMap<&str, MessageId> =
            self.messages.values().map(|message| (message.link_slug.as_str(), message.id)).collect();
        for click in clicks {
            let Some(message) = by_slug.get(click.slug.as_str()) else { continue };
            let tap = Tap { click_id: click.id, at: click.at, human: click.human };
            if self.clicks.insert(click.id, (*message, tap)).is_none() {
                self.taps.entry(*message).or_default().push(tap);
            }
        }
        self.taps.values_mut().for_each(|taps| taps.sort_by_key(|tap| (tap.at, tap.click_id)));
        for message in self.messages.values() {
            message
                .checkout_token
                .iter()
                .for_each(|token| self.about.entry(token.clone()).or_default().push(message.id));
            self.people.entry(message.recipient_id).or_default().push(message.id);
        }
        for one in self.recipients.values() {
            for hash in self.phones(one).into_iter().chain(one.email_hash.clone()) {
                self.contacts.entry(hash).or_default().push(one.id);
            }
            if let Some(number) = one.shopify_customer_id {
                self.shoppers.entry(number).or_default().push(one.id);
            }
        }
    }

    /// Recipients that an order names.
    fn behind(&self, facts: &Facts) -> BTreeSet<RecipientId> {
        let hashes = facts.contacts.any_phone().chain(&facts.contacts.emails);
        let by_contact = hashes.filter_map(|hash| self.contacts.get(hash)).flatten();
        let by_number = facts.order.shopify_customer_id.and_then(|number| self.shoppers.get(&number));
        let named = by_contact.chain(by_number.into_iter().flatten()).filter_map(|id| self.recipients.get(id));
        named.filter(|one| self.is_behind(one, facts)).map(|one| one.id).collect()
    }

    /// Those of them who were somebody when it was placed.
    fn buyers(&self, facts: &Facts) -> BTreeSet<RecipientId> {
        let somebody = |id: &RecipientId| self.recipients.get(id).is_some_and(|one| known(one, facts.order.ordered_at));
        self.behind(facts).into_iter().filter(somebody).collect()
    }

    fn dossier(&self, facts: Facts) -> Dossier {
        let order = &facts.order;
        let token = order.checkout_token.as_deref();
        let mut ids: BTreeSet<ClickId> = named(&facts).collect();
        ids.extend(self.ties.iter().filter(|tie| Some(tie.checkout_token.as_str()) == token).map(|tie| tie.click_id));
        let by_code = order.codes.0.iter().flat_map(|code| self.codes.get(code)).flatten().map(|(of, _)| *of);
        let by_click = ids.iter().filter_map(|id| Some(self.clicks.get(id)?.0));
        let about = token.and_then(|token| self.about.get(token)).into_iter().flatten().copied();
        let behind = self.behind(&facts);
        let theirs = behind.iter().flat_map(|id| self.people.get(id)).flatten().copied();
        let buyers = self.buyers(&facts);
        let near: BTreeSet<MessageId> = by_code.chain(by_click).chain(about).chain(theirs).collect();
        let contenders = near.iter().filter_map(|id| self.contender(self.messages.get(id)?, &facts, &ids)).collect();
        let ties = self.ties.iter().filter(|tie| ids.contains(&tie.click_id)).cloned().collect();
        Dossier { buyers, contenders, ties, facts }
    }

    fn contender(&self, message: &Message, facts: &Facts, named: &BTreeSet<ClickId>) -> Option<Contender> {
        let order = &facts.order;
        let mut codes: Vec<(String, Option<Timestamp>)> = Vec::new();
        for text in &order.codes.0 {
            let own = self.codes.get(text).into_iter().flatten().filter(|(of, _)| *of == message.id);
            codes.extend(own.map(|(_, end)| (text.clone(), *end)));
        }
        let before = |tap: &Tap| tap.human && tap.at <= order.ordered_at;
        let taps = self.taps.get(&message.id).into_iter().flatten();
        let taps = taps.filter(|tap| named.contains(&tap.click_id) || before(tap)).copied().collect();
        let recipient = self.recipients.get(&message.recipient_id);
        let recipient = recipient.filter(|one| known(one, order.ordered_at)).map(|one| Contact {
            phone: self.phone(one, facts),
            email: one.email_hash.clone(),
            customer: one.shopify_customer_id,
        });
        Some(Contender {
            message: message.id,
            campaign: message.campaign_id,
            issued_at: message.issued_at,
            times: Times {
                sent: message.sent_at,
                delivered: message.delivered_at,
                read: message.read_at,
                failed: message.failed_at,
            },
            checkout_token: message.checkout_token.clone(),
            codes,
            taps,
            recipient,
        })
    }
}

impl Read {
    /// Whether an order names a recipient.
    fn is_behind(&self, one: &Recipient, Facts { order, contacts, .. }: &Facts) -> bool {
        let phones = self.phones(one);
        let known = Known { phones: &phones, ..one.known() };
        people::compare(&known, &Known::named(contacts, &order.shopify_customer_id)).same()
    }

    /// Phones of a recipient: the one they were drawn with first, then those that WhatsApp says are theirs.
    fn phones(&self, one: &Recipient) -> Vec<String> {
        let all = self.pairs.all_of(one.at()).into_iter().filter(|address| address.kind == AddressKind::Phone);
        let others = all.map(|address| address.hash).filter(|hash| Some(hash) != one.phone_hash.as_ref());
        one.phone_hash.iter().cloned().chain(others).collect()
    }

    /// The phone by which a recipient is held against an order: the one of theirs that stands there, if any does.
    fn phone(&self, one: &Recipient, facts: &Facts) -> Option<String> {
        let phones = self.phones(one);
        let there = phones.iter().find(|phone| facts.contacts.any_phone().any(|named| named == *phone));
        there.or(phones.first()).cloned()
    }
}

/// Click ids that an order or its visits name.
fn named(facts: &Facts) -> impl Iterator<Item = ClickId> {
    let visits = facts.visits.iter().filter_map(|visit| visit.click_id.as_ref());
    let all = facts.order.click_ids.0.iter().chain(&facts.order.landing_click_id).chain(visits);
    all.filter_map(|id| ClickId::from_public(id))
}

/// Everybody some orders name.
async fn recipients_behind(db: &impl ConnectionTrait, shop: ShopId, facts: &[Facts]) -> Result<Vec<Recipient>, DbErr> {
    let named = facts.iter().flat_map(|f| f.contacts.any_phone());
    let named: Vec<Address> = named.map(|hash| Address { kind: AddressKind::Phone, hash: hash.clone() }).collect();
    let pairs = Pairs::around(db, shop, named.iter().map(|address| address.hash.clone())).await?;
    let (phones, users): (Vec<Address>, Vec<Address>) =
        pairs.all_of(named).into_iter().partition(|address| address.kind == AddressKind::Phone);
    let hashes = |all: Vec<Address>| all.into_iter().map(|address| address.hash).collect::<Vec<_>>();
    let emails: Vec<String> = facts.iter().flat_map(|f| &f.contacts.emails).cloned().collect();
    let customers: Vec<i64> = facts.iter().filter_map(|f| f.order.shopify_customer_id).collect();
    let of_shop = || Recipients::find().filter(RECIPIENT.shop_id.eq(shop));
    // One kind of contact at a time: with all in one condition, SQLite reads all people of the shop.
    let mut found: Vec<Recipient> = each(db, of_shop(), RecipientColumn::PhoneHash, hashes(phones)).await?;
    found.extend(each::<_, Recipient, _>(db, of_shop(), RecipientColumn::WhatsappHash, hashes(users)).await?);
    found.extend(each::<_, Recipient, _>(db, of_shop(), RecipientColumn::EmailHash, emails).await?);
    found.extend(each::<_, Recipient, _>(db, of_shop(), RecipientColumn::ShopifyCustomerId, customers).await?);
    Ok(found)
}

/// Messages that a code, a click or a checkout leads to; each through its own index.
async fn messages_near(
    db: &impl ConnectionTrait,
    shop: ShopId,
    (codes, replaced): (Vec<RedeemCodeId>, &[Replacement]),
    clicks: &[Click],
    tokens: BTreeSet<String>,
) -> Result<Vec<Message>, DbErr> {
    let of_shop = || Messages::of(shop);
    let ids: Vec<MessageId> = replaced.iter().map(|row| row.message_id).collect();
    let slugs: Vec<String> = clicks.iter().map(|click| click.slug.clone()).collect();
    let mut found: Vec<Message> = each(db, of_shop(), MessageColumn::RedeemCodeId, codes).await?;
    found.extend(each::<_, Message, _>(db, of_shop(), MessageColumn::Id, ids).await?);
    found.extend(each::<_, Message, _>(db, of_shop(), MessageColumn::LinkSlug, slugs).await?);
    found.extend(each::<_, Message, _>(db, of_shop(), MessageColumn::CheckoutToken, tokens).await?);
    Ok(found)
}

/// Whether a recipient was anybody yet when an order was placed: somebody who was forgotten before it is nobody. Of them
/// only earlier orders can tell; later ones name people.
fn known(one: &Recipient, ordered_at: Timestamp) -> bool {
    one.forgotten_at.is_none_or(|forgotten| ordered_at <= forgotten)
}
