//! `/api/shop/sources`: up to when everything is here, and why not further.

use actix_web::{get, web};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::backfill::{self, Model as Backfilled, State};
use super::watermark::{self, Model as Watermark, Source, complete_through};
use crate::app::App;
use crate::checkouts::{self, Recovery};
use crate::http::Result;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shops::{CurrentShop, Scope};

/// Behind this a source is not called whole any more: two hourly comparisons were missed.
const LATE_SECONDS: i64 = 3 * 3_600;

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(sources);
}

/// How a source stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// Everything is here, up to the last hour or two.
    Whole,
    /// Something older may be missing; the sentence says why.
    Behind,
    /// Nothing has been compared yet.
    Waiting,
}

/// One source.
#[derive(Serialize, utoipa::ToSchema)]
struct SourceView {
    source: Source,
    standing: Standing,
    /// In words.
    sentence: String,
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    /// When it was last compared with Shopify.
    #[schema(value_type = Option<String>, format = "date-time")]
    checked_at: Option<Timestamp>,
    /// How many states were missing and have been fetched since the installation.
    found: i64,
    #[schema(value_type = Option<String>, format = "date-time")]
    last_found_at: Option<Timestamp>,
}

/// The first reading of the shop's past.
#[derive(Serialize, utoipa::ToSchema)]
struct BackfillView {
    state: State,
    /// In words.
    sentence: String,
    /// Orders from this instant on are read.
    #[schema(value_type = String, format = "date-time")]
    since: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    began_at: Timestamp,
    /// Orders read so far.
    orders_read: i64,
    /// Of how many; `null` until Shopify has counted them.
    orders_total: Option<i64>,
    /// Objects read so far: orders, their lines and discounts.
    objects_read: i64,
    objects_total: Option<i64>,
    #[schema(value_type = Option<String>, format = "date-time")]
    done_at: Option<Timestamp>,
}

/// Whether Shopify tells where abandoned checkouts open again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum RecoveryStanding {
    /// No checkout of the last seven days tells.
    Unknown,
    /// It does.
    Told,
    /// It does not: links lead to a cart of the same items instead.
    Withheld,
}

/// Recovery addresses.
#[derive(Serialize, utoipa::ToSchema)]
struct RecoveryView {
    standing: RecoveryStanding,
    /// In words, with what to apply for.
    sentence: String,
}

/// What is known to be here.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Sources {
    /// The earliest of the sources; `null` until all of them and the past have been read.
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    sources: Vec<SourceView>,
    backfill: Option<BackfillView>,
    /// Whether Shopify tells where abandoned checkouts open again.
    recovery_addresses: RecoveryView,
}

/// Up to when everything Shopify knows is here, source by source.
#[utoipa::path(tag = "shop", responses((status = 200, body = Sources)))]
#[get("/api/shop/sources")]
async fn sources(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<Sources>> {
    current.may(Scope::Reports)?;
    Ok(web::Json(sources_of(app.db.read(), current.shop.shop_id, current.now).await?))
}

/// What is known to be here of a shop.
pub async fn sources_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    now: Timestamp,
) -> std::result::Result<Sources, DbErr> {
    let marks = watermark::of_shop(db, shop).await?;
    let backfill = backfill::Entity::find_by_id(shop).one(db).await?;
    let view = |source| of_source(source, marks.iter().find(|mark| mark.source == source), now);
    Ok(Sources {
        complete_through: complete_through(db, shop).await?,
        sources: Source::ALL.into_iter().map(view).collect(),
        backfill: backfill.map(of_backfill),
        recovery_addresses: of_recovery(checkouts::recovery(db, shop, now).await?),
    })
}

impl Sources {
    /// Up to when everything is here.
    pub fn complete_through(&self) -> Option<Timestamp> {
        self.complete_through
    }

    /// What something may be missing of, in sentences.
    pub fn behind(&self) -> impl Iterator<Item = (Source, &str)> {
        let behind = self.sources.iter().filter(|source| source.standing == Standing::Behind);
        behind.map(|source| (source.source, source.sentence.as_str()))
    }

    /// What no webhook told and was fetched since: how many states of which source, and when the last ones.
    pub fn mended(&self) -> impl Iterator<Item = (Source, i64, Timestamp)> {
        self.sources.iter().filter_map(|source| Some((source.source, source.found, source.last_found_at?)))
    }
}

fn of_source(source: Source, mark: Option<&Watermark>, now: Timestamp) -> SourceView {
    let through = mark.and_then(|mark| mark.complete_through);
    let error = mark.and_then(|mark| mark.last_error.as_deref());
    let late = through.is_none_or(|through| now.seconds_since(through) > LATE_SECONDS);
    let what = match source {
        Source::Orders => "Orders, refunds and cancellations",
        Source::Checkouts => "Abandoned checkouts",
        Source::Installation => "The installation and its permissions",
    };
    let (standing, sentence) = match (through, error, late) {
        (None, None, _) => (Standing::Waiting, format!("{what} have not been compared with Shopify yet.")),
        (None, Some(error), _) => (Standing::Behind, format!("{what} could not be compared with Shopify: {error}.")),
        (Some(_), Some(error), _) => (Standing::Behind, format!("{what} are behind: {error}.")),
        (Some(_), None, true) => (Standing::Behind, format!("{what} are being caught up.")),
        (Some(_), None, false) => (Standing::Whole, format!("{what} are complete.")),
    };
    SourceView {
        source,
        standing,
        sentence,
        complete_through: through,
        checked_at: mark.and_then(|mark| mark.checked_at),
        found: mark.map_or(0, |mark| mark.found),
        last_found_at: mark.and_then(|mark| mark.last_found_at),
    }
}

/// What Shopify wants before it tells recovery addresses: since 2026-12-01 of public apps, since 2027-01-01 of all others.
/// <https://shopify.dev/changelog/abandonedcheckouturl-now-requires-level-2-protected-customer-data-access>
pub const APPLY_FOR: &str = "approval for protected customer data of level 2, all four fields (name, email, phone and address), which whoever runs the app requests in the Partner or Dev Dashboard under API access";

fn of_recovery(recovery: Recovery) -> RecoveryView {
    let (standing, sentence) = match recovery {
        Recovery::Unknown => (
            RecoveryStanding::Unknown,
            format!(
                "No checkout of the last seven days shows whether Shopify tells where abandoned checkouts open again. It does so only with {APPLY_FOR}."
            ),
        ),
        Recovery::Told => (
            RecoveryStanding::Told,
            format!(
                "Shopify tells where abandoned checkouts open again. From 1 December 2026 (public apps) and 1 January 2027 (all others) it does so only with {APPLY_FOR}."
            ),
        ),
        Recovery::Withheld(many) => (
            RecoveryStanding::Withheld,
            format!(
                "Shopify told no address for any of the {many} latest open checkouts, so links back to a checkout lead to a cart with the same items, or to the shopper's cart; codes and clicks count as always. What is missing is {APPLY_FOR}."
            ),
        ),
    };
    RecoveryView { standing, sentence }
}

fn of_backfill(backfill: Backfilled) -> BackfillView {
    let why = backfill.last_error.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let sentence = match backfill.state {
        State::Asked => format!("Shopify is being asked for the orders of the last 60 days{why}."),
        State::Running => format!("Shopify gathers the orders of the last 60 days{why}."),
        State::Reading => "The orders of the last 60 days are being read.".to_owned(),
        State::Keeping => "The orders of the last 60 days are being recorded.".to_owned(),
        State::Done => "The orders of the 60 days before the installation are here.".to_owned(),
        State::Paged => format!("The orders of the 60 days before the installation are read page by page{why}."),
    };
    BackfillView {
        state: backfill.state,
        sentence,
        since: backfill.since,
        began_at: backfill.began_at,
        orders_read: backfill.orders_read,
        orders_total: backfill.orders_total,
        objects_read: backfill.lines_read,
        objects_total: backfill.objects_total,
        done_at: backfill.done_at,
    }
}
