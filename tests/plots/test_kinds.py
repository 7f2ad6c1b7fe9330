"""From run folders to figures: each kind, and what it says when it cannot be drawn."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from charnn_cli.data import read
from charnn_cli.engine import Engine
from charnn_cli.errors import CharnnError
from charnn_cli.evaluate import evaluate
from charnn_cli.plots import KINDS, kind
from charnn_cli.plots.gradients import longest
from charnn_cli.plots.lettering import Lettering, lettering
from charnn_cli.plots.request import Request, read_as, shown, shown_symbols
from charnn_cli.predict import Predictor
from charnn_cli.store import Run


def make(name: str, *folders: Path, **options: object) -> Figure:
    return kind(name).make(Request(tuple(map(Run, folders)), **options))  # type: ignore[arg-type]


def test_every_kind_that_is_named_has_a_module_that_says_what_it_takes() -> None:
    takes = {name: kind(name).TAKES for name in KINDS}
    assert [name for name in KINDS if takes[name].runs] == ["loss", "gradients"]
    assert [name for name in KINDS if takes[name].names] == ["gates", "belief"]
    assert [name for name in KINDS if takes[name].data] == [
        "confusion",
        "calibration",
        "coverage",
        "gradients",
        "embedding",
        "worth",
        "learning",
    ]


@pytest.mark.parametrize("name", ["loss", "confusion", "calibration", "coverage", "gradients", "embedding"])
def test_the_caption_states_run_data_and_split(name: str, make_run, small_names: Path) -> None:  # type: ignore[no-untyped-def]
    caption = make(name, make_run("gru")).get_supxlabel()
    assert caption.startswith(f"run gru · data {small_names.name} (")
    assert "split" in caption


def test_one_folder_has_one_fingerprint_or_the_caption_says_how_else_it_was_read(make_run, small_names: Path) -> None:  # type: ignore[no-untyped-def]
    folder = make_run("gru")
    own = make("confusion", folder).get_supxlabel()
    given = make("confusion", folder, data=small_names).get_supxlabel()
    assert own.split(" · ")[1] == given.split(" · ")[1]
    (folder / "training_names.safetensors").unlink()  # which would know that the settings were changed
    (folder / "config.yaml").write_text("text: {casefold: false, max_length: 9}\n", encoding="utf-8")
    assert "capitals kept, to 9 letters)" in make("confusion", folder, data=small_names).get_supxlabel()


@pytest.mark.parametrize("name", ["gates", "belief"])
def test_the_caption_of_a_name_states_run_and_data(name: str, make_run, small_names: Path) -> None:  # type: ignore[no-untyped-def]
    caption = make(name, make_run("gru"), names=("Rossi",)).get_supxlabel()
    assert caption.startswith(f"run gru · trained on the training split of {small_names.name} (")


def test_loss_is_by_names_seen_so_that_the_lesson_stands_beside_others(make_run) -> None:  # type: ignore[no-untyped-def]
    figure = make("loss", make_run("gru"), make_run("lesson"))
    assert [line.get_xdata().tolist() for line in figure.axes[2].lines] == [
        [12800, 25600, 38400],  # steps of 128 names
        [100, 200, 300],  # of one
    ]
    assert figure.axes[2].get_xscale() == "log"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["gru", "lesson"]


def test_confusion_and_calibration_agree_with_evaluate(make_run) -> None:  # type: ignore[no-untyped-def]
    folder = make_run("gru")
    result = evaluate(Run(folder))
    axes = make("confusion", folder, order="alphabet").axes[0]
    cells = {text.get_position(): text.get_text() for text in axes.texts}
    written = {place: int(count) for place, count in cells.items() if all(float(part).is_integer() for part in place)}
    right = sum(count for (row, column), count in written.items() if row == column)
    assert f"{100 * right / result.n:.0f}" in cells.values()
    assert sum(written.values()) == result.n
    assert right / result.n == pytest.approx(result.metrics["accuracy"])
    key = [text.get_text() for text in make("calibration", folder).legends[0].get_texts()]
    assert key[0] == f"before, temperature 1: calibration error (ECE) {result.uncalibrated['ece']:.3f}"
    assert key[1] == f"after, temperature 1.50: calibration error (ECE) {result.metrics['ece']:.3f}"


def test_a_temperature_of_one_is_drawn_once(make_run) -> None:  # type: ignore[no-untyped-def]
    lines = make("calibration", make_run("gru", temperature=1.0)).axes[0].lines
    assert [line.get_label() for line in lines if not line.get_label().startswith("_")] == [
        "temperature 1, as none lowered the validation loss"
    ]


def test_other_labelled_names_take_the_place_of_the_test_split(make_run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    table = tmp_path / "more.csv"
    table.write_text("name,origin\nRossi,Italian\nTanaka,Japanese\nAbebe,Ethiopian\n", encoding="utf-8")
    folder = make_run("gru")
    figure = make("confusion", folder, data=table, order="alphabet")
    rows = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert rows == ["Ethiopian (1)", "Italian (1)", "Japanese (1)", "precision, %"]
    caption = " ".join(figure.get_supxlabel().split())
    fingerprint = read(table, rules=Run(folder).trained.rules).fingerprint
    assert f"data more.csv ({fingerprint[:8]}) · all names, 3 names" in caption
    assert "Ethiopian" in caption


def test_belief_is_the_answer_to_each_beginning(make_run) -> None:  # type: ignore[no-untyped-def]
    folder = make_run("lstm")
    axes = make("belief", folder, names=("De Rossi",)).axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["prior", *"de␣rossi"]
    trained = Run(folder).trained
    answers = trained.scaling.probabilities(Engine(trained).logits(trained.encode(["de", "de r", "de rossi"])))
    drawn = {line.get_label(): line.get_ydata() for line in axes.lines}
    for column, label in enumerate(trained.labels):
        np.testing.assert_allclose(drawn[label][[0, 2, 4, 8]], [trained.priors[column], *answers[:, column]], atol=1e-5)


@pytest.mark.parametrize(
    ("cell", "gates", "ways"),
    [
        ("lstm", ["forget gate (1: keep)", "input gate (1: write)", "output gate (1: show)"], 2),
        ("gru", ["reset gate (1: read the state)", "update gate (1: keep)"], 2),
        ("rnn", [], 1),
        ("lesson", [], 1),
    ],
)
def test_gates_of_each_cell(cell: str, gates: list[str], ways: int, make_run) -> None:  # type: ignore[no-untyped-def]
    folder = make_run(cell)
    figure = make("gates", folder, names=("Mori",))
    maps = [axes for axes in figure.axes if axes.images]
    assert len(maps) == ways
    assert [text.get_text() for text in figure.legends[0].get_texts()] == gates if gates else not figure.legends
    assert [text.get_text() for text in maps[0].get_xticklabels()] == ["⊢", "m", "o", "r", "i", "⊣"]
    trained = Run(folder).trained
    (first, *_) = Engine(trained).trace(trained.encode(["Mori"])).directions
    values = first.gates["cell"] if cell == "lstm" else first.states
    units = [int(text.get_text().split()[1]) for text in maps[0].get_yticklabels()]
    assert sorted(units) == list(range(6))
    np.testing.assert_allclose(np.asarray(maps[0].images[0].get_array()), values[:, units].T, atol=1e-6)
    (best,) = Predictor(trained).predict(["Mori"])
    titles = [axes.get_title(loc="left").replace("\n", " ") for axes in figure.axes]
    assert any(title.startswith(f"Mori → {best.origin} {best.probability:.0%}") for title in titles)


def test_gradients_are_one_line_a_run_and_init_is_another_network(make_run) -> None:  # type: ignore[no-untyped-def]
    folders = [make_run(cell) for cell in ("gru", "lstm", "rnn", "lesson")]
    trained = make("gradients", *folders)
    lines = {line.get_label(): line.get_ydata() for line in trained.axes[0].lines}
    assert [name for name in lines if not name.startswith("_")] == ["gru", "lstm", "rnn", "lesson"]
    fresh = make("gradients", *folders, fresh=True)
    assert "untrained" in fresh.get_supxlabel()
    began = {line.get_label(): line.get_ydata() for line in fresh.axes[0].lines}
    assert not np.allclose(lines["rnn"][:3], began["rnn"][:3])


def test_a_config_that_does_not_say_how_the_network_began_is_told(make_run) -> None:  # type: ignore[no-untyped-def]
    folder = make_run("gru")
    (folder / "training_names.safetensors").unlink()  # which would know that the settings were changed
    (folder / "config.yaml").write_text("model: {initialisation: magic}\n", encoding="utf-8")
    with pytest.raises(CharnnError, match="does not say how its network began; train again"):
        make("gradients", folder, fresh=True)


def test_runs_of_one_name_are_told_apart_by_their_paths(make_run) -> None:  # type: ignore[no-untyped-def]
    first = make_run("gru", name="a/gru")
    second = make_run("gru", name="b/gru")
    assert Request((Run(first), Run(second))).titles() == [str(first), str(second)]
    assert Request((Run(first),)).titles() == ["gru"]


@pytest.mark.parametrize(
    ("name", "cell", "names", "message"),
    [
        ("gates", "mlp", ("Rossi",), "no states to show; plot a run with a recurrent cell"),
        ("gradients", "mlp", (), "'mlp' is an mlp, which has no states; leave it out"),
        ("gates", "gru", ("...",), r"cannot read the name '\.\.\.': it has no letters; give another name"),
        ("belief", "gru", ("Rossi",) * 41, "41 rows of panels do not fit on one picture; give fewer names"),
        ("gates", "gru", ("Rossi",) * 21, "42 rows of panels do not fit on one picture; give fewer names"),
        ("gates", "rnn", ("Rossi",) * 61, "42 rows of panels do not fit on one picture; give fewer names"),
        ("belief", "gru", ("",), "it is empty; give another name"),
        ("belief", "gru", ("李小龍",), "it does not know the script; give another name"),
    ],
)
def test_what_cannot_be_drawn_is_told(name: str, cell: str, names: tuple[str, ...], message: str, make_run) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CharnnError, match=message):
        make(name, make_run(cell), names=names)


def test_a_run_without_an_epoch_has_no_curves(make_run) -> None:  # type: ignore[no-untyped-def]
    folder = make_run("gru")
    (folder / "history.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(CharnnError, match="has no finished epoch"):
        make("loss", folder)


def test_rows_are_chosen_the_same_way_every_time() -> None:
    assert longest(["aa", "b", "cccc", "dd"], np.arange(4), 3).tolist() == [2, 0, 3]


@pytest.mark.parametrize(
    ("name", "plain", "shown_as"),
    [
        ("Hinton", "hinton", "Hinton"),
        ("Müller", "muller", "Müller, read as muller"),
        ("Сидоров", "sidorov", "Сидоров, read as sidorov"),
    ],
)
def test_a_name_is_shown_with_what_was_read(name: str, plain: str, shown_as: str) -> None:
    assert read_as(name, plain, lettering([name, plain])) == shown_as


def test_a_name_that_no_font_draws_is_shown_by_its_script_and_what_was_read() -> None:
    none = Lettering(("DejaVu Sans",), frozenset("김민준李"))
    assert read_as("김민준", "gimminjun", none) == "a name in Hangul, read as gimminjun"
    assert read_as("李", "李", none) == "a name in Han"


def test_marks_and_scripts_that_are_read_behind_a_name_are_told_from_letters() -> None:
    assert [shown(letter, ("ü", "한")) for letter in "u ü한"] == ["u", "␣", "+ü", "+Hangul"]


def test_symbols_are_shown_as_letters() -> None:
    assert shown_symbols([2, 4, 5, 1, 3], ["a", " "]) == ("⊢", "a", "␣", "∗", "⊣")
