"""Writes the reference values of the series models: series.csv, series_models.csv, series_fits.csv.

Run inside this folder with Python 3.11, scipy 1.17.1, statsforecast 2.1.1 and statsmodels 0.15.0:  python series_models.py
"""

import numpy as np
import statsmodels.api as sm
from scipy.optimize import differential_evolution
from scipy.stats import norm
from statsforecast.models import (
    AutoETS,
    Naive,
    RandomWalkWithDrift,
    SeasonalNaive,
    SimpleExponentialSmoothingOptimized,
)
from statsforecast.utils import AirPassengers
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.seasonal import seasonal_decompose

HEAD = "# Python 3.11, statsforecast 2.1.1, script series_models.py, 2026-11-23\n"
HORIZON = 15
LEVELS = [80, 95]


def simulated():
    """Seeded series that the classic data sets do not cover."""
    rng = np.random.default_rng(20261123)
    t = np.arange(90)
    trend = 200 * (1 - 0.95**t) + np.cumsum(rng.normal(0, 2, 90)) + 50
    counts = rng.poisson(0.8, 60).astype(float)
    shift = np.where(t < 60, 40.0, 65.0) + rng.normal(0, 4, 90)
    quarters = 300 * np.array([0.8, 1.1, 1.3, 0.8])[np.arange(70) % 4] * np.exp(0.01 * np.arange(70) + rng.normal(0, 0.05, 70))
    short = np.array([12.0, 15, 11, 18, 17, 21, 19, 24, 22, 27, 25, 29])
    weeks = 50 + 10 * np.sin(2 * np.pi * np.arange(40) / 7) + rng.normal(0, 3, 40)
    return {
        "damped": (1, trend), "counts": (1, counts), "shift": (1, shift), "quarters": (4, quarters),
        "short": (1, short), "weekdays": (7, weeks),
    }


# Box & Jenkins (1976), series G; Cobb (1978), the Nile at Aswan; SIDC, yearly sunspot numbers; NOAA, sea surface
# temperature of Nino 1+2, 1950 to 1960.
SERIES = {
    "air": (12, AirPassengers.astype(float)),
    "nile": (1, sm.datasets.nile.load_pandas().data["volume"].to_numpy(float)),
    "sunspots": (11, sm.datasets.sunspots.load_pandas().data["SUNACTIVITY"].to_numpy(float)),
    "elnino": (12, sm.datasets.elnino.load_pandas().data.iloc[:11, 1:].to_numpy(float).ravel()),
    **simulated(),
}


def naive2(y, m):
    """The M4 benchmark: test, classical decomposition, naive, as in M4-methods/Benchmarks and Evaluation.R."""
    n = len(y)
    if m > 1 and n >= 3 * m and (y > 0).all():
        d = y - y.mean()
        r = np.array([(d[k:] * d[: n - k]).sum() for k in range(m + 1)]) / (d * d).sum()
        if abs(r[m]) > 1.645 * np.sqrt((1 + 2 * (r[1:m] ** 2).sum()) / n):
            index = seasonal_decompose(y, model="multiplicative", period=m).seasonal
            ahead = np.array([index[(n + h) % m] for h in range(HORIZON)])
            return Naive().fit(y / index), ahead
    return Naive().fit(y), np.ones(HORIZON)


def damped_errors(y, alpha, beta, phi, level, trend):
    errors = np.empty(len(y))
    for t, value in enumerate(y):
        errors[t] = value - level - phi * trend
        level, trend = level + phi * trend + alpha * errors[t], phi * trend + beta * errors[t]
    return errors, level, trend


def best_damped(y):
    """The global least squares of ETS(A,Ad,N) with 0 < beta < alpha: scipy over the weights, lstsq over the start."""

    def solve(x):
        alpha, share, phi = x
        weights = (alpha, alpha * share, phi)
        rest, *_ = damped_errors(y - y[0], *weights, 0, 0)
        zeros = np.zeros(len(y))
        units = np.column_stack([damped_errors(zeros, *weights, *unit)[0] for unit in [(1, 0), (0, 1)]])
        start, *_ = np.linalg.lstsq(units, -rest, rcond=None)
        return weights, damped_errors(y - y[0], *weights, *start)

    bounds = [(1e-4, 0.9999), (1e-4, 0.9999), (0.8, 0.98)]
    sse = lambda x: (solve(x)[1][0] ** 2).sum()
    # One run can end in the second best valley.
    runs = [differential_evolution(sse, bounds, seed=seed, popsize=12, tol=1e-12) for seed in range(5)]
    found = min(runs, key=lambda run: run.fun)
    (alpha, beta, phi), (errors, level, trend) = solve(found.x)
    sse = (errors**2).sum()
    return sse, alpha, beta, phi, level + y[0], trend, np.sqrt(sse / (len(y) - 7))


def damped_path(fit):
    """Forecasts by running the recursion on, variances by summing its squared weights."""
    _, alpha, beta, phi, level, trend, sigma = fit
    powers = np.cumsum(phi ** np.arange(1, HORIZON + 1))
    mean = level + powers * trend
    sd = sigma * np.sqrt(1 + np.concatenate([[0], np.cumsum((alpha + beta * powers[:-1]) ** 2)]))
    res = {"mean": mean}
    for p in LEVELS:
        z = norm.ppf(0.5 + p / 200)
        res |= {f"lo-{p}": mean - z * sd, f"hi-{p}": mean + z * sd}
    return res


def damped_peer(y, ets):
    """Centres by statsmodels, widths by statsforecast, both at the weights and the initial state of statsforecast.

    statsforecast 2.1.1 sums phi + phi + phi^2 + ... where the book has phi + phi^2 + ... (corrected after that
    release, Nixtla/statsforecast#1219).
    """
    alpha, beta, _, phi, level, trend = ets.model_["par"]
    peer = ETSModel(y, error="add", trend="add", damped_trend=True, initialization_method="known",
                    initial_level=level, initial_trend=trend)
    mean = peer.smooth([alpha, beta, phi]).forecast(HORIZON)
    res = ets.predict(HORIZON, level=LEVELS)
    return {key: np.asarray(value) - res["mean"] + mean for key, value in res.items()}


def row(model, name, res, factor=1.0):
    res = {k: np.asarray(v) * factor for k, v in res.items()}
    for h in range(HORIZON):
        cells = [res["mean"][h]] + [res[f"{side}-{level}"][h] for level in LEVELS for side in ("lo", "hi")]
        yield f"{model},{name},{h + 1}," + ",".join(repr(float(c)) for c in cells) + "\n"


def main():
    with open("series.csv", "w") as out:
        out.write(HEAD + "series,season,t,y\n")
        for name, (m, y) in SERIES.items():
            out.writelines(f"{name},{m},{t + 1},{float(v)!r}\n" for t, v in enumerate(y))
    paths, fits = [], []
    for name, (m, y) in SERIES.items():
        paths += row("naive", name, Naive().fit(y).predict(HORIZON, level=LEVELS))
        paths += row("drift", name, RandomWalkWithDrift().fit(y).predict(HORIZON, level=LEVELS))
        paths += row("seasonal_naive", name, SeasonalNaive(m).fit(y).predict(HORIZON, level=LEVELS))
        fitted, ahead = naive2(y, m)
        paths += row("naive2", name, fitted.predict(HORIZON, level=LEVELS), ahead)

        ses = SimpleExponentialSmoothingOptimized().fit(y)
        paths += row("ses", name, ses.predict(HORIZON, level=LEVELS))
        sse = np.nansum(ses.model_["residuals"] ** 2)
        level = ses.model_["mean"][0]
        fits.append(("ses", name, sse, ses.model_["alpha"], 0, 0, level, 0, ses.model_["sigma"]))

        ets = AutoETS(season_length=1, model="AAN", damped=True).fit(y)
        paths += row("damped_holt", name, damped_peer(y, ets))
        alpha, beta, _, phi = ets.model_["par"][:4]
        level, slope = ets.model_["states"][-1][:2]
        sse = (ets.model_["residuals"] ** 2).sum()
        fits.append(("damped_holt", name, sse, alpha, beta, phi, level, slope, np.sqrt(ets.model_["sigma2"])))

        best = best_damped(y)
        paths += row("damped_holt_best", name, damped_path(best))
        fits.append(("damped_holt_best", name, *best))
    with open("series_models.csv", "w") as out:
        out.write(HEAD + "model,series,h,mean,lo80,hi80,lo95,hi95\n")
        out.writelines(paths)
    with open("series_fits.csv", "w") as out:
        out.write(HEAD + "model,series,sse,alpha,beta,phi,level,trend,sigma\n")
        for model, name, *numbers in fits:
            out.write(f"{model},{name}," + ",".join(repr(float(v)) for v in numbers) + "\n")


if __name__ == "__main__":
    main()
