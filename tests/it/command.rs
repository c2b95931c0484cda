//! The program as somebody starts it by hand: what it reads, what it writes, what it says.

use std::path::Path;
use std::process::{Command, Output};

/// Runs `recoup` in a folder, told nothing but these variables.
fn recoup(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recoup"));
    let temporary = std::env::temp_dir();
    command.args(arguments).current_dir(folder).env_clear().env("TMPDIR", temporary);
    command.envs(variables.iter().copied()).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn names(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // What SQLite keeps beside a file while it is open comes and goes.
    let mut names: Vec<String> = names.filter(|name| !name.ends_with("-shm") && !name.ends_with("-wal")).collect();
    names.sort();
    names
}

#[test]
fn a_doctor_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let looked = recoup(folder.path(), &["doctor"], &[]);
    assert!(looked.status.success(), "{}", said(&looked));
    assert!(said(&looked).contains("there is no database yet"), "{}", said(&looked));
    assert_eq!(names(folder.path()), Vec::<String>::new(), "an empty folder stays empty");

    let migrated = recoup(folder.path(), &["migrate"], &[]);
    assert!(migrated.status.success(), "{}", said(&migrated));
    assert_eq!(names(folder.path()), ["recoup.db", "recoup.db.key"]);
    let looked = recoup(folder.path(), &["doctor"], &[]);
    assert!(looked.status.success() && said(&looked).contains("the schema is up to date"), "{}", said(&looked));

    // A database whose key is gone gets no other one.
    std::fs::remove_file(folder.path().join("recoup.db.key")).unwrap();
    let looked = recoup(folder.path(), &["doctor"], &[]);
    assert!(!looked.status.success() && said(&looked).contains("recoup.db.key"), "{}", said(&looked));
    assert_eq!(names(folder.path()), ["recoup.db"]);
}

#[test]
fn a_file_is_read_and_the_environment_wins() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "# ours\nRECOUP_PUBLIC_URL=https://file.example\n").unwrap();
    let looked = recoup(folder.path(), &["doctor"], &[]);
    assert!(said(&looked).contains("links begin with https://file.example"), "{}", said(&looked));
    let looked = recoup(folder.path(), &["doctor"], &[("RECOUP_PUBLIC_URL", "https://environment.example")]);
    assert!(said(&looked).contains("links begin with https://environment.example"), "{}", said(&looked));

    std::fs::write(folder.path().join(".env"), "RECOUP_BIND=127.0.0.1:1\nthe secret itself\n").unwrap();
    let looked = recoup(folder.path(), &["doctor"], &[]);
    assert!(!looked.status.success() && said(&looked).contains(".env"), "{}", said(&looked));
    assert!(!said(&looked).contains("secret itself"), "{}", said(&looked));
}

#[test]
fn a_demo_says_how_far_it_is_and_where_to_look() {
    let folder = tempfile::tempdir().unwrap();
    let ports = ["--port", "0", "--admin-port", "0", "--shop-port", "0"];
    let lived = recoup(folder.path(), &[&["demo", "--days", "10", "--once"], &ports[..]].concat(), &[]);
    assert!(lived.status.success(), "{}", said(&lived));
    let (out, err) = (String::from_utf8_lossy(&lived.stdout), String::from_utf8_lossy(&lived.stderr));
    assert!(err.contains("day 10 of 10"), "{err}");
    for place in ["Look at", "inside an admin", "the pretend shop", "an API key"] {
        assert!(out.contains(place), "{out}");
    }
    let other: Vec<&str> =
        err.lines().filter(|line| !line.trim().is_empty() && !line.contains("living history")).collect();
    assert!(other.is_empty(), "{other:#?}");
}

#[test]
fn an_operator_asks_whose_a_number_is() {
    let folder = tempfile::tempdir().unwrap();
    assert!(recoup(folder.path(), &["migrate"], &[]).status.success());
    let asked = recoup(folder.path(), &["number", "770000000000202"], &[]);
    assert!(asked.status.success() && said(&asked).contains("nobody has shown"), "{}", said(&asked));
    for wrong in [&["number", "+43"][..], &["number", "1", "--shop", "ana.myshopify.com"]] {
        let refused = recoup(folder.path(), wrong, &[]);
        assert!(!refused.status.success(), "{}", said(&refused));
    }
}
