//! The WhatsApp platform: it asks the app for codes and links, sends, and lets WhatsApp tell what became of it.
//!
//! A recipient who is held out gets nothing. A code that is still pending is sent all the same: the link works.

use anyhow::Context;
use serde_json::{Value, json};

use crate::kernel::{Day, Timestamp};

use super::World;
use super::campaign::{abandoned, broadcast};
use super::clockwork::{Event, STEP_SECONDS};
use super::dice::{Luck, dice, key_of};
use super::shopper::{Person, Who};
use super::state::State;

/// No call draws more people.
const MOST_PER_CALL: usize = 1_000;

/// A campaign the platform runs.
#[derive(Clone, Debug)]
pub(super) struct Campaign {
    pub id: String,
    pub broadcast: Option<u32>,
}

/// Somebody about to be drawn.
pub(super) struct Candidate {
    pub who: Who,
    pub person: Person,
    pub checkout_token: Option<String>,
}

impl Candidate {
    pub fn key(&self) -> String {
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
}

impl World {
    async fn create_campaign(&self, request: Value, number: Option<u32>) -> anyhow::Result<Option<Campaign>> {
        let answer = self.platform_post("/api/campaigns", &request).await?;
        let Some(id) = answer.json["id"].as_str().filter(|_| answer.status < 300) else {
            tracing::warn!(status = answer.status, problem = answer.text, "the app refused a campaign");
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
                tracing::warn!(status = answer.status, problem = answer.text, "the app refused to draw recipients");
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
