"""What `charnn_cli.load` gives: a model that predicts, explains, writes and says what it is."""

from pathlib import Path

import numpy as np
import pytest

from charnn_cli import load
from charnn_cli.cli.generate import generate
from charnn_cli.data.dataset import name_hash
from charnn_cli.errors import ModelError, UsageError


def test_it_writes_what_the_command_writes(writing_run: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    generate(["Russian"], count=5, model=str(writing_run), seed=3, temperature=0.5, format="ndjson")
    told = capsysbinary.readouterr().out.decode()
    written = load(writing_run).generate("russian", 5, seed=3, temperature=0.5)
    assert [name.name for name in written] == [line.split('"')[3] for line in told.splitlines()]
    assert {name.origin for name in written} == {"Russian"}
    assert max(name.log_probability for name in written) < 0


def test_new_names_are_none_that_training_held(writing_run: Path) -> None:
    model = load(writing_run)
    written = [name.name for name in model.generate("Russian", 20, new=True)]
    assert len(written) == 20
    assert not np.isin(name_hash(written), model.run.training_hashes).any()


def test_what_cannot_be_written_is_refused(writing_run: Path, tiny_run: Path) -> None:
    model = load(writing_run)
    with pytest.raises(UsageError, match="did you mean Russian"):
        model.generate("Rusian")
    for options in ({"n": 0}, {"seed": -1}, {"temperature": 0.0}, {"top_p": 1.5}, {"max_length": 0}):
        with pytest.raises(ValueError, match="n and max_length begin at 1"):
            model.generate("Russian", **options)
    with pytest.raises(ModelError, match="writes none; train one that writes"):
        load(tiny_run).generate("Russian")


def test_its_repr_says_what_it_is(writing_run: Path, tiny_run: Path) -> None:
    assert repr(load("shipped")).startswith("<charnn model shipped: gru of 128, tells names of 54 origins, made of 1,")
    assert "on validation names>" in repr(load("shipped"))
    accuracy = load(tiny_run).run.metrics["test"]["metrics"]["accuracy"]
    told = "recipe default, gru of 8, tells names of 3 origins, made of 30 names"
    assert repr(load(tiny_run)) == f"<charnn model tiny: {told}, accuracy {accuracy:.3f} on test names>"
    assert "recipe generator, gru of 8, writes names of 3 origins" in repr(load(writing_run))


def test_a_name_that_cannot_be_told_is_not_explained(tiny_run: Path) -> None:
    model = load(tiny_run)
    assert model.explain("Bruno").text == "bruno"
    with pytest.raises(ValueError, match="'N/A' cannot be told: no_name"):
        model.explain("N/A")
