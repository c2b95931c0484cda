//! The first steps of a shop with us: what is connected, what is missing, and what happens next.
//!
//! Every step looks at what is there, not at what somebody once ticked off: what was taken away again is missing again.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder};
use serde::Serialize;

use crate::campaigns::{CAMPAIGN, Campaigns};
use crate::catchup;
use crate::kernel::Timestamp;
use crate::links;
use crate::messages::{self, MESSAGE, Message, Messages};
use crate::orders::{ORDER, Orders};
use crate::pixel::{self, WebPixelState};
use crate::shops::{FirstSteps, Shop, first_steps};
use crate::webhooks;

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SetupName {
    /// Shopify lets us speak for the shop.
    Install,
    /// It allows all that we need.
    Permissions,
    /// Its webhooks come in.
    Webhooks,
    /// What it sold before us was read.
    History,
    /// Somebody who sends WhatsApp messages is connected.
    Platform,
    /// The web pixel is on.
    Pixel,
    /// There is a campaign.
    Campaign,
    /// Somebody was given a code.
    Code,
    /// A message is known to have been sent.
    Message,
    /// The shop sold something since.
    Order,
    /// Links are made under the shop's own name.
    LinkDomain,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SetupState {
    Done,
    /// It comes by itself.
    Waiting,
    /// It is the merchant's turn.
    Todo,
    /// Something is in the way.
    Attention,
}

/// A step, as it stands.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SetupStep {
    step: SetupName,
    state: SetupState,
    /// One can do without.
    optional: bool,
    /// How it stands, and what happens next.
    sentence: String,
    /// Since when it is done, where that is known.
    #[schema(value_type = Option<String>, format = "date-time")]
    at: Option<Timestamp>,
}

/// The first steps of a shop, in their order.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Setup {
    /// All is done that one cannot do without.
    finished: bool,
    /// How many of those are.
    done: usize,
    /// How many there are.
    of: usize,
    /// The first that is not done: what is wrong before what is the merchant's turn, and that before what comes by itself.
    next: Option<SetupName>,
    steps: Vec<SetupStep>,
}

fn step(step: SetupName, state: SetupState, sentence: impl Into<String>, at: Option<Timestamp>) -> SetupStep {
    SetupStep { step, state, optional: false, sentence: sentence.into(), at }
}

/// Looks at every step.
pub async fn look(db: &impl ConnectionTrait, shop: &Shop) -> Result<Setup, DbErr> {
    let known = first_steps(db, shop).await?;
    let first = first_message(db, shop).await?;
    let steps = vec![
        install(shop, &known),
        permissions(&known),
        heard(db, shop).await?,
        history(db, shop).await?,
        platform(&known),
        watched(db, shop).await?,
        campaign(db, shop).await?,
        code(db, shop).await?,
        message(db, shop, first.as_ref()).await?,
        order(db, shop).await?,
        domain(db, shop).await?,
    ];
    let needed = || steps.iter().filter(|step| !step.optional);
    let (done, of) = (needed().filter(|step| step.state == SetupState::Done).count(), needed().count());
    let first_that = |state: SetupState| needed().find(|step| step.state == state).map(|step| step.step);
    let next = first_that(SetupState::Attention)
        .or_else(|| first_that(SetupState::Todo))
        .or_else(|| first_that(SetupState::Waiting));
    Ok(Setup { finished: done == of, done, of, next, steps })
}

fn install(shop: &Shop, known: &FirstSteps) -> SetupStep {
    match &known.reopen {
        None => step(
            SetupName::Install,
            SetupState::Done,
            "Recoup is installed and may speak for the shop.",
            Some(shop.installed_at),
        ),
        Some(why) => step(
            SetupName::Install,
            SetupState::Attention,
            format!("Open Recoup once in Shopify's admin: {why}"),
            Some(shop.installed_at),
        ),
    }
}

fn permissions(known: &FirstSteps) -> SetupStep {
    match known.missing_scopes.is_empty() {
        true => step(SetupName::Permissions, SetupState::Done, "The shop allows all that Recoup needs.", None),
        false => step(
            SetupName::Permissions,
            SetupState::Attention,
            format!(
                "Open Recoup once in Shopify's admin and allow what is missing: {}.",
                known.missing_scopes.join(", ")
            ),
            None,
        ),
    }
}

async fn heard(db: &impl ConnectionTrait, shop: &Shop) -> Result<SetupStep, DbErr> {
    let last = webhooks::last_heard(db, shop.shop_id).await?;
    Ok(match last {
        Some(_) => step(SetupName::Webhooks, SetupState::Done, "Shopify tells what happens in the shop.", None),
        None => step(
            SetupName::Webhooks,
            SetupState::Waiting,
            "Shopify has told nothing yet. It does with the next checkout, order or change; nothing is lost meanwhile.",
            None,
        ),
    })
}

async fn history(db: &impl ConnectionTrait, shop: &Shop) -> Result<SetupStep, DbErr> {
    let through = catchup::complete_through(db, shop.shop_id).await?;
    Ok(match through {
        Some(_) => step(SetupName::History, SetupState::Done, "What the shop sold before was read.", None),
        None => step(
            SetupName::History,
            SetupState::Waiting,
            "What the shop sold before is being read. Reports are whole when that is done.",
            None,
        ),
    })
}

fn platform(known: &FirstSteps) -> SetupStep {
    let (state, sentence) = match (known.key_made_at, known.key_used_at, known.proven, known.numbers) {
        (_, Some(_), ..) => (SetupState::Done, "Your WhatsApp platform is connected: its key has been used."),
        (_, None, 1.., _) => (SetupState::Done, "Your WhatsApp number is connected: messages of yours came from it."),
        (Some(_), None, ..) => {
            (SetupState::Waiting, "A key was made. The platform is connected when it makes its first call with it.")
        }
        (None, None, 0, 1..) => (
            SetupState::Waiting,
            "You named the WhatsApp number you send from. It is connected when the first status of a message comes from it.",
        ),
        (None, None, 0, 0) => (
            SetupState::Todo,
            "Make a key for the platform that sends your WhatsApp messages, and give it to them with the address of this API.",
        ),
    };
    step(SetupName::Platform, state, sentence, known.key_made_at.filter(|_| state == SetupState::Done))
}

async fn watched(db: &impl ConnectionTrait, shop: &Shop) -> Result<SetupStep, DbErr> {
    let state = pixel::web_pixel_of(db, shop.shop_id).await?.map(|known| known.state);
    let stands = match state {
        Some(WebPixelState::On) => SetupState::Done,
        None => SetupState::Waiting,
        Some(WebPixelState::ScopeMissing | WebPixelState::Refused) => SetupState::Attention,
    };
    let looked = step(SetupName::Pixel, stands, WebPixelState::sentence(state), None);
    Ok(SetupStep { optional: true, ..looked })
}

async fn campaign(db: &impl ConnectionTrait, shop: &Shop) -> Result<SetupStep, DbErr> {
    let first = Campaigns::of(shop.shop_id).order_by_asc(CAMPAIGN.id).one(db).await?;
    Ok(match first {
        Some(first) => step(
            SetupName::Campaign,
            SetupState::Done,
            format!("There is a campaign: “{}” was the first.", first.name),
            Some(first.created_at),
        ),
        None => step(
            SetupName::Campaign,
            SetupState::Todo,
            "Make a campaign: what its messages promise, how long, and whom it leaves alone so that lift can be measured.",
            None,
        ),
    })
}

async fn first_message(db: &impl ConnectionTrait, shop: &Shop) -> Result<Option<Message>, DbErr> {
    Messages::of(shop.shop_id).order_by_asc(MESSAGE.issued_at).one(db).await
}

async fn code(db: &impl ConnectionTrait, shop: &Shop) -> Result<SetupStep, DbErr> {
    let given = Messages::of(shop.shop_id).filter(MESSAGE.redeem_code_id.is_not_null());
    let first = given.order_by_asc(MESSAGE.issued_at).one(db).await?;
    Ok(match first {
        Some(first) => {
            step(SetupName::Code, SetupState::Done, "Recipients are given codes of their own.", Some(first.issued_at))
        }
        None => step(
            SetupName::Code,
            SetupState::Waiting,
            "Nobody was given a code yet. Your platform asks for one with each recipient it draws into a campaign with an offer.",
            None,
        ),
    })
}

async fn message(db: &impl ConnectionTrait, shop: &Shop, first: Option<&Message>) -> Result<SetupStep, DbErr> {
    let told = messages::last_status_at(db, shop.shop_id).await?;
    let (state, sentence) = match (first, told) {
        (_, Some(_)) => (SetupState::Done, "Messages go out, and what becomes of them is told."),
        (Some(_), None) => (
            SetupState::Waiting,
            "Messages were prepared; nobody has told yet what became of one. Your platform does by the API, or Meta by its webhook.",
        ),
        (None, None) => {
            (SetupState::Waiting, "No message was prepared yet. Your platform does with its first recipients.")
        }
    };
    let at = first.map(|first| first.issued_at).filter(|_| state == SetupState::Done);
    Ok(step(SetupName::Message, state, sentence, at))
}

async fn order(db: &impl ConnectionTrait, shop: &Shop) -> Result<SetupStep, DbErr> {
    let since = Orders::of(shop.shop_id).filter(ORDER.ordered_at.gte(shop.installed_at));
    let first = since.order_by_asc(ORDER.ordered_at).one(db).await?;
    Ok(match first {
        Some(first) => step(
            SetupName::Order,
            SetupState::Done,
            format!("The shop sells: {} was the first order since Recoup is here.", first.name),
            Some(first.ordered_at),
        ),
        None => step(
            SetupName::Order,
            SetupState::Waiting,
            "No order since Recoup is here. Each shows up moments after it is placed, with the message it goes back to.",
            None,
        ),
    })
}

async fn domain(db: &impl ConnectionTrait, shop: &Shop) -> Result<SetupStep, DbErr> {
    let settings = links::settings(db, shop.shop_id).await?;
    let (state, sentence) = match (&settings.domain, &settings.trouble) {
        (Some(domain), None) if settings.looked_at.is_some() => {
            (SetupState::Done, format!("Links are made under your own name, {domain}."))
        }
        (Some(domain), None) => (SetupState::Waiting, format!("We are looking whether {domain} leads here.")),
        (Some(_), Some(trouble)) => (SetupState::Attention, trouble.clone()),
        (None, _) => (
            SetupState::Todo,
            "Links may begin with a name of your shop's instead of ours: people tap what they know.".to_owned(),
        ),
    };
    Ok(SetupStep { optional: true, ..step(SetupName::LinkDomain, state, sentence, None) })
}
