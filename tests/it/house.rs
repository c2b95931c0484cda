//! The house: rooms import only rooms that come before them, as the map in `src/lib.rs` says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use migrations::{DIRECTORY_TABLES, TENANT_TABLES};

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// `room → what it may import`, from the drawn lines of the map.
fn arrows() -> BTreeMap<String, Vec<String>> {
    let map = std::fs::read_to_string(src().join("lib.rs")).unwrap();
    let lines = map.lines().filter_map(|line| line.strip_prefix("//! ")).filter(|line| line.contains(" → "));
    lines
        .map(|line| {
            let (room, may) = line.split_once(" → ").unwrap();
            let may = may.split_whitespace().filter(|word| *word != "·").map(str::to_owned).collect();
            (room.trim().to_owned(), may)
        })
        .collect()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

fn room_of(path: &Path) -> String {
    let first = path.strip_prefix(src()).unwrap().iter().next().unwrap().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Every room a text names by `crate::room` or `use crate::{room, …}`; comments do not count.
fn imports(text: &str) -> Vec<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap().split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let name: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                found.push(name);
            }
        }
    }
    found
}

#[test]
fn rooms_import_only_what_the_map_allows() {
    let arrows = arrows();
    let mut files = Vec::new();
    rust_files(&src(), &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let room = room_of(&file);
        let test = file.iter().any(|part| part == "tests" || part == "tests.rs");
        if test || room == "lib" || room == "main" {
            continue;
        }
        let Some(may) = arrows.get(&room) else {
            wrong.push(format!("{room} is not on the map in src/lib.rs"));
            continue;
        };
        for import in imports(&std::fs::read_to_string(&file).unwrap()) {
            // A macro exported at the root belongs to the kernel.
            if import != room && import != "uuid_id" && !may.contains(&import) {
                wrong.push(format!(
                    "{} imports {import}, which the map does not allow",
                    file.strip_prefix(src()).unwrap().display()
                ));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Tables without an entity, and the room that owns each.
const WITHOUT_ENTITY: [(&str, &str); 1] = [("settings", "app")];

/// `table → the room that owns it`: where its entity stands.
fn tables(files: &[PathBuf]) -> BTreeMap<String, String> {
    let mut owners: BTreeMap<String, String> =
        WITHOUT_ENTITY.iter().map(|(table, room)| ((*table).to_owned(), (*room).to_owned())).collect();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for rest in text.split("table_name = \"").skip(1) {
            let table = rest.split('"').next().unwrap().to_owned();
            let owner = owners.insert(table.clone(), room_of(file));
            assert!(owner.is_none(), "{table} has two entities, one in {}", room_of(file));
        }
    }
    owners
}

/// Every table that a text names in a string as part of a statement: `.from("orders")`, `("orders", "shop_id")` where
/// columns stand, `.join(…, "orders", …)`, words of SQL, and `orders.name` in an expression of our own.
fn named_tables<'a>(text: &str, tables: &'a BTreeMap<String, String>) -> Vec<&'a String> {
    let code: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect();
    // Where the formatter broke a line decides nothing.
    let code = code.join(" ").replace("( ", "(").replace("[ ", "[");
    let quoted = [".from(", ".from_as(", ".into_table(", ".table(", "((", "s([(", "), (", "Join, ", "_join("];
    let sql = ["FROM ", "JOIN ", "UPDATE ", "INTO "];
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let expressions: Vec<&str> = code
        .split("cust(")
        .skip(1)
        .filter_map(|rest| rest.trim_start_matches("format!(").strip_prefix('"')?.split('"').next())
        .collect();
    let named = |table: &&String| {
        quoted.iter().any(|form| code.contains(&format!("{form}\"{table}\"")))
            || sql.iter().any(|form| {
                let rests = code.split(form).skip(1).map(|rest| rest.trim_start_matches(['\\', '"']));
                rests.filter_map(|rest| rest.strip_prefix(table.as_str())).any(|rest| !rest.starts_with(word))
            })
            || expressions.iter().any(|text| {
                let before: Vec<&str> = text.split(&format!("{table}.")).collect();
                before[..before.len() - 1].iter().any(|before| !before.ends_with(word))
            })
    };
    tables.keys().filter(named).collect()
}

#[test]
fn nobody_names_another_rooms_tables() {
    let mut files = Vec::new();
    rust_files(&src(), &mut files);
    let tables = tables(&files);
    for table in TENANT_TABLES.iter().chain(DIRECTORY_TABLES) {
        assert!(tables.contains_key(*table), "nobody owns {table}");
    }
    let mut wrong = Vec::new();
    for file in &files {
        let room = room_of(file);
        // A bench measures the tables themselves.
        if room == "cli" || file.iter().any(|part| part == "tests" || part == "tests.rs") {
            continue;
        }
        for table in named_tables(&std::fs::read_to_string(file).unwrap(), &tables) {
            if tables[table] != room {
                wrong.push(format!(
                    "{} names {table}, which is {}'s",
                    file.strip_prefix(src()).unwrap().display(),
                    tables[table]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let caught = |text: &str| named_tables(text, &tables).into_iter().cloned().collect::<Vec<_>>();
    assert_eq!(caught(r#".from("orders").and_where(Expr::col(("orders", "shop_id")))"#), ["orders"]);
    for text in [
        r#"Expr::cust("SELECT 1 FROM clicks WHERE 1")"#,
        r#""UPDATE \"clicks\" SET human = ?""#,
        r#"Expr::cust(format!("SUM(clicks.signs / {bit})"))"#,
        r#".columns([("clicks", "at"), ("clicks", "slug")])"#,
        r#".columns([(Links, LinkColumn::Slug), ("clicks", "at")])"#,
        r#".inner_join("clicks", on)"#,
        ".join(\n    JoinType::RightJoin,\n    \"clicks\",\n    on,\n)",
        "update\n    .table(\n        \"clicks\",\n    )",
    ] {
        assert_eq!(caught(text), ["clicks"], "{text}");
    }
    assert_eq!(
        caught("// FROM orders\nlet orders = clicks(\"orders\"); // clicks from orders_of"),
        Vec::<String>::new()
    );
}

/// The files of a room that a file names, by `super::` and by `crate::room::`; a folder's front stands for the folder.
fn neighbours(file: &Path, text: &str, known: &BTreeMap<Vec<String>, PathBuf>) -> Vec<Vec<String>> {
    let place = |path: &Path| -> Vec<String> {
        let path = path.strip_prefix(src()).unwrap().with_extension("");
        let mut parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        parts.pop_if(|last| last == "mod");
        parts
    };
    let here = place(file);
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
    let mut found = Vec::new();
    for statement in code.split("use ").skip(1).filter_map(|rest| rest.split(';').next()) {
        let (from, rest) = match statement.strip_prefix("super::") {
            Some(mut rest) => {
                let mut from = here[..here.len() - 1].to_vec();
                while let Some(further) = rest.strip_prefix("super::") {
                    from.pop();
                    rest = further;
                }
                (from, rest)
            }
            None => match statement.strip_prefix("crate::") {
                Some(rest) => (Vec::new(), rest),
                None => continue,
            },
        };
        let mut at = from;
        for part in rest.split("::").map(|part| part.trim_matches(|c: char| !c.is_alphanumeric() && c != '_')) {
            at.push(part.to_owned());
            if !known.contains_key(&at) {
                at.pop();
                break;
            }
        }
        if at.len() > 1 && at[0] == here[0] && at != here && !here.starts_with(&at) && known.contains_key(&at) {
            found.push(at);
        }
    }
    found
}

/// Files of a room stand in an order too: none leads back to itself. (The simulator is one world, and a circle by nature.)
#[test]
fn files_of_a_room_go_in_no_circles() {
    let mut files = Vec::new();
    rust_files(&src(), &mut files);
    let name = |path: &PathBuf| -> Vec<String> {
        let path = path.strip_prefix(src()).unwrap().with_extension("");
        let mut parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        parts.pop_if(|last| last == "mod");
        parts
    };
    let known: BTreeMap<Vec<String>, PathBuf> = files.iter().map(|path| (name(path), path.clone())).collect();
    let leads: BTreeMap<&Vec<String>, Vec<Vec<String>>> = known
        .iter()
        .filter(|(place, _)| place[0] != "simulator" && !place.iter().any(|part| part == "tests"))
        .map(|(place, path)| (place, neighbours(path, &std::fs::read_to_string(path).unwrap(), &known)))
        .collect();
    assert!(leads.values().map(Vec::len).sum::<usize>() > 300, "imports are found");
    let mut circles = Vec::new();
    for start in leads.keys() {
        let mut waiting: Vec<&Vec<String>> = leads[start].iter().collect();
        let mut seen = std::collections::BTreeSet::new();
        while let Some(next) = waiting.pop() {
            if next == *start {
                circles.push(start.join("::"));
                break;
            }
            if seen.insert(next) {
                waiting.extend(leads.get(next).into_iter().flatten());
            }
        }
    }
    assert!(circles.is_empty(), "these lead back to themselves: {circles:?}");
}

#[test]
fn actix_stays_at_the_edges() {
    let mut files = Vec::new();
    rust_files(&src(), &mut files);
    let edge = |path: &Path| {
        let room = room_of(path);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        ["http", "simulator", "server", "cli"].contains(&room.as_str())
            || name == "routes.rs"
            || ["current.rs", "keys.rs", "page.rs", "reply.rs"].contains(&name.as_str()) && room == "shops"
    };
    let outside: Vec<_> = files
        .iter()
        .filter(|path| !edge(path))
        .filter(|path| std::fs::read_to_string(path).unwrap().contains("actix_web"))
        .collect();
    assert!(outside.is_empty(), "{outside:?}");
}

#[test]
fn the_environment_is_read_in_one_place() {
    let mut files = Vec::new();
    rust_files(&src(), &mut files);
    let readers: Vec<_> = files
        .iter()
        .filter(|path| room_of(path) != "config")
        .filter(|path| std::fs::read_to_string(path).unwrap().contains("env::var"))
        .collect();
    assert!(readers.is_empty(), "{readers:?}");
    let example = std::fs::read_to_string(src().join("../.env.example")).unwrap();
    let mut config = Vec::new();
    rust_files(&src().join("config"), &mut config);
    let text: String = config.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    for name in text
        .split('"')
        .filter(|word| word.starts_with("RECOUP_") || word.starts_with("SHOPIFY_") || word.starts_with("WHATSAPP_"))
    {
        if name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
            assert!(example.contains(&format!("{name}=")), "{name} is missing from .env.example");
        }
    }
}

#[test]
fn shopify_is_told_of_the_topics_we_read() {
    let told = std::fs::read_to_string(src().join("../shopify.app.toml")).unwrap();
    let lines = told.lines().filter(|line| line.starts_with("topics = ") || line.starts_with("compliance_topics = "));
    let mut told: Vec<String> = lines.flat_map(|line| line.split('"').skip(1).step_by(2)).map(str::to_owned).collect();
    let mut read: Vec<String> = recoup::webhooks::TOPICS.iter().map(|topic| topic.name.to_owned()).collect();
    told.sort();
    read.sort();
    assert_eq!(told, read, "shopify.app.toml and the topic table disagree");
}

/// One version for calls and webhooks; an extension and processes where the file says they are; every scope explained.
#[test]
fn shopify_app_toml_agrees_with_the_program() {
    let root = src().join("..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_else(|_| panic!("{path} is missing"));
    let app = read("shopify.app.toml");
    let value = |name: &str| {
        let line = app.lines().find_map(|line| line.strip_prefix(&format!("{name} = ")));
        line.unwrap_or_else(|| panic!("{name} is missing")).trim_matches(['[', ']']).trim_matches('"').to_owned()
    };
    assert_eq!(value("api_version"), recoup::shopify::admin::VERSION);
    assert_eq!(value("embedded"), "true");
    let explained: String = app.lines().filter(|line| line.starts_with("# ")).collect();
    for scope in value("scopes").split(',') {
        assert!(explained.contains(&format!("{scope}:")), "{scope} is not explained");
    }
    let pixel = read(&format!("{}/shopify.extension.toml", value("extension_directories")));
    assert!(pixel.contains("type = \"web_pixel_extension\"") && pixel.contains("runtime_context = \"strict\""));
    // The CLI's proxy sends everything to the one process that is the frontend.
    assert!(read("shopify.web.toml").contains("roles = [\"backend\"]"));
    assert!(read("shopify.web.toml").contains("webhooks_path = \"/webhooks/shopify\""));
    assert!(read("web/shopify.web.toml").contains("roles = [\"frontend\"]"));
    let handlers = app.lines().filter_map(|line| line.strip_prefix("# Handled by: "));
    for handler in handlers.filter_map(|line| line.split(',').next()) {
        assert!(root.join(handler).exists(), "{handler} handles a topic and is not there");
    }
    assert_eq!(app.matches("# Handled by: ").count(), app.matches("[[webhooks.subscriptions]]").count());
}
