//! `/api/settings/rates`: what the merchant pays for a message, by country, category and day.

use std::collections::BTreeSet;

use actix_web::{get, put, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{ELSEWHERE, Model, RateCard};
use crate::app::App;
use crate::http::{ApiJson, Problem, Result, limits};
use crate::kernel::{Currency, Day, Price};
use crate::shops::{CurrentShop, Scope, Shop};

/// Mounts the rates.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(show).service(choose);
}

/// Rates in one table: Meta has about forty markets and changes them four times a year.
const MOST: usize = 5_000;

/// The shop's rates.
#[derive(Serialize, utoipa::ToSchema)]
struct Rates {
    /// By country, category and day.
    rates: Vec<RateView>,
}

/// What one message costs from a day on.
#[derive(Serialize, utoipa::ToSchema)]
struct RateView {
    /// ISO 3166 alpha-2 of the recipient's number; `*`: every country without a rate of its own.
    #[schema(example = "AT")]
    country: String,
    /// WhatsApp's category: `marketing`, `utility`, …
    category: String,
    /// The first day it holds, in the shop's zone.
    #[schema(value_type = String, format = "date")]
    from: Day,
    /// A decimal number of the currency's base unit, as text.
    #[schema(example = "0.1131")]
    amount: String,
    currency: String,
}

/// A table of rates; it replaces the one there was.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRates {
    /// At most 5,000.
    rates: Vec<NewRate>,
}

/// What one message costs from a day on, with your provider's mark-up.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRate {
    /// ISO 3166 alpha-2 of the recipient's number; `*`: every country without a rate of its own.
    #[schema(example = "AT")]
    country: String,
    /// WhatsApp's category; default `marketing`.
    category: Option<String>,
    /// The first day it holds, `YYYY-MM-DD` in the shop's zone.
    #[schema(example = "2026-10-01")]
    from: String,
    /// A decimal number of the currency's base unit, as text: fractions of a cent are kept.
    #[schema(example = "0.1131")]
    amount: String,
    /// ISO 4217 code.
    #[schema(example = "EUR")]
    currency: String,
}

/// What messages cost where nobody tells.
#[utoipa::path(operation_id = "message_rates", tag = "messages", responses((status = 200, body = Rates)))]
#[get("/api/settings/rates")]
async fn show(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<Rates>> {
    current.may_by(&[Scope::Campaigns, Scope::Reports])?;
    view(&app, &current.shop).await
}

/// Say what messages cost where nobody tells. The whole table is replaced; costs of the past are counted by it at once.
#[utoipa::path(operation_id = "choose_message_rates", tag = "messages", request_body = NewRates, responses((status = 200, body = Rates)))]
#[put("/api/settings/rates")]
async fn choose(
    current: CurrentShop,
    app: web::Data<App>,
    body: ApiJson<NewRates, { limits::BATCH }>,
) -> Result<web::Json<Rates>> {
    current.merchant_only()?;
    let asked = body.read()?.rates;
    if asked.len() > MOST {
        return Err(Problem::invalid("rates", format!("A table holds at most {MOST} rates.")));
    }
    let shop = current.shop.shop_id;
    let mut seen = BTreeSet::new();
    let mut rates = Vec::with_capacity(asked.len());
    for (index, rate) in asked.into_iter().enumerate() {
        let wrong = |field: &str, detail: &str| Problem::invalid(format!("rates[{index}].{field}"), detail);
        let country = rate.country.trim().to_ascii_uppercase();
        let named = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
        if !named && country != ELSEWHERE {
            return Err(wrong("country", "Write the two letters of a country, such as AT, or * for all others."));
        }
        let category = rate.category.as_deref().map_or("marketing", str::trim).to_owned();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        if category.is_empty() || category.len() > 60 || !category.bytes().all(plain) {
            return Err(wrong("category", "Write WhatsApp's category, such as marketing or utility."));
        }
        let from_on = Day::parse(&rate.from).ok_or_else(|| wrong("from", "Write a day as YYYY-MM-DD."))?;
        let currency = Currency::parse(&rate.currency)
            .ok_or_else(|| wrong("currency", "Write an ISO 4217 currency code such as EUR."))?;
        let price = Price::parse(rate.amount.trim(), currency).ok().filter(|price| price.is_sensible());
        let price =
            price.ok_or_else(|| wrong("amount", "Write a decimal number such as 0.1131, at most 10,000,000."))?;
        if !seen.insert((country.clone(), category.clone(), from_on)) {
            return Err(wrong("from", "This country and category has another rate from the same day."));
        }
        rates.push(Model {
            shop_id: shop,
            country,
            category,
            from_on,
            amount: price.decimal(),
            currency: currency.to_string(),
            changed_at: current.now,
        });
    }
    let txn = app.db.begin_write().await?;
    super::replace(&txn, shop, rates).await?;
    txn.commit().await?;
    view(&app, &current.shop).await
}

async fn view(app: &App, shop: &Shop) -> Result<web::Json<Rates>> {
    let card = RateCard::of(app.db.read(), shop.shop_id).await?;
    let rates = card.rates().iter().map(|rate| RateView {
        country: rate.country.clone(),
        category: rate.category.clone(),
        from: rate.from_on,
        amount: rate.amount.clone(),
        currency: rate.currency.clone(),
    });
    Ok(web::Json(Rates { rates: rates.collect() }))
}
