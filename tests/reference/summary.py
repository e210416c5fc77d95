"""Writes the reference values of the summary statistics: summary_series.csv, summary.csv.

Run inside this folder with Python 3.11, tsfeatures 0.4.5, statsmodels 0.15.0, scipy 1.17.1, numpy 2.4.6, pandas 2.3.3,
antropy 0.2.3, supersmoother 0.4 and arch 8.0.0:  python summary.py

Columns of summary.csv: series, scale, peer, statistic, value. The peer is the package that computed the value, "mixed"
where we combine calls of statsmodels or arch as the definition says because tsfeatures cannot (its AR model left
statsmodels in 0.13), and "own" where no package in Python has the statistic and numpy follows its definition.
"""

import sys
import warnings

import numpy as np
import pandas as pd
import tsfeatures as tf
from arch import arch_model
from numpy.lib.stride_tricks import sliding_window_view
from scipy import stats
from scipy.optimize import differential_evolution
from statsmodels.tsa.stattools import acf, levinson_durbin
from tsfeatures.utils import poly, scalets

warnings.simplefilter("ignore")
HEAD = "# Python 3.11, tsfeatures 0.4.5, statsmodels 0.15.0, scipy 1.17.1, arch 8.0.0, script summary.py, 2026-11-23\n"


def simulated():
    """Seeded series, each with its season."""
    rng = np.random.default_rng(20261124)
    t = np.arange(120)
    season = 10 * np.sin(2 * np.pi * t / 12) + 4 * np.cos(4 * np.pi * t / 12)
    outliers = 50 + rng.normal(0, 2, 120)
    outliers[[17, 60, 99]] += [40, -35, 60]
    garch, variance = np.empty(240), 1.0
    for i in range(240):
        garch[i] = rng.normal(0, np.sqrt(variance))
        variance = 0.1 + 0.25 * garch[i] ** 2 + 0.65 * variance
    quarters = 300 * np.array([0.8, 1.1, 1.3, 0.8])[np.arange(70) % 4] * np.exp(0.01 * np.arange(70) + rng.normal(0, 0.05, 70))
    shift = np.where(np.arange(100) < 60, 40.0, 65.0) + rng.normal(0, 4, 100)
    return {
        "monthly": (12, 100 + 0.4 * t + season + rng.normal(0, 3, 120)),
        "trending": (1, 20 + 0.5 * t + 0.01 * t**2 + rng.normal(0, 4, 120)),
        "counts": (12, rng.poisson(0.6, 96).astype(float)),
        "walk": (1, np.cumsum(rng.normal(0, 1, 200)) + 30),
        "noise": (1, rng.normal(5, 2, 150)),
        "noise12": (12, rng.normal(5, 2, 131)),
        "outliers": (12, outliers),
        "quarters": (4, quarters),
        "garch": (1, garch),
        "shift": (1, shift),
        "logistic": (1, logistic(110)),
        "weekly": (52, 200 + 30 * np.sin(2 * np.pi * np.arange(170) / 52) + np.cumsum(rng.normal(0, 2, 170))),
        "short": (1, np.array([12.0, 15, 11, 18, 17, 21, 19, 24, 22, 27, 25, 29])),
        "short12": (12, 40 + 3 * np.sin(2 * np.pi * np.arange(30) / 12) + rng.normal(0, 1, 30)),
        "tiny": (12, np.array([3.0, 5.0, 4.0])),
    }


def logistic(n):
    """The chaotic map x' = 3.9 x (1 - x), observed with errors."""
    x = np.empty(n)
    x[0] = 0.3
    for i in range(1, n):
        x[i] = 3.9 * x[i - 1] * (1 - x[i - 1])
    return x + np.random.default_rng(7).normal(0, 0.02, n)


def by_tsfeatures(x, m):
    functions = [tf.acf_features, tf.pacf_features, tf.stl_features, tf.entropy, tf.crossing_points, tf.flat_spots,
                 tf.lumpiness, tf.stability, tf.hurst, tf.unitroot_kpss, tf.unitroot_pp, tf.nonlinearity, tf.arch_stat]
    found = {}
    for function in functions:
        found |= function(x.copy(), m)
    # numpy's QR turns the sign of the second polynomial with the length of the series; R's poly() keeps it positive.
    found["curvature"] *= -np.sign(poly(np.arange(len(x)) + 1, 2)[-1, 1])
    if len(x) < 2 * (m if m > 1 else 10):
        # tsfeatures gives 0 where there are not two windows.
        found["stability"] = found["lumpiness"] = np.nan
    if len(x) < 26:
        # As many coefficients as rows: the fit is perfect whatever the series.
        found["arch_lm"] = np.nan
    return found


def by_scipy(y):
    low, high = np.quantile(y, [0.25, 0.75])
    return {
        "mean": np.mean(y), "variance": np.var(y, ddof=1), "coefficient_of_variation": stats.variation(y, ddof=1),
        "skewness": stats.skew(y), "kurtosis": stats.kurtosis(y), "median": np.median(y),
        "interquartile_range": high - low, "min": y.min(), "max": y.max(), "series_length": len(y),
        "missing_share": 0.0, "sparsity": tf.sparsity(y)["sparsity"],
    }


def intermittency(y):
    """Syntetos & Boylan (2005)."""
    sizes = y[y != 0]
    runs = "".join("0" if v == 0 else "1" for v in y).split("1")
    return {
        "adi": len(y) / len(sizes), "cv2": np.var(sizes, ddof=1) / np.mean(sizes) ** 2,
        "longest_zero_run": max(map(len, runs)),
    }


def first_of_largest(x):
    """Position from 1 of the first value that equals the largest but for rounding."""
    return int(np.flatnonzero(x >= x.max() - 1e-10 * abs(x.max()))[0]) + 1


def shifts(x, m):
    """R tsfeatures 1.1.1: max_level_shift, max_var_shift, max_kl_shift."""
    width = m if m > 1 else 10
    found = dict.fromkeys(["max_level_shift", "time_level_shift", "max_var_shift", "time_var_shift", "max_kl_shift",
                           "time_kl_shift"], np.nan)
    if len(x) < 2 * width:
        return found
    tiles = sliding_window_view(x, width)
    for name, values in {"level": tiles.mean(axis=1), "var": tiles.var(axis=1, ddof=1)}.items():
        apart = np.abs(values[width:] - values[:-width])
        found |= {f"max_{name}_shift": apart.max(), f"time_{name}_shift": first_of_largest(apart) + 1}
    if len(x) <= 2 * width:
        return found
    grid = np.linspace(x.min(), x.max(), 100)
    low, high = np.quantile(x, [0.25, 0.75])
    spread = min(x.std(ddof=1), (high - low) / 1.34) or x.std(ddof=1)
    bandwidth = 0.9 * spread * len(x) ** -0.2
    densities = np.maximum(stats.norm.pdf(grid[:, None], loc=x, scale=bandwidth), stats.norm.pdf(38))
    means = sliding_window_view(densities, width, axis=1).mean(axis=2)
    here, behind = means[:, :-width], means[:, width:]
    rises = np.diff((here * (np.log(here) - np.log(behind)) * (grid[1] - grid[0])).sum(axis=0))
    return found | {"max_kl_shift": rises.max(), "time_kl_shift": first_of_largest(rises) + 1}


def heterogeneity(x):
    """R tsfeatures 1.1.1: errors of R ar(), their squares, and the same over the deviations of a GARCH(1,1)."""
    n = len(x)
    most = min(n - 1, int(10 * np.log10(n)))
    covariances = acf(x, nlags=most, fft=False)
    fit = levinson_durbin(covariances, nlags=most, isacov=True)
    aic = np.concatenate([[0], n * np.log(fit.sigma[1:])]) + 2 * np.arange(most + 1)
    order = int(np.argmin(aic))
    centred = x - x.mean()
    errors = centred[order:].copy()
    for lag in range(1, order + 1):
        errors -= fit.phi[lag, order] * centred[order - lag : n - lag]
    squares = lambda e: (acf(e**2, nlags=12, fft=False)[1:] ** 2).sum() if len(e) > 12 else np.nan
    lm = lambda e: tf.arch_stat(e)["arch_lm"] if len(e) >= 26 else np.nan
    found = {"arch_acf": squares(errors), "arch_r2": lm(errors), "garch_acf": np.nan, "garch_r2": np.nan}
    if len(errors) >= 26:
        model = arch_model(errors / errors.std(), mean="Zero", vol="GARCH", rescale=False)
        starts = [None, [0.05, 0.05, 0.9], [0.3, 0.2, 0.5], [0.9, 0.1, 0.0], [0.5, 0.0, 0.5], [0.02, 0.0, 0.98]]
        fits = [model.fit(disp="off", tol=1e-12, options={"maxiter": 2000}, starting_values=s) for s in starts]
        best = max(fits, key=lambda fit: fit.loglikelihood)
        found |= {"garch_acf": squares(best.std_resid), "garch_r2": lm(best.std_resid)}
    return found


def ets_errors(y, alpha, beta, gamma, level, trend, season):
    season, errors = list(season), np.empty(len(y))
    for t, value in enumerate(y):
        errors[t] = value - level - trend - season[t % len(season)]
        level, trend = level + trend + alpha * errors[t], trend + beta * errors[t]
        season[t % len(season)] += gamma * errors[t]
    return errors


def smoothing(x, m):
    """Global least squares of ETS(A,A,N) or ETS(A,A,A): scipy over the weights, lstsq over the initial state."""
    n_states = 2 + (m - 1 if m > 1 else 0)
    zeros = np.zeros(len(x))

    def sse(at):
        weights = (at[0], at[0] * at[1], (1 - at[0]) * at[2] if m > 1 else 0.0)
        season = lambda i: [float(i == j + 2) for j in range(m)]
        units = np.column_stack([ets_errors(zeros, *weights, float(i == 0), float(i == 1), season(i)) for i in range(n_states)])
        rest = ets_errors(x - x[0], *weights, 0.0, 0.0, [0.0] * m)
        start, *_ = np.linalg.lstsq(units, -rest, rcond=None)
        return ((rest + units @ start) ** 2).sum()

    bounds = [(1e-4, 0.9999)] * (3 if m > 1 else 2)
    runs = [differential_evolution(sse, bounds, seed=seed, popsize=8, tol=1e-10) for seed in range(4 if m > 1 else 2)]
    found = min(runs, key=lambda run: run.fun)
    alpha = found.x[0]
    weights = [alpha, alpha * found.x[1]] + ([(1 - alpha) * found.x[2]] if m > 1 else [])
    names = ["hw_alpha", "hw_beta", "hw_gamma"] if m > 1 else ["alpha", "beta"]
    return dict(zip(names, weights))


def main():
    series = simulated()
    with open("summary_series.csv", "w") as out:
        out.write(HEAD + "series,season,t,y\n")
        for name, (m, y) in series.items():
            out.writelines(f"{name},{m},{t + 1},{float(v)!r}\n" for t, v in enumerate(y))
    rows = []
    for name, (m, y) in series.items():
        print(name, file=sys.stderr)
        plain = [("scipy", by_scipy(y)), ("own", intermittency(y))]
        both = lambda x: [("tsfeatures", by_tsfeatures(x, m)), ("own", shifts(x, m)),
                          ("mixed", heterogeneity(x) if len(x) > 12 else {})]
        if len(y) >= 8:
            plain.append(("global", smoothing(scalets(y), 1)))
        if m in (4, 12) and len(y) >= 2 * m + 8 and name in ("monthly", "quarters", "noise12", "short12"):
            plain.append(("global", smoothing(scalets(y), m)))
        for scale, groups in [(0, plain + both(y)), (1, both(scalets(y)))]:
            for peer, found in groups:
                rows += [f"{name},{scale},{peer},{key},{float(value)!r}\n" for key, value in found.items()]
    with open("summary.csv", "w") as out:
        out.write(HEAD + "series,scale,peer,statistic,value\n")
        out.writelines(rows)


main()
