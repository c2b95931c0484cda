//! Every indicator, whole, of a part and by every group, counted once more from the rows: by plain loops that know nothing of
//! counts, books or statements. In currencies of no, two and three decimals, over a day that is an hour short, after refunds,
//! after everything was judged and counted anew, and as it was known at an earlier instant.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use recoup::attribution::conversion::{Entity as Conversions, Model as Conversion};
use recoup::attribution::{self, DEFAULT_POLICY, Line};
use recoup::campaigns::{Campaign, CampaignId, Campaigns};
use recoup::codes::{RedeemCodeId, RedeemCodes};
use recoup::kernel::id::MessageId;
use recoup::kernel::{Currency, Day, Timestamp};
use recoup::links::Clicks;
use recoup::messages::{Message, Messages};
use recoup::people::{self, Choice, OptOut, Recipient, Recipients};
use recoup::reports;
use recoup::shops::{Shop, Shops};
use recoup::simulator::{RefundKind, Traffic};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use crate::schema::texts;
use crate::story::{BEGINNING, Story};

const DAYS: i64 = 16;
/// Clocks go forward there at midnight from 5 to 6 September 2026: that day begins at one o'clock.
const ZONE: Tz = chrono_tz::America::Santiago;
/// A price by rate, and one that is told.
const RATE: &str = "0.0713";
const TOLD: &str = "0.1234567";

struct Facts {
    shop: Shop,
    messages: Vec<Message>,
    campaigns: BTreeMap<CampaignId, Campaign>,
    clicked: BTreeSet<String>,
    hit: BTreeSet<String>,
    redeemed: BTreeSet<RedeemCodeId>,
    stages: Vec<Conversion>,
    stops: Vec<OptOut>,
    recipients: Vec<Recipient>,
    /// The discount of each code.
    discounts: BTreeMap<RedeemCodeId, String>,
    /// Addresses that are one person's.
    pairs: Vec<(String, String)>,
}

impl Facts {
    async fn read(story: &Story) -> Self {
        let db = story.app.db.read();
        let shop = Shops::find().one(db).await.unwrap().unwrap();
        let id = shop.shop_id;
        let clicks = Clicks::of(id).all(db).await.unwrap();
        let codes = RedeemCodes::of(id).all(db).await.unwrap();
        let campaigns = Campaigns::of(id).all(db).await.unwrap();
        let wishes = people::wished_between(db, id, (Timestamp::default(), Timestamp::FOREVER)).await.unwrap();
        let pairs = texts(&story.app.db, "SELECT hash || ' ' || other_hash FROM contact_pairs").await;
        Self {
            messages: Messages::of(id).all(db).await.unwrap(),
            campaigns: campaigns.into_iter().map(|campaign| (campaign.id, campaign)).collect(),
            hit: clicks.iter().filter(|one| one.signs % 2 == 0).map(|one| one.slug.clone()).collect(),
            // HEAD, the lowest bit of the signs, is no tap.
            clicked: clicks.into_iter().filter(|one| one.human && one.signs % 2 == 0).map(|one| one.slug).collect(),
            discounts: codes.iter().map(|code| (code.id, code.discount_id.to_string())).collect(),
            redeemed: codes.into_iter().filter(|code| code.redeemed_at.is_some()).map(|code| code.id).collect(),
            stages: Conversions::find().all(db).await.unwrap(),
            stops: wishes.into_iter().filter(|wish| wish.choice == Choice::Stop).collect(),
            recipients: Recipients::find().all(db).await.unwrap(),
            pairs: pairs.iter().filter_map(|both| both.split_once(' ')).map(|(a, b)| (a.into(), b.into())).collect(),
            shop,
        }
    }

    /// Attributed orders as they stood at an instant.
    fn attributed(&self, as_of: Option<Timestamp>) -> Vec<&Conversion> {
        let stood = |row: &&Conversion| match as_of {
            None => row.superseded_at == Timestamp::FOREVER,
            Some(at) => row.effective_at <= at && row.superseded_at > at,
        };
        let credited = |row: &&Conversion| [Line::Attributed, Line::AttributedShared].contains(&row.line);
        self.stages.iter().filter(|row| row.policy == DEFAULT_POLICY).filter(stood).filter(credited).collect()
    }

    /// The message each person's first stop is laid to.
    fn laid(&self, made: &[&Message], (from, until): (Timestamp, Timestamp)) -> Vec<MessageId> {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut laid = Vec::new();
        for stop in self.stops.iter().filter(|stop| stop.at >= from && stop.at < until.plus_seconds(72 * 3_600)) {
            if seen.contains(&stop.hash) {
                continue;
            }
            let mut theirs = BTreeSet::from([stop.hash.clone()]);
            while let Some((_, other)) = self.pairs.iter().find(|(a, b)| theirs.contains(a) && !theirs.contains(b)) {
                theirs.insert(other.clone());
            }
            let known = |hash: &Option<String>| hash.as_ref().is_some_and(|hash| theirs.contains(hash));
            let is_them = |one: &&Recipient| known(&one.phone_hash) || known(&one.whatsapp_hash);
            let ids: Vec<_> = self.recipients.iter().filter(is_them).map(|one| one.id).collect();
            let near = made.iter().filter(|message| ids.contains(&message.recipient_id)).filter_map(|message| {
                let at = arrived(message)?;
                (at <= stop.at && stop.at.micros() - at.micros() <= 72 * 3_600_000_000).then_some((at, message.id))
            });
            laid.extend(near.max().map(|(_, id)| id));
            seen.extend(theirs);
        }
        laid
    }

    fn code(&self, message: &Message) -> String {
        message.redeem_code_id.map(|code| self.discounts[&code].clone()).unwrap_or_default()
    }

    fn word(&self, by: &str, campaign: CampaignId) -> String {
        let one = &self.campaigns[&campaign];
        match by {
            "campaign" => campaign.to_string(),
            "template" => one.link.message.clone().unwrap_or_default(),
            "step" => one.link.step.clone().unwrap_or_default(),
            "link" => one.link.destination.clone(),
            _ => panic!("{by}"),
        }
    }
}

fn arrived(message: &Message) -> Option<Timestamp> {
    [message.delivered_at, message.read_at].into_iter().flatten().min()
}

/// What an indicator divides; `None`: a price is missing.
type Divided = BTreeMap<&'static str, Option<(i64, i64)>>;

#[derive(Default)]
struct Counted {
    sent: i64,
    delivered: i64,
    read: i64,
    of_senders: i64,
    read_by_senders: i64,
    clicked: i64,
    hit: i64,
    coded: i64,
    redeemed: i64,
    ordered: i64,
    stops: i64,
    orders: i64,
    net: i64,
    messages: i64,
    /// In ten-millionths; none: not known.
    cost: Vec<Option<i64>>,
}

impl Counted {
    fn divided(&self, currency: Currency) -> Divided {
        let cost = self.cost.iter().copied().sum::<Option<i64>>().map(|tenths| {
            // To the nearest unit, of two equally near the even one.
            let unit = 10_i64.pow(7 - currency.exponent());
            let (whole, rest) = (tenths / unit, tenths % unit);
            whole + i64::from(rest * 2 > unit || (rest * 2 == unit && whole % 2 == 1))
        });
        BTreeMap::from([
            ("delivery_rate", Some((self.delivered, self.sent))),
            ("read_rate", Some((self.read, self.delivered))),
            ("read_rate_receipts", Some((self.read_by_senders, self.of_senders))),
            ("click_through", Some((self.clicked, self.delivered))),
            ("click_through_raw", Some((self.hit, self.delivered))),
            ("click_to_read", Some((self.clicked, self.read))),
            ("redemption_rate", Some((self.redeemed, self.coded))),
            ("conversion_rate", Some((self.ordered, self.delivered))),
            ("revenue_per_recipient", Some((self.net, self.delivered))),
            ("average_order_value", Some((self.net, self.orders))),
            ("cost_per_message", cost.map(|cost| (cost, self.delivered))),
            ("return_on_spend", cost.map(|cost| (self.net, cost))),
            ("opt_out_rate", Some((self.stops, self.delivered))),
        ])
    }
}

/// A price in ten-millionths.
fn tenths(text: &str) -> i64 {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{rest:0<7}").parse().unwrap()
}

/// Counts everything of a period into groups; of some campaigns, if only they are asked for.
fn count(
    facts: &Facts,
    (from, to): (Day, Day),
    as_of: Option<Timestamp>,
    by: &str,
    asked: &dyn Fn(CampaignId) -> bool,
) -> BTreeMap<String, Counted> {
    let within = |day: Day| day >= from && day <= to;
    let made: Vec<&Message> = facts.messages.iter().filter(|one| within(one.issued_at.day(ZONE))).collect();
    let end = to.next().start(ZONE);
    let since = end.plus_seconds(-90 * 86_400);
    let receipt = |one: &&Message| one.read_at.is_some_and(|at| at >= since && at < end);
    let senders: BTreeSet<_> = facts.messages.iter().filter(receipt).map(|one| one.recipient_id).collect();
    let attributed = facts.attributed(as_of);
    let buyers: BTreeSet<MessageId> = attributed.iter().filter_map(|row| row.message_id).collect();
    let laid = facts.laid(&made, (from.start(ZONE), end));
    let cut = |day: Day| day.to_string().chars().take(if by == "day" { 10 } else { 7 }).collect::<String>();
    let mut groups: BTreeMap<String, Counted> = BTreeMap::new();
    for one in made.iter().filter(|one| asked(one.campaign_id)) {
        let key = match by {
            "" => String::new(),
            "code" => facts.code(one),
            "day" | "month" => cut(one.issued_at.day(ZONE)),
            _ => facts.word(by, one.campaign_id),
        };
        let sums = groups.entry(key).or_default();
        let (came, read) = (arrived(one).is_some(), one.read_at.is_some());
        let one_if = |condition: bool| i64::from(condition);
        sums.messages += 1;
        sums.sent += one_if(came || one.sent_at.is_some());
        sums.delivered += one_if(came);
        sums.read += one_if(read);
        sums.of_senders += one_if(came && senders.contains(&one.recipient_id));
        sums.read_by_senders += one_if(read && senders.contains(&one.recipient_id));
        sums.clicked += one_if(facts.clicked.contains(&one.link_slug));
        sums.hit += one_if(facts.hit.contains(&one.link_slug));
        sums.coded += one_if(came && one.redeem_code_id.is_some());
        sums.redeemed += one_if(came && one.redeem_code_id.is_some_and(|code| facts.redeemed.contains(&code)));
        sums.ordered += one_if(buyers.contains(&one.id));
        sums.stops += laid.iter().filter(|id| **id == one.id).count() as i64;
        let free = one.price_kind.as_deref().is_some_and(|kind| kind.starts_with("free"));
        sums.cost.push(match &one.cost_amount {
            Some(told) => Some(tenths(told)),
            None if !came || free => Some(0),
            None => one.country.as_deref().filter(|country| *country == "AT").map(|_| tenths(RATE)),
        });
    }
    for row in attributed.iter().filter(|row| within(row.ordered_on)) {
        let campaign = row.campaign_id.unwrap();
        if !asked(campaign) {
            continue;
        }
        let key = match by {
            "" => String::new(),
            "day" => cut(row.ordered_on),
            "month" => {
                let message = facts.messages.iter().find(|one| Some(one.id) == row.message_id).unwrap();
                let day = message.issued_at.day(ZONE);
                if day < from { "earlier".to_owned() } else { cut(day) }
            }
            "code" => facts.code(facts.messages.iter().find(|one| Some(one.id) == row.message_id).unwrap()),
            _ => facts.word(by, campaign),
        };
        let sums = groups.entry(key).or_default();
        (sums.orders, sums.net) = (sums.orders + 1, sums.net + row.net_minor);
    }
    groups
}

fn same(found: &Value, wanted: Option<(i64, i64)>, called: &str) {
    let Some((numerator, denominator)) = wanted else {
        assert!(found["value"].is_null() && found["why"].is_string(), "{called}: {found}");
        return;
    };
    let both = (&found["numerator"], &found["denominator"]);
    assert_eq!(both, (&json!(numerator), &json!(denominator)), "{called}");
    assert_eq!(found["value"].is_null(), denominator == 0, "{called}: {found}");
    if denominator != 0 {
        let off = found["value"].as_f64().unwrap() - numerator as f64 / denominator as f64;
        assert!(off.abs() < 1e-9, "{called}: {found}");
    }
    if !found["amount"].is_null() {
        let minor = (numerator as f64 / denominator as f64 + 0.5).floor() as i64;
        assert_eq!(found["amount"]["minor"], json!(minor), "{called}");
    }
}

/// Compares groups, and their sum with the whole.
fn grouped(answer: &Value, wanted: &BTreeMap<String, Counted>, whole: &Divided, currency: Currency, called: &str) {
    let groups = answer["groups"].as_array().unwrap();
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let nothing = Counted::default();
    for group in groups {
        let key = group["key"].as_str().unwrap();
        let wanted = wanted.get(key).unwrap_or(&nothing);
        assert_eq!(group["messages"], json!(wanted.messages), "{called}: {key}");
        assert!(!group["name"].as_str().unwrap().is_empty(), "{group}");
        for (name, divided) in wanted.divided(currency) {
            same(&group["figures"][name], divided, &format!("{called} {key:?}: {name}"));
            let sum = sums.entry(name).or_default();
            let (numerator, denominator) = divided.unwrap_or_default();
            *sum = (sum.0 + numerator, sum.1 + denominator);
        }
        let caused = &group["figures"]["incremental_return_on_spend"];
        assert!(caused["value"].is_null() && caused["why"].is_string(), "{caused}");
    }
    let keys: BTreeSet<&str> = groups.iter().map(|group| group["key"].as_str().unwrap()).collect();
    assert_eq!(keys.len(), groups.len(), "{called}");
    let missing: Vec<&String> = wanted.keys().filter(|key| !keys.contains(key.as_str())).collect();
    assert_eq!(missing, Vec::<&String>::new(), "{called}");
    // Groups add up. Of prices, each group's is rounded by itself.
    for (name, whole) in whole.iter().filter(|(name, _)| !["cost_per_message", "return_on_spend"].contains(name)) {
        assert_eq!(Some(sums.get(name).copied().unwrap_or_default()), *whole, "{called}: {name}");
    }
    assert_eq!(answer["next_cursor"], Value::Null);
}

const BY: [&str; 6] = ["day", "month", "campaign", "template", "step", "link"];

/// Asks for everything, and compares.
async fn compare(story: &Story, periods: &[(Day, Day)], as_of: Option<Timestamp>, called: &str) {
    let facts = Facts::read(story).await;
    let currency = facts.shop.money();
    let past = as_of.map(|at| format!("&as_of={at}")).unwrap_or_default();
    for (from, to) in periods {
        let days = format!("/api/reports/kpis?from={from}&to={to}{past}");
        let called = format!("{called}, {from} to {to}");
        let whole = count(&facts, (*from, *to), as_of, "", &|_| true);
        let whole = whole.get("").unwrap_or(&Counted::default()).divided(currency);
        let said = story.report(&days).await;
        let before = (to.0 - from.0 + 1, from.plus(-1));
        let earlier = count(&facts, (from.plus(-before.0), before.1), as_of, "", &|_| true);
        let earlier = earlier.get("").unwrap_or(&Counted::default()).divided(currency);
        for (name, wanted) in &whole {
            let kpi = said["kpis"].as_array().unwrap().iter().find(|one| one["name"] == *name).unwrap();
            same(kpi, *wanted, &format!("{called}: {name}"));
            same(&kpi["before"], earlier[name], &format!("{called}: {name} before"));
        }
        for by in BY {
            let answer = story.report(&format!("{days}&by={by}")).await;
            assert_eq!(answer["kpis"], said["kpis"], "{called}: the whole is the same beside its groups");
            let wanted = count(&facts, (*from, *to), as_of, by, &|_| true);
            grouped(&answer, &wanted, &whole, currency, &format!("{called}, by {by}"));
            if !["day", "month"].contains(&by) {
                let groups = answer["groups"].as_array().unwrap();
                let order: Vec<i64> = groups.iter().map(|group| group["messages"].as_i64().unwrap()).collect();
                assert!(order.is_sorted_by(|a, b| a >= b), "{order:?}");
            }
        }
        // Of a part, the same as its group.
        for (filter, by) in [("template=reminder", "template"), ("template=", "template"), ("step=2", "step")] {
            let word = filter.split_once('=').unwrap().1;
            let asked = |campaign| facts.word(by, campaign) == word;
            let wanted = count(&facts, (*from, *to), as_of, "", &asked);
            let wanted = wanted.get("").unwrap_or(&Counted::default()).divided(currency);
            let said = story.report(&format!("{days}&{filter}")).await;
            for (name, wanted) in wanted {
                let kpi = said["kpis"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
                same(kpi, wanted, &format!("{called}: {name} with {filter}"));
            }
        }
        let campaign = *facts.campaigns.keys().next().unwrap();
        let wanted = count(&facts, (*from, *to), as_of, "", &|id| id == campaign);
        let wanted = wanted.get("").unwrap_or(&Counted::default()).divided(currency);
        let said = story.report(&format!("{days}&campaign={campaign}")).await;
        for (name, wanted) in wanted {
            let kpi = said["kpis"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
            same(kpi, wanted, &format!("{called}: {name} of one campaign"));
        }
        for campaign in facts.campaigns.keys().take(4) {
            let asked = |id| id == *campaign;
            let called = format!("{called}, codes of {campaign}");
            let whole = count(&facts, (*from, *to), as_of, "", &asked);
            let whole = whole.get("").unwrap_or(&Counted::default()).divided(currency);
            let wanted = count(&facts, (*from, *to), as_of, "code", &asked);
            let answer = story.report(&format!("{days}&by=code&campaign={campaign}")).await;
            grouped(&answer, &wanted, &whole, currency, &called);
        }
    }
}

async fn send(story: &Story, method: &str, path: &str, body: &Value) {
    let answer = story.world.merchant_send(method, path, body).await.unwrap();
    assert!(answer.status < 300, "{path}: {}", answer.text);
}

/// Words for some campaigns, rates, told prices, and people who want no more.
async fn say_more(story: &Story, currency: &str) {
    let campaigns = story.report("/api/campaigns").await["campaigns"].clone();
    for (n, campaign) in campaigns.as_array().unwrap().iter().enumerate() {
        let path = format!("/api/campaigns/{}", campaign["id"].as_str().unwrap());
        let mut link = story.report(&path).await["link"].clone();
        match n % 4 {
            0 => link["message"] = json!("reminder"),
            1 => (link["message"], link["step"]) = (json!("news"), json!("2")),
            2 => (link["message"], link["step"]) = (json!("reminder"), json!("1")),
            _ => {}
        }
        send(story, "PATCH", &path, &json!({ "link": link })).await;
    }
    let rates = json!({"rates": [{"country": "AT", "category": "marketing", "from": "2026-08-01", "amount": RATE, "currency": currency}]});
    send(story, "PUT", "/api/settings/rates", &rates).await;
    let facts = Facts::read(story).await;
    let came: Vec<&Message> = facts.messages.iter().filter(|one| arrived(one).is_some()).collect();
    // What the table has no rate for is told, or else no sum would be known.
    let told = came.iter().enumerate().filter(|(n, one)| n % 7 == 0 || one.country.as_deref() != Some("AT"));
    let told: Vec<Value> = told
        .map(|(_, one)| {
            let at = arrived(one).unwrap().plus_seconds(60).to_string();
            json!({"message_id": one.id, "status": "delivered", "at": at, "cost": {"amount": TOLD, "currency": currency}})
        })
        .collect();
    for told in told.chunks(100) {
        let answer = story.world.platform_post("/api/messages/statuses", &json!({ "statuses": told })).await.unwrap();
        assert_eq!((answer.status, &answer.json["errors"]), (200, &json!([])), "{}", answer.text);
    }
    let stops = came.iter().enumerate().filter(|(n, _)| n % 9 == 4).map(|(n, one)| {
        let hours = [1, 30, 71, 90][n % 4];
        let at = arrived(one).unwrap().plus_seconds(hours * 3_600);
        json!({"message_id": one.id, "choice": "stop", "at": Ord::min(at, story.clock.now()).to_string()})
    });
    let stops: Vec<Value> = stops.collect();
    let answer = story.world.platform_post("/api/opt-outs", &json!({ "opt_outs": stops })).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    story.settle().await;
}

async fn in_currency(currency: &str, seed: u64) {
    let story = Story::lived(DAYS, |settings| {
        settings.seed = seed;
        settings.shop.currency = Currency::parse(currency).unwrap();
        settings.shop.zone = ZONE;
        settings.traffic = Traffic {
            customers: 120,
            customer_buys_daily: 0.05,
            strangers_daily: 3.0,
            broadcast_every_days: 3,
            message_effect: 0.1,
            code_effect: 0.1,
            ..Traffic::default()
        };
    })
    .await;
    say_more(&story, currency).await;
    let first = Timestamp::parse(BEGINNING).unwrap().day(ZONE);
    // All of it, a week around the short day, that day alone, and a time without anything.
    let short = Day::parse("2026-09-06").unwrap();
    assert_eq!(short.next().start(ZONE).seconds_since(short.start(ZONE)), 23 * 3_600);
    let all = (first, first.plus(DAYS as i32 + 2));
    let periods = [all, (short.plus(-3), short.plus(1)), (short, short), (first.plus(-9), first.plus(-5))];
    compare(&story, &periods, None, currency).await;

    let facts = Facts::read(&story).await;
    let whole = count(&facts, all, None, "", &|_| true).remove("").unwrap();
    for (name, divided) in whole.divided(facts.shop.money()) {
        let (numerator, denominator) = divided.unwrap_or_else(|| panic!("{currency}: {name} is not known"));
        assert!(numerator > 0 && denominator > 0, "{currency}: {name} is {numerator} of {denominator}");
    }
    let before_refunds = story.clock.now();
    story.pass(3_600).await;
    let attributed: Vec<i64> = facts.attributed(None).iter().map(|row| row.shopify_order_id.0).collect();
    for (n, order) in attributed.iter().enumerate().take(6) {
        drop(story.world.refunds(*order, [RefundKind::Full, RefundKind::OnePiece, RefundKind::Goodwill(100)][n % 3]));
    }
    story.arrive().await;
    let refunded = count(&Facts::read(&story).await, all, None, "", &|_| true).remove("").unwrap();
    assert!(refunded.net < whole.net, "{currency}: {} {}", refunded.net, whole.net);
    compare(&story, &periods[..3], None, &format!("{currency} after refunds")).await;
    compare(&story, &periods[..1], Some(before_refunds), &format!("{currency} before refunds")).await;
    let middle = short.plus(-2).start(ZONE);
    compare(&story, &periods[..2], Some(middle), &format!("{currency} in the middle")).await;

    attribution::rebuild(&story.app, &facts.shop).await.unwrap();
    compare(&story, &periods[..1], None, &format!("{currency} judged anew")).await;
    let db = story.app.db.write();
    db.execute_unprepared("DELETE FROM counted_cells").await.unwrap();
    db.execute_unprepared("DELETE FROM counted_books").await.unwrap();
    compare(&story, &periods[..2], None, &format!("{currency} of no books")).await;
    assert!(reports::recount(&story.app, &facts.shop).await.unwrap() > 0);
    compare(&story, &periods[..2], None, &format!("{currency} counted anew")).await;
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn every_indicator_is_what_plain_loops_count_in_euros() {
    in_currency("EUR", 201).await;
}

#[tokio::test]
async fn every_indicator_is_what_plain_loops_count_in_yen() {
    in_currency("JPY", 202).await;
}

#[tokio::test]
async fn every_indicator_is_what_plain_loops_count_in_dinars() {
    in_currency("KWD", 203).await;
}
