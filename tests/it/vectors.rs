//! The request-verification vectors: verdicts of others, which ours must match.
//!
//! A case counts by its `strict_expected` if it has one (`either` is not graded), else by `expected`. Other vectors are
//! read when RECOUP_TEST_SHOPIFY_VECTORS or RECOUP_TEST_WHATSAPP_VECTORS names a file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use recoup::kernel::Timestamp;
use recoup::shopify::{self, ShopDomain, id_token, query};
use recoup::whatsapp;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Vectors<T> {
    cases: Vec<T>,
}

/// The file that the environment names, or the one in the fixtures.
fn load<T: for<'de> Deserialize<'de>>(variable: &str, name: &str) -> Vec<T> {
    let ours = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/vectors").join(name);
    let path = std::env::var_os(variable).map_or_else(ours, PathBuf::from);
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice::<Vectors<T>>(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())).cases
}

/// Counts verdicts, and fails with every wrong one at once.
#[derive(Default)]
struct Grades {
    counts: BTreeMap<String, (u32, u32)>,
    wrong: Vec<String>,
}

impl Grades {
    fn grade(&mut self, kind: &str, id: &str, target: &str, accepted: bool, why: &str) {
        let (graded, ungraded) = self.counts.entry(kind.to_owned()).or_default();
        match target {
            "either" => *ungraded += 1,
            "accept" | "reject" => {
                *graded += 1;
                if accepted != (target == "accept") {
                    self.wrong.push(format!("{id}: expected {target}, got {why}"));
                }
            }
            other => self.wrong.push(format!("{id}: no such verdict as {other}")),
        }
    }

    fn settle(self) {
        for (kind, (graded, ungraded)) in &self.counts {
            println!("{kind}: {graded} graded, {ungraded} not graded");
        }
        assert!(!self.counts.is_empty(), "the file has no cases");
        assert!(self.wrong.is_empty(), "{} wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}

#[derive(Deserialize)]
struct ShopifyCase {
    id: String,
    kind: String,
    inputs: Value,
    secret: Option<String>,
    expected: String,
    strict_expected: Option<String>,
}

impl ShopifyCase {
    fn text(&self, name: &str) -> &str {
        self.inputs[name].as_str().unwrap_or_else(|| panic!("{}: input {name} is not a text", self.id))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.inputs["now"].as_i64().unwrap_or_else(|| panic!("{}: no time", self.id)))
    }

    fn secrets(&self) -> shopify::Secrets {
        let previous = self.inputs["previous_secret"].as_str().map(Into::into);
        shopify::Secrets::new(self.secret.clone().unwrap_or_default(), previous)
    }

    /// Our verdict, as an answer or a reason.
    fn verdict(&self) -> Result<(), String> {
        match self.kind.as_str() {
            "shop_domain" => ShopDomain::parse(self.text("shop")).map(drop).map_err(|e| e.to_string()),
            "query_hmac" => {
                query::verify(self.text("query"), &self.secrets(), self.now()).map(drop).map_err(|e| e.to_string())
            }
            "session_token" => {
                id_token::verify(self.text("token"), self.text("client_id"), &self.secrets(), self.now())
                    .map(drop)
                    .map_err(|e| e.to_string())
            }
            "webhook_hmac" => self.webhook().map(drop).map_err(|e| e.to_string()),
            other => panic!("{}: no such kind as {other}", self.id),
        }
    }

    fn webhook(&self) -> Result<shopify::Delivery, shopify::proof::ProofError> {
        let body = BASE64.decode(self.text("body_base64")).unwrap();
        let headers: Vec<(String, String)> = serde_json::from_value(self.inputs["headers"].clone()).unwrap();
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        shopify::proof::verify_webhook(headers, &body, &self.secrets()).map(shopify::Verified::into_inner)
    }
}

#[test]
fn shopify_vectors_are_judged_as_they_should_be() {
    let mut grades = Grades::default();
    for case in load::<ShopifyCase>("RECOUP_TEST_SHOPIFY_VECTORS", "shopify-auth.json") {
        let verdict = case.verdict();
        let why = verdict.as_ref().err().map_or("accept", String::as_str);
        let target = case.strict_expected.as_deref().unwrap_or(&case.expected);
        grades.grade(&case.kind, &case.id, target, verdict.is_ok(), why);
    }
    grades.settle();
}

/// A refused delivery is answered as the official package answers it: 401 when forged, 400 when incomplete.
#[test]
fn shopify_vectors_are_refused_with_the_official_status() {
    #[derive(Deserialize)]
    struct WithStatus {
        #[serde(flatten)]
        case: ShopifyCase,
        official: Option<Value>,
    }
    let mut wrong = Vec::new();
    for WithStatus { case, official } in load("RECOUP_TEST_SHOPIFY_VECTORS", "shopify-auth.json") {
        let graded = case.kind == "webhook_hmac" && case.strict_expected.is_none();
        let Some(status) = official.as_ref().and_then(|o| o["http_status"].as_u64()).filter(|_| graded) else {
            continue;
        };
        let ours = case.webhook().map_or_else(|error| error.status(), |_| 200);
        if u64::from(ours) != status {
            wrong.push(format!("{}: {ours} instead of {status}", case.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[derive(Deserialize)]
struct WhatsAppCase {
    name: String,
    app_secret: String,
    body_base64: String,
    header: Option<String>,
    expected: String,
    strict_expected: Option<String>,
}

#[test]
fn whatsapp_vectors_are_judged_as_they_should_be() {
    let mut grades = Grades::default();
    for case in load::<WhatsAppCase>("RECOUP_TEST_WHATSAPP_VECTORS", "whatsapp-signature.json") {
        let body = BASE64.decode(&case.body_base64).unwrap();
        let secrets = whatsapp::Secrets::new(case.app_secret.clone(), None);
        let verdict = whatsapp::proof::verify(case.header.as_deref().map(str::as_bytes), &body, &secrets);
        let why = verdict.as_ref().err().map_or("accept".to_owned(), ToString::to_string);
        let target = case.strict_expected.as_deref().unwrap_or(&case.expected);
        grades.grade("whatsapp", &case.name, target, verdict.is_ok(), &why);
    }
    grades.settle();
}
