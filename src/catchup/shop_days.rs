//! The standing job that reads, once a day, what Shopify's own reports say was sold on each of the last sixty days, and
//! the one that reads older days because somebody asks for them.
//!
//! 1. Without the optional scope `read_reports` nothing is asked; it is looked again within the hour whether it was granted.
//! 2. A refusal in spite of it (protected customer data is not approved) is written down for the merchant, and asked
//!    again the next day: no job dies of it.
//! 3. Only days that ended an hour ago are read: Shopify counts with a delay.

use serde::{Deserialize, Serialize};

use super::admin_session::{AdminSession, Trouble};
use super::shop_day::{self, Model as ShopDay};
use super::shop_day_reading::{Outcome, note};
use crate::app::App;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::kernel::{Currency, Day, Timestamp};
use crate::shopify::Scopes;
use crate::shopify::admin::AdminError;
use crate::shopify::admin::net_sales::{self as api, MOST_DAYS};
use crate::shops::{CallError, Shop};

/// The scope a merchant may grant for it.
pub const REPORTS_SCOPE: &str = "read_reports";

/// How long after its end a day is read: Shopify's analytics lag behind.
pub const SETTLED_SECONDS: i64 = 3_600;

/// How many days are read anew each day.
const DAYS: i32 = 60;

/// How soon it is looked again whether the scope was granted.
const SCOPE_SECONDS: i64 = 3_600;

/// The standing job.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ReadDays {}

impl Job for ReadDays {
    const NAME: &'static str = "catchup.shop_days";

    /// Standing work has this key, and who wakes it names it.
    fn key(&self) -> Option<String> {
        Some(Self::NAME.to_owned())
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let Some(session) = AdminSession::begin(&app, shop).await? else { return Ok(Next::Done) };
        if !reads_reports(&session.shop) {
            return Ok(Next::At(now.plus_seconds(SCOPE_SECONDS)));
        }
        let last = last_ended(&session.shop, now);
        read(&session, (last.plus(1 - DAYS), last), now).await?;
        Ok(Next::At(next(&session.shop, now)))
    }
}

/// Reads other days than the last sixty. Days are numbers, as in the database.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ReadOlderDays {
    from: i32,
    to: i32,
}

impl Job for ReadOlderDays {
    const NAME: &'static str = "catchup.older_shop_days";

    fn key(&self) -> Option<String> {
        Some(format!("{}:{}:{}", Self::NAME, self.from, self.to))
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let Some(session) = AdminSession::begin(&app, shop).await? else { return Ok(Next::Done) };
        if reads_reports(&session.shop) {
            read(&session, (Day(self.from), Day(self.to).min(last_ended(&session.shop, now))), now).await?;
        }
        Ok(Next::Done)
    }
}

/// Whether the merchant lets us read Shopify's reports.
pub fn reads_reports(shop: &Shop) -> bool {
    Scopes::parse(&shop.scopes).has(REPORTS_SCOPE)
}

/// Asks for days of Shopify's own figures, in the transaction of whoever wants them.
pub async fn ask_for_days(
    txn: &impl sea_orm::ConnectionTrait,
    app: &App,
    shop: ShopId,
    (from, to): (Day, Day),
    now: Timestamp,
) -> Result<(), sea_orm::DbErr> {
    jobs::enqueue(txn, &app.chance, shop, &ReadOlderDays { from: from.0, to: to.0 }, now, now).await
}

/// The last day that ended long enough ago to be read.
pub fn last_ended(shop: &Shop, now: Timestamp) -> Day {
    now.plus_seconds(-SETTLED_SECONDS).day(shop.zone()).plus(-1)
}

/// After the next day has ended, at a minute of the shop's own: shops do not all come at once.
fn next(shop: &Shop, now: Timestamp) -> Timestamp {
    let own = shop.shop_id.0.rem_euclid(1_800);
    let after = |day: Day| day.next().start(shop.zone()).plus_seconds(SETTLED_SECONDS + own);
    let day = last_ended(shop, now);
    // Between the hour and the shop's own minute the day is read and comes up once more.
    if after(day) > now { after(day) } else { after(day.next()) }
}

/// Reads the days and writes them down; a refusal too.
async fn read(session: &AdminSession, (from, to): (Day, Day), now: Timestamp) -> Result<(), JobError> {
    let (app, admin, shop) = (&session.app, &session.admin, session.shop.shop_id);
    // What cannot be counted exactly cannot be compared.
    let Some(currency) = Currency::parse(&session.shop.currency) else { return Ok(()) };
    let mut begin = from;
    while begin <= to {
        let part = (begin, to.min(begin.plus(MOST_DAYS - 1)));
        let asked = session
            .ask(now, |domain, token| async move { api::net_sales(admin, &domain, &token, part, currency).await });
        let days = match asked.await {
            Ok(days) => days,
            Err(CallError::Call(AdminError::AccessDenied | AdminError::Forbidden)) => {
                let why = "Shopify refuses its reports though the scope read_reports is allowed: the app needs the \
                           approval for protected customer data of level 2";
                return Ok(note(app.db.write(), shop, Outcome::Refused(why.to_owned()), now).await?);
            }
            Err(error) => {
                let Trouble { reason, wait_seconds, .. } = error.into();
                note(app.db.write(), shop, Outcome::Trouble(reason.clone()), now).await?;
                let reason = reason.unwrap_or_else(|| "the shop's API points are used up".to_owned());
                return Err(JobError::Pause(reason, wait_seconds));
            }
        };
        let row = |(day, net): (Day, crate::kernel::Money)| ShopDay {
            shop_id: shop,
            day,
            net_sales_minor: net.minor,
            currency: currency.code().to_owned(),
            read_at: now,
        };
        let txn = app.db.begin_write().await?;
        shop_day::record(&txn, days.into_iter().map(row).collect()).await?;
        note(&txn, shop, Outcome::Read, now).await?;
        txn.commit().await?;
        begin = part.1.next();
    }
    Ok(())
}
