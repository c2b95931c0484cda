//! The standing job: compares every source with Shopify, hourly in quiet times, at once while there is more, and later
//! when Shopify is away.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter};
use serde::{Deserialize, Serialize};

use super::admin_session::{AdminSession, Stopped, Trouble};
use super::watermark::{self, Model as Watermark, Read, Source};
use super::{checkouts, orders};
use crate::app::App;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shopify::admin::orders::{self as api, Window};
use crate::webhooks::{DELIVERY, Deliveries, DeliveryState};
use crate::{shops, webhooks};

const HOUR: i64 = 3_600;

/// What changed this recently may still be on its way to us, and Shopify's search may not know it yet.
const GRACE_SECONDS: i64 = 600;

/// How much of what was compared is compared again: Shopify's search lags behind, and clocks differ.
const OVERLAP_SECONDS: i64 = 600;

/// Shopify shows no orders that are older.
pub(super) const VISIBLE_SECONDS: i64 = 60 * 86_400;

/// How often scopes are asked for.
const SCOPES_SECONDS: i64 = 86_400;

/// How soon checkouts are compared after orders were found.
const SOON_SECONDS: i64 = 60;

/// The job.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct CatchUp {}

impl CatchUp {
    /// Begins it for an installed shop; it comes back by itself.
    pub async fn stand(db: &impl ConnectionTrait, app: &App, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
        jobs::stand(db, &app.chance, shop, &Self {}, next(shop, now), now).await
    }
}

/// The next full hour of the shop's own clock: shops do not all come at once.
fn next(shop: ShopId, now: Timestamp) -> Timestamp {
    let offset = shop.0.rem_euclid(HOUR);
    let hours = (now.seconds() - offset).div_euclid(HOUR) + 1;
    Timestamp::from_seconds(hours * HOUR + offset)
}

impl Job for CatchUp {
    const NAME: &'static str = "catchup.read";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let marks = watermark::of_shop(app.db.read(), shop).await?;
        let Some(session) = AdminSession::begin(&app, shop).await? else { return Ok(Next::Done) };
        let mut again = next(shop, now);
        // What waits here to be translated is not missing: nothing after it is compared yet.
        let waits = webhooks::oldest_pending(app.db.read(), shop).await?;
        let until = now.plus_seconds(-GRACE_SECONDS).min(waits.unwrap_or(now));
        for source in Source::ALL {
            if source == Source::Checkouts && reread_waits(&app, shop).await? {
                // An order tells which checkout a cart was: those just found are to be in the facts first.
                again = again.min(now.plus_seconds(SOON_SECONDS));
                continue;
            }
            let mark = marks.iter().find(|mark| mark.source == source);
            let mut read = Read::default();
            match one(&session, source, mark, until, &mut read, now).await {
                Ok(true) => {}
                Ok(false) => again = again.min(now),
                Err(Stopped::Db(error)) => return Err(error.into()),
                Err(Stopped::Trouble(Trouble { reason, wait_seconds, .. })) => {
                    again = again.min(now.plus_seconds(wait_seconds));
                    read.stopped = reason;
                }
            }
            if read.found > 0 {
                // Mended by now, and told on the page: nothing for an operator to do.
                tracing::info!(shop.id = %shop, ?source, read.found, "Shopify knew more than its webhooks had told");
            }
            watermark::note(app.db.write(), shop, source, &read, now).await?;
        }
        Ok(Next::At(again))
    }
}

/// Whether what was read again is not in the facts yet.
async fn reread_waits(app: &App, shop: ShopId) -> Result<bool, DbErr> {
    let waiting = Deliveries::of(shop).filter(DELIVERY.source.eq(webhooks::Source::Reread));
    let waiting = waiting.filter(DELIVERY.state.eq(DeliveryState::Pending));
    Ok(waiting.one(app.db.read()).await?.is_some())
}

/// Compares one source. `false`: there is more to compare at once.
async fn one(
    session: &AdminSession,
    source: Source,
    mark: Option<&Watermark>,
    until: Timestamp,
    read: &mut Read,
    now: Timestamp,
) -> Result<bool, Stopped> {
    let through = mark.and_then(|mark| mark.complete_through).unwrap_or(session.shop.installed_at);
    let from = through.plus_seconds(-OVERLAP_SECONDS).max(now.plus_seconds(-VISIBLE_SECONDS));
    // What is just being installed has nothing to compare yet.
    let window = Window { from, until: until.max(from) };
    match source {
        Source::Orders => {
            read.asked = true;
            orders::read(session, window, read, now).await
        }
        Source::Checkouts => {
            read.asked = true;
            let until = window.until.min(from.plus_seconds(checkouts::LONGEST_SECONDS));
            checkouts::read(session, Window { until, ..window }, read, now).await?;
            Ok(until == window.until)
        }
        Source::Installation => {
            let checked = mark.and_then(|mark| mark.checked_at);
            if checked.is_none_or(|at| now.seconds_since(at) >= SCOPES_SECONDS) {
                read.asked = true;
                let admin = &session.admin;
                let scopes =
                    session.ask(now, |domain, token| async move { api::scopes(admin, &domain, &token).await }).await?;
                if scopes.to_string() != session.shop.scopes {
                    let changed = shops::rescope(session.app.db.write(), session.shop.shop_id, &scopes, now).await?;
                    read.found += i64::from(changed);
                }
            }
            read.through = Some(window.until);
            Ok(true)
        }
    }
}
