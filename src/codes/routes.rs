//! `/api/codes/…`: alarms of the leak radar, and taking codes back; how far a campaign's codes have come. What a code is and whose stands in `reports/`.

use std::collections::HashMap;

use actix_web::{get, post, web};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::discount;
use super::generate::fold;
use super::id::{AlarmId, DiscountId, RedeemCodeId};
use super::leaks::alarm::{self, Kind, Severity};
use super::leaks::sighting;
use super::progress::{CampaignCodes, progress};
use super::redeem_code::{COLUMN, Entity, Model as RedeemCode, State};
use super::revocation::Reason;
use super::revoke::{RevokeError, revoke as take_back, revoke_campaign};
use crate::app::App;
use crate::campaigns::{self, CAMPAIGN, CampaignId, Campaigns};
use crate::http::{ApiQuery, Problem, Result};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shops::{CurrentShop, Scope};

/// Mounts this room's API. `alarms` before `{code}`, or it would be taken for one.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(alarms).service(close).service(revoke).service(revoke_all).service(campaign_codes);
}

/// Alarms on one page.
const PAGE: u64 = 50;

/// Sightings shown with an alarm, latest first.
const SHOWN: u64 = 20;

/// Which alarms to list.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Which {
    /// Nobody has seen to them.
    #[default]
    Open,
    /// Somebody has.
    Closed,
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AlarmsAsked {
    /// `open` (default) or `closed`.
    #[serde(default)]
    #[param(inline)]
    state: Which,
    /// Only this campaign's.
    campaign: Option<String>,
    /// Only those as loud as this: `critical`, `warning` or `notice`.
    #[param(inline)]
    severity: Option<Severity>,
    /// What the page before handed out.
    cursor: Option<String>,
}

/// Alarms, the latest raised first.
#[derive(Serialize, utoipa::ToSchema)]
struct AlarmPage {
    alarms: Vec<AlarmView>,
    next_cursor: Option<AlarmId>,
}

/// An alarm of the leak radar.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AlarmView {
    id: AlarmId,
    kind: Kind,
    severity: Severity,
    campaign_id: CampaignId,
    campaign: String,
    /// The discount's name in Shopify's admin.
    slot: String,
    /// When the slot ends at Shopify.
    #[schema(value_type = String, format = "date-time")]
    slot_ends_at: Timestamp,
    /// What was seen, in words.
    what: &'static str,
    /// What to do about it.
    advice: &'static str,
    /// How often.
    sightings: i64,
    /// The latest of them.
    seen: Vec<SightingView>,
    #[schema(value_type = String, format = "date-time")]
    first_seen_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    last_seen_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    raised_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    closed_at: Option<Timestamp>,
}

/// Where one code was seen.
#[derive(Serialize, utoipa::ToSchema)]
struct SightingView {
    /// `null` for a key that may only read reports: a code that is out may still be good.
    code: Option<String>,
    /// `order:<id>`, `checkout:<token>`, or `code` for the code as a whole.
    on: String,
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
}

/// What the leak radar has to say.
#[utoipa::path(operation_id = "code_alarms", tag = "codes", params(AlarmsAsked), responses((status = 200, body = AlarmPage)))]
#[get("/api/codes/alarms")]
async fn alarms(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<AlarmsAsked>,
) -> Result<web::Json<AlarmPage>> {
    current.may_by(&[Scope::Campaigns, Scope::Reports])?;
    let asked = asked.read()?;
    let (db, shop) = (app.db.read(), current.shop.shop_id);
    let after = asked.cursor.map(|text| {
        AlarmId::parse(&text)
            .ok_or_else(|| Problem::invalid("cursor", "Use the next_cursor of the page before, unchanged."))
    });
    let open = matches!(asked.state, Which::Open);
    let campaign = match asked.campaign {
        Some(id) => Some(campaigns::find(db, shop, &id).await?.id),
        None => None,
    };
    let rows = alarm::page(db, shop, open, campaign, asked.severity, after.transpose()?, PAGE).await?;
    let next_cursor = (rows.len() as u64 == PAGE).then(|| rows.last().map(|row| row.id)).flatten();
    let mut alarms = views(db, shop, rows).await?;
    if !current.sees_codes() {
        alarms.iter_mut().flat_map(|alarm| &mut alarm.seen).for_each(|seen| seen.code = None);
    }
    Ok(web::Json(AlarmPage { alarms, next_cursor }))
}

/// One alarm as it is listed; `None`: the shop has no such alarm.
pub async fn alarm_view(db: &impl ConnectionTrait, shop: ShopId, id: AlarmId) -> Result<Option<AlarmView>, DbErr> {
    let row = alarm::Entity::find_by_id((shop, id)).one(db).await?;
    Ok(views(db, shop, row.into_iter().collect()).await?.pop())
}

async fn views(db: &impl ConnectionTrait, shop: ShopId, rows: Vec<alarm::Model>) -> Result<Vec<AlarmView>, DbErr> {
    let ids = rows.iter().map(|row| row.campaign_id);
    let campaigns = Campaigns::of(shop).filter(CAMPAIGN.id.is_in(ids)).all(db).await?;
    let names: HashMap<CampaignId, String> =
        campaigns.into_iter().map(|campaign| (campaign.id, campaign.name)).collect();
    let ids = rows.iter().map(|row| row.discount_id);
    let slots = discount::Entity::of(shop).filter(discount::COLUMN.id.is_in(ids)).all(db).await?;
    let slots: HashMap<DiscountId, discount::Model> = slots.into_iter().map(|slot| (slot.id, slot)).collect();
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let slot = slots.get(&row.discount_id);
        let (what, advice) = row.kind.words();
        views.push(AlarmView {
            seen: seen(db, &row).await?,
            id: row.id,
            kind: row.kind,
            severity: row.kind.severity(),
            campaign_id: row.campaign_id,
            campaign: names.get(&row.campaign_id).cloned().unwrap_or_default(),
            slot: slot.map(|slot| slot.title.clone()).unwrap_or_default(),
            slot_ends_at: slot.map_or(row.last_seen_at, |slot| slot.slot_ends_at),
            what,
            advice,
            sightings: row.sightings,
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
            raised_at: row.raised_at,
            closed_at: row.closed_at,
        });
    }
    Ok(views)
}

async fn seen(db: &impl ConnectionTrait, alarm: &alarm::Model) -> Result<Vec<SightingView>, DbErr> {
    let rows = sighting::Entity::of(alarm.shop_id)
        .filter(sighting::COLUMN.discount_id.eq(alarm.discount_id))
        .filter(sighting::COLUMN.kind.eq(alarm.kind))
        .order_by_desc(sighting::COLUMN.at)
        .order_by_asc(sighting::COLUMN.redeem_code_id)
        .limit(SHOWN)
        .all(db)
        .await?;
    let ids = rows.iter().map(|row| row.redeem_code_id);
    let codes = Entity::of(alarm.shop_id).filter(COLUMN.id.is_in(ids)).all(db).await?;
    let codes: HashMap<RedeemCodeId, String> = codes.into_iter().map(|code| (code.id, code.code)).collect();
    let view = |row: sighting::Model| SightingView {
        code: codes.get(&row.redeem_code_id).cloned(),
        on: row.seen_on,
        at: row.at,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Close an alarm: somebody has seen to it. Something new of the same kind in the same slot opens it again.
#[utoipa::path(operation_id = "close_code_alarm", tag = "codes", responses((status = 200, body = AlarmView)))]
#[post("/api/codes/alarms/{id}/close")]
async fn close(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<web::Json<AlarmView>> {
    current.may(Scope::Campaigns)?;
    let (shop, missing) = (current.shop.shop_id, || Problem::not_found("alarm"));
    let id = AlarmId::parse(&id).ok_or_else(missing)?;
    alarm::close(app.db.write(), shop, id, current.now).await?;
    let row = alarm::Entity::find_by_id((shop, id)).one(app.db.write()).await?.ok_or_else(missing)?;
    let view = views(app.db.write(), shop, vec![row]).await?.pop().ok_or_else(missing)?;
    Ok(web::Json(view))
}

/// A code that is being taken back.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RevokedCode {
    /// The code.
    pub code: String,
    /// `revoking` until Shopify has confirmed that it is gone, then `revoked`.
    pub state: &'static str,
    /// When Shopify confirmed.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub revoked_at: Option<Timestamp>,
}

impl From<RedeemCode> for RevokedCode {
    fn from(code: RedeemCode) -> Self {
        let state = if code.state == State::Revoked { "revoked" } else { "revoking" };
        Self { code: code.code, state, revoked_at: code.revoked_at }
    }
}

impl From<RevokeError> for Problem {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::Used => {
                let detail = "An order used this code: there is nothing left to take back. GET /api/codes/{code} names the order.";
                Self::conflict("code_used", detail)
            }
            RevokeError::Db(error) => error.into(),
        }
    }
}

/// Take a code back: its link stops applying it at once, and it is deleted at Shopify. Again: the same answer.
#[utoipa::path(operation_id = "revoke_code", tag = "codes", responses((status = 200, body = RevokedCode)))]
#[post("/api/codes/{code}/revoke")]
async fn revoke(current: CurrentShop, app: web::Data<App>, code: web::Path<String>) -> Result<web::Json<RevokedCode>> {
    current.may(Scope::Campaigns)?;
    let missing = || Problem::not_found("code");
    let txn = app.db.begin_write().await?;
    let found = Entity::of(current.shop.shop_id).filter(COLUMN.code.eq(fold(&code))).one(&txn).await?;
    let found = found.ok_or_else(missing)?;
    take_back(&txn, &app, &found, Reason::Asked, current.now).await?;
    let taken = Entity::find_by_id((found.shop_id, found.id)).one(&txn).await?.ok_or_else(missing)?;
    txn.commit().await?;
    app.db.changed();
    app.bell.notify_one();
    Ok(web::Json(taken.into()))
}

/// How far a campaign's codes have come: how many stand where, how fast they go live, and what is in the way.
#[utoipa::path(operation_id = "campaign_codes", tag = "codes", responses((status = 200, body = CampaignCodes)))]
#[get("/api/campaigns/{id}/codes")]
async fn campaign_codes(
    current: CurrentShop,
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<web::Json<CampaignCodes>> {
    current.may_by(&[Scope::Campaigns, Scope::Reports])?;
    let campaign = campaigns::find(app.db.read(), current.shop.shop_id, &id).await?;
    Ok(web::Json(progress(app.db.read(), &campaign, current.now).await?))
}

/// How many codes are being taken back.
#[derive(Serialize, utoipa::ToSchema)]
struct AllTaken {
    /// Those in people's hands, those in the pool, and the canaries.
    revoking: u64,
}

/// Take back every unused code of a campaign. Recipients drawn from now on get fresh codes.
#[utoipa::path(operation_id = "revoke_campaign_codes", tag = "codes", responses((status = 200, body = AllTaken)))]
#[post("/api/campaigns/{id}/codes/revoke")]
async fn revoke_all(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<web::Json<AllTaken>> {
    current.may(Scope::Campaigns)?;
    let txn = app.db.begin_write().await?;
    let campaign = campaigns::find(&txn, current.shop.shop_id, &id).await?;
    let revoking = revoke_campaign(&txn, &app, &campaign, current.now).await?;
    txn.commit().await?;
    app.db.changed();
    app.bell.notify_one();
    Ok(web::Json(AllTaken { revoking }))
}
