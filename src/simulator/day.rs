//! What a local day brings: who comes by themselves, and when.

use rand::rngs::StdRng;

use crate::kernel::Day;

use super::clockwork::{CounterSale, Event};
use super::dice::{Luck, dice};
use super::shopper::Who;
use super::state::State;
use super::visit::Browse;

/// When the platform asks Meta what it counted.
const MORNING_SECONDS: i64 = 5 * 3_600;

impl State {
    /// A local day begins: its visits are planned, and the next day.
    pub fn day_begins(&mut self, day: Day) {
        let zone = self.shop().profile.zone;
        self.queue.plan(day.next().start(zone), Event::DayBegins(day.next()));
        self.queue.plan(day.start(zone).plus_seconds(MORNING_SECONDS), Event::HandInAnalytics);
        self.plan_visits(day, self.traffic.pace, 0);
    }

    /// More happens from now on: what is left of today gets its share at once.
    pub fn quickens(&mut self, pace: f64) {
        let more = pace - std::mem::replace(&mut self.traffic.pace, pace);
        let zone = self.shop().profile.zone;
        if self.begun && more > 0.0 {
            self.visits_planned += 1;
            self.plan_visits(self.clock.now().day(zone), more, self.visits_planned);
        }
    }

    /// Plans visits of a day: `round` 0 over the whole day, later ones over what is left of it.
    fn plan_visits(&mut self, day: Day, pace: f64, round: u64) {
        let zone = self.shop().profile.zone;
        let begin = day.start(zone);
        let gone = if round == 0 { None } else { Some(self.clock.now().seconds_since(begin)) };
        let left = gone.map_or(1.0, |gone| 1.0 - (gone as f64 / 86_400.0).min(1.0));
        let today = u64::from(day.0.unsigned_abs()) * 100 + round % 100;
        let mut luck = dice(self.seed, "day", today);
        let when = |luck: &mut StdRng| {
            begin.plus_seconds(match gone {
                None => time_of_day(luck),
                Some(gone) => luck.between(gone + 1, 86_399),
            })
        };
        let abandoned = self.traffic.abandoned_share.clamp(0.0, 0.95);
        // So many checkouts are begun for each one that is completed.
        let left_per_order = abandoned / (1.0 - abandoned);
        let mut number = today * 100_000;
        let mut plan = |state: &mut State, luck: &mut StdRng, who: Who, buys: bool| {
            number += 1;
            let at = when(luck);
            state.queue.plan(at, Event::Browse(Box::new(Browse { who, buys, number })));
        };
        let daily = self.traffic.customer_buys_daily * pace * left;
        for person in 0..self.people.len() {
            if luck.happens(daily) {
                plan(self, &mut luck, Who::Known(person), true);
            }
            if luck.happens(daily * left_per_order) {
                plan(self, &mut luck, Who::Known(person), false);
            }
        }
        let strangers = self.traffic.strangers_daily * pace * left;
        for (rate, buys) in [(strangers, true), (strangers * left_per_order, false)] {
            for n in arrivals(&mut luck, rate) {
                plan(self, &mut luck, Who::Stranger(today * 10_000 + n * 2 + u64::from(buys)), buys);
            }
        }
        for n in arrivals(&mut luck, self.traffic.counter_daily * pace * left) {
            let key = today * 10_000 + n;
            let sale = match luck.between(0, 19) {
                0..10 => CounterSale::PointOfSale(key),
                10..15 => CounterSale::Draft(key),
                15..19 => CounterSale::Renewal(key),
                _ => CounterSale::Test(key),
            };
            self.queue.plan(when(&mut luck), Event::Counter(sale));
        }
    }
}

/// So many on average, each with a number of its own.
fn arrivals(luck: &mut StdRng, rate: f64) -> Vec<u64> {
    let tickets = (rate * 4.0).ceil().max(1.0);
    (0..tickets as u64).filter(|_| luck.happens(rate / tickets)).collect()
}

/// Seconds into a local day: mostly evenings.
fn time_of_day(luck: &mut StdRng) -> i64 {
    let (from, to) = *luck.one_of(&[(7, 12), (12, 18), (12, 18), (18, 23), (18, 23), (18, 23), (0, 23)]);
    luck.between(from * 3_600, to * 3_600 - 1)
}
