//! What shoppers may ask: to see, to be forgotten. Nothing readable at rest, nothing that comes back, no sum that moves.

use migrations::TENANT_TABLES;
use recoup::checkouts::Checkouts;
use recoup::config::{Log, LogFormat};
use recoup::kernel::id::ShopId;
use recoup::messages::Messages;
use recoup::orders::{Order, Orders};
use recoup::people::Recipients;
use recoup::simulator::{Buyer, RefundKind};
use recoup::tombstones::Requests;
use recoup::webhooks::{Deliveries, Replay, replay};
use recoup::{attribution, shops};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::Story;

const PHONE: &str = "+436601999887";
const EMAIL: &str = "zephyrine.quackenbush@canary.example";
const CUSTOMER: i64 = 7_999_123_456_789;

/// Whatever of it stands in a file or a log gives the person away. The street is everybody's in the pretend world.
const CANARIES: &[&str] = &["6601999887", "ephyrine", "uackenbush", "canary.example", "Lindengasse"];

fn zephyrine() -> Buyer {
    Buyer {
        customer_id: Some(CUSTOMER),
        first_name: "Zephyrine".into(),
        last_name: "Quackenbush".into(),
        email: Some(EMAIL.into()),
        phone: Some(PHONE.into()),
    }
}

/// A shop in which Zephyrine was messaged, tapped, bought twice, got money back, and left a checkout.
struct Planted {
    story: Story,
    campaign: String,
    message: Value,
    orders: [i64; 2],
    checkout: String,
}

async fn planted() -> Planted {
    let story = Story::begin().await;
    // Shopify has told her visits by the time anybody asks.
    story.world.journeys_take(Some(600));
    let campaign = story.campaign(|_| {}).await;
    let drawn = story
        .draw(
            &campaign,
            json!([
                {"key": "crm-zephyrine", "phone": PHONE, "email": EMAIL, "shopify_customer_id": CUSTOMER.to_string()},
                {"key": "crm-bea", "phone": "+436601234567", "email": "bea@example.com"},
            ]),
        )
        .await;
    let (message, beas) = (drawn["messages"][0].clone(), drawn["messages"][1].clone());
    story.pass(60).await;
    for (word, seconds) in [("sent", 1), ("delivered", 5), ("read", 30)] {
        let at = story.clock.now().seconds() + seconds;
        let answer = story.world.whatsapp(&status(&message, word, at)).await.unwrap();
        assert_eq!(answer.status, 200);
    }
    story.pass(60).await;
    let visit = story.world.shopper_taps(message["link"].as_str().unwrap()).await.unwrap();
    let first = visit.buys(&[(2, 1)], zephyrine()).unwrap();
    story.pass(60).await;
    // With somebody else's code: a verdict that rests on comparing the two.
    let visit = story.world.shopper_taps(beas["link"].as_str().unwrap()).await.unwrap();
    let second = visit.buys(&[(3, 1)], zephyrine()).unwrap();
    story.arrive().await;
    story.pass(3_600).await;
    story.world.refunds(first, RefundKind::Full).unwrap();
    let checkout = story.world.shopper_comes("/").checks_out(&[(1, 1)], zephyrine()).unwrap();
    story.arrive().await;
    // Her browser told of the checkout she left.
    let shop = shops::Shops::find().one(story.app.db.read()).await.unwrap().unwrap().shop_id;
    let told = json!({"shop": shop.to_string(), "event": "checkout_started", "id": "sh-1", "at": story.clock.now().to_string(),
        "checkout_token": checkout});
    let post = reqwest_client().post(format!("{}/pixel", story.url)).body(told.to_string());
    assert_eq!(post.send().await.unwrap().status(), 204);
    // A dead letter and a message of hers that nobody reads: their bodies name her all the same.
    let dead = json!({"id": 5_555_555, "currency": "EUR", "email": EMAIL, "shipping_address": {"name": "Zephyrine Quackenbush"}});
    story.world.delivery("orders/create", &dead).with_id("dead-letter").send().await.unwrap();
    assert_eq!(story.world.whatsapp(&inbound(story.clock.now().seconds())).await.unwrap().status, 200);
    // What Meta counted of the campaign's template.
    let day = story.clock.now().seconds() / 86_400 * 86_400;
    let point = json!({"template_id": "7100", "start": day, "end": day + 86_400, "sent": 2, "read": 1});
    let path = format!("/api/campaigns/{campaign}/template-analytics");
    let told = story.world.platform_post(&path, &json!({"data": [{"data_points": [point]}]})).await.unwrap();
    assert_eq!(told.status, 200, "{}", told.text);
    story.settle().await;
    // The pool of codes is full, and what was given back is known from Shopify's own book, before anything is compared.
    for _ in 0..10 {
        story.pass(4).await;
    }
    Planted { story, campaign, message, orders: [first, second], checkout }
}

fn status(message: &Value, word: &str, at: i64) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp", "metadata": {"phone_number_id": "770000000000202", "display_phone_number": "1"},
        "contacts": [{"profile": {"name": "Zephyrine"}, "wa_id": PHONE.trim_start_matches('+')}],
        "statuses": [{"id": "wamid.CANARY", "status": word, "timestamp": at.to_string(),
            "recipient_id": PHONE.trim_start_matches('+'), "biz_opaque_callback_data": message["callback_data"]}]}}]}]})
}

fn inbound(at: i64) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp", "metadata": {"phone_number_id": "770000000000202", "display_phone_number": "1"},
        "contacts": [{"profile": {"name": "Zephyrine"}, "wa_id": PHONE.trim_start_matches('+')}],
        "messages": [{"from": PHONE.trim_start_matches('+'), "id": "wamid.INBOUND", "timestamp": at.to_string(),
            "type": "text", "text": {"body": "Zephyrine here, call me"}}]}}]}]})
}

impl Planted {
    async fn asks(&self, topic: &str, id: &str) {
        let mut body = json!({"shop_id": self.shop().await.0, "shop_domain": self.story.world.shop_domain(),
            "customer": {"id": CUSTOMER, "email": EMAIL, "phone": PHONE}});
        let field = if topic == "customers/redact" { "orders_to_redact" } else { "orders_requested" };
        body[field] = json!([self.orders[0]]);
        let answer = self.story.world.delivery(topic, &body).with_id(id).send().await.unwrap();
        assert_eq!(answer.status, 200);
        self.story.settle().await;
    }

    /// Asks and waits for the second look.
    async fn is_forgotten(&self) {
        self.asks("customers/redact", "redact-1").await;
        self.story.pass(61).await;
        let request = self.request("redact-1").await;
        assert_eq!(request["state"], "done", "{request}");
    }

    async fn request(&self, id: &str) -> Value {
        let list = self.story.report("/api/privacy/requests").await;
        list["requests"].as_array().unwrap().iter().find(|request| request["id"] == id).unwrap().clone()
    }

    async fn shop(&self) -> ShopId {
        shops::Shops::find().one(self.story.app.db.read()).await.unwrap().unwrap().shop_id
    }

    async fn order(&self, id: i64) -> Order {
        let key = (self.shop().await, recoup::orders::OrderId(id));
        Orders::find_by_id(key).one(self.story.app.db.read()).await.unwrap().unwrap()
    }

    /// Every number a merchant sees.
    async fn reports(&self) -> Vec<String> {
        let mut paths = vec![
            "/api/reports/summary".to_owned(),
            "/api/reports/ledger".to_owned(),
            "/api/orders".to_owned(),
            "/api/campaigns".to_owned(),
        ];
        paths.extend(self.orders.iter().map(|order| format!("/api/orders/{order}/receipt")));
        let mut reports = Vec::new();
        for path in paths {
            let answer = self.story.world.merchant_get(&path).await.unwrap();
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            reports.push(answer.text);
        }
        reports
    }

    async fn rebuild_changes_nothing(&self) {
        let shop = shops::Shops::find().one(self.story.app.db.read()).await.unwrap().unwrap();
        assert_eq!(attribution::rebuild(&self.story.app, &shop).await.unwrap().changed, 0);
    }

    /// Deliveries whose kept body opens and names Zephyrine.
    async fn bodies_that_name_her(&self) -> Vec<String> {
        let rows = Deliveries::find().all(self.story.app.db.read()).await.unwrap();
        let body = |row: &recoup::webhooks::Delivery| row.body(&self.story.app.vault).unwrap_or_default();
        let names = |body: Vec<u8>| CANARIES[..4].iter().any(|canary| String::from_utf8_lossy(&body).contains(canary));
        rows.iter().filter(|row| names(body(row))).map(|row| format!("{} {}", row.topic, row.delivery_id)).collect()
    }
}

/// Equal to the byte, or where they part.
fn same(now: &[String], before: &[String]) {
    for (now, before) in now.iter().zip(before) {
        let at = now.bytes().zip(before.bytes()).position(|(a, b)| a != b).unwrap_or(now.len().min(before.len()));
        let near = |text: &str| text[at.saturating_sub(80)..(at + 80).min(text.len())].to_owned();
        assert!(now == before, "reports differ:\n{}\n{}", near(now), near(before));
    }
    assert_eq!(now.len(), before.len());
}

async fn texts(story: &Story, sql: &str) -> Vec<String> {
    let db = story.app.db.write();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect()
}

async fn count(story: &Story, sql: &str) -> i64 {
    let db = story.app.db.write();
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Every file the database keeps, with its name; empty when this process may not read them.
async fn files(story: &Story) -> Vec<(String, Vec<u8>)> {
    let url = &story.app.config.database_url;
    if let Some(path) = url.strip_prefix("sqlite://") {
        let names = ["", "-wal", "-shm"].map(|suffix| format!("{path}{suffix}"));
        return names.into_iter().filter_map(|name| Some((name.clone(), std::fs::read(name).ok()?))).collect();
    }
    story.app.db.write().execute_unprepared("CHECKPOINT").await.unwrap();
    let folder = texts(story, "SHOW data_directory").await.remove(0);
    let own = texts(story, "SELECT oid::text FROM pg_database WHERE datname = current_database()").await.remove(0);
    // Of the log only what was written since this database was made.
    let age = |path: &std::path::Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
    let born = age(std::path::Path::new(&format!("{folder}/base/{own}/PG_VERSION")));
    let mut found = Vec::new();
    for folder in [format!("{folder}/base/{own}"), format!("{folder}/pg_wal")] {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            println!("{folder} cannot be read from here: its files were not looked through");
            return Vec::new();
        };
        for entry in entries.flatten().filter(|entry| age(&entry.path()) >= born) {
            if let Ok(bytes) = std::fs::read(entry.path()) {
                found.push((entry.path().display().to_string(), bytes));
            }
        }
    }
    found
}

/// Looks for every canary in every byte the database keeps.
async fn nothing_readable(story: &Story, known: &str) {
    let files = files(story).await;
    if files.is_empty() {
        return;
    }
    let mut proof = false;
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        proof |= text.contains(known);
        for canary in CANARIES {
            assert!(!text.contains(canary), "{canary} stands readable in {name}");
        }
    }
    assert!(proof, "what is kept in the clear is found, so the search searches");
}

#[tokio::test]
async fn a_shopper_is_shown_everything_and_the_showing_is_noted() {
    let planted = planted().await;
    let story = &planted.story;
    planted.asks("customers/data_request", "show-1").await;
    let request = planted.request("show-1").await;
    assert_eq!((request["state"].as_str(), request["days_left"].as_i64()), (Some("ready"), Some(30)));
    let path = request["export"].as_str().unwrap().to_owned();

    let export = story.report(&path).await;
    let recipient = &export["recipients"][0];
    assert_eq!((recipient["phone"].as_str(), recipient["email"].as_str()), (Some(PHONE), Some(EMAIL)));
    assert_eq!(recipient["platform_key"], "crm-zephyrine");
    assert_eq!(export["campaigns"][0]["campaign"], "Winback");
    assert_eq!(export["campaigns"][0]["held_out"], false);
    assert_eq!(export["campaigns"][0]["arm"], "message_and_code");
    let message = &export["messages"][0];
    assert_eq!((&message["id"], &message["code"]), (&planted.message["message_id"], &planted.message["code"]));
    assert_eq!(message["link"], planted.message["link"]);
    let words: Vec<&str> =
        message["statuses"].as_array().unwrap().iter().map(|s| s["status"].as_str().unwrap()).collect();
    assert_eq!(words, ["sent", "delivered", "read"]);
    assert_eq!(message["clicks"].as_array().unwrap().len(), 1);
    assert_eq!(message["clicks"][0]["human"], true);
    let orders = export["orders"].as_array().unwrap();
    let ids: Vec<String> = orders.iter().map(|order| order["shopify_order_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, planted.orders.map(|id| id.to_string()));
    assert_eq!(orders[0]["codes"][0], planted.message["code"]);
    let visit = &orders[0]["visits"][0];
    assert!(visit["click_id"].is_string() && visit["landing"].as_str().unwrap().contains("utm_source="), "{visit}");
    assert!(orders[0]["refunds"][0]["goods"]["minor"].as_i64().unwrap() > 0);
    assert!(
        orders[0]["verdicts"]
            .as_array()
            .unwrap()
            .iter()
            .any(|verdict| !verdict["credits"].as_array().unwrap().is_empty())
    );
    let tokens: Vec<&str> =
        export["checkouts"].as_array().unwrap().iter().map(|c| c["token"].as_str().unwrap()).collect();
    assert!(tokens.contains(&planted.checkout.as_str()), "{tokens:?}");
    let left =
        export["checkouts"].as_array().unwrap().iter().find(|c| c["token"] == planted.checkout.as_str()).unwrap();
    assert!(left["recovery_url"].as_str().is_some_and(|url| url.starts_with("http")), "{left}");
    let topics: Vec<&str> =
        export["deliveries"].as_array().unwrap().iter().map(|d| d["topic"].as_str().unwrap()).collect();
    for topic in ["orders/create", "checkouts/create", "statuses", "customers/data_request"] {
        assert!(topics.contains(&topic), "{topic} in {topics:?}");
    }
    assert_eq!(export["pixel_events"][0]["checkout_token"], planted.checkout.as_str());
    assert!(!export.to_string().contains("bea@example.com"), "nothing of anybody else");

    let document = story.world.merchant_get(&format!("{path}?format=text")).await.unwrap();
    assert_eq!((document.status, document.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    for fact in [PHONE, EMAIL, "Winback", planted.message["code"].as_str().unwrap(), "refunded", "the link was opened"]
    {
        assert!(document.text.contains(fact), "{fact} in\n{}", document.text);
    }
    assert_eq!(planted.request("show-1").await["state"], "done");

    // Who looked, never what.
    let first = story.report("/api/privacy/access?limit=3").await;
    assert_eq!(first["readings"].as_array().unwrap().len(), 3);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = story.report(&format!("/api/privacy/access?limit=200&cursor={cursor}")).await;
    let readings: Vec<&Value> = [&first, &rest].iter().flat_map(|page| page["readings"].as_array().unwrap()).collect();
    assert_eq!(readings.len(), 18, "nine kinds, read twice");
    assert!(readings.iter().all(|row| row["who"] == "merchant 42" && row["record"] == "show-1"));
    assert!(readings.iter().any(|row| row["field"] == "contact"));
    let log = json!(readings).to_string();
    assert!(CANARIES.iter().all(|canary| !log.contains(canary)), "{log}");

    // A platform's key sees none of it.
    for path in [path.as_str(), "/api/privacy/requests", "/api/privacy/access", "/api/privacy/retention"] {
        assert_eq!(story.world.platform_get(path).await.unwrap().status, 403, "{path}");
    }
    assert_eq!(story.world.merchant_get("/api/privacy/requests/nothing/export").await.unwrap().status, 404);
    planted.story.close().await;
}

#[tokio::test]
async fn a_forgotten_shopper_is_gone_and_no_number_moves() {
    let planted = planted().await;
    let story = &planted.story;
    nothing_readable(story, "Winback").await;
    planted.asks("customers/data_request", "show-1").await;
    let before = planted.reports().await;
    assert!(before.iter().any(|report| report.contains("attributed_shared")), "a verdict rests on comparing people");
    let bodies = planted.bodies_that_name_her().await.join("\n");
    assert!(bodies.contains("dead-letter") && bodies.contains("messages "), "{bodies}");

    planted.is_forgotten().await;
    same(&planted.reports().await, &before);
    planted.rebuild_changes_nothing().await;
    nothing_readable(story, "Winback").await;
    assert_eq!(planted.bodies_that_name_her().await, [] as [String; 0]);

    let db = story.app.db.read();
    let people = Recipients::find().all(db).await.unwrap();
    let gone: Vec<_> = people.iter().filter(|person| person.forgotten_at.is_some()).collect();
    assert_eq!((people.len(), gone.len()), (2, 1), "Bea is untouched");
    assert!(gone[0].contact_sealed.is_none() && gone[0].data_key_sealed.is_none() && gone[0].whatsapp_hash.is_none());
    let hash = |purpose: &'static str, value: &str| story.app.vault.lookup(people[0].shop_id, purpose, value);
    let hashes = [
        hash("phone", PHONE),
        hash("email", EMAIL),
        hash("recipient_key", "crm-zephyrine"),
        hash("wamid", "wamid.CANARY"),
    ];
    for table in [
        "recipients",
        "draws",
        "messages",
        "orders",
        "order_contacts",
        "checkouts",
        "checkout_contacts",
        "tombstones",
        "privacy_requests",
        "jobs",
    ] {
        let rows = if db.get_database_backend() == sea_orm::DbBackend::Sqlite {
            let columns = texts(story, &format!("SELECT name FROM pragma_table_info('{table}')")).await;
            let all = columns.iter().map(|c| format!("quote({c})")).collect::<Vec<_>>().join(" || '|' || ");
            texts(story, &format!("SELECT {all} FROM {table}")).await
        } else {
            texts(story, &format!("SELECT row_to_json({table})::text FROM {table}")).await
        };
        for hash in hashes.iter().map(String::as_str).chain([CUSTOMER.to_string().as_str()]) {
            assert!(rows.iter().all(|row| !row.contains(hash)), "a trace is left in {table}");
        }
    }
    // Her request to see was closed with her, and what it said destroyed.
    assert_eq!(planted.request("show-1").await["state"], "ignored");
    assert_eq!(story.world.merchant_get("/api/privacy/requests/show-1/export").await.unwrap().status, 410);
    let requests = Requests::find().all(db).await.unwrap();
    assert!(requests.iter().all(|request| request.payload_sealed.is_empty()));
    planted.story.close().await;
}

#[tokio::test]
async fn what_comes_late_brings_nothing_back_and_what_is_new_counts() {
    let planted = planted().await;
    let story = &planted.story;
    planted.is_forgotten().await;
    // Money goes back on an old order: the facts come, she does not.
    story.world.refunds(planted.orders[1], RefundKind::Full).unwrap();
    let late = status(&planted.message, "read", story.clock.now().seconds());
    assert_eq!(story.world.whatsapp(&late).await.unwrap().status, 200);
    story.arrive().await;
    let rows = story.count::<Deliveries>().await;
    // The request itself, again, under another id.
    planted.asks("customers/redact", "redact-2").await;
    story.pass(61).await;
    assert_eq!(planted.request("redact-2").await["state"], "done");
    assert_eq!(story.count::<Deliveries>().await, rows + 1);
    let before = planted.reports().await;
    assert_eq!(planted.bodies_that_name_her().await, [] as [String; 0]);
    let refunded = story.report(&format!("/api/orders/{}/receipt", planted.orders[1])).await;
    assert_eq!(refunded["order"]["net_sales"]["minor"], 0, "the refund counts");

    let again = replay(&story.app, &Replay::default()).await.unwrap();
    story.settle().await;
    assert!(again < rows, "what was erased is not read again");
    same(&planted.reports().await, &before);
    for id in planted.orders {
        let order = planted.order(id).await;
        // A stand-in, by which her orders and what was sent to her still agree.
        assert!(order.shopify_customer_id.is_some_and(|id| id < 0), "{:?}", order.shopify_customer_id);
        assert!(order.phone_hash.is_none_or(|hash| hash.starts_with("gone.")));
    }
    let messages = Messages::find().all(story.app.db.read()).await.unwrap();
    assert!(messages.iter().all(|message| message.wamid_hash.is_none()), "only hers ever had one");
    let checkouts = Checkouts::find().all(story.app.db.read()).await.unwrap();
    assert!(
        checkouts
            .iter()
            .all(|checkout| checkout.shopify_customer_id.is_none() && checkout.recovery_url_sealed.is_none())
    );
    nothing_readable(story, "Winback").await;

    // She comes again by herself, and the platform says that she agreed again: she is somebody new.
    story.pass(3_600).await;
    let order = story.world.shopper_comes("/").buys(&[(2, 1)], zephyrine()).unwrap();
    story.arrive().await;
    assert_eq!(planted.order(order).await.shopify_customer_id, Some(CUSTOMER));
    let people = story.count::<Recipients>().await;
    let drawn = story.draw(&planted.campaign, json!([{"key": "crm-zephyrine", "phone": PHONE}])).await;
    assert_ne!(drawn["messages"][0]["message_id"], planted.message["message_id"]);
    assert_eq!(story.count::<Recipients>().await, people + 1);
    story.settle().await;
    planted.story.close().await;
}

#[tokio::test]
async fn a_request_nobody_can_read_is_not_lost() {
    let story = Story::begin().await;
    let body = json!({"shop_id": 548_380_010, "shop_domain": story.world.shop_domain(), "customer": {"id": null}});
    story.world.delivery("customers/redact", &body).with_id("odd").send().await.unwrap();
    story.settle().await;
    let list = story.report("/api/privacy/requests").await;
    let request = &list["requests"][0];
    assert_eq!((request["state"].as_str(), &list["overdue"]), (Some("dead"), &json!(0)));
    assert!(request["words"].as_str().unwrap().contains("names no customer"), "{request}");
    story.clock.advance_to(story.clock.now().plus_seconds(31 * 86_400));
    let list = story.report("/api/privacy/requests").await;
    assert_eq!((&list["overdue"], list["requests"][0]["days_left"].as_i64()), (&json!(1), Some(-1)));
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn an_erased_shop_leaves_nothing_but_the_proof() {
    let planted = planted().await;
    let story = &planted.story;
    planted.asks("customers/data_request", "show-1").await;
    let shop = planted.shop().await;
    story.world.uninstalls();
    story.arrive().await;
    // A shop that left still forgets a shopper: no token is needed.
    planted.asks("customers/redact", "redact-1").await;
    story.pass(61).await;
    let request = Requests::find_by_id((shop, "redact-1".to_owned())).one(story.app.db.read()).await.unwrap().unwrap();
    assert_eq!(request.state, recoup::tombstones::State::Done);
    assert_eq!(planted.bodies_that_name_her().await, [] as [String; 0]);
    // Too early: it waits for its hour.
    story
        .world
        .delivery("shop/redact", &json!({"shop_id": shop.0, "shop_domain": story.world.shop_domain()}))
        .with_id("early")
        .send()
        .await
        .unwrap();
    story.settle().await;
    assert_eq!(story.count::<Orders>().await, 2);
    story.pass(48 * 3_600 - 120).await;
    assert_eq!(story.count::<Orders>().await, 2);
    story.pass(120).await;
    assert_eq!(story.count::<Orders>().await, 0, "and then it is done");
    for table in TENANT_TABLES {
        let rows = count(story, &format!("SELECT count(*) FROM {table} WHERE shop_id = {shop}")).await;
        let proof = i64::from(*table == "privacy_requests");
        assert_eq!(rows, proof, "{table}");
    }
    assert_eq!(count(story, &format!("SELECT count(*) FROM shops WHERE shop_id = {shop}")).await, 0);
    assert_eq!(count(story, "SELECT count(*) FROM whatsapp_numbers").await, 0);
    let proof = Requests::find().one(story.app.db.read()).await.unwrap().unwrap();
    assert!(proof.payload_sealed.is_empty() && proof.done_at.is_some(), "{proof:?}");
    assert!(proof.reason.as_deref().is_some_and(|reason| reason.starts_with("The shop was erased")));
    nothing_readable(story, "early").await;
    // What nodes still let in for half a minute goes too.
    story.world.delivery("orders/create", &json!({"id": 1})).send().await.unwrap();
    story.settle().await;
    assert_eq!(count(story, &format!("SELECT count(*) FROM deliveries WHERE shop_id = {shop}")).await, 0);
    planted.story.end().await;
}

#[tokio::test]
async fn a_shop_that_left_and_was_forgotten_by_shopify_is_erased() {
    let planted = planted().await;
    let story = &planted.story;
    // More than one batch of rows.
    let plain = story.campaign(|body| body["offer"] = Value::Null).await;
    let people: Value = (0..2_500)
        .map(|i| json!({"key": format!("crm-{i}"), "phone": format!("+43660{:07}", 2_000_000 + i)}))
        .collect();
    story.draw(&plain, people).await;
    story.world.uninstalls();
    story.arrive().await;
    story.pass(89 * 86_400).await;
    assert_eq!(story.count::<Orders>().await, 2);
    story.pass(2 * 86_400).await;
    assert_eq!((story.count::<Orders>().await, story.count::<shops::Shops>().await), (0, 0));
    assert_eq!((story.count::<Recipients>().await, story.count::<Messages>().await), (0, 0));
    planted.story.end().await;
}

#[tokio::test]
async fn a_shop_that_came_back_is_not_erased() {
    let planted = planted().await;
    let story = &planted.story;
    let shop = planted.shop().await;
    story.world.uninstalls();
    story.arrive().await;
    story.pass(3_600).await;
    story.world.install().await.unwrap();
    story.settle().await;
    let orders = story.count::<Orders>().await;
    let body = json!({"shop_id": shop.0, "shop_domain": story.world.shop_domain()});
    story.pass(47 * 3_600).await;
    story.world.delivery("shop/redact", &body).with_id("late").send().await.unwrap();
    story.settle().await;
    let request = planted.request("late").await;
    assert_eq!(request["state"], "ignored");
    assert!(request["words"].as_str().unwrap().contains("installed the app again"), "{request}");
    assert_eq!(story.count::<Orders>().await, orders);
    // Much later, and nobody ever said that it left: Shopify is asked, and it still lets us in.
    story.pass(40 * 86_400).await;
    story.world.delivery("shop/redact", &body).with_id("odd").send().await.unwrap();
    story.settle().await;
    let request = planted.request("odd").await;
    assert_eq!(request["state"], "ignored", "{request}");
    assert!(request["words"].as_str().unwrap().contains("still lets us in"), "{request}");
    assert_eq!(story.count::<Orders>().await, orders);
    planted.story.close().await;
}

#[tokio::test]
async fn data_ages_out_and_nothing_breaks() {
    let planted = planted().await;
    let story = &planted.story;
    planted.asks("customers/data_request", "show-1").await;
    let before = planted.reports().await;
    let classes = story.report("/api/privacy/retention").await;
    assert!(classes["classes"].as_array().unwrap().len() > 10);
    let bodies = "SELECT count(*) FROM deliveries WHERE length(body_sealed) > 0";
    let (rows, kept) = (story.count::<Deliveries>().await, count(story, bodies).await);
    assert!(kept > 0);
    story.pass(29 * 86_400).await;
    assert_eq!(count(story, bodies).await, kept, "not before their day");
    story.pass(2 * 86_400).await;
    assert_eq!((count(story, bodies).await, story.count::<Deliveries>().await), (1, rows), "the dead letter waits");
    assert_eq!(count(story, "SELECT count(*) FROM checkouts WHERE recovery_url_sealed IS NOT NULL").await, 0);
    // Reading again what has aged out is asking for nothing.
    assert_eq!(replay(&story.app, &Replay::default()).await.unwrap(), 1);
    story.settle().await;
    story.pass(61 * 86_400).await;
    assert_eq!((count(story, bodies).await, story.count::<Deliveries>().await), (0, 1));
    assert_eq!(count(story, "SELECT count(*) FROM recipients WHERE contact_sealed IS NOT NULL").await, 2);
    story.pass(90 * 86_400).await;
    assert_eq!(story.count::<Deliveries>().await, 0);
    assert_eq!(count(story, "SELECT count(*) FROM recipients WHERE contact_sealed IS NOT NULL").await, 0);
    assert_eq!(count(story, "SELECT count(*) FROM recipients WHERE phone_hash IS NULL").await, 0, "still recognised");
    let request = planted.request("show-1").await;
    assert_eq!((request["overdue"].as_bool(), request["export"].as_str()), (Some(true), None), "{request}");
    // Summary and ledger speak of the last thirty days; the receipts are as they were.
    same(&planted.reports().await[4..], &before[4..]);
    planted.rebuild_changes_nothing().await;
    planted.story.end().await;
}

/// The child: lives the whole story with every log there is on standard error.
#[tokio::test]
#[ignore = "run by the test below, in a process of its own"]
async fn everything_is_logged() {
    let log = Log { filter: "trace,rlibphonenumber::phonenumberutil=trace".into(), format: LogFormat::Text };
    recoup::cli::logs::start(&log).unwrap();
    let planted = planted().await;
    planted.asks("customers/data_request", "show-1").await;
    planted.story.report("/api/privacy/requests/show-1/export?format=json").await;
    let client = reqwest_client();
    let bad = client.post(format!("{}/api/campaigns/{}/messages", planted.story.url, planted.campaign));
    let bad = bad.bearer_auth(planted.story.world.api_key().unwrap());
    bad.json(&json!({"recipients": [{"key": "x", "phone": PHONE, "email": EMAIL, "name": "Zephyrine"}]}))
        .send()
        .await
        .unwrap();
    planted.is_forgotten().await;
    planted.story.close().await;
    eprintln!("the story ended");
}

#[test]
fn logs_name_nobody_at_any_level() {
    let own = std::env::current_exe().unwrap();
    let child = std::process::Command::new(own)
        .args(["--exact", "privacy::everything_is_logged", "--ignored", "--nocapture", "--test-threads", "1"])
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let logs = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{logs}");
    assert!(
        logs.contains("the story ended") && logs.contains("TRACE") && logs.contains("a shopper was forgotten"),
        "{}",
        logs.len()
    );
    for canary in CANARIES {
        if let Some(at) = logs.find(canary) {
            panic!(
                "{canary} stands in the logs: {}",
                &logs[logs.floor_char_boundary(at.saturating_sub(300))..at + canary.len()]
            );
        }
    }
}
