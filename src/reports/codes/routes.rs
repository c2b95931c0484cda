//! `GET /api/codes`.

use actix_web::{get, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{CodePage, Cursor, page};
use super::standing::Standing;
use super::sums::Choice;
use crate::app::App;
use crate::http::{ApiQuery, Problem, Result};
use crate::reports::period::{Period, ReportQuery};
use crate::shops::{CurrentShop, Scope};

/// Mounts it.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(codes);
}

/// Which codes to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CodesQuery {
    /// First day of the messages that carry them, `YYYY-MM-DD` in the shop's zone; default 29 days before `to`.
    from: Option<String>,
    /// Last day, included; default today.
    to: Option<String>,
    /// Only this campaign.
    campaign: Option<String>,
    /// Only those that stand there.
    #[param(inline)]
    state: Option<Standing>,
    /// Only those that are good now and end within so many hours: 1 to 720.
    ending_within: Option<i64>,
    /// What the page before handed out.
    cursor: Option<String>,
    /// 1 to 200; default 50.
    limit: Option<u64>,
}

/// Codes that recipients were given, the latest first: what became of all of them, and each with its message and order.
#[utoipa::path(operation_id = "codes", tag = "codes", params(CodesQuery), responses((status = 200, body = CodePage)))]
#[get("/api/codes")]
async fn codes(current: CurrentShop, app: web::Data<App>, asked: ApiQuery<CodesQuery>) -> Result<web::Json<CodePage>> {
    current.may_by(&[Scope::Campaigns, Scope::Reports])?;
    let CodesQuery { from, to, campaign, state, ending_within, cursor, limit } = asked.read()?;
    let asked = ReportQuery { from, to, campaign, ..ReportQuery::default() };
    let period = Period::read(app.db.read(), &asked, &current.shop, current.now).await?;
    let limit = limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Problem::invalid("limit", "Ask for 1 to 200 codes."));
    }
    if ending_within.is_some_and(|hours| !(1..=720).contains(&hours)) {
        return Err(Problem::invalid("ending_within", "Ask for 1 to 720 hours."));
    }
    let ending_before = ending_within.map(|hours| current.now.plus_seconds(hours * 3_600));
    let cursor = cursor.map(|text| {
        Cursor::parse(&text)
            .ok_or_else(|| Problem::invalid("cursor", "Use the next_cursor of the page before, unchanged."))
    });
    let choice = Choice { state, ending_before };
    Ok(web::Json(page(app.db.read(), &current, &period, choice, cursor.transpose()?, limit).await?))
}
