//! Code discounts as Shopify keeps them: one rule, many redeem codes, limits counted per code.
//!
//! 1. A code is unique over all discounts of the shop, compared without regard to case.
//! 2. `usage_limit` counts per code; only the end belongs to the whole discount.
//! 3. Codes added in bulk become usable when their import has come round to them, one import of a shop after the other.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::kernel::Timestamp;

/// What a discount gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// A share in ten-thousandths: 15 % is 1500.
    Percentage(i64),
    /// An amount in minor units over the whole order.
    Fixed(i64),
    /// No shipping to pay, up to this price if there is one.
    FreeShipping(Option<i64>),
}

/// What must be in the cart first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Minimum {
    /// A subtotal in minor units.
    Subtotal(i64),
    /// A number of pieces.
    Quantity(i64),
}

/// What a discount is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Entitled {
    /// Everything.
    #[default]
    All,
    /// Products, by Shopify's number.
    Products(Vec<i64>),
    /// What is in collections, by Shopify's number.
    Collections(Vec<i64>),
}

/// With which other classes a discount may stand on one order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Combines {
    /// Order discounts.
    pub order: bool,
    /// Product discounts.
    pub product: bool,
    /// Shipping discounts.
    pub shipping: bool,
}

/// A code discount.
#[derive(Clone, Debug)]
pub struct Discount {
    /// Number within its gid.
    pub id: i64,
    /// Shown to merchant and buyer.
    pub title: String,
    /// What it gives.
    pub offer: Offer,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends; never, if absent.
    pub ends_at: Option<Timestamp>,
    /// Uses per code.
    pub usage_limit: Option<i64>,
    /// Once for each customer, per code.
    pub once_per_customer: bool,
    /// What it may stand beside.
    pub combines: Combines,
    /// What must be in the cart.
    pub minimum: Option<Minimum>,
    /// What it is about.
    pub entitled: Entitled,
    /// Whether it applies to what is bought once.
    pub once: bool,
    /// Whether it applies to subscriptions.
    pub subscriptions: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// How often it applies to a subscription; 0 for ever.
    pub recurring_cycle_limit: Option<i64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Discount {
    /// What the merchant made long ago: 10 % for everybody, as often as they like.
    pub(in crate::simulator) fn of_the_house(now: Timestamp) -> Self {
        let starts_at = now.plus_seconds(-86_400 * 200);
        Self {
            title: "Welcome".into(),
            offer: Offer::Percentage(1_000),
            starts_at,
            created_at: starts_at,
            ..Self::blank(now)
        }
    }

    /// Nothing yet.
    pub(super) fn blank(now: Timestamp) -> Self {
        Self {
            id: 0,
            title: String::new(),
            offer: Offer::Fixed(0),
            starts_at: now,
            ends_at: None,
            usage_limit: None,
            once_per_customer: false,
            combines: Combines::default(),
            minimum: None,
            entitled: Entitled::All,
            once: true,
            subscriptions: false,
            tags: Vec::new(),
            recurring_cycle_limit: Some(1),
            created_at: now,
            updated_at: now,
        }
    }

    /// `ACTIVE`, `SCHEDULED` or `EXPIRED`.
    pub fn status(&self, now: Timestamp) -> &'static str {
        if self.ends_at.is_some_and(|end| end <= now) {
            "EXPIRED"
        } else if self.starts_at > now {
            "SCHEDULED"
        } else {
            "ACTIVE"
        }
    }
}

/// One code under a discount.
#[derive(Clone, Debug)]
pub struct RedeemCode {
    /// Number within its gid.
    pub id: i64,
    /// The discount it belongs to.
    pub discount: i64,
    /// As it was defined.
    pub code: String,
    /// How often it was used.
    pub uses: i64,
}

/// One code on its way in.
#[derive(Clone, Debug)]
pub(super) struct Arriving {
    pub code: String,
    pub due: Timestamp,
    /// It is refused for this, whatever else speaks for it.
    pub refuse: Option<&'static str>,
    /// The id it got, or why it was refused.
    pub outcome: Option<Result<i64, &'static str>>,
}

/// A bulk addition.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub id: i64,
    pub discount: i64,
    pub created_at: Timestamp,
    pub codes: Vec<Arriving>,
    /// It is never said to be done.
    pub stuck: bool,
    /// Nobody is told of it.
    pub forgotten: bool,
}

impl Import {
    pub fn done(&self) -> bool {
        self.codes.iter().all(|code| code.outcome.is_some())
    }
}

/// How fast imports are: a pause before each, then so many codes a second.
#[derive(Clone, Copy, Debug)]
pub struct ImportPace {
    /// Seconds before the first code of an import is in.
    pub lead_seconds: i64,
    /// Codes a second after that.
    pub codes_per_second: i64,
}

impl Default for ImportPace {
    fn default() -> Self {
        Self { lead_seconds: 2, codes_per_second: 100 }
    }
}

/// All discounts of a shop. Numbers come from a row of their own: how often the app asks never shifts the world.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Discounts {
    pub list: BTreeMap<i64, Discount>,
    /// Folded code → code.
    pub codes: BTreeMap<String, RedeemCode>,
    pub(super) imports: BTreeMap<i64, Import>,
    pub(super) jobs: BTreeMap<i64, Timestamp>,
    pub pace: ImportPace,
    tallies: BTreeMap<i64, Tally>,
    free_at: Timestamp,
    unfinished: Vec<i64>,
    made: i64,
}

/// How many codes a discount has, and how often they were used.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub codes: usize,
    pub uses: i64,
}

/// A code as codes are compared.
pub(in crate::simulator) fn folded(code: &str) -> String {
    code.trim().to_ascii_uppercase()
}

/// One `userErrors` entry.
pub(super) fn user_error(field: &[&str], code: &str, message: impl Into<String>) -> Value {
    json!({"__typename": "DiscountUserError", "field": field, "code": code, "message": message.into(), "extraInfo": null})
}

impl Discounts {
    /// A fresh number for a discount, code, import or job.
    pub fn number(&mut self) -> i64 {
        self.made += 1;
        1_400_000_000_000 + self.made
    }

    /// Puts a discount with its first code on the list.
    pub fn add(&mut self, mut discount: Discount, first_code: &str) -> i64 {
        discount.id = self.number();
        let id = discount.id;
        self.list.insert(id, discount);
        self.add_code(id, first_code);
        id
    }

    /// Adds one code at once. The caller has made sure that it is free.
    pub fn add_code(&mut self, discount: i64, code: &str) -> i64 {
        let id = self.number();
        self.tallies.entry(discount).or_default().codes += 1;
        self.codes.insert(folded(code), RedeemCode { id, discount, code: code.to_owned(), uses: 0 });
        id
    }

    /// The code as kept, with its rule.
    pub fn find(&self, code: &str) -> Option<(&RedeemCode, &Discount)> {
        let code = self.codes.get(&folded(code))?;
        Some((code, self.list.get(&code.discount)?))
    }

    /// The code, if a cart may use it now: in its window and with uses left.
    pub fn usable(&self, code: &str, now: Timestamp) -> Option<(&RedeemCode, &Discount)> {
        self.find(code).filter(|(code, discount)| {
            discount.status(now) == "ACTIVE" && discount.usage_limit.is_none_or(|limit| code.uses < limit)
        })
    }

    /// An order was placed with this code.
    pub fn used(&mut self, code: &str) {
        if let Some(code) = self.codes.get_mut(&folded(code)) {
            code.uses += 1;
            self.tallies.entry(code.discount).or_default().uses += 1;
        }
    }

    /// Removes a discount and its codes.
    pub fn remove(&mut self, id: i64) {
        self.list.remove(&id);
        self.tallies.remove(&id);
        self.codes.retain(|_, code| code.discount != id);
    }

    /// How many codes a discount has, and how often they were used.
    pub(super) fn tally(&self, discount: i64) -> Tally {
        self.tallies.get(&discount).copied().unwrap_or_default()
    }

    /// Deletes codes one by one.
    pub(super) fn delete_codes(&mut self, gone: impl Fn(&RedeemCode) -> bool) {
        let tallies = &mut self.tallies;
        self.codes.retain(|_, code| {
            let gone = gone(code);
            if gone {
                let tally = tallies.entry(code.discount).or_default();
                tally.codes -= 1;
                tally.uses -= code.uses;
            }
            !gone
        });
    }

    /// Queues codes behind whatever is being imported already.
    pub(super) fn import(&mut self, discount: i64, codes: Vec<String>, now: Timestamp) -> i64 {
        let id = self.number();
        let begin = self.free_at.max(now).plus_seconds(self.pace.lead_seconds);
        let rate = self.pace.codes_per_second.max(1);
        let codes: Vec<Arriving> = codes
            .into_iter()
            .enumerate()
            .map(|(n, code)| Arriving { code, due: begin.plus_seconds(n as i64 / rate), refuse: None, outcome: None })
            .collect();
        self.free_at = codes.last().map_or(begin, |code| code.due);
        self.imports.insert(id, Import { id, discount, created_at: now, codes, stuck: false, forgotten: false });
        self.unfinished.push(id);
        id
    }

    /// Lets every code arrive whose turn has come. Called before anybody looks.
    pub fn catch_up(&mut self, now: Timestamp) {
        for id in std::mem::take(&mut self.unfinished) {
            let Some(mut import) = self.imports.remove(&id) else { continue };
            for n in 0..import.codes.len() {
                let Arriving { code, due, refuse, outcome } = &import.codes[n];
                if outcome.is_some() || *due > now {
                    continue;
                }
                let outcome = match () {
                    () if refuse.is_some() => Err(refuse.unwrap_or_default()),
                    () if folded(code).is_empty() => Err("BLANK"),
                    () if code.len() > 255 => Err("TOO_LONG"),
                    () if self.codes.contains_key(&folded(code)) => Err("TAKEN"),
                    () if !self.list.contains_key(&import.discount) => Err("INVALID"),
                    () => Ok(self.add_code(import.discount, &import.codes[n].code.clone())),
                };
                import.codes[n].outcome = Some(outcome);
            }
            if !import.done() {
                self.unfinished.push(id);
            }
            self.imports.insert(id, import);
        }
        self.unfinished.sort_unstable();
    }

    /// A job that is done a moment later.
    pub(super) fn job(&mut self, now: Timestamp) -> i64 {
        let id = self.number();
        self.jobs.insert(id, now.plus_seconds(2));
        id
    }
}
