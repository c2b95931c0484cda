//! Reports by their names, for whoever measures how long they take.

use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use super::campaigns::campaign_page;
use super::costs::costs;
use super::kpis::{Question, kpis};
use super::ledger::ledger;
use super::links::links_report;
use super::opt_outs::opt_outs;
use super::period::{Period, ReportQuery};
use super::summary::summary;
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
}

impl Report {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Summary, Self::Kpis, Self::Ledger, Self::Costs, Self::Campaigns, Self::Links, Self::OptOuts];

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
        }
    }
}

fn written(report: &impl Serialize) -> Result<Vec<u8>, DbErr> {
    serde_json::to_vec(report).map_err(|error| DbErr::Json(error.to_string()))
}
