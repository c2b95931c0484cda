//! What every chapter begins with: an app on a fresh database inside a fresh pretend world.

use std::path::PathBuf;

use recoup::abandoned::Watch;
use recoup::app::App;
use recoup::attribution::Radar;
use recoup::catchup::{Backfill, CatchUp, Journeys, ReadDays};
use recoup::cli::start;
use recoup::codes::Expire;
use recoup::config::Config;
use recoup::db::{Db, counts};
use recoup::files::Daily;
use recoup::jobs::{self, Job, Worker};
use recoup::kernel::{Chance, Clock, Timestamp};
use recoup::lift::MeasureDrawn;
use recoup::links::Look;
use recoup::links::classify::Classify;
use recoup::pixel::SwitchOn;
use recoup::privacy::AgeOut;
use recoup::shops::KeepAlive;
use recoup::simulator::{Settings, World};
use recoup::webhooks::{DELIVERY, Deliveries, DeliveryState};
use recoup::{reports, server, worker};
use sea_orm::{ColumnTrait, ConnectionTrait, Database, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// Work that comes back by itself.
const STANDING: [&str; 14] = [
    // Every draw promises it; a story may end with one.
    MeasureDrawn::NAME,
    CatchUp::NAME,
    Backfill::NAME,
    Journeys::NAME,
    ReadDays::NAME,
    KeepAlive::NAME,
    AgeOut::NAME,
    Expire::NAME,
    Radar::NAME,
    Look::NAME,
    SwitchOn::NAME,
    Classify::NAME,
    Watch::NAME,
    Daily::NAME,
];

/// When every story begins.
pub const BEGINNING: &str = "2026-08-24T00:00:00Z";

/// An app and its world.
pub struct Story {
    pub app: App,
    pub world: World,
    pub clock: Clock,
    pub url: String,
    worker: Worker,
    server: actix_web::dev::ServerHandle,
    _folder: tempfile::TempDir,
}

/// Where a story's database lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// The one `TEST_DATABASE_URL` asks for.
    Asked,
    /// SQLite, whatever was asked for.
    Sqlite,
}

impl Story {
    /// A shop that installed the app, and nothing else yet.
    pub async fn begin() -> Self {
        let story = Self::before_install(Engine::Asked, |_| {}).await;
        // Ten past the hour: well inside an expiry slot.
        story.clock.advance_to(story.clock.now().plus_seconds(600));
        story.world.install().await.expect("the pretend merchant installs the app");
        // Standing work begins.
        story.settle().await;
        story
    }

    /// [`Story::begin`] on a database of the caller's own.
    pub async fn on(database: &str) -> Self {
        let story = Self::open(folder(), database.to_owned(), |_| {}).await;
        story.clock.advance_to(story.clock.now().plus_seconds(600));
        story.world.install().await.expect("the pretend merchant installs the app");
        story.settle().await;
        story
    }

    /// The world is there, nobody has installed anything.
    pub async fn before_install(engine: Engine, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = folder();
        let database = database(engine, &folder).await;
        Self::open(folder, database, change).await
    }

    /// A world that was lived in for some days since the install, with everything delivered.
    pub async fn lived(days: i64, change: impl FnOnce(&mut Settings)) -> Self {
        let story = Self::before_install(Engine::Asked, change).await;
        story.world.install().await.expect("the pretend merchant installs the app");
        story.live(Timestamp::parse(BEGINNING).unwrap().plus_seconds(days * 86_400)).await;
        story.arrive().await;
        story
    }

    async fn open(folder: tempfile::TempDir, database: String, change: impl FnOnce(&mut Settings)) -> Self {
        let clock = Clock::manual(Timestamp::parse(BEGINNING).unwrap());
        let mut settings = Settings::new(20, clock.clone());
        change(&mut settings);
        let seed = settings.seed;
        let world = World::start(settings).await.expect("the pretend world starts");
        let listener = server::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = start::open(config(&world, &url, &database), clock.clone(), Chance::seeded(seed)).await.unwrap();
        let running = server::serve(app.clone(), listener, 1).unwrap();
        let handle = running.handle();
        tokio::spawn(running);
        world.connect(&url);
        let worker = worker::worker(app.clone());
        Self { app, world, clock, url, worker, server: handle, _folder: folder }
    }

    /// Runs jobs until none is due.
    pub async fn settle(&self) {
        jobs::settle(&self.worker).await.expect("jobs run");
        reports::count_doubted(&self.app).await.expect("what is doubted is counted");
        counts::fold_all(&self.app.db).await.expect("counts are added");
    }

    /// Moves time and runs what became due.
    pub async fn pass(&self, seconds: i64) {
        self.clock.advance_to(self.clock.now().plus_seconds(seconds));
        self.settle().await;
    }

    /// Delivers what is on its way and runs what follows.
    pub async fn arrive(&self) {
        self.world.delivers_everything().await;
        self.settle().await;
    }

    /// Lives until an instant.
    pub async fn live(&self, until: Timestamp) {
        let worker = &self.worker;
        let settle = async |_| jobs::settle(worker).await.map(drop).map_err(anyhow::Error::from);
        self.world.live(until, settle).await.expect("the world lives");
    }

    /// A campaign with 15 % off, codes in the pool.
    pub async fn campaign(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut body = json!({
            "name": "Winback", "kind": "flow", "offer": {"type": "percentage", "percentage": "15"},
            "expiry": {"after_seconds": 172_800}, "link": {"destination": "/collections/sale"},
        });
        change(&mut body);
        let made = self.world.platform_post("/api/campaigns", &body).await.unwrap();
        assert_eq!(made.status, 201, "{}", made.text);
        self.settle().await;
        // Imports take a moment of the world's time.
        for _ in 0..5 {
            self.pass(4).await;
        }
        made.json["id"].as_str().unwrap().to_owned()
    }

    /// Draws recipients; answers the call's body.
    pub async fn draw(&self, campaign: &str, recipients: Value) -> Value {
        let path = format!("/api/campaigns/{campaign}/messages");
        let drawn = self.world.platform_post(&path, &json!({ "recipients": recipients })).await.unwrap();
        assert_eq!(drawn.status, 200, "{}", drawn.text);
        drawn.json
    }

    /// A report as the merchant sees it.
    pub async fn report(&self, path: &str) -> Value {
        let answer = self.world.merchant_get(path).await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json
    }

    /// How many rows a table has.
    pub async fn count<E: EntityTrait>(&self) -> u64
    where
        E::Model: Send + Sync,
    {
        E::find().select_only_count(&self.app).await
    }

    /// Ends the story. Promised work that still waits fails it; standing work is always due some time.
    pub async fn end(self) {
        let due = jobs::Entity::find()
            .filter(jobs::COLUMN.state.eq(jobs::State::Ready))
            .filter(jobs::COLUMN.run_at.lte(self.clock.now()))
            .filter(jobs::COLUMN.kind.is_not_in(STANDING))
            .all(self.app.db.read());
        let due: Vec<String> = due.await.expect("jobs are read").into_iter().map(|job| job.kind).collect();
        assert_eq!(due, Vec::<String>::new(), "jobs were still due at the end of the story");
        let dead = jobs::dead(self.app.db.read()).await.expect("jobs are read");
        let dead: Vec<_> = dead.into_iter().map(|job| (job.kind, job.last_error)).collect();
        assert_eq!(dead, Vec::new(), "jobs were set aside, and the story did not say so");
        let aside = Deliveries::find().filter(DELIVERY.state.eq(DeliveryState::Dead)).all(self.app.db.read()).await;
        let aside: Vec<_> =
            aside.expect("deliveries are read").into_iter().map(|one| (one.topic, one.reason)).collect();
        assert_eq!(aside, Vec::new(), "deliveries were set aside, and the story did not say so");
        self.close().await;
    }

    /// Ends a story in which something was set aside, as it meant to.
    pub async fn close(self) {
        self.server.stop(false).await;
        self.world.stop().await;
    }
}

trait Counted {
    async fn select_only_count(self, app: &App) -> u64;
}

impl<E: EntityTrait> Counted for sea_orm::Select<E>
where
    E::Model: Send + Sync,
{
    async fn select_only_count(self, app: &App) -> u64 {
        self.count(app.db.read()).await.unwrap()
    }
}

fn config(world: &World, url: &str, database: &str) -> Config {
    config_of(&pairs(world, url, database))
}

/// The environment of an app inside a world.
pub fn pairs(world: &World, url: &str, database: &str) -> Vec<(&'static str, String)> {
    let settings = Settings::new(0, Clock::System);
    vec![
        ("RECOUP_PUBLIC_URL", url.to_owned()),
        ("RECOUP_DATABASE_URL", database.to_owned()),
        ("RECOUP_SPOOL", spool()),
        ("RECOUP_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned()),
        ("RECOUP_SHOPIFY_ORIGIN", format!("{}/{{shop}}", world.admin_origin())),
        ("RECOUP_APP_BRIDGE_URL", world.app_bridge_url()),
        ("RECOUP_DNS", world.name_server()),
        ("RECOUP_POLARIS_URL", "none".to_owned()),
        ("SHOPIFY_API_KEY", settings.client_id),
        ("SHOPIFY_API_SECRET", settings.client_secret),
        ("WHATSAPP_APP_SECRET", settings.whatsapp_app_secret),
        ("WHATSAPP_VERIFY_TOKEN", "pretend-verify-token".to_owned()),
    ]
}

/// Where taps wait: no story leaves anything in the folder it is run from.
fn spool() -> String {
    std::env::temp_dir().join("recoup-stories.spool").display().to_string()
}

/// The configuration read from such an environment.
pub fn config_of(pairs: &[(&'static str, String)]) -> Config {
    Config::read(&|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone())).unwrap()
}

/// A folder that goes with the story: in memory where the machine has such a place, because no story is about disks and
/// syncing them is most of what it would wait for.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// A fresh database of today's schema: a file in the story's folder, or a new database on the asked-for server. It is a
/// copy of one that this process migrated once: living through the history of the schema costs more than most stories.
pub async fn database(engine: Engine, folder: &tempfile::TempDir) -> String {
    static FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    if let Some(server) = server(engine) {
        let template = TEMPLATE.get_or_init(async || {
            let (name, url) = create(&server, "").await;
            migrate(&url).await;
            name
        });
        let (_, url) = create(&server, &format!("TEMPLATE {}", template.await)).await;
        return url;
    }
    let file = FILE.get_or_init(async || {
        let folder = self::folder();
        migrate(&sqlite_url(&folder)).await;
        std::fs::read(sqlite_file(&folder)).unwrap()
    });
    std::fs::write(sqlite_file(folder), file.await).unwrap();
    sqlite_url(folder)
}

/// The same with nothing in it.
pub async fn empty_database(engine: Engine, folder: &tempfile::TempDir) -> String {
    match server(engine) {
        Some(server) => create(&server, "").await.1,
        None => sqlite_url(folder),
    }
}

/// The server that tests were asked to run on.
fn server(engine: Engine) -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|_| engine == Engine::Asked)
}

/// Creates a database on a server; answers its name and its address.
async fn create(server: &str, template: &str) -> (String, String) {
    let name = format!("story_{}", Chance::from_os().uuid(Timestamp::default()).simple());
    let admin = Database::connect(server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name} {template}")).await.unwrap();
    admin.close().await.unwrap();
    let (before, after) =
        server.split_once("/postgres").expect("TEST_DATABASE_URL ends in /postgres, perhaps with ?host=");
    let url = format!("{before}/{name}{after}");
    (name, url)
}

async fn migrate(url: &str) {
    let db = Db::connect(url).await.unwrap();
    start::migrate(&db).await.unwrap();
    db.close().await.unwrap();
}

fn sqlite_url(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}", sqlite_file(folder).display())
}

fn sqlite_file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("story.db")
}
