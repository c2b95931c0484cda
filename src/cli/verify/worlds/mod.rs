//! `verify worlds`: seeded worlds whose truth is known; whether what a report would show holds it as often as it says.

mod scenarios;
mod tally;
mod world;

use std::num::NonZero;
use std::thread;

use clap::Args;
use serde_json::{Value, json};

use super::{Format, Outcome, print};
use scenarios::{Scenario, Shown};
use tally::{Line, Miss, head};

/// Worlds whose truth is known in, how often what a report shows holds it out.
///
/// Order values have a long tail, few buy, some orders come back, recipients come day by day. Each world is judged by the
/// functions that a shop's report uses, gates included, and set beside the expected difference a recipient, which follows from
/// how the world was made. Of the intervals shown, 95 in 100 have to hold it (a point and a half more or less; in fewer than
/// two thousand worlds three standard errors): on one campaign, on programmes of twenty, with three arms, where the message
/// works and where it does nothing. Looked at daily, the live view may call nothing something in at most 5 of 100. Exits 1,
/// and says which, when a line is outside.
#[derive(Debug, Args)]
pub struct Worlds {
    /// How many of each kind.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    worlds: u32,
    /// Another seed, other worlds; the same seed, the same.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

impl Worlds {
    pub(super) fn run(&self) -> Outcome {
        let lines = lived(&scenarios::all(), self.worlds, self.seed);
        let wrong: Vec<String> = lines.iter().filter_map(Line::wrong).collect();
        match self.format {
            Format::Json => print(&format!("{}\n", document(self, &lines, &wrong))),
            Format::Text => print(&page(self, &lines, &wrong)),
        }
        if wrong.is_empty() { Outcome::Agrees } else { Outcome::Differs }
    }
}

/// Every line, of so many worlds of each kind.
fn lived(kinds: &[Scenario], worlds: u32, seed: u64) -> Vec<Line> {
    (0..).zip(kinds).flat_map(|(kind, scenario)| lines(scenario, &shown(scenario, kind, worlds, seed))).collect()
}

/// What each world showed. Worlds do not know of each other: how many processors live them changes nothing.
fn shown(scenario: &Scenario, kind: u64, worlds: u32, seed: u64) -> Vec<Shown> {
    let hands = thread::available_parallelism().map_or(1, NonZero::get).min(8);
    let part = usize::try_from(worlds).unwrap_or(usize::MAX).div_ceil(hands).max(1);
    let all: Vec<u64> = (0..u64::from(worlds)).collect();
    let live = |part: &[u64]| -> Vec<Shown> {
        part.iter().map(|one| (scenario.live)(&mut world::dice(seed, kind, *one))).collect()
    };
    let live = &live;
    thread::scope(|scope| {
        let parts: Vec<_> = all.chunks(part).map(|part| scope.spawn(move || live(part))).collect();
        parts.into_iter().flat_map(|part| part.join().expect("a world does not panic")).collect()
    })
}

fn lines(scenario: &Scenario, shown: &[Shown]) -> Vec<Line> {
    let line = |(place, (name, bound)): (usize, &(String, tally::Bound))| {
        let of_line = || shown.iter().map(|world| &world[place]);
        Line {
            name: name.clone(),
            bound: *bound,
            worlds: shown.len(),
            seen: of_line().flatten().copied().collect(),
            shown: of_line().filter(|seen| !seen.is_empty()).count(),
        }
    };
    scenario.lines.iter().enumerate().map(line).collect()
}

fn document(asked: &Worlds, lines: &[Line], wrong: &[String]) -> Value {
    let line = |line: &Line| {
        let some = |figure: f64| if line.seen.is_empty() { Value::Null } else { json!(figure) };
        json!({
            "name": line.name, "shown": line.shown, "covers": some(line.covered()),
            "flatters": some(line.missed(Miss::Flatters)), "understates": some(line.missed(Miss::Understates)),
            "alarms": line.alarms(), "off": if line.seen.len() < 2 { Value::Null } else { json!(line.off()) },
            "limits": line.limits().map(|(low, high)| json!([low, high])), "right": line.wrong().is_none(),
        })
    };
    json!({"worlds": asked.worlds, "seed": asked.seed, "lines": lines.iter().map(line).collect::<Vec<_>>(), "wrong": wrong})
}

fn page(asked: &Worlds, lines: &[Line], wrong: &[String]) -> String {
    let mut text = vec![format!("{} worlds of each kind, seed {}", asked.worlds, asked.seed), String::new(), head()];
    text.extend(lines.iter().map(ToString::to_string));
    text.push(String::new());
    let judged = lines.iter().filter(|line| line.limits().is_some()).count();
    text.push(match wrong {
        [] => format!("All {judged} lines that can be judged are as they should be."),
        _ => wrong.join("\n"),
    });
    text.join("\n") + "\n"
}

#[cfg(test)]
mod tests;
