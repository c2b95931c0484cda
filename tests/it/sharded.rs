//! What a sharded PostgreSQL answers that a plain one does not, imitated: the number behind an insert tells rows looked
//! at, and one shop's rows may be away while all others are there.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use recoup::db::{Db, Group, GroupError, away, insert_once, insert_or};
use recoup::kernel::id::ShopId;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{IntoActiveModel, QueryOrder};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

use crate::audience::people;
use crate::install::reqwest_client;
use crate::story::{self, Engine, Story};

mod kept {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "kept")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub shop_id: ShopId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub n: i64,
        pub body: Vec<u8>,
        pub maybe_body: Option<Vec<u8>>,
        pub text: String,
        pub maybe_text: Option<String>,
        pub document: Json,
        pub maybe_document: Option<Json>,
        pub id: Uuid,
        pub maybe_id: Option<Uuid>,
        pub flag: bool,
        pub maybe_number: Option<i32>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const COLUMNS: &str = "shop_id BIGINT, n BIGINT, body BYTES NOT NULL, maybe_body BYTES, text TEXT NOT NULL, maybe_text TEXT, \
    document JSONB NOT NULL, maybe_document JSONB, id UUID NOT NULL, maybe_id UUID, flag BOOLEAN NOT NULL, maybe_number INTEGER, \
    PRIMARY KEY (shop_id, n)";

async fn table(db: &Db) {
    let columns = if db.is_sqlite() {
        COLUMNS.replace("BYTES", "BLOB").replace("JSONB", "jsonb_text").replace("UUID", "uuid_text")
    } else {
        COLUMNS.replace("BYTES", "BYTEA")
    };
    db.write().execute_unprepared(&format!("CREATE TABLE kept ({columns})")).await.unwrap();
}

fn row(shop: i64, n: i64) -> kept::Model {
    let there = n % 2 == 0;
    let text = ["", "NULL", "{}", "a\"b\\c", "\u{e4}\n\t", ","][usize::try_from(n % 6).unwrap()].to_owned();
    let body: Vec<u8> = (0..=255).cycle().skip(usize::try_from(n).unwrap()).take(1_000).collect();
    let document = json!({"quote\"": [n, null, "\\"]});
    kept::Model {
        shop_id: ShopId(shop),
        n,
        maybe_body: there.then(|| body.clone()),
        body,
        maybe_text: there.then(|| text.clone()),
        text,
        maybe_document: there.then(|| document.clone()),
        document,
        id: Uuid::from_u128(n.unsigned_abs().into()),
        maybe_id: there.then(|| Uuid::from_u128(7)),
        flag: there,
        maybe_number: there.then_some(7),
    }
}

async fn insert(db: &Db, rows: impl IntoIterator<Item = kept::Model>) -> Result<u64, DbErr> {
    insert_once(db.write(), rows.into_iter().map(IntoActiveModel::into_active_model)).await
}

/// Rows at once, some values absent, come back as they were; and what was there already counts for nothing.
#[tokio::test]
async fn many_rows_at_once_are_kept_as_they_are_and_counted_by_what_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let database = story::database(Engine::Asked, &folder).await;
    for database in [Proxy::before(&database).await, Some(database)].into_iter().flatten() {
        let db = Db::connect(&database).await.unwrap();
        if !database.contains("sslmode") && !db.is_sqlite() {
            db.write().execute_unprepared("DROP TABLE IF EXISTS kept").await.unwrap();
        }
        table(&db).await;
        let rows: Vec<kept::Model> = (0..600).map(|n| row(7, n)).collect();
        assert_eq!(insert(&db, rows.clone()).await.unwrap(), 600);
        assert_eq!(kept::Entity::find().order_by_asc(kept::Column::N).all(db.read()).await.unwrap(), rows);
        assert_eq!(insert(&db, rows.clone()).await.unwrap(), 0);
        assert_eq!(insert(&db, (599..602).map(|n| row(7, n))).await.unwrap(), 2);
        // Nobody is absent, or everybody.
        assert_eq!(insert(&db, [row(8, 2), row(8, 4)]).await.unwrap(), 2);
        assert_eq!(insert(&db, [row(8, 1), row(8, 3)]).await.unwrap(), 2);
        let nothing = OnConflict::columns([kept::Column::ShopId, kept::Column::N]).do_nothing().to_owned();
        for (n, new) in [(4, 0), (5, 1), (5, 0)] {
            let insert = kept::Entity::insert(row(8, n).into_active_model()).on_conflict(nothing.clone());
            assert_eq!(insert_or(db.write(), insert).await.unwrap(), new, "{n}");
        }
    }
}

/// The same recipients from many sides at once, behind a database that tells how many rows it looked at.
#[tokio::test(flavor = "multi_thread")]
async fn recipients_drawn_from_many_sides_have_one_answer_each_whatever_number_a_command_tells() {
    let folder = tempfile::tempdir().unwrap();
    let database = story::database(Engine::Asked, &folder).await;
    let Some(database) = Proxy::before(&database).await else { return };
    let story = Story::on(&database).await;
    let campaign = story.campaign(|body| body["offer"] = serde_json::Value::Null).await;
    let path = format!("{}/api/campaigns/{campaign}/messages", story.url);
    let (path, key) = (&path, &story.world.api_key().unwrap());
    let calls = (0..6).map(async |number| {
        let mut starts: Vec<usize> = (0..300).step_by(50).collect();
        if number % 2 == 1 {
            starts.reverse();
        }
        let mut answers = std::collections::BTreeMap::new();
        for from in starts {
            let body = json!({"recipients": people(from..from + 50)});
            let answer = reqwest_client().post(path).bearer_auth(key).json(&body).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            let drawn: serde_json::Value = answer.json().await.unwrap();
            for message in drawn["messages"].as_array().unwrap() {
                answers.insert(message["key"].to_string(), message["message_id"].to_string());
            }
        }
        answers
    });
    let answers = futures::future::join_all(calls).await;
    assert_eq!(answers[0].len(), 300);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "one recipient, one answer");
    assert_eq!(story.count::<recoup::messages::Messages>().await, 300);
    story.settle().await;
    story.end().await;
}

/// A trigger answers for one shop's shard: first that it is away, then not at all.
#[tokio::test(flavor = "multi_thread")]
async fn one_shops_shard_away_costs_no_other_shop_its_deliveries() {
    let folder = tempfile::tempdir().unwrap();
    let database = story::database(Engine::Asked, &folder).await;
    let db = Db::connect(&database).await.unwrap();
    if db.is_sqlite() {
        return;
    }
    table(&db).await;
    let shard = |body: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION shard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF NEW.shop_id = 13 THEN {body} END IF; RETURN NEW; END $$"
        )
    };
    let gone = shard("RAISE EXCEPTION 'the node is away' USING ERRCODE = '57P03';");
    db.write().execute_unprepared(&gone).await.unwrap();
    let trigger = "CREATE TRIGGER shard BEFORE INSERT ON kept FOR EACH ROW EXECUTE FUNCTION shard()";
    db.write().execute_unprepared(trigger).await.unwrap();
    assert!(away(&insert(&db, [row(13, 0)]).await.unwrap_err()), "as a shard that is away");
    let writer = db.clone();
    let group = Group::start(
        "test",
        |row: &kept::Model| row.shop_id,
        move |rows: Vec<kept::Model>| {
            let db = writer.clone();
            async move {
                let new = vec![true; rows.len()];
                let txn = db.begin_write().await?;
                insert_once(&txn, rows.into_iter().map(IntoActiveModel::into_active_model)).await?;
                txn.commit().await?;
                Ok(new)
            }
        },
    );
    let next = AtomicU64::new(1);
    // A round of deliveries of twenty shops, as long as a sender waits.
    let round = async || {
        let n = i64::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap();
        let writes = (1..=20).map(|shop| group.write(row(shop, n), Duration::from_millis(1_200)));
        let answers = futures::future::join_all(writes).await;
        answers.into_iter().zip(1..).map(|(answer, shop)| (shop, answer)).collect::<Vec<(i64, _)>>()
    };
    let neighbours = |answers: &[(i64, Result<bool, GroupError>)]| {
        answers.iter().filter(|(shop, _)| *shop != 13).all(|(_, answer)| *answer == Ok(true))
    };
    for _ in 0..3 {
        let answers = round().await;
        assert!(neighbours(&answers), "{answers:?}");
        assert!(answers[12].1.is_err());
    }
    // From now on it does not even answer.
    db.write().execute_unprepared(&shard("PERFORM pg_sleep(600);")).await.unwrap();
    let began = Instant::now();
    for _ in 0..5 {
        let answers = round().await;
        assert!(neighbours(&answers), "{answers:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(7), "{:?}", began.elapsed());
    db.write().execute_unprepared(&shard("NULL;")).await.unwrap();
    let until = Instant::now() + Duration::from_secs(15);
    while round().await[12].1 != Ok(true) {
        assert!(Instant::now() < until, "it never comes back");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(round().await.iter().all(|(_, answer)| *answer == Ok(true)));
}

/// Stands between the program and a PostgreSQL behind a socket, and tells of every insert of many rows how many it was
/// given instead of how many it wrote.
struct Proxy;

impl Proxy {
    /// Its address, in place of the database's. `None`: that one is no PostgreSQL behind a socket.
    async fn before(database: &str) -> Option<String> {
        let (address, socket) = database.split_once("?host=")?;
        let socket: Arc<str> = format!("{socket}/.s.PGSQL.5432").into();
        let (scheme, rest) = address.split_once("://")?;
        let (user, name) = (rest.split_once('@')?.0, rest.rsplit_once('/')?.1);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let socket = Arc::clone(&socket);
                tokio::spawn(async move { between(client, UnixStream::connect(&*socket).await?).await });
            }
            io::Result::Ok(())
        });
        Some(format!("{scheme}://{user}@127.0.0.1:{port}/{name}?sslmode=disable"))
    }
}

async fn between(client: TcpStream, server: UnixStream) -> io::Result<()> {
    client.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let looked_at = Arc::new(AtomicU64::new(0));
    let bound = Arc::clone(&looked_at);
    // The first message has no letter before it.
    let length = from_client.read_u32().await?;
    let mut first = vec![0; usize::try_from(length).unwrap() - 4];
    from_client.read_exact(&mut first).await?;
    to_server.write_u32(length).await?;
    to_server.write_all(&first).await?;
    let up = tokio::spawn(async move {
        pass(&mut from_client, &mut to_server, |letter, body| {
            if letter == b'B' {
                bound.store(rows(body).unwrap_or(0), Ordering::SeqCst);
            }
            None
        })
        .await
    });
    let down = pass(&mut from_server, &mut to_client, |letter, body| {
        let looked_at = looked_at.load(Ordering::SeqCst);
        let told = (letter == b'C' && body.starts_with(b"INSERT 0 ") && looked_at > 0).then_some(looked_at)?;
        Some(format!("INSERT 0 {told}\0").into_bytes())
    });
    down.await?;
    up.abort();
    Ok(())
}

/// Hands messages on; `change` may give one another body.
async fn pass(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    change: impl Fn(u8, &[u8]) -> Option<Vec<u8>>,
) -> io::Result<()> {
    loop {
        let letter = from.read_u8().await?;
        let length = usize::try_from(from.read_u32().await?).unwrap() - 4;
        let mut body = vec![0; length];
        from.read_exact(&mut body).await?;
        let body = change(letter, &body).unwrap_or(body);
        let mut message = vec![letter];
        message.extend_from_slice(&u32::try_from(body.len() + 4).unwrap().to_be_bytes());
        message.extend_from_slice(&body);
        to.write_all(&message).await?;
    }
}

/// How many values the first parameter of a `Bind` holds, when it is an array.
fn rows(body: &[u8]) -> Option<u64> {
    let after_text = |body: &[u8]| body.iter().position(|byte| *byte == 0).map(|end| end + 1);
    let portal = after_text(body)?;
    let body = &body[portal..];
    let body = &body[after_text(body)?..];
    let short = |body: &[u8]| Some(usize::from(u16::from_be_bytes(body.get(..2)?.try_into().ok()?)));
    let formats = short(body)?;
    let body = body.get(2 + 2 * formats..)?;
    if short(body)? == 0 {
        return None;
    }
    let value = body.get(6..)?;
    if value.starts_with(b"{") {
        return Some(value.iter().take_while(|byte| **byte != b'}').filter(|byte| **byte == b',').count() as u64 + 1);
    }
    let word = |at: usize| Some(u32::from_be_bytes(value.get(at..at + 4)?.try_into().ok()?));
    (word(0)? == 1 && word(8)? == 20).then(|| word(12)).flatten().map(u64::from)
}
