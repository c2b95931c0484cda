//! What keeping the counts adds to writing: statuses are recorded, and then what counting them appended is appended once
//! more, by itself. Adding it to the cells is measured apart, as it is done beside the writers.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement};

use crate::app::App;
use crate::cli::bench::race::wanted;
use crate::db::counts::{self, CODES};
use crate::kernel::Stream;
use crate::messages::{self, Known, MESSAGE, Message, Messages, Reported, Status};
use crate::reports as rooms;
use crate::shops::{Shop, Shops};

/// Messages whose statuses come in, and statuses in one transaction.
const MESSAGES: u64 = 3_000;
const AT_ONCE: usize = 50;

/// Measures it.
pub async fn measure(app: &App, shop: &Shop, engine: &str, all: u64) -> anyhow::Result<()> {
    let unread = Messages::of(shop.shop_id).filter(MESSAGE.delivered_at.is_null()).limit(MESSAGES.min(all));
    let unread: Vec<Message> = unread.all(app.db.read()).await?;
    let now = app.clock.now();
    let reports: Vec<Reported> = [Status::Sent, Status::Delivered, Status::Read]
        .into_iter()
        .flat_map(|status| unread.iter().map(move |message| (status, message)))
        .map(|(status, message)| Reported {
            message: Known::Id(message.id),
            wamid: None,
            status,
            at: message.issued_at.plus_seconds(1),
            error_code: None,
            cost: None,
            country: None,
            pricing: Default::default(),
        })
        .collect();
    let (mut whole, mut counting, mut folding) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for some in reports.chunks(AT_ONCE) {
        let began = Instant::now();
        let txn = app.db.begin_write().await?;
        for report in some {
            messages::record(&txn, app, shop.shop_id, report, now).await?;
        }
        txn.commit().await?;
        whole += began.elapsed();
        let (appended, doubted) = (appended(app).await?, counts::doubted(app.db.read(), shop.shop_id, CODES).await?);
        let txn = app.db.begin_write().await?;
        let began = Instant::now();
        for changes in appended {
            // What a price by rate asks for as well.
            Shops::find_by_id(shop.shop_id).one(&txn).await?;
            let id = app.chance.uuid_of(Stream::Jitter, now);
            let values = [shop.shop_id.0.into(), id.into(), changes.into()];
            let sql = "INSERT INTO count_changes (shop_id, id, changes) VALUES ($1, $2, $3)";
            txn.execute_raw(Statement::from_sql_and_values(txn.get_database_backend(), sql, values)).await?;
        }
        // One statement for each message that arrived.
        for key in doubted.into_values().flatten() {
            counts::doubt(&txn, shop.shop_id, CODES, vec![key]).await?;
        }
        counting += began.elapsed();
        txn.rollback().await?;
        let began = Instant::now();
        rooms::count_doubted(app).await?;
        counts::fold(&app.db, shop.shop_id).await?;
        folding += began.elapsed();
    }
    let each = |took: Duration| took.as_secs_f64() * 1e6 / reports.len().max(1) as f64;
    println!(
        "\n{engine}: a status is written in {:.0} µs; of these {:.1} µs append what it changed of the counts; beside it, adding \
         that to the cells takes {:.1} µs",
        each(whole),
        each(counting),
        each(folding)
    );
    let share = counting.as_secs_f64() / (whole.saturating_sub(counting)).as_secs_f64();
    wanted(engine, "counting makes writing at most 15 % dearer", format!("{:.1} %", share * 100.0), share <= 0.15);
    Ok(())
}

/// What was appended and nobody has added yet.
async fn appended(app: &App) -> anyhow::Result<Vec<String>> {
    let db = app.db.read();
    let all = Statement::from_string(db.get_database_backend(), "SELECT changes FROM count_changes");
    Ok(db.query_all_raw(all).await?.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}
