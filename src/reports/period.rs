//! What a report is asked about.

use sea_orm::{ConnectionTrait, Iterable};
use serde::Deserialize;

use crate::attribution::{DEFAULT_POLICY, Model, Policy, policies};
use crate::campaigns::CampaignId;
use crate::http::{Problem, Result};
use crate::kernel::{Day, Timestamp};
use crate::shops::Shop;

/// Days, policy, model and instant, as a caller writes them.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// First day, `YYYY-MM-DD` in the shop's zone; default 29 days before `to`.
    pub from: Option<String>,
    /// Last day, included; default today.
    pub to: Option<String>,
    /// Which rules of evidence; default `default`. `name@version` asks what an earlier version said.
    pub policy: Option<String>,
    /// How a campaign's share of what is attributed is found: `originating` (default), `first_touch`, `last_touch`,
    /// `last_non_direct`, `linear`, `position_based` or `time_decay`. They share credit, they do not prove cause.
    pub model: Option<String>,
    /// Show what was true at this instant (RFC 3339).
    pub as_of: Option<String>,
    /// Only this campaign.
    pub campaign: Option<String>,
}

/// The same, read.
#[derive(Clone, Debug)]
pub struct Period {
    /// First day.
    pub from: Day,
    /// Last day, included.
    pub to: Day,
    /// The instants in which these days begin and end, half-open.
    pub instants: (Timestamp, Timestamp),
    /// Rules of evidence.
    pub policy: Policy,
    /// How a campaign's share is found.
    pub model: Model,
    /// Stages that were true at this instant.
    pub as_of: Option<Timestamp>,
    /// Only this campaign.
    pub campaign: Option<CampaignId>,
}

/// A report covers at most this many days.
const MOST_DAYS: i32 = 3 * 366;

impl Period {
    /// As many days, right before.
    pub fn before(&self, zone: chrono_tz::Tz) -> Self {
        let days = self.to.0 - self.from.0 + 1;
        let (from, to) = (self.from.plus(-days), self.from.plus(-1));
        Self { from, to, instants: (from.start(zone), to.next().start(zone)), ..self.clone() }
    }

    /// Reads what was asked, in the shop's zone.
    pub async fn read(db: &impl ConnectionTrait, asked: &ReportQuery, shop: &Shop, now: Timestamp) -> Result<Self> {
        let zone = shop.zone();
        let day = |field: &'static str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => {
                Day::parse(text).map(Some).ok_or_else(|| Problem::invalid(field, "Write a day as YYYY-MM-DD."))
            }
        };
        let to = day("to", &asked.to)?.unwrap_or_else(|| now.day(zone));
        let from = day("from", &asked.from)?.unwrap_or(to.plus(-29));
        if from > to || to.0.saturating_sub(from.0) >= MOST_DAYS {
            return Err(Problem::invalid(
                "from",
                "The first day is not after the last, and a report covers at most three years.",
            ));
        }
        let policy = asked.policy.as_deref().unwrap_or(DEFAULT_POLICY);
        let policy = policies::named(db, shop.shop_id, policy).await?;
        let policy = policy.ok_or_else(|| Problem::invalid("policy", "This shop has no policy of that name."))?;
        let model = match asked.model.as_deref() {
            None => Model::Originating,
            Some(word) => Model::called(word).ok_or_else(|| {
                let known: Vec<&str> = Model::iter().map(Model::word).collect();
                Problem::invalid("model", format!("Available: {}.", known.join(", ")))
            })?,
        };
        let as_of = asked.as_of.as_deref().map(|text| {
            Timestamp::parse(text)
                .ok_or_else(|| Problem::invalid("as_of", "Write an instant such as 2026-11-22T10:00:00Z."))
        });
        let campaign =
            asked.campaign.as_deref().map(|id| CampaignId::parse(id).ok_or_else(|| Problem::not_found("campaign")));
        let instants = (from.start(zone), to.next().start(zone));
        Ok(Self { from, to, instants, policy, model, as_of: as_of.transpose()?, campaign: campaign.transpose()? })
    }

    /// The same of one day.
    pub fn of_day(&self, day: Day, shop: &Shop) -> Self {
        let zone = shop.zone();
        Self { from: day, to: day, instants: (day.start(zone), day.next().start(zone)), ..self.clone() }
    }
}
