//! Where we listen, what we are called from outside, and what we log.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::Context;
use ipnet::IpNet;
use url::Url;

use super::Env;

/// Where HTTP listens and what links are built from.
#[derive(Clone, Debug)]
pub struct Server {
    /// `RECOUP_BIND`, default `127.0.0.1:8080`. Without it, `PORT`, `BACKEND_PORT` (Shopify's CLI) choose the port.
    pub bind: String,
    /// `RECOUP_PUBLIC_URL`, default `http://` + bind; `HOST`/`APP_URL` of Shopify's CLI are honoured. No slash at the end.
    pub public_url: String,
    /// `RECOUP_TRUSTED_PROXIES`, default none: networks (`10.0.0.0/8`) or addresses of our own proxies, with commas. Only
    /// from them is `X-Forwarded-For` believed; without them a device behind a proxy has the proxy's address, and whoever
    /// opens many people's links can pass for many people.
    pub trusted_proxies: Vec<IpNet>,
    /// `RECOUP_DNS`, default the system's: the name server, `192.0.2.53` or `192.0.2.53:5353`, that is asked for the record
    /// by which a shop shows that a link domain is its own.
    pub dns: Option<SocketAddr>,
    /// `RECOUP_SLOW_CLIENT_SECONDS`, default 20, 1 to 25: a request that began must be there whole within it, and whoever
    /// takes an answer slower than 16 KiB in so long is hung up on.
    pub slow_client: Duration,
    /// `RECOUP_ITEMS_PER_SECOND`, default 2000: how many recipients and statuses one API key may send on average; thirty
    /// seconds' worth at once. Who sends more is answered 429.
    pub items_per_second: u32,
}

impl Server {
    pub(super) fn read(env: &Env<'_>) -> anyhow::Result<Self> {
        let port = env.get("PORT").or_else(|| env.get("BACKEND_PORT")).unwrap_or_else(|| "8080".into());
        let bind = env.get("RECOUP_BIND").unwrap_or_else(|| format!("127.0.0.1:{port}"));
        let public_url = env
            .get("RECOUP_PUBLIC_URL")
            .or_else(|| env.get("HOST").filter(|host| host.contains("://")))
            .unwrap_or_else(|| format!("http://{bind}"));
        let parsed =
            Url::parse(&public_url).context("RECOUP_PUBLIC_URL must be a URL such as https://links.example.com")?;
        anyhow::ensure!(matches!(parsed.scheme(), "http" | "https"), "RECOUP_PUBLIC_URL must be http or https");
        let trusted_proxies = networks(&env.or("RECOUP_TRUSTED_PROXIES", ""))?;
        let dns = env.get("RECOUP_DNS").map(|text| name_server(&text)).transpose()?;
        let number = |name: &'static str, default: &str, range: std::ops::RangeInclusive<u32>| {
            let read = env.or(name, default).parse::<u32>().ok().filter(|number| range.contains(number));
            read.with_context(|| format!("{name} must be a number from {} to {}", range.start(), range.end()))
        };
        Ok(Self {
            bind,
            public_url: public_url.trim_end_matches('/').to_owned(),
            trusted_proxies,
            dns,
            slow_client: Duration::from_secs(number("RECOUP_SLOW_CLIENT_SECONDS", "20", 1..=25)?.into()),
            items_per_second: number("RECOUP_ITEMS_PER_SECOND", "2000", 1..=1_000_000)?,
        })
    }
}

fn name_server(text: &str) -> anyhow::Result<SocketAddr> {
    let address = || text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    let wanted = "RECOUP_DNS must be the address of a name server, such as 192.0.2.53 or 192.0.2.53:5353";
    text.parse().or_else(|_| address()).context(wanted)
}

fn networks(text: &str) -> anyhow::Result<Vec<IpNet>> {
    let network = |part: &str| {
        let address = || part.parse::<IpAddr>().map(IpNet::from);
        part.parse::<IpNet>().or_else(|_| address()).with_context(|| {
            format!(
                "RECOUP_TRUSTED_PROXIES must be networks such as 10.0.0.0/8 or addresses, with commas; `{part}` is none"
            )
        })
    };
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(network).collect()
}

/// What is logged, and in which form.
#[derive(Clone, Debug)]
pub struct Log {
    /// `RECOUP_LOG`, default `info`, with what the database's own libraries say of each step left out: a level, or a filter
    /// such as `recoup=debug,sqlx=warn`.
    pub filter: String,
    /// `RECOUP_LOG_FORMAT`, default `text`; `json` for machines.
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Log {
    pub(super) fn read(env: &Env<'_>) -> anyhow::Result<Self> {
        let format = match env.or("RECOUP_LOG_FORMAT", "text").as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            other => anyhow::bail!("RECOUP_LOG_FORMAT must be `text` or `json`, not `{other}`"),
        };
        Ok(Self { filter: env.or("RECOUP_LOG", "info,sqlx=warn,sea_orm_migration=warn"), format })
    }
}
