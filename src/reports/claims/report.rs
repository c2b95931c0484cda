//! Claims of a period side by side: the shop's own policy, every preset, UTM tags and Shopify's customer journey, judged
//! from the same facts; and how much of each is claimed by another channel as well.
//!
//! 1. Nothing is kept and nothing is written: orders are judged while they are read, the latest first, for so long and no
//!    longer. How far that came stands in `looked_at`, and then every number is of those orders alone.
//! 2. A claim is no cause. What a claim is worth against what the messages caused is `over_attribution`,
//!    of the orders in which lift was measured and no others.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use crate::attribution::evidence::{Class, KINDS, Kind};
use crate::attribution::journey::Channel;
use crate::attribution::presets::{self, PRESETS, Preset};
use crate::attribution::{ClaimedPart, DEFAULT_POLICY, Looked, Policy, Sum, Told, Way, claims as judge, policies};
use crate::catchup;
use crate::kernel::{Currency, Day, Money, Timestamp};
use crate::lift::{self, Caused, MoneyRange, OverAttribution};
use crate::reports::period::Period;
use crate::shops::Shop;

/// A merchant waits this long; what could not be looked at by then is said.
const PATIENCE: Duration = Duration::from_secs(8);

/// Channels that are paid or owned and not ours: those that claim orders for themselves.
const CLAIMANTS: [Channel; 3] = [Channel::Email, Channel::Paid, Channel::Other];

/// Orders, and their net sales together.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
struct ClaimedSum {
    orders: i64,
    amount: Money,
}

/// How much was looked at.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
struct ClaimsLooked {
    /// Orders of the period, the latest first.
    orders: u64,
    /// Whether that is all of them. Otherwise time ran out, and every number is of the orders back to `back_to`.
    whole: bool,
    #[schema(value_type = Option<String>, format = "date-time")]
    back_to: Option<Timestamp>,
}

/// A kind of evidence a way of counting looks at.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
struct ClaimWindow {
    kind: Kind,
    class: Class,
    /// How long it counts; `null`: without limit.
    window_seconds: Option<i64>,
    /// From where its clock starts, if not from where that kind's usually does.
    clock: Option<String>,
    /// Whether orders are credited to it; otherwise it is only told.
    credited: bool,
}

/// What another channel claims of the same orders.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
struct ChannelOverlap {
    channel: Channel,
    #[serde(flatten)]
    sum: ClaimedSum,
    /// Of what is claimed; `null`: nothing is.
    share: Option<f64>,
}

/// A part of what is claimed, and which of it another channel claims too.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
struct ClaimedPartView {
    #[serde(flatten)]
    sum: ClaimedSum,
    /// By each channel that claims orders: it was clicked before the order. One order may stand under several.
    also: Vec<ChannelOverlap>,
    /// By any of them.
    also_any: ClaimedSum,
    /// Of what is claimed; `null`: nothing is.
    also_share: Option<f64>,
}

/// A way of counting, and what it claims.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
struct ClaimWay {
    /// The policy's name.
    policy: String,
    version: i32,
    /// Whether it is the shop's own.
    own: bool,
    /// Whose way it is; `null`: the shop's own.
    vendor: Option<&'static str>,
    /// What it says, in a sentence.
    says: Option<&'static str>,
    /// The pages it was read from.
    sources: Vec<&'static str>,
    /// The day they were read.
    read_on: Option<&'static str>,
    /// What it looks at, strongest first.
    windows: Vec<ClaimWindow>,
    claimed: ClaimedPartView,
    certain: ClaimedPartView,
    strong: ClaimedPartView,
    exposure: ClaimedPartView,
    /// Another channel was clicked after the message's evidence began.
    contested: ClaimedSum,
    /// The code was used by somebody else than its recipient.
    shared: ClaimedSum,
    /// Nothing but the order's own landing page is known of its visits.
    landing_only: ClaimedSum,
    /// No visit is known: who else claims it cannot be seen.
    unseen: ClaimedSum,
    /// What the shop's own policy claims too.
    own_too: ClaimedSum,
    /// Claimed / claimed by the shop's own policy; `null`: that is nothing.
    of_own: Option<f64>,
    /// Claimed / net sales of paid orders; `null`: there are none.
    of_sales: Option<f64>,
    /// The part of the claim in the orders of those whom `incremental` was measured with.
    claimed_measured: ClaimedSum,
    /// That part / incremental; `null`: see `incremental_reason`.
    over_attribution: Option<OverAttribution>,
}

/// What a tool claims that looks at visits alone.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
struct VisitClaim {
    /// `utm_last` or `shopify_last_not_direct`.
    name: &'static str,
    title: &'static str,
    definition: &'static str,
    claimed: ClaimedSum,
    /// Paid orders of which it knows any visit at all.
    known: ClaimedSum,
    /// What the shop's own policy claims too.
    own_too: ClaimedSum,
    of_own: Option<f64>,
    of_sales: Option<f64>,
    /// The part of the claim in the orders of those whom `incremental` was measured with.
    claimed_measured: ClaimedSum,
    /// That part / incremental; `null`: see `incremental_reason`.
    over_attribution: Option<OverAttribution>,
}

/// What a number means.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
struct ClaimDefinition {
    name: &'static str,
    definition: &'static str,
}

/// Everybody's claims of the same orders.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ClaimsReport {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    currency: String,
    /// The instant up to which every source is known to be whole; `null` until reconciliation has looked.
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    looked_at: ClaimsLooked,
    /// Paid orders that count, and their net sales: what all claims are of.
    paid: ClaimedSum,
    /// Kinds of evidence, strongest first.
    kinds: Vec<Kind>,
    /// Channels that claim orders for themselves.
    channels: Vec<Channel>,
    /// The shop's own way first, then the presets by name.
    ways: Vec<ClaimWay>,
    visits: Vec<VisitClaim>,
    /// Net sales that would not have come without the messages of campaigns that left somebody alone; `null`:
    /// see `incremental_reason`.
    incremental: Option<MoneyRange>,
    /// What is said of it, in a sentence; what is missing, if something is.
    incremental_reason: String,
    /// The day on which it may be shown, at the pace of the last 28 days.
    #[schema(value_type = Option<String>, format = "date")]
    incremental_on: Option<Day>,
    /// Orders in which it was measured: those of everybody written to by these campaigns, within the horizon.
    measured_orders: usize,
    definitions: &'static [ClaimDefinition],
    caveats: &'static [&'static str],
}

const NOT_WHOLE: &str = "Not every order of the period could be looked at, so claims cannot be held against what was caused. Ask for fewer days.";

const CAVEATS: &[&str] = &[
    "A claim is no cause: every one of these counts orders that would have come anyway.",
    "The vendors' ways are our reading of their public pages, applied to the facts that are here. Their own figures may rest on other facts.",
    "Overlap is a lower bound: a channel that was clicked and that neither Shopify nor a landing page tells of is not seen.",
];

const fn means(name: &'static str, definition: &'static str) -> ClaimDefinition {
    ClaimDefinition { name, definition }
}

const DEFINITIONS: &[ClaimDefinition] = &[
    means("paid", "Paid orders placed in the period that count in net sales, as they stand now."),
    means("claimed", "Net sales of the orders a way of counting gives to a message / net sales of paid orders."),
    means(
        "certain",
        "The part whose evidence names the message itself: its code, its checkout, a click id on the cart.",
    ),
    means("strong", "The part whose evidence names a browser or a person close to the message."),
    means(
        "exposure",
        "The part that rests on a message having been received or read; our standard credits none of it.",
    ),
    means(
        "overlap",
        "Claimed orders before which another paid or owned channel (e-mail, advertising, text messages, push, affiliates) was clicked / claimed.",
    ),
    means("contested", "Claimed orders where such a click came after the message's evidence began / claimed."),
    means("shared", "Claimed orders whose code somebody else than its recipient used / claimed."),
    means(
        "unseen",
        "Claimed orders of which no visit is known, so that nobody can see who else claims them / claimed.",
    ),
    means(
        "incremental",
        "Net sales within 7 days of everybody whom the period's campaigns with a holdout wrote to, above those of the people they left alone.",
    ),
    means(
        "over_attribution",
        "Of those same people's orders within those 7 days, what a way of counting claims / incremental. Above 1 it claims more than there was.",
    ),
    means("own_too", "The part of a claim that the shop's own policy claims as well."),
];

const UTM: &str = "Paid orders whose last visit with a UTM source or medium says WhatsApp, of all visits that Shopify told and the order's own landing page. It is what a web analytics tool would claim.";

const SHOPIFY: &str = "Paid orders whose last visit that was not direct came by WhatsApp, in Shopify's own customer journey of thirty days. Only orders whose visits Shopify told.";

/// Counts them.
pub async fn claims(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    now: Timestamp,
) -> Result<ClaimsReport, DbErr> {
    let own = policies::named(db, shop.shop_id, DEFAULT_POLICY).await?.unwrap_or_else(Policy::standard);
    // What an order is worth is the shop's choice: by another measure of it claims could not be held against each other.
    let basis = own.basis;
    let theirs = PRESETS.iter().map(|preset| Policy { basis, ..Preset::policy(preset) });
    let all = std::iter::once(own).chain(theirs).collect();
    let (caused, measured) = lift::caused_in_orders(db, shop, period.instants, now).await?;
    let found = judge(db, shop, all, period.instants, &measured, PATIENCE).await?;
    let caused = Some(caused).filter(|_| found.looked.whole);
    let view = View {
        caused: caused.as_ref(),
        currency: shop.money(),
        own: found.ways.first().map_or(0, |way| way.claimed.sum.minor),
        paid: found.paid.minor,
    };
    let Looked { orders, whole, back_to } = found.looked;
    Ok(ClaimsReport {
        from: period.from,
        to: period.to,
        currency: shop.money().to_string(),
        complete_through: catchup::complete_through(db, shop.shop_id).await?,
        looked_at: ClaimsLooked { orders, whole, back_to },
        paid: view.sum(found.paid),
        kinds: KINDS.iter().map(|rule| rule.kind).collect(),
        channels: CLAIMANTS.to_vec(),
        ways: found.ways.iter().map(|way| view.way(way)).collect(),
        visits: vec![
            view.visits(("utm_last", "Last UTM says WhatsApp", UTM), found.tagged),
            view.visits(
                ("shopify_last_not_direct", "Shopify's customer journey says WhatsApp", SHOPIFY),
                found.shopify,
            ),
        ],
        incremental: caused.as_ref().and_then(|caused| caused.money),
        incremental_reason: caused.as_ref().map_or_else(|| NOT_WHOLE.to_owned(), |caused| caused.sentence.clone()),
        incremental_on: caused.as_ref().and_then(|caused| caused.interval_on),
        measured_orders: measured.len(),
        definitions: DEFINITIONS,
        caveats: CAVEATS,
    })
}

/// How sums are shown.
struct View<'a> {
    /// What was caused, where every order was looked at.
    caused: Option<&'a Caused>,
    currency: Currency,
    /// What the shop's own policy claims.
    own: i64,
    /// Net sales of paid orders.
    paid: i64,
}

impl View<'_> {
    fn sum(&self, sum: Sum) -> ClaimedSum {
        ClaimedSum { orders: sum.orders, amount: Money::new(sum.minor, self.currency) }
    }

    fn over(&self, measured: Sum) -> Option<OverAttribution> {
        self.caused?.over(measured.minor)
    }

    fn part(&self, part: &ClaimedPart) -> ClaimedPartView {
        let also = CLAIMANTS.into_iter().map(|channel| {
            let sum = part.also.get(&channel).copied().unwrap_or_default();
            ChannelOverlap { channel, sum: self.sum(sum), share: ratio(sum.minor, part.sum.minor) }
        });
        ClaimedPartView {
            sum: self.sum(part.sum),
            also: also.collect(),
            also_any: self.sum(part.also_any),
            also_share: ratio(part.also_any.minor, part.sum.minor),
        }
    }

    fn way(&self, way: &Way) -> ClaimWay {
        let preset = presets::named(&way.policy.name);
        let terms = way.policy.kinds.iter();
        let windows = terms.map(|(kind, terms)| ClaimWindow {
            kind: *kind,
            class: kind.class(),
            window_seconds: terms.window_seconds,
            clock: terms.clock.map(|clock| clock.word().to_owned()),
            credited: terms.credited,
        });
        ClaimWay {
            policy: way.policy.name.clone(),
            version: way.policy.version,
            own: preset.is_none(),
            vendor: preset.map(|preset| preset.vendor),
            says: preset.map(|preset| preset.says),
            sources: preset.map(|preset| preset.sources.to_vec()).unwrap_or_default(),
            read_on: preset.map(|preset| preset.read_on),
            windows: windows.collect(),
            claimed: self.part(&way.claimed),
            certain: self.part(&way.certain),
            strong: self.part(&way.strong),
            exposure: self.part(&way.exposure),
            contested: self.sum(way.contested),
            shared: self.sum(way.shared),
            landing_only: self.sum(way.landing_only),
            unseen: self.sum(way.unseen),
            own_too: self.sum(way.first_too),
            of_own: ratio(way.claimed.sum.minor, self.own),
            of_sales: ratio(way.claimed.sum.minor, self.paid),
            claimed_measured: self.sum(way.measured),
            over_attribution: self.over(way.measured),
        }
    }

    fn visits(&self, (name, title, definition): (&'static str, &'static str, &'static str), told: Told) -> VisitClaim {
        VisitClaim {
            name,
            title,
            definition,
            claimed: self.sum(told.claimed),
            known: self.sum(told.known),
            own_too: self.sum(told.first_too),
            of_own: ratio(told.claimed.minor, self.own),
            of_sales: ratio(told.claimed.minor, self.paid),
            claimed_measured: self.sum(told.measured),
            over_attribution: self.over(told.measured),
        }
    }
}

/// A share of money; `None`: there is nothing to divide by.
fn ratio(part: i64, whole: i64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a ratio to be looked at; both sums stand beside it")]
    (whole > 0).then(|| part as f64 / whole as f64)
}
