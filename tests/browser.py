"""Programs that run the pages' scripts, where the machine has them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import PATIENCE


def chromium(*words: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Headless Chromium; skips the test with a word where there is none, or it does not start."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no Chromium on this machine")
    options = ["--headless", "--disable-gpu", f"--user-data-dir={home}", "--enable-logging=stderr", "--no-first-run"]
    options += ["--no-sandbox"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [program, *options, *map(str, words)], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.returncode:
        pytest.skip(f"Chromium does not start here: {done.stderr.strip().splitlines()[-1:]}")
    return done


def node(script: str, folder: Path) -> str:
    """What a script prints under Node; skips the test with a word where there is none."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("no Node on this machine")
    path = folder / "script.cjs"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run([program, path], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
