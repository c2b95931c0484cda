//! `GET /api/search`.

use actix_web::{get, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::find::{SearchResult, find};
use crate::app::App;
use crate::http::{ApiQuery, Problem, Result};
use crate::shops::{CurrentShop, Scope};

/// Mounts it.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(search);
}

/// A longer text is the name of nothing here.
const LONGEST: usize = 100;

/// What to look for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// An order's name or Shopify's number of it, a code, a part of a campaign's name, a message's id, the platform's own
    /// key of a recipient, or a checkout's token; at most 100 characters.
    q: String,
}

/// What has this name: orders, codes, messages, checkouts, campaigns. A key finds what its scopes let it read.
#[utoipa::path(operation_id = "search", tag = "reports", params(SearchQuery), responses((status = 200, body = SearchResult)))]
#[get("/api/search")]
async fn search(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<SearchQuery>,
) -> Result<web::Json<SearchResult>> {
    current.may_by(&[Scope::Reports, Scope::Campaigns])?;
    let q = asked.read()?.q;
    let text = q.trim();
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(Problem::invalid("q", "Ask for 1 to 100 characters."));
    }
    Ok(web::Json(find(app.db.read(), &app, &current, text).await?))
}
