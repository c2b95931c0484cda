//! Draws of one campaign by several callers at the same time: one transaction, one fsync ([`Group`]).
//!
//! 1. Whoever asks for few recipients joins what the others ask for at the same moment, and everybody is answered after
//!    the commit. The recipients of all are composed together, so that a group costs hardly more statements than one.
//! 2. The campaign is read in that transaction, once for all: nobody is drawn by terms that changed meanwhile.
//! 3. One caller's trouble is nobody else's: a group that fails is tried caller by caller.
//! 4. Large calls stand alone, and are drawn in pieces, each in a transaction of its own: nobody waits behind ten
//!    thousand. What a call that broke off has drawn stays drawn; asked again, it gets the same answer.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use sea_orm::{DbErr, EntityTrait};

use super::compose::{Composed, compose};
use super::pace::{DRAWN, Pace};
use crate::app::App;
use crate::campaigns::{self, CampaignId, Campaigns, NotDrawn, ToDraw};
use crate::db::{Group, GroupError};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Calls for more recipients than this stand alone.
const FEW: usize = 50;

/// A platform is answered 503 rather than kept waiting longer: it asks again, and gets the same answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What one caller asks for.
#[derive(Clone, Debug)]
struct Call {
    recipients: Arc<[ToDraw]>,
    now: Timestamp,
}

type Drawn = Result<Vec<Composed>, NotDrawn>;

/// Why a draw is not answered.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// Nobody is drawn into this campaign.
    #[error(transparent)]
    NotDrawn(#[from] NotDrawn),
    /// It is not kept, or not known to be: asked again, whoever was drawn gets the same answer.
    #[error(transparent)]
    NotKept(#[from] GroupError),
    /// The database did not take it.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Where recipients are drawn: a writer per campaign, while somebody draws from it.
#[derive(Clone, Debug)]
pub struct Batcher {
    app: App,
    writers: Cache<(ShopId, CampaignId), Group<Call, Drawn>>,
    pub(super) pace: Pace,
}

impl Batcher {
    /// A batcher nobody asked yet.
    pub fn new(app: App) -> Self {
        // A writer that is let go ends when it has answered; two of a campaign at once do no harm.
        let writers = Cache::builder().max_capacity(1_000).time_to_idle(Duration::from_secs(60)).build();
        let pace = Pace::new(app.config.server.items_per_second);
        Self { app, writers, pace }
    }

    /// Draws recipients, whose keys differ, into a campaign of the shop and composes their messages; answers in their
    /// order, when all is on disk.
    pub(super) async fn draw(
        &self,
        campaign: (ShopId, CampaignId),
        recipients: Vec<ToDraw>,
        now: Timestamp,
    ) -> Result<Vec<Composed>, DrawError> {
        let (app, alone) = (self.app.clone(), recipients.len() > FEW);
        if alone {
            let mut drawn = Vec::with_capacity(recipients.len());
            for piece in recipients.chunks(DRAWN) {
                let call = Call { recipients: piece.into(), now };
                drawn.extend(together(&app, campaign, &[call]).await?.pop().unwrap_or(Ok(Vec::new()))?);
            }
            return Ok(drawn);
        }
        let call = Call { recipients: recipients.into(), now };
        let start = async {
            // A campaign is one shop's.
            Group::gathering(
                "draws",
                |_| ShopId::NOBODY,
                move |calls: Vec<Call>| {
                    let app = app.clone();
                    async move { together(&app, campaign, &calls).await }
                },
            )
        };
        let writer = self.writers.get_with(campaign, start).await;
        Ok(writer.write(call, PATIENCE).await??)
    }
}

/// The calls of a group, each answered in the order it asked.
async fn together(app: &App, campaign: (ShopId, CampaignId), calls: &[Call]) -> Result<Vec<Drawn>, DbErr> {
    let txn = app.db.begin_write().await?;
    let campaign = match campaigns::open(Campaigns::find_by_id(campaign).one(&txn).await?) {
        Ok(campaign) => campaign,
        Err(why) => {
            txn.rollback().await?;
            return Ok(vec![Err(why); calls.len()]);
        }
    };
    // A recipient whom two callers ask for is composed once, and both get the same answer.
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut recipients: Vec<&ToDraw> = Vec::new();
    for one in calls.iter().flat_map(|call| call.recipients.iter()) {
        places.entry(&one.recipient.key).or_insert_with(|| {
            recipients.push(one);
            recipients.len() - 1
        });
    }
    let now = calls.iter().map(|call| call.now).max().unwrap_or_default();
    let composed = compose(&txn, app, &campaign, &recipients, now).await?;
    txn.commit().await?;
    app.bell.notify_one();
    let of = |one: &ToDraw| composed.get(*places.get(one.recipient.key.as_str())?).cloned().flatten();
    Ok(calls.iter().map(|call| Ok(call.recipients.iter().map(of).collect())).collect())
}
