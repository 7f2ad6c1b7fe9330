"""Every setting, with its type, its range and its default.

The defaults are the recipe that measures best; `configs/default.yaml` spells out the ones worth talking about.
"""

import json
from dataclasses import fields
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from charnn_cli.architecture import Architecture, Input, Pooling
from charnn_cli.cells import CELLS
from charnn_cli.choices import Activation, Cell, Device, Task
from charnn_cli.text import TextRules

Initialisation = Literal["default", "xavier", "he", "orthogonal", "identity"]
Selection = Literal["accuracy", "macro_f1", "nll", "last"]
Probability = Annotated[float, Field(ge=0, lt=1)]
Fraction = Annotated[float, Field(ge=0, le=0.5)]
Size = Annotated[int, Field(ge=1, le=65536)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Heading = Annotated[str, BeforeValidator(lambda value: json.dumps(value) if isinstance(value, int) else value)]


class Section(BaseModel):
    """A group of settings: unknown keys and values of another type are faults."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class DataConfig(Section):
    """Which rows go to which side, and where a table keeps them."""

    split_seed: Seed = 0
    """Which names go to which side: they are ranked by a hash of it and the name."""
    validation_fraction: Fraction = 0.1
    """Share of each origin's names by which epoch, blend and temperature are chosen."""
    test_fraction: Fraction = 0.1
    """Share that is looked at once, when training has ended."""
    name_column: Heading | None = None
    """The table's column of names; without it, the one under a usual heading."""
    origin_column: Heading | None = None
    """The table's column of labels; without it, the one under a usual heading."""
    encoding: str | None = None
    """Of files that are no UTF-8, as in cp1252; `auto` guesses, and says so."""

    def split_options(self) -> dict[str, Any]:
        """What `charnn_cli.data.split` takes beside the names."""
        return {
            "seed": self.split_seed,
            "validation_fraction": self.validation_fraction,
            "test_fraction": self.test_fraction,
        }


class TextConfig(Section):
    """How a name is spelled before the network reads it (see `charnn_cli.text`)."""

    romanise: bool = True
    """Write other scripts in Latin letters, and letters beyond ASCII without their marks."""
    casefold: bool = True
    """Read capitals as small letters."""
    max_length: Annotated[int, Field(ge=1, le=4096)] = 64
    """Symbols of a name that are read; the rest is left out."""
    boundaries: bool = True
    """Put a symbol before the first letter and one behind the last."""
    marks: bool = True
    """Read what the letters carry beyond ASCII (é, ł, ß) once more, behind the name."""

    def rules(self) -> TextRules:
        """The rules by which names are told apart: without marks, so that Müller and Muller are one name."""
        return TextRules(self.romanise, self.casefold, self.max_length, self.boundaries)


class ModelConfig(Section):
    """The network; the fields of `Architecture`, and what matters only while it trains."""

    task: Task = "classify"
    """Tell the origins of names, or write names: guess each letter from the origin and those before."""
    cell: Cell = "gru"
    """What computes the next state: `charnn_cli/cells.py` has the equations."""
    activation: Activation = "tanh"
    """The non-linearity of the cell rnn."""
    hidden_size: Size = 128
    """Numbers in the state of each direction."""
    num_layers: Annotated[int, Field(ge=1, le=16)] = 1
    """Recurrent layers, one above the other."""
    bidirectional: bool = True
    """One network reads forward, another backward."""
    pooling: Pooling = "last"
    """What the head reads: the last state, or the mean, the greatest or a weighted sum of all."""
    input: Input = "embedding"
    """Letters as ones among zeros, or as learned vectors."""
    embedding_size: Size = 64
    """Numbers in the vector of a letter."""
    ngram_orders: Annotated[tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(strict=False, min_length=1)] = (
        1,
        2,
        3,
        4,
        5,
    )
    """Letters in an n-gram of the wide part."""
    learned_orders: Size = 4
    """How many of these orders have learned weights; the language models count the others alone."""
    ngram_min_count: Size = 1
    """N-grams that stand fewer times in the training names are left out."""
    ngram_max_size: Annotated[int, Field(ge=1, le=10_000_000)] = 200_000
    """At most so many n-grams, the most frequent ones."""
    wide: bool = True
    """Add a weight for each n-gram and origin to what the network says."""
    language_model: bool = True
    """Blend in what is counted of each origin's names: two language models with Witten-Bell smoothing."""
    count_validation: bool = True
    """Count the validation names, too, once everything is chosen."""
    dropout: Probability = 0.3
    """Share of the network's numbers left out of a training step."""
    wide_dropout: Probability = 0.3
    """Share of a name's n-grams left out of a training step."""
    mark_dropout: Probability = 0.3
    """Share of the names whose marks are left out of a training step."""
    initialisation: Initialisation = "default"
    """First values of the weights; `identity` begins as a state that is handed on unchanged."""
    forget_bias: Annotated[float, Field(ge=-10, le=10)] = 1.0
    """First bias of an LSTM's forget gate; larger is more open."""

    @field_validator("ngram_orders")
    @classmethod
    def _rise(cls, orders: tuple[int, ...]) -> tuple[int, ...]:
        if any(order >= following for order, following in pairwise(orders)):
            raise ValueError(f"must rise without repeats, as in {sorted(set(orders))}, is {list(orders)}")
        return orders

    @model_validator(mode="after")
    def _fits_together(self) -> "ModelConfig":
        kind = CELLS[self.cell]
        if self.task == "generate":
            if not kind.stacks:
                raise ValueError(f"'{self.cell}' cannot write names; take a cell that reads letter by letter, as gru")
            if self.bidirectional or self.wide:
                raise ValueError(
                    "who writes names reads forward, with no n-grams beside; take the recipe 'generator', or set "
                    "bidirectional, wide and language_model false"
                )
        if kind.joint:
            if self.input != "one_hot" or self.wide:
                raise ValueError(
                    "the lesson's cell reads one-hot letters; take the recipe 'lesson', or input one_hot and wide false"
                )
            if self.num_layers > 1 or self.bidirectional or self.pooling != "last":
                raise ValueError("the lesson's cell has one layer and one direction, and answers after the last letter")
        if not kind.has_steps:
            if self.wide:
                raise ValueError("mlp reads a bag of letters; take the recipe 'mlp', or input one_hot and wide false")
            if self.num_layers > 1 or self.bidirectional or self.pooling != "last":
                raise ValueError("mlp has no order to read in; leave num_layers 1, bidirectional false, pooling last")
        if self.language_model:
            if not self.wide:
                raise ValueError("the language model is kept in the wide part; set 'language_model: false' as well")
            if self.ngram_orders != tuple(range(1, len(self.ngram_orders) + 1)):
                raise ValueError(
                    "the language model needs ngram_orders from 1 upwards without a gap, as in [1, 2, 3, 4]"
                )
        if self.initialisation == "identity" and not kind.stacks:
            raise ValueError(f"identity initialisation is for recurrent weights, which '{self.cell}' has not")
        return self

    def architecture(self) -> Architecture:
        return Architecture(**{field.name: getattr(self, field.name) for field in fields(Architecture)})

    @property
    def generates(self) -> bool:
        return self.task == "generate"


class TrainingConfig(Section):
    """How the weights are found."""

    epochs: Annotated[int, Field(ge=1, le=100_000)] = 9
    """Passes over the training names, or times `steps_per_epoch`."""
    steps_per_epoch: Annotated[int, Field(ge=1)] | None = None
    """Batches in an epoch; null is one pass."""
    batch_size: Size | None = None
    """Names in a step, of all processes together; null makes about 128 steps of an epoch, of 16 to 256 names."""
    sampling: Literal["natural", "balanced"] = "natural"
    """Every name once a pass, or origins in equal shares, with replacement."""
    optimiser: Literal["sgd", "adam", "adamw"] = "adamw"
    """What makes a step of a gradient."""
    lr: Annotated[float, Field(gt=0, le=1e9)] = 4e-3
    """The learning rate, at its highest."""
    momentum: Probability = 0.0
    """Of sgd: how much of the last step goes on."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    """How strongly weights are pulled to zero."""
    schedule: Literal["constant", "cosine", "one_cycle"] = "one_cycle"
    """The learning rate from first step to last: level, half a cosine, or a short rise before it."""
    clip_norm: Annotated[float, Field(gt=0)] | None = 1.0
    """A longer gradient is cut to this length; null cuts none."""
    clip_value: Annotated[float, Field(gt=0)] | None = None
    """Each number of the gradient is cut to this size; null cuts none."""
    truncate_every: Annotated[int, Field(ge=1)] | None = None
    """Backpropagation through so many symbols at most; null is all."""
    next_symbol_weight: Annotated[float, Field(ge=0, le=100)] = 0.2
    """What guessing the next letter counts beside telling the origin."""
    class_weights: Literal["none", "balanced"] = "none"
    """Give every origin the same say in the loss."""
    select: Selection = "nll"
    """Which epoch is kept: the best by this on the validation names, or the last."""
    patience: Annotated[int, Field(ge=1)] | None = None
    """End after so many epochs without a better one; null goes on."""
    validate_every: Annotated[int, Field(ge=1)] = 1
    """Epochs from one look at the validation names to the next."""
    report_every: Annotated[int, Field(ge=1)] | None = None
    """Steps from one of the lesson's lines to the next; null says none."""
    max_bad_steps: Annotated[int, Field(ge=1)] = 20
    """So many steps in a row that are not finite end the training."""
    start_from: str | None = None
    """A run folder, or `shipped`, with whose network the training begins; null begins anew."""
    device: Device = "auto"
    """Where to compute; auto takes an accelerator where there is one."""
    # Networks of this size gain a fifth from a second thread, and on a busy machine threads that wait for each other
    # slow them to a crawl; one thread also gives the same bytes on machines with any number of cores.
    threads: Annotated[int, Field(ge=1, le=1024)] = 1
    """Processor threads of one product; both directions have one each where there are two processors."""
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Of the products; auto is float32, which was faster on an H100, too."""
    compile: bool = False
    """Let torch.compile fuse what turns letters and n-grams into vectors and logits."""
    tensorboard: bool = False
    """Write the scalars of `history.jsonl` for TensorBoard as well."""

    @model_validator(mode="after")
    def _fits_together(self) -> "TrainingConfig":
        if self.sampling == "balanced" and self.steps_per_epoch is None:
            raise ValueError("balanced sampling draws with replacement and has no end; set 'steps_per_epoch'")
        return self


class Config(Section):
    """All settings of a run."""

    seed: Seed = 0
    """Of the first weights, the order of the names and dropout."""
    data: DataConfig = DataConfig()
    text: TextConfig = TextConfig()
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()

    @model_validator(mode="after")
    def _fits_together(self) -> "Config":
        kind = CELLS[self.model.cell]
        if self.training.next_symbol_weight and not kind.stacks:
            raise ValueError(f"'{self.model.cell}' guesses no next symbol; set training.next_symbol_weight 0")
        if self.training.compile and (kind.joint or self.model.generates):
            what = "a generator" if self.model.generates else "the lesson's cell"
            raise ValueError(f"of {what} there is nothing to compile; set training.compile false")
        if self.model.generates and not self.text.boundaries:
            raise ValueError("who writes names learns where they end; set text.boundaries true")
        if self.model.generates and self.text.romanise and self.text.marks:
            raise ValueError("marks behind a name are not how it is written; set text.romanise false, or text.marks")
        if self.model.generates and self.training.select not in ("nll", "last"):
            raise ValueError("a generator is judged by its likelihood; set training.select nll or last")
        if self.model.language_model and not self.text.boundaries:
            raise ValueError("the language model needs text.boundaries; set them true, or model.language_model false")
        return self
