//! Which addresses we call, and the client that calls them. Whoever has an API key chooses the address, so it must lead
//! nowhere that only we can reach.
//!
//! 1. HTTPS only, to a host of the public internet. The client asks for the host's addresses itself, at every
//!    connection, and connects to exactly those it has checked: what a name led to earlier proves nothing.
//! 2. A name that leads to any address that is not public is refused altogether.
//! 3. Redirects are not followed, and no proxy is asked.
//! 4. In a pretend world (Shopify's own address is plain HTTP, which `shopify/origin.rs` grants to loopback alone)
//!    loopback may be called too, by plain HTTP; nothing else that is private.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::app::App;
use crate::outgoing;

/// Longest address taken.
const LONGEST: usize = 2_000;

const CONNECT: Duration = Duration::from_secs(3);
/// Seconds a call takes at most.
const TOTAL: u64 = 15;

/// Endings of names that are no names of the public internet (RFC 6761, 6762, 8375, and what clouds and routers use).
const INWARD: [&str; 12] = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "lan",
    "home",
    "arpa",
    "test",
    "invalid",
    "onion",
];

/// Why an address is not called, in words for whoever subscribed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an address that anybody could be called at.
    #[error("Use an https address such as https://platform.example/recoup, without user name, password or fragment.")]
    Form,
    /// It leads, or may lead, into a private network.
    #[error("This address leads into a private network. Use one that is reachable from the public internet.")]
    Inward,
    /// Nobody knows the name.
    #[error("This host cannot be found. Check its spelling, or try again when its name is known.")]
    Unknown,
}

/// Which addresses may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Loopback too, by plain HTTP: in a pretend world.
    loopback: bool,
}

impl Reach {
    /// What this installation may call.
    pub fn of(app: &App) -> Self {
        Self { loopback: app.config.shopify.origin.starts_with("http://") }
    }

    /// Reads an address. What its name leads to is not known yet.
    pub fn read(self, text: &str) -> Result<Url, AddressError> {
        if text.len() > LONGEST || text.bytes().any(|b| !b.is_ascii_graphic() || b == b'\\') {
            return Err(AddressError::Form);
        }
        let url = Url::parse(text).map_err(|_| AddressError::Form)?;
        let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let inward = match url.host().ok_or(AddressError::Form)? {
            Host::Ipv4(ip) => !self.leads_out(ip.into()),
            Host::Ipv6(ip) => !self.leads_out(ip.into()),
            Host::Domain(name) => !(self.loopback && name == "localhost") && is_inward(name),
        };
        let loopback = match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        let scheme = url.scheme() == "https" || self.loopback && loopback && url.scheme() == "http";
        // Ports of other protocols are nobody's webhook.
        let port = url.port().is_none_or(|port| port >= 1_024 || port == 443);
        match (scheme && bare && port, inward) {
            (false, _) => Err(AddressError::Form),
            (true, true) => Err(AddressError::Inward),
            (true, false) => Ok(url),
        }
    }

    /// [`Reach::read`], and what its name leads to now.
    pub async fn check(self, text: &str) -> Result<Url, AddressError> {
        let url = self.read(text)?;
        if let Some(Host::Domain(name)) = url.host() {
            match tokio::time::timeout(CONNECT, self.addresses(name)).await {
                Ok(found) => found.map(drop)?,
                Err(_) => return Err(AddressError::Unknown),
            }
        }
        Ok(url)
    }

    /// The addresses behind a name, if all of them may be called.
    async fn addresses(self, name: &str) -> Result<Vec<SocketAddr>, AddressError> {
        let found = tokio::net::lookup_host((name, 0)).await.map_err(|_| AddressError::Unknown)?;
        self.all_out(found.collect())
    }

    fn all_out(self, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, AddressError> {
        if found.is_empty() {
            return Err(AddressError::Unknown);
        }
        match found.iter().all(|address| self.leads_out(address.ip())) {
            true => Ok(found),
            false => Err(AddressError::Inward),
        }
    }

    fn leads_out(self, ip: IpAddr) -> bool {
        is_public(ip) || self.loopback && ip.is_loopback()
    }

    /// A client that connects to nothing else.
    pub fn client(self, to: outgoing::To) -> reqwest::Result<outgoing::Client> {
        outgoing::Client::new(to, TOTAL, |client| {
            client.dns_resolver(Arc::new(self)).no_proxy().pool_max_idle_per_host(1).https_only(!self.loopback)
        })
    }
}

impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = *self;
        Box::pin(async move {
            let found = reach.addresses(name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether a name cannot be one of the public internet.
fn is_inward(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    match name.rsplit_once('.') {
        // A name without a dot is completed by whatever network we are in.
        None => true,
        Some((_, ending)) => INWARD.contains(&ending),
    }
}

/// Whether an address belongs to the public internet (IANA's special-purpose registries).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)                  // this network, private, loopback
            | (100, 64..=127, _)              // carriers' own; clouds' metadata
            | (169, 254, _)                   // link-local; clouds' metadata
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 31, 196)
            | (192, 52, 193)
            | (192, 88, 99)
            | (192, 168, _)
            | (192, 175, 48)
            | (198, 18..=19, _)               // benchmarks
            | (198, 51, 100)                  // documentation
            | (203, 0, 113)
            | (168, 63, 129)                  // a cloud's own services, on a public address
            | (224..=255, _, _) // groups, reserved, everybody
    )
}

/// Only 2000::/3 is given to anybody: loopback, mapped and embedded v4, NAT64, unique local, link-local and groups all
/// lie elsewhere. Within it, what carries an address of another kind or belongs to nobody.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    a & 0xe000 == 0x2000
        && !(a == 0x2001 && b < 0x0200)       // protocols: Teredo, benchmarks, ORCHID
        && !(a == 0x2001 && b == 0x0db8)      // documentation
        && a != 0x2002                        // 6to4
        && !(a == 0x3fff && b < 0x1000)       // documentation
        && !(a == 0x2620 && b == 0x004f) // who answers for private reverse names
}

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: Reach = Reach { loopback: false };
    const PRETEND: Reach = Reach { loopback: true };

    /// Addresses somebody would try to reach what only we can reach.
    const MALICIOUS: &[&str] = &[
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://017700000001/",
        "https://127.0.0.1./",
        "https://0/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://10.255.255.255:8443/",
        "https://172.16.0.1/",
        "https://172.31.255.254/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://2852039166/",
        "https://0xA9FEA9FE/",
        "https://169.254.170.2/v2/credentials",
        "https://100.100.100.200/",
        "https://168.63.129.16/",
        "https://100.64.0.1/",
        "https://192.0.0.192/",
        "https://192.0.2.1/",
        "https://198.18.0.1/",
        "https://198.51.100.7/",
        "https://203.0.113.9/",
        "https://224.0.0.1/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
        "https://[::]/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b:1::a00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:7f00:1::]/",
        "https://[2001:db8::1]/",
        "https://[fc00::1]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://[fec0::1]/",
        "https://[ff02::1]/",
        "https://[100::1]/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://x.localhost/",
        "https://metadata/",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://printer.local/",
        "https://router.home.arpa/",
        "https://db.corp/",
        "https://①②⑦.⓪.⓪.①/",
        "https://127。0。0。1/",
        "http://example.com/",
        "http://127.0.0.1:8080/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "https://user:pass@example.com/",
        "https://example.com@127.0.0.1/",
        "https://example.com:22/",
        "https://example.com:25/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/#x",
        "https:///",
        "https://",
        "//example.com/",
        "javascript:alert(1)",
        "",
    ];

    #[tokio::test]
    async fn what_leads_inward_is_neither_taken_nor_called() {
        let client = REAL.client(outgoing::To::Sinks).unwrap();
        for text in MALICIOUS {
            assert!(REAL.read(text).is_err(), "{text} was taken");
            assert!(REAL.check(text).await.is_err(), "{text} was taken");
            // Of a pretend world only loopback itself differs.
            if let Ok(url) = PRETEND.read(text) {
                assert!(
                    url.host_str().is_some_and(|host| ["127.0.0.1", "[::1]", "localhost"].contains(&host)),
                    "{text}"
                );
            }
        }
        // Whatever a name leads to by the time it is called, the client itself refuses it: this one leads to loopback.
        let error = client.call(0, |http| http.get("https://localhost:9/")).await.unwrap_err();
        let words = format!("{:?}", anyhow::Error::from(error));
        assert!(words.contains("private network"), "{words}");
    }

    #[test]
    fn what_leads_out_is_taken() {
        for text in [
            "https://example.com/hook?x=1",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]:8443/a",
            "https://a.b.example.org:443/",
        ] {
            assert!(REAL.read(text).is_ok(), "{text}");
        }
        assert!(PRETEND.read("http://127.0.0.1:9999/x").is_ok() && PRETEND.read("http://localhost:9999/x").is_ok());
        assert!(PRETEND.read("http://example.com/").is_err() && PRETEND.read("http://10.0.0.1:9999/").is_err());
    }

    #[test]
    fn one_inward_address_spoils_a_name() {
        let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), 443);
        assert!(REAL.all_out(vec![at("8.8.8.8"), at("2606:4700::1111")]).is_ok());
        for inward in ["127.0.0.1", "10.1.2.3", "::1", "::ffff:10.0.0.1", "fd00::1", "169.254.169.254"] {
            assert_eq!(REAL.all_out(vec![at("8.8.8.8"), at(inward)]), Err(AddressError::Inward), "{inward}");
        }
        assert_eq!(REAL.all_out(Vec::new()), Err(AddressError::Unknown));
    }
}
