//! What a verdict counts as: in reports, on the shop's day on which its order was placed. Only as it stands now; what was
//! true at an earlier instant is read from the stages themselves.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Expr, Func, Query};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, JoinType, QueryFilter,
    QuerySelect,
};
use serde::{Deserialize, Serialize};

use super::conversion::{COLUMN, Column, Entity, Model as Conversion};
use super::evidence::Kind;
use super::line::Line;
use crate::campaigns::CampaignId;
pub use crate::db::counts::at_day;
use crate::db::counts::{Changes, QUARTER};
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Day, Timestamp};
use crate::messages::{self, Message, MessageColumn, Messages};

/// The book of sales by day: a line for each [`Sold`] without its campaign.
pub const SALES: &str = "sales";

/// The same of orders that go back to a message, with their campaign.
pub const CAMPAIGN_SALES: &str = "campaign_sales";

/// Attributed orders by when their message was made: a line for each [`OfMessages`]. The second of its form, with net sales.
pub const BOUGHT: &str = "bought/2";

/// Orders alike in what reports tell apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sold {
    /// By which rules.
    pub policy: String,
    /// Their campaign, in the book that has it.
    pub campaign: Option<CampaignId>,
    line: String,
    evidence: Option<String>,
    /// Nothing but the pixel ties them to their message.
    pub by_pixel: bool,
    /// An abandoned checkout was recovered.
    pub recovered: bool,
    /// Exposure alone stands behind them.
    pub assisted: bool,
}

/// Attributed orders of one campaign's messages that were placed on one day; without a day: messages with such an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfMessages {
    /// By which rules.
    pub policy: String,
    /// Whose messages.
    pub campaign: CampaignId,
    ordered_on: Option<i32>,
}

impl Sold {
    /// Reads a line of the book.
    pub fn read(line: &str) -> Result<Self, DbErr> {
        serde_json::from_str(line).map_err(|error| DbErr::Json(error.to_string()))
    }

    /// Their line of the ledger.
    pub fn line(&self) -> Result<Line, DbErr> {
        Line::try_from_value(&self.line)
    }

    /// What ties them to a message.
    pub fn evidence(&self) -> Result<Option<Kind>, DbErr> {
        self.evidence.as_ref().map(Kind::try_from_value).transpose()
    }
}

impl OfMessages {
    /// Reads a line of the book.
    pub fn read(line: &str) -> Result<Self, DbErr> {
        serde_json::from_str(line).map_err(|error| DbErr::Json(error.to_string()))
    }

    /// The day the orders were placed.
    pub fn ordered_on(&self) -> Option<Day> {
        self.ordered_on.map(Day)
    }
}

fn written(line: &impl Serialize) -> String {
    serde_json::to_string(line).expect("texts and numbers are written")
}

/// Whether a policy's verdicts are counted: not what was put aside under an earlier version's name.
pub fn is_counted(policy: &str) -> bool {
    !policy.contains('@')
}

/// Orders alike, and what they come to.
#[derive(FromQueryResult)]
struct Alike {
    policy: String,
    ordered_on: Day,
    line: Line,
    evidence: Option<Kind>,
    assisted: bool,
    by_pixel: bool,
    recovered: bool,
    campaign_id: Option<CampaignId>,
    orders: i64,
    net: i64,
    left_out: i64,
    tips: i64,
    tipped: i64,
    gift_cards: i64,
    gifted: i64,
}

impl Alike {
    fn of(row: &Conversion) -> Self {
        Self {
            policy: row.policy.clone(),
            ordered_on: row.ordered_on,
            line: row.line,
            evidence: row.evidence,
            assisted: row.assisted,
            by_pixel: row.by_pixel.unwrap_or(false),
            recovered: row.recovered_message_id.is_some(),
            campaign_id: row.campaign_id,
            orders: 1,
            net: row.net_minor,
            left_out: row.left_out_minor,
            tips: row.tips_minor,
            tipped: i64::from(row.tips_minor != 0),
            gift_cards: row.gift_cards_minor,
            gifted: i64::from(row.gift_cards_minor != 0),
        }
    }

    fn count(&self, changes: &mut Changes, by: i64) {
        let mut line = Sold {
            policy: self.policy.clone(),
            campaign: None,
            line: self.line.to_value(),
            evidence: self.evidence.map(|kind| kind.to_value()),
            by_pixel: self.by_pixel,
            recovered: self.recovered,
            assisted: self.assisted,
        };
        for book in [SALES, CAMPAIGN_SALES] {
            for (measure, amount) in [
                ("orders", self.orders),
                ("net", self.net),
                ("left_out", self.left_out),
                ("tips", self.tips),
                ("tipped", self.tipped),
                ("gift_cards", self.gift_cards),
                ("gifted", self.gifted),
            ] {
                changes.add(book, at_day(self.ordered_on), &written(&line), measure, amount * by);
            }
            line.campaign = self.campaign_id;
            if line.campaign.is_none() {
                return;
            }
        }
    }
}

/// Whether a stage is counted at all.
fn stands(row: &Conversion) -> bool {
    row.superseded_at == Timestamp::FOREVER && is_counted(&row.policy)
}

/// What is known of the messages behind some stages; they are held, so that nobody else counts at them meanwhile.
pub(super) async fn behind(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    rows: impl Iterator<Item = &Conversion>,
) -> Result<BTreeMap<MessageId, Message>, DbErr> {
    let ids: BTreeSet<MessageId> = rows.filter(|row| stands(row)).filter_map(|row| row.message_id).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    Ok(messages::hold(txn, shop, ids).await?.into_iter().map(|message| (message.id, message)).collect())
}

/// Counts what was written in place of what was taken away, under one policy. What is written is there already.
pub(super) async fn count(
    txn: &impl ConnectionTrait,
    (shop, policy): (ShopId, &str),
    (gone, new): (&[Conversion], &[Conversion]),
    behind: &BTreeMap<MessageId, Message>,
) -> Result<Changes, DbErr> {
    let mut changes = Changes::default();
    // How many more attributed orders each message has now.
    let mut more: BTreeMap<MessageId, i64> = BTreeMap::new();
    let signed = gone.iter().map(|row| (row, -1)).chain(new.iter().map(|row| (row, 1)));
    for (row, by) in signed.filter(|(row, _)| stands(row)) {
        Alike::of(row).count(&mut changes, by);
        let message = row.message_id.and_then(|id| behind.get(&id)).filter(|_| row.line.credited());
        let (Some(message), Some(campaign)) = (message, row.campaign_id) else { continue };
        *more.entry(message.id).or_default() += by;
        let line = OfMessages { policy: policy.to_owned(), campaign, ordered_on: Some(row.ordered_on.0) };
        changes.add(BOUGHT, message.issued_at, &written(&line), "orders", by);
        changes.add(BOUGHT, message.issued_at, &written(&line), "net", row.net_minor * by);
    }
    let now = with_orders(txn, shop, policy, more.keys().copied()).await?;
    for (id, more) in more {
        let (Some(message), now) = (behind.get(&id), now.get(&id).copied().unwrap_or(0)) else { continue };
        let turned = i64::from(now > 0) - i64::from(now - more > 0);
        let line = OfMessages { policy: policy.to_owned(), campaign: message.campaign_id, ordered_on: None };
        changes.add(BOUGHT, message.issued_at, &written(&line), "messages", turned);
    }
    Ok(changes)
}

/// How many attributed orders some messages have.
async fn with_orders(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    policy: &str,
    ids: impl Iterator<Item = MessageId>,
) -> Result<BTreeMap<MessageId, i64>, DbErr> {
    let ids: Vec<MessageId> = ids.collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = Entity::find()
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.policy.eq(policy))
        .filter(COLUMN.message_id.is_in(ids))
        .filter(COLUMN.superseded_at.eq(Timestamp::FOREVER))
        .filter(COLUMN.line.is_in(credited()))
        .all(txn)
        .await?;
    let mut orders = BTreeMap::new();
    rows.iter().filter_map(|row| row.message_id).for_each(|id| *orders.entry(id).or_default() += 1);
    Ok(orders)
}

fn credited() -> [Line; 2] {
    [Line::Attributed, Line::AttributedShared]
}

/// The first and the last day with an order.
pub async fn ordered_between(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<(Day, Day)>, DbErr> {
    let select = Query::select()
        .expr_as(Expr::col(Column::OrderedOn).min(), "first")
        .expr_as(Expr::col(Column::OrderedOn).max(), "last")
        .from(Entity)
        .and_where(Expr::col(Column::ShopId).eq(shop))
        .to_owned();
    let Some(row) = db.query_one(&select).await? else { return Ok(None) };
    Ok(row.try_get::<Option<Day>>("", "first")?.zip(row.try_get::<Option<Day>>("", "last")?))
}

/// The policies of which there are verdicts that are counted.
pub async fn counted_policies(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<String>, DbErr> {
    let find = Entity::find().select_only().column(Column::Policy).distinct().filter(COLUMN.shop_id.eq(shop));
    let mut found: Vec<String> = find.into_tuple().all(db).await?;
    found.retain(|policy| is_counted(policy));
    Ok(found)
}

/// Counts the sales of some days from their rows.
pub async fn recount_sales(
    db: &impl ConnectionTrait,
    shop: ShopId,
    policies: &[String],
    (from, to): (Day, Day),
) -> Result<Changes, DbErr> {
    let by_pixel = || Expr::cust("COALESCE(by_pixel, FALSE)");
    let recovered = || Expr::col(Column::RecoveredMessageId).is_not_null();
    let sum = |text: &str| Expr::cust(format!("CAST(COALESCE(SUM({text}), 0) AS BIGINT)"));
    use Column::{Assisted, CampaignId, Evidence, Line, OrderedOn, Policy};
    let alike = [Policy, OrderedOn, Line, Evidence, Assisted, CampaignId];
    let select = Query::select()
        .columns(alike)
        .expr_as(by_pixel(), "by_pixel")
        .expr_as(recovered(), "recovered")
        .expr_as(Expr::cust("CAST(COUNT(*) AS BIGINT)"), "orders")
        .expr_as(sum("net_minor"), "net")
        .expr_as(sum("left_out_minor"), "left_out")
        .expr_as(sum("tips_minor"), "tips")
        .expr_as(sum("CASE WHEN tips_minor <> 0 THEN 1 ELSE 0 END"), "tipped")
        .expr_as(sum("gift_cards_minor"), "gift_cards")
        .expr_as(sum("CASE WHEN gift_cards_minor <> 0 THEN 1 ELSE 0 END"), "gifted")
        .from(Entity)
        .and_where(Expr::col(Column::ShopId).eq(shop))
        .and_where(Expr::col(Policy).is_in(policies))
        .and_where(Expr::col(OrderedOn).gte(from.0))
        .and_where(Expr::col(OrderedOn).lte(to.0))
        .and_where(Expr::col(Column::SupersededAt).eq(Timestamp::FOREVER))
        .group_by_columns(alike)
        .add_group_by([by_pixel(), recovered()])
        .to_owned();
    let mut changes = Changes::default();
    for row in db.query_all(&select).await? {
        Alike::from_query_result(&row, "")?.count(&mut changes, 1);
    }
    Ok(changes)
}

#[derive(FromQueryResult)]
struct Bought {
    policy: String,
    quarter: i64,
    campaign_id: CampaignId,
    ordered_on: Day,
    orders: i64,
    net: i64,
}

#[derive(FromQueryResult)]
struct Buying {
    policy: String,
    quarter: i64,
    campaign_id: CampaignId,
    messages: i64,
}

/// Counts what messages brought from their rows and the stages.
pub async fn recount_bought(db: &impl ConnectionTrait, shop: ShopId) -> Result<Changes, DbErr> {
    let of_message = |column: MessageColumn| Expr::col((Messages, column));
    let joined = of_message(MessageColumn::ShopId)
        .equals((Entity, Column::ShopId))
        .and(of_message(MessageColumn::Id).equals((Entity, Column::MessageId)));
    let quarter = || of_message(MessageColumn::IssuedAt).div(Expr::cust(QUARTER.to_string()));
    let base = || {
        let mut select = Query::select();
        select
            .column((Entity, Column::Policy))
            .expr_as(quarter(), "quarter")
            .from(Entity)
            .join(JoinType::InnerJoin, Messages, joined.clone())
            .and_where(Expr::col((Entity, Column::ShopId)).eq(shop))
            .and_where(Expr::col((Entity, Column::SupersededAt)).eq(Timestamp::FOREVER))
            .and_where(Expr::col((Entity, Column::Line)).is_in(credited()))
            .group_by_col((Entity, Column::Policy))
            .add_group_by([quarter()]);
        select
    };
    let mut changes = Changes::default();
    let of_orders = base()
        .columns([(Entity, Column::CampaignId), (Entity, Column::OrderedOn)])
        .expr_as(Expr::cust("CAST(COUNT(*) AS BIGINT)"), "orders")
        .expr_as(Expr::cust("CAST(SUM(net_minor) AS BIGINT)"), "net")
        .and_where(Expr::col((Entity, Column::CampaignId)).is_not_null())
        .group_by_columns([(Entity, Column::CampaignId), (Entity, Column::OrderedOn)])
        .to_owned();
    for row in db.query_all(&of_orders).await? {
        let row = Bought::from_query_result(&row, "")?;
        if is_counted(&row.policy) {
            let line = OfMessages { policy: row.policy, campaign: row.campaign_id, ordered_on: Some(row.ordered_on.0) };
            let at = Timestamp::from_micros(row.quarter * QUARTER);
            changes.add(BOUGHT, at, &written(&line), "orders", row.orders);
            changes.add(BOUGHT, at, &written(&line), "net", row.net);
        }
    }
    let of_messages = base()
        .expr_as(of_message(MessageColumn::CampaignId), "campaign_id")
        .expr_as(Func::cast_as(Expr::col((Entity, Column::MessageId)).count_distinct(), "BIGINT"), "messages")
        .add_group_by([of_message(MessageColumn::CampaignId)])
        .to_owned();
    for row in db.query_all(&of_messages).await? {
        let row = Buying::from_query_result(&row, "")?;
        if is_counted(&row.policy) {
            let line = OfMessages { policy: row.policy, campaign: row.campaign_id, ordered_on: None };
            let at = Timestamp::from_micros(row.quarter * QUARTER);
            changes.add(BOUGHT, at, &written(&line), "messages", row.messages);
        }
    }
    Ok(changes)
}
