"""Run one fuzz target under atheris: python fuzz_target.py NAME [options of libFuzzer] [corpus folders]."""

import importlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    import atheris

    for variable in THREADS:
        os.environ[variable] = "1"
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=["charnn_cli", "ruamel.yaml"]):
        check = importlib.import_module(f"fuzz_{name}").check
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
