//! The real program as a process of its own, inside a pretend world that goes by the machine's clock.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use recoup::cli::start;
use recoup::db::Db;
use recoup::kernel::{Chance, Clock};
use recoup::simulator::{Settings, World};
use sea_orm::{ConnectionTrait, Statement};

use crate::install::reqwest_client;
use crate::story::{self, Engine};

/// A world and a database; processes come and go.
pub struct Ground {
    pub world: World,
    pub db: Db,
    database: String,
    _folder: tempfile::TempDir,
}

/// One process.
pub struct Node {
    pub url: String,
    child: Child,
}

impl Ground {
    pub async fn prepare() -> Self {
        let world = World::start(Settings::new(20, Clock::System)).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let database = story::database(Engine::Asked, &folder).await;
        // Migrates.
        let config = story::config_of(&story::pairs(&world, "http://127.0.0.1:9", &database));
        let app = start::open(config, Clock::System, Chance::from_os()).await.unwrap();
        let db = app.db.clone();
        Self { world, db, database, _folder: folder }
    }

    /// Starts `recoup` with these arguments and waits until it answers, if it is one that does.
    pub async fn node(&self, arguments: &[&str]) -> Node {
        self.node_with(arguments, &[]).await
    }

    /// The same, told something besides.
    pub async fn node_with(&self, arguments: &[&str], besides: &[(&str, &str)]) -> Node {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}");
        let mut command = Command::new(env!("CARGO_BIN_EXE_recoup"));
        command.args(arguments).env_clear().envs(story::pairs(&self.world, &url, &self.database));
        command.envs(besides.iter().copied());
        command.env("RECOUP_BIND", format!("127.0.0.1:{port}")).env("RECOUP_LOG", "off");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap();
        let node = Node { url, child };
        if arguments.contains(&"serve") {
            let began = Instant::now();
            let ready = format!("{}/readyz", node.url);
            while !reqwest_client().get(&ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
                assert!(began.elapsed() < Duration::from_secs(60), "the program does not serve");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        node
    }

    /// Leases of a killed process run out after a minute; here the minute passes at once.
    pub async fn leases_run_out(&self) {
        let sql = "UPDATE jobs SET lease_until = 0 WHERE state = 'running'";
        self.db.write().execute_unprepared(sql).await.unwrap();
    }

    pub async fn number(&self, sql: &str) -> i64 {
        number(&self.db, sql).await
    }
}

/// The one number a statement answers.
pub async fn number(db: &Db, sql: &str) -> i64 {
    let statement = Statement::from_string(db.read().get_database_backend(), sql);
    db.read().query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

impl Node {
    /// The most memory it ever had, in megabytes, where the system tells.
    pub fn peak_mb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1_024
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
