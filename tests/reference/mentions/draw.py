#!/usr/bin/env python3
"""Draw mentions of catalogue certificates from a folder of texts, to be labelled by reading.

    python draw.py --catalog datasets/catalog --texts questionnaires --out drawn.csv

A candidate is every occurrence of a name or an alias of the catalogue in a text: case is ignored, a run of blanks
or line ends counts as one blank, typographic apostrophes and dashes count as plain ones, and neither neighbour is a
letter or a digit. At one place the longest name wins, and candidates do not overlap. Positions are bytes of the file.

Two strata are drawn. At most --copies candidates with the same surroundings are drawn over both.

  all        from every candidate, at most --per-alias of one alias and --per-file of one file
  ambiguous  from candidates not drawn yet whose alias has an `ambiguous` entry, belongs to several certificates, or
             is an acronym of at most four letters; at most --per-alias-ambiguous more of one alias, and
             --per-file-ambiguous of one file over both strata

If the limits leave fewer candidates than asked for, fewer are drawn, and the counts printed say so.

The split goes by file: `develop` if the last digit of the file name is even or there is none, else `test`. Each
stratum takes half of its number from each split, so far as there are candidates. Nothing but the seed decides.

The output holds file, byte_start, byte_end, alias, split, stratum, and no text. Standard library only (Python 3.11).
"""

import argparse
import csv
import random
import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

# Characters that are written in several ways: the first of each class is the way the catalogue writes it.
VARIANTS = ["'\u2019\u2018\u02bc`", "-\u2010\u2011\u2013\u2014"]
CONTEXT = 40  # characters on either side that make two candidates near-copies
ACRONYM = 4  # longest acronym that counts as ambiguous whatever the catalogue says


class Candidate(NamedTuple):
    """One occurrence: where it stands, and the alias as the catalogue writes it."""

    file: str
    start: int  # byte offsets, the end exclusive
    end: int
    alias: str
    copy: str  # what near-copies have in common


def read_catalog(folder: Path) -> tuple[list[str], set[str]]:
    """The names and aliases of the catalogue, each spelling once, and those that are ambiguous."""
    owners: dict[str, set[str]] = defaultdict(set)
    spelling: dict[str, str] = {}
    flagged: set[str] = set()
    for path in sorted(folder.glob("*.toml")):
        for entry in tomllib.loads(path.read_text("utf-8"))["certificate"]:
            for alias in [entry["name"], *entry["aliases"]]:
                spelling.setdefault(alias.lower(), alias)
                owners[alias.lower()].add(entry["id"])
            flagged |= {note["alias"].lower() for note in entry.get("ambiguous", [])}
    short = {
        key
        for key, alias in spelling.items()
        if sum(map(str.isalpha, alias)) <= ACRONYM and alias == alias.upper() and not any(map(str.isdigit, alias))
    }
    shared = {key for key, ids in owners.items() if len(ids) > 1}
    ambiguous = {spelling[key] for key in spelling if key in flagged or key in shared or key in short}
    return list(spelling.values()), ambiguous


def pattern_of(alias: str) -> str:
    """A regular expression for one alias, with every way to write its blanks, apostrophes and dashes."""
    out = []
    for char in re.sub(r"\s+", " ", alias):
        if char == " ":
            out.append(r"\s+")
        else:
            same = next((group for group in VARIANTS if char in group), None)
            out.append(f"[{re.escape(same)}]" if same else re.escape(char))
    return "".join(out)


def key_of(text: str) -> str:
    """A spelling under which all ways to write one alias are the same."""
    for group in VARIANTS:
        text = re.sub(f"[{re.escape(group)}]", group[0], text)
    return re.sub(r"\s+", " ", text).lower()


def text_of(path: Path) -> str | None:
    """The text of a file, or nothing where it is no text: bytes of zero, other control characters, or no UTF-8."""
    data = path.read_bytes()
    if re.search(rb"[\x00-\x08\x0e-\x1f]", data):
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def find_candidates(texts: Path, aliases: list[str]) -> tuple[list[Candidate], int]:
    """All candidates in order of file and place, and how many files are no text."""
    # Alternatives are tried in order, so the longest alias that fits at a place is taken.
    longest_first = sorted(aliases, key=lambda alias: (-len(alias), alias))
    finder = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(pattern_of, longest_first))})(?![^\W_])", re.IGNORECASE)
    catalogued = {key_of(alias): alias for alias in reversed(longest_first)}
    found: list[Candidate] = []
    skipped = 0
    for path in sorted(texts.glob("*.txt")):
        text = text_of(path)
        if text is None:
            skipped += 1
            continue
        byte = char = 0  # the byte at which the character `char` starts
        for match in finder.finditer(text):
            byte += len(text[char : match.start()].encode())
            char = match.start()
            around = text[max(0, match.start() - CONTEXT) : match.end() + CONTEXT]
            copy = re.sub(r"[\d\s]+", "", around.lower())
            end = byte + len(match.group().encode())
            found.append(Candidate(path.name, byte, end, catalogued[key_of(match.group())], copy))
    return found, skipped


def split_of(file: str) -> str:
    """The split of a file, from the last digit in its name."""
    digits = re.findall(r"\d", file)
    return "test" if digits and int(digits[-1]) % 2 else "develop"


class Drawer:
    """Draws candidates in a random order so long as the limits allow. Files and copies are counted over all strata."""

    def __init__(self, copies: int) -> None:
        self.copies = copies
        self.files: Counter[str] = Counter()
        self.texts: Counter[str] = Counter()
        self.drawn: dict[Candidate, str] = {}

    def draw(
        self, stratum: str, pool: list[Candidate], number: int, per_alias: int, per_file: int, rng: random.Random
    ) -> None:
        """Draws up to `number` of the pool, half from each split; a lack in one split is made up from the other."""
        order = sorted(pool)
        rng.shuffle(order)
        aliases: Counter[str] = Counter()
        splits: Counter[str] = Counter()
        for limit in (number // 2, number):
            for one in order:
                if splits.total() >= number:
                    return
                if (
                    one in self.drawn
                    or splits[split_of(one.file)] >= limit
                    or aliases[one.alias] >= per_alias
                    or self.files[one.file] >= per_file
                    or self.texts[one.copy] >= self.copies
                ):
                    continue
                self.drawn[one] = stratum
                self.files[one.file] += 1
                self.texts[one.copy] += 1
                aliases[one.alias] += 1
                splits[split_of(one.file)] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw catalogue mentions to be labelled by reading.")
    parser.add_argument("--catalog", type=Path, required=True, help="folder of the catalogue's TOML files")
    parser.add_argument("--texts", type=Path, required=True, help="folder of the texts, *.txt")
    parser.add_argument("--out", type=Path, required=True, help="CSV file to write")
    parser.add_argument("--all", type=int, default=460, help="how many to draw from all candidates")
    parser.add_argument("--ambiguous", type=int, default=220, help="how many more from ambiguous aliases")
    parser.add_argument("--per-file", type=int, default=4)
    parser.add_argument("--per-file-ambiguous", type=int, default=20)
    parser.add_argument("--per-alias", type=int, default=25)
    parser.add_argument("--per-alias-ambiguous", type=int, default=100)
    parser.add_argument("--copies", type=int, default=3, help="how many with the same surroundings")
    parser.add_argument("--seed", type=int, default=20261129)
    args = parser.parse_args()

    aliases, ambiguous = read_catalog(args.catalog)
    found, skipped = find_candidates(args.texts, aliases)
    drawer = Drawer(args.copies)
    rng = random.Random(args.seed)
    drawer.draw("all", found, args.all, args.per_alias, args.per_file, rng)
    unclear = [one for one in found if one.alias in ambiguous]
    drawer.draw("ambiguous", unclear, args.ambiguous, args.per_alias_ambiguous, args.per_file_ambiguous, rng)

    with args.out.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["file", "byte_start", "byte_end", "alias", "split", "stratum"])
        for one in sorted(drawer.drawn):
            writer.writerow([one.file, one.start, one.end, one.alias, split_of(one.file), drawer.drawn[one]])

    by_alias, drawn_alias = Counter(one.alias for one in found), Counter(one.alias for one in drawer.drawn)
    print(f"{len(found)} candidates of {len(by_alias)} aliases in {len({one.file for one in found})} files")
    print(f"{len({one.copy for one in found})} different surroundings, {len(unclear)} candidates with ambiguous aliases")
    print(f"{skipped} files left out because they are no text")
    for (stratum, split), count in sorted(Counter((drawer.drawn[o], split_of(o.file)) for o in drawer.drawn).items()):
        print(f"drawn: {stratum:9} {split:7} {count}")
    print("alias, candidates, drawn, ambiguous:")
    for alias, count in by_alias.most_common():
        print(f"{count:6} {drawn_alias[alias]:4} {'a' if alias in ambiguous else ' '} {alias}")


if __name__ == "__main__":
    main()
