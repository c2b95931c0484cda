//! The standing job that asks which visits came before an order: once, an hour after it, and again while Shopify has
//! not finished or cannot answer for it, later each time. What it hears is evidence beside others; no order waits for it.

use serde::{Deserialize, Serialize};

use super::admin_session::{AdminSession, Stopped, Trouble};
use crate::app::App;
use crate::attribution;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::{self, Journey, OrderId, Visit};
use crate::shopify::admin::journeys::{self as api, Journey as Told, Seen};
use crate::webhooks::landing;

/// What came due longer ago is not asked about any more: a journey reaches thirty days back, and verdicts of a month
/// ago are in the books. It lies well within the sixty days Shopify shows.
const LATEST_SECONDS: i64 = 30 * 86_400;

/// How long after each "not ready" it is asked again: some 25 hours in all.
const AGAIN_HOURS: [i64; 5] = [1, 2, 4, 8, 10];

/// Calls in one run, when all goes well: then other jobs have their turn, and the shop's points come back.
const CALLS: usize = 4;

/// How soon it goes on when there was more.
const MORE_SECONDS: i64 = 60;

/// Orders of a few minutes are asked about together.
const TOGETHER_SECONDS: i64 = 300;

/// The longest it looks away: an order that is placed meanwhile comes due no sooner.
const QUIET_SECONDS: i64 = 3_600;

/// The job.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Journeys {}

impl Job for Journeys {
    const NAME: &'static str = "catchup.journeys";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let Some(session) = AdminSession::begin(&app, shop).await? else { return Ok(Next::Done) };
        let latest = now.plus_seconds(-LATEST_SECONDS);
        while orders::leave_old_journeys(app.db.write(), shop, latest).await? > 0 {}
        for _ in 0..CALLS {
            let window = (latest, now);
            let due = orders::due_journeys(app.db.read(), shop, window, api::ORDERS_PER_CALL as u64).await?;
            if due.is_empty() {
                let next = orders::next_journey(app.db.read(), shop, now).await?;
                let next = next.unwrap_or(Timestamp::FOREVER).max(now.plus_seconds(TOGETHER_SECONDS));
                return Ok(Next::At(next.min(now.plus_seconds(QUIET_SECONDS))));
            }
            match ask(&session, &due, now).await {
                Ok(()) => {}
                Err(Stopped::Db(error)) => return Err(error.into()),
                Err(Stopped::Trouble(Trouble { reason, wait_seconds, .. })) => {
                    return match reason {
                        Some(reason) => Err(JobError::Pause(reason, wait_seconds)),
                        None => Ok(Next::At(now.plus_seconds(wait_seconds))),
                    };
                }
            }
        }
        Ok(Next::At(now.plus_seconds(MORE_SECONDS)))
    }
}

/// Asks about some orders. Where Shopify cannot answer for all of them together it is asked for each half, and an order
/// for which it cannot answer even alone is put off, so that it never holds up its neighbours.
async fn ask(session: &AdminSession, due: &[Journey], now: Timestamp) -> Result<(), Stopped> {
    let trouble = match ask_together(session, due, now).await {
        Err(Stopped::Trouble(trouble)) if trouble.perhaps_of_one => trouble,
        done => return done,
    };
    // Who cannot even answer for no order at all is in trouble whatever is asked for.
    if tell(session, &[], now).await.is_err() {
        return Err(trouble.into());
    }
    if let [journey] = due {
        let (shop, order) = (journey.shop_id, journey.shopify_order_id);
        tracing::warn!(shop.id = %shop, order.id = %order, reason = trouble.reason, "no journey could be read");
        let txn = session.app.db.begin_write().await?;
        orders::journey_not_ready(&txn, journey, again(journey.tries, now)).await?;
        return Ok(txn.commit().await?);
    }
    let (some, others) = due.split_at(due.len() / 2);
    Box::pin(ask(session, some, now)).await?;
    Box::pin(ask(session, others, now)).await
}

/// What Shopify tells of some orders.
async fn tell(session: &AdminSession, orders: &[i64], now: Timestamp) -> Result<Vec<Told>, Trouble> {
    let admin = &session.admin;
    let told = session.ask(now, |domain, token| async move { api::journeys(admin, &domain, &token, orders).await });
    Ok(told.await?)
}

/// Asks about some orders and keeps what is told, with the promise that their verdicts are derived again.
async fn ask_together(session: &AdminSession, due: &[Journey], now: Timestamp) -> Result<(), Stopped> {
    let (app, shop) = (&session.app, session.shop.shop_id);
    let ids: Vec<i64> = due.iter().map(|journey| journey.shopify_order_id.0).collect();
    let told = tell(session, &ids, now).await?;
    let txn = app.db.begin_write().await?;
    let mut touched: Vec<OrderId> = Vec::new();
    for (journey, told) in due.iter().zip(told) {
        match told {
            Told::NotReady => orders::journey_not_ready(&txn, journey, again(journey.tries, now)).await?,
            Told::Told(seen) => {
                let visits = seen.into_iter().map(|seen| visit(journey, seen)).collect();
                if orders::record_journey(&txn, journey, visits).await? {
                    touched.push(journey.shopify_order_id);
                }
            }
        }
    }
    attribution::mark_unsettled(&txn, app, shop, touched, now).await?;
    txn.commit().await?;
    app.bell.notify_one();
    Ok(())
}

/// When to ask again after so many tries before this one; `None`: not any more.
fn again(tries: i32, now: Timestamp) -> Option<Timestamp> {
    let hours = AGAIN_HOURS.get(usize::try_from(tries).ok()?)?;
    Some(now.plus_seconds(hours * 3_600))
}

/// Of its addresses only what names a channel is kept, as of an order's landing page.
fn visit(journey: &Journey, seen: Seen) -> Visit {
    Visit {
        shop_id: journey.shop_id,
        shopify_order_id: journey.shopify_order_id,
        shopify_visit_id: seen.id,
        at: seen.at,
        landing: landing::channel_part(&seen.landing),
        referrer: seen.referrer.as_deref().and_then(landing::host),
        click_id: landing::click(&seen.landing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_up_after_a_day_and_asks_less_often_before() {
        let mut now = Timestamp::from_seconds(1_795_000_000);
        let began = now;
        let mut waits = Vec::new();
        while let Some(at) = again(i32::try_from(waits.len()).unwrap(), now) {
            waits.push(at.seconds_since(now));
            now = at;
        }
        assert!(waits.is_sorted() && (24..27).contains(&(now.seconds_since(began) / 3_600)), "{waits:?}");
        assert_eq!(again(-1, now), None);
    }
}
