//! What a message counts as: in reports, by the quarter of an hour in which it was made, whatever came of it later.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use sea_orm::sea_query::{CaseStatement, Expr, Func, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};

use super::message::{COLUMN, Column, Entity, Model as Message};
use crate::campaigns::CampaignId;
use crate::codes::{CodeColumn, RedeemCodes};
use crate::db::counts::{self, Changes, Line, QUARTER};
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Currency, Day, Money, Price, Timestamp};
use crate::shops::{Shop, Shops};

/// The book of messages: a line for each campaign. The second of its form, with codes that were used.
pub const MESSAGES: &str = "messages/2";

/// The book of what messages are charged by: a line for each [`Charge`].
pub const COSTS: &str = "costs";

const COUNT: &str = "messages";

/// How far messages came; each step implies the ones before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// Given a link, and a code when there is an offer.
    pub issued: i64,
    /// Known to be sent.
    pub sent: i64,
    /// Known to have arrived; `read` implies it.
    pub delivered: i64,
    /// Known to be read.
    pub read: i64,
    /// Known never to have arrived.
    pub failed: i64,
    /// Arrived with a code.
    pub coded: i64,
    /// Arrived with a code that an order used.
    pub redeemed: i64,
}

impl Steps {
    fn of(message: &Message) -> Self {
        let arrived = message.arrived_at().is_some();
        Self {
            issued: 1,
            sent: i64::from(arrived || message.sent_at.is_some()),
            delivered: i64::from(arrived),
            read: i64::from(message.read_at.is_some()),
            failed: i64::from(message.failed()),
            coded: i64::from(arrived && message.redeem_code_id.is_some()),
            redeemed: i64::from(arrived && message.code_redeemed_at.is_some()),
        }
    }

    const fn named(self) -> [(&'static str, i64); 7] {
        [
            ("issued", self.issued),
            ("sent", self.sent),
            ("delivered", self.delivered),
            ("read", self.read),
            ("failed", self.failed),
            ("coded", self.coded),
            ("redeemed", self.redeemed),
        ]
    }

    fn read(line: &Line) -> Self {
        Self {
            issued: line.of("issued"),
            sent: line.of("sent"),
            delivered: line.of("delivered"),
            read: line.of("read"),
            failed: line.of("failed"),
            coded: line.of("coded"),
            redeemed: line.of("redeemed"),
        }
    }
}

/// Everything the price of a message depends on, and nothing else: so that many are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Whose message it is.
    pub campaign: CampaignId,
    /// Its price as it was told.
    told: Option<(String, Currency)>,
    /// Without one: the number of the day it arrived on, if it is charged for that.
    arrived_on: Option<i32>,
    /// Without one: whose number it went to.
    pub country: Option<String>,
    /// Without one: WhatsApp's category.
    pub category: Option<String>,
}

impl Charge {
    /// What a price depends on; `arrived_on` is asked for only where it decides.
    fn new(
        campaign: CampaignId,
        told: Option<Price>,
        arrived_on: impl FnOnce() -> Option<Day>,
        (country, category, kind): (Option<&String>, Option<&String>, Option<&String>),
    ) -> Self {
        let told = told.map(|price| (price.decimal(), price.currency()));
        let free = kind.is_some_and(|kind| kind.starts_with("free"));
        let arrived_on = if told.is_none() && !free { arrived_on().map(|day| day.0) } else { None };
        let by_rate = |of: Option<&String>| of.filter(|_| arrived_on.is_some()).cloned();
        let (country, category) = (by_rate(country), by_rate(category));
        Self { campaign, told, arrived_on, country, category }
    }

    fn of(message: &Message, zone: Tz) -> Self {
        let arrived_on = || message.arrived_at().map(|at| at.day(zone));
        let by = (message.country.as_ref(), message.price_category.as_ref(), message.price_kind.as_ref());
        Self::new(message.campaign_id, message.cost(), arrived_on, by)
    }

    /// The price as it was told.
    pub fn told(&self) -> Option<Price> {
        let (amount, currency) = self.told.as_ref()?;
        Price::parse(amount, *currency).ok()
    }

    /// The day it arrived on, if its price depends on that.
    pub fn arrived_on(&self) -> Option<Day> {
        self.arrived_on.map(Day)
    }

    fn line(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are written")
    }
}

/// The zone in whose days the price of a message is looked up, before and after a change; any, where that does not matter.
pub(super) async fn zone_for(txn: &impl ConnectionTrait, states: [&Message; 2]) -> Result<Tz, DbErr> {
    if states.iter().all(|message| Charge::of(message, Tz::UTC).arrived_on.is_none()) {
        return Ok(Tz::UTC);
    }
    Ok(Shops::find_by_id(states[0].shop_id).one(txn).await?.map_or(Tz::UTC, |shop| shop.zone()))
}

/// Counts a message as it is (`1`), or takes away what it counted as (`-1`).
pub(super) fn count_message(changes: &mut Changes, message: &Message, zone: Tz, by: i64) {
    let line = message.campaign_id.to_string();
    for (measure, one) in Steps::of(message).named() {
        changes.add(MESSAGES, message.issued_at, &line, measure, one * by);
    }
    changes.add(COSTS, message.issued_at, &Charge::of(message, zone).line(), COUNT, by);
}

/// How far the messages of each campaign came that were made between two instants.
pub async fn steps(
    db: &impl ConnectionTrait,
    shop: ShopId,
    between: (Timestamp, Timestamp),
) -> Result<BTreeMap<CampaignId, Steps>, DbErr> {
    let lines = match counts::read(db, shop, MESSAGES, between).await? {
        Some(lines) => lines,
        None => recount_steps(db, shop, between).await?.lines(MESSAGES),
    };
    Ok(of_campaigns(&lines))
}

/// The same of each of the stretches between instants that rise.
pub async fn steps_each(
    db: &impl ConnectionTrait,
    shop: ShopId,
    bounds: &[Timestamp],
) -> Result<Vec<BTreeMap<CampaignId, Steps>>, DbErr> {
    let lines = match counts::read_each(db, shop, MESSAGES, bounds).await? {
        Some(lines) => lines,
        None => recount_steps(db, shop, ends(bounds)).await?.lines_each(MESSAGES, bounds),
    };
    Ok(lines.iter().map(of_campaigns).collect())
}

fn of_campaigns(lines: &BTreeMap<String, Line>) -> BTreeMap<CampaignId, Steps> {
    lines.iter().filter_map(|(line, of)| Some((CampaignId::parse(line)?, Steps::read(of)))).collect()
}

/// The first and the last of some instants.
fn ends(bounds: &[Timestamp]) -> (Timestamp, Timestamp) {
    let ends = bounds.first().zip(bounds.last());
    ends.map_or_else(Default::default, |(first, last)| (*first, *last))
}

/// Messages made between two instants, by what they are charged by.
pub async fn charges(
    db: &impl ConnectionTrait,
    shop: &Shop,
    between: (Timestamp, Timestamp),
) -> Result<Vec<(Charge, i64)>, DbErr> {
    let lines = match counts::read(db, shop.shop_id, COSTS, between).await? {
        Some(lines) => lines,
        None => recount_charges(db, shop, between).await?.lines(COSTS),
    };
    charged(&lines)
}

/// The same of each of the stretches between instants that rise.
pub async fn charges_each(
    db: &impl ConnectionTrait,
    shop: &Shop,
    bounds: &[Timestamp],
) -> Result<Vec<Vec<(Charge, i64)>>, DbErr> {
    let lines = match counts::read_each(db, shop.shop_id, COSTS, bounds).await? {
        Some(lines) => lines,
        None => recount_charges(db, shop, ends(bounds)).await?.lines_each(COSTS, bounds),
    };
    lines.iter().map(charged).collect()
}

fn charged(lines: &BTreeMap<String, Line>) -> Result<Vec<(Charge, i64)>, DbErr> {
    let charge = |line: &str| serde_json::from_str::<Charge>(line).map_err(|error| DbErr::Json(error.to_string()));
    lines.iter().map(|(line, of)| Ok((charge(line)?, of.of(COUNT)))).collect()
}

/// Some messages, held until the end of the transaction: whoever counts at them as well waits.
pub async fn hold(txn: &impl ConnectionTrait, shop: ShopId, ids: BTreeSet<MessageId>) -> Result<Vec<Message>, DbErr> {
    let find = Entity::of(shop).filter(COLUMN.id.is_in(ids)).order_by_asc(COLUMN.id);
    find.lock_exclusive().all(txn).await
}

/// When the first and the last message of a shop were made.
pub async fn issued_between(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<(Timestamp, Timestamp)>, DbErr> {
    let end = |end: Expr| {
        let select =
            Query::select().expr_as(end, "at").from(Entity).and_where(Expr::col(Column::ShopId).eq(shop)).to_owned();
        async move { db.query_one(&select).await?.map(|row| row.try_get::<Option<Timestamp>>("", "at")).transpose() }
    };
    let (first, last) = (end(Expr::col(Column::IssuedAt).min()).await?, end(Expr::col(Column::IssuedAt).max()).await?);
    Ok(first.flatten().zip(last.flatten()))
}

/// Counts messages from their rows.
pub async fn recount(
    db: &impl ConnectionTrait,
    shop: &Shop,
    between: (Timestamp, Timestamp),
) -> Result<Changes, DbErr> {
    let mut changes = recount_steps(db, shop.shop_id, between).await?;
    changes.extend(recount_charges(db, shop, between).await?);
    Ok(changes)
}

fn quarter(at: Expr) -> Expr {
    at.div(Expr::cust(QUARTER.to_string()))
}

fn of(column: Column) -> Expr {
    Expr::col((Entity, column))
}

fn made(shop: ShopId, (from, until): (Timestamp, Timestamp)) -> SelectStatement {
    Query::select()
        .expr_as(quarter(of(Column::IssuedAt)), "quarter")
        .column((Entity, Column::CampaignId))
        .expr_as(Expr::cust("CAST(COUNT(*) AS BIGINT)"), "issued")
        .from(Entity)
        .and_where(of(Column::ShopId).eq(shop))
        .and_where(of(Column::IssuedAt).gte(from))
        .and_where(of(Column::IssuedAt).lt(until))
        .add_group_by([quarter(of(Column::IssuedAt))])
        .group_by_col((Entity, Column::CampaignId))
        .to_owned()
}

#[derive(FromQueryResult)]
struct StepsRow {
    quarter: i64,
    campaign_id: CampaignId,
    issued: i64,
    sent: i64,
    delivered: i64,
    read: i64,
    failed: i64,
    coded: i64,
    redeemed: i64,
}

async fn recount_steps(
    db: &impl ConnectionTrait,
    shop: ShopId,
    between: (Timestamp, Timestamp),
) -> Result<Changes, DbErr> {
    let has = |column: Column| Expr::col(column).is_not_null();
    let arrived = || has(Column::DeliveredAt).or(has(Column::ReadAt));
    let counted = |condition: Expr| -> Expr {
        let one: Expr = CaseStatement::new().case(condition, 1).finally(0).into();
        Func::cast_as(one.sum(), "BIGINT").into()
    };
    let select = made(shop, between)
        .expr_as(counted(has(Column::SentAt).or(arrived())), "sent")
        .expr_as(counted(arrived()), "delivered")
        .expr_as(counted(has(Column::ReadAt)), "read")
        .expr_as(counted(has(Column::FailedAt).and(arrived().not())), "failed")
        .expr_as(counted(arrived().and(has(Column::RedeemCodeId))), "coded")
        .expr_as(counted(arrived().and(has(Column::CodeRedeemedAt))), "redeemed")
        .to_owned();
    let mut changes = Changes::default();
    for row in db.query_all(&select).await? {
        let row = StepsRow::from_query_result(&row, "")?;
        let StepsRow { issued, sent, delivered, read, failed, coded, redeemed, .. } = row;
        let at = Timestamp::from_micros(row.quarter * QUARTER);
        for (measure, count) in (Steps { issued, sent, delivered, read, failed, coded, redeemed }).named() {
            changes.add(MESSAGES, at, &row.campaign_id.to_string(), measure, count);
        }
    }
    Ok(changes)
}

#[derive(FromQueryResult)]
struct ChargeRow {
    quarter: i64,
    campaign_id: CampaignId,
    issued: i64,
    cost_amount: Option<String>,
    cost_minor: Option<i64>,
    cost_currency: Option<String>,
    country: Option<String>,
    price_category: Option<String>,
    price_kind: Option<String>,
    arrived: Option<i64>,
}

impl ChargeRow {
    fn charge(&self, zone: Tz) -> Charge {
        let currency = self.cost_currency.as_deref().and_then(Currency::parse);
        let told = currency.and_then(|currency| match &self.cost_amount {
            Some(amount) => Price::parse(amount, currency).ok(),
            None => Some(Money::new(self.cost_minor?, currency).into()),
        });
        // A day begins with a quarter of an hour, so that the quarter says the day.
        let arrived_on = || self.arrived.map(|quarter| Timestamp::from_micros(quarter * QUARTER).day(zone));
        let by = (self.country.as_ref(), self.price_category.as_ref(), self.price_kind.as_ref());
        Charge::new(self.campaign_id, told, arrived_on, by)
    }
}

#[derive(FromQueryResult)]
struct OfDiscount {
    discount: Option<uuid::Uuid>,
}

/// Messages of a campaign made between two instants, by the discount of their code and what they are charged by. From the
/// rows: of one campaign they are few.
pub async fn charges_by_discount(
    db: &impl ConnectionTrait,
    shop: &Shop,
    campaign: CampaignId,
    between: (Timestamp, Timestamp),
) -> Result<Vec<(Option<uuid::Uuid>, Charge, i64)>, DbErr> {
    let discount = || Expr::col((RedeemCodes, CodeColumn::DiscountId));
    let on = Expr::col((RedeemCodes, CodeColumn::ShopId))
        .equals((Entity, Column::ShopId))
        .and(Expr::col((RedeemCodes, CodeColumn::Id)).equals((Entity, Column::RedeemCodeId)));
    let mut select = charged_alike(shop.shop_id, between);
    select
        .expr_as(discount(), "discount")
        .left_join(RedeemCodes, on)
        .and_where(Expr::col((Entity, Column::CampaignId)).eq(campaign))
        .add_group_by([discount()]);
    let rows = db.query_all(&select).await?;
    let found = rows.iter().map(|row| {
        let alike = ChargeRow::from_query_result(row, "")?;
        Ok((OfDiscount::from_query_result(row, "")?.discount, alike.charge(shop.zone()), alike.issued))
    });
    found.collect()
}

/// Messages by everything their price depends on.
fn charged_alike(shop: ShopId, between: (Timestamp, Timestamp)) -> SelectStatement {
    use Column::{CostAmount, CostCurrency, CostMinor, Country, PriceCategory, PriceKind};
    let told = [CostAmount, CostMinor, CostCurrency, Country, PriceCategory, PriceKind].map(|column| (Entity, column));
    made(shop, between)
        .columns(told)
        .expr_as(quarter(arrived_at()), "arrived")
        .group_by_columns(told)
        .add_group_by([quarter(arrived_at())])
        .to_owned()
}

async fn recount_charges(
    db: &impl ConnectionTrait,
    shop: &Shop,
    between: (Timestamp, Timestamp),
) -> Result<Changes, DbErr> {
    let mut changes = Changes::default();
    for row in db.query_all(&charged_alike(shop.shop_id, between)).await? {
        let row = ChargeRow::from_query_result(&row, "")?;
        let at = Timestamp::from_micros(row.quarter * QUARTER);
        changes.add(COSTS, at, &row.charge(shop.zone()).line(), COUNT, row.issued);
    }
    Ok(changes)
}

/// When a message arrived: the earlier of delivered and read.
fn arrived_at() -> Expr {
    let (delivered, read) = (|| of(Column::DeliveredAt), || of(Column::ReadAt));
    let first = delivered().is_not_null().and(read().is_null().or(delivered().lte(read())));
    CaseStatement::new().case(first, delivered()).finally(read()).into()
}
