//! What a killed process held: on an SQLite file nobody else works on, due at the next start; otherwise when its lease
//! runs out.

use std::time::{Duration, Instant};

use recoup::db::Db;
use recoup::jobs::{self, COLUMN, State};
use recoup::worker;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use tokio_util::sync::CancellationToken;

use crate::node::Ground;
use crate::story::{Engine, Story};

async fn running(db: &Db) -> u64 {
    jobs::Entity::find().filter(COLUMN.state.eq(State::Running)).count(db.read()).await.unwrap()
}

#[tokio::test]
async fn jobs_of_the_dead_are_due_at_the_next_start_and_jobs_of_the_living_are_not() {
    let story = Story::before_install(Engine::Asked, |_| {}).await;
    story.world.install().await.unwrap();
    let db = &story.app.db;
    // As a process leaves them that is killed in the middle of everything.
    let held = format!(
        "UPDATE jobs SET state = 'running', lease_no = 1, lease_until = {}",
        story.clock.now().plus_seconds(50).micros()
    );
    let leave = async || db.write().execute_unprepared(&held).await.unwrap();
    leave().await;
    let left = running(db).await;
    assert!(left > 0);
    if !db.is_sqlite() {
        assert!(db.working().await.is_none(), "no machine sees another's locks");
        story.settle().await;
        assert_eq!(running(db).await, left, "the lease decides");
        story.pass(60).await;
        assert_eq!(running(db).await, 0);
        return story.end().await;
    }
    let work = |stop: &CancellationToken| tokio::spawn(worker::worker(story.app.clone()).work(stop.clone()));
    let other = db.working().await.unwrap();
    assert!(other.holds());
    let other = other.among_others().await.unwrap();
    let stop = CancellationToken::new();
    let working = work(&stop);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(running(db).await, left, "somebody works: the jobs may be theirs");
    stop.cancel();
    working.await.unwrap();
    drop(other);
    let (stop, began) = (CancellationToken::new(), Instant::now());
    let working = work(&stop);
    while running(db).await > 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "nobody else works: the jobs are nobody's");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.cancel();
    working.await.unwrap();
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn a_worker_works_alone_until_another_comes_and_a_killed_one_is_gone_at_once() {
    let ground = Ground::prepare().await;
    if !ground.db.is_sqlite() {
        return;
    }
    let alone = async || ground.db.working().await.unwrap().holds();
    // Serving is not working.
    let server = ground.node(&["serve", "--no-worker"]).await;
    assert!(alone().await);
    let worker = ground.node(&["worker"]).await;
    let began = Instant::now();
    while alone().await {
        assert!(began.elapsed() < Duration::from_secs(30), "the worker says nothing");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    worker.kill();
    assert!(alone().await);
    drop(server);
}
