"""Writes least_squares.csv: coefficients with every covariance, by statsmodels.

Run inside this folder with Python 3.11, statsmodels 0.15.0 and numpy 2.4.6:  python least_squares.py

Columns: case, coefficient (0 is the intercept), estimate, se, p. The covariance is named in the case; those that begin with
"weighted" are weighted by 1 + i mod 4. Rows, i from 0 to 59:
x1 = (7 i mod 31) / 3, x2 = 1e6 + (i^2 mod 17), noise = ((i^3 mod 23) - 11) / 4, y = 3 + 2 x1 - x2 / 2 + noise (1 + x1 / 5),
clusters a = i // 7 and b = i mod 5.
"""

import numpy as np
import statsmodels.api as sm

i = np.arange(60)
x1, x2 = (7 * i % 31) / 3, 1e6 + (i**2 % 17)
y = 3 + 2 * x1 - x2 / 2 + ((i**3 % 23) - 11) / 4 * (1 + x1 / 5)
# Columns about their means: the intercept is moved back by hand, so that the reference keeps its digits.
a, b = i // 7, i % 5
w = 1.0 + i % 4
x = sm.add_constant(np.column_stack([x1, x2 - 1e6]))
covariances = {
    "classical": dict(cov_type="nonrobust", use_t=True),
    "hc0": dict(cov_type="HC0", use_t=True),
    "hc1": dict(cov_type="HC1", use_t=True),
    "hc2": dict(cov_type="HC2", use_t=True),
    "hc3": dict(cov_type="HC3", use_t=True),
    "clustered": dict(cov_type="cluster", cov_kwds=dict(groups=a, df_correction=True), use_t=True),
    "two_way": dict(cov_type="cluster", cov_kwds=dict(groups=np.column_stack([a, b]), df_correction=True), use_t=True),
}
with open("least_squares.csv", "w") as out:
    out.write("# Python 3.11, statsmodels 0.15.0, script least_squares.py, 2026-11-25\n")
    out.write("case,coefficient,estimate,se,p\n")
    for prefix, model in [("", sm.OLS(y, x)), ("weighted_", sm.WLS(y, x, weights=w))]:
        for name, kwds in covariances.items():
            fitted = model.fit(**kwds)
            for place in (1, 2):
                cells = [fitted.params[place], fitted.bse[place], fitted.pvalues[place]]
                out.write(f"{prefix}{name},{place}," + ",".join(repr(float(cell)) for cell in cells) + "\n")
        out.write(f"{prefix}fit,0,{float(fitted.rsquared)!r},{float(fitted.rsquared_adj)!r},{float(np.sqrt(fitted.scale))!r}\n")
