//! The standing job that asks what Shopify tells of an order only later: which visits came before it, once, an hour after
//! it, and again while Shopify has not finished; and what it sold by Shopify's own book, in the same call, and again
//! whenever something moved its money or the sums do not agree. No order waits for it: until then, what its webhooks told
//! decides.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::admin_session::{AdminSession, Stopped, Trouble};
use super::cycle::VISIBLE_SECONDS;
use crate::app::App;
use crate::attribution;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::{self, Book, BookRead, Journey, OrderId, Sale, Visit};
use crate::shopify::admin::journeys::{self as api, Journey as Told, Pages, Seen};
use crate::shopify::admin::sales::{Sale as Sold, Sold as Account};
use crate::webhooks::landing;

/// What came due longer ago is not asked about any more: a journey reaches thirty days back, and verdicts of a month
/// ago are in the books. It lies well within the sixty days Shopify shows.
const LATEST_SECONDS: i64 = 30 * 86_400;

/// Sales decide what an order is worth: they are asked for as long as Shopify shows the order.
const LATEST_SALES_SECONDS: i64 = VISIBLE_SECONDS - 86_400;

/// How long after each answer that was not whole it is asked again: some 25 hours in all.
const AGAIN_HOURS: [i64; 5] = [1, 2, 4, 8, 10];

/// Calls in one run, when all goes well: then other jobs have their turn, and the shop's points come back.
const CALLS: usize = 4;

/// How soon it goes on when there was more.
const MORE_SECONDS: i64 = 60;

/// Orders of a few minutes are asked about together.
const TOGETHER_SECONDS: i64 = 300;

/// The longest it looks away: an order that is placed meanwhile comes due no sooner. What moves money wakes it.
const QUIET_SECONDS: i64 = 3_600;

/// The job.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Journeys {}

/// An order of which something is to be asked.
#[derive(Clone, Debug)]
struct Due {
    order: OrderId,
    /// Its visits are.
    journey: Option<Journey>,
    /// Its sales are.
    book: Option<Book>,
}

impl Job for Journeys {
    const NAME: &'static str = "catchup.journeys";

    /// Standing work has this key, and who wakes it names it.
    fn key(&self) -> Option<String> {
        Some(Self::NAME.to_owned())
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let Some(session) = AdminSession::begin(&app, shop).await? else { return Ok(Next::Done) };
        let latest = [LATEST_SECONDS, LATEST_SALES_SECONDS].map(|seconds| now.plus_seconds(-seconds));
        while orders::leave_old_journeys(app.db.write(), shop, latest[0]).await? > 0 {}
        while orders::leave_old_books(app.db.write(), shop, latest[1]).await? > 0 {}
        for _ in 0..CALLS {
            let due = due(&app, shop, latest, now).await?;
            if due.is_empty() {
                let journey = orders::next_journey(app.db.read(), shop, now).await?;
                let book = orders::next_book(app.db.read(), shop, now).await?;
                let next = journey.into_iter().chain(book).min().unwrap_or(Timestamp::FOREVER);
                let next = next.max(now.plus_seconds(TOGETHER_SECONDS));
                return Ok(Next::At(next.min(now.plus_seconds(QUIET_SECONDS))));
            }
            // Visits are asked for only where they are due: of somebody who was forgotten, nobody asks.
            let (visited, others): (Vec<Due>, Vec<Due>) = due.into_iter().partition(|one| one.journey.is_some());
            for due in [visited, others] {
                match ask(&session, &due, Pages::MANY, now).await {
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
        }
        Ok(Next::At(now.plus_seconds(MORE_SECONDS)))
    }
}

/// A call's worth of orders of which something is due, the latest first.
async fn due(app: &App, shop: ShopId, latest: [Timestamp; 2], now: Timestamp) -> Result<Vec<Due>, sea_orm::DbErr> {
    let (db, limit) = (app.db.read(), Pages::MANY.orders as u64);
    let journeys = orders::due_journeys(db, shop, (latest[0], now), limit).await?;
    let books = orders::due_books(db, shop, (latest[1], now), limit).await?;
    let mut all: BTreeMap<OrderId, (Timestamp, Due)> = BTreeMap::new();
    for journey in journeys {
        let (order, at) = (journey.shopify_order_id, journey.ask_at);
        all.insert(order, (at, Due { order, journey: Some(journey), book: None }));
    }
    for book in books {
        let (order, at) = (book.shopify_order_id, book.ask_at);
        let one = all.entry(order).or_insert((at, Due { order, journey: None, book: None }));
        (one.0, one.1.book) = (one.0.max(at), Some(book));
    }
    let mut all: Vec<(Timestamp, Due)> = all.into_values().collect();
    all.sort_by_key(|(at, due)| std::cmp::Reverse((*at, due.order)));
    Ok(all.into_iter().map(|(_, due)| due).take(Pages::MANY.orders).collect())
}

/// Asks about some orders. Where Shopify cannot answer for all of them together it is asked for each half, and an order
/// for which it cannot answer even alone is put off, so that it never holds up its neighbours. Those that have more to
/// tell than a page holds are asked about again at once, fewer together with longer pages.
async fn ask(session: &AdminSession, due: &[Due], pages: Pages, now: Timestamp) -> Result<(), Stopped> {
    if due.is_empty() {
        return Ok(());
    }
    let trouble = match ask_together(session, due, pages, now).await {
        Ok(longer) => {
            let Some(pages) = pages.longer() else { return Ok(()) };
            for some in longer.chunks(pages.orders) {
                Box::pin(ask(session, some, pages, now)).await?;
            }
            return Ok(());
        }
        Err(Stopped::Trouble(trouble)) if trouble.perhaps_of_one => trouble,
        Err(stopped) => return Err(stopped),
    };
    // Who cannot even answer for no order at all is in trouble whatever is asked for.
    if tell(session, &[], false, pages, now).await.is_err() {
        return Err(trouble.into());
    }
    if let [one] = due {
        tracing::warn!(shop.id = %session.shop.shop_id, order.id = %one.order, reason = trouble.reason, "what Shopify knows of an order could not be read");
        let txn = session.app.db.begin_write().await?;
        if let Some(journey) = &one.journey {
            orders::journey_not_ready(&txn, journey, again(journey.tries, now)).await?;
        }
        if let Some(book) = &one.book {
            orders::ask_book_again(&txn, book, again(book.tries, now)).await?;
        }
        return Ok(txn.commit().await?);
    }
    let (some, others) = due.split_at(due.len() / 2);
    Box::pin(ask(session, some, pages, now)).await?;
    Box::pin(ask(session, others, pages, now)).await
}

/// What Shopify tells of some orders.
async fn tell(
    session: &AdminSession,
    orders: &[i64],
    visited: bool,
    pages: Pages,
    now: Timestamp,
) -> Result<Vec<api::Told>, Trouble> {
    let admin = &session.admin;
    let told = session
        .ask(now, |domain, token| async move { api::told(admin, &domain, &token, orders, visited, pages).await });
    Ok(told.await?)
}

/// Asks about some orders and keeps what is told, with the promise that their verdicts are derived again. Answers those
/// that had more to tell.
async fn ask_together(session: &AdminSession, due: &[Due], pages: Pages, now: Timestamp) -> Result<Vec<Due>, Stopped> {
    let (app, shop) = (&session.app, session.shop.shop_id);
    let ids: Vec<i64> = due.iter().map(|one| one.order.0).collect();
    let visited = due.iter().any(|one| one.journey.is_some());
    let told = tell(session, &ids, visited, pages, now).await?;
    let txn = app.db.begin_write().await?;
    let (mut touched, mut read, mut longer) = (Vec::new(), Vec::<OrderId>::new(), Vec::new());
    for (one, told) in due.iter().zip(told) {
        let mut left = Due { journey: None, book: None, ..one.clone() };
        match (&one.journey, told.journey) {
            (Some(journey), Told::NotReady) => {
                orders::journey_not_ready(&txn, journey, again(journey.tries, now)).await?;
            }
            (Some(journey), Told::Told(_)) if told.more_visits => left.journey = Some(journey.clone()),
            (Some(journey), Told::Told(seen)) => {
                let visits = seen.into_iter().map(|seen| visit(journey, seen)).collect();
                if orders::record_journey(&txn, journey, visits).await? {
                    touched.push(one.order);
                }
            }
            (None, _) => {}
        }
        match (&one.book, told.sold) {
            (Some(book), None) => orders::leave_book(&txn, book).await?,
            (Some(book), Some(sold)) if sold.more && pages.longer().is_some() => left.book = Some(book.clone()),
            // Longer than anybody's order is: it is not known whole.
            (Some(book), Some(sold)) if sold.more => {
                orders::ask_book_again(&txn, book, again(book.tries, now)).await?;
            }
            (Some(book), Some(sold)) => {
                if orders::record_book(&txn, book, account(book, sold), now).await? {
                    touched.push(one.order);
                    read.push(one.order);
                }
            }
            (None, _) => {}
        }
        if left.journey.is_some() || left.book.is_some() {
            longer.push(left);
        }
    }
    // Something may have happened while Shopify answered, or its two figures disagree: then it is asked once more.
    for facts in orders::facts(&txn, shop, &read).await? {
        if let Some(book) = facts.book.as_ref().filter(|_| facts.behind() || !facts.sums_agree()) {
            orders::ask_book_again(&txn, book, again(book.tries, now)).await?;
        }
    }
    attribution::mark_unsettled(&txn, app, shop, touched, now).await?;
    txn.commit().await?;
    app.bell.notify_one();
    Ok(longer)
}

/// Shopify's words as ours.
fn account(book: &Book, told: Account) -> BookRead {
    let sale = |sold: Sold| Sale {
        shop_id: book.shop_id,
        shopify_order_id: book.shopify_order_id,
        shopify_sale_id: sold.id,
        shopify_agreement_id: sold.agreement_id,
        agreement: sold.agreement,
        reason: sold.reason,
        happened_at: sold.happened_at,
        line_type: sold.line_type,
        action_type: sold.action_type,
        quantity: sold.quantity,
        total_minor: sold.total.minor,
        tax_minor: sold.tax.minor,
        discounts_minor: sold.discounts.minor,
    };
    BookRead {
        through: told.updated_at,
        current_total: told.current_total.minor,
        sales: told.sales.into_iter().map(sale).collect(),
    }
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
