//! What Meta counts of the templates that were sent, beside our own counts of the same days.
//!
//! 1. Meta's numbers are per template. One that several campaigns send counts once in the whole, and whole in each of them.
//! 2. Meta's days are UTC's, or those of the WhatsApp account: a day of Meta's is of the period in which its noon lies.
//! 3. Not told is not nought, and nothing is held against Meta that happened before the first day it told of, or after it
//!    was asked: both columns are of the same span.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{CaseStatement, Cond, Expr, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult};
use serde::Serialize;

use super::period::Period;
use super::totals::{bigint, rows};
use crate::campaigns::CampaignId;
use crate::kernel::{Currency, Money, Timestamp};
use crate::messages::{Figure, MessageColumn as M, Messages, TemplateFigureColumn as F, TemplateFigures, templates_of};
use crate::shops::Shop;

/// What somebody counted of messages and their links.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OurCounts {
    /// Every GET of the links.
    pub raw: i64,
    /// People's.
    pub taps: i64,
    /// Messages sent in these days, as far as we were told.
    sent: i64,
    /// Delivered; a read is one.
    delivered: i64,
    /// Read.
    read: i64,
}

/// Meta's template analytics beside our counts. A number is `null` where Meta told none.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct TemplateWitness {
    /// When Meta last told something of these days; `null`: nobody handed anything in.
    #[schema(value_type = Option<String>, format = "date-time")]
    told_at: Option<Timestamp>,
    /// How many templates it told of.
    templates: i64,
    /// How many of them other campaigns send too: those numbers cannot be told apart.
    shared: i64,
    /// How many of Meta's days.
    days: i64,
    sent: Option<i64>,
    delivered: Option<i64>,
    read: Option<i64>,
    /// Clicks on buttons that open an address.
    url_clicks: Option<i64>,
    /// The same, each account once per button and day.
    unique_url_clicks: Option<i64>,
    /// Taps on buttons that answer in the chat: none of them is ours.
    quick_replies: Option<i64>,
    /// What the messages cost as Meta says, a sum per currency.
    spent: Vec<Money>,
    /// What we counted of the campaigns that send these templates, from `counted_from` until `counted_until`.
    ours: OurCounts,
    /// When the first of Meta's days begins.
    #[schema(value_type = Option<String>, format = "date-time")]
    counted_from: Option<Timestamp>,
    /// When the last of Meta's days ends, or when Meta was asked, if that was before its end.
    #[schema(value_type = Option<String>, format = "date-time")]
    counted_until: Option<Timestamp>,
    /// How the two differ, and why.
    sentence: String,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    template_id: String,
    figure: Figure,
    currency: Option<String>,
    amount: i64,
    told_at: i64,
    first: i64,
    last: i64,
}

/// What Meta told of the days of a period.
#[derive(Debug)]
pub struct Templates {
    senders: BTreeMap<String, BTreeSet<CampaignId>>,
    rows: Vec<Row>,
}

impl Templates {
    /// Reads it, of every template that a campaign of the shop sends.
    pub async fn read(db: &impl ConnectionTrait, shop: &Shop, period: &Period) -> Result<Self, DbErr> {
        let mut senders: BTreeMap<String, BTreeSet<CampaignId>> = BTreeMap::new();
        for sent in templates_of(db, shop.shop_id).await? {
            senders.entry(sent.template_id).or_default().insert(sent.campaign_id);
        }
        let rows = if senders.is_empty() { Vec::new() } else { rows(db, &figures(shop, period)).await? };
        Ok(Self { senders, rows })
    }

    /// A figure of the templates of one campaign; `None`: Meta told none.
    pub fn of(&self, campaign: CampaignId, figure: Figure) -> Option<i64> {
        let theirs = |row: &&Row| self.senders.get(&row.template_id).is_some_and(|known| known.contains(&campaign));
        sum(self.rows.iter().filter(theirs), figure)
    }

    /// What was told of the templates that are asked for.
    fn asked(&self, period: &Period) -> Vec<&Row> {
        let asked = |campaigns: &&BTreeSet<CampaignId>| period.campaign.is_none_or(|id| campaigns.contains(&id));
        self.rows.iter().filter(|row| self.senders.get(&row.template_id).filter(asked).is_some()).collect()
    }

    /// The period cut down to Meta's days, whole as Meta counts them; `None`: it told of none.
    pub fn span(&self, period: &Period) -> Option<Period> {
        let rows = self.asked(period);
        let at = Timestamp::from_micros;
        let (first, last) = (rows.iter().map(|row| row.first).min()?, rows.iter().map(|row| row.last).max()?);
        let told_at = rows.iter().map(|row| row.told_at).max()?;
        // What happened in the second of the answer is in it.
        let until = std::cmp::min(at(last).plus_seconds(2 * HALF_A_DAY), at(told_at).plus_seconds(1));
        Some(Period { instants: (at(first), until), ..period.clone() })
    }
}

/// Compares. `span` is [`Templates::span`], and `hits` are the raw and human hits of a campaign in it.
pub async fn template_witness(
    db: &impl ConnectionTrait,
    shop: &Shop,
    (period, span): (&Period, Option<&Period>),
    told: &Templates,
    hits: impl Fn(CampaignId) -> (i64, i64),
) -> Result<TemplateWitness, DbErr> {
    let rows = told.asked(period);
    let templates: BTreeSet<&str> = rows.iter().map(|row| row.template_id.as_str()).collect();
    let senders: Vec<&BTreeSet<CampaignId>> = templates.iter().filter_map(|id| told.senders.get(*id)).collect();
    let campaigns: BTreeSet<CampaignId> = match period.campaign {
        Some(campaign) => BTreeSet::from([campaign]),
        None => senders.iter().flat_map(|campaigns| campaigns.iter().copied()).collect(),
    };
    let mut ours = OurCounts::default();
    let mut days = 0;
    if let Some(span) = span {
        ours = sent(db, shop, span, &campaigns).await?;
        (ours.raw, ours.taps) = campaigns.iter().fold((0, 0), |(raw, taps), id| {
            let (more, people) = hits(*id);
            (raw + more, taps + people)
        });
        days = days_told(db, shop, period, &templates).await?;
    }
    let figure = |figure| sum(rows.iter().copied(), figure);
    let mut witness = TemplateWitness {
        told_at: rows.iter().map(|row| Timestamp::from_micros(row.told_at)).max(),
        templates: count(templates.len()),
        shared: count(senders.iter().filter(|campaigns| campaigns.len() > 1).count()),
        days,
        sent: figure(Figure::Sent),
        delivered: figure(Figure::Delivered),
        read: figure(Figure::Read),
        url_clicks: figure(Figure::UrlClicks),
        unique_url_clicks: figure(Figure::UniqueUrlClicks),
        quick_replies: figure(Figure::QuickReplies),
        spent: spent(&rows),
        ours,
        counted_from: span.map(|span| span.instants.0),
        counted_until: span.map(|span| span.instants.1),
        sentence: String::new(),
    };
    witness.sentence = explained(&witness, period.campaign.is_some());
    Ok(witness)
}

fn sum<'a>(rows: impl Iterator<Item = &'a Row>, figure: Figure) -> Option<i64> {
    rows.filter(|row| row.figure == figure).map(|row| row.amount).reduce(|a, b| a.saturating_add(b))
}

fn count(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}

fn spent(rows: &[&Row]) -> Vec<Money> {
    let mut spent: BTreeMap<Currency, i64> = BTreeMap::new();
    for row in rows {
        if let Some(currency) = row.currency.as_deref().and_then(Currency::parse) {
            *spent.entry(currency).or_default() += row.amount;
        }
    }
    spent.into_iter().map(|(currency, minor)| Money::new(minor, currency)).collect()
}

const HALF_A_DAY: i64 = 12 * 3_600;

/// Meta's days of the period.
fn within(shop: &Shop, period: &Period) -> SelectStatement {
    Query::select()
        .from(TemplateFigures)
        .and_where(Expr::col(F::ShopId).eq(shop.shop_id))
        .and_where(Expr::col(F::Start).gte(period.instants.0.plus_seconds(-HALF_A_DAY)))
        .and_where(Expr::col(F::Start).lt(period.instants.1.plus_seconds(-HALF_A_DAY)))
        .to_owned()
}

fn figures(shop: &Shop, period: &Period) -> SelectStatement {
    within(shop, period)
        .columns([F::TemplateId, F::Figure, F::Currency])
        .expr_as(bigint(Expr::col(F::Amount).sum()), "amount")
        .expr_as(Expr::col(F::ToldAt).max(), "told_at")
        .expr_as(Expr::col(F::Start).min(), "first")
        .expr_as(Expr::col(F::Start).max(), "last")
        .group_by_columns([F::TemplateId, F::Figure, F::Currency])
        .to_owned()
}

#[derive(FromQueryResult)]
struct Days {
    days: i64,
}

async fn days_told(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    templates: &BTreeSet<&str>,
) -> Result<i64, DbErr> {
    let select = within(shop, period)
        .expr_as(bigint(Expr::col(F::Start).count_distinct()), "days")
        .and_where(Expr::col(F::TemplateId).is_in(templates.iter().copied()))
        .to_owned();
    Ok(rows::<Days>(db, &select).await?.first().map_or(0, |row| row.days))
}

/// No status comes later than this after its message was made.
const LATEST_STATUS_SECONDS: i64 = 30 * 86_400;

#[derive(FromQueryResult)]
struct Sent {
    sent: i64,
    delivered: i64,
    read: i64,
}

/// What became of messages in these days, by when it happened. Each step implies the ones before it.
async fn sent(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    campaigns: &BTreeSet<CampaignId>,
) -> Result<OurCounts, DbErr> {
    let (from, to) = period.instants;
    let first = |steps: &[M]| -> Expr { Func::coalesce(steps.iter().map(|step| Expr::col(*step))).into() };
    let within = |at: Expr| -> Expr {
        let one: Expr = CaseStatement::new().case(at.clone().gte(from).and(at.lt(to)), 1).finally(0).into();
        bigint(Func::coalesce([one.sum(), Expr::val(0)]))
    };
    let select = Query::select()
        .expr_as(within(first(&[M::SentAt, M::DeliveredAt, M::ReadAt])), "sent")
        .expr_as(within(first(&[M::DeliveredAt, M::ReadAt])), "delivered")
        .expr_as(within(Expr::col(M::ReadAt)), "read")
        .from(Messages)
        .cond_where(
            Cond::all()
                .add(Expr::col(M::ShopId).eq(shop.shop_id))
                .add(Expr::col(M::IssuedAt).gte(from.plus_seconds(-LATEST_STATUS_SECONDS)))
                .add(Expr::col(M::IssuedAt).lt(to))
                .add(Expr::col(M::CampaignId).is_in(campaigns.iter().copied())),
        )
        .to_owned();
    let found: Vec<Sent> = rows(db, &select).await?;
    let sent = found.first().map_or((0, 0, 0), |row| (row.sent, row.delivered, row.read));
    Ok(OurCounts { raw: 0, taps: 0, sent: sent.0, delivered: sent.1, read: sent.2 })
}

/// The comparison in words.
fn explained(told: &TemplateWitness, one_campaign: bool) -> String {
    if told.told_at.is_none() {
        return "Not told: nobody handed in Meta's template analytics of these days. Meta gives them for accounts that \
                switched them on, and not in the EU, the UK and Japan; our own count does not depend on them."
            .to_owned();
    }
    let ours = told.ours.taps;
    let mut said = match told.url_clicks.or(told.unique_url_clicks) {
        None => "Meta told of messages and of no clicks: it counts none where link tracking is switched off for the \
                 template, or where it was not asked for them."
            .to_owned(),
        Some(theirs) if theirs == ours => format!("Meta and we counted the same: {ours}."),
        Some(theirs) if theirs < ours => format!(
            "We counted {} more taps than Meta: it counts for seven days after sending only, and not links that were \
             forwarded or copied.",
            ours - theirs
        ),
        Some(theirs) => format!(
            "Meta counted {} more clicks than we did: also those that never reached us because the phone was offline, \
             those on links that are not ours, and those of messages of these templates that we do not know.",
            theirs - ours
        ),
    };
    said.push_str(" Taps on other buttons are in neither number.");
    if one_campaign && told.shared > 0 {
        said.push_str(
            " Meta counts per template: other campaigns send one of these too, and their clicks are in its number.",
        );
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(url_clicks: Option<i64>, taps: i64, shared: i64) -> TemplateWitness {
        TemplateWitness {
            told_at: Some(Timestamp::from_seconds(1)),
            templates: 1,
            shared,
            days: 1,
            sent: Some(1),
            delivered: None,
            read: None,
            url_clicks,
            unique_url_clicks: None,
            quick_replies: None,
            spent: Vec::new(),
            ours: OurCounts { taps, ..OurCounts::default() },
            counted_from: None,
            counted_until: None,
            sentence: String::new(),
        }
    }

    #[test]
    fn the_difference_is_said_with_its_reason() {
        for (theirs, ours, wanted) in [
            (Some(3), 5, "We counted 2 more taps than Meta: it counts for seven days"),
            (Some(5), 3, "Meta counted 2 more clicks than we did"),
            (Some(5), 5, "Meta and we counted the same: 5."),
            (None, 5, "of no clicks"),
        ] {
            let said = explained(&told(theirs, ours, 0), true);
            assert!(said.contains(wanted) && !said.contains("other campaigns"), "{said}");
        }
        assert!(explained(&told(Some(3), 5, 1), true).contains("other campaigns"));
        assert!(!explained(&told(Some(3), 5, 1), false).contains("other campaigns"));
        assert!(explained(&TemplateWitness { told_at: None, ..told(None, 0, 0) }, true).starts_with("Not told"));
    }
}
