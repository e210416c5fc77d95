"""Writes outcomes.csv: Kaplan-Meier curves, Wilson intervals and intervals of medians, by statsmodels, lifelines and scipy.

Run inside this folder with Python 3.11, statsmodels 0.15.0, lifelines 0.30.3 and scipy 1.17.1:  python outcomes.py

Columns: case, at, a, b, c, d.
km_NAME:     at = time, a = survival, b = standard error (Greenwood), c and d = log-log limits at 95 %.
median_NAME: a = median, b and c = its limits; empty where not reached.
wilson:      at = x, a = n, b and c = limits at 95 %, d = limit of 90 % below.
order:       at = n, a = rank of the lower limit of a median's interval at 95 % (from 1; 0 is none).

Data: times t and flags e, i from 0.
ties:   i < 40: t = (7 i mod 23) + 1, e = (i mod 3 != 0)
late:   i < 25: t = 30 i^2 mod 401, e = (i mod 5 = 0)
all:    i < 12: t = 3 i + 1, e = 1
"""

import lifelines
import numpy as np
import scipy.stats as st
from lifelines.utils import median_survival_times
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

cases = {}
i = np.arange(40)
cases["ties"] = ((7 * i % 23) + 1, (i % 3 != 0).astype(int))
i = np.arange(25)
cases["late"] = (30 * i**2 % 401, (i % 5 == 0).astype(int))
i = np.arange(12)
cases["all"] = (3 * i + 1, np.ones(12, dtype=int))


def text(value):
    return "" if value is None or not np.isfinite(value) else repr(float(value))


with open("outcomes.csv", "w") as out:
    out.write(f"# Python 3.11, statsmodels 0.15.0, lifelines {lifelines.__version__}, script outcomes.py, 2026-11-25\n")
    out.write("case,at,a,b,c,d\n")
    for name, (t, e) in cases.items():
        # statsmodels gives curve and error; lifelines the log-log limits and the median with its own.
        curve = SurvfuncRight(t.astype(float), e)
        fit = lifelines.KaplanMeierFitter(alpha=0.05).fit(t, e)
        limits = fit.confidence_interval_
        for time, s, se in zip(curve.surv_times, curve.surv_prob, curve.surv_prob_se):
            low, high = limits.loc[time]
            if s <= 0:
                se, low, high = None, None, None
            out.write(",".join([f"km_{name}", text(time), text(s), text(se), text(low), text(high)]) + "\n")
        low, high = median_survival_times(limits).iloc[0]
        out.write(",".join([f"median_{name}", "", text(fit.median_survival_time_), text(low), text(high), ""]) + "\n")
    for x, n in [(0, 12), (1, 12), (7, 12), (12, 12), (40, 61), (999, 1000), (5, 200_000)]:
        low, high = proportion_confint(x, n, 0.05, "wilson")
        below = proportion_confint(x, n, 0.10, "wilson")[0]
        out.write(",".join(["wilson", str(x), str(n), text(low), text(high), text(below)]) + "\n")
    for n in [1, 5, 6, 9, 10, 17, 25, 100, 1_001, 20_000, 1_000_000]:
        # The largest k with P(Bin(n, 1/2) <= k - 1) <= 0.025: ppf is the smallest count with more than that.
        k = int(st.binom.ppf(0.025, n, 0.5))
        k = k + 1 if st.binom.cdf(k, n, 0.5) <= 0.025 else k
        out.write(",".join(["order", str(n), str(k), "", "", ""]) + "\n")
