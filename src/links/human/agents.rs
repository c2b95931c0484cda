//! Who fetches links on their own, by their published names: `agents.json`, each with its source.
//!
//! The list is data: adding a name is a line there, and [`super::RULES`] grows by one. Where several names fit, the
//! first of the list counts, so the general ones stand last.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::reason::Reason;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    pattern: String,
    who: String,
    reason: String,
    #[serde(default)]
    at: At,
    #[expect(dead_code, reason = "for whoever reads the file")]
    source: String,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum At {
    #[default]
    Anywhere,
    Start,
}

/// A program that is known by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Whose it is.
    pub who: String,
    /// What it does here.
    pub reason: Reason,
}

struct List {
    lines: Vec<(At, Agent)>,
    /// All names at once: one walk over the text, however long the list.
    names: AhoCorasick,
}

static LIST: LazyLock<List> = LazyLock::new(|| {
    let lines: Vec<Line> = serde_json::from_str(include_str!("agents.json")).expect("the list is tested");
    let patterns = lines.iter().map(|line| &line.pattern);
    let names = AhoCorasick::builder().ascii_case_insensitive(true).build(patterns).expect("the list is tested");
    let agent = |line: Line| {
        let reason = Reason::read(&line.reason).expect("the list is tested");
        (line.at, Agent { who: line.who, reason })
    };
    List { lines: lines.into_iter().map(agent).collect(), names }
});

/// Which known program an agent is; `None` for browsers and whatever nobody has named yet.
pub fn who(agent: &str) -> Option<&'static Agent> {
    let agent = agent.trim_start();
    let fits = LIST
        .names
        .find_overlapping_iter(agent)
        .filter(|found| LIST.lines[found.pattern().as_usize()].0 == At::Anywhere || found.start() == 0);
    fits.map(|found| found.pattern().as_usize()).min().map(|line| &LIST.lines[line].1)
}
