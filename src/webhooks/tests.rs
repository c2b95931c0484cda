//! Deliveries from the inbox to the facts, on a database of their own.

use std::collections::HashMap;

use migrations::{Migrator, MigratorTrait};
use sea_orm::sea_query::Query;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

use super::delivery::State;
use super::*;
use crate::app::App;
use crate::attribution::Settle;
use crate::campaigns::CampaignId;
use crate::config::Config;
use crate::db::Db;
use crate::jobs::{Worker, registered, settle};
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Chance, Clock, Timestamp};
use crate::messages::{Message, Messages, callback_data};
use crate::orders::{Orders, facts};
use crate::people::RecipientId;
use crate::shops::{Shop, Shops};
use crate::tombstones::Requests;
use uuid::Uuid;

pub(super) const SHOP: ShopId = ShopId(77);
pub(super) const OTHER: ShopId = ShopId(78);
pub(super) const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);
const PAID: &str = include_str!("../../tests/it/fixtures/samples/shopify/orders_updated.2024-10.web.json");
const VND: &str = include_str!("../../tests/it/fixtures/samples/shopify/refunds_create.2024-07.vnd.json");
const READ: &str = include_str!("../../tests/it/fixtures/samples/whatsapp/03-status-read-minimal.json");

/// An installation with two shops.
pub(super) struct World {
    pub app: App,
    pub inbox: Inbox,
    worker: Worker,
    _dir: tempfile::TempDir,
}

impl World {
    pub async fn begin(settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("recoup.db").display());
        let mut settings: HashMap<&str, String> = settings.iter().map(|(k, v)| (*k, (*v).to_owned())).collect();
        settings.insert("RECOUP_DATABASE_URL", url.clone());
        let config = Config::read(&|name| settings.get(name).cloned()).unwrap();
        let db = Db::connect(&url).await.unwrap();
        Migrator::up(db.write(), None).await.unwrap();
        let app = App::build(config, db, Clock::manual(NOW), Chance::seeded(1)).await.unwrap();
        for (shop, domain) in [(SHOP, "ana.myshopify.com"), (OTHER, "bea.myshopify.com")] {
            Shops::insert(shop_row(shop, domain).into_active_model()).exec(app.db.write()).await.unwrap();
        }
        let worker = Worker::new(app.clone(), vec![registered::<Translate>(), registered::<Settle>()]);
        Self { inbox: Inbox::start(app.clone()), app, worker, _dir: dir }
    }

    async fn keep(&self, source: Source, id: &str, topic: &str, body: &str) -> bool {
        let new = Delivery::new(&self.app.vault, SHOP, source, id.into(), body.as_bytes(), self.app.clock.now());
        let shop_domain = if source == Source::Shopify { "ana.myshopify.com" } else { "" };
        self.inbox.keep(Delivery { topic: topic.into(), shop_domain: shop_domain.into(), ..new }).await.unwrap()
    }

    pub async fn settle(&self) {
        settle(&self.worker).await.unwrap();
    }

    async fn delivery(&self, source: Source, id: &str) -> Delivery {
        Deliveries::find_by_id((SHOP, source, id.to_owned())).one(self.app.db.read()).await.unwrap().unwrap()
    }

    async fn outcome(&self, id: &str) -> (State, i32, String) {
        let found = self.delivery(Source::Shopify, id).await;
        (found.state, found.attempts, found.reason.unwrap_or_default())
    }

    async fn number(&self, shop: ShopId, number: &str) {
        let columns = ["phone_number_id", "shop_id"];
        let row = [number.into(), shop.0.into()];
        let insert = Query::insert().into_table("whatsapp_numbers").columns(columns).values_panic(row).to_owned();
        self.app.db.write().execute(&insert).await.unwrap();
    }

    async fn message(&self, shop: ShopId) -> MessageId {
        let id = MessageId::new(&self.app.chance, NOW);
        let row = Message {
            shop_id: shop,
            id,
            campaign_id: CampaignId(Uuid::nil()),
            recipient_id: RecipientId(Uuid::nil()),
            redeem_code_id: None,
            link_slug: "s".into(),
            checkout_token: Some("2988d4b2c765380e315836422df44d4f".into()),
            wamid_hash: None,
            issued_at: NOW,
            expires_at: None,
            sent_at: None,
            delivered_at: None,
            read_at: None,
            failed_at: None,
            failure_code: None,
            cost_minor: None,
            cost_currency: None,
            country: None,
            price_category: None,
            price_kind: None,
            code_redeemed_at: None,
            cost_amount: None,
        };
        Messages::insert(row.into_active_model()).exec_without_returning(self.app.db.write()).await.unwrap();
        id
    }

    async fn read_at(&self, shop: ShopId, message: MessageId) -> Option<Timestamp> {
        Messages::find_by_id((shop, message)).one(self.app.db.read()).await.unwrap().unwrap().read_at
    }
}

fn shop_row(shop: ShopId, domain: &str) -> Shop {
    Shop {
        shop_id: shop,
        domain: domain.into(),
        name: "Ana".into(),
        currency: "USD".into(),
        time_zone: "Europe/Vienna".into(),
        country: Some("AT".into()),
        storefront_url: "https://ana.example".into(),
        scopes: String::new(),
        installed_at: NOW,
        uninstalled_at: None,
        link_domain: None,
        link_domain_rests_at: None,
        default_holdout_ppm: 0,
        margin_ppm: None,
    }
}

#[tokio::test]
async fn a_delivery_is_kept_once_translated_once_and_replayed_without_a_trace() {
    let world = World::begin(&[]).await;
    assert!(world.keep(Source::Shopify, "a", "orders/paid", PAID).await);
    assert!(!world.keep(Source::Shopify, "a", "orders/paid", PAID).await);
    assert!(world.keep(Source::Shopify, "b", "orders/updated", PAID).await, "another delivery of the same state");
    world.settle().await;
    assert_eq!(world.outcome("a").await, (State::Done, 0, String::new()));
    let orders = Orders::of(SHOP).all(world.app.db.read()).await.unwrap();
    let ids: Vec<_> = orders.iter().map(|order| order.shopify_order_id).collect();
    let known = facts(world.app.db.read(), SHOP, &ids).await.unwrap();
    assert_eq!((known.len(), known[0].versions.len(), known[0].versions[0].total_minor), (1, 1, 60_000));

    let only = |topic: &str| Replay { topic: Some(topic.into()), ..Replay::default() };
    assert_eq!(replay(&world.app, &only("orders/create")).await.unwrap(), 0);
    assert_eq!(replay(&world.app, &only("orders/paid")).await.unwrap(), 1);
    assert_eq!(world.outcome("a").await.0, State::Pending);
    world.settle().await;
    assert_eq!(world.outcome("a").await.0, State::Done);
    assert_eq!(facts(world.app.db.read(), SHOP, &ids).await.unwrap(), known);
}

#[tokio::test]
async fn many_at_once_are_new_or_repeats_each() {
    let world = World::begin(&[]).await;
    let keep = (0..200).map(|n| world.keep(Source::Shopify, if n % 2 == 0 { "twice" } else { "again" }, "x/y", "{}"));
    let new = futures::future::join_all(keep).await;
    assert_eq!(new.iter().filter(|new| **new).count(), 2);
    world.settle().await;
    assert_eq!(world.outcome("twice").await, (State::Ignored, 0, "topic x/y is not one we read".into()));
}

#[tokio::test]
async fn what_cannot_be_read_harms_no_neighbour() {
    let world = World::begin(&[]).await;
    world.keep(Source::Shopify, "broken", "orders/paid", "{").await;
    world.keep(Source::Shopify, "good", "orders/paid", PAID).await;
    world.keep(Source::Shopify, "unnamed", "customers/redact", "{").await;
    let redact = r#"{"shop_id": 77, "shop_domain": "ana.myshopify.com", "customer": 5}"#;
    world.keep(Source::Shopify, "redact", "customers/redact", redact).await;
    let elsewhere = r#"{"shop_domain": "bea.myshopify.com"}"#;
    world.keep(Source::Shopify, "elsewhere", "shop/redact", elsewhere).await;
    world.settle().await;
    let (state, _, reason) = world.outcome("broken").await;
    assert_eq!(state, State::Dead);
    assert!(reason.starts_with("the body is not the JSON we expect"), "{reason}");
    assert_eq!(world.outcome("good").await.0, State::Done);
    assert_eq!(world.outcome("elsewhere").await.0, State::Ignored);
    assert_eq!(world.outcome("unnamed").await.0, State::Ignored);
    let asked = Requests::of(SHOP).all(world.app.db.read()).await.unwrap();
    assert_eq!(asked.len(), 1, "on record though nobody can read it");
    assert_eq!(asked[0].due_at, NOW.plus_seconds(30 * 86_400));
}

#[tokio::test]
async fn what_cannot_be_recorded_is_tried_five_times_apart() {
    let world = World::begin(&[]).await;
    world.app.db.write().execute_unprepared("DROP TABLE refunds").await.unwrap();
    world.keep(Source::Shopify, "refund", "refunds/create", VND).await;
    world.keep(Source::Shopify, "good", "orders/paid", PAID).await;
    world.settle().await;
    assert_eq!(world.outcome("good").await.0, State::Done);
    let (state, attempts, reason) = world.outcome("refund").await;
    assert_eq!((state, attempts), (State::Pending, 1));
    assert!(reason.starts_with("could not be recorded: "), "{reason}");
    for seconds in [2, 4, 8, 16] {
        world.app.clock.advance_to(NOW.plus_seconds(seconds));
        world.settle().await;
    }
    let (state, attempts, _) = world.outcome("refund").await;
    assert_eq!((state, attempts), (State::Dead, 5));
}

#[tokio::test]
async fn a_farewell_is_a_reason_to_ask_and_nothing_more() {
    let world = World::begin(&[]).await;
    let domain = r#""myshopify_domain": "ana.myshopify.com""#;
    let bodies = [("left", format!(r#"{{"id": 77, {domain}}}"#)), ("silent", "{}".into()), ("text", "a.b".into())];
    for (id, body) in &bodies {
        world.keep(Source::Shopify, id, "app/uninstalled", body).await;
    }
    world.settle().await;
    assert_eq!(world.outcome("left").await.0, State::Done);
    for id in ["silent", "text"] {
        let (state, _, reason) = world.outcome(id).await;
        assert!(state == State::Ignored && reason.starts_with("not believed: "), "{id}: {reason}");
    }
    let shop = Shops::find_by_id(SHOP).one(world.app.db.read()).await.unwrap().unwrap();
    assert!(shop.installed(), "not before Shopify said so");
    let asked = crate::jobs::Entity::find().all(world.app.db.read()).await.unwrap();
    assert_eq!(asked.into_iter().filter(|job| job.kind == "shops.left").count(), 1);
}

#[tokio::test]
async fn a_body_for_two_shops_is_read_by_each_for_itself() {
    let world = World::begin(&[]).await;
    let (ours, theirs) = (world.message(SHOP).await, world.message(OTHER).await);
    let mut number = serde_json::from_str::<serde_json::Value>(READ).unwrap();
    number["entry"][0]["changes"][0]["value"]["statuses"][0]["timestamp"] = NOW.seconds().to_string().into();
    let change = &number["entry"][0]["changes"][0];
    let phone = change["value"]["metadata"]["phone_number_id"].as_str().unwrap();
    let with = |shop, message| {
        let mut change = change.clone();
        change["value"]["statuses"][0]["biz_opaque_callback_data"] =
            callback_data(&world.app.vault, shop, message).into();
        change
    };
    let body = serde_json::json!({"object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [with(SHOP, ours), with(OTHER, theirs), change]}]})
    .to_string();
    let addressed = whatsapp::addressed(&world.app, body.as_bytes()).await.unwrap().unwrap();
    assert_eq!((addressed.shops.into_iter().collect::<Vec<_>>(), addressed.topic), (vec![SHOP, OTHER], "statuses"));
    world.keep(Source::Whatsapp, "w", "statuses", &body).await;
    world.settle().await;
    assert!(world.read_at(SHOP, ours).await.is_some());
    assert_eq!(world.read_at(OTHER, theirs).await, None, "their copy is theirs to read");
    // The third status names no callback data of ours: once the number is known, the message still is not.
    world.number(SHOP, phone).await;
    replay(&world.app, &Replay { shop: Some(SHOP), ..Replay::default() }).await.unwrap();
    world.settle().await;
    let delivery = world.delivery(Source::Whatsapp, "w").await;
    assert_eq!(delivery.state, State::Done);
    let wamid_known = delivery.reason.is_none();
    assert!(wamid_known || delivery.reason.unwrap().starts_with("1 × a status of a message"));
}
