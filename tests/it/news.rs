//! What happened is told to everybody who listens, once, with the fact or not at all.

use std::sync::{Mutex, PoisonError};

use recoup::abandoned::{Offered, Withdrawn};
use recoup::app::App;
use recoup::attribution::{VerdictsChanged, WorthChanged};
use recoup::campaigns::{CampaignAnnounced, CampaignChanged, CampaignId, DelaysChanged, Drawn};
use recoup::codes::{AlarmId, Alarmed, EndMoved, RedeemCodeId, WentLive};
use recoup::files::{FileId, FileReady};
use recoup::jobs::{self, Job, JobError, Next, State, Worker, registered};
use recoup::kernel::Timestamp;
use recoup::kernel::id::{MessageId, ShopId};
use recoup::links::classify::{RulesChanged, TapsTurned};
use recoup::messages::StatusesReported;
use recoup::news::{self, LISTENERS, Listener, News};
use recoup::pixel::PixelArrived;
use recoup::shops::ShopInstalled;
use recoup::tombstones::Requested;
use recoup::webhooks::{Edited, SalesMoved};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::story::Story;

/// News of these tests.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Rain {
    day: i64,
}

impl News for Rain {
    const NAME: &'static str = "weather.rain";

    fn key(&self) -> Option<String> {
        Some(format!("rain:{}", self.day))
    }
}

/// News that is heard as often as it is told.
#[derive(Clone, Copy, Debug, Serialize)]
struct Thunder {}

impl News for Thunder {
    const NAME: &'static str = "weather.thunder";
}

/// Who heard of which day, in which shop.
static HEARD: Mutex<Vec<(ShopId, &str, i64)>> = Mutex::new(Vec::new());

fn hear(shop: ShopId, who: &'static str, day: i64) {
    HEARD.lock().unwrap_or_else(PoisonError::into_inner).push((shop, who, day));
}

/// What was heard in a shop, in no particular order.
fn heard(shop: ShopId) -> Vec<(&'static str, i64)> {
    let all = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    let mut heard: Vec<_> = all.iter().filter(|one| one.0 == shop).map(|one| (one.1, one.2)).collect();
    heard.sort_unstable();
    heard
}

/// Hears of rain and cannot do anything about it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Hiker(Rain);

impl Job for Hiker {
    const NAME: &'static str = "weather.hiker";

    async fn run(self, _: App, shop: ShopId) -> Result<Next, JobError> {
        hear(shop, "hiker", self.0.day);
        Err(JobError::fail("The boots are wet."))
    }
}

/// Hears of rain and is glad.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Farmer(Rain);

impl Job for Farmer {
    const NAME: &'static str = "weather.farmer";

    async fn run(self, _: App, shop: ShopId) -> Result<Next, JobError> {
        hear(shop, "farmer", self.0.day);
        Ok(Next::Done)
    }
}

const LISTENING: &[Listener] = &[
    Listener::new("weather.rain", Hiker::NAME),
    Listener::new("weather.thunder", "weather.hiker_in_a_storm"),
    Listener::new("weather.rain", Farmer::NAME),
];

/// Nobody's shop: these tests only look at its jobs.
const SHOP: ShopId = ShopId(7);

fn worker(story: &Story) -> Worker {
    Worker::new(story.app.clone(), vec![registered::<Hiker>(), registered::<Farmer>()])
}

async fn rains(story: &Story, shop: ShopId, txn: &impl ConnectionTrait, day: i64) {
    news::tell_those(LISTENING, txn, &story.app, shop, &Rain { day }, story.clock.now()).await.unwrap();
}

async fn jobs_of(story: &Story, shop: ShopId) -> Vec<jobs::Model> {
    let jobs = jobs::Entity::find().filter(jobs::COLUMN.shop_id.eq(shop)).order_by_asc(jobs::COLUMN.kind);
    jobs.order_by_asc(jobs::Column::DedupKey).all(story.app.db.read()).await.unwrap()
}

#[tokio::test]
async fn everybody_who_listens_is_told_once_and_one_that_fails_holds_up_no_other() {
    let story = Story::begin().await;
    let worker = worker(&story);
    // The same day twice, before anybody heard of it.
    for day in [1, 1, 2] {
        let txn = story.app.db.begin_write().await.unwrap();
        rains(&story, SHOP, &txn, day).await;
        txn.commit().await.unwrap();
    }
    let promised = jobs_of(&story, SHOP).await;
    let promised: Vec<_> = promised.iter().map(|job| (job.kind.as_str(), job.dedup_key.as_deref().unwrap())).collect();
    let expected = [
        ("weather.farmer", "rain:1:weather.farmer"),
        ("weather.farmer", "rain:2:weather.farmer"),
        ("weather.hiker", "rain:1"),
        ("weather.hiker", "rain:2"),
    ];
    assert_eq!(promised, expected, "the first who listened is kept under the key of the news");
    for _ in 0..2 {
        jobs::settle(&worker).await.unwrap();
        assert_eq!(heard(SHOP), [("farmer", 1), ("farmer", 2), ("hiker", 1), ("hiker", 2)]);
    }
    let left = jobs_of(&story, SHOP).await;
    let left: Vec<_> = left.iter().map(|job| (job.kind.as_str(), job.state, job.last_error.as_deref())).collect();
    assert_eq!(left, [("weather.hiker", State::Dead, Some("The boots are wet.")); 2]);
    // Told again later, it is heard again, by whoever failed as well.
    rains(&story, SHOP, story.app.db.write(), 1).await;
    jobs::settle(&worker).await.unwrap();
    assert_eq!(heard(SHOP), [("farmer", 1), ("farmer", 1), ("farmer", 2), ("hiker", 1), ("hiker", 1), ("hiker", 2)]);
    story.close().await;
}

#[tokio::test]
async fn nobody_is_skipped_when_a_later_transaction_commits_first() {
    const SHOP: ShopId = ShopId(8);
    let story = Story::begin().await;
    let (worker, app) = (worker(&story), &story.app);
    let undone = app.db.begin_write().await.unwrap();
    rains(&story, SHOP, &undone, 1).await;
    undone.rollback().await.unwrap();
    let first = app.db.begin_write().await.unwrap();
    rains(&story, SHOP, &first, 2).await;
    // On SQLite one writes after the other.
    let both = first.get_database_backend() != DbBackend::Sqlite;
    if both {
        let second = app.db.begin_write().await.unwrap();
        rains(&story, SHOP, &second, 3).await;
        second.commit().await.unwrap();
    }
    jobs::settle(&worker).await.unwrap();
    assert_eq!(heard(SHOP), if both { vec![("farmer", 3), ("hiker", 3)] } else { vec![] });
    first.commit().await.unwrap();
    if !both {
        rains(&story, SHOP, app.db.write(), 3).await;
    }
    jobs::settle(&worker).await.unwrap();
    assert_eq!(heard(SHOP), [("farmer", 2), ("farmer", 3), ("hiker", 2), ("hiker", 3)]);
    story.close().await;
}

#[tokio::test]
async fn news_without_a_key_is_told_as_often_as_it_happens() {
    let story = Story::begin().await;
    for _ in 0..2 {
        let now = story.clock.now();
        news::tell_those(LISTENING, story.app.db.write(), &story.app, SHOP, &Thunder {}, now).await.unwrap();
        // Nobody listens to it in the program itself.
        news::tell(story.app.db.write(), &story.app, SHOP, &Thunder {}, now).await.unwrap();
    }
    let told = jobs_of(&story, SHOP).await;
    let told: Vec<_> = told.iter().map(|job| (job.kind.as_str(), job.dedup_key.as_deref())).collect();
    assert_eq!(told, [("weather.hiker_in_a_storm", None); 2]);
    story.close().await;
}

/// Job, key, payload, tries, seconds until it is due: what a database of a customer holds of each kind of news.
type Stored = (&'static str, Option<String>, Value, i32, i64);

async fn is_stored(story: &Story, news: &impl News, expected: Stored) {
    let known: Vec<_> = jobs_of(story, SHOP).await.into_iter().map(|job| job.id).collect();
    let now = story.clock.now();
    news::tell(story.app.db.write(), &story.app, SHOP, news, now).await.unwrap();
    let fresh: Vec<_> = jobs_of(story, SHOP).await.into_iter().filter(|job| !known.contains(&job.id)).collect();
    let first = fresh.iter().find(|job| job.kind == expected.0).unwrap_or_else(|| panic!("{} is not told", expected.0));
    let due = first.run_at.seconds_since(now);
    let stored = (expected.0, first.dedup_key.clone(), first.payload.clone(), first.max_attempts, due);
    assert_eq!(stored, expected);
    for job in fresh.iter().filter(|job| job.kind != expected.0) {
        assert_eq!(job.payload, first.payload);
        assert_eq!(job.dedup_key, first.dedup_key.as_ref().map(|key| format!("{key}:{}", job.kind)));
    }
}

#[tokio::test]
async fn what_was_promised_before_an_update_is_heard_after_it() {
    let story = Story::begin().await;
    let uuid = Uuid::from_u128(0x0198_d1f0_0000_7000_8000_0000_0000_0001);
    let id = "0198d1f0-0000-7000-8000-000000000001";
    let at = Timestamp::parse("2026-08-24T00:10:00Z").unwrap();
    let when = "2026-08-24T00:10:00Z";
    let key = |name: &str| Some(format!("{name}:{id}"));
    is_stored(&story, &ShopInstalled {}, ("shops.installed", Some("installed".to_owned()), json!({}), 12, 0)).await;
    is_stored(&story, &CampaignAnnounced(CampaignId(uuid)), ("codes.fill", key("fill"), json!(id), i32::MAX, 0)).await;
    is_stored(&story, &CampaignChanged(CampaignId(uuid)), ("codes.retire", key("retire"), json!(id), 12, 0)).await;
    let delays = ("abandoned.delays_changed", Some("delays".to_owned()), json!({}), 12, 0);
    is_stored(&story, &DelaysChanged {}, delays).await;
    let nothing = || json!({"checkouts": []});
    is_stored(&story, &Offered { checkouts: vec![] }, ("sinks.offered", None, nothing(), 12, 0)).await;
    is_stored(&story, &Withdrawn { checkouts: vec![] }, ("sinks.withdrawn", None, nothing(), 12, 0)).await;
    let judged = VerdictsChanged { orders: vec![5], at };
    let stored = json!({"orders": [5], "at": when});
    is_stored(&story, &judged, ("sinks.judged", None, stored, 12, 0)).await;
    let worth = WorthChanged { orders: vec![5] };
    is_stored(&story, &worth, ("lift.worth_changed", None, json!({"orders": [5]}), 12, 0)).await;
    let drawn = Drawn { draws: vec![MessageId(uuid)] };
    is_stored(&story, &drawn, ("lift.drawn", None, json!({"draws": [id]}), 12, 0)).await;
    let live = WentLive { codes: vec![RedeemCodeId(uuid)], at };
    is_stored(&story, &live, ("sinks.went_live", None, json!({"codes": [id], "at": when}), 12, 0)).await;
    let alarmed = Alarmed { alarm: AlarmId(uuid), sighting: 3, at };
    let stored = json!({"alarm": id, "sighting": 3, "at": when});
    is_stored(&story, &alarmed, ("sinks.alarmed", None, stored, 12, 0)).await;
    let ready = FileReady { file: FileId(uuid), at };
    is_stored(&story, &ready, ("sinks.file_ready", None, json!({"file": id, "at": when}), 12, 0)).await;
    let moved = ("attribution.end_moved", key("end-moved"), json!(id), 12, 0);
    is_stored(&story, &EndMoved(RedeemCodeId(uuid)), moved).await;
    let turned = TapsTurned { taps: vec![("ab".to_owned(), at)] };
    let stored = json!({"taps": [["ab", when]]});
    is_stored(&story, &turned, ("attribution.taps_turned", None, stored, 12, 0)).await;
    let reported = StatusesReported { messages: vec![MessageId(uuid)] };
    let stored = json!({"messages": [uuid.to_string()]});
    is_stored(&story, &reported, ("attribution.statuses_reported", None, stored, 12, 0)).await;
    let rules = ("attribution.rules_changed", Some("rules-changed".to_owned()), json!({}), 12, 0);
    is_stored(&story, &RulesChanged {}, rules).await;
    is_stored(&story, &PixelArrived {}, ("pixel.told", Some("pixel".to_owned()), json!({}), 12, 0)).await;
    is_stored(&story, &Edited(5), ("catchup.edited", Some("edited:5".to_owned()), json!(5), 12, 5)).await;
    is_stored(&story, &SalesMoved {}, ("catchup.sales_moved", Some("sales_moved".to_owned()), json!({}), 12, 30)).await;
    let requested = Requested { request: "abc".to_owned() };
    let stored = ("rights.fulfil", Some("fulfil:abc".to_owned()), json!({"request": "abc"}), 1_000, 0);
    is_stored(&story, &requested, stored).await;
    let told: Vec<String> = jobs_of(&story, SHOP).await.into_iter().map(|job| job.kind).collect();
    for listener in LISTENERS {
        assert_eq!(told.iter().filter(|kind| *kind == listener.job).count(), 1, "{listener:?} in {told:?}");
    }
    // Every listener reads what it was told: a job that could not be read would be set aside.
    story.pass(30).await;
    story.end().await;
}
