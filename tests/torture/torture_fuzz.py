"""A million inputs that nobody would write: coverage-guided by atheris, and made by Hypothesis.

    python tests/torture/torture_fuzz.py [--share 0.01] [--only text,model] [--seed 1]

Every target is a function over bytes that fails where an input ends in anything but a result that holds what it
should or an error in words, takes a minute, or two gigabytes. The corpus is kept in bench-results/fuzz/ and gone on
from. Ends with exit code 1, and the input, where a target failed.
"""

import argparse
import importlib
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
WORK = Path("bench-results") / "fuzz"
TARGETS = {  # with the inputs of each
    "text": 350_000,
    "input": 400_000,
    "readers": 110_000,
    "run": 80_000,
    "config": 50_000,
    "model": 25_000,
}
HYPOTHESIS = "test_properties.py"
SECONDS_FOR_ONE, MEGABYTES = 60, 2048  # by the clock on the wall, which counts what other work takes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a target's inputs."""

    target: str
    inputs: int
    seconds: float
    covered: str  # edges of the instrumented code
    fault: str  # what was printed of it, '' for none

    def line(self) -> str:
        rate = self.inputs / max(self.seconds, 1e-9)
        end = "FAULT" if self.fault else "no fault"
        return f"{self.target:<12} {self.inputs:>9,} {self.seconds:>8.0f} {rate:>9,.0f} {self.covered:>8}   {end}"


def fuzz(target: str, inputs: int, seed: int) -> Outcome:
    """Run a target under atheris, from its seeds and from the corpus of earlier runs."""
    corpus, seeds, crashes = (WORK / target / name for name in ("corpus", "seeds", "crashes"))
    for folder in (corpus, seeds, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(importlib.import_module(f"fuzz_{target}").SEEDS):
        (seeds / str(number)).write_bytes(content)
    options = [f"-atheris_runs={inputs}", f"-seed={seed}", "-max_len=4096", f"-timeout={SECONDS_FOR_ONE}"]
    options += [f"-rss_limit_mb={MEGABYTES}", f"-artifact_prefix={crashes}/", str(corpus), str(seeds)]
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(HERE / "fuzz_target.py"), target, *options],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    seconds = time.perf_counter() - started
    output = done.stdout + done.stderr
    counted = re.findall(r"^#(\d+)\s", output, re.MULTILINE)
    ended = re.search(r"^Done (\d+) in", output, re.MULTILINE)
    executed = int(ended[1]) if ended else max(map(int, counted), default=0)
    covered = re.findall(r"cov: (\d+)", output)
    fault = "" if done.returncode == 0 and ended else done.stdout[-3000:] + done.stderr[-1000:]
    return Outcome(target, executed, seconds, covered[-1] if covered else "-", fault)


def properties(share: float) -> Outcome:
    """Run the properties of the ordinary tests with many more examples."""
    command = [sys.executable, "-m", "pytest", "-n0", "-q", "--hypothesis-show-statistics"]
    command += [str(HERE / HYPOTHESIS), f"--hypothesis-profile={'torture' if share >= 1 else 'quick'}"]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    inputs = sum(map(int, re.findall(r"(\d+) passing", done.stdout)))
    fault = "" if done.returncode == 0 else done.stdout[-4000:] + done.stderr[-2000:]
    return Outcome("properties", inputs, time.perf_counter() - started, "-", fault)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="of the inputs")
    parser.add_argument("--only", default="", help="targets, with commas between")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    wanted = options.only.split(",") if options.only else ["properties", *TARGETS]
    print(f"{'target':<12} {'inputs':>9} {'seconds':>8} {'a second':>9} {'edges':>8}", flush=True)
    outcomes = []
    for target in wanted:
        if target == "properties":
            outcome = properties(options.share)
        else:
            outcome = fuzz(target, max(1, int(TARGETS[target] * options.share)), options.seed)
        outcomes.append(outcome)
        print(outcome.line(), flush=True)
        if outcome.fault:
            print(outcome.fault, flush=True)
    faults = sum(bool(outcome.fault) for outcome in outcomes)
    print(f"{sum(outcome.inputs for outcome in outcomes):,} inputs; targets with a fault: {faults}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
