//! The same recipients asked for from everywhere at once: one code each. Two processes on PostgreSQL, one on SQLite.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use recoup::simulator::ImportPace;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::audience::{accounted, people};
use crate::install::reqwest_client;
use crate::node::{Ground, number};
use crate::story::Story;

const RECIPIENTS: usize = 1_000;
const TRIES: usize = 6;

/// Recipients of one call.
const A_CALL: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_recipients_asked_for_six_times_at_once_have_a_thousand_codes() {
    let ground = Ground::prepare().await;
    let world = &ground.world;
    world.set_import_pace(ImportPace { lead_seconds: 0, codes_per_second: 1_000_000 });
    let mut nodes = vec![ground.node(&["serve", "--no-worker"]).await];
    if !ground.db.is_sqlite() {
        nodes.push(ground.node(&["serve", "--no-worker"]).await);
    }
    world.connect(&nodes[0].url);
    world.install().await.unwrap();
    let body = json!({"name": "Once", "kind": "flow", "offer": {"type": "percentage", "percentage": "15"},
        "expiry": {"after_seconds": 172_800, "slot_seconds": 86_400}});
    let made = world.platform_post("/api/campaigns", &body).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/api/campaigns/{}/messages", made.json["id"].as_str().unwrap());
    let (key, began) = (world.api_key().unwrap(), Instant::now());
    let tries = (0..TRIES).map(|number| {
        let (path, key) = (&path, &key);
        let url = &nodes[number % nodes.len()].url;
        async move {
            let client = reqwest_client();
            // Forwards and backwards, so that they meet in different places.
            let mut starts: Vec<usize> = (0..RECIPIENTS).step_by(A_CALL).collect();
            if number % 2 == 1 {
                starts.reverse();
            }
            let mut messages = BTreeMap::new();
            for from in starts {
                let body = json!({"recipients": people(from..from + A_CALL)});
                let answer = client.post(format!("{url}{path}")).bearer_auth(key).json(&body).send().await.unwrap();
                assert_eq!(answer.status(), 200);
                let drawn: Value = answer.json().await.unwrap();
                assert_eq!(drawn["errors"], json!([]));
                for message in drawn["messages"].as_array().unwrap() {
                    let (key, id) = (message["key"].to_string(), message["message_id"].to_string());
                    assert!(messages.insert(key, id).is_none());
                }
            }
            messages
        }
    });
    let answers = futures::future::join_all(tries).await;
    assert_eq!(answers[0].len(), RECIPIENTS);
    assert!(answers.iter().all(|messages| *messages == answers[0]), "the same recipient, the same message");
    println!("{TRIES} tries of {RECIPIENTS} recipients on {} processes: {:?}", nodes.len(), began.elapsed());
    // Somebody has to speak with Shopify.
    let worker = ground.node(&["worker"]).await;
    let codes = loop {
        let body = json!({"recipients": people(0..RECIPIENTS)});
        let drawn = world.platform_post(&path, &body).await.unwrap();
        let messages = drawn.json["messages"].as_array().unwrap().clone();
        if messages.iter().all(|message| message["code_state"] == "live") {
            break messages.iter().map(|message| message["code"].to_string()).collect::<BTreeSet<_>>();
        }
        assert!(began.elapsed() < Duration::from_secs(120), "still pending");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(codes.len(), RECIPIENTS);
    while ground.number("SELECT COUNT(*) FROM redeem_codes WHERE state IN ('reserved', 'pushed')").await > 0 {
        assert!(began.elapsed() < Duration::from_secs(120), "codes are still under way");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    worker.kill();
    accounted(&ground.db, world, RECIPIENTS).await;
}

/// Callers of the same moment share a transaction. One whose row the database refuses is told so, alone: everybody else
/// has their code, and none was spent on the one that failed.
#[tokio::test(flavor = "multi_thread")]
async fn one_callers_trouble_is_nobody_elses() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let refuse = if story.app.db.is_sqlite() {
        "CREATE TRIGGER refuse BEFORE INSERT ON draws WHEN NEW.checkout_token = 'bad' \
         BEGIN SELECT RAISE(ABORT, 'refused'); END"
    } else {
        "ALTER TABLE draws ADD CONSTRAINT refuse CHECK (checkout_token <> 'bad')"
    };
    story.app.db.write().execute_unprepared(refuse).await.unwrap();
    let (path, url) = (format!("/api/campaigns/{campaign}/messages"), &story.url);
    let (key, client) = (story.world.api_key().unwrap(), reqwest_client());
    // Forty callers, two for each of twenty people; both callers of the last one are refused.
    let calls = (0..40).map(|caller| {
        let (path, key, client) = (&path, &key, &client);
        async move {
            let mut body = json!({"recipients": people(caller / 2..caller / 2 + 1)});
            if caller / 2 == 19 {
                body["recipients"][0]["checkout_token"] = json!("bad");
            }
            let answer = client.post(format!("{url}{path}")).bearer_auth(key).json(&body).send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        }
    });
    let answers = futures::future::join_all(calls).await;
    for two in answers[..38].chunks(2) {
        assert_eq!((two[0].0, two[1].0), (200, 200), "{two:?}");
        assert_eq!(two[0].1, two[1].1, "the same recipient, the same answer");
        assert_eq!(two[0].1["messages"][0]["code_state"], "live", "{two:?}");
    }
    let codes: BTreeSet<String> = answers[..38].iter().map(|(_, one)| one["messages"][0]["code"].to_string()).collect();
    assert_eq!(codes.len(), 19);
    assert!(answers[38..].iter().all(|(status, _)| *status == 503), "{:?}", &answers[38..]);
    let db = &story.app.db;
    assert_eq!(number(db, "SELECT COUNT(*) FROM redeem_codes WHERE state = 'issued'").await, 19, "none was spent");
    assert_eq!(number(db, "SELECT COUNT(*) FROM draws").await, 19);
    story.settle().await;
    story.end().await;
}

/// A commit that fails when everything is written takes the whole group back. Nobody is told a code, none is spent, and
/// asking again gives each recipient one.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_fails_is_told_to_everybody_in_it_and_spends_nothing() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let db = &story.app.db;
    // Held against a row only when the transaction ends, as a lost disk would.
    let breaks: &[&str] = if db.is_sqlite() {
        &[
            "CREATE TABLE standing (id BIGINT PRIMARY KEY)",
            "CREATE TABLE broken (id BIGINT REFERENCES standing (id) DEFERRABLE INITIALLY DEFERRED)",
            "CREATE TRIGGER breaks AFTER INSERT ON draws BEGIN INSERT INTO broken VALUES (1); END",
        ]
    } else {
        &[
            "CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$",
            "CREATE CONSTRAINT TRIGGER breaks AFTER INSERT ON draws DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION breaks()",
        ]
    };
    for statement in breaks {
        db.write().execute_unprepared(statement).await.unwrap();
    }
    let (path, url) = (format!("/api/campaigns/{campaign}/messages"), &story.url);
    let (key, client) = (story.world.api_key().unwrap(), reqwest_client());
    let ask = async || {
        let calls = (0..16).map(|caller| {
            let body = json!({"recipients": people(caller..caller + 1)});
            let request = client.post(format!("{url}{path}")).bearer_auth(&key).json(&body);
            async move {
                let answer = request.send().await.unwrap();
                (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
            }
        });
        futures::future::join_all(calls).await
    };
    let kept = async || {
        let mut all = Vec::new();
        for table in ["draws", "recipients", "messages", "links"] {
            all.push(number(db, &format!("SELECT COUNT(*) FROM {table}")).await);
        }
        all.push(number(db, "SELECT COUNT(*) FROM redeem_codes WHERE state = 'issued'").await);
        all
    };
    let refused = ask().await;
    assert!(refused.iter().all(|(status, body)| *status == 503 && body.get("messages").is_none()), "{refused:?}");
    assert_eq!(kept().await, [0; 5], "nothing of it is kept");
    let mend = if db.is_sqlite() { "DROP TRIGGER breaks" } else { "DROP TRIGGER breaks ON draws" };
    db.write().execute_unprepared(mend).await.unwrap();
    let given = ask().await;
    assert!(given.iter().all(|(_, body)| body["messages"][0]["code_state"] == "live"), "{given:?}");
    let codes: BTreeSet<String> = given.iter().map(|(_, one)| one["messages"][0]["code"].to_string()).collect();
    assert_eq!(codes.len(), 16);
    assert_eq!(kept().await, [16; 5]);
    story.settle().await;
    story.end().await;
}

/// Who is drawn while the pool is written and not imported gets its codes: no audience is imported twice.
#[tokio::test]
async fn promises_are_made_of_the_pool_that_is_on_its_way() {
    let story = Story::begin().await;
    story.world.set_import_pace(ImportPace { lead_seconds: 600, codes_per_second: 1_000_000 });
    let body = json!({"name": "Soon", "kind": "broadcast", "offer": {"type": "percentage", "percentage": "15"},
        "expiry": {"after_seconds": 172_800, "slot_seconds": 86_400}, "expected_recipients": 3_000});
    let made = story.world.platform_post("/api/campaigns", &body).await.unwrap();
    story.settle().await;
    let db = &story.app.db;
    let all = number(db, "SELECT COUNT(*) FROM redeem_codes").await;
    assert!((3_000..3_050).contains(&all), "{all}");
    let campaign = made.json["id"].as_str().unwrap();
    for from in [0, 1, 2, 1_200] {
        let drawn = story.draw(campaign, people(from..from.max(3) + 1_000)).await;
        let messages = drawn["messages"].as_array().unwrap();
        assert!(messages.iter().all(|one| one["link"].is_string()), "{drawn}");
    }
    let promised = number(db, "SELECT COUNT(*) FROM redeem_codes WHERE promised_at IS NOT NULL").await;
    let given = number(db, "SELECT COUNT(*) FROM redeem_codes WHERE state = 'issued'").await;
    assert!(promised + given >= 2_003, "{promised} {given}");
    let messages = number(db, "SELECT COUNT(DISTINCT redeem_code_id) FROM messages").await;
    assert_eq!(messages, 2_003);
    story.settle().await;
    assert_eq!(number(db, "SELECT COUNT(*) FROM redeem_codes").await, all, "nothing was drawn besides");
    story.end().await;
}
