//! The contenders: children on loopback, killed when the measuring ends.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait};

use super::webhooks::{DOMAIN, SECRET};
use crate::app::App;
use crate::cli::start;
use crate::config::Config;
use crate::db::Db;
use crate::kernel::id::ShopId;
use crate::kernel::{Chance, Clock};
use crate::links::Clicks;
use crate::shops::{Shop, Shops};
use crate::webhooks::Deliveries;

/// A running contender.
pub struct Server {
    /// What it is called in the table.
    pub name: &'static str,
    /// Where it listens.
    pub port: u16,
    child: Child,
    /// Recoup's database: what was answered 200 must be in it.
    database: Option<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    /// A handler that only checks the signature.
    pub async fn bare() -> anyhow::Result<Self> {
        let port = free_port()?;
        let own = std::env::current_exe()?;
        let own = own.to_str().context("the program's path is not text")?;
        let child = on_core(own, &["bench", "bare", &port.to_string()], BTreeMap::new())?;
        Self { name: "bare actix handler", port, child, database: None }.ready().await
    }

    /// `serve` on a fresh database with one shop.
    pub async fn recoup(name: &'static str, database: String, works: bool) -> anyhow::Result<Self> {
        Self::recoup_with(name, database, works, async |_, _| Ok(())).await
    }

    /// [`Server::recoup`], the database filled by the caller beforehand.
    pub async fn recoup_with(
        name: &'static str,
        database: String,
        works: bool,
        fill: impl AsyncFnOnce(&App, &Shop) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let port = free_port()?;
        let settings = BTreeMap::from([
            ("RECOUP_DATABASE_URL", database.clone()),
            ("RECOUP_KEY", BASE64.encode([7; 32])),
            ("RECOUP_BIND", format!("127.0.0.1:{port}")),
            ("RECOUP_LOG", "warn".to_owned()),
            ("RECOUP_SPOOL", std::env::temp_dir().join(format!("recoup-bench-spool-{port}")).display().to_string()),
            ("SHOPIFY_API_KEY", "client".to_owned()),
            ("SHOPIFY_API_SECRET", SECRET.to_owned()),
        ]);
        let config = Config::read(&|name| settings.get(name).cloned())?;
        let app = start::open(config, Clock::System, Chance::from_os()).await?;
        let shop = Shop {
            shop_id: ShopId(4_711),
            domain: DOMAIN.into(),
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
        fill(&app, &shop).await?;
        app.db.clone().close().await?;
        let own = std::env::current_exe()?;
        let own = own.to_str().context("the program's path is not text")?;
        let part: &[&str] = if works { &["serve"] } else { &["serve", "--no-worker"] };
        let child = on_core(own, part, settings)?;
        Self { name, port, child, database: Some(database) }.ready().await
    }

    /// Shopify's official library, storing before it answers.
    pub async fn node(name: &'static str, script: &Path, database: &str) -> anyhow::Result<Self> {
        let port = free_port()?;
        let script = script.to_str().context("the script's path is not text")?;
        let child = on_core("node", &[script, &port.to_string(), database, SECRET], BTreeMap::new())?;
        Self { name, port, child, database: None }.ready().await
    }

    async fn ready(self) -> anyhow::Result<Self> {
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return Ok(self);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("{} does not listen", self.name)
    }

    /// The most memory it held (`VmHWM`), in MB.
    pub fn peak_megabytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
        kilobytes.unwrap_or(0) / 1_024
    }

    /// Ends it by `kill -9`, and says how many deliveries and clicks its database holds.
    pub async fn account(mut self) -> anyhow::Result<Option<(u64, u64)>> {
        drop(self.child.kill());
        drop(self.child.wait());
        let Some(database) = self.database.take() else { return Ok(None) };
        let db = Db::connect(&database).await?;
        let kept = (Deliveries::find().count(db.read()).await?, Clicks::find().count(db.read()).await?);
        db.close().await?;
        Ok(Some(kept))
    }
}

/// A fresh database on a server.
pub async fn database(server: &str, name: &str) -> anyhow::Result<String> {
    let (before, after) = server.split_once("/postgres?").unwrap_or((server.trim_end_matches("/postgres"), ""));
    let admin = Db::connect(server).await?;
    admin.write().execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}")).await?;
    admin.write().execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    admin.close().await?;
    Ok(if after.is_empty() { format!("{before}/{name}") } else { format!("{before}/{name}?{after}") })
}

/// Keeps this process to core 1, all its threads. `false`: nothing can be pinned here.
pub fn pin_sender() -> bool {
    let own = std::process::id().to_string();
    let two = std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
    let pinned = Command::new("taskset").args(["-apc", "1", &own]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    two && pinned.is_ok_and(|status| status.success())
}

fn on_core(program: &str, arguments: &[&str], settings: BTreeMap<&str, String>) -> anyhow::Result<Child> {
    let taskset = Command::new("taskset").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let mut command = if taskset.is_ok_and(|status| status.success()) {
        let mut command = Command::new("taskset");
        command.args(["-c", "0", program]);
        command
    } else {
        Command::new(program)
    };
    command.args(arguments).envs(settings).stdin(Stdio::null()).stdout(Stdio::null());
    command.spawn().with_context(|| format!("cannot start {program}"))
}

fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
