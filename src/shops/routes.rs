//! `/api/shop` and `/api/settings`: what the merchant's page says about the shop, and what the merchant may choose.

use actix_web::{get, patch, web};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api_key::Scope;
use super::current::CurrentShop;
use super::shop::{Entity as Shops, Model as Shop};
use super::{claim, condition, keys, number, token};
use crate::app::App;
use crate::http::{ApiJson, Problem, Result};
use crate::kernel::id::ShopId;
use crate::kernel::{Currency, Timestamp};
use crate::shopify::Scopes;
use crate::shopify::admin::VERSION;

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(about).service(settings).service(change_settings);
    routes.service(keys::make).service(keys::list).service(keys::show).service(keys::rename).service(keys::revoke);
}

/// The shop the page speaks of.
#[derive(Serialize, utoipa::ToSchema)]
struct ShopView {
    #[schema(value_type = String)]
    id: String,
    name: String,
    domain: String,
    /// Every number of this shop is counted in it.
    currency: String,
    /// Set when that currency cannot be counted, and so none of its orders: in a sentence.
    currency_trouble: Option<String>,
    /// Days begin and end here.
    time_zone: String,
    storefront_url: String,
    #[schema(value_type = String, format = "date-time")]
    installed_at: Timestamp,
    /// Shopify wants the merchant to open the app once before we may call its API again.
    needs_reopening: bool,
    /// Since when, and why; `null` while nothing of the kind is needed.
    reopening: Option<Reopening>,
    /// Shopify has frozen or locked the shop since then; work waits, and goes on by itself.
    #[schema(value_type = Option<String>, format = "date-time")]
    frozen_since: Option<Timestamp>,
    /// What the app needs and the shop does not grant, by Shopify's names; opening the app asks for it.
    missing_scopes: Vec<String>,
    /// Shopify answers in another API version than the one we ask for; `null` while it does not.
    fallen_forward: Option<FallenForward>,
}

/// The app has to be opened once.
#[derive(Serialize, utoipa::ToSchema)]
struct Reopening {
    #[schema(value_type = String, format = "date-time")]
    since: Timestamp,
    /// One sentence for people.
    reason: String,
}

/// Our API version is no longer served.
#[derive(Serialize, utoipa::ToSchema)]
struct FallenForward {
    asked: String,
    served: String,
    #[schema(value_type = String, format = "date-time")]
    since: Timestamp,
}

/// The shop behind this token or key.
#[utoipa::path(operation_id = "shop", tag = "shop", responses((status = 200, body = ShopView)))]
#[get("/api/shop")]
async fn about(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<ShopView>> {
    let shop = current.shop;
    let reopening = reopening(token::of(app.db.read(), shop.shop_id).await?, &shop);
    let condition = condition::of(app.db.read(), shop.shop_id).await?;
    let fallen_forward = condition.served_version.zip(condition.served_since);
    let granted = Scopes::parse(&shop.scopes);
    Ok(web::Json(ShopView {
        id: shop.shop_id.to_string(),
        needs_reopening: reopening.is_some(),
        reopening,
        frozen_since: condition.frozen_since,
        missing_scopes: granted.missing(Scopes::required()).into_iter().map(str::to_owned).collect(),
        fallen_forward: fallen_forward.map(|(served, since)| FallenForward { asked: VERSION.into(), served, since }),
        name: shop.name,
        domain: shop.domain,
        currency_trouble: uncounted(&shop.currency),
        currency: shop.currency,
        time_zone: shop.time_zone,
        storefront_url: shop.storefront_url,
        installed_at: shop.installed_at,
    }))
}

fn uncounted(code: &str) -> Option<String> {
    let refused = || {
        format!(
            "This shop counts in {code}, which has no published minor unit: its amounts cannot be counted exactly, so its orders are kept and not counted. Codes and links work."
        )
    };
    Currency::parse(code).is_none().then(refused)
}

fn reopening(kept: Option<token::Model>, shop: &Shop) -> Option<Reopening> {
    let reason =
        |reason: Option<String>| reason.unwrap_or_else(|| "Shopify gave us no token for this shop.".to_owned());
    match kept {
        Some(kept) => kept.reopen_since.map(|since| Reopening { since, reason: reason(kept.reopen_reason) }),
        None => Some(Reopening { since: shop.installed_at, reason: reason(None) }),
    }
}

/// What the merchant chose.
#[derive(Serialize, utoipa::ToSchema)]
struct Settings {
    /// Meta's ids of the WhatsApp numbers this shop sends from: their statuses are this shop's, once that is proven.
    whatsapp_phone_number_ids: Vec<String>,
    /// The same numbers, and what is known of each.
    whatsapp_numbers: Vec<Number>,
    /// Share of recipients new campaigns leave alone unless they say otherwise, 0 to 0.9.
    default_holdout: f64,
    /// What the shop earns on its goods, as a share of their price before discounts, 0 to 1; `null`: it did not say, and
    /// nothing is reckoned in profit.
    margin: Option<f64>,
}

/// A WhatsApp number the shop says it sends from.
#[derive(Serialize, utoipa::ToSchema)]
struct Number {
    phone_number_id: String,
    /// Whose it is.
    state: NumberState,
}

/// Whose a number is.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum NumberState {
    /// This shop's.
    Proven,
    /// No status with callback data of this shop came from it yet; then it will be this shop's. Until then only statuses
    /// that carry callback data are read.
    Waiting,
    /// Another shop here has proven that it sends through it. The operator can decide otherwise.
    Taken,
}

/// A change of settings; what is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SettingsChange {
    whatsapp_phone_number_ids: Option<Vec<String>>,
    /// 0 to 0.9; `/api/lift/plan` says what a share costs and what it shows.
    #[schema(minimum = 0.0, maximum = 0.9)]
    default_holdout: Option<f64>,
    /// 0 to 1; `null` takes it back.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<f64>, minimum = 0.0, maximum = 1.0)]
    margin: Option<Option<f64>>,
}

/// Tells a field that is absent from one that is `null`.
fn given<'de, D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Option<Option<f64>>, D::Error> {
    Option::<f64>::deserialize(from).map(Some)
}

/// The shop's settings.
#[utoipa::path(operation_id = "settings", tag = "shop", responses((status = 200, body = Settings)))]
#[get("/api/settings")]
async fn settings(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<Settings>> {
    current.may(Scope::Campaigns)?;
    read(&app, current.shop.shop_id).await
}

/// Change settings.
#[utoipa::path(operation_id = "change_settings", tag = "shop", request_body = SettingsChange, responses((status = 200, body = Settings)))]
#[patch("/api/settings")]
async fn change_settings(
    current: CurrentShop,
    app: web::Data<App>,
    body: ApiJson<SettingsChange>,
) -> Result<web::Json<Settings>> {
    current.merchant_only()?;
    let shop = current.shop.shop_id;
    let change = body.read()?;
    let holdout = share("default_holdout", change.default_holdout, 0.9)?;
    let margin = share("margin", change.margin.flatten(), 1.0)?;
    if let Some(numbers) = change.whatsapp_phone_number_ids {
        claim_numbers(&app, shop, &numbers).await?;
    }
    if holdout.is_some() || change.margin.is_some() {
        let mut chosen = super::shop::ActiveModel { shop_id: Set(shop), ..Default::default() };
        if let Some(ppm) = holdout {
            chosen.default_holdout_ppm = Set(ppm);
        }
        if change.margin.is_some() {
            chosen.margin_ppm = Set(margin);
        }
        chosen.update(app.db.write()).await?;
        app.db.changed();
    }
    read(&app, shop).await
}

/// A share in millionths, if one was given and lies between 0 and the most there may be.
fn share(field: &'static str, given: Option<f64>, most: f64) -> Result<Option<i32>> {
    let Some(share) = given else { return Ok(None) };
    if !(0.0..=most).contains(&share) {
        return Err(Problem::invalid(field, format!("Choose a share from 0 to {most}.")));
    }
    #[expect(clippy::cast_possible_truncation, reason = "it lies between 0 and a million")]
    Ok(Some((share * 1_000_000.0).round() as i32))
}

async fn claim_numbers(app: &App, shop: ShopId, numbers: &[String]) -> Result<()> {
    let field = "whatsapp_phone_number_ids";
    if numbers.len() > 100 {
        return Err(Problem::invalid(field, "At most 100 numbers."));
    }
    let digits = |id: &String| !id.is_empty() && id.len() <= 32 && id.bytes().all(|b| b.is_ascii_digit());
    if let Some(wrong) = numbers.iter().find(|id| !digits(id)) {
        return Err(Problem::invalid(
            field,
            format!("`{wrong}` is not a phone number id: Meta shows it as digits only."),
        ));
    }
    let txn = app.db.begin_write().await?;
    for id in numbers {
        claim::make(&txn, shop, id).await?;
    }
    claim::keep_only(&txn, shop, numbers).await?;
    number::keep_only(&txn, shop, numbers).await?;
    Ok(txn.commit().await?)
}

async fn read(app: &App, shop: ShopId) -> Result<web::Json<Settings>> {
    let mut whatsapp_numbers = Vec::new();
    for claim in claim::of_shop(app.db.read(), shop).await? {
        let state = match (claim.proven, number::shop_of_number(app.db.read(), &claim.phone_number_id).await?) {
            (true, _) => NumberState::Proven,
            (false, Some(owner)) if owner != shop => NumberState::Taken,
            (false, _) => NumberState::Waiting,
        };
        whatsapp_numbers.push(Number { phone_number_id: claim.phone_number_id, state });
    }
    let whatsapp_phone_number_ids = whatsapp_numbers.iter().map(|number| number.phone_number_id.clone()).collect();
    let chosen = Shops::find_by_id(shop).one(app.db.read()).await?.ok_or_else(|| Problem::not_found("shop"))?;
    Ok(web::Json(Settings {
        whatsapp_phone_number_ids,
        whatsapp_numbers,
        default_holdout: f64::from(chosen.default_holdout_ppm) / 1_000_000.0,
        margin: chosen.margin_ppm.map(|ppm| f64::from(ppm) / 1_000_000.0),
    }))
}
