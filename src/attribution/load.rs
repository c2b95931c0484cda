//! Reading what the rules look at, for a batch of orders at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::derive::{Contact, Material};
use super::evidence::{Pointed, Pointer, Seen, pixel_ties};
use super::people::{self, People};
use crate::campaigns::{Recipient, RecipientId, Recipients};
use crate::codes::{CODE, RedeemCode, RedeemCodeId, RedeemCodes};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::links::{Click, ClickId, clicks_called};
use crate::messages::{Message, MessageColumn, Messages, REPLACEMENT, Replacement, Replacements};
use crate::orders::Facts;
use crate::pixel::{self, PixelEvent, Tie};

/// The material of each order, in the order of `facts`.
pub async fn material(db: &impl ConnectionTrait, shop: ShopId, facts: &[Facts]) -> Result<Vec<Material>, DbErr> {
    let texts: BTreeSet<String> = facts.iter().flat_map(|f| f.order.codes.0.clone()).collect();
    let codes = RedeemCodes::of(shop).filter(CODE.code.is_in(texts)).all(db).await?;
    let tokens: BTreeSet<String> = facts.iter().filter_map(|f| f.order.checkout_token.clone()).collect();
    let events = pixel::events_of(db, shop, tokens.iter().cloned().collect()).await?;
    let ties = pixel::ties_of(db, shop, events.iter().filter_map(|event| event.click_id)).await?;
    let on_orders = facts.iter().flat_map(|f| f.order.click_ids.0.iter().chain(&f.order.landing_click_id));
    let mut click_ids: BTreeSet<ClickId> = on_orders.filter_map(|id| ClickId::from_public(id)).collect();
    click_ids.extend(events.iter().filter_map(|event| event.click_id));
    let on_visits = facts.iter().flat_map(|f| &f.visits).filter_map(|visit| visit.click_id.as_deref());
    click_ids.extend(on_visits.filter_map(ClickId::from_public));
    let clicks = clicks_called(db, shop, click_ids).await?;
    let people = people::read(db, shop, facts).await?;

    // A message's first code stays its evidence after it was replaced.
    let code_ids: Vec<RedeemCodeId> = codes.iter().map(|code| code.id).collect();
    let replaced = Replacements::of(shop).filter(REPLACEMENT.old_code_id.is_in(code_ids.clone())).all(db).await?;

    let by_code = MessageColumn::RedeemCodeId.is_in(code_ids);
    let by_first_code = MessageColumn::Id.is_in(replaced.iter().map(|row| row.message_id));
    let by_slug = MessageColumn::LinkSlug.is_in(clicks.iter().map(|click| click.slug.clone()));
    let by_token = MessageColumn::CheckoutToken.is_in(tokens);
    let any = sea_orm::Condition::any().add(by_code).add(by_first_code).add(by_slug).add(by_token);
    let messages = Messages::of(shop).filter(any).all(db).await?;
    let recipients: BTreeSet<RecipientId> = messages.iter().map(|message| message.recipient_id).collect();
    let recipients = Recipients::find()
        .filter(crate::campaigns::RECIPIENT.shop_id.eq(shop))
        .filter(crate::campaigns::RECIPIENT.id.is_in(recipients))
        .all(db)
        .await?;
    let index = Index::new(&codes, &clicks, &messages, &replaced, &recipients);
    Ok(facts.iter().map(|facts| index.material(facts, (&events, &ties), &people)).collect())
}

struct Index<'a> {
    codes: HashMap<&'a str, &'a RedeemCode>,
    clicks: HashMap<ClickId, &'a Click>,
    by_code: HashMap<RedeemCodeId, &'a Message>,
    by_slug: HashMap<&'a str, &'a Message>,
    by_token: HashMap<&'a str, Vec<&'a Message>>,
    people: HashMap<RecipientId, &'a Recipient>,
}

impl<'a> Index<'a> {
    fn new(
        codes: &'a [RedeemCode],
        clicks: &'a [Click],
        messages: &'a [Message],
        replaced: &[Replacement],
        people: &'a [Recipient],
    ) -> Self {
        let mut by_code: HashMap<RedeemCodeId, &Message> =
            messages.iter().filter_map(|message| Some((message.redeem_code_id?, message))).collect();
        for row in replaced {
            let message = messages.iter().find(|message| message.id == row.message_id);
            by_code.extend(message.map(|message| (row.old_code_id, message)));
        }
        let mut by_token: HashMap<&str, Vec<&Message>> = HashMap::new();
        for message in messages {
            message.checkout_token.iter().for_each(|token| by_token.entry(token).or_default().push(message));
        }
        Self {
            codes: codes.iter().map(|code| (code.code.as_str(), code)).collect(),
            clicks: clicks.iter().map(|click| (click.id, click)).collect(),
            by_code,
            by_slug: messages.iter().map(|message| (message.link_slug.as_str(), message)).collect(),
            by_token,
            people: people.iter().map(|person| (person.id, person)).collect(),
        }
    }

    fn material(&self, facts: &Facts, (events, ties): (&[PixelEvent], &[Tie]), people: &People) -> Material {
        let mut pointed: Vec<Pointed> = Vec::new();
        for text in &facts.order.codes.0 {
            let Some(code) = self.codes.get(text.as_str()) else { continue };
            let Some(message) = self.by_code.get(&code.id) else { continue };
            pointed.push(point(message, Pointer::Code(code.code.clone(), code.expires_at)));
        }
        for text in &facts.order.click_ids.0 {
            let Some(click) = ClickId::from_public(text).and_then(|id| self.clicks.get(&id)) else { continue };
            let Some(message) = self.by_slug.get(click.slug.as_str()) else { continue };
            pointed.push(point(message, Pointer::Click(text.clone(), click.at)));
        }
        for (id, seen) in sessions(facts, events) {
            let Some(click) = self.clicks.get(&id) else { continue };
            let Some(message) = self.by_slug.get(click.slug.as_str()) else { continue };
            let token = facts.order.checkout_token.as_deref().unwrap_or_default();
            let seen = Seen { pixel: seen.pixel.filter(|_| pixel_ties(click, message, token, ties)), ..seen };
            if seen == Seen::default() {
                continue;
            }
            pointed.push(point(message, Pointer::Session(id.public(), click.at, seen)));
        }
        for (message, click, same) in people.taps_before(facts) {
            pointed.push(point(message, Pointer::Person(click.id.public(), click.at, same)));
        }
        let token = facts.order.checkout_token.as_deref();
        let about = token.and_then(|token| self.by_token.get(token)).into_iter().flatten();
        let about_checkout =
            about.filter(|message| !message.failed()).map(|message| (message.id, message.issued_at)).collect();
        let contacts = pointed.iter().filter_map(|pointed| self.contact(pointed, facts.order.ordered_at)).collect();
        Material { pointed, about_checkout, contacts, own_visits: self.own_visits(facts) }
    }

    /// Click ids of visits that links of our messages opened. They are no evidence by themselves: Shopify tells them late
    /// and not of everybody; they are only nobody else's.
    fn own_visits(&self, facts: &Facts) -> BTreeSet<String> {
        let ids = facts.visits.iter().filter_map(|visit| visit.click_id.as_deref());
        let ours = |id: &&str| {
            let click = ClickId::from_public(id).and_then(|id| self.clicks.get(&id));
            click.is_some_and(|click| self.by_slug.contains_key(click.slug.as_str()))
        };
        ids.filter(ours).map(str::to_owned).collect()
    }

    /// The recipient's contact, for telling whether somebody else used their code. Of somebody who was forgotten only
    /// orders from before that can tell: later ones name people, and the recipient is nobody any more.
    fn contact(&self, pointed: &Pointed, ordered_at: Timestamp) -> Option<(crate::campaigns::MessageId, Contact)> {
        let message =
            self.by_code.values().chain(self.by_slug.values()).find(|message| message.id == pointed.message)?;
        let person = self.people.get(&message.recipient_id)?;
        if person.forgotten_at.is_some_and(|forgotten| forgotten < ordered_at) {
            return None;
        }
        let (phone, email) = (person.phone_hash.clone(), person.email_hash.clone());
        Some((pointed.message, Contact { phone, email, customer: person.shopify_customer_id }))
    }
}

/// Clicks that opened the visit of an order, by the landing page or by the pixel. Of several tellings the earliest.
fn sessions(facts: &Facts, events: &[PixelEvent]) -> BTreeMap<ClickId, Seen> {
    let mut seen: BTreeMap<ClickId, Seen> = BTreeMap::new();
    if let Some(id) = facts.order.landing_click_id.as_deref().and_then(ClickId::from_public) {
        seen.entry(id).or_default().landing = true;
    }
    let Some(token) = facts.order.checkout_token.as_deref() else { return seen };
    for event in events.iter().filter(|event| event.checkout_token == token) {
        let Some(id) = event.click_id else { continue };
        let at = &mut seen.entry(id).or_default().pixel;
        *at = Some(at.map_or(event.at, |known| known.min(event.at)));
    }
    seen
}

fn point(message: &Message, by: Pointer) -> Pointed {
    Pointed {
        message: message.id,
        campaign: message.campaign_id,
        issued_at: message.issued_at,
        by,
        failed: message.failed(),
        arrived_at: message.arrived_at(),
    }
}
