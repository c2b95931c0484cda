//! Who reads `/metrics`.

use std::net::IpAddr;

use secrecy::SecretString;
use url::{Host, Url};

use super::{Env, Server};

/// Who reads `/metrics`, and where else it is answered.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// `RECOUP_METRICS_TOKEN`, default none: whoever sends it as `Authorization: Bearer …` may read, and nobody else.
    pub token: Option<SecretString>,
    /// `RECOUP_METRICS_BIND`, default none: an address of its own, inside, where `serve` and `worker` answer `/metrics` and
    /// `/healthz` and nothing else. Whoever reaches it may read, unless there is a token.
    pub bind: Option<String>,
}

/// What is long enough not to be guessed.
const SHORTEST_TOKEN: usize = 16;

impl Metrics {
    pub(super) fn read(env: &Env<'_>) -> anyhow::Result<Self> {
        let token = env.get("RECOUP_METRICS_TOKEN");
        anyhow::ensure!(
            token.as_ref().is_none_or(|token| token.len() >= SHORTEST_TOKEN),
            "RECOUP_METRICS_TOKEN must have {SHORTEST_TOKEN} characters or more: `openssl rand -hex 24` makes one"
        );
        Ok(Self { token: token.map(SecretString::from), bind: env.get("RECOUP_METRICS_BIND") })
    }
}

impl Server {
    /// Whether the public address is one of this machine. If it is not, there is a proxy in front of us, and whoever asks
    /// from this machine may be anybody.
    pub fn is_private(&self) -> bool {
        let url = Url::parse(&self.public_url).ok();
        match url.as_ref().and_then(Url::host) {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_this_machine_is_known() {
        let told = |url: &str| {
            let lookup = |name: &str| (name == "RECOUP_PUBLIC_URL").then(|| url.to_owned());
            Server::read(&Env(&lookup)).unwrap().is_private()
        };
        for own in ["http://127.0.0.1:8080", "http://localhost:3000", "http://[::1]:80", "http://127.8.0.1"] {
            assert!(told(own), "{own}");
        }
        for other in ["https://links.example.com", "http://10.0.0.7", "http://localhost.example.com", "http://0.0.0.0"]
        {
            assert!(!told(other), "{other}");
        }
    }
}
