"""LightGBM on the rows of `cargo bench --bench boosting -- --json --data FILE`: writes FILE if it is not there, fits, prints a JSON line.

    python boosting.py FILE --rows 2400000 --test-rows 400000 --jobs 1        # needs lightgbm 4.7, numpy

FILE holds little-endian f32 rows of 30 columns and a target; the last --test-rows of them are held out. Both tools then see the same
numbers, and neither has learned from those that its error is measured on.
"""
import argparse
import json
import os
import resource
import time

args = argparse.ArgumentParser()
args.add_argument("file")
args.add_argument("--rows", type=int, default=100_000)
args.add_argument("--test-rows", type=int, default=100_000)
args.add_argument("--trees", type=int, default=50)
args.add_argument("--jobs", type=int, default=1)
a = args.parse_args()
os.environ["OMP_NUM_THREADS"] = str(a.jobs)
import lightgbm
import numpy as np


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(work):
    wall, before = time.perf_counter(), cpu()
    result = work()
    return result, time.perf_counter() - wall, cpu() - before


if not os.path.exists(a.file):
    r = np.random.default_rng(3)
    n = a.rows + a.test_rows
    x = r.standard_normal((n, 30), dtype=np.float32)
    w = r.standard_normal(30).astype(np.float32)
    y = x @ w + 2 * np.sin(x[:, 0] * 2) + x[:, 1] * x[:, 2] + r.standard_normal(n, dtype=np.float32)
    np.hstack([x, y[:, None]]).astype("<f4").tofile(a.file)
rows = np.fromfile(a.file, "<f4").reshape(-1, 31)
x, y = np.ascontiguousarray(rows[:, :30]), rows[:, 30].copy()
del rows
n = len(y) - a.test_rows
model = lightgbm.LGBMRegressor(n_estimators=a.trees, num_leaves=31, learning_rate=0.1, n_jobs=a.jobs, verbosity=-1)
_, fit_s, fit_cpu_s = timed(lambda: model.fit(x[:n], y[:n]))
predicted, predict_s, predict_cpu_s = timed(lambda: model.predict(x))
print(json.dumps({
    "lightgbm": lightgbm.__version__, "rows": n, "trees": a.trees, "threads": a.jobs, "fit_s": round(fit_s, 3), "fit_cpu_s": round(fit_cpu_s, 3),
    "rows_predicted": len(y), "predict_s": round(predict_s, 3), "predict_cpu_s": round(predict_cpu_s, 3),
    "test_rmse": round(float(np.sqrt(np.mean((predicted[n:] - y[n:]) ** 2))), 5),
    "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
}))
