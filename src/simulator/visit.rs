//! What shoppers do: come by themselves, tap, type a code, leave a checkout, come back to it.

use anyhow::Context;
use rand::rngs::StdRng;

use super::World;
use super::analytics::Saw;
use super::clockwork::{CounterSale, Event, RefundKind};
use super::dice::{Luck, dice, key_of};
use super::journey::Visits;
use super::shopify::order::Buyer;
use super::shopify::pricing::price;
use super::shopify::shop::GIFT_CARD;
use super::shopper::{self, Person, Who};
use super::state::State;
use super::storefront::checkout::Payment;

/// Somebody comes by themselves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Browse {
    pub who: Who,
    pub buys: bool,
    /// Tells visits apart.
    pub number: u64,
}

/// How a message moves somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Taps,
    TypesTheCode,
    ComesBack,
    GivesTheCodeAway,
}

/// What somebody does after a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct AfterMessage {
    pub recipient: usize,
    pub who: Who,
    pub how: How,
    pub buys: bool,
}

/// A code the merchant made in the admin and everybody may use: none of the app's.
pub(super) const HOUSE_CODE: &str = "WELCOME10";

const LANDINGS: [&str; 7] = [
    "/",
    "/products/linen-shirt",
    "/collections/all",
    "/?utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid=Cj0KCQ",
    "/products/loden-jacket?utm_source=instagram&utm_medium=social",
    "/?utm_source=newsletter&utm_medium=email&utm_campaign=november",
    "/products/wool-socks",
];

/// The click id in an address our links led to.
pub(super) fn click_in(path_and_query: &str) -> Option<String> {
    let (_, query) = path_and_query.split_once('?')?;
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "rcp").map(|(_, click)| click.into_owned())
}

fn basket(luck: &mut StdRng) -> Vec<(usize, i64)> {
    let lines = if luck.happens(0.55) { 1 } else { luck.between(2, 3) };
    let mut wants: Vec<(usize, i64)> = Vec::new();
    for _ in 0..lines {
        let gift = luck.happens(0.015);
        let product = if gift { GIFT_CARD } else { luck.between(0, GIFT_CARD as i64 - 1) as usize };
        if !wants.iter().any(|(known, _)| *known == product) {
            wants.push((product, if luck.happens(0.85) { 1 } else { 2 }));
        }
    }
    wants
}

impl State {
    /// Where the person lets them, the pixel and Shopify see a page of the store opened: a tap is remembered in their
    /// browser, and their visits are known again.
    fn opens_the_store(&mut self, who: Who, person: &Person, session: &str) {
        let runs = self.lets_the_pixel_run(&person.key, person.blocks_scripts);
        let Some(held) = self.shop().sessions.get(session) else { return };
        let (opened_by, here) = (held.opened_by.clone(), held.kept.clone());
        let known = if let Who::Known(n) = who { self.people.get(n).and_then(|p| p.kept.clone()) } else { None };
        let before = here.or(known);
        let kept = if runs { self.remembers(&opened_by, before) } else { None };
        let now = self.clock.now();
        let Some(held) = self.shop().sessions.get_mut(session) else { return };
        (held.pixel, held.kept) = (runs, kept.clone());
        let before = if runs {
            &person.visits[..]
        } else {
            held.visits = Visits::default();
            &[]
        };
        held.visits.join(before);
        let visits = held.visits.within_reach(now);
        if let (Who::Known(n), true) = (who, runs)
            && let Some(known) = self.people.get_mut(n)
        {
            (known.kept, known.visits) = (kept, visits);
        }
    }

    /// A checkout out of a session: begun, its contact typed, and then left or completed.
    fn goes_to_checkout(&mut self, session: &str, person: &Person, luck: &mut StdRng) -> Option<String> {
        let wants = basket(luck);
        let held = self.shop().sessions.get_mut(session)?;
        if held.cart.is_empty() {
            held.cart = wants;
        }
        let known_at_once = luck.happens(0.6);
        let buyer = if known_at_once { person.buyer.clone() } else { Buyer::default() };
        let token = self.begin_checkout(session, buyer, person.foreign)?;
        self.shop().sessions.remove(session);
        if !known_at_once && luck.happens(0.8) {
            let buyer = person.buyer.clone();
            self.touch_checkout(&token, |checkout| checkout.buyer = buyer);
        }
        Some(token)
    }

    fn completes_soon(&mut self, token: String, because_of: Option<usize>, luck: &mut StdRng) {
        self.plan_in(luck.between(90, 900), Event::Return { token, because_of });
    }

    fn browses(&mut self, browse: Browse, session: &str, person: &Person, luck: &mut StdRng) {
        let Some(token) = self.goes_to_checkout(session, person, luck) else { return };
        if browse.buys {
            if let Some(checkout) = self.shop().checkouts.get_mut(&token) {
                checkout.buyer = person.buyer.clone();
            }
            return self.completes_soon(token, None, luck);
        }
        if luck.happens(self.traffic.organic_recovery) {
            let later = luck.between(2 * 3_600, 48 * 3_600);
            if let Some(checkout) = self.shop().checkouts.get_mut(&token) {
                checkout.returns_anyway = true;
            }
            self.plan_in(later, Event::Return { token: token.clone(), because_of: None });
        }
        self.goes_quiet(&token);
    }

    /// Somebody comes back to a checkout and completes it, in one of the ways people pay.
    pub fn returns(&mut self, token: &str, because_of: Option<usize>) {
        let mut luck = dice(self.seed, "payment", key_of(token));
        let whole = self.shop().profile.currency.exponent() == 0;
        let payment = Payment {
            paid: !luck.happens(0.05),
            test: luck.happens(0.004),
            tip: if luck.happens(0.03) { luck.between(1, 5) * if whole { 100 } else { 50 } } else { 0 },
        };
        let Some(id) = self.complete_checkout(token, payment) else { return };
        if let Some(number) = because_of {
            self.causes.insert(id, number);
            self.recipients[number].caused_order = Some(id);
        }
        self.plan_afterlife(id, payment.paid, &mut luck);
    }

    /// What the merchant and the bank will do to an order.
    pub fn plan_afterlife(&mut self, id: i64, paid: bool, luck: &mut StdRng) {
        let day = 86_400;
        if !paid {
            let at = luck.between(day, 3 * day);
            self.plan_in(at, if luck.happens(0.15) { Event::Void(id) } else { Event::Pay(id) });
        }
        if luck.happens(0.35) {
            self.plan_in(luck.between(day / 2, 3 * day), Event::Touch(id));
        }
        let draw = luck.between(0, 999);
        let later = luck.between(4 * day, 20 * day);
        let goodwill = luck.between(2, 8) * 100;
        match draw {
            0..20 => self.plan_in(luck.between(3_600, 2 * day), Event::Cancel(id)),
            20..60 => self.plan_in(later, Event::Refund { order: id, kind: RefundKind::Full }),
            60..105 => self.plan_in(later, Event::Refund { order: id, kind: RefundKind::OnePiece }),
            105..120 => self.plan_in(later, Event::Refund { order: id, kind: RefundKind::Goodwill(goodwill) }),
            _ => {}
        }
    }

    /// Sometimes a code that is given away is posted where everybody finds it.
    fn posts_the_code(&mut self, recipient: usize, code: Option<&str>, now: crate::kernel::Timestamp) {
        let mut luck = dice(self.seed, "posted", recipient as u64);
        let Some(code) = code.filter(|_| luck.happens(self.traffic.posted_code_share)) else { return };
        for number in 0..3 {
            let finder = self.who(Who::Stranger(6_000_000 + recipient as u64 * 3 + number));
            let session = self.open_session();
            if let Some(browser) = self.shop().sessions.get_mut(&session) {
                browser.opens("/", None, finder.blocks_scripts, now);
                browser.brings(code);
            }
            if let Some(token) = self.goes_to_checkout(&session, &finder, &mut luck) {
                self.touch_checkout(&token, |checkout| checkout.buyer = finder.buyer.clone());
                self.completes_soon(token, None, &mut luck);
            }
        }
    }

    /// An order that comes without a checkout of the online store.
    pub fn counter_sale(&mut self, sale: CounterSale) {
        let now = self.clock.now();
        let (kind, n) = match sale {
            CounterSale::PointOfSale(n) => ("pos", n),
            CounterSale::Draft(n) => ("shopify_draft_order", n),
            CounterSale::Renewal(n) => ("subscription_contract_checkout_one", n),
            CounterSale::Test(n) => ("web", n),
        };
        let mut luck = dice(self.seed, "counter", n);
        let wants = basket(&mut luck);
        let mut cart = price(self.shop(), &wants, &[], now);
        let buyer = shopper::stranger(self.seed, 1_000_000 + n).buyer;
        let guest = matches!(sale, CounterSale::PointOfSale(_)) && luck.happens(0.6);
        if matches!(sale, CounterSale::PointOfSale(_)) {
            cart.shipping = None;
        }
        if matches!(sale, CounterSale::Draft(_)) && luck.happens(0.7) {
            let off = cart.subtotal() / 10;
            cart.reduce("TREUE10", off);
        }
        let mut order = self.draft_order(cart, kind, if guest { Buyer::default() } else { buyer });
        order.app_id = match sale {
            CounterSale::PointOfSale(_) => Some(129_785),
            CounterSale::Draft(_) => Some(1_354_745),
            CounterSale::Renewal(_) | CounterSale::Test(_) => None,
        };
        if let CounterSale::Test(_) = sale {
            order.test = true;
            order.gateway = "bogus";
        }
        if let CounterSale::Draft(_) = sale {
            order.checkout_token = Some(luck.hex(32));
        }
        self.place(order);
    }
}

impl World {
    /// Somebody taps a message's button.
    fn meta_sees_a_tap(&self, recipient: usize) {
        let mut held = self.hold();
        let now = held.clock.now();
        held.meta_counts(recipient, Saw::Tapped, now);
    }

    /// Somebody comes by themselves; who has a fresh message may come through its link, which changes nothing.
    pub(super) async fn browse(&self, browse: Browse) -> anyhow::Result<()> {
        let (person, mut luck, held_link, message) = {
            let held = self.hold();
            let mut luck = dice(held.seed, "visit", browse.number);
            let now = held.clock.now();
            let person = held.who(browse.who);
            let message = person.last_message.and_then(|n| held.recipients.get(n));
            let fresh =
                message.filter(|r| r.delivered_at.is_some_and(|at| at <= now && now < at.plus_seconds(48 * 3_600)));
            let link = fresh.and_then(|r| r.link.clone()).filter(|_| luck.happens(0.3));
            let message = person.last_message;
            (person, luck, link, message)
        };
        if let (Some(message), Some(_)) = (message, &held_link) {
            self.meta_sees_a_tap(message);
        }
        let session = match held_link {
            Some(link) => self.tap(&link, person.user_agent, person.blocks_scripts).await?.session,
            None => None,
        };
        let mut held = self.hold();
        let session = session.unwrap_or_else(|| {
            let (session, now) = (held.open_session(), held.clock.now());
            let landing = *luck.one_of(&LANDINGS);
            let knows_the_house_code = luck.happens(held.traffic.house_code_share);
            if let Some(browser) = held.shop().sessions.get_mut(&session) {
                browser.opens(landing, None, person.blocks_scripts, now);
                if knows_the_house_code {
                    browser.brings(HOUSE_CODE);
                }
            }
            session
        });
        held.opens_the_store(browse.who, &person, &session);
        held.browses(browse, &session, &person, &mut luck);
        Ok(())
    }

    /// Somebody does what a message moved them to.
    pub(super) async fn after_message(&self, after: AfterMessage) -> anyhow::Result<()> {
        let (person, recipient, mut luck) = {
            let held = self.hold();
            let luck = dice(held.seed, "after message", after.recipient as u64);
            (held.who(after.who), held.recipients[after.recipient].clone(), luck)
        };
        let mut session = None;
        if let (How::Taps, Some(link)) = (after.how, &recipient.link) {
            let mut habit = dice(self.hold().seed, "tapping", after.recipient as u64);
            let meta = habit.happens(0.3).then(|| format!("click_{}", habit.hex(24)));
            let opened = meta.as_ref().map_or_else(|| link.clone(), |id| format!("{link}?fbclid={id}"));
            self.meta_sees_a_tap(after.recipient);
            let visit = self.tap(&opened, person.user_agent, person.blocks_scripts).await.context("tapping a link")?;
            session = visit.session;
            if let Some(id) = meta {
                self.meta_counts_a_click(&id).await;
            }
            if habit.happens(0.12) {
                self.meta_sees_a_tap(after.recipient);
                self.taps_once_more(&opened, person.user_agent).await;
            }
            self.hold().recipients[after.recipient].tapped = true;
        }
        let mut held = self.hold();
        if let Some(session) = &session {
            held.opens_the_store(after.who, &person, session);
        }
        if !after.buys {
            return Ok(());
        }
        // A tap on the phone, and the buying at a desk: a browser that saw nothing of the tap.
        let mut desk = dice(held.seed, "desk", after.recipient as u64);
        let at_a_desk = session.is_some() && desk.happens(held.traffic.other_device_share);
        let session = session.filter(|_| !at_a_desk);
        let session = session.unwrap_or_else(|| held.open_session());
        let now = held.clock.now();
        if let Some(browser) = held.shop().sessions.get_mut(&session) {
            browser.opens("/", None, person.blocks_scripts, now);
            if let (How::TypesTheCode | How::GivesTheCodeAway, Some(code)) = (after.how, &recipient.code) {
                browser.brings(code);
            }
        }
        if after.how != How::GivesTheCodeAway && !at_a_desk {
            held.opens_the_store(after.who, &person, &session);
        }
        if after.how == How::GivesTheCodeAway {
            // A friend would have bought anyway, and now does so with a code that is not theirs.
            let friend = held.who(Who::Stranger(2_000_000 + after.recipient as u64));
            held.posts_the_code(after.recipient, recipient.code.as_deref(), now);
            if let Some(token) = held.goes_to_checkout(&session, &friend, &mut luck) {
                held.touch_checkout(&token, |checkout| checkout.buyer = friend.buyer.clone());
                held.completes_soon(token, None, &mut luck);
            }
            return Ok(());
        }
        let same = recipient.checkout_token.filter(|_| luck.happens(0.7));
        let token = match same {
            Some(token) => {
                let browser = held.shop().sessions.remove(&session).unwrap_or_default();
                let buyer = person.buyer.clone();
                let open = held.touch_checkout(&token, |checkout| {
                    checkout.codes = browser.codes;
                    checkout.attributes = browser.attributes;
                    (checkout.pixel, checkout.kept) = (browser.pixel, browser.kept);
                    checkout.visits.join(&browser.visits.all);
                    checkout.buyer.email = checkout.buyer.email.take().or(buyer.email);
                });
                held.pixel_sees(&token, "checkout_started");
                open.then_some(token)
            }
            None => {
                let token = held.goes_to_checkout(&session, &person, &mut luck);
                if let Some(checkout) = token.as_ref().and_then(|token| held.shop().checkouts.get_mut(token)) {
                    checkout.buyer = person.buyer.clone();
                }
                token
            }
        };
        if let Some(token) = token {
            held.completes_soon(token, Some(after.recipient), &mut luck);
        }
        Ok(())
    }
}
