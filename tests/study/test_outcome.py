"""What a study says, of cells whose figures are given."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from charnn_cli.errors import ModelError
from charnn_cli.metrics import METRICS
from charnn_cli.study import page, tables
from charnn_cli.study.outcome import Outcome, outcome
from charnn_cli.study.plan import Cell, Design, recipes
from charnn_cli.study.record import Record, load_answers, save_answers

HOSTILE = "<script>alert(1)</script>|`x`"


@pytest.fixture
def names(tmp_path: Path) -> Path:
    """Names of which one, and one label, would be code on a page."""
    path = tmp_path / "names.csv"
    rows = [("Rossi", "Italian"), ("Bianchi", "Italian"), ("Ivanov", HOSTILE), ("Petrov", HOSTILE), (HOSTILE, HOSTILE)]
    path.write_text("name,origin\n" + "".join(f'"{name}","{origin}"\n' for name, origin in rows), encoding="utf-8")
    return path


def measured(cells: Sequence[Cell], record: Record, values: Mapping[str, tuple[float, float]]) -> None:
    """Let cells have come to this, of each recipe in every metric on the first split, and so much more on the next."""
    for cell in cells:
        first, more = values[cell.recipe.label]
        value = first + 0.01 * cell.seed + more * cell.split
        figures = {"metrics": dict.fromkeys(METRICS, value), "seconds": 1.0, "names_per_second": 9.0, "weights": 5}
        sizes = {"n_train": 4, "n_validation": 0, "n_test": 1}
        record.cells.add(cell.key, {**cell.about, "figures": {**figures, **sizes}})
        dataset = cell.names.read()
        rows = np.arange(len(dataset))
        probabilities = np.full((len(rows), len(dataset.labels)), 0.1)
        probabilities[rows, np.where(dataset.names == "Rossi", 1 - dataset.origins, dataset.origins)] = 0.9
        save_answers(record.folder, cell.key, rows, probabilities)


def studied(names: Path, folder: Path) -> Outcome:
    chosen = recipes(["rnn", "gru", "lstm"], [], [], place="--set")
    design = Design(seeds=2, splits=2)
    cells = design.cells(chosen, names)
    with Record(folder) as record:
        measured(
            [cell for cell in cells if cell.recipe.label != "lstm"], record, {"rnn": (0.5, 0.02), "gru": (0.6, 0.05)}
        )
        lost = {next(cell for cell in cells if cell.recipe.label == "lstm"): "its process was killed (SIGKILL)"}
        return outcome(cells, design, record, lost)


def test_seeds_are_averaged_before_splits_are_compared(names: Path, tmp_path: Path) -> None:
    came = studied(names, tmp_path / "study")
    rnn, gru, lstm = came.rows
    assert rnn.values["accuracy"] == pytest.approx((0.5, 0.51, 0.52, 0.53))
    assert gru.mean("accuracy") == pytest.approx(0.63)
    assert gru.spread("accuracy") == pytest.approx(np.std((0.6, 0.61, 0.65, 0.66), ddof=1))
    assert (lstm.cells, len(lstm.failures), lstm.missing) == (0, 1, 3)
    told = came.differences["accuracy"]
    assert set(told) == {"gru"}
    assert told["gru"].by_split == pytest.approx((0.1, 0.13))


def test_names_that_most_cells_get_wrong_are_suspected(names: Path, tmp_path: Path) -> None:
    (suspect,) = studied(names, tmp_path / "study").suspects
    assert (suspect.name, suspect.label, suspect.proposed) == ("Rossi", "Italian", HOSTILE)
    assert (suspect.wrong, suspect.cells) == (8, 8)
    assert suspect.margin == pytest.approx(-0.8)


def test_the_text_tells_what_is_missing_and_what_failed(names: Path, tmp_path: Path) -> None:
    came = studied(names, tmp_path / "study")
    text = tables.markdown(came)
    assert "- gru against rnn: accuracy no difference shown, +0.115 (-0.118 to +0.348)" in text
    assert "- lstm failed on split 0, seed 0: its process was killed (SIGKILL)" in text
    assert "- 3 cells are not measured yet" in text
    assert "| rnn | 0.515 (0.013) |" in text
    assert list(tables.markdown_table(tables.Sheet("", ("name", "f1"), [("_Kim_ www.a.org", "0.5")])))[-1] == (
        r"| \_Kim\_ www\.a\.org | 0.5 |"
    )
    assert "\\<script>alert(1)\\</script>\\|\\`x\\`" in text


def test_the_page_shows_names_and_labels_as_they_are(names: Path, tmp_path: Path) -> None:
    text = page.render(studied(names, tmp_path / "study"), ["table.md"])
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert 'href="table.md"' in text


def test_answers_that_were_changed_are_told_with_what_mends_them(tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    save_answers(tmp_path, "key", np.arange(2), np.eye(2))
    (file,) = (tmp_path / "answers").iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelError, match="is cut or changed; delete it, and the same command measures that cell again"):
        load_answers(tmp_path, "key")
