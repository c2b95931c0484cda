//! When a promised code is expected to be live: from how long imports took lately, and how many wait in front.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::discount;
use super::redeem_code::{COLUMN, Column, Entity, Model, State};
use crate::jobs;
use crate::kernel::Timestamp;
use crate::shopify::admin::discounts::MOST_CODES;

/// Imports that are looked at, the latest.
const SAMPLE: u64 = 50;

/// What an import is taken to last before one of this discount was seen.
const USUAL_SECONDS: i64 = 10;

/// A discount of its own is one call of 10 points, and the smallest shop gets 100 points a second.
const OWN_PER_SECOND: u64 = 10;

/// When the last of some promised codes of one campaign is expected to be live; `None` when none of them waits.
pub async fn expected_at(
    db: &impl ConnectionTrait,
    codes: &[&Model],
    now: Timestamp,
) -> Result<Option<Timestamp>, DbErr> {
    let waiting = codes.iter().filter(|code| matches!(code.state, State::Reserved | State::Pushed));
    let Some(code) = waiting.max_by_key(|code| code.id) else { return Ok(None) };
    let own = discount::Entity::find_by_id((code.shop_id, code.discount_id)).one(db).await?;
    let seconds = if own.is_some_and(|discount| discount.for_code_id.is_some()) {
        1 + i64::try_from(own_in_front(db, code).await? / OWN_PER_SECOND).unwrap_or(i64::MAX)
    } else {
        let import = lately(db, code).await?.unwrap_or(USUAL_SECONDS);
        expected_seconds(import, in_front(db, code).await?)
    };
    // Shopify did not answer the last try: nothing comes before the next.
    let from = next_try(db, code).await?.filter(|at| *at > now).unwrap_or(now);
    Ok(Some(from.plus_seconds(seconds)))
}

/// Imports of a shop run one after another, a call's worth each.
fn expected_seconds(import: i64, in_front: u64) -> i64 {
    let calls = i64::try_from(in_front.div_ceil(MOST_CODES as u64)).unwrap_or(i64::MAX);
    import.saturating_mul(calls.max(1)).max(1)
}

/// Discounts of single codes of this campaign that Shopify has not made, promised before this one.
async fn own_in_front(db: &impl ConnectionTrait, code: &Model) -> Result<u64, DbErr> {
    discount::Entity::of(code.shop_id)
        .filter(discount::COLUMN.campaign_id.eq(code.campaign_id))
        .filter(sea_orm::sea_query::Expr::cust("for_code_id IS NOT NULL AND state <> 'live'"))
        .filter(discount::COLUMN.id.lte(code.discount_id))
        .count(db)
        .await
}

/// Codes of this slot that Shopify has not confirmed.
async fn in_front(db: &impl ConnectionTrait, code: &Model) -> Result<u64, DbErr> {
    in_states(code, &[State::Reserved, State::Pushed]).count(db).await
}

/// How long the latest imports of this slot took: the middle of them, in seconds.
async fn lately(db: &impl ConnectionTrait, code: &Model) -> Result<Option<i64>, DbErr> {
    let mut took = Vec::new();
    for state in [State::Imported, State::Issued] {
        let latest = in_states(code, &[state])
            .filter(Column::BulkCreationId.is_not_null())
            .select_only()
            .columns([Column::PushedAt, Column::ImportedAt])
            .order_by_desc(COLUMN.id)
            .limit(SAMPLE);
        let rows: Vec<(Option<Timestamp>, Option<Timestamp>)> = latest.into_tuple().all(db).await?;
        took.extend(rows.into_iter().filter_map(|(pushed, imported)| Some(imported?.seconds_since(pushed?))));
    }
    took.sort_unstable();
    Ok(took.get(took.len() / 2).copied())
}

fn in_states(code: &Model, states: &[State]) -> sea_orm::Select<Entity> {
    let of_slot = Entity::of(code.shop_id).filter(COLUMN.discount_id.eq(code.discount_id));
    of_slot.filter(COLUMN.state.is_in(states.to_vec()))
}

/// When the job that failed to push this code tries again.
async fn next_try(db: &impl ConnectionTrait, code: &Model) -> Result<Option<Timestamp>, DbErr> {
    let jobs = ["fill", "exact"].map(|job| format!("{job}:{}", code.campaign_id));
    jobs::Entity::find()
        .filter(jobs::COLUMN.shop_id.eq(code.shop_id))
        .filter(jobs::Column::DedupKey.is_in(jobs))
        .filter(jobs::Column::LastError.is_not_null())
        .select_only()
        .column(jobs::Column::RunAt)
        .order_by_desc(jobs::COLUMN.run_at)
        .into_tuple()
        .one(db)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_in_front_takes_its_time() {
        assert_eq!([0, 1, 250, 251, 10_000].map(|codes| expected_seconds(4, codes)), [4, 4, 4, 8, 160]);
        assert_eq!(expected_seconds(0, 100), 1, "never at once");
    }
}
