"""The adjusted premia of `cargo bench --bench premium -- ROWS CERTIFICATES FILE.csv` by pyfixest 0.60: one regression.

usage: premium_pyfixest.py FILE.csv
"""

import resource
import sys
import time

import pandas as pd
import pyfixest as pf

d = pd.read_csv(sys.argv[1])
certificates = [c for c in d.columns if c[0] == "c"]
formula = f"y ~ {' + '.join([*certificates, 'education'])} | employer + region + month + occupation"
pf.feols(formula, d.iloc[:20000], vcov={"CRV1": "employer"})
cpu, wall = time.process_time(), time.perf_counter()
found = pf.feols(formula, d, vcov={"CRV1": "employer"})
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{len(d)} rows, {len(certificates)} certificates: {cpu:.1f} CPU-s, {wall:.1f} s, peak {peak:.0f} MB")
print("adjusted premia:", [f"{found.coef()[c]:.6f} ({found.se()[c]:.6f})" for c in certificates[:3]])
