"""Rebuild `data/names` and `data/names-world` from pinned packages: `make data`, or `python data/build_names.py`.

The same packages give the same bytes. `data/SOURCES.md` says what is taken from where and by which rules; the rules
themselves are in `data/builder`, and the tables of facts in `data/builder/facts`.
"""

from __future__ import annotations

import sys

from builder.fetch import BuildError, require_build_packages

try:
    require_build_packages()
except BuildError as error:
    sys.exit(f"build_names: error: {error}")

from builder.assemble import build
from builder.fetch import DATA_FOLDER, read_nationalities
from builder.text import words
from builder.write import commonest, digest, write_lists

#: The origins of the classic lesson.
CLASSIC_ORIGINS = words(
    "Arabic Chinese Czech Dutch English French German Greek Irish Italian Japanese Korean Polish "
    "Portuguese Russian Scottish Spanish Vietnamese"
)
#: Most names of one origin, the commonest first.
MOST_NAMES = 3000
#: An origin with fewer is too thin to learn from, and left out of `names-world`.
LEAST_NAMES = 150


def main() -> None:
    """Build both folders and print the names by origin and the digest of the whole."""
    entries, tally = build(read_nationalities())
    lists = {origin: commonest(entries[origin], MOST_NAMES) for origin in sorted(entries)}
    world = {origin: names for origin, names in lists.items() if len(names) >= LEAST_NAMES}
    classic = {origin: world[origin] for origin in CLASSIC_ORIGINS}
    folders = [DATA_FOLDER / "names", DATA_FOLDER / "names-world"]
    write_lists(folders[0], classic)
    write_lists(folders[1], world)
    print("origin\tpersons\tforeign given name\tcandidates\twritten")
    for origin in sorted(world):
        counts = [tally.persons[origin], tally.foreign[origin], len(entries[origin]), len(world[origin])]
        print(origin, *counts, sep="\t")
    for folder, files in zip(folders, (classic, world), strict=True):
        print(f"{folder.name}: {len(files)} origins, {sum(map(len, files.values()))} names")
    print(f"sha256 of the tree: {digest(folders)}")


if __name__ == "__main__":
    try:
        main()
    except BuildError as error:
        sys.exit(f"build_names: error: {error}")
