"""Writes textbook.csv: wage equations of a textbook's data by statsmodels and linearmodels. No data, only estimates and errors.

Run inside this folder with Python 3.11, statsmodels 0.15.0, linearmodels 7.1, pandas and numpy 2.4.6, and the folder of the data
(wage1, cps78_85, twoyear and card as .csv.bz2):  python textbook.py FOLDER

Columns: case, coefficient by name, estimate, standard error. Intercepts are `const`.
"""

import sys

import pandas as pd
import statsmodels.api as sm
from linearmodels.iv import IV2SLS

folder = sys.argv[1]
out = open("textbook.csv", "w")
out.write("# Python 3.11, statsmodels 0.15.0, linearmodels 7.1, script textbook.py, 2026-11-25\ncase,coefficient,estimate,se\n")


def write(case, names, estimates, errors):
    for name, estimate, error in zip(names, estimates, errors):
        out.write(f"{case},{name},{float(estimate)!r},{float(error)!r}\n")


def least(case, table, y, names):
    x = sm.add_constant(table[names])
    for kind, options in {"": {}, "_hc1": dict(cov_type="HC1"), "_hc3": dict(cov_type="HC3")}.items():
        fitted = sm.OLS(table[y], x).fit(**options)
        write(case + kind, fitted.params.index, fitted.params, fitted.bse)


tables = {name: pd.read_csv(f"{folder}/{name}.csv.bz2") for name in ("wage1", "cps78_85", "twoyear", "card")}
least("wage1", tables["wage1"], "lwage", ["educ", "exper", "tenure"])
names = ["y85", "educ", "y85educ", "exper", "expersq", "union", "female", "y85fem"]
least("cps78_85", tables["cps78_85"], "lwage", names)
least("twoyear", tables["twoyear"], "lwage", ["jc", "univ", "exper"])
least("twoyear_total", tables["twoyear"], "lwage", ["jc", "totcoll", "exper"])
card = tables["card"]
regions = [f"reg{n}" for n in range(662, 670)]
exogenous = ["exper", "expersq", "black", "smsa", "south", "smsa66", *regions]
least("card", card, "lwage", ["educ", *exogenous])
x = sm.add_constant(card[exogenous])
for kind, options in {
    "": dict(cov_type="unadjusted", debiased=True),
    "_hc1": dict(cov_type="robust", debiased=True),
    "_clustered": dict(cov_type="clustered", clusters=card["age"], debiased=True),
}.items():
    fitted = IV2SLS(card["lwage"], x, card[["educ"]], card[["nearc4"]]).fit(**options)
    write("card_iv" + kind, fitted.params.index, fitted.params, fitted.std_errors)
    fitted = IV2SLS(card["lwage"], x, card[["educ"]], card[["nearc4", "nearc2"]]).fit(**options)
    write("card_iv_two" + kind, fitted.params.index, fitted.params, fitted.std_errors)
fitted = IV2SLS(card["lwage"], x, card[["educ"]], card[["nearc4"]]).fit(cov_type="unadjusted", debiased=True)
stage = sm.OLS(card["educ"], sm.add_constant(card[[*exogenous, "nearc4"]])).fit()
write("card_first_stage_f", ["educ"], [stage.tvalues["nearc4"] ** 2], [0.0])
out.close()
