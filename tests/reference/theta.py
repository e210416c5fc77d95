"""Writes the reference values of the theta models: theta.csv.

Run inside this folder with Python 3.11 and statsforecast 2.1.1:  python theta.py

Every sixth series of datasets/us-employment, its last 120 values; and three of them less their mean, which have values
of both signs. Per model: the sum of squared one-step errors from the fourth on of the adjusted series, the estimates,
the forecasts of steps 1, 2, 6, 12, 18.

"""

import csv
import gzip
from pathlib import Path

import numpy as np
from statsforecast._lib import theta as lib
from statsforecast.theta import auto_theta, forecast_theta

STEPS = [1, 2, 6, 12, 18]
NAMES = {"STM": "theta", "OTM": "optimised_theta", "DSTM": "dynamic_theta", "DOTM": "dot", None: "auto_theta"}


def series():
    found = {}
    path = Path("../../datasets/us-employment/employment.csv.gz")
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            found.setdefault(row["unique_id"], []).append(float(row["y"]))
    names = sorted(found)[::6]
    chosen = {name: np.array(found[name])[-120:] for name in names}
    centred = {f"{name}-centred": chosen[name] - chosen[name].mean() for name in names[:3]}
    return {**chosen, **centred}


with open("theta.csv", "w") as out:
    out.write("# Python 3.11, statsforecast 2.1.1, script theta.py, 2026-11-25\n")
    out.write("series,model,form,sse,alpha,theta,level,seasonal," + ",".join(f"f{step}" for step in STEPS) + "\n")
    for name, y in series().items():
        for form, model in NAMES.items():
            fit = auto_theta(y, 12, model=form)
            path = forecast_theta(fit, max(STEPS))["mean"]
            season = fit.get("decomposition_type", "none") if fit.get("decompose") else "none"
            # `mse` is the sum over the mean size of the adjusted values, over their number.
            par, states = fit["par"], fit["states"]
            adjusted = y.copy()
            if season != "none":
                from statsmodels.tsa.seasonal import seasonal_decompose

                indices = seasonal_decompose(y, model=season, period=12).seasonal
                adjusted = y / indices if season == "multiplicative" else y - indices
            _, e, _, _ = lib.pegels_resid(
                adjusted, getattr(lib.ModelType, fit["modeltype"]), par["initial_smoothed"], par["alpha"], par["theta"], 3
            )
            sse = float((np.asarray(e)[3:] ** 2).sum())
            numbers = [sse, par["alpha"], par["theta"], par["initial_smoothed"]]
            cells = [f"{v:.10g}" for v in numbers] + [season] + [f"{path[s - 1]:.12g}" for s in STEPS]
            out.write(",".join([name, model, fit["modeltype"], *cells]) + "\n")
