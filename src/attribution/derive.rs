//! The verdict of one order, from its dossier. Pure: same facts, same answer.

use std::cmp::Reverse;

use chrono_tz::Tz;

use super::dossier::Dossier;
use super::evidence::{self, Class, Evidence, gather};
use super::journey::{self, Channel, Touch};
use super::line::Line;
use super::models::{Credited, Journey, Touchpoint, credits};
use super::policy::Policy;
use super::receipt::{Candidate, Outcome, Receipt, Recovered, SharedTouch};
use super::stage::{Stage, stages};
use super::{conversion, credit};
use crate::kernel::id::MessageId;
use crate::kernel::{Currency, Timestamp};
use crate::orders::{Order, OrderId};

/// Everything derived for one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// One row per stage.
    pub conversions: Vec<conversion::Model>,
    /// Shares of each credited stage.
    pub credits: Vec<credit::Model>,
    /// What was weighed.
    pub receipt: Receipt,
}

impl Verdict {
    /// Whose it is.
    pub fn order(&self) -> Option<OrderId> {
        self.conversions.first().map(|row| row.shopify_order_id)
    }
}

/// Derives the verdict of an order in the zone and currency of its shop.
pub fn derive(dossier: &Dossier, policy: &Policy, shop: (Tz, Currency)) -> Verdict {
    let order = &dossier.facts.order;
    let others = journey::others(dossier);
    let evidence = gather(dossier, policy, &others);
    let winner = evidence::winner(&evidence);
    let shared = winner.is_some_and(|winner| winner.code.is_some() && is_shared(dossier, winner.message));
    let credited = winner.filter(|_| policy.credit_shared || !shared);
    let recovered = recovered(dossier, policy);
    let assisted = assisted(&evidence);
    let touchpoints = touchpoints(&evidence, &others);

    let (zone, currency) = shop;
    let mut stages = stages(&dossier.facts, currency);
    // What changes nothing by this policy's basis is no stage of its conversion.
    let counts = |stage: &Stage| (stage.line, stage.worth(policy.basis), stage.tips, stage.gift_cards);
    stages.dedup_by(|later, earlier| counts(later) == counts(earlier));
    let ends = stages.iter().skip(1).map(|stage| stage.effective_at).chain([Timestamp::FOREVER]);
    let mut conversions = Vec::with_capacity(stages.len());
    let mut shares = Vec::new();
    for (stage, superseded_at) in stages.iter().zip(ends) {
        let line = match (stage.line, credited) {
            (Line::Unattributed, Some(_)) if shared => Line::AttributedShared,
            (Line::Unattributed, Some(_)) => Line::Attributed,
            (line, _) => line,
        };
        let (worth, left_out) = stage.worth(policy.basis);
        conversions.push(conversion::Model {
            shop_id: order.shop_id,
            policy: policy.name.clone(),
            shopify_order_id: order.shopify_order_id,
            effective_at: stage.effective_at,
            superseded_at,
            policy_version: policy.version,
            ordered_at: order.ordered_at,
            ordered_on: order.ordered_at.day(zone),
            line,
            why: stage.why.clone(),
            net_minor: worth,
            left_out_minor: left_out,
            tips_minor: stage.tips,
            gift_cards_minor: stage.gift_cards,
            currency: order.currency.clone(),
            message_id: winner.map(|winner| winner.message),
            campaign_id: winner.map(|winner| winner.campaign),
            evidence: winner.map(|winner| winner.kind),
            shared,
            recovered_message_id: recovered.as_ref().map(|recovered| recovered.message_id),
            assisted: !assisted.is_empty(),
            by_pixel: winner.and_then(|winner| by_pixel(winner, &evidence).then_some(true)),
        });
        if let Some(winner) = winner.filter(|_| line.credited()) {
            let originating = Credited::Message(winner.message, winner.campaign);
            let journey = Journey { touchpoints: &touchpoints, originating, ordered_at: order.ordered_at };
            let row = |credit| credit::Model::of(order, &policy.name, stage.effective_at, credit);
            shares.extend(credits(&journey, worth).into_iter().map(row));
        }
    }
    shares.sort_by_key(credit::Model::place_in_line);
    let contested = winner.and_then(|winner| contested(winner, &others));
    let journey = journey(&evidence, others);
    let candidates = evidence.iter().map(|evidence| candidate(order, evidence, winner)).collect();
    let receipt = Receipt {
        policy: policy.name.clone(),
        policy_version: policy.version,
        candidates,
        shared,
        recovered,
        assisted,
        journey,
        touchpoints: touchpoints.iter().map(shared_touch).collect(),
        contested,
    };
    Verdict { conversions, credits: shares, receipt }
}

fn shared_touch(touch: &Touchpoint) -> SharedTouch {
    let (channel, message_id) = match touch.by {
        Credited::Message(message, _) => (Channel::Whatsapp, Some(message)),
        Credited::Channel(channel) => (channel, None),
    };
    SharedTouch { at: touch.at, channel, message_id }
}

/// Whether nothing but the pixel ties the order to the winner's message.
fn by_pixel(winner: &Evidence, evidence: &[Evidence]) -> bool {
    evidence.iter().filter(|e| e.holds() && e.message == winner.message).all(|e| e.by_pixel)
}

/// Why the winner is contested, in a sentence.
fn contested(winner: &Evidence, others: &[Touch]) -> Option<String> {
    let later = journey::later(others, winner.since)?;
    let stays = match winner.kind.class() {
        Class::Certain => "The evidence is certain and stays",
        Class::Strong => "The evidence names this visit's browser and stays",
        Class::Exposure => "The policy credits exposure all the same",
    };
    Some(format!(
        "Contested: {} was clicked after this message and will claim the order too. {stays}.",
        later.channel.called()
    ))
}

/// Messages that may have moved the shopper, where nothing ties the order to one: exposure that the policy does not credit.
fn assisted(evidence: &[Evidence]) -> Vec<MessageId> {
    if evidence::winner(evidence).is_some() {
        return Vec::new();
    }
    let seen = evidence.iter().filter(|e| e.holds() && !e.credited && e.kind.class() == Class::Exposure);
    let mut messages: Vec<MessageId> = seen.map(|e| e.message).collect();
    messages.sort_unstable();
    messages.dedup();
    messages
}

/// What the models share an order among, oldest first: each message with evidence that is credited and in time, once, at
/// its best; and every visit of another channel. WhatsApp's other messages are no other channel. Of one instant others come
/// first, by name, and the winner last, so that `last_touch` and the originating message agree.
fn touchpoints(evidence: &[Evidence], others: &[Touch]) -> Vec<Touchpoint> {
    /// Whether it is ours, its channel, its rank.
    type Place<'a> = (bool, &'a str, Reverse<usize>);
    let mut touches: Vec<(Touchpoint, Place<'_>)> = Vec::new();
    for (rank, e) in evidence.iter().enumerate().filter(|(_, e)| e.in_window && e.credited) {
        let by = Credited::Message(e.message, e.campaign);
        if !touches.iter().any(|(touch, _)| touch.by == by) {
            touches.push((Touchpoint { by, at: e.touched_at }, (true, "", Reverse(rank))));
        }
    }
    for touch in others.iter().filter(|touch| touch.channel != Channel::Whatsapp) {
        let by = Credited::Channel(touch.channel);
        touches.push((Touchpoint { by, at: touch.at }, (false, touch.channel.word(), Reverse(0))));
    }
    touches.sort_by_key(|(touch, place)| (touch.at, *place));
    touches.into_iter().map(|(touch, _)| touch).collect()
}

/// Our touches and those of others by time; of one instant ours first.
fn journey(evidence: &[Evidence], others: Vec<Touch>) -> Vec<Touch> {
    let mut touches: Vec<Touch> = Vec::new();
    for e in evidence.iter().filter(|e| e.in_window) {
        if !touches.iter().any(|touch| touch.message_id == Some(e.message)) {
            touches.push(Touch::ours(e.message, e.touched_at, format!("{}.", e.fact)));
        }
    }
    touches.extend(others);
    touches.sort_by_key(|touch| (touch.at, touch.message_id.is_none(), touch.message_id));
    touches
}

/// Whether the recipient of a message is known to be somebody else than whom the order names.
pub(super) fn is_shared(dossier: &Dossier, message: MessageId) -> bool {
    let recipient = dossier.contender(message).and_then(|one| one.recipient.as_ref());
    recipient.is_some_and(|one| one.compared(&dossier.facts).somebody_else())
}

/// The checkout went quiet, then a message about it was issued, then it became this order.
fn recovered(dossier: &Dossier, policy: &Policy) -> Option<Recovered> {
    let facts = &dossier.facts;
    let token = facts.order.checkout_token.clone()?;
    let about = dossier
        .contenders
        .iter()
        .filter(|one| one.checkout_token.as_ref() == Some(&token) && !one.times.never_arrived());
    let (message_id, abandoned_at) = about
        .filter(|one| one.issued_at <= facts.order.ordered_at)
        .filter_map(|one| {
            let last = facts.activities.iter().rfind(|at| **at <= one.issued_at)?;
            let abandoned_at = last.plus_seconds(policy.abandoned_after_seconds);
            (abandoned_at <= one.issued_at).then_some((one.message, abandoned_at, one.issued_at))
        })
        .max_by_key(|(message, _, issued_at)| (*issued_at, Reverse(*message)))
        .map(|(message, abandoned_at, _)| (message, abandoned_at))?;
    Some(Recovered { message_id, checkout_token: token, abandoned_at })
}

fn candidate(order: &Order, evidence: &Evidence, winner: Option<&Evidence>) -> Candidate {
    let outcome = match (evidence.holds(), winner) {
        (false, _) if evidence.in_window => Outcome::Yielded,
        (false, _) => Outcome::OutsideWindow,
        (true, Some(winner)) if winner == evidence => Outcome::Won,
        (true, Some(winner)) if winner.message == evidence.message => Outcome::Agrees,
        (true, _) => Outcome::Lost,
    };
    Candidate {
        message_id: evidence.message,
        campaign_id: evidence.campaign,
        kind: evidence.kind,
        class: evidence.kind.class(),
        evidence_at: evidence.since,
        age_seconds: order.ordered_at.seconds_since(evidence.since),
        window_seconds: evidence.window_seconds,
        holds: evidence.holds(),
        credited: evidence.credited,
        outcome,
        why: why(evidence, outcome, winner),
        code: evidence.code.clone(),
        click_id: evidence.click_id.clone(),
    }
}

fn why(evidence: &Evidence, outcome: Outcome, winner: Option<&Evidence>) -> String {
    let fact = &evidence.fact;
    let heavier =
        |winner: &Evidence| format!("but {} outweighs {}", winner.kind.rule().called, evidence.kind.rule().called);
    let verdict = match (outcome, winner) {
        (Outcome::Won, _) => "nothing stronger or later points elsewhere".to_owned(),
        (Outcome::OutsideWindow, _) => "but the order came outside the time this counts".to_owned(),
        (Outcome::Yielded, _) => format!("but {}", evidence.yielded.as_deref().unwrap_or("another channel came later")),
        (Outcome::Agrees, _) => "which agrees with the evidence that won".to_owned(),
        (Outcome::Lost, None) => "which the policy tells and credits nothing to".to_owned(),
        (Outcome::Lost, Some(_)) if !evidence.credited => "but the policy credits nothing to it".to_owned(),
        (Outcome::Lost, Some(winner)) if winner.kind < evidence.kind => heavier(winner),
        (Outcome::Lost, Some(winner)) if winner.kind > evidence.kind => "but a later touch won".to_owned(),
        (Outcome::Lost, Some(_)) => "but later evidence of the same kind won".to_owned(),
    };
    format!("{fact}; {verdict}.")
}
