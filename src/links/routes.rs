//! `GET /r/{slug}`: note the tap, send the shopper on. `HEAD` answers, is noted, and never counts.
//!
//! No shopper is ever stopped: where a link leads nowhere any more, or nothing can be looked up, the way leads to the
//! shop's front page. Machines are told 404 there, so that nobody lists such an address.

use std::net::IpAddr;
use std::time::Instant;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};

use super::classify::{self, Seen, Signs};
use super::click::Model as Click;
use super::destination::{self, Back, Carried, Destination, Target};
use super::domain;
use super::resolve::{Found, Resolved, Resolver};
use super::sources::{Source, Sources};
use super::taps::Taps;
use crate::app::App;
use crate::http::answered;
use crate::http::page::{Frame, notice};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

const ROUTE: &str = "/r/{slug}";

/// Mounts the redirect.
pub fn configure(routes: &mut web::ServiceConfig) {
    let link = web::resource(ROUTE).route(web::get().to(tap)).route(web::head().to(look));
    routes.service(link.default_service(web::to(only_looked_at)));
    routes.route(domain::PROOF, web::get().to(prove));
}

/// What the redirect borrows.
type Shared = (web::Data<App>, web::Data<Resolver>, web::Data<Taps>);

async fn tap(request: HttpRequest, slug: web::Path<String>, shared: Shared) -> HttpResponse {
    let began = Instant::now();
    let answer = follow(request, slug, shared).await;
    answered(&Method::GET, ROUTE, answer.status(), began.elapsed());
    answer
}

async fn follow(request: HttpRequest, slug: web::Path<String>, (app, links, taps): Shared) -> HttpResponse {
    let (now, query, headers) = (app.clock.now(), request.query_string(), Headers::of(&request));
    let found = links.resolve(&slug, headers.host(), now).await;
    let Some(shop) = found.shop() else {
        return answer(&found, &Visit { checkout: None, click: "", query, now, machine: headers.machine() });
    };
    let click = hit(&request, &headers, (&app, links.sources()), (shop, &slug), found.seen(false, now), now);
    let (public, machine) = (click.id.public(), !click.human);
    // Whoever has that address opens the shopper's checkout: no machine is told.
    let checkout = match &found {
        Found::Link(link) if !machine => links.checkout(link).await,
        _ => None,
    };
    // Written while the tap is; it leaves when that is on disk.
    let answer = answer(&found, &Visit { checkout: checkout.as_ref(), click: &public, query, now, machine });
    if let Err(error) = taps.note(click).await {
        // The shopper never pays for our trouble.
        tracing::error!(shop.id = %shop, error = %error, "a tap could not be noted; the shopper was sent on");
    }
    answer
}

/// A link is opened, nothing else.
async fn only_looked_at() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD")).finish()
}

/// Link checkers ask with HEAD: the same answer, noted and never counted.
async fn look(request: HttpRequest, slug: web::Path<String>, (app, links, taps): Shared) -> HttpResponse {
    let (began, now, headers) = (Instant::now(), app.clock.now(), Headers::of(&request));
    let found = links.resolve(&slug, headers.host(), now).await;
    if let Some(shop) = found.shop() {
        // If it cannot be noted, nothing that counts is lost.
        drop(
            taps.note(hit(&request, &headers, (&app, links.sources()), (shop, &slug), found.seen(true, now), now))
                .await,
        );
    }
    let answer =
        answer(&found, &Visit { checkout: None, click: "", query: request.query_string(), now, machine: true });
    answered(&Method::HEAD, ROUTE, answer.status(), began.elapsed());
    answer
}

/// The few headers a redirect asks for, as far as they are text, read in one go: a browser sends a dozen.
struct Headers<'a>(Vec<(&'a str, &'a str)>);

const HOST: &str = "host";
const FORWARDED: &str = "x-forwarded-for";

impl<'a> Headers<'a> {
    fn of(request: &'a HttpRequest) -> Self {
        let asked = |name: &str| name == HOST || name == FORWARDED || classify::HEADERS.contains(&name);
        let all = request.headers().iter().filter(|(name, _)| asked(name.as_str()));
        Self(all.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect())
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(header, _)| *header == name).map(|(_, value)| *value)
    }

    fn first(&self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// The name the shopper's browser asked for.
    fn host(&self) -> &'a str {
        self.first(HOST).unwrap_or_default()
    }

    /// Whether the door takes it for a machine, where there is no link to hit.
    fn machine(&self) -> bool {
        let header = |name: &str| self.first(name);
        !classify::at_once(Signs::read(Seen::default(), header), header("user-agent")).human
    }
}

/// Tells whoever asks a host that it leads here: how a shop's own domain is proved.
async fn prove(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body(domain::proof(&app, Headers::of(&request).host()))
}

/// A request as a hit on a link.
fn hit(
    request: &HttpRequest,
    headers: &Headers<'_>,
    (app, sources): (&App, &Sources),
    (shop, slug): (ShopId, &str),
    mut seen: Seen,
    now: Timestamp,
) -> Click {
    let header = |name: &str| headers.first(name);
    let forwarded: Vec<&str> = headers.all(FORWARDED).collect();
    let peer = request.peer_addr().map(|peer| peer.ip());
    let address = classify::address(peer, &forwarded, &app.config.server.trusted_proxies);
    // Behind a proxy nobody told us of every shopper has the proxy's address, and that may well be a data centre's.
    let known = forwarded.is_empty() || address != peer;
    seen.data_centre = known && address.is_some_and(|address| app.config.data_centres.contain(address));
    let unnamed = !known && app.config.server.trusted_proxies.is_empty();
    let told = forwarded.last().filter(|_| unnamed).and_then(|line| classify::nearest(line));
    // What is no address is no proxy's word: it is counted with whoever sent it.
    let counted = |address: &IpAddr| told.is_some() || !forwarded.is_empty() || is_somebodys(*address, app);
    if let Some(address) = address.filter(counted) {
        seen.many_links = sources.opens(&app.vault, shop, slug, Source { address, told }, now);
    }
    Click::seen(app, (shop, slug), seen, (address, header), request.query_string(), now)
}

/// Whether an address can be a shopper's. In front of a public name a private one is a proxy that says nothing of whom it
/// speaks for: it is everybody.
fn is_somebodys(address: IpAddr, app: &App) -> bool {
    let private = match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified(),
    };
    !private || app.config.server.public_url.starts_with("http://")
}

impl Found {
    /// Whose tap it is, when there is a tap to note.
    fn shop(&self) -> Option<ShopId> {
        match self {
            Self::Link(found) => Some(found.shop),
            Self::Away(shop, _) => Some(*shop),
            Self::Nothing(_) | Self::Stranger(_) => None,
        }
    }

    /// What the one who hit it was shown.
    fn seen(&self, head: bool, now: Timestamp) -> Seen {
        match self {
            Self::Link(found) => {
                let with_code = matches!(found.code_at(now), Carried::Good(_));
                Seen { head, with_code, expired: found.expired(now), ..Seen::default() }
            }
            // The database is away: no code was applied.
            _ => Seen { head, ..Seen::default() },
        }
    }
}

/// What an answer depends on besides the link.
struct Visit<'a> {
    /// How the link's checkout opens again.
    checkout: Option<&'a Back>,
    /// The click id that travels; empty when no click was noted.
    click: &'a str,
    query: &'a str,
    now: Timestamp,
    machine: bool,
}

fn answer(found: &Found, visit: &Visit<'_>) -> HttpResponse {
    match found {
        Found::Link(found) => send_on(found, visit),
        Found::Nothing(_) | Found::Stranger(_) if visit.machine => nowhere(),
        Found::Nothing(place) | Found::Away(_, Some(place)) => front_page(&place.storefront, visit),
        Found::Stranger(Some(storefront)) => front_page(storefront, visit),
        Found::Away(_, None) => later(),
        Found::Stranger(None) => nowhere(),
    }
}

fn send_on(found: &Resolved, visit: &Visit<'_>) -> HttpResponse {
    let (code, storefront, campaign) = (found.code_at(visit.now), &found.place.storefront, found.campaign());
    // A message that is out keeps what it promised. Beyond that, a campaign that was put away may have no page left.
    if campaign.archived_at.is_some() && !matches!(code, Carried::Good(_)) {
        return if visit.machine { nowhere() } else { front_page(storefront, visit) };
    }
    // A path that cannot lead onto the shop's own host leads to its front page.
    let Some(way) = found.way() else { return front_page(storefront, visit) };
    redirect(destination::build(&Target {
        way,
        checkout: visit.checkout,
        made_at: found.made_at(),
        code,
        click: visit.click,
        query: visit.query,
    }))
}

fn front_page(storefront: &str, visit: &Visit<'_>) -> HttpResponse {
    let (click, query) = (visit.click, visit.query);
    let target = |way: &Destination| {
        destination::build(&Target { way, checkout: None, made_at: visit.now, code: Carried::None, click, query })
    };
    redirect(Destination::front(storefront).as_ref().map_or_else(|| storefront.to_owned(), target))
}

fn redirect(location: String) -> HttpResponse {
    let fixed = HeaderValue::from_static;
    HttpResponse::Found()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, fixed("no-store")))
        .insert_header((header::REFERRER_POLICY, fixed("no-referrer-when-downgrade")))
        .insert_header((HeaderName::from_static("x-robots-tag"), fixed("noindex")))
        .finish()
}

fn nowhere() -> HttpResponse {
    let text = "It may have been cut off on the way. Ask whoever sent it for a fresh one.";
    notice(&Frame::Nobody, StatusCode::NOT_FOUND, "This link leads nowhere", text)
}

/// The database is away and this node knows nothing of the shop: the one case in which there is nowhere to send anybody.
fn later() -> HttpResponse {
    let text = "Your offer is safe. Please open the link again in a minute.";
    notice(&Frame::Nobody, StatusCode::OK, "One moment, please", text)
}
