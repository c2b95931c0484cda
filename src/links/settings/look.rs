//! Looking whether a shop's link domain leads here: when the merchant asks, and again and again by itself.
//!
//! ```text
//! asked for ──leads here──▶ serves ──fails for an hour──▶ rests ──a month──▶ free
//!                             ▲  └─fails once: looked at sooner, nothing else  │
//!                             └──────────────leads here again────────────────┘
//! ```
//!
//! 1. One failed look changes nothing for a domain that serves: a name server or a proxy may stumble.
//! 2. A domain that rests stays the shop's, so that nobody takes it while it is mended; links made meanwhile begin with
//!    Recoup's own address, and those made before lead on wherever the name still leads here.
//! 3. A name is whose owner says so. A shop that is named at a domain takes it from one that is not; where both are
//!    named, the one that has it keeps it.
//! 4. A domain that served before its owner was asked to name the shop goes on for two weeks after that began, and the
//!    merchant is told; then it rests like any that fails.
//! 5. Looks may overtake each other: what was begun later stands.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::{COLUMN, Column, Entity, Model, of};
use crate::app::App;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::kernel::{Stream, Timestamp};
use crate::links::domain;
use crate::shops::{SHOP, Shop, ShopColumn, Shops};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A domain that serves rests after so many failed looks in a row …
const FAILURES: i64 = 3;
/// … and not sooner than this after the first of them.
const PATIENCE: i64 = HOUR;
/// A domain that failed for so long is nobody's.
const GIVEN_UP: i64 = 30 * DAY;

/// The job: looks at the shop's link domain, and comes back by itself for as long as there is one.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Look {}

impl Look {
    /// Promises a look now; there is one of it per shop, however often it is said.
    pub async fn enqueue(db: &impl ConnectionTrait, app: &App, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
        Self::enqueue_in(db, app, shop, 0, now).await
    }

    /// Promises a look in so many seconds, or when it was promised before, if that is sooner.
    async fn enqueue_in(
        db: &impl ConnectionTrait,
        app: &App,
        shop: ShopId,
        seconds: i64,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        jobs::enqueue(db, &app.chance, shop, &Self {}, now.plus_seconds(seconds), now).await
    }

    /// Sees to it that an installed shop's domain is looked at: at once where it does not serve, as after coming back.
    pub async fn stand(db: &impl ConnectionTrait, app: &App, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
        let asked = of(db, shop).await?.domain;
        let served = Shops::find_by_id(shop).one(db).await?.and_then(|shop| shop.link_domain);
        match (asked, served) {
            (None, _) => Ok(()),
            (Some(_), None) => Self::enqueue(db, app, shop, now).await,
            (Some(_), Some(_)) => jobs::stand(db, &app.chance, shop, &Self {}, now, now).await,
        }
    }
}

impl Job for Look {
    const NAME: &'static str = "links.look_at_domain";

    fn key(&self) -> Option<String> {
        Some(Self::NAME.to_owned())
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        match look(&app, shop, app.clock.now()).await? {
            Some(stands) => Ok(Next::At(app.clock.now().plus_seconds(stands.wait(&app)))),
            None => Ok(Next::Done),
        }
    }
}

/// The merchant asks for a look. One that fails is followed up as if it had come by itself. `false`: no domain was chosen.
pub async fn look_now(app: &App, shop: ShopId, now: Timestamp) -> Result<bool, DbErr> {
    let Some(stands) = look(app, shop, now).await? else { return Ok(false) };
    Look::enqueue_in(app.db.write(), app, shop, stands.wait(app), now).await.map(|()| true)
}

/// Calls the domain that the shop asked for and keeps what was seen. `None`: it asked for none, or left.
async fn look(app: &App, shop: ShopId, now: Timestamp) -> Result<Option<Stands>, DbErr> {
    let installed = Shops::find_by_id(shop).one(app.db.read()).await?.is_some_and(|shop| shop.installed());
    let Some(asked) = of(app.db.read(), shop).await?.domain.filter(|_| installed) else { return Ok(None) };
    let seen = domain::look(app, &asked).await;
    let txn = app.db.begin_write().await?;
    let stands = note(&txn, app, shop, &asked, seen, now).await?;
    txn.commit().await?;
    app.db.changed();
    Ok(stands)
}

/// How a domain stands after a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// Links are made with it.
    Serves,
    /// Links are made with it, though it failed just now.
    Doubted,
    /// No links are made with it; since when it has been so, in seconds.
    Waits(i64),
}

impl Stands {
    /// Seconds to the next look. Who waits for a name to be known looks often; what has failed for days is looked at
    /// rarely; and what serves, at no hour of all shops' at once.
    fn wait(self, app: &App) -> i64 {
        match self {
            Self::Serves => 6 * HOUR + app.chance.below(Stream::Jitter, 6 * HOUR.unsigned_abs()).cast_signed(),
            Self::Doubted => 15 * MINUTE,
            Self::Waits(age) if age < HOUR => 2 * MINUTE,
            Self::Waits(age) if age < DAY => 15 * MINUTE,
            Self::Waits(age) if age < 7 * DAY => HOUR,
            Self::Waits(_) => 12 * HOUR,
        }
    }
}

/// Keeps what a look begun at `now` showed of a domain. `None`: another domain was chosen meanwhile, or the shop left.
async fn note(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    asked: &str,
    seen: Result<Vec<String>, String>,
    now: Timestamp,
) -> Result<Option<Stands>, DbErr> {
    let kept = of(txn, shop).await?;
    let row = Shops::find_by_id(shop).one(txn).await?.filter(Shop::installed);
    let Some(row) = row.filter(|_| kept.domain.as_deref() == Some(asked)) else { return Ok(None) };
    let serving = row.serving_domain() == Some(asked);
    let newer = kept.looked_at.is_some_and(|looked_at| looked_at > now);
    let names = |texts: &[String], shop| texts.iter().any(|text| text.trim() == domain::record_value(app, shop));
    let may_wait = serving && kept.unproved_until.is_some_and(|until| now < until);
    let seen = match seen {
        Ok(texts) if names(&texts, shop) => Ok(Some(texts)),
        Ok(_) if may_wait => Ok(None),
        Ok(_) => Err(domain::unproved(asked)),
        Err(why) => Err(why),
    };
    let (serves, next) = match seen {
        _ if newer => return Ok(Some(stands(&kept, serving, now))),
        Ok(None) => (true, Model { seen: Some(domain::unproved(asked)), ..good(&kept, now) }),
        Ok(Some(texts)) if serving || serve(txn, shop, asked, |other| names(&texts, other)).await? => {
            (true, Model { unproved_until: None, ..good(&kept, now) })
        }
        Ok(Some(_)) => (false, failed(&kept, format!("{asked} serves another shop already."), false, now)),
        Err(why) => {
            let next = failed(&kept, why, serving, now);
            let since = next.failing_since.map_or(0, |since| now.seconds_since(since));
            if domain::is_own(app, asked) {
                claim(txn, shop, None, None).await?;
            } else if serving && next.trouble.is_some() {
                claim(txn, shop, Some(asked), Some(now)).await?;
            } else if !serving && row.link_domain.is_some() && since >= GIVEN_UP {
                claim(txn, shop, None, None).await?;
            }
            (serving && next.trouble.is_none() && !domain::is_own(app, asked), next)
        }
    };
    let stands = stands(&next, serves, now);
    update(txn, next).await?;
    Ok(Some(stands))
}

fn stands(kept: &Model, serves: bool, now: Timestamp) -> Stands {
    match (serves, kept.failing_since) {
        (true, None) => Stands::Serves,
        (true, Some(_)) => Stands::Doubted,
        // Since it was asked for, or since it stopped: whichever is later.
        (false, since) => Stands::Waits(now.seconds_since(since.unwrap_or(now).max(kept.changed_at))),
    }
}

/// A look that found our answer.
fn good(kept: &Model, now: Timestamp) -> Model {
    let kept = kept.clone();
    Model { trouble: None, seen: None, failing_since: None, failures: None, looked_at: Some(now), ..kept }
}

/// A look that did not. Of a domain that serves it is no trouble yet.
fn failed(kept: &Model, why: String, serving: bool, now: Timestamp) -> Model {
    let since = kept.failing_since.unwrap_or(now);
    let failures = kept.failures.unwrap_or(0).saturating_add(1);
    let patient = serving && (failures < FAILURES || now.seconds_since(since) < PATIENCE);
    let (failing_since, failures, looked_at) = (Some(since), Some(failures), Some(now));
    let trouble = (!patient).then(|| why.clone());
    Model { trouble, seen: Some(why), failing_since, failures, looked_at, ..kept.clone() }
}

async fn update(txn: &impl ConnectionTrait, next: Model) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Trouble, Expr::value(next.trouble))
        .col_expr(Column::LookedAt, Expr::value(next.looked_at))
        .col_expr(Column::Seen, Expr::value(next.seen))
        .col_expr(Column::FailingSince, Expr::value(next.failing_since))
        .col_expr(Column::Failures, Expr::value(next.failures))
        .col_expr(Column::UnprovedUntil, Expr::value(next.unproved_until))
        .filter(COLUMN.shop_id.eq(next.shop_id))
        .exec(txn)
        .await
        .map(drop)
}

/// Another domain is asked for, or none: what was seen of the present one is gone, and the name is free.
pub async fn forget(txn: &impl ConnectionTrait, shop: ShopId) -> Result<(), DbErr> {
    claim(txn, shop, None, None).await?;
    update(txn, super::nothing(shop)).await
}

/// The domain serves: links made from now on begin with it. `false`: it is another shop's, which is named there too.
async fn serve(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    domain: &str,
    named: impl Fn(ShopId) -> bool,
) -> Result<bool, DbErr> {
    let theirs = Shops::find().filter(ShopColumn::LinkDomain.eq(domain)).filter(SHOP.shop_id.ne(shop)).one(txn).await?;
    if let Some(other) = theirs {
        if named(other.shop_id) {
            return Ok(false);
        }
        claim(txn, other.shop_id, None, None).await?;
    }
    claim(txn, shop, Some(domain), None).await.map(|()| true)
}

async fn claim(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    domain: Option<&str>,
    rests_at: Option<Timestamp>,
) -> Result<(), DbErr> {
    Shops::update_many()
        .col_expr(ShopColumn::LinkDomain, Expr::value(domain.map(str::to_owned)))
        .col_expr(ShopColumn::LinkDomainRestsAt, Expr::value(rests_at))
        .filter(SHOP.shop_id.eq(shop))
        .exec(txn)
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + minutes * MINUTE)
    }

    /// Looks at minutes, each failed; which of them ended the patience with a domain that serves.
    fn rests_at(minutes: &[i64]) -> Option<i64> {
        let mut kept = good(&super::super::nothing(ShopId(1)), at(0));
        minutes.iter().copied().find(|minute| {
            kept = failed(&kept, "no".into(), true, at(*minute));
            kept.trouble.is_some()
        })
    }

    #[test]
    fn patience_ends_after_three_failed_looks_and_an_hour() {
        assert_eq!(rests_at(&[10, 11, 12, 13, 69]), None, "many, within an hour");
        assert_eq!(rests_at(&[10, 1_000]), None, "two, far apart");
        assert_eq!(rests_at(&[10, 25, 40, 55, 70]), Some(70));
        assert_eq!(rests_at(&[10, 20, 80]), Some(80));
    }

    #[test]
    fn a_good_look_begins_again() {
        let kept = failed(&super::super::nothing(ShopId(1)), "no".into(), true, at(0));
        let kept = failed(&kept, "no".into(), true, at(50));
        let kept = good(&kept, at(55));
        let kept = failed(&kept, "no".into(), true, at(70));
        assert_eq!((kept.trouble, kept.failures, kept.failing_since), (None, Some(1), Some(at(70))));
    }

    #[test]
    fn a_domain_that_does_not_serve_says_at_once_why() {
        let kept = failed(&super::super::nothing(ShopId(1)), "no".into(), false, at(0));
        assert_eq!(kept.trouble.as_deref(), Some("no"));
    }
}
