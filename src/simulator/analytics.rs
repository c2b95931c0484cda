//! What Meta counts of templates, and the platform that fetches it every morning and hands it to the app as it is.
//!
//! 1. Meta counts per template and UTC day, whatever the campaign: every sixth broadcast uses the same one.
//! 2. Reads and clicks of messages older than seven days are forgotten: those counts fall back.
//! 3. A read is known of those who send receipts; a tap is Meta's own to count, whatever becomes of it at the link.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::kernel::Timestamp;

use super::World;
use super::platform::Campaign;
use super::state::State;

const DAY: i64 = 86_400;
/// For so long Meta knows who read and tapped, and so far back the platform asks.
const REMEMBERED: i64 = 7 * DAY;
/// What a delivered message costs, in hundredths of a cent.
const PRICE: i64 = 572;

/// What Meta saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Saw {
    Sent,
    Delivered,
    Read,
    Tapped,
}

/// One thing Meta counts: of which recipient (by number), and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    saw: Saw,
    recipient: usize,
    at: Timestamp,
}

impl Campaign {
    /// Meta's id of the template it sends.
    fn template(&self) -> String {
        match self.broadcast {
            Some(n) => format!("71000000000020{}", n % 6),
            None => "710000000000100".to_owned(),
        }
    }
}

impl State {
    /// Meta counts something that happens at an instant.
    pub fn meta_counts(&mut self, recipient: usize, saw: Saw, at: Timestamp) {
        self.counted.push(Counted { saw, recipient, at });
    }

    /// Meta's answers as the platform asks for them now: one per campaign that was busy lately.
    fn analytics(&mut self) -> Vec<(String, Value)> {
        let now = self.clock.now();
        let since = Timestamp::from_seconds((now.seconds() - REMEMBERED).div_euclid(DAY) * DAY);
        // What is over is in earlier answers.
        self.counted.retain(|counted| counted.at >= since);
        let templates: BTreeMap<&str, String> = self.campaigns.iter().map(|c| (c.id.as_str(), c.template())).collect();
        let mut busy: BTreeMap<&str, &String> = BTreeMap::new();
        let mut days: BTreeMap<(&String, i64), Vec<&Counted>> = BTreeMap::new();
        for counted in self.counted.iter().filter(|counted| counted.at <= now) {
            let Some((campaign, template)) = self
                .recipients
                .get(counted.recipient)
                .and_then(|recipient| templates.get_key_value(recipient.campaign_id.as_str()))
            else {
                continue;
            };
            busy.insert(campaign, template);
            days.entry((template, counted.at.seconds().div_euclid(DAY) * DAY)).or_default().push(counted);
        }
        let points = |template: &String| {
            let days = days.iter().filter(|((of, _), _)| *of == template);
            days.map(|((_, start), counted)| self.point(template, *start, counted, now)).collect::<Vec<_>>()
        };
        let answer = |(campaign, template): (&str, &String)| {
            let answer = json!({"data": [{"granularity": "DAILY", "product_type": "cloud_api",
                "data_points": points(template)}], "paging": {"cursors": {"before": "MAZDZD", "after": "MjQZD"}}});
            (campaign.to_owned(), answer)
        };
        busy.into_iter().map(answer).collect()
    }

    fn point(&self, template: &str, start: i64, counted: &[&Counted], now: Timestamp) -> Value {
        let known = |counted: &Counted| {
            let forgets = matches!(counted.saw, Saw::Read | Saw::Tapped);
            let sent = self.recipients.get(counted.recipient).map_or(counted.at, |recipient| recipient.drawn_at);
            !forgets || now.seconds_since(sent) < REMEMBERED
        };
        let of = |saw: Saw| counted.iter().filter(move |counted| counted.saw == saw && known(counted));
        let accounts: BTreeSet<usize> = of(Saw::Tapped).map(|counted| counted.recipient).collect();
        let spent = of(Saw::Delivered).count() as i64 * PRICE;
        json!({"template_id": template, "start": start, "end": start + DAY, "sent": of(Saw::Sent).count(),
            "delivered": of(Saw::Delivered).count(), "read": of(Saw::Read).count(),
            "clicked": [
                {"type": "url_button", "button_content": "Shop now", "count": of(Saw::Tapped).count()},
                {"type": "unique_url_button", "button_content": "Shop now", "count": accounts.len()}],
            "cost": [{"type": "amount_spent", "value": spent as f64 / 10_000.0}]})
    }
}

impl World {
    /// The platform fetches Meta's analytics and hands them in.
    pub(super) async fn hand_in_analytics(&self) -> anyhow::Result<()> {
        let answers = {
            let mut held = self.hold();
            if held.api_key.is_none() {
                return Ok(());
            }
            held.analytics()
        };
        for (campaign, answer) in answers {
            let path = format!("/api/campaigns/{campaign}/template-analytics?currency=USD");
            let kept = self.platform_post(&path, &answer).await?;
            if kept.status >= 300 {
                tracing::warn!(status = kept.status, problem = kept.text, "the app refused Meta's analytics");
            }
        }
        Ok(())
    }
}
