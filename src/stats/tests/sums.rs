//! What comes from sums is what comes from every row.

use proptest::prelude::*;

use super::fixture;
use crate::stats::*;

#[expect(clippy::cast_possible_truncation, reason = "whole numbers of minor units")]
fn spent(row: &Row) -> Spent {
    Spent { revenue: row.revenue as i64, bought: row.converted, before: row.before.map(|before| before as i64) }
}

fn arm(rows: &[Row], arm: Arm) -> Vec<Spent> {
    rows.iter().filter(|row| row.arm == arm).map(spent).collect()
}

/// To ten digits of the largest of the estimate and its limits.
fn same(found: Interval, known: Interval) {
    let pairs = [(found.difference, known.difference), (found.low, known.low), (found.high, known.high)];
    let scale = 1e-10 * pairs.iter().map(|(_, known)| known.abs()).fold(1e-3, f64::max);
    // The limits that a handful of buyers leave are beyond every amount; there nobody needs ten digits.
    let alike = |(one, other): &(f64, f64)| (one - other).abs() <= scale || other.abs() > 1e12;
    assert!(pairs.iter().all(alike), "{found:?} is not {known:?}");
}

fn compared(rows: &[Row]) {
    let options = Options::default();
    let known = analyse(rows, &options);
    let (rows_h, rows_t) = (arm(rows, Arm::Holdout), arm(rows, Arm::Treated));
    let (h, t) = (ArmMoments::of(&rows_h), ArmMoments::of(&rows_t));
    let (sample_h, sample_t) = (h.per_recipient(), t.per_recipient());
    let amounts = |rows: &[Spent]| rows.iter().map(|one| one.revenue).filter(|one| *one != 0).collect::<Vec<_>>();
    let capped = Capped::of((rows_h.len(), &amounts(&rows_h)), (rows_t.len(), &amounts(&rows_t)), options.winsorise);
    let pairs = [
        (
            welch(&sample_h, &sample_t, 0.05).map(|found| found.interval),
            known.welch.as_ref().map(|known| known.interval).map_err(|why| *why),
        ),
        (cuped_of(&h, &t, 0.05).map(|found| found.interval), known.cuped.map(|known| known.interval)),
        (
            sequential(&sample_h, &sample_t, 0.05, options.sequential_n).map(|found| found.interval),
            known.sequential.map(|known| known.interval),
        ),
        (newcombe(h.bought(), t.bought(), 0.05), known.conversion),
        (two_part_of(&h, &t, 0.05, 0), known.two_part),
        (capped.and_then(|capped| Ok(capped.difference(0.05)?.1)), known.winsorised.map(|(_, known)| known)),
    ];
    for (found, known) in pairs {
        match (found, known) {
            (Ok(found), Ok(known)) => same(found, known),
            // Of hardly any variance the last digits of the rows are some and the sums are exact.
            (found, known) => assert_eq!(found.is_ok(), known.is_ok(), "{found:?} {known:?}"),
        }
    }
    let pools: Vec<(Sample, Sample)> = vec![(sample_h, sample_t)];
    let whole = pooled(&pools, 0.05).map(|found| found.interval.difference);
    assert_eq!(whole.is_ok(), welch(&sample_h, &sample_t, 0.05).is_ok());
}

#[test]
fn the_integer_fixture_comes_out_of_sums_to_ten_digits() {
    compared(&fixture(false));
    // Beside amounts like these a sum of squares in floating point would keep four digits of the variance.
    let far: Vec<Row> = fixture(false).into_iter().map(|row| Row { revenue: row.revenue + 3e9, ..row }).collect();
    let (h, t) = (ArmMoments::of(&arm(&far, Arm::Holdout)), ArmMoments::of(&arm(&far, Arm::Treated)));
    let found = welch(&h.per_recipient(), &t.per_recipient(), 0.05).unwrap();
    let known = analyse(&fixture(false), &Options::default()).welch.unwrap();
    assert!((found.interval.low - known.interval.low).abs() < 1e-5 && (found.p - known.p).abs() < 1e-9);
}

#[test]
fn what_spent_nothing_is_counted_without_a_look() {
    let (mut counted, mut met) = (ArmMoments::default(), ArmMoments::default());
    counted.add_idle(3);
    (0..3).for_each(|_| met.add(&Spent::default()));
    assert_eq!(counted, met);
}

#[test]
fn amounts_nobody_ever_paid_break_nothing() {
    let most = Spent { revenue: i64::MAX, bought: true, before: Some(i64::MIN) };
    let arm = ArmMoments::of(&[most, most, most, Spent::default()]);
    let judged = judge(
        &Known { assigned: (4, 4), holdout: arm, treated: arm, capped: None },
        &Options { holdout_share: 0.5, ..Options::default() },
    );
    assert_eq!(judged.stage, Stage::TooEarly);
    assert!(arm.per_recipient().variance.is_finite() && cuped_of(&arm, &arm, 0.05).is_err());
}

fn people() -> impl Strategy<Value = Vec<Row>> {
    let revenue = prop_oneof![4 => Just(0_i32), 4 => 1_i32..50_000, 1 => -900_i32..0];
    let row = (any::<bool>(), revenue, 0_u32..9_000).prop_map(|(held, revenue, before)| Row {
        arm: if held { Arm::Holdout } else { Arm::Treated },
        revenue: revenue.into(),
        converted: revenue != 0,
        before: Some(before.into()),
        campaign: None,
    });
    prop::collection::vec(row, 20..120)
}

proptest! {
    #[test]
    fn sums_say_what_rows_say(rows in people()) {
        compared(&rows);
    }

    #[test]
    fn sums_merge_in_any_order_and_leave_nothing_behind(rows in people(), at in 0_usize..20) {
        let all: Vec<Spent> = rows.iter().map(spent).collect();
        let whole = ArmMoments::of(&all);
        let (mut one, other) = (ArmMoments::of(&all[at..]), ArmMoments::of(&all[..at]));
        one.merge(&other);
        prop_assert_eq!(one, whole);
        prop_assert_eq!(ArmMoments::of(all.iter().rev()), whole);
        all[..at].iter().for_each(|gone| one.remove(gone));
        prop_assert_eq!(one, ArmMoments::of(&all[at..]));
    }
}
