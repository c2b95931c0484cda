//! What `tests/oracles/lift.py` let scipy, statsmodels, gbstats and tea-tasting say.

use serde_json::Value;

use crate::stats::*;

fn oracles() -> Value {
    serde_json::from_str(include_str!("../../../tests/it/fixtures/lift/oracles.json")).unwrap()
}

fn list(of: &Value) -> &[Value] {
    of.as_array().unwrap()
}

fn number(of: &Value) -> f64 {
    of.as_f64().unwrap_or_else(|| panic!("{of} is no number"))
}

fn numbers(of: &Value) -> Vec<f64> {
    list(of).iter().map(number).collect()
}

fn near(found: f64, known: &Value, what: &str) {
    let known = number(known);
    assert!((found - known).abs() <= 1e-7 * known.abs().max(1.0), "{what}: {found}, others say {known}");
}

fn same(found: &Interval, known: &Value, what: &str) {
    near(found.difference, &known["difference"], what);
    near(found.low, &known["low"], what);
    near(found.high, &known["high"], what);
}

fn relative_as(found: &Relative) -> Interval {
    Interval { difference: found.lift, low: found.low, high: found.high }
}

/// Both arms of an experiment: holdout, treated.
fn arms(of: &Value) -> (Vec<Spent>, Vec<Spent>) {
    let whole = |value: &Value| value.as_i64().unwrap();
    let one = |row: &Value| Spent { revenue: whole(&row[1]), bought: row[2] == 1, before: Some(whole(&row[3])) };
    let arm = |treated: i64| list(&of["rows"]).iter().filter(|row| row[0] == treated).map(one).collect();
    (arm(0), arm(1))
}

#[test]
fn an_experiment_comes_out_of_sums_as_others_say() {
    for of in list(&oracles()["experiments"]) {
        let name = of["name"].as_str().unwrap();
        let (rows_h, rows_t) = arms(of);
        let (h, t) = (ArmMoments::of(&rows_h), ArmMoments::of(&rows_t));
        let gate = usize::try_from(of["gate"].as_u64().unwrap()).unwrap();
        assert_eq!(h.conversions().min(t.conversions()), of["conversions"], "{name}");
        let found = welch(&h.per_recipient(), &t.per_recipient(), 0.05).unwrap();
        same(&found.interval, &of["welch"], name);
        near(found.p, &of["welch"]["p"], name);
        same(&cuped_of(&h, &t, 0.05).unwrap().interval, &of["cuped"], name);
        let found = relative(&h.per_recipient(), &t.per_recipient(), 0.05).unwrap();
        same(&relative_as(&found), &of["relative"], name);
        let found = sequential(&h.per_recipient(), &t.per_recipient(), 0.05, 5_000.0).unwrap();
        same(&found.interval, &of["sequential"], name);
        same(&newcombe(h.bought(), t.bought(), 0.05).unwrap(), &of["conversion"], name);
        same(&two_part_of(&h, &t, 0.05, 0).unwrap(), &of["two_part"], name);
        same(&two_part_of(&h, &t, 0.05, gate).unwrap(), &of["behind_gate"], name);
        let quotient = two_part_relative(&h, &t, 0.05, gate);
        if h.given_back + t.given_back == 0 {
            same(&relative_as(&quotient.unwrap()), &of["relative_by_log"], name);
        } else {
            assert_eq!(quotient.unwrap_err(), Why::GivenBack, "{name}");
        }
        let amounts = |rows: &[Spent]| rows.iter().map(|one| one.revenue).collect::<Vec<i64>>();
        let (sales_h, sales_t) = (amounts(&rows_h), amounts(&rows_t));
        let capped = Capped::of((rows_h.len(), &sales_h), (rows_t.len(), &sales_t), 0.99).unwrap();
        let (at, cut) = capped.difference(0.05).unwrap();
        near(at, &of["winsorised"]["at"], name);
        near(cut.low, &of["winsorised"]["low"], name);
        near(cut.high, &of["winsorised"]["high"], name);
    }
}

#[test]
fn campaigns_come_out_as_others_say() {
    for of in list(&oracles()["campaigns"]) {
        let sample = |arm: &Value| Sample { n: number(&arm[0]), mean: number(&arm[1]), variance: number(&arm[2]) };
        let campaigns: Vec<_> = list(&of["arms"]).iter().map(|arms| (sample(&arms[0]), sample(&arms[1]))).collect();
        same(&pooled(&campaigns, 0.05).unwrap().interval, &of["these"], "these");
        let next = next(&campaigns, 0.05).unwrap();
        same(&next.mean, &of["mean"], "campaigns like these");
        same(&next.one, &of["next"], "the next one");
        let league = league(&campaigns, 0.05).unwrap();
        near(league.tau_squared, &of["tau_squared"], "τ²");
        near(league.mean, &of["league_mean"], "mean");
        near(league.error, &of["league_error"], "its error");
        for ranked in &league.table {
            same(&ranked.interval, &of["shrunk"][ranked.campaign], "shrunk");
        }
        assert_eq!(league.table.len(), campaigns.len());
        let believed: Vec<f64> = league.table.iter().map(|ranked| ranked.interval.difference).collect();
        assert!(believed.windows(2).all(|pair| pair[0] >= pair[1]));
    }
}

#[test]
fn a_share_behind_a_gate_is_as_binomial_tails_say() {
    for of in list(&oracles()["gated"]) {
        let size = |name: &str| usize::try_from(of[name].as_u64().unwrap()).unwrap();
        let moved = gated::moved(size("hits"), size("of"), size("gate"), 0.05);
        assert!((moved - number(&of["moved"])).abs() < 1e-6, "{of}: {moved}");
    }
}

#[test]
fn many_looks_quotients_strata_and_plans_are_as_others_say() {
    let all = oracles();
    for (found, known) in benjamini_hochberg(&numbers(&all["chances"])).iter().zip(list(&all["adjusted"])) {
        near(*found, known, "Benjamini, Hochberg");
    }
    for of in list(&all["fieller"]) {
        let pair = |name: &str| (number(&of[name][0]), number(&of[name][1]));
        let found = fieller(pair("above"), pair("below"), number(&of["covariance"]), 0.05).unwrap();
        let (kind, ends) = match found {
            Quotient::Between { low, high, .. } => ("between", vec![low, high]),
            Quotient::Outside { at_most, at_least, .. } => ("outside", vec![at_most, at_least]),
            Quotient::Anything { .. } => ("anything", vec![]),
        };
        assert_eq!(of["kind"], kind);
        assert_eq!(list(&of["ends"]).len(), ends.len());
        ends.iter().zip(list(&of["ends"])).for_each(|(found, known)| near(*found, known, kind));
    }
    for of in list(&all["ages"]) {
        let hits = |of: &Value| {
            let size = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
            (size(&of[0]), size(&of[1]))
        };
        let ages: Vec<(Hits, Hits)> = list(&of["strata"]).iter().map(|of| (hits(&of[0]), hits(&of[1]))).collect();
        same(&strata(&ages, 0.05).unwrap().interval, of, "strata");
    }
    for of in list(&all["power"]) {
        let n = number(&of["n_h"]);
        let arm = |n: f64| Sample { n, mean: 0.0, variance: 1.0 };
        let found = detectable(&arm(n), &arm(n * number(&of["ratio"])), 0.05, 0.8).unwrap();
        // They count the chance of finding it on the wrong side too: one in a hundred thousand.
        assert!((found.0 - number(&of["effect"])).abs() < 1e-5 * found.0 * 10.0, "{found:?} {of}");
    }
    for of in list(&all["rolls"]) {
        let found = test_and_roll(number(&of["people"]), number(&of["spread"]), number(&of["prior"])).unwrap();
        // The paper's formula is an exact maximum; theirs was looked for.
        assert!((found / number(&of["each"]) - 1.0).abs() < 1e-4, "{found} {of}");
    }
}
