//! The list is whole and in order, and indexes on tables with rows are made beside their writers.

use std::path::Path;

use crate::{Migrator, MigratorTrait};

/// Tables that stay small, or were when the index was made: a shop has few campaigns' discounts, alarms and settings.
const SMALL: [&str; 3] = ["discounts", "code_alarms", "shops"];

/// Name and text, without spaces, of each file that is a migration.
fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let named = files.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path));
    let steps = named.filter(|(name, _)| name.starts_with("m2"));
    let mut texts: Vec<_> = steps
        .map(|(name, path)| {
            let text = std::fs::read_to_string(path).unwrap();
            (name, text.split_whitespace().collect())
        })
        .collect();
    texts.sort();
    texts
}

#[test]
fn every_migration_is_in_the_list_oldest_first() {
    let listed: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let files: Vec<String> = files().into_iter().map(|(name, _)| name).collect();
    assert_eq!(listed, files);
}

#[test]
fn an_index_on_a_table_with_rows_is_made_beside_its_writers() {
    for (name, text) in files() {
        for call in ["indexed(manager,\"", "unique(manager,\""] {
            for rest in text.split(call).skip(1) {
                let table = rest.split('"').next().unwrap();
                let made = text.contains(&format!("create(manager,\"{table}\""));
                assert!(made || SMALL.contains(&table), "{name}: an index on {table} is made in its writers' way");
            }
        }
        // By hand only where each name is looked at.
        let by_hand = text.contains("manager.create_index(");
        assert!(!by_hand || name == "m20261125_000020_clocks", "{name} makes an index past the ways of this crate");
    }
}

#[test]
fn what_is_made_beside_runs_outside_a_transaction() {
    for step in Migrator::migrations() {
        let (_, text) = files().into_iter().find(|(name, _)| name == step.name()).unwrap();
        let beside = text.contains("_beside(");
        assert_eq!(step.use_transaction(), beside.then_some(false), "{}", step.name());
    }
}
