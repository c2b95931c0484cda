//! Configuration: one small struct per concern, read from the environment (and `.env`, over which the environment wins) here
//! and nowhere else.
//!
//! Every field's doc names its variable, its default, and what leaving it out means; `.env.example` is the same list.

mod file;
mod keys;
mod metrics;
mod networks;
mod server;
mod shopify;
mod whatsapp;

use std::path::{Path, PathBuf};

use anyhow::Context;

pub use self::keys::Keys;
pub use self::metrics::Metrics;
pub use self::networks::Networks;
pub use self::server::{Log, LogFormat, Server};
pub use self::shopify::{Shopify, ShopifyApp};
pub use self::whatsapp::WhatsApp;

/// Everything the program was told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where we listen and what we are called.
    pub server: Server,
    /// `RECOUP_DATABASE_URL`, default `sqlite://recoup.db`. `sqlite://PATH` or `postgres://…`.
    pub database_url: String,
    /// `RECOUP_SPOOL`, default `….spool` beside the SQLite file, `recoup.spool` with PostgreSQL: the folder where taps wait
    /// on this node's own disk while the database is away. It must outlive the process; nodes may share one.
    pub spool: PathBuf,
    /// `RECOUP_DATA_CENTRES`, default none: files with networks of data centres, with commas; cloud providers publish
    /// theirs. Hits on links from there are a program's. Read at the start; without it no network is held against anybody.
    pub data_centres: Networks,
    /// The root of encryption.
    pub keys: Keys,
    /// The app at Shopify.
    pub shopify: Shopify,
    /// The app at Meta.
    pub whatsapp: WhatsApp,
    /// What is logged and how.
    pub log: Log,
    /// Who reads `/metrics`, and where.
    pub metrics: Metrics,
}

/// Looks a variable up; blank counts as absent.
pub(crate) struct Env<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Env<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
    }

    fn or(&self, name: &str, default: &str) -> String {
        self.get(name).unwrap_or_else(|| default.to_owned())
    }
}

impl Config {
    /// Reads the process's environment, and `.env` in the present folder for what the environment leaves out. Where there
    /// is no key yet it is made.
    pub fn from_env() -> anyhow::Result<Self> {
        Self::look()?.with_key_kept()
    }

    /// The same, and makes nothing: where there is no key yet, one stands in that is kept nowhere.
    pub fn look() -> anyhow::Result<Self> {
        let file = file::read(Path::new(".env"))?;
        Self::look_up(&|name| std::env::var(name).ok().or_else(|| file.get(name).cloned()))
    }

    /// Reads variables from anywhere (tests hand in a map).
    pub fn read(lookup: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        Self::look_up(lookup)?.with_key_kept()
    }

    fn with_key_kept(mut self) -> anyhow::Result<Self> {
        self.keys.keep()?;
        Ok(self)
    }

    fn look_up(lookup: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let env = Env(lookup);
        let database_url = env.or("RECOUP_DATABASE_URL", "sqlite://recoup.db");
        anyhow::ensure!(
            ["sqlite://", "postgres://", "postgresql://"].iter().any(|scheme| database_url.starts_with(scheme)),
            "RECOUP_DATABASE_URL must begin with sqlite:// or postgres://"
        );
        Ok(Self {
            server: Server::read(&env)?,
            keys: Keys::read(&env, sqlite_path(&database_url).as_deref())?,
            shopify: Shopify::read(&env)?,
            whatsapp: WhatsApp::read(&env),
            spool: env.get("RECOUP_SPOOL").map_or_else(|| beside(&database_url), PathBuf::from),
            data_centres: Networks::read(&env)?,
            log: Log::read(&env).context("logging")?,
            metrics: Metrics::read(&env)?,
            database_url,
        })
    }
}

fn beside(database_url: &str) -> PathBuf {
    sqlite_path(database_url).map_or_else(|| "recoup.spool".into(), |file| format!("{}.spool", file.display()).into())
}

/// The file behind a `sqlite://` URL; `None` for other databases.
pub fn sqlite_path(url: &str) -> Option<Box<Path>> {
    let path = url.strip_prefix("sqlite://")?;
    let path = path.split('?').next().unwrap_or(path);
    Some(Path::new(path).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> anyhow::Result<Config> {
        let dir = tempfile::tempdir()?;
        let database = format!("sqlite://{}", dir.path().join("r.db").display());
        Config::read(&|name| {
            let found = pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            found.or_else(|| (name == "RECOUP_DATABASE_URL").then(|| database.clone()))
        })
    }

    #[test]
    fn an_empty_environment_is_enough() {
        let config = read(&[]).unwrap();
        assert_eq!(config.server.bind, "127.0.0.1:8080");
        assert_eq!(config.server.public_url, "http://127.0.0.1:8080");
        assert!(config.shopify.app.is_none());
    }

    #[test]
    fn shopify_cli_ports_are_honoured_only_without_our_own() {
        let cli = [("HOST", "https://x.trycloudflare.com"), ("PORT", "3456")];
        assert_eq!(read(&cli).unwrap().server.bind, "127.0.0.1:3456");
        assert_eq!(read(&cli).unwrap().server.public_url, "https://x.trycloudflare.com");
        let ours = [("PORT", "3456"), ("RECOUP_BIND", "0.0.0.0:1")];
        assert_eq!(read(&ours).unwrap().server.bind, "0.0.0.0:1");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (name, value) in [
            ("RECOUP_DATABASE_URL", "mysql://x"),
            ("RECOUP_KEY", "too short"),
            ("RECOUP_PUBLIC_URL", "not a url"),
            ("RECOUP_TRUSTED_PROXIES", "10.0.0.0/8, the load balancer"),
            ("RECOUP_SLOW_CLIENT_SECONDS", "60"),
            ("RECOUP_ITEMS_PER_SECOND", "0"),
            ("RECOUP_DATA_CENTRES", "/nowhere/networks.json"),
            ("RECOUP_LOG_FORMAT", "xml"),
            ("RECOUP_METRICS_TOKEN", "short"),
            ("SHOPIFY_API_KEY", "id without secret"),
        ] {
            let error = format!("{:#}", read(&[(name, value)]).unwrap_err());
            assert!(error.contains(name) || error.contains("SHOPIFY_API_SECRET"), "{name}: {error}");
        }
    }
}
