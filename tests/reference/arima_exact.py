"""Writes arima_exact.csv: exact likelihoods of ARIMA models by statsmodels, on the differences of 24 employment series.

Run inside this folder with Python 3.11 and statsmodels 0.15.0:  python arima_exact.py
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.tsa.statespace.sarimax import SARIMAX

warnings.filterwarnings("ignore")
ORDERS = [((1, 1, 1), (0, 0, 0)), ((0, 2, 2), (0, 0, 0)), ((0, 1, 1), (0, 1, 1)), ((1, 1, 0), (1, 1, 0))]
data = pd.read_csv(Path("../../datasets/us-employment/employment.csv.gz"))
names = sorted(data.unique_id.unique())[::6][:24]
lines = ["# Python 3.11, statsmodels 0.15.0, script arima_exact.py, 2026-11-25\n", "series,p,d,q,P,D,Q,loglik,coefficients\n"]
for (p, d, q), (sp, sd, sq) in ORDERS:
    for name in names:
        y = data[data.unique_id == name].y.to_numpy(float)[-120:]
        model = SARIMAX(y / y.std(), order=(p, d, q), seasonal_order=(sp, sd, sq, 12 if sp + sd + sq else 0),
                        simple_differencing=True, concentrate_scale=True)
        fit = model.fit(disp=0, maxiter=200)
        loglik = fit.llf - model.nobs * np.log(y.std())
        lines.append(f"{name},{p},{d},{q},{sp},{sd},{sq},{loglik:.10g},{' '.join(f'{v:.8g}' for v in fit.params)}\n")
        Path("arima_exact.csv").write_text("".join(lines))
