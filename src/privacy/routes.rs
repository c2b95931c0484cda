//! `GET /api/privacy/requests/{id}/export`: what is held of a shopper. `GET /api/privacy/retention`: what stays how long.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, get, web};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::export::Export;
use super::outcome::downloaded;
use super::person::Subject;
use super::retention::{CLASSES, Class};
use super::text::document;
use crate::app::App;
use crate::http::{ApiQuery, Problem, Result};
use crate::shops::CurrentShop;
use crate::tombstones::{self, Kind, Reading, Request, Requests, State};

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(export).service(retention);
}

/// In which form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ExportFormat)]
enum Format {
    /// For programs.
    #[default]
    Json,
    /// A document to send on.
    Text,
}

/// How to export.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportAsked {
    /// `json` (the default) or `text`.
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// Everything held of the shopper a request is about, as it stands now. Downloading it closes the request.
#[utoipa::path(operation_id = "privacy_export", tag = "privacy", params(ExportAsked), responses((status = 200, body = Export)))]
#[get("/api/privacy/requests/{id}/export")]
async fn export(
    current: CurrentShop,
    app: web::Data<App>,
    id: web::Path<String>,
    asked: ApiQuery<ExportAsked>,
) -> Result<HttpResponse> {
    current.merchant_only()?;
    let format = asked.read()?.format;
    let missing = || Problem::not_found("privacy request");
    let key = (current.shop.shop_id, id.into_inner());
    let request = Requests::find_by_id(key).one(app.db.read()).await?.ok_or_else(missing)?;
    let subject = subject(&app, &request)?;
    let made = Export::make(&app, &current.shop, &request, &subject, current.now).await?;
    let who = current.called();
    let why = "export for a customer's data request";
    let reading = Reading { who: &who, fields: &made.fields(), record: &request.id, why };
    let txn = app.db.begin_write().await?;
    tombstones::note(&txn, &app, current.shop.shop_id, &reading, current.now).await?;
    downloaded(&txn, &request, current.now).await?;
    txn.commit().await?;
    let name = |ending: &str| format!("attachment; filename=\"data-request-{}.{ending}\"", current.now.seconds());
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(match format {
        Format::Json => response.insert_header((header::CONTENT_DISPOSITION, name("json"))).json(made),
        Format::Text => response
            .insert_header((header::CONTENT_DISPOSITION, name("txt")))
            .content_type("text/plain; charset=utf-8")
            .body(document(&made)),
    })
}

/// Whom a request to see data is about.
fn subject(app: &App, request: &Request) -> Result<Subject> {
    let gone = |detail: &str| Problem::new(StatusCode::GONE, "export_gone", detail);
    if request.kind != Kind::DataRequest {
        let detail = "This request asks to erase, not to show: there is nothing to export.";
        return Err(Problem::conflict("not_a_data_request", detail));
    }
    if matches!(request.state, State::Ignored) {
        return Err(gone("The customer was erased meanwhile: nothing is held about them."));
    }
    let payload = request.payload(&app.vault).map_err(|error| Problem::internal(&error))?;
    let payload = payload.ok_or_else(|| gone("What this request said was destroyed when its time was over."))?;
    let unreadable = |why| Problem::conflict("unreadable_request", why);
    Subject::read(&payload).map_err(unreadable)
}

/// What is kept how long, and why.
#[derive(Serialize, utoipa::ToSchema)]
struct Retention {
    classes: &'static [Class],
}

/// How long each kind of data stays, and why.
#[utoipa::path(operation_id = "retention", tag = "privacy", responses((status = 200, body = Retention)))]
#[get("/api/privacy/retention")]
async fn retention(current: CurrentShop) -> Result<web::Json<Retention>> {
    current.merchant_only()?;
    Ok(web::Json(Retention { classes: CLASSES }))
}
