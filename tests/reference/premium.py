"""Writes premium.csv: premia on a simulated table by pyfixest, shrinkage by statsmodels and scipy, paths by statsmodels.

Run inside this folder with Python 3.11, pyfixest 0.60.0, statsmodels 0.15.0, scipy 1.17 and numpy 2.4:  python premium.py

Columns: case, name, estimate, error. The table is that of `reference_table` in tests/premium.rs: random numbers of Steele, Lea & Flood
(2014), OOPSLA, fig. 17, drawn row by row in the same order.

Cases: raw, adjusted, weighted, gap, pair, total, skill, period: log premia with errors clustered by employer. smoothed, ahead: levels
of a path and its first extrapolation, with standard deviations. reml, pm, dl: shrunken premia with posterior standard deviations, from
the full covariance; means and tau2 as "mean" and "tau2". diagonal_pm, diagonal_dl: tau2 from the variances alone, by statsmodels
combine_effects. kalman: levels of a random walk observed with known errors, by the Kalman smoother of statsmodels.
"""

import numpy as np
import pandas as pd
import pyfixest as pf
from scipy.optimize import brentq, minimize_scalar
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.tsa.statespace.mlemodel import MLEModel

MASK = (1 << 64) - 1
state = 20260101


def uniform():
    global state
    state = (state + 0x9E3779B97F4A7C15) & MASK
    z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return ((z ^ (z >> 31)) >> 11) / float(1 << 53)


def below(n):
    return int(uniform() * n)


N, C = 3000, 6
IDS = [f"c{c}" for c in range(C)]
rows = []
for _ in range(N):
    occupation, region, employer, month = below(12), below(6), below(60), below(36)
    degree, skill = below(2), below(2)
    held = [uniform() < 0.15 + 0.02 * c + occupation / 60 for c in range(C)]
    noise = uniform() + uniform() + uniform() - 1.5
    posted = uniform() < 0.5 + 0.3 * degree
    pay = 10 + occupation / 12 + region / 20 + employer % 7 / 10 + month / 100 + 0.1 * degree + 0.05 * skill + noise / 2
    pay += sum((c - 2) / 25 for c in range(C) if held[c])
    pay += -0.06 * (held[0] and held[1]) + 0.08 * (held[2] and skill)
    rows.append([occupation, region, employer, month, degree, skill, *map(float, held), pay, posted])
data = pd.DataFrame(rows, columns=["occupation", "region", "employer", "month", "degree", "skill", *IDS, "y", "posted"])
data["year"] = 2021 + data.month // 12
posted = data[data.posted].copy()

ssc = pf.ssc(k_adj=True, k_fixef="nonnested", G_adj=True, G_df="min")


def fit(columns, effects, frame=posted, weights=None):
    formula = f"y ~ {' + '.join([*columns, 'degree', 'skill'])} | {effects}"
    found = pf.feols(formula, frame, vcov={"CRV1": "employer"}, ssc=ssc, weights=weights, fixef_tol=1e-12)
    assert found._N == len(frame), "singletons"
    names = list(found._coefnames)
    return found.coef(), pd.DataFrame(found._vcov, names, names), found


WITHOUT, WITH = "employer + region + month", "employer + region + month + occupation"
out = open("premium.csv", "w")
out.write(f"# pyfixest {pf.__version__}, statsmodels 0.15.0, script premium.py, 2026-11-25\ncase,name,estimate,error\n")


def write(case, name, estimate, error=0.0):
    out.write(f"{case},{name},{float(estimate)!r},{float(error)!r}\n")


def write_fit(case, found, names):
    for label, column in names.items():
        write(case, label, found[0][column], np.sqrt(found[1].loc[column, column]))


own = {c: c for c in IDS}
raw, adjusted = fit(IDS, WITHOUT), fit(IDS, WITH)
write_fit("raw", raw, own)
write_fit("adjusted", adjusted, own)


# The gap: influence of each employer on both estimates, with the corrections of both.
def influence(found):
    x, e = found[2]._X, np.asarray(found[2]._u_hat).ravel()
    scores = pd.DataFrame(x * e[:, None]).groupby(posted.employer.to_numpy()).sum().to_numpy() @ np.linalg.inv(x.T @ x)
    own_variance = np.diag(scores.T @ scores)
    scale = np.sqrt(np.diag(found[1].to_numpy()) / own_variance)
    return scores * scale, list(found[1].index)


(a, names), (b, _) = influence(raw), influence(adjusted)
for c in IDS:
    at = names.index(c)
    write("gap", c, raw[0][c] - adjusted[0][c], np.sqrt(((a[:, at] - b[:, at]) ** 2).sum()))


# Weights for missing pay: penalised logistic regression on standardised controls and smoothed log odds of levels.
share = data.posted.mean()
logit = lambda p: np.log(p / (1 - p))


def odds(hits, counts):
    return logit((hits + 20 * share) / (counts + 20)) - logit(share)


columns = [np.ones(N)]
of = {c: odds(data.posted[data[c] == 1].sum(), (data[c] == 1).sum()) for c in IDS}
columns.append(sum(of[c] * data[c] for c in IDS).to_numpy())
for control in ["degree", "skill"]:
    columns.append(((data[control] - data[control].mean()) / data[control].std(ddof=0)).to_numpy())
for effect in ["employer", "occupation", "region", "month"]:
    groups = data.groupby(effect).posted
    columns.append(data[effect].map(odds(groups.sum(), groups.count())).to_numpy())
x, beta = np.column_stack(columns), np.zeros(len(columns))
penalty = np.diag([0.0] + [0.1] * (len(columns) - 1))
for _ in range(50):
    p = 1 / (1 + np.exp(-x @ beta))
    step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + penalty, x.T @ (data.posted - p) - penalty @ beta)
    beta += step
w = share / (1 / (1 + np.exp(-x @ beta)))[data.posted]
w = np.minimum(w, np.sort(w)[len(w) - 1 - int(0.01 * len(w))])
posted["w"] = w / w.mean()
write_fit("weighted", fit(IDS, WITH, weights="w"), own)
write("weights", "effective_rows", len(w) ** 2 / (posted.w**2).sum())

# Bundles, soft skill, periods.
pairs = {}
for i, c in enumerate(IDS):
    for d in IDS[i + 1 :]:
        posted[f"{c}_{d}"] = posted[c] * posted[d]
        assert posted[f"{c}_{d}"].sum() >= 30
        pairs[f"{c}+{d}"] = f"{c}_{d}"
found = fit([*IDS, *pairs.values()], WITH)
write_fit("pair", found, pairs)
for label, column in pairs.items():
    part = [*label.split("+"), column]
    write("total", label, found[0][part].sum(), np.sqrt(found[1].loc[part, part].to_numpy().sum()))
for c in IDS:
    posted[f"{c}_skill"] = posted[c] * posted.skill
found = fit([*IDS, *[f"{c}_skill" for c in IDS]], WITH)
write_fit("skill", found, {c: f"{c}_skill" for c in IDS})
years = sorted(posted.year.unique())
cells = {f"{c}:{year}": f"{c}_{year}" for c in IDS for year in years}
for label, column in cells.items():
    c, year = label.split(":")
    posted[column] = posted[c] * (posted.year == int(year))
found = fit(list(cells.values()), WITH)
write_fit("period", found, cells)


# Levels of the paths: posterior of a random walk with a diffuse start over a grid of standard deviations of its changes.
def walk(b, v, sd):
    t = np.arange(len(b))
    m, one = sd**2 * np.minimum.outer(t, t), np.ones(len(b))
    inverse = np.linalg.inv(v + m)
    information = one @ inverse @ one
    start = one @ inverse @ b / information
    r = b - start
    on_start = one - m @ inverse @ one
    likelihood = -0.5 * (np.linalg.slogdet(v + m)[1] + np.log(information) + r @ inverse @ r)
    return start + m @ inverse @ r, np.diag(m - m @ inverse @ m) + on_start**2 / information, likelihood


paths = {}
for c in IDS:
    part = [f"{c}_{year}" for year in years]
    paths[c] = found[0][part].to_numpy(), found[1].loc[part, part].to_numpy()
rms = np.sqrt(np.mean([np.diff(b) ** 2 for b, _ in paths.values()]))
grid = np.linspace(0, 2 * rms, 64)
walks = {c: [walk(b, v, sd) for sd in grid] for c, (b, v) in paths.items()}
likelihood = sum(np.array([w[2] for w in walks[c]]) for c in IDS)
weights = np.exp(likelihood - likelihood.max())
weights /= weights.sum()
for c in IDS:
    means, variances = np.array([w[0] for w in walks[c]]), np.array([w[1] for w in walks[c]])
    mean = weights @ means
    variance = weights @ (variances + (means - mean) ** 2)
    for year, m, s in zip(years, mean, np.sqrt(variance)):
        write("smoothed", f"{c}:{year}", m, s)
    write("ahead", c, mean[-1], np.sqrt(variance[-1] + weights @ grid**2))

# Shrinkage with the full covariance of the adjusted premia.
b, v = adjusted[0][IDS].to_numpy(), adjusted[1].loc[IDS, IDS].to_numpy()
one, unit = np.ones(C), np.eye(C)


def posterior(tau2):
    inverse = np.linalg.inv(v + tau2 * unit)
    information = one @ inverse @ one
    mean = one @ inverse @ b / information
    r = b - mean
    on_mean = one - tau2 * inverse @ one
    variance = np.diag(tau2 * unit - tau2**2 * inverse) + on_mean**2 / information
    cost = 0.5 * (np.linalg.slogdet(v + tau2 * unit)[1] + np.log(information) + r @ inverse @ r)
    return mean, mean + tau2 * inverse @ r, np.sqrt(variance), cost, r @ inverse @ r


w = np.diag(1 / np.diag(v))
a = w - w @ np.outer(one, one) @ w / w.sum()
tau2 = {
    "reml": minimize_scalar(lambda t: posterior(t)[3], bounds=(0, 0.1), method="bounded", options={"xatol": 1e-14}).x,
    "pm": brentq(lambda t: posterior(t)[4] - (C - 1), 0, 1, xtol=1e-16),
    "dl": max(0, (b @ a @ b - np.trace(a @ v)) / np.trace(a)),
}
for method, value in tau2.items():
    mean, shrunk, sd, _, _ = posterior(value)
    write(method, "tau2", value)
    write(method, "mean", mean)
    for c, m, s in zip(IDS, shrunk, sd):
        write(method, c, m, s)
for name, method in [("diagonal_pm", "iterated"), ("diagonal_dl", "chi2")]:
    write(name, "tau2", combine_effects(b, np.diag(v), method_re=method, atol=1e-14).tau2)

# The covariance itself, row by row, so that shrinkage can be checked by itself.
for c, row in zip(IDS, v):
    for d, value in zip(IDS, row):
        write("covariance", f"{c}:{d}", value)


# A random walk with sd 0.05 observed with known errors.
class Walk(MLEModel):
    def __init__(self, y, variances):
        super().__init__(y, k_states=1, initialization="diffuse")
        self["design", 0, 0] = self["transition", 0, 0] = self["selection", 0, 0] = 1.0
        self["state_cov", 0, 0] = 0.05**2
        self["obs_cov"] = variances[None, None, :]


y, errors = np.array([0.10, 0.16, 0.05, 0.12, 0.20]), np.array([0.02, 0.05, 0.03, 0.04, 0.06])
smoothed = Walk(y, errors**2).smooth([])
for t in range(len(y)):
    write("kalman", t, smoothed.smoothed_state[0, t], np.sqrt(smoothed.smoothed_state_cov[0, 0, t]))
out.close()
