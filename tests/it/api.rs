//! The contract of the API: who may ask for what, by which method, and what one wrong entry costs.

use recoup::messages::Messages;
use recoup::shops::Scope;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::Story;

const SCOPES: [Scope; 3] = [Scope::Campaigns, Scope::Statuses, Scope::Reports];

async fn key(story: &Story, scopes: &[&str]) -> Value {
    let made = json!({"name": scopes.join(" and "), "scopes": scopes});
    let made = story.world.merchant_post("/api/keys", &made).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.text);
    made.json
}

/// Calls with a bearer token; answers status and body.
async fn call(story: &Story, token: &str, method: &str, path: &str, body: Option<&str>) -> (u16, Value) {
    let request = reqwest_client().request(method.parse().unwrap(), format!("{}{path}", story.url)).bearer_auth(token);
    let request = match body {
        Some(body) => request.body(body.to_owned()),
        None => request,
    };
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

/// Every operation of the description, with an address that names nothing.
fn operations() -> Vec<(String, String, Value)> {
    let api: Value = serde_json::from_str(&recoup::server::openapi().to_json().unwrap()).unwrap();
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        let address: Vec<&str> =
            path.split('/').map(|part| if part.starts_with('{') { "nothing" } else { part }).collect();
        for (method, operation) in item.as_object().unwrap() {
            all.push((method.to_uppercase(), address.join("/"), operation.clone()));
        }
    }
    assert!(all.len() > 40, "{}", all.len());
    all
}

#[tokio::test]
async fn a_key_may_do_what_its_scopes_say_and_nothing_else() {
    let story = Story::begin().await;
    let merchant = story.world.id_token(&story.world.shop_domain());
    for scope in SCOPES {
        let made = key(&story, &[scope.name()]).await;
        let token = made["key"].as_str().unwrap();
        for (method, address, operation) in operations() {
            // A body that is none: who may not ask does not even hear of that.
            let body = operation.get("requestBody").map(|_| "no JSON");
            let (status, problem) = call(&story, token, &method, &address, body).await;
            let security = operation["security"].as_array().unwrap();
            let may = security.iter().filter_map(|by| by["api_key"].as_array());
            let may = may.flatten().any(|named| named == scope.name());
            let refused = status == 403 && problem["code"] == "forbidden";
            assert_eq!(refused, !may, "{} and {method} {address}: {status} {problem}", scope.name());
        }
    }
    for (method, address, operation) in operations() {
        let body = operation.get("requestBody").map(|_| "no JSON");
        let (status, problem) = call(&story, &merchant, &method, &address, body).await;
        assert!(status != 401 && status != 403, "the merchant and {method} {address}: {status} {problem}");
    }
    story.end().await;
}

/// Whoever writes a client has an example of every body and answer, and every code of every refusal.
#[test]
fn every_operation_says_what_is_sent_answered_and_refused() {
    let api: Value = serde_json::from_str(&recoup::server::openapi().to_json().unwrap()).unwrap();
    let mut missing = Vec::new();
    for (method, address, operation) in operations() {
        let mut lacks = |what: &str| missing.push(format!("{method} {address} lacks {what}"));
        if operation["security"].as_array().is_none_or(Vec::is_empty) {
            lacks("who may");
        }
        for body in operation["requestBody"]["content"].as_object().into_iter().flatten() {
            if !body.1["example"].is_object() {
                lacks("an example of its body: src/server/examples.json");
            }
        }
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let answer = match answer["$ref"].as_str() {
                Some(named) => &api["components"]["responses"][named.rsplit('/').next().unwrap()],
                None => answer,
            };
            let contents: Vec<&Value> =
                answer["content"].as_object().into_iter().flat_map(|all| all.values()).collect();
            if contents.iter().any(|content| content["example"].is_null()) {
                lacks(&format!("an example of {status}"));
            }
            if status.as_str() >= "400" {
                let problem = &answer["content"]["application/problem+json"];
                let codes = problem["schema"]["allOf"][1]["properties"]["code"]["enum"].as_array();
                let named = |code: &Value| answer["description"].as_str().unwrap().contains(code.as_str().unwrap());
                if !codes.is_some_and(|codes| !codes.is_empty() && codes.iter().all(named)) {
                    lacks(&format!("the codes of {status}"));
                }
                if !codes.is_some_and(|codes| codes.contains(&problem["example"]["code"])) {
                    lacks(&format!("an example of {status} with one of its codes"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[tokio::test]
async fn what_was_read_already_is_not_sent_again() {
    let story = Story::begin().await;
    let token = story.world.id_token(&story.world.shop_domain());
    let get = async |path: &str, known: Option<&str>| {
        let asked = reqwest_client().get(format!("{}{path}", story.url)).bearer_auth(&token);
        let asked = known.iter().fold(asked, |asked, known| asked.header("if-none-match", *known));
        let answer = asked.send().await.unwrap();
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (status, tag, kept) = (answer.status().as_u16(), header("etag"), header("cache-control"));
        (status, tag, kept, answer.bytes().await.unwrap().len())
    };
    for path in
        ["/api/reports/summary", "/api/reports/ledger", "/api/campaigns", "/api/orders", "/api/files", "/api/shop"]
    {
        let (status, tag, kept, length) = get(path, None).await;
        assert_eq!((status, kept.as_deref()), (200, Some("private, no-cache")), "{path}");
        assert!(length > 0);
        let again = get(path, tag.as_deref()).await;
        assert_eq!((again.0, &again.1, again.3), (304, &tag, 0), "{path}");
    }
    let tag = get("/api/campaigns", None).await.1;
    story.campaign(|_| {}).await;
    let token = story.world.id_token(&story.world.shop_domain());
    let asked = reqwest_client().get(format!("{}/api/campaigns", story.url)).bearer_auth(&token);
    let changed = asked.header("if-none-match", tag.unwrap()).send().await.unwrap();
    assert_eq!(changed.status(), 200, "what changed is sent");
    // A refusal has none, and neither has what may not be kept.
    assert_eq!(get("/api/orders?limit=0", None).await.1, None);
    story.end().await;
}

#[tokio::test]
async fn who_asks_is_settled_before_what_is_asked() {
    let story = Story::begin().await;
    for (method, address, operation) in operations() {
        let body = operation.get("requestBody").map(|_| "no JSON");
        let (status, problem) = call(&story, "rcp_1_nobody", &method, &format!("{address}?surprise=1"), body).await;
        assert_eq!((status, problem["code"].as_str()), (401, Some("unauthorized")), "{method} {address}: {problem}");
    }
    story.end().await;
}

#[tokio::test]
async fn only_who_hands_codes_out_sees_those_that_are_good() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story
        .draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}, {"key": "b", "phone": "+436601234568"}]))
        .await;
    let [used, unused] = [0, 1].map(|n| drawn["messages"][n]["code"].as_str().unwrap().to_owned());
    let visit = story.world.shopper_comes("/");
    story.world.types_code(&visit, &used);
    visit.buys(&[(2, 1)], story.world.customer(3)).unwrap();
    story.arrive().await;

    let reports = key(&story, &["reports"]).await;
    let statuses = key(&story, &["statuses"]).await;
    let both = key(&story, &["statuses", "reports"]).await;
    let unused_id = drawn["messages"][1]["message_id"].as_str().unwrap();
    let list = format!("/api/campaigns/{campaign}/messages");
    let paths = [
        list.clone(),
        format!("/api/messages/{unused_id}"),
        format!("/api/messages/{unused_id}/timeline"),
        format!("/api/codes/{unused}"),
        format!("/api/campaigns/{campaign}"),
        format!("/api/campaigns/{campaign}/codes"),
        "/api/codes/alarms".to_owned(),
        "/api/reports/links".to_owned(),
        "/api/orders".to_owned(),
    ];
    let slug = drawn["messages"][1]["button_suffix"].as_str().unwrap();
    for made in [&reports, &statuses, &both] {
        for path in &paths {
            let (_, answer) = call(&story, made["key"].as_str().unwrap(), "GET", path, None).await;
            let text = answer.to_string();
            assert!(!text.contains(&unused) && !text.contains(slug), "{} and {path}: {text}", made["name"]);
        }
    }
    // What an order has used is no secret any more; and who hands codes out sees them all.
    let (_, answer) = call(&story, reports["key"].as_str().unwrap(), "GET", &list, None).await;
    assert!(answer.to_string().contains(&used), "{answer}");
    let all = story.report(&list).await.to_string();
    assert!(all.contains(&used) && all.contains(&unused), "{all}");
    let timeline = story.report(&format!("/api/messages/{unused_id}/timeline")).await.to_string();
    assert!(timeline.contains(&unused), "{timeline}");
    story.end().await;
}

#[tokio::test]
async fn keys_are_told_apart_and_say_when_they_were_used() {
    let story = Story::begin().await;
    let made = key(&story, &["reports", "statuses", "reports"]).await;
    assert_eq!(made["scopes"], json!(["statuses", "reports"]));
    let (text, id) = (made["key"].as_str().unwrap(), made["id"].as_str().unwrap());
    let prefix = made["prefix"].as_str().unwrap();
    assert!(text.starts_with(prefix) && text.len() - prefix.len() == 28, "{prefix}");
    assert_eq!(made["last_used_at"], Value::Null);
    let path = format!("/api/keys/{id}");
    let last = async || story.world.merchant_get(&path).await.unwrap().json["last_used_at"].clone();

    let used = async |expected: &str| {
        assert_eq!(call(&story, text, "GET", "/api/reports/summary", None).await.0, 200);
        // It is noted beside the call.
        for _ in 0..200 {
            if last().await == expected {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("{} is not {expected}", last().await);
    };
    let first = story.clock.now();
    used(&first.to_string()).await;
    // Within five minutes nothing is written.
    story.clock.advance_to(first.plus_seconds(299));
    used(&first.to_string()).await;
    story.clock.advance_to(first.plus_seconds(300));
    used(&first.plus_seconds(300).to_string()).await;

    let renamed = story.world.merchant_send("PATCH", &path, &json!({"name": " Sender "})).await.unwrap();
    assert_eq!((renamed.status, renamed.json["name"].as_str()), (200, Some("Sender")), "{}", renamed.text);
    for (body, field) in [(json!({"name": "a\nb"}), "name"), (json!({"name": "a", "scopes": ["campaigns"]}), "scopes")]
    {
        let refused = story.world.merchant_send("PATCH", &path, &body).await.unwrap();
        assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some(field)), "{}", refused.text);
    }
    assert_eq!(
        story.world.merchant_send("PATCH", "/api/keys/nothing", &json!({"name": "a"})).await.unwrap().status,
        404
    );
    let listed = story.world.merchant_get("/api/keys").await.unwrap();
    assert!(listed.text.contains(prefix) && listed.text.contains("Sender") && !listed.text.contains(text));
    assert_eq!(story.world.merchant_send("DELETE", &path, &json!(null)).await.unwrap().status, 204);
    let revoked = story.world.merchant_get(&path).await.unwrap().json;
    assert!(revoked["revoked_at"].is_string() && revoked["key"].is_null(), "{revoked}");
    story.end().await;
}

#[tokio::test]
async fn a_wrong_status_spoils_only_itself() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let id = drawn["messages"][0]["message_id"].as_str().unwrap();
    let issued = story.clock.now();
    story.pass(3_600).await;
    let at = |seconds: i64| issued.plus_seconds(seconds).to_string();
    let report = json!({"statuses": [
        {"message_id": id, "status": "pondered", "at": at(10)},
        {"message_id": id, "status": "sent", "at": at(10)},
        {"message_id": id, "status": "sent", "at": "yesterday"},
        {"message_id": id, "status": "delivered", "at": at(20), "surprise": 1},
        {"message_id": id, "status": "delivered"},
        "delivered",
        {"message_id": id, "status": "read", "at": at(-86_400)},
        {"message_id": id, "status": "read", "at": at(-61)},
        {"message_id": id, "status": "read", "at": at(200_000)},
        {"message_id": "nothing", "status": "read", "at": at(10)},
        {"status": "read", "at": at(10)},
        {"message_id": id, "status": "delivered", "at": at(-1)},
    ]});
    let taken = story.world.platform_post("/api/messages/statuses", &report).await.unwrap();
    assert_eq!(taken.status, 200, "{}", taken.text);
    assert_eq!(taken.json["accepted"], 2, "{}", taken.text);
    let errors = taken.json["errors"].as_array().unwrap();
    let errors: Vec<(u64, &str, Option<&str>)> = errors
        .iter()
        .map(|error| (error["index"].as_u64().unwrap(), error["code"].as_str().unwrap(), error["field"].as_str()))
        .collect();
    assert_eq!(
        errors,
        [
            (0, "invalid_field", Some("status")),
            (2, "invalid_field", Some("at")),
            (3, "invalid_field", Some("surprise")),
            (4, "invalid_field", Some("at")),
            (5, "invalid_field", None),
            (6, "before_message", Some("at")),
            (7, "before_message", Some("at")),
            (8, "bad_time", Some("at")),
            (9, "unknown_message", None),
            (10, "no_message", None),
        ]
    );
    let message = Messages::find().one(story.app.db.read()).await.unwrap().unwrap();
    let seen = [message.sent_at, message.delivered_at, message.read_at].map(|at| at.map(|at| at.to_string()));
    assert_eq!(seen, [Some(at(10)), Some(at(-1)), None], "what was refused changed nothing");
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn a_wrong_recipient_spoils_only_itself() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story
        .draw(
            &campaign,
            json!([
                {"key": "a", "phone": 436601234567_u64},
                {"key": "b", "phone": "+436601234567", "surprise": true},
                {"phone": "+436601234567"},
                7,
                {"key": "c", "phone": "+436601234567"},
            ]),
        )
        .await;
    let named = |list: &str, what: [&str; 3]| -> Vec<[Value; 3]> {
        drawn[list].as_array().unwrap().iter().map(|one| what.map(|name| one[name].clone())).collect()
    };
    assert_eq!(named("messages", ["key", "held_out", "nothing"]), [[json!("c"), json!(false), json!(null)]]);
    let wrong = |index: u64, key: &str, field: Option<&str>| [json!(index), json!(key), json!(field)];
    assert_eq!(
        named("errors", ["index", "key", "field"]),
        [wrong(0, "a", Some("phone")), wrong(1, "b", Some("surprise")), wrong(2, "", Some("key")), wrong(3, "", None)]
    );
    story.end().await;
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let story = Story::begin().await;
    let client = reqwest_client();
    let ask = async |method: &str, path: &str| {
        let request = client.request(method.parse().unwrap(), format!("{}{path}", story.url));
        request.send().await.unwrap()
    };
    for (method, path, allow) in [
        ("DELETE", "/api/campaigns", "GET, HEAD, POST"),
        ("PUT", "/api/keys/7", "DELETE, GET, HEAD, PATCH"),
        ("POST", "/api/reports/summary", "GET, HEAD"),
        ("GET", "/api/campaigns/preview/archive", "POST"),
        ("POST", "/openapi.json", "GET, HEAD"),
        ("POST", "/", "GET, HEAD"),
        ("POST", "/orders/7", "GET, HEAD"),
        ("DELETE", "/healthz", "GET, HEAD"),
        ("GET", "/webhooks/shopify", "POST"),
        ("PUT", "/webhooks/whatsapp", "GET, HEAD, POST"),
        ("GET", "/pixel", "OPTIONS, POST"),
    ] {
        let answer = ask(method, path).await;
        assert_eq!(answer.status(), 405, "{method} {path}");
        assert_eq!(answer.headers()["allow"], allow, "{method} {path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "wrong_method", "{problem}");
    }
    let link = ask("POST", "/r/anything").await;
    assert_eq!((link.status().as_u16(), &link.headers()["allow"]), (405, &"GET, HEAD".parse().unwrap()));
    assert_eq!(ask("POST", "/nowhere").await.status(), 404);
    for path in ["/", "/orders", "/healthz", "/readyz", "/openapi.json", "/api/keys", "/nowhere"] {
        let (head, get) = (ask("HEAD", path).await, ask("GET", path).await);
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(head.headers().get("content-type"), get.headers().get("content-type"), "{path}");
        assert!(head.bytes().await.unwrap().is_empty(), "{path}");
    }
    story.end().await;
}
