//! Living: events are taken in order, the clock is moved to each, and what is due within a quarter of an hour is told
//! to the app together.
//!
//! 1. Everything but webhooks happens one after the other; webhooks of one step go out at most sixteen at a time.
//! 2. When `live` returns, everything that was due has been delivered or planned again.

use futures::StreamExt;

use crate::kernel::Timestamp;

use super::World;
use super::clockwork::{Event, step_end};
use super::shopify::webhooks::Delivery;
use super::whatsapp::{self, MOST_PER_REQUEST, StatusNote};

const AT_ONCE: usize = 16;

/// What the steps of a life collect for the app.
#[derive(Default)]
struct Post {
    deliveries: Vec<Delivery>,
    statuses: Vec<StatusNote>,
}

impl World {
    /// Plans the first day, once.
    fn begin(&self) {
        let mut held = self.hold();
        if std::mem::replace(&mut held.begun, true) {
            return;
        }
        let (now, zone) = (held.clock.now(), held.shop().profile.zone);
        let today = now.day(zone);
        if today.start(zone) == now {
            held.queue.plan(now, Event::DayBegins(today));
        } else {
            held.queue.plan(today.next().start(zone), Event::DayBegins(today.next()));
        }
        held.plan_broadcasts();
    }

    /// Lives until an instant. `settle` runs at the end of every step in which something happened, and right after the
    /// platform asked the app for something; it is where the app gets to do its jobs.
    pub async fn live(
        &self,
        until: Timestamp,
        mut settle: impl AsyncFnMut(Timestamp) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.begin();
        loop {
            let next = self.hold().queue.next_at().filter(|at| *at <= until);
            let Some(next) = next else { break };
            let end = step_end(next).min(until);
            let mut post = Post::default();
            loop {
                let taken = self.hold().queue.take(end);
                let Some((at, event)) = taken else { break };
                self.clock().advance_to(at);
                if self.perform(event, &mut post).await? {
                    // What was due before has arrived before.
                    self.post(std::mem::take(&mut post)).await;
                    settle(self.clock().now()).await?;
                }
            }
            self.clock().advance_to(end);
            self.post(post).await;
            settle(self.clock().now()).await?;
        }
        self.clock().advance_to(until);
        Ok(())
    }

    /// Performs one event; true if the app was asked for something and should settle.
    async fn perform(&self, event: Event, post: &mut Post) -> anyhow::Result<bool> {
        match event {
            Event::Deliver(delivery) => post.deliveries.push(*delivery),
            Event::Status(note) => post.statuses.push(*note),
            Event::Pixel(telling) => self.tells(*telling).await,
            Event::CreateBroadcast(n) => {
                self.create_broadcast(n).await?;
                return Ok(true);
            }
            Event::SendBroadcast(n) => {
                self.send_broadcast(n).await?;
                return Ok(true);
            }
            Event::DrawAbandoned => {
                self.draw_abandoned().await?;
                return Ok(true);
            }
            Event::HandInAnalytics => self.hand_in_analytics().await?,
            Event::Browse(browse) => self.browse(*browse).await?,
            Event::AfterMessage(after) => self.after_message(*after).await?,
            Event::Prefetch { link } => self.prefetch(&link).await,
            Event::Preview { link, head } => self.preview(&link, head).await,
            Event::DayBegins(day) => self.hold().day_begins(day),
            Event::Return { token, because_of } => self.hold().returns(&token, because_of),
            Event::Pay(order) => drop(self.hold().pay(order)),
            Event::Void(order) => drop(self.hold().void(order)),
            Event::Touch(order) => self.hold().touch(order),
            Event::Cancel(order) => drop(self.hold().cancel(order)),
            Event::Refund { order, kind } => drop(self.hold().refund(order, kind)),
            Event::Counter(sale) => self.hold().counter_sale(sale),
        }
        Ok(false)
    }

    async fn post(&self, post: Post) {
        let (secret, app, connected) = {
            let held = self.hold();
            (held.client_secret.clone(), held.app_url.clone(), !held.app_url.is_empty())
        };
        if !connected {
            return;
        }
        let sends = post.deliveries.into_iter().enumerate().map(|(n, delivery)| {
            let headers = delivery.headers(&secret, false);
            let request = self.request_webhook(&format!("{app}/webhooks/shopify"), headers, delivery.body.clone());
            async move { (n, delivery, arrived(request).await) }
        });
        let mut failed: Vec<_> = futures::stream::iter(sends)
            .buffer_unordered(AT_ONCE)
            .filter_map(|(n, delivery, fine)| async move { (!fine).then_some((n, delivery)) })
            .collect()
            .await;
        failed.sort_by_key(|(n, _)| *n);
        let batches: Vec<Vec<StatusNote>> = post.statuses.chunks(MOST_PER_REQUEST).map(<[_]>::to_vec).collect();
        let mut lost = Vec::new();
        for batch in batches {
            if arrived(self.request_whatsapp(whatsapp::body(&batch))).await {
                let mut held = self.hold();
                batch.iter().for_each(|note| held.told(note.recipient, note.status, note.at));
            } else {
                lost.extend(batch);
            }
        }
        let mut held = self.hold();
        for (_, mut delivery) in failed {
            if let Some(seconds) = delivery.again() {
                delivery.attempt += 1;
                held.plan_in(seconds, Event::Deliver(Box::new(delivery)));
            }
        }
        for mut note in lost.into_iter().filter(|note| note.attempt < 8) {
            note.attempt += 1;
            held.plan_in(60 << note.attempt, Event::Status(Box::new(note)));
        }
    }

    /// Delivers everything that is on its way, whenever it is due: for tests that do one thing at a time.
    pub async fn delivers_everything(&self) {
        let mut post = Post::default();
        let mut tellings = Vec::new();
        {
            let mut held = self.hold();
            for event in held.queue.take_mail() {
                match event {
                    Event::Deliver(delivery) => post.deliveries.push(*delivery),
                    Event::Status(note) => post.statuses.push(*note),
                    Event::Pixel(telling) => tellings.push(*telling),
                    _ => {}
                }
            }
        }
        for telling in tellings {
            self.tells(telling).await;
        }
        self.post(post).await;
    }
}

async fn arrived(request: reqwest::RequestBuilder) -> bool {
    request.send().await.is_ok_and(|answer| answer.status().is_success())
}
