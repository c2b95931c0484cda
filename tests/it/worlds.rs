//! Seeded worlds with everything in them that makes verdicts hard: exposure, other channels, codes given away and posted,
//! several devices, statuses late, twice or never. Whatever the app was told the world knows too, and what follows from it
//! by the rules of the standard policy is worked out here once more, by plain loops over everything, without a line of the
//! app's: every order has to have that verdict and no other.

use std::collections::{BTreeMap, BTreeSet};

use recoup::kernel::Timestamp;
use recoup::simulator::{Clues, OrderBook, OrderRecord, Recipient, Traffic};
use serde_json::Value;

use crate::story::Story;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// An order's message, by which kind of evidence; none, and the messages that only assisted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Verdict {
    won: Option<(String, &'static str)>,
    shared: bool,
    assisted: BTreeSet<String>,
}

/// A claim of a message on an order: rank of its kind, kind, touch.
type Claim<'a> = (usize, &'static str, Timestamp, &'a Recipient);

struct Evidence<'a> {
    book: &'a OrderBook,
    /// Journeys that were ready by then are known.
    read_until: Timestamp,
}

impl Evidence<'_> {
    fn verdict(&self, order: &OrderRecord) -> Verdict {
        let mut claims: Vec<Claim<'_>> = Vec::new();
        for one in self.book.recipients.iter().filter(|one| !one.held_out && one.drawn_at <= order.created_at) {
            self.claims(order, one, &mut claims);
        }
        claims.retain(|(rank, _, touch, _)| *rank < 4 || !self.vetoed(order, *touch));
        let strength = |(rank, _, touch, one): &Claim<'_>| {
            (std::cmp::Reverse(*rank), *touch, one.drawn_at, std::cmp::Reverse(one.message_id.clone()))
        };
        let certain = claims.iter().filter(|claim| claim.0 < 5).max_by_key(|claim| strength(claim));
        let Some((_, kind, _, one)) = certain else {
            let assisted = claims.iter().map(|(.., one)| one.message_id.clone()).collect();
            return Verdict { assisted, ..Verdict::default() };
        };
        let both = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some();
        let known = both(self.phone(one), &order.clues.phone) || both(&one.email, &order.clues.email);
        let shared = *kind == "redeem_code" && known && !self.same(one, &order.clues);
        Verdict { won: Some((one.message_id.clone(), kind)), shared, assisted: BTreeSet::new() }
    }

    fn claims<'a>(&self, order: &OrderRecord, one: &'a Recipient, claims: &mut Vec<Claim<'a>>) {
        let (at, clues) = (order.created_at, &order.clues);
        let within = |since: Timestamp, window: i64| since <= at && at <= since.plus_seconds(window);
        let told = |status: &str| one.told.iter().filter(|told| told.status == status).map(|told| told.at).min();
        let arrived = [told("delivered"), told("read")].into_iter().flatten().min();
        let lost = told("failed").is_some() && arrived.is_none();
        if one.code.iter().chain(&one.brought).any(|code| order.codes.contains(code)) {
            let end = one.expires_at.expect("a code of these campaigns ends");
            assert!(at <= end.plus_seconds(DAY), "{} used a code that was over", order.name);
            claims.push((0, "redeem_code", at, one));
        }
        let about = one.checkout_token.is_some() && one.checkout_token == order.checkout_token;
        let since = arrived.or(told("sent")).unwrap_or(one.drawn_at);
        if about && !lost && within(since, 5 * DAY) {
            claims.push((1, "checkout", since, one));
        }
        let last = |fits: &dyn Fn(&str) -> bool| {
            one.taps.iter().filter(|tap| tap.at <= at && fits(&tap.click)).map(|tap| tap.at).max()
        };
        if let Some(tap) =
            last(&|click| clues.cart_clicks.iter().any(|on| on == click)).filter(|tap| within(*tap, 5 * DAY))
        {
            claims.push((2, "click_attribute", tap, one));
        }
        let landed = |click: &str| clues.landing.as_ref().is_some_and(|page| page.contains(&format!("rcp={click}")));
        let tied = |click: &str| self.first_checkout_of(click).is_some_and(|first| Some(first) == order.checkout_token);
        let seen = |click: &str| landed(click) || tied(click);
        if let Some(tap) = last(&|click| seen(click)).filter(|tap| within(*tap, 5 * DAY)) {
            claims.push((3, "click_session", tap, one));
        }
        if !self.same(one, clues) {
            return;
        }
        if let Some(tap) = last(&|_| true).filter(|tap| within(*tap, DAY)) {
            claims.push((4, "person_click", tap, one));
        }
        let read = told("read").filter(|read| within(*read, 12 * HOUR));
        match (read, arrived.filter(|arrived| within(*arrived, 12 * HOUR))) {
            (Some(read), _) => claims.push((5, "person_read", read, one)),
            (None, Some(arrived)) => claims.push((6, "person_delivered", arrived, one)),
            (None, None) => {}
        }
    }

    fn same(&self, one: &Recipient, clues: &Clues) -> bool {
        let agree = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        agree(self.phone(one), &clues.phone) || agree(&one.email, &clues.email)
    }

    /// The phone of somebody: who is known by their WhatsApp user alone has the one that a status of another of their
    /// messages told beside it.
    fn phone<'a>(&'a self, one: &'a Recipient) -> &'a Option<String> {
        let paired = || {
            let others = self.book.recipients.iter().filter(|other| one.person.is_some() && other.person == one.person);
            others.filter(|other| !other.told.is_empty()).map(|other| &other.phone).find(|phone| phone.is_some())
        };
        if one.phone.is_some() { &one.phone } else { paired().unwrap_or(&one.phone) }
    }

    /// The one checkout that a click ties: the first it was told with. A click that was never told ties none.
    fn first_checkout_of(&self, click: &str) -> Option<String> {
        let told = self.book.pixels.iter().filter(|told| told.click == click);
        told.min_by_key(|told| (told.at, &told.checkout)).map(|told| told.checkout.clone())
    }

    /// A later visit by an advertisement or a newsletter.
    fn vetoed(&self, order: &OrderRecord, touch: Timestamp) -> bool {
        let clues = &order.clues;
        let told = clues.journey_ready_at.is_some_and(|ready| ready <= self.read_until);
        let journey = if told { &clues.journey[..] } else { &[] };
        let claimed = journey.iter().any(|visit| claims(&visit.landing) && visit.at > touch);
        // What the order itself says has no instant: it lies before the checkout.
        let known =
            clues.landing.as_ref().is_some_and(|page| journey.iter().any(|visit| same_page(&visit.landing, page)));
        let began = clues.checkout_began.unwrap_or(order.created_at);
        claimed || (!known && clues.landing.as_deref().is_some_and(claims) && began > touch)
    }
}

/// Of the pages that people of this world come by themselves on, two are somebody else's.
fn claims(landing: &str) -> bool {
    landing.contains("utm_medium=cpc") || landing.contains("utm_medium=email")
}

fn same_page(one: &str, other: &str) -> bool {
    one.split_once('?').map(|(_, query)| query) == other.split_once('?').map(|(_, query)| query)
}

async fn judged(seed: u64, days: i64) {
    let story = Story::lived(days, |settings| {
        settings.seed = seed;
        settings.faults.status_drops = 0.1;
        settings.faults.status_disorder = 0.1;
        settings.traffic = Traffic {
            customers: 200,
            customer_buys_daily: 0.03,
            strangers_daily: 6.0,
            broadcast_every_days: 3,
            message_effect: 0.08,
            code_effect: 0.06,
            counter_daily: 1.0,
            other_device_share: 0.3,
            code_given_away_share: 0.05,
            posted_code_share: 0.5,
            ..Traffic::default()
        };
    })
    .await;
    // Journeys that took half a day are read, and what they change is judged.
    story.pass(DAY).await;
    story.pass(DAY).await;
    let book = story.world.book();
    let evidence = Evidence { book: &book, read_until: story.clock.now() };
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for order in &book.orders {
        let receipt = story.report(&format!("/api/orders/{}/receipt", order.shopify_order_id)).await;
        let line = receipt["verdict"]["line"].as_str().unwrap();
        if !["attributed", "attributed_shared", "unattributed"].contains(&line) {
            assert!(order.test || order.cancelled || order.renewal || order.pending, "{line}: {order:?}");
            continue;
        }
        let expected = evidence.verdict(order);
        *kinds
            .entry(match &expected {
                Verdict { shared: true, .. } => "shared",
                Verdict { won: Some((_, kind)), .. } => kind,
                Verdict { assisted, .. } if assisted.is_empty() => "nothing",
                Verdict { .. } => "assisted",
            })
            .or_default() += 1;
        let found = of_receipt(&receipt, line);
        if found != expected {
            wrong.push(format!(
                "{} of {}: {found:?}, evidence allows {expected:?}, of {order:?}\n{}",
                order.name, order.created_at, receipt["candidates"]
            ));
        }
    }
    println!("seed {seed}: {kinds:?}");
    assert!(
        wrong.is_empty(),
        "{} of {} orders:\n{}",
        wrong.len(),
        book.orders.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
    for kind in
        ["redeem_code", "shared", "checkout", "click_attribute", "click_session", "person_click", "assisted", "nothing"]
    {
        assert!(kinds.contains_key(kind), "no order of seed {seed} has {kind}: {kinds:?}");
    }
    story.end().await;
}

fn of_receipt(receipt: &Value, line: &str) -> Verdict {
    let all = receipt["candidates"].as_array().unwrap();
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let won = all.iter().find(|one| one["outcome"] == "won");
    let kinds = ["redeem_code", "checkout", "click_attribute", "click_session", "person_click"];
    let kind = |one: &Value| kinds.into_iter().find(|kind| one["kind"] == *kind).unwrap();
    let assisted = receipt["assisted"].as_array().into_iter().flatten().map(|id| id.as_str().unwrap().to_owned());
    Verdict {
        won: won.map(|one| (text(one, "message_id"), kind(one))),
        shared: line == "attributed_shared",
        assisted: assisted.collect(),
    }
}

#[tokio::test]
async fn every_verdict_is_what_the_world_knows_the_evidence_allows() {
    judged(52, 10).await;
}
