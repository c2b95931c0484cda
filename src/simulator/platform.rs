//! The WhatsApp platform: it asks the app for codes and links, sends, and lets WhatsApp tell what became of it.
//!
//! A recipient who is held out gets nothing. A code that is still pending is sent all the same: the link works.

use anyhow::Context;
use serde_json::{Value, json};

use crate::kernel::{Day, Timestamp};

use super::World;
use super::book::Recipient;
use super::clockwork::{Event, STEP_SECONDS};
use super::dice::{Luck, dice, key_of};
use super::shopper::{Person, Who};
use super::state::State;
use super::visit::{AfterMessage, How};
use super::whatsapp::{self, StatusNote};

/// No call draws more people.
const MOST_PER_CALL: usize = 1_000;

/// A campaign the platform runs.
#[derive(Clone, Debug)]
pub(super) struct Campaign {
    pub id: String,
    pub broadcast: Option<u32>,
}

/// What the platform wants of broadcast number n.
fn broadcast(n: u32, expected: usize, holdout: f64) -> Value {
    let names = ["Winback", "Autumn Sale", "New Arrivals", "Back in Stock", "Rainy Days", "Wool Week"];
    let offers = [
        (json!({"type": "percentage", "percentage": "15"}), "WIN"),
        (json!({"type": "fixed_amount", "amount_minor": 1000}), "TEN"),
        (json!({"type": "free_shipping"}), "SHP"),
        (json!({"type": "percentage", "percentage": "20"}), "VIP"),
    ];
    let (offer, prefix) = &offers[n as usize % offers.len()];
    let hours = [48, 72, 24, 48][n as usize % 4];
    let mut campaign = json!({
        "name": format!("{} {}", names[n as usize % names.len()], n + 1), "kind": "broadcast", "offer": offer,
        "combines_with": {"order": false, "product": false, "shipping": true},
        "expiry": {"after_seconds": hours * 3600, "starts": "issue", "slot_seconds": 3600, "exact": false},
        "code": {"prefix": prefix, "length": 12},
        "link": {"destination": "/collections/all", "auto_apply": true,
            "utm": {"source": "whatsapp", "medium": "message", "campaign": format!("broadcast-{}", n + 1)}},
        "holdout": holdout, "expected_recipients": expected,
    });
    if n % 4 == 1 {
        campaign["minimum_subtotal_minor"] = json!(5000);
    }
    campaign
}

/// What the platform wants for abandoned checkouts.
fn abandoned(holdout: f64) -> Value {
    json!({
        "name": "Left in the basket", "kind": "abandoned_checkout", "offer": {"type": "percentage", "percentage": "10"},
        "expiry": {"after_seconds": 86_400, "starts": "issue", "slot_seconds": 3600, "exact": false},
        "code": {"prefix": "BKT", "length": 12},
        "link": {"destination": "/cart", "auto_apply": true,
            "utm": {"source": "whatsapp", "medium": "message", "campaign": "abandoned-checkout"}},
        "holdout": holdout, "expected_recipients": 60,
    })
}

/// Somebody about to be drawn.
struct Candidate {
    who: Who,
    person: Person,
    checkout_token: Option<String>,
}

impl Candidate {
    fn key(&self) -> String {
        match &self.checkout_token {
            Some(token) => format!("checkout-{token}"),
            None => self.person.key.clone(),
        }
    }

    fn request(&self) -> Value {
        let mut request = json!({"key": self.key()});
        if self.person.reachable_by_phone {
            request["phone"] = json!(self.person.buyer.phone);
        } else {
            request["whatsapp_user_id"] = json!(self.person.bsuid);
        }
        if let Some(email) = &self.person.buyer.email {
            request["email"] = json!(email);
        }
        if let Some(token) = &self.checkout_token {
            request["checkout_token"] = json!(token);
        }
        request
    }
}

impl State {
    /// Plans the first broadcast; each one plans the next.
    pub fn plan_broadcasts(&mut self) {
        let every = i64::from(self.traffic.broadcast_every_days);
        if every > 0 {
            let zone = self.shop().profile.zone;
            let first = Day(self.clock.now().day(zone).0 + (every / 2).clamp(1, 4) as i32).start(zone);
            self.queue.plan(first.plus_seconds(8 * 3600), Event::CreateBroadcast(0));
        }
    }

    /// A checkout went quiet; the platform will look after it in about an hour, on the quarter of an hour.
    pub fn goes_quiet(&mut self, token: &str) {
        if !self.traffic.abandoned_campaign {
            return;
        }
        let due = self.clock.now().plus_seconds(3_600).seconds();
        let due = Timestamp::from_seconds((due + STEP_SECONDS - 1).div_euclid(STEP_SECONDS) * STEP_SECONDS);
        let waiting = self.quiet.entry(due).or_default();
        if waiting.is_empty() {
            self.queue.plan(due, Event::DrawAbandoned);
        }
        waiting.push(token.to_owned());
    }

    fn audience(&self, n: u32) -> Vec<Candidate> {
        let mut luck = dice(self.seed, "audience", u64::from(n));
        let share = self.traffic.broadcast_share;
        let drawn = (0..self.people.len()).filter(|_| luck.happens(share)).collect::<Vec<_>>();
        drawn
            .into_iter()
            .map(|n| Candidate { who: Who::Known(n), person: self.people[n].clone(), checkout_token: None })
            .collect()
    }

    fn quiet_checkouts(&mut self) -> Vec<Candidate> {
        let now = self.clock.now();
        let later = self.quiet.split_off(&now.plus_seconds(1));
        let due = std::mem::replace(&mut self.quiet, later);
        let mut tokens: Vec<String> = due.into_values().flatten().collect();
        tokens.dedup();
        tokens
            .into_iter()
            .filter_map(|token| {
                let checkout = self.shop().checkouts.get(&token).filter(|c| c.completed_at.is_none())?.clone();
                checkout.buyer.phone.as_ref()?;
                let customer = checkout.buyer.customer_id;
                let number = self.people.iter().position(|p| p.buyer.customer_id == customer);
                let who = number.map_or(Who::Stranger(3_000_000 + key_of(&token) % 1_000_000_000), Who::Known);
                let mut person = self.who(who);
                person.buyer = checkout.buyer;
                person.reachable_by_phone = true;
                Some(Candidate { who, person, checkout_token: Some(token) })
            })
            .collect()
    }

    /// The truth about somebody who was just drawn, and what will come of it.
    fn drawn(&mut self, campaign: &Campaign, candidate: &Candidate, answer: &Value) {
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
        let wamid = format!("wamid.{}", super::proof::base64_text(&format!("{address}?>{tail}")));
        let phone = to.person.buyer.phone.clone().filter(|_| to.person.reachable_by_phone);
        let bsuid = to.person.bsuid.clone();
        let at = recipient.drawn_at;
        let note = StatusNote { wamid, callback_data, phone, bsuid, status: "sent", at, error: None, attempt: 0 };
        self.plan_statuses(number, fate, to.person.receipts, note);
    }

    fn plan_what_comes(&mut self, number: usize, who: Who, recipient: &Recipient, luck: &mut rand::rngs::StdRng) {
        let Some(delivered) = recipient.delivered_at else { return };
        let link = recipient.link.clone();
        if let Some(link) = link.clone().filter(|_| luck.happens(0.15)) {
            let head = luck.happens(0.2);
            self.queue.plan(recipient.drawn_at.plus_seconds(luck.between(1, 5)), Event::Preview { link, head });
        }
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
            if recipient.code.is_some() && recipient.checkout_token.is_none() && luck.happens(0.008) {
                plan(luck.between(600, 60_000), How::GivesTheCodeAway, true);
            }
        }
    }
}

impl World {
    async fn create_campaign(&self, request: Value, number: Option<u32>) -> anyhow::Result<Option<Campaign>> {
        let answer = self.platform_post("/api/campaigns", &request).await?;
        let Some(id) = answer.json["id"].as_str().filter(|_| answer.status < 300) else {
            tracing::warn!(status = answer.status, "the app refused a campaign");
            return Ok(None);
        };
        let campaign = Campaign { id: id.to_owned(), broadcast: number };
        self.hold().campaigns.push(campaign.clone());
        Ok(Some(campaign))
    }

    /// Sets broadcast n up, a good day before it is sent, and plans the next.
    pub(super) async fn create_broadcast(&self, n: u32) -> anyhow::Result<()> {
        let (request, known) = {
            let mut held = self.hold();
            let expected = held.audience(n).len();
            let every = i64::from(held.traffic.broadcast_every_days.max(1)) * 86_400;
            held.plan_in(26 * 3_600, Event::SendBroadcast(n));
            held.plan_in(every, Event::CreateBroadcast(n + 1));
            (broadcast(n, expected, held.traffic.holdout), held.api_key.is_some())
        };
        if known {
            self.create_campaign(request, Some(n)).await?;
        }
        Ok(())
    }

    /// Draws and sends broadcast n.
    pub(super) async fn send_broadcast(&self, n: u32) -> anyhow::Result<()> {
        let (campaign, audience) = {
            let held = self.hold();
            (held.campaigns.iter().find(|c| c.broadcast == Some(n)).cloned(), held.audience(n))
        };
        match campaign {
            Some(campaign) => self.draw(&campaign, &audience).await,
            None => Ok(()),
        }
    }

    /// Draws the checkouts that went quiet.
    pub(super) async fn draw_abandoned(&self) -> anyhow::Result<()> {
        let (people, campaign, holdout, known) = {
            let mut held = self.hold();
            let people = held.quiet_checkouts();
            let campaign = held.campaigns.iter().find(|c| c.broadcast.is_none()).cloned();
            (people, campaign, held.traffic.holdout, held.api_key.is_some())
        };
        if people.is_empty() || !known {
            return Ok(());
        }
        let campaign = match campaign {
            Some(campaign) => Some(campaign),
            None => self.create_campaign(abandoned(holdout), None).await?,
        };
        match campaign {
            Some(campaign) => self.draw(&campaign, &people).await,
            None => Ok(()),
        }
    }

    async fn draw(&self, campaign: &Campaign, people: &[Candidate]) -> anyhow::Result<()> {
        let path = format!("/api/campaigns/{}/messages", campaign.id);
        for part in people.chunks(MOST_PER_CALL) {
            let request = json!({"recipients": part.iter().map(Candidate::request).collect::<Vec<_>>()});
            let answer = self.platform_post(&path, &request).await.context("drawing recipients")?;
            if answer.status >= 300 {
                tracing::warn!(status = answer.status, "the app refused to draw recipients");
                continue;
            }
            let mut held = self.hold();
            let none = Vec::new();
            let messages = answer.json["messages"].as_array().unwrap_or(&none);
            for candidate in part {
                let key = candidate.key();
                if let Some(message) = messages.iter().find(|message| message["key"] == key.as_str()) {
                    held.drawn(campaign, candidate, message);
                }
            }
        }
        Ok(())
    }
}
