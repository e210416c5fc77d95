"""Writes on_features.csv: forecasts by one regression for each step, from design matrices made by hand.

Run inside this folder with Python 3.11, scikit-learn and pandas:  python on_features.py
The first 24 series of datasets/us-employment whose newest value is of the month that most end in, their last 120 values. Monthly changes are
divided by their mean size; lags 1, 2, 3 and 6 as known at the origin, lag 12 of the period that is forecast; the month of the period that is forecast one-hot; a regression
for each of 12 steps, kept within the range that it learned; steps 13 to 18 from the forecasts of the first 12. `ols` keeps what all series
did together; `ridge` (penalty 5, standardised) takes the mean of f(x) and f(-x) over the last year of targets out of each step.
"""

import numpy as np
import pandas as pd
import sklearn
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

LAGS, STEPS, FAR, LENGTH = [1, 2, 3, 6, 12], 12, 18, 120

data = pd.read_csv("../../datasets/us-employment/employment.csv.gz")
last = data.groupby("unique_id").ds.max()
end = last.mode()[0]
sizes = data.groupby("unique_id").size()
names = sorted(name for name in last.index if last[name] == end and sizes[name] >= LENGTH)[:24]
months = pd.period_range(start=pd.Period(end, "M") - (LENGTH - 1), periods=LENGTH + FAR, freq="M")
month_of = np.array([month.month for month in months])


def row(z, origin, target):
    """Lags as known before period `origin`, lag 12 of period `target` if it is known by then; the month of `target`."""
    known = [z[target - lag] if lag == 12 and lag > target - origin else z[origin - lag] for lag in LAGS]
    return known + [float(month_of[target] == month) for month in range(1, 13)]


def learn(all_z, make, take_drift):
    steps = []
    for ahead in range(STEPS):
        # The first value has no change.
        first = max(lag - ahead if lag == 12 and lag > ahead else lag for lag in LAGS) + 1
        origins = [(z, t) for z in all_z for t in range(first, LENGTH - ahead)]
        x = np.array([row(z, t, t + ahead) for z, t in origins])
        y = np.array([z[t + ahead] for z, t in origins])
        model = make().fit(x, y)
        drift = 0.0
        if take_drift:
            late = np.array([t + ahead >= LENGTH - 12 for _, t in origins])
            turned = x[late].copy()
            turned[:, : len(LAGS)] *= -1
            drift = (model.predict(x[late]).sum() + model.predict(turned).sum()) / (2 * late.sum())
        steps.append((model, drift, y.min(), y.max()))
    return steps


def forecast(steps, z):
    z = list(z)
    while len(z) < LENGTH + FAR:
        origin = len(z)
        block = []
        for ahead, (model, drift, low, high) in enumerate(steps[: LENGTH + FAR - origin]):
            found = model.predict(np.array([row(z, origin, origin + ahead)]))[0] - drift
            block.append(min(max(found, low), high))
        z += block
    return z[LENGTH:]


series = {}
for name in names:
    y = data[data.unique_id == name].sort_values("ds").y.to_numpy()[-LENGTH:]
    assert len(y) == LENGTH and np.isfinite(y).all()
    change = np.diff(y)
    series[name] = (y, np.abs(change).mean(), np.r_[np.nan, change / np.abs(change).mean()])

with open("on_features.csv", "w") as out:
    out.write(f"# Python 3.11, scikit-learn {sklearn.__version__}, script on_features.py, 2026-11-25\n")
    out.write("model,unique_id,step,point\n")
    for model, make, take_drift in [
        ("ols", LinearRegression, False),
        ("ridge", lambda: make_pipeline(StandardScaler(), Ridge(alpha=5.0)), True),
    ]:
        steps = learn([z for _, _, z in series.values()], make, take_drift)
        for name, (y, scale, z) in series.items():
            for step, point in enumerate(y[-1] + scale * np.cumsum(forecast(steps, z)), 1):
                out.write(f"{model},{name},{step},{point:.10g}\n")
