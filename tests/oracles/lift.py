#!/usr/bin/env python3
"""Fixtures for `src/stats` whose figures other people's packages worked out. Not needed to run the suite.

    pip install numpy scipy statsmodels gbstats==0.8.0 tea-tasting==1.14.0 "pyarrow<20"
    python3 tests/oracles/lift.py

Writes tests/it/fixtures/lift/oracles.json: rows, and what is to be said of them. Seeds are fixed: run again, the same file
comes out.
"""
import json
import math
from pathlib import Path

import numpy as np
import pyarrow
from gbstats.frequentist.tests import FrequentistConfig, SequentialConfig, SequentialTwoSidedTTest, TwoSidedTTest
from gbstats.models.statistics import SampleMeanStatistic
import tea_tasting
from scipy import optimize, stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

OUT = Path(__file__).resolve().parent.parent / "it" / "fixtures" / "lift" / "oracles.json"
Z = stats.norm.ppf(0.975)


def people(seed, n, share, base, lift, back):
    """[treated, revenue, bought, before]; `back`: some orders come back in full, some with more than was paid."""
    rng = np.random.default_rng(seed)
    treated = rng.random(n) >= share
    bought = rng.random(n) < np.where(treated, base * (1 + lift), base)
    before = np.where(rng.random(n) < 0.4, np.round(np.exp(rng.normal(8, 0.8, n))), 0).astype(int)
    revenue = np.where(bought, np.round(np.exp(rng.normal(8.2, 0.7, n)) + before / 4), 0).astype(int)
    if back:
        fate = rng.random(n)
        revenue = np.where(fate < 0.05, 0, np.where(fate < 0.08, -(revenue // 5), revenue))
    return np.column_stack([treated, revenue, bought, before]).astype(int)


def interval(difference, low, high):
    return {"difference": difference, "low": low, "high": high}


def wilson(hits, n):
    return proportion_confint(hits, n, method="wilson")


def gated_low(hits, n, gate, alpha=0.05):
    """The lower limit of a binomial share that is known to have reached the gate, mid-p."""
    def beyond(k, p):
        both = stats.binom.sf(k - 1, n, p) + stats.binom.sf(k, n, p)
        return both / 2 / stats.binom.sf(gate - 1, n, p)
    def excess(p):
        surprised = gate > 0 and 1 - beyond(gate, p) > alpha / 2 or gate == 0 and 1 - beyond(0, p) > alpha / 2
        return beyond(hits, p) - (alpha if surprised else alpha / 2)
    grid = np.linspace(hits / n / 200, hits / n, 4001)
    values = np.array([excess(p) for p in grid])
    if values[0] >= 0:
        return 0.0
    at = int(np.argmax(values >= 0))
    return optimize.bisect(excess, grid[at - 1], grid[at], xtol=1e-15)


def arm_log(values, gate=0):
    paid = np.log(values[values > 0])
    k, n = len(paid), len(values)
    low, high = wilson(k, n)
    if gate:
        low *= min(1.0, gated_low(k, n, gate) / gated_low(k, n, 0))
    half = paid.var(ddof=1) / 2
    of_mean = stats.t.ppf(0.975, k - 1) * math.sqrt(2 * half / k)
    theta = paid.mean() + half
    below, above = (k - 1) * half / stats.chi2.ppf([0.975, 0.025], k - 1)
    theta_low = theta - math.hypot(of_mean, half - below)
    theta_high = theta + math.hypot(of_mean, above - half)
    estimate = math.log(k / n) + theta
    lower = -math.inf if low == 0 else estimate - math.hypot(math.log(k / n / low), theta - theta_low)
    return estimate, lower, estimate + math.hypot(math.log(high / (k / n)), theta_high - theta)


def two_part(h, t, gate=0):
    (a, a_low, a_high), (b, b_low, b_high) = arm_log(h, gate), arm_log(t, gate)
    back_h, back_t = np.maximum(-h, 0), np.maximum(-t, 0)
    d = math.exp(b) - math.exp(a) - (back_t.mean() - back_h.mean())
    of_back = Z**2 * (back_t.var(ddof=1) / len(t) + back_h.var(ddof=1) / len(h))
    down = (math.exp(b) - math.exp(b_low)) ** 2 + (math.exp(a_high) - math.exp(a)) ** 2 + of_back
    up = (math.exp(b_high) - math.exp(b)) ** 2 + (math.exp(a) - math.exp(a_low)) ** 2 + of_back
    log = b - a
    relative = [math.exp(x) - 1 for x in (log, log - math.hypot(b - b_low, a_high - a), log + math.hypot(b_high - b, a - a_low))]
    return interval(d, d - math.sqrt(down), d + math.sqrt(up)), relative


def mean_statistic(y):
    return SampleMeanStatistic(n=len(y), sum=float(y.sum()), sum_squares=float((y**2).sum()))


def experiment(name, seed, n, share, base, lift, back, gate):
    rows = people(seed, n, share, base, lift, back)
    treated = rows[:, 0] == 1
    h, t = rows[~treated, 1].astype(float), rows[treated, 1].astype(float)
    welch = stats.ttest_ind(t, h, equal_var=False)
    limits = welch.confidence_interval(0.95)
    # CUPED by tea-tasting.
    data = {"variant": rows[:, 0], "y": rows[:, 1].astype(float), "x": rows[:, 3].astype(float)}
    cuped = tea_tasting.Experiment({"y": tea_tasting.Mean("y", "x", use_t=True, equal_var=False)}).analyze(pyarrow.table(data))["y"]
    relative = TwoSidedTTest(mean_statistic(h), mean_statistic(t), FrequentistConfig(difference_type="relative")).compute_result()
    sequential = SequentialTwoSidedTTest(
        mean_statistic(h), mean_statistic(t),
        SequentialConfig(difference_type="absolute", sequential_tuning_parameter=5000)).compute_result()
    bought = int(rows[~treated, 2].sum()), int(rows[treated, 2].sum())
    low, high = confint_proportions_2indep(bought[1], len(t), bought[0], len(h), method="newcomb", compare="diff")
    plain, by_log = two_part(h, t)
    behind, behind_by_log = two_part(h, t, gate)
    sales = np.concatenate([h, t])
    cap = float(np.quantile(sales[sales != 0], 0.99))
    capped = stats.ttest_ind(np.minimum(t, cap), np.minimum(h, cap), equal_var=False).confidence_interval(0.95)
    return {
        "name": name, "rows": rows.tolist(), "gate": gate, "conversions": int(min((h > 0).sum(), (t > 0).sum())),
        "welch": {**interval(t.mean() - h.mean(), limits.low, limits.high), "p": welch.pvalue},
        "cuped": interval(cuped.effect_size, cuped.effect_size_ci_lower, cuped.effect_size_ci_upper),
        "relative": interval(relative.expected, *relative.ci),
        "sequential": interval(sequential.expected, *sequential.ci),
        "conversion": interval(bought[1] / len(t) - bought[0] / len(h), low, high),
        "two_part": plain, "behind_gate": behind, "relative_by_log": interval(*behind_by_log),
        "winsorised": {"at": cap, "low": capped.low, "high": capped.high},
    }


def campaigns(seed, k, spread):
    """As sufficient figures: n, mean, variance of each arm."""
    rng = np.random.default_rng(seed)
    n_h, n_t = rng.integers(80, 400, k), rng.integers(900, 4000, k)
    s_h, s_t = rng.uniform(500, 2500, k), rng.uniform(500, 2500, k)
    effect = rng.normal(60, spread, k) + rng.normal(0, 1, k) * np.sqrt(1500**2 / n_h + 1500**2 / n_t)
    mean_h = rng.uniform(200, 500, k)
    arms = [[[int(n_h[i]), mean_h[i], s_h[i] ** 2], [int(n_t[i]), mean_h[i] + effect[i], s_t[i] ** 2]] for i in range(k)]
    w = n_h * n_t / (n_h + n_t)
    within = s_h**2 / n_h + s_t**2 / n_t
    weighed = DescrStatsW(effect, weights=w / w.sum())
    between = max(weighed.var * k / (k - 1), (w * within).sum() / w.sum())
    of_mean = (w**2).sum() / w.sum() ** 2
    q = stats.t.ppf(0.975, k - 1)
    around = lambda half: interval(weighed.mean, weighed.mean - half, weighed.mean + half)
    pooled = math.sqrt((w**2 * within).sum()) / w.sum()
    of_h, of_t = ((n_h - 1) * s_h**2).sum() / (n_h - 1).sum(), ((n_t - 1) * s_t**2).sum() / (n_t - 1).sum()
    v = of_h / n_h + of_t / n_t
    meta = combine_effects(effect, v, method_re="iterated", atol=1e-9, maxiter=1000)
    # Morris 1983 by hand.
    tau2, mean = meta.tau2, float(meta.mean_effect_re)
    drawn = (k - 3) / (k - 1) * v / (v + tau2)
    shrunk = mean + (1 - drawn) * (effect - mean)
    share = (1 / (v + tau2)) / (1 / (v + tau2)).sum()
    half = Z * np.sqrt(v * (1 - (1 - share) * drawn) + 2 / (k - 3) * (drawn * (effect - mean)) ** 2)
    return {
        "arms": arms, "these": interval(weighed.mean, weighed.mean - Z * pooled, weighed.mean + Z * pooled),
        "mean": around(q * math.sqrt(between * of_mean)), "next": around(q * math.sqrt(between * (1 + of_mean))),
        "tau_squared": tau2, "league_mean": mean, "league_error": meta.sd_eff_w_re,
        "shrunk": [interval(*each) for each in zip(shrunk, shrunk - half, shrunk + half)],
    }


def fieller(a, var_a, b, var_b, cov):
    """By inverting the test: every root of |a − ρb| = z·sd."""
    excess = lambda r: (a - r * b) ** 2 - Z**2 * (var_a - 2 * r * cov + r * r * var_b)
    grid = np.concatenate([-np.logspace(6, -6, 40_001), [0], np.logspace(-6, 6, 40_001)])
    values = np.array([excess(r) for r in grid])
    ends = [optimize.brentq(excess, grid[i], grid[i + 1], xtol=1e-13) for i in np.flatnonzero(np.sign(values[1:]) != np.sign(values[:-1]))]
    kind = {(2, True): "between", (2, False): "outside", (0, False): "anything"}[(len(ends), values[0] > 0)]
    return {"above": [a, var_a], "below": [b, var_b], "covariance": cov, "kind": kind, "ends": ends}


def ages(strata):
    """Strata of ((hits, of), (hits, of)): weights by Mantel and Haenszel, Wilson's limits by statsmodels at the effective size."""
    cells = np.array(strata, dtype=float)
    n = cells[:, :, 1]
    w = n[:, 0] * n[:, 1] / n.sum(axis=1)
    w /= w.sum()
    arms = []
    for arm in (0, 1):
        p = cells[:, arm, 0] / n[:, arm]
        share = (w * p).sum()
        size = share * (1 - share) / (w**2 * p * (1 - p) / n[:, arm]).sum()
        arms.append((share, *proportion_confint(share * size, size, method="wilson")))
    (h, l_h, u_h), (t, l_t, u_t) = arms
    return {"strata": strata, **interval(t - h, t - h - math.hypot(t - l_t, u_h - h), t - h + math.hypot(u_t - t, h - l_h))}


def rolls(people, spread, prior):
    """The test size that earns most, by looking (arXiv 1811.00457, equation of the expected profit)."""
    best = lambda n: -(people - 2 * n) * math.sqrt(2 / math.pi) * prior**2 / math.sqrt(2 * prior**2 + 2 * spread**2 / n)
    return optimize.minimize_scalar(best, bounds=(1, people / 2), method="bounded", options={"xatol": 1e-9}).x


chances = [0.001, 0.012, 0.04, 0.012, 0.9, 0.03, 0.2, 0.0004]
document = {
    "experiments": [
        experiment("few", 21, 2_500, 0.15, 0.07, 0.3, True, 20),
        experiment("many", 22, 5_000, 0.3, 0.12, 0.1, True, 20),
        experiment("nothing-back", 23, 1_500, 0.2, 0.1, 0.5, False, 20),
    ],
    "campaigns": [campaigns(31, 12, 200), campaigns(32, 20, 0), campaigns(33, 5, 500)],
    "gated": [{"hits": x, "of": n, "gate": 20, "moved": min(1.0, gated_low(x, n, 20) / gated_low(x, n, 0))}
              for x, n in [(20, 500), (22, 500), (25, 500), (30, 2000), (36, 500), (60, 500)]],
    "chances": chances, "adjusted": stats.false_discovery_control(chances).tolist(),
    "fieller": [fieller(500, 400, 100, 300, 50), fieller(500, 400, 10, 300, -20), fieller(5, 400, 10, 300, 0), fieller(-50, 90, 40, 25, 5)],
    "ages": [ages([[[4, 60], [70, 540]], [[9, 45], [99, 400]], [[0, 20], [8, 150]]]), ages([[[12, 200], [160, 1800]]])],
    "power": [{"n_h": n, "ratio": r, "effect": NormalIndPower().solve_power(nobs1=n, ratio=r, alpha=0.05, power=0.8)} for n, r in [(400, 9), (2000, 1)]],
    "rolls": [{"people": p, "spread": s, "prior": q, "each": rolls(p, s, q)} for p, s, q in [(100_000, math.sqrt(0.68 * 0.32), 0.03), (1_000_000, 1500, 40)]],
}
assert np.allclose(document["adjusted"], multipletests(chances, method="fdr_bh")[1])
assert abs(document["ages"][1]["low"] - confint_proportions_2indep(160, 1800, 12, 200, method="newcomb", compare="diff")[0]) < 1e-12
OUT.parent.mkdir(exist_ok=True)
OUT.write_text(json.dumps(document, default=float) + "\n")
