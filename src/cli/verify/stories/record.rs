//! Telling a story to the rooms: each fact is recorded as a shop's would be, into a shop of its own.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::facts::{Checkout, Emails, Facts, Order, Phones, Recipient};
use crate::app::App;
use crate::campaigns::CampaignId;
use crate::checkouts::{self, CheckoutSnapshot, Knows};
use crate::codes::{self, RedeemCode, RedeemCodes, fold};
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Contacts, Currency, Timestamp};
use crate::links::{Click, ClickId, Clicks, Link, Links};
use crate::messages::{self, Known, Message, Messages, Reported};
use crate::orders::{self, Amounts, OrderId, RefundSnapshot, Snapshot, Visit};
use crate::people::{Recipient as Person, RecipientId, Recipients};
use crate::pixel::{Name, PixelEvent, PixelEvents};
use crate::shops::{Shop, Shops};
use crate::webhooks::landing;

/// What the story calls things, and what the house calls them. Ids follow the names, so that ties break by the story's.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub messages: BTreeMap<String, MessageId>,
    pub orders: BTreeMap<String, OrderId>,
    clicks: BTreeMap<String, ClickId>,
}

/// Records a story's facts; what it names is answered.
pub(super) async fn record(txn: &impl ConnectionTrait, app: &App, shop: &Shop, facts: &Facts) -> Result<Names, DbErr> {
    Shops::insert(shop.clone().into_active_model()).exec_without_returning(txn).await?;
    let story = Story { txn, app, shop, facts, names: names(app, facts) };
    story.people().await?;
    story.messages().await?;
    story.taps().await?;
    story.checkouts().await?;
    for order in &facts.orders {
        story.order(order).await?;
    }
    Ok(story.names)
}

/// A number of its own for every name, in the order of the names.
fn names(app: &App, facts: &Facts) -> Names {
    let sorted = |names: BTreeSet<String>| names.into_iter().zip(1_u32..);
    let messages = sorted(facts.messages.iter().map(|one| one.id.clone()).collect());
    let orders = sorted(facts.orders.iter().map(|one| one.id.clone()).collect());
    let mut clicks: Vec<_> = facts.clicks.iter().map(|one| (one.id.clone(), one.at)).collect();
    clicks.sort();
    Names {
        messages: messages.map(|(name, number)| (name, MessageId(Uuid::from_u128(number.into())))).collect(),
        orders: orders.map(|(name, number)| (name, OrderId(number.into()))).collect(),
        clicks: clicks.into_iter().map(|(name, at)| (name, ClickId::new(&app.chance, at))).collect(),
    }
}

struct Story<'a, C> {
    txn: &'a C,
    app: &'a App,
    shop: &'a Shop,
    facts: &'a Facts,
    names: Names,
}

impl<C: ConnectionTrait> Story<'_, C> {
    fn id(&self) -> ShopId {
        self.shop.shop_id
    }

    fn contacts(&self, phones: &Phones, emails: &Emails) -> Contacts {
        let (vault, shop) = (&self.app.vault, self.id());
        Contacts {
            phones: phones.0.iter().map(|phone| vault.lookup(shop, "phone", phone)).collect(),
            emails: emails.0.iter().map(|email| vault.lookup(shop, "email", email.normalised())).collect(),
            delivery: Vec::new(),
        }
    }

    /// The number of a recipient or a campaign, by its place among the names.
    fn number<'b>(&self, name: &str, all: impl Iterator<Item = &'b String>) -> Uuid {
        let all: BTreeSet<&String> = all.collect();
        Uuid::from_u128(all.into_iter().take_while(|one| one.as_str() < name).count() as u128 + 1)
    }

    fn recipient(&self, name: &str) -> RecipientId {
        RecipientId(self.number(name, self.facts.recipients.iter().map(|one| &one.id)))
    }

    /// A click id as it travels; what is not a click of the story stays as it is written.
    fn travels(&self, name: &str) -> String {
        self.names.clicks.get(name).map_or_else(|| name.to_owned(), |id| id.public())
    }

    async fn people(&self) -> Result<(), DbErr> {
        for Recipient { id, phone, email, shopper } in &self.facts.recipients {
            let contacts = self.contacts(phone, email);
            let row = Person {
                shop_id: self.id(),
                id: self.recipient(id),
                phone_hash: contacts.phones.into_iter().next(),
                whatsapp_hash: None,
                email_hash: contacts.emails.into_iter().next(),
                shopify_customer_id: *shopper,
                data_key_sealed: None,
                contact_sealed: None,
                created_at: Timestamp::default(),
                forgotten_at: None,
            };
            Recipients::insert(row.into_active_model()).exec_without_returning(self.txn).await?;
        }
        Ok(())
    }

    /// Messages with their links and codes, and what became of them. The held out have none of all that.
    async fn messages(&self) -> Result<(), DbErr> {
        for message in self.facts.messages.iter().filter(|message| !message.held_out) {
            let Some(id) = self.names.messages.get(&message.id) else { continue };
            let campaign =
                CampaignId(self.number(&message.campaign, self.facts.messages.iter().map(|one| &one.campaign)));
            let code = message.code.as_ref().map(|code| {
                RedeemCode::handed_out((self.id(), campaign), id.0, &fold(code), message.at, message.code_ends_at)
            });
            let slug = format!("story-{}", id.0.simple());
            let link = Link {
                shop_id: self.id(),
                slug: slug.clone(),
                campaign_id: campaign,
                redeem_code_id: code.as_ref().map(|code| code.id),
                expires_at: message.code_ends_at,
                created_at: message.at,
                checkout_token: None,
                left_by: None,
                left_about: None,
            };
            let row = Message {
                redeem_code_id: code.as_ref().map(|code| code.id),
                checkout_token: message.checkout.clone(),
                expires_at: message.code_ends_at,
                ..Message::made((self.id(), *id), campaign, self.recipient(&message.recipient), slug, message.at)
            };
            if let Some(code) = code {
                RedeemCodes::insert(code.into_active_model()).exec_without_returning(self.txn).await?;
            }
            Links::insert(link.into_active_model()).exec_without_returning(self.txn).await?;
            Messages::insert(row.into_active_model()).exec_without_returning(self.txn).await?;
        }
        for status in &self.facts.statuses {
            let Some(id) = self.names.messages.get(&status.message) else { continue };
            let report = Reported {
                message: Known::Id(*id),
                wamid: None,
                status: status.status,
                at: status.at,
                error_code: None,
                cost: None,
                country: None,
                pricing: Default::default(),
            };
            messages::record(self.txn, self.app, self.id(), &report, status.at).await?;
        }
        Ok(())
    }

    /// Taps, and what the pixel says of them.
    async fn taps(&self) -> Result<(), DbErr> {
        for click in &self.facts.clicks {
            let message = self.names.messages.get(&click.message);
            let (Some(id), Some(message)) = (self.names.clicks.get(&click.id), message) else { continue };
            let row = Click {
                shop_id: self.id(),
                at: click.at,
                id: *id,
                slug: format!("story-{}", message.0.simple()),
                human: click.human,
                reason: String::new(),
                signs: 0,
                device: 0,
                agent: None,
                meta_click: None,
            };
            Clicks::insert(row.into_active_model()).exec_without_returning(self.txn).await?;
        }
        for (pixel, number) in self.facts.pixels.iter().zip(1..) {
            let row = PixelEvent {
                shop_id: self.id(),
                event_id: format!("story-{number}"),
                name: Name::CheckoutStarted,
                checkout_token: pixel.checkout.clone(),
                click_id: self.names.clicks.get(&pixel.click).copied(),
                at: pixel.at,
                received_at: pixel.at,
                asked_at: Some(pixel.at),
            };
            PixelEvents::insert(row.into_active_model()).exec_without_returning(self.txn).await?;
        }
        Ok(())
    }

    async fn checkouts(&self) -> Result<(), DbErr> {
        for Checkout { token, at, phone, email, shopper } in &self.facts.checkouts {
            let told = CheckoutSnapshot {
                token: token.clone(),
                shopify_checkout_id: None,
                cart_token: None,
                currency: self.shop.currency.clone(),
                total_minor: 0,
                contacts: self.contacts(phone, email),
                shopify_customer_id: *shopper,
                created_at: *at,
                updated_at: *at,
                completed_at: None,
                knows: Knows::Contact,
                recovery_url_sealed: None,
                codes: Vec::new(),
                cart_items: None,
            };
            checkouts::record(self.txn, self.id(), told).await?;
        }
        Ok(())
    }

    /// An order: every state it was in, its refunds, the codes it used, the visits before it.
    async fn order(&self, order: &Order) -> Result<(), DbErr> {
        let Some(id) = self.names.orders.get(&order.id) else { return Ok(()) };
        let own = |of: &String| *of == order.id;
        let edits = self.facts.edits.iter().filter(|edit| own(&edit.order));
        let cancelled_at = self.facts.cancels.iter().filter(|cancel| own(&cancel.order)).map(|cancel| cancel.at).min();
        let mut instants: BTreeSet<Timestamp> = edits.clone().map(|edit| edit.at).chain([order.at]).collect();
        instants.extend(order.paid_at.into_iter().chain(cancelled_at));
        let refunds = self.facts.refunds.iter().filter(|refund| own(&refund.order));
        let refunds: Vec<RefundSnapshot> = refunds
            .enumerate()
            .map(|(place, refund)| RefundSnapshot {
                refund: place as i64 + 1,
                at: refund.at,
                known_at: refund.at,
                goods: refund.net_minor,
                shipping: refund.total_minor.unwrap_or(refund.net_minor) - refund.net_minor,
                tax: 0,
                tips: 0,
                gift_cards: 0,
                charges: 0,
                moved: None,
            })
            .collect();
        for at in instants {
            let edit = edits.clone().filter(|edit| edit.at <= at).max_by_key(|edit| edit.at);
            let (net, total) =
                edit.map_or((order.net_minor, order.total_minor), |edit| (edit.net_minor, edit.total_minor));
            let state = State { at, net, total, paid: order.paid_at.is_some_and(|paid| paid <= at) };
            let snapshot = self.snapshot(order, *id, state, cancelled_at.filter(|cancelled| *cancelled <= at));
            orders::record(self.txn, self.id(), &Snapshot { refunds: refunds.clone(), ..snapshot }).await?;
        }
        for code in order.codes.iter().map(|code| fold(code)).collect::<BTreeSet<_>>() {
            let used = codes::Use { code: &code, order: id.0, at: order.at, cancelled_at };
            codes::redeem(self.txn, self.app, self.id(), vec![used], order.at).await?;
        }
        self.visits(order, *id).await
    }

    fn snapshot(&self, order: &Order, id: OrderId, state: State, cancelled_at: Option<Timestamp>) -> Snapshot {
        let currency = order.currency.unwrap_or_else(|| self.shop.money());
        let source = if order.renewal { "subscription_contract_checkout_one" } else { "web" };
        let beside = state.total.unwrap_or(state.net) - state.net;
        Snapshot {
            order: id,
            name: order.id.clone(),
            ordered_at: order.at,
            created_at: order.at,
            updated_at: state.at,
            currency: currency.to_string(),
            presentment_currency: currency.to_string(),
            source_name: source.to_owned(),
            financial_status: Some(if state.paid { "paid" } else { "pending" }.to_owned()),
            test: order.test,
            cancelled_at,
            checkout_token: order.checkout.clone(),
            cart_token: None,
            shopify_customer_id: order.shopper,
            contacts: self.contacts(&order.phone, &order.email),
            codes: order.codes.iter().map(|code| fold(code)).collect(),
            click_ids: order.cart_click_ids.iter().map(|id| self.travels(id)).collect(),
            landing_click_id: order.landing_click_id.as_deref().map(|id| self.travels(id)),
            landing: None,
            referrer: None,
            amounts: Amounts {
                gross: state.net,
                shipping: beside,
                tips: order.tips_minor,
                gift_cards: order.gift_cards_minor,
                total: state.net + beside + order.tips_minor + order.gift_cards_minor,
                ..Amounts::default()
            },
            current_total: None,
            refunds: Vec::new(),
        }
    }

    async fn visits(&self, order: &Order, id: OrderId) -> Result<(), DbErr> {
        let visits = self.facts.visits.iter().filter(|visit| visit.order == order.id);
        for (visit, number) in visits.zip(1..) {
            let row = Visit {
                shop_id: self.id(),
                shopify_order_id: id,
                shopify_visit_id: format!("story-{number}"),
                at: visit.at,
                landing: landing::channel_part(&format!("/?{}", visit.landing.as_deref().unwrap_or_default())),
                referrer: visit.referrer.as_deref().and_then(|host| landing::host(&format!("https://{host}"))),
                click_id: visit.click_id.as_deref().map(|id| self.travels(id)),
            };
            row.into_active_model().insert(self.txn).await?;
        }
        Ok(())
    }
}

/// What an order was like from an instant on.
struct State {
    at: Timestamp,
    net: i64,
    total: Option<i64>,
    paid: bool,
}

/// The shop of a story.
pub(super) fn shop(number: i64, currency: Currency, time_zone: &str) -> Shop {
    Shop {
        shop_id: ShopId(number),
        domain: format!("story-{number}.myshopify.com"),
        name: format!("Story {number}"),
        currency: currency.to_string(),
        time_zone: time_zone.to_owned(),
        country: None,
        storefront_url: String::new(),
        scopes: String::new(),
        installed_at: Timestamp::default(),
        uninstalled_at: None,
        link_domain: None,
        link_domain_rests_at: None,
        default_holdout_ppm: 0,
        margin_ppm: None,
    }
}
