//! `/api/campaigns`: made by a platform or a merchant, changed within what codes already out allow, archived. One
//! campaign is shown by `reports/`, which also knows what became of its discounts.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, patch, post, web};
use sea_orm::EntityTrait;
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::announced::CampaignAnnounced;
use super::arms::Arms;
use super::campaign::{CampaignId, Entity, Kind, Model};
use super::change::{CampaignChange, ChangeError, NewCampaign, archive as put_away};
use super::changed::CampaignChanged;
use super::conditions::{AppliesTo, Purchase, Tags};
use super::delays::DelaysChanged;
use super::link_terms::LinkTerms;
use super::offer::Offer;
use super::terms::{CodeTerms, Combines, Expiry};
use super::trouble::Trouble;
use crate::app::App;
use crate::http::{ApiJson, Problem, Result};
use crate::kernel::id::ShopId;
use crate::kernel::{Money, Timestamp};
use crate::news;
use crate::shops::{CurrentShop, Repeatable, Scope};

/// Mounts this room's API. The list of campaigns carries numbers, so it lives in `reports/`.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(create).service(amend).service(archive);
}

/// A campaign as it is shown.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CampaignView {
    id: CampaignId,
    name: String,
    kind: Kind,
    offer: Option<Offer>,
    minimum_subtotal_minor: Option<i64>,
    minimum_quantity: Option<i64>,
    applies_to: Option<AppliesTo>,
    purchase: Purchase,
    /// What shoppers read on their discount.
    title: String,
    /// Your own tags of the discounts at Shopify.
    tags: Tags,
    combines_with: Combines,
    expiry: Expiry,
    code: CodeTerms,
    link: LinkTerms,
    /// Share of recipients left alone.
    holdout: f64,
    /// Shares of the three arms; `null` where every message has what the campaign gives.
    arms: Option<Arms>,
    expected_recipients: Option<i64>,
    cost_per_message: Option<Money>,
    /// How long a checkout must lie quiet before it is offered to this campaign; `null` for other kinds.
    abandoned_after_seconds: Option<i32>,
    /// Why the campaign gets no codes now; `null` when nothing is known to be wrong.
    trouble: Option<Trouble>,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    archived_at: Option<Timestamp>,
}

impl From<Model> for CampaignView {
    fn from(campaign: Model) -> Self {
        Self {
            cost_per_message: campaign.cost(),
            trouble: campaign.trouble(),
            abandoned_after_seconds: campaign.abandoned_after_seconds(),
            title: campaign.title().to_owned(),
            minimum_quantity: campaign.minimum_quantity,
            purchase: campaign.purchase,
            id: campaign.id,
            name: campaign.name,
            kind: campaign.kind,
            offer: campaign.offer,
            minimum_subtotal_minor: campaign.minimum_subtotal_minor,
            applies_to: campaign.applies_to,
            tags: campaign.tags.unwrap_or_default(),
            combines_with: campaign.combines_with,
            expiry: campaign.expiry,
            code: campaign.code,
            link: campaign.link,
            holdout: f64::from(campaign.holdout_ppm) / 1_000_000.0,
            arms: Arms::of(campaign.holdout_ppm, campaign.message_ppm),
            expected_recipients: campaign.expected_recipients,
            created_at: campaign.created_at,
            archived_at: campaign.archived_at,
        }
    }
}

fn invalid((field, detail): (&'static str, &'static str)) -> Problem {
    Problem::invalid(field, detail)
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Invalid(field, detail) => Self::invalid(field, detail),
            ChangeError::Drawn(field) => {
                let detail = "Recipients were drawn into this campaign, and what they were promised stands. Archive it and create another campaign with what you want instead; codes that are out stay good until they end.";
                Self::conflict("already_drawn", detail).at(field)
            }
            ChangeError::Db(error) => error.into(),
        }
    }
}

/// The campaign of this id in this shop. Strangers' ids and nobody's look alike.
pub async fn find(db: &impl sea_orm::ConnectionTrait, shop: ShopId, id: &str) -> Result<Model> {
    let id = CampaignId::parse(id).ok_or_else(|| Problem::not_found("campaign"))?;
    Entity::find_by_id((shop, id)).one(db).await?.ok_or_else(|| Problem::not_found("campaign"))
}

/// Create a campaign. Send an `Idempotency-Key`, and a repeat answers the same campaign.
#[utoipa::path(operation_id = "create_campaign", tag = "campaigns", request_body = NewCampaign, responses((status = 201, body = CampaignView)))]
#[post("/api/campaigns")]
async fn create(
    current: CurrentShop,
    app: web::Data<App>,
    request: HttpRequest,
    body: ApiJson<NewCampaign>,
) -> Result<HttpResponse> {
    current.may(Scope::Campaigns)?;
    let new = body.read()?;
    new.check().map_err(invalid)?;
    let repeatable = Repeatable::read(&request, current.shop.shop_id, &new)?;
    let answer = |body: String| HttpResponse::build(StatusCode::CREATED).content_type("application/json").body(body);
    if let Some(repeatable) = &repeatable
        && let Some(kept) = repeatable.answered(app.db.write()).await?
    {
        return Ok(answer(kept));
    }
    let txn = app.db.begin_write().await?;
    let campaign = new.create(&txn, &app.chance, &current.shop, current.now).await?;
    CampaignAnnounced::tell(&txn, &app, &campaign, current.now).await?;
    if campaign.abandoned_after_seconds().is_some() {
        news::tell(&txn, &app, campaign.shop_id, &DelaysChanged {}, current.now).await?;
    }
    let text = serde_json::to_string(&CampaignView::from(campaign)).map_err(|error| Problem::internal(&error))?;
    if let Some(repeatable) = &repeatable
        && !repeatable.keep(&txn, 201, &text, current.now).await?
    {
        txn.rollback().await?;
        let kept = repeatable.answered(app.db.write()).await?;
        return kept.map(answer).ok_or_else(|| Problem::unavailable("Try again in a moment."));
    }
    txn.commit().await?;
    app.bell.notify_one();
    Ok(answer(text))
}

/// Change a campaign: its name, title, tags, link, audience and cost always; what its codes are worth only while nobody
/// was drawn (409 `already_drawn` afterwards, with the field).
#[utoipa::path(operation_id = "change_campaign", tag = "campaigns", request_body = CampaignChange, responses((status = 200, body = CampaignView)))]
#[patch("/api/campaigns/{id}")]
async fn amend(
    current: CurrentShop,
    app: web::Data<App>,
    id: web::Path<String>,
    body: ApiJson<CampaignChange>,
) -> Result<web::Json<CampaignView>> {
    current.may(Scope::Campaigns)?;
    let change = body.read()?;
    let txn = app.db.begin_write().await?;
    let campaign = find(&txn, current.shop.shop_id, &id).await?;
    let waited = campaign.abandoned_after_seconds();
    let campaign = change.apply(&txn, campaign, current.now).await?;
    if campaign.abandoned_after_seconds() != waited {
        news::tell(&txn, &app, campaign.shop_id, &DelaysChanged {}, current.now).await?;
    }
    news::tell(&txn, &app, campaign.shop_id, &CampaignChanged(campaign.id), current.now).await?;
    CampaignAnnounced::tell(&txn, &app, &campaign, current.now).await?;
    txn.commit().await?;
    app.db.changed();
    app.bell.notify_one();
    Ok(web::Json(campaign.into()))
}

/// Archive a campaign: nobody is drawn into it any more; codes that are out stay good until they end. Discounts whose
/// codes nobody holds are ended at Shopify.
#[utoipa::path(operation_id = "archive_campaign", tag = "campaigns", responses((status = 200, body = CampaignView)))]
#[post("/api/campaigns/{id}/archive")]
async fn archive(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<web::Json<CampaignView>> {
    current.may(Scope::Campaigns)?;
    let txn = app.db.begin_write().await?;
    let mut campaign = find(&txn, current.shop.shop_id, &id).await?;
    if put_away(&txn, &campaign, current.now).await? {
        campaign.archived_at = Some(current.now);
        if campaign.abandoned_after_seconds().is_some() {
            news::tell(&txn, &app, campaign.shop_id, &DelaysChanged {}, current.now).await?;
        }
        news::tell(&txn, &app, campaign.shop_id, &CampaignChanged(campaign.id), current.now).await?;
    }
    txn.commit().await?;
    app.db.changed();
    app.bell.notify_one();
    Ok(web::Json(campaign.into()))
}
