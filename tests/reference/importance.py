"""Writes importance.csv: permutation importance of a least-squares fit.

Run inside this folder with Python 3.11, scikit-learn 1.9.1 and numpy 2.4.6:  python importance.py

Columns: group, mae (as it is), increase (mean over repeats), std (over repeats), repeats. Rows of the data, i from 0:
x0 = (7 i mod 61) / 10, x1 = (i^2 mod 47) / 5, x2 = (11 i mod 23) / 3, noise = ((i^3 mod 101) - 50) / 20,
y = 2 x0 - x1 + noise; fitted on i < 120, measured on 120 <= i < 240.
"""

import numpy as np
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error

i = np.arange(240)
x = np.column_stack([(7 * i % 61) / 10, (i**2 % 47) / 5, (11 * i % 23) / 3])
y = 2 * x[:, 0] - x[:, 1] + ((i**3 % 101) - 50) / 20
model = LinearRegression().fit(x[:120], y[:120])
found = permutation_importance(model, x[120:], y[120:], scoring="neg_mean_absolute_error", n_repeats=400, random_state=1)
mae = mean_absolute_error(y[120:], model.predict(x[120:]))
with open("importance.csv", "w") as out:
    out.write("# Python 3.11, scikit-learn 1.9.1, script importance.py, 2026-11-23\n")
    out.write("group,mae,increase,std,repeats\n")
    for column in range(3):
        out.write(f"x{column},{mae!r},{found.importances_mean[column]!r},{found.importances[column].std(ddof=1)!r},400\n".replace("np.float64(", "").replace(")", ""))
