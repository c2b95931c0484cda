//! Counting a shop's books anew from its raw rows: once for what was there before they were kept, and whenever somebody
//! wants to be sure. Over counts that are right this changes nothing.

use std::time::Duration;

use sea_orm::{DbErr, EntityTrait};
use serde::{Deserialize, Serialize};

use super::checkouts::{self, LEFT_CHECKOUTS};
use super::coverage::{self, ORDER_SOURCES};
use crate::app::App;
use crate::attribution::{self, BOUGHT, CAMPAIGN_SALES, CREDITED, SALES};
use crate::campaigns::{self, CampaignId, Campaigns, DRAWS};
use crate::db::counts::{self, DAY, Part};
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::kernel::{Day, Timestamp};
use crate::links::classify::{CAMPAIGN_HIT_DAYS, HIT_DAYS, HIT_TIMES, HITS, recount_hits};
use crate::messages::{self, CODED, COSTS, MESSAGES};
use crate::news::Hears;
use crate::shops::{Shop, ShopInstalled, Shops};

/// Every book that reports read.
const BOOKS: &[&str] = &[
    DRAWS,
    MESSAGES,
    COSTS,
    SALES,
    CAMPAIGN_SALES,
    BOUGHT,
    HITS,
    HIT_TIMES,
    HIT_DAYS,
    CAMPAIGN_HIT_DAYS,
    ORDER_SOURCES,
    CODED,
    CREDITED,
    LEFT_CHECKOUTS,
];

/// Those of hits, which are counted together.
const OF_HITS: &[&str] = &[HITS, HIT_TIMES, HIT_DAYS, CAMPAIGN_HIT_DAYS];

/// Those of sales, likewise.
const OF_SALES: &[&str] = &[SALES, CAMPAIGN_SALES, CREDITED];

/// Days whose sales are counted in one go.
const SALES_DAYS: i32 = 31;

/// Others changed the same counts meanwhile: how often and after what pause a part is counted once more.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(25);

/// The job: counts a shop's books.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Recount {}

impl Job for Recount {
    const NAME: &'static str = "reports.recount";

    fn key(&self) -> Option<String> {
        Some("recount".to_owned())
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        if let Some(shop) = Shops::find_by_id(shop).one(app.db.read()).await? {
            recount(&app, &shop).await?;
        }
        Ok(Next::Done)
    }
}

/// A shop was installed: its books are begun, or counted by the zone it has now.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Begin(ShopInstalled);

impl Hears for Begin {
    type News = ShopInstalled;
}

impl Job for Begin {
    const NAME: &'static str = "reports.installed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        Recount {}.run(app, shop).await
    }
}

/// Has the books counted of every shop that has none yet: an update brought them, or one of them.
pub async fn stand(app: &App) -> Result<(), DbErr> {
    let now = app.clock.now();
    for shop in Shops::find().all(app.db.read()).await? {
        if !counts::all_counted(app.db.read(), shop.shop_id, BOOKS).await? {
            jobs::enqueue(app.db.write(), &app.chance, shop.shop_id, &Recount {}, now, now).await?;
        }
    }
    Ok(())
}

/// What is counted in one go.
#[derive(Clone, Copy, Debug)]
enum Of {
    /// Draws into a campaign, whenever they were made: nothing finds them by their time, but each campaign's are together.
    Campaign(CampaignId),
    /// Messages of a day of UTC.
    Day(i64),
    /// Sales of some of the shop's days.
    Sales(Day, Day),
    /// What messages brought.
    Bought,
    /// Hits on links.
    Hits,
    /// What is known of orders.
    Orders,
    /// Abandoned checkouts.
    Checkouts,
    /// The longest cells of a book, out of those that are counted by then.
    Long(&'static str),
}

/// Counts a shop's books; answers how many cells came out different. In parts, so that nobody who writes waits long.
pub async fn recount(app: &App, shop: &Shop) -> Result<usize, DbErr> {
    let campaigns = Campaigns::of(shop.shop_id).all(app.db.read()).await?;
    let mut parts: Vec<Of> = campaigns.into_iter().map(|campaign| Of::Campaign(campaign.id)).collect();
    if let Some((first, last)) = messages::issued_between(app.db.read(), shop.shop_id).await? {
        parts.extend((first.micros().div_euclid(DAY)..=last.micros().div_euclid(DAY)).map(Of::Day));
    }
    if let Some((first, last)) = attribution::ordered_between(app.db.read(), shop.shop_id).await? {
        let firsts = (first.0..=last.0).step_by(usize::try_from(SALES_DAYS).unwrap_or(1));
        parts.extend(firsts.map(|day| Of::Sales(Day(day), Day((day + SALES_DAYS - 1).min(last.0)))));
        parts.push(Of::Bought);
    }
    parts.extend([Of::Hits, Of::Orders, Of::Checkouts]);
    parts.extend(BOOKS.iter().copied().map(Of::Long));
    let mut different = 0;
    for part in parts {
        let mut tried = 0;
        different += loop {
            match count_part(app, shop, part).await {
                Err(error) if counts::raced(&error) && tried < TRIES => {
                    tried += 1;
                    tokio::time::sleep(PAUSE * tried).await;
                }
                counted => break counted?,
            }
        };
    }
    counts::mark_counted(app.db.write(), shop.shop_id, BOOKS, app.clock.now()).await?;
    Ok(different)
}

async fn count_part(app: &App, shop: &Shop, of: Of) -> Result<usize, DbErr> {
    let txn = counts::begin_recount(&app.db, shop.shop_id).await?;
    let different = match of {
        Of::Campaign(campaign) => {
            let (line, between) = (campaign.to_string(), (Timestamp::from_micros(i64::MIN), Timestamp::FOREVER));
            let counted = campaigns::recount_draws(&txn, shop.shop_id, Some(campaign), between).await?;
            counts::replace(&txn, shop.shop_id, Part { books: &[DRAWS], between, line: Some(&line) }, &counted).await?
        }
        Of::Sales(first, last) => {
            let between = (attribution::at_day(first), attribution::at_day(last.next()));
            let policies = attribution::counted_policies(&txn, shop.shop_id).await?;
            let mut counted = attribution::recount_sales(&txn, shop.shop_id, &policies, (first, last)).await?;
            counted.extend(attribution::recount_credits(&txn, shop.shop_id, &policies, (first, last)).await?);
            counts::replace(&txn, shop.shop_id, Part { books: OF_SALES, between, line: None }, &counted).await?
        }
        Of::Bought => {
            let counted = attribution::recount_bought(&txn, shop.shop_id).await?;
            let between = (Timestamp::from_micros(i64::MIN), Timestamp::FOREVER);
            counts::replace(&txn, shop.shop_id, Part { books: &[BOUGHT], between, line: None }, &counted).await?
        }
        Of::Hits => {
            let counted = recount_hits(&txn, shop).await?;
            let between = (Timestamp::from_micros(i64::MIN), Timestamp::FOREVER);
            counts::replace(&txn, shop.shop_id, Part { books: OF_HITS, between, line: None }, &counted).await?
        }
        Of::Orders => {
            let counted = coverage::recount(&txn, shop.shop_id).await?;
            let between = (Timestamp::from_micros(i64::MIN), Timestamp::FOREVER);
            counts::replace(&txn, shop.shop_id, Part { books: &[ORDER_SOURCES], between, line: None }, &counted).await?
        }
        Of::Checkouts => {
            let counted = checkouts::recount_checkouts(&txn, shop.shop_id).await?;
            let between = (Timestamp::from_micros(i64::MIN), Timestamp::FOREVER);
            counts::replace(&txn, shop.shop_id, Part { books: &[LEFT_CHECKOUTS], between, line: None }, &counted)
                .await?
        }
        Of::Long(book) => counts::recount_long(&txn, shop.shop_id, book).await?,
        Of::Day(day) => {
            let between = (Timestamp::from_micros(day * DAY), Timestamp::from_micros((day + 1) * DAY));
            let mut counted = messages::recount(&txn, shop, between).await?;
            counted.extend(messages::recount_codes(&txn, shop.shop_id, between).await?);
            counts::replace(
                &txn,
                shop.shop_id,
                Part { books: &[MESSAGES, COSTS, CODED], between, line: None },
                &counted,
            )
            .await?
        }
    };
    txn.commit().await?;
    Ok(different)
}
