//! Files that are made while nobody waits: the accountant's pack proves itself and sums to the reports, its link is good for
//! one file and a while, and however often the work is begun there is one file.

use std::collections::BTreeMap;
use std::io::Read;

use recoup::files::{FILE, FileId, Files, Make, PIECE, Pieces, State};
use recoup::jobs::Job;
use recoup::kernel::Timestamp;
use recoup::simulator::{RefundKind, ShopProfile, Traffic};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Statement};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::install::reqwest_client;
use crate::story::Story;
use crate::telling::Receiver;

const DAY: i64 = 86_400;

async fn lived() -> Story {
    Story::lived(6, |settings| {
        settings.traffic = Traffic {
            customers: 400,
            customer_buys_daily: 0.02,
            strangers_daily: 6.0,
            broadcast_every_days: 3,
            ..Traffic::default()
        };
    })
    .await
}

/// Asks for a file and has it made.
async fn made(story: &Story, body: Value) -> Value {
    let asked = story.world.merchant_post("/api/files", &body).await.unwrap();
    assert_eq!(asked.status, 202, "{}", asked.text);
    assert_eq!((&asked.json["state"], &asked.json["link"]), (&json!("waiting"), &Value::Null), "{}", asked.text);
    story.settle().await;
    let file = story.report(&format!("/api/files/{}", asked.json["id"].as_str().unwrap())).await;
    assert_eq!((&file["state"], &file["progress"]), (&json!("ready"), &json!(1.0)), "{file}");
    file
}

/// What an address answers to whoever has nothing but the address.
async fn get(url: &str) -> (u16, String, Vec<u8>) {
    let answer = reqwest_client().get(url).send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let bytes = answer.bytes().await.unwrap().to_vec();
    if status == 200 {
        assert_eq!(header("content-length"), bytes.len().to_string());
        assert_eq!(header("cache-control"), "private, no-store");
        assert_eq!(header("content-encoding"), "");
    }
    (status, header("content-type"), bytes)
}

/// Fetches a file by its link, and holds it against what was said of it.
async fn fetched(file: &Value) -> Vec<u8> {
    let (status, _, bytes) = get(file["link"]["url"].as_str().unwrap()).await;
    assert_eq!(status, 200, "{file}");
    assert_eq!(file["bytes"].as_u64().unwrap(), bytes.len() as u64);
    assert_eq!(file["sha256"], hex::encode(Sha256::digest(&bytes)));
    bytes
}

impl Story {
    /// An order of twelve euros that was placed at an instant, and is heard of now.
    async fn comes_late(&self, id: i64, placed: Timestamp) {
        let at = placed.to_string();
        let price = json!({"shop_money": {"amount": "12.00", "currency_code": "EUR"}});
        let order = json!({
            "id": id, "name": format!("#{id}"), "created_at": at, "updated_at": at, "processed_at": at,
            "currency": "EUR", "presentment_currency": "EUR", "financial_status": "paid", "source_name": "web",
            "checkout_token": format!("token-{id}"), "total_price": "12.00", "total_price_set": price,
            "total_tax": "0.00", "phone": null, "email": "", "customer": null, "discount_codes": [],
            "discount_applications": [], "shipping_lines": [], "note_attributes": [], "refunds": [],
            "line_items": [{"id": 1, "price": "12.00", "quantity": 1, "gift_card": false, "tax_lines": [],
                "discount_allocations": []}],
        });
        assert_eq!(self.world.deliver("orders/create", &order).await.unwrap().status, 200);
        self.settle().await;
    }
}

/// The files of a pack, its checksums compared.
fn unpacked(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for n in 0..zip.len() {
        let mut file = zip.by_index(n).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().unwrap().into_owned(), text);
    }
    let sums = files.remove("SHA256SUMS.txt").unwrap();
    let sums: BTreeMap<&str, &str> =
        sums.lines().map(|line| line.split_once("  ").unwrap()).map(|(a, b)| (b, a)).collect();
    assert_eq!(sums.keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>(), "every file has its checksum");
    for (name, text) in &files {
        assert_eq!(sums[name.as_str()], hex::encode(Sha256::digest(text)), "{name}");
    }
    files
}

/// The cells of some columns of a CSV file.
fn cells(text: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let place = |column: &&str| header.iter().position(|name| name == column).unwrap_or_else(|| panic!("no {column}"));
    let places: Vec<usize> = columns.iter().map(place).collect();
    reader.records().map(|row| row.unwrap()).map(|row| places.iter().map(|n| row[*n].to_owned()).collect()).collect()
}

fn sum(text: &str, column: &str) -> i64 {
    cells(text, &[column]).iter().map(|row| row[0].parse::<i64>().unwrap()).sum()
}

/// Net sales of a pack's ledger: its lines, which are its total.
fn net(pack: &BTreeMap<String, String>) -> i64 {
    let lines = cells(&pack["ledger.csv"], &["line", "net_sales_minor"]);
    let total = lines.iter().position(|row| row[0] == "total").unwrap();
    let each: i64 = lines[..total].iter().map(|row| row[1].parse::<i64>().unwrap()).sum();
    assert_eq!(each.to_string(), lines[total][1], "the lines sum to the total");
    each
}

#[tokio::test]
async fn a_pack_proves_itself_and_the_next_says_what_was_restated_since() {
    let story = lived().await;
    let receiver = Receiver::start().await;
    let hook = json!({"url": receiver.url, "events": ["export.ready"]});
    assert_eq!(story.world.merchant_post("/api/webhooks", &hook).await.unwrap().status, 201);
    let book = story.world.book();
    let (from, to) = (book.orders.first().unwrap().day.to_string(), book.orders.last().unwrap().day.to_string());
    let days = json!({"kind": "pack", "from": from, "to": to});
    let net_sales = async || {
        let ledger = story.report(&format!("/api/reports/ledger?from={from}&to={to}")).await;
        ledger["total"]["net_sales"]["minor"].as_i64().unwrap()
    };

    let first = made(&story, days.clone()).await;
    let bytes = fetched(&first).await;
    let pack = unpacked(&bytes);
    let names: Vec<&str> = pack.keys().map(String::as_str).collect();
    let tables = ["agreement", "definitions", "learned_late", "ledger", "orders", "restatements"];
    let whole: Vec<String> =
        std::iter::once("README.txt".to_owned()).chain(tables.map(|table| format!("{table}.csv"))).collect();
    assert_eq!(names, whole);
    assert_eq!(cells(&pack["learned_late.csv"], &["order"]), Vec::<Vec<String>>::new(), "the first corrects nothing");
    assert!(net(&pack) > 0);
    assert_eq!((net(&pack), sum(&pack["orders.csv"], "net_sales_minor")), (net_sales().await, net_sales().await));
    assert_eq!(cells(&pack["orders.csv"], &["order"]).len(), book.orders.len());
    assert_eq!(cells(&pack["agreement.csv"], &["day", "verdict"]).first().unwrap()[0], from);
    assert_eq!(cells(&pack["agreement.csv"], &["day"]).last().unwrap()[0], to);
    let defined = cells(&pack["definitions.csv"], &["table"]);
    assert!(
        ["ledger", "orders", "restatements", "learned_late", "agreement"]
            .iter()
            .all(|table| defined.iter().any(|row| row[0] == *table))
    );
    let complete = first["complete_through"].as_str().unwrap();
    for said in
        [&from, &to, &"Europe/".to_owned(), &"EUR".to_owned(), &complete.to_owned(), &"no pack before".to_owned()]
    {
        assert!(pack["README.txt"].contains(said.as_str()) || said == "Europe/", "{said}: {}", pack["README.txt"]);
    }
    assert_eq!(first["since"], Value::Null);

    // Who subscribed is told, with a link of their own.
    let [told] = receiver.took().try_into().unwrap();
    let told = told.json();
    assert_eq!((&told["type"], &told["data"]["sha256"]), (&json!("export.ready"), &first["sha256"]));
    assert_eq!(get(told["data"]["link"]["url"].as_str().unwrap()).await.2, bytes);

    // What changes after it stands in the next one, to the cent, and in no later one.
    let before = net_sales().await;
    let ours =
        book.orders.iter().filter(|one| !one.test && !one.cancelled && !one.pending && !one.renewal && one.net > 0);
    let ours: Vec<(i64, i64)> = ours.take(4).map(|order| (order.shopify_order_id, order.net)).collect();
    for (order, _) in &ours[..3] {
        story.pass(60).await;
        story.world.refunds(*order, RefundKind::Full).unwrap();
        story.arrive().await;
    }
    // Another goes back in the moment of the second pack, and nobody hears of it until that is handed on.
    let (late, worth) = ours[3];
    story.world.refunds(late, RefundKind::Full).unwrap();
    let second = made(&story, days.clone()).await;
    assert_eq!(second["since"], first["as_of"]);
    let pack = unpacked(&fetched(&second).await);
    let restated = cells(&pack["restatements.csv"], &["effective_at", "change_minor"]);
    let then = Timestamp::parse(first["as_of"].as_str().unwrap()).unwrap();
    assert!(restated.iter().all(|row| Timestamp::parse(&row[0]).unwrap() > then), "{restated:?}");
    assert_eq!(restated.len(), 3);
    assert_eq!(sum(&pack["restatements.csv"], "change_minor"), net_sales().await - before);
    assert_eq!(net(&pack), net_sales().await);
    assert_eq!(cells(&pack["learned_late.csv"], &["order"]), Vec::<Vec<String>>::new());
    // It and an order of which nothing was known came late: the next pack says what the second would have said.
    let told = net_sales().await;
    story.pass(180).await;
    story.arrive().await;
    story.comes_late(900_000, story.clock.now().plus_seconds(-7_200)).await;
    assert!(net_sales().await <= told - worth + 1_200, "{told}");
    story.pass(1).await;
    let third = made(&story, days.clone()).await;
    let pack = unpacked(&fetched(&third).await);
    assert_eq!(cells(&pack["restatements.csv"], &["order"]), Vec::<Vec<String>>::new());
    let columns = ["shopify_order_id", "of", "change_minor"];
    let of = second["as_of"].as_str().unwrap();
    let wanted = [(late, -worth), (900_000, 1_200)]
        .map(|(order, change)| [order.to_string(), of.to_owned(), change.to_string()].to_vec());
    let mut learned = cells(&pack["learned_late.csv"], &columns);
    learned.sort_by_key(|row| row[2].parse::<i64>().unwrap());
    assert_eq!(learned, wanted);
    let lines = cells(&pack["learned_late.csv"], &["line_before", "net_sales_before", "net_sales"]);
    assert!(lines.contains(&vec![String::new(), String::new(), "12.00".to_owned()]), "{lines:?}");
    // A table of any days says the same.
    let table = story.world.merchant_get(&format!("/api/exports/learned_late.jsonl?as_of={of}")).await.unwrap();
    assert_eq!((table.status, table.text.contains("900000")), (200, true), "{}", table.text);
    // And it is said once.
    story.pass(60).await;
    let third = made(&story, days).await;
    assert_eq!(cells(&unpacked(&fetched(&third).await)["learned_late.csv"], &["order"]), Vec::<Vec<String>>::new());

    // The first is still what it was, byte for byte.
    assert_eq!(fetched(&story.report(&format!("/api/files/{}", first["id"].as_str().unwrap())).await).await, bytes);
    let listed = story.report("/api/files").await;
    let ids: Vec<&Value> = listed["files"].as_array().unwrap().iter().map(|file| &file["id"]).collect();
    assert_eq!((ids[0], ids[2], ids[3]), (&third["id"], &second["id"], &first["id"]));
    story.end().await;
}

#[tokio::test]
async fn a_link_is_good_for_one_file_and_a_while() {
    let story = Story::begin().await;
    let file = made(&story, json!({"kind": "table", "table": "ledger"})).await;
    let url = file["link"]["url"].as_str().unwrap().to_owned();
    assert_eq!(get(&url).await.1, "text/csv; charset=utf-8");
    let code = async |url: &str| {
        let (status, _, body) = get(url).await;
        let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
        (status, problem["code"].as_str().unwrap_or_default().to_owned())
    };
    let refused = |status: u16, code: &str| (status, code.to_owned());
    let other = made(&story, json!({"kind": "table", "table": "orders"})).await;
    let (own, others) = (file["id"].as_str().unwrap(), other["id"].as_str().unwrap());
    let usual = ShopProfile::default();
    for forged in [
        url.replace(own, others),
        url.replace(&format!("/{}/", usual.id), &format!("/{}/", usual.id + 1)),
        url.replace("until=1", "until=2"),
        url.replace("signature=", "signature=A"),
        url.split("&signature").next().unwrap().to_owned(),
        url.split('?').next().unwrap().to_owned(),
    ] {
        assert_eq!(code(&forged).await, refused(403, "bad_link"), "{forged}");
    }
    assert_eq!(code(&url.replace(own, "nothing")).await, refused(404, "not_found"));

    // Another shop has no such file.
    let shop = ShopProfile { domain: "other-shop.myshopify.com".into(), id: usual.id + 1, ..usual };
    let domain = shop.domain.clone();
    story.world.add_shop(shop);
    assert_eq!(story.world.opens_app(&domain).await.unwrap().status, 200);
    story.settle().await;
    for method in ["GET", "DELETE"] {
        let asked = reqwest_client().request(method.parse().unwrap(), format!("{}/api/files/{own}", story.url));
        assert_eq!(asked.bearer_auth(story.world.id_token(&domain)).send().await.unwrap().status(), 404, "{method}");
    }

    // It ends within two hours, and there is a new one for whoever may ask.
    story.pass(2 * 3_600).await;
    assert_eq!(code(&url).await, refused(410, "link_expired"));
    let again = story.report(&format!("/api/files/{own}")).await;
    fetched(&again).await;
    // Deleted, it is gone at once, and so are its pieces.
    let gone = again["link"]["url"].as_str().unwrap();
    let deleted = story.world.merchant_send("DELETE", &format!("/api/files/{own}"), &Value::Null).await.unwrap();
    assert_eq!((deleted.status, code(gone).await), (204, refused(404, "not_found")));
    story.settle().await;
    let left =
        |id: &str| Pieces::find().filter(PIECE.file_id.eq(FileId::parse(id).unwrap())).count(story.app.db.read());
    assert_eq!((left(own).await.unwrap(), left(others).await.unwrap()), (0, 1));
    // A week later its time is over: what it was stays.
    story.pass(7 * DAY).await;
    let over = story.report(&format!("/api/files/{others}")).await;
    assert_eq!((&over["state"], &over["link"], &over["sha256"]), (&json!("gone"), &Value::Null, &other["sha256"]));
    assert_eq!(left(others).await.unwrap(), 0);
    story.end().await;
}

#[tokio::test]
async fn however_often_it_is_begun_there_is_one_file() {
    let story = lived().await;
    let execute = async |sql: String| {
        let backend = story.app.db.write().get_database_backend();
        story.app.db.write().execute_raw(Statement::from_string(backend, sql)).await.unwrap();
    };
    let receiver = Receiver::start().await;
    let hook = json!({"url": receiver.url, "events": ["export.ready"]});
    assert_eq!(story.world.merchant_post("/api/webhooks", &hook).await.unwrap().status, 201);
    let asked = story.world.merchant_post("/api/files", &json!({"kind": "pack"})).await.unwrap();
    let id = FileId::parse(asked.json["id"].as_str().unwrap()).unwrap();
    let shop = Files::find().one(story.app.db.read()).await.unwrap().unwrap().shop_id;
    // A run was killed after it had written a piece.
    execute(format!(
        "INSERT INTO file_pieces (shop_id, file_id, run, number, body_sealed) SELECT shop_id, id, 1, 7, {} FROM files",
        if story.app.db.is_sqlite() { "x'00'" } else { "'\\x00'::bytea" }
    ))
    .await;
    execute("UPDATE files SET run = 1, state = 'making'".to_owned()).await;
    // Two more begin: the lease of one ran out while it was still at work.
    let (one, other) =
        tokio::join!(Make { file: id }.run(story.app.clone(), shop), Make { file: id }.run(story.app.clone(), shop));
    assert!(one.is_ok() && other.is_ok());
    story.settle().await;
    let file = Files::find().one(story.app.db.read()).await.unwrap().unwrap();
    // Whoever took the file at the same instant left it to the other; whoever came a moment later overtook them.
    assert!(file.state == State::Ready && (2..=3).contains(&file.run), "{:?} {}", file.state, file.run);
    let pieces = Pieces::find().all(story.app.db.read()).await.unwrap();
    assert_eq!(pieces.len() as i64, file.pieces.unwrap());
    assert!(pieces.iter().all(|piece| piece.run == file.run));
    unpacked(&fetched(&story.report(&format!("/api/files/{id}")).await).await);
    assert_eq!(receiver.took().len(), 1, "it is told once");
    // Run once more it changes nothing.
    assert!(Make { file: id }.run(story.app.clone(), shop).await.is_ok());
    assert_eq!(Files::find().one(story.app.db.read()).await.unwrap().unwrap(), file);

    // One that never comes to its end is given up, and says so.
    let asked = story.world.merchant_post("/api/files", &json!({"kind": "table", "table": "clicks"})).await.unwrap();
    let id = FileId::parse(asked.json["id"].as_str().unwrap()).unwrap();
    execute("UPDATE files SET run = 5, state = 'making' WHERE run = 0".to_owned()).await;
    story.settle().await;
    let given_up = story.report(&format!("/api/files/{id}")).await;
    assert_eq!(given_up["state"], "failed");
    assert!(given_up["trouble"].as_str().unwrap().contains("five times"), "{given_up}");
    story.end().await;
}

#[tokio::test]
async fn a_table_as_a_file_is_the_table_and_only_for_who_may() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    story.draw(&campaign, json!([{"key": "ana", "phone": "+436601234501"}])).await;
    let streamed = story.world.merchant_get("/api/exports/messages.jsonl").await.unwrap().text;
    let asked = json!({"kind": "table", "table": "messages", "format": "jsonl", "gzip": true, "campaign": campaign});
    let file = made(&story, asked.clone()).await;
    assert!(file["name"].as_str().unwrap().ends_with(".jsonl.gz"), "{file}");
    assert_eq!(file["rows"], 1);
    let mut text = String::new();
    flate2::read::GzDecoder::new(fetched(&file).await.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(text, streamed);
    assert!(text.contains("\"code\":\"WIN") || text.contains("\"code\":\""), "a merchant sees codes: {text}");

    // A key that may not hand codes out gets no link to that file, and a file of its own without them.
    let made_key = json!({"name": "reports", "scopes": ["reports"]});
    let key = story.world.merchant_post("/api/keys", &made_key).await.unwrap().json["key"].as_str().unwrap().to_owned();
    let call = async |method: &str, path: &str, body: Value| {
        let url = format!("{}{path}", story.url);
        let asked =
            reqwest_client().request(method.parse().unwrap(), url).bearer_auth(&key).json(&body).send().await.unwrap();
        (asked.status().as_u16(), asked.json::<Value>().await.unwrap_or_default())
    };
    let path = format!("/api/files/{}", file["id"].as_str().unwrap());
    assert_eq!(call("GET", &path, Value::Null).await.1["link"], Value::Null);
    let (status, own) = call("POST", "/api/files", asked).await;
    assert_eq!(status, 202);
    story.settle().await;
    let own = call("GET", &format!("/api/files/{}", own["id"].as_str().unwrap()), Value::Null).await.1;
    let mut text = String::new();
    flate2::read::GzDecoder::new(fetched(&own).await.as_slice()).read_to_string(&mut text).unwrap();
    assert!(text.contains("\"code\":null"), "{text}");

    for (body, field) in [
        (json!({"kind": "table"}), "table"),
        (json!({"kind": "pack", "table": "orders"}), "table"),
        (json!({"kind": "pack", "gzip": true}), "gzip"),
        (json!({"kind": "pack", "campaign": campaign}), "campaign"),
        (json!({"kind": "table", "table": "people"}), "table"),
        (json!({"kind": "table", "table": "clicks", "receipts": true}), "receipts"),
        (json!({"kind": "table", "table": "orders", "receipts": true, "as_of": "2026-08-24T00:00:00Z"}), "receipts"),
        (json!({"kind": "table", "table": "orders", "as_of": "2027-08-24T00:00:00Z"}), "as_of"),
        (json!({"kind": "pack", "policy": "nobody's"}), "policy"),
        (json!({"kind": "pack", "from": "yesterday"}), "from"),
    ] {
        let refused = story.world.merchant_post("/api/files", &body).await.unwrap();
        assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some(field)), "{body}: {}", refused.text);
    }
    let both =
        story.world.merchant_get("/api/exports/orders.csv?receipts=true&as_of=2026-08-24T00:00:00Z").await.unwrap();
    assert_eq!((both.status, both.json["field"].as_str()), (422, Some("receipts")), "{}", both.text);

    // Few at a time; the same one is no second.
    let days = |n: i64| json!({"kind": "table", "table": "orders", "from": format!("2026-08-0{n}")});
    let mut ids = Vec::new();
    for n in [1, 2, 3, 3] {
        let asked = story.world.merchant_post("/api/files", &days(n)).await.unwrap();
        assert_eq!(asked.status, 202, "{}", asked.text);
        ids.push(asked.json["id"].clone());
    }
    assert_eq!(ids[2], ids[3]);
    let refused = story.world.merchant_post("/api/files", &days(4)).await.unwrap();
    assert_eq!((refused.status, refused.json["code"].as_str()), (409, Some("too_many_files")), "{}", refused.text);
    story.settle().await;
    assert_eq!(Files::find().filter(FILE.state.eq(State::Ready)).count(story.app.db.read()).await.unwrap(), 5);
    story.end().await;
}

#[tokio::test]
async fn a_daily_file_comes_once_a_day_at_the_shops_hour_and_through_the_change_of_clocks() {
    // The clocks of Vienna go from 3 to 2 on 25 October 2026.
    let story = Story::begin().await;
    let begun = Timestamp::parse("2026-10-23T12:00:00Z").unwrap();
    while story.clock.now() < begun {
        let left = begun.seconds_since(story.clock.now());
        story.pass(left.min(5 * DAY)).await;
    }
    let zone = story.report("/api/shop").await["time_zone"].as_str().unwrap().to_owned();
    let put = async |body: Value| story.world.merchant_send("PUT", "/api/files/schedule", &body).await.unwrap();
    let body = json!({"kind": "pack", "days": 2, "hour": 2});
    let chosen = put(body.clone()).await;
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    // Chosen again, it is not doubled.
    assert_eq!(put(body).await.json["schedule"]["next_at"], chosen.json["schedule"]["next_at"]);
    assert_eq!((&chosen.json["schedule"]["days"], &chosen.json["schedule"]["time_zone"]), (&json!(2), &json!(zone)));
    for _ in 0..(4 * 24 * 2) {
        story.pass(1_800).await;
    }
    let files = story.report("/api/files").await["files"].clone();
    let files: Vec<(&str, &str, &str, &str)> = files
        .as_array()
        .unwrap()
        .iter()
        .map(|file| ["asked_at", "from", "to", "state"].map(|name| file[name].as_str().unwrap()))
        .map(|[at, from, to, state]| (at, from, to, state))
        .collect();
    let zone: chrono_tz::Tz = zone.parse().unwrap();
    let day = |text: &str| recoup::kernel::Day::parse(text).unwrap();
    assert_eq!(files.len(), 4, "{files:?}");
    for ((at, from, to, state), today) in
        files.iter().rev().zip(["2026-10-24", "2026-10-25", "2026-10-26", "2026-10-27"])
    {
        let due = day(today).at_hour(zone, 2);
        let late = Timestamp::parse(at).unwrap().seconds_since(due);
        assert!((0..1_800).contains(&late), "{today}: {at} is {late} s after {due}");
        assert_eq!((day(from), day(to), *state), (day(today).plus(-2), day(today).plus(-1), "ready"));
    }
    // Nothing ran for three days: they are made up for, each once. Then nobody wants them any more.
    story.clock.advance_to(story.clock.now().plus_seconds(3 * DAY));
    story.settle().await;
    assert_eq!(Files::find().count(story.app.db.read()).await.unwrap(), 7);
    let stopped = story.world.merchant_send("DELETE", "/api/files/schedule", &Value::Null).await.unwrap();
    assert_eq!(stopped.status, 204);
    assert_eq!(story.report("/api/files/schedule").await["schedule"], Value::Null);
    story.pass(2 * DAY).await;
    assert_eq!(Files::find().count(story.app.db.read()).await.unwrap(), 7);
    for (body, field) in [
        (json!({"kind": "table", "hour": 1}), "table"),
        (json!({"kind": "pack", "hour": 24}), "hour"),
        (json!({"kind": "pack", "hour": 1, "days": 0}), "days"),
        (json!({"kind": "pack", "gzip": true, "hour": 1}), "gzip"),
    ] {
        let refused = put(body.clone()).await;
        assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some(field)), "{body}: {}", refused.text);
    }
    story.end().await;
}

#[tokio::test]
async fn a_file_that_names_people_is_a_merchants_alone_and_ends_with_the_first_who_is_forgotten() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    story.draw(&campaign, json!([{"key": "ana", "phone": "+436601234501"}])).await;
    let asked = json!({"kind": "table", "table": "messages", "format": "jsonl", "personal": true});
    let file = made(&story, asked.clone()).await;
    assert_eq!(file["personal"], true);
    let row: Value = serde_json::from_slice(&fetched(&file).await).unwrap();
    assert_eq!((&row["phone"], &row["platform_key"]), (&json!("+436601234501"), &json!("ana")));
    let readings = story.report("/api/privacy/access").await["readings"].clone();
    let why: Vec<&str> = readings.as_array().unwrap().iter().map(|one| one["why"].as_str().unwrap()).collect();
    assert_eq!(why, ["fetched as a file", "asked for as a file"], "{readings}");
    let sealed = Pieces::find().all(story.app.db.read()).await.unwrap();
    assert!(!sealed.is_empty() && !format!("{sealed:?}").contains("6601234501"));

    let wrong = json!({"kind": "table", "table": "orders", "personal": true});
    let refused = story.world.merchant_post("/api/files", &wrong).await.unwrap();
    assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some("personal")), "{}", refused.text);
    let key = json!({"name": "reports", "scopes": ["reports", "campaigns"]});
    let key = story.world.merchant_post("/api/keys", &key).await.unwrap().json["key"].as_str().unwrap().to_owned();
    let path = format!("/api/files/{}", file["id"].as_str().unwrap());
    let seen = reqwest_client().get(format!("{}{path}", story.url)).bearer_auth(&key).send().await.unwrap();
    assert_eq!(seen.json::<Value>().await.unwrap()["link"], Value::Null, "a key gets no link to it");
    let own = reqwest_client().post(format!("{}/api/files", story.url)).bearer_auth(&key).json(&asked).send().await;
    assert_eq!(own.unwrap().status(), 403);

    // Another is on its way when somebody asks to be forgotten; a file that names nobody stays.
    let bare = made(&story, json!({"kind": "table", "table": "messages", "format": "jsonl"})).await;
    let second = story.world.merchant_post("/api/files", &asked).await.unwrap().json;
    let body = story.world.compliance_body("customers/redact", 1);
    assert_eq!(story.world.deliver("customers/redact", &body).await.unwrap().status, 200);
    story.settle().await;
    let now = async |file: &Value| story.report(&format!("/api/files/{}", file["id"].as_str().unwrap())).await;
    let first = now(&file).await;
    assert_eq!((&first["state"], &first["link"]), (&json!("gone"), &Value::Null), "{first}");
    let second = now(&second).await;
    assert!(["gone", "failed"].contains(&second["state"].as_str().unwrap()) && second["link"].is_null(), "{second}");
    assert_eq!(get(file["link"]["url"].as_str().unwrap()).await.0, 410);
    assert_eq!(now(&bare).await["state"], "ready");
    let kept: Vec<String> =
        Pieces::find().all(story.app.db.read()).await.unwrap().iter().map(|piece| piece.file_id.to_string()).collect();
    assert!(!kept.is_empty() && kept.iter().all(|id| bare["id"] == json!(id)), "{kept:?}");
    story.end().await;
}
