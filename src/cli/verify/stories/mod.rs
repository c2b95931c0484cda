//! `verify stories`: facts → lines, winners, credits, ledger; compared with what the file expects.
//!
//! Each story is a shop of its own in a database in memory. Its facts go through the rooms' own recording and judging code,
//! once as they are told and once the other way round and twice: the outcome must not depend on that.

mod compare;
mod facts;
mod found;
mod record;

use clap::Args;
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::compare::{Difference, compare};
use self::facts::{Facts, maybe_instant};
use self::found::Found;
use super::source::{Unreadable, read};
use super::{Format, Outcome, print};
use crate::app::App;
use crate::attribution::{self, DEFAULT_POLICY, Policy, policies, presets};
use crate::cli::start;
use crate::kernel::{Chance, Clock, Currency, Timestamp};

/// Facts in, what our reports would say out; compared with what the file expects.
///
/// A file is JSON: {"format": "recoup-stories/1", "stories": [{"name", "why", "shop": {"currency", "time_zone"}, "policy",
/// "as_of", "facts": [...], "expect": {"orders", "ledger", "summary"}}]}. `policy` is the name of a preset or a whole policy;
/// only what `expect` names is compared.
///
/// Facts, in any order (? may be left out; instants are RFC 3339, money is minor units): recipient id phone? email? shopper?
/// · message id campaign recipient at held_out? code? code_ends_at? checkout? · status message status at · click id message at
/// human? · pixel click checkout at · checkout token at phone? email? shopper? · order id at net_minor paid_at? currency? phone?
/// email? shopper? checkout? codes? cart_click_ids? landing_click_id? test? renewal? tips_minor? gift_cards_minor? total_minor?
/// · edit order at net_minor total_minor? · refund order at net_minor total_minor? id? · cancel order at · visit order at
/// landing? referrer? click_id?
#[derive(Debug, Args)]
pub struct Stories {
    /// The files; `-`: standard input.
    #[arg(required = true)]
    files: Vec<String>,
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    stories: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    name: String,
    #[serde(default)]
    why: String,
    shop: ToldShop,
    #[serde(default)]
    policy: Value,
    #[serde(default, deserialize_with = "maybe_instant")]
    as_of: Option<Timestamp>,
    facts: Vec<Value>,
    #[serde(default)]
    expect: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToldShop {
    currency: Currency,
    #[serde(default = "utc")]
    time_zone: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// A story, read.
struct Story {
    name: String,
    why: String,
    shop: ToldShop,
    policy: Policy,
    facts: Facts,
    expect: Map<String, Value>,
}

/// What came of a story.
struct Judged {
    name: String,
    why: String,
    found: Found,
    differences: Vec<Difference>,
}

impl Stories {
    pub(super) fn run(self) -> Result<Outcome, Unreadable> {
        let mut stories = Vec::new();
        for file in &self.files {
            stories.extend(stories_in(file, &read(file)?)?);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Unreadable::new("recoup", error))?;
        let judged = runtime.block_on(judge_all(stories)).map_err(|error| Unreadable::new("recoup", error))?;
        let failed = judged.iter().filter(|one| !one.differences.is_empty()).count();
        match self.format {
            Format::Json => print(&format!("{}\n", document(&judged, failed))),
            Format::Text => print(&page(&judged, failed)),
        }
        Ok(if failed == 0 { Outcome::Agrees } else { Outcome::Differs })
    }
}

/// Reads a file whole before anything is judged.
fn stories_in(file: &str, text: &str) -> Result<Vec<Story>, Unreadable> {
    let unreadable = |problem: String| Unreadable::new(file, problem);
    let whole: Value = serde_json::from_str(text).map_err(|error| unreadable(format!("not JSON: {error}")))?;
    let whole: File = facts::read(whole).map_err(|(field, problem)| unreadable(format!("{field}: {problem}")))?;
    if whole.format != "recoup-stories/1" {
        return Err(unreadable(format!("format: {:?} is not \"recoup-stories/1\"", whole.format)));
    }
    let story = |(place, told): (usize, Value)| {
        let name = told["name"].as_str().map_or_else(|| format!("number {}", place + 1), |name| format!("{name:?}"));
        story(told).map_err(|problem| unreadable(format!("story {name}, {problem}")))
    };
    whole.stories.into_iter().enumerate().map(story).collect()
}

fn story(told: Value) -> Result<Story, String> {
    let plain = |(field, problem): facts::Wrong| if field.is_empty() { problem } else { format!("{field}: {problem}") };
    let told: Told = facts::read(told).map_err(plain)?;
    if told.shop.time_zone.parse::<chrono_tz::Tz>().is_err() {
        return Err(format!("shop.time_zone: {:?} is no time zone", told.shop.time_zone));
    }
    let mut facts = Facts::default();
    let in_place = |place: usize, (field, problem): facts::Wrong| match field.as_str() {
        "" => format!("fact {}: {problem}", place + 1),
        field => format!("fact {}, {field}: {problem}", place + 1),
    };
    for (place, fact) in told.facts.iter().enumerate() {
        facts.add(fact).map_err(|wrong| in_place(place, wrong))?;
    }
    for (place, fact) in told.facts.iter().enumerate() {
        facts.check(fact).map_err(|wrong| in_place(place, wrong))?;
    }
    if let Some(at) = told.as_of {
        facts = facts.known_at(at);
    }
    let of_policy = |field: String| if field.is_empty() { "policy".to_owned() } else { format!("policy.{field}") };
    let policy = policy(told.policy).map_err(|(field, problem)| plain((of_policy(field), problem)))?;
    Ok(Story { name: told.name, why: told.why, shop: told.shop, policy, facts, expect: told.expect })
}

/// A preset by its name, or a whole policy.
fn policy(told: Value) -> Result<Policy, facts::Wrong> {
    let policy = match told {
        Value::Null => return Ok(Policy::standard()),
        Value::String(name) => {
            let known = || presets::named(&name).map(|preset| preset.policy());
            return (name == DEFAULT_POLICY).then(Policy::standard).or_else(known).ok_or_else(|| {
                let names: Vec<&str> = presets::PRESETS.iter().map(|preset| preset.name).collect();
                (String::new(), format!("there is no preset {name:?}; there are default, {}", names.join(", ")))
            });
        }
        document => facts::read::<Policy>(document)?,
    };
    policy.problem().map_or(Ok(policy), Err)
}

/// Judges stories one after the other.
async fn judge_all(stories: Vec<Story>) -> anyhow::Result<Vec<Judged>> {
    let app = app().await?;
    let mut judged = Vec::with_capacity(stories.len());
    for (story, number) in stories.into_iter().zip(1_i64..) {
        let found = lead(&app, &story, story.facts.clone(), 2 * number).await?;
        let again = lead(&app, &story, story.facts.clone().reversed(), 2 * number + 1).await?;
        let mut differences = compare(&story.expect, &found);
        if again != found {
            differences.push(Difference::of_order());
        }
        judged.push(Judged { name: story.name, why: story.why, found, differences });
    }
    Ok(judged)
}

/// What some facts lead to, in a shop of their own.
async fn lead(app: &App, story: &Story, facts: Facts, number: i64) -> anyhow::Result<Found> {
    let shop = record::shop(number, story.shop.currency, &story.shop.time_zone);
    let txn = app.db.begin_write().await?;
    let names = record::record(&txn, app, &shop, &facts).await?;
    policies::keep(&txn, shop.shop_id, &story.policy, app.clock.now(), true).await?;
    txn.commit().await?;
    attribution::rebuild(app, &shop).await?;
    Ok(found::read(app.db.read(), shop.shop_id, &story.policy.name, &names).await?)
}

/// The program on an empty database in memory.
async fn app() -> anyhow::Result<App> {
    let app = start::open_in_memory(Clock::manual(Timestamp::from_seconds(0)), Chance::seeded(1)).await?;
    // In the house two recipients of one phone are one, and a code is drawn once; a story may tell it otherwise.
    for index in ["uq_recipients_shop_id_phone_hash", "uq_redeem_codes_shop_id_code"] {
        app.db.write().execute_unprepared(&format!("DROP INDEX IF EXISTS {index}")).await?;
    }
    Ok(app)
}

fn document(judged: &[Judged], failed: usize) -> Value {
    let story = |one: &Judged| {
        json!({
            "name": one.name,
            "passed": one.differences.is_empty(),
            "orders": one.found.orders,
            "ledger": one.found.ledger,
            "summary": one.found.summary,
            "differences": one.differences,
        })
    };
    let stories: Vec<Value> = judged.iter().map(story).collect();
    json!({"stories": stories, "passed": judged.len() - failed, "failed": failed})
}

fn page(judged: &[Judged], failed: usize) -> String {
    let mut lines = Vec::new();
    for one in judged {
        let mark = if one.differences.is_empty() { "passed" } else { "FAILED" };
        lines.push(format!("{mark}  {}: {}", one.name, one.why));
        for (name, order) in &one.found.orders {
            let winner = match &order["winner"] {
                Value::Null => String::new(),
                won => format!(", {} by {}", plain(&won["message"]), plain(&won["kind"])),
            };
            lines.push(format!("        {name}: {} {}{winner}", plain(&order["line"]), order["net_minor"]));
        }
        for difference in &one.differences {
            lines.push(format!("        {difference}"));
        }
    }
    lines.push(format!("{} passed, {failed} failed", judged.len() - failed));
    lines.join("\n") + "\n"
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
