"""The model of a run folder, as Python asks it."""

from dataclasses import dataclass
from typing import Any

from charnn_cli.errors import ModelError
from charnn_cli.predict.predictor import Predictor
from charnn_cli.predict.writing import Manner, NameWriter, not_among
from charnn_cli.store import Run, is_shipped
from charnn_cli.store.location import SHIPPED_NAME


@dataclass(frozen=True, slots=True)
class WrittenName:
    """A name that a network wrote, and log P(name | origin) in nats by the network itself."""

    name: str
    origin: str
    log_probability: float


class Model(Predictor):
    """A `Predictor` that knows its `run` folder, and writes names where its network is one that does."""

    def __init__(self, run: Run) -> None:
        super().__init__(run.trained)
        self.run = run

    def generate(
        self, origin: str, n: int = 10, *, start: str = "", temperature: float = 1.0, top_p: float = 1.0,
        max_length: int | None = None, seed: int = 0, new: bool = False,
    ) -> list[WrittenName]:  # fmt: skip
        """`n` names of an origin, letter by letter, as `charnn generate` writes them (see `Manner`).

        With `new`, names that training held are left out. There are fewer than `n` where too few of those drawn were
        wanted. Raises ModelError for a model that writes none, UsageError where it does not know the origin or the
        letters of `start`, ValueError where a number is out of its range.
        """
        if not self.trained.architecture.generates:
            what = "tells the origins of names and writes none"
            raise ModelError(what, "train one that writes, by the recipe 'generator'", where=self.run.folder)
        longest = n if max_length is None else max_length
        if not (min(n, longest) >= 1 and seed >= 0 and 0.01 <= temperature <= 100 and 0 < top_p <= 1):
            raise ValueError("n and max_length begin at 1, seed at 0; temperature is from 0.01 to 100, top_p up to 1")
        wanted = not_among(self.run.training_hashes) if new else None
        writer = NameWriter(self.trained)
        place = writer.place_of(origin)
        written = []
        for part in writer.write(place, n, Manner(seed, temperature, top_p, start, max_length, wanted)):
            pairs = zip(part.names, part.log_probabilities.tolist(), strict=True)
            written += [WrittenName(name, self.labels[place], log) for name, log in pairs]
        return written

    def __repr__(self) -> str:
        architecture, about = self.trained.architecture, self.trained.about
        recipe = f"recipe {about['recipe']}, " if "recipe" in about else ""
        told = [
            f"{recipe}{architecture.cell} of {architecture.hidden_size}",
            f"{'writes names' if architecture.generates else 'tells names'} of {len(self.labels)} origins",
        ]
        rows = about.get("data", {}).get("rows")
        told += [f"made of {rows:,} names"] if isinstance(rows, int) else []
        name = SHIPPED_NAME if is_shipped(self.run.folder) else self.run.name
        return f"<charnn model {name}: {', '.join([*told, *self._accuracy()])}>"

    def _accuracy(self) -> list[str]:
        """The accuracy on the test names, or on those of the validation split, where one is recorded."""
        try:
            sides: dict[str, Any] = dict(self.run.metrics)
        except ModelError:  # the run has not ended, or it is the model in the box
            sides = {"validation": self.trained.about.get("validation")}
        for side in ("test", "validation"):
            figures = sides.get(side)
            metrics = figures.get("metrics") if isinstance(figures, dict) else None
            accuracy = metrics.get("accuracy") if isinstance(metrics, dict) else None
            if isinstance(accuracy, float):
                return [f"accuracy {accuracy:.3f} on {side} names"]
        return []
