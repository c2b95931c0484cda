use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::kernel::Timestamp;

#[derive(Deserialize)]
struct Case {
    name: String,
    method: String,
    agent: Option<String>,
    headers: BTreeMap<String, String>,
    human: bool,
    reasons: Vec<String>,
    source: String,
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/agents.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_known_agent_and_header_set_is_judged_as_it_should_be() {
    let cases = cases();
    assert!(cases.len() >= 60, "{}", cases.len());
    for case in &cases {
        let header = |name: &str| {
            assert!(HEADERS.contains(&name), "{name} is not handed over by the door");
            if name == "user-agent" { case.agent.as_deref() } else { case.headers.get(name).map(String::as_str) }
        };
        let seen = Seen { head: case.method == "HEAD", ..Seen::default() };
        let verdict = at_once(Signs::read(seen, header), case.agent.as_deref());
        assert_eq!((verdict.human, verdict.kept()), (case.human, case.reasons.join(",")), "{}", case.name);
        assert!(case.source.starts_with("https://"), "{} has no source", case.name);
    }
}

#[test]
fn the_list_of_agents_names_its_sources_and_says_nothing_twice() {
    let lines: Vec<serde_json::Value> = serde_json::from_str(include_str!("agents.json")).unwrap();
    let patterns: BTreeSet<&str> = lines.iter().map(|line| line["pattern"].as_str().unwrap()).collect();
    assert_eq!(patterns.len(), lines.len(), "a name stands there twice");
    for line in &lines {
        assert!(line["source"].as_str().is_some_and(|source| source.starts_with("https://")), "{line}");
        assert!(Reason::read(line["reason"].as_str().unwrap()).is_some(), "{line}");
        assert!(line["pattern"].as_str().is_some_and(|p| p.len() > 3 && p == p.to_lowercase()), "{line}");
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_000_000 + seconds)
}

fn tap(seconds: i64, device: i32) -> Hit {
    let agent = Some("Mozilla/5.0 (iPhone) Safari/604.1".to_owned());
    Hit { at: at(seconds), signs: Signs(0), stands: at_once(Signs(0), agent.as_deref()), agent, device }
}

fn words(hits: &[Hit], left: Option<i64>) -> Vec<String> {
    weigh(hits, left.map(|left| sent(at(left)))).iter().map(Verdict::kept).collect()
}

fn sent(about: Timestamp) -> Left {
    Left { by: about, about: Some(about) }
}

#[test]
fn a_device_that_comes_again_within_half_an_hour_is_one_visit() {
    let hits = [tap(0, 1), tap(3, 1), tap(60, 2), tap(1_799, 1), tap(3_598, 1), tap(5_398, 1)];
    assert_eq!(words(&hits, None), ["browser", "again", "browser", "again", "again", "browser"]);
    assert!(weigh(&hits, None).iter().all(|verdict| verdict.human), "each of them is a person's");
}

#[test]
fn nobody_taps_before_the_message_left() {
    let hits = [tap(0, 1), tap(10, 1), tap(11, 1), tap(12, 1)];
    assert_eq!(words(&hits, Some(10)), ["before_sending", "too_soon", "too_soon", "browser"]);
    assert_eq!(words(&hits, None)[0], "browser", "without news of the sending nothing is held against anybody");
}

#[test]
fn who_has_read_may_tap_at_once() {
    let hits = [tap(0, 1), tap(10, 2), tap(11, 3), tap(12, 4)];
    let told = |by, about: Option<i64>| {
        let left = Left { by: at(by), about: about.map(at) };
        weigh(&hits, Some(left)).iter().map(Verdict::kept).collect::<Vec<_>>()
    };
    assert_eq!(told(10, None), ["before_sending", "browser", "browser", "browser"], "only that it was read is known");
    assert_eq!(told(10, Some(10)), ["before_sending", "too_soon", "too_soon", "browser"]);
    assert_eq!(told(-60, Some(-60)), ["browser"; 4], "it had arrived a minute before");
}

/// Phones and browsers in whose names letters of a rule stand, and programs beside them.
#[test]
fn a_name_is_a_word_and_a_phone_is_no_program() {
    let chrome = |device: &str| {
        format!(
            "Mozilla/5.0 (Linux; Android 13; {device}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"
        )
    };
    let people = [
        chrome("CUBOT"),
        chrome("CUBOT KINGKONG 9"),
        chrome("CUBOT_X18_Plus Build/O11019"),
        chrome("CUBOT/KINGKONG"),
        chrome("IDbot553 Build/MRA58K"),
        chrome("TC21 Scanner"),
        chrome("Spider X; wv"),
        chrome("Nikto (2022)"),
        chrome("K; Preview"),
        format!("{} Instagram 358.0.0.0.1 Android (34/14; 480dpi; 1080x2340; CUBOT; X30; mt6765)", chrome("X30; wv")),
        format!("{} [FBAN/FB4A;FBAV/480.0;FBMF/CUBOT;FBBD/CUBOT;FBDV/X30]", chrome("X30; wv")),
        "UCWEB/2.0 (MIDP-2.0; U; Adr 9.0; en-US; CUBOT) U2/1.0.0 UCBrowser/10.7.9.856 U2/1.0.0 Mobile".to_owned(),
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari Line/14.1"
            .to_owned(),
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Accbot5 Curlybrowser/1".to_owned(),
        format!("{} BingSapphire/31.4", chrome("K")),
        format!("{} DuckDuckGo/5 YaBrowser/24.1", chrome("K")),
        format!("{} Snapchat/12.70 (like Safari)", chrome("SM-S918B")),
    ];
    for agent in &people {
        assert_eq!(at_once(Signs(0), Some(agent)).kept(), "browser", "{agent}");
    }
    let programs = [
        ("WhatsApp", "preview"),
        ("WhatsApp (like something)", "preview"),
        ("whatsapp/2.24.20.89 A", "preview"),
        ("Somebot/1.0", "crawler"),
        ("Mozilla/5.0 (Linux; Android 10; K; compatible; FooBot/1.0)", "crawler"),
        (
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "crawler",
        ),
        (
            "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 Mobile Safari/537.36 (compatible; Bytespider; x@y.example)",
            "ai",
        ),
        ("PingdomTMS/0.8.5", "monitor"),
        ("PycURL/7.43.0 libcurl/7.47.0", "tool"),
        ("Newspider/3", "crawler"),
    ];
    for (agent, reason) in programs {
        assert_eq!(at_once(Signs(0), Some(agent)).reasons.first().map(|r| r.word()), Some(reason), "{agent}");
    }
    assert!(at_once(Signs(0), Some("WhatsAppWeb Browser")).human, "another word");
    // No list of agents makes the reader stumble, whatever brackets it has.
    for odd in ["bot", "(bot", ")bot(", "(android bot", "((android)) bot)", "ü(android; übot)"] {
        let _ = who(odd);
    }
}

#[test]
fn a_burst_is_no_person_and_two_impatient_people_are_no_burst() {
    let burst: Vec<Hit> = (0..8).map(|n| tap(n, n as i32 + 1)).chain([tap(60, 9)]).collect();
    assert_eq!(words(&burst, None), [vec!["burst"; 8], vec!["browser"]].concat());
    let impatient: Vec<Hit> = (0..7).map(|n| tap(n, n as i32 % 2 + 1)).collect();
    assert!(weigh(&impatient, None).iter().all(|verdict| verdict.human));
}

#[test]
fn what_was_let_go_keeps_its_verdict() {
    let mut old = tap(0, 0);
    old.signs = Signs(Signs::GONE);
    old.stands = Verdict { human: false, reasons: vec![Reason::Burst] };
    assert_eq!(words(&[old], Some(100)), ["burst"]);
}

proptest! {
    /// Judged in pieces, with the surroundings the judge reads, everything comes out as when judged at once.
    #[test]
    fn pieces_come_out_as_the_whole(
        mut steps in prop::collection::vec((0_i64..3_000, 1_i32..4, 0_i32..8), 1..60),
        cut in 0_usize..60,
        left in prop::option::of(0_i64..20_000),
    ) {
        let mut now = 0;
        let hits: Vec<Hit> = steps.drain(..).map(|(step, device, signs)| {
            now += if step < 1_500 { step % 3 } else { step };
            Hit { signs: Signs(signs), ..tap(now, device) }
        }).collect();
        let whole = words(&hits, left);
        let cut = hits[cut.min(hits.len() - 1)].at;
        let first = hits.iter().position(|hit| hit.at >= cut.plus_seconds(-Around::SECONDS)).unwrap();
        let around = words(&hits[first..], left);
        for (n, hit) in hits.iter().enumerate().filter(|(_, hit)| hit.at >= cut) {
            prop_assert_eq!(&whole[n], &around[n - first], "at {:?}", hit.at);
        }
    }
}
