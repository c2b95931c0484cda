//! How it goes in one shop, in sentences: whether everything is heard of, whether codes are ready, what failed.

use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use super::words::what;
use crate::campaigns::CampaignId;
use crate::catchup::{self, Sources};
use crate::codes::{self, MOST_CODES_COUNTED, PoolLevel};
use crate::jobs::{self, JobId};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::messages;
use crate::pixel::{self, WebPixelState};
use crate::webhooks::{self, MOST_COUNTED};

/// Deliveries are translated within seconds; one that waits longer is told of.
const LATE_SECONDS: i64 = 300;

/// Failed jobs that are listed.
const JOBS: u64 = 100;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HealthStanding)]
pub enum Standing {
    /// As it should.
    Well,
    /// Nothing has come yet, and nothing is wrong.
    Waiting,
    /// Somebody should look; the sentence says at what.
    Attention,
}

/// Where news come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthSource {
    /// Shopify's webhooks.
    Webhooks,
    /// Comparing them with the Admin API.
    CatchUp,
    /// The web pixel.
    Pixel,
    /// What became of messages, told by Meta or by the platform that sends them.
    WhatsappStatuses,
}

/// How a source stands.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SourceHealth {
    source: HealthSource,
    standing: Standing,
    /// In words.
    sentence: String,
    /// When something was last heard from it; of catch-up: up to when everything is here.
    #[schema(value_type = Option<String>, format = "date-time")]
    heard_at: Option<Timestamp>,
    /// Seconds since then.
    lag_seconds: Option<i64>,
}

/// Something that was missing, or may be.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct GapHealth {
    source: catchup::Source,
    /// It may still be missing; otherwise it was fetched.
    open: bool,
    /// In words.
    sentence: String,
    /// How many states were fetched that no webhook had told.
    found: i64,
    /// When the last of them were.
    #[schema(value_type = Option<String>, format = "date-time")]
    found_at: Option<Timestamp>,
}

/// How full the pool of a campaign is.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PoolHealth {
    #[schema(value_type = String, format = "uuid")]
    campaign_id: CampaignId,
    /// The campaign's name.
    campaign: String,
    standing: Standing,
    /// In words.
    sentence: String,
    /// Codes that can be handed out at once; counted up to 1000.
    ready: u64,
    /// With fewer than this it is filled again.
    low_water: u64,
    /// When its codes end at Shopify.
    #[schema(value_type = String, format = "date-time")]
    ends_at: Timestamp,
}

/// A job of this shop that was set aside.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct FailedJob {
    id: JobId,
    /// Its name in the log, such as `codes.fill`.
    kind: String,
    /// What it does and why it failed.
    sentence: String,
    /// How often it was tried.
    attempts: i32,
    /// When it was promised.
    #[schema(value_type = String, format = "date-time")]
    promised_at: Timestamp,
    /// When it was set aside.
    #[schema(value_type = String, format = "date-time")]
    failed_at: Timestamp,
}

/// How it goes in a shop.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Health {
    /// The worst of what follows.
    standing: Standing,
    sources: Vec<SourceHealth>,
    /// What no webhook told.
    gaps: Vec<GapHealth>,
    /// Pools of the campaigns that keep codes ready, of the newest fifty.
    pools: Vec<PoolHealth>,
    /// Jobs that were set aside, the latest first, a hundred at most.
    failed_jobs: Vec<FailedJob>,
}

/// Looks how it goes in a shop.
pub async fn look(db: &impl ConnectionTrait, shop: ShopId, now: Timestamp) -> Result<Health, DbErr> {
    let here = catchup::sources_of(db, shop, now).await?;
    let sources = vec![
        heard(db, shop, now).await?,
        caught_up(&here, now),
        told(db, shop, now).await?,
        reported(db, shop, now).await?,
    ];
    let pools: Vec<PoolHealth> = codes::levels(db, shop, now).await?.into_iter().map(pool).collect();
    let failed = jobs::failed_of(db, shop, JOBS).await?;
    let failed_jobs: Vec<FailedJob> = failed.into_iter().map(failed_job).collect();
    let attention = sources.iter().any(|one| one.standing == Standing::Attention)
        || pools.iter().any(|one| one.standing == Standing::Attention)
        || !failed_jobs.is_empty();
    let standing = match attention {
        true => Standing::Attention,
        false if sources.iter().any(|one| one.standing == Standing::Well) => Standing::Well,
        false => Standing::Waiting,
    };
    Ok(Health { standing, sources, gaps: gaps(&here), pools, failed_jobs })
}

fn source(
    source: HealthSource,
    (standing, sentence): (Standing, impl Into<String>),
    heard_at: Option<Timestamp>,
    now: Timestamp,
) -> SourceHealth {
    let lag_seconds = heard_at.map(|at| now.seconds_since(at).max(0));
    SourceHealth { source, standing, sentence: sentence.into(), heard_at, lag_seconds }
}

async fn heard(db: &impl ConnectionTrait, shop: ShopId, now: Timestamp) -> Result<SourceHealth, DbErr> {
    let last = webhooks::last_heard(db, shop).await?;
    let late = webhooks::backlog(db, shop).await?.filter(|backlog| now.seconds_since(backlog.oldest) > LATE_SECONDS);
    let said = match (late, last) {
        (Some(backlog), _) => {
            let what = match backlog.waiting {
                1 => "1 delivery waits".to_owned(),
                MOST_COUNTED => format!("{MOST_COUNTED} deliveries or more wait"),
                many => format!("{many} deliveries wait"),
            };
            let minutes = now.seconds_since(backlog.oldest) / 60;
            (
                Standing::Attention,
                format!(
                    "{what} to be recorded, the oldest for {minutes} minutes. Nothing is lost; reports know it then."
                ),
            )
        }
        (None, Some(_)) => (Standing::Well, "Shopify's webhooks come in and are recorded.".to_owned()),
        (None, None) => (Standing::Waiting, "No webhook of Shopify's has come yet.".to_owned()),
    };
    Ok(source(HealthSource::Webhooks, said, last, now))
}

fn caught_up(here: &Sources, now: Timestamp) -> SourceHealth {
    let behind: Vec<&str> = here.behind().map(|(_, sentence)| sentence).collect();
    let through = here.complete_through();
    let said = match (behind.is_empty(), through) {
        (false, _) => (Standing::Attention, behind.join(" ")),
        (true, Some(_)) => (Standing::Well, "Everything Shopify knows has been compared and is here.".to_owned()),
        (true, None) => (Standing::Waiting, "The shop's past is still being read.".to_owned()),
    };
    source(HealthSource::CatchUp, said, through, now)
}

async fn told(db: &impl ConnectionTrait, shop: ShopId, now: Timestamp) -> Result<SourceHealth, DbErr> {
    let known = pixel::web_pixel_of(db, shop).await?;
    let state = known.as_ref().map(|known| known.state);
    let last = pixel::last_told_at(db, shop).await?;
    let standing = match state {
        Some(WebPixelState::On) if last.is_some() => Standing::Well,
        Some(WebPixelState::On) | None => Standing::Waiting,
        Some(WebPixelState::ScopeMissing | WebPixelState::Refused) => Standing::Attention,
    };
    let why = known.and_then(|known| known.trouble).map(|trouble| format!(" ({trouble})")).unwrap_or_default();
    let sentence = format!("{}{why}", WebPixelState::sentence(state));
    Ok(source(HealthSource::Pixel, (standing, sentence), last, now))
}

async fn reported(db: &impl ConnectionTrait, shop: ShopId, now: Timestamp) -> Result<SourceHealth, DbErr> {
    let last = messages::last_status_at(db, shop).await?;
    let said = match last {
        Some(_) => (Standing::Well, "What became of messages is told."),
        None => (
            Standing::Waiting,
            "Nobody has told yet what became of a message: Meta does by its webhook, a platform by POST /api/messages/statuses.",
        ),
    };
    Ok(source(HealthSource::WhatsappStatuses, said, last, now))
}

fn gaps(here: &Sources) -> Vec<GapHealth> {
    let open = here.behind().map(|(source, sentence)| GapHealth {
        source,
        open: true,
        sentence: sentence.to_owned(),
        found: 0,
        found_at: None,
    });
    let mended = here.mended().map(|(source, found, at)| GapHealth {
        source,
        open: false,
        sentence: match found {
            1 => "One state that no webhook told was missing; it has been fetched.".to_owned(),
            _ => format!("{found} states that no webhook told were missing; they have been fetched."),
        },
        found,
        found_at: Some(at),
    });
    open.chain(mended).collect()
}

fn pool(level: PoolLevel) -> PoolHealth {
    let (ready, low) = (level.ready, level.low());
    let many = match ready {
        1 => "1 code is".to_owned(),
        MOST_CODES_COUNTED => format!("{ready} codes or more are"),
        _ => format!("{ready} codes are"),
    };
    let (standing, sentence) = match (low, ready) {
        (true, 0) => (
            Standing::Attention,
            "No code is ready. Whoever is drawn is promised one, which works once Shopify has imported it; their link works meanwhile.".to_owned(),
        ),
        (true, _) => (Standing::Waiting, format!("{many} ready, fewer than there should be; more are being made.")),
        (false, _) if level.runs_down => {
            (Standing::Well, format!("{many} ready; this campaign keeps no more than its announced audience needs."))
        }
        (false, _) => (Standing::Well, format!("{many} ready.")),
    };
    PoolHealth {
        campaign_id: level.campaign_id,
        campaign: level.campaign,
        standing,
        sentence,
        ready,
        low_water: level.low_water,
        ends_at: level.ends_at,
    }
}

fn failed_job(job: jobs::Model) -> FailedJob {
    let why = job.last_error.as_deref().unwrap_or("no reason is kept").trim_end_matches('.');
    FailedJob {
        sentence: format!("{} failed: {why}.", what(&job.kind)),
        id: job.id,
        kind: job.kind,
        attempts: job.attempts,
        promised_at: job.created_at,
        failed_at: job.run_at,
    }
}
