//! The facts of a story: their form, read strictly, and what makes a file unreadable.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::kernel::{Currency, Email, Phone, Timestamp};

/// Somebody who may get messages.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recipient {
    pub id: String,
    #[serde(default)]
    pub phone: Phones,
    #[serde(default)]
    pub email: Emails,
    pub shopper: Option<i64>,
}

/// A message, with its code and the checkout it is about.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    pub id: String,
    pub campaign: String,
    pub recipient: String,
    #[serde(deserialize_with = "instant")]
    pub at: Timestamp,
    #[serde(default)]
    pub held_out: bool,
    pub code: Option<String>,
    #[serde(default, deserialize_with = "maybe_instant")]
    pub code_ends_at: Option<Timestamp>,
    pub checkout: Option<String>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Status {
    pub message: String,
    pub status: crate::messages::Status,
    #[serde(deserialize_with = "instant")]
    pub at: Timestamp,
}

/// A tap on a message's link.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Click {
    pub id: String,
    pub message: String,
    #[serde(deserialize_with = "instant")]
    pub at: Timestamp,
    #[serde(default = "yes")]
    pub human: bool,
}

/// The pixel saw a click in the browser that had a checkout.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pixel {
    pub click: String,
    pub checkout: String,
    #[serde(deserialize_with = "instant")]
    pub at: Timestamp,
}

/// A checkout was worked on.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checkout {
    pub token: String,
    #[serde(deserialize_with = "instant")]
    pub at: Timestamp,
    #[serde(default)]
    pub phone: Phones,
    #[serde(default)]
    pub email: Emails,
    pub shopper: Option<i64>,
}

/// An order as it was placed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    pub id: String,
    #[serde(deserialize_with = "instant")]
    pub at: Timestamp,
    pub net_minor: i64,
    #[serde(default, deserialize_with = "maybe_instant")]
    pub paid_at: Option<Timestamp>,
    pub currency: Option<Currency>,
    #[serde(default)]
    pub phone: Phones,
    #[serde(default)]
    pub email: Emails,
    pub shopper: Option<i64>,
    pub checkout: Option<String>,
    #[serde(default)]
    pub codes: Vec<String>,
    #[serde(default)]
    pub cart_click_ids: Vec<String>,
    pub landing_click_id: Option<String>,
    #[serde(default)]
    pub test: bool,
    #[serde(default)]
    pub renewal: bool,
    #[serde(default)]
    pub tips_minor: i64,
    #[serde(default)]
    pub gift_cards_minor: i64,
    pub total_minor: Option<i64>,
}

/// The goods of an order became others.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    pub order: String,
    #[serde(deserialize_with = "instant")]
    pub at: Timestamp,
    pub net_minor: i64,
    pub total_minor: Option<i64>,
}

/// Goods were given back.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refund {
    pub order: String,
    #[serde(deserialize_with = "instant")]
    pub at: Timestamp,
    pub net_minor: i64,
    pub total_minor: Option<i64>,
    pub id: Option<String>,
}

/// An order was cancelled.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cancel {
    pub order: String,
    #[serde(deserialize_with = "instant")]
    pub at: Timestamp,
}

/// A visit of Shopify's customer journey.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Visit {
    pub order: String,
    #[serde(deserialize_with = "instant")]
    pub at: Timestamp,
    pub landing: Option<String>,
    pub referrer: Option<String>,
    pub click_id: Option<String>,
}

/// Everything a story tells, each fact once, in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub recipients: Vec<Recipient>,
    pub messages: Vec<Message>,
    pub statuses: Vec<Status>,
    pub clicks: Vec<Click>,
    pub pixels: Vec<Pixel>,
    pub checkouts: Vec<Checkout>,
    pub orders: Vec<Order>,
    pub edits: Vec<Edit>,
    pub refunds: Vec<Refund>,
    pub cancels: Vec<Cancel>,
    pub visits: Vec<Visit>,
}

/// Why a fact cannot be taken: the field, if it is one's, and what is wrong.
pub(super) type Wrong = (String, String);

impl Facts {
    /// Adds a fact that is not there yet.
    pub fn add(&mut self, told: &Value) -> Result<(), Wrong> {
        let mut fields = told.as_object().cloned().ok_or_else(|| wrong("", "a fact is an object"))?;
        let kind = fields.remove("fact");
        let kind =
            kind.as_ref().and_then(Value::as_str).ok_or_else(|| wrong("fact", "say which kind of fact it is"))?;
        let fields = Value::Object(fields);
        match kind {
            "recipient" => named(&mut self.recipients, read(fields)?, |one| one.id.clone()),
            "message" => named(&mut self.messages, read(fields)?, |one| one.id.clone()),
            "click" => named(&mut self.clicks, read(fields)?, |one| one.id.clone()),
            "order" => named(&mut self.orders, read(fields)?, |one| one.id.clone()),
            "edit" => named(&mut self.edits, read(fields)?, |one: &Edit| (one.order.clone(), one.at)),
            "refund" => {
                let refund: Refund = read(fields)?;
                match refund.id.is_some() {
                    true => named(&mut self.refunds, refund, |one| (one.order.clone(), one.id.clone())),
                    false => once(&mut self.refunds, refund),
                }
            }
            "status" => once(&mut self.statuses, read(fields)?),
            "pixel" => once(&mut self.pixels, read(fields)?),
            "checkout" => once(&mut self.checkouts, read(fields)?),
            "cancel" => once(&mut self.cancels, read(fields)?),
            "visit" => once(&mut self.visits, read(fields)?),
            other => Err(wrong("fact", &format!("there is no fact {other:?}"))),
        }
    }

    /// What is named and not told, or told of a message that was never sent: the fact's own words say where.
    pub fn check(&self, told: &Value) -> Result<(), Wrong> {
        let known = |field: &str, told_of: BTreeSet<&str>| match told[field].as_str() {
            Some(id) if !told_of.contains(id) => Err(wrong(field, &format!("{id:?} is named and not told"))),
            _ => Ok(()),
        };
        let messages = || self.messages.iter().map(|one| one.id.as_str()).collect();
        match told["fact"].as_str().unwrap_or_default() {
            "message" => {
                known("recipient", self.recipients.iter().map(|one| one.id.as_str()).collect())?;
                let code = told["held_out"] == true && !told["code"].is_null();
                if code { Err(wrong("code", "whoever is held out gets no code")) } else { Ok(()) }
            }
            kind @ ("status" | "click") => {
                known("message", messages())?;
                let held = self.messages.iter().any(|one| one.held_out && told["message"] == one.id.as_str());
                if held { Err(wrong("message", &format!("whoever is held out has no {kind}"))) } else { Ok(()) }
            }
            "pixel" => known("click", self.clicks.iter().map(|one| one.id.as_str()).collect()),
            "edit" | "refund" | "cancel" | "visit" => {
                known("order", self.orders.iter().map(|one| one.id.as_str()).collect())
            }
            _ => Ok(()),
        }
    }

    /// The same without what happened after an instant.
    pub fn known_at(mut self, at: Timestamp) -> Self {
        self.messages.retain(|one| one.at <= at);
        self.orders.retain(|one| one.at <= at);
        let messages: BTreeSet<String> = self.messages.iter().map(|one| one.id.clone()).collect();
        let orders: BTreeSet<String> = self.orders.iter().map(|one| one.id.clone()).collect();
        self.statuses.retain(|one| one.at <= at && messages.contains(&one.message));
        self.clicks.retain(|one| one.at <= at && messages.contains(&one.message));
        let clicks: BTreeSet<String> = self.clicks.iter().map(|one| one.id.clone()).collect();
        self.pixels.retain(|one| one.at <= at && clicks.contains(&one.click));
        self.checkouts.retain(|one| one.at <= at);
        self.edits.retain(|one| one.at <= at && orders.contains(&one.order));
        self.refunds.retain(|one| one.at <= at && orders.contains(&one.order));
        self.cancels.retain(|one| one.at <= at && orders.contains(&one.order));
        self.visits.retain(|one| one.at <= at && orders.contains(&one.order));
        for order in &mut self.orders {
            order.paid_at = order.paid_at.filter(|paid| *paid <= at);
        }
        self
    }

    /// The same told the other way round.
    pub fn reversed(mut self) -> Self {
        self.recipients.reverse();
        self.messages.reverse();
        self.statuses.reverse();
        self.clicks.reverse();
        self.pixels.reverse();
        self.checkouts.reverse();
        self.orders.reverse();
        self.edits.reverse();
        self.refunds.reverse();
        self.cancels.reverse();
        self.visits.reverse();
        self
    }
}

/// Reads a fact's fields; an unknown or a missing one says which it is.
pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, Wrong> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        (if path == "." { String::new() } else { path }, error.into_inner().to_string())
    })
}

fn wrong(field: &str, problem: &str) -> Wrong {
    (field.to_owned(), problem.to_owned())
}

fn once<T: PartialEq>(all: &mut Vec<T>, one: T) -> Result<(), Wrong> {
    if !all.contains(&one) {
        all.push(one);
    }
    Ok(())
}

/// Of one name there is one fact.
fn named<T: PartialEq, K: PartialEq>(all: &mut Vec<T>, one: T, name: impl Fn(&T) -> K) -> Result<(), Wrong> {
    match all.iter().find(|known| name(known) == name(&one)) {
        Some(known) if *known != one => {
            Err(wrong("", "another fact of the same name, or of the same instant, was told"))
        }
        Some(_) => Ok(()),
        None => {
            all.push(one);
            Ok(())
        }
    }
}

const fn yes() -> bool {
    true
}

fn instant<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(from)?;
    // What is finer than a microsecond would be cut off in silence.
    let digits = text.split_once('.').map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
    let instant = Timestamp::parse(&text).filter(|_| digits <= 6 && text.trim() == text);
    instant.ok_or_else(|| {
        serde::de::Error::custom(format!("{text:?} is no instant (RFC 3339, to the microsecond at most)"))
    })
}

pub(super) fn maybe_instant<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    #[derive(Deserialize)]
    struct At(#[serde(deserialize_with = "instant")] Timestamp);
    Ok(Option::<At>::deserialize(from)?.map(|at| at.0))
}

/// One text, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Ok(match Option::<OneOrMany>::deserialize(from)? {
        None => Vec::new(),
        Some(OneOrMany::One(text)) => vec![text],
        Some(OneOrMany::Many(texts)) => texts,
    })
}

/// Phones in the form in which they are compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Phones(pub Vec<String>);

/// As everywhere; but whoever writes a story may invent numbers that no plan has.
fn phone(text: &str) -> Option<String> {
    let digits = text.trim().strip_prefix('+').filter(|digits| (7..=15).contains(&digits.len()));
    let invented =
        || digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())).map(|digits| format!("+{digits}"));
    Phone::read(text, None).map(|phone| phone.matching().to_owned()).or_else(invented)
}

impl<'de> Deserialize<'de> for Phones {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = |text: String| {
            phone(&text).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is no phone (E.164)")))
        };
        Ok(Self(texts(from)?.into_iter().map(read).collect::<Result<_, _>>()?))
    }
}

/// E-mail addresses, as everywhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Emails(pub Vec<Email>);

impl<'de> Deserialize<'de> for Emails {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = |text: String| {
            let email = text.parse::<Email>();
            email.map_err(|()| serde::de::Error::custom(format!("{text:?} is no e-mail address")))
        };
        Ok(Self(texts(from)?.into_iter().map(read).collect::<Result<_, _>>()?))
    }
}
