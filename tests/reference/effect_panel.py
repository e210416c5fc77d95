"""Group-time effects of csdid (Callaway & Sant'Anna's method in Python); needs csdid, pandas.

The panel is arithmetic, written down again in tests/effect.rs. Writes effect_panel.csv beside this script; the last line is the
mean over groups and periods since treatment (`simple`)."""
import datetime
import pathlib
from importlib.metadata import version

import pandas as pd
from csdid.att_gt import ATTgt

rows = []
for unit in range(30):
    first = [2003, 2005, 9999][unit % 3]
    for year in range(2001, 2007):
        noise = ((unit * unit * 7 + year * unit) % 11 - 5) / 10
        effect = max(0, year - first + 1)
        rows.append((unit, year, first if first < 9999 else 0, unit + 3.0 * (year % 4) + noise + effect))
panel = pd.DataFrame(rows, columns=["unit", "year", "first", "y"])
model = ATTgt(yname="y", gname="first", idname="unit", tname="year", xformla="y~1", data=panel, control_group="notyettreated")
model = model.fit(est_method="reg", bstrap=False)
found = model.results
simple = model.aggte(typec="simple", bstrap=False).atte
lines = [f"{g},{t},{a!r},{s!r}" for g, t, a, s in zip(*([float(v) for v in found[k]] for k in ("group", "year", "att", "se")))]
lines.append(f"simple,,{float(simple['overall_att'])!r},{float(simple['overall_se'])!r}")
with open(pathlib.Path(__file__).with_name("effect_panel.csv"), "w") as file:
    file.write(f"# csdid {version('csdid')}, script effect_panel.py, {datetime.date.today()}\ngroup,period,estimate,se\n")
    file.write("\n".join(lines) + "\n")
