"""What came out, broken down: by origin, by pair of origins, by confidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charnn_cli.metrics.scores import ECE_BINS, EqualMassBins, Outcomes


@dataclass(frozen=True, slots=True)
class OriginRow:
    """How one origin fared; a ratio without names to count is None."""

    origin: str
    support: int
    precision: float | None
    recall: float | None
    f1: float | None
    mistake: str | None  # the wrong origin that its names were most often given
    mistake_count: int
    abstained: int
    intervals: Mapping[str, tuple[float, float] | None]  # of precision, recall and f1, 95 %


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Names of `origin` that were taken for `predicted`, the surest mistakes first."""

    origin: str
    predicted: str
    count: int
    share: float  # of the names of `origin`
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """One of the bins of equal mass: how sure the model was, and how often it was right."""

    count: float  # names; a bin may end within the names of one confidence
    confidence: float
    accuracy: float


def share_interval(
    hits: NDArray[np.number], names: NDArray[np.number]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The 95 % interval of each share hits / names (N,): Wilson, J. Am. Stat. Assoc. 22 (1927), 209-212.

    From 0 to 1 where there are no names.
    """
    z2 = 1.959964**2
    n = np.maximum(names, 1e-9)
    share = hits / n
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return np.clip(middle - half, 0.0, share), np.clip(middle + half, share, 1.0)


def f1_interval(
    hits: NDArray[np.number], support: NDArray[np.number], predicted: NDArray[np.number]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The 95 % interval of each F1 (L,), of the names that are of an origin, are told to be, or both.

    The share J of them that is told rightly (Jaccard's) has Wilson's interval, and F1 = 2 J / (1 + J) rises with it.
    """
    low, high = share_interval(hits, support + predicted - hits)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def confusion(outcomes: Outcomes) -> NDArray[np.int64]:
    """Names by true label (rows) and predicted label (columns), (L, L); names without an answer are left out."""
    answered = outcomes.predicted >= 0
    size = outcomes.num_labels
    cells = outcomes.origins[answered] * size + outcomes.predicted[answered]
    return np.bincount(cells, minlength=size * size).reshape(size, size).astype(np.int64)


def per_origin(outcomes: Outcomes, labels: Sequence[str]) -> list[OriginRow]:
    """A row for each of the L labels, in their order, also for those without names here."""
    counts = confusion(outcomes)
    support = np.bincount(outcomes.origins, minlength=len(labels))
    predicted = counts.sum(axis=0)
    wrong = counts - np.diag(np.diag(counts))
    told = np.diag(counts)
    spans = {
        "precision": share_interval(told, predicted),
        "recall": share_interval(told, support),
        "f1": f1_interval(told, support, predicted),
    }
    rows = []
    for label, name in enumerate(labels):
        hits = int(told[label])
        worst = int(wrong[label].argmax())
        mistakes = int(wrong[label, worst])
        shares = {
            "precision": _ratio(hits, predicted[label]),
            "recall": _ratio(hits, support[label]),
            "f1": _ratio(2 * hits, support[label] + predicted[label]),
        }
        rows.append(
            OriginRow(
                origin=name,
                support=int(support[label]),
                **shares,
                mistake=labels[worst] if mistakes else None,
                mistake_count=mistakes,
                abstained=int(support[label] - counts[label].sum()),
                intervals={
                    metric: None if shares[metric] is None else (float(low[label]), float(high[label]))
                    for metric, (low, high) in spans.items()
                },
            )
        )
    return rows


def _ratio(above: int, below: int) -> float | None:
    return float(above / below) if below else None


def confused_pairs(
    outcomes: Outcomes, labels: Sequence[str], names: Sequence[str], *, count: int = 10, examples: int = 3
) -> list[ConfusedPair]:
    """The pairs (true, predicted) with the most names, most first; equal counts in the order of the labels."""
    counts = confusion(outcomes)
    np.fill_diagonal(counts, 0)
    support = np.bincount(outcomes.origins, minlength=len(labels))
    pairs = []
    for cell in np.argsort(-counts, axis=None, kind="stable")[:count]:
        origin, predicted = divmod(int(cell), len(labels))
        if not counts[origin, predicted]:
            break
        rows = np.flatnonzero((outcomes.origins == origin) & (outcomes.predicted == predicted))
        surest = rows[np.argsort(-outcomes.confidence[rows], kind="stable")][:examples]
        pairs.append(
            ConfusedPair(
                labels[origin],
                labels[predicted],
                int(counts[origin, predicted]),
                float(counts[origin, predicted] / support[origin]),
                tuple(names[row] for row in surest),
            )
        )
    return pairs


def reliability(outcomes: Outcomes, num_bins: int = ECE_BINS) -> list[ReliabilityBin]:
    """The bins of equal mass behind `ece`, by rising confidence; their mean |accuracy - confidence| is the ECE."""
    confidence, gap = (sums[0] for sums in EqualMassBins(outcomes, num_bins)(np.ones((1, len(outcomes)))))
    size = len(outcomes) / num_bins
    return [
        ReliabilityBin(size, float(sure / size), float((sure + miss) / size))
        for sure, miss in zip(confidence, gap, strict=True)
    ]
