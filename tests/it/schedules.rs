//! Order does not matter: whatever order deliveries come in, however often and however late, the verdict is the same
//! to the byte.
//!
//! One story is lived in the pretend world and its deliveries are kept. Then many shops that know the same campaign,
//! link, tap and message receive them, each in an order of its own, and must end with the same rows in every table of
//! facts and verdicts, and so with the same reports.
//!
//! ```text
//! RECOUP_TEST_SCHEDULES=1000 cargo test --test it random_schedules -- --nocapture
//! ```

use std::collections::BTreeSet;

use migrations::TENANT_TABLES;
use recoup::app::App;
use recoup::kernel::id::ShopId;
use recoup::kernel::{Chance, Stream, Timestamp};
use recoup::messages::callback_data;
use recoup::orders::{OrderId, Visit};
use recoup::shops::{Shop, Shops};
use recoup::simulator::{Buyer, Payment, RefundKind};
use recoup::webhooks::{Deliveries, Delivery, Source, Translate};
use recoup::{attribution, jobs, orders};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, Statement};
use serde_json::{Value, json};

use crate::story::Story;

/// Whom the messages go to.
const ANA: &str = "+436601234567";

/// The first of the shops that receive the story.
const FIRST: i64 = 9_000_000;

/// What a shop has before the story's deliveries come is copied from this one.
const TEMPLATE: i64 = 8_999_999;

/// Keyed by look-up hashes, which are another in every shop: a copy of a shop holds those of the one it was copied from.
/// They are compared where no shop is a copy.
const KEYED: &[&str] = &["order_contacts", "checkout_contacts"];

/// Tables that are no facts and no verdicts: secrets, the inbox itself, work in progress, and whose a WhatsApp number is
/// (one shop's; all these shops send through the same).
const APART: &[&str] = &[
    "tokens",
    "api_keys",
    "replies",
    "deliveries",
    "jobs",
    "unsettled_orders",
    // What was said before something came late: it is about when news came, and about nothing else.
    "verdicts_before",
    "counted_cells",
    "count_changes",
    "counted_books",
    "counted_hits",
    "count_doubts",
    "counted_orders",
    "counted_codes",
    "counted_checkouts",
    "code_alarms",
    "number_claims",
    "restatements",
    // When a checkout was offered and taken back are acts of ours, at the instant we learned of it; `quiet.rs` holds that
    // what it is does not depend on that.
    "abandonments",
];

/// A delivery of the story, to be received by any shop.
struct Told {
    topic: String,
    body: Vec<u8>,
    triggered_at: Option<Timestamp>,
}

/// One coming of a delivery: which, and the id it carries.
type Coming = (usize, String);

/// What was lived once.
struct Lived {
    story: Story,
    told: Vec<Told>,
    orders: Vec<i64>,
    message: String,
    reminder: String,
}

/// Statuses that are told beside the story's deliveries: of which message, and what.
const STATUSES: [(bool, &str); 4] = [(false, "sent"), (false, "delivered"), (false, "read"), (true, "delivered")];

/// All kinds of evidence, on the first order.
const KINDS: [&str; 7] =
    ["redeem_code", "checkout", "click_attribute", "click_session", "person_click", "person_read", "person_delivered"];

/// A recipient got a code and tapped her link, began a checkout and was reminded of it; then she bought, paid, had a piece sent back and cancelled the rest.
/// A second order of hers stays.
async fn lived() -> Lived {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    // Look-up hashes are another in every shop: in the copies she is known by Shopify's number.
    let shopper = story.world.customer(0).customer_id.unwrap().to_string();
    let drawn = story.draw(&campaign, json!([{"key": "ana", "phone": ANA, "shopify_customer_id": shopper}])).await;
    let message = &drawn["messages"][0];
    story.pass(600).await;
    let visit = story.world.shopper_taps(message["link"].as_str().unwrap()).await.unwrap();
    let buyer = Buyer { phone: Some(ANA.to_owned()), ..story.world.customer(0) };
    let checkout = visit.checks_out(&[(2, 1), (6, 2)], buyer.clone()).unwrap();
    story.pass(60).await;
    let about =
        json!([{"key": "ana's basket", "phone": ANA, "shopify_customer_id": shopper, "checkout_token": checkout}]);
    let reminded = story.draw(&campaign, about).await;
    copy(&story.app, shop_of(&story).await.shop_id.0, &[TEMPLATE]).await;
    story.pass(120).await;
    let first = story.world.completes(&checkout, Payment { paid: false, ..Payment::default() }).unwrap();
    story.pass(3_600).await;
    assert!(story.world.pays(first));
    story.pass(86_400).await;
    story.world.refunds(first, RefundKind::OnePiece).unwrap();
    story.pass(3_600).await;
    let second = visit.buys(&[(1, 1)], buyer).unwrap();
    story.pass(3_600).await;
    assert!(story.world.cancels(first));
    story.pass(3_600).await;
    story.world.refunds(second, RefundKind::Goodwill(150)).unwrap();
    story.arrive().await;
    // What comes late is not yet triggered: the story's clock stands after all of it.
    story.pass(86_400).await;
    let mut rows = Deliveries::of(shop_of(&story).await.shop_id).all(story.app.db.read()).await.unwrap();
    rows.sort_by(|a, b| (a.triggered_at, &a.topic).cmp(&(b.triggered_at, &b.topic)));
    let told = |row: &Delivery| Told {
        topic: row.topic.clone(),
        body: row.body(&story.app.vault).unwrap(),
        triggered_at: row.triggered_at,
    };
    let told = rows.iter().map(told).collect();
    let message = message["message_id"].as_str().unwrap().to_owned();
    let reminder = reminded["messages"][0]["message_id"].as_str().unwrap().to_owned();
    Lived { story, told, orders: vec![first, second], message, reminder }
}

async fn shop_of(story: &Story) -> Shop {
    let shops = Shops::find().all(story.app.db.read()).await.unwrap();
    shops.into_iter().find(|shop| shop.domain == story.world.shop_domain()).unwrap()
}

impl Lived {
    /// The seven deliveries of the first order: begun, completed, paid, refunded, cancelled, and what else was told.
    fn seven(&self) -> Vec<usize> {
        let first = self.orders[0];
        let about = |told: &Told| {
            let body: Value = serde_json::from_slice(&told.body).unwrap();
            told.topic.starts_with("checkouts/") || body["id"] == first || body["order_id"] == first
        };
        let mut seven: Vec<usize> = Vec::new();
        for topic in [
            "checkouts/create",
            "checkouts/update",
            "orders/create",
            "orders/paid",
            "refunds/create",
            "orders/cancelled",
        ] {
            let found = (0..self.told.len()).find(|i| self.told[*i].topic == topic && about(&self.told[*i]));
            seven.push(found.unwrap_or_else(|| panic!("the story tells no {topic}")));
        }
        let updated = (0..self.told.len()).find(|i| self.told[*i].topic == "orders/updated" && about(&self.told[*i]));
        seven.push(updated.expect("the story tells an orders/updated"));
        seven
    }

    /// A WhatsApp body for one shop: its copy of the message became this.
    fn status(&self, shop: ShopId, (reminder, status): (bool, &str), at: Timestamp) -> Vec<u8> {
        let message = if reminder { &self.reminder } else { &self.message };
        let wamid = if reminder { "wamid.REMINDER" } else { "wamid.TEST" };
        let message = recoup::kernel::id::MessageId::parse(message).unwrap();
        let callback = callback_data(&self.story.app.vault, shop, message);
        let status = json!({"id": wamid, "status": status, "timestamp": at.seconds().to_string(),
            "recipient_id": "436601234567", "biz_opaque_callback_data": callback});
        let value = json!({"messaging_product": "whatsapp",
            "metadata": {"phone_number_id": "770000000000202", "display_phone_number": "1"}, "statuses": [status]});
        json!({"object": "whatsapp_business_account",
            "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]})
        .to_string()
        .into_bytes()
    }

    /// The row a coming makes in a shop's inbox.
    fn row(&self, shop: ShopId, (which, id): &Coming, at: Timestamp) -> Delivery {
        let vault = &self.story.app.vault;
        if let Some(which) = which.checked_sub(self.told.len()) {
            let sent_at = self.told[0].triggered_at.unwrap().plus_seconds(-300 + 60 * i64::try_from(which).unwrap());
            // The reminder was made a minute after the checkout's first telling, and reached her at once.
            let sent_at = if STATUSES[which].0 { sent_at.plus_seconds(200) } else { sent_at };
            let body = self.status(shop, STATUSES[which], sent_at);
            let new = Delivery::new(vault, shop, Source::Whatsapp, id.clone(), &body, at);
            return Delivery { topic: "statuses".into(), ..new };
        }
        let told = &self.told[*which];
        Delivery {
            topic: told.topic.clone(),
            triggered_at: told.triggered_at,
            ..Delivery::new(vault, shop, Source::Shopify, id.clone(), &told.body, at)
        }
    }

    /// Some shops receive something; all due work is done.
    async fn receive(&self, comings: &[(i64, Vec<Coming>)]) {
        let app = &self.story.app;
        for part in comings.chunks(200) {
            let txn = app.db.begin_write().await.unwrap();
            let now = app.clock.now();
            for (shop, comings) in part.iter().filter(|(_, comings)| !comings.is_empty()) {
                let shop = ShopId(*shop);
                let at = |i: usize| Timestamp::from_micros(now.micros() + i64::try_from(i).unwrap());
                let rows = comings.iter().enumerate().map(|(i, coming)| self.row(shop, coming, at(i)));
                let rows = rows.map(IntoActiveModel::into_active_model);
                recoup::db::insert_once(&txn, rows).await.unwrap();
                jobs::enqueue(&txn, &app.chance, shop, &Translate {}, now, now).await.unwrap();
            }
            txn.commit().await.unwrap();
        }
        self.story.pass(600).await;
    }

    /// Shopify tells some shops which visits came before the orders they know; of a told one it changes nothing.
    async fn tell_visits(&self, shops: impl Iterator<Item = i64>) {
        let (app, now) = (&self.story.app, self.story.clock.now());
        let txn = app.db.begin_write().await.unwrap();
        for (shop, order) in shops.flat_map(|shop| self.orders.iter().map(move |order| (ShopId(shop), OrderId(*order))))
        {
            let Some(journey) = orders::journey_of(&txn, shop, order).await.unwrap() else { continue };
            let visit = |n: i64, landing: &str| Visit {
                shop_id: shop,
                shopify_order_id: order,
                shopify_visit_id: format!("gid://shopify/CustomerVisit/{n}"),
                // The first two lie before the order, the third after it.
                at: journey.ask_at.plus_seconds(-3_600 + (n - 3) * 30 + 20),
                landing: landing.to_owned(),
                referrer: None,
                click_id: None,
            };
            let visits = vec![visit(1, ""), visit(2, "gclid"), visit(3, "utm_source=klaviyo&utm_medium=email")];
            if orders::record_journey(&txn, &journey, visits).await.unwrap() {
                attribution::mark_unsettled(&txn, app, shop, [order], now).await.unwrap();
            }
        }
        txn.commit().await.unwrap();
        self.story.settle().await;
    }

    /// Delivers to as many shops as there are schedules, each in its own order: a schedule is cut into rounds, and after
    /// each round all due work is done. Visits are told after some round or other, to some twice, to all in the end.
    async fn deliver(&self, schedules: &[Vec<Vec<Coming>>]) {
        let shops: Vec<i64> = (0..schedules.len() as i64).map(|n| WHOLE + n).collect();
        copy(&self.story.app, TEMPLATE, &shops).await;
        for round in 0..schedules.iter().map(Vec::len).max().unwrap_or(0) {
            let now = |schedule: &Vec<Vec<Coming>>| schedule.get(round).cloned().unwrap_or_default();
            let comings: Vec<_> = shops.iter().zip(schedules).map(|(shop, schedule)| (*shop, now(schedule))).collect();
            self.receive(&comings).await;
            let turn = |shop: &i64| (shop + round as i64) % 3 == 0;
            self.tell_visits(shops.iter().copied().filter(turn)).await;
        }
        self.tell_visits(shops.into_iter()).await;
    }

    /// Among the shops in a range, numbered from `FIRST`, each group of `per` has `shops` that hold the same rows in
    /// every table of facts and verdicts.
    async fn alike(&self, range: std::ops::Range<i64>, per: i64, shops: i64, groups: &[i64]) {
        let tables: Vec<&str> = TENANT_TABLES.iter().copied().filter(|table| !KEYED.contains(table)).collect();
        self.same_rows(&tables, range.clone(), per, shops, groups).await;
        let (app, from, to) = (&self.story.app, FIRST + range.start, FIRST + range.end - 1);
        let groups = groups.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let these = format!("shop_id BETWEEN {from} AND {to} AND (shop_id - {from}) / {per} IN ({groups})");
        let dead = format!("SELECT COUNT(*) FROM deliveries WHERE {these} AND state NOT IN ('done', 'ignored')");
        assert_eq!(count(app, &dead).await, 0, "every delivery came to an end");
    }

    async fn same_rows(&self, tables: &[&str], range: std::ops::Range<i64>, per: i64, shops: i64, groups: &[i64]) {
        let (app, from, to) = (&self.story.app, FIRST + range.start, FIRST + range.end - 1);
        let groups = groups.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let these = format!("shop_id BETWEEN {from} AND {to} AND (shop_id - {from}) / {per} IN ({groups})");
        for table in tables.iter().filter(|table| !APART.contains(table)) {
            let columns = columns(app, table).await;
            // Look-up hashes are another in every shop, and what is sealed is another every time, on purpose; when we
            // heard of something and when the radar looked are not facts about it.
            let apart = ["shop_id", "hash", "_sealed", "noted_at", "looked_at"];
            let shared = |name: &&String| !apart.iter().any(|end| name.ends_with(end));
            let rows = columns.iter().filter(shared).map(String::as_str).collect::<Vec<_>>().join(", ");
            let odd = format!(
                "SELECT COUNT(*) FROM (SELECT COUNT(*) FROM {table} WHERE {these} GROUP BY (shop_id - {from}) / {per}, {rows} \
                 HAVING COUNT(*) <> {shops}) odd"
            );
            assert_eq!(count(app, &odd).await, 0, "{table} depends on the order of arrival: {odd}");
        }
    }

    /// The reports of some shops, through HTTP: equal to the byte, and they say something.
    async fn reports_alike(&self, shops: Vec<i64>, orders: &[i64]) {
        let mut first: Option<Vec<String>> = None;
        for shop in shops {
            let mut reports = Vec::new();
            for path in ["/api/reports/summary".to_owned(), "/api/reports/ledger".to_owned()]
                .into_iter()
                .chain(orders.iter().map(|order| format!("/api/orders/{order}/receipt")))
            {
                reports.push(self.read(&path, &domain(shop)).await);
            }
            let first = first.get_or_insert_with(|| reports.clone());
            assert_eq!(&reports, first, "shop {shop}");
        }
        let first = first.unwrap();
        let summary: Value = serde_json::from_str(&first[0]).unwrap();
        assert!(summary["orders"]["all"].as_i64().unwrap() > 0, "{summary}");
        let receipt: Value = serde_json::from_str(&first[2]).unwrap();
        assert!(receipt["contested"].as_str().is_some_and(|why| why.contains("paid advertising")), "{receipt}");
    }

    /// Every set of the seven, from every smaller one, and with everything in it once more.
    async fn induction(&self, seven: &[usize]) {
        let bits = |set: i64| (0..7).filter(move |bit| set >> bit & 1 == 1);
        let app = &self.story.app;
        let began = std::time::Instant::now();
        copy(app, TEMPLATE, &[state(0)]).await;
        for size in 1..=7 {
            let sets: Vec<i64> = (1..128_i64).filter(|set| set.count_ones() == size).collect();
            let mut comings = Vec::new();
            for before in (0..128_i64).filter(|set| set.count_ones() + 1 == size) {
                let next: Vec<_> =
                    (0..7).filter(|bit| before >> bit & 1 == 0).map(|bit| (before | 1 << bit, bit)).collect();
                copy(app, state(before), &next.iter().map(|(set, bit)| last(*set, *bit)).collect::<Vec<_>>()).await;
                comings
                    .extend(next.iter().map(|(set, bit)| (last(*set, *bit), vec![(seven[*bit], "once".to_owned())])));
            }
            self.receive(&comings).await;
            self.alike(1_000..5_000, 8, size.into(), &sets).await;
            let mut comings = Vec::new();
            for set in &sets {
                let one = bits(*set).next().unwrap();
                let others: Vec<i64> = bits(*set).map(|bit| again(*set, bit)).collect();
                copy(app, last(*set, one), &[others.clone(), vec![state(*set), again(*set, 7)]].concat()).await;
                comings.extend(bits(*set).map(|bit| (again(*set, bit), vec![(seven[bit], "again".to_owned())])));
            }
            self.receive(&comings).await;
            // With one that received nothing again.
            self.alike(5_000..20_000, 8, i64::from(size) + 1, &sets).await;
        }
        println!("5,040 orders by 896 steps: {:.1} s", began.elapsed().as_secs_f64());
    }

    async fn read(&self, path: &str, domain: &str) -> String {
        let token = self.story.world.id_token(domain);
        let answer = crate::install::reqwest_client().get(format!("{}{path}", self.story.url)).bearer_auth(token);
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }
}

fn domain(shop: i64) -> String {
    format!("schedule-{shop}.myshopify.com")
}

async fn count(app: &App, sql: &str) -> i64 {
    let backend = app.db.read().get_database_backend();
    let row = app.db.read().query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

async fn columns(app: &App, table: &str) -> Vec<String> {
    let sql = if app.db.is_sqlite() {
        format!("SELECT name FROM pragma_table_info('{table}')")
    } else {
        format!("SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}'")
    };
    let backend = app.db.read().get_database_backend();
    let rows = app.db.read().query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect()
}

/// Makes shops that know what another one knows.
async fn copy(app: &App, from: i64, to: &[i64]) {
    let known = Shops::find_by_id(ShopId(from)).one(app.db.read()).await.unwrap().unwrap();
    let rows = to.iter().map(|id| Shop { shop_id: ShopId(*id), domain: domain(*id), ..known.clone() });
    for part in rows.collect::<Vec<_>>().chunks(500) {
        let rows = part.iter().cloned().map(IntoActiveModel::into_active_model);
        Shops::insert_many(rows).exec_without_returning(app.db.write()).await.unwrap();
    }
    let to = to.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    for table in TENANT_TABLES.iter().filter(|table| !APART.contains(table)) {
        let names = columns(app, table).await;
        let names = names.iter().map(String::as_str).filter(|name| *name != "shop_id").collect::<Vec<_>>().join(", ");
        let sql = format!(
            "INSERT INTO {table} (shop_id, {names}) SELECT s.to_shop, {names} FROM {table} CROSS JOIN \
             (SELECT shop_id AS to_shop FROM shops WHERE shop_id IN ({to})) s WHERE {table}.shop_id = {from}"
        );
        app.db.write().execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{table}: {error}"));
    }
}

/// `RECOUP_TEST_SCHEDULES` lives so many random schedules instead of as many as are quick.
fn schedules() -> usize {
    let quick = if std::env::var_os("TEST_DATABASE_URL").is_some() { 20 } else { 100 };
    std::env::var("RECOUP_TEST_SCHEDULES").ok().and_then(|number| number.parse().ok()).unwrap_or(quick)
}

/// Every order of these: 5,040 of seven.
fn permutations(of: &[usize]) -> Vec<Vec<usize>> {
    let Some(n) = of.len().checked_sub(1) else { return vec![vec![]] };
    let first = |i: usize| {
        let mut rest = of.to_vec();
        let first = rest.remove(i);
        permutations(&rest).into_iter().map(move |order| [vec![first], order].concat())
    };
    (0..=n).flat_map(first).collect()
}

/// The shop that received a set of the seven; the one that received this of the set last; the one that then received
/// it again, under another id.
fn state(set: i64) -> i64 {
    FIRST + set
}
fn last(set: i64, bit: usize) -> i64 {
    FIRST + 1_000 + set * 8 + i64::try_from(bit).unwrap()
}
fn again(set: i64, bit: usize) -> i64 {
    FIRST + 5_000 + set * 8 + i64::try_from(bit).unwrap()
}

/// Where shops that receive whole orders stand.
const WHOLE: i64 = FIRST + 20_000;

/// All 5,040 orders, and every repeat at every place, by induction over what was received so far: shops that received
/// the same set of deliveries hold the same rows, whichever of them came last, and whichever came again. So every order
/// of the seven goes through the same states to the same end. Some orders are received whole besides.
#[tokio::test]
async fn all_orders_of_seven_deliveries_end_in_one_report() {
    let lived = lived().await;
    let (seven, app) = (lived.seven(), &lived.story.app);
    // On PostgreSQL, whose round trips are slower, whole orders only.
    let by_induction = app.db.is_sqlite();
    if by_induction {
        lived.induction(&seven).await;
    }
    let all = permutations(&seven);
    assert_eq!(all.len(), 5_040);
    let schedules: Vec<Vec<Vec<Coming>>> = all
        .into_iter()
        .enumerate()
        .step_by(168)
        .map(|(n, order)| {
            // Each comes twice, by the same id or another; after some of them the jobs run.
            let twice =
                |which: &usize| (*which, format!("{}-{which}", if which.is_multiple_of(3) { "once" } else { "again" }));
            let mut comings: Vec<Coming> = order.iter().map(|which| (*which, format!("once-{which}"))).collect();
            comings.extend(order.iter().map(twice));
            comings[7..].rotate_left(n % 7);
            let late = comings.split_off(1 + n % 13);
            vec![comings, late]
        })
        .collect();
    lived.deliver(&schedules).await;
    let (mut shops, mut shown) = (schedules.len() as i64, vec![WHOLE, WHOLE + 1]);
    if by_induction {
        copy(app, state(127), &[WHOLE + shops]).await;
        shown.extend((0..7).map(|bit| last(127, bit)));
        lived.tell_visits(shown[2..].iter().copied().chain([WHOLE + shops])).await;
        shops += 1;
    }
    lived.alike(20_000..100_000, 80_000, shops, &[0]).await;
    lived.reports_alike(shown, &lived.orders[..1]).await;
    lived.story.end().await;
}

#[tokio::test]
async fn random_schedules_end_in_one_report() {
    let lived = lived().await;
    let chance = Chance::seeded(7);
    let below = |n: usize| usize::try_from(chance.below(Stream::Jitter, n as u64)).unwrap();
    let schedules: Vec<Vec<Vec<Coming>>> = (0..schedules())
        .map(|_| {
            // Every delivery once at least; a third of them again, sometimes under another id; then all are shuffled.
            let mut comings: Vec<Coming> =
                (0..lived.told.len() + STATUSES.len()).map(|which| (which, format!("d-{which}"))).collect();
            for which in 0..comings.len() {
                match below(6) {
                    0 => comings.push((which, format!("d-{which}"))),
                    1 => comings.push((which, format!("again-{which}"))),
                    _ => {}
                }
            }
            for i in (1..comings.len()).rev() {
                comings.swap(i, below(i + 1));
            }
            let rounds = 1 + below(4);
            let mut schedule = vec![Vec::new(); rounds];
            for coming in comings {
                schedule[below(rounds)].push(coming);
            }
            schedule
        })
        .collect();
    let began = std::time::Instant::now();
    lived.deliver(&schedules).await;
    println!("{} random schedules: {:.1} s", schedules.len(), began.elapsed().as_secs_f64());
    lived.alike(20_000..100_000, 80_000, schedules.len() as i64, &[0]).await;
    lived.same_rows(KEYED, 20_000..100_000, 80_000, schedules.len() as i64, &[0]).await;
    lived
        .reports_alike(
            (0..schedules.len() as i64).step_by(schedules.len() / 10).map(|n| WHOLE + n).collect(),
            &lived.orders,
        )
        .await;
    let receipt = lived.read(&format!("/api/orders/{}/receipt", lived.orders[0]), &domain(WHOLE)).await;
    let receipt: Value = serde_json::from_str(&receipt).unwrap();
    let weighed: BTreeSet<&str> =
        receipt["candidates"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(weighed, BTreeSet::from(KINDS), "all kinds of evidence were shuffled: {receipt}");
    lived.story.end().await;
}
