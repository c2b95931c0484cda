//! What the codes that messages carry count as: in reports, by the quarter of an hour in which their message was made.
//!
//! A code's state changes in its own room and its message arrives here, often many at once: whoever changes either raises a
//! doubt of the code ([`counts::doubt`]), and the difference is counted soon after. Time alone ends a code before anybody
//! writes it down; that is for whoever reads to see ([`overdue`]).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Func, OnConflict, Query, SelectStatement};
use sea_orm::{ConnectionTrait, FromQueryResult, IntoActiveModel, JoinType};

use super::message::{Column as M, Entity as Messages, Model as Message};
use crate::app::App;
use crate::campaigns::CampaignId;
use crate::codes::{CodeColumn, RedeemCode, RedeemCodeId, RedeemCodes, State, in_somebodys_hands};
use crate::db::counts::{self, CODES, Changes, Doubted};
use crate::db::{INSERT_ROWS, insert_once};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// The book of codes: a line for each campaign and [`Stands`].
pub const CODED: &str = "coded";

/// Where a code stands, as far as it was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stands {
    /// On its way to Shopify.
    Pending,
    /// A recipient has it; its time may be over.
    Issued,
    /// An order used it.
    Redeemed,
    /// Its time is over.
    Expired,
    /// Taken back.
    Revoked,
}

impl Stands {
    const ALL: [Self; 5] = [Self::Pending, Self::Issued, Self::Redeemed, Self::Expired, Self::Revoked];

    const fn of(state: State) -> Self {
        match state {
            State::Redeemed => Self::Redeemed,
            State::Revoking | State::Revoked => Self::Revoked,
            State::Expired => Self::Expired,
            State::Issued => Self::Issued,
            State::Reserved | State::Pushed | State::Imported | State::Canary => Self::Pending,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Issued => "issued",
            Self::Redeemed => "redeemed",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stands| stands.word() == word)
    }
}

/// What was counted of a code. Its message's campaign and instant never change.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "counted_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub redeem_code_id: RedeemCodeId,
    /// Where it stands, and `+` if its message arrived.
    pub counted: String,
}

impl ActiveModelBehavior for ActiveModel {}

/// A code as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Coded {
    stands: Stands,
    arrived: bool,
}

impl Coded {
    fn kept(self) -> String {
        format!("{}{}", self.stands.word(), if self.arrived { "+" } else { "" })
    }

    fn read(kept: &str) -> Option<Self> {
        let arrived = kept.ends_with('+');
        Some(Self { stands: Stands::read(kept.trim_end_matches('+'))?, arrived })
    }

    fn count(self, changes: &mut Changes, (at, campaign): (Timestamp, CampaignId), by: i64) {
        let line = format!("{campaign} {}", self.stands.word());
        changes.add(CODED, at, &line, "codes", by);
        changes.add(CODED, at, &line, "arrived", i64::from(self.arrived) * by);
    }
}

/// Counts the codes of messages that were just made.
pub(super) async fn count_made<'m>(
    txn: &impl ConnectionTrait,
    changes: &mut Changes,
    made: impl Iterator<Item = (&'m Message, &'m RedeemCode)>,
) -> Result<(), DbErr> {
    let mut rows = Vec::new();
    for (message, code) in made {
        let coded = Coded { stands: Stands::of(code.state), arrived: false };
        coded.count(changes, (message.issued_at, message.campaign_id), 1);
        let row = Model { shop_id: message.shop_id, redeem_code_id: code.id, counted: coded.kept() };
        rows.push(row.into_active_model());
    }
    insert_once(txn, rows).await.map(drop)
}

/// Codes alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodeCounts {
    /// How many.
    pub codes: i64,
    /// On messages that arrived.
    pub arrived: i64,
}

impl CodeCounts {
    /// These and others.
    pub const fn and(self, other: Self) -> Self {
        Self { codes: self.codes + other.codes, arrived: self.arrived + other.arrived }
    }

    /// These without others.
    pub const fn less(self, other: Self) -> Self {
        Self { codes: self.codes - other.codes, arrived: self.arrived - other.arrived }
    }
}

/// The codes of messages made between two instants, of one campaign if only it is asked for, by where they stand. `None`:
/// they are not counted.
pub async fn code_counts(
    db: &impl ConnectionTrait,
    shop: ShopId,
    campaign: Option<CampaignId>,
    between: (Timestamp, Timestamp),
) -> Result<Option<BTreeMap<Stands, CodeCounts>>, DbErr> {
    let Some(lines) = counts::read(db, shop, CODED, between).await? else { return Ok(None) };
    let doubted = ids(&counts::doubted(db, shop, CODES).await?);
    let since = differences(db, shop, &doubted).await?.0.lines_within(CODED, between);
    let mut found: BTreeMap<Stands, CodeCounts> = BTreeMap::new();
    for (line, of) in lines.iter().chain(&since) {
        let Some((of_campaign, word)) = line.split_once(' ') else { continue };
        let asked = campaign.is_none() || CampaignId::parse(of_campaign) == campaign;
        if let Some(stands) = Stands::read(word).filter(|_| asked) {
            let sum = found.entry(stands).or_default();
            *sum = sum.and(CodeCounts { codes: of.of("codes"), arrived: of.of("arrived") });
        }
    }
    Ok(Some(found))
}

#[derive(FromQueryResult)]
struct Over {
    codes: i64,
    arrived: i64,
}

/// Those of [`Stands::Issued`] whose time is over, though nobody has written it down: what ended since that was last done.
pub async fn overdue(
    db: &impl ConnectionTrait,
    shop: ShopId,
    campaign: Option<CampaignId>,
    (from, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<CodeCounts, DbErr> {
    let arrived: Expr = CaseStatement::new().case(has_arrived(), 1).finally(0).into();
    let mut select = carried(shop);
    select
        .expr_as(Expr::cust("CAST(COUNT(*) AS BIGINT)"), "codes")
        .expr_as(Expr::from(Func::cast_as(Func::coalesce([arrived.sum(), Expr::val(0)]), "BIGINT")), "arrived")
        .and_where(in_somebodys_hands())
        .and_where(Expr::col((RedeemCodes, CodeColumn::ExpiresAt)).lte(now))
        .and_where(Expr::col((Messages, M::IssuedAt)).gte(from))
        .and_where(Expr::col((Messages, M::IssuedAt)).lt(until));
    if let Some(campaign) = campaign {
        select.and_where(Expr::col((Messages, M::CampaignId)).eq(campaign));
    }
    let row = db.query_one(&select).await?;
    let over = row.map(|row| Over::from_query_result(&row, "")).transpose()?;
    Ok(over.map_or_else(CodeCounts::default, |Over { codes, arrived }| CodeCounts { codes, arrived }))
}

/// Counts the codes that are doubted, some at a time; whether there were any.
pub async fn count_doubted_codes(app: &App, shop: ShopId) -> Result<bool, DbErr> {
    let txn = app.db.begin_write().await?;
    let Some(doubted) = counts::take_doubts(&txn, shop, CODED, &[CODES]).await? else { return Ok(false) };
    let (changes, rows) = differences(&txn, shop, &ids(&doubted)).await?;
    keep(&txn, rows).await?;
    changes.append(&txn, &app.chance, shop, app.clock.now()).await?;
    txn.commit().await?;
    Ok(true)
}

fn ids(doubted: &Doubted) -> Vec<RedeemCodeId> {
    let keys = doubted.get(CODES).into_iter().flatten();
    keys.filter_map(|key| Uuid::parse_str(key).ok().map(RedeemCodeId)).collect()
}

async fn keep(txn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    let instead = OnConflict::columns([Column::ShopId, Column::RedeemCodeId]).update_column(Column::Counted).to_owned();
    for some in rows.chunks(INSERT_ROWS) {
        let rows = some.iter().cloned().map(IntoActiveModel::into_active_model);
        Entity::insert_many(rows).on_conflict(instead.clone()).exec_without_returning(txn).await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    redeem_code_id: RedeemCodeId,
    campaign_id: CampaignId,
    issued_at: Timestamp,
    state: State,
    arrived: bool,
    counted: Option<String>,
}

impl Row {
    fn is(&self) -> Coded {
        Coded { stands: Stands::of(self.state), arrived: self.arrived }
    }

    fn row(&self, shop: ShopId) -> Model {
        Model { shop_id: shop, redeem_code_id: self.redeem_code_id, counted: self.is().kept() }
    }
}

/// What became of some codes since they were counted, and what is to be kept as counted.
async fn differences(
    db: &impl ConnectionTrait,
    shop: ShopId,
    codes: &[RedeemCodeId],
) -> Result<(Changes, Vec<Model>), DbErr> {
    let (mut changes, mut rows) = (Changes::default(), Vec::new());
    for some in codes.chunks(INSERT_ROWS) {
        let these = Expr::col((Messages, M::RedeemCodeId)).is_in(some.iter().map(|code| code.0));
        for row in rows_of(db, beside(shop).and_where(these).to_owned()).await? {
            let place = (row.issued_at, row.campaign_id);
            if row.counted.as_ref() == Some(&row.is().kept()) {
                continue;
            }
            if let Some(was) = row.counted.as_deref().and_then(Coded::read) {
                was.count(&mut changes, place, -1);
            }
            row.is().count(&mut changes, place, 1);
            rows.push(row.row(shop));
        }
    }
    Ok((changes, rows))
}

/// Counts the codes of messages made between two instants from their rows, and keeps what they are counted as.
pub async fn recount_codes(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    (from, until): (Timestamp, Timestamp),
) -> Result<Changes, DbErr> {
    let issued_at = || Expr::col((Messages, M::IssuedAt));
    let made = beside(shop).and_where(issued_at().gte(from)).and_where(issued_at().lt(until)).to_owned();
    let (mut changes, mut new, mut other) = (Changes::default(), Vec::new(), Vec::new());
    for row in rows_of(txn, made).await? {
        row.is().count(&mut changes, (row.issued_at, row.campaign_id), 1);
        match &row.counted {
            None => new.push(row.row(shop).into_active_model()),
            Some(counted) if *counted != row.is().kept() => other.push(row.row(shop)),
            Some(_) => {}
        }
    }
    insert_once(txn, new).await?;
    keep(txn, other).await?;
    Ok(changes)
}

async fn rows_of(db: &impl ConnectionTrait, select: SelectStatement) -> Result<Vec<Row>, DbErr> {
    db.query_all(&select).await?.iter().map(|row| Row::from_query_result(row, "")).collect()
}

fn has_arrived() -> Expr {
    let has = |column: M| Expr::col((Messages, column)).is_not_null();
    has(M::DeliveredAt).or(has(M::ReadAt))
}

/// Messages beside the codes they carry.
fn carried(shop: ShopId) -> SelectStatement {
    let on = Expr::col((RedeemCodes, CodeColumn::ShopId))
        .equals((Messages, M::ShopId))
        .and(Expr::col((RedeemCodes, CodeColumn::Id)).equals((Messages, M::RedeemCodeId)));
    Query::select()
        .from(Messages)
        .join(JoinType::InnerJoin, RedeemCodes, on)
        .and_where(Expr::col((Messages, M::ShopId)).eq(shop))
        .and_where(Expr::col((RedeemCodes, CodeColumn::ShopId)).eq(shop))
        .to_owned()
}

/// The same beside what they are counted as.
fn beside(shop: ShopId) -> SelectStatement {
    let on = Expr::col((Entity, Column::ShopId))
        .equals((Messages, M::ShopId))
        .and(Expr::col((Entity, Column::RedeemCodeId)).equals((Messages, M::RedeemCodeId)));
    carried(shop)
        .columns([(Messages, M::RedeemCodeId), (Messages, M::CampaignId), (Messages, M::IssuedAt)])
        .column((RedeemCodes, CodeColumn::State))
        .expr_as(has_arrived(), "arrived")
        .column((Entity, Column::Counted))
        .left_join(Entity, on)
        .to_owned()
}

/// The codes that messages carry which arrived just now are doubted: those among them that did not arrive before.
pub(super) async fn doubt_arrived(txn: &impl ConnectionTrait, was: &Message, is: &Message) -> Result<(), DbErr> {
    let code = is.redeem_code_id.filter(|_| was.arrived_at().is_none() && is.arrived_at().is_some());
    match code {
        Some(code) => counts::doubt(txn, is.shop_id, CODES, vec![code.0.to_string()]).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_code_reads_back() {
        for stands in Stands::ALL {
            for arrived in [false, true] {
                let coded = Coded { stands, arrived };
                assert_eq!(Coded::read(&coded.kept()), Some(coded));
            }
        }
        assert_eq!(Coded::read("gone"), None);
    }
}
