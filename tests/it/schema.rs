//! The schema's rules (`scale.md`), and that entities and migrations say the same.

use migrations::{DIRECTORY_TABLES, Migrator, MigratorTrait, TENANT_TABLES};
use recoup::cli::start;
use recoup::db::Db;
use sea_orm::{ConnectionTrait, Statement};

use crate::story::{Engine, empty_database};

async fn migrated(engine: Engine) -> (Db, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = empty_database(engine, &folder).await;
    let db = Db::connect(&url).await.unwrap();
    recoup::db::refuse_unsafe(&db).await.unwrap();
    start::migrate(&db).await.unwrap();
    (db, folder)
}

/// The first column of each row.
pub async fn texts(db: &Db, sql: &str) -> Vec<String> {
    let backend = db.write().get_database_backend();
    let rows = db.write().query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect()
}

/// Tables of ours, without those the migrations keep for themselves.
async fn tables(db: &Db) -> Vec<String> {
    let sql = if db.is_sqlite() {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    } else {
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name"
    };
    texts(db, sql).await.into_iter().filter(|name| name != "seaql_migrations").collect()
}

/// Brings an empty database up to the step before this one.
pub async fn before(db: &Db, step: &str) {
    let steps = Migrator::migrations().iter().position(|known| known.name() == step).unwrap();
    Migrator::up(db.write(), Some(u32::try_from(steps).unwrap())).await.unwrap();
}

/// The columns of every key (primary, unique, plain) of a table, each as one comma-separated text.
async fn keys(db: &Db, table: &str) -> Vec<String> {
    if db.is_sqlite() {
        let sql = format!(
            "SELECT (SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) FROM pragma_index_list('{table}') l"
        );
        let mut keys = texts(db, &sql).await;
        keys.extend(texts(db, &format!("SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk)")).await);
        return keys;
    }
    let sql = format!(
        "SELECT string_agg(a.attname, ',' ORDER BY k.n)::text FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attnum, n), pg_attribute a \
         WHERE i.indrelid = '{table}'::regclass AND a.attrelid = i.indrelid AND a.attnum = k.attnum GROUP BY i.indexrelid"
    );
    texts(db, &sql).await
}

#[tokio::test]
async fn every_table_is_in_one_list_and_keyed_by_its_shop() {
    let (db, _folder) = migrated(Engine::Asked).await;
    let mut listed: Vec<String> = TENANT_TABLES.iter().chain(DIRECTORY_TABLES).map(|name| (*name).to_owned()).collect();
    listed.sort();
    assert_eq!(tables(&db).await, listed, "each table stands in exactly one list");
    for table in TENANT_TABLES {
        let keys = keys(&db, table).await;
        assert!(!keys.is_empty(), "{table} has no primary key");
        for key in keys {
            // Due work is swept over all shops, and an operator is told how full pools are: the two indexes that may
            // begin otherwise (scale.md S1).
            let sweep = [("jobs", "state,run_at"), ("discounts", "created_at")].contains(&(*table, key.as_str()));
            assert!(sweep || key.starts_with("shop_id"), "{table}: key ({key}) does not begin with shop_id");
        }
    }
    if db.is_sqlite() {
        assert_eq!(
            texts(&db, "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')").await,
            Vec::<String>::new()
        );
    }
    start::migrate(&db).await.expect("migrating again changes nothing");
}

/// Orders from before journeys were known are asked about like others, where they have any.
#[tokio::test]
async fn orders_that_are_here_already_wait_for_their_journeys() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::connect(&empty_database(Engine::Asked, &folder).await).await.unwrap();
    before(&db, "m20261127_000041_order_journeys").await;
    for (id, source, token, test) in [
        (1, "web", "'t'", "FALSE"),
        (2, "web", "'t'", "TRUE"),
        (3, "pos", "NULL", "FALSE"),
        (4, "web", "NULL", "FALSE"),
    ] {
        let order = format!(
            "INSERT INTO orders (shop_id, shopify_order_id, version_key, name, ordered_at, updated_at, currency, \
             presentment_currency, source_name, test, checkout_token, codes, click_ids) \
             VALUES (7, {id}, '', '', 1000000, 0, 'EUR', 'EUR', '{source}', {test}, {token}, '[]', '[]')"
        );
        db.write().execute_unprepared(&order).await.unwrap();
    }
    start::migrate(&db).await.unwrap();
    let waiting = recoup::orders::Journeys::of(recoup::kernel::id::ShopId(7)).all(db.read()).await.unwrap();
    let [only] = waiting.as_slice() else { panic!("{waiting:?}") };
    assert_eq!((only.shopify_order_id.0, only.state), (1, recoup::orders::JourneyState::Waiting));
    assert_eq!((only.tries, only.ask_at.seconds()), (0, 3_601));
}

/// Orders from before their sales were known are asked for them like others, but test orders.
#[tokio::test]
async fn orders_that_are_here_already_wait_for_their_sales() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::connect(&empty_database(Engine::Asked, &folder).await).await.unwrap();
    before(&db, "m20261129_000130_order_sales").await;
    for (id, source, test) in [(1, "web", "FALSE"), (2, "web", "TRUE"), (3, "pos", "FALSE")] {
        let order = format!(
            "INSERT INTO orders (shop_id, shopify_order_id, version_key, name, ordered_at, updated_at, currency, \
             presentment_currency, source_name, test, codes, click_ids) \
             VALUES (7, {id}, '', '', 1000000, 0, 'EUR', 'EUR', '{source}', {test}, '[]', '[]')"
        );
        db.write().execute_unprepared(&order).await.unwrap();
    }
    start::migrate(&db).await.unwrap();
    let mut waiting = recoup::orders::Books::of(recoup::kernel::id::ShopId(7)).all(db.read()).await.unwrap();
    waiting.sort_by_key(|row| row.shopify_order_id);
    assert_eq!(waiting.iter().map(|row| row.shopify_order_id.0).collect::<Vec<_>>(), [1, 3]);
    assert!(waiting.iter().all(|row| (row.state, row.ask_at.seconds()) == (recoup::orders::BookState::Waiting, 3_601)));
    assert!(waiting.iter().all(|row| row.through.is_none() && row.read_at.is_none()));
}

#[tokio::test]
async fn a_link_domain_that_serves_already_is_given_two_weeks_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::connect(&empty_database(Engine::Asked, &folder).await).await.unwrap();
    before(&db, "m20261128_000056_domain_proofs").await;
    // Serves; rests; was asked for only; none.
    for (id, served, rests, asked) in [
        (1, "'go.a.example'", "NULL", "'go.a.example'"),
        (2, "'go.b.example'", "1", "'go.b.example'"),
        (3, "NULL", "NULL", "'go.c.example'"),
        (4, "NULL", "NULL", "NULL"),
    ] {
        let shop = format!(
            "INSERT INTO shops (shop_id, domain, name, currency, time_zone, storefront_url, scopes, installed_at, \
             link_domain, link_domain_rests_at) \
             VALUES ({id}, 's{id}.example', '', 'EUR', 'UTC', 'https://s{id}.example', '', 0, {served}, {rests})"
        );
        let said =
            format!("INSERT INTO link_settings (shop_id, utm, domain, changed_at) VALUES ({id}, '{{}}', {asked}, 0)");
        for sql in [shop, said] {
            db.write().execute_unprepared(&sql).await.unwrap();
        }
    }
    start::migrate(&db).await.unwrap();
    let until = texts(&db, "SELECT CAST(shop_id AS TEXT) FROM link_settings WHERE unproved_until IS NOT NULL").await;
    assert_eq!(until, ["1"]);
    let now = recoup::kernel::Clock::System.now().micros();
    let within = |days: i64| now + days * 86_400_000_000;
    let sql = format!(
        "SELECT CAST(shop_id AS TEXT) FROM link_settings WHERE unproved_until BETWEEN {} AND {}",
        within(13),
        within(15)
    );
    assert_eq!(texts(&db, &sql).await, ["1"]);
}

#[tokio::test]
async fn entities_and_migrations_say_the_same() {
    // On SQLite whatever was asked for: sync would also drop the unique indexes that no entity repeats, and stumbles over
    // them on PostgreSQL. Tables and columns are the same on both.
    let (db, _folder) = migrated(Engine::Sqlite).await;
    let dump = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let before = texts(&db, dump).await;
    db.write().get_schema_registry("recoup::*").sync(db.write()).await.unwrap();
    let after = texts(&db, dump).await;
    let grown: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
    assert!(grown.is_empty(), "an entity has something no migration made: {grown:#?}");
    assert_eq!(before.len(), after.len());
}

/// A campaign's first evening fills a table within seconds; autovacuum, which looks once a minute, is left out here.
#[tokio::test]
async fn the_planner_hears_of_a_table_soon_after_it_was_filled() {
    let (db, _folder) = migrated(Engine::Asked).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let (prepare, fill, known) = if db.is_sqlite() {
        let rows =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT 1, i, i FROM n";
        ("SELECT 1", rows, "SELECT name FROM sqlite_master WHERE name = 'sqlite_stat1'")
    } else {
        let rows = "SELECT 1, n, n::text FROM generate_series(1, 5000) n";
        let alone = "ALTER TABLE carried_links SET (autovacuum_enabled = false)";
        (alone, rows, "SELECT attname::text FROM pg_stats WHERE tablename = 'carried_links'")
    };
    db.write().execute_unprepared(prepare).await.unwrap();
    let fill = format!("INSERT INTO carried_links (shop_id, at, slug) {fill}");
    db.write().execute_unprepared(&fill).await.unwrap();
    assert_eq!(texts(&db, known).await, Vec::<String>::new());
    let keeper = tokio::spawn(recoup::db::keep_statistics(db.clone(), stop.clone()));
    for _ in 0..60 {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        if !texts(&db, known).await.is_empty() {
            stop.cancel();
            keeper.await.unwrap();
            return;
        }
    }
    panic!("nobody counted it");
}

#[tokio::test]
async fn what_is_read_in_one_moment_is_of_one_moment() {
    let (db, _folder) = migrated(Engine::Asked).await;
    let backend = db.read().get_database_backend();
    let count = || Statement::from_string(backend, "SELECT COUNT(*) FROM carried_links");
    let moment = db.begin_read().await.unwrap();
    let seen = async || {
        let row = moment.query_one_raw(count()).await.unwrap().unwrap();
        row.try_get_by_index::<i64>(0).unwrap()
    };
    assert_eq!(seen().await, 0);
    db.write().execute_unprepared("INSERT INTO carried_links (shop_id, at, slug) VALUES (1, 2, 'a')").await.unwrap();
    assert_eq!(seen().await, 0, "a commit of the time between is not seen");
    moment.commit().await.unwrap();
    let row = db.read().query_one_raw(count()).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 1);
}

#[tokio::test]
async fn sqlite_sorts_a_changed_schema_in_files_and_what_it_writes_in_memory() {
    let (db, _folder) = migrated(Engine::Sqlite).await;
    let place = async || texts(&db, "SELECT CAST(temp_store AS TEXT) FROM pragma_temp_store").await;
    assert_eq!(place().await, ["2"], "brought up to date");
    db.sort_in_files(true).await.unwrap();
    assert_eq!(place().await, ["1"], "while it changes");
}

/// Nodes that start together after an update: one changes the schema, the others wait and find nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn several_that_migrate_at_once_all_come_to_a_good_end() {
    let folder = tempfile::tempdir().unwrap();
    let url = empty_database(Engine::Asked, &folder).await;
    let nodes = (0..4).map(|_| {
        let url = url.clone();
        tokio::spawn(async move {
            let db = Db::connect(&url).await.unwrap();
            start::migrate(&db).await.map_err(|error| format!("{error:#}"))
        })
    });
    for node in futures::future::join_all(nodes).await {
        assert_eq!(node.unwrap(), Ok(()));
    }
    let db = Db::connect(&url).await.unwrap();
    assert_eq!(texts(&db, "SELECT version FROM seaql_migrations").await.len(), Migrator::migrations().len());
}
