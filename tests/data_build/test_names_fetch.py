"""Pins, the refusing unpickler and atomic writing; nothing here uses the network."""

from __future__ import annotations

import collections
import hashlib
import io
import os
import pickle
import zipfile
from pathlib import Path

import pytest
from build_bench import bench_rows
from builder import fetch, write
from builder.fetch import BuildError, Package, RefusingUnpickler
from builder.select import Entry


def package(sha256: str) -> Package:
    return Package("pip", "name2nat", "0.5.1", "names.whl", sha256)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, and clients that must not be called."""
    monkeypatch.setattr(fetch, "CACHE", tmp_path)
    monkeypatch.setattr(fetch, "_download", lambda *_: pytest.fail("tried to download"))
    return tmp_path


def test_a_cached_file_is_used_when_its_digest_is_the_pinned_one(cache: Path) -> None:
    (cache / "names.whl").write_bytes(b"names")
    assert fetch.fetch(package(hashlib.sha256(b"names").hexdigest())) == cache / "names.whl"


def test_a_cached_file_with_another_digest_is_refused(cache: Path) -> None:
    (cache / "names.whl").write_bytes(b"other")
    with pytest.raises(BuildError, match=r"names\.whl: SHA-256 is"):
        fetch.fetch(package(hashlib.sha256(b"names").hexdigest()))


def test_without_npm_one_line_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "CACHE", tmp_path)
    monkeypatch.setattr(fetch.shutil, "which", lambda _: None)
    with pytest.raises(BuildError, match=r"^npm is missing; install it, or put .* into data/\.cache$"):
        fetch.fetch(fetch.POLISH_REGISTER)


def test_missing_build_packages_are_named_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements.txt").write_text("# comment\nno-such-package==1.2\nanyascii==0.0.0\n", encoding="utf-8")
    monkeypatch.setattr(fetch, "DATA_FOLDER", tmp_path)
    with pytest.raises(BuildError, match=r"no-such-package==1\.2, anyascii==0\.0\.0 \(found .*pip install -r"):
        fetch.require_build_packages()


def test_the_pickle_may_hold_plain_data_only(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wheel_with(table: object) -> None:
        with zipfile.ZipFile(cache / "names.whl", "w") as wheel:
            wheel.writestr("name2nat/name2nats.pkl", pickle.dumps(table))
        digest = hashlib.sha256((cache / "names.whl").read_bytes()).hexdigest()
        monkeypatch.setattr(fetch, "NAME2NAT", package(digest))

    wheel_with({"Ann Lee": ["Welsh"]})
    assert fetch.read_nationalities() == {"Ann Lee": ["Welsh"]}
    for table in (collections.OrderedDict(a=["b"]), {"x": os.getcwd}):
        wheel_with(table)
        with pytest.raises(pickle.UnpicklingError, match="refused"):
            fetch.read_nationalities()
    wheel_with(["a", "list"])
    with pytest.raises(BuildError, match="expected a dict"):
        fetch.read_nationalities()


def test_no_class_is_ever_found() -> None:
    with pytest.raises(pickle.UnpicklingError, match=r"refused builtins\.eval"):
        RefusingUnpickler(io.BytesIO()).find_class("builtins", "eval")


def test_commonest_is_sorted_and_takes_the_heaviest() -> None:
    entries = {"b": Entry("B", 2), "a": Entry("A", 9), "c": Entry("C", 1), "d": Entry("D", 1)}
    assert write.commonest(entries, 2) == ["A", "B"]
    assert write.commonest(dict(reversed(entries.items())), 3) == write.commonest(entries, 3)


def test_lists_are_written_whole_and_old_ones_removed(tmp_path: Path) -> None:
    (tmp_path / "Klingon.txt").write_text("Worf\n", encoding="utf-8")
    write.write_lists(tmp_path, {"Czech": ["Dvořák", "Novák"]})
    assert [path.name for path in tmp_path.iterdir()] == ["Czech.txt"]
    assert (tmp_path / "Czech.txt").read_bytes() == "Dvořák\nNovák\n".encode()
    assert (tmp_path / "Czech.txt").stat().st_mode & 0o777 == 0o644


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "Czech.txt"
    path.write_text("Novák\n", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        write.write_text(path, "\ud800")
    assert path.read_text(encoding="utf-8") == "Novák\n"
    assert list(tmp_path.iterdir()) == [path]


def test_the_digest_sees_names_and_bytes(tmp_path: Path) -> None:
    write.write_lists(tmp_path, {"Czech": ["Novák"]})
    first = write.digest([tmp_path])
    assert write.digest([tmp_path]) == first
    write.write_lists(tmp_path, {"Slovak": ["Novák"]})
    assert write.digest([tmp_path]) != first


def test_bench_rows_do_not_depend_on_the_order_of_the_table() -> None:
    table = {"Ann &amp; Bo": ["Welsh", "Thai"], "123": ["Thai"], "Cy  Dee": ["Irish"]}
    rows = list(bench_rows(table))
    assert sorted(rows) == [("Ann & Bo", "Thai"), ("Ann & Bo", "Welsh"), ("Cy Dee", "Irish")]
    assert list(bench_rows(dict(reversed(table.items())))) == rows
