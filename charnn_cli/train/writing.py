"""What a network that writes names learns from, and how good it is at that: the cost of every letter.

The loss is the mean over the letters of a step, the ends of names among them, of -log P(letter | those before it,
origin). Figures on held-out names stand beside those of smoothed n-grams that have seen the same names, and beside
how well the network tells origins by Bayes' rule.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from charnn_cli.architecture import Architecture
from charnn_cli.engine import LetterEngine
from charnn_cli.metrics import compute_metrics
from charnn_cli.metrics.letters import LetterOutcomes, letter_metrics
from charnn_cli.model import NameGenerator
from charnn_cli.processes import ALONE, Processes
from charnn_cli.scaling import UNSCALED, Scaling
from charnn_cli.text.smoothed import SmoothedNgrams, letters_told
from charnn_cli.train.batching import Batch, answers_of
from charnn_cli.train.judging import Verdict, fit_scaling
from charnn_cli.train.training_data import TrainingData
from charnn_cli.trained import TrainedModel


class WritingObjective(nn.Module):
    """A generator while it trains."""

    def __init__(self, generator: NameGenerator) -> None:
        super().__init__()
        self.generator = generator

    @property
    def architecture(self) -> Architecture:
        return self.generator.architecture

    def forward(self, symbols: Tensor, lengths: Tensor, origins: Tensor) -> tuple[Tensor, Tensor]:
        """What each of the names costs in nats (B,), and all of them together ()."""
        nats = self.generator(symbols, lengths, origins)
        return nats, nats.sum()


class WritingJudge:
    """Nats a letter on the validation side. Each process asks for its share of the names."""

    blends = False

    def __init__(self, data: TrainingData, device: torch.device, processes: Processes = ALONE) -> None:
        self.data, self.device, self.processes = data, device, processes
        self.rows = data.validation
        self.letters = letters_told(data.symbols.take(self.rows))

    def __call__(self, model: NameGenerator, tensors: dict[str, NDArray[np.float32]]) -> Verdict:
        """Judge a network, whose weights are also given as arrays."""
        own = nats_of(model, self.data, self.processes.share(self.rows), self.device)
        nats = self.processes.joined(own[:, None], len(self.rows))[:, 0]
        if not np.isfinite(nats).all():
            return Verdict({}, UNSCALED, tensors, overflows=True)
        if not len(self.rows):
            return Verdict({}, UNSCALED, tensors)
        metrics = letter_metrics(float(nats.sum() / self.letters.sum()))
        return Verdict({"nll": metrics["nats_per_letter"], **metrics}, UNSCALED, tensors)


def nats_of(
    model: NameGenerator, data: TrainingData, rows: NDArray[np.int64], device: torch.device
) -> NDArray[np.float64]:
    """What each of some names costs under its origin, (N,), by a network that is left in the mode it was in."""

    def ask(batch: Batch) -> Tensor:
        nats: Tensor = model(batch.symbols, batch.lengths, batch.origins)
        return nats

    return answers_of(model, ask, (), data, rows, device)


def measured(
    trained: TrainedModel, data: TrainingData
) -> tuple[dict[str, Any], dict[str, NDArray[np.float64]], Scaling]:
    """What metrics.json says of each held-out side; its names' logits (N, C) by Bayes' rule, and their scaling."""
    engine = LetterEngine(trained)
    sides = {"validation": data.validation, "test": data.test}
    logits = {side: engine.logits(data.symbols.take(rows)).astype(np.float64) for side, rows in sides.items()}
    scaling = fit_scaling(logits["validation"], data.origins[data.validation])
    figures = {}
    ngrams = _ngrams(data) if len(data.validation) else None
    for side, rows in sides.items():
        if not len(rows):
            continue
        symbols, origins = data.symbols.take(rows), data.origins[rows].astype(np.int64)
        nats = (engine.log_priors - logits[side])[np.arange(len(rows)), origins]
        letters = letters_told(symbols)
        rival = None if ngrams is None else LetterOutcomes(ngrams.nats(symbols, origins), letters, origins)
        figures[side] = LetterOutcomes(nats, letters, origins).to_json(data.labels, rival)
        if ngrams is not None and rival is not None:
            figures[side]["ngrams"] = {"order": ngrams.order, "escape": ngrams.escape, **rival.metrics()}
        figures[side]["as_classifier"] = compute_metrics(scaling.probabilities(logits[side]), origins)
    return figures, logits, scaling


def _ngrams(data: TrainingData) -> SmoothedNgrams:
    training, validation = ((data.symbols.take(rows), data.origins[rows]) for rows in (data.training, data.validation))
    letters = len(data.alphabet.characters) + 1
    return SmoothedNgrams.chosen(training, validation, num_labels=len(data.labels), letters=letters)


def card_figures(metrics: Mapping[str, Any]) -> list[str]:
    """The figures of a generator for its model card, in Markdown."""
    sides = [side for side in ("validation", "test") if side in metrics]
    if not sides:
        return ["No names were held out, so nothing is known of how well it foretells names that it has not seen."]
    rows = [("names", [f"{metrics[side]['n']:,}" for side in sides])]
    rows += [(key, [f"{metrics[side]['metrics'][key]:.3f}" for side in sides]) for key in metrics[sides[0]]["metrics"]]
    for side in sides[:1]:
        if "ngrams" in metrics[side]:
            order = metrics[side]["ngrams"]["order"]
            told = [f"{metrics[side]['ngrams']['bits_per_letter']:.3f}" for side in sides]
            rows.append((f"bits_per_letter of smoothed {order}-grams", told))
    for key in ("accuracy", "macro_f1"):
        rows.append((f"{key} by Bayes' rule", [f"{metrics[side]['as_classifier'][key]:.3f}" for side in sides]))
    lines = [f"| metric | {' | '.join(sides)} |", f"| --- |{' ---: |' * len(sides)}"]
    return lines + [f"| {name} | {' | '.join(values)} |" for name, values in rows]
