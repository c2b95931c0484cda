//! What this program is made of: only crates and packages whose licences let anybody use, change and pass it on, only from
//! the registries, only as they were locked. Asks nobody: `cargo metadata` reads what is on this machine.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Licences of what goes into the program.
const ALLOWED: [&str; 14] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "Unlicense",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "BSL-1.0",
    "LLVM-exception",
];

/// Besides, licences of tools that build and try the page and of which nothing is passed on.
const TOOLS: [&str; 2] = ["MPL-2.0", "Python-2.0"];

/// Packages without a word about their licence: types of Shopify's tags, looked at by the compiler and not passed on.
const UNSAID: [&str; 1] = ["node_modules/@shopify/polaris-types"];

/// Whether an SPDX expression can be met with these licences. `/` is how `OR` was written once.
fn can_be_met(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (met, rest) = any_of(&words, allowed);
    met && rest.is_empty()
}

fn any_of<'a>(words: &'a [&'a str], allowed: &[&str]) -> (bool, &'a [&'a str]) {
    let (mut met, mut rest) = all_of(words, allowed);
    while let ["OR", more @ ..] = rest {
        let (other, after) = all_of(more, allowed);
        (met, rest) = (met || other, after);
    }
    (met, rest)
}

fn all_of<'a>(words: &'a [&'a str], allowed: &[&str]) -> (bool, &'a [&'a str]) {
    let (mut met, mut rest) = one(words, allowed);
    while let ["AND" | "WITH", more @ ..] = rest {
        let (other, after) = one(more, allowed);
        (met, rest) = (met && other, after);
    }
    (met, rest)
}

fn one<'a>(words: &'a [&'a str], allowed: &[&str]) -> (bool, &'a [&'a str]) {
    match words {
        ["(", inner @ ..] => match any_of(inner, allowed) {
            (met, [")", rest @ ..]) => (met, rest),
            _ => (false, &[]),
        },
        [name, rest @ ..] => (allowed.contains(name), rest),
        [] => (false, &[]),
    }
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    for fine in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0-only OR MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
        "Apache-2.0 OR GPL-2.0 AND MIT",
    ] {
        assert!(can_be_met(fine, &ALLOWED), "{fine}");
    }
    for refused in [
        "GPL-3.0-only",
        "MIT AND GPL-2.0",
        "(MIT OR ISC) AND AGPL-3.0",
        "MPL-2.0",
        "LGPL-2.1",
        "",
        "(MIT",
        "MIT MIT",
        "SSPL-1.0",
    ] {
        assert!(!can_be_met(refused, &ALLOWED), "{refused}");
    }
}

/// The crates of this machine's program, its tests and its tools, as they are locked.
fn crates() -> Vec<Value> {
    let version = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into())).arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", &host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let mut metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    match metadata["packages"].take() {
        Value::Array(packages) => packages,
        other => panic!("{other}"),
    }
}

#[test]
fn every_crate_may_be_passed_on() {
    let crates = crates();
    assert!(crates.len() > 300, "{} crates: these are not all", crates.len());
    let fine = |one: &Value| match one["license"].as_str() {
        Some(licence) => can_be_met(licence, &ALLOWED),
        // Some say it in a file alone.
        None => {
            let beside = |file: &str| Path::new(one["manifest_path"].as_str().unwrap()).with_file_name(file);
            let text = one["license_file"].as_str().and_then(|file| std::fs::read_to_string(beside(file)).ok());
            text.is_some_and(|text| text.starts_with("MIT License\n"))
        }
    };
    let refused: Vec<String> = crates
        .iter()
        .filter(|one| !fine(one))
        .map(|one| format!("{} {}: {}", one["name"], one["version"], one["license"]))
        .collect();
    assert!(refused.is_empty(), "licences that are not on the list:\n{}", refused.join("\n"));
}

#[test]
fn every_crate_is_locked_and_comes_from_the_registry() {
    let lock = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let (mut own, mut registry) = (Vec::new(), BTreeSet::new());
    for one in lock.split("[[package]]").skip(1) {
        let field = |name: &str| {
            let line = one.lines().find_map(|line| line.strip_prefix(&format!("{name} = ")));
            line.map(|value| value.trim_matches('"').to_owned())
        };
        let name = field("name").unwrap();
        match field("source") {
            None => own.push(name),
            Some(source) => {
                assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index", "{name}");
                assert!(field("checksum").is_some_and(|sum| sum.len() == 64), "{name} is not pinned");
                let version = field("version").unwrap();
                assert!(registry.insert((name.clone(), version)), "{name} stands twice");
            }
        }
    }
    assert_eq!(own, ["migrations", "recoup"], "crates of nobody's registry");
    // Known holes that a version closes (RUSTSEC): none of them may come back by a dependency.
    for (name, why) in [
        ("h2", "0.3."),          // RUSTSEC-2026-0258
        ("rsa", ""),             // RUSTSEC-2023-0071, unfixed
        ("openssl", ""),         // TLS is rustls'
        ("atomic-polyfill", ""), // unmaintained
    ] {
        let found: Vec<_> =
            registry.iter().filter(|(known, version)| known == name && version.starts_with(why)).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn every_package_of_the_page_may_be_passed_on() {
    let lock = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("web/package-lock.json")).unwrap();
    let lock: Value = serde_json::from_slice(&lock).unwrap();
    let mut refused = Vec::new();
    for (place, one) in lock["packages"].as_object().unwrap().iter().filter(|(place, _)| !place.is_empty()) {
        let tool = one["dev"] == true;
        let licence = one["license"].as_str().unwrap_or_default();
        let fine = can_be_met(licence, &ALLOWED)
            || tool && can_be_met(licence, &[&ALLOWED[..], &TOOLS[..]].concat())
            || tool && licence.is_empty() && UNSAID.contains(&place.as_str());
        // Without a place: from whichever registry is asked, and pinned all the same.
        let source = one["resolved"].as_str().unwrap_or("https://registry.npmjs.org/");
        let pinned = one["integrity"].as_str().is_some_and(|sum| sum.starts_with("sha512-"));
        if !fine || !source.starts_with("https://registry.npmjs.org/") || !pinned {
            refused.push(format!("{place}: {licence:?} from {source}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
