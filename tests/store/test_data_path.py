"""The path of a run's names is the same bytes in every locale."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from charnn_cli.store.location import from_text, to_text


@pytest.mark.parametrize("path", [b"/names", "/ğ/名".encode(), b"/na\xffmes \xc4", b"/\xed\xb3\xbf"])
def test_a_path_comes_back(path: bytes) -> None:
    text = to_text(Path(os.fsdecode(path)))
    kept = json.loads(json.dumps(text, ensure_ascii=False).encode(errors="surrogatepass"))
    assert os.fsencode(from_text(kept)) == path


def test_a_path_comes_back_in_another_locale() -> None:
    program = "import os, sys; from charnn_cli.store.location import from_text; "
    program += "sys.stdout.buffer.write(os.fsencode(from_text('/\\u011f')))"
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([sys.executable, "-c", program], env=ascii_only, capture_output=True, check=True)
    assert done.stdout == "/ğ".encode()
