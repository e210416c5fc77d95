"""Writes intermittent.csv: rates of statsforecast's models of intermittent demand on 40 simulated and 40 real series.

Run inside this folder with Python 3.11 and statsforecast 2.1.1:  python intermittent.py [FOLDER OF JOB-SDF]
The simulated series stand in the file. The real ones are rows of dataset_demand_region.parquet of Job-SDF, which is
not part of the repository: only skill/region and results are written, and none without the folder.
"""

import sys

import numpy as np
import pandas as pd
from statsforecast.models import (
    ADIDA, IMAPA, TSB, CrostonClassic, CrostonOptimized, CrostonSBA, _chunk_sums, _demand, _intervals,
    _optimized_ses_forecast,
)

HEAD = "# Python 3.11, statsforecast 2.1.1, script intermittent.py, 2026-11-25\n"
MODELS = {
    "croston": CrostonClassic(), "croston_optimised": CrostonOptimized(), "sba": CrostonSBA(),
    "tsb_0.1_0.1": TSB(0.1, 0.1), "tsb_0.3_0.2": TSB(0.3, 0.2), "adida": ADIDA(), "imapa": IMAPA(),
}


def simulated():
    """Bernoulli arrivals of 3 to 90 %, sizes from shifted Poisson to heavy-tailed fractions, some dying out."""
    rng = np.random.default_rng(20261125)
    for i in range(40):
        n = int(rng.integers(12, 121))
        probability = [0.9, 0.6, 0.4, 0.2, 0.1, 0.03][i % 6]
        fading = np.exp(-np.arange(n) / n * (3 if i % 5 == 4 else 0))
        arrived = rng.random(n) < probability * fading
        sizes = 1 + rng.poisson(3, n) if i % 4 else np.round(rng.lognormal(2, 1, n), 3)
        yield f"sim{i:02}", np.where(arrived, sizes, 0.0)


def weights(y):
    """The weights that statsforecast's search finds: sizes, intervals, sums over the mean interval."""
    if not (y > 0).any():
        return [np.nan] * 3
    sums = lambda k: _chunk_sums(y[len(y) % k:], k)
    level = round(_intervals(y).mean())
    return [float(_optimized_ses_forecast(x)[2]) for x in (_demand(y), _intervals(y), sums(level))]


series = list(simulated())
if len(sys.argv) > 1:
    table = pd.read_parquet(f"{sys.argv[1]}/dataset_demand_region.parquet")
    values = table.select_dtypes("number").to_numpy(float)[:, -36:]
    zeros = (values == 0).mean(1)
    rows = np.flatnonzero((zeros > 0.1) & (zeros < 0.95))
    chosen = np.sort(np.random.default_rng(5).choice(rows, 40, replace=False))
    ids = table[["skill_id", "region_id"]].to_numpy()
    series += [(f"{ids[row][0]}/{ids[row][1]}", values[row]) for row in chosen]

with open("intermittent.csv", "w") as out:
    out.write(HEAD + "series," + ",".join(MODELS) + ",size_weight,interval_weight,sum_weight,values\n")
    for name, y in series:
        rates = [float(model.forecast(y=y, h=3)["mean"][0]) for model in MODELS.values()]
        shown = " ".join(f"{v:.12g}" for v in y) if name.startswith("sim") else ""
        out.write(",".join([name, *(repr(v) for v in rates + weights(y)), shown]) + "\n")
