//! What each way of counting claims of the same orders, and who else claims them: derived as verdicts are, and nothing is
//! written. Orders are looked at as a survey does: from the latest back, for so long and no longer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr};

use super::derive::derive;
use super::dossier::Dossier;
use super::evidence::Class;
use super::journey::{self, Channel, Known};
use super::line::Line;
use super::policy::Policy;
use super::survey::{Looked, Sum, latest_first};
use crate::kernel::Timestamp;
use crate::orders::OrderId;
use crate::shops::Shop;

/// Orders, and which of them another paid or owned channel claims too: it was clicked before the order.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// All of them.
    pub sum: Sum,
    /// Those that each channel claims too.
    pub also: BTreeMap<Channel, Sum>,
    /// Those that any of them does.
    pub also_any: Sum,
}

/// What one policy claims.
#[derive(Clone, Debug)]
pub struct Way {
    /// The policy.
    pub policy: Policy,
    /// Orders it gives to a message.
    pub claimed: Part,
    /// The part that rests on evidence that names the message itself.
    pub certain: Part,
    /// The part that rests on a browser or a person close to the message.
    pub strong: Part,
    /// The part that rests on exposure.
    pub exposure: Part,
    /// The part whose code somebody else used.
    pub shared: Sum,
    /// The part where another paid or owned channel was clicked after the evidence began.
    pub contested: Sum,
    /// The part of which nothing else but the order's own landing page is known.
    pub landing_only: Sum,
    /// The part of which no visit is known: who else claims it cannot be seen.
    pub unseen: Sum,
    /// The part that the first policy claims too.
    pub first_too: Sum,
    /// The part in the orders of which it was measured what was caused.
    pub measured: Sum,
}

/// What somebody claims who looks at visits alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    /// Orders it would give to WhatsApp.
    pub claimed: Sum,
    /// Paid orders of which it knows anything at all.
    pub known: Sum,
    /// The part of `claimed` that the first policy claims too.
    pub first_too: Sum,
    /// The part of `claimed` in the orders of which it was measured what was caused.
    pub measured: Sum,
}

/// Everybody's claims of the same orders.
#[derive(Clone, Debug)]
pub struct Claims {
    /// How much was looked at.
    pub looked: Looked,
    /// Paid orders that count.
    pub paid: Sum,
    /// Each policy, in the order in which they were given.
    pub ways: Vec<Way>,
    /// By the last address that carries UTM tags.
    pub tagged: Told,
    /// By the last visit of Shopify's customer journey that came from somewhere.
    pub shopify: Told,
}

/// Counts the claims of the orders placed between two instants; the first policy is the shop's own. `measured`: the orders in
/// which it was measured what messages caused.
pub async fn claims(
    db: &impl ConnectionTrait,
    shop: &Shop,
    policies: Vec<Policy>,
    instants: (Timestamp, Timestamp),
    measured: &BTreeSet<OrderId>,
    patience: Duration,
) -> Result<Claims, DbErr> {
    let mut claims = Claims {
        looked: Looked::default(),
        paid: Sum::default(),
        ways: policies.into_iter().map(Way::of).collect(),
        tagged: Told::default(),
        shopify: Told::default(),
    };
    claims.looked =
        latest_first(db, shop, instants, patience, |dossier| claims.look_at(dossier, shop, measured)).await?;
    Ok(claims)
}

impl Claims {
    fn look_at(&mut self, dossier: &Dossier, shop: &Shop, measured: &BTreeSet<OrderId>) {
        let measured = measured.contains(&dossier.facts.order.shopify_order_id);
        let others: BTreeSet<Channel> =
            journey::others(dossier).into_iter().filter(|touch| touch.claims).map(|touch| touch.channel).collect();
        let known = Known::of(dossier);
        // The shop's own policy stands first: what it says of the order, and what the order is worth.
        let mut own = None;
        for way in &mut self.ways {
            let verdict = derive(dossier, &way.policy, (shop.zone(), shop.money()));
            // The last stage is the one that is true now.
            let Some(row) = verdict.conversions.last() else { return };
            let claimed = row.line.credited();
            let first = own.get_or_insert((claimed || row.line == Line::Unattributed, claimed, row.net_minor));
            if !claimed {
                continue;
            }
            let minor = row.net_minor;
            let class = match row.evidence.map(|kind| kind.class()) {
                Some(Class::Certain) => &mut way.certain,
                Some(Class::Strong) => &mut way.strong,
                _ => &mut way.exposure,
            };
            class.add(minor, &others);
            way.claimed.add(minor, &others);
            let parts = [
                (row.line == Line::AttributedShared, &mut way.shared),
                (verdict.receipt.contested.is_some(), &mut way.contested),
                (known == Known::Landing, &mut way.landing_only),
                (known == Known::Nothing, &mut way.unseen),
                (first.1, &mut way.first_too),
                (measured, &mut way.measured),
            ];
            parts.into_iter().filter(|(holds, _)| *holds).for_each(|(_, sum)| sum.add(minor));
        }
        let Some((true, ours, minor)) = own else { return };
        self.paid.add(minor);
        if known != Known::Nothing {
            self.tagged.count(journey::last_tagged(dossier), (ours, measured), minor);
        }
        if known == Known::Visits {
            self.shopify.count(journey::last_not_direct(dossier), (ours, measured), minor);
        }
    }
}

impl Part {
    fn add(&mut self, minor: i64, others: &BTreeSet<Channel>) {
        self.sum.add(minor);
        others.iter().for_each(|channel| self.also.entry(*channel).or_default().add(minor));
        if !others.is_empty() {
            self.also_any.add(minor);
        }
    }
}

impl Told {
    fn count(&mut self, found: Option<Channel>, (ours, measured): (bool, bool), minor: i64) {
        self.known.add(minor);
        if found == Some(Channel::Whatsapp) {
            self.claimed.add(minor);
            if ours {
                self.first_too.add(minor);
            }
            if measured {
                self.measured.add(minor);
            }
        }
    }
}

impl Way {
    fn of(policy: Policy) -> Self {
        let [claimed, certain, strong, exposure] = std::array::from_fn(|_| Part::default());
        let [shared, contested, landing_only, unseen, first_too, measured] = [Sum::default(); 6];
        Self {
            policy,
            claimed,
            certain,
            strong,
            exposure,
            shared,
            contested,
            landing_only,
            unseen,
            first_too,
            measured,
        }
    }
}
