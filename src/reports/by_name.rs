//! Reports by their names, for whoever measures how long they take.

use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use super::campaigns::campaign_page;
use super::claims::claims;
use super::codes::{self, Choice};
use super::cohorts::{By, cohorts};
use super::costs::costs;
use super::kpis::{Question, kpis};
use super::ledger::ledger;
use super::links::links_report;
use super::opt_outs::opt_outs;
use super::paths::journeys;
use super::period::{Period, ReportQuery};
use super::summary::summary;
use super::{checkouts, messages};
use crate::kernel::{Day, Timestamp};
use crate::shops::Shop;

/// A report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The overview.
    Summary,
    /// The indicators.
    Kpis,
    /// Where every order stands.
    Ledger,
    /// What messages cost.
    Costs,
    /// The list of campaigns.
    Campaigns,
    /// Links and hits.
    Links,
    /// Who wanted no more.
    OptOuts,
    /// What became of messages.
    Messages,
    /// What became of codes.
    Codes,
    /// Abandoned checkouts.
    Checkouts,
    /// Journeys by channel.
    Journeys,
    /// Customers by month.
    Cohorts,
    /// Who claims how much.
    Claims,
}

impl Report {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Summary,
        Self::Kpis,
        Self::Ledger,
        Self::Costs,
        Self::Campaigns,
        Self::Links,
        Self::OptOuts,
        Self::Messages,
        Self::Codes,
        Self::Checkouts,
        Self::Journeys,
        Self::Cohorts,
        Self::Claims,
    ];

    /// Whether it looks at orders one by one, for as long as it may, and says how far it came.
    pub const fn is_survey(self) -> bool {
        matches!(self, Self::Journeys | Self::Cohorts | Self::Claims)
    }

    /// Reads it and writes it out, as its route does; answers the bytes.
    pub async fn read(
        self,
        db: &impl ConnectionTrait,
        shop: &Shop,
        (from, to): (Day, Day),
        now: Timestamp,
    ) -> Result<Vec<u8>, DbErr> {
        let asked = ReportQuery { from: Some(from.to_string()), to: Some(to.to_string()), ..ReportQuery::default() };
        let period = Period::read(db, &asked, shop, now).await;
        let period = period.map_err(|problem| DbErr::Custom(problem.detail().to_owned()))?;
        match self {
            Self::Summary => written(&summary(db, shop, &period, now).await?),
            Self::Kpis => written(&kpis(db, shop, &Question::whole(period), now).await?),
            Self::Ledger => written(&ledger(db, shop, &period).await?),
            Self::Costs => written(&costs(db, shop, &period).await?),
            Self::Campaigns => written(&campaign_page(db, shop, None, &period).await?),
            Self::Links => written(&links_report(db, shop, &period, None).await?),
            Self::OptOuts => written(&opt_outs(db, shop, &period).await?),
            Self::Messages => written(&messages::sums(db, shop.shop_id, &period).await?),
            Self::Codes => written(&codes::sums(db, shop.shop_id, &period, Choice::default(), now).await?),
            Self::Checkouts => written(&checkouts::report(db, shop, &period).await?),
            Self::Journeys => written(&journeys(db, shop, &period).await?),
            Self::Cohorts => written(&cohorts(db, shop, &period, By::default()).await?),
            Self::Claims => written(&claims(db, shop, &period, now).await?),
        }
    }
}

fn written(report: &impl Serialize) -> Result<Vec<u8>, DbErr> {
    serde_json::to_vec(report).map_err(|error| DbErr::Json(error.to_string()))
}
