//! What a report keeps to itself, and in which order; plans, outlooks and quotients.

use crate::stats::*;

/// `n` recipients of whom `buyers` bought, for something between 20 and 60.
fn arm(n: i64, buyers: i64) -> ArmMoments {
    let mut arm = ArmMoments::default();
    for i in 0..n {
        let revenue = if i < buyers { 2_000 + (i * 977) % 4_001 } else { 0 };
        arm.add(&Spent { revenue, bought: i < buyers, before: Some((i * 31) % 700) });
    }
    arm
}

fn known(holdout: ArmMoments, treated: ArmMoments) -> Known {
    Known { assigned: (holdout.bought().1, treated.bought().1), holdout, treated, capped: None }
}

#[test]
fn gates_stand_in_their_order() {
    let options = Options::default();
    let stage = |known: &Known| judge(known, &options);
    let refused = stage(&known(arm(300, 60), arm(1_700, 400)));
    assert_eq!(refused.stage, Stage::Refused);
    assert!(refused.counts.is_none() && refused.money.is_none() && refused.sample_ratio.unwrap().refused);

    let open = stage(&Known { assigned: (100, 900), ..Known::default() });
    assert_eq!(open.stage, Stage::NothingClosed);
    assert!(open.counts.is_none());

    let early = stage(&known(arm(500, 19), arm(4_500, 200)));
    assert_eq!(early.stage, Stage::TooEarly);
    let counts = early.counts.unwrap();
    assert_eq!((counts.buyers, counts.conversions), ((19, 200), 19));
    assert!(early.money.is_none() && counts.conversion.is_ok() && counts.detectable_revenue.is_ok());

    let few = stage(&known(arm(500, 20), arm(4_500, 200)));
    assert_eq!(few.stage, Stage::TwoPart);
    let money = few.money.unwrap();
    assert_eq!(money.headline, two_part_of(&arm(500, 20), &arm(4_500, 200), 0.05, 20));
    assert!(money.cuped.is_none() && money.live.is_ok() && money.relative.is_ok());
    let plain = two_part_of(&arm(500, 20), &arm(4_500, 200), 0.05, 0).unwrap();
    let headline = money.headline.unwrap();
    // Just at the gate the holdout may have been lucky: the lift may be larger than it looks, never smaller.
    assert!(headline.high > plain.high && (headline.low - plain.low).abs() < 1e-9);

    assert_eq!(stage(&known(arm(500, 100), arm(4_500, 950))).stage, Stage::TwoPart);
    let many = stage(&known(arm(500, 101), arm(4_500, 950)));
    assert_eq!(many.stage, Stage::Welch);
    let money = many.money.unwrap();
    let (h, t) = (arm(500, 101).per_recipient(), arm(4_500, 950).per_recipient());
    assert_eq!(money.headline, welch(&h, &t, 0.05).map(|welch| welch.interval));
    assert!(money.cuped.unwrap().is_ok());
}

#[test]
fn who_got_everything_back_bought_but_is_no_conversion_of_money() {
    let mut holdout = arm(500, 25);
    for i in 0..6 {
        holdout.remove(&Spent { revenue: 2_000 + (i * 977) % 4_001, bought: true, before: Some((i * 31) % 700) });
        holdout.add(&Spent { revenue: 0, bought: true, before: Some((i * 31) % 700) });
    }
    let judged = judge(&known(holdout, arm(4_500, 300)), &Options::default());
    assert_eq!(judged.stage, Stage::TooEarly);
    let counts = judged.counts.unwrap();
    assert_eq!((counts.buyers.0, counts.conversions), (25, 19));
}

#[test]
fn one_price_for_everybody_is_no_riddle_behind_the_gate() {
    let shop = |n: i64, buyers: i64| {
        let all: Vec<Spent> = (0..n)
            .map(|i| Spent { revenue: if i < buyers { 4_900 } else { 0 }, bought: i < buyers, before: None })
            .collect();
        ArmMoments::of(&all)
    };
    let judged = judge(&known(shop(1_000, 60), shop(9_000, 800)), &Options::default());
    let found = judged.money.unwrap().headline.unwrap();
    let shares = newcombe((60, 1_000), (800, 9_000), 0.05).unwrap();
    assert!((found.difference - shares.difference * 4_900.0).abs() < 1e-6);
    assert!((found.low / (shares.low * 4_900.0) - 1.0).abs() < 0.05, "{found:?} {shares:?}");
}

#[test]
fn the_level_at_which_an_interval_reaches_nothing_is_its_p() {
    let (h, t) = (arm(500, 40).per_recipient(), arm(4_500, 500).per_recipient());
    let found = judge::level_at_zero(|alpha| Ok(welch(&h, &t, alpha)?.interval)).unwrap();
    assert!((found / welch(&h, &t, 0.05).unwrap().p - 1.0).abs() < 1e-6);
}

fn campaign(share: f64, holdout: ArmMoments, treated: ArmMoments) -> Campaign {
    Campaign { share, assigned: (holdout.bought().1, treated.bought().1), holdout, treated }
}

#[test]
fn campaigns_together_stand_behind_the_same_gates() {
    let options = Options::default();
    let some = |k: usize, buyers: i64| vec![campaign(0.1, arm(100, buyers), arm(900, 9 * buyers)); k];
    assert_eq!(judge_pool(&[], &options).stage, Stage::NothingClosed);
    let early = judge_pool(&some(6, 3), &options);
    assert_eq!((early.stage, early.conversions, early.n), (Stage::TooEarly, 18, (600, 5_400)));
    assert!(early.these.is_none() && early.next.is_none() && early.conversion.unwrap().is_ok());
    let few = judge_pool(&some(10, 3), &options);
    assert_eq!(few.stage, Stage::TwoPart);
    // Campaigns of one share weigh every recipient alike: together they are one experiment.
    let (mut h, mut t) = (ArmMoments::default(), ArmMoments::default());
    for one in some(10, 3) {
        h.merge(&one.holdout);
        t.merge(&one.treated);
    }
    let (found, known) = (few.these.unwrap().unwrap(), two_part_of(&h, &t, 0.05, 20).unwrap());
    assert!((found.difference - known.difference).abs() < 1e-9 * known.difference.abs().max(1.0));
    assert!((found.low - known.low).abs() < 1e-6 && (found.high - known.high).abs() < 1e-6, "{found:?} {known:?}");
    let many = judge_pool(&some(12, 12), &options);
    assert_eq!(many.stage, Stage::Welch);
    let (these, next) = (many.these.unwrap().unwrap(), many.next.unwrap().unwrap());
    assert!(next.one.high - next.one.low > these.high - these.low, "the next one is less sure");

    // One campaign whose arms are not as planned is left out; if all together are not, nothing is said.
    let mut odd = some(10, 3);
    odd.push(campaign(0.1, arm(50, 5), arm(950, 40)));
    let left = judge_pool(&odd, &options);
    assert_eq!((left.stage, left.campaigns), (Stage::TwoPart, (10, 1)));
    let odd = vec![campaign(0.1, arm(80, 5), arm(920, 40)); 10];
    let refused = judge_pool(&odd, &options);
    assert_eq!(refused.stage, Stage::Refused);
    assert!(refused.conversion.is_none() && refused.these.is_none());
}

#[test]
fn too_early_says_until_when() {
    let (h, t) = (arm(100, 5), arm(900, 60));
    let pace = Pace { holdout: 10.0, treated: 90.0 };
    let found = outlook(&h, &t, pace, 200.0, 0.05, 0.8).unwrap();
    // 5 of 100 buy and 15 more are needed: 300 recipients, 30 days.
    assert_eq!(found.days_to_gate, Some(30));
    let day = found.days_to_effect.unwrap();
    let then = |day: u32| {
        let later = |arm: &ArmMoments, a_day: f64| {
            let sample = arm.per_recipient();
            Sample { n: sample.n + a_day * f64::from(day), ..sample }
        };
        detectable(&later(&h, 10.0), &later(&t, 90.0), 0.05, 0.8).unwrap().0
    };
    assert!(day > 0 && then(day) <= 200.0 && then(day - 1) > 200.0);
    assert_eq!(outlook(&h, &t, pace, 1e9, 0.05, 0.8).unwrap().days_to_effect, Some(0));
    let stopped = Pace { holdout: 0.0, treated: 0.0 };
    assert_eq!(outlook(&h, &t, stopped, 200.0, 0.05, 0.8).unwrap().days_to_gate, None);
}

#[test]
fn the_planner_finds_what_the_paper_found() {
    let each = test_and_roll(100_000.0, (0.68_f64 * 0.32).sqrt(), 0.03).unwrap();
    assert!((each - 2_284.0).abs() < 0.5, "{each}");
    let shop = Expected { base: 0.03, value: 6_000.0, spread: 5_000.0 };
    let found = plan(&shop, 5_000.0, 0.1, 0.05, 0.8).unwrap();
    assert!((found.conversions - 15.0).abs() < 1e-9 && !found.shown);
    let needed = recipients_needed(&shop, 0.2, 0.1, 0.05, 0.8).unwrap();
    assert!((plan(&shop, needed, 0.1, 0.05, 0.8).unwrap().relative - 0.2).abs() < 1e-4);
    // A large effect is found early and still not shown before enough have bought.
    let large = recipients_needed(&shop, 5.0, 0.1, 0.05, 0.8).unwrap();
    assert!((large - 20.0 / 0.003).abs() <= 1.0, "{large}");
}

#[test]
fn a_quotient_by_what_may_be_nothing_is_unbounded_and_says_so() {
    let between = quotient(300.0, &Interval { difference: 100.0, low: 50.0, high: 150.0 });
    assert_eq!(between, Quotient::Between { estimate: 3.0, low: 2.0, high: 6.0 });
    let outside = quotient(300.0, &Interval { difference: 100.0, low: -50.0, high: 150.0 });
    assert_eq!(outside, Quotient::Outside { estimate: Some(3.0), at_most: -6.0, at_least: 2.0 });
    assert!(outside.holds(2.5) && outside.holds(1e9) && outside.holds(-7.0) && !outside.holds(0.0));
    let ray = quotient(300.0, &Interval { difference: 100.0, low: 0.0, high: 150.0 });
    assert_eq!(ray, Quotient::Outside { estimate: Some(3.0), at_most: f64::NEG_INFINITY, at_least: 2.0 });
    let harm = quotient(300.0, &Interval { difference: -100.0, low: -150.0, high: -50.0 });
    assert_eq!(harm, Quotient::Between { estimate: -3.0, low: -6.0, high: -2.0 });
}

#[test]
fn the_luckiest_campaign_is_not_the_best() {
    // Nineteen of one effect and large, one tiny that shone by chance.
    let large = (Sample { n: 500.0, mean: 100.0, variance: 1e6 }, Sample { n: 4_500.0, mean: 150.0, variance: 1e6 });
    let tiny = (Sample { n: 20.0, mean: 60.0, variance: 4e5 }, Sample { n: 180.0, mean: 400.0, variance: 1e6 });
    let mut all = vec![large; 19];
    all.push(tiny);
    let league = league(&all, 0.05).unwrap();
    let lucky = league.table.iter().find(|ranked| ranked.campaign == 19).unwrap();
    assert!((lucky.measured - 340.0).abs() < 1e-9 && lucky.interval.difference < 100.0 && lucky.drawn > 0.85);
    assert!(league.tau_squared < 1e-9);
}
