"""Reference values of effect estimates by statsmodels, scikit-learn and plain formulas; needs numpy, pandas, scikit-learn,
statsmodels, scipy, linearmodels.

The data are arithmetic, written down again in tests/effect_reference.rs. Writes effect.csv beside this script."""
import datetime
import pathlib
import warnings

import numpy as np
import pandas as pd
import scipy.stats
import sklearn
import statsmodels
import statsmodels.api as sm
from linearmodels.panel import PanelOLS
from sklearn.neighbors import NearestNeighbors
from statsmodels.treatment.treatment_effects import TreatmentEffect

warnings.simplefilter("ignore")
n = 240
i = np.arange(n, dtype=np.int64)
x1 = ((7 * i) % 31) / 3.0 - 5.0
x2 = ((i * i) % 17) / 2.0
x3 = ((i * 11) % 4 == 0).astype(float)
hidden = ((i * i * i) % 23) / 11.0 - 1.0
d = ((0.25 * x1 - 0.1 * x2 + 0.8 * x3 + 1.5 * hidden) > 0.3).astype(float)
noise = ((5 * i * i + 3 * i) % 29) / 7.0 - 2.0
y = 3.0 + 0.9 * x1 + 0.4 * x2 - 1.2 * x3 + d * (1.5 + 0.2 * x1) + noise
x = np.column_stack([x1, x2, x3])
cluster = i // 6
rows = []


def add(case, estimate, se, more=float("nan")):
    rows.append((case, float(estimate), float(se), float(more)))


t = scipy.stats.ttest_ind(y[d == 1], y[d == 0], equal_var=False)
low = t.confidence_interval().low
add("difference", y[d == 1].mean() - y[d == 0].mean(), (y[d == 1].mean() - y[d == 0].mean()) / t.statistic, low)
ols = sm.OLS(y, sm.add_constant(np.column_stack([x, d])))
fit = ols.fit(cov_type="HC3", use_t=True)
add("ols", fit.params[-1], fit.bse[-1], fit.conf_int()[-1][0])
fit = ols.fit(cov_type="cluster", cov_kwds={"groups": cluster}, use_t=True)
add("ols_cluster", fit.params[-1], fit.bse[-1], fit.conf_int()[-1][0])

logit = sm.Logit(d, sm.add_constant(x)).fit(disp=0, tol=1e-14)
e = logit.predict()
effect = TreatmentEffect(sm.OLS(y, sm.add_constant(x)), d, results_select=logit)
for name, group in (("ate", "all"), ("att", 1)):
    # The standard errors are those of the joint estimating equations.
    found = effect.ipw(effect_group=group)
    add(f"ipw_{name}", found.results_gmm.params[0], found.results_gmm.bse[0])

a = sm.add_constant(x)
m0 = a @ np.linalg.lstsq(a[d == 0], y[d == 0], rcond=None)[0]
m1 = a @ np.linalg.lstsq(a[d == 1], y[d == 1], rcond=None)[0]
w0 = np.where(d == 0, 1 / (1 - e), 0)
w1 = np.where(d == 1, 1 / e, 0)
w0, w1 = w0 / w0.sum(), w1 / w1.sum()
r0, r1 = (w0 * (y - m0)).sum(), (w1 * (y - m1)).sum()
tau = (m1 - m0).mean() + r1 - r0
psi = (m1 - m0 - (m1 - m0).mean()) / n + w1 * (y - m1 - r1) - w0 * (y - m0 - r0)
add("aipw_ate", tau, np.sqrt((psi**2).sum()))
w0 = np.where(d == 0, e / (1 - e), 0)
w0, w1 = w0 / w0.sum(), d / d.sum()
r0, r1 = (w0 * (y - m0)).sum(), (w1 * (y - m0)).sum()
psi = w1 * (y - m0 - r1) - w0 * (y - m0 - r0)
add("aipw_att", r1 - r0, np.sqrt((psi**2).sum()))
# statsmodels does not normalise the weights of AIPW: the difference stays within the bound that the test states.
add("aipw_ate_statsmodels", effect.aipw().results_gmm.params[0], effect.aipw().results_gmm.bse[0])


def weights_of_entropy(x, base, target):
    """Entropy balancing by a general optimiser."""
    from scipy.optimize import minimize

    z = (x - target) / x.std(axis=0)
    dual = lambda l: np.log((base * np.exp(z @ l)).sum())
    grad = lambda l: z.T @ (base * np.exp(z @ l)) / (base * np.exp(z @ l)).sum()
    l = minimize(dual, np.zeros(x.shape[1]), jac=grad, method="BFGS", options={"gtol": 1e-12}).x
    w = base * np.exp(z @ l)
    return w / w.sum()


w = weights_of_entropy(x[d == 0], (e / (1 - e))[d == 0], x[d == 1].mean(axis=0))
proj = sm.WLS(y[d == 0], a[d == 0], weights=w).fit()
m = a @ proj.params
tau = y[d == 1].mean() - (w * y[d == 0]).sum()
part = np.concatenate([(y - m - tau)[d == 1] / d.sum(), w * (y - m)[d == 0]])
add("tilted_att", tau, np.sqrt((part**2).sum()))


def matching(k, correct, ate, j=2):
    """Abadie & Imbens (2006, 2011) with all ties."""
    space = x @ np.linalg.cholesky(np.linalg.inv(np.cov(x.T)))

    def neighbours(of, among, k, self_too):
        found = {}
        tree = NearestNeighbors(n_neighbors=min(len(among), 239), algorithm="brute").fit(space[among])
        distances, places = tree.kneighbors(space[of])
        for row, dist, place in zip(of, distances, places):
            keep = among[place] != row if self_too else np.ones(len(place), bool)
            dist, place = dist[keep], place[keep]
            found[row] = among[place[dist <= dist[k - 1] + 1e-8]]
        return found

    treated, control = np.where(d == 1)[0], np.where(d == 0)[0]
    sets = neighbours(treated, control, k, False)
    if ate:
        sets.update(neighbours(control, treated, k, False))
    used, squared, asks = np.zeros(n), np.zeros(n), np.zeros(n)
    for row, found in sets.items():
        used[found] += 1 / len(found)
        squared[found] += 1 / len(found) ** 2
        asks[row] = 1
    model = np.zeros((2, n))
    if correct:
        for arm in (0, 1):
            c = (d == arm) & (used > 0)
            if c.any():
                model[arm] = a @ sm.WLS(y[c], a[c], weights=used[c]).fit().params
    pairs = []
    for row, found in sets.items():
        r = y - model[int(1 - d[row])]
        pairs.append((r[row] - r[found].mean()) * (1 if d[row] else -1))
    pairs = np.array(pairs)
    tau = pairs.mean()
    near = neighbours(treated, treated, j, True) | neighbours(control, control, j, True)
    var = np.array([len(near[r]) / (len(near[r]) + 1) * (y[r] - y[near[r]].mean()) ** 2 for r in range(n)])
    total = ((pairs - tau) ** 2).sum() + ((used**2 + 2 * used * asks - squared) * var).sum()
    return tau, np.sqrt(total) / len(pairs)


for k in (1, 4):
    for correct in (False, True):
        for ate in (False, True):
            name = f"match_{k}_{'corrected' if correct else 'raw'}_{'ate' if ate else 'att'}"
            add(name, *matching(k, correct, ate))

# Two periods, two groups: the change regressed on the group, and fixed effects of unit and period.
before = 2.0 + 0.5 * x1 + ((i * 13) % 19) / 5.0 + 0.7 * d
change = sm.OLS(y - before, sm.add_constant(d)).fit(cov_type="HC2", use_t=True)
long = pd.DataFrame(
    {"unit": np.tile(i, 2), "period": np.repeat([0, 1], n), "y": np.concatenate([before, y]), "dd": np.concatenate([0 * d, d])}
).set_index(["unit", "period"])
panel = PanelOLS(long.y, long[["dd"]], entity_effects=True, time_effects=True).fit()
assert abs(panel.params["dd"] - change.params[1]) < 1e-9
# HC2 is Welch's error in this regression.
add("did", panel.params["dd"], change.bse[1])

versions = f"statsmodels {statsmodels.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}"
with open(pathlib.Path(__file__).with_name("effect.csv"), "w") as file:
    file.write(f"# {versions}, script effect.py, {datetime.date.today()}\ncase,estimate,se,low\n")
    for case, *values in rows:
        file.write(",".join([case, *("" if np.isnan(v) else repr(v) for v in values)]) + "\n")
