"""Every package that charnn needs at run time is pinned and under a licence that lets it be passed on."""

import base64
import hashlib
from importlib.metadata import Distribution
from pathlib import Path

import pytest
import torture_supply as supply

PACKAGES = supply.needed()


def test_what_is_needed_includes_what_is_needed_by_that() -> None:
    assert {"torch", "numpy", "pydantic-core", "sympy", "pyarrow", "tensorboard", "kiwisolver"} <= PACKAGES.keys()
    assert not {"pytest", "hypothesis", "ruff", "mypy", "charnn"} & PACKAGES.keys()


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_pinned_and_its_licence_is_permissive(name: str) -> None:
    """In any version: `make supply` wants the pinned one, and these tests pass with the others that charnn allows."""
    assert name in supply.pins()
    here = PACKAGES[name].version.partition("+")[0]
    assert list(supply.faults_of(name, PACKAGES[name], {name: here})) == []


@pytest.mark.parametrize(
    ("licence", "permissive"),
    [
        ("MIT", True),
        ("BSD License", True),
        ("3-Clause BSD License", True),
        ("Apache-2.0 WITH LLVM-exception AND (MIT OR GPL-2.0-only)", True),
        ("BSD-3-Clause AND GPL-3.0-with-GCC-exception", True),
        ("GPL-3.0-or-later", False),
        ("MIT AND LGPL-2.1-only", False),
        ("Other/Proprietary License", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_licences(licence: str, permissive: bool) -> None:
    assert supply.is_permissive(licence) == permissive


def test_a_file_that_was_changed_is_found(tmp_path: Path) -> None:
    record = tmp_path / "thing-1.0.dist-info" / "RECORD"
    record.parent.mkdir()
    lines = []
    for name in ("kept.py", "changed.py", "gone.py"):
        digest = base64.urlsafe_b64encode(hashlib.sha256(b"1\n").digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},2")
        (tmp_path / name).write_text("1\n")
    record.write_text("\n".join(lines))
    (tmp_path / "changed.py").write_text("2\n")
    (tmp_path / "gone.py").unlink()
    package = Distribution.at(record.parent)
    assert supply.changed_files(package) == ["changed.py was changed", "gone.py is missing"]


def test_another_version_than_the_tested_one_is_told() -> None:
    (fault,) = supply.faults_of("numpy", PACKAGES["numpy"], {"numpy": "1.0"})
    assert fault.endswith("is installed, constraints.txt has 1.0")
