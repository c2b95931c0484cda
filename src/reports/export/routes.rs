//! `GET /api/exports`, `GET /api/exports/{table}.csv`, `.jsonl`: tables as files.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use futures::TryStreamExt;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::definitions::{TableView, tables};
use super::sheet::{Asked, Table};
use super::write::{Format, definition_sheet, stream};
use crate::app::App;
use crate::http::{ApiQuery, Problem, Result};
use crate::reports::period::{Period, ReportQuery};
use crate::shops::{CurrentShop, Scope};
use crate::tombstones::{self, Reading};

/// Mounts the files.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(list).service(file);
}

/// What a file is asked for with.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FileQuery {
    /// First day, `YYYY-MM-DD` in the shop's zone; default 29 days before `to`.
    from: Option<String>,
    /// Last day, included; default today.
    to: Option<String>,
    /// Which rules of evidence; default `default`.
    policy: Option<String>,
    /// Verdicts that were true at this instant (RFC 3339).
    as_of: Option<String>,
    /// Only this campaign.
    campaign: Option<String>,
    /// Of orders: everything that was weighed too.
    #[serde(default)]
    receipts: bool,
    /// Of messages, for a merchant: how each recipient is reached. Who asked is noted in the access log first.
    #[serde(default)]
    personal: bool,
    /// Of CSV: say to spreadsheets that it is UTF-8.
    #[serde(default)]
    bom: bool,
}

/// The tables there are, with the definition of every column.
#[utoipa::path(operation_id = "exports", tag = "exports", responses((status = 200, body = [TableView])))]
#[get("/api/exports")]
async fn list(current: CurrentShop) -> Result<web::Json<Vec<TableView>>> {
    current.may(Scope::Reports)?;
    Ok(web::Json(tables()))
}

/// A table of a period as a file, streamed: `orders.csv`, `orders.jsonl`, and so with `restatements`, `ledger`, `messages`,
/// `clicks`; `definitions.csv` says what every column is. Rows name nobody, unless a merchant asks for `personal`. A connection that breaks before the end is an
/// error: the file is not whole.
#[utoipa::path(operation_id = "export", tag = "exports",
    params(("file" = String, Path, description = "Table and form, such as `orders.csv`"), FileQuery),
    responses((status = 200, content((String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/api/exports/{file}")]
async fn file(
    current: CurrentShop,
    app: web::Data<App>,
    name: web::Path<String>,
    asked: ApiQuery<FileQuery>,
) -> Result<HttpResponse> {
    current.may(Scope::Reports)?;
    let asked = asked.read()?;
    let missing = || Problem::not_found("export");
    let (table, form) = name.rsplit_once('.').ok_or_else(missing)?;
    let (format, content) = match form {
        "csv" => (Format::Csv { bom: asked.bom }, "text/csv; charset=utf-8"),
        "jsonl" => (Format::JsonLines, "application/x-ndjson"),
        _ => return Err(missing()),
    };
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, content));
    if table == "definitions" {
        let named = format!("attachment; filename=\"recoup-definitions.{form}\"");
        return Ok(answer.insert_header((CONTENT_DISPOSITION, named)).body(definition_sheet(format)?));
    }
    let table = Table::called(table).ok_or_else(missing)?;
    if asked.receipts && asked.as_of.is_some() {
        return Err(Problem::invalid("receipts", "Receipts say what is weighed now: leave as_of or them out."));
    }
    let query = ReportQuery {
        from: asked.from,
        to: asked.to,
        policy: asked.policy,
        model: None,
        as_of: asked.as_of,
        campaign: asked.campaign,
    };
    let period = Period::read(app.db.read(), &query, &current.shop, current.now).await?;
    if asked.personal {
        note_personal(&app, &current, table, &period).await?;
    }
    let named = format!("attachment; filename=\"recoup-{}-{}-{}.{form}\"", table.name(), period.from, period.to);
    answer.insert_header((CONTENT_DISPOSITION, named));
    let sees_codes = current.sees_codes();
    let shop = current.shop.shop_id;
    let personal = asked.personal.then(|| app.get_ref().clone());
    let asked = Asked { shop: current.shop, period, sees_codes, receipts: asked.receipts, personal };
    let pieces = stream(app.db.clone(), asked, table, format);
    // The answer has begun: whoever reads it sees it break off.
    let pieces = pieces
        .map_ok(|piece| piece.bytes)
        .inspect_err(move |error| tracing::error!(shop.id = %shop, error = %error, "a file broke off"));
    Ok(answer.streaming(pieces))
}

/// Writes down that a merchant has a file of messages with whom they went to; nobody else may have one.
async fn note_personal(app: &App, current: &CurrentShop, table: Table, period: &Period) -> Result<()> {
    current.merchant_only()?;
    if !table.names_people() {
        return Err(Problem::invalid("personal", "Only the table `messages` can say whom messages went to."));
    }
    let (who, record) = (current.called(), format!("messages {} to {}", period.from, period.to));
    let reading = Reading { who: &who, fields: &["contact"], record: &record, why: "exported with the messages" };
    let txn = app.db.begin_write().await?;
    tombstones::note(&txn, app, current.shop.shop_id, &reading, current.now).await?;
    Ok(txn.commit().await?)
}
