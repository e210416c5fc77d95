"""Writes hierarchy.csv: reconciled forecasts of hierarchicalforecast on the bundled employment data.

The hierarchy: 94 leaves of total employment > 15 sectors (the first two digits of the CES code) > the total, summed here so
that sums are exact. Base forecasts: the value of a year before, of every node, times a factor of its own that keeps them from
adding up. Errors: those of the value of a year before over the last 48 months. Both go to every method.

Run: python hierarchy.py  (needs hierarchicalforecast, pandas, scipy)
"""

import csv
import datetime
import gzip
import pathlib

import hierarchicalforecast
import numpy as np
import scipy
from hierarchicalforecast.methods import BottomUp, MiddleOut, MinTrace, TopDown
from scipy.optimize import nnls

HERE = pathlib.Path(__file__).parent
DATA = HERE.parent.parent / "datasets" / "us-employment"
LENGTH, ERRORS = 120, 48


def sector(name):
    return "sector-" + (name[4:6] if name.startswith("REST") else name[3:5])


leaves = [r["series_id"] for r in csv.DictReader(open(DATA / "series.csv")) if r["leaf"] == "1"]
leaves.sort()
values = {}
with gzip.open(DATA / "employment.csv.gz", "rt") as file:
    for row in csv.DictReader(file):
        values.setdefault(row["unique_id"], []).append(float(row["y"]))
bottom = np.array([values[name][-LENGTH:] for name in leaves])
sectors = sorted({sector(name) for name in leaves})
S = np.vstack([np.ones(len(leaves)), [[float(sector(n) == s) for n in leaves] for s in sectors], np.eye(len(leaves))])
nodes = ["all"] + sectors + leaves
n = len(nodes)
tags = {
    "top": np.array([0]),
    "sector": np.arange(1, 1 + len(sectors)),
    "leaf": np.arange(1 + len(sectors), n),
}
y = S @ bottom


def wobble(i):
    """A factor for node i: the same arithmetic as in the test."""
    return 1.0 + 0.05 * ((i * 37 % 41) / 41.0 - 0.5)


# Node order of the test is that of keys: bytes, capitals before small letters.
rank = {name: i for i, name in enumerate(sorted(nodes))}
base = np.array([[y[i, -12 + h] * wobble(rank[name]) for h in range(3)] for i, name in enumerate(nodes)])
# Small leaves are pushed below 0 once the total is far too low: for the non-negative forms only.
low = base.copy()
low[0] *= 0.7
errors = np.array([y[i, t] - y[i, t - 12] for i in range(n) for t in range(LENGTH - ERRORS, LENGTH)]).reshape(n, ERRORS)
zero = np.zeros_like(errors)

rows = []


def put(method, forecast):
    for i, name in enumerate(nodes):
        for h in range(forecast.shape[1]):
            rows.append((method, name, h + 1, repr(float(forecast[i, h]))))


put("bottom_up", BottomUp().fit_predict(S=S, y_hat=base)["mean"])
for how in ["average_proportions", "proportion_averages", "forecast_proportions"]:
    out = TopDown(method=how).fit_predict(S=S, y_hat=base, y_insample=y, tags=tags)["mean"]
    put("top_down_" + how, out)
    out = MiddleOut(middle_level="sector", top_down_method=how).fit_predict(S=S, y_hat=base, y_insample=y, tags=tags)
    put("middle_out_" + how, out["mean"])
for how in ["ols", "wls_struct", "wls_var", "mint_shrink"]:
    put(how, MinTrace(how).fit_predict(S=S, y_hat=base, y_insample=errors, y_hat_insample=zero)["mean"])
    peer = MinTrace(how, nonnegative=True)
    put(how + "_nonnegative", peer.fit_predict(S=S, y_hat=low, y_insample=errors, y_hat_insample=zero)["mean"])
    # The same problem by the active set of scipy, exact where the package stops at single precision.
    free = MinTrace(how)
    free.fit_predict(S=S, y_hat=low, y_insample=errors, y_hat_insample=zero)
    root = np.linalg.cholesky(np.linalg.inv(free.W)).T
    exact = np.column_stack([nnls(root @ S, root @ low[:, h], maxiter=10000)[0] for h in range(low.shape[1])])
    put(how + "_nnls", S @ exact)
    print(how, "zeros:", int((exact <= 0).sum()), "negative without the bound:", int((free.P @ low < 0).sum()))

with open(HERE / "hierarchy.csv", "w") as out:
    versions = f"hierarchicalforecast {hierarchicalforecast.__version__}, numpy {np.__version__}, scipy {scipy.__version__}"
    out.write(f"# Python 3.11, {versions}, script hierarchy.py, {datetime.date.today()}\n")
    # Every node once, and every fourth leaf: the whole would be four times as large.
    out.write("method,node,step,forecast\n")
    for method, name, step, value in rows:
        if not name.startswith(("CEU", "REST")) or leaves.index(name) % 4 == 0:
            out.write(f"{method},{name},{step},{value}\n")
