"""Writes the reference values of tests/regression.rs: seeded data and what statsmodels and scikit-learn make of them.

Run in this folder: python regression.py
"""

import sys

import numpy as np
import sklearn
import statsmodels
import statsmodels.api as sm
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import ElasticNet
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler

HEAD = (
    f"# Python {sys.version_info.major}.{sys.version_info.minor}, scikit-learn {sklearn.__version__}, "
    "script regression.py, 2026-11-23\n"
)


def write(name, header, rows):
    with open(name, "w", encoding="ascii") as out:
        out.write(HEAD)
        out.write(",".join(header) + "\n")
        for row in rows:
            out.write(",".join(cell if isinstance(cell, str) else repr(float(cell)) for cell in row) + "\n")


def linear_data():
    """Correlated columns of very different size; the second has mean 1e6."""
    rng = np.random.default_rng(20261123)
    n = 200
    a = rng.normal(size=n)
    x = np.column_stack(
        [a, 1e6 + 3 * rng.normal(size=n), 0.001 * (a + 0.3 * rng.normal(size=n)), rng.integers(0, 2, n), rng.exponential(50, n)]
    )
    y = 5 + 2 * x[:, 0] - 0.7 * (x[:, 1] - 1e6) + 800 * x[:, 2] + 0.02 * x[:, 4] + rng.normal(size=n)
    return x, y


def linear():
    x, y = linear_data()
    names = [f"x{j}" for j in range(x.shape[1])]
    write("regression_data.csv", [*names, "y"], np.column_stack([x, y]))

    # OLS: centred columns, so that the reference itself is not the one that loses digits.
    centre = x.mean(axis=0)
    fit = sm.OLS(y, sm.add_constant(x - centre)).fit()
    b = fit.params[1:]
    rows = [["ols", 0, 0, fit.params[0] - b @ centre, *b]]

    scaler = StandardScaler().fit(x)
    for alpha, l1_ratio in [(0.01, 0.5), (0.1, 0.5), (0.5, 1.0), (1.0, 0.2), (100.0, 0.9)]:
        net = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, tol=1e-12, max_iter=1_000_000).fit(scaler.transform(x), y)
        b = net.coef_ / scaler.scale_
        rows.append(["elastic_net", alpha, l1_ratio, net.intercept_ - b @ scaler.mean_, *b])
    write("regression_linear.csv", ["model", "penalty", "l1_ratio", "intercept", *names], rows)


def friedman(rng, n):
    """Friedman (1991), Annals of Statistics 19, eq. 61: five columns that matter and three that do not."""
    x = rng.uniform(size=(n, 8)).round(4)
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return x, (y + rng.normal(size=n)).round(4)


def forest():
    rng = np.random.default_rng(7)
    x, y = friedman(rng, 600)
    new_x, new_y = friedman(rng, 400)
    names = [f"x{j}" for j in range(8)]
    rows = [["train", *r] for r in np.column_stack([x, y])] + [["test", *r] for r in np.column_stack([new_x, new_y])]
    write("regression_forest_data.csv", ["part", *names, "y"], rows)
    scores = []
    for seed in range(5):
        model = RandomForestRegressor(n_estimators=100, min_samples_leaf=5, max_depth=12, random_state=seed).fit(x, y)
        scores.append(["random_forest", seed, r2_score(new_y, model.predict(new_x))])
    write("regression_forest.csv", ["model", "seed", "r2"], scores)


if __name__ == "__main__":
    print("statsmodels", statsmodels.__version__)
    linear()
    forest()
