#!/usr/bin/env python3
"""Draw the split `fresh`: places in files, and in surroundings, that no other split has.

    python draw_fresh.py --catalog datasets/catalog --texts questionnaires --labels labels.csv --out fresh.csv

Candidates are those of draw.py. At most two of the same surroundings are drawn, four of a file and 60 of an alias; nothing but the
seed decides. The output holds file, byte_start, byte_end and alias, and no text. Standard library only (Python 3.11).
"""

import argparse
import csv
import random
from collections import Counter
from pathlib import Path

from draw import find_candidates, read_catalog


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw mentions of files that are not labelled yet.")
    parser.add_argument("--catalog", type=Path, required=True, help="folder of the catalogue's TOML files")
    parser.add_argument("--texts", type=Path, required=True, help="folder of the texts, *.txt")
    parser.add_argument("--labels", type=Path, required=True, help="labels.csv, for the files of the other splits")
    parser.add_argument("--out", type=Path, required=True, help="CSV file to write")
    parser.add_argument("--seed", type=int, default=20261130)
    args = parser.parse_args()

    with args.labels.open(encoding="utf-8", newline="") as labels:
        known = {row["file"] for row in csv.DictReader(labels) if row["split"] != "fresh"}
    found, _ = find_candidates(args.texts, read_catalog(args.catalog)[0])
    seen = {one.copy for one in found if one.file in known}
    pool = sorted(one for one in found if one.file not in known and one.copy not in seen)
    random.Random(args.seed).shuffle(pool)
    copies, aliases, files = Counter(), Counter(), Counter()
    drawn = []
    for one in pool:
        if copies[one.copy] < 2 and files[one.file] < 4 and aliases[one.alias] < 60:
            copies[one.copy] += 1
            aliases[one.alias] += 1
            files[one.file] += 1
            drawn.append(one)
    with args.out.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["file", "byte_start", "byte_end", "alias"])
        writer.writerows([one.file, one.start, one.end, one.alias] for one in sorted(drawn))
    print(f"{len(drawn)} drawn of {len(pool)}")


if __name__ == "__main__":
    main()
