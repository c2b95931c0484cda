//! How whoever runs Recoup sees how it goes, and the merchant in their own shop.

use std::process::{Command, Output};

use recoup::app::App;
use recoup::cli::start;
use recoup::config::Config;
use recoup::jobs::{self, Job, JobError, JobId, Next, Worker, registered};
use recoup::kernel::Chance;
use recoup::kernel::id::ShopId;
use recoup::server;
use recoup::shops::Shops;
use recoup::simulator::ShopProfile;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::{self, Engine, Story};

/// A job that fails, for good or to be tried again.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Breaks {
    for_good: bool,
}

impl Job for Breaks {
    const NAME: &'static str = "operations.breaks";

    async fn run(self, _: App, _: ShopId) -> Result<Next, JobError> {
        match self.for_good {
            true => Err(JobError::fail("the bridge is out")),
            false => Err(JobError::RetryAfter("the bridge is wet".to_owned(), 900)),
        }
    }
}

/// Promises such a job for a shop and lets it fail; answers its id.
async fn breaks(app: &App, shop: ShopId, for_good: bool) -> JobId {
    let now = app.clock.now();
    let ours = jobs::Filter { kind: Some(Breaks::NAME.to_owned()), ..jobs::Filter::default() };
    let known: Vec<JobId> =
        jobs::list(app.db.read(), &ours, now, 100).await.unwrap().iter().map(|job| job.id).collect();
    jobs::enqueue(app.db.write(), &app.chance, shop, &Breaks { for_good }, now, now).await.unwrap();
    jobs::settle(&Worker::new(app.clone(), vec![registered::<Breaks>()])).await.unwrap();
    let all = jobs::list(app.db.read(), &ours, now, 100).await.unwrap();
    all.iter().map(|job| job.id).find(|id| !known.contains(id)).unwrap()
}

async fn own_shop(story: &Story) -> ShopId {
    Shops::find().one(story.app.db.read()).await.unwrap().unwrap().shop_id
}

async fn metrics(url: &str) -> String {
    let answer = reqwest_client().get(format!("{url}/metrics")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    answer.text().await.unwrap()
}

/// The sum of the series of a name whose labels hold all of these, in whole numbers.
fn sum(text: &str, name: &str, labels: &[&str]) -> i64 {
    let series = text.lines().filter(|line| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
            && labels.iter().all(|label| line.contains(label))
    });
    series.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap() as i64).sum()
}

#[tokio::test]
async fn what_happens_is_counted() {
    let story = Story::begin().await;
    // Others count in this process too, so the numbers may only grow.
    let before = metrics(&story.url).await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let visit = story.world.shopper_taps(drawn["messages"][0]["link"].as_str().unwrap()).await.unwrap();
    visit.buys(&[(2, 1)], story.world.customer(3)).unwrap();
    story.arrive().await;
    story.report(&format!("/api/campaigns/{campaign}")).await;
    let after = metrics(&story.url).await;
    for (name, labels) in [
        (
            "recoup_http_request_duration_seconds_count",
            &[r#"route="/api/campaigns""#, r#"method="POST""#, r#"status="2xx""#][..],
        ),
        ("recoup_http_request_duration_seconds_count", &[r#"route="/api/campaigns/{id}""#, r#"method="GET""#]),
        ("recoup_http_request_duration_seconds_count", &[r#"route="/webhooks/shopify""#, r#"status="2xx""#]),
        ("recoup_http_request_duration_seconds_count", &[r#"route="/r/{slug}""#, r#"status="3xx""#]),
        ("recoup_deliveries_received_total", &[r#"source="shopify""#, r#"outcome="new""#]),
        ("recoup_deliveries_settled_total", &[r#"source="shopify""#, r#"state="done""#]),
        ("recoup_job_duration_seconds_count", &[r#"kind="webhooks.translate""#, r#"outcome="done""#]),
        ("recoup_job_duration_seconds_count", &[r#"kind="attribution.settle""#, r#"outcome="done""#]),
        ("recoup_outgoing_call_duration_seconds_count", &[r#"to="shopify""#, r#"outcome="2xx""#]),
        ("recoup_group_rows_count", &[r#"group="webhooks""#]),
        ("recoup_group_rows_count", &[r#"group="taps""#]),
        ("recoup_verdict_lag_seconds_count", &[]),
    ] {
        let (was, is) = (sum(&before, name, labels), sum(&after, name, labels));
        assert!(is > was, "{name} {labels:?} went from {was} to {is} in\n{after}");
    }
    // What nobody has a list of is no label.
    let shop = own_shop(&story).await.to_string();
    for secret in [shop.as_str(), campaign.as_str(), "alpenglow", "myshopify", "+43660"] {
        assert!(!after.contains(secret), "{secret} is in\n{after}");
    }
    story.end().await;
}

#[tokio::test]
async fn what_stands_in_the_database_is_told_afresh_every_ten_seconds() {
    let story = Story::begin().await;
    story.campaign(|_| {}).await;
    story.pass(61).await;
    let text = metrics(&story.url).await;
    assert_eq!(sum(&text, "recoup_database_answers", &[]), 1);
    assert_eq!(sum(&text, "recoup_code_pools", &[r#"level="full""#]), 1, "{text}");
    assert_eq!(sum(&text, "recoup_code_pools", &[]), 1, "{text}");
    assert!(sum(&text, "recoup_code_pool_codes_ready", &[]) >= 10, "{text}");
    assert_eq!(sum(&text, "recoup_deliveries_pending", &[]), 0);
    assert_eq!(sum(&text, "recoup_jobs", &[r#"state="failed""#]), 0);

    breaks(&story.app, own_shop(&story).await, true).await;
    breaks(&story.app, own_shop(&story).await, false).await;
    for id in [1, 2, 3] {
        assert_eq!(story.world.deliver("products/update", &json!({"id": id})).await.unwrap().status, 200);
    }
    let kept = metrics(&story.url).await;
    assert!(!kept.contains("operations.breaks\",state"), "ten seconds are not over: {kept}");
    story.clock.advance_to(story.clock.now().plus_seconds(60));
    let text = metrics(&story.url).await;
    let kind = r#"kind="operations.breaks""#;
    assert_eq!(sum(&text, "recoup_jobs", &[kind, r#"state="failed""#]), 1, "{text}");
    assert_eq!(sum(&text, "recoup_jobs", &[kind, r#"state="retrying""#]), 1, "{text}");
    assert_eq!(sum(&text, "recoup_jobs", &[r#"kind="webhooks.translate""#, r#"state="due""#]), 1, "{text}");
    assert!(sum(&text, "recoup_job_oldest_due_age_seconds", &[r#"kind="webhooks.translate""#]) >= 60, "{text}");
    assert_eq!(sum(&text, "recoup_deliveries_pending", &[]), 3, "{text}");
    assert_eq!(sum(&text, "recoup_deliveries_oldest_pending_age_seconds", &[]), 60, "{text}");
    story.settle().await;
    story.clock.advance_to(story.clock.now().plus_seconds(10));
    assert_eq!(sum(&metrics(&story.url).await, "recoup_deliveries_pending", &[]), 0);
    story.close().await;
}

/// The same database behind another configuration; where it serves.
async fn served(story: &Story, change: impl FnOnce(&mut Config)) -> (App, String) {
    let mut config = story.app.config.clone();
    change(&mut config);
    let app = start::open(config, story.clock.clone(), Chance::seeded(99)).await.unwrap();
    let listener = server::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(server::serve(app.clone(), listener, 1).unwrap());
    (app, url)
}

#[tokio::test]
async fn metrics_are_for_the_inside() {
    let story = Story::begin().await;
    let client = reqwest_client();
    let ask = async |url: &str, header: Option<(&str, &str)>| {
        let request = client.get(format!("{url}/metrics"));
        let request = header.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        request.send().await.unwrap().status().as_u16()
    };
    // From this machine, while we are nowhere else known.
    assert_eq!(ask(&story.url, None).await, 200);
    for header in [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1"), ("via", "1.1 proxy")] {
        assert_eq!(ask(&story.url, Some(header)).await, 403, "{header:?}");
    }
    // Behind a proxy everybody asks from this machine.
    let (_, public) = served(&story, |config| config.server.public_url = "https://links.example.com".to_owned()).await;
    assert_eq!(ask(&public, None).await, 403);
    let problem: Value = client.get(format!("{public}/metrics")).send().await.unwrap().json().await.unwrap();
    assert_eq!(problem["code"], "forbidden");
    assert!(problem["detail"].as_str().unwrap().contains("RECOUP_METRICS_TOKEN"), "{problem}");
    // With a token it is the token that counts, and nothing else.
    let token = "an-example-of-a-token";
    let (_, asked) = served(&story, |config| {
        config.server.public_url = "https://links.example.com".to_owned();
        config.metrics.token = Some(token.into());
    })
    .await;
    let key = story.world.api_key().unwrap();
    for wrong in
        ["Bearer ".to_owned(), "Bearer another-token-of-theirs".to_owned(), token.to_owned(), format!("Bearer {key}")]
    {
        assert_eq!(ask(&asked, Some(("authorization", &wrong))).await, 401, "{wrong}");
    }
    assert_eq!(ask(&asked, None).await, 401);
    assert_eq!(ask(&asked, Some(("authorization", &format!("Bearer {token}")))).await, 200);
    // Nobody asked for an address of its own.
    assert!(server::metrics_apart(&story.app).unwrap().is_none());
    story.end().await;
}

#[tokio::test]
async fn an_address_of_its_own_tells_metrics_and_nothing_else() {
    let story = Story::begin().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (app, _) = served(&story, |config| {
        config.server.public_url = "https://links.example.com".to_owned();
        config.metrics.bind = Some(format!("127.0.0.1:{port}"));
    })
    .await;
    let apart = server::metrics_apart(&app).unwrap().unwrap();
    let handle = apart.handle();
    tokio::spawn(apart);
    let url = format!("http://127.0.0.1:{port}");
    assert!(metrics(&url).await.contains("recoup_database_answers 1"));
    for (path, status) in [("/healthz", 200), ("/", 404), ("/api/health", 404), ("/openapi.json", 404)] {
        let answer = reqwest_client().get(format!("{url}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
    handle.stop(false).await;
    story.end().await;
}

/// A story on a database that the real program can open too.
async fn with_program() -> (Story, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let database = story::database(Engine::Asked, &folder).await;
    (Story::on(&database).await, database, folder)
}

/// Runs the real `recoup`.
fn recoup(story: &Story, database: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recoup"));
    command.args(arguments).env_clear().envs(story::pairs(&story.world, &story.url, database));
    command.env("RECOUP_LOG", "off").output().unwrap()
}

fn listed(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_lists_jobs_and_tries_them_again() {
    let (story, database, _folder) = with_program().await;
    let (shop, domain) = (own_shop(&story).await, story.world.shop_domain());
    let run = |arguments: &[&str]| recoup(&story, &database, arguments);
    let text = |output: Output| {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(listed(&run(&["jobs", "list", "--json"])), Vec::<Value>::new());
    let first = breaks(&story.app, shop, true).await;
    let second = breaks(&story.app, ShopId(7), true).await;

    let failed = listed(&run(&["jobs", "list", "--json"]));
    assert_eq!(failed.len(), 2, "{failed:?}");
    let ours = failed.iter().find(|job| job["id"] == first.to_string()).unwrap();
    assert_eq!(
        (&ours["shop"], &ours["kind"], &ours["state"], &ours["attempts"], &ours["last_failure"], &ours["next_run_at"]),
        (&json!(domain), &json!(Breaks::NAME), &json!("failed"), &json!(1), &json!("the bridge is out"), &Value::Null)
    );
    assert_eq!(ours["max_attempts"], jobs::MAX_ATTEMPTS);
    let words = text(run(&["jobs", "list"]));
    for word in ["failed", Breaks::NAME, &domain, "1 tries of 12", "the bridge is out", "2 jobs", "no shop"] {
        assert!(words.contains(word), "{word} is missing in\n{words}");
    }
    assert_eq!(listed(&run(&["jobs", "list", "--json", "--kind", Breaks::NAME, "--shop", &domain])).len(), 1);
    assert_eq!(listed(&run(&["jobs", "list", "--json", "--kind", "nothing.of.this", "--state", "all"])).len(), 0);
    let waiting = listed(&run(&["jobs", "list", "--json", "--state", "waiting", "--kind", "shops.keep_alive"]));
    assert!(waiting.len() <= 1, "{waiting:?}");
    assert!(text(run(&["jobs", "list", "--state", "all", "--limit", "1"])).contains("perhaps more"));

    // One by its id; the other by its kind. What is not there is said.
    assert!(text(run(&["jobs", "retry", &first.to_string()])).contains("1 jobs are tried now"));
    assert_eq!(jobs::of(story.app.db.read(), shop, first).await.unwrap().unwrap().state, jobs::State::Ready);
    for wrong in
        [&["jobs", "retry", "nothing"][..], &["jobs", "retry"], &["jobs", "retry", &first.to_string(), "--kind", "x"]]
    {
        assert!(!run(wrong).status.success(), "{wrong:?}");
    }
    let tried = listed(&run(&["jobs", "retry", "--kind", Breaks::NAME, "--json"]));
    assert_eq!(tried.len(), 1, "{tried:?}");
    assert_eq!(tried[0]["id"], second.to_string());
    assert_eq!(jobs::of(story.app.db.read(), ShopId(7), second).await.unwrap().unwrap().state, jobs::State::Ready);
    assert!(!run(&["jobs", "retry", &JobId(uuid::Uuid::nil()).to_string()]).status.success());
    story.close().await;
}

#[tokio::test]
async fn a_merchant_sees_how_it_goes_in_their_shop_and_no_other() {
    let story = Story::begin().await;
    let usual = ShopProfile::default();
    let other = ShopProfile { domain: "other-shop.myshopify.com".into(), id: usual.id + 1, ..usual };
    let (ours, theirs) = (ShopId(usual.id), ShopId(other.id));
    let domain = other.domain.clone();
    story.world.add_shop(other);
    assert_eq!(story.world.opens_app(&domain).await.unwrap().status, 200);
    story.settle().await;
    let token = story.world.id_token(&domain);
    let client = reqwest_client();
    let as_other = async |method: &str, path: &str| {
        let request = client.request(method.parse().unwrap(), format!("{}{path}", story.url)).bearer_auth(&token);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap_or_default())
    };
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let id = drawn["messages"][0]["message_id"].as_str().unwrap();
    let sent = json!({"statuses": [{"message_id": id, "status": "delivered", "at": story.clock.now().to_string()}]});
    assert_eq!(story.world.platform_post("/api/messages/statuses", &sent).await.unwrap().status, 200);
    let visit = story.world.shopper_comes("/");
    visit.buys(&[(2, 1)], story.world.customer(3)).unwrap();
    story.arrive().await;

    let source = |health: &Value, name: &str| {
        let all = health["sources"].as_array().unwrap();
        all.iter().find(|source| source["source"] == name).unwrap_or_else(|| panic!("{name}: {health}")).clone()
    };
    let health = story.report("/api/health").await;
    let webhooks = source(&health, "webhooks");
    assert_eq!(webhooks["standing"], "well", "{health}");
    assert!(webhooks["heard_at"].is_string() && webhooks["lag_seconds"].as_i64().unwrap() < 3_600, "{health}");
    assert_eq!(source(&health, "whatsapp_statuses")["standing"], "well", "{health}");
    assert!(source(&health, "catch_up")["sentence"].is_string() && source(&health, "pixel")["sentence"].is_string());
    assert_eq!(health["pools"][0]["campaign_id"], campaign, "{health}");
    assert_eq!(health["pools"][0]["standing"], "well", "{health}");
    assert!(health["pools"][0]["ready"].as_u64().unwrap() >= 10, "{health}");
    assert_eq!(health["failed_jobs"], json!([]));

    // The other shop has none of that.
    let (status, health) = as_other("GET", "/api/health").await;
    assert_eq!(status, 200, "{health}");
    assert_eq!((&health["pools"], &health["failed_jobs"]), (&json!([]), &json!([])), "{health}");
    assert_eq!(source(&health, "whatsapp_statuses")["standing"], "waiting", "{health}");

    // What fails is seen by whose it is.
    let (mine, other) = (breaks(&story.app, ours, true).await, breaks(&story.app, theirs, true).await);
    let health = story.report("/api/health").await;
    assert_eq!(health["standing"], "attention");
    assert_eq!(health["failed_jobs"].as_array().unwrap().len(), 1, "{health}");
    assert_eq!(health["failed_jobs"][0]["id"], mine.to_string());
    assert_eq!(health["failed_jobs"][0]["sentence"], "Work in the background failed: the bridge is out.");
    let (_, health) = as_other("GET", "/api/health").await;
    assert_eq!(health["failed_jobs"].as_array().unwrap().len(), 1, "{health}");
    assert_eq!(health["failed_jobs"][0]["id"], other.to_string());

    // And tried again by whose it is.
    let retry = |id: JobId| format!("/api/health/jobs/{id}/retry");
    assert_eq!(story.world.merchant_post(&retry(other), &Value::Null).await.unwrap().status, 404);
    assert_eq!(as_other("POST", &retry(mine)).await.0, 404);
    assert_eq!(story.world.merchant_post("/api/health/jobs/nothing/retry", &Value::Null).await.unwrap().status, 404);
    assert_eq!(story.world.platform_post(&retry(mine), &Value::Null).await.unwrap().status, 403);
    let tried = story.world.merchant_post(&retry(mine), &Value::Null).await.unwrap();
    assert_eq!((tried.status, &tried.json["kind"]), (202, &json!(Breaks::NAME)), "{}", tried.text);
    let again = story.world.merchant_post(&retry(mine), &Value::Null).await.unwrap();
    assert_eq!((again.status, &again.json["code"]), (409, &json!("not_set_aside")), "{}", again.text);
    let state = async |shop, id| jobs::of(story.app.db.read(), shop, id).await.unwrap().unwrap().state;
    assert_eq!((state(ours, mine).await, state(theirs, other).await), (jobs::State::Ready, jobs::State::Dead));
    assert_eq!(story.report("/api/health").await["failed_jobs"], json!([]));
    story.close().await;
}

#[tokio::test]
async fn deliveries_that_wait_are_told_with_their_age() {
    let story = Story::begin().await;
    assert_eq!(story.world.deliver("products/update", &json!({"id": 1})).await.unwrap().status, 200);
    story.clock.advance_to(story.clock.now().plus_seconds(600));
    let health = story.report("/api/health").await;
    assert_eq!(health["standing"], "attention", "{health}");
    let sentence = health["sources"][0]["sentence"].as_str().unwrap();
    assert!(sentence.contains("1 delivery waits") && sentence.contains("10 minutes"), "{sentence}");
    story.settle().await;
    assert_eq!(story.report("/api/health").await["sources"][0]["standing"], "well");
    story.end().await;
}
