"""Writes penalised_and_quantile.csv: ridge, lasso and quantile regression by scikit-learn, scipy and statsmodels.

Run inside this folder with Python 3.11, scikit-learn 1.9.1, statsmodels 0.15.0, scipy and numpy 2.4.6:
python penalised_and_quantile.py

Columns: case, place, value; place 0 is the intercept. Rows, i from 0 to 119: x1 = (7 i mod 31) / 31,
x2 = 40 + 3 (i^2 mod 17), x3 = x1 + ((i^3 mod 13) - 6) / 100, and for "wide" 140 columns ((i (j + 3) + j^2 i^2) mod 101) / 101;
u = ((i^3 mod 23) + 0.5) / 23, v = ((i^2 + 5 i) mod 113) / 113 + i / 1e4, weights 1 + i mod 4,
y = 2 x1 - x2 / 20 + (1 + x1) (u - v^2 + 0.3 v).
"""

import warnings

import numpy as np
import statsmodels.api as sm
from scipy import stats
from scipy.optimize import linprog
from sklearn.linear_model import Lasso, Ridge, RidgeCV
from sklearn.preprocessing import StandardScaler

i = np.arange(120)
x1, x2 = (7 * i % 31) / 31, 40 + 3.0 * (i**2 % 17)
x = np.column_stack([x1, x2, x1 + ((i**3 % 13) - 6) / 100])
wide = np.column_stack([((i * (j + 3) + j**2 * i**2) % 101) / 101 for j in range(140)])
u, v, w = ((i**3 % 23) + 0.5) / 23, ((i**2 + 5 * i) % 113) / 113 + i / 1e4, 1.0 + i % 4
y = 2 * x1 - x2 / 20 + (1 + x1) * (u - v**2 + 0.3 * v)
out = open("penalised_and_quantile.csv", "w")
out.write("# Python 3.11, scikit-learn 1.9.1, statsmodels 0.15.0, script penalised_and_quantile.py, 2026-11-25\ncase,place,value\n")


def write(case, values):
    for place, value in enumerate(values):
        out.write(f"{case},{place},{float(value)!r}\n")


def plain(model, scaler):
    slopes = model.coef_ / scaler.scale_
    return [model.intercept_ - slopes @ scaler.mean_, *slopes]


for name, data in {"": x, "wide_": wide}.items():
    scaler = StandardScaler().fit(data)
    standard = scaler.transform(data)
    for penalty in (0.01, 1.0, 300.0):
        write(f"{name}ridge_{penalty}", plain(Ridge(alpha=penalty, solver="svd").fit(standard, y), scaler)[:8])
        raw = Ridge(alpha=penalty, solver="svd").fit(data, y)
        write(f"{name}raw_ridge_{penalty}", [raw.intercept_, *raw.coef_][:8])
    weighted = Ridge(alpha=2.0, solver="svd").fit(data, y, sample_weight=w)
    write(f"{name}raw_ridge_weights_2.0", [weighted.intercept_, *weighted.coef_][:8])
    grid = 120 * 10 ** (np.arange(37) / 4 - 6)
    chosen = RidgeCV(alphas=grid, store_cv_results=True).fit(standard, y)
    write(f"{name}left_out", [chosen.alpha_, *np.mean(chosen.cv_results_, axis=0).ravel()[[0, 10, 20, 30]]])
    # Generalised cross-validation by its definition.
    centred, target = standard - standard.mean(0), y - y.mean()

    def gcv(penalty):
        k = centred @ centred.T
        hat = k @ np.linalg.inv(k + penalty * np.eye(120))
        rest = target - hat @ target
        return 120 * rest @ rest / (120 - 1 - np.trace(hat)) ** 2

    errors = [gcv(penalty) for penalty in grid]
    write(f"{name}cross_validated", [grid[np.argmin(errors)], *np.array(errors)[[10, 20, 30]]])
    for penalty in (0.02, 0.2):
        model = Lasso(alpha=penalty, tol=1e-12, max_iter=1_000_000).fit(standard, y)
        write(f"{name}lasso_{penalty}", plain(model, scaler)[:8])

design = sm.add_constant(x)


def exact(tau, weights):
    """The linear program itself, by the simplex method of HiGHS."""
    k = design.shape[1]
    cost = np.concatenate([np.zeros(2 * k), tau * weights, (1 - tau) * weights])
    equal = np.hstack([design, -design, np.eye(120), -np.eye(120)])
    options = dict(primal_feasibility_tolerance=1e-10, dual_feasibility_tolerance=1e-10)
    found = linprog(cost, A_eq=equal, b_eq=y, method="highs-ds", options=options)
    return found.x[:k] - found.x[k : 2 * k]


warnings.simplefilter("ignore")
for tau in (0.05, 0.25, 0.5, 0.8, 0.95):
    best = exact(tau, np.ones(120))
    write(f"quantile_{tau}", best)
    write(f"quantile_weights_{tau}", exact(tau, w))
    model = sm.QuantReg(y, design)
    fitted = model.fit(q=tau, vcov="iid", kernel="epa", bandwidth="hsheather", max_iter=20000, p_tol=1e-10)
    print(tau, "statsmodels less the linear program:", np.abs(fitted.params - best).max())
    # The errors at the exact coefficients, by statsmodels' formulas; the sandwich has a density for each row.
    rest = y - design @ best
    rest[np.abs(rest) < 1e-9] = 0
    width = sm.regression.quantile_regression.hall_sheather(120, tau)
    while tau - width <= 0 or tau + width >= 1:
        width /= 2
    iqr = stats.scoreatpercentile(rest, 75) - stats.scoreatpercentile(rest, 25)
    h = min(np.std(y), iqr / 1.34) * (stats.norm.ppf(tau + width) - stats.norm.ppf(tau - width))
    density = np.where(np.abs(rest / h) <= 1, 0.75 * (1 - (rest / h) ** 2), 0) / h
    gram = design.T @ design
    alike = np.sqrt(tau * (1 - tau) * np.diag(np.linalg.inv(gram))) / density.mean()
    if 0.1 < tau < 0.9:
        assert np.abs(alike / fitted.bse - 1).max() < 1e-3, (alike, fitted.bse)
    write(f"alike_{tau}", alike)
    bread = np.linalg.inv((design * density[:, None]).T @ design)
    write(f"powell_{tau}", np.sqrt(tau * (1 - tau) * np.diag(bread @ gram @ bread)))
out.close()
