//! What policies would say of a shop's orders, side by side, and which orders would move: derived as verdicts are, and nothing
//! is written.
//!
//! 1. Orders are looked at from the latest back, in pages, for so long and no longer; what was reached is said.
//! 2. Only sums and the ten largest moves are kept, however many orders there are.

use std::collections::BTreeMap;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::conversion;
use super::derive::derive;
use super::dossier::Dossier;
use super::kind::Kind;
use super::line::Line;
use super::load;
use super::policy::Policy;
use crate::campaigns::CampaignId;
use crate::http::Problem;
use crate::kernel::Timestamp;
use crate::kernel::id::MessageId;
use crate::orders::{self, OrderId};
use crate::shops::Shop;

/// Surveys read thousands of orders each: only so many at a time in one process, or whoever asks often stops all others.
static SURVEYS: Semaphore = Semaphore::const_new(2);

/// Room for something that reads thousands of orders; it is given back when it is dropped.
pub fn survey_room() -> Result<SemaphorePermit<'static>, Problem> {
    let busy = "Others are being worked out at this moment. Ask again in a few seconds.";
    SURVEYS.try_acquire().map_err(|_| Problem::too_many("too_many", busy, 5))
}

/// Orders read at once.
const PAGE: u64 = 200;

/// Moves that are told one by one.
const MOVES: usize = 10;

/// Orders, and what they are worth together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub orders: i64,
    /// Minor units, by the policy's basis.
    pub minor: i64,
}

impl Sum {
    pub(super) fn add(&mut self, minor: i64) {
        *self = Self { orders: self.orders + 1, minor: self.minor + minor };
    }
}

/// What one policy says.
#[derive(Clone, Debug)]
pub struct Side {
    /// The policy.
    pub policy: Policy,
    /// Orders by line.
    pub lines: BTreeMap<Line, Sum>,
    /// On both attributed lines.
    pub attributed: Sum,
    /// Paid, with exposure only.
    pub assisted: Sum,
    /// Paid, recovered.
    pub recovered: Sum,
    /// Attributed, by kind of evidence.
    pub kinds: BTreeMap<Kind, Sum>,
}

/// Where an order stands under a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// Its line.
    pub line: Line,
    /// What it counts.
    pub minor: i64,
    /// The message it goes back to.
    pub message: Option<MessageId>,
    /// By which evidence.
    pub kind: Option<Kind>,
    /// The campaign of that message.
    pub campaign: Option<CampaignId>,
    /// Nothing ties it to a message, but its shopper had got or read one.
    pub assisted: bool,
}

impl Stand {
    fn of(row: &conversion::Model) -> Self {
        Self {
            line: row.line,
            minor: row.net_minor,
            message: row.message_id,
            kind: row.evidence,
            campaign: row.campaign_id,
            assisted: row.assisted,
        }
    }

    /// What a message is credited with.
    fn credited(&self) -> i64 {
        if self.line.credited() { self.minor } else { 0 }
    }
}

/// An order that stands elsewhere under the second policy than under the first.
#[derive(Clone, Debug)]
pub struct Move {
    /// The order.
    pub order: OrderId,
    /// As the shop calls it.
    pub name: String,
    /// When it was placed.
    pub ordered_at: Timestamp,
    /// Under the first policy.
    pub from: Stand,
    /// Under the second.
    pub to: Stand,
}

impl Move {
    /// How much changes hands: between messages the whole order does.
    fn size(&self) -> i64 {
        let changed = (self.to.credited() - self.from.credited()).abs();
        let other = self.from.message != self.to.message;
        changed.max(if other { self.to.credited().abs().max(self.from.credited().abs()) } else { 0 })
    }
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Orders looked at.
    pub orders: u64,
    /// The earliest of them; `None`: there was none.
    pub back_to: Option<Timestamp>,
    /// Whether all orders of the time were looked at.
    pub whole: bool,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Survey {
    /// How much was looked at.
    pub looked: Looked,
    /// Each policy, in the order in which they were given.
    pub sides: Vec<Side>,
    /// Orders that stand on another line or go back to another message under the second policy, by lines.
    pub moved: BTreeMap<(Line, Line), Sum>,
    /// The largest of those moves.
    pub moves: Vec<Move>,
}

/// Judges the orders placed between two instants under some policies; the second is held against the first.
pub async fn survey(
    db: &impl ConnectionTrait,
    shop: &Shop,
    policies: Vec<Policy>,
    instants: (Timestamp, Timestamp),
    patience: Duration,
) -> Result<Survey, DbErr> {
    let side = |policy: Policy| Side {
        policy,
        lines: BTreeMap::new(),
        attributed: Sum::default(),
        assisted: Sum::default(),
        recovered: Sum::default(),
        kinds: BTreeMap::new(),
    };
    let sides = policies.into_iter().map(side).collect();
    let mut survey = Survey { looked: Looked::default(), sides, moved: BTreeMap::new(), moves: Vec::new() };
    let looked = latest_first(db, shop, instants, patience, |dossier| survey.look_at(dossier, shop)).await?;
    survey.looked = looked;
    survey.moves.sort_by_key(|one| (std::cmp::Reverse(one.size()), one.order));
    Ok(survey)
}

/// Looks at the orders placed between two instants, the latest first, for so long and no longer.
pub(super) async fn latest_first(
    db: &impl ConnectionTrait,
    shop: &Shop,
    (from, until): (Timestamp, Timestamp),
    patience: Duration,
    mut look: impl FnMut(&Dossier),
) -> Result<Looked, DbErr> {
    let mut looked = Looked::default();
    let began = Instant::now();
    let mut before = (until, OrderId(i64::MAX));
    while began.elapsed() < patience {
        let page = orders::latest_before(db, shop.shop_id, from, before, PAGE).await?;
        let Some(last) = page.last() else {
            looked.whole = true;
            break;
        };
        before = *last;
        let ids: Vec<OrderId> = page.iter().map(|(_, id)| *id).collect();
        for dossier in load::dossiers(db, shop.shop_id, &ids).await? {
            look(&dossier);
            looked.orders += 1;
        }
        looked.back_to = Some(before.0);
    }
    Ok(looked)
}

/// What one order is under some policies, in their order; nothing, if the shop has no such order.
pub async fn side_by_side(
    db: &impl ConnectionTrait,
    shop: &Shop,
    order: OrderId,
    policies: &[Policy],
) -> Result<Vec<Stand>, DbErr> {
    let dossiers = load::dossiers(db, shop.shop_id, &[order]).await?;
    let stand = |dossier: &Dossier, policy: &Policy| {
        let verdict = derive(dossier, policy, (shop.zone(), shop.money()));
        verdict.conversions.last().map(Stand::of)
    };
    Ok(dossiers.iter().flat_map(|dossier| policies.iter().filter_map(move |policy| stand(dossier, policy))).collect())
}

impl Survey {
    fn look_at(&mut self, dossier: &Dossier, shop: &Shop) {
        let mut stands = Vec::with_capacity(self.sides.len());
        for side in &mut self.sides {
            let verdict = derive(dossier, &side.policy, (shop.zone(), shop.money()));
            // The last stage is the one that is true now.
            let Some(row) = verdict.conversions.last() else { return };
            side.count(row);
            stands.push(Stand::of(row));
        }
        let [from, to, ..] = stands[..] else { return };
        if (from.line, from.message) == (to.line, to.message) {
            return;
        }
        self.moved.entry((from.line, to.line)).or_default().add(to.minor);
        let order = &dossier.facts.order;
        let (id, name) = (order.shopify_order_id, order.name.clone());
        self.moves.push(Move { order: id, name, ordered_at: order.ordered_at, from, to });
        if self.moves.len() > 2 * MOVES {
            self.moves.sort_by_key(|one| (std::cmp::Reverse(one.size()), one.order));
            self.moves.truncate(MOVES);
        }
    }

    /// The ten largest moves, the largest first.
    pub fn largest(&self) -> &[Move] {
        &self.moves[..self.moves.len().min(MOVES)]
    }
}

impl Side {
    fn count(&mut self, row: &conversion::Model) {
        self.lines.entry(row.line).or_default().add(row.net_minor);
        let paid = row.line.credited() || row.line == Line::Unattributed;
        if row.line.credited() {
            self.attributed.add(row.net_minor);
            if let Some(kind) = row.evidence {
                self.kinds.entry(kind).or_default().add(row.net_minor);
            }
        }
        if paid && row.assisted {
            self.assisted.add(row.net_minor);
        }
        if paid && row.recovered_message_id.is_some() {
            self.recovered.add(row.net_minor);
        }
    }
}
