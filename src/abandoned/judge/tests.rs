//! What becomes of checkouts, to the second.

use super::*;

const HOUR: i32 = 3_600;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_seconds(1_000_000 + minutes * 60)
}

fn worked(minutes: &[i64]) -> Facts {
    Facts { steps: minutes.iter().map(|minute| at(*minute)).collect(), reachable: true, ..Facts::default() }
}

fn judged(facts: &Facts, now: i64) -> (State, Option<Timestamp>) {
    let verdict = judge(facts, HOUR, at(now));
    (verdict.state, verdict.abandoned_at)
}

#[test]
fn a_checkout_is_abandoned_so_long_after_its_last_step_to_the_second() {
    let facts = worked(&[0, 5]);
    assert_eq!(judge(&facts, HOUR, at(65).plus_seconds(-1)).state, State::Working);
    assert_eq!(judged(&facts, 65), (State::Open, Some(at(65))));
    assert_eq!(judged(&facts, 6_500), (State::Open, Some(at(65))), "looked at late, it was abandoned then");
    assert_eq!(judge(&facts, 600, at(15)).abandoned_at, Some(at(15)), "another delay, another instant");
}

#[test]
fn each_step_moves_the_instant() {
    assert_eq!(judged(&worked(&[0, 5, 64]), 65), (State::Working, None));
    assert_eq!(judged(&worked(&[0, 100]), 120), (State::Working, None), "it lay quiet, and is worked on again");
    assert_eq!(judged(&worked(&[0, 100]), 160), (State::Open, Some(at(160))));
}

#[test]
fn nobody_to_reach_is_nobody_to_offer() {
    let nobody = Facts { reachable: false, ..worked(&[0]) };
    assert_eq!(judged(&nobody, 500), (State::Unreachable, None));
    assert_eq!(judged(&Facts { reachable: true, ..nobody }, 500), (State::Open, Some(at(60))), "known late");
}

#[test]
fn its_own_order_recovers_it_if_it_ever_lay_quiet() {
    let completed = |steps: &[i64], end: i64| Facts { completed: Some((at(end), Some(OrderId(7)))), ..worked(steps) };
    assert_eq!(judged(&completed(&[0, 59], 59), 500), (State::Over, None));
    assert_eq!(judged(&completed(&[0, 60], 60), 500), (State::Recovered, Some(at(60))));
    // They came back, worked on it for some minutes, and bought.
    let back = completed(&[0, 90, 93], 95);
    assert_eq!(judged(&back, 500), (State::Recovered, Some(at(60))));
    let both = Facts { deleted_at: Some(at(30)), bought: vec![(at(20), OrderId(1))], ..back };
    assert_eq!(judged(&both, 500), (State::Recovered, Some(at(60))), "its own order counts, whatever else happened");
}

#[test]
fn another_order_of_the_same_person_takes_it_back() {
    let bought = |steps: &[i64], orders: &[i64]| Facts {
        bought: orders.iter().map(|minute| (at(*minute), OrderId(*minute))).collect(),
        ..worked(steps)
    };
    assert_eq!(judged(&bought(&[0], &[200]), 300), (State::Withdrawn, Some(at(60))));
    assert_eq!(judged(&bought(&[0], &[59]), 300), (State::Over, None), "bought before it lay quiet");
    assert_eq!(judged(&bought(&[0], &[-1]), 300), (State::Open, Some(at(60))), "bought before it began");
    assert_eq!(judged(&bought(&[0], &[-1, 200]), 300).0, State::Withdrawn);
    // On the other device a little later: the same shopping. Two days later: another one.
    assert_eq!(judged(&bought(&[0, 220], &[200]), 300), (State::Withdrawn, Some(at(60))));
    assert_eq!(judged(&bought(&[0, 3_000], &[200]), 4_000), (State::Open, Some(at(3_060))));
    let ended = judge(&bought(&[0], &[200, 210]), HOUR, at(300)).ended.unwrap();
    assert_eq!((ended.at, ended.order), (at(200), Some(OrderId(200))), "the first of them");
}

#[test]
fn a_deleted_checkout_is_over() {
    let deleted = |minute: i64| Facts { deleted_at: Some(at(minute)), ..worked(&[0]) };
    assert_eq!(judged(&deleted(61), 300), (State::Deleted, Some(at(60))));
    assert_eq!(judged(&deleted(30), 300), (State::Over, None));
}
