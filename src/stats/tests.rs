//! The integer fixture of `measurement.md` §6, whose figures come from gbstats, scipy and statsmodels; and laws that hold
//! for any experiment.

mod gates;
mod oracles;
mod sums;

use proptest::prelude::*;

use super::*;

fn near(found: f64, known: f64, digits: f64) {
    assert!((found - known).abs() <= digits, "{found} is not {known}");
}

fn fixture(campaigns: bool) -> Vec<Row> {
    let row = |i: i64| {
        let treated = (i * 7_919) % 10 != 0;
        let pre = ((i * 104_729) % 97) * 25;
        let converted = ((i * 15_485_863) % 1_009) < (if treated { 90 } else { 70 }) + pre / 100;
        let mut revenue = if converted { 2_000 + (i * 32_452_843) % 5_003 + 2 * pre } else { 0 };
        if converted && (i * 49_979_687) % 251 == 0 {
            revenue *= 20;
        }
        Row {
            arm: if treated { Arm::Treated } else { Arm::Holdout },
            revenue: f64::from(i32::try_from(revenue).unwrap()),
            converted,
            before: Some(f64::from(i32::try_from(pre).unwrap())),
            campaign: campaigns.then(|| (i / 500).to_string()),
        }
    };
    (0..4_000).map(row).collect()
}

#[test]
fn the_integer_fixture_comes_out_as_other_packages_say() {
    let found = analyse(&fixture(true), &Options::default());
    assert_eq!(found.n, (400, 3_600));
    let welch = found.welch.unwrap();
    near(welch.interval.difference, -70.269_444_444_4, 1e-9);
    near(welch.interval.low, -398.915_746, 1e-6);
    near(welch.interval.high, 258.376_857, 1e-6);
    near(welch.p, 0.674_712_216_637, 1e-11);
    let relative = found.relative.unwrap();
    near(relative.lift, -0.083_718_883_0, 1e-10);
    near(relative.low, -0.449_304_107, 1e-9);
    near(relative.high, 0.281_866_341, 1e-9);
    let cuped = found.cuped.unwrap();
    near(cuped.theta, 0.277_343_132_149, 1e-12);
    near(cuped.interval.difference, -71.842_981_520_6, 1e-9);
    near(cuped.interval.low, -400.762_002, 1e-6);
    near(cuped.interval.high, 257.076_039, 1e-6);
    let sequential = found.sequential.unwrap();
    near(sequential.interval.low, -579.083_827, 1e-6);
    near(sequential.interval.high, 438.544_938, 1e-6);
    let conversion = found.conversion.unwrap();
    near(conversion.difference, -0.009_722_2, 1e-7);
    near(conversion.low, -0.045_132_7, 1e-7);
    near(conversion.high, 0.018_842_6, 1e-7);
    // By design, and not by inverse variance: that would say +610.9.
    let pooled = found.pooled.unwrap().unwrap();
    near(pooled.interval.difference, -70.269_444_444, 1e-8);
    near(pooled.error, 157.765_488_824, 1e-8);
    let ratio = sample_ratio(430, 3_570, 0.1).unwrap();
    near(ratio.chi2, 2.5, 1e-12);
    near(ratio.p, 0.113_846_298_0, 1e-10);
    assert!(!ratio.refused);
}

#[test]
fn where_nothing_can_be_said_it_says_why() {
    let row = |arm, revenue: f64| Row { arm, revenue, converted: revenue > 0.0, before: None, campaign: None };
    let nobody = analyse(&[], &Options::default());
    assert_eq!((nobody.welch, nobody.mean), (Err(Why::TooFew), (None, None)));
    let alike: Vec<Row> = (0..8).map(|i| row(if i < 4 { Arm::Holdout } else { Arm::Treated }, 0.0)).collect();
    let alike = analyse(&alike, &Options::default());
    assert_eq!(alike.welch.unwrap_err(), Why::NoVariance);
    assert_eq!(alike.winsorised.unwrap_err(), Why::NoSales);
    assert_eq!(alike.two_part.unwrap_err(), Why::TooFewBuyers);
    assert_eq!(alike.cuped.unwrap_err(), Why::NoBefore);
    assert!(alike.pooled.is_none());
    let refused = sample_ratio(500, 500, 0.1).unwrap();
    assert!(refused.refused && refused.p < 1e-12);
}

fn arms() -> impl Strategy<Value = Vec<Row>> {
    let row = (any::<bool>(), prop_oneof![3 => Just(0_u32), 1 => 1_u32..50_000], 0_u32..9_000);
    let row = row.prop_map(|(held, revenue, before)| Row {
        arm: if held { Arm::Holdout } else { Arm::Treated },
        revenue: revenue.into(),
        converted: revenue > 0,
        before: Some(before.into()),
        campaign: None,
    });
    prop::collection::vec(row, 0..60)
}

proptest! {
    #[test]
    fn every_interval_holds_its_estimate_and_order_does_not_matter(rows in arms()) {
        let found = analyse(&rows, &Options::default());
        let intervals = [
            found.welch.map(|welch| welch.interval),
            found.cuped.map(|cuped| cuped.interval),
            found.sequential.map(|sequential| sequential.interval),
            found.winsorised.map(|(_, interval)| interval),
            found.conversion,
            found.two_part,
        ];
        for interval in intervals.into_iter().flatten() {
            prop_assert!(interval.holds(interval.difference), "{interval:?}");
        }
        // The always-valid interval pays for every look.
        if let (Ok(welch), Ok(sequential)) = (found.welch, found.sequential)
            && found.n.0 > 9 && found.n.1 > 9
        {
            prop_assert!(sequential.interval.high >= welch.interval.high);
        }
        let turned: Vec<Row> = rows.iter().rev().cloned().collect();
        let again = analyse(&turned, &Options::default());
        if let (Ok(one), Ok(other)) = (found.welch, again.welch) {
            prop_assert!((one.interval.difference - other.interval.difference).abs() < 1e-6);
        }
    }

    #[test]
    fn shares_stay_between_nothing_and_all(hits in 0_usize..50, more in 0_usize..50) {
        let of = hits + more;
        let Some((low, high)) = wilson(hits, of, 0.05) else { return Ok(()) };
        let share = sample::count(hits) / sample::count(of);
        prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high) && low <= share && share <= high);
    }
}
