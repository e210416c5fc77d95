"""Writes the reference values of complex exponential smoothing: ces.csv.

Run inside this folder with Python 3.11 and statsforecast 2.1.1:  python ces.py

Every sixth series of datasets/us-employment, its last 120 values: per form the log-likelihood up to a constant, the
AICc, the weights, whether they are stable, and the forecasts of steps 1, 2, 6, 12, 18.
"""

import csv
import gzip
from pathlib import Path

import numpy as np
from statsforecast.ces import cesmodel, forecast_ces

STEPS = [1, 2, 6, 12, 18]


def series():
    found = {}
    with gzip.open(Path("../../datasets/us-employment/employment.csv.gz"), "rt") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["unique_id"], []).append(float(row["y"]))
    return {name: np.array(found[name])[-120:] for name in sorted(found)[::6]}


def stable(w0, w1):
    matrix = np.array([[1 - (w0 - w1), -(1 - w1)], [1 - (w0 + w1), 1 - w0]])
    return np.abs(np.linalg.eigvals(matrix)).max() < 1


with open("ces.csv", "w") as out:
    out.write("# Python 3.11, statsforecast 2.1.1, script ces.py, 2026-11-25\n")
    out.write("series,form,loglik,aicc,a0,a1,b0,b1,stable," + ",".join(f"f{step}" for step in STEPS) + "\n")
    for name, y in series().items():
        for form in "NSPF":
            fit = cesmodel(y, 12, form, None, None, None, None, 3)
            par = [float(fit["par"][key]) for key in ("alpha_0", "alpha_1", "beta_0", "beta_1")]
            inside = stable(*par[:2]) and (form != "F" or stable(*par[2:]))
            path = forecast_ces(fit, max(STEPS))["mean"]
            cells = [f"{v:.10g}" for v in [fit["loglik"], fit["aicc"], *par]] + [str(int(inside))]
            out.write(",".join([name, form, *cells, *(f"{path[s - 1]:.12g}" for s in STEPS)]) + "\n")
