//! A shop's own link domain: a name such as `go.shop.example` that leads here by a CNAME.
//!
//! Two things are looked at before any link is made with it, and again and again:
//! 1. It leads here: we call it over HTTPS, as a shopper's phone will, and expect what this installation answers to that
//!    name. Any name that reaches this installation does so, whoever's it is; so
//! 2. its owner says that it is this shop's: at `_recoup.<name>` stands a TXT record whose value is this shop's and no
//!    other's. Two shops may be named there; then the first to serve goes on doing so.
//!
//! Our own name is nobody's. When a domain is looked at again, and what follows, stands in `settings/look.rs`. Where a link
//! leads never depends on the domain it was opened at: its slug names its shop. Whoever else is named at a domain, or
//! claims it, gets nobody's taps.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::settings;
use crate::app::App;
use crate::db::Db;
use crate::http::{Reach, texts};
use crate::kernel::id::ShopId;
use crate::outgoing;
use crate::shops::{Shop, ShopColumn, Shops};

/// Where a domain is asked whether it leads here.
pub const PROOF: &str = "/.well-known/recoup-links";

/// Bytes of a domain's answer that are read: enough for the proof, and nothing of anybody's page.
const MOST_PROOF: u64 = 1_024;

/// Domains kept in memory at most.
const MOST: u64 = 50_000;

/// What this installation answers to a host.
pub fn proof(app: &App, host: &str) -> String {
    app.vault.lookup(ShopId::NOBODY, "link_domain", &host.to_ascii_lowercase())
}

/// What a shop writes into the TXT record at [`record_name`]: its own, and nobody can guess another's.
pub fn record_value(app: &App, shop: ShopId) -> String {
    format!("recoup-shop={}", app.vault.lookup(shop, "link_domain", ""))
}

/// The name at which that record stands. (In a pretend world a port is part of a domain's name.)
pub fn record_name(domain: &str) -> String {
    format!("_recoup.{}", domain.replace(':', "."))
}

/// Whether a domain is this installation's own name.
pub fn is_own(app: &App, domain: &str) -> bool {
    let own = own(app);
    !own.is_empty() && domain == own
}

/// The name of this installation as a domain is kept; empty when it has none.
pub fn own(app: &App) -> String {
    let Ok(url) = url::Url::parse(&app.config.server.public_url) else { return String::new() };
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    // A domain has a port in a pretend world only.
    match url.port().filter(|_| url.scheme() == "http") {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

/// A domain as it is kept: lower case, a name below somebody's domain. In a pretend world loopback with a port, too.
pub fn read(app: &App, shop: &Shop, text: &str) -> Result<String, &'static str> {
    let form = if called(app, "").starts_with("http://") {
        "In a pretend world a link domain is a loopback name with its port, such as 127.0.0.1:8080."
    } else {
        "Write a name such as go.your-shop.com, without https:// and without a path."
    };
    let domain = text.trim().trim_end_matches('.').to_ascii_lowercase();
    let shape = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':');
    if domain.is_empty() || domain.len() > 253 || !domain.chars().all(shape) {
        return Err(form);
    }
    let url = Reach::of(app).read(&called(app, &domain)).map_err(|_| form)?;
    let pretend = url.scheme() == "http";
    if !pretend
        && (url.port().is_some()
            || domain.contains(':')
            || domain.split('.').count() < 2
            || domain.split('.').any(|label| label.is_empty() || label.len() > 63))
    {
        return Err(form);
    }
    if is_own(app, &domain) {
        return Err("This name is Recoup's own. Choose one of your shop's, such as go.your-shop.com.");
    }
    let host = |address: &str| url::Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    if !pretend && [host(&shop.storefront_url).as_deref(), Some(&shop.domain)].contains(&Some(domain.as_str())) {
        return Err("This name is your shop itself. Choose a new one beside it, such as go.your-shop.com.");
    }
    Ok(domain)
}

fn called(app: &App, domain: &str) -> String {
    let scheme = if app.config.server.public_url.starts_with("http://") { "http" } else { "https" };
    format!("{scheme}://{domain}{PROOF}")
}

/// Calls the domain; answers what its owner wrote beside it. `Err`: why it does not lead here, and what to do.
pub async fn look(app: &App, domain: &str) -> Result<Vec<String>, String> {
    if is_own(app, domain) {
        return Err(format!("{domain} is Recoup's own name. Choose one of your shop's."));
    }
    let reach = Reach::of(app);
    let url = reach.check(&called(app, domain)).await.map_err(|_| {
        format!("{domain} cannot be found yet. Add the CNAME record at your DNS provider; it may take up to an hour to be known.")
    })?;
    let client = reach.client(outgoing::To::LinkDomains).map_err(|error| error.to_string())?;
    let asked = client.call(MOST_PROOF, |http| http.get(url)).await.map_err(|error| {
        let what = if error.is_timeout() { "does not answer" } else { "does not answer over HTTPS" };
        format!("{domain} {what}. Whoever runs Recoup must serve this name with a certificate of its own.")
    })?;
    let wanted = proof(app, domain);
    let body = asked.body().await.unwrap_or_default();
    if body.trim_ascii() != wanted.as_bytes() {
        return Err(format!(
            "{domain} leads to another server. Point its CNAME record here, without a forwarding in between."
        ));
    }
    let name = record_name(domain);
    texts(app, &name).await.map_err(|_| format!("The name server could not be asked for the TXT record at {name}."))
}

/// What to do when the record is missing.
pub fn unproved(domain: &str) -> String {
    let name = record_name(domain);
    format!(
        "{domain} leads here, but nothing says that it is yours: add the TXT record at {name}; it may take up to an hour to be known."
    )
}

/// Which domain is which shop's, in memory: for whoever opens an address there that is no link.
#[derive(Clone, Debug, Default)]
pub struct Domains(Arc<RwLock<DomainMap>>);

/// Per domain its shop, and the shop's own address.
type DomainMap = HashMap<String, (ShopId, Arc<str>)>;

impl Domains {
    /// The shop a host speaks for, and its own address.
    pub fn of(&self, host: &str) -> Option<(ShopId, Arc<str>)> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(host).cloned()
    }

    /// Reads all of them.
    pub async fn read(&self, db: &Db) -> Result<(), DbErr> {
        let all = Shops::find().filter(ShopColumn::LinkDomain.is_not_null()).limit(MOST).all(db.read()).await?;
        let unproved = settings::unproved(db.read()).await?;
        let all = all.into_iter().filter(|shop| !unproved.contains(&shop.shop_id));
        let known =
            |shop: Shop| Some((shop.serving_domain()?.to_owned(), (shop.shop_id, shop.storefront_url.as_str().into())));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = all.filter_map(known).collect();
        Ok(())
    }

    /// One shop was read just now, and whether the domain that serves it is proved to be its own.
    pub fn know(&self, shop: &Shop, proved: bool) {
        let domain = shop.serving_domain().filter(|_| proved);
        let known = |all: &DomainMap| match domain {
            Some(domain) => all.get(domain).is_some_and(|(known, _)| *known == shop.shop_id),
            None => !all.values().any(|(known, _)| *known == shop.shop_id),
        };
        if known(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (known, _)| *known != shop.shop_id);
        if let Some(domain) = domain {
            all.insert(domain.to_owned(), (shop.shop_id, shop.storefront_url.as_str().into()));
        }
    }

    /// One shop is no more.
    pub fn forget(&self, shop: ShopId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).retain(|_, (known, _)| *known != shop);
    }
}
