//! The list of checkouts that lie quiet, or did, by state, the latest first.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;

use super::abandonment::{COLUMN, Column, Entity, Model as Abandonment, State};
use crate::campaigns::was_drawn;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Which of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AbandonedChoice)]
pub(super) enum Choice {
    /// All that lie quiet now, whoever was drawn.
    #[default]
    Abandoned,
    /// Those nobody was drawn for.
    Open,
    /// Those a message was drawn for.
    Messaged,
    /// Those whose shopper is left alone on purpose.
    HeldOut,
    /// Completed after all.
    Recovered,
    /// Their shopper bought otherwise.
    Withdrawn,
    /// Deleted at Shopify.
    Deleted,
}

impl Choice {
    fn condition(self, shop: ShopId) -> Condition {
        let state = |state: State| Condition::all().add(COLUMN.state.eq(state));
        let token = || Expr::col((Entity, Column::Token));
        let (messaged, held_out) = (was_drawn(shop, token(), false), was_drawn(shop, token(), true));
        match self {
            Self::Abandoned => state(State::Open),
            Self::Open => state(State::Open).add(messaged.not()).add(held_out.not()),
            Self::Messaged => state(State::Open).add(messaged),
            Self::HeldOut => state(State::Open).add(messaged.not()).add(held_out),
            Self::Recovered => state(State::Recovered),
            Self::Withdrawn => state(State::Withdrawn),
            Self::Deleted => state(State::Deleted),
        }
    }
}

/// Where a page begins: after this one, in descending order of time.
#[derive(Clone, Debug)]
pub(super) struct Cursor(Timestamp, String);

impl Cursor {
    /// Reads what a page handed out.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, token) = text.split_once('.')?;
        Some(Self(Timestamp::from_micros(at.parse().ok()?), token.to_owned()))
    }

    fn after(row: &Abandonment) -> Option<String> {
        Some(format!("{}.{}", row.abandoned_at?.micros(), row.token))
    }
}

/// A page, and where the next one begins.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    shop: ShopId,
    choice: Choice,
    after: Option<Cursor>,
    limit: u64,
) -> Result<(Vec<Abandonment>, Option<String>), DbErr> {
    let mut find = Entity::of(shop).filter(choice.condition(shop));
    if let Some(Cursor(at, token)) = after {
        let same_time = Condition::all().add(Column::AbandonedAt.eq(at)).add(COLUMN.token.lt(token));
        find = find.filter(Condition::any().add(Column::AbandonedAt.lt(at)).add(same_time));
    }
    let find = find.order_by_desc(Column::AbandonedAt).order_by_desc(COLUMN.token).limit(limit + 1);
    let mut rows = find.all(db).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).and_then(Cursor::after);
    Ok((rows, next))
}
