//! `bench verdicts`: from a stored delivery to a committed verdict, in a small shop and in a large one, and the deriving of
//! every verdict again. What counts is that an order costs the same however long the history.
//!
//! No HTTP and no second process: orders are kept as webhooks are, and the program's own worker is run until nothing is due.

use std::time::Instant;

use clap::Args;
use sea_orm::{ConnectionTrait, IntoActiveModel};
use serde_json::{Value, json};
use uuid::Uuid;

use super::race::{Folder, wanted};
use super::server;
use crate::app::App;
use crate::attribution;
use crate::campaigns::CampaignId;
use crate::cli::start;
use crate::codes::RedeemCode;
use crate::config::Config;
use crate::db::{INSERT_ROWS, insert_once};
use crate::jobs;
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Chance, Clock, Timestamp};
use crate::links::{Click, ClickId};
use crate::messages::Message;
use crate::people::{Recipient, RecipientId};
use crate::shops::{Shop, Shops};
use crate::webhooks::{self, Delivery, Source};
use crate::worker::worker;

/// Measure how long an order takes from its stored webhook to its verdict.
#[derive(Debug, Args)]
pub struct Verdicts {
    /// Messages in the shop; measured one after the other, and held against the first.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 1_000_000])]
    messages: Vec<u32>,
    /// Orders that come in; no more than the fewest messages, and no two are of one message.
    #[arg(long, default_value_t = 10_000)]
    orders: u32,
    /// Orders whose verdicts are derived again: those, and as many more as make this.
    #[arg(long, default_value_t = 100_000)]
    rebuild: u32,
    /// A PostgreSQL server to measure too: `postgres://…/postgres`.
    #[arg(long)]
    postgres: Option<String>,
}

/// The beginning of the pretend history.
pub(super) const BEGINNING: i64 = 1_793_000_000;

/// Of five messages one is tapped, of ten orders three use a code and two carry a click id.
const TAPPED: u32 = 5;

impl Verdicts {
    pub(super) async fn run(&self) -> anyhow::Result<()> {
        let folder = Folder::make()?;
        self.engine("SQLite", async |place| Ok(folder.sqlite(&format!("verdicts-{place}.db")))).await?;
        if let Some(postgres) = &self.postgres {
            self.engine("PostgreSQL", async |place| server::database(postgres, &format!("verdicts_{place}")).await)
                .await?;
        }
        Ok(())
    }

    async fn engine(
        &self,
        engine: &str,
        database: impl AsyncFn(usize) -> anyhow::Result<String>,
    ) -> anyhow::Result<()> {
        let mut first = None;
        for (place, messages) in self.messages.iter().enumerate() {
            let clock = Clock::manual(Timestamp::from_seconds(BEGINNING));
            let app = open(&database(place).await?, clock.clone()).await?;
            let shop = shop(&app).await?;
            fill(&app, &shop, *messages).await?;
            clock.advance_to(Timestamp::from_seconds(BEGINNING + 30 * 86_400));
            let seconds = self.orders_come_in(&app, &shop, *messages).await?;
            let rate = f64::from(self.orders) / seconds;
            println!(
                "{engine}, {messages} messages: {rate:.0} orders a second from stored delivery to committed verdict"
            );
            let cost = seconds / f64::from(self.orders);
            let first = *first.get_or_insert(cost);
            wanted(engine, "at least 2000 orders a second", format!("{rate:.0}"), rate >= 2_000.0);
            wanted(engine, "at most 1.3 × the cost of the first", format!("{:.2}", cost / first), cost / first <= 1.3);
            if place == 0 {
                self.again(&app, &shop, engine, *messages).await?;
            }
            app.db.clone().close().await?;
        }
        Ok(())
    }

    /// Orders are kept, and the worker is run until nothing is due. Only the second is measured.
    async fn orders_come_in(&self, app: &App, shop: &Shop, messages: u32) -> anyhow::Result<f64> {
        keep(app, shop, messages, 0..self.orders).await?;
        let (worker, began) = (worker(app.clone()), Instant::now());
        jobs::settle(&worker).await?;
        Ok(began.elapsed().as_secs_f64())
    }

    async fn again(&self, app: &App, shop: &Shop, engine: &str, messages: u32) -> anyhow::Result<()> {
        keep(app, shop, messages, self.orders..self.rebuild.max(self.orders)).await?;
        jobs::settle(&worker(app.clone())).await?;
        let began = Instant::now();
        let rebuilt = attribution::rebuild(app, shop).await?;
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let rate = rebuilt.orders as f64 / began.elapsed().as_secs_f64();
        println!("{engine}: a rebuild of {} orders, {rate:.0} a second, {} different", rebuilt.orders, rebuilt.changed);
        wanted(engine, "a rebuild of at least 5000 orders a second", format!("{rate:.0}"), rate >= 5_000.0);
        wanted(engine, "a rebuild changes nothing", rebuilt.changed.to_string(), rebuilt.changed == 0);
        Ok(())
    }
}

pub(super) async fn open(database: &str, clock: Clock) -> anyhow::Result<App> {
    let settings = |name: &str| match name {
        "RECOUP_DATABASE_URL" => Some(database.to_owned()),
        "RECOUP_KEY" => Some(base64::Engine::encode(&base64::prelude::BASE64_STANDARD, [7; 32])),
        _ => None,
    };
    start::open(Config::read(&settings)?, clock, Chance::seeded(1)).await
}

pub(super) async fn shop(app: &App) -> anyhow::Result<Shop> {
    use sea_orm::EntityTrait;
    let shop = Shop {
        shop_id: ShopId(4_711),
        domain: super::webhooks::DOMAIN.into(),
        name: "Bench".into(),
        currency: "EUR".into(),
        time_zone: "Europe/Vienna".into(),
        country: None,
        storefront_url: "https://bench.example".into(),
        scopes: String::new(),
        installed_at: app.clock.now(),
        uninstalled_at: None,
        link_domain: None,
        link_domain_rests_at: None,
        default_holdout_ppm: 0,
        margin_ppm: None,
    };
    Shops::insert(shop.clone().into_active_model()).exec_without_returning(app.db.write()).await?;
    Ok(shop)
}

pub(super) fn id(kind: u128, number: u32) -> Uuid {
    Uuid::from_u128((kind << 64) + u128::from(number))
}

fn phone(number: u32) -> String {
    format!("+43660{number:07}")
}

fn code(number: u32) -> String {
    format!("BENCH{number:08}")
}

/// A tap's id begins with its millisecond, as all do.
fn click(number: u32) -> ClickId {
    ClickId::new(&Chance::seeded(u64::from(number)), issued(number).plus_seconds(3_600))
}

/// A message an hour, again and again over thirty days.
pub(super) fn issued(number: u32) -> Timestamp {
    Timestamp::from_seconds(BEGINNING + i64::from(number % 600) * 3_600)
}

/// Fills a shop with messages, each with its recipient and its code, some of them tapped.
pub(super) async fn fill(app: &App, shop: &Shop, messages: u32) -> anyhow::Result<()> {
    let (shop, step) = (shop.shop_id, u32::try_from(INSERT_ROWS * 20)?);
    for first in (0..messages).step_by(step as usize) {
        let numbers = first..messages.min(first + step);
        let txn = app.db.begin_write().await?;
        let person = |number: u32| Recipient {
            shop_id: shop,
            id: RecipientId(id(1, number)),
            phone_hash: Some(app.vault.lookup(shop, "phone", &phone(number))),
            whatsapp_hash: None,
            email_hash: None,
            shopify_customer_id: None,
            data_key_sealed: None,
            contact_sealed: None,
            created_at: issued(number),
            forgotten_at: None,
        };
        insert_once(&txn, numbers.clone().map(person).map(IntoActiveModel::into_active_model)).await?;
        let campaign = CampaignId(id(4, 1));
        let end = |number| Some(issued(number).plus_seconds(2 * 86_400));
        let code = |n: u32| RedeemCode::handed_out((shop, campaign), id(3, n), &code(n), issued(n), end(n));
        insert_once(&txn, numbers.clone().map(code).map(IntoActiveModel::into_active_model)).await?;
        let message = |number: u32| Message {
            redeem_code_id: Some(crate::codes::RedeemCodeId(id(3, number))),
            sent_at: Some(issued(number).plus_seconds(1)),
            delivered_at: Some(issued(number).plus_seconds(3)),
            ..Message::made(
                (shop, MessageId(id(2, number))),
                campaign,
                RecipientId(id(1, number)),
                format!("bench{number}"),
                issued(number),
            )
        };
        insert_once(&txn, numbers.clone().map(message).map(IntoActiveModel::into_active_model)).await?;
        let tapped = numbers.filter(|number| number % TAPPED == 0).map(|number| Click {
            shop_id: shop,
            at: issued(number).plus_seconds(3_600),
            id: click(number),
            slug: format!("bench{number}"),
            human: true,
            reason: String::new(),
            signs: 0,
            device: 1,
            agent: None,
            meta_click: None,
        });
        insert_once(&txn, tapped.map(IntoActiveModel::into_active_model)).await?;
        txn.commit().await?;
    }
    if !app.db.is_sqlite() {
        // As it is a few seconds later where a worker runs.
        app.db.write().execute_unprepared("ANALYZE recipients, messages, redeem_codes, clicks").await?;
    }
    Ok(())
}

/// Keeps orders as webhooks that wait to be translated.
pub(super) async fn keep(app: &App, shop: &Shop, messages: u32, numbers: std::ops::Range<u32>) -> anyhow::Result<()> {
    let now = app.clock.now();
    let numbers: Vec<u32> = numbers.collect();
    for chunk in numbers.chunks(INSERT_ROWS) {
        let delivery = |number: &u32| {
            // Spread over all messages, whichever they are.
            let of = (u64::from(*number) * 7_919 % u64::from(messages)) as u32;
            let body = order(*number, of).to_string();
            let id = format!("bench-{number}");
            Delivery {
                topic: "orders/create".to_owned(),
                shop_domain: shop.domain.clone(),
                api_version: Some("2026-10".to_owned()),
                triggered_at: Some(now),
                // No two come in at one instant.
                received_at: Timestamp::from_micros(now.micros() + i64::from(*number)),
                ..Delivery::new(&app.vault, shop.shop_id, Source::Shopify, id, body.as_bytes(), now)
            }
        };
        webhooks::keep(app, &chunk.iter().map(delivery).collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// An order of the recipient of a message, five hours after it: with its code, with its click id, or with neither.
fn order(number: u32, of: u32) -> Value {
    let at = issued(of).plus_seconds(5 * 3_600).to_string();
    let amount = |text: &str| json!({"shop_money": {"amount": text, "currency_code": "EUR"}});
    let mut order = json!({
        "id": 5_000_000_000_i64 + i64::from(number), "name": format!("#{number}"), "currency": "EUR",
        "presentment_currency": "EUR", "financial_status": "paid", "source_name": "web",
        "created_at": at, "processed_at": at, "updated_at": at, "phone": phone(of), "email": Value::Null,
        "checkout_token": format!("checkout{number}"), "cart_token": format!("cart{number}"),
        "landing_site": "/collections/sale?utm_source=whatsapp&utm_medium=message",
        "line_items": [{"id": 1, "quantity": 2, "price": "19.90", "price_set": amount("19.90"), "gift_card": false}],
        "total_price": "39.80", "total_price_set": amount("39.80"), "total_tax": "0.00", "total_tax_set": amount("0.00"),
        "note_attributes": [], "discount_applications": [], "discount_codes": [], "refunds": [],
    });
    match number % 10 {
        0..3 => {
            order["discount_applications"] = json!([{"type": "discount_code", "code": code(of), "value": "0.0",
                "value_type": "fixed_amount", "allocation_method": "across", "target_selection": "all", "target_type": "line_item"}]);
            order["discount_codes"] = json!([{"code": code(of), "amount": "0.00", "type": "fixed_amount"}]);
        }
        3..5 => {
            let tapped = of - of % TAPPED;
            order["note_attributes"] =
                json!([{"name": crate::links::CLICK_ATTRIBUTE, "value": click(tapped).public()}]);
        }
        _ => {}
    }
    order
}
