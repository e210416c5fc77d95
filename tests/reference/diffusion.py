"""Writes diffusion.csv: least sums of squares of three curves, by scipy's bounded least squares from many starts.

Run inside this folder with Python 3.11, pandas and scipy:  python diffusion.py

Series: of each series of datasets/us-employment/employment.csv.gz the 120 values that fall furthest and the 120 that rise
furthest (last over first); of these windows the 13 furthest falls and the 13 furthest rises. Each line: curve, series,
first value of the window, least sum of squares over (mean square of the window). The bounds are those of the models.
"""

import numpy as np
import pandas as pd
import scipy
from scipy.optimize import least_squares

HEAD = f"# Python 3.11, scipy {scipy.__version__}, script diffusion.py, 2026-11-25\n"
LENGTH, STARTS = 120, 30

table = pd.read_csv("../../datasets/us-employment/employment.csv.gz")
windows = []
for name in sorted(table.unique_id.unique()):
    y = table[table.unique_id == name].y.to_numpy(float)
    ratios = y[LENGTH - 1 :] / y[: len(y) - LENGTH + 1]
    windows += [(ratios.min(), name, int(ratios.argmin())), (ratios.max(), name, int(ratios.argmax()))]
windows.sort()
windows = windows[:13] + windows[-13:]

t = np.arange(LENGTH, dtype=float)
last = t[-1]


def bass(x):
    p, q = np.exp(x[0]), np.exp(x[1])
    share = lambda s: -np.expm1(-(p + q) * s) / (1 + q / p * np.exp(-(p + q) * s))
    return x[2] * (share(t + 1) - share(t))


def logistic(x):
    return x[2] / (1 + np.exp(np.clip(-x[0] * (t - x[1]), -700, 700)))


def decline(x):
    return x[1] * np.exp(-np.exp(x[0]) * t)


def problems(y):
    most = 10 * y.max()
    yield "bass", bass, [np.log(1e-7), np.log(1e-5), 0.0], [0.0, np.log(5.0), 10 * y.sum()]
    yield "logistic", logistic, [0.01 / last, -last, 0.0], [5.0, 2 * last, most]
    yield "logistic", logistic, [-5.0, -last, 0.0], [-0.01 / last, 2 * last, most]
    yield "exponential_decline", decline, [np.log(1e-6 / last), 0.0], [np.log(5.0), most]


random = np.random.default_rng(5)
with open("diffusion.csv", "w") as out:
    out.write(HEAD + "curve,series,first,sse\n")
    for _, name, first in windows:
        y = table[table.unique_id == name].y.to_numpy(float)[first : first + LENGTH]
        y = y / np.sqrt((y * y).mean())
        least = {}
        for case, curve, low, high in problems(y):
            low, high = np.array(low), np.array(high)
            for _ in range(STARTS):
                start = low + (high - low) * random.uniform(0.01, 0.99, len(low))
                if case == "logistic":  # slow growth is where the optima are
                    sign = np.sign(low[0] + high[0])
                    start[0] = sign * np.exp(random.uniform(np.log(0.02 / last), np.log(2.0)))
                shape = curve(np.append(start[:-1], 1.0))
                # The scale that is best for the shape.
                start[-1] = np.clip(shape @ y / max(shape @ shape, 1e-300), 1e-9 * high[-1], 0.999 * high[-1])
                found = least_squares(
                    lambda x: curve(x) - y, start, bounds=(low, high), x_scale="jac",
                    xtol=1e-13, ftol=1e-13, gtol=1e-13, max_nfev=300,
                )
                least[case] = min(least.get(case, np.inf), 2 * found.cost)
        for case, sse in least.items():
            out.write(f"{case},{name},{first},{sse:.10g}\n")
        out.flush()
