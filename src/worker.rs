//! Registers every room's jobs. A job that is not in this list waits for a node that knows it.

use sea_orm::DbErr;

use crate::abandoned::{FollowDelays, Watch};
use crate::app::App;
use crate::attribution::{
    Radar, Restate, Settle, UnsettleAll, UnsettleByCode, UnsettleByPixel, UnsettleByStatuses, UnsettleByTaps,
};
use crate::catchup::{Backfill, CatchUp, Journeys, ReadAgain, ReadDays, ReadOlderDays, ReadSales};
use crate::codes::{DriftCheck, Expire, FollowCampaign, OwnDiscounts, Refill, Revoke};
use crate::files::{Daily, LetGo, Make};
use crate::jobs::{Registered, Worker, registered};
use crate::lift::{MeasureDrawn, MeasureOrders};
use crate::links::Look;
use crate::links::classify::Classify;
use crate::news::{Heard, listening};
use crate::pixel::SwitchOn;
use crate::privacy::{AgeOut, Fulfil};
use crate::reports::Recount;
use crate::rotation::Reseal;
use crate::shops::{KeepAlive, Left};
use crate::sinks::{Deliver, TellAbandoned, TellAlarm, TellFile, TellJudged, TellLive, TellWithdrawn};
use crate::webhooks::Translate;
use crate::{abandoned, attribution, catchup, codes, files, links, pixel, privacy, reports, rotation, shops};

/// A worker that knows every kind of job.
pub fn worker(app: App) -> Worker {
    Worker::new(app, jobs().into_iter().chain(listeners().into_iter().map(|heard| heard.job)).collect())
        .beside(|app, stop| Box::pin(reports::keep_counted(app, stop)))
}

/// The jobs that somebody promises by their type.
fn jobs() -> Vec<Registered> {
    vec![
        registered::<KeepAlive>(),
        registered::<Left>(),
        registered::<Translate>(),
        registered::<CatchUp>(),
        registered::<Backfill>(),
        registered::<Journeys>(),
        registered::<ReadDays>(),
        registered::<ReadOlderDays>(),
        registered::<OwnDiscounts>(),
        registered::<DriftCheck>(),
        registered::<Expire>(),
        registered::<Revoke>(),
        registered::<Look>(),
        registered::<SwitchOn>(),
        registered::<Watch>(),
        registered::<Settle>(),
        registered::<Radar>(),
        registered::<Restate>(),
        registered::<Classify>(),
        registered::<Make>(),
        registered::<LetGo>(),
        registered::<Daily>(),
        registered::<Deliver>(),
        registered::<AgeOut>(),
        registered::<Reseal>(),
        registered::<Recount>(),
    ]
}

/// The jobs that hear news.
fn listeners() -> Vec<Heard> {
    vec![
        listening::<shops::Begin>(),
        listening::<codes::Begin>(),
        listening::<links::Begin>(),
        listening::<pixel::Begin>(),
        listening::<attribution::Begin>(),
        listening::<catchup::Begin>(),
        listening::<privacy::Begin>(),
        listening::<abandoned::Begin>(),
        listening::<files::Begin>(),
        listening::<reports::Begin>(),
        listening::<Refill>(),
        listening::<FollowCampaign>(),
        listening::<TellLive>(),
        listening::<TellAlarm>(),
        listening::<FollowDelays>(),
        listening::<TellAbandoned>(),
        listening::<TellWithdrawn>(),
        listening::<TellJudged>(),
        listening::<TellFile>(),
        listening::<MeasureDrawn>(),
        listening::<MeasureOrders>(),
        listening::<UnsettleByCode>(),
        listening::<UnsettleByPixel>(),
        listening::<UnsettleByStatuses>(),
        listening::<UnsettleByTaps>(),
        listening::<UnsettleAll>(),
        listening::<ReadAgain>(),
        listening::<ReadSales>(),
        listening::<Fulfil>(),
    ]
}

/// Makes sure that everything that comes back by itself is there, also what an update added. Called when a worker begins.
pub async fn stand(app: &App) -> Result<(), DbErr> {
    shops::stand(app).await?;
    privacy::stand(app).await?;
    reports::stand(app).await?;
    rotation::stand(app).await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::news::LISTENERS;

    #[test]
    fn whoever_is_told_is_registered_and_whoever_listens_is_told() {
        let told: BTreeSet<_> = LISTENERS.iter().copied().collect();
        let listening: BTreeSet<_> = listeners().into_iter().map(|heard| heard.listener).collect();
        assert_eq!(told, listening, "the list in news/listeners.rs and the jobs above disagree");
        assert_eq!(told.len(), LISTENERS.len(), "somebody is told twice");
    }

    /// A job's name says which type reads it.
    #[test]
    fn every_job_has_a_name_of_its_own() {
        let all: Vec<_> = jobs().into_iter().chain(listeners().into_iter().map(|heard| heard.job)).collect();
        let names: BTreeSet<_> = all.iter().map(|job| job.name).collect();
        assert_eq!(names.len(), all.len());
    }
}
