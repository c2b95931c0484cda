//! The invariants of `measurement.md` §1, over dossiers nobody would think of: many messages of one instant, taps before
//! their message, refunds of more than there was, ties of everything with everything.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use sea_orm::Iterable;
use uuid::Uuid;

use super::derive::{Verdict, derive};
use super::dossier::{Contact, Contender, Dossier, Tap, Times};
use super::kind::Kind;
use super::line::Line;
use super::models::Model;
use super::policy::{Basis, Pick, Policy, Terms, Veto};
use super::presets::PRESETS;
use crate::campaigns::{self, CampaignId};
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Chance, Contacts, Currency, Timestamp};
use crate::links::ClickId;
use crate::orders::{Amounts, Facts, Order, OrderId, Refund, RefundSnapshot, Snapshot, Texts, Version, Visit};
use crate::pixel::Tie;

const SHOP: ShopId = ShopId(1);
const CASES: u32 = 10_000;
const DAY: i64 = 86_400;

/// Instants lie close together, so that many are one.
fn instant() -> impl Strategy<Value = Timestamp> {
    (0_i64..40, 0_i64..2).prop_map(|(hours, beside)| Timestamp::from_micros(hours * 6 * 3_600_000_000 + beside))
}

fn hash() -> impl Strategy<Value = Option<String>> {
    prop::option::of(select(vec!["a", "b", "c"]).prop_map(str::to_owned))
}

fn click(message: u128, place: usize) -> ClickId {
    let chance = Chance::seeded(u64::try_from(message).unwrap_or_default() * 10 + place as u64);
    ClickId::new(&chance, Timestamp::from_seconds(1_800_000_000))
}

fn contender(number: u128) -> impl Strategy<Value = Contender> {
    let times = prop::array::uniform4(prop::option::of(instant()));
    let codes = subsequence(vec!["ONE", "TWO"], 0..=1);
    let taps = prop::collection::vec((instant(), any::<bool>()), 0..3);
    let contact = prop::option::of((hash(), hash(), prop::option::of(1_i64..3)));
    let end = prop::option::of(instant());
    (instant(), times, prop::option::of(select(vec!["c1", "c2"])), codes, end, taps, contact, 1_u128..3).prop_map(
        move |(issued_at, [sent, delivered, read, failed], token, codes, end, taps, contact, campaign)| {
            let taps = taps.into_iter().enumerate();
            let mut taps: Vec<Tap> =
                taps.map(|(place, (at, human))| Tap { click_id: click(number, place), at, human }).collect();
            taps.sort_by_key(|tap| (tap.at, tap.click_id));
            Contender {
                message: MessageId(Uuid::from_u128(number)),
                campaign: CampaignId(Uuid::from_u128(campaign)),
                issued_at,
                times: Times { sent, delivered, read, failed },
                checkout_token: token.map(str::to_owned),
                codes: codes.into_iter().map(|code| (code.to_owned(), end)).collect(),
                taps,
                recipient: contact.map(|(phone, email, customer)| Contact { phone, email, customer }),
            }
        },
    )
}

/// What happened to an order, besides being placed.
#[derive(Clone, Debug)]
enum Happened {
    Paid(Timestamp),
    Edited(Timestamp, i64),
    Refunded(Timestamp, i64),
    Cancelled(Timestamp),
}

fn happened() -> impl Strategy<Value = Happened> {
    prop_oneof![
        instant().prop_map(Happened::Paid),
        (instant(), -500_i64..50_000).prop_map(|(at, net)| Happened::Edited(at, net)),
        (instant(), 0_i64..60_000).prop_map(|(at, net)| Happened::Refunded(at, net)),
        instant().prop_map(Happened::Cancelled),
    ]
}

#[derive(Clone, Debug)]
struct Placed {
    at: Timestamp,
    net: i64,
    tips: i64,
    shipping: i64,
    test: bool,
    renewal: bool,
    foreign: bool,
    token: Option<&'static str>,
    codes: Vec<&'static str>,
    contact: (Option<String>, Option<String>, Option<i64>),
    named: Vec<(u128, usize)>,
    landed: Option<(u128, usize)>,
}

fn placed() -> impl Strategy<Value = Placed> {
    let id = || (1_u128..6, 0_usize..3);
    let worth = (instant(), 0_i64..50_000, 0_i64..300, 0_i64..900);
    let rare = || prop::bool::weighted(0.05);
    let joins = (prop::option::of(select(vec!["c1", "c2"])), subsequence(vec!["ONE", "TWO", "THREE"], 0..=2));
    let who = (hash(), hash(), prop::option::of(1_i64..3));
    let clicks = (prop::collection::vec(id(), 0..3), prop::option::of(id()));
    (worth, (rare(), rare(), rare()), joins, who, clicks).prop_map(
        |((at, net, tips, shipping), (test, renewal, foreign), (token, codes), contact, (named, landed))| Placed {
            at,
            net,
            tips,
            shipping,
            test,
            renewal,
            foreign,
            token,
            codes,
            contact,
            named,
            landed,
        },
    )
}

fn facts(placed: &Placed, history: &[Happened], visits: Vec<Visit>, activities: Vec<Timestamp>) -> Facts {
    let mut instants = vec![placed.at];
    instants.extend(history.iter().filter_map(|one| match one {
        Happened::Paid(at) | Happened::Edited(at, _) | Happened::Cancelled(at) => Some(*at),
        Happened::Refunded(..) => None,
    }));
    let mut versions: Vec<Version> =
        instants.iter().map(|at| Version::of(SHOP, &state(placed, history, *at))).collect();
    versions.sort_by_key(Version::key);
    versions.dedup();
    let refund = |(number, one): (usize, &Happened)| match one {
        Happened::Refunded(at, goods) => Some(Refund {
            shop_id: SHOP,
            shopify_order_id: OrderId(7),
            shopify_refund_id: number as i64,
            at: *at,
            version_key: String::new(),
            goods_minor: *goods,
            shipping_minor: 0,
            tax_minor: 0,
            tips_minor: 0,
            gift_cards_minor: 0,
            charges_minor: 0,
            moved_minor: None,
        }),
        _ => None,
    };
    let mut refunds: Vec<Refund> = history.iter().enumerate().filter_map(refund).collect();
    refunds.sort_by_key(|refund| (refund.at, refund.shopify_refund_id));
    let last = state(placed, history, Timestamp::FOREVER);
    let travels = |(message, place): &(u128, usize)| click(*message, *place).public();
    let (phone, email, customer) = placed.contact.clone();
    Facts {
        order: Order {
            shop_id: SHOP,
            shopify_order_id: OrderId(7),
            version_key: String::new(),
            name: "#7".into(),
            ordered_at: placed.at,
            updated_at: placed.at,
            currency: last.currency,
            presentment_currency: "EUR".into(),
            source_name: last.source_name,
            financial_status: last.financial_status,
            test: placed.test,
            cancelled_at: last.cancelled_at,
            checkout_token: placed.token.map(str::to_owned),
            cart_token: None,
            shopify_customer_id: customer,
            phone_hash: phone.clone(),
            email_hash: email.clone(),
            codes: Texts(placed.codes.iter().map(|code| (*code).to_owned()).collect()),
            click_ids: Texts(placed.named.iter().map(travels).collect()),
            landing_click_id: placed.landed.as_ref().map(travels),
            landing: None,
            referrer: None,
        },
        contacts: Contacts {
            phones: phone.into_iter().collect(),
            emails: email.into_iter().collect(),
            delivery: Vec::new(),
        },
        versions,
        refunds,
        activities,
        visits,
        book: None,
        sales: Vec::new(),
    }
}

/// The order as it was at an instant.
fn state(placed: &Placed, history: &[Happened], at: Timestamp) -> Snapshot {
    let mut net = (Timestamp::from_micros(-1), placed.net);
    let (mut paid, mut cancelled_at) = (false, None::<Timestamp>);
    for one in history {
        match one {
            Happened::Paid(when) => paid |= *when <= at,
            Happened::Edited(when, worth) if *when <= at => net = net.max((*when, *worth)),
            Happened::Cancelled(when) if *when <= at => {
                cancelled_at = Some(cancelled_at.map_or(*when, |known| known.min(*when)))
            }
            _ => {}
        }
    }
    Snapshot {
        order: OrderId(7),
        name: "#7".into(),
        ordered_at: placed.at,
        created_at: placed.at,
        updated_at: at,
        currency: if placed.foreign { "USD" } else { "EUR" }.into(),
        presentment_currency: "EUR".into(),
        source_name: if placed.renewal { "subscription_contract" } else { "web" }.into(),
        financial_status: Some(if paid { "paid" } else { "pending" }.into()),
        test: placed.test,
        cancelled_at,
        checkout_token: None,
        cart_token: None,
        shopify_customer_id: None,
        contacts: Contacts::default(),
        codes: Vec::new(),
        click_ids: Vec::new(),
        landing_click_id: None,
        landing: None,
        referrer: None,
        amounts: Amounts { gross: net.1, tips: placed.tips, shipping: placed.shipping, ..Amounts::default() },
        current_total: None,
        refunds: Vec::<RefundSnapshot>::new(),
    }
}

fn visit() -> impl Strategy<Value = Visit> {
    let landings = vec!["", "gclid", "utm_source=klaviyo&utm_medium=email", "utm_medium=sms", "rcp"];
    let id = prop::option::of((1_u128..6, 0_usize..3));
    (instant(), select(landings), prop::option::of(select(vec!["google.com", "blog.example"])), id, 0_u32..1_000)
        .prop_map(|(at, landing, referrer, id, number)| Visit {
            shop_id: SHOP,
            shopify_order_id: OrderId(7),
            shopify_visit_id: number.to_string(),
            at,
            landing: landing.to_owned(),
            referrer: referrer.map(str::to_owned),
            click_id: id.map(|(message, place)| click(message, place).public()),
        })
}

#[derive(Clone, Debug)]
struct World {
    placed: Placed,
    history: Vec<Happened>,
    visits: Vec<Visit>,
    activities: Vec<Timestamp>,
    contenders: Vec<Contender>,
    ties: Vec<Tie>,
}

impl World {
    fn dossier(&self) -> Dossier {
        self.with(&self.history)
    }

    fn with(&self, history: &[Happened]) -> Dossier {
        let facts = facts(&self.placed, history, self.visits.clone(), self.activities.clone());
        Dossier { facts, buyers: BTreeSet::new(), contenders: self.contenders.clone(), ties: self.ties.clone() }
    }
}

fn world() -> impl Strategy<Value = World> {
    let contenders = (1..=5_u128).map(|number| prop::option::of(contender(number))).collect::<Vec<_>>();
    let tie = (1_u128..6, 0_usize..3, select(vec!["c1", "c2"]), instant());
    let ties = prop::collection::vec(tie, 0..4);
    let history = prop::collection::vec(happened(), 0..6);
    let visits = prop::collection::vec(visit(), 0..4);
    let activities = prop::collection::vec(instant(), 0..3);
    (placed(), history, visits, activities, contenders, ties).prop_map(
        |(placed, history, mut visits, mut activities, contenders, ties)| {
            visits.sort_by(|a, b| (a.at, &a.shopify_visit_id).cmp(&(b.at, &b.shopify_visit_id)));
            visits.dedup_by(|a, b| a.shopify_visit_id == b.shopify_visit_id);
            activities.sort();
            let tie = |(message, place, token, at): (u128, usize, &str, Timestamp)| Tie {
                click_id: click(message, place),
                checkout_token: token.to_owned(),
                at,
            };
            World {
                placed,
                history,
                visits,
                activities,
                contenders: contenders.into_iter().flatten().collect(),
                ties: ties.into_iter().map(tie).collect(),
            }
        },
    )
}

fn policy() -> impl Strategy<Value = Policy> {
    let own = (
        select(vec![Pick::Strongest, Pick::Latest]),
        select(vec![Veto::Weak, Veto::All, Veto::None]),
        any::<bool>(),
        select(vec![Basis::NetSales, Basis::TotalSales]),
        prop::collection::vec((any::<bool>(), prop::option::of(0_i64..9 * DAY), any::<bool>()), 7),
    )
        .prop_map(|(pick, veto, credit_shared, basis, terms)| {
            let kinds = Kind::iter().zip(terms).filter(|(_, (looked_at, ..))| *looked_at);
            let kinds = kinds
                .map(|(kind, (_, window_seconds, credited))| (kind, Terms { clock: None, window_seconds, credited }));
            Policy { pick, veto, credit_shared, basis, kinds: kinds.collect(), ..Policy::standard() }
        });
    let preset = (0..PRESETS.len()).prop_map(|place| PRESETS[place].policy());
    prop_oneof![2 => Just(Policy::standard()), 3 => preset, 3 => own]
}

fn judged(dossier: &Dossier, policy: &Policy) -> Verdict {
    derive(dossier, policy, (Tz::Europe__Vienna, Currency::parse("EUR").unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    /// 1. In whichever order, and however often, things are told: one verdict.
    #[test]
    fn order_of_arrival_does_not_matter(world in world(), policy in policy(), seed in any::<u64>()) {
        let dossier = world.dossier();
        let mut other = dossier.clone();
        let mut history = world.history.clone();
        let turn = usize::try_from(seed % 7).unwrap();
        let by = |len: usize| if len == 0 { 0 } else { turn % len };
        other.contenders.rotate_left(by(dossier.contenders.len()));
        other.ties.rotate_left(by(dossier.ties.len()));
        other.ties.extend(dossier.ties.clone());
        history.reverse();
        let again = world.with(&history).facts.versions;
        // Refunds carry Shopify's numbers; all else is told the other way round.
        prop_assert_eq!(&again, &dossier.facts.versions);
        prop_assert_eq!(judged(&other, &policy), judged(&dossier, &policy));
    }

    /// 2. Per model the credits of an order sum to what it counts, and no order counts without credit where it is attributed.
    #[test]
    fn credits_are_conserved(world in world(), policy in policy()) {
        let verdict = judged(&world.dossier(), &policy);
        for stage in &verdict.conversions {
            let mut sums: BTreeMap<Model, i64> = BTreeMap::new();
            for credit in verdict.credits.iter().filter(|credit| credit.effective_at == stage.effective_at) {
                *sums.entry(credit.model).or_default() += credit.credit_minor;
                prop_assert!(credit.credit_minor.abs() <= stage.net_minor.abs(), "{:?} of {:?}", credit, stage);
                prop_assert_eq!(credit.message_id.is_some(), credit.campaign_id.is_some());
            }
            if stage.line.credited() && stage.net_minor != 0 {
                prop_assert!(Model::iter().all(|model| sums.get(&model) == Some(&stage.net_minor)), "{:?} {:?}", sums, stage);
            } else {
                prop_assert!(sums.is_empty(), "{:?} {:?}", sums, stage);
            }
            prop_assert!(stage.line.credited() <= stage.message_id.is_some());
        }
    }

    /// 3. At every instant since it was placed an order stands on exactly one line, and lines that count 0 count 0.
    #[test]
    fn every_order_is_accounted_for(world in world(), policy in policy(), at in instant()) {
        let verdict = judged(&world.dossier(), &policy);
        let valid = verdict.conversions.iter().filter(|stage| stage.effective_at <= at && at < stage.superseded_at).count();
        prop_assert_eq!(valid, usize::from(at >= world.placed.at));
        for stage in &verdict.conversions {
            let nothing = matches!(stage.line, Line::Test | Line::OtherCurrency | Line::Cancelled | Line::SubscriptionRenewals);
            prop_assert!(!nothing || stage.net_minor == 0);
            prop_assert!(stage.line == Line::SubscriptionRenewals || stage.left_out_minor == 0);
        }
        // The order itself says what it is worth, whatever ties it to whom.
        let strict = PRESETS.iter().find(|preset| preset.name == "strict").unwrap().policy();
        let other = judged(&world.dossier(), &Policy { basis: policy.basis, ..strict });
        let worth = |verdict: &Verdict| verdict.conversions.iter().map(|stage| (stage.effective_at, stage.net_minor)).collect::<Vec<_>>();
        prop_assert_eq!(worth(&other), worth(&verdict));
    }

    /// 4. What was written down reads back as it was, and derived again it is the same.
    #[test]
    fn a_rebuild_changes_nothing(world in world(), policy in policy()) {
        let verdict = judged(&world.dossier(), &policy);
        let document = serde_json::to_string(&verdict.receipt).unwrap();
        prop_assert_eq!(&serde_json::from_str::<super::Receipt>(&document).unwrap(), &verdict.receipt);
        let policy: Policy = serde_json::from_str(&serde_json::to_string(&policy).unwrap()).unwrap();
        prop_assert_eq!(judged(&world.dossier(), &policy), verdict);
    }

    /// 5. What happens later adds a stage, and leaves standing what was true before it.
    #[test]
    fn news_restates_and_never_rewrites(world in world(), policy in policy(), later in happened()) {
        let at = match later {
            Happened::Paid(at) | Happened::Edited(at, _) | Happened::Refunded(at, _) | Happened::Cancelled(at) => at,
        };
        let mut history = world.history.clone();
        history.push(later);
        let before = |verdict: &Verdict| {
            let stages = verdict.conversions.iter().filter(|stage| stage.effective_at < at);
            stages.map(|stage| (stage.effective_at, stage.line, stage.net_minor, stage.message_id)).collect::<Vec<_>>()
        };
        let (old, new) = (judged(&world.dossier(), &policy), judged(&world.with(&history), &policy));
        prop_assert_eq!(before(&new), before(&old));
        prop_assert_eq!(old.receipt, new.receipt);
    }

    /// 6. Who is held out is a pure function of shop, experiment and recipient; a larger share holds out them and others.
    #[test]
    fn a_holdout_never_flips(key in any::<[u8; 32]>(), experiment in "[a-z]{1,8}", who in "[a-z0-9]{1,12}", share in 0_u32..1_000_000, more in 0_u32..1_000_000) {
        let held = |share| campaigns::held_out(&key, &experiment, &who, share);
        prop_assert_eq!(held(share), held(share));
        prop_assert!(!held(share) || held(share.saturating_add(more).min(1_000_000)));
        prop_assert!(!held(0) && held(1_000_000));
    }
}
