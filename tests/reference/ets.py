"""Writes the reference values of exponential smoothing: ets.csv and ets_states.csv.

Every form that R `ets()` admits, and the form that statsforecast chooses with its forecasts, on the last 120 months of
every sixth series of datasets/us-employment, 25 of them. ets_states.csv has the likelihood of all weights and initial
states of three fits per form: level, trend, and the season of the last to that of the first of the 12 months before.

Run inside this folder with Python 3.11 and statsforecast 2.1.1:  python ets.py
"""

import numpy as np
import pandas as pd
from statsforecast.ets import ets_f, forecast_ets

HEAD = "# Python 3.11, statsforecast 2.1.1, script ets.py, 2026-11-25\n"
MONTHS = 120
HORIZON = 12
FORMS = [
    "ANN", "AAN", "AAdN", "ANA", "AAA", "AAdA", "MNN", "MAN", "MAdN", "MNA", "MAA", "MAdA", "MNM", "MAM", "MAdM",
    "MMN", "MMdN", "MMM", "MMdM",
]


def series():
    table = pd.read_csv("../../datasets/us-employment/employment.csv.gz")
    found = {}
    for key, rows in table.groupby("unique_id", sort=True):
        y = rows.sort_values("ds")["y"].to_numpy(float)
        if len(y) >= MONTHS and not np.isnan(y[-MONTHS:]).any():
            found[key] = y[-MONTHS:]
    return dict(list(found.items())[::6])


def number(x):
    return "" if x is None or np.isnan(x) else repr(float(x))


def main():
    with open("ets.csv", "w") as out, open("ets_states.csv", "w") as states:
        out.write(HEAD)
        states.write(HEAD + "series,form,loglik,alpha,beta,gamma,phi,states\n")
        out.write("series,form,loglik,aicc,alpha,beta,gamma,phi,sigma2,forecast\n")
        for place, (key, y) in enumerate(series().items()):
            for form in FORMS:
                letters = form.replace("d", "")
                fit = ets_f(y.copy(), m=12, model=letters, damped="d" in form)
                weights = [number(w) for w in fit["par"][:4]]
                out.write(",".join([key, form, number(fit["loglik"]), number(fit["aicc"]), *weights, number(fit["sigma2"]), ""]) + "\n")
                if place % 9 == 0:
                    initial = " ".join(number(v) for v in fit["par"][4:])
                    states.write(",".join([key, form, number(fit["loglik"]), *weights, initial]) + "\n")
            fit = ets_f(y.copy(), m=12, model="ZZZ")
            path = forecast_ets(fit, h=HORIZON)["mean"]
            form = fit["components"][:2] + ("d" if fit["components"][3] == "D" else "") + fit["components"][2]
            weights = [number(w) for w in fit["par"][:4]]
            cells = [key, "auto:" + form, number(fit["loglik"]), number(fit["aicc"]), *weights, number(fit["sigma2"])]
            out.write(",".join([*cells, " ".join(number(v) for v in path)]) + "\n")


if __name__ == "__main__":
    main()
