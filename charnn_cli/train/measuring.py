"""What a trained model is worth on the names that were held out, and what their answers tell of answers to come."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from charnn_cli.conformal import PredictionSets
from charnn_cli.data import Dataset, ceiling
from charnn_cli.metrics import Outcomes, compute_metrics, per_origin
from charnn_cli.model import from_trained
from charnn_cli.scaling import UNSCALED, Scaling
from charnn_cli.train import writing
from charnn_cli.train.batching import logits_of
from charnn_cli.train.list_calibration import calibrations_of
from charnn_cli.train.training_data import TrainingData
from charnn_cli.trained import TrainedModel


@dataclass(frozen=True, slots=True)
class Measured:
    """The model, with all that is fitted on the validation side, and what metrics.json says of each held-out side."""

    trained: TrainedModel
    figures: Mapping[str, Any]
    scaling: Scaling  # of its answers; of one that writes, of those by Bayes' rule
    probabilities: NDArray[np.float64]  # (N, C) of the test names

    @classmethod
    def of(cls, trained: TrainedModel, dataset: Dataset, data: TrainingData, device: torch.device) -> "Measured":
        """A model that has just been trained, on the names of the same training."""
        if trained.architecture.generates:
            return cls._of_writing(trained, data)
        sides: dict[str, Any] = {}
        if "validation" in trained.about:
            sides["validation"] = trained.about["validation"]
        probabilities = np.zeros((0, len(data.labels)))
        if len(rows := data.test):
            model = from_trained(trained).to(device)
            finished = replace(data, network_ngrams=data.final_counts.ngrams)
            logits = logits_of(model, finished, rows, device)
            sides["test"] = figures_of(dataset, data, rows, logits, trained.scaling)
            probabilities = trained.scaling.probabilities(logits)
            if trained.sets is not None:
                tally = trained.sets.tally(probabilities, data.origins[rows], data.have_several_words(rows))
                sides["test"]["sets"] = trained.sets.measured(tally)
        return cls(trained, sides, trained.scaling, probabilities)

    @classmethod
    def _of_writing(cls, trained: TrainedModel, data: TrainingData) -> "Measured":
        figures, logits, scaling = writing.measured(trained, data)
        told = fitted(data, logits["validation"], scaling) if len(logits["validation"]) else {}
        trained = replace(trained, **asdict(scaling), **told)
        return cls(trained, figures, scaling, scaling.probabilities(logits["test"]))

    def metrics(self, side: str) -> dict[str, float] | None:
        """Every metric of a side, `validation` or `test`, None where it has no names.

        Of a model that writes, what its answers by Bayes' rule are worth.
        """
        figures = self.figures.get(side)
        return None if figures is None else dict(figures.get("as_classifier", figures["metrics"]))


def fitted(data: TrainingData, logits: NDArray[np.float64], scaling: Scaling) -> dict[str, Any]:
    """What the logits (N, C) of the validation names tell of answers to come."""
    rows, priors = data.validation, data.final_counts.priors
    of_names = (data.origins[rows], data.have_several_words(rows))
    sets = PredictionSets.fit(scaling.probabilities(logits), *of_names)
    return {"sets": sets, "calibrations": calibrations_of(logits, *of_names, priors=priors)}


def figures_of(
    dataset: Dataset, data: TrainingData, rows: NDArray[np.int64], logits: NDArray[np.float64], scaling: Scaling
) -> dict[str, Any]:
    """What metrics.json says of some held-out names (N,) with these logits (N, C)."""
    origins = data.origins[rows]
    outcomes = Outcomes.of(scaling.probabilities(logits), origins)
    uncalibrated = compute_metrics(UNSCALED.probabilities(logits), origins)
    return {
        "n": len(rows),
        "metrics": compute_metrics(outcomes),
        "ece_before_temperature": uncalibrated["ece"],
        "nll_before_temperature": uncalibrated["nll"],
        "ceiling": ceiling(dataset.hashes[rows], origins),
        "per_origin": list(map(asdict, per_origin(outcomes, data.labels))),
    }
