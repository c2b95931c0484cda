//! `recoup verify`: what it prints is what other people's packages say, and what it cannot read it names by its place.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/conformance").join(name)
}

fn read(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixture(name)).unwrap()).unwrap()
}

fn verify(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_recoup"))
        .arg("verify")
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses early may not read to the end.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn document(arguments: &[&str], input: &str) -> Value {
    let output = verify(arguments, input);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every figure of a document, by its path.
fn figures(of: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match of {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                figures(value, &path, found);
            }
        }
        other => found.push((path.to_owned(), other.clone())),
    }
}

fn experiment(name: &str) {
    let expected = read(&format!("{name}.expected.json"));
    let file = fixture(&format!("{name}.csv"));
    let mut arguments = vec!["experiment".to_owned(), file.display().to_string(), "--format=json".to_owned()];
    for (option, value) in expected["options"].as_object().unwrap() {
        arguments.push(format!("{option}={value}"));
    }
    let found = document(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), "");
    let mut known = Vec::new();
    figures(&expected["expected"], "", &mut known);
    assert!(known.len() > 15);
    for (path, value) in known {
        let said = path.split('/').fold(&found, |at, name| &at[name]);
        let (Some(value), Some(said)) = (value.as_f64(), said.as_f64()) else {
            assert_eq!(*said, value, "{path}");
            continue;
        };
        let tolerance = expected["tolerance"][&path].as_f64().unwrap_or(0.0);
        let either = expected["either"][&path].as_array().cloned().unwrap_or_default();
        let mut right = either.iter().filter_map(Value::as_f64).chain([value]);
        assert!(right.any(|right| (said - right).abs() <= tolerance), "{path}: {said}, should be {value}");
    }
}

#[test]
fn experiments_come_out_as_other_packages_say() {
    experiment("a-small-lift");
    experiment("half-and-half");
    experiment("generated-ten-per-cent");
    experiment("generated-nothing-happens");
}

fn journeys(name: &str) {
    let expected = read(&format!("{name}.expected.json"));
    let file = fixture(&format!("{name}.csv")).display().to_string();
    let found = document(&["journeys", &file, "--format", "json"], "");
    let mut known = Vec::new();
    for part in ["channels", "journeys", "conversions", "value"] {
        figures(&expected[part], part, &mut known);
    }
    assert!(known.len() > 30);
    for (path, value) in known {
        let said = path.split('/').fold(&found, |at, name| &at[name]);
        let (Some(value), Some(said)) = (value.as_f64(), said.as_f64()) else {
            assert_eq!(*said, value, "{path}");
            continue;
        };
        assert!((said - value).abs() <= 1e-9 * value.abs().max(1.0), "{path}: {said}, should be {value}");
    }
}

#[test]
fn journeys_come_out_as_other_packages_say() {
    journeys("email-and-whatsapp");
    journeys("four-channels");
    journeys("generated-five-channels");
    let nothing =
        document(&["journeys", "-", "--format", "json"], "path,conversions,value,null\nA > Direct,0,0.00,3\n");
    assert_eq!((&nothing["channels"]["A"]["markov"], &nothing["journeys"]), (&Value::Null, &Value::from(3)));
    assert!(nothing["reasons"]["markov"].is_string() && nothing["channels"]["direct"].is_object());
    let page = verify(&["journeys", "-"], "path,conversions,value,null\nA > B,2,9.00,1\n");
    assert!(String::from_utf8(page.stdout).unwrap().contains("does not prove cause"));
    for (row, place) in
        [("A >,1,1.00,0", "path"), ("A,1.5,1.00,0", "conversions"), ("A,1,ten,0", "value"), ("A,1,1,-1", "null")]
    {
        let output = verify(&["journeys", "-"], &format!("path,conversions,value,null\n{row}\n"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(&format!("line 2, {place}")), "{row}: {said}");
    }
}

#[test]
fn what_a_report_would_show_stands_by_itself() {
    let rows = |held: usize, buyers: usize| {
        let row = |i: usize| {
            let (arm, n, bought) = if i < 500 { ("holdout", i, held) } else { ("treated", i - 500, buyers) };
            if n < bought { format!("{arm},{},1\n", 2_000 + n * 37 % 3_001) } else { format!("{arm},0,0\n") }
        };
        let all: String = (0..5_000).map(row).collect();
        document(&["experiment", "-", "--format", "json"], &format!("arm,revenue_minor,converted\n{all}"))
    };
    let near = |one: &Value, other: &Value| (one.as_f64().unwrap() / other.as_f64().unwrap() - 1.0).abs() < 1e-9;
    let early = rows(19, 300);
    assert_eq!((&early["shown"]["stage"], &early["shown"]["low"]), (&Value::from("too_early"), &Value::Null));
    assert!(early["welch"]["low"].is_number());
    let few = rows(20, 300);
    assert!(few["shown"]["stage"] == "two_part" && near(&few["shown"]["low"], &few["two_part"]["low"]), "{few}");
    // Just at the gate the holdout may have been lucky, and the interval allows for it.
    assert!(few["shown"]["high"].as_f64() > few["two_part"]["high"].as_f64());
    let many = rows(101, 950);
    assert!(many["shown"]["stage"] == "welch" && near(&many["shown"]["high"], &many["welch"]["high"]), "{many}");
}

#[test]
fn worlds_are_lived_and_their_lines_printed() {
    let found = document(&["worlds", "--worlds", "2", "--seed", "3", "--format", "json"], "");
    let lines = found["lines"].as_array().unwrap();
    assert!(lines.len() > 50 && found["wrong"].as_array().unwrap().is_empty());
    let line = lines.iter().find(|line| line["name"] == "5,000 · 20 % · 10 %, it does nothing: money").unwrap();
    assert!(line["shown"] == 2 && line["covers"].is_number() && line["right"] == true, "{line}");
    let page = verify(&["worlds", "--worlds=1"], "");
    let said = String::from_utf8(page.stdout).unwrap();
    assert!(
        page.status.success() && said.starts_with("1 worlds of each kind") && said.contains("too few shown"),
        "{said}"
    );
    assert_eq!(verify(&["worlds", "--worlds", "0"], "").status.code(), Some(2));
}

#[test]
fn an_experiment_is_read_from_anywhere_and_printed_for_people() {
    let text = std::fs::read_to_string(fixture("a-small-lift.csv")).unwrap();
    let page = verify(&["experiment", "-"], &text);
    let said = String::from_utf8(page.stdout).unwrap();
    assert!(page.status.success() && said.contains("recipients") && said.contains("-62.1419"), "{said}");
    let empty = document(&["experiment", "-", "--format", "json"], "arm,revenue_minor,converted\n");
    assert_eq!(empty["welch"], Value::Null);
    assert!(empty["reasons"]["welch"].as_str().unwrap().contains("fewer than two"));
    let campaigns =
        "arm,revenue_minor,converted,campaign\nholdout,0,0,a\nholdout,9,1,a\ntreated,5,1,a\ntreated,0,0,a\n";
    assert_eq!(document(&["experiment", "-", "--format", "json"], campaigns)["pooled"]["campaigns"], 1);
}

#[test]
fn what_cannot_be_read_is_named_by_its_place() {
    for (input, place) in [
        ("arm,revenue_minor\nholdout,1\n", "converted"),
        ("arm,revenue_minor,converted\nheld,1,0\n", "line 2, arm"),
        ("arm,revenue_minor,converted\nholdout,1,0\ntreated,1.5,1\n", "line 3, revenue_minor"),
        ("arm,revenue_minor,converted\nholdout,1,yes\n", "line 2, converted"),
        ("arm,revenue_minor,converted\nholdout,1\n", "line: 2"),
        ("arm,arm,revenue_minor,converted\n", "twice"),
    ] {
        let output = verify(&["experiment", "-"], input);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{input}: {said}");
        assert!(said.contains(place), "{input}: {said}");
    }
    let output = verify(&["experiment", "/no/such/file.csv"], "");
    assert_eq!(output.status.code(), Some(2));
}

/// The project's own stories, beside those of others.
fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/conformance.json")
}

fn stories(file: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn every_story_ends_as_it_was_worked_out_by_hand() {
    for (file, least) in [(fixture("examples.json"), 12), (own(), 92)] {
        let told = stories(&file);
        let count = told["stories"].as_array().unwrap().len();
        assert!(count >= least, "{count} stories in {}", file.display());
        let whys = told["stories"].as_array().unwrap().iter().map(|story| story["why"].as_str().unwrap());
        assert!(whys.clone().all(|why| why.len() > 20), "each says why, in words");
        let name = file.display().to_string();
        let found = document(&["stories", &name, "--format=json"], "");
        let failed: Vec<&Value> =
            found["stories"].as_array().unwrap().iter().filter(|story| story["passed"] != true).collect();
        assert!(failed.is_empty(), "{failed:#?}");
        assert_eq!((&found["passed"], &found["failed"]), (&Value::from(count), &Value::from(0)));
        let text = verify(&["stories", &name], "");
        let last = String::from_utf8(text.stdout).unwrap().trim_end().lines().last().unwrap().to_owned();
        assert_eq!(last, format!("{count} passed, 0 failed"));
    }
    let covered = std::fs::read_to_string(own()).unwrap();
    for preset in ["attentive", "charles", "chatarmin", "hellotext", "klaviyo", "postscript", "strict"] {
        assert!(covered.contains(&format!("\"policy\": \"{preset}\"")), "{preset}");
    }
}

/// Facts shuffled and doubled lead to the same; a preset's name and a whole policy are told alike.
#[test]
fn facts_in_any_order_and_told_twice_lead_to_the_same() {
    let mut told = stories(&own());
    let name = own().display().to_string();
    let before = document(&["stories", &name, "--format=json"], "");
    for (turn, story) in told["stories"].as_array_mut().unwrap().iter_mut().enumerate() {
        let facts = story["facts"].as_array_mut().unwrap();
        let twice = facts.clone();
        facts.extend(twice.into_iter().rev());
        let middle = (turn * 7 + 3) % facts.len();
        facts.rotate_left(middle);
    }
    let after = document(&["stories", "-", "--format=json"], &told.to_string());
    assert_eq!(after, before);
}

#[test]
fn a_story_that_ends_otherwise_is_told_by_its_path() {
    let mut told = stories(&fixture("examples.json"));
    let order = &mut told["stories"][0]["expect"]["orders"]["o1"];
    order["credits"]["linear"]["m1"] = 2000.into();
    order["winner"] = Value::Null;
    told["stories"][0]["expect"]["ledger"]["atributed"] = serde_json::json!({"orders": 0});
    let output = verify(&["stories", "-", "--format=json"], &told.to_string());
    assert_eq!(output.status.code(), Some(1));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let differences = found["stories"][0]["differences"].as_array().unwrap();
    let paths: Vec<&str> = differences.iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["ledger.atributed.orders", "orders.o1.credits.linear.m1", "orders.o1.winner"]);
    assert_eq!((&found["passed"], &found["failed"]), (&Value::from(11), &Value::from(1)));
}

#[test]
fn a_story_that_cannot_be_read_is_named_by_story_fact_and_field() {
    let recipient = r#"{"fact": "recipient", "id": "a", "phone": "+436601110001"}"#;
    let message = r#"{"fact": "message", "id": "m", "campaign": "c", "recipient": "a", "at": "2026-03-01T09:00:00Z"}"#;
    let order = r#"{"fact": "order", "id": "o", "at": "2026-03-01T10:00:00Z", "net_minor": 1}"#;
    let story = |facts: &[&str], policy: &str| {
        let facts = facts.join(",");
        format!(
            r#"{{"format": "recoup-stories/1", "stories": [{{"name": "s", "shop": {{"currency": "EUR"}}, "policy": {policy}, "facts": [{facts}]}}]}}"#
        )
    };
    let default = r#""default""#;
    for (facts, policy, place) in [
        (vec![r#"{"fact": "hearsay"}"#], default, "fact 1, fact"),
        (vec![r#"{"fact": "recipient", "id": "a", "fone": 1}"#], default, "unknown field `fone`"),
        (vec![message], default, "fact 1, recipient"),
        (
            vec![recipient, message, r#"{"fact": "click", "id": "k", "message": "n", "at": "2026-03-01T09:00:00Z"}"#],
            default,
            "fact 3, message",
        ),
        (vec![recipient, r#"{"fact": "recipient", "id": "a", "phone": "+436601110002"}"#], default, "fact 2"),
        (
            vec![
                order,
                r#"{"fact": "edit", "order": "o", "at": "2026-03-01T11:00:00Z", "net_minor": 1}"#,
                r#"{"fact": "edit", "order": "o", "at": "2026-03-01T12:00:00+01:00", "net_minor": 2}"#,
            ],
            default,
            "fact 3",
        ),
        (vec![r#"{"fact": "order", "id": "o", "at": "yesterday", "net_minor": 1}"#], default, "fact 1, at"),
        (
            vec![r#"{"fact": "order", "id": "o", "at": "2026-03-01T10:00:00.1234567Z", "net_minor": 1}"#],
            default,
            "fact 1, at",
        ),
        (
            vec![
                recipient,
                r#"{"fact": "message", "id": "m", "campaign": "c", "recipient": "a", "at": "2026-03-01T09:00:00Z", "held_out": true, "code": "X"}"#,
            ],
            default,
            "fact 2, code",
        ),
        (vec![order], r#""nobody""#, "policy: there is no preset"),
        (
            vec![order],
            r#"{"name": "x", "kinds": {"checkout": {"window_seconds": 7776001}}}"#,
            "policy.kinds.checkout.window_seconds",
        ),
    ] {
        let output = verify(&["stories", "-"], &story(&facts, policy));
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{facts:?}: {said}");
        assert!(said.contains("story \"s\"") && said.contains(place), "{place}: {said}");
        assert!(output.stdout.is_empty(), "nothing else is judged then");
    }
    assert_eq!(verify(&["stories", "-"], "{").status.code(), Some(2));
    let held = [
        recipient,
        r#"{"fact": "message", "id": "m", "campaign": "c", "recipient": "a", "at": "2026-03-01T09:00:00Z", "held_out": true}"#,
        order,
    ];
    assert_eq!(verify(&["stories", "-"], &story(&held, default)).status.code(), Some(0));
}
