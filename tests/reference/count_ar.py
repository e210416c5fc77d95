"""Writes count_ar.csv: largest log-likelihoods of count autoregressions, by searches that are not ours.

Run inside this folder with Python 3.11, statsmodels 0.15 and scipy:  python count_ar.py [FOLDER OF JOB-SDF]

INGARCH(1,1) with and without a lag of 12 (Fokianos, Rahbek & Tjostheim 2009; Liboschik, Fokianos & Fried 2017), Poisson
and negative binomial, on 24 simulated and 24 real series. Counts and conditional means before the first are the mean in
the long run, weights are not negative and sum to at most 0.999, the size lies within exp(9) times the mean either way.
Likelihoods are written from the definitions with scipy's gammaln; L-BFGS-B from 8 starts, each led on by Nelder-Mead.
The independent negative binomial is that of statsmodels. The simulated series stand in the file. The real ones are rows of
dataset_demand_r0.parquet of Job-SDF, which is not part of the repository: only the skill and results are written, and
none without the folder.
"""

import sys
import warnings

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy.optimize import minimize
from scipy.special import gammaln

warnings.filterwarnings("ignore")
HEAD = f"# Python 3.11, statsmodels {statsmodels.__version__}, scipy {scipy.__version__}, script count_ar.py, 2026-11-25\n"
SEASON = 12
TOP = 0.999


def simulated():
    """Poisson and negative binomial, quick and slow, with and without a season, 40 to 200 values."""
    rng = np.random.default_rng(20261125)
    for i in range(24):
        n = int(rng.integers(40, 201))
        mean = [0.6, 3.0, 12.0, 80.0][i % 4]
        alpha, beta, gamma = [(0.3, 0.5, 0), (0.6, 0.1, 0), (0.1, 0.85, 0), (0.2, 0.2, 0.5), (0.05, 0.1, 0.8), (0, 0, 0)][i % 6]
        size = 3.0 if i >= 12 else None
        y, lam, last = [], mean, mean
        for t in range(n + 60):
            season = y[t - SEASON] if t >= SEASON else mean
            lam = mean * (1 - alpha - beta - gamma) + alpha * last + beta * lam + gamma * season
            last = float(rng.poisson(lam if size is None else lam * rng.gamma(size) / size))
            y.append(last)
        yield f"sim{i:02}", np.array(y[60:])


def means(y, mean, alpha, beta, gamma):
    lam = last = mean
    out = []
    base = mean * (1 - alpha - beta - gamma)
    before = [mean] * SEASON + list(y)
    for t, value in enumerate(y):
        lam = base + alpha * last + beta * lam + gamma * before[t]
        out.append(lam)
        last = value
    return np.array(out)


def log_likelihood(y, lam, size):
    if size is None:
        return (y * np.log(lam) - lam - gammaln(y + 1)).sum()
    return (gammaln(y + size) - gammaln(size) - gammaln(y + 1)
            + size * np.log(size / (size + lam)) + y * np.log(lam / (size + lam))).sum()


def best(y, dispersed, seasonal):
    centre = np.log(y.mean())

    def loss(x):
        parts = np.exp([0.0, *x[1:3 + seasonal]])
        alpha, beta, *gamma = TOP * parts[1:] / parts.sum()
        size = np.exp(x[-1]) if dispersed else None
        value = -log_likelihood(y, means(y, np.exp(x[0]), alpha, beta, gamma[0] if gamma else 0.0), size)
        return value if np.isfinite(value) else 1e12

    bounds = [(centre - 3, centre + 3)] + [(-12, 12)] * (2 + seasonal) + [(centre - 9, centre + 9)] * dispersed
    least = np.inf
    for alpha, beta, gamma in [(-3, -3, -3), (0, 0, 0), (0, -3, -2), (-3, 2, -3), (2, -3, -3), (-1, 4, -1), (-1, -1, 2), (3, 3, 3)]:
        x0 = [centre, alpha, beta] + [gamma] * seasonal + [min(centre + 1, centre + 9)] * dispersed
        found = minimize(loss, x0, method="L-BFGS-B", bounds=bounds)
        led = minimize(loss, found.x, method="Nelder-Mead", bounds=bounds,
                       options={"maxiter": 300, "xatol": 1e-5, "fatol": 1e-7})
        least = min(least, found.fun, led.fun)
    return -least


def independent(y):
    """By statsmodels; the Poisson limit where it finds no dispersion."""
    poisson = log_likelihood(y, np.full(len(y), y.mean()), None)
    found = sm.NegativeBinomial(y, np.ones(len(y))).fit(disp=0, maxiter=500)
    return poisson, max(found.llf, poisson) if np.isfinite(found.llf) else poisson


series = list(simulated())
if len(sys.argv) > 1:
    import pandas as pd
    table = pd.read_parquet(f"{sys.argv[1]}/dataset_demand_r0.parquet")
    values = table.select_dtypes("number").to_numpy(float)[:, -36:]
    means_of = values.mean(1)
    rows = np.flatnonzero((means_of > 1) & (means_of < 3000) & (values.std(1) > 0) & (values == values.round()).all(1))
    chosen = np.sort(np.random.default_rng(5).choice(rows, 24, replace=False))
    series += [(str(table["skill_id"].iloc[row]), values[row]) for row in chosen]

with open("count_ar.csv", "w") as out:
    out.write(HEAD + "series,independent_p,independent_nb,ar_p,ar_nb,seasonal_p,seasonal_nb,values\n")
    for name, y in series:
        cells = [*independent(y), best(y, 0, 0), best(y, 1, 0)]
        cells += [best(y, 0, 1), best(y, 1, 1)] if name.startswith("sim") else [np.nan] * 2
        shown = " ".join(f"{v:.0f}" for v in y) if name.startswith("sim") else ""
        out.write(",".join([name, *(f"{v:.10g}" for v in cells), shown]) + "\n")
        out.flush()
