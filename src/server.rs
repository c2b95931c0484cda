//! Mounts every room's routes.

mod describe;
mod examples;

use std::net::TcpListener;
use std::sync::LazyLock;
use std::time::Duration;

use actix_http::HttpService;
use actix_http::error::DispatchError;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, map_config};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{AppConfig, Server, ServiceRequest, ServiceResponse, fn_service};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::web::Bytes;
use actix_web::{App as Actix, HttpRequest, HttpResponse, HttpServer, get, web};
use anyhow::Context;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;
use crate::health::Gauges;
use crate::http::{
    Methods, Problem, Wire, answer_head, assets, mark_small, measured, navigates, nothing_here, refuse_zero_bytes,
    unmark_small, with_error_pages, with_etag, with_request_id,
};
use crate::links::{Outage, Resolver, Taps};
use crate::messages::Batcher;
use crate::pixel::Pixel;
use crate::shops::Directory;
use crate::webhooks::Inbox;
use crate::{
    abandoned, attribution, campaigns, catchup, codes, files, health, lift, links, messages, pixel, privacy, reports,
    shops, sinks, tombstones, webhooks,
};

/// Binds the address of the configuration.
pub fn bind(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| format!("cannot listen on {address}: choose another RECOUP_BIND"))
}

/// What the routes share. Built once, whatever the number of HTTP threads.
#[derive(Clone)]
struct Shared {
    app: web::Data<App>,
    shops: web::Data<Directory>,
    links: web::Data<Resolver>,
    taps: web::Data<Taps>,
    pixel: web::Data<Pixel>,
    inbox: web::Data<Inbox>,
    desk: web::Data<Batcher>,
    gauges: web::Data<Gauges>,
}

/// Serves on a bound listener until told to stop.
pub fn serve(app: App, listener: TcpListener, threads: usize) -> anyhow::Result<Server> {
    health::install();
    let (outage, patience, address) = (Outage::default(), app.config.server.slow_client, listener.local_addr()?);
    let shared = Shared {
        shops: web::Data::new(Directory::new(app.db.clone())),
        links: web::Data::new(Resolver::new(app.clone(), outage.clone())),
        taps: web::Data::new(Taps::start(app.clone(), outage)),
        pixel: web::Data::new(Pixel::start(app.clone())),
        inbox: web::Data::new(Inbox::start(app.clone())),
        desk: web::Data::new(Batcher::new(app.clone())),
        gauges: web::Data::new(Gauges::new(app.clone())),
        app: web::Data::new(app),
    };
    let routes = move || {
        let shared = shared.clone();
        Actix::new()
            .app_data(shared.app)
            .app_data(shared.shops)
            .app_data(shared.links)
            .app_data(shared.taps)
            .app_data(shared.pixel)
            .app_data(shared.inbox)
            .app_data(shared.desk)
            .app_data(shared.gauges)
            // The redirect answers browsers with a few headers: nothing stands around it.
            .configure(links::configure)
            .service(
                web::scope("")
                    .wrap(from_fn(refuse_zero_bytes))
                    .wrap(from_fn(with_methods))
                    .wrap(from_fn(with_error_pages))
                    .wrap(from_fn(with_etag))
                    .wrap(from_fn(mark_small))
                    .wrap(Compress::default())
                    .wrap(from_fn(unmark_small))
                    .wrap(from_fn(with_request_id))
                    .wrap(from_fn(answer_head))
                    .wrap(from_fn(measured))
                    .configure(pixel::configure)
                    .configure(webhooks::configure)
                    .configure(operations)
                    .configure(health::configure_metrics)
                    .configure(files::configure_download)
                    .configure(assets::configure)
                    .configure(shops::configure_page)
                    .configure(shops::configure_auth)
                    .configure(|routes| api(&mut ServiceConfig::new(routes)))
                    .default_service(web::to(elsewhere)),
            )
    };
    let server = Server::build().workers(threads).max_concurrent_connections(10_000).shutdown_timeout(20);
    let stopping = server.graceful_shutdown_signal();
    // As `HttpServer` does it, but that connections have limits of their own.
    let server = server.disable_signals().listen("recoup", listener, move || {
        let (stopping, routes) = (stopping.clone(), routes().into_factory());
        let http = HttpService::build()
            .keep_alive(Duration::from_secs(75))
            .client_request_timeout(Duration::from_secs(5))
            .client_disconnect_timeout(Duration::from_secs(1))
            .local_addr(address)
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .h1(map_config(routes.map_err(|error: actix_web::Error| error.error_response()), |()| {
                AppConfig::default()
            }));
        let limited = move |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            std::future::ready(Ok::<_, DispatchError>((Wire::new(stream, patience), peer)))
        };
        fn_service(limited).and_then(http)
    })?;
    Ok(server.run())
}

/// Answers `/metrics` at the address of its own, where the configuration names one.
pub fn metrics_apart(app: &App) -> anyhow::Result<Option<Server>> {
    let Some(address) = &app.config.metrics.bind else { return Ok(None) };
    health::install();
    let listener =
        TcpListener::bind(address).with_context(|| format!("cannot listen on RECOUP_METRICS_BIND, {address}"))?;
    let (shared, gauges) = (web::Data::new(app.clone()), web::Data::new(Gauges::new(app.clone())));
    let routes =
        move || Actix::new().app_data(shared.clone()).app_data(gauges.clone()).configure(health::configure_apart);
    let server = HttpServer::new(routes).workers(1).max_connections(64).shutdown_timeout(1).disable_signals();
    Ok(Some(server.listen(listener)?.run()))
}

fn api(routes: &mut ServiceConfig<'_>) {
    routes
        .configure(shops::configure)
        .configure(campaigns::configure)
        .configure(codes::configure)
        .configure(links::configure_api)
        .configure(pixel::configure_api)
        .configure(messages::configure)
        .configure(abandoned::configure)
        .configure(catchup::configure)
        .configure(attribution::configure)
        .configure(lift::configure)
        .configure(reports::configure)
        .configure(files::configure)
        .configure(tombstones::configure)
        .configure(webhooks::configure_api)
        .configure(sinks::configure)
        .configure(privacy::configure)
        .configure(health::configure);
}

/// The description of the API, from the routes themselves.
pub fn openapi() -> OpenApi {
    let (_, mut api) = Actix::new().into_utoipa_app().configure(api).split_for_parts();
    describe::complete(&mut api);
    api
}

/// The description as it is handed out: built once, however often it is asked for.
static DESCRIPTION: LazyLock<Bytes> = LazyLock::new(|| openapi().to_json().unwrap_or_default().into());

/// What our addresses know: those of the description, and those that are no part of it.
static METHODS: LazyLock<Methods> = LazyLock::new(|| {
    let mut methods = Methods::default();
    for (address, item) in openapi().paths.paths {
        describe::operations(&item).for_each(|method| methods.add(&address, method));
    }
    for address in ["/", shops::PAGES, "/auth", "/auth/bounce", "/auth/exit-iframe", "/auth/callback"] {
        methods.add(address, "GET");
    }
    for address in
        ["/healthz", "/readyz", "/metrics", "/openapi.json", "/assets/{version}/{file}", "/webhooks/whatsapp"]
    {
        methods.add(address, "GET");
    }
    methods.add("/download/{shop}/{file}", "GET");
    for address in ["/webhooks/shopify", "/webhooks/whatsapp", "/pixel"] {
        methods.add(address, "POST");
    }
    methods.add("/pixel", "OPTIONS");
    methods
});

/// Middleware: a wrong method is told the right ones.
async fn with_methods(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> actix_web::Result<ServiceResponse<BoxBody>> {
    next.call(request).await.map(|response| METHODS.answer(response))
}

/// An address without a route: a person gets the page, which says so; a program a problem document.
async fn elsewhere(
    request: HttpRequest,
    app: web::Data<App>,
    directory: web::Data<Directory>,
) -> Result<HttpResponse, Problem> {
    if navigates(request.method(), request.headers()) && !request.path().starts_with("/api/") {
        return shops::unknown_page(&request, &app, &directory).await;
    }
    Err(nothing_here())
}

fn operations(routes: &mut web::ServiceConfig) {
    routes.service(alive).service(ready).service(description);
}

/// The process answers.
#[get("/healthz")]
async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// The database answers too.
#[get("/readyz")]
async fn ready(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let asked = tokio::time::timeout(Duration::from_millis(1_500), app.db.read().ping()).await;
    match asked {
        Ok(Ok(())) => Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ready" }))),
        _ => Err(Problem::unavailable("The database is not answering.")),
    }
}

#[get("/openapi.json")]
async fn description() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DESCRIPTION.clone())
}
