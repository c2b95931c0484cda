#!/usr/bin/env python3
"""Fixtures for `recoup verify` whose figures other people's packages worked out. Not needed to run the suite.

    pip install numpy scipy statsmodels pandas matplotlib ChannelAttribution==2.2.5
    python3 tests/oracles/generate.py

Writes tests/it/fixtures/conformance/generated-*.csv with their expected figures beside them. scipy says Welch, the sample
ratio and the winsorised difference, statsmodels the interval of the conversion difference, ChannelAttribution the Markov
credits. Seeds are fixed: run again, the same files come out.
"""
import csv
import json
from pathlib import Path

import ChannelAttribution
import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

HERE = Path(__file__).resolve().parent.parent / "it" / "fixtures" / "conformance"


def experiment(name, seed, n, share, base, lift):
    """One row a recipient; lognormal order values, now and then a very large one."""
    rng = np.random.default_rng(seed)
    held = rng.random(n) < share
    converted = rng.random(n) < np.where(held, base, base * (1 + lift))
    revenue = np.where(converted, np.round(np.exp(rng.normal(8.3, 0.7, n))).astype(int), 0)
    pre = np.where(rng.random(n) < 0.3, rng.integers(500, 20_000, n), 0)
    with open(HERE / f"{name}.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["arm", "revenue_minor", "converted", "pre_minor"])
        for i in range(n):
            rows.writerow(["holdout" if held[i] else "treated", int(revenue[i]), int(converted[i]), int(pre[i])])
    holdout, treated = revenue[held].astype(float), revenue[~held].astype(float)
    welch = stats.ttest_ind(treated, holdout, equal_var=False)
    interval = welch.confidence_interval(0.95)
    cap = float(np.quantile(revenue[revenue > 0], 0.99))
    capped = stats.ttest_ind(np.minimum(treated, cap), np.minimum(holdout, cap), equal_var=False)
    within = capped.confidence_interval(0.95)
    buyers = int(converted[~held].sum()), int(converted[held].sum())
    low, high = confint_proportions_2indep(
        buyers[0], len(treated), buyers[1], len(holdout), method="newcomb", compare="diff", alpha=0.05
    )
    planned = [n * share, n * (1 - share)]
    ratio = stats.chisquare([len(holdout), len(treated)], planned)
    expected = {
        "n": {"holdout": len(holdout), "treated": len(treated)},
        "mean": {"holdout": holdout.mean(), "treated": treated.mean()},
        "welch": {"difference": treated.mean() - holdout.mean(), "low": interval.low, "high": interval.high, "p": welch.pvalue},
        "winsorised": {
            "at": cap,
            "difference": np.minimum(treated, cap).mean() - np.minimum(holdout, cap).mean(),
            "low": within.low,
            "high": within.high,
        },
        "conversion": {"difference": buyers[0] / len(treated) - buyers[1] / len(holdout), "low": low, "high": high},
        "sample_ratio": {"chi2": ratio.statistic, "p": ratio.pvalue, "refused": bool(ratio.pvalue < 0.001)},
    }
    # Absolute, by figure: a millionth of a unit, or of the figure where it is larger.
    tolerance = {
        f"{group}/{figure}": 1e-6 * max(1.0, abs(value))
        for group, figures in expected.items()
        for figure, value in figures.items()
        if not isinstance(value, (bool, int))
    }
    options = {"--holdout-share": share, "--winsorise": 0.99}
    write(name, {"options": options, "expected": expected, "tolerance": tolerance})


def journeys(name, seed, channels, n):
    """Random paths; the heuristics by ChannelAttribution."""
    rng = np.random.default_rng(seed)
    paths = {}
    for _ in range(n):
        length = int(rng.integers(1, 6))
        path = " > ".join(rng.choice(channels, length))
        conversions, value, null = paths.get(path, (0, 0, 0))
        if rng.random() < 0.25:
            paths[path] = (conversions + 1, value + int(rng.integers(500, 20_000)), null)
        else:
            paths[path] = (conversions, value, null + 1)
    with open(HERE / f"{name}.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "conversions", "value", "null"])
        for path, (conversions, value, null) in sorted(paths.items()):
            rows.writerow([path, conversions, f"{value / 100:.2f}", null])
    table = pd.read_csv(HERE / f"{name}.csv")
    heuristics = ChannelAttribution.heuristic_models(table, "path", "conversions", var_value="value").set_index("channel_name")
    expected = {}
    for channel, row in heuristics.iterrows():
        expected[channel] = {
            "first_touch": {"conversions": row["first_touch_conversions"], "value": row["first_touch_value"]},
            "last_touch": {"conversions": row["last_touch_conversions"], "value": row["last_touch_value"]},
            "linear": {"conversions": row["linear_touch_conversions"], "value": row["linear_touch_value"]},
        }
    totals = {
        "journeys": int(table["conversions"].sum() + table["null"].sum()),
        "conversions": int(table["conversions"].sum()),
        "value": round(float(table["value"].sum()), 2),
    }
    write(name, {"channels": expected, **totals, "tolerance": {"absolute": 1e-6, "relative": 1e-9}})


def write(name, document):
    with open(HERE / f"{name}.expected.json", "w") as file:
        json.dump(document, file, indent=1, sort_keys=True, default=float)
        file.write("\n")


if __name__ == "__main__":
    experiment("generated-ten-per-cent", 11, 3_000, 0.1, 0.08, 0.25)
    experiment("generated-nothing-happens", 12, 1_500, 0.3, 0.12, 0.0)
    journeys("generated-five-channels", 13, ["email", "paid", "organic", "whatsapp", "referral"], 2_000)
