//! A pretend Shopify, WhatsApp and messaging platform on loopback, with shoppers in it: for `recoup demo` and the tests.
//!
//! 1. Imports nothing of the app but `kernel`: payloads, signatures and prices are written again, so that the app is
//!    never its own judge.
//! 2. Everything hangs on one seed and one clock: the same seed lives the same life.
//! 3. Whatever passes between the app and the world passes over real HTTP.
//! 4. The world knows the truth ([`OrderBook`]): which order a message brought about, and what every order was worth.
//!
//! ```text
//! merchant ── opens, installs ──▶ app ◀── GraphQL, tokens ── pretend Shopify ◀── shoppers, storefront
//! platform ── campaigns, draws ─▶ app ◀── webhooks ───────── pretend Shopify, pretend WhatsApp
//! ```

mod analytics;
mod book;
mod browser;
mod campaign;
mod clockwork;
mod clues;
mod day;
mod dice;
mod drawn;
mod journey;
mod live;
mod names;
mod platform;
mod proof;
mod shopify;
mod shopper;
mod state;
mod storefront;
mod verbs;
mod visit;
mod whatsapp;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::dev::ServerHandle;
use actix_web::web::{Data, PayloadConfig, ServiceConfig};
use actix_web::{App, HttpServer};
use anyhow::Context;

use crate::kernel::{Clock, Currency};

pub use book::{OrderBook, OrderRecord, Recipient, Totals};
pub use clockwork::RefundKind;
pub use clues::{Clues, PixelTold, StatusTold, Tapped, VisitTold};
pub use shopify::discounts::{Combines, Discount, Entitled, ImportPace, Minimum, Offer, RedeemCode};
pub use shopify::oauth::TokenCalls;
pub use shopify::order::Buyer;
pub use shopify::shop::ShopProfile;
pub use shopify::trouble::AdminTrouble;
pub use state::{Fault, Faults, Traffic};
pub use storefront::checkout::Payment;
pub use verbs::{Answer, Sending, Visit};
pub use whatsapp::PHONE_NUMBER_ID;

use shopify::shop::Shop;
use state::State;

/// What a world is made from.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Everything hangs on it.
    pub seed: u64,
    /// Shared with the app.
    pub clock: Clock,
    /// Where the pretend Shopify admin listens; 0 for any free port.
    pub admin_port: u16,
    /// Where the pretend online store listens; 0 for any free port.
    pub storefront_port: u16,
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret: ID tokens, queries and webhooks are signed with it.
    pub client_secret: String,
    /// Signs WhatsApp's webhooks.
    pub whatsapp_app_secret: String,
    /// The shop life takes place in.
    pub shop: ShopProfile,
    /// What goes wrong by itself.
    pub faults: Faults,
    /// How much happens.
    pub traffic: Traffic,
}

struct Inner {
    state: Mutex<State>,
    http: reqwest::Client,
    clock: Clock,
    servers: Mutex<Vec<ServerHandle>>,
    names: names::Names,
}

/// A handle to a pretend world; clones share it.
#[derive(Clone)]
pub struct World {
    inner: Arc<Inner>,
}

impl World {
    /// Binds both servers and the name server. Nothing has been lived yet.
    pub async fn start(settings: Settings) -> anyhow::Result<World> {
        // Somebody may have chosen a provider before; then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        #[expect(clippy::disallowed_methods, reason = "the pretend world is not the app: it has a client of its own")]
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        let admin = listener(settings.admin_port)?;
        let storefront = listener(settings.storefront_port)?;
        let (admin_origin, storefront_origin) = (origin(&admin)?, origin(&storefront)?);
        let clock = settings.clock.clone();
        let state = Mutex::new(settings.state(admin_origin, storefront_origin));
        let world = World {
            inner: Arc::new(Inner {
                state,
                http,
                clock,
                servers: Mutex::default(),
                names: names::Names::start().await?,
            }),
        };
        world.serve(admin, shopify::routes::configure)?;
        world.serve(storefront, storefront::routes::configure)?;
        Ok(world)
    }

    fn serve(&self, listener: TcpListener, routes: fn(&mut ServiceConfig)) -> anyhow::Result<()> {
        let data = Data::new(self.clone());
        let app = move || App::new().app_data(data.clone()).app_data(PayloadConfig::new(4 << 20)).configure(routes);
        let server = HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run();
        self.inner.servers.lock().unwrap_or_else(PoisonError::into_inner).push(server.handle());
        tokio::spawn(server);
        Ok(())
    }

    fn hold(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> &Mutex<State> {
        &self.inner.state
    }

    fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Where the pretend Shopify admin listens. The app's `RECOUP_SHOPIFY_ORIGIN` is this and `/{shop}`.
    pub fn admin_origin(&self) -> String {
        self.hold().admin_origin.clone()
    }

    /// Where the pretend online store listens; also its primary domain.
    pub fn storefront_origin(&self) -> String {
        self.hold().storefront_origin.clone()
    }

    /// The stand-in for App Bridge.
    pub fn app_bridge_url(&self) -> String {
        format!("{}/app-bridge.js", self.admin_origin())
    }

    /// The page of the pretend admin that embeds the app.
    pub fn admin_page_url(&self) -> String {
        let held = self.hold();
        format!("{}/admin/apps/{}", held.admin_origin, proof::form_encode(&held.client_id))
    }

    /// Says where the app listens.
    pub fn connect(&self, app_url: &str) {
        self.hold().app_url = app_url.trim_end_matches('/').to_owned();
    }

    /// Another shop, for tests of who sees what. Nothing lives in it by itself.
    pub fn add_shop(&self, profile: ShopProfile) {
        let mut held = self.hold();
        let now = held.clock.now();
        held.shops.insert(profile.domain.clone(), Shop::new(profile, now));
    }

    /// How fast codes of the main shop are imported from now on.
    pub fn set_import_pace(&self, pace: ImportPace) {
        self.hold().shop().discounts.pace = pace;
    }

    /// What the main shop counts in.
    pub fn currency(&self) -> Currency {
        self.hold().shop().profile.currency
    }

    /// The truth up to now.
    pub fn book(&self) -> OrderBook {
        self.hold().book()
    }

    /// Stops both servers.
    pub async fn stop(self) {
        let servers = std::mem::take(&mut *self.inner.servers.lock().unwrap_or_else(PoisonError::into_inner));
        for server in servers {
            server.stop(false).await;
        }
    }
}

fn listener(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
        .with_context(|| format!("port {port} is taken: choose another, or 0 for any"))
}

fn origin(listener: &TcpListener) -> anyhow::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

impl Settings {
    /// A world of this seed and clock in its usual shape, on free ports.
    pub fn new(seed: u64, clock: Clock) -> Self {
        Self {
            seed,
            clock,
            admin_port: 0,
            storefront_port: 0,
            client_id: "pretend-client".into(),
            client_secret: "pretend-client-secret".into(),
            whatsapp_app_secret: "pretend-whatsapp-secret".into(),
            shop: ShopProfile::default(),
            faults: Faults::default(),
            traffic: Traffic::default(),
        }
    }

    fn state(self, admin_origin: String, storefront_origin: String) -> State {
        let now = self.clock.now();
        let presentment: Vec<(Currency, i64)> = self.shop.presentment.clone();
        let people = (0..self.traffic.customers as u64).map(|n| shopper::person(self.seed, n, &presentment)).collect();
        let main = self.shop.domain.clone();
        let mut shop = Shop::new(self.shop, now);
        if self.traffic.house_code_share > 0.0 {
            shop.discounts.add(Discount::of_the_house(now), visit::HOUSE_CODE);
        }
        State {
            seed: self.seed,
            clock: self.clock,
            client_id: self.client_id,
            client_secret: self.client_secret,
            whatsapp_app_secret: self.whatsapp_app_secret,
            admin_origin,
            storefront_origin,
            app_url: String::new(),
            api_key: None,
            shops: BTreeMap::from([(main.clone(), shop)]),
            main,
            queue: Default::default(),
            weather: self.faults,
            faults: Default::default(),
            traffic: self.traffic,
            people,
            campaigns: vec![],
            recipients: vec![],
            pixels: vec![],
            counted: vec![],
            causes: BTreeMap::new(),
            quiet: BTreeMap::new(),
            born_at: now,
            begun: false,
            deliveries: 0,
            admin_calls: 0,
            trouble: AdminTrouble::none(),
            strikes: 0,
            throttled: 0,
            discount_deliveries: 0,
            visits_planned: 0,
            journeys_take: None,
        }
    }
}
