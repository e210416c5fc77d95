"""Writes metrics.csv: inputs and expected scores for tests/metrics.rs.

    python metrics.py --peers FOLDER        # the folder that holds the peers' common.py

The windows' scores come from `evaluate` of common.py, which also scores the peer libraries; the other numbers are
written out below with numpy and scipy. A missing actual value is expected to act as if its period were not there.
"""
import argparse
import os
import sys

import numpy as np
import scipy
from scipy import stats

HERE = os.path.dirname(os.path.abspath(__file__))
SEASON, HORIZON = 4, 6
LEVELS = [0.025, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.975]

parser = argparse.ArgumentParser()
parser.add_argument("--peers", required=True)
sys.path.insert(0, parser.parse_args().peers)
from common import evaluate, mase_scale, rmsse_scale2  # noqa: E402

rows = []


def write(case, field, values):
    values = np.atleast_1d(np.asarray(values, float))
    rows.append(f"{case},{field},{' '.join(repr(float(v)) for v in values)}")


# Windows: ordinary, with zeros, constant, short and intermittent pasts, missing actual values.
rng = np.random.default_rng(20261123)
pasts = {
    "01-level": 100 + 10 * rng.standard_normal(40),
    "02-trend": np.arange(30) * 2.0 + rng.standard_normal(30),
    "03-counts": rng.poisson(3, 36).astype(float),
    "04-sparse": rng.binomial(1, 0.2, 36) * rng.poisson(4, 36).astype(float),
    "05-constant": np.full(24, 7.0),
    "06-zero": np.zeros(24),
    "07-season-only": np.tile([1.0, 5.0, 2.0, 8.0], 6),
    "08-as-long-as-the-season": np.array([3.0, 4.0, 2.0, 6.0]),
    "09-two": np.array([3.0, 5.0]),
    "10-one": np.array([4.0]),
    "11-negative": -50 + 20 * rng.standard_normal(25),
    "12-large": 1e9 * (1 + 0.1 * rng.standard_normal(30)),
    "13-missing-actuals": 20 + rng.standard_normal(20),
}
groups, preds, missing = [], {}, {}
for key, past in pasts.items():
    actual = past[-1] + 3 * rng.standard_normal(HORIZON)
    if key in ("03-counts", "04-sparse"):
        actual = rng.poisson(2, HORIZON).astype(float)
    if key in ("05-constant", "06-zero"):
        actual = np.full(HORIZON, past[-1])
        actual[2] += 1
    quantiles = np.sort(past[-1] + 2 * rng.standard_normal((len(LEVELS), HORIZON)), axis=0)
    if key == "06-zero":
        quantiles[:] = 0  # 0 forecast where 0 happens: 0 / 0 in sMAPE
    keep = np.ones(HORIZON, bool)
    if key == "13-missing-actuals":
        keep[[1, 5]] = False
    missing[key] = np.where(keep, actual, np.nan)
    groups.append(dict(key=key, train=past, y=actual[keep]))
    table = {level: quantiles[i][keep] for i, level in enumerate(LEVELS)}
    preds[key] = dict(mean=table.pop(0.5), q=table)
    write(key, "train", past)
    write(key, "actual", missing[key])
    for i, level in enumerate(LEVELS):
        write(key, f"q{level}", quantiles[i])

NAMES = dict(sMAPE="smape", MASE="mase", RMSSE="rmsse", sCRPS="crps", cov80="coverage80", cov95="coverage95",
             MSIS95="msis95", MAE="mae", RMSE="rmse")
with np.errstate(all="ignore"):
    import warnings
    warnings.simplefilter("ignore")  # means over no window, where a scale is missing
    for case, part in [(g["key"], [g]) for g in groups] + [("all", groups)]:
        row = evaluate(part, {"model": preds}, SEASON).iloc[0]
        for theirs, ours in NAMES.items():
            write(case, ours, row[theirs])
        if case == "all":
            write(case, "n_mase", row["n_mase"])
    for g in groups:
        write(g["key"], "mase_scale", mase_scale(g["train"], SEASON))
        write(g["key"], "rmsse_scale", rmsse_scale2(g["train"]))

# Probabilities of events, with ties.
p = np.round(rng.uniform(0.02, 0.98, 200), 2)
o = rng.uniform(size=200) < p**1.3
write("events", "probability", p)
write("events", "outcome", o)
write("events", "brier", np.mean((p - o) ** 2))
write("events", "log_score", -np.mean(np.log(np.where(o, p, 1 - p))))
write("events", "auc", stats.mannwhitneyu(p[o], p[~o]).statistic / (o.sum() * (~o).sum()))
bins = np.minimum((p * 10).round(9).astype(int), 9)
n = np.bincount(bins, minlength=10)
mean_p, mean_o = (np.bincount(bins, v, minlength=10) / n for v in (p, o))
write("events", "bin_n", n)
write("events", "bin_forecast", mean_p)
write("events", "bin_frequency", mean_o)
write("events", "reliability", np.sum(n * (mean_p - mean_o) ** 2) / 200)
write("events", "resolution", np.sum(n * (mean_o - o.mean()) ** 2) / 200)
write("events", "uncertainty", o.mean() * (1 - o.mean()))

# Ordered classes.
for i, outcome in enumerate([0, 2, 4]):
    q = rng.dirichlet(np.ones(5))
    write(f"classes{i}", "probability", q)
    write(f"classes{i}", "outcome", outcome)
    write(f"classes{i}", "rps", np.mean((np.cumsum(q)[:-1] - (outcome <= np.arange(4))) ** 2))


# Diebold-Mariano as in R forecast::dm.test(varestimator = "acf"), corrected by Harvey, Leybourne & Newbold.
def dm(a, b, h):
    d = a - b
    n = len(d)
    c = d - d.mean()
    gamma = [np.dot(c[k:], c[: n - k]) / n for k in range(h)]
    variance = (gamma[0] + 2 * sum(gamma[1:])) / n
    if variance <= 0:
        return dm(a, b, 1)
    statistic = d.mean() / np.sqrt(variance) * np.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
    return statistic, 2 * stats.t.cdf(-abs(statistic), n - 1), h


for case, n, h, shift in [("dm-one-step", 30, 1, 0.2), ("dm-overlap", 60, 6, 0.5), ("dm-short", 9, 4, 0.1), ("dm-fallback", 20, 2, 0.1)]:
    a = rng.exponential(1, n)
    b = np.convolve(rng.exponential(1, n + h), np.ones(h) / h)[h : n + h] + shift
    if case == "dm-fallback":
        b = a + np.tile([1.0, -1.2], n // 2)  # negative autocovariance outweighs the variance
    write(case, "losses", a)
    write(case, "reference", b)
    write(case, "h", h)
    write(case, "expected", dm(a, b, h))


# Paired bootstrap over series, from the definition of the generator.
def splitmix64(state):
    mask = 2**64 - 1
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        yield z ^ (z >> 31)


# Series of 1 to 4 windows each; the score of a window is its only period's absolute error over a scale of 1.
counts = np.array([1, 4, 2, 3, 4, 1, 2, 4])
ours = [rng.exponential(0.9, k) for k in counts]
theirs = [rng.exponential(1.3, k) for k in counts]
d = [x - y for x, y in zip(ours, theirs)]
sums = np.array([x.sum() for x in d])
stream = splitmix64(42)
draws = [[(next(stream) * len(d)) >> 64 for _ in d] for _ in range(2000)]
sample = np.array([sums[i].sum() / counts[i].sum() for i in map(np.array, draws)])
tail = min((sample <= 0).sum(), (sample >= 0).sum())
write("bootstrap", "counts", counts)
write("bootstrap", "model", np.concatenate(ours))
write("bootstrap", "reference", np.concatenate(theirs))
write("bootstrap", "expected", [np.concatenate(d).mean(), *np.quantile(sample, [0.025, 0.975]), min(1, 2 * (tail + 1) / 2001)])

version = f"{sys.version_info.major}.{sys.version_info.minor}"
with open(os.path.join(HERE, "metrics.csv"), "w") as out:
    out.write(f"# Python {version}, numpy {np.__version__}, scipy {scipy.__version__}, peers common.py, script metrics.py, 2026-11-23\n")
    out.write("case,field,values\n" + "\n".join(rows) + "\n")
