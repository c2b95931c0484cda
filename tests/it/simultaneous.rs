//! The same recipients asked for from everywhere at once: one code each. Two processes on PostgreSQL, one on SQLite.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use recoup::simulator::ImportPace;
use serde_json::{Value, json};

use crate::audience::{accounted, people};
use crate::install::reqwest_client;
use crate::node::Ground;

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
