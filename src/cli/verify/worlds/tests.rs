//! The short form: few worlds, wide bounds, and still enough to see an interval that forgets its gate.

use super::tally::Seen;
use super::*;
use crate::stats::{Interval, Sample, welch};

#[test]
fn sixty_worlds_of_each_kind_hold_the_truth() {
    let mut kinds = scenarios::all();
    // As large as all the others together.
    kinds.retain(|kind| !kind.lines[0].0.starts_with("20 campaigns of 5,000"));
    let lines = lived(&kinds, 60, 7);
    let wrong: Vec<String> = lines.iter().filter_map(Line::wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(lines.iter().filter(|line| line.limits().is_some()).count() > 25);
    let called = |name: &str| lines.iter().find(|line| line.name == name).unwrap();
    // What must never come out is seen coming out.
    let trap = called("20 campaigns of 1,000 that do nothing: by inverse variance");
    assert!(trap.alarms() > 0.8, "{trap}");
    let nothing = called("1,000 · 10 % · 3 %, it does nothing: money");
    assert_eq!(nothing.shown, 0, "three buyers are no interval");
}

#[test]
fn the_same_seed_lives_the_same_worlds() {
    let kinds = scenarios::all();
    let one = |seed| shown(&kinds[3], 3, 4, seed);
    assert_eq!(one(5), one(5));
    assert_ne!(one(5), one(6));
}

/// The truth of a world is what very many of its recipients do on the whole.
#[test]
fn a_worlds_truth_is_what_it_comes_to() {
    let effect = world::Effect { chance: 0.4, value: 0.1 };
    let world = world::World { recipients: 400_000, share: 0.5, base: 0.1, effect, days: 3, campaigns: 1 };
    let (holdout, treated) = world.live(&mut world::dice(1, 2, 3));
    let (h, t) = (holdout.whole(), treated.whole());
    assert_eq!(h.n + t.n, 400_000);
    let close = |found: Interval, truth: f64| {
        let half = (found.high - found.low) / 2.0;
        assert!((found.difference - truth).abs() < 1.5 * half && half < 0.2 * truth, "{found:?} {truth}");
    };
    close(welch(&h.per_recipient(), &t.per_recipient(), 0.05).unwrap().interval, world.truth());
    close(welch(&h.share(), &t.share(), 0.05).unwrap().interval, world.truth_of_shares());
    let below = |arm: &world::Arm, n: f64| {
        let cut = arm.amounts.iter().map(|minor| f64::from(i32::try_from(*minor).unwrap()).min(9_000.0));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        Sample::with_zeroes(n as usize, cut)
    };
    let (cut_h, cut_t) = (below(&holdout, h.per_recipient().n), below(&treated, t.per_recipient().n));
    close(welch(&cut_h, &cut_t, 0.05).unwrap().interval, world.truth_below(9_000.0));
}

#[test]
fn a_line_outside_is_said_in_a_sentence() {
    let seen = |miss| Seen { error: 0.0, miss };
    let mut all = vec![seen(None); 900];
    all.extend(vec![seen(Some(Miss::Flatters)); 100]);
    let line = Line { name: "money".into(), bound: tally::Bound::Covers, worlds: 1_000, seen: all, shown: 1_000 };
    let said = line.wrong().unwrap();
    assert_eq!(
        said,
        "money: 90.0 % of the intervals shown hold the truth, not between 92.9 % and 97.1 % (1000 of 1000 worlds showed one)."
    );
    assert!(line.to_string().ends_with("NO"));
}
