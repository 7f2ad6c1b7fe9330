"""The shares of lists, estimated in several ways: `make bench-shares`.

    python tests/bench/bench_shares.py [--model RUN] [--surnames RUN] [--side test|validation] [--lists N]

Draws lists of 100, 1,000 and 10,000 held-out names in twenty mixes (one origin with 90 %, five origins, even shares,
Zipf's law). Tells for each way how far its shares are from the list's own (total variation), how many 95 % intervals
hold, and how many names are told right with the shares as prior. People are those of name2nat that `make data` sets
aside, all of them; names that the list has used up come again. What had to be chosen was chosen with --side validation.
"""

from __future__ import annotations

import argparse
import csv
import random
import string
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from charnn_cli.evaluate import EvaluationSet, LabelledNames
from charnn_cli.predict import Predictor
from charnn_cli.shares import Estimate, estimate_shares, expectation_maximisation
from charnn_cli.shares.mixture import above_zero
from charnn_cli.store import Run
from charnn_cli.store.location import SHIPPED

ROOT = Path(__file__).parents[2]
BOX = ROOT / "bench-data" / "box"
SIZES = (100, 1_000, 10_000)
FEWEST = 40  # held-out names of an origin that takes part
PENALTY = 1e-6  # of RLLS, the best of 1e-6 to 1e-2 on lists of validation people

STRANGE = {
    "streets": (
        "Oak Maple Station Church Park Mill High Main Victoria Chapel Bridge Lake Hill River Garden School",
        "Street Road Lane Avenue Drive Close Way Terrace Place Boulevard Court Square",
    ),
    "products": (
        "Wireless Stainless Portable Electric Cordless Digital Organic Leather Waterproof Foldable Wooden",
        "Headphones Kettle Blender Backpack Keyboard Charger Monitor Toaster Lamp Drill Sofa Bottle Jacket",
    ),
}

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """Names with their origins (N,) and what a model says: logits (N, C), and whether a name has several words (N,)."""

    logits: NDArray[np.float64]
    origins: NDArray[np.int64]
    several: NDArray[np.bool_]

    def take(self, rows: NDArray[np.integer]) -> Asked:
        return Asked(self.logits[rows], self.origins[rows], self.several[rows])


def main() -> None:
    parser = argparse.ArgumentParser(description="The shares of lists, estimated in several ways.")
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--surnames", type=Path, help="a run of data/names with model.count_validation=false")
    parser.add_argument("--data", type=Path, default=BOX, help="the folder of build_people.py")
    parser.add_argument("--side", choices=("test", "validation"), default="test")
    parser.add_argument("--lists", type=int, default=2, help="of each mix and size")
    options = parser.parse_args()
    predictor = Predictor(Run(options.model).trained)
    rows = rows_of(options.data / "validation.csv")
    plain = [row for row in rows if row["form"] == "plain" and row["script"] == "Latin"]
    known = ask(predictor, *asked_of(plain))
    names, origins = people(options.data, options.side)
    held = ask(predictor, names, origins)
    report("people, the model in the box", predictor, known, held, options.lists)
    as_they_are("people as they are", predictor, held)
    surnames = asked_of([row for row in rows_of(options.data / f"{options.side}.csv") if row["kind"] == "surname"])
    as_they_are("surnames as they are, the model in the box", predictor, ask(predictor, *surnames))
    for title, strange in strange_lists():
        as_they_are(title, predictor, ask(predictor, strange, [predictor.labels[0]] * len(strange)), has_origins=False)
    if options.surnames is not None:
        run = Run(options.surnames)
        predictor = Predictor(run.trained)
        source = LabelledNames.of(run, None)
        sides = [EvaluationSet.of(run, source, side, own_data=True) for side in ("val", "test")]
        known, held = (ask(predictor, side.names, [side.labels[at] for at in side.origins]) for side in sides)
        report("surnames, a model of surnames", predictor, known, held, options.lists)
        as_they_are("surnames as they are, a model of surnames", predictor, held)
        whole = Predictor(run.trained, name_part="all")
        as_they_are("people as they are, a model of surnames that reads them whole", whole, ask(whole, names, origins))


def asked_of(rows: list[dict[str, str]]) -> tuple[list[str], list[str]]:
    return [row["name"] for row in rows], [row["origin"] for row in rows]


def rows_of(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))
    except FileNotFoundError:
        sys.exit(f"bench_shares: error: {path} is missing; run make data")


def people(box: Path, side: str) -> tuple[list[str], list[str]]:
    """Names and origins of all people of a side of whom the model has learned nothing, each once."""
    sys.path.insert(0, str(ROOT / "data"))
    import build_people

    build_people.MOST_TEST = build_people.MOST_VALIDATION = sys.maxsize
    _, held = build_people._people(build_people.read_nationalities())
    known = ["train", "validation"] if side == "test" else ["train", "validation", "test"]
    used = {build_people.person_key(row["name"]) for name in known for row in rows_of(box / f"{name}.csv")}
    found = {bearer.key: bearer for bearer in held[side] if bearer.key not in used}
    return [bearer.name for bearer in found.values()], [bearer.origin for bearer in found.values()]


def ask(predictor: Predictor, names: list[str], origins: list[str]) -> Asked:
    """Of the names that the model reads and whose origin it knows."""
    number = {label: place for place, label in enumerate(predictor.labels)}
    parts, several, kept = [], [], []
    for start in range(0, len(names), predictor.window):
        window = names[start : start + predictor.window]
        read_as = predictor.read_as(window) or window
        texts, reasons = predictor.read([part or name for part, name in zip(read_as, window, strict=True)])
        told = [row for row in range(len(texts)) if reasons[row] is None and origins[start + row] in number]
        if told:
            parts.append(predictor.logits_of_texts([texts[row] for row in told]).astype(np.float64))
        several += [" " in texts[row] for row in told]
        kept += [number[origins[start + row]] for row in told]
    return Asked(np.concatenate(parts), np.array(kept), np.array(several))


def mixes(origins: NDArray[np.int64], num_labels: int, draw: np.random.Generator) -> Iterator[tuple[str, Shares]]:
    """Five lists where one origin has 90 %, five of five origins, three of even shares, seven by Zipf's law."""
    for _ in range(5):
        shares = np.zeros(num_labels)
        shares[origins] = 0.1 / (len(origins) - 1)
        shares[draw.choice(origins)] = 0.9
        yield "one", shares
    for _ in range(5):
        shares = np.zeros(num_labels)
        shares[draw.choice(origins, 5, replace=False)] = draw.dirichlet(np.full(5, 2.0))
        yield "five", shares
    for part in (1.0, 0.67, 0.33):
        shares = np.zeros(num_labels)
        some = draw.choice(origins, round(part * len(origins)), replace=False)
        shares[some] = 1 / len(some)
        yield "even", shares
    for _ in range(7):
        shares = np.zeros(num_labels)
        shares[draw.permutation(origins)] = 1 / np.arange(1, len(origins) + 1)
        yield "Zipf", shares / shares.sum()


def drawn(held: Asked, shares: Shares, size: int, draw: np.random.Generator) -> NDArray[np.int64]:
    """Rows of a list; an origin's names come again only after all of them."""
    rows = []
    for origin, count in enumerate(draw.multinomial(size, shares).tolist()):
        pool = np.flatnonzero(held.origins == origin)
        while count > 0:
            rows.append(draw.permutation(pool)[:count])
            count -= len(rows[-1])
    return np.concatenate(rows)


def ways(predictor: Predictor, known: Asked) -> dict[str, Callable[[Asked], Shares]]:
    """Every way but charnn's, which knows the validation names `known`."""
    num_labels, priors = len(predictor.labels), above_zero(predictor.trained.priors)
    priors = priors / priors.sum()
    soft, said = np.zeros((num_labels, num_labels)), predictor.probabilities(known.logits)
    hard = np.zeros((num_labels, num_labels))
    names = np.maximum(np.bincount(known.origins, minlength=num_labels), 1)
    np.add.at(soft, known.origins, said / names[known.origins, None])
    np.add.at(hard, (known.origins, said.argmax(axis=1)), 1 / names[known.origins])

    def counting(asked: Asked) -> Shares:
        return np.bincount(asked.logits.argmax(axis=1), minlength=num_labels) / len(asked.origins)

    def plain_em(asked: Asked) -> Shares:
        densities = predictor.probabilities(asked.logits) / priors
        return expectation_maximisation(densities, np.ones(len(densities)), priors)

    def rlls(asked: Asked) -> Shares:
        joint = hard.T * priors  # (predicted, true)
        shift = counting(asked) - joint.sum(axis=1)
        moved = np.linalg.solve(joint.T @ joint + PENALTY * np.diag(priors), joint.T @ shift)
        shares = np.maximum(1 + moved, 0) * priors
        return shares / shares.sum()

    return {
        "counting": counting,
        "mean of probabilities": lambda asked: predictor.probabilities(asked.logits).mean(axis=0),
        "BBSE, hard": lambda asked: _solved(hard, counting(asked)),
        "BBSE, soft": lambda asked: _solved(soft, predictor.probabilities(asked.logits).mean(axis=0)),
        "RLLS": rlls,
        "EM": plain_em,
    }


def _solved(confusion: NDArray[np.float64], said: Shares) -> Shares:
    """Shares that, confused so (true, said), come nearest to what is said."""
    heavy = 1e3  # they sum to 1
    shares, _ = nnls(np.vstack([confusion.T, np.full(len(said), heavy)]), np.append(said, heavy))
    return shares / shares.sum()


def report(title: str, predictor: Predictor, known: Asked, held: Asked, lists: int) -> None:
    """Print a table of the ways on lists drawn from held-out names."""
    num_labels = len(predictor.labels)
    origins = np.flatnonzero(np.bincount(held.origins, minlength=num_labels) >= FEWEST)
    others = ways(predictor, known)
    distances: dict[tuple[str, int], list[float]] = {}
    hits: dict[tuple[str, int], list[float]] = {}
    covered: dict[int, list[tuple[float, ...]]] = {}
    kinds: dict[tuple[str, str], list[float]] = {}
    draw = np.random.default_rng(0)
    for size in SIZES:
        for kind, mix in [pair for _ in range(lists) for pair in mixes(origins, num_labels, draw)]:
            rows = drawn(held, mix, size, draw)
            asked = held.take(rows)
            true = np.bincount(asked.origins, minlength=num_labels) / size
            found = estimate_list(predictor, held, rows)
            for way, shares in [*((way, tell(asked)) for way, tell in others.items()), ("charnn", found.shares)]:
                distances.setdefault((way, size), []).append(float(np.abs(shares - true).sum() / 2))
                kinds.setdefault((way, kind), []).append(distances[way, size][-1])
                prior = found.prior if way == "charnn" else shares
                hits.setdefault((way, size), []).append(right(predictor, asked, prior))
            hits.setdefault(("training shares", size), []).append(right(predictor, asked, None))
            hits.setdefault(("true shares", size), []).append(right(predictor, asked, true))
            low, high = found.intervals()
            holds = (low <= true + 1e-9) & (true <= high + 1e-9)
            of_list = (holds[true > 0].mean(), holds.mean(), (high - low)[true > 0].mean())
            covered.setdefault(size, []).append(of_list)
    print(f"\n{title}: {len(held.origins):,} names of {len(origins)} origins, {20 * lists} lists of each size\n")
    print(f"| total variation | {' | '.join(f'{size:,}' for size in SIZES)} | one | five | even | Zipf |")
    print("| --- |" + " ---: |" * 7)
    for way in [*others, "charnn"]:
        cells = [spread(distances[way, size]) for size in SIZES]
        cells += [f"{np.mean(kinds[way, kind]):.3f}" for kind in ("one", "five", "even", "Zipf")]
        print(f"| {way} | {' | '.join(cells)} |")
    print(f"\n| names told right, with as prior | {' | '.join(f'{size:,}' for size in SIZES)} |")
    print("| --- |" + " ---: |" * len(SIZES))
    for way in ("training shares", "EM", "charnn", "true shares"):
        print(f"| {way} | {' | '.join(spread(hits[way, size]) for size in SIZES)} |")
    print(f"\n| 95 % intervals of charnn | {' | '.join(f'{size:,}' for size in SIZES)} |")
    print("| --- |" + " ---: |" * len(SIZES))
    for place, what in enumerate(("hold, of origins in the list", "hold, of all origins", "mean width")):
        print(f"| {what} |", *(f"{np.mean([line[place] for line in covered[size]]):.3f} |" for size in SIZES))


def spread(values: list[float]) -> str:
    return f"{np.mean(values):.3f} ± {np.std(values):.3f}"


def estimate_list(predictor: Predictor, held: Asked, rows: NDArray[np.integer]) -> Estimate:
    once, counts = np.unique(rows, return_counts=True)
    trained, asked = predictor.trained, held.take(once)
    return estimate_shares(
        asked.logits, asked.several, counts,
        priors=trained.priors, scaling=trained.scaling, calibrations=trained.calibrations,
    )  # fmt: skip


def right(predictor: Predictor, asked: Asked, shares: Shares | None) -> float:
    """The share of names that are told right with these shares as prior."""
    told = Predictor(predictor.trained, priors=shares).probabilities(asked.logits)
    return float((told.argmax(axis=1) == asked.origins).mean())


def as_they_are(title: str, predictor: Predictor, asked: Asked, *, has_origins: bool = True) -> None:
    """Print what becomes of one list whose mix nobody made."""
    found = estimate_list(predictor, asked, np.arange(len(asked.origins)))
    told = "fits" if found.fits else "does not fit: the training shares stay"
    line = f"\n{title}, {len(asked.origins):,} names: {found.odd:.3f} of them odd, {told}"
    if has_origins:
        prior = found.prior if found.method == "em" else None
        densities = predictor.probabilities(asked.logits) / predictor.trained.priors
        plain = expectation_maximisation(densities, np.ones(len(densities)), predictor.trained.priors)
        figures = [right(predictor, asked, shares) for shares in (None, plain, prior)]
        line += "; told right with training shares {:.3f}, plain EM {:.3f}, charnn {:.3f}".format(*figures)
    print(line)


def strange_lists() -> Iterator[tuple[str, list[str]]]:
    """What is no list of people."""
    draw = random.Random(0)
    for title, (first, second) in STRANGE.items():
        yield title, [f"{one} {two}" for one in first.split() for two in second.split()]
    words = ["".join(draw.choices(string.ascii_lowercase, k=draw.randint(3, 9))) for _ in range(600)]
    yield "random letters", list(map(" ".join, zip(words[::2], words[1::2], strict=True)))


if __name__ == "__main__":
    main()
