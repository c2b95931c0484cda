//! One recipient's life with the shop, oldest first: chosen or left alone, written to, what they did, what they bought.
//!
//! Orders that go back to a message stand with it. Others stand by themselves where the shopper behind them is this
//! recipient by an account, a phone or an e-mail address that both name: the same rule by which verdicts are made.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use crate::abandoned::Abandonments;
use crate::attribution::Policy;
use crate::campaigns::{Arm, CAMPAIGN, CampaignId, Campaigns, DRAW, Draw, Draws};
use crate::checkouts::{self, Marks};
use crate::kernel::id::MessageId;
use crate::kernel::{Money, Timestamp};
use crate::orders::{self, OrderId};
use crate::people::{self, Choice, Recipient, RecipientId, Recipients};
use crate::reports::orders::Named;
use crate::reports::timeline::{Moment, OrderedView, What, by, timeline};
use crate::shops::CurrentShop;

/// Draws whose messages are shown, the latest.
const MOST_DRAWS: u64 = 25;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LifeWhat {
    /// Left alone on purpose.
    HeldOut,
    CheckoutBegun,
    /// A moment of one of their messages.
    Message,
    CheckoutCompleted,
    /// An order of theirs that goes back to no message.
    Ordered,
    OptedOut,
    OptedIn,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LifeMoment {
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    what: LifeWhat,
    /// In a sentence.
    sentence: String,
    /// The campaign it belongs to.
    campaign: Option<Named>,
    /// The message whose moment it is.
    message_id: Option<MessageId>,
    /// That moment.
    moment: Option<Moment>,
    /// An order that goes back to no message.
    order: Option<OrderedView>,
    /// The checkout, where it has a page of its own.
    checkout_token: Option<String>,
}

/// That they were drawn into a campaign.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LifeDraw {
    campaign: Named,
    /// What they are given.
    arm: Arm,
    /// Left alone on purpose.
    held_out: bool,
    /// The shop's programme leaves them alone, whatever the campaign.
    by_program: bool,
    /// `null` for the held out: they have none.
    message_id: Option<MessageId>,
    #[schema(value_type = String, format = "date-time")]
    drawn_at: Timestamp,
}

/// What the messages listed came to.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct LifeSums {
    messages: usize,
    delivered: usize,
    read: usize,
    /// With at least one tap of a person.
    tapped: usize,
    held_out: usize,
    /// Orders, whether or not one goes back to a message.
    orders: usize,
    net_sales: Money,
    /// Those that go back to a message.
    orders_back: usize,
    net_sales_back: Money,
}

/// A recipient's life, oldest first. Nobody is named.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RecipientLife {
    recipient_id: RecipientId,
    #[schema(value_type = String, format = "date-time")]
    known_since: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    forgotten_at: Option<Timestamp>,
    /// Whether how they are reached is still kept, and may be opened.
    contact_kept: bool,
    /// What they last said of marketing; `null`: nothing.
    marketing: Option<Choice>,
    sums: LifeSums,
    draws: Vec<LifeDraw>,
    /// Earlier draws that are not listed.
    draws_left_out: u64,
    moments: Vec<LifeMoment>,
}

fn happened(what: LifeWhat, at: Timestamp, sentence: impl Into<String>) -> LifeMoment {
    LifeMoment {
        at,
        what,
        sentence: sentence.into(),
        campaign: None,
        message_id: None,
        moment: None,
        order: None,
        checkout_token: None,
    }
}

/// Reads a recipient's life; `None` when the shop has no such recipient.
pub async fn life(
    db: &impl ConnectionTrait,
    current: &CurrentShop,
    id: RecipientId,
    policy: &Policy,
) -> Result<Option<RecipientLife>, DbErr> {
    let (shop, currency) = (current.shop.shop_id, current.shop.money());
    let Some(recipient) = Recipients::find_by_id((shop, id)).one(db).await? else { return Ok(None) };
    let of_recipient = || Draws::of(shop).filter(DRAW.recipient_id.eq(id));
    let latest = of_recipient().order_by_desc(DRAW.drawn_at).order_by_desc(DRAW.id).limit(MOST_DRAWS);
    let mut draws: Vec<Draw> = latest.all(db).await?;
    draws.reverse();
    let draws_left_out = of_recipient().count(db).await?.saturating_sub(draws.len() as u64);
    let names = Campaigns::of(shop).filter(CAMPAIGN.id.is_in(draws.iter().map(|draw| draw.campaign_id)));
    let names: HashMap<CampaignId, String> = names.all(db).await?.into_iter().map(|row| (row.id, row.name)).collect();
    let named = |id: CampaignId| Named {
        id,
        name: names.get(&id).cloned().unwrap_or_else(|| "a campaign that is gone".to_owned()),
    };

    let mut moments = Vec::new();
    let mut back: HashMap<OrderId, i64> = HashMap::new();
    let none = Money::new(0, currency);
    let mut sums = LifeSums {
        messages: 0,
        delivered: 0,
        read: 0,
        tapped: 0,
        held_out: 0,
        orders: 0,
        net_sales: none,
        orders_back: 0,
        net_sales_back: none,
    };
    for draw in &draws {
        let campaign = Some(named(draw.campaign_id));
        if draw.held_out {
            sums.held_out += 1;
            let sentence = "Left alone on purpose, so that lift can be measured.";
            moments.push(LifeMoment { campaign, ..happened(LifeWhat::HeldOut, draw.drawn_at, sentence) });
            continue;
        }
        let Some(told) = timeline(db, current, draw.id, policy, None).await? else { continue };
        let had = |what: What| told.moments().iter().any(|moment| moment.what() == what);
        sums.messages += 1;
        sums.delivered += usize::from(had(What::Delivered) || had(What::Read));
        sums.read += usize::from(had(What::Read));
        sums.tapped += usize::from(told.taps() > 0);
        for moment in told.into_moments() {
            // What they said of marketing is said once below; a code may have lain in the pool long before.
            if matches!(moment.what(), What::OptedOut | What::OptedIn) || moment.at() < draw.drawn_at {
                continue;
            }
            if let Some(order) = moment.order() {
                back.insert(order.id(), order.net_minor());
            }
            moments.push(LifeMoment {
                campaign: campaign.clone(),
                message_id: Some(draw.id),
                moment: Some(moment.clone()),
                ..happened(LifeWhat::Message, moment.at(), moment.sentence())
            });
        }
    }
    let wishes = people::wishes_of_recipient(db, shop, &recipient).await?;
    moments.extend(wishes.iter().map(|wish| match wish.choice {
        Choice::Stop => {
            happened(LifeWhat::OptedOut, wish.at, format!("They want no more marketing{}.", by(wish.source)))
        }
        Choice::Resume => {
            happened(LifeWhat::OptedIn, wish.at, format!("They want marketing again{}.", by(wish.source)))
        }
    }));
    moments.extend(of_checkouts(db, current, &recipient, &draws).await?);
    let others = of_orders(db, current, &recipient, &back).await?;
    sums.orders_back = back.len();
    sums.net_sales_back = Money::new(back.values().sum(), currency);
    sums.orders = back.len() + others.len();
    let others_net: i64 = others.iter().filter_map(|one| one.order.as_ref()).map(OrderedView::net_minor).sum();
    sums.net_sales = Money::new(sums.net_sales_back.minor + others_net, currency);
    moments.extend(others);
    moments.sort_by_key(|one| (one.at, one.what));
    Ok(Some(RecipientLife {
        recipient_id: id,
        known_since: recipient.created_at,
        forgotten_at: recipient.forgotten_at,
        contact_kept: recipient.contact_sealed.is_some(),
        marketing: people::standing(&wishes).map(|wish| wish.choice),
        sums,
        draws: draws
            .iter()
            .map(|draw| LifeDraw {
                campaign: named(draw.campaign_id),
                arm: draw.arm,
                held_out: draw.held_out,
                by_program: draw.by_program,
                message_id: Some(draw.id).filter(|_| !draw.held_out),
                drawn_at: draw.drawn_at,
            })
            .collect(),
        draws_left_out,
        moments,
    }))
}

/// Accounts and hashes by which orders and checkouts name somebody.
fn marks(recipient: &Recipient) -> Marks {
    let hashes = [&recipient.phone_hash, &recipient.email_hash];
    Marks {
        customers: recipient.shopify_customer_id.into_iter().collect(),
        hashes: hashes.into_iter().flatten().cloned().collect(),
        ..Marks::default()
    }
}

/// Checkouts that name them, and those their messages were about.
async fn of_checkouts(
    db: &impl ConnectionTrait,
    current: &CurrentShop,
    recipient: &Recipient,
    draws: &[Draw],
) -> Result<Vec<LifeMoment>, DbErr> {
    let shop = current.shop.shop_id;
    let mut tokens: BTreeSet<String> = draws.iter().filter_map(|draw| draw.checkout_token.clone()).collect();
    if recipient.forgotten_at.is_none() {
        tokens.extend(checkouts::marked(db, shop, &marks(recipient), (Timestamp::default(), current.now)).await?);
    }
    let mut moments = Vec::new();
    for one in checkouts::these(db, shop, tokens).await? {
        let told = Abandonments::find_by_id((shop, one.token.clone())).one(db).await?.is_some();
        let token = Some(one.token).filter(|_| told);
        let begun = happened(LifeWhat::CheckoutBegun, one.created_at, "They began a checkout.");
        moments.push(LifeMoment { checkout_token: token.clone(), ..begun });
        moments.extend(one.completed_at.map(|at| LifeMoment {
            checkout_token: token,
            ..happened(LifeWhat::CheckoutCompleted, at, "That checkout became an order.")
        }));
    }
    Ok(moments)
}

/// Their orders that go back to no message of theirs.
async fn of_orders(
    db: &impl ConnectionTrait,
    current: &CurrentShop,
    recipient: &Recipient,
    back: &HashMap<OrderId, i64>,
) -> Result<Vec<LifeMoment>, DbErr> {
    if recipient.forgotten_at.is_some() {
        return Ok(Vec::new());
    }
    let Marks { customers, hashes, .. } = marks(recipient);
    let who = (customers.into_iter().collect(), hashes.into_iter().collect());
    let placed = orders::placed_by(db, current.shop.shop_id, who, Timestamp::default()).await?;
    let ids: Vec<OrderId> = placed.iter().map(|(order, _)| order.shopify_order_id).collect();
    let verdicts = crate::attribution::conversion::standing(db, current.shop.shop_id, &ids).await?;
    let net: HashMap<OrderId, i64> = verdicts.iter().map(|one| (one.shopify_order_id, one.net_minor)).collect();
    let others = placed.into_iter().filter(|(order, _)| !back.contains_key(&order.shopify_order_id));
    Ok(others
        .map(|(order, _)| {
            let id = order.shopify_order_id;
            let worth = Money::new(net.get(&id).copied().unwrap_or_default(), current.shop.money());
            let sentence = "An order of theirs that goes back to none of these messages.";
            LifeMoment {
                order: Some(OrderedView::new(id, order.name, worth)),
                ..happened(LifeWhat::Ordered, order.ordered_at, sentence)
            }
        })
        .collect())
}
