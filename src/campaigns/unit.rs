//! Everybody who is assigned to an arm of some experiment: a draw in its campaign's, a member in its programme's.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Iterable, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::arms::Arm;
use super::draw::{self, Entity as Draws, Model as Draw};
use super::program::member;
use crate::db::each;
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::people::RecipientId;

/// What is randomised: a campaign, or a programme over all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Experiment {
    /// One campaign.
    Campaign(super::campaign::CampaignId),
    /// The long-lived holdout.
    Program(super::program::ProgramId),
}

impl Experiment {
    /// Its id.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Campaign(id) => id.0,
            Self::Program(id) => id.0,
        }
    }
}

/// Somebody in an arm of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    /// Which experiment.
    pub experiment: Experiment,
    /// The draw that assigned them.
    pub id: MessageId,
    /// The arm. Of a programme: left alone, or whatever campaigns give.
    pub arm: Arm,
    /// When they were eligible: windows start here, in every arm.
    pub assigned_at: Timestamp,
}

/// The units of some recipients. A draw that a programme left alone is no unit of its campaign, which never chose.
pub async fn units_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    recipients: &BTreeSet<RecipientId>,
) -> Result<BTreeMap<RecipientId, BTreeSet<Unit>>, DbErr> {
    let ids: Vec<RecipientId> = recipients.iter().copied().collect();
    let draws: Vec<Draw> = each(db, Draws::of(shop), draw::Column::RecipientId, ids).await?;
    let keys: BTreeSet<String> = draws.iter().map(|draw| draw.recipient_key_hash.clone()).collect();
    let members = member::Entity::find().filter(member::COLUMN.shop_id.eq(shop));
    let members: Vec<member::Model> = each(db, members, member::Column::RecipientKeyHash, keys).await?;
    let mut by_key: HashMap<&str, Vec<Unit>> = HashMap::new();
    for one in &members {
        by_key.entry(&one.recipient_key_hash).or_default().push(unit_of_member(one));
    }
    let mut units: BTreeMap<RecipientId, BTreeSet<Unit>> = BTreeMap::new();
    for draw in &draws {
        let theirs = units.entry(draw.recipient_id).or_default();
        theirs.extend(unit_of_draw(draw));
        theirs.extend(by_key.get(draw.recipient_key_hash.as_str()).into_iter().flatten());
    }
    Ok(units)
}

/// Recipients of some draws, and of every other draw under the same keys: a member of a programme is all of them.
pub async fn recipients_of_draws(
    db: &impl ConnectionTrait,
    shop: ShopId,
    draws: Vec<MessageId>,
) -> Result<BTreeSet<RecipientId>, DbErr> {
    let drawn: Vec<Draw> = each(db, Draws::of(shop), draw::Column::Id, draws).await?;
    let keys: BTreeSet<String> = drawn.iter().map(|draw| draw.recipient_key_hash.clone()).collect();
    let others: Vec<Draw> = each(db, Draws::of(shop), draw::Column::RecipientKeyHash, keys).await?;
    Ok(drawn.iter().chain(&others).map(|draw| draw.recipient_id).collect())
}

fn unit_of_draw(draw: &Draw) -> Option<Unit> {
    let experiment = Experiment::Campaign(draw.campaign_id);
    let unit = Unit { experiment, id: draw.id, arm: draw.arm, assigned_at: draw.drawn_at };
    (!draw.by_program).then_some(unit)
}

fn unit_of_member(member: &member::Model) -> Unit {
    let arm = if member.held_out { Arm::Nothing } else { Arm::MessageAndCode };
    Unit { experiment: Experiment::Program(member.program_id), id: member.id, arm, assigned_at: member.assigned_at }
}

/// How many were assigned to an arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Assigned {
    /// The arm.
    pub arm: Arm,
    /// How many.
    pub recipients: i64,
}

/// How many were assigned to each arm of an experiment, from an instant on and at another or before.
pub async fn assigned(
    db: &impl ConnectionTrait,
    shop: ShopId,
    experiment: Experiment,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<Assigned>, DbErr> {
    let count = || Expr::cust("CAST(COUNT(*) AS BIGINT)");
    let program = match experiment {
        Experiment::Program(program) => program,
        Experiment::Campaign(campaign) => {
            // Every arm by its name: so the index is read where these days are, and not all of the campaign in it.
            let draws = Draws::of(shop)
                .filter(draw::COLUMN.campaign_id.eq(campaign))
                .filter(draw::COLUMN.by_program.eq(false))
                .filter(draw::COLUMN.arm.is_in(Arm::iter()))
                .filter(draw::COLUMN.drawn_at.gte(from))
                .filter(draw::COLUMN.drawn_at.lte(until));
            let by_arm = draws.select_only().column(draw::Column::Arm).column_as(count(), "recipients");
            return by_arm.group_by(draw::Column::Arm).into_model().all(db).await;
        }
    };
    let within = Condition::all()
        .add(member::COLUMN.shop_id.eq(shop))
        .add(member::COLUMN.program_id.eq(program))
        .add(member::COLUMN.assigned_at.gte(from))
        .add(member::COLUMN.assigned_at.lte(until));
    let by_arm = member::Entity::find().filter(within).select_only();
    let by_arm = by_arm.column(member::Column::HeldOut).column_as(count(), "recipients");
    let rows: Vec<(bool, i64)> = by_arm.group_by(member::Column::HeldOut).into_tuple().all(db).await?;
    let arm = |held_out: bool| if held_out { Arm::Nothing } else { Arm::MessageAndCode };
    Ok(rows.into_iter().map(|(held_out, recipients)| Assigned { arm: arm(held_out), recipients }).collect())
}
