//! `customers/data_request`: everything held of a person, made when it is asked for.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, DbErr, QueryFilter};
use serde::Serialize;

use super::person::{Held, Subject};
use crate::abandoned::{self, Abandonment};
use crate::app::App;
use crate::attribution::journey::Channel;
use crate::attribution::{DEFAULT_POLICY, Line, Model, conversion, credit, verdicts_of};
use crate::campaigns::{self, Arm, CampaignId, Campaigns, ProgramId};
use crate::checkouts::Checkout;
use crate::codes::{CODE, RedeemCode, RedeemCodeId, RedeemCodes};
use crate::db::INSERT_ROWS;
use crate::kernel::id::MessageId;
use crate::kernel::{Currency, Money, Price, Timestamp};
use crate::links::classify::Reason;
use crate::links::{self, Click, clicks_of};
use crate::messages::{Message, Status, StatusRow, replies_of, statuses_of};
use crate::orders::{self, Facts, OrderId};
use crate::people::{self, Choice, WishSource};
use crate::pixel;
use crate::shops::Shop;
use crate::tombstones::Request;
use crate::webhooks;

/// Everything held of one shopper in one shop.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Export {
    /// The shop.
    pub shop: String,
    /// The request this answers.
    pub request: String,
    #[schema(value_type = String, format = "date-time")]
    pub received_at: Timestamp,
    /// When this was made, from the data as it stood.
    #[schema(value_type = String, format = "date-time")]
    pub made_at: Timestamp,
    pub asked_about: AskedAbout,
    pub recipients: Vec<RecipientPart>,
    pub campaigns: Vec<CampaignPart>,
    /// The shop's long-lived experiments that they are part of.
    pub programs: Vec<ProgramPart>,
    pub messages: Vec<MessagePart>,
    /// What they want of marketing, each time they said it.
    pub marketing_choices: Vec<ChoicePart>,
    /// When they wrote to the shop. What they wrote was never kept.
    pub written: Vec<WrittenPart>,
    pub checkouts: Vec<CheckoutPart>,
    pub orders: Vec<OrderPart>,
    /// What the web pixel told of those checkouts and orders.
    pub pixel_events: Vec<PixelPart>,
    /// Webhooks whose kept bodies name the shopper. The bodies repeat what the shop itself holds.
    pub deliveries: Vec<DeliveryPart>,
}

/// Whom the shop asked about.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AskedAbout {
    pub shopify_customer_id: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub orders: Vec<String>,
}

/// The shopper as somebody a messaging platform gave us.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RecipientPart {
    pub id: String,
    /// What the platform calls them.
    pub platform_key: Option<String>,
    pub phone: Option<String>,
    pub whatsapp_user_id: Option<String>,
    pub email: Option<String>,
    pub shopify_customer_id: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    pub known_since: Timestamp,
    /// Why the contact is not here, when it is not.
    pub note: Option<String>,
}

/// A campaign they were drawn into.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CampaignPart {
    pub campaign: String,
    #[schema(value_type = String, format = "date-time")]
    pub drawn_at: Timestamp,
    /// Left alone on purpose, to measure what messages bring about.
    pub held_out: bool,
    /// What they were given.
    pub arm: Arm,
    pub checkout_token: Option<String>,
}

/// A programme they are part of.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ProgramPart {
    pub id: ProgramId,
    /// Whether no campaign writes to them while it runs, to measure what all messages together bring about.
    pub held_out: bool,
    #[schema(value_type = String, format = "date-time")]
    pub since: Timestamp,
}

/// A message to them.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MessagePart {
    pub id: MessageId,
    pub campaign: String,
    pub code: Option<String>,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub code_redeemed_at: Option<Timestamp>,
    pub link: String,
    #[schema(value_type = String, format = "date-time")]
    pub issued_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub expires_at: Option<Timestamp>,
    pub cost: Option<Price>,
    pub statuses: Vec<StatusPart>,
    pub clicks: Vec<ClickPart>,
}

/// What became of a message.
#[derive(Serialize, utoipa::ToSchema)]
pub struct StatusPart {
    pub status: Status,
    #[schema(value_type = String, format = "date-time")]
    pub at: Timestamp,
    pub error_code: Option<i64>,
}

/// A hit on a message's link. No address is ever kept.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ClickPart {
    #[schema(value_type = String, format = "date-time")]
    pub at: Timestamp,
    /// Whether it counts as a person's.
    pub human: bool,
    pub reason: String,
    /// What the browser called itself; `null` once that was let go.
    pub browser: Option<String>,
}

/// That they wanted no more marketing, or wanted it again.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ChoicePart {
    pub choice: Choice,
    /// How it was told.
    pub source: WishSource,
    #[schema(value_type = String, format = "date-time")]
    pub at: Timestamp,
}

/// That they wrote.
#[derive(Serialize, utoipa::ToSchema)]
pub struct WrittenPart {
    #[schema(value_type = String, format = "date-time")]
    pub at: Timestamp,
    /// `text`, `button`, …
    pub kind: String,
    /// Whether it answers a message.
    pub an_answer: bool,
}

/// A checkout they began.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CheckoutPart {
    pub token: String,
    pub total: Option<Money>,
    #[schema(value_type = String, format = "date-time")]
    pub began_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub completed_at: Option<Timestamp>,
    /// When it had lain quiet for so long that it counts as abandoned.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub abandoned_at: Option<Timestamp>,
    /// When a WhatsApp platform was told so.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub offered_at: Option<Timestamp>,
    /// Where it can be continued.
    pub recovery_url: Option<String>,
}

/// An order of theirs.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OrderPart {
    pub shopify_order_id: String,
    pub name: String,
    /// How it is known to be theirs.
    pub because: &'static str,
    #[schema(value_type = String, format = "date-time")]
    pub ordered_at: Timestamp,
    pub financial_status: Option<String>,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub cancelled_at: Option<Timestamp>,
    pub total: Option<Money>,
    /// How many states of it are on record.
    pub states: usize,
    pub codes: Vec<String>,
    pub click_ids: Vec<String>,
    pub checkout_token: Option<String>,
    /// Visits to the store that Shopify told of.
    pub visits: Vec<VisitPart>,
    pub refunds: Vec<RefundPart>,
    /// What Shopify's own book says was sold and given back.
    pub sales: Vec<SalePart>,
    pub verdicts: Vec<VerdictPart>,
}

/// A visit before an order. Of its addresses only what names a channel is kept.
#[derive(Serialize, utoipa::ToSchema)]
pub struct VisitPart {
    #[schema(value_type = String, format = "date-time")]
    pub at: Timestamp,
    /// What the address of its first page says of the channel.
    pub landing: String,
    /// Whose page it came from.
    pub referrer: Option<String>,
    /// The tap on one of our links that opened it.
    pub click_id: Option<String>,
}

/// What a browser told of a checkout.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PixelPart {
    pub event: pixel::Name,
    pub checkout_token: String,
    /// The tap its browser remembered.
    pub click_id: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    pub at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub received_at: Timestamp,
}

/// A sale in Shopify's own book, in Shopify's words; what was given back is negative.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SalePart {
    #[schema(value_type = String, format = "date-time")]
    pub at: Timestamp,
    pub line_type: String,
    pub action_type: String,
    pub quantity: Option<i64>,
    pub total: Option<Money>,
    pub tax: Option<Money>,
}

/// Money that went back.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RefundPart {
    #[schema(value_type = String, format = "date-time")]
    pub at: Timestamp,
    pub goods: Option<Money>,
    pub shipping: Option<Money>,
    pub tax: Option<Money>,
    pub tips: Option<Money>,
    pub gift_cards: Option<Money>,
    pub duties_and_fees: Option<Money>,
}

/// What was concluded about an order, from an instant on.
#[derive(Serialize, utoipa::ToSchema)]
pub struct VerdictPart {
    #[schema(value_type = String, format = "date-time")]
    pub since: Timestamp,
    pub line: Line,
    pub why: String,
    pub net_sales: Option<Money>,
    /// The campaign it goes back to.
    pub campaign: Option<String>,
    /// The share of each message, by each model.
    pub credits: Vec<CreditPart>,
}

/// A message's share.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CreditPart {
    /// `null`: another channel's share.
    pub message: Option<MessageId>,
    pub channel: Channel,
    pub model: Model,
    pub share: Option<Money>,
}

/// A webhook that names them.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeliveryPart {
    pub from: &'static str,
    pub topic: String,
    #[schema(value_type = String, format = "date-time")]
    pub received_at: Timestamp,
}

impl Export {
    /// Makes the export.
    pub async fn make(
        app: &App,
        shop: &Shop,
        request: &Request,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<Self, DbErr> {
        let (db, id) = (app.db.read(), shop.shop_id);
        let held = Held::find(db, &app.vault, shop, subject, now).await?;
        let names = campaign_names(app, shop).await?;
        let marks = held.marks(&app.vault, id, subject).into_iter().map(|(_, mark)| mark).collect();
        let mentions = webhooks::mentions_of(app, shop, &marks, now).await?;
        Ok(Self {
            shop: shop.domain.clone(),
            request: request.id.clone(),
            received_at: request.received_at,
            made_at: now,
            asked_about: AskedAbout {
                shopify_customer_id: subject.customer.map(|id| id.to_string()),
                phone: subject.phone.clone(),
                email: subject.email.clone(),
                orders: subject.orders.iter().map(ToString::to_string).collect(),
            },
            recipients: held.recipients.iter().map(|one| recipient(app, one)).collect(),
            campaigns: held
                .draws
                .iter()
                .map(|draw| CampaignPart {
                    campaign: names.of(draw.campaign_id),
                    drawn_at: draw.drawn_at,
                    held_out: draw.held_out,
                    arm: draw.arm,
                    checkout_token: draw.checkout_token.clone(),
                })
                .collect(),
            programs: campaigns::memberships(db, id, held.keys())
                .await?
                .into_iter()
                .map(|(id, held_out, since)| ProgramPart { id, held_out, since })
                .collect(),
            messages: messages(app, shop, &held, &names).await?,
            marketing_choices: people::wishes_of(db, id, &held.addresses())
                .await?
                .into_iter()
                .map(|wish| ChoicePart { choice: wish.choice, source: wish.source, at: wish.at })
                .collect(),
            written: replies_of(db, id, &held.addresses())
                .await?
                .into_iter()
                .map(|reply| WrittenPart { at: reply.at, kind: reply.kind, an_answer: reply.answers.is_some() })
                .collect(),
            checkouts: begun(app, shop, &held).await?,
            orders: orders(app, shop, &held, &names).await?,
            pixel_events: pixel_events(app, shop, &held).await?,
            deliveries: mentions
                .into_iter()
                .map(|one| DeliveryPart { from: one.source.name(), topic: one.topic, received_at: one.received_at })
                .collect(),
        })
    }

    /// The kinds of protected fields it shows.
    pub fn fields(&self) -> Vec<&'static str> {
        let kinds = [
            (!self.recipients.is_empty(), "contact"),
            (!self.campaigns.is_empty(), "campaigns"),
            (!self.messages.is_empty(), "messages, codes, links and taps"),
            (!self.marketing_choices.is_empty(), "marketing choices"),
            (!self.written.is_empty(), "when they wrote"),
            (!self.checkouts.is_empty(), "checkouts"),
            (!self.orders.is_empty(), "orders"),
            (!self.pixel_events.is_empty(), "pixel events"),
            (!self.deliveries.is_empty(), "webhooks"),
        ];
        let shown = kinds.into_iter().filter(|(there, _)| *there).map(|(_, kind)| kind);
        std::iter::once("what the request says").chain(shown).collect()
    }
}

/// What the merchant calls the campaigns.
struct Names(HashMap<CampaignId, String>);

impl Names {
    fn of(&self, id: CampaignId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| "a campaign that is gone".to_owned())
    }
}

/// Campaigns are few; all of them are cheaper than asking which.
async fn campaign_names(app: &App, shop: &Shop) -> Result<Names, DbErr> {
    let rows = Campaigns::of(shop.shop_id).all(app.db.read()).await?;
    Ok(Names(rows.into_iter().map(|row| (row.id, row.name)).collect()))
}

fn recipient(app: &App, one: &people::Recipient) -> RecipientPart {
    let (contact, note) = match one.contact(app) {
        Ok(Some(contact)) => (Some(contact), None),
        Ok(None) => (None, Some("the contact was destroyed when its time was over; only keyed hashes are left")),
        Err(_) => (None, Some("the contact does not open under the keys of this installation")),
    };
    let (platform_key, phone, whatsapp_user_id, email) = contact
        .map(|contact| (contact.key, contact.phone, contact.whatsapp_user_id, contact.email))
        .unwrap_or_default();
    RecipientPart {
        id: one.id.to_string(),
        platform_key,
        phone,
        whatsapp_user_id,
        email,
        shopify_customer_id: one.shopify_customer_id.map(|id| id.to_string()),
        known_since: one.created_at,
        note: note.map(str::to_owned),
    }
}

async fn messages(app: &App, shop: &Shop, held: &Held, names: &Names) -> Result<Vec<MessagePart>, DbErr> {
    let (db, id) = (app.db.read(), shop.shop_id);
    let slugs: Vec<String> = held.messages.iter().map(|message| message.link_slug.clone()).collect();
    let mut clicks: HashMap<String, Vec<Click>> = HashMap::new();
    for click in clicks_of(db, id, &slugs).await? {
        clicks.entry(click.slug.clone()).or_default().push(click);
    }
    let mut statuses: HashMap<MessageId, Vec<StatusRow>> = HashMap::new();
    for row in statuses_of(db, id, &held.message_ids()).await? {
        statuses.entry(row.message_id).or_default().push(row);
    }
    let codes: Vec<RedeemCodeId> = held.messages.iter().filter_map(|message| message.redeem_code_id).collect();
    let codes = RedeemCodes::of(id).filter(CODE.id.is_in(codes)).all(db).await?;
    let codes: HashMap<RedeemCodeId, RedeemCode> = codes.into_iter().map(|code| (code.id, code)).collect();
    let part = |message: &Message| {
        let code = message.redeem_code_id.and_then(|id| codes.get(&id));
        MessagePart {
            id: message.id,
            campaign: names.of(message.campaign_id),
            code: code.map(|code| code.code.clone()),
            code_redeemed_at: code.and_then(|code| code.redeemed_at),
            link: links::address(app, shop.serving_domain(), &message.link_slug),
            issued_at: message.issued_at,
            expires_at: message.expires_at,
            cost: message.cost(),
            statuses: statuses
                .get(&message.id)
                .into_iter()
                .flatten()
                .map(|row| StatusPart { status: row.status, at: row.at, error_code: row.error_code })
                .collect(),
            clicks: clicks
                .get(&message.link_slug)
                .into_iter()
                .flatten()
                .map(|click| ClickPart {
                    at: click.at,
                    human: click.human,
                    reason: in_words(&click.reason),
                    browser: click.agent.clone(),
                })
                .collect(),
        }
    };
    Ok(held.messages.iter().map(part).collect())
}

/// A verdict's reasons in sentences.
fn in_words(kept: &str) -> String {
    Reason::read_all(kept).into_iter().map(Reason::sentence).collect::<Vec<_>>().join(" ")
}

async fn begun(app: &App, shop: &Shop, held: &Held) -> Result<Vec<CheckoutPart>, DbErr> {
    let mut parts = Vec::with_capacity(held.checkouts.len());
    for some in held.checkouts.chunks(INSERT_ROWS) {
        let tokens = some.iter().map(|one| one.token.clone()).collect();
        let quiet = abandoned::rows_of(app.db.read(), shop.shop_id, tokens).await?;
        parts.extend(some.iter().map(|one| checkout(app, one, quiet.get(&one.token))));
    }
    Ok(parts)
}

fn checkout(app: &App, one: &Checkout, quiet: Option<&Abandonment>) -> CheckoutPart {
    CheckoutPart {
        abandoned_at: quiet.and_then(|row| row.abandoned_at),
        offered_at: quiet.and_then(|row| row.offered_at),
        token: one.token.clone(),
        total: Currency::parse(&one.currency).map(|currency| Money::new(one.total_minor, currency)),
        began_at: one.created_at,
        updated_at: one.updated_at,
        completed_at: one.completed_at,
        recovery_url: one.recovery_url(&app.vault),
    }
}

async fn orders(app: &App, shop: &Shop, held: &Held, names: &Names) -> Result<Vec<OrderPart>, DbErr> {
    let (db, id) = (app.db.read(), shop.shop_id);
    let mut parts = Vec::with_capacity(held.orders.len());
    for some in held.orders.chunks(INSERT_ROWS) {
        let ids: Vec<OrderId> = some.iter().map(|order| order.shopify_order_id).collect();
        let (conversions, credits) = verdicts_of(db, id, &ids).await?;
        let mut facts = orders::facts(db, id, &ids).await?;
        facts.sort_by_key(|facts| (facts.order.ordered_at, facts.order.shopify_order_id));
        parts.extend(facts.iter().map(|facts| order(facts, held, names, &conversions, &credits)));
    }
    Ok(parts)
}

/// Events of the checkouts that are theirs, and of those their orders came from.
async fn pixel_events(app: &App, shop: &Shop, held: &Held) -> Result<Vec<PixelPart>, DbErr> {
    let begun = held.checkouts.iter().map(|one| one.token.clone());
    let ordered = held.orders.iter().filter_map(|order| order.checkout_token.clone());
    let tokens: BTreeSet<String> = begun.chain(ordered).collect();
    let mut parts = Vec::new();
    for some in tokens.into_iter().collect::<Vec<_>>().chunks(INSERT_ROWS) {
        let events = pixel::events_of(app.db.read(), shop.shop_id, some.to_vec()).await?;
        parts.extend(events.into_iter().map(|event| PixelPart {
            event: event.name,
            checkout_token: event.checkout_token,
            click_id: event.click_id.map(|click| click.public()),
            at: event.at,
            received_at: event.received_at,
        }));
    }
    Ok(parts)
}

fn order(
    facts: &Facts,
    held: &Held,
    names: &Names,
    conversions: &[conversion::Model],
    credits: &[credit::Model],
) -> OrderPart {
    let order = &facts.order;
    let currency = Currency::parse(&order.currency);
    let money = |minor: i64| currency.map(|currency| Money::new(minor, currency));
    let verdicts = conversions
        .iter()
        .filter(|one| one.shopify_order_id == order.shopify_order_id && one.policy == DEFAULT_POLICY)
        .map(|one| VerdictPart {
            since: one.effective_at,
            line: one.line,
            why: one.why.clone(),
            net_sales: money(one.net_minor),
            campaign: one.campaign_id.map(|id| names.of(id)),
            credits: credits
                .iter()
                .filter(|credit| {
                    (credit.shopify_order_id, credit.effective_at) == (one.shopify_order_id, one.effective_at)
                })
                .map(|credit| CreditPart {
                    message: credit.message_id,
                    channel: credit.channel,
                    model: credit.model,
                    share: money(credit.credit_minor),
                })
                .collect(),
        });
    let theirs = held.own.contains(&order.shopify_order_id);
    OrderPart {
        shopify_order_id: order.shopify_order_id.to_string(),
        name: order.name.clone(),
        because: if theirs { "Shopify says so" } else { "it carries their phone or e-mail" },
        ordered_at: order.ordered_at,
        financial_status: order.financial_status.clone(),
        cancelled_at: order.cancelled_at,
        total: facts.versions.last().and_then(|version| money(version.total_minor)),
        states: facts.versions.len(),
        codes: order.codes.0.clone(),
        click_ids: order.click_ids.0.clone(),
        checkout_token: order.checkout_token.clone(),
        visits: facts
            .visits
            .iter()
            .map(|visit| VisitPart {
                at: visit.at,
                landing: visit.landing.clone(),
                referrer: visit.referrer.clone(),
                click_id: visit.click_id.clone(),
            })
            .collect(),
        refunds: facts
            .refunds
            .iter()
            .map(|refund| RefundPart {
                at: refund.at,
                goods: money(refund.goods_minor),
                shipping: money(refund.shipping_minor),
                tax: money(refund.tax_minor),
                tips: money(refund.tips_minor),
                gift_cards: money(refund.gift_cards_minor),
                duties_and_fees: money(refund.charges_minor),
            })
            .collect(),
        sales: facts
            .sales
            .iter()
            .map(|sale| SalePart {
                at: sale.happened_at,
                line_type: sale.line_type.clone(),
                action_type: sale.action_type.clone(),
                quantity: sale.quantity,
                total: money(sale.total_minor),
                tax: money(sale.tax_minor),
            })
            .collect(),
        verdicts: verdicts.collect(),
    }
}
