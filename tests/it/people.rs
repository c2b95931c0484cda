//! Who is one person: the same telephone in another spelling, digits as WhatsApp writes them, phones that stand only in
//! addresses, orders that name several people.

use migrations::TENANT_TABLES;
use recoup::attribution;
use recoup::kernel::Phone;
use recoup::people::{RecipientColumn, Recipients};
use recoup::shops::{Shop, Shops};
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use serde_json::{Value, json};

use crate::story::{Engine, Story};

fn case(name: &str) -> Value {
    let path = format!("{}/tests/it/fixtures/cases/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A shop in a country.
async fn shop_in(country: &str) -> Story {
    let story = Story::before_install(Engine::Asked, |settings| settings.shop.country = country.to_owned()).await;
    story.clock.advance_to(story.clock.now().plus_seconds(600));
    story.world.install().await.unwrap();
    story.settle().await;
    story
}

async fn shop(story: &Story) -> Shop {
    Shops::find().one(story.app.db.read()).await.unwrap().unwrap()
}

/// Somebody drawn, and their tap.
async fn taps(story: &Story, campaign: &str, recipient: Value) -> Value {
    let drawn = story.draw(campaign, json!([recipient])).await;
    assert_eq!(drawn["errors"], json!([]), "{recipient}");
    let message = drawn["messages"][0].clone();
    story.pass(60).await;
    story.world.shopper_taps(message["link"].as_str().unwrap()).await.unwrap();
    story.pass(600).await;
    message
}

/// An order placed now, with nothing on it that leads to a message, but as `named` says.
fn order_now(story: &Story, id: i64, named: &Value) -> Value {
    let now = story.clock.now().to_string();
    let price = json!({"shop_money": {"amount": "100.00", "currency_code": "EUR"}});
    let mut body = json!({
        "id": id, "name": format!("#{id}"), "created_at": now, "updated_at": now, "processed_at": now, "currency": "EUR",
        "presentment_currency": "EUR", "financial_status": "paid", "source_name": "web", "checkout_token": format!("token-{id}"),
        "total_price": "100.00", "total_price_set": price, "total_tax": "0.00", "phone": null, "email": "", "customer": null,
        "discount_codes": [], "discount_applications": [], "shipping_lines": [], "note_attributes": [], "refunds": [],
        "line_items": [{"id": 1, "price": "100.00", "quantity": 1, "gift_card": false, "tax_lines": [], "discount_allocations": []}],
    });
    for (field, value) in named.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

/// What decided about an order placed now.
async fn receipt(story: &Story, id: i64, named: &Value) -> Value {
    let body = order_now(story, id, named);
    assert_eq!(story.world.deliver("orders/create", &body).await.unwrap().status, 200);
    story.settle().await;
    story.report(&format!("/api/orders/{id}/receipt")).await
}

/// Only what an order of the cases names people by.
fn whom(order: &Value) -> Value {
    let fields = ["phone", "email", "contact_email", "customer", "billing_address", "shipping_address"];
    fields
        .iter()
        .filter(|field| order.get(**field).is_some())
        .map(|field| ((*field).to_owned(), order[*field].clone()))
        .collect()
}

fn by_tap(receipt: &Value, message: &Value) -> bool {
    receipt["winner"]["kind"] == "person_click" && receipt["winner"]["message_id"] == message["message_id"]
}

#[tokio::test]
async fn two_spellings_of_one_telephone_are_one_person() {
    let story = shop_in("AT").await;
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let mut pairs: Vec<(String, String, String)> = case("02-phone-pairs")
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| ["key", "recipient", "order"].map(|field| pair[field].as_str().unwrap().to_owned()).into())
        .collect();
    let more = [("ar_9", "+5491123456789", "+541123456789"), ("bj_01", "+22990011234", "+2290190011234")];
    pairs.extend(more.map(|(key, a, b)| (key.to_owned(), a.to_owned(), b.to_owned())));
    // Each pair both ways round.
    let back = pairs.clone().into_iter().map(|(key, a, b)| (format!("{key}-back"), b, a));
    for (n, (key, recipient, order)) in pairs.clone().into_iter().chain(back).enumerate() {
        let people = story.count::<Recipients>().await;
        let message = taps(&story, &campaign, json!({"key": key, "phone": recipient})).await;
        let known = i64::try_from(n).unwrap() >= i64::try_from(pairs.len()).unwrap();
        assert_eq!(
            story.count::<Recipients>().await,
            people + u64::from(!known),
            "{key}: one telephone, one recipient"
        );
        let receipt = receipt(&story, 100 + n as i64, &json!({"phone": order})).await;
        assert!(by_tap(&receipt, &message), "{key}: {receipt}");
    }
    // Both spellings in one call.
    let people = story.count::<Recipients>().await;
    let both = json!([{"key": "x", "phone": "+5215587654321"}, {"key": "y", "phone": "+525587654321"}]);
    assert_eq!(story.draw(&campaign, both).await["messages"].as_array().unwrap().len(), 2);
    assert_eq!(story.count::<Recipients>().await, people + 1);
    // Sent to as told.
    let rows = Recipients::find().all(story.app.db.read()).await.unwrap();
    let told =
        |phone: &str| rows.iter().any(|row| row.contact(&story.app).unwrap().unwrap().phone.as_deref() == Some(phone));
    assert!(told("+5215512345678") && told("+556281234567") && told("+22507123456"));
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn a_neighbour_is_somebody_else() {
    let story = shop_in("AT").await;
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    taps(&story, &campaign, json!({"key": "a", "phone": "+5215512345678"})).await;
    for (n, phone) in ["+525512345679", "+5255512345678", "+15512345678"].into_iter().enumerate() {
        let receipt = receipt(&story, 200 + n as i64, &json!({"phone": phone})).await;
        assert_eq!(receipt["winner"], Value::Null, "{phone}");
    }
    story.end().await;
}

#[tokio::test]
async fn digits_without_a_plus_are_whatsapps() {
    for country in ["AT", "US"] {
        let story = shop_in(country).await;
        let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
        for (n, (name, pair)) in case("26-wa-id-digits").as_object().unwrap().iter().enumerate() {
            let [digits, whole] = [0, 1].map(|n| pair[n].as_str().unwrap());
            let message = taps(&story, &campaign, json!({"key": name, "phone": digits})).await;
            let people = story.count::<Recipients>().await;
            story.draw(&campaign, json!([{"key": format!("{name}-whole"), "phone": whole}])).await;
            assert_eq!(story.count::<Recipients>().await, people, "{country}: {digits} is {whole}");
            let receipt = receipt(&story, 300 + n as i64, &json!({"phone": whole})).await;
            assert!(by_tap(&receipt, &message), "{country}: {digits}: {receipt}");
        }
        story.end().await;
    }
    // Digits that have a calling code and no number behind it are nobody's, the shop's country's neither.
    let story = shop_in("AT").await;
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let drawn =
        story.draw(&campaign, json!([{"key": "a", "phone": "6605552601"}, {"key": "b", "phone": "06605552601"}])).await;
    assert_eq!((&drawn["errors"][0]["key"], &drawn["errors"][0]["code"]), (&json!("a"), &json!("bad_phone")));
    assert_eq!(drawn["messages"][0]["key"], "b");
    story.end().await;
}

#[tokio::test]
async fn a_phone_that_stands_only_in_an_address_finds_its_recipient() {
    for country in ["TR", "AT"] {
        let story = shop_in(country).await;
        let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
        let orders = case("03-order-phone-only-in-addresses");
        for (n, (name, order)) in (1..).zip(orders.as_object().unwrap()) {
            // The last one has a national number and no address: the shop's country is all there is.
            if name == "d" && country != "TR" {
                continue;
            }
            let message = taps(&story, &campaign, json!({"key": name, "phone": format!("+9054655501{n:02}")})).await;
            let id = order["id"].as_i64().unwrap();
            let told = receipt(&story, id, &whom(order)).await;
            assert!(by_tap(&told, &message), "{country} {name}: {told}");
        }
        attribution::rebuild(&story.app, &shop(&story).await).await.map(|done| assert_eq!(done.changed, 0)).unwrap();
        // Only the account's own address.
        let message = taps(&story, &campaign, json!({"key": "e", "phone": "+905465550109"})).await;
        let home = json!({"customer": {"id": 9, "default_address": {"phone": "546 555 01 09", "country_code": "TR"}}});
        assert!(by_tap(&receipt(&story, 400, &home).await, &message));
        story.end().await;
    }
}

#[tokio::test]
async fn any_contact_an_order_names_makes_the_same_person() {
    let story = shop_in("AT").await;
    let campaign = story.campaign(|_| {}).await;
    let cases = case("31-order-and-customer-contact-differ");
    let mut id = 500;
    for (kind, field, first, second) in [
        ("phone", "phone", "+436605553101", "+436605553102"),
        ("email", "email", "Own.One@example.com", "office@example.org"),
    ] {
        for (n, contact) in [first, second].into_iter().enumerate() {
            let mut recipient = json!({"key": format!("{kind}-{n}"), "phone": format!("+43660777{id:04}")});
            recipient[field] = json!(contact);
            let message = taps(&story, &campaign, recipient).await;
            id += 1;
            let receipt = receipt(&story, id, &whom(&cases[kind])).await;
            assert!(by_tap(&receipt, &message), "{kind} {contact}: {receipt}");
        }
    }
    // Her own code, with her account's phone behind another one on the order; then by the account alone; then a stranger.
    let codes = [
        (json!({"key": "own", "phone": "+436605553105"}), whom(&cases["code"]), false),
        (
            json!({"key": "account", "phone": "+436605553110", "shopify_customer_id": "6071800000009"}),
            json!({"phone": "+436605553199", "customer": {"id": 6_071_800_000_009_i64}}),
            false,
        ),
        (
            json!({"key": "other", "phone": "+436605553120"}),
            json!({"phone": "+436605553121", "customer": {"id": 5}}),
            true,
        ),
    ];
    for (recipient, mut named, shared) in codes {
        let drawn = story.draw(&campaign, json!([recipient])).await;
        let code = drawn["messages"][0]["code"].as_str().expect("a code is drawn").to_owned();
        story.pass(60).await;
        named["discount_codes"] = json!([{"code": code, "amount": "15.00", "type": "percentage"}]);
        named["discount_applications"] = json!([{"type": "discount_code", "code": code}]);
        id += 1;
        let receipt = receipt(&story, id, &named).await;
        assert_eq!(receipt["winner"]["kind"], "redeem_code", "{receipt}");
        let line = if shared { "attributed_shared" } else { "attributed" };
        assert_eq!(receipt["verdict"]["line"], line, "{recipient}");
    }
    story.settle().await;
    story.end().await;
}

async fn asks(story: &Story, topic: &str, id: &str, customer: Value) {
    let orders = if topic == "customers/redact" { "orders_to_redact" } else { "orders_requested" };
    let body = json!({"shop_id": shop(story).await.shop_id.0, "shop_domain": story.world.shop_domain(),
        "customer": customer, orders: []});
    let answer = story.world.delivery(topic, &body).with_id(id).send().await.unwrap();
    assert_eq!(answer.status, 200);
    story.settle().await;
}

/// Every row of every table as text.
async fn rows(story: &Story) -> String {
    let db = story.app.db.write();
    let (backend, mut all) = (db.get_database_backend(), String::new());
    for table in TENANT_TABLES {
        let sql = if story.app.db.is_sqlite() {
            let sql = format!(
                "SELECT group_concat('quote(' || name || ')', ' || ''|'' || ') FROM pragma_table_info('{table}')"
            );
            let names = db.query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
            format!("SELECT {} FROM {table}", names.try_get_by_index::<String>(0).unwrap())
        } else {
            format!("SELECT row_to_json({table})::text FROM {table}")
        };
        for row in db.query_all_raw(Statement::from_string(backend, sql)).await.unwrap() {
            all += &format!("{table} {}\n", row.try_get_by_index::<Option<String>>(0).unwrap().unwrap_or_default());
        }
    }
    all
}

#[tokio::test]
async fn somebody_known_by_an_address_is_shown_and_forgotten_and_whom_they_sent_a_present_is_not() {
    let story = shop_in("AT").await;
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let message = taps(&story, &campaign, json!({"key": "ayse", "phone": "+905465550101"})).await;
    story.draw(&campaign, json!([{"key": "bea", "phone": "+436601234567"}])).await;
    let account = json!({"id": 6_071_800_000_000_i64, "email": "ayse@example.com",
        "default_address": {"phone": "546 555 01 01", "country_code": "TR"}});
    let named = json!({"customer": account, "email": "second@example.com",
        "billing_address": {"phone": "0546 555 01 01", "country_code": "TR"},
        "shipping_address": {"phone": "0660 1234567", "country_code": "AT"}});
    let before = receipt(&story, 600, &named).await;
    assert!(by_tap(&before, &message), "{before}");
    let checkout = json!({"token": "hers", "currency": "EUR", "total_price": "1.00", "created_at": story.clock.now().to_string(),
        "billing_address": {"phone": "0546 555 01 01", "country_code": "TR"}, "email": "second@example.com"});
    assert_eq!(story.world.deliver("checkouts/create", &checkout).await.unwrap().status, 200);
    story.settle().await;

    let customer = json!({"id": 6_071_800_000_000_i64, "email": null, "phone": null});
    asks(&story, "customers/data_request", "show", customer.clone()).await;
    let export = story.world.merchant_get("/api/privacy/requests/show/export").await.unwrap();
    assert_eq!(export.status, 200);
    for theirs in ["+905465550101", "600", "ayse"] {
        assert!(export.text.contains(theirs), "{theirs} is missing: {}", export.text);
    }
    assert!(!export.text.contains("crm-bea") && !export.text.contains("+436601234567"), "a present is no account");

    asks(&story, "customers/redact", "forget", customer).await;
    story.pass(61).await;
    let id = shop(&story).await.shop_id;
    let hash = |phone: &str| Phone::parse(phone, None).unwrap().hash(&story.app.vault, id);
    let email = |text: &str| story.app.vault.lookup(id, "email", text);
    let left = rows(&story).await;
    for gone in [hash("+905465550101"), email("ayse@example.com"), email("second@example.com")] {
        assert!(!left.contains(&gone), "a trace is left: {:?}", left.lines().find(|row| row.contains(&gone)));
    }
    let people = Recipients::find().all(story.app.db.read()).await.unwrap();
    assert_eq!(people.iter().filter(|one| one.forgotten_at.is_some()).count(), 1, "Bea is untouched");
    // Verdicts stand, and nothing that comes late brings her back.
    assert_eq!(attribution::rebuild(&story.app, &shop(&story).await).await.unwrap().changed, 0);
    let mut late = order_now(&story, 600, &named);
    for field in ["created_at", "processed_at"] {
        late[field] = before["order"]["ordered_at"].clone();
    }
    assert_eq!(story.world.deliver("orders/updated", &late).await.unwrap().status, 200);
    story.settle().await;
    assert!(!rows(&story).await.contains(&hash("+905465550101")));
    assert!(by_tap(&story.report("/api/orders/600/receipt").await, &message));
    story.end().await;
}

#[tokio::test]
async fn somebody_drawn_before_there_was_one_spelling_is_still_who_they_are() {
    let story = shop_in("AR").await;
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let message = taps(&story, &campaign, json!({"key": "a", "phone": "+541123456789"})).await;
    // As the row stood before.
    let id = shop(&story).await.shop_id;
    let before = story.app.vault.lookup(id, "phone", "+541123456789");
    let update = Recipients::update_many().col_expr(RecipientColumn::PhoneHash, Expr::value(before.clone()));
    update.exec(story.app.db.write()).await.unwrap();
    let people = story.count::<Recipients>().await;
    story.draw(&campaign, json!([{"key": "again", "phone": "+5491123456789"}])).await;
    assert_eq!(story.count::<Recipients>().await, people);
    let receipt = receipt(&story, 700, &json!({"phone": "+54 9 11 2345-6789"})).await;
    assert!(by_tap(&receipt, &message), "{receipt}");
    // Forgotten under either spelling, and nothing of before comes back under the other.
    asks(&story, "customers/redact", "forget", json!({"id": 1, "phone": "+5491123456789"})).await;
    story.pass(61).await;
    let left = rows(&story).await;
    assert!(!left.contains(&before) && !left.contains(&story.app.vault.lookup(id, "phone", "+5491123456789")));
    story.end().await;
}
