//! Draws of one campaign by several callers at the same time: one transaction, one fsync ([`Group`]).
//!
//! 1. Whoever asks for few recipients joins what the others ask for at the same moment, and everybody is answered after
//!    the commit. The recipients of all are composed together, so that a group costs hardly more statements than one.
//! 2. One caller's trouble is nobody else's: a group that fails is tried caller by caller.
//! 3. Large calls have a transaction of their own: nobody waits behind ten thousand without need.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use sea_orm::DbErr;

use super::compose::{Composed, compose};
use crate::app::App;
use crate::campaigns::{Campaign, CampaignId, NewRecipient};
use crate::db::{Group, GroupError};
use crate::http::{Problem, Result};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Calls for more recipients than this stand alone.
const FEW: usize = 50;

/// A platform is answered 503 rather than kept waiting longer: it asks again, and gets the same answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What one caller asks for.
#[derive(Clone, Debug)]
struct Asked {
    /// As the caller read it: the campaign may change between two callers.
    campaign: Arc<Campaign>,
    recipients: Arc<[NewRecipient]>,
    now: Timestamp,
}

/// Where recipients are drawn: a writer per campaign, while somebody draws from it.
#[derive(Clone, Debug)]
pub struct Desk {
    app: App,
    writers: Cache<(ShopId, CampaignId), Group<Asked, Vec<Composed>>>,
}

impl Desk {
    /// A desk nobody asked yet.
    pub fn new(app: App) -> Self {
        // A writer that is let go ends when it has answered; two of a campaign at once do no harm.
        let writers = Cache::builder().max_capacity(1_000).time_to_idle(Duration::from_secs(60)).build();
        Self { app, writers }
    }

    /// Draws recipients, whose keys differ, and composes their messages; answers in their order, when all is on disk.
    pub(super) async fn draw(
        &self,
        campaign: &Campaign,
        recipients: Vec<NewRecipient>,
        now: Timestamp,
    ) -> Result<Vec<Composed>> {
        if recipients.len() > FEW {
            return Ok(alone(&self.app, campaign, &recipients, now).await?);
        }
        let asked = Asked { campaign: Arc::new(campaign.clone()), recipients: recipients.into(), now };
        let start = async {
            let app = self.app.clone();
            Group::start(move |calls: Vec<Asked>| {
                let app = app.clone();
                async move { together(&app, &calls).await }
            })
        };
        let writer = self.writers.get_with((campaign.shop_id, campaign.id), start).await;
        writer.write(asked, PATIENCE).await.map_err(turned_away)
    }
}

fn turned_away(error: GroupError) -> Problem {
    Problem::unavailable(format!("This draw is not kept: {error}. Ask again: whoever was drawn gets the same answer."))
}

/// All of one call, in a transaction of its own.
async fn alone(
    app: &App,
    campaign: &Campaign,
    recipients: &[NewRecipient],
    now: Timestamp,
) -> Result<Vec<Composed>, DbErr> {
    let txn = app.db.begin_write().await?;
    let composed = compose(&txn, app, campaign, recipients, now).await?;
    txn.commit().await?;
    app.bell.notify_one();
    Ok(composed)
}

/// The calls of a group, each answered in the order it asked.
async fn together(app: &App, calls: &[Asked]) -> Result<Vec<Vec<Composed>>, DbErr> {
    let txn = app.db.begin_write().await?;
    let mut answers: Vec<Vec<Composed>> = calls.iter().map(|call| vec![None; call.recipients.len()]).collect();
    for calls in alike(calls) {
        // A recipient whom two callers ask for is composed once, and both get the same answer.
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut recipients: Vec<NewRecipient> = Vec::new();
        for recipient in calls.iter().flat_map(|(_, call)| call.recipients.iter()) {
            places.entry(&recipient.key).or_insert_with(|| {
                recipients.push(recipient.clone());
                recipients.len() - 1
            });
        }
        let Some((_, first)) = calls.first() else { continue };
        let now = calls.iter().map(|(_, call)| call.now).max().unwrap_or(first.now);
        let composed = compose(&txn, app, &first.campaign, &recipients, now).await?;
        for (n, call) in &calls {
            let of_call = call.recipients.iter().map(|recipient| places.get(recipient.key.as_str()));
            let of_call = of_call.map(|place| place.and_then(|place| composed.get(*place)).cloned().flatten());
            answers[*n] = of_call.collect();
        }
    }
    txn.commit().await?;
    app.bell.notify_one();
    Ok(answers)
}

/// Calls by the campaign as they know it; nearly always there is one.
fn alike(calls: &[Asked]) -> Vec<Vec<(usize, &Asked)>> {
    let mut found: Vec<Vec<(usize, &Asked)>> = Vec::new();
    for call in calls.iter().enumerate() {
        match found.iter_mut().find(|same| same.first().is_some_and(|(_, one)| one.campaign == call.1.campaign)) {
            Some(same) => same.push(call),
            None => found.push(vec![call]),
        }
    }
    found
}
