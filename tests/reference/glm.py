"""Writes glm.csv: generalised linear models with offsets, weights, and every covariance, by statsmodels.

Run inside this folder with Python 3.11, statsmodels 0.15.0, scikit-learn 1.9.1 and numpy 2.4.6:  python glm.py

Columns: case, what, place, value. A case is family, link, and of "offset", "weights" what is used, joined by dots; `what` is an
estimate or a standard error (by the name of its covariance), `place` 0 the intercept, or a number of the whole fit.

Rows, i from 0 to 119: x1 = (7 i mod 31) / 31, x2 = (i^2 mod 17) / 17 - 0.4, u = ((i^3 mod 23) + 0.5) / 23,
weights 1 + i mod 4, offset ln(1 + i mod 5) / 2, clusters a = i // 7 and b = i mod 5. Targets: counts floor(6 u^2 exp(x1 - x2)),
amounts exp(0.5 x1 - x2) (0.2 + u), amounts with zeros max(amount - 0.5, 0), shares 1 / (1 + exp(-(x1 - x2 + 2 u - 1))) and
answers (u < share).
"""

import numpy as np
import statsmodels.api as sm
from scipy.optimize import brentq
from sklearn.linear_model import LogisticRegression

fam, links = sm.families, sm.families.links
i = np.arange(120)
x = np.column_stack([(7 * i % 31) / 31, (i**2 % 17) / 17 - 0.4])
u = ((i**3 % 23) + 0.5) / 23
w, offset, a, b = 1.0 + i % 4, np.log(1 + i % 5) / 2, i // 7, i % 5
counts = np.floor(6 * u**2 * np.exp(x[:, 0] - x[:, 1]))
amounts = np.exp(0.5 * x[:, 0] - x[:, 1]) * (0.2 + u)
zeros = np.maximum(amounts - 0.5, 0)
shares = 1 / (1 + np.exp(-(x[:, 0] - x[:, 1] + 2 * u - 1)))
answers = (u < shares).astype(float)
design = sm.add_constant(x)
cases = {
    "gaussian.identity": (amounts, fam.Gaussian()),
    "gaussian.log": (amounts, fam.Gaussian(links.Log())),
    "poisson.log": (counts, fam.Poisson()),
    "poisson_amounts.identity": (amounts, fam.Poisson(links.Identity())),
    "negative_binomial.log": (counts, fam.NegativeBinomial(alpha=0.5)),
    "binomial.logit": (shares, fam.Binomial()),
    "answers.logit": (answers, fam.Binomial()),
    "gamma.log": (amounts, fam.Gamma(links.Log())),
    "gamma.inverse": (amounts, fam.Gamma()),
    "tweedie.log": (zeros, fam.Tweedie(links.Log(), var_power=1.5)),
    "tweedie_3.log": (amounts, fam.Tweedie(links.Log(), var_power=3.0)),
}
covariances = {
    "classical": dict(cov_type="nonrobust"),
    "hc0": dict(cov_type="HC0"),
    "clustered": dict(cov_type="cluster", cov_kwds=dict(groups=a)),
    "two_way": dict(cov_type="cluster", cov_kwds=dict(groups=np.column_stack([a, b]))),
}
out = open("glm.csv", "w")
out.write("# Python 3.11, statsmodels 0.15.0, scikit-learn 1.9.1, script glm.py, 2026-11-25\ncase,what,place,value\n")


def write(case, what, place, value):
    out.write(f"{case},{what},{place},{float(value)!r}\n")


def fit(case, y, family, covs, **terms):
    model = sm.GLM(y, design, family=family, **terms)
    for name, kwds in covs.items():
        fitted = model.fit(tol=1e-14, tol_criterion="params", maxiter=300, **kwds)
        for place in range(3):
            write(case, name, place, fitted.bse[place])
    for place in range(3):
        write(case, "estimate", place, fitted.params[place])
    write(case, "deviance", 0, fitted.deviance)
    write(case, "null_deviance", 0, fitted.null_deviance)
    write(case, "dispersion", 0, fitted.scale)
    if not case.startswith(("tweedie", "gaussian.log", "binomial")):
        write(case, "log_likelihood", 0, fitted.llf)


for case, (y, family) in cases.items():
    fit(case, y, family, covariances)
    fit(case + ".weights", y, family, {"classical": covariances["classical"]}, var_weights=w)
    if case.endswith(".log") or case.endswith(".logit"):
        fit(case + ".offset", y, family, covariances, offset=offset)
        fit(case + ".offset.weights", y, family, {"classical": covariances["classical"]}, offset=offset, var_weights=w)

# The dispersion of largest likelihood: coefficients for each alpha by GLM, and the zero of the derivative in alpha.
for name, terms in {"": {}, ".weights": dict(freq_weights=w)}.items():
    def at(alpha):
        return sm.GLM(counts, design, family=fam.NegativeBinomial(alpha=alpha), **terms).fit(tol=1e-14, maxiter=300)

    def slope(alpha):
        mu, weights = at(alpha).mu, terms.get("freq_weights", np.ones(120))
        steps = np.array([sum(k / (1 + alpha * k) for k in range(int(y))) for y in counts])
        t = alpha * mu
        return np.sum(weights * (steps + np.log1p(t) / alpha**2 - (counts + 1 / alpha) * mu / (1 + t)))

    alpha = brentq(slope, 0.01, 10, xtol=1e-14)
    case = "negative_binomial_estimated.log" + name
    write(case, "alpha", 0, alpha)
    for place in range(3):
        write(case, "estimate", place, at(alpha).params[place])
        if not name:
            write(case, "classical", place, at(alpha).bse[place])
    if not name:
        write(case, "log_likelihood", 0, at(alpha).llf)
        joint = sm.NegativeBinomial(counts, design).fit(disp=0, gtol=1e-10, maxiter=500)
        assert abs(joint.params[3] - alpha) < 1e-5 * alpha, (joint.params[3], alpha)

# Logistic regression with a penalty on standardised columns.
standard = (x - x.mean(0)) / x.std(0)
for penalty in (0.5, 20.0):
    found = LogisticRegression(C=1 / penalty, tol=1e-12, solver="newton-cholesky").fit(standard, answers)
    case = f"penalised_{penalty}.logit"
    slopes = found.coef_[0] / x.std(0)
    write(case, "estimate", 0, found.intercept_[0] - slopes @ x.mean(0))
    for place in (0, 1):
        write(case, "estimate", place + 1, slopes[place])
out.close()
