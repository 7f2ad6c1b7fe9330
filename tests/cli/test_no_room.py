"""A share of `make torture`: where nothing can be written, one line says so before the work, and nothing is left."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PATIENCE, TINY, Charnn
from trainings import SHARES, files_of, start, wait_for_epochs

CHARNN = Path(sys.executable).with_name("charnn")
UNSHARE = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-r", "-m"]


def in_shell(folder: Path, script: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run a script of bash in which `charnn` is the installed command."""
    command = ["bash", "-c", f'charnn() {{ {CHARNN} "$@"; }}; {script}', "bash", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)


def assert_one_line(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    assert done.returncode == 2, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("charnn: error: ")]
    assert all(word in line for word in words), line
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (["predict", "--input", "many.txt", "--model", "RUN", "--output"], "out/answers.tsv"),
        (["plot", "loss", "RUN", "-o"], "out/loss.png"),
        (["evaluate", "RUN", "--report"], "out/report.html"),
    ],
)
def test_files_that_may_not_grow(words: list[str], file: str, tiny_run: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / file).write_text("old")
    (tmp_path / "many.txt").write_text("".join(f"Rossi{chr(97 + n % 26)}\n" for n in range(2000)))
    words = [str(tiny_run) if word == "RUN" else word for word in words]
    done = in_shell(tmp_path, 'ulimit -f 2; charnn "$@"', *words, file)
    assert_one_line(done, Path(file).name, "cannot be written (File too large)")
    assert files_of(tmp_path / "out") == {Path(file).name}
    assert (tmp_path / file).read_text() == "old"


def test_a_training_whose_files_may_not_grow_leaves_no_temporary_file(small_names: Path, tmp_path: Path) -> None:
    words = ["train", small_names, "--epochs", 2, *TINY, *SHARES, "--out", "here"]
    done = in_shell(tmp_path, 'ulimit -f 4; charnn "$@"', *words)
    assert_one_line(done, "here/", "cannot be written (File too large)")
    assert files_of(tmp_path / "here") <= {"config.yaml", "last/places.json", "training_names.safetensors"}


def can_mount() -> bool:
    trial = 'd=$(mktemp -d) && mount -t tmpfs none "$d" && umount "$d" && rmdir "$d"'
    return (
        shutil.which("unshare") is not None
        and subprocess.run([*UNSHARE, "sh", "-c", trial], capture_output=True, check=False).returncode == 0
    )


mounts = pytest.mark.skipif(not can_mount(), reason="no file system can be mounted here (unshare -m)")


@mounts
@pytest.mark.parametrize("options", ["size=4k", "size=1m,ro"])
def test_places_without_room_or_right_are_told_before_the_names_are_read(
    options: str, tiny_run: Path, tmp_path: Path
) -> None:
    (tmp_path / "disk").mkdir()
    script = f"""
        mount -t tmpfs -o {options} none disk; [ -w disk ] && head -c 4096 /dev/zero > disk/filler
        charnn train nowhere.csv --out disk/run; echo $?
        charnn plot confusion {tiny_run} --data nowhere.csv -o disk/a.png; echo $?
        charnn evaluate {tiny_run} --data nowhere.csv --report disk/a.html; echo $?
        charnn predict Rossi --model {tiny_run} --output disk/a.tsv; echo $?
        ls -A disk
    """
    shell = f'charnn() {{ {CHARNN} "$@"; }}; {script}'
    command = [*UNSHARE, "bash", "-c", shell]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.stdout.split() == ["2"] * 4 + (["filler"] if "4k" in options else [])
    lines = done.stderr.splitlines()
    assert [line.startswith("charnn: error: disk/") for line in lines] == [True] * 4, done.stderr
    reason = "No space left on device" if "4k" in options else "Read-only file system"
    assert all(reason in line for line in lines)


def test_a_second_training_is_refused_however_it_is_asked_for(
    charnn: Charnn, small_names: Path, tmp_path: Path
) -> None:
    words = [small_names, "--epochs", 10_000, *TINY, *SHARES, "--out", "here"]
    process = start(tmp_path, *words)
    wait_for_epochs(process, tmp_path / "here" / "history.jsonl", 1)
    try:
        assert_one_line(charnn("train", *words), "here: holds a run already")
        for again in (["train", *words, "--force"], ["train", "--resume", "here"]):
            assert_one_line(charnn(*again), "here: another training writes here")
        assert process.returncode is None
    finally:
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, stderr


def test_a_run_whose_settings_or_history_were_changed_is_not_gone_on_with(
    charnn: Charnn, tiny_run: Path, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(tiny_run, tmp_path / "run"))
    before = files_of(run)
    for file, old, new in (("config.yaml", "epochs: 3", "epochs: 9"), ("history.jsonl", '"epoch": 2', '"epoch": 7')):
        text = (run / file).read_text()
        (run / file).write_text(text.replace(old, new))
        assert_one_line(charnn("train", "--resume", "run"), f"run/{file}")
        (run / file).write_text(text)
    assert files_of(run) == before
