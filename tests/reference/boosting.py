"""Writes boosting_data.csv, boosting.csv and boosting_shap.csv: seeded data, and what LightGBM and scikit-learn predict for them.

    python boosting.py        # needs lightgbm 4.7.0, scikit-learn, numpy

The first 512 rows have targets in eighths that sum to 0, so that the first gradients are exact in the 32 bits that both tools keep
them in; the other 88 rows are for prediction only. Columns have few values: every value has a bin of its own. Column 3 has missing
values, column 4 is a name. Both tools are told to keep every value apart, and to start from the mean.
"""
import csv
import warnings

import lightgbm
import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingRegressor

warnings.filterwarnings("ignore")
N, ALL = 512, 600
r = np.random.default_rng(4)
x = np.column_stack([r.integers(0, 40, ALL), r.integers(-9, 10, ALL) / 4, r.integers(0, 3, ALL), r.integers(0, 25, ALL), r.integers(0, 14, ALL)]).astype(float)
x[r.random(ALL) < 0.2, 3] = np.nan
names = r.permutation(14)
signal = 0.3 * x[:, 0] + 2 * np.abs(x[:, 1]) * (x[:, 2] > 0) + np.where(np.isnan(x[:, 3]), 3, 0.2 * x[:, 3]) + 0.8 * names[x[:, 4].astype(int)]
y = np.round(8 * (signal - signal.mean() + r.normal(size=ALL))) / 8
y[0] -= y[:N].sum()
assert y[:N].sum() == 0 and abs(y[0]) < 100
count = r.poisson(np.exp(0.08 * signal - 0.3)).astype(float)
weight = r.integers(1, 4, ALL).astype(float)
train = slice(0, N)

with open("boosting_data.csv", "w", newline="") as f:
    f.write(f"# numpy {np.__version__}, script boosting.py\n")
    w = csv.writer(f, lineterminator="\n")
    w.writerow(["x0", "x1", "x2", "x3", "x4", "y", "count", "weight"])
    for row in range(ALL):
        w.writerow([repr(float(v)) for v in [*x[row], y[row], count[row], weight[row]]])

base = dict(num_leaves=8, min_data_in_leaf=20, min_data_in_bin=1, learning_rate=1.0, verbosity=-1, num_threads=1, deterministic=True,
            force_col_wise=True, enable_bundle=False, feature_pre_filter=False, boost_from_average=True)


def lgb(trees, target=y, columns=4, weights=None, categorical=(), **more):
    params = {**base, **more}
    data = lightgbm.Dataset(x[train, :columns], target[train], weight=None if weights is None else weights[train],
                            categorical_feature=list(categorical), params=params)
    return lightgbm.train(params, data, trees)


def sk(trees, target=y, weights=None, categorical=None, columns=4, **more):
    m = HistGradientBoostingRegressor(max_iter=trees, max_leaf_nodes=8, min_samples_leaf=20, early_stopping=False,
                                      categorical_features=categorical, **{"learning_rate": 1.0, **more})
    return m.fit(x[train, :columns], target[train], None if weights is None else weights[train])


one = lgb(1)
ten = lgb(10, learning_rate=0.1)
found = {
    "lgb_one": one.predict(x[:, :4]),
    "sk_one": sk(1).predict(x[:, :4]),
    "lgb_ten": ten.predict(x[:, :4]),
    "sk_ten": sk(10, learning_rate=0.1).predict(x[:, :4]),
    "lgb_l2_depth": lgb(1, lambda_l2=5.0, max_depth=2).predict(x[:, :4]),
    "lgb_weights": lgb(1, weights=weight, min_data_in_leaf=1, min_sum_hessian_in_leaf=40.0).predict(x[:, :4]),
    "lgb_increasing": lgb(10, learning_rate=0.1, monotone_constraints=[1, 0, 0, -1]).predict(x[:, :4]),
    "lgb_category": lgb(1, columns=5, categorical=[4], min_data_per_group=20).predict(x),
    "lgb_poisson": lgb(30, target=count, learning_rate=0.1, objective="poisson").predict(x[:, :4]),
    "sk_poisson": sk(30, target=count, learning_rate=0.1, loss="poisson").predict(x[:, :4]),
    "lgb_quantile": lgb(50, learning_rate=0.1, objective="quantile", alpha=0.8).predict(x[:, :4]),
    "sk_quantile": sk(50, learning_rate=0.1, loss="quantile", quantile=0.8).predict(x[:, :4]),
}
with open("boosting.csv", "w", newline="") as f:
    f.write(f"# lightgbm {lightgbm.__version__}, scikit-learn {sklearn.__version__}, script boosting.py\n")
    w = csv.writer(f, lineterminator="\n")
    w.writerow(found)
    for row in range(ALL):
        w.writerow([repr(float(v[row])) for v in found.values()])

with open("boosting_shap.csv", "w", newline="") as f:
    f.write(f"# lightgbm {lightgbm.__version__}, pred_contrib of one tree and of ten, script boosting.py\n")
    w = csv.writer(f, lineterminator="\n")
    w.writerow([f"{m}_{c}" for m in ("one", "ten") for c in ("x0", "x1", "x2", "x3", "base")])
    a, b = one.predict(x[:, :4], pred_contrib=True), ten.predict(x[:, :4], pred_contrib=True)
    for row in range(0, ALL, 4):
        w.writerow([repr(float(v)) for v in [*a[row], *b[row]]])
