//! What becomes of somebody who was drawn: the message, and what it moves them to. Decided at the draw, from the seed.

use rand::rngs::StdRng;
use serde_json::Value;

use crate::kernel::Timestamp;

use super::analytics::Saw;
use super::book::Recipient;
use super::clockwork::Event;
use super::dice::{Luck, dice, key_of};
use super::platform::{Campaign, Candidate};
use super::proof;
use super::shopper::Who;
use super::state::State;
use super::visit::{AfterMessage, How};
use super::whatsapp::{self, StatusNote};

impl State {
    /// The truth about somebody who was just drawn, and what will come of it.
    pub(super) fn drawn(&mut self, campaign: &Campaign, candidate: &Candidate, answer: &Value) {
        let now = self.clock.now();
        let number = self.recipients.len();
        let truth = key_of(&candidate.key()) ^ u64::from(campaign.broadcast.map_or(u32::MAX, |n| n));
        let mut luck = dice(self.seed, "truth", truth);
        let recovery = candidate.checkout_token.is_some();
        let code = answer["code"].as_str().map(str::to_owned);
        let traffic = &self.traffic;
        let (organic, recovery_effect) = (traffic.organic_recovery, traffic.recovery_effect);
        let message_effect = if recovery { recovery_effect * (1.0 - organic) } else { traffic.message_effect };
        let code_effect = if recovery { 0.0 } else { traffic.code_effect };
        let anyway = candidate.checkout_token.as_ref().and_then(|t| self.shops.get(&self.main)?.checkouts.get(t));
        let anyway = anyway.is_some_and(|checkout| checkout.returns_anyway);
        // Drawn for held-out people too: what a message would have done to them is part of the truth.
        let chance = if recovery { recovery_effect } else { message_effect + code_effect };
        let movable = luck.happens(chance) && !anyway;
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let mut recipient = Recipient {
            campaign_id: campaign.id.clone(),
            kind: if recovery { "abandoned_checkout" } else { "broadcast" },
            key: candidate.key(),
            person: if let Who::Known(n) = candidate.who { Some(n) } else { None },
            phone: candidate.person.buyer.phone.clone().filter(|_| candidate.person.reachable_by_phone),
            email: candidate.person.buyer.email.clone(),
            message_id: text("message_id"),
            held_out: answer["held_out"].as_bool().unwrap_or(false),
            drawn_at: now,
            code,
            link: answer["link"].as_str().map(str::to_owned),
            expires_at: answer["expires_at"].as_str().and_then(Timestamp::parse),
            checkout_token: candidate.checkout_token.clone(),
            message_effect,
            code_effect,
            movable,
            delivered_at: None,
            read_at: None,
            failed: false,
            tapped: false,
            taps: Vec::new(),
            brought: Vec::new(),
            told: Vec::new(),
            caused_order: None,
        };
        if !recipient.held_out {
            let fate = whatsapp::fate(self.seed, truth);
            recipient.failed = fate.failed.is_some();
            recipient.delivered_at = fate.delivered.map(|s| now.plus_seconds(s));
            recipient.read_at = fate.read.map(|s| now.plus_seconds(s));
            self.send(number, candidate, &recipient, fate, text("callback_data"));
            if let (Some(person), true) = (recipient.person, recipient.delivered_at.is_some()) {
                self.people[person].last_message = Some(number);
            }
            self.plan_what_comes(number, candidate.who, &recipient, &mut luck);
        }
        self.recipients.push(recipient);
    }

    fn send(
        &mut self,
        number: usize,
        to: &Candidate,
        recipient: &Recipient,
        fate: whatsapp::Fate,
        callback_data: String,
    ) {
        let mut luck = dice(self.seed, "wamid", number as u64);
        let tail = luck.hex(24).to_uppercase();
        let address = to.person.buyer.phone.clone().unwrap_or_else(|| to.person.bsuid.clone());
        let wamid = format!("wamid.{}", proof::base64_text(&format!("{address}?>{tail}")));
        let phone = to.person.buyer.phone.clone().filter(|_| to.person.reachable_by_phone);
        let bsuid = to.person.bsuid.clone();
        let at = recipient.drawn_at;
        let note = StatusNote {
            recipient: number,
            wamid,
            callback_data,
            phone,
            bsuid,
            status: "sent",
            at,
            error: None,
            attempt: 0,
        };
        let read = fate.read.filter(|_| to.person.receipts);
        for (saw, after) in [(Saw::Sent, Some(fate.sent)), (Saw::Delivered, fate.delivered), (Saw::Read, read)] {
            if let Some(after) = after {
                self.meta_counts(number, saw, at.plus_seconds(after));
            }
        }
        self.plan_statuses(number, fate, to.person.receipts, note);
    }

    fn plan_what_comes(&mut self, number: usize, who: Who, recipient: &Recipient, luck: &mut StdRng) {
        let Some(delivered) = recipient.delivered_at else { return };
        let link = recipient.link.clone();
        if let Some(link) = link.clone().filter(|_| luck.happens(0.15)) {
            let head = luck.happens(0.2);
            self.queue.plan(recipient.drawn_at.plus_seconds(luck.between(1, 5)), Event::Preview { link, head });
        }
        // Of a stream of its own: how shoppers decide does not depend on what browsers do.
        let mut browser = dice(self.seed, "prefetch", number as u64);
        if let Some(link) = link.clone().filter(|_| browser.happens(0.04)) {
            self.queue.plan(delivered.plus_seconds(browser.between(5, 900)), Event::Prefetch { link });
        }
        let given_away = self.traffic.code_given_away_share;
        let begin = recipient.read_at.unwrap_or(delivered);
        let mut plan = |after: i64, how: How, buys: bool| {
            self.queue.plan(
                begin.plus_seconds(after),
                Event::AfterMessage(Box::new(AfterMessage { recipient: number, who, how, buys })),
            );
        };
        if recipient.movable {
            let soon = if luck.happens(0.7) { luck.between(60, 4 * 3600) } else { luck.between(4 * 3600, 40 * 3600) };
            let draw = luck.between(0, 99);
            match () {
                () if link.is_some() && draw < 72 => plan(soon, How::Taps, true),
                () if recipient.code.is_some() && draw < 86 => plan(soon, How::TypesTheCode, true),
                () => plan(soon, How::ComesBack, true),
            }
        } else if recipient.read_at.is_some() {
            if link.is_some() && luck.happens(0.14) {
                plan(luck.between(5, 20_000), How::Taps, false);
            }
            if recipient.code.is_some() && recipient.checkout_token.is_none() && luck.happens(given_away) {
                plan(luck.between(600, 60_000), How::GivesTheCodeAway, true);
            }
        }
    }
}
