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
    assert!(known.len() > 20);
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
}

fn journeys(name: &str) {
    let expected = read(&format!("{name}.expected.json"));
    let file = fixture(&format!("{name}.csv")).display().to_string();
    let found = document(&["journeys", &file, "--format", "json"], "");
    let mut known = Vec::new();
    for part in ["channels", "journeys", "conversions", "value"] {
        figures(&expected[part], part, &mut known);
    }
    assert!(known.len() > 40);
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
