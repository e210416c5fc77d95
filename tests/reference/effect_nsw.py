"""Least squares by statsmodels on the trial's treated and the survey's others, HC3 errors; needs pandas and statsmodels.

Argument: the folder of nsw_mixtape.csv and cps_mixtape.csv. Writes effect_nsw.csv beside this script: estimates only."""
import datetime
import pathlib
import sys

import pandas as pd
import statsmodels
import statsmodels.formula.api as smf

folder = pathlib.Path(sys.argv[1])
nsw, cps = (pd.read_csv(folder / f"{name}_mixtape.csv") for name in ("nsw", "cps"))
data = pd.concat([nsw[nsw.treat == 1], cps], ignore_index=True)
data["squared"] = data.age**2
# One byte for age, as in the original file, makes its square wrap around: the source of +700.33 in the data's note.
data["wrapped"] = (data.age.astype("int8") ** 2).astype(float)
base = "re78 ~ age + educ + black + hisp + marr + nodegree + re74 + re75"
with open(pathlib.Path(__file__).with_name("effect_nsw.csv"), "w") as file:
    file.write(f"# statsmodels {statsmodels.__version__}, script effect_nsw.py, {datetime.date.today()}\nmore,estimate,se\n")
    for name, more in (("none", ""), ("age^2", " + squared"), ("wrapped", " + wrapped")):
        fit = smf.ols(base + more + " + treat", data).fit(cov_type="HC3")
        file.write(f"{name},{fit.params['treat']!r},{fit.bse['treat']!r}\n".replace("np.float64(", "").replace(")", ""))
