//! Links under attack: an hour, by the clock, in which a link was hit more often than anybody could, is a program's hour.
//!
//! A link belongs to one message. Its hits of such an hour are not weighed one by one: people's among them become a burst,
//! in slices, so that no attack makes judging slow or fills memory. Hours are fixed, so that it makes no difference when
//! and from where on a link is judged.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::turned::TapsTurned;
use super::{Reason, Signs};
use crate::app::App;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::links::click::{COLUMN as CLICK, Column as ClickColumn, Entity as Clicks};

/// More hits of one link in an hour than this are a flood. (Eight within ten seconds are a burst: a link that is hit so
/// often has many of them in any case.)
pub(super) const FLOOD: u64 = 5_000;

/// Verdicts changed in one transaction.
const SLICE: u64 = 2_000;

const HOUR_MICROS: i64 = 3_600_000_000;

/// Whole hours around a span.
pub(super) fn whole_hours((from, to): (Timestamp, Timestamp)) -> (Timestamp, Timestamp) {
    let begin = |at: Timestamp| at.micros().div_euclid(HOUR_MICROS) * HOUR_MICROS;
    let end = begin(to).saturating_add(HOUR_MICROS - 1);
    (Timestamp::from_micros(begin(from)), Timestamp::from_micros(end))
}

fn hour() -> Expr {
    Expr::cust(format!("clicks.at / {HOUR_MICROS}"))
}

/// Leaves some hours out.
pub(super) fn without(select: Select<Clicks>, hours: &[i64]) -> Select<Clicks> {
    if hours.is_empty() { select } else { select.filter(hour().is_not_in(hours.iter().copied())) }
}

/// Hours of a span, which holds whole ones, in which a link was flooded.
pub(super) async fn hours(
    app: &App,
    shop: ShopId,
    slug: &str,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<i64>, DbErr> {
    let find = Clicks::of(shop).filter(CLICK.slug.eq(slug)).filter(CLICK.at.between(from, to)).select_only();
    let find = find.column_as(hour(), "hour").group_by(hour());
    find.having(Expr::cust(format!("COUNT(*) > {FLOOD}"))).into_tuple().all(app.db.read()).await
}

/// Marks the hits of flooded hours; answers how many verdicts changed. With `write` false it only counts those of `span`.
pub(super) async fn mark(
    app: &App,
    shop: ShopId,
    slug: &str,
    hours: &[i64],
    span: (Timestamp, Timestamp),
    write: bool,
) -> Result<usize, DbErr> {
    let mut changed = 0;
    for hour in hours {
        let first = Timestamp::from_micros(hour * HOUR_MICROS);
        let last = Timestamp::from_micros(hour * HOUR_MICROS + HOUR_MICROS - 1);
        let people = || {
            // Where the signs are gone the verdict stands.
            let stands = Expr::col(ClickColumn::Signs).bit_and(Signs::GONE).eq(0);
            let of_link = Clicks::of(shop).filter(CLICK.slug.eq(slug)).filter(CLICK.human.eq(true));
            of_link.filter(CLICK.at.between(first, last)).filter(stands)
        };
        if !write {
            let within = people().filter(CLICK.at.between(span.0, span.1)).count(app.db.read()).await?;
            changed += usize::try_from(within).unwrap_or(usize::MAX);
            continue;
        }
        let mut turned = 0;
        loop {
            let some = people().select_only().column(ClickColumn::At).order_by_asc(CLICK.at).limit(SLICE);
            let some: Vec<Timestamp> = some.into_tuple().all(app.db.write()).await?;
            let (Some(from), Some(to)) = (some.first(), some.last()) else { break };
            let marked = Clicks::update_many()
                .col_expr(ClickColumn::Human, Expr::value(false))
                .col_expr(ClickColumn::Reason, Expr::value(Reason::Burst.word()))
                .filter(CLICK.shop_id.eq(shop))
                .filter(CLICK.slug.eq(slug))
                .filter(CLICK.at.between(*from, *to))
                .filter(CLICK.human.eq(true))
                .filter(Expr::col(ClickColumn::Signs).bit_and(Signs::GONE).eq(0))
                .exec(app.db.write())
                .await?;
            turned += usize::try_from(marked.rows_affected).unwrap_or(usize::MAX);
            if marked.rows_affected == 0 {
                break;
            }
        }
        if turned > 0 {
            let txn = app.db.begin_write().await?;
            let taps = [first, last].map(|at| (slug.to_owned(), at)).to_vec();
            TapsTurned::tell(&txn, app, shop, taps).await?;
            txn.commit().await?;
        }
        changed += turned;
    }
    Ok(changed)
}
