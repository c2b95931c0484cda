//! `/api/keys`: made by a merchant, shown once, revoked at will.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::{Deserialize, Serialize};

use super::api_key::{self, ApiKeyId, Model, Scope};
use super::current::CurrentShop;
use crate::app::App;
use crate::http::{ApiJson, Problem, Result};
use crate::kernel::Timestamp;
use crate::kernel::text::is_line;

/// What a merchant asks for.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    /// What it is for, e.g. the platform's name; 1–80 characters.
    name: String,
    /// What it may do; at least one.
    scopes: Vec<Scope>,
}

/// A key as it is listed: never its text.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct KeyView {
    id: ApiKeyId,
    name: String,
    scopes: Vec<Scope>,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    revoked_at: Option<Timestamp>,
    /// How its text begins, for telling keys apart; `null` for keys made before this was kept.
    #[schema(example = "rcp_1a2b_Xy9Q")]
    prefix: Option<String>,
    /// When it last proved a call, to five minutes; `null` while it never has.
    #[schema(value_type = Option<String>, format = "date-time")]
    last_used_at: Option<Timestamp>,
    /// The key itself, in the answer that made it and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// All keys of the shop.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct KeyList {
    keys: Vec<KeyView>,
}

impl From<Model> for KeyView {
    fn from(key: Model) -> Self {
        let Model { id, name, scopes, created_at, revoked_at, prefix, last_used_at, .. } = key;
        Self { id, name, scopes: scopes.0, created_at, revoked_at, prefix, last_used_at, key: None }
    }
}

/// Make an API key. The answer is the only place its text ever stands.
#[utoipa::path(operation_id = "make_key", tag = "keys", request_body = NewKey, responses((status = 201, body = KeyView)))]
#[post("/api/keys")]
pub(super) async fn make(current: CurrentShop, app: web::Data<App>, body: ApiJson<NewKey>) -> Result<HttpResponse> {
    current.merchant_only()?;
    let NewKey { name, mut scopes } = body.read()?;
    let name = named(&name)?;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Problem::invalid("scopes", "Choose at least one of campaigns, statuses, reports."));
    }
    let wanted = (current.shop.shop_id, name, scopes);
    let (key, text) = api_key::make(app.db.write(), &app.vault, &app.chance, wanted, current.now).await?;
    tracing::info!(shop.id = %current.shop.shop_id, key.id = %key.id, "an API key was made");
    Ok(HttpResponse::Created().json(KeyView { key: Some(text), ..KeyView::from(key) }))
}

fn named(name: &str) -> Result<String> {
    let name = name.trim();
    if !is_line(name, 80) {
        return Err(Problem::invalid("name", "Give the key a name of 1 to 80 characters on one line."));
    }
    Ok(name.to_owned())
}

/// List the shop's API keys, newest first; those that were revoked are among them.
#[utoipa::path(operation_id = "keys", tag = "keys", responses((status = 200, body = KeyList)))]
#[get("/api/keys")]
pub(super) async fn list(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<KeyList>> {
    current.merchant_only()?;
    let keys = api_key::of_shop(app.db.read(), current.shop.shop_id).await?;
    Ok(web::Json(KeyList { keys: keys.into_iter().map(KeyView::from).collect() }))
}

/// One API key.
#[utoipa::path(operation_id = "key", tag = "keys", responses((status = 200, body = KeyView)))]
#[get("/api/keys/{id}")]
pub(super) async fn show(
    current: CurrentShop,
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<web::Json<KeyView>> {
    current.merchant_only()?;
    view(&app, &current, &id).await
}

async fn view(app: &App, current: &CurrentShop, id: &str) -> Result<web::Json<KeyView>> {
    let missing = || Problem::not_found("API key");
    let id = ApiKeyId::parse(id).ok_or_else(missing)?;
    let found = api_key::one(app.db.write(), current.shop.shop_id, id).await?.ok_or_else(missing)?;
    Ok(web::Json(found.into()))
}

/// What may change about a key. What it may do never does: make another one.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyChange {
    /// What it is for; 1–80 characters.
    name: String,
}

/// Give an API key another name.
#[utoipa::path(operation_id = "rename_key", tag = "keys", request_body = KeyChange, responses((status = 200, body = KeyView)))]
#[patch("/api/keys/{id}")]
pub(super) async fn rename(
    current: CurrentShop,
    app: web::Data<App>,
    id: web::Path<String>,
    body: ApiJson<KeyChange>,
) -> Result<web::Json<KeyView>> {
    current.merchant_only()?;
    let name = named(&body.read()?.name)?;
    let key = ApiKeyId::parse(&id).ok_or_else(|| Problem::not_found("API key"))?;
    if !api_key::rename(app.db.write(), current.shop.shop_id, key, name).await? {
        return Err(Problem::not_found("API key"));
    }
    view(&app, &current, &id).await
}

/// Revoke an API key: at once, and on other nodes of this installation within two seconds.
#[utoipa::path(operation_id = "revoke_key", tag = "keys", responses((status = 204)))]
#[delete("/api/keys/{id}")]
pub(super) async fn revoke(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse> {
    current.merchant_only()?;
    let id = ApiKeyId::parse(&id).ok_or_else(|| Problem::not_found("API key"))?;
    if !api_key::revoke(app.db.write(), current.shop.shop_id, id, current.now).await? {
        return Err(Problem::not_found("API key"));
    }
    app.db.changed();
    Ok(HttpResponse::NoContent().finish())
}
