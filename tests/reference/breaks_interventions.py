"""Writes breaks_series.csv and breaks_interventions.csv: pulses, transient changes and level shifts by exact least squares.

Run inside this folder with Python 3.11, statsmodels 0.15 and scipy:  python breaks_interventions.py

breaks_series.csv: every sixth series of datasets/us-employment, 100 times the logarithm of its last 120 values, without
the season of statsmodels STL(period 12, seasonal 13, seasonal_deg 0, robust). breaks_interventions.csv: what the
procedure of Chen & Liu (1993) finds in them when nothing is approximated: ARIMA(1,1,1) with slope and interventions by
maximum likelihood of the differences, and each candidate's size and standard error from generalised least squares
with the covariance matrix of that model, by Cholesky. Candidates enter one at a time, largest first, while they exceed
the limit z(1 - 0.01 / (6 n)); the weights are estimated again after each; at the end those below the limit leave one by
one. Decay 0.7. Level shifts and transient changes have at least 6 values before them and 3 from them on. Columns: series,
position, kind, size, statistic; phi, theta and sigma of the last fit.
"""

import csv
import gzip
import warnings
from pathlib import Path

import numpy as np
from scipy.linalg import cholesky, solve_triangular, toeplitz
from scipy.optimize import minimize
from scipy.stats import norm
from statsmodels.tsa.arima_process import arma_acovf
from statsmodels.tsa.seasonal import STL

warnings.simplefilter("ignore")
N = 120
LIMIT = -norm.ppf(0.01 / (6 * N))
DECAY = 0.7


def series():
    found = {}
    with gzip.open(Path("../../datasets/us-employment/employment.csv.gz"), "rt") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            found.setdefault(row["unique_id"], []).append(float(row["y"]))
    for name in sorted(found)[::6]:
        x = 100 * np.log(np.array(found[name])[-N:])
        yield name, np.round(x - STL(x, 12, seasonal=13, seasonal_deg=0, robust=True).fit().seasonal, 5)


def effect(position, kind):
    age = np.arange(N) - position
    if kind == "pulse":
        return (age == 0) * 1.0
    return (age >= 0) * (1.0 if kind == "level_shift" else DECAY ** np.maximum(age, 0))


def candidates():
    for position in range(1, N):
        for kind in ("level_shift", "pulse", "transient_change"):
            if kind == "pulse" and position < N - 1 or kind != "pulse" and 6 <= position <= N - 3:
                yield position, kind


def sigma_of(errors, estimates):
    sizes = np.abs(errors)
    within = sizes[sizes <= 2.5 * 1.482602218505602 * np.median(sizes)]
    inside = 2 * norm.cdf(2.5) - 1
    return np.sqrt(np.mean(within**2) / (1 - 5 * norm.pdf(2.5) / inside)) * np.sqrt(len(errors) / (len(errors) - estimates))


def fit(x, chosen):
    columns = np.column_stack([np.arange(N)] + [effect(*one) for one in chosen])
    change = np.diff(np.column_stack([x, columns]), axis=0)

    def likelihood(weights):
        phi, theta = np.tanh(weights)
        lower = cholesky(toeplitz(arma_acovf([1, -phi], [1, -theta], nobs=N - 1)), lower=True)
        white = solve_triangular(lower, change, lower=True)
        rest = white[:, 0] - white[:, 1:] @ np.linalg.lstsq(white[:, 1:], white[:, 0], rcond=None)[0]
        return (N - 1) * np.log(rest @ rest) + 2 * np.log(np.diag(lower)).sum()

    starts = [np.arctanh(start) for start in ((0.5, 0.2), (0.1, 0.6), (0.0, -0.3))]
    best = min((minimize(likelihood, start, method="Nelder-Mead") for start in starts), key=lambda one: one.fun)
    phi, theta = np.tanh(best.x)
    covariance = arma_acovf([1, -phi], [1, -theta], nobs=N - 1)
    lower = cholesky(toeplitz(covariance), lower=True)
    white = lambda column: solve_triangular(lower, np.diff(column), lower=True)
    design = np.column_stack([white(column) for column in columns.T])
    inverse = np.linalg.inv(design.T @ design)
    sizes = inverse @ design.T @ white(x)
    errors = white(x) - design @ sizes
    sigma = sigma_of(errors, len(chosen) + 3)
    statistics = sizes[1:] / (sigma * np.sqrt(np.diag(inverse)[1:]))
    project = lambda column: column - design @ (inverse @ (design.T @ column))
    return phi, theta, sigma, white, project, errors, list(zip(chosen, sizes[1:], statistics))


with open("breaks_series.csv", "w") as values, open("breaks_interventions.csv", "w") as out:
    head = "# Python 3.11, statsmodels 0.15, script breaks_interventions.py, 2026-11-25\n"
    values.write(head)
    out.write(head + "series,position,kind,size,statistic,phi,theta,sigma\n")
    for name, x in series():
        values.write(name + "," + ",".join(f"{value:.5f}" for value in x) + "\n")
        chosen = []
        while len(chosen) < 15:
            _, _, sigma, white, project, errors, _ = fit(x, chosen)
            best = (0.0, None)
            for one in candidates():
                if one not in chosen:
                    raw = white(effect(*one))
                    column = project(raw)
                    norm2 = column @ column
                    if norm2 > 0.05 * (raw @ raw):
                        best = max(best, (abs(column @ errors) / np.sqrt(norm2) / sigma, one), key=lambda b: b[0])
            if best[0] < LIMIT:
                break
            chosen.append(best[1])
        while True:
            phi, theta, sigma, _, _, _, found = fit(x, chosen)
            weak = [one for one in found if abs(one[2]) < LIMIT]
            if not weak:
                break
            chosen.remove(min(weak, key=lambda one: abs(one[2]))[0])
        for (position, kind), size, statistic in sorted(found):
            out.write(f"{name},{position},{kind},{size:.6f},{statistic:.4f},{phi:.4f},{theta:.4f},{sigma:.6f}\n")
        out.flush()
