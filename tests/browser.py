"""Programs that run the pages' scripts, where the machine has them."""

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

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


def run_in_page(page: str, script: str, *, width: int, seconds: int, folder: Path) -> dict[str, Any]:
    """What a script told of a page in a frame as wide as a phone, `console` being what the browser said besides.

    The script finds the page as JSON in `#page`, and writes what it tells as JSON into the one `pre`.
    """
    wrapper, inside = folder / "wrapper.html", json.dumps(page).replace("<", "\\u003c")
    wrapper.write_text(
        f'<!doctype html><meta charset="utf-8"><iframe width="{width}" height="800"></iframe><pre></pre>'
        f'<script type="application/json" id="page">{inside}</script><script>{script}</script>',
        encoding="utf-8",
    )
    done = chromium(f"--virtual-time-budget={1000 * seconds}", "--dump-dom", wrapper.as_uri(), home=folder / "home")
    found = re.search(r"<pre>(.*?)</pre>", done.stdout, re.DOTALL)
    assert found, done.stderr
    told: dict[str, Any] = json.loads(html.unescape(found[1]))
    return {**told, "console": [line for line in done.stderr.splitlines() if "CONSOLE" in line]}


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
