//! One checkout's story: begun, worked on, quiet, offered, written about, and how it ended.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use serde::Serialize;

use super::timeline::{Moment, timeline};
use crate::abandoned::{self, AbandonedCheckout, Abandonment, Abandonments, Because};
use crate::app::App;
use crate::attribution::Policy;
use crate::campaigns;
use crate::checkouts::{self, Checkout};
use crate::kernel::Timestamp;
use crate::kernel::id::MessageId;
use crate::shops::CurrentShop;

/// Steps shown, the latest: some are worked on hundreds of times.
const MOST_STEPS: usize = 200;

/// What kind of thing happened to a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CheckoutWhat)]
enum What {
    Begun,
    WorkedOn,
    /// The contact that counts now was told.
    ContactKnown,
    Abandoned,
    Offered,
    HeldOut,
    /// A moment of one of its messages.
    Message,
    TakenBack,
    Completed,
    Bought,
    Deleted,
}

/// Something that happened to a checkout, or to a message about it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CheckoutMoment)]
struct Step {
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    what: What,
    /// In a sentence.
    sentence: String,
    /// The message whose moment it is.
    message_id: Option<MessageId>,
    /// That moment.
    moment: Option<Moment>,
}

/// A checkout's story, oldest first. Nobody is named.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CheckoutStory {
    checkout: AbandonedCheckout,
    moments: Vec<Step>,
    /// Earlier steps that are not listed.
    steps_left_out: usize,
}

fn step(what: What, at: Timestamp, sentence: &str) -> Step {
    Step { at, what, sentence: sentence.to_owned(), message_id: None, moment: None }
}

/// Reads a checkout's story; `None`: nothing is known of it.
pub(super) async fn story(
    db: &impl ConnectionTrait,
    app: &App,
    current: &CurrentShop,
    token: &str,
    policy: &Policy,
) -> Result<Option<CheckoutStory>, DbErr> {
    let (shop, now) = (&current.shop, current.now);
    let Some(row) = Abandonments::find_by_id((shop.shop_id, token.to_owned())).one(db).await? else { return Ok(None) };
    let Some(known) = checkouts::find(db, shop.shop_id, token).await? else { return Ok(None) };
    let view = abandoned::views(db, app, shop, vec![row.clone()], now).await?.pop();
    let Some(checkout) = view else { return Ok(None) };
    let steps = checkouts::steps_of(db, shop.shop_id, [token.to_owned()]).await?.remove(token).unwrap_or_default();
    let worked_on: Vec<Timestamp> = steps.into_iter().filter(|at| *at != known.created_at).collect();
    let steps_left_out = worked_on.len().saturating_sub(MOST_STEPS);
    let mut moments = of_checkout(&row, &known);
    moments.extend(worked_on.into_iter().skip(steps_left_out).map(|at| step(What::WorkedOn, at, "It was worked on.")));
    for draw in campaigns::drawn_for(db, shop.shop_id, vec![token.to_owned()]).await? {
        if draw.held_out {
            let sentence = "Its shopper was left alone on purpose, so that lift can be measured.";
            moments.push(step(What::HeldOut, draw.drawn_at, sentence));
            continue;
        }
        let Some(life) = timeline(db, current, draw.id, policy, None).await? else { continue };
        // Its code may have lain in the pool long before; that is no part of this story.
        let since = life.into_moments().into_iter().filter(|moment| moment.at() >= draw.drawn_at);
        moments.extend(since.map(|moment| Step {
            at: moment.at(),
            what: What::Message,
            sentence: moment.sentence().to_owned(),
            message_id: Some(draw.id),
            moment: Some(moment),
        }));
    }
    // The order stands where it is decided: what came before it in the same instant led to it.
    moments.sort_by_key(|one| (one.at, one.what));
    Ok(Some(CheckoutStory { checkout, moments, steps_left_out }))
}

fn of_checkout(row: &Abandonment, known: &Checkout) -> Vec<Step> {
    let ended = row.ended_by.map(|by| match by {
        Because::Completed => (What::Completed, "It became an order."),
        Because::Bought => (What::Bought, "Its shopper bought something else, or by another checkout."),
        Because::Deleted => (What::Deleted, "Shopify deleted it."),
        Because::Resumed | Because::Unreachable => (What::TakenBack, "It was taken back."),
    });
    let mut moments = vec![step(What::Begun, known.created_at, "The checkout began.")];
    let mut add = |what, at: Option<Timestamp>, sentence: &str| moments.extend(at.map(|at| step(what, at, sentence)));
    add(What::ContactKnown, known.contact_told_at(), "The contact that counts now was told.");
    add(What::Abandoned, row.abandoned_at, "It had lain quiet for long enough: abandoned.");
    add(What::Offered, row.offered_at, "It was offered to whoever writes to shoppers.");
    add(What::TakenBack, row.withdrawn_at, "The offer was taken back.");
    if let Some((what, sentence)) = ended {
        add(what, row.ended_at, sentence);
    }
    moments
}
