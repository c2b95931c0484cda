//! Who fetches links on their own, by their published names: `agents.json`, each with its source.
//!
//! The list is data: adding a name is a line there, and [`super::RULES`] grows by one. Where several names fit, the
//! first of the list counts, so the general ones stand last. A name is a word: `ccbot` is not found in `Accbot`. What a
//! phone is called is nobody's name: there are Cubots, and handhelds with a scanner.

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
    #[serde(default)]
    limits: Limits,
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

/// At which ends of a name a word ends, too.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Limits {
    /// The name is a whole word.
    #[default]
    Both,
    /// A family: every word that begins so (`PingdomTMS`).
    Start,
    /// A kind: every word that ends so (`Googlebot`).
    End,
    /// Part of a word (`CloudflareUrlScanner`).
    None,
}

impl Limits {
    /// Whether what stands between these places of a text, which is ASCII there, is such a word.
    fn hold(self, text: &[u8], from: usize, to: usize) -> bool {
        let letter = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphanumeric);
        // A name that ends with a sign says itself where it ends.
        let begins = !(letter(from) && from.checked_sub(1).is_some_and(letter));
        let ends = !(letter(to - 1) && letter(to));
        (begins || matches!(self, Self::End | Self::None)) && (ends || matches!(self, Self::Start | Self::None))
    }
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
    lines: Vec<(At, Limits, Agent)>,
    /// All names at once: one walk over the text, however long the list.
    names: AhoCorasick,
}

static LIST: LazyLock<List> = LazyLock::new(|| {
    let lines: Vec<Line> = serde_json::from_str(include_str!("agents.json")).expect("the list is tested");
    let patterns = lines.iter().map(|line| &line.pattern);
    let names = AhoCorasick::builder().ascii_case_insensitive(true).build(patterns).expect("the list is tested");
    let agent = |line: Line| {
        let reason = Reason::read(&line.reason).expect("the list is tested");
        (line.at, line.limits, Agent { who: line.who, reason })
    };
    List { lines: lines.into_iter().map(agent).collect(), names }
});

/// Phone brands whose names end like a program's, wherever an app writes them.
const BRANDS: [&str; 1] = ["cubot"];

/// Which known program an agent is; `None` for browsers and whatever nobody has named yet.
pub fn who(agent: &str) -> Option<&'static Agent> {
    let agent = agent.trim_start();
    let fits = LIST.names.find_overlapping_iter(agent).filter(|found| {
        let (at, limits, _) = &LIST.lines[found.pattern().as_usize()];
        (*at == At::Anywhere || found.start() == 0)
            && limits.hold(agent.as_bytes(), found.start(), found.end())
            && !is_phone(agent, found.start(), found.end())
    });
    fits.map(|found| found.pattern().as_usize()).min().map(|line| &LIST.lines[line].2)
}

/// Whether a name between these places is what a phone is called: the brand, or part of the device that an Android browser
/// puts into its first bracket. A program that puts its own name there calls itself compatible, or gives its address.
fn is_phone(agent: &str, from: usize, to: usize) -> bool {
    let bytes = agent.as_bytes();
    // The sign that ends it is no part of it.
    let to = bytes[..to].iter().rposition(u8::is_ascii_alphanumeric).map_or(from, |at| at + 1).max(from);
    let begin = bytes[..from].iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
    if BRANDS.iter().any(|brand| bytes[begin..to].eq_ignore_ascii_case(brand.as_bytes())) {
        return true;
    }
    let Some(open) = agent.find('(').filter(|open| *open < from) else { return false };
    let mut depth = 0_usize;
    let close = bytes[open..].iter().position(|byte| {
        depth = match byte {
            b'(' => depth + 1,
            b')' => depth - 1,
            _ => depth,
        };
        depth == 0
    });
    let Some(device) = close.and_then(|close| agent.get(open..open + close)) else { return false };
    let device = device.to_ascii_lowercase();
    let says = |word: &str| device.contains(word);
    to <= open + device.len() && (says("android") || says("; adr ")) && !says("compatible") && !says("http")
}
