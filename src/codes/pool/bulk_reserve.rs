//! Pools of thousands: drawn and written in large steps, each durable by itself.

use sea_orm::{DbErr, SqlErr};

use super::{reserve, slot};
use crate::app::App;
use crate::campaigns::Campaign;
use crate::codes::generate;
use crate::codes::id::DiscountId;
use crate::db::Cell;
use crate::kernel::{Stream, Timestamp};

/// From so many codes on, a pool is written in steps instead of in one statement after the other.
pub(in crate::codes) const MANY: usize = 2_000;

/// Codes per step: SQLite's one writer is free for others in between.
pub(in crate::codes) const STEP: usize = 10_000;

const COLUMNS: [&str; 7] = ["shop_id", "id", "campaign_id", "discount_id", "code", "state", "reserved_at"];

/// Reserves `count` codes for the pool of the slot in which codes issued now end.
pub async fn bulk_reserve(app: &App, campaign: &Campaign, count: usize, now: Timestamp) -> Result<(), DbErr> {
    let txn = app.db.begin_write().await?;
    let slot = campaign.expiry.slot_of(campaign.expiry.ends_at(now));
    let discount = slot::ensure_slot(&txn, app, campaign, slot, now).await?;
    txn.commit().await?;
    in_slot(app, campaign, discount.id, count, now).await
}

/// [`bulk_reserve`] in a slot that is known.
pub(in crate::codes) async fn in_slot(
    app: &App,
    campaign: &Campaign,
    discount: DiscountId,
    count: usize,
    now: Timestamp,
) -> Result<(), DbErr> {
    let mut left = count;
    while left > 0 {
        let step = left.min(STEP);
        match app.db.append("redeem_codes", &COLUMNS, rows(app, campaign, discount, step, now)).await {
            Ok(()) => {}
            // One of them is in the shop already: none of the step was written. Draw it again, the careful way.
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                let txn = app.db.begin_write().await?;
                reserve::reserve(&txn, app, campaign, discount, step, None, now).await?;
                txn.commit().await?;
            }
            Err(error) => return Err(error),
        }
        left -= step;
    }
    Ok(())
}

fn rows(app: &App, campaign: &Campaign, discount: DiscountId, count: usize, now: Timestamp) -> Vec<Vec<Cell>> {
    let mut ids: Vec<uuid::Uuid> = (0..count).map(|_| app.chance.uuid_of(Stream::Codes, now)).collect();
    // In the order of the keys a step is written to fewer pages.
    ids.sort_unstable();
    let row = |(id, code)| {
        vec![
            Cell::Big(campaign.shop_id.0),
            Cell::Id(id),
            Cell::Id(campaign.id.0),
            Cell::Id(discount.0),
            Cell::Text(code),
            Cell::Text("reserved".to_owned()),
            Cell::Big(now.micros()),
        ]
    };
    ids.into_iter().zip(generate::draw_many(&app.chance, &campaign.code, count)).map(row).collect()
}
