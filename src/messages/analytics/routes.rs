//! `POST /api/campaigns/{id}/template-analytics`: Meta's answer handed on, as it is.

use actix_web::{post, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;
use crate::campaigns;
use crate::http::{ApiJson, ApiQuery, Problem, Result, limits};
use crate::kernel::{Currency, Timestamp};
use crate::shops::{CurrentShop, Scope};
use crate::whatsapp::template_analytics::{Refused, TemplateAnalytics, read};

/// Meta's clock and ours.
const AHEAD_SECONDS: i64 = 300;

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(hand_in);
}

/// What Meta's answer does not say itself.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Beside {
    /// When Meta answered (RFC 3339); default now. Of two answers about one day the later one stands.
    #[param(example = "2026-11-22T06:00:00Z")]
    told_at: Option<String>,
    /// The currency of the WhatsApp account (ISO 4217). Meta's amounts name none; without it they are not kept.
    #[param(example = "USD")]
    currency: Option<String>,
}

/// What was kept of Meta's answer.
#[derive(Serialize, utoipa::ToSchema)]
struct AnalyticsKept {
    /// The templates it told of; from now on the campaign is known to send them.
    templates: Vec<String>,
    /// How many days of templates.
    days: usize,
    /// When Meta answered.
    #[schema(value_type = String, format = "date-time")]
    told_at: Timestamp,
    /// Whether what messages cost is among it.
    cost_kept: bool,
    /// What was left out, and why.
    note: Option<&'static str>,
}

/// Hand in Meta's template analytics of the templates a campaign sends: the body of `GET /<WABA>/template_analytics` as Meta
/// answered it, at most ten templates and the last ninety days. Daily is enough, and within a week of sending: Meta forgets
/// reads and clicks after seven days. A day handed in again is corrected; the same answer again changes nothing. The numbers
/// are per template: of one that several campaigns send, each is shown all.
#[utoipa::path(operation_id = "hand_in_template_analytics", tag = "messages", params(Beside), request_body = TemplateAnalytics, responses((status = 200, body = AnalyticsKept)))]
#[post("/api/campaigns/{id}/template-analytics")]
async fn hand_in(
    current: CurrentShop,
    app: web::Data<App>,
    id: web::Path<String>,
    beside: ApiQuery<Beside>,
    body: ApiJson<TemplateAnalytics, { limits::BATCH }>,
) -> Result<web::Json<AnalyticsKept>> {
    current.may(Scope::Statuses)?;
    let beside = beside.read()?;
    let told_at = instant(beside.told_at.as_deref(), current.now)?;
    let currency = beside.currency.as_deref().map(|code| {
        Currency::parse(code).ok_or_else(|| Problem::invalid("currency", "Write an ISO 4217 code such as USD."))
    });
    let currency = currency.transpose()?;
    let told =
        read(&body.read()?, currency, told_at).map_err(|Refused { field, detail }| Problem::invalid(field, detail))?;
    let txn = app.db.begin_write().await?;
    let campaign = campaigns::find(&txn, current.shop.shop_id, &id).await?;
    super::record(&txn, campaign.shop_id, campaign.id, &told, told_at).await?;
    txn.commit().await?;
    app.db.changed();
    let without = "What the messages cost was not kept: Meta's amounts name no currency. Add ?currency= to the call.";
    Ok(web::Json(AnalyticsKept {
        templates: told.templates.into_iter().collect(),
        days: told.days.len(),
        told_at,
        cost_kept: told.says_cost && currency.is_some(),
        note: (told.says_cost && currency.is_none()).then_some(without),
    }))
}

/// When Meta answered: as the caller says, else now.
fn instant(said: Option<&str>, now: Timestamp) -> Result<Timestamp> {
    let Some(text) = said else { return Ok(now) };
    Timestamp::parse(text).filter(|at| *at <= now.plus_seconds(AHEAD_SECONDS)).ok_or_else(|| {
        Problem::invalid("told_at", "Write when Meta answered, such as 2026-11-22T06:00:00Z; it is not in the future.")
    })
}
