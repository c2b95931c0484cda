//! Whoever stops waiting for the database leaves nothing open in it, and what others are told is kept is kept.

use recoup::db::Db;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};

use crate::story::{self, Engine};

/// Asks `times` times whether a transaction has begun, and goes away.
async fn begun_and_left(times: usize, begin: impl Future<Output = Result<DatabaseTransaction, DbErr>>) {
    let mut begin = std::pin::pin!(begin);
    for _ in 0..times {
        if futures::poll!(&mut begin).is_ready() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

async fn rows(db: &Db) -> i64 {
    let count = Statement::from_string(db.read().get_database_backend(), "SELECT COUNT(*) AS n FROM kept");
    db.read().query_one_raw(count).await.unwrap().unwrap().try_get("", "n").unwrap()
}

#[tokio::test]
async fn a_transaction_nobody_waits_for_holds_nothing_back() {
    let folder = tempfile::tempdir().unwrap();
    let database = story::database(Engine::Asked, &folder).await;
    let (db, other) = (Db::connect(&database).await.unwrap(), Db::connect(&database).await.unwrap());
    db.write().execute_unprepared("CREATE TABLE kept (n BIGINT)").await.unwrap();
    for n in 0..200_i64 {
        let times = usize::try_from(n % 20).unwrap();
        begun_and_left(times, db.begin_write()).await;
        begun_and_left(times, db.begin_read()).await;
        // Somebody else writes, without a transaction and in one, and somewhere else it is seen at once.
        db.write().execute_unprepared("INSERT INTO kept VALUES (1)").await.unwrap();
        let txn = db.begin_write().await.unwrap();
        txn.execute_unprepared("INSERT INTO kept VALUES (2)").await.unwrap();
        txn.commit().await.unwrap();
        assert_eq!(rows(&other).await, 2 * (n + 1), "after leaving a transaction asked for {times} times");
    }
}
