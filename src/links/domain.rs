//! A shop's own link domain: a name such as `go.shop.example` that leads here by a CNAME.
//!
//! It is looked at before any link is made with it: we call it over HTTPS, as a shopper's phone will, and expect what this
//! installation answers to that name. That shows that the name leads here, or that its owner passes our answer on; not
//! that the merchant owns it. A domain speaks for one shop: the first for which it led here, until that shop leaves or
//! chooses another. When it is looked at again, and what follows, stands in `settings/look.rs`.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use crate::app::App;
use crate::db::Db;
use crate::http::Reach;
use crate::kernel::id::ShopId;
use crate::shops::{Shop, ShopColumn, Shops};

/// Where a domain is asked whether it leads here.
pub const PROOF: &str = "/.well-known/recoup-links";

/// Domains kept in memory at most.
const MOST: u64 = 50_000;

/// What this installation answers to a host.
pub fn proof(app: &App, host: &str) -> String {
    app.vault.lookup(ShopId::NOBODY, "link_domain", &host.to_ascii_lowercase())
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
    if !pretend && (url.port().is_some() || domain.contains(':') || domain.split('.').count() < 2) {
        return Err(form);
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

/// Calls the domain. `Err`: why it does not lead here, and what to do.
pub async fn look(app: &App, domain: &str) -> Result<(), String> {
    let reach = Reach::of(app);
    let url = reach.check(&called(app, domain)).await.map_err(|_| {
        format!("{domain} cannot be found yet. Add the CNAME record at your DNS provider; it may take up to an hour to be known.")
    })?;
    let client = reach.client().map_err(|error| error.to_string())?;
    let asked = client.get(url).send().await.map_err(|error| {
        let what = if error.is_timeout() { "does not answer" } else { "does not answer over HTTPS" };
        format!("{domain} {what}. Whoever runs Recoup must serve this name with a certificate of its own.")
    })?;
    let wanted = proof(app, domain);
    // Long enough for the proof, and nothing of anybody's page.
    let body = asked.text().await.unwrap_or_default();
    match body.trim() == wanted {
        true => Ok(()),
        false => Err(format!(
            "{domain} leads to another server. Point its CNAME record here, without a forwarding in between."
        )),
    }
}

/// Which domain is which shop's, in memory: a tap reads no database for it.
#[derive(Clone, Debug, Default)]
pub struct Domains(Arc<RwLock<Known>>);

/// Per domain its shop, and the shop's own address.
type Known = HashMap<String, (ShopId, Arc<str>)>;

impl Domains {
    /// The shop a host speaks for, and its own address.
    pub fn of(&self, host: &str) -> Option<(ShopId, Arc<str>)> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(host).cloned()
    }

    /// Reads all of them.
    pub async fn read(&self, db: &Db) -> Result<(), DbErr> {
        let all = Shops::find().filter(ShopColumn::LinkDomain.is_not_null()).limit(MOST).all(db.read()).await?;
        let known = |shop: Shop| Some((shop.link_domain?, (shop.shop_id, shop.storefront_url.into())));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = all.into_iter().filter_map(known).collect();
        Ok(())
    }

    /// One shop was read just now.
    pub fn know(&self, shop: &Shop) {
        let known = |all: &Known| match &shop.link_domain {
            Some(domain) => all.get(domain).is_some_and(|(known, _)| *known == shop.shop_id),
            None => !all.values().any(|(known, _)| *known == shop.shop_id),
        };
        if known(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (known, _)| *known != shop.shop_id);
        if let Some(domain) = &shop.link_domain {
            all.insert(domain.clone(), (shop.shop_id, shop.storefront_url.as_str().into()));
        }
    }

    /// One shop is no more.
    pub fn forget(&self, shop: ShopId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).retain(|_, (known, _)| *known != shop);
    }
}
