"""Writes extra_trees.csv: what scikit-learn's ExtraTreesRegressor makes of regression_forest_data.csv, seed by seed.

Run inside this folder with Python 3.11, scikit-learn 1.9.1 and numpy 2.4.6:  python extra_trees.py
"""

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.metrics import r2_score

with open("regression_forest_data.csv") as file:
    rows = [line.strip().split(",") for line in file if not line.startswith("#")][1:]
part = {name: np.array([[float(c) for c in row[1:]] for row in rows if row[0] == name]) for name in ("train", "test")}
train, test = part["train"], part["test"]
with open("extra_trees.csv", "w") as out:
    out.write("# Python 3.11, scikit-learn 1.9.1, script extra_trees.py, 2026-11-25\nseed,r2\n")
    for seed in range(10):
        model = ExtraTreesRegressor(n_estimators=100, min_samples_leaf=5, max_depth=16, random_state=seed)
        found = model.fit(train[:, :-1], train[:, -1]).predict(test[:, :-1])
        out.write(f"{seed},{r2_score(test[:, -1], found)!r}\n")
