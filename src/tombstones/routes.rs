//! `GET /api/privacy/requests`: what shoppers asked of this shop, where it stands, and by when it must be done.
//! `GET /api/privacy/access`: who looked at protected fields.

use actix_web::{get, web};
use sea_orm::{QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::access::{self, AccessId};
use super::request::{COLUMN, Entity, Kind, Model, State};
use crate::app::App;
use crate::http::{ApiQuery, Problem, Result};
use crate::kernel::Timestamp;
use crate::shops::CurrentShop;

/// The page shows the newest; there are a handful a year.
const SHOWN: u64 = 200;

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(list).service(looked);
}

/// One request, without the person it is about.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = PrivacyRequest)]
struct RequestView {
    id: String,
    kind: Kind,
    state: State,
    /// Where it stands, in a sentence for the merchant.
    #[schema(example = "The export is ready: download it and send it to the customer.")]
    words: String,
    #[schema(value_type = String, format = "date-time")]
    received_at: Timestamp,
    /// The last day the law gives.
    #[schema(value_type = String, format = "date-time")]
    due_at: Timestamp,
    /// Whole days left; negative once it is late. `null` when there is nothing more to do.
    days_left: Option<i64>,
    /// Open, and its last day is over.
    overdue: bool,
    #[schema(value_type = Option<String>, format = "date-time")]
    done_at: Option<Timestamp>,
    /// Where the export is downloaded, while there is one; add `?format=text` for a document to send on.
    export: Option<String>,
}

impl RequestView {
    fn new(row: Model, now: Timestamp) -> Self {
        let shows = row.kind == Kind::DataRequest && matches!(row.state, State::Ready | State::Done);
        let export = shows && !row.payload_sealed.is_empty();
        Self {
            words: words(&row),
            state: row.state,
            days_left: row.state.open().then(|| row.due_at.seconds_since(now).div_euclid(86_400)),
            overdue: row.overdue(now),
            export: export.then(|| format!("/api/privacy/requests/{}/export", row.id)),
            id: row.id,
            kind: row.kind,
            received_at: row.received_at,
            due_at: row.due_at,
            done_at: row.done_at,
        }
    }
}

/// Where a request stands, for somebody who never heard of webhooks.
fn words(row: &Model) -> String {
    let reason = || row.reason.clone().unwrap_or_default();
    match (row.kind, row.state) {
        (_, State::Dead) => format!("This needs a person: {}", reason()),
        (_, State::Ignored) => format!("Nothing was done: {}", reason()),
        (_, State::Asked) => row.reason.clone().unwrap_or_else(|| "Received. We are at it.".to_owned()),
        (Kind::DataRequest, State::Done) => "The export was downloaded.".to_owned(),
        (Kind::DataRequest, _) => "The export is ready: download it and send it to the customer.".to_owned(),
        (_, State::Done) => reason(),
        (_, _) => format!("{} A second look follows within minutes.", reason()),
    }
}

/// The newest requests, newest first.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = PrivacyRequestList)]
struct RequestList {
    requests: Vec<RequestView>,
    /// How many of them are past their day.
    overdue: usize,
}

/// Requests of shoppers to see or erase their data.
#[utoipa::path(operation_id = "privacy_requests", tag = "privacy", responses((status = 200, body = RequestList)))]
#[get("/api/privacy/requests")]
async fn list(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<RequestList>> {
    current.merchant_only()?;
    let newest = Entity::of(current.shop.shop_id).order_by_desc(COLUMN.received_at).order_by_desc(COLUMN.id);
    let rows = newest.limit(SHOWN).all(app.db.read()).await?;
    let requests: Vec<RequestView> = rows.into_iter().map(|row| RequestView::new(row, current.now)).collect();
    Ok(web::Json(RequestList { overdue: requests.iter().filter(|request| request.overdue).count(), requests }))
}

/// Somebody looked at a kind of protected field.
#[derive(Serialize, utoipa::ToSchema)]
struct AccessView {
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    /// Who looked.
    #[schema(example = "merchant 42")]
    who: String,
    /// Which kind of field they saw; never a value.
    #[schema(example = "contact")]
    field: String,
    /// Of which record: an id that says nothing by itself.
    record: String,
    /// Why.
    why: String,
}

/// A page of the access log.
#[derive(Serialize, utoipa::ToSchema)]
struct AccessPage {
    readings: Vec<AccessView>,
    next_cursor: Option<String>,
}

/// Which page of the access log.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AccessAsked {
    /// What the page before handed out.
    cursor: Option<String>,
    /// 1 to 200; default 50.
    limit: Option<u64>,
}

/// Who looked at protected fields, newest first.
#[utoipa::path(operation_id = "access_log", tag = "privacy", params(AccessAsked), responses((status = 200, body = AccessPage)))]
#[get("/api/privacy/access")]
async fn looked(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<AccessAsked>,
) -> Result<web::Json<AccessPage>> {
    current.merchant_only()?;
    let asked = asked.read()?;
    let limit = asked.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Problem::invalid("limit", "Ask for 1 to 200 rows."));
    }
    let cursor = asked.cursor.map(|text| {
        let wrong = || Problem::invalid("cursor", "Use the next_cursor of the page before, unchanged.");
        let (at, id) = text.split_once('.').ok_or_else(wrong)?;
        let at = at.parse().map(Timestamp::from_micros).map_err(|_| wrong())?;
        Ok::<_, Problem>((at, AccessId::parse(id).ok_or_else(wrong)?))
    });
    let mut rows = access::page(app.db.read(), current.shop.shop_id, cursor.transpose()?, limit + 1).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let last = rows.last().filter(|_| more);
    let next_cursor = last.map(|row| format!("{}.{}", row.at.micros(), row.id));
    let readings = rows.into_iter().map(|access::Model { at, who, field, record, why, .. }| AccessView {
        at,
        who,
        field,
        record,
        why,
    });
    Ok(web::Json(AccessPage { readings: readings.collect(), next_cursor }))
}
