//! `demo`: the same app inside a pretend world. No account, no network, nothing left behind.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio_util::sync::CancellationToken;

use super::{logs, serve, start};
use crate::app::App;
use crate::catchup;
use crate::codes::{CODE, Discounts, RedeemCodes, State};
use crate::config::Config;
use crate::jobs::{self, Worker};
use crate::kernel::{Chance, Clock, Timestamp};
use crate::simulator::{Buyer, Settings, World};
use crate::{server, worker};

/// Open the pretend world: a shop, WhatsApp and shoppers on loopback, with history already lived and shoppers still
/// shopping.
#[derive(Debug, Args)]
pub struct Demo {
    /// Days of history.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=365))]
    days: i64,
    /// Another seed is another world; the same seed is the same one.
    #[arg(long, default_value_t = 20)]
    seed: u64,
    /// Where Recoup listens; 0 for any free port.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the pretend Shopify admin listens; 0 for any free port.
    #[arg(long, default_value_t = 9100)]
    admin_port: u16,
    /// Where the pretend shop listens; 0 for any free port.
    #[arg(long, default_value_t = 9101)]
    shop_port: u16,
    /// Another database (`sqlite://…`, `postgres://…`; it must be empty). Default: a temporary file.
    #[arg(long)]
    database: Option<String>,
    /// Live the history, print the figures, and stop.
    #[arg(long)]
    once: bool,
}

/// How much busier the shop is once somebody watches: an order every minute or two instead of every half hour.
const WATCHED_PACE: f64 = 20.0;

impl Demo {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let folder = Folder::make()?;
        let began = Clock::System.now();
        let clock = Clock::manual(began.plus_seconds(-self.days * 86_400));
        let mut settings = Settings {
            admin_port: self.admin_port,
            storefront_port: self.shop_port,
            ..Settings::new(self.seed, clock.clone())
        };
        // The pretend merchant allows what is optional too.
        settings.shop.scopes.push(catchup::REPORTS_SCOPE.to_owned());
        let world = World::start(settings).await?;
        let listener = server::bind(&format!("127.0.0.1:{}", self.port))?;
        let url = format!("http://{}", listener.local_addr()?);
        let config = config(&world, &url, self.database.clone().unwrap_or_else(|| folder.database()))?;
        logs::start(&config.log)?;
        let app = start::open(config, clock.clone(), Chance::seeded(self.seed)).await?;
        let server = server::serve(app.clone(), listener, 2)?;
        let handle = server.handle();
        let serving = tokio::spawn(server);
        world.connect(&url);
        world.install().await?;

        let worker = worker::worker(app.clone());
        let stopped = tokio::select! {
            lived = self.live_history(&world, &worker, &clock) => { lived?; false }
            () = serve::signal() => true,
        };
        if !stopped {
            leak(&world, &app).await?;
            tell(&world, &app, &url, began)?;
            if !self.once {
                live_on(&world, worker, &clock).await?;
            }
        }
        handle.stop(false).await;
        serving.await??;
        world.stop().await;
        Ok(())
    }

    async fn live_history(&self, world: &World, worker: &Worker, clock: &Clock) -> anyhow::Result<()> {
        let mut lived = 0;
        let step = |until: Timestamp| async move {
            world.live(until, async |_| jobs::settle(worker).await.map(drop).map_err(Into::into)).await
        };
        // The machine's clock goes on meanwhile: history ends at the present, not at the instant we began.
        while clock.now().plus_seconds(86_400) <= Clock::System.now() {
            step(clock.now().plus_seconds(86_400)).await?;
            lived += 1;
            progress(lived, self.days, world.book().orders.len());
        }
        step(Clock::System.now()).await?;
        progress(self.days, self.days, world.book().orders.len());
        eprintln!();
        Ok(())
    }
}

/// A list of codes gets out: somebody tries one at the checkout that nobody was ever given, and the leak radar has
/// something to say.
async fn leak(world: &World, app: &App) -> anyhow::Result<()> {
    let canaries = RedeemCodes::find().filter(CODE.state.eq(State::Canary)).order_by_desc(CODE.id).limit(50);
    for canary in canaries.all(app.db.read()).await? {
        let slot = Discounts::find_by_id((canary.shop_id, canary.discount_id)).one(app.db.read()).await?;
        if slot.is_some_and(|slot| slot.retired_at.is_none() && slot.slot_ends_at > app.clock.now().plus_seconds(3_600))
        {
            let visit = world.shopper_comes("/");
            world.types_code(&visit, &canary.code);
            visit.checks_out(&[(2, 1)], Buyer::default())?;
            break;
        }
    }
    Ok(())
}

/// Shoppers go on shopping in real time until somebody says stop.
async fn live_on(world: &World, worker: Worker, clock: &Clock) -> anyhow::Result<()> {
    world.set_pace(WATCHED_PACE);
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker.clone().work(stop.clone()));
    let living = async {
        loop {
            world.live(Clock::System.now(), async |_| Ok(())).await?;
            clock.advance_to(Clock::System.now());
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    };
    let ended: anyhow::Result<()> = tokio::select! {
        failed = living => failed,
        () = serve::signal() => Ok(()),
    };
    stop.cancel();
    working.await?;
    ended
}

/// The configuration a merchant's operator would write, pointing at the pretend world.
pub(super) fn config(world: &World, url: &str, database: String) -> anyhow::Result<Config> {
    let settings = Settings::new(0, Clock::System);
    let pairs = [
        ("RECOUP_BIND", url.trim_start_matches("http://").to_owned()),
        ("RECOUP_PUBLIC_URL", url.to_owned()),
        ("RECOUP_DATABASE_URL", database),
        ("RECOUP_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned()),
        ("RECOUP_SHOPIFY_ORIGIN", format!("{}/{{shop}}", world.admin_origin())),
        ("RECOUP_APP_BRIDGE_URL", world.app_bridge_url()),
        ("RECOUP_DNS", world.name_server()),
        ("RECOUP_POLARIS_URL", "none".to_owned()),
        ("RECOUP_LOG", "warn".to_owned()),
        ("SHOPIFY_API_KEY", settings.client_id),
        ("SHOPIFY_API_SECRET", settings.client_secret),
        ("WHATSAPP_APP_SECRET", settings.whatsapp_app_secret),
    ];
    Config::read(&|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()))
}

fn progress(day: i64, days: i64, orders: usize) {
    let mut out = std::io::stderr();
    let line = format!("  living history: day {day} of {days}, {orders} orders so far");
    // On a terminal the line is drawn over; in a file every tenth day is enough.
    if out.is_terminal() {
        drop(write!(out, "\r{line}   "));
    } else if day % 10 == 0 || day == days {
        drop(writeln!(out, "{line}"));
    }
    drop(out.flush());
}

fn tell(world: &World, app: &App, url: &str, began: Timestamp) -> anyhow::Result<()> {
    let book = world.book();
    let all = book.everything();
    let took = Clock::System.now().seconds_since(began);
    let key = world.api_key().context("the pretend platform has no API key")?;
    println!(
        "\n  {} orders and {} recipients were lived in {took} s. Shoppers go on shopping; Ctrl-C ends the world.\n\n\
         \x20 Look at          {url}/\n\
         \x20 inside an admin  {}\n\
         \x20 the pretend shop {}\n\
         \x20 an API key       {key}\n\
         \x20 the API          {url}/openapi.json\n\n\
         \x20 Open the page, choose an order that goes back to a message, and ask it why.\n\
         \x20 Net sales and pending by the shop's own book, all days: {} {}\n",
        book.orders.len(),
        book.recipients.len(),
        world.admin_page_url(),
        world.storefront_origin(),
        crate::kernel::Money::new(all.net + all.pending, world.currency()).decimal(),
        world.currency(),
    );
    tracing::debug!(public_url = %app.config.server.public_url, "the pretend world is open");
    Ok(())
}

/// A temporary folder that goes with the process.
struct Folder(PathBuf);

impl Folder {
    fn make() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("recoup-demo-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    fn database(&self) -> String {
        format!("sqlite://{}", self.0.join("demo.db").display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
