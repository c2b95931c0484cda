//! What an abandoned checkout counts as: in the quarter of an hour since which it lay quiet. Its shopper's steps, its draws
//! and its worth change in three rooms; each raises a doubt of it ([`counts::doubt`]), and the difference is counted soon
//! after.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{ActiveEnum, ConnectionTrait, FromQueryResult, IntoActiveModel, JoinType, QueryOrder, QuerySelect};

use crate::abandoned::{AbandonmentColumn as A, Abandonments, State};
use crate::app::App;
use crate::campaigns::{DrawColumn, Draws};
use crate::checkouts::{CheckoutColumn, Checkouts};
use crate::db::counts::{self, Changes, LEFT, QUARTER};
use crate::db::{INSERT_ROWS, insert_once};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// The book of abandoned checkouts: a line for each [`Left`] without its instant and its worth.
pub const LEFT_CHECKOUTS: &str = "left_checkouts";

/// Whom its shopper is in campaigns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// Somebody was written to about it.
    Written,
    /// Its shopper was left alone on purpose.
    HeldOut,
    /// Nobody chose it.
    Nobodys,
}

impl Whose {
    const ALL: [Self; 3] = [Self::Written, Self::HeldOut, Self::Nobodys];

    const fn word(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::HeldOut => "held_out",
            Self::Nobodys => "nobodys",
        }
    }
}

/// An abandoned checkout as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    quarter: i64,
    state: State,
    whose: Whose,
    value: i64,
}

/// What was counted of a checkout; nothing, where it is not abandoned.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "counted_checkouts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: String,
    pub counted: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl Left {
    fn kept(of: Option<Self>) -> String {
        of.map_or_else(String::new, |Self { quarter, state, whose, value }| {
            format!("{quarter}|{}|{}|{value}", state.to_value(), whose.word())
        })
    }

    fn read(kept: &str) -> Option<Self> {
        let [quarter, state, whose, value] = kept.split('|').collect::<Vec<_>>()[..] else { return None };
        Some(Self {
            quarter: quarter.parse().ok()?,
            state: State::try_from_value(&state.to_owned()).ok()?,
            whose: Whose::ALL.into_iter().find(|one| one.word() == whose)?,
            value: value.parse().ok()?,
        })
    }

    fn count(self, changes: &mut Changes, by: i64) {
        let line = format!("{} {}", self.state.to_value(), self.whose.word());
        let at = Timestamp::from_micros(self.quarter * QUARTER);
        changes.add(LEFT_CHECKOUTS, at, &line, "checkouts", by);
        changes.add(LEFT_CHECKOUTS, at, &line, "value", self.value * by);
    }
}

/// Checkouts alike, and what was in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alike {
    pub state: State,
    pub whose: Whose,
    pub checkouts: i64,
    pub value: i64,
}

/// Checkouts abandoned between two instants, those alike together; `None`: they are not counted.
pub async fn left(
    db: &impl ConnectionTrait,
    shop: ShopId,
    between: (Timestamp, Timestamp),
) -> Result<Option<Vec<Alike>>, DbErr> {
    let Some(lines) = counts::read(db, shop, LEFT_CHECKOUTS, between).await? else { return Ok(None) };
    let doubted = tokens(&counts::doubted(db, shop, LEFT).await?);
    let since = differences(db, shop, &doubted).await?.0.lines_within(LEFT_CHECKOUTS, between);
    let alike = lines.iter().chain(&since).filter_map(|(line, of)| {
        let (state, whose) = line.split_once(' ')?;
        Some(Alike {
            state: State::try_from_value(&state.to_owned()).ok()?,
            whose: Whose::ALL.into_iter().find(|one| one.word() == whose)?,
            checkouts: of.of("checkouts"),
            value: of.of("value"),
        })
    });
    Ok(Some(alike.collect()))
}

fn tokens(doubted: &counts::Doubted) -> Vec<String> {
    doubted.get(LEFT).into_iter().flatten().cloned().collect()
}

/// Counts some of the checkouts that are doubted; whether there were any.
pub async fn count_doubted_checkouts(app: &App, shop: ShopId) -> Result<bool, DbErr> {
    let txn = app.db.begin_write().await?;
    let Some(doubted) = counts::take_doubts(&txn, shop, LEFT_CHECKOUTS, &[LEFT]).await? else { return Ok(false) };
    let (changes, rows) = differences(&txn, shop, &tokens(&doubted)).await?;
    let instead = OnConflict::columns([Column::ShopId, Column::Token]).update_column(Column::Counted).to_owned();
    for some in rows.chunks(INSERT_ROWS) {
        let rows = some.iter().cloned().map(IntoActiveModel::into_active_model);
        Entity::insert_many(rows).on_conflict(instead.clone()).exec_without_returning(&txn).await?;
    }
    changes.append(&txn, &app.chance, shop, app.clock.now()).await?;
    txn.commit().await?;
    Ok(true)
}

/// What became of some checkouts since they were counted, and what is to be kept as counted.
async fn differences(
    db: &impl ConnectionTrait,
    shop: ShopId,
    tokens: &[String],
) -> Result<(Changes, Vec<Model>), DbErr> {
    let (mut changes, mut rows) = (Changes::default(), Vec::new());
    for some in tokens.chunks(INSERT_ROWS) {
        let these = some.iter().map(String::as_str);
        let counted = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.token.is_in(these)).all(db).await?;
        let counted: BTreeMap<String, String> = counted.into_iter().map(|row| (row.token, row.counted)).collect();
        let mut now = now(db, shop, some).await?;
        for token in some {
            let (is, was) = (now.remove(token), counted.get(token).map_or("", String::as_str));
            let kept = Left::kept(is);
            if kept == was {
                continue;
            }
            Left::read(was).into_iter().for_each(|was| was.count(&mut changes, -1));
            is.into_iter().for_each(|is| is.count(&mut changes, 1));
            rows.push(Model { shop_id: shop, token: token.clone(), counted: kept });
        }
    }
    Ok((changes, rows))
}

#[derive(FromQueryResult)]
struct Row {
    token: String,
    state: State,
    abandoned_at: Timestamp,
    total_minor: i64,
}

/// Those of some checkouts that are abandoned.
async fn now(db: &impl ConnectionTrait, shop: ShopId, tokens: &[String]) -> Result<BTreeMap<String, Left>, DbErr> {
    let these = || tokens.iter().map(String::as_str);
    let select = quiet(shop).and_where(Expr::col((Abandonments, A::Token)).is_in(these())).to_owned();
    let draws = Draws::of(shop).filter(DrawColumn::CheckoutToken.is_in(these())).select_only();
    let draws = draws.columns([DrawColumn::CheckoutToken, DrawColumn::HeldOut]);
    let draws: BTreeSet<(String, bool)> = draws.into_tuple::<(String, bool)>().all(db).await?.into_iter().collect();
    let mut found = BTreeMap::new();
    for row in db.query_all(&select).await? {
        let row = Row::from_query_result(&row, "")?;
        let drawn = |held_out| draws.contains(&(row.token.clone(), held_out));
        // Whom several campaigns chose counts as written to, if one of them wrote.
        let whose = match (drawn(false), drawn(true)) {
            (true, _) => Whose::Written,
            (false, true) => Whose::HeldOut,
            (false, false) => Whose::Nobodys,
        };
        let quarter = row.abandoned_at.micros().div_euclid(QUARTER);
        found.insert(row.token.clone(), Left { quarter, state: row.state, whose, value: row.total_minor });
    }
    Ok(found)
}

fn quiet(shop: ShopId) -> SelectStatement {
    let of_checkout = Expr::col((Checkouts, CheckoutColumn::ShopId))
        .equals((Abandonments, A::ShopId))
        .and(Expr::col((Checkouts, CheckoutColumn::Token)).equals((Abandonments, A::Token)));
    Query::select()
        .columns([(Abandonments, A::Token), (Abandonments, A::State), (Abandonments, A::AbandonedAt)])
        .column((Checkouts, CheckoutColumn::TotalMinor))
        .from(Abandonments)
        .join(JoinType::InnerJoin, Checkouts, of_checkout)
        .and_where(Expr::col((Abandonments, A::ShopId)).eq(shop))
        .and_where(Expr::col((Checkouts, CheckoutColumn::ShopId)).eq(shop))
        .and_where(Expr::col((Abandonments, A::State)).is_in(State::quiet()))
        .and_where(Expr::col((Abandonments, A::AbandonedAt)).is_not_null())
        .to_owned()
}

/// Counts every abandoned checkout from its rows, and keeps what it is counted as.
pub async fn recount_checkouts(txn: &impl ConnectionTrait, shop: ShopId) -> Result<Changes, DbErr> {
    Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).exec(txn).await?;
    let mut changes = Changes::default();
    let mut after = String::new();
    loop {
        let next = Abandonments::of(shop).filter(A::Token.gt(after.as_str())).order_by_asc(A::Token);
        let next = next.limit(INSERT_ROWS as u64).select_only().column(A::Token);
        let tokens: Vec<String> = next.into_tuple().all(txn).await?;
        let Some(last) = tokens.last() else { return Ok(changes) };
        after.clone_from(last);
        let mut rows = Vec::new();
        for (token, left) in now(txn, shop, &tokens).await? {
            left.count(&mut changes, 1);
            rows.push(Model { shop_id: shop, token, counted: Left::kept(Some(left)) }.into_active_model());
        }
        insert_once(txn, rows).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_checkout_reads_back() {
        for state in State::quiet() {
            for whose in Whose::ALL {
                let left = Left { quarter: 1_980_000, state, whose, value: 4_250 };
                assert_eq!(Left::read(&Left::kept(Some(left))), Some(left));
            }
        }
        assert_eq!(Left::read(&Left::kept(None)), None);
    }
}
