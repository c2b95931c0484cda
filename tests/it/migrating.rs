//! Bringing a schema up to date that has rows in it, and others writing to it.

use std::time::Duration;

use migrations::{MigrationTrait, Migrator, MigratorTrait};
use recoup::cli::start;
use recoup::db::Db;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use crate::schema::{before, texts};
use crate::story::{Engine, empty_database};

/// The list as it once was.
struct Earlier;

/// What stood elsewhere then, and behind what.
const ELSEWHERE: [(&str, &str); 8] = [
    ("000027", "000022a"),
    ("000024", "000022b"),
    ("000034", "000022c"),
    ("000035", "000022d"),
    ("000030", "000022e"),
    ("000031", "000022f"),
    ("000026", "000022g"),
    ("000075", "000056a"),
];

impl MigratorTrait for Earlier {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut steps = Migrator::migrations();
        steps.sort_by_key(|step| {
            let number = step.name()[10..16].to_owned();
            ELSEWHERE.iter().find(|(moved, _)| *moved == number).map_or(number, |(_, place)| (*place).to_owned())
        });
        steps
    }
}

/// Every column and every index.
async fn shape(db: &Db) -> Vec<String> {
    let (columns, indexes) = if db.is_sqlite() {
        (
            "SELECT t.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || c.pk \
             FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'",
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        )
    } else {
        (
            "SELECT (table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable)::text \
             FROM information_schema.columns WHERE table_schema = 'public'",
            "SELECT indexdef::text FROM pg_indexes WHERE schemaname = 'public'",
        )
    };
    let mut shape = texts(db, columns).await;
    shape.extend(texts(db, indexes).await);
    shape.sort();
    shape
}

#[tokio::test]
async fn a_database_migrated_in_the_earlier_order_needs_nothing_more() {
    let (folder, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let db = Db::connect(&empty_database(Engine::Asked, &folder).await).await.unwrap();
    assert_ne!(
        Earlier::migrations().iter().map(|step| step.name().to_owned()).collect::<Vec<_>>(),
        Migrator::migrations().iter().map(|step| step.name().to_owned()).collect::<Vec<_>>()
    );
    Earlier::up(db.write(), None).await.unwrap();
    assert!(Migrator::get_pending_migrations(db.write()).await.unwrap().is_empty());
    start::migrate(&db).await.unwrap();
    let new = Db::connect(&empty_database(Engine::Asked, &fresh).await).await.unwrap();
    start::migrate(&new).await.unwrap();
    assert_eq!(shape(&db).await, shape(&new).await);
}

/// An update that ended half-way: some steps of the earlier list are done, and some that now stand before them are not.
#[tokio::test]
async fn a_database_left_half_way_in_the_earlier_order_is_brought_up_to_date() {
    let (folder, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let new = Db::connect(&empty_database(Engine::Asked, &fresh).await).await.unwrap();
    start::migrate(&new).await.unwrap();
    let db = Db::connect(&empty_database(Engine::Asked, &folder).await).await.unwrap();
    let half = Earlier::migrations().iter().position(|step| step.name() == "m20261125_000030_hits").unwrap();
    Earlier::up(db.write(), Some(u32::try_from(half).unwrap())).await.unwrap();
    start::migrate(&db).await.unwrap();
    assert_eq!(shape(&db).await, shape(&new).await);
}

/// Two events of one shop, and whatever else stands there before the index of their clicks is made.
async fn before_the_index_of_clicks() -> (Db, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = empty_database(Engine::Asked, &folder).await;
    let db = Db::connect(&url).await.unwrap();
    before(&db, "m20261128_000055_pixel_ties").await;
    for event in ["a", "b"] {
        db.write().execute_unprepared(&told(event)).await.unwrap();
    }
    (db, url, folder)
}

fn told(event: &str) -> String {
    format!(
        "INSERT INTO pixel_events (shop_id, event_id, name, checkout_token, at, received_at) \
         VALUES (1, '{event}', 'page_viewed', 't', 0, 0)"
    )
}

#[tokio::test]
async fn an_index_that_was_cut_off_is_made_anew() {
    let (db, _, _folder) = before_the_index_of_clicks().await;
    if db.is_sqlite() {
        // Nothing is left of it here, unless it was done and the step was not.
        let done = "CREATE INDEX ix_pixel_events_shop_id_click_id ON pixel_events (shop_id, click_id) \
                    WHERE click_id IS NOT NULL";
        db.write().execute_unprepared(done).await.unwrap();
        start::migrate(&db).await.unwrap();
        return;
    }
    // Another one under its name, cut off by the second row.
    let cut = "CREATE UNIQUE INDEX CONCURRENTLY ix_pixel_events_shop_id_click_id ON pixel_events (shop_id)";
    db.write().execute_unprepared(cut).await.expect_err("two rows of one shop");
    let invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid";
    assert_eq!(texts(&db, invalid).await, ["ix_pixel_events_shop_id_click_id"]);
    start::migrate(&db).await.unwrap();
    assert_eq!(texts(&db, invalid).await, Vec::<String>::new());
    let made = "SELECT indexdef::text FROM pg_indexes WHERE indexname = 'ix_pixel_events_shop_id_click_id'";
    let made = texts(&db, made).await;
    assert!(matches!(&made[..], [one] if one.contains("click_id IS NOT NULL") && !one.contains("UNIQUE")), "{made:?}");
}

/// Somebody who began to write before an index is made, and takes longer than anybody waits for a lock.
#[tokio::test(flavor = "multi_thread")]
async fn an_index_waits_for_writers_and_no_writer_for_it() {
    let (db, url, _folder) = before_the_index_of_clicks().await;
    if db.is_sqlite() {
        // One writes at a time.
        return;
    }
    let slow = db.begin_write().await.unwrap();
    slow.execute_unprepared(&told("slow")).await.unwrap();
    let node = Db::connect(&url).await.unwrap();
    let migrating = tokio::spawn(async move { start::migrate(&node).await.map_err(|error| format!("{error:#}")) });
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(!migrating.is_finished(), "it waits");
    db.write().execute_unprepared(&told("meanwhile")).await.unwrap();
    slow.commit().await.unwrap();
    assert_eq!(migrating.await.unwrap(), Ok(()));
}

async fn set_to(connection: &DatabaseConnection, name: &str) -> String {
    let show = Statement::from_string(connection.get_database_backend(), format!("SHOW {name}"));
    connection.query_one_raw(show).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// Years of rows take longer than any statement on an everyday connection may.
#[tokio::test]
async fn changing_the_schema_is_not_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::connect(&empty_database(Engine::Asked, &folder).await).await.unwrap();
    if db.is_sqlite() {
        // Nothing is cut off there.
        return;
    }
    let own = db.connect_to_migrate().await.unwrap();
    assert_eq!(
        (set_to(&own, "statement_timeout").await, set_to(&own, "lock_timeout").await),
        ("0".into(), "5s".into())
    );
    assert_eq!(set_to(db.write(), "statement_timeout").await, "15s");
    start::migrate(&db).await.unwrap();
    assert_eq!(set_to(db.write(), "lock_timeout").await, "5s", "an index waits longer on its own connection only");
}
