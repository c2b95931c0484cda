//! Checkouts: begun, touched, left, completed.
//!
//! ```text
//! begun ─ checkouts/create ─▶ touched ─ checkouts/update ─▶ completed ─ checkouts/update, orders/create, orders/paid
//!                                            └───────────▶ deleted ─ checkouts/delete
//! ```
//! Codes are looked at again when the order is placed: one that ended meanwhile takes nothing off.

use crate::kernel::{Currency, Timestamp};
use crate::simulator::browser::Kept;
use crate::simulator::dice::{Luck, dice};
use crate::simulator::journey::{Visits, takes_seconds};
use crate::simulator::shopify::abandoned_view::number;
use crate::simulator::shopify::order::{Buyer, Order};
use crate::simulator::shopify::payload::{self, CheckoutFacts};
use crate::simulator::shopify::pricing::{Priced, price};
use crate::simulator::state::State;

/// A checkout.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Checkout {
    pub token: String,
    pub cart_token: String,
    pub key: String,
    pub wants: Vec<(usize, i64)>,
    pub codes: Vec<String>,
    pub buyer: Buyer,
    pub attributes: Vec<(String, String)>,
    pub landing_site: Option<String>,
    pub referring_site: Option<String>,
    /// Of the browser that has it.
    pub visits: Visits,
    pub presentment: (Currency, i64),
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    pub order: Option<i64>,
    /// Its buyer will complete it unaided.
    pub returns_anyway: bool,
    /// What its last telling said it would cost.
    pub told_total: i64,
    /// Whether the pixel runs in the browser that has it, and what it remembers there.
    pub pixel: bool,
    pub kept: Option<Kept>,
}

/// How an order is placed, apart from what is in the checkout.
#[derive(Clone, Copy, Debug)]
pub struct Payment {
    /// Paid at once; otherwise pending.
    pub paid: bool,
    /// Bogus gateway.
    pub test: bool,
    /// For the staff, in minor units.
    pub tip: i64,
}

impl Default for Payment {
    fn default() -> Self {
        Self { paid: true, test: false, tip: 0 }
    }
}

impl State {
    /// Begins a checkout with what is in the session's cart, and says so.
    pub fn begin_checkout(
        &mut self,
        session: &str,
        buyer: Buyer,
        presentment: Option<(Currency, i64)>,
    ) -> Option<String> {
        let (now, seed) = (self.clock.now(), self.seed);
        let shop = self.shop();
        let held = shop.sessions.get(session).filter(|held| !held.cart.is_empty())?.clone();
        let mut luck = dice(seed, "checkout", shop.number().unsigned_abs());
        let token = luck.hex(32);
        let checkout = Checkout {
            token: token.clone(),
            cart_token: held.cart_token,
            key: luck.hex(32),
            wants: held.cart,
            codes: held.codes,
            buyer,
            attributes: held.attributes,
            landing_site: held.landing_site,
            referring_site: held.referring_site,
            visits: held.visits,
            presentment: presentment.unwrap_or((shop.profile.currency, 1_000_000)),
            created_at: now,
            updated_at: now,
            completed_at: None,
            order: None,
            returns_anyway: false,
            told_total: 0,
            pixel: held.pixel,
            kept: held.kept,
        };
        shop.checkouts.insert(token.clone(), checkout);
        self.tell_checkout(&token, "checkouts/create");
        self.pixel_sees(&token, "checkout_started");
        Some(token)
    }

    /// Somebody works on their checkout: new codes, contact, or only another look.
    pub fn touch_checkout(&mut self, token: &str, act: impl FnOnce(&mut Checkout)) -> bool {
        let now = self.clock.now();
        let Some(checkout) = self.shop().checkouts.get_mut(token).filter(|c| c.completed_at.is_none()) else {
            return false;
        };
        act(checkout);
        checkout.updated_at = now;
        self.tell_checkout(token, "checkouts/update");
        true
    }

    /// Shopify deletes a checkout, and tells its number and its cart.
    pub fn delete_checkout(&mut self, token: &str) -> bool {
        let Some(gone) = self.shop().checkouts.remove(token) else { return false };
        let body = payload::deleted_checkout(number(&gone), &gone.cart_token, gone.presentment.0);
        self.announce("checkouts/delete", &body);
        true
    }

    fn tell_checkout(&mut self, token: &str, topic: &str) {
        let now = self.clock.now();
        let (origin, closed) = (self.storefront_origin.clone(), self.faults.closed);
        let shop = self.shop();
        shop.discounts.catch_up(now);
        let Some(held) = shop.checkouts.get(token) else { return };
        let facts = CheckoutFacts {
            token,
            cart_token: &held.cart_token,
            created_at: held.created_at,
            updated_at: held.updated_at,
            completed_at: held.completed_at,
            buyer: &held.buyer,
            attributes: &held.attributes,
            landing_site: held.landing_site.as_deref(),
            recovery_url: (!closed).then(|| {
                format!(
                    "{origin}/{}/checkouts/ac/{}/recover?key={}&locale=de-AT",
                    shop.profile.id, held.cart_token, held.key
                )
            }),
            presentment: held.presentment.0,
        };
        let priced = price(shop, &held.wants, &held.codes, now);
        let body = payload::checkout(&facts, &priced, &shop.profile);
        if let Some(held) = shop.checkouts.get_mut(token) {
            held.told_total = priced.total();
        }
        self.announce(topic, &body);
    }

    /// Places the order of a checkout. `None` if there is no such checkout or it was completed before.
    pub fn complete_checkout(&mut self, token: &str, payment: Payment) -> Option<i64> {
        let now = self.clock.now();
        let shop = self.shop();
        shop.discounts.catch_up(now);
        let checkout = shop.checkouts.get(token).filter(|c| c.completed_at.is_none())?.clone();
        let cart = price(shop, &checkout.wants, &checkout.codes, now);
        let mut order = self.draft_order(cart, "web", checkout.buyer.clone());
        order.checkout_token = Some(token.to_owned());
        order.cart_token = Some(checkout.cart_token);
        (order.presentment, order.rate) = checkout.presentment;
        order.attributes = checkout.attributes;
        order.landing_site = checkout.landing_site;
        order.referring_site = checkout.referring_site;
        order.visits = checkout.visits.within_reach(now);
        let takes = self.journeys_take.unwrap_or_else(|| takes_seconds(self.seed, order.id));
        order.journey_ready_at = Some(now.plus_seconds(takes));
        order.app_id = Some(580_111);
        order.tip = payment.tip;
        order.test = payment.test;
        order.paid_at = payment.paid.then_some(now);
        order.gateway = match (payment.test, payment.paid) {
            (true, _) => "bogus",
            (_, true) => "shopify_payments",
            (_, false) => "bank_deposit",
        };
        let id = order.id;
        if let Some(held) = self.shop().checkouts.get_mut(token) {
            held.completed_at = Some(now);
            held.updated_at = now;
            held.order = Some(id);
        }
        self.tell_checkout(token, "checkouts/update");
        self.place(order);
        self.pixel_sees(token, "checkout_completed");
        Some(id)
    }

    /// An order with nothing but what was sold.
    pub fn draft_order(&mut self, cart: Priced, source: &str, buyer: Buyer) -> Order {
        let (now, seed) = (self.clock.now(), self.seed);
        let shop = self.shop();
        let number = shop.number();
        let token = dice(seed, "order", number.unsigned_abs()).hex(32);
        Order {
            id: 6_127_000_000_000 + number * 100,
            number: 1_001 + i64::try_from(shop.orders.len()).unwrap_or(0),
            token,
            checkout_token: None,
            cart_token: None,
            created_at: now,
            updated_at: now,
            cancelled_at: None,
            paid_at: Some(now),
            voided: false,
            fulfilled: false,
            test: false,
            source_name: source.to_owned(),
            app_id: None,
            currency: shop.profile.currency,
            presentment: shop.profile.currency,
            rate: 1_000_000,
            cart,
            tip: 0,
            buyer,
            attributes: vec![],
            landing_site: None,
            referring_site: None,
            visits: vec![],
            journey_ready_at: None,
            gateway: "shopify_payments",
            edits: vec![],
            refunds: vec![],
        }
    }

    /// The order stands: its codes are used, and its webhooks go out.
    pub fn place(&mut self, order: Order) {
        let shop = self.shop();
        for code in order.cart.codes() {
            shop.discounts.used(&code);
        }
        let body = payload::order(&order, &shop.profile);
        let paid = order.paid_at.is_some();
        shop.orders.insert(order.id, order);
        self.announce("orders/create", &body);
        if paid {
            self.announce("orders/paid", &body);
        }
    }
}
