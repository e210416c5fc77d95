"""Writes breaks_segments.csv: segments of least penalised cost by ruptures 1.1.10.

Run inside this folder with Python 3.11:  python breaks_segments.py

Every sixth series of datasets/us-employment, its last 120 values, as changes of 100 times the logarithm. Costs: squares
around the mean over a robust variance ("mean"), and n ln v + n with v the variance of the segment, at least 1e-3
("mean_variance"). Penalty: 3 ln n for each further segment; segments of at least 5 values. Dynp, which is exact for each
number of segments, up to 13 of them (or 3 more than PELT finds); the PELT of ruptures finds the same totals. Columns: series, cost, total cost with penalties, of PELT, ends of all segments but the last.
"""

import csv
import gzip
from pathlib import Path

import numpy as np
import ruptures as rpt
from ruptures.base import BaseCost

SHORTEST = 5


def series():
    found = {}
    with gzip.open(Path("../../datasets/us-employment/employment.csv.gz"), "rt") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            found.setdefault(row["unique_id"], []).append(float(row["y"]))
    return {name: np.diff(100 * np.log(np.array(found[name])[-120:])) for name in sorted(found)[::6]}


class Mean(BaseCost):
    model = ""
    min_size = SHORTEST

    def fit(self, signal):
        self.signal = signal.ravel()
        deviations = np.abs(np.diff(self.signal))
        self.variance = (1.482602218505602 * np.median(deviations)) ** 2 / 2
        return self

    def error(self, start, end):
        part = self.signal[start:end]
        return ((part - part.mean()) ** 2).sum() / self.variance


class MeanVariance(Mean):
    def error(self, start, end):
        part = self.signal[start:end]
        squares = ((part - part.mean()) ** 2).sum()
        v = max(squares / len(part), 1e-3)
        return len(part) * np.log(v) + squares / v


with open("breaks_segments.csv", "w") as out:
    out.write("# Python 3.11, ruptures 1.1.10, script breaks_segments.py, 2026-11-25\n")
    out.write("series,cost,total,pelt,ends\n")
    for name, x in series().items():
        penalty = 3 * np.log(len(x))
        for label, cost in (("mean", Mean), ("mean_variance", MeanVariance)):
            total = lambda ends: cost().fit(x).sum_of_costs(ends) + penalty * (len(ends) - 1)
            pelt = rpt.Pelt(custom_cost=cost(), min_size=SHORTEST, jump=1).fit(x).predict(pen=penalty)
            dynamic = rpt.Dynp(custom_cost=cost(), min_size=SHORTEST, jump=1).fit(x)
            most = min(len(x) // SHORTEST, max(13, len(pelt) + 3))
            tried = [[len(x)]] + [dynamic.predict(n_bkps=k) for k in range(1, most)]
            best = min(tried, key=total)
            ends = " ".join(str(end) for end in best[:-1])
            out.write(f"{name},{label},{total(best):.12g},{total(pelt):.12g},{ends}\n")
