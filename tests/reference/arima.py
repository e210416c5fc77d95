"""Writes arima.csv: ARIMA of given orders and automatic ARIMA by statsforecast on 24 series of monthly employment.

Run inside this folder with Python 3.11 and statsforecast 2.1.1:  python arima.py
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from statsforecast.models import ARIMA, AutoARIMA

warnings.filterwarnings("ignore")
HEAD = "# Python 3.11, statsforecast 2.1.1, script arima.py, 2026-11-25\n"
LENGTH, SEASON, HORIZON, EVERY = 120, 12, 12, 6
# (p, d, q), (P, D, Q), constant
ORDERS = [
    ((0, 1, 1), (0, 1, 1), 0),
    ((1, 1, 1), (0, 0, 0), 0),
    ((1, 1, 1), (0, 0, 0), 1),
    ((2, 0, 1), (1, 0, 0), 1),
    ((0, 1, 1), (1, 0, 1), 1),
    ((2, 1, 2), (1, 1, 1), 0),
    ((0, 2, 2), (0, 0, 0), 0),
    ((3, 0, 0), (0, 1, 1), 1),
]


def numbers(values):
    return " ".join(f"{v:.10g}" for v in values)


def row(name, kind, fit, forecast):
    p, q, sp, sq, _, d, sd = (int(v) for v in fit["arma"])
    constant = int(any(k in fit["coef"] for k in ("intercept", "drift")))
    order = [p, d, q, sp, sd, sq, constant]
    return ",".join(map(str, [name, kind, *order, *(f"{fit[k]:.10g}" for k in ("loglik", "aicc", "sigma2")),
                              numbers(fit["coef"].values()), numbers(forecast["mean"]), numbers(forecast["sd"])]))


def forecast(model):
    out = model.predict(HORIZON, level=[80])
    return {"mean": out["mean"], "sd": (out["hi-80"] - out["mean"]) / 1.2815515655446004}


data = pd.read_csv(Path("../../datasets/us-employment/employment.csv.gz"))
names = sorted(data.unique_id.unique())[::EVERY][:24]
lines = [HEAD, "series,kind,p,d,q,P,D,Q,constant,loglik,aicc,sigma2,coefficients,mean,sd\n"]
for name in names:
    y = data[data.unique_id == name].y.to_numpy(float)[-LENGTH:]
    for order, seasonal, constant in ORDERS:
        differences = order[1] + seasonal[1]
        model = ARIMA(order, SEASON, seasonal, include_mean=bool(constant and differences == 0),
                      include_drift=bool(constant and differences == 1), method="CSS-ML")
        try:
            model = model.fit(y)
        except Exception as error:
            print("left out:", name, order, seasonal, error)
            continue
        lines.append(row(name, "given", model.model_, forecast(model)) + "\n")
    model = AutoARIMA(season_length=SEASON).fit(y)
    lines.append(row(name, "auto", model.model_, forecast(model)) + "\n")
    print(name, len(lines), flush=True)
Path("arima.csv").write_text("".join(lines))
