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
from charnn_cli.choices import Activation, Cell, Device
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

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class DataConfig(Section):
    """Which rows go to which side, and where a table keeps them."""

    split_seed: Seed = 0
    validation_fraction: Fraction = 0.1
    test_fraction: Fraction = 0.1
    name_column: Heading | None = None
    origin_column: Heading | None = None
    encoding: str | None = None

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
    casefold: bool = True
    max_length: Annotated[int, Field(ge=1, le=4096)] = 64
    boundaries: bool = True
    marks: bool = True

    def rules(self) -> TextRules:
        """The rules by which names are told apart: without marks, so that Müller and Muller are one name."""
        return TextRules(self.romanise, self.casefold, self.max_length, self.boundaries)


class ModelConfig(Section):
    """The network; the fields of `Architecture`, and what matters only while it trains."""

    cell: Cell = "gru"
    activation: Activation = "tanh"
    hidden_size: Size = 128
    num_layers: Annotated[int, Field(ge=1, le=16)] = 1
    bidirectional: bool = True
    residual: bool = False
    pooling: Pooling = "last"
    input: Input = "embedding"
    embedding_size: Size = 64
    ngram_orders: Annotated[tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(strict=False, min_length=1)] = (
        1,
        2,
        3,
        4,
        5,
    )
    learned_orders: Size = 4
    ngram_min_count: Size = 1
    ngram_max_size: Annotated[int, Field(ge=1, le=10_000_000)] = 200_000
    wide: bool = True
    language_model: bool = True
    count_validation: bool = True
    dropout: Probability = 0.3
    wide_dropout: Probability = 0.3
    mark_dropout: Probability = 0.3
    initialisation: Initialisation = "default"
    forget_bias: Annotated[float, Field(ge=-10, le=10)] = 1.0

    @field_validator("ngram_orders")
    @classmethod
    def _rise(cls, orders: tuple[int, ...]) -> tuple[int, ...]:
        if any(order >= following for order, following in pairwise(orders)):
            raise ValueError(f"must rise without repeats, as in {sorted(set(orders))}, is {list(orders)}")
        return orders

    @model_validator(mode="after")
    def _fits_together(self) -> "ModelConfig":
        kind = CELLS[self.cell]
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


class TrainingConfig(Section):
    """How the weights are found."""

    epochs: Annotated[int, Field(ge=1, le=100_000)] = 12
    steps_per_epoch: Annotated[int, Field(ge=1)] | None = None
    batch_size: Size = 128
    sampling: Literal["natural", "balanced"] = "natural"
    optimiser: Literal["sgd", "adam", "adamw"] = "adamw"
    lr: Annotated[float, Field(gt=0, le=1e9)] = 3e-3
    momentum: Probability = 0.0
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    schedule: Literal["constant", "cosine", "one_cycle"] = "one_cycle"
    clip_norm: Annotated[float, Field(gt=0)] | None = 1.0
    clip_value: Annotated[float, Field(gt=0)] | None = None
    truncate_every: Annotated[int, Field(ge=1)] | None = None
    next_symbol_weight: Annotated[float, Field(ge=0, le=100)] = 0.2
    class_weights: Literal["none", "balanced"] = "none"
    select: Selection = "nll"
    patience: Annotated[int, Field(ge=1)] | None = None
    validate_every: Annotated[int, Field(ge=1)] = 1
    report_every: Annotated[int, Field(ge=1)] | None = None
    max_bad_steps: Annotated[int, Field(ge=1)] = 20
    device: Device = "auto"
    # Networks of this size gain a fifth from a second thread, and on a busy machine threads that wait for each other
    # slow them to a crawl; one thread also gives the same bytes on machines with any number of cores.
    threads: Annotated[int, Field(ge=1, le=1024)] = 1
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    compile: bool = False
    tensorboard: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> "TrainingConfig":
        if self.sampling == "balanced" and self.steps_per_epoch is None:
            raise ValueError("balanced sampling draws with replacement and has no end; set 'steps_per_epoch'")
        return self


class Config(Section):
    """All settings of a run."""

    seed: Seed = 0
    data: DataConfig = DataConfig()
    text: TextConfig = TextConfig()
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()

    @model_validator(mode="after")
    def _fits_together(self) -> "Config":
        kind = CELLS[self.model.cell]
        if self.training.next_symbol_weight and not kind.stacks:
            raise ValueError(f"'{self.model.cell}' guesses no next symbol; set training.next_symbol_weight 0")
        if self.training.compile and kind.joint:
            raise ValueError("of the lesson's cell there is nothing to compile; set training.compile false")
        if self.model.language_model and not self.text.boundaries:
            raise ValueError("the language model needs text.boundaries; set them true, or model.language_model false")
        return self
