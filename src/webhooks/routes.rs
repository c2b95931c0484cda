//! `POST /webhooks/shopify`, `GET` and `POST /webhooks/whatsapp`.
//!
//! 1. The body is read as bytes, with a limit and a time-out of its own, and proven before anything looks inside. Then
//!    the payload itself says whose it is: what names another shop than the header, or none where it must, is refused
//!    and never stands on anybody's page.
//! 2. 2xx means: on disk. When it cannot be in time, 503, and the sender repeats itself.
//! 3. What is proven but concerns nobody is kept with a reason and answered 200: repeating it would help nobody.

use std::future::Future;
use std::time::Duration;

use actix_web::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpRequest, HttpResponse, web};
use futures::future::try_join_all;
use sea_orm::DbErr;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::delivery::{Model as Delivery, Source};
use super::inbox::Inbox;
use super::{shopify, whatsapp};
use crate::app::App;
use crate::db::GroupError;
use crate::http::{Problem, Result, limits, read_body};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shopify::named::Named;
use crate::shopify::proof::{Delivery as Envelope, ProofError, verify_webhook};
use crate::shops::{Directory, Shop, Shops};
use crate::whatsapp::proof;

/// How long finding the shop may take; with the inbox's own patience this stays below 2 s.
const LOOK_UP_TIME: Duration = Duration::from_millis(300);

/// How far Shopify's clock may be ahead of ours.
const AHEAD_SECONDS: i64 = 600;

/// Mounts the doors.
pub fn configure(routes: &mut web::ServiceConfig) {
    routes.service(web::resource("/webhooks/shopify").route(web::post().to(from_shopify)));
    let meta = web::resource("/webhooks/whatsapp");
    routes.service(meta.route(web::get().to(set_up)).route(web::post().to(from_whatsapp)));
}

async fn from_shopify(
    request: HttpRequest,
    payload: web::Payload,
    (app, inbox, shops): (web::Data<App>, web::Data<Inbox>, web::Data<Directory>),
) -> Result<HttpResponse> {
    let Some(secrets) = &app.secrets else {
        return Err(Problem::unavailable(
            "This installation has no Shopify credentials: set SHOPIFY_API_KEY and SHOPIFY_API_SECRET.",
        ));
    };
    let body = read_body(&request, payload, limits::WEBHOOK).await?;
    let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let envelope = verify_webhook(headers, &body, secrets).map_err(not_believed)?;
    let named = Named::read(&body).map_err(not_believed)?;
    let known = in_time(find(&app, &shops, &envelope)).await?;
    if let Some(shop) = &known {
        named.fits(&envelope.topic, &envelope.shop, shop.shop_id).map_err(not_believed)?;
        // An order of another shop of this installation; a shop nobody knows here is an example's.
        let other = named.in_address().filter(|other| *other != shop.shop_id);
        if let Some(other) = other
            && in_time(shops.by_id(other)).await?.is_some()
        {
            return Err(not_believed(ProofError::Elsewhere));
        }
    }
    let delivery = shopify_delivery(&app, known.as_ref(), envelope.into_inner(), &body);
    inbox.keep(delivery).await.map_err(turned_away)?;
    Ok(HttpResponse::Ok().finish())
}

fn not_believed(error: ProofError) -> Problem {
    match error.status() {
        401 => Problem::unauthorized(format!("This delivery is not believed: {error}.")),
        _ => Problem::bad_request("incomplete_delivery", format!("This is no delivery of Shopify's: {error}.")),
    }
}

/// The shop the header names, installed or not: requests about a shop that left must be taken too.
async fn find(app: &App, shops: &Directory, envelope: &Envelope) -> Result<Option<Shop>, DbErr> {
    match shops.by_domain(&envelope.shop).await? {
        Some(shop) => Ok(Some(shop)),
        // The directory may remember that there was no such shop from just before it installed us.
        None => Shops::find_by_domain(envelope.shop.as_str()).one(app.db.read()).await,
    }
}

fn shopify_delivery(app: &App, shop: Option<&Shop>, envelope: Envelope, body: &[u8]) -> Delivery {
    let (owner, now) = (shop.map_or(ShopId::NOBODY, |shop| shop.shop_id), app.clock.now());
    let aside = match shop {
        None => Some("this shop never installed us".to_owned()),
        Some(_) => shopify::too_old(&envelope.topic, envelope.triggered_at, now),
    };
    let delivery = Delivery {
        topic: envelope.topic,
        shop_domain: envelope.shop.as_str().to_owned(),
        event_id: envelope.event_id,
        api_version: Some(envelope.api_version),
        // Nothing happens in the future: a clock that far ahead is not believed, and the hour of arrival counts.
        triggered_at: envelope.triggered_at.filter(|at| at.seconds_since(now) <= AHEAD_SECONDS),
        ..Delivery::new(&app.vault, owner, Source::Shopify, envelope.delivery_id, body, now)
    };
    match aside {
        Some(reason) => delivery.ignored(reason),
        None => delivery,
    }
}

/// What Meta asks once, when the webhook is set up; it carries no signature.
#[derive(Deserialize)]
struct SetUp {
    #[serde(rename = "hub.mode")]
    mode: Option<String>,
    #[serde(rename = "hub.challenge")]
    challenge: Option<String>,
    #[serde(rename = "hub.verify_token")]
    token: Option<String>,
}

async fn set_up(query: web::Query<SetUp>, app: web::Data<App>) -> Result<HttpResponse> {
    let SetUp { mode, challenge, token } = query.into_inner();
    let ours = app.config.whatsapp.verify_token.as_ref();
    let ours = ours.is_some_and(|ours| proof::token_matches(token.as_deref().unwrap_or_default(), ours));
    match challenge.filter(|_| ours && mode.as_deref() == Some("subscribe")) {
        Some(challenge) => Ok(HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(challenge)),
        None => {
            Err(Problem::forbidden("The verify token is not ours. Set WHATSAPP_VERIFY_TOKEN to what Meta was given."))
        }
    }
}

async fn from_whatsapp(
    request: HttpRequest,
    payload: web::Payload,
    (app, inbox): (web::Data<App>, web::Data<Inbox>),
) -> Result<HttpResponse> {
    let ours = &app.config.whatsapp;
    let Some(secret) = ours.secret.clone() else {
        return Err(Problem::unavailable("This installation has no app secret of Meta's: set WHATSAPP_APP_SECRET."));
    };
    let body = read_body(&request, payload, limits::WEBHOOK).await?;
    let header = request.headers().get("x-hub-signature-256").map(|value| value.as_bytes());
    proof::verify(header, &body, &proof::Secrets::new(secret, ours.previous_secret.clone()))
        .map_err(|error| Problem::unauthorized(format!("This delivery is not believed: {error}.")))?;
    let addressed = in_time(whatsapp::addressed(&app, &body)).await?;
    let deliveries = whatsapp_deliveries(&app, addressed, &body, app.clock.now());
    try_join_all(deliveries.into_iter().map(|delivery| inbox.keep(delivery))).await.map_err(turned_away)?;
    Ok(HttpResponse::Ok().finish())
}

/// One row per shop with something in the body; one row of nobody's when there is none.
fn whatsapp_deliveries(
    app: &App,
    addressed: Result<whatsapp::Addressed, crate::whatsapp::payload::NotJson>,
    body: &[u8],
    now: Timestamp,
) -> Vec<Delivery> {
    // Meta numbers no deliveries: equal bytes say equal things.
    let id = hex::encode(Sha256::digest(body));
    let row = |shop, topic: &str| {
        let new = Delivery::new(&app.vault, shop, Source::Whatsapp, id.clone(), body, now);
        Delivery { topic: topic.to_owned(), ..new }
    };
    match addressed {
        Err(error) => vec![row(ShopId::NOBODY, "unknown").ignored(error.to_string())],
        Ok(whatsapp::Addressed { shops, topic }) if shops.is_empty() => {
            vec![row(ShopId::NOBODY, topic).ignored("none of its numbers belongs to a shop of ours")]
        }
        Ok(whatsapp::Addressed { shops, topic }) => shops.into_iter().map(|shop| row(shop, topic)).collect(),
    }
}

/// A look-up that must not keep a sender waiting.
async fn in_time<T>(look_up: impl Future<Output = Result<T, DbErr>>) -> Result<T> {
    match tokio::time::timeout(LOOK_UP_TIME, look_up).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => {
            tracing::error!(error = %error, "a delivery's shop could not be looked up; the sender is told to try again");
            Err(turned_away(GroupError::Refused))
        }
        Err(_) => Err(turned_away(GroupError::Late)),
    }
}

fn turned_away(error: GroupError) -> Problem {
    Problem::unavailable(format!("This delivery is not kept: {error}. Send it again."))
}

#[cfg(test)]
mod tests {
    use actix_web::test::{TestRequest, call_service, init_service};
    use base64::Engine;

    use super::super::delivery::{Entity, State};
    use super::super::tests::{SHOP, World};
    use super::*;
    use crate::kernel::secret::hmac_sha256;
    use sea_orm::EntityTrait;

    const SETTINGS: &[(&str, &str)] = &[
        ("SHOPIFY_API_KEY", "client"),
        ("SHOPIFY_API_SECRET", "example secret"),
        ("WHATSAPP_APP_SECRET", "example app secret"),
        ("WHATSAPP_VERIFY_TOKEN", "example token"),
    ];

    fn signed(secret: &str, domain: &str, topic: &str, id: &str, body: &str) -> TestRequest {
        let digest = hmac_sha256(secret.as_bytes(), &[body.as_bytes()]);
        TestRequest::post()
            .uri("/webhooks/shopify")
            .insert_header(("X-Shopify-Hmac-Sha256", base64::engine::general_purpose::STANDARD.encode(digest)))
            .insert_header(("X-Shopify-Shop-Domain", domain))
            .insert_header(("X-Shopify-Topic", topic))
            .insert_header(("X-Shopify-API-Version", "2026-10"))
            .insert_header(("X-Shopify-Webhook-Id", id))
            .set_payload(body.to_owned())
    }

    fn from_meta(secret: &str, body: &str) -> TestRequest {
        let digest = hex::encode(hmac_sha256(secret.as_bytes(), &[body.as_bytes()]));
        TestRequest::post()
            .uri("/webhooks/whatsapp")
            .insert_header(("X-Hub-Signature-256", format!("sha256={digest}")))
            .set_payload(body.to_owned())
    }

    /// Status and body of each answer, in order, and what was kept.
    async fn answers(world: &World, requests: Vec<TestRequest>) -> Vec<(u16, String)> {
        let (app, inbox) = (world.app.clone(), world.inbox.clone());
        let shops = Directory::new(app.db.clone());
        let service = actix_web::App::new()
            .app_data(web::Data::new(app))
            .app_data(web::Data::new(inbox))
            .app_data(web::Data::new(shops))
            .configure(configure);
        let service = init_service(service).await;
        let mut answers = Vec::new();
        for request in requests {
            let answer = call_service(&service, request.to_request()).await;
            let status = answer.status().as_u16();
            let body = actix_web::test::read_body(answer).await;
            answers.push((status, String::from_utf8_lossy(&body).into_owned()));
        }
        answers
    }

    async fn kept(world: &World) -> Vec<(ShopId, String, State, Option<String>)> {
        let mut rows = Entity::find().all(world.app.db.read()).await.unwrap();
        rows.sort_by(|a, b| a.delivery_id.cmp(&b.delivery_id));
        rows.into_iter().map(|row| (row.shop_id, row.delivery_id, row.state, row.reason)).collect()
    }

    fn statuses(answers: &[(u16, String)]) -> Vec<u16> {
        answers.iter().map(|(status, _)| *status).collect()
    }

    #[actix_web::test]
    async fn only_what_is_proven_is_kept() {
        let world = World::begin(SETTINGS).await;
        let (ana, secret) = ("ana.myshopify.com", "example secret");
        let large = "x".repeat(limits::WEBHOOK + 1);
        let got = answers(
            &world,
            vec![
                signed("wrong", ana, "orders/paid", "forged", "{}"),
                TestRequest::post().uri("/webhooks/shopify").set_payload("{}"),
                signed(secret, ana, "orders/paid", "large", &large),
                TestRequest::get().uri("/webhooks/shopify"),
                signed(secret, ana, "orders/paid", "text", "embedded=1&shop=ana.myshopify.com"),
                signed(secret, "new.myshopify.com", "orders/paid", "list", "[]"),
            ],
        )
        .await;
        assert_eq!(statuses(&got), [401, 400, 413, 405, 401, 401]);
        assert!(got[0].1.contains("\"code\":\"unauthorized\""), "{}", got[0].1);
        assert_eq!(kept(&world).await, []);
    }

    #[actix_web::test]
    async fn what_concerns_nobody_is_kept_with_a_reason() {
        let world = World::begin(SETTINGS).await;
        let secret = "example secret";
        let elsewhere = r#"{"shop_domain": "bea.myshopify.com"}"#;
        let got = answers(
            &world,
            vec![
                signed(secret, "ana.myshopify.com", "orders/paid", "1", "{}"),
                signed(secret, "ana.myshopify.com", "orders/paid", "1", "{}"),
                signed(secret, "new.myshopify.com", "orders/paid", "2", "{}"),
                signed(secret, "ana.myshopify.com", "shop/redact", "3", elsewhere),
            ],
        )
        .await;
        assert_eq!(statuses(&got), [200, 200, 200, 401]);
        let expected = [
            (SHOP, "1".to_owned(), State::Pending, None),
            (ShopId::NOBODY, "2".to_owned(), State::Ignored, Some("this shop never installed us".to_owned())),
        ];
        assert_eq!(kept(&world).await, expected);
    }

    #[actix_web::test]
    async fn meta_sets_up_and_delivers_anything_signed() {
        let world = World::begin(SETTINGS).await;
        let set_up = |token: &str| {
            let query = format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}");
            TestRequest::get().uri(&format!("/webhooks/whatsapp?{query}"))
        };
        let secret = "example app secret";
        let unknown = r#"{"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "calls"}]}]}"#;
        let got = answers(
            &world,
            vec![
                set_up("example+token"),
                set_up("wrong"),
                from_meta("wrong", unknown),
                from_meta(secret, unknown),
                from_meta(secret, unknown),
                from_meta(secret, "not json"),
            ],
        )
        .await;
        assert_eq!(statuses(&got), [200, 403, 401, 200, 200, 200]);
        assert_eq!(got[0].1, "1158201444");
        let kept = kept(&world).await;
        assert_eq!(kept.len(), 2);
        assert!(kept.iter().all(|(shop, _, state, reason)| {
            (*shop, *state) == (ShopId::NOBODY, State::Ignored) && reason.is_some()
        }));
    }

    #[actix_web::test]
    async fn without_secrets_nothing_is_taken() {
        let world = World::begin(&[]).await;
        let got = answers(&world, vec![signed("", "ana.myshopify.com", "x/y", "1", "{}"), from_meta("", "{}")]).await;
        assert_eq!(statuses(&got), [503, 503]);
    }
}
