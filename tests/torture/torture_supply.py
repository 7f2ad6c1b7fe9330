"""What charnn stands on: versions, licences, and whether what is installed is what was tested and what was shipped.

    python tests/torture/torture_supply.py [--no-hashes]

Prints every package that charnn needs at run time, the extras too, with its licence as its own metadata states it. Ends
with exit code 1 where a version is not the one of constraints.txt, a requirement is not met, a licence is not one of
those below, or a file of a package is not the one that its wheel listed. Known vulnerabilities are not looked up: that
takes a service on the network (pip-audit --requirement constraints.txt asks one).
"""

import argparse
import base64
import csv
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"
EXTRAS = ("parquet", "tensorboard", "tune")
# Licences that let charnn, which is under the MIT licence, be used and passed on together with the package.
PERMISSIVE = (
    "0BSD", "Apache", "BSD", "CC0", "CNRI-Python", "HPND", "ISC", "MIT", "MIT-0", "MPL-2.0", "Mozilla", "PSF", "Python",
    "Unlicense", "Zlib", "BSL-1.0", "FTL", "BSD-3-Clause-Open-MPI",
)  # fmt: skip
# With exceptions that free what is linked: compilers' run-time libraries inside wheels of NumPy and SciPy.
EXCEPTED = ("GPL-3.0-or-later WITH GCC-exception-3.1", "GPL-3.0-with-GCC-exception")
# What torch's build for NVIDIA cards brings, under its maker's licences; which build it is, the index decides.
OF_CARDS = ("nvidia-", "cuda-", "triton")
ROOT = "charnn"


def needed(root: str = ROOT, extras: tuple[str, ...] = EXTRAS) -> dict[str, Distribution]:
    """Every package that is needed at run time here, by its normalised name, without `root` and what is `OF_CARDS`."""
    found: dict[str, Distribution] = {}
    waiting = [(root, extras)]
    asked = set()
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in asked:
            continue
        asked.add((name, wanted))
        package = distribution(name)
        found[canonicalize_name(name)] = package
        for text in package.requires or ():
            requirement = Requirement(text)
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *wanted)):
                waiting.append((requirement.name, tuple(sorted(requirement.extras))))
    del found[canonicalize_name(root)]
    return {name: package for name, package in sorted(found.items()) if not name.startswith(OF_CARDS)}


def pins() -> dict[str, str]:
    """The versions of constraints.txt by normalised name."""
    lines = (line.partition("#")[0].strip() for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines())
    pairs = (line.split("==") for line in lines if line)
    return {canonicalize_name(name): version for name, version in pairs}


def licence(package: Distribution) -> str:
    """What the metadata says: the SPDX expression, else the classifiers, else the first line of the free text."""
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classifiers = [line for line in metadata.get_all("Classifier") or () if line.startswith("License ::")]
    names = [line.rpartition(" :: ")[2] for line in classifiers if line != "License :: OSI Approved"]
    free = str(metadata.get("License") or "").strip().split("\n")[0]
    return " AND ".join(names) or free or "unknown"


def is_permissive(expression: str) -> bool:
    """Whether each licence of an `AND`, and one of each `OR`, is permissive."""
    for kept in EXCEPTED:
        expression = expression.replace(kept, "MIT")
    parts = re.split(r"\bAND\b|[,;]", expression.replace("(", " ").replace(")", " "))
    return all(any(_is_known(choice) for choice in re.split(r"\bOR\b|\bor\b", part)) for part in parts)


def _is_known(name: str) -> bool:
    words = name.replace("License", " ").replace("Licence", " ").split()
    return bool(words) and any(words[0].startswith(known) or known in words for known in PERMISSIVE)


def faults_of(name: str, package: Distribution, pinned: dict[str, str]) -> Iterator[str]:
    """What is wrong with a package, in words."""
    version = package.version.partition("+")[0]  # +cpu says how a version was built
    if pinned.get(name) != version:
        yield f"{name} {version} is installed, constraints.txt has {pinned.get(name, 'none')}"
    if not is_permissive(licence(package)):
        yield f"{name}: licence '{licence(package)}' is not known as permissive"


def changed_files(package: Distribution) -> list[str]:
    """Files that are not as the package's RECORD lists them."""
    changed = []
    for name, stated, *_ in csv.reader((package.read_text("RECORD") or "").splitlines()):
        mode, _, wanted = stated.partition("=")
        if not wanted or name.endswith(".pyc"):
            continue
        path = Path(str(package.locate_file(name)))
        if not path.is_file():
            changed.append(f"{name} is missing")
            continue
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, mode).digest()
        if base64.urlsafe_b64encode(found).rstrip(b"=").decode() != wanted:
            changed.append(f"{name} was changed")
    return changed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-hashes", action="store_true", help="do not read the packages' files")
    options = parser.parse_args()
    faults: list[str] = []
    try:
        packages = needed()
    except PackageNotFoundError as error:
        print(f"not installed: {error.name}; run make install")
        return 1
    pinned = pins()
    for name, package in packages.items():
        print(f"{name:<24} {package.version:<14} {licence(package)}")
        faults += faults_of(name, package, pinned)
        if not options.no_hashes:
            faults += [f"{name}: {line}" for line in changed_files(package)]
    checked = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    faults += checked.stdout.splitlines() if checked.returncode else []
    hashes = "" if options.no_hashes else ", their files as their wheels listed them"
    print(f"{len(packages)} packages at run time, all pinned, with known licences{hashes}" if not faults else "")
    for fault in faults:
        print(f"FAULT {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
