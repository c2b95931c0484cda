//! All campaigns of some days that left somebody alone, judged together and side by side.

use sea_orm::{ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use super::comparison::look_ahead;
use super::report::{Question, Read, lately, of_campaign};
use super::sentence;
use super::view::{LiftStage, MoneyRange, OutlookView, Range};
use crate::campaigns::{Arm, CAMPAIGN, Campaign, CampaignId, Campaigns};
use crate::shops::Shop;
use crate::stats::{self, ArmMoments, Interval, JudgedPool, Known, Options, Sample, Stage};

/// Campaigns judged at most; the newest.
const MOST: u64 = 200;

/// Campaigns together.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PooledLift {
    /// In words.
    pub definition: &'static str,
    /// For how many days after the assignment orders count.
    pub horizon_days: u32,
    /// How far they have come together.
    pub stage: LiftStage,
    /// It in one sentence.
    pub sentence: String,
    /// Campaigns that are in it.
    pub campaigns: usize,
    /// Campaigns left out, because their arms are not as planned.
    pub refused: usize,
    /// Recipients left alone whose horizon has closed.
    pub holdout: usize,
    /// Recipients written to whose horizon has closed.
    pub treated: usize,
    /// Buyers among those left alone.
    pub holdout_buyers: usize,
    /// Buyers among those written to.
    pub treated_buyers: usize,
    /// What the gate counts: conversions of the smaller arm of all campaigns together.
    pub conversions: i64,
    /// Difference of the shares that bought.
    pub conversion: Option<Range>,
    /// What *these* campaigns did: difference of net revenue a recipient, minor units, weighed by design.
    pub these: Option<Range>,
    /// The same for all who were written to.
    pub incremental: Option<MoneyRange>,
    /// What campaigns like these do on average, by how they differ among themselves.
    pub average: Option<Range>,
    /// Between which limits *the next one* will show its difference.
    pub next: Option<Range>,
    /// When more can be said; `null` once money is shown.
    pub outlook: Option<OutlookView>,
    /// Campaigns by what is to be believed of each, the best first: drawn toward the mean of all, the more the less a
    /// campaign can say. Empty with fewer than four.
    pub league: Vec<InLeague>,
}

/// A campaign beside the others.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct InLeague {
    /// Which.
    pub campaign_id: CampaignId,
    /// Its name.
    pub name: String,
    /// Its recipients whose horizon has closed, in both arms.
    pub recipients: i64,
    /// What was measured, minor units a recipient. Nothing to rank by.
    pub measured: f64,
    /// How far it was drawn toward the mean: 0 not at all, 1 all the way.
    pub drawn: f64,
    /// What is to be believed, minor units a recipient.
    pub believed: Range,
    /// The chance of a difference at least as large if it did nothing; `null` before its own gate.
    pub p: Option<f64>,
    /// The same, allowing for how many campaigns are looked at (Benjamini, Hochberg).
    pub p_adjusted: Option<f64>,
}

/// The shop's campaigns that leave somebody alone, the newest.
pub async fn with_holdout(db: &impl ConnectionTrait, shop: &Shop) -> Result<Vec<Campaign>, DbErr> {
    let with_holdout = Campaigns::of(shop.shop_id).filter(CAMPAIGN.holdout_ppm.gt(0));
    with_holdout.order_by_desc(CAMPAIGN.id).limit(MOST).all(db).await
}

/// Reads those of some campaigns that assigned anybody in the asked days.
pub async fn read_all(
    db: &impl ConnectionTrait,
    shop: &Shop,
    campaigns: Vec<Campaign>,
    question: &Question,
) -> Result<Vec<(Campaign, Read)>, DbErr> {
    let mut read = Vec::new();
    for campaign in campaigns.into_iter().filter(|campaign| campaign.created_at <= question.until) {
        let one = of_campaign(db, shop, &campaign, question).await?;
        if !one.arms.is_empty() {
            read.push((campaign, one));
        }
    }
    Ok(read)
}

/// Judges all campaigns with a holdout that assigned anybody in the asked days.
pub async fn pooled_lift(db: &impl ConnectionTrait, shop: &Shop, question: &Question) -> Result<PooledLift, DbErr> {
    pooled(db, shop, question).await.map(|(pooled, _)| pooled)
}

/// The same, and the campaigns that are in it.
pub async fn pooled(
    db: &impl ConnectionTrait,
    shop: &Shop,
    question: &Question,
) -> Result<(PooledLift, Vec<CampaignId>), DbErr> {
    let read = read_all(db, shop, with_holdout(db, shop).await?, question).await?;
    let known: Vec<stats::Campaign> = read.iter().map(|(_, one)| campaign(one)).collect();
    let options = Options::default();
    let judged = stats::judge_pool(&known, &options);
    let these = judged.these.and_then(Result::ok);
    let next = judged.next.and_then(Result::ok);
    let treated = i64::try_from(judged.n.1).unwrap_or(0);
    let money = matches!(judged.stage, Stage::TwoPart | Stage::Welch);
    let outlook = if money { None } else { ahead(db, shop, &read, question).await? };
    let within = judged.within.iter().map(|place| read[*place].0.id).collect();
    let pooled = PooledLift {
        definition: "Net sales a recipient within the horizon of being eligible, those written to less those left alone; campaigns weighed by their size in both arms.",
        horizon_days: question.horizon_days,
        stage: judged.stage.into(),
        sentence: spoken(&judged, these.as_ref(), shop, outlook.as_ref()),
        campaigns: judged.campaigns.0,
        refused: judged.campaigns.1,
        holdout: judged.n.0,
        treated: judged.n.1,
        holdout_buyers: judged.buyers.0,
        treated_buyers: judged.buyers.1,
        conversions: judged.conversions,
        conversion: judged.conversion.and_then(Result::ok).map(|strata| strata.interval.into()),
        these: these.map(Range::from),
        incremental: these.map(|these| MoneyRange::of(&these, treated, shop.money())),
        average: next.map(|next| next.mean.into()),
        next: next.map(|next| next.one.into()),
        outlook,
        league: if money { league(&read, &known, &options) } else { Vec::new() },
    };
    Ok((pooled, within))
}

/// When more can be said of campaigns together, at the pace of the last 28 days.
async fn ahead(
    db: &impl ConnectionTrait,
    shop: &Shop,
    read: &[(Campaign, Read)],
    question: &Question,
) -> Result<Option<OutlookView>, DbErr> {
    let (mut nothing, mut messages, mut new) = (ArmMoments::default(), ArmMoments::default(), (0, 0));
    for (_, one) in read {
        nothing.merge(&one.nothing().moments);
        messages.merge(&one.messages().moments);
        for (arm, recipients) in lately(db, shop, one, question).await? {
            *if arm == Arm::Nothing { &mut new.0 } else { &mut new.1 } += recipients;
        }
    }
    let today = question.now.day(shop.zone());
    Ok(look_ahead((&nothing, &messages), new, (today, question.planned), &Options::default()))
}

/// As mathematics takes it.
pub fn campaign(read: &Read) -> stats::Campaign {
    let (nothing, messages) = (read.nothing(), read.messages());
    let whole = |count: i64| usize::try_from(count).unwrap_or(0);
    stats::Campaign {
        share: read.shares.0,
        assigned: (whole(nothing.assigned), whole(messages.assigned)),
        holdout: nothing.moments,
        treated: messages.moments,
    }
}

fn league(read: &[(Campaign, Read)], known: &[stats::Campaign], options: &Options) -> Vec<InLeague> {
    let samples: Vec<(Sample, Sample)> =
        known.iter().map(|one| (one.holdout.per_recipient(), one.treated.per_recipient())).collect();
    let Ok(league) = stats::league(&samples, options.alpha) else { return Vec::new() };
    let chance = |one: &stats::Campaign| {
        let stage = Stage::of(one.holdout.conversions().min(one.treated.conversions()));
        let known = Known { holdout: one.holdout, treated: one.treated, ..Known::default() };
        stats::p_value(&known, stage)
    };
    let chances: Vec<Option<f64>> = known.iter().map(chance).collect();
    let told: Vec<f64> = chances.iter().copied().flatten().collect();
    let mut adjusted = stats::benjamini_hochberg(&told).into_iter();
    let adjusted: Vec<Option<f64>> = chances.iter().map(|chance| chance.and_then(|_| adjusted.next())).collect();
    let row = |ranked: &stats::Ranked| {
        let ((campaign, _), one) = (&read[ranked.campaign], &known[ranked.campaign]);
        InLeague {
            campaign_id: campaign.id,
            name: campaign.name.clone(),
            recipients: one.holdout.n + one.treated.n,
            measured: ranked.measured,
            drawn: ranked.drawn,
            believed: ranked.interval.into(),
            p: chances[ranked.campaign],
            p_adjusted: adjusted[ranked.campaign],
        }
    };
    league.table.iter().map(row).collect()
}

fn spoken(judged: &JudgedPool, these: Option<&Interval>, shop: &Shop, outlook: Option<&OutlookView>) -> String {
    match (judged.stage, these) {
        (Stage::Refused, _) => {
            "Nothing is said: the arms of these campaigns together are not as they were planned.".to_owned()
        }
        (Stage::NothingClosed, _) => {
            "Nothing can be said yet: no campaign of these days left anybody alone whose time to buy has passed."
                .to_owned()
        }
        (_, Some(these)) => {
            let all = MoneyRange::of(these, i64::try_from(judged.n.1).unwrap_or(0), shop.money());
            let (low, high) = (all.low, all.high);
            let effect = match (low.minor > 0, high.minor < 0) {
                (true, _) => "These campaigns brought",
                (_, true) => "These campaigns cost sales:",
                _ => "Whether these campaigns brought any money cannot be told from chance:",
            };
            format!(
                "{effect} between {} and {} {} that would not have come without them.",
                low.decimal(),
                high.decimal(),
                high.currency
            )
        }
        _ => format!(
            "Too early: {} of the {} purchases have come in the smaller arm of all campaigns together that an interval of money takes.{}",
            judged.conversions,
            stats::FEWEST,
            sentence::when(outlook.and_then(|outlook| outlook.interval_on))
        ),
    }
}
