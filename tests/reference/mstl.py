"""Writes mstl.csv: decompositions by statsmodels' STL and MSTL and forecasts by statsforecast's MSTL.

Run inside this folder with Python 3.11 and statsforecast 2.1.1 (which brings statsmodels):  python mstl.py

Series: the last 120 values of every sixth series of datasets/us-employment/employment.csv.gz, 25 in all. Each line: case,
series, what, values; components at every 7th place, forecasts 1 to 15.
"""

import numpy as np
import pandas as pd
import statsmodels
from statsforecast.models import MSTL as Forecaster, Naive, RandomWalkWithDrift
from statsmodels.tsa.seasonal import MSTL, STL

HEAD = f"# Python 3.11, statsforecast 2.1.1, statsmodels {statsmodels.__version__}, script mstl.py, 2026-11-25\n"
HORIZON = 15

table = pd.read_csv("../../datasets/us-employment/employment.csv.gz")
names = sorted(table.unique_id.unique())[::6]
with open("mstl.csv", "w") as out:
    out.write(HEAD + "case,series,what,values\n")

    def line(case, name, what, values):
        out.write(f"{case},{name},{what}," + " ".join(f"{v:.10g}" for v in values) + "\n")

    for name in names:
        y = table[table.unique_id == name].y.to_numpy(float)[-120:]
        for case, robust in (("plain", False), ("robust", True)):
            parts = STL(y, period=12, seasonal=11, seasonal_deg=0, robust=robust).fit()
            line(case, name, "trend", parts.trend[::7])
            line(case, name, "season12", parts.seasonal[::7])
        for case, robust in (("several", False), ("several_robust", True)):
            parts = MSTL(y, periods=(12, 30), windows=(11, 15), stl_kwargs={"seasonal_deg": 0, "robust": robust}).fit()
            line(case, name, "trend", parts.trend[::7])
            line(case, name, "season12", parts.seasonal[::7, 0])
            line(case, name, "season30", parts.seasonal[::7, 1])
        for case, trend in (("naive", Naive()), ("drift", RandomWalkWithDrift())):
            for periods in ([12], [12, 30]):
                made = Forecaster(periods, trend_forecaster=trend).forecast(y=y, h=HORIZON, level=[80, 95])
                for what in ("mean", "lo-80", "hi-95"):
                    line(f"{case}{len(periods)}", name, what, made[what])
