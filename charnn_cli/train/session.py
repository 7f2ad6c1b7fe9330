"""A training from settings to a finished run folder."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from charnn_cli.config import START, Config, Settings, dump_yaml
from charnn_cli.data import TRAIN, Dataset, distinct, split
from charnn_cli.errors import TrainingError, UsageError
from charnn_cli.processes import ALONE, Processes
from charnn_cli.scaling import Scaling
from charnn_cli.store import TENSORBOARD, Run, RunWriter, load_trained
from charnn_cli.store.location import to_text
from charnn_cli.train.acceleration import Acceleration, pick_device
from charnn_cli.train.batching import batch_of, step_size
from charnn_cli.train.card import model_card, repository_page
from charnn_cli.train.counting import OnShare
from charnn_cli.train.fit import EpochReport, OnStep, fit
from charnn_cli.train.measuring import Measured, figures_of, fitted
from charnn_cli.train.optimisation import largest_state
from charnn_cli.train.scalars import ScalarLog, check_tensorboard
from charnn_cli.train.start import Start, new_network
from charnn_cli.train.trainer import objective_of
from charnn_cli.train.training_data import TrainingData, learn_from
from charnn_cli.trained import TrainedModel
from charnn_cli.version import __version__


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that a training needs, ready to start; `about` is what the model will know of its own origin.

    `places` say where its names and its start lie on this machine, which nobody else is told.
    """

    settings: Settings
    dataset: Dataset
    data: TrainingData
    device: torch.device
    about: dict[str, Any]
    processes: Processes = ALONE
    places: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def prepare(
        cls,
        settings: Settings,
        dataset: Dataset,
        data_path: Path,
        processes: Processes = ALONE,
        on_progress: OnShare = lambda share: None,
        sides: NDArray[np.int8] | None = None,
    ) -> "Session":
        """Split the names and learn alphabet and n-grams; raises DataError or UsageError where that cannot be.

        `sides` (N,) are those of another split than the settings'. `on_progress` takes the share of the work that is
        done, from 0 to 1.
        """
        config = settings.config
        device = pick_device(config.training.device, processes)
        start = None if config.training.start_from is None else Start.of(config.training.start_from)
        _check_same(config, dataset, processes, start)
        if config.training.tensorboard:
            check_tensorboard()
        torch.set_num_threads(config.training.threads)
        if sides is None:
            sides = split(dataset, **config.data.split_options())
        _check_batches(step_size(config.training, int((sides == TRAIN).sum())), processes)
        data = learn_from(dataset, sides, config, on_progress, None if start is None else start.trained)
        about = {
            "charnn_version": __version__,
            "data": {"path": _told(data_path), "fingerprint": dataset.fingerprint, "rows": len(dataset.names)},
            "split": config.data.split_options(),
            **({"recipe": settings.recipe, "given": dict(settings.given)} if settings.recipe else {}),
            "counts_validation": data.final_counts is not data.counts,
        }
        places = {"data": to_text(data_path.resolve())}
        if start is not None:
            places["start"] = start.where
            about["start"] = start.told(data.alphabet, data.labels, dataset.hashes[data.test])
            about["given"] = {key: start.name if key == START else value for key, value in settings.given.items()}
        acceleration = Acceleration.chosen(config.training, device)
        if not acceleration.is_plain:
            acceleration.check(new_network(data, config).to(device), batch_of(data, data.training[:2], device))
        return cls(settings, dataset, data, device, about, processes, places)

    @property
    def step_size(self) -> int:
        """Names in a step."""
        return step_size(self.settings.config.training, len(self.data.training))

    def run(self, writer: RunWriter, *, resume: bool = False, on_step: OnStep | None = None) -> Iterator[EpochReport]:
        """Train, saving each epoch before it is reported; with `resume`, from the last one that was finished.

        Of several processes the leading one alone writes; the others read the run folder where they resume.
        """
        config = self.settings.config
        if resume:
            self._check_data(writer)
        elif self.places.get("start") == to_text(writer.folder.resolve()):
            raise UsageError("a run cannot begin with the one that it replaces", "give another folder")
        model = new_network(self.data, config).to(self.device)
        state = writer.load_state(at_most=largest_state(objective_of(model, config))) if resume else None
        history = writer.load_history()[: state.progress["epoch"]] if state is not None else []
        if not self.processes.agree(json.dumps(state and state.progress, sort_keys=True)):
            raise UsageError("the processes see different run folders", "resume from one that they share")
        begun = resume or not self.processes.leads
        if not begun and (config.training.tensorboard or not writer.holds_model):
            begun = self._begin(writer)
        with contextlib.ExitStack() as stack:
            scalars = None
            if config.training.tensorboard and self.processes.leads:
                scalars = stack.enter_context(ScalarLog(writer.folder / TENSORBOARD, epoch=len(history)))
            reports = fit(
                model, self.data, config, self.device, processes=self.processes, resume=state, on_step=on_step
            )
            for report in reports:
                history.append(report.record)
                if not begun and report.is_best:
                    begun = self._begin(writer)
                if not self.processes.leads or not begun:
                    yield report
                    continue
                if report.is_best:
                    writer.save_best(self._model(report))
                writer.save_epoch(history, report.state)
                if scalars is not None:
                    scalars.write(report.record)
                yield report
        if not begun:
            raise _useless()

    def _begin(self, writer: RunWriter) -> bool:
        """Settle what the run is. One that it replaces is kept until there is an epoch to replace it with."""
        writer.clear()
        config = self.settings.config
        if "start" in self.about:
            named = config.training.model_copy(update={"start_from": self.about["start"]["run"]})
            config = config.model_copy(update={"training": named})
        writer.save_settings(dump_yaml(config), self._training_hashes(), self.about, self.places)
        return True

    def _model(self, report: EpochReport) -> TrainedModel:
        """The model of an epoch, with what was measured and fitted on the validation side."""
        about, rows = self.about | {"epoch": report.epoch}, self.data.validation
        told: dict[str, Any] = {}
        if report.validation_logits is not None:
            logits, scaling = report.validation_logits, report.scaling
            about["validation"] = figures_of(self.dataset, self.data, rows, logits, scaling)
            told = fitted(self.data, logits, scaling)
        config = self.settings.config
        return replace(trained_model(self.data, config, report.tensors, report.scaling, about), **told)

    def finish(self, writer: RunWriter, command: str | None = None) -> dict[str, Any]:
        """Measure the best weights on the validation and test side, and write figures and card.

        With the `command` that trains such a run, the folder becomes a model repository that tells it.
        Raises TrainingError where no epoch gave weights that can be measured.
        """
        if not writer.holds_model:
            raise _useless()
        trained = load_trained(writer.folder)
        measured = Measured.of(trained, self.dataset, self.data, self.device)
        metrics: dict[str, Any] = {
            "best_epoch": trained.about["epoch"],
            **asdict(measured.scaling),
            "training_seconds": writer.load_history()[-1]["seconds"],
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {"charnn": __version__, "python": python_version(), "torch": str(torch.__version__)},
            **measured.figures,
        }
        if trained.architecture.generates:
            writer.save_best(measured.trained)
        name = writer.folder.resolve().name
        card = model_card(name, measured.trained, metrics)
        page = None if command is None else repository_page(name, card, measured.trained, metrics, command)
        writer.finish(metrics, card, page)
        return metrics

    def in_memory(
        self, on_epoch: Callable[[EpochReport], None] = lambda report: None, on_step: OnStep | None = None
    ) -> Measured:
        """Train, writing nothing, and measure the best weights on the held-out sides.

        `on_epoch` is told of each epoch, `on_step` of each step. Raises TrainingError where none gave weights that can
        be measured.
        """
        best = None
        config = self.settings.config
        model = new_network(self.data, config).to(self.device)
        for report in fit(model, self.data, config, self.device, processes=self.processes, on_step=on_step):
            if report.is_best:
                best = self._model(report)
            on_epoch(report)
        if best is None:
            raise _useless()
        return Measured.of(best, self.dataset, self.data, self.device)

    def _check_data(self, writer: RunWriter) -> None:
        recorded = Run(writer.folder).about
        if recorded["data"]["fingerprint"] != self.dataset.fingerprint:
            raise UsageError("the names are not those that this run began with", "give its own data, or train anew")
        if recorded.get("start", {}).get("sha256") != self.about.get("start", {}).get("sha256"):
            what = f"the model {self.places.get('start')} is not the one that this run began with"
            raise UsageError(what, "put that back, or train anew")

    def _training_hashes(self) -> NDArray[np.uint64]:
        return distinct(self.dataset.hashes[self.data.known])


def _told(path: Path) -> str:
    """What anybody may know of where names lie: the way from the working folder, or else what they are called."""
    path, here = path.resolve(), Path.cwd()
    return to_text(path.relative_to(here) if here in path.parents else Path(path.name))


def trained_model(
    data: TrainingData,
    config: Config,
    tensors: Mapping[str, NDArray[np.float32]],
    scaling: Scaling,
    about: Mapping[str, Any],
) -> TrainedModel:
    """The model that these weights make, which are blended with the final counts."""
    return TrainedModel(
        labels=data.labels,
        rules=data.rules,
        alphabet=data.alphabet,
        architecture=config.model.architecture(),
        tensors=tensors,
        ngrams=data.final_counts.ngrams,
        priors=data.final_counts.priors,
        **asdict(scaling),
        several_words=data.several_words,
        about=about,
    )


def _check_same(config: Config, dataset: Dataset, processes: Processes, start: Start | None) -> None:
    if not processes.agree(f"{dataset.fingerprint}\n{dump_yaml(config)}\n{start and start.sha256}"):
        raise UsageError(
            "the processes were given different names or settings", "give all of them the same DATA and config"
        )


def _check_batches(names: int, processes: Processes) -> None:
    if names < processes.size:
        raise UsageError(
            f"{processes.size} processes cannot share batches of {names}", "start fewer, or raise training.batch_size"
        )


def _useless() -> TrainingError:
    return TrainingError(
        "no epoch ended with weights that answer in numbers", "lower training.lr or set training.clip_norm"
    )
