//! `jobs`: what waits, runs and failed, and trying it again.

use std::collections::{BTreeSet, HashMap};

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use sea_orm::{EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::start;
use crate::app::App;
use crate::jobs::{self, Filter, JobId, Model, Standing};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shops::{SHOP, Shops};

/// Say what waits, runs and failed, or try it again.
#[derive(Debug, Args)]
pub struct Jobs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List jobs, the earliest first. Without a filter: those that were set aside.
    List(List),
    /// Try jobs now that were set aside, or that wait because they failed.
    Retry(Retry),
}

#[derive(Debug, Args)]
struct List {
    /// Only of this kind, e.g. `codes.fill`.
    #[arg(long)]
    kind: Option<String>,
    /// Only those that stand so; `all` for every job. Default: failed, or all once a kind or a shop is named.
    #[arg(long, value_enum)]
    state: Option<State>,
    /// Only of the shop with this myshopify.com domain.
    #[arg(long)]
    shop: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    limit: u64,
    /// As JSON, one list.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Retry {
    /// The job's id, as `jobs list` says it.
    #[arg(required_unless_present = "kind", conflicts_with = "kind")]
    id: Option<String>,
    /// All jobs of this kind that failed, e.g. `codes.fill`.
    #[arg(long)]
    kind: Option<String>,
    /// Only of the shop with this myshopify.com domain.
    #[arg(long)]
    shop: Option<String>,
    /// As JSON, one list of the jobs that will be tried.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum State {
    Due,
    Running,
    Waiting,
    Failed,
    All,
}

impl State {
    const fn standing(self) -> Option<Standing> {
        match self {
            Self::Due => Some(Standing::Due),
            Self::Running => Some(Standing::Running),
            Self::Waiting => Some(Standing::Waiting),
            Self::Failed => Some(Standing::Failed),
            Self::All => None,
        }
    }
}

/// Most jobs tried again in one go: the next go takes the next ones.
const AT_ONCE: u64 = 10_000;

impl Jobs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let app = start::open_unmigrated().await?;
        match self.command {
            Command::List(asked) => list(&app, asked).await,
            Command::Retry(asked) => retry(&app, asked).await,
        }
    }
}

async fn list(app: &App, asked: List) -> anyhow::Result<()> {
    let now = app.clock.now();
    let named = asked.kind.is_some() || asked.shop.is_some();
    let state = asked.state.unwrap_or(if named { State::All } else { State::Failed });
    let filter = Filter {
        shop: shop(app, asked.shop.as_deref()).await?,
        kind: asked.kind,
        standing: state.standing(),
        id: None,
    };
    let found = jobs::list(app.db.read(), &filter, now, asked.limit).await?;
    if asked.json {
        return print(app, &found, now).await;
    }
    let domains = domains(app, &found).await?;
    found.iter().for_each(|job| println!("{}", in_words(job, &domains, now)));
    let more = if found.len() as u64 == asked.limit { ", and perhaps more: --limit" } else { "" };
    println!("{} jobs{more}", found.len());
    Ok(())
}

async fn retry(app: &App, asked: Retry) -> anyhow::Result<()> {
    let now = app.clock.now();
    let id = asked.id.as_deref().map(|text| JobId::parse(text).with_context(|| format!("`{text}` is no job's id")));
    let filter =
        Filter { shop: shop(app, asked.shop.as_deref()).await?, id: id.transpose()?, kind: asked.kind, standing: None };
    let mut tried = Vec::new();
    for standing in [Standing::Failed, Standing::Waiting] {
        let filter = Filter { standing: Some(standing), ..filter.clone() };
        for job in jobs::list(app.db.read(), &filter, now, AT_ONCE).await? {
            if jobs::try_now(app.db.write(), &job, now).await? {
                tried.push(job);
            }
        }
    }
    if asked.json {
        return print(app, &tried, now).await;
    }
    anyhow::ensure!(
        filter.id.is_none() || !tried.is_empty(),
        "no such job was set aside or waits because it failed; `recoup jobs list` says which do"
    );
    let domains = domains(app, &tried).await?;
    tried.iter().for_each(|job| println!("{}", in_words(job, &domains, now)));
    println!("{} jobs are tried now; a running `serve` or `worker` does it", tried.len());
    Ok(())
}

async fn shop(app: &App, domain: Option<&str>) -> anyhow::Result<Option<ShopId>> {
    let Some(domain) = domain else { return Ok(None) };
    let found = Shops::find().filter(SHOP.domain.eq(domain)).one(app.db.read()).await?;
    Ok(Some(found.with_context(|| format!("there is no shop {domain} here"))?.shop_id))
}

/// What the jobs' shops are called; work of nobody's shop has none.
async fn domains(app: &App, jobs: &[Model]) -> anyhow::Result<HashMap<ShopId, String>> {
    let ids: BTreeSet<ShopId> = jobs.iter().map(|job| job.shop_id).collect();
    let mut found = HashMap::new();
    for id in ids {
        let shop = Shops::find_by_id(id).one(app.db.read()).await?;
        found.extend(shop.map(|shop| (id, shop.domain)));
    }
    Ok(found)
}

/// How often a job may fail; `None`: for ever.
fn tries(job: &Model) -> Option<i32> {
    (job.max_attempts < i32::MAX).then_some(job.max_attempts)
}

/// When it runs next; a job that was set aside does not.
fn next_run(job: &Model, now: Timestamp) -> Option<Timestamp> {
    matches!(Standing::of(job, now), Standing::Due | Standing::Waiting).then_some(job.run_at)
}

fn in_words(job: &Model, domains: &HashMap<ShopId, String>, now: Timestamp) -> String {
    let domain = domains.get(&job.shop_id).map_or("no shop", String::as_str);
    let of = tries(job).map(|most| format!(" of {most}")).unwrap_or_default();
    let next = next_run(job, now).map(|at| format!(", next run {at}")).unwrap_or_default();
    let why = job.last_error.as_ref().map(|why| format!("\n      {why}")).unwrap_or_default();
    let (standing, kind, id) = (Standing::of(job, now).name(), &job.kind, job.id);
    format!("  {standing:<8} {kind} of {domain}, {} tries{of}{next}, {id}{why}", job.attempts)
}

async fn print(app: &App, found: &[Model], now: Timestamp) -> anyhow::Result<()> {
    let domains = domains(app, found).await?;
    let view = |job: &Model| {
        json!({
            "id": job.id,
            "shop": domains.get(&job.shop_id),
            "kind": job.kind,
            "state": Standing::of(job, now).name(),
            "attempts": job.attempts,
            "max_attempts": tries(job),
            "last_failure": job.last_error,
            "next_run_at": next_run(job, now).map(|at| at.to_string()),
            "promised_at": job.created_at.to_string(),
        })
    };
    let all = found.iter().map(view).collect();
    println!("{:#}", Value::Array(all));
    Ok(())
}
