//! `verify journeys`: paths of channels → credit by every model.

use clap::Args;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

use super::source::{Line, Table, Unreadable};
use super::{Format, Outcome, print};
use crate::attribution::models::{Model, Path, Paths, Seen, markov, shapley};

/// Paths of channels in, credit by every model out. This shares credit, it does not prove cause.
///
/// CSV with a header: `path` (`email > whatsapp`, oldest first; repeats are touches of their own), `conversions` and `null`
/// (whole numbers of journeys that ended in an order and in nothing), `value` (what the orders were worth together). `direct`,
/// in any case, is the direct channel.
#[derive(Debug, Args)]
pub struct Journeys {
    /// The file; `-`: standard input.
    file: String,
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Rules that a path without instants can be judged by.
const WITHOUT_INSTANTS: [&str; 5] = ["first_touch", "last_touch", "last_non_direct", "linear", "position_based"];

/// What one channel gets.
struct Credit {
    /// By each of [`WITHOUT_INSTANTS`]: conversions, value.
    rules: Vec<(f64, f64)>,
    /// Conversions, value, removal effect.
    markov: Option<(f64, f64, f64)>,
    /// Its share of the rate.
    shapley: Option<f64>,
}

impl Journeys {
    pub(super) fn run(self) -> Result<Outcome, Unreadable> {
        let table = Table::read(&self.file, &["path", "conversions", "value", "null"])?;
        let mut paths = Paths::default();
        for line in table.lines() {
            let path = read(&mut paths, &line)?;
            paths.paths.push(path);
        }
        let credits = credits(&paths);
        match self.format {
            Format::Json => print(&format!("{}\n", document(&paths, &credits))),
            Format::Text => print(&page(&paths, &credits)),
        }
        Ok(Outcome::Agrees)
    }
}

fn read(paths: &mut Paths, line: &Line<'_>) -> Result<Path, Unreadable> {
    #[expect(clippy::cast_precision_loss, reason = "nobody counts 2^53 journeys")]
    let count = |text: &str| text.parse::<u32>().ok().map(f64::from).or_else(|| Some(text.parse::<u64>().ok()? as f64));
    let mut touches = Vec::new();
    for name in line.text("path").split('>').map(str::trim) {
        if name.is_empty() {
            return Err(line.wrong("path", format!("{:?} names no channel somewhere", line.text("path"))));
        }
        let direct = name.eq_ignore_ascii_case("direct");
        touches.push(paths.channel(if direct { "direct" } else { name }));
    }
    let value = |text: &str| text.parse::<Decimal>().ok()?.to_f64();
    Ok(Path {
        touches,
        conversions: line.value("conversions", "a whole number of journeys", count)?,
        value: line.value("value", "a decimal number", value)?,
        null: line.value("null", "a whole number of journeys", count)?,
    })
}

fn credits(paths: &Paths) -> Vec<Credit> {
    let direct = paths.channels.iter().position(|name| name == "direct");
    let seen = |touches: &[usize]| -> Vec<Seen> {
        touches.iter().map(|channel| Seen { direct: Some(*channel) == direct, age_micros: 0 }).collect()
    };
    let of_rule = |name: &str| {
        let rule = Model::called(name).and_then(Model::rule);
        paths.shared(|touches| rule.map(|rule| rule(&seen(touches))).unwrap_or_default())
    };
    let rules: Vec<Vec<(f64, f64)>> = WITHOUT_INSTANTS.iter().map(|name| of_rule(name)).collect();
    let effects = markov::removal_effects(paths);
    let all: f64 = effects.iter().flatten().sum();
    let rates = shapley::shares(paths);
    let (conversions, value) = totals(paths);
    let credit = |channel: usize| Credit {
        rules: rules.iter().map(|rule| rule[channel]).collect(),
        markov: effects.as_ref().filter(|_| all > 0.0).map(|effects| {
            let part = effects[channel] / all;
            (part * conversions, part * value, effects[channel])
        }),
        shapley: rates.as_ref().map(|rates| rates[channel]),
    };
    (0..paths.channels.len()).map(credit).collect()
}

fn totals(paths: &Paths) -> (f64, f64) {
    let sum = |of: fn(&Path) -> f64| paths.paths.iter().map(of).sum::<f64>();
    (sum(|path| path.conversions), sum(|path| path.value))
}

const NOTHING_CONVERTS: &str = "no journey ended in an order";
const TOO_MANY: &str = "more than twenty channels: too many coalitions to look at";

fn document(paths: &Paths, credits: &[Credit]) -> Value {
    let mut channels = Map::new();
    let mut reasons = Map::new();
    for (name, credit) in paths.channels.iter().zip(credits) {
        let mut one = Map::new();
        for (rule, (conversions, value)) in WITHOUT_INSTANTS.iter().zip(&credit.rules) {
            one.insert((*rule).to_owned(), json!({"conversions": conversions, "value": value}));
        }
        let markov = credit.markov.map(|(conversions, value, effect)| {
            json!({"conversions": conversions, "value": value, "removal_effect": effect})
        });
        let shapley = credit.shapley.map(|rate| json!({"rate": rate}));
        if markov.is_none() {
            reasons.insert("markov".to_owned(), NOTHING_CONVERTS.into());
        }
        if shapley.is_none() {
            reasons.insert("shapley".to_owned(), TOO_MANY.into());
        }
        one.insert("markov".to_owned(), markov.unwrap_or_default());
        one.insert("shapley".to_owned(), shapley.unwrap_or_default());
        channels.insert(name.clone(), Value::Object(one));
    }
    let (conversions, value) = totals(paths);
    let journeys = conversions + paths.paths.iter().map(|path| path.null).sum::<f64>();
    json!({"channels": channels, "journeys": whole(journeys), "conversions": whole(conversions), "value": value,
           "reasons": reasons})
}

/// A count, as a whole number.
fn whole(count: f64) -> Value {
    count.to_u64().map_or_else(|| json!(count), Value::from)
}

fn page(paths: &Paths, credits: &[Credit]) -> String {
    let (conversions, value) = totals(paths);
    let mut lines = vec![format!("{conversions} orders worth {value:.2}; what each channel gets of the value")];
    let head: String = WITHOUT_INSTANTS.iter().map(|name| format!(" {name:>15}")).collect();
    lines.push(format!("{:<24}{head} {:>15} {:>12} {:>12}", "channel", "markov", "removal", "shapley rate"));
    let dash = || "–".to_owned();
    for (name, credit) in paths.channels.iter().zip(credits) {
        let rules: String = credit.rules.iter().map(|(_, value)| format!(" {value:>15.2}")).collect();
        let markov = credit.markov.map_or_else(dash, |(_, value, _)| format!("{value:.2}"));
        let removal = credit.markov.map_or_else(dash, |(.., effect)| format!("{effect:.6}"));
        let rate = credit.shapley.map_or_else(dash, |rate| format!("{rate:.6}"));
        lines.push(format!("{name:<24}{rules} {markov:>15} {removal:>12} {rate:>12}"));
    }
    if credits.iter().any(|credit| credit.markov.is_none()) {
        lines.push(format!("markov: {NOTHING_CONVERTS}"));
    }
    if credits.iter().any(|credit| credit.shapley.is_none()) {
        lines.push(format!("shapley: {TOO_MANY}"));
    }
    lines.push("This shares credit; it does not prove cause.".to_owned());
    lines.join("\n") + "\n"
}
