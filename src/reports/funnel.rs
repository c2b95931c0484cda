//! From recipient to order: whom a period's draws reached, step by step.

use std::collections::BTreeMap;

use sea_orm::sea_query::{CaseStatement, Cond, Condition, Expr, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult};
use serde::Serialize;

use super::measures::Measure;
use super::period::Period;
use super::totals::{bigint, count, is_of_now, rows, valid};
use crate::attribution::conversion::{Column as C, Entity as Conversions};
use crate::attribution::{BOUGHT, CAMPAIGN_SALES, OfMessages, Sold, at_day};
use crate::campaigns::{self, CampaignId};
use crate::db::counts;
use crate::kernel::id::ShopId;
use crate::links::classify::{LinkHits, hit_counts};
use crate::links::{ClickColumn, Clicks, counts};
use crate::messages::{self, MessageColumn, Messages};

/// Counts of recipients and messages drawn in the period. Each step counts messages, once each.
#[derive(Clone, Copy, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct Funnel {
    /// Recipients drawn, the held out among them.
    pub drawn: i64,
    /// Left alone on purpose.
    pub held_out: i64,
    /// Messages given a link, and a code when there is an offer.
    pub issued: i64,
    /// Known to be sent.
    pub sent: i64,
    /// Known to have arrived; `read` implies it.
    pub delivered: i64,
    /// Known to be read: a minimum, people may switch receipts off.
    pub read: i64,
    /// With at least one human click.
    pub clicked: i64,
    /// With at least one hit of any kind, previews and machines among them.
    pub clicked_raw: i64,
    /// Hits on these messages' links, previews and machines among them; HEAD is none.
    pub taps_raw: i64,
    /// Hits that were people's.
    pub taps: i64,
    /// People's, those of one device within half an hour taken together.
    pub visits: i64,
    /// With at least one attributed order, whenever it came.
    pub ordered: i64,
    /// Attributed orders placed in the period, whenever their messages were made: what the headline counts.
    pub orders: i64,
    /// The part of `orders` whose messages were made before the period, and are in no step above.
    pub orders_of_earlier: i64,
    /// Attributed orders of the messages above that were placed after the period.
    pub orders_afterwards: i64,
    /// Known never to have arrived.
    pub failed: i64,
}

impl Funnel {
    fn add(&mut self, other: &Self) {
        self.drawn += other.drawn;
        self.held_out += other.held_out;
        self.issued += other.issued;
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.read += other.read;
        self.clicked += other.clicked;
        self.clicked_raw += other.clicked_raw;
        self.taps_raw += other.taps_raw;
        self.taps += other.taps;
        self.visits += other.visits;
        self.ordered += other.ordered;
        self.orders += other.orders;
        self.orders_of_earlier += other.orders_of_earlier;
        self.orders_afterwards += other.orders_afterwards;
        self.failed += other.failed;
    }
}

#[derive(FromQueryResult)]
struct Ordered {
    campaign_id: CampaignId,
    ordered: i64,
}

#[derive(FromQueryResult)]
struct Bought {
    campaign_id: CampaignId,
    orders: i64,
    of_these: i64,
    afterwards: i64,
}

#[derive(FromQueryResult)]
struct Hits {
    campaign_id: CampaignId,
    clicked: i64,
    clicked_raw: i64,
    taps_raw: i64,
    taps: i64,
    visits: i64,
}

impl Hits {
    const fn of((campaign_id, of): (CampaignId, LinkHits)) -> Self {
        let LinkHits { clicked, clicked_raw, taps_raw, taps, visits } = of;
        Self { campaign_id, clicked, clicked_raw, taps_raw, taps, visits }
    }
}

/// The funnel of each campaign that drew somebody in the period, or whose messages brought orders in it.
pub async fn by_campaign(
    db: &impl ConnectionTrait,
    shop: ShopId,
    period: &Period,
) -> Result<Vec<(CampaignId, Funnel)>, DbErr> {
    let only = |campaign: &CampaignId| period.campaign.is_none_or(|only| only == *campaign);
    let draws = campaigns::draw_counts(db, shop, period.instants).await?;
    let steps = messages::steps(db, shop, period.instants).await?;
    let hits: Vec<Hits> = match hit_counts(db, shop, period.instants).await? {
        Some(counted) => counted.into_iter().filter(|(campaign, _)| only(campaign)).map(Hits::of).collect(),
        None => rows(db, &hits(shop, period)).await?,
    };
    let (ordered, bought) = match counted_orders(db, shop, period).await? {
        Some(counted) => counted,
        None => (rows(db, &ordered(shop, period)).await?, rows(db, &bought(shop, period)).await?),
    };
    let mut funnels: BTreeMap<CampaignId, Funnel> = BTreeMap::new();
    for (campaign, d) in draws.into_iter().filter(|(campaign, _)| only(campaign)) {
        let funnel = funnels.entry(campaign).or_default();
        funnel.add(&Funnel { drawn: d.drawn, held_out: d.held_out, ..Funnel::default() });
    }
    for (campaign, s) in steps.into_iter().filter(|(campaign, _)| only(campaign)) {
        funnels.entry(campaign).or_default().add(&Funnel {
            issued: s.issued,
            sent: s.sent,
            delivered: s.delivered,
            read: s.read,
            failed: s.failed,
            ..Funnel::default()
        });
    }
    for o in ordered {
        funnels.entry(o.campaign_id).or_default().add(&Funnel { ordered: o.ordered, ..Funnel::default() });
    }
    for h in hits {
        funnels.entry(h.campaign_id).or_default().add(&Funnel {
            clicked: h.clicked,
            clicked_raw: h.clicked_raw,
            taps_raw: h.taps_raw,
            taps: h.taps,
            visits: h.visits,
            ..Funnel::default()
        });
    }
    // A campaign whose orders all came later, of messages made before, has no part in these days.
    for b in bought.into_iter().filter(|b| (b.orders, b.of_these, b.afterwards) != (0, 0, 0)) {
        funnels.entry(b.campaign_id).or_default().add(&Funnel {
            orders: b.orders,
            orders_of_earlier: b.orders - b.of_these,
            orders_afterwards: b.afterwards,
            ..Funnel::default()
        });
    }
    Ok(funnels.into_iter().collect())
}

/// Messages with orders, and orders of messages, as they are counted.
async fn counted_orders(
    db: &impl ConnectionTrait,
    shop: ShopId,
    period: &Period,
) -> Result<Option<(Vec<Ordered>, Vec<Bought>)>, DbErr> {
    if !is_of_now(period) {
        return Ok(None);
    }
    let days = (at_day(period.from), at_day(period.to.next()));
    let Some(placed) = counts::read(db, shop, CAMPAIGN_SALES, days).await? else { return Ok(None) };
    let Some(of_these) = counts::read(db, shop, BOUGHT, period.instants).await? else { return Ok(None) };
    let only = |campaign: &CampaignId| period.campaign.is_none_or(|only| only == *campaign);
    let (mut ordered, mut bought) = (Vec::new(), Vec::new());
    for (line, of) in placed {
        let sold = Sold::read(&line)?;
        let asked = sold.policy == period.policy.name && sold.line()?.credited();
        if let Some(campaign_id) = sold.campaign.filter(only).filter(|_| asked) {
            bought.push(Bought { campaign_id, orders: of.of("orders"), of_these: 0, afterwards: 0 });
        }
    }
    for (line, of) in of_these {
        let line = OfMessages::read(&line)?;
        if line.policy != period.policy.name || !only(&line.campaign) {
            continue;
        }
        match line.ordered_on() {
            None => ordered.push(Ordered { campaign_id: line.campaign, ordered: of.of("messages") }),
            // Not of a message of these days: its order would have come before it.
            Some(day) if day < period.from => {}
            Some(day) => {
                let orders = of.of("orders");
                let (of_these, afterwards) = if day <= period.to { (orders, 0) } else { (0, orders) };
                bought.push(Bought { campaign_id: line.campaign, orders: 0, of_these, afterwards });
            }
        }
    }
    Ok(Some((ordered, bought)))
}

/// The sum of several.
pub fn whole(parts: &[(CampaignId, Funnel)]) -> Funnel {
    let mut whole = Funnel::default();
    parts.iter().for_each(|(_, part)| whole.add(part));
    whole
}

/// What happened in the period, of one campaign if only it is asked for.
pub fn within<E: EntityTrait>(table: E, at: E::Column, campaign: E::Column, period: &Period) -> Condition {
    let (at, campaign) = (|| Expr::col((table, at)), Expr::col((table, campaign)));
    let filter = Cond::all().add(at().gte(period.instants.0)).add(at().lt(period.instants.1));
    match period.campaign {
        Some(only) => filter.add(campaign.eq(only)),
        None => filter,
    }
}

/// How many rows a condition holds for.
pub fn counted(condition: Expr) -> Expr {
    let one: Expr = CaseStatement::new().case(condition, 1).finally(0).into();
    bigint(Func::coalesce([one.sum(), Expr::val(0)]))
}

/// Every hit on the links of the period's messages, whenever it came.
fn hits(shop: ShopId, period: &Period) -> SelectStatement {
    let on = Cond::all()
        .add(Expr::col((Clicks, ClickColumn::ShopId)).equals((Messages, MessageColumn::ShopId)))
        .add(Expr::col((Clicks, ClickColumn::Slug)).equals((Messages, MessageColumn::LinkSlug)));
    let human = || Expr::col((Clicks, ClickColumn::Human)).eq(true);
    let tapped: Expr = CaseStatement::new().case(human(), Expr::col((Clicks, ClickColumn::Slug))).into();
    Query::select()
        .column((Messages, MessageColumn::CampaignId))
        .expr_as(bigint(tapped.count_distinct()), "clicked")
        .expr_as(bigint(Expr::col((Clicks, ClickColumn::Slug)).count_distinct()), "clicked_raw")
        .expr_as(count(), "taps_raw")
        .expr_as(counted(human()), "taps")
        .expr_as(counted(human().and(Expr::col((Clicks, ClickColumn::Reason)).ne("again"))), "visits")
        .from(Messages)
        .join(sea_orm::JoinType::InnerJoin, Clicks, on)
        .and_where(Expr::col((Messages, MessageColumn::ShopId)).eq(shop))
        .cond_where(within(Messages, MessageColumn::IssuedAt, MessageColumn::CampaignId, period))
        .and_where(counts())
        .group_by_col((Messages, MessageColumn::CampaignId))
        .to_owned()
}

/// Messages of the period with an attributed order, whenever it came.
fn ordered(shop: ShopId, period: &Period) -> SelectStatement {
    // The orders come from a list made once: asking per message would go through all conversions each time.
    let buyers = Query::select()
        .column((Conversions, C::MessageId))
        .from(Conversions)
        .and_where(Expr::col((Conversions, C::ShopId)).eq(shop))
        .and_where(Expr::col((Conversions, C::Policy)).eq(period.policy.name.clone()))
        .and_where(Expr::col((Conversions, C::MessageId)).is_not_null())
        .cond_where(Measure::Attributed.condition())
        .cond_where(valid(period.as_of))
        .to_owned();
    Query::select()
        .column((Messages, MessageColumn::CampaignId))
        .expr_as(count(), "ordered")
        .from(Messages)
        .and_where(Expr::col((Messages, MessageColumn::ShopId)).eq(shop))
        .cond_where(within(Messages, MessageColumn::IssuedAt, MessageColumn::CampaignId, period))
        .and_where(Expr::col((Messages, MessageColumn::Id)).in_subquery(buyers))
        .group_by_col((Messages, MessageColumn::CampaignId))
        .to_owned()
}

/// Attributed orders of the period, and those that the period's messages brought after it.
fn bought(shop: ShopId, period: &Period) -> SelectStatement {
    let conversion = |column: C| Expr::col((Conversions, column));
    let in_period = || conversion(C::OrderedOn).lte(period.to.0);
    let on = Cond::all()
        .add(Expr::col((Messages, MessageColumn::ShopId)).eq(shop))
        .add(Expr::col((Messages, MessageColumn::Id)).equals((Conversions, C::MessageId)));
    let of_these = || {
        let issued_at = || Expr::col((Messages, MessageColumn::IssuedAt));
        issued_at().gte(period.instants.0).and(issued_at().lt(period.instants.1))
    };
    let mut select = Query::select()
        .column((Conversions, C::CampaignId))
        .expr_as(counted(in_period()), "orders")
        .expr_as(counted(in_period().and(of_these())), "of_these")
        .expr_as(counted(in_period().not().and(of_these())), "afterwards")
        .from(Conversions)
        // A message that is gone does not take its orders with it.
        .join(sea_orm::JoinType::LeftJoin, Messages, on)
        .and_where(conversion(C::ShopId).eq(shop))
        .and_where(conversion(C::Policy).eq(period.policy.name.clone()))
        .and_where(conversion(C::OrderedOn).gte(period.from.0))
        .and_where(conversion(C::CampaignId).is_not_null())
        .cond_where(Measure::Attributed.condition())
        .cond_where(valid(period.as_of))
        .group_by_col((Conversions, C::CampaignId))
        .to_owned();
    if let Some(campaign) = period.campaign {
        select.and_where(conversion(C::CampaignId).eq(campaign));
    }
    select
}
