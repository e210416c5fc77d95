"""Writes fixed_effects.csv: regressions with absorbed effects, by pyfixest, statsmodels and linearmodels.

Run inside this folder with Python 3.11, pyfixest 0.60.0, statsmodels 0.15.0 and linearmodels:
    python fixed_effects.py ../../../shared/data/econometrics
The argument is the folder with wagepan.csv.bz2; of it, estimates only are written.

Columns: case, tool, errors, what, value, se, p. "what" is the number of a column, or n, df (counted by the small-sample factor),
r2 and within. Cases beginning with "weighted_" are weighted. The data of all but wagepan come from the generator below.

With an output file as the second argument, the script writes data of the given number of rows for `benches/fixed_effects.rs`
instead (numpy's generator, 5,000 + 400 + 20,000 + 120 levels), and with "fit" as the third argument it fits them by pyfixest:
    python fixed_effects.py 2000000 data.bin         python fixed_effects.py 2000000 data.bin fit
"""

import json
import os
import resource
import sys
import time

import numpy as np
import pandas as pd

LEVELS = (5000, 400, 20000, 120)


def uniforms(seed, n):
    """Knuth's MMIX generator, upper 53 bits."""
    state, out = seed, []
    for _ in range(n):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out.append((state >> 11) / 2**53)
    return np.array(out)


def small(n=3000):
    """Pay of n rows: effects of many sizes, some levels with one row, `state` nests `emp`, `part` splits `left` and `right`."""
    u = uniforms(7, 10 * n).reshape(n, 10)
    d = pd.DataFrame(
        {
            "occ": (u[:, 0] ** 2 * 60).astype(int),
            "reg": (u[:, 1] * 12).astype(int),
            "emp": (u[:, 2] ** 3 * 400).astype(int),
            "mon": np.arange(n) % 24,
        }
    )
    d["state"] = d.emp // 9
    part = (u[:, 9] * 3).astype(int)
    d["left"] = part + 3 * (u[:, 0] * 20).astype(int)
    d["right"] = part + 3 * (u[:, 1] * 15).astype(int)
    d["c0"] = (u[:, 3] < 0.1 + 0.2 * (d.occ % 3 == 1)).astype(float)
    d["c1"] = 1e4 + u[:, 4] + 0.01 * d.emp
    d["c2"] = u[:, 5] * u[:, 4] - 0.1 * (d.reg % 4)
    d["w"] = 0.5 + u[:, 6]
    noise = (u[:, 7] + u[:, 8] - 1) * (0.5 + d.c0)
    d["y"] = 0.3 * d.c0 - 0.2 * d.c1 + 0.1 * d.c2 + np.sin(d.occ) + np.cos(d.emp) + 0.1 * d.mon + (d.reg % 5) + noise
    return d


def in_order(m, effects, vcov):
    """The covariance with the effects in the order of the formula.

    pyfixest 0.60 holds them in the order of a set, which differs from run to run (PYTHONHASHSEED), and looks for nested ones by
    the order of the formula: the degrees of freedom and every clustered error then depend on the run.
    """
    m._fe = m._fe[[f"__fixed_effect__({effect})" for effect in effects]]
    m._k_fe = m._fe.nunique(axis=0)
    return m.vcov(vcov)


def pyfixest(d, effects, errors, weights=None, columns=("c0", "c1", "c2")):
    import pyfixest as pf

    # Far below the default tolerance of 1e-6, so that the reference is exact to the digits that are compared.
    demeaner = pf.MapDemeaner(fixef_tol=1e-13, fixef_maxiter=1_000_000)
    formula = f"y ~ {' + '.join(columns)} | {' + '.join(effects)}"
    vcov = {"classical": "iid", "hc1": "HC1"}.get(errors) or {"CRV1": " + ".join(errors.split("+"))}
    m = in_order(pf.feols(formula, d, vcov=vcov, weights=weights, demeaner=demeaner), effects, vcov)
    names = list(m.coef().index)
    rows = [(columns.index(name), m.coef()[name], m.se()[name], m.pvalue()[name]) for name in names]
    return rows + [("n", m._N, "", ""), ("df", m._df_k, "", ""), ("r2", m._r2, "", ""), ("within", m._r2_within, "", "")]


def statsmodels(d, effects, columns=("c0", "c1", "c2")):
    """Dummies for every level: the rank is what the degrees of freedom should be."""
    import statsmodels.api as sm

    dummies = [pd.get_dummies(d[e]).to_numpy(float) for e in effects]
    x = np.hstack([d[list(columns)].to_numpy() - d[list(columns)].mean().to_numpy(), *dummies])
    m = sm.OLS(d.y.to_numpy(), x).fit()
    rows = [(place, m.params[place], m.bse[place], m.pvalues[place]) for place in range(len(columns))]
    return rows + [("n", len(d), "", ""), ("df", np.linalg.matrix_rank(x), "", "")]


def linearmodels(d, errors):
    from linearmodels.panel import PanelOLS

    panel = d.set_index(["nr", "year"])
    m = PanelOLS(panel.y, panel[["c0", "c1", "c2"]], entity_effects=True, time_effects=True)
    m = m.fit(cov_type="unadjusted" if errors == "classical" else "robust", debiased=True)
    return [(place, m.params.iloc[place], m.std_errors.iloc[place], m.pvalues.iloc[place]) for place in range(3)]


def reference(folder):
    d = small()
    # A row that stands alone says nothing: without it, and without those that stand alone then, the fit is the same.
    cases = {
        "one": (["emp"], ["classical", "hc1", "emp", "state", "reg"]),
        "two": (["emp", "mon"], ["classical", "hc1", "emp", "state", "state+mon", "emp+mon", "state+reg"]),
        "four": (["occ", "reg", "emp", "mon"], ["classical", "hc1", "emp", "state", "occ", "occ+emp", "state+mon"]),
        "parts": (["left", "right"], ["classical", "hc1", "reg"]),
    }
    out = []

    def write(case, tool, errors, rows):
        for what, value, se, p in rows:
            cells = [repr(float(cell)) if cell != "" else "" for cell in (value, se, p)]
            out.append(f"{case},{tool},{errors},{what}," + ",".join(cells))

    for case, (effects, kinds) in cases.items():
        for errors in kinds:
            write(case, "pyfixest", errors, pyfixest(d, effects, errors))
            write(f"weighted_{case}", "pyfixest", errors, pyfixest(d, effects, errors, "w"))
    write("parts", "statsmodels", "classical", statsmodels(d, ["left", "right"]))
    wagepan = pd.read_csv(os.path.join(folder, "wagepan.csv.bz2"))
    wagepan = wagepan.rename(columns={"lwage": "y", "expersq": "c0", "married": "c1", "union": "c2"})
    for errors in ["classical", "hc1", "nr", "nr+year"]:
        write("wagepan", "pyfixest", errors, pyfixest(wagepan, ["nr", "year"], errors))
    for errors in ["classical"]:
        write("wagepan", "linearmodels", errors, linearmodels(wagepan, errors))
    with open("fixed_effects.csv", "w") as file:
        file.write("# Python 3.11, pyfixest 0.60.0, statsmodels 0.15.0, linearmodels, script fixed_effects.py, 2026-11-25\n")
        file.write("case,tool,errors,what,value,se,p\n")
        file.write("\n".join(out) + "\n")


def large(n):
    """The data of the peers' script: occupation, region, employer, month; 0/1 columns, the first depends on the occupation."""
    rng = np.random.default_rng(7)
    codes = [rng.integers(0, k, n) for k in LEVELS]
    effects = [rng.normal(size=k) for k in LEVELS]
    x = rng.binomial(1, 0.05, (n, 10)).astype(float)
    x[:, 0] = (effects[0][codes[0]] + rng.normal(size=n)) > 1.5
    y = x @ np.linspace(0.02, 0.2, 10) + rng.normal(size=n) * 0.4
    for effect, code, size in zip(effects, codes, (0.3, 0.2, 0.3, 0.1)):
        y += effect[code] * size
    return x, y, codes


def write_large(n, path):
    """Rows and columns as u64, then x row by row and y as f64, then the codes of each effect as u32; all little-endian."""
    x, y, codes = large(n)
    with open(path, "wb") as file:
        file.write(np.array([n, x.shape[1], len(codes)], "<u8").tobytes())
        file.write(x.astype("<f8").tobytes())
        file.write(y.astype("<f8").tobytes())
        for code in codes:
            file.write(code.astype("<u4").tobytes())


def fit_large(path):
    """Fits what `write_large` wrote and prints one line of JSON: seconds of the fit alone, peak memory of the process."""
    import pyfixest as pf

    with open(path, "rb") as file:
        n, p, q = np.fromfile(file, "<u8", 3).astype(int)
        x = np.fromfile(file, "<f8", n * p).reshape(n, p)
        y = np.fromfile(file, "<f8", n)
        codes = [np.fromfile(file, "<u4", n).astype(np.int64) for _ in range(q)]
    d = pd.DataFrame({f"c{j}": x[:, j] for j in range(p)} | {"y": y})
    for name, code in zip(("occ", "reg", "emp", "mon"), codes):
        d[name] = code
    del x, y, codes
    formula = "y ~ " + "+".join(f"c{j}" for j in range(p)) + " | occ+reg+emp+mon"
    pf.feols(formula, d.iloc[:20000], vcov={"CRV1": "emp"})
    wall, cpu = time.perf_counter(), time.process_time()
    m = pf.feols(formula, d, vcov={"CRV1": "emp"})
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    m = in_order(m, ["occ", "reg", "emp", "mon"], {"CRV1": "emp"})
    print(
        json.dumps(
            {
                "tool": f"pyfixest {pf.__version__}",
                "rows": int(n),
                "cpu_s": round(cpu, 3),
                "wall_s": round(wall, 3),
                "peak_rss_mb": round(peak),
                "estimates": m.coef().tolist(),
                "errors": m.se().tolist(),
            }
        )
    )


if __name__ == "__main__":
    if len(sys.argv) == 2:
        reference(sys.argv[1])
    elif len(sys.argv) == 3:
        write_large(int(sys.argv[1]), sys.argv[2])
    else:
        fit_large(sys.argv[2])
