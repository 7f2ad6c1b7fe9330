"""The file: where it may go, and that it is whole or not there."""

import json
import os
from pathlib import Path

import pytest

from charnn_cli.errors import OutputError, UsageError
from charnn_cli.evaluate import Evaluation
from charnn_cli.report import check_target, write_report
from charnn_cli.store import Run


def test_written_whole_and_readable_by_others(run: Run, hostile: Evaluation, page: str, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("old")
    before = os.umask(0o022)
    try:
        write_report(target, run, hostile)
    finally:
        os.umask(before)
    assert target.read_text(encoding="utf-8") == page
    assert target.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_large_live_page_is_a_file_of_its_own(run: Run, hostile: Evaluation, page: str, tmp_path: Path) -> None:
    target = tmp_path / "report 1.html"
    assert write_report(target, run, hostile) == [target]
    inside = target.read_text(encoding="utf-8")
    assert write_report(target, run, hostile, "charnn evaluate 'a b'", most=0) == [
        target,
        beside := tmp_path / "report 1-live.html",
    ]
    outside = target.read_text(encoding="utf-8")
    assert json.dumps(beside.read_text(encoding="utf-8"), ensure_ascii=False)[:60] not in outside
    assert len(outside) < len(inside) - len(beside.read_text(encoding="utf-8")) // 2
    assert 'href="report%201-live.html"' in outside
    assert "<code>charnn evaluate &#39;a b&#39;</code>" in outside


def test_a_failed_write_leaves_the_old_page(
    run: Run, hostile: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.html"
    target.write_text("old")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OutputError, match="No space left") as caught:
        write_report(target, run, hostile)
    assert "name another file" in caught.value.do
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_places_that_cannot_be_written_are_told_beforehand(tmp_path: Path) -> None:
    (tmp_path / "folder.html").mkdir()
    check_target(tmp_path / "report.HTML")
    with pytest.raises(UsageError, match=r"report\.pdf"):
        check_target(tmp_path / "report.pdf")
    with pytest.raises(OutputError, match="folder"):
        check_target(tmp_path / "folder.html")
    (tmp_path / "other-live.html").mkdir()
    with pytest.raises(OutputError, match="other-live"):
        check_target(tmp_path / "other.html")
    with pytest.raises(OutputError, match="no such folder"):
        check_target(tmp_path / "nowhere" / "report.html")
