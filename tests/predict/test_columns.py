"""What rows say besides the likeliest origins: all probabilities, groups and sets, alike in every format."""

import csv
import io
import json
import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from conftest import Charnn
from engine_models import LABELS, NAMES, random_model

from charnn_cli.architecture import Architecture
from charnn_cli.bulk.blocks import blocks
from charnn_cli.bulk.files import find_inputs
from charnn_cli.bulk.on_ray import Job, Labeller
from charnn_cli.cli.predict_request import Request, check
from charnn_cli.cli.predict_rows import _settings, added_by
from charnn_cli.conformal import PredictionSets
from charnn_cli.errors import CharnnError, DataError
from charnn_cli.predict import Predictor
from charnn_cli.predict.groups import Grouping, read_grouping
from charnn_cli.render import renderer
from charnn_cli.render.added import Added, Wish
from charnn_cli.store import load_trained, save_trained
from charnn_cli.store.location import SHIPPED

NAMES_OF = Path(__file__).parents[2] / "data"
GROUPING = Grouping(("far", "near"), np.array([0, 0, 1, 1, 1]))
WISH = Wish(digits=4, wide=True, grouping=GROUPING, coverage=0.9)
ROWS = [*NAMES, "", "Kim Li", "7", NAMES[1], ""]


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    model = random_model(Architecture(hidden_size=8, embedding_size=8, ngram_orders=(2, 3)), scale=0.3)
    draw = np.random.default_rng(0)
    drawn = draw.dirichlet([1.0] * len(LABELS), size=400)
    second = np.argsort(drawn, axis=1)[:, -2]  # the truth, so that sets of one are too small
    sets = PredictionSets.fit(drawn, second, np.arange(400) < 200)
    return Predictor(replace(model, sets=sets))


def rows_of(predictor: Predictor, wish: Wish = WISH) -> list[dict[str, str]]:
    """The rows of csv, read back."""
    render = renderer("csv", 1, Added.of(wish, predictor))
    text = b"".join([render.begin(None), *render.answers(ROWS, predictor.answers(ROWS, 1), with_name=True)])
    return list(csv.DictReader(io.StringIO(text.decode(), newline=""), strict=True))


def test_columns_say_what_the_probabilities_say(predictor: Predictor) -> None:
    shares = predictor.predict_proba(ROWS)
    assert predictor.trained.sets is not None
    several = np.array([" " in name for name in ROWS])
    held = predictor.trained.sets.members(shares, several, 0.9)
    sizes = set()
    for row, name, own, members in zip(rows_of(predictor), ROWS, shares, held, strict=True):
        wide = [row[f"probability_{label}"] for label in LABELS]
        if name in ("", "7"):
            assert row["reason"] == {"": "empty", "7": "no_letters"}[name]
            assert {row["group"], row["group_probability"], row["set"], row["set_size"], *wide} == {""}
            continue
        assert row["reason"] == ""
        assert wide == [f"{share:.4f}" for share in own]
        near = own[2:].sum()
        assert row["group"] == ("near" if near > 0.5 else "far")
        assert float(row["group_probability"]) == pytest.approx(max(near, 1 - near), abs=1e-4)
        assert row["set"].split("|") == [LABELS[at] for at in np.argsort(-own, kind="stable") if members[at]]
        assert int(row["set_size"]) == members.sum()
        sizes.add(row["set_size"])
    assert len(sizes) > 1


def test_ndjson_and_parquet_say_the_same(predictor: Predictor, tmp_path: Path) -> None:
    added = Added.of(WISH, predictor)
    render = renderer("ndjson", 1, added)
    lines = render.rows(render.answers(ROWS, predictor.answers(ROWS, 1), with_name=True)).splitlines()
    for row, line in zip(rows_of(predictor), map(json.loads, lines), strict=True):
        told = {key: line[key] for key in ("group", "group_probability", "set_size")}
        assert {key: row[key] for key in told} == {
            key: "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
            for key, value in told.items()
        }
        assert row["set"] == "|".join(line["set"] or ())
        wide = line["probabilities"]
        assert [row[f"probability_{label}"] for label in LABELS] == (
            [""] * 5 if wide is None else [f"{wide[label]:.4f}" for label in LABELS]
        )
    parquet = pytest.importorskip("pyarrow.parquet")
    from charnn_cli.render.parquet import write_parquet

    with (tmp_path / "out.parquet").open("wb") as stream:
        write_parquet(stream.write, iter([[name.encode() for name in ROWS]]), predictor, 1, 0.0, added)
    for row, other in zip(rows_of(predictor), parquet.read_table(tmp_path / "out.parquet").to_pylist(), strict=True):
        assert other.keys() == row.keys()
        for key, value in other.items():
            text = "|".join(value) if isinstance(value, list) else "" if value is None else str(value)
            if isinstance(value, float):
                text = f"{value:.4f}"
            assert row[key] == text, key


def test_the_rows_of_blocks_are_the_same(predictor: Predictor, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "names.txt").write_text("".join(f"{name}\n" for name in ROWS), encoding="utf-8")
    ((item,), _) = find_inputs(str(tmp_path / "in"), None, "csv")
    labeller = Labeller(Job((item,), str(tmp_path / "out"), None, wish=WISH), predictor.trained, None)
    for block in blocks(item.path, None):
        labeller.label(item, block)
    with (tmp_path / "out" / "names-00000.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.DictReader(stream)) == rows_of(predictor)


def request(**options: object) -> Request:
    """What is asked by these options alone."""
    flags = dict.fromkeys((field.name for field in fields(Request) if field.type is bool), False)
    nothing = dict.fromkeys(field.name for field in fields(Request)) | flags
    return Request(
        **nothing | {"min_probability": 0.0, "prior": "training", "engine": "local", "quiet": True} | options
    )


def test_an_output_is_gone_on_with_under_the_same_columns(predictor: Predictor, tmp_path: Path) -> None:
    save_trained(tmp_path, predictor.trained)
    wishes = [Wish(), Wish(digits=3), Wish(wide=True), Wish(grouping=GROUPING), Wish(coverage=0.9), Wish(coverage=0.8)]
    asked = request(input=str(tmp_path / "model.json"), output="out.csv", resume=True)
    settings = [json.dumps(_settings(asked, tmp_path, predictor, wish)) for wish in wishes]
    assert len(set(settings)) == len(wishes)


def test_an_origin_that_holds_what_parts_sets_needs_json(predictor: Predictor) -> None:
    named = Predictor(replace(predictor.trained, labels=("a|b", *LABELS[1:])))
    for place in ({"format": "csv"}, {"output": "x.tsv"}, {"engine": "ray"}):
        with pytest.raises(CharnnError, match=r"the origin 'a\|b' holds the '\|' that parts .*; add --format ndjson"):
            added_by(request(coverage=0.9, **place), named)
    for place in ({"format": "json"}, {"output": "x.ndjson"}, {"engine": "ray", "format": "parquet"}):
        assert added_by(request(coverage=0.9, **place), named)[1].names == ["reason", "set", "set_size"]


def test_columns_do_not_take_the_names_of_others(predictor: Predictor) -> None:
    render = renderer("tsv", 1, Added.of(WISH, predictor))
    taken = ["name", "reason", "group", "set", "probability_Dutch"]
    header = render.begin(taken).decode().rstrip("\n").split("\t")
    assert header[:5] == taken
    assert len(set(header)) == len(header)
    assert {"charnn_reason", "charnn_group", "charnn_set", "charnn_probability_Dutch", "set_size"} < set(header)


def test_digits(predictor: Predictor) -> None:
    added = Added(digits=2)
    assert added.number(np.array([0.125, 0.9999, -1e-4, np.nan], dtype=np.float32)) == ["0.12", "1.00", "0.00", "nan"]
    assert Added().number(np.array([0.1, 1e-12], dtype=np.float32)) == ["0.1", "1e-12"]
    answers = predictor.answers(["Hinton"], 1)
    (row,) = renderer("text", 1, Added(digits=5)).answers(["Hinton"], answers, with_name=True)
    assert f"({answers.log_probabilities[0, 0]:.5f}) ".encode() in row


def groups(tmp_path: Path, text: str, name: str = "groups.csv") -> dict[str, str]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    said: list[str] = []
    found = read_grouping(str(path), LABELS, said.append)
    assert not said
    return {label: found.names[place] for label, place in zip(LABELS, found.places, strict=True)}


EAST = {"Arabic": "East", "Chinese": "East"}
WEST = {"Dutch": "West", "English": "West", "Scottish": "West"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("g.csv", "origin,region\nArabic,East\nChinese,East\nDutch,West\nEnglish,West\nScottish,West\n"),
        ("g.txt", "Arabic\tEast\nChinese\tEast\n*\tWest\n"),
        ("g.yaml", "East: [Arabic, Chinese]\nWest: [Dutch, English, Scottish]\n"),
        ("g.yml", "Arabic: East\nChinese: East\n'*': West\n"),
        ("g.json", '{"East": ["Arabic", "Chinese"], "West": ["*"]}'),
    ],
)
def test_groups_of_a_file(name: str, text: str, tmp_path: Path) -> None:
    assert groups(tmp_path, text, name) == EAST | WEST


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("g.csv", "Arabic,East\nChinise,East\n", r"no group for 'Chinese', 'Dutch', .*; no origin of this model: "
                                                 r"'Chinise' \(did you mean 'Chinese'\?\); write ORIGIN,GROUP"),
        ("g.csv", "Arabic,East\nArabic,West\n", "'Arabic' is in the groups 'East' and 'West'"),
        ("g.csv", "Arabic,East\nDutch\n", "g.csv:2: no origin and group"),
        ("g.csv", "Arabic,East\nDutch,\n", "g.csv:2: no group"),
        ("g.yaml", "East: [1, 2]\n", "'East' has no group"),
        ("g.yaml", "- East\n", "no mapping of origins"),
        ("g.yaml", "a: b: c\n", "cannot be read as YAML"),
    ],
)  # fmt: skip
def test_faults_of_groups(name: str, text: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=what):
        groups(tmp_path, text, name)


def test_an_origin_that_the_model_lacks_is_told(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("Danish,North\n*,Rest\n", encoding="utf-8")
    said: list[str] = []
    read_grouping(str(tmp_path / "g.csv"), LABELS, said.append)
    assert said == [f"{tmp_path / 'g.csv'}: no origin of this model: 'Danish'"]


def test_the_regions_hold_every_origin_that_comes_with_charnn() -> None:
    files = [path.stem for folder in ("names", "names-world") for path in (NAMES_OF / folder).glob("*.txt")]
    labels = tuple(sorted({*files, *load_trained(SHIPPED).labels}))
    assert len(read_grouping("regions", labels, pytest.fail).names) == 9
    with pytest.raises(DataError, match="regions: no group for 'Klingon'; write your own"):
        read_grouping("regions", (*labels, "Klingon"), pytest.fail)


def test_a_model_without_sets_says_so() -> None:
    bare = Predictor(random_model(Architecture(hidden_size=8, embedding_size=8, ngram_orders=(2, 3))))
    with pytest.raises(CharnnError, match=r"this model holds no sets of origins: .*; train it again"):
        Added.of(Wish(coverage=0.9), bare)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"digits": 10}, "--digits is 10; give a number from 0 to 9"),
        ({"coverage": 1.0}, "--coverage is 1; give"),
        ({"coverage": 0.9, "prior": "uniform"}, "--coverage is measured on names mixed as in training; leave"),
        ({"wide": True, "format": "table"}, "--wide does not fit into table; add --format csv"),
        ({"group": "regions", "format": "text"}, "--group and --coverage do not fit into text; add --format table"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_loaded(options: dict[str, object], what: str) -> None:
    with pytest.raises(CharnnError, match=re.escape(what)):
        check(request(names=["Rossi"], **options))


def test_a_file_of_groups_that_is_missing(charnn: Charnn, tiny_run: Path) -> None:
    done = charnn("predict", "Rossi", "--model", tiny_run, "--group", "missing.csv")
    what = "charnn: error: the grouping 'missing.csv' is no file; give regions, or a file of origins and their groups\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", what)


def test_a_table_for_people(predictor: Predictor, charnn: Charnn, tmp_path: Path) -> None:
    save_trained(tmp_path, predictor.trained)
    (tmp_path / "g.csv").write_text("Dutch,near\nEnglish,near\nScottish,near\n*,far\n", encoding="utf-8")
    words = ("--group", "g.csv", "--coverage", "0.9", "--digits", "2", "--format", "table", "-k", "1")
    done = charnn("predict", "Hinton", "--model", tmp_path, *words)
    (row,) = (row for row in rows_of(predictor, replace(WISH, digits=2)) if row["name"] == "Hinton")
    assert done.stdout.splitlines()[1].split()[:3] == ["1", row["origin"], row["probability"]]
    assert done.stdout.splitlines()[2:] == [
        f"      group  {row['group']} {row['group_probability']}",
        f"      90%    {row['set'].replace('|', ', ')}",
    ]
