//! `doctor`: what is wrong with this installation, and what to do.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use migrations::Migrator;
use migrations::MigratorTrait;
use sea_orm::{EntityTrait, PaginatorTrait};

use super::start;
use crate::app::App;
use crate::catchup;
use crate::checkouts::{self, Recovery};
use crate::config::{Config, sqlite_path};
use crate::db::Db;
use crate::jobs;
use crate::kernel::{Chance, Clock, Currency};
use crate::orders::{self, DifferenceKind};
use crate::pixel;
use crate::reports::{self, Word};
use crate::rotation::{self, Count};
use crate::shopify::admin::VERSION;
use crate::shops::{self, Shops};
use crate::sinks;
use crate::tombstones;

/// Say what is wrong with this installation, and what to do. Changes nothing; exits 1 when something must be mended.
#[derive(Debug, Args)]
pub struct Doctor {}

/// How a check went.
enum Finding {
    Good(String),
    Hint(String),
    Wrong(String),
}
use Finding::{Good, Hint, Wrong};

impl Doctor {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let mut findings = Vec::new();
        match Config::look() {
            Ok(config) => examine(config, &mut findings).await,
            Err(error) => findings.push(Wrong(format!("configuration: {error:#}"))),
        }
        let wrong = findings.iter().filter(|finding| matches!(finding, Wrong(_))).count();
        for finding in &findings {
            match finding {
                Good(text) => println!("  ok    {text}"),
                Hint(text) => println!("  hint  {text}"),
                Wrong(text) => println!("  WRONG {text}"),
            }
        }
        anyhow::ensure!(wrong == 0, "{wrong} to mend");
        println!("Nothing must be mended.");
        Ok(())
    }
}

async fn examine(config: Config, findings: &mut Vec<Finding>) {
    configured(&config, findings);
    if !begun(&config, findings) {
        return;
    }
    let db = match start::connect(&config).await {
        Ok(db) => db,
        Err(error) => return findings.push(Wrong(format!("database: {error:#}"))),
    };
    let kind = if db.is_sqlite() { "SQLite" } else { "PostgreSQL" };
    findings.push(Good(format!("{kind} answers, and keeps what it acknowledges")));
    if !schema(&db, findings).await {
        return;
    }
    match App::build(config, db, Clock::System, Chance::from_os()).await {
        Ok(app) => inhabited(&app, findings).await,
        Err(error) => findings.push(Wrong(format!("keys: {error:#}"))),
    }
}

/// Whether there is a database to look into. To open a file that is not there would make it.
fn begun(config: &Config, findings: &mut Vec<Finding>) -> bool {
    let Some(file) = sqlite_path(&config.database_url) else { return true };
    let shown = file.display();
    if !file.exists() {
        findings.push(Hint(format!(
            "there is no database yet: `recoup serve` makes {shown} and its key, or set RECOUP_DATABASE_URL"
        )));
        return false;
    }
    match &config.keys.unkept {
        None => true,
        Some(key) => {
            findings.push(Wrong(format!(
                "{shown} is there, but not its key: put {} back, or set RECOUP_KEY to what stood in it",
                key.display()
            )));
            false
        }
    }
}

fn configured(config: &Config, findings: &mut Vec<Finding>) {
    findings.push(match &config.shopify.app {
        Some(app) => Good(format!("Shopify app {} is configured", app.client_id)),
        None => Hint("no shop can install: set SHOPIFY_API_KEY and SHOPIFY_API_SECRET from the Dev Dashboard".into()),
    });
    findings.push(match &config.whatsapp.secret {
        Some(_) => Good("WhatsApp's webhook can be proved".into()),
        None => Hint(
            "Meta's webhook is refused: set WHATSAPP_APP_SECRET, or report statuses by POST /api/messages/statuses"
                .into(),
        ),
    });
    findings.push(spool(&config.spool));
    findings.push(match config.data_centres.len() {
        0 => Hint("hits from data centres count as people's unless their browser's name says otherwise: name your cloud providers' lists in RECOUP_DATA_CENTRES".into()),
        many => Good(format!("{many} networks of data centres are known")),
    });
    let url = &config.server.public_url;
    // We speak no TLS, so in front of an https address there is a proxy.
    if url.starts_with("https://") && config.server.trusted_proxies.is_empty() {
        findings.push(Hint("whoever opens many people's links can pass for many people, because your proxy is not known: name it in RECOUP_TRUSTED_PROXIES".into()));
    }
    if url.starts_with("https://") {
        findings.push(Good(format!("links begin with {url}")));
    } else {
        findings
            .push(Hint(format!("links begin with {url}: set RECOUP_PUBLIC_URL to the https address shoppers reach")));
    }
}

/// Whether taps find a place while the database is away. Writes nothing: the folder is made when it is first needed.
fn spool(folder: &std::path::Path) -> Finding {
    let shown = folder.display();
    let standing = folder.ancestors().find(|path| path.as_os_str().is_empty() || path.exists());
    let standing = standing.filter(|path| !path.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."));
    match standing.metadata() {
        Ok(found) if found.is_dir() && !found.permissions().readonly() => {
            Good(format!("taps wait in {shown} while the database is away"))
        }
        _ => Wrong(format!("{shown} cannot be written: set RECOUP_SPOOL to a folder of this node that lasts")),
    }
}

async fn schema(db: &Db, findings: &mut Vec<Finding>) -> bool {
    match Migrator::get_pending_migrations(db.write()).await {
        Ok(pending) if pending.is_empty() => {
            findings.push(Good("the schema is up to date".into()));
            true
        }
        Ok(pending) => {
            findings.push(Wrong(format!(
                "{} migrations wait: run `recoup migrate`, or `recoup serve`, which does it",
                pending.len()
            )));
            false
        }
        Err(error) => {
            findings.push(Wrong(format!("the schema cannot be read: {error}")));
            false
        }
    }
}

async fn inhabited(app: &App, findings: &mut Vec<Finding>) {
    findings.push(Good("RECOUP_KEY opens this database".into()));
    if let Ok(shops) = Shops::find().count(app.db.read()).await {
        findings.push(Good(format!("{shops} shops known")));
    }
    sealed(app, findings).await;
    speaking(app, findings).await;
    counting(app, findings).await;
    agreeing(app, findings).await;
    match jobs::dead(app.db.read()).await {
        Ok(dead) if dead.is_empty() => findings.push(Good("no job was set aside".into())),
        Ok(dead) => {
            let mut why: Vec<String> = dead
                .iter()
                .map(|job| format!("{}: {}", job.kind, job.last_error.as_deref().unwrap_or("no reason is kept")))
                .collect();
            why.sort();
            why.dedup();
            why.truncate(5);
            let (count, why) = (dead.len(), why.join("; "));
            findings
                .push(Hint(format!("{count} jobs were set aside ({why}): `recoup jobs list` shows them, `recoup jobs retry` tries them again")));
        }
        Err(error) => findings.push(Wrong(format!("jobs cannot be read: {error}"))),
    }
    match sinks::failing(app.db.read(), app.clock.now()).await {
        Ok(sinks::Failing { failing: 0, disabled: 0 }) => findings.push(Good("every webhook endpoint takes what it is told".into())),
        Ok(sinks::Failing { failing, disabled }) => findings.push(Hint(format!(
            "{failing} webhook endpoints have failed for more than an hour, {disabled} said that they are gone: their merchants see the reasons on the page Shop"
        ))),
        Err(error) => findings.push(Wrong(format!("webhook endpoints cannot be read: {error}"))),
    }
    match tombstones::overdue(app.db.read(), app.clock.now()).await {
        Ok(0) => findings.push(Good("no privacy request is overdue".into())),
        Ok(late) => findings.push(Wrong(format!(
            "{late} privacy requests are past their thirty days: the merchant sees them under GET /api/privacy/requests"
        ))),
        Err(error) => findings.push(Wrong(format!("privacy requests cannot be read: {error}"))),
    }
    if let Some(ours) = &app.config.shopify.app {
        let reached =
            tokio::time::timeout(Duration::from_secs(3), tokio::net::lookup_host("admin.shopify.com:443")).await;
        if !matches!(reached, Ok(Ok(_))) && app.config.shopify.origin.starts_with("https://") {
            findings.push(Hint(format!(
                "admin.shopify.com cannot be found from here: app {} will not reach its shops",
                ours.client_id
            )));
        }
    }
}

/// Whether every shop's money can be counted, and its checkouts opened again.
async fn counting(app: &App, findings: &mut Vec<Finding>) {
    let now = app.clock.now();
    let shops = match Shops::find().all(app.db.read()).await {
        Ok(shops) => shops,
        Err(error) => return findings.push(Wrong(format!("shops cannot be read: {error}"))),
    };
    let (mut withheld, mut told, mut uncounted) = (0, 0, Vec::new());
    let mut differing: BTreeMap<DifferenceKind, i64> = BTreeMap::new();
    for shop in shops.iter().filter(|shop| shop.installed()) {
        if Currency::parse(&shop.currency).is_none() {
            uncounted.push(shop.currency.as_str());
        }
        match checkouts::recovery(app.db.read(), shop.shop_id, now).await {
            Ok(Recovery::Withheld(_)) => withheld += 1,
            Ok(Recovery::Told) => told += 1,
            Ok(Recovery::Unknown) => {}
            Err(error) => return findings.push(Wrong(format!("checkouts cannot be read: {error}"))),
        }
        match orders::difference_counts(app.db.read(), shop.shop_id).await {
            Ok(counts) => counts.iter().for_each(|count| *differing.entry(count.kind).or_default() += count.orders),
            Err(error) => return findings.push(Wrong(format!("sales cannot be read: {error}"))),
        }
    }
    findings.push(if differing.is_empty() {
        Good("Shopify's own book of sales agrees with what its webhooks told, as far as it is known".into())
    } else {
        let kinds: Vec<String> = differing.iter().map(|(kind, orders)| format!("{} of {orders}", kind.called())).collect();
        Hint(format!(
            "Shopify's own book of sales differs from what its webhooks told in {} orders: the book counts, each receipt shows both, and a report of the difference is welcome",
            kinds.join(", ")
        ))
    });
    if !uncounted.is_empty() {
        let codes = uncounted.join(", ");
        findings.push(Hint(format!(
            "shops count in {codes}, which cannot be counted exactly: their orders are kept and not counted"
        )));
    }
    let apply = catchup::APPLY_FOR;
    findings.push(match (withheld, told) {
        (0, 0) => Hint(format!(
            "no checkout tells yet whether Shopify gives its recovery addresses; from 2026-12-01 (public apps) and 2027-01-01 (all others) it does so only with {apply}"
        )),
        (0, told) => Good(format!(
            "{told} shops get recovery addresses; from 2026-12-01 (public apps) and 2027-01-01 (all others) only with {apply}"
        )),
        (withheld, _) => Hint(format!(
            "{withheld} shops get no recovery addresses, so their links of kind checkout lead to carts of the same items: missing is {apply}"
        )),
    });
}

/// How each shop's net sales stand beside Shopify's own, in a line.
async fn agreeing(app: &App, findings: &mut Vec<Finding>) {
    let shops = match Shops::find().all(app.db.read()).await {
        Ok(shops) => shops,
        Err(error) => return findings.push(Wrong(format!("shops cannot be read: {error}"))),
    };
    for shop in shops.iter().filter(|shop| shop.installed()) {
        findings.push(match reports::agreement_word(app.db.read(), app, shop, app.clock.now()).await {
            Ok(Word::Agrees(text)) => Good(text),
            Ok(Word::Look(text)) => Hint(text),
            Err(error) => {
                Wrong(format!("{}: what agrees with Shopify cannot be read: {}", shop.domain, error.detail()))
            }
        });
    }
}

/// Under which key values are sealed.
async fn sealed(app: &App, findings: &mut Vec<Finding>) {
    let rotating = app.vault.previous_key_id().is_some();
    match rotation::count(app.db.read(), &app.vault).await {
        Ok(Count { strange, .. }) if strange > 0 => findings.push(Wrong(format!(
            "{strange} values are sealed under a key that is not configured: set RECOUP_PREVIOUS_KEY to the key they were sealed with"
        ))),
        Ok(Count { previous: 0, .. }) if rotating => findings.push(Good(
            "no value is sealed under the previous key any more: RECOUP_PREVIOUS_KEY may be removed from every node".into(),
        )),
        Ok(Count { previous, .. }) if rotating => findings.push(Hint(format!(
            "{previous} values still sealed under the previous key: a worker seals them anew; leave RECOUP_PREVIOUS_KEY until there are none"
        ))),
        Ok(_) => findings.push(Good("every sealed value opens with RECOUP_KEY".into())),
        Err(error) => findings.push(Wrong(format!("sealed values cannot be counted: {error}"))),
    }
}

/// Whether we may speak for every shop.
async fn speaking(app: &App, findings: &mut Vec<Finding>) {
    let health = match shops::health(app.db.read()).await {
        Ok(health) => health,
        Err(error) => return findings.push(Wrong(format!("tokens cannot be read: {error}"))),
    };
    let mut matter = |count: u64, text: &str| {
        if count > 0 {
            findings.push(Hint(format!("{count} {text}")));
        }
    };
    matter(health.reopening, "shops need their merchant to open the app once; their page says so");
    if let Ok(without) = pixel::troubled(app.db.read()).await {
        matter(without, "shops have no web pixel: allow write_pixels by opening the app; table web_pixels says why");
    }
    matter(health.frozen, "shops are frozen or locked by Shopify; their jobs wait");
    matter(health.fallen_forward, &format!("shops answer in another API version than {VERSION}: update Recoup"));
}
