"""Which names a run is measured on, and what comes out of it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from evaluation_runs import SPLIT, made_up_names, make_run, write_data

from charnn_cli import load
from charnn_cli.cli.evaluation_output import parts
from charnn_cli.cli.tables import plain
from charnn_cli.conformal import PredictionSets
from charnn_cli.data import TEST, TRAIN, VALIDATION, read, split
from charnn_cli.errors import DataError, ModelError
from charnn_cli.evaluate import evaluate
from charnn_cli.metrics import METRICS
from charnn_cli.store import Run, RunWriter, save_trained
from charnn_cli.store.location import SHIPPED
from charnn_cli.text import TextRules

CONTRACT = {"run", "data", "split", "n", "metrics", "intervals", "ceiling", "per_origin", "seen_in_training"}


def test_test_split_of_the_runs_own_names_by_default(run: Run, data: Path) -> None:
    dataset = read(data, rules=run.trained.rules)
    expected = np.flatnonzero(split(dataset, **SPLIT) == TEST)  # type: ignore[arg-type]
    result = evaluate(run)
    assert result.examples.names == [dataset.names[row] for row in expected]
    assert (result.examples.split, result.seen_in_training, result.notes) == ("test", 0, [])
    assert result.metrics["accuracy"] > 0.6  # three origins, counted letters


def test_figures_are_those_of_the_answers(run: Run) -> None:
    result = evaluate(run)
    true = [result.examples.labels[label] for label in result.examples.origins]
    first = [result.examples.labels[label] for label in result.answers.leading[:, 0]]
    assert result.metrics["accuracy"] == pytest.approx(np.mean([a == b for a, b in zip(true, first, strict=True)]))
    assert sum(row.support for row in result.per_origin) == result.n
    assert (np.diff(result.answers.shares, axis=1) <= 0).all()


def test_json_has_the_keys_of_the_contract_and_no_nan(run: Run) -> None:
    value = json.loads(json.dumps(evaluate(run).to_json(), allow_nan=False))
    assert value.keys() >= CONTRACT
    assert set(value["metrics"]) == set(value["intervals"]) == set(METRICS)
    for row in value["per_origin"]:
        assert row.keys() >= {"origin", "support", "precision", "recall", "f1"}


def test_training_names_among_the_data_are_found_and_left_out(run: Run, data: Path) -> None:
    dataset = read(data, rules=run.trained.rules)
    trained = int((split(dataset, **SPLIT) == TRAIN).sum())  # type: ignore[arg-type]
    result = evaluate(run, split="all")
    assert result.seen_in_training == trained
    assert result.unseen is not None
    assert result.unseen.n == result.n - trained
    held_out = evaluate(run, split="test").n + evaluate(run, split="val").n
    assert result.unseen.n == held_out
    assert result.unseen.metrics != result.metrics


def test_spelling_does_not_hide_that_a_name_was_trained_on(run: Run, tmp_path: Path) -> None:
    dataset = read(run.data_path, rules=run.trained.rules)
    row = int(np.flatnonzero(split(dataset, **SPLIT) == TRAIN)[0])  # type: ignore[arg-type]
    label = dataset.labels[dataset.origins[row]]
    accented = dataset.names[row].upper().replace("A", "Á")
    other = write_data(tmp_path / "other", {label: [accented, "Zzzz"]})
    result = evaluate(run, data=other)
    assert (result.n, result.seen_in_training) == (2, 1)


def test_all_names_trained_on_leave_no_unseen_figures(run: Run) -> None:
    result = evaluate(run, split="train")
    assert result.unseen is not None
    assert (result.unseen.n, result.unseen.metrics) == (0, None)
    assert result.to_json()["unseen"] == {"n": 0, "metrics": None, "intervals": None}


def test_validation_names_that_the_run_has_counted_are_no_new_ones(data: Path, tmp_path: Path) -> None:
    run = Run(make_run(tmp_path / "counted", data, known=(TRAIN, VALIDATION)))
    result = evaluate(run, split="val", with_baseline=True)
    assert result.unseen is not None
    assert (result.seen_in_training, result.unseen.n) == (result.n, 0)
    assert result.notes == ["the run learned from or counted all of these names; these are no figures of new ones"]
    assert result.baseline is not None
    assert result.baseline.seen_in_training == result.n, "the linear model may learn from as many"


def test_the_runs_own_names_elsewhere_keep_their_test_split(run: Run, data: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    before = evaluate(run).examples.names
    data.rename(moved)
    with pytest.raises(DataError, match="give other labelled names"):
        evaluate(run)
    result = evaluate(run, data=moved)
    assert (result.examples.split, result.examples.names) == ("test", before)


def test_changed_data_is_noted_and_split_by_name(run: Run, data: Path) -> None:
    before = set(evaluate(run).examples.names)
    with (data / "Alpha.txt").open("a", encoding="utf-8") as stream:
        stream.write("Dddddd\nEeeeee\n")
    result = evaluate(run)
    assert "has changed" in result.notes[0]
    assert len(before & set(result.examples.names)) >= 0.8 * len(before)
    assert result.examples.split == "test"


def test_other_names_are_taken_whole(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("name,origin\nAaabc,Alpha\nBbbef,Beta\n", encoding="utf-8")
    result = evaluate(run, data=other)
    assert (result.n, result.examples.split) == (2, "all")


def test_one_origin_is_enough_to_measure(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("name,origin\nAaabc,Alpha\nAaadl,Alpha\n", encoding="utf-8")
    assert evaluate(run, data=other).metrics["accuracy"] == 1


def test_origins_that_the_run_lacks_are_mistakes_and_noted(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("name,origin\nAaabc,Alpha\nZzz,Omega\n", encoding="utf-8")
    result = evaluate(run, data=other)
    assert result.metrics["accuracy"] == 0.5
    assert any("'Omega'" in note for note in result.notes)
    assert [row.origin for row in result.per_origin][-1] == "Omega"
    other.write_text("name,origin\nAaabc,Psi\nZzz,Omega\n", encoding="utf-8")
    with pytest.raises(DataError, match="'Omega', 'Psi'"):
        evaluate(run, data=other)


def test_a_name_that_it_abstains_on_is_a_mistake(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("name,origin\nAaabc,Alpha\n王小明,Alpha\n", encoding="utf-8")
    result = evaluate(run, data=other)
    assert (result.abstained, result.metrics["accuracy"]) == (1, 0.5)
    assert result.per_origin[0].abstained == 1


def test_people_are_read_by_their_family_names_where_the_run_has_learned_single_words(run: Run, tmp_path: Path) -> None:
    people = write_data(tmp_path / "people", {"Alpha": ["Bob Aaacd", "Aacd"], "Beta": ["Aaaaaaaaaaaa Bbbe"]})
    assert evaluate(run, data=people).metrics["accuracy"] < 1
    run.__dict__["trained"] = replace(run.trained, several_words=0.0)
    found = evaluate(run, data=people)
    assert found.metrics["accuracy"] == 1
    assert "the run has learned single words; names read by their family name: 2" in found.notes
    assert not any("family name" in note for note in evaluate(run).notes)
    whole = evaluate(run, data=people, name_part="all")
    assert whole.metrics["accuracy"] < 1
    assert not any("family name" in note for note in whole.notes)


def test_an_empty_split_names_the_remedy(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("name,origin\nAaabc,Alpha\nBbbef,Beta\n", encoding="utf-8")
    with pytest.raises(DataError, match="choose another split"):
        evaluate(run, data=other, split="val")


def test_faults_of_the_data_are_told(run: Run, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere"):
        evaluate(run, data=tmp_path / "nowhere")


def test_the_model_that_ships_asks_for_labelled_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="comes with charnn has no test names") as error:
        evaluate(Run(SHIPPED))
    assert error.value.do == "give labelled names"


def test_a_run_without_its_training_names_says_so(run: Run) -> None:
    (run.folder / "training_names.safetensors").unlink()
    result = evaluate(Run(run.folder))
    assert (result.seen_in_training, result.unseen, result.notes) == (None, None, [])
    assert any("trained on" in note for note in evaluate(Run(run.folder), split="all").notes)


def test_two_runs_are_paired_on_the_same_names(run: Run, data: Path, tmp_path: Path) -> None:
    worse = Run(make_run(tmp_path / "worse", data, sharpness=0.3))
    result = evaluate(run, compare=[worse, run])
    other, same = result.comparisons
    assert other.metrics == pytest.approx(evaluate(worse).metrics)
    difference, low, high = other.differences["nll"]
    assert difference == pytest.approx(result.metrics["nll"] - other.metrics["nll"])
    assert low < difference < high < 0
    assert set(same.differences.values()) == {(0.0, 0.0, 0.0)}
    value = result.to_json()["comparisons"][0]
    assert value["run"] == str(worse.folder)
    assert value["differences"]["nll"] == {"difference": difference, "interval": [low, high]}


def test_a_run_with_other_labels_can_be_compared(run: Run, tmp_path: Path) -> None:
    names = made_up_names()
    names["Omega"] = names.pop("Alpha")
    other = Run(make_run(tmp_path / "omega", write_data(tmp_path / "omega-names", names)))
    result = evaluate(run, compare=[other])
    rival = result.comparisons[0]
    others = sum(row.support for row in result.per_origin if row.origin != "Alpha")
    assert rival.about == {"unknown_origins": result.n - others}
    assert any(f"does not know the origins of {result.n - others} of these names" in note for note in result.notes)
    assert 0.6 * others / result.n < rival.metrics["accuracy"] <= others / result.n < 1


def test_a_rival_that_saw_the_names_is_told(run: Run, data: Path, tmp_path: Path) -> None:
    cheat = make_run(tmp_path / "cheat", data)
    taught = read(data, rules=TextRules())
    with RunWriter(cheat) as writer:
        writer.save_settings("seed: 0\n", np.unique(taught.hashes), Run(cheat).about)
        writer.save_best(Run(cheat).trained)
    result = evaluate(run, compare=[Run(cheat)])
    assert result.comparisons[0].seen_in_training == result.n
    assert any("flatters" in note for note in result.notes)


def test_a_rival_of_other_text_rules_knows_the_names_that_it_saw(run: Run, tmp_path: Path) -> None:
    other = write_data(tmp_path / "marked", {"Alpha": ["Ääbc", "Aäac"], "Beta": ["Bbbef", "Bbbee"]})
    plain = replace(run.trained.rules, romanise=False, scripts=("LATIN",))
    cheat = make_run(tmp_path / "cheat", other)
    with RunWriter(cheat) as writer:
        writer.save_settings("seed: 0\n", np.unique(read(other, rules=plain).hashes), Run(cheat).about)
        writer.save_best(replace(Run(cheat).trained, rules=plain))
    result = evaluate(run, data=other, compare=[Run(cheat)])
    assert result.comparisons[0].seen_in_training == result.n == 4


def test_a_broken_rival_is_told_before_any_work(run: Run, folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelError, match=r"broken|model\.safetensors"):
        evaluate(run, compare=[Run(broken)], read=lambda *_: pytest.fail("read the data first"))


def test_the_linear_model_is_fitted_on_the_training_split(run: Run) -> None:
    linear = evaluate(run, with_baseline=True).baseline
    assert linear is not None
    assert linear.seen_in_training == 0
    assert linear.metrics["accuracy"] > 0.6
    assert linear.about["setting"] in linear.about["validation"]
    assert len(linear.about["validation"]) == 2
    assert {"setting", "validation", "metrics", "intervals", "differences"} <= linear.to_json().keys()


def test_the_linear_model_on_other_names_learns_from_the_runs_own(run: Run, tmp_path: Path) -> None:
    other = write_data(tmp_path / "other", made_up_names(40, seed=5))
    linear = evaluate(run, data=other, with_baseline=True).baseline
    assert linear is not None
    assert linear.metrics["accuracy"] > 0.6
    assert linear.seen_in_training == evaluate(run, data=other).seen_in_training


def test_temperature_is_reported_before_and_after(data: Path, tmp_path: Path) -> None:
    plain = evaluate(Run(make_run(tmp_path / "plain", data)))
    cooled = evaluate(Run(make_run(tmp_path / "cooled", data, temperature=0.5)))
    assert plain.uncalibrated == plain.metrics
    assert cooled.uncalibrated == pytest.approx(plain.metrics)
    assert cooled.metrics["nll"] != cooled.uncalibrated["nll"]


def test_progress_counts_up_to_all_names(run: Run) -> None:
    seen: list[tuple[str, int, int]] = []
    result = evaluate(run, on_stage=lambda *stage: seen.append(stage))
    assert seen[-1][1:] == (result.n, result.n)


def test_sets_are_measured_on_the_names_that_have_an_answer(run: Run, folder: Path, data: Path) -> None:
    assert evaluate(run).to_json()["sets"] == []
    (data / "Alpha.txt").write_text((data / "Alpha.txt").read_text() + "Aab abe\n李\n", encoding="utf-8")
    quantiles = np.array([np.linspace(0.1, 0.9, 101), np.linspace(0.4, 0.9, 101)])
    sets = PredictionSets((200, 100), quantiles)
    save_trained(folder, replace(run.trained, sets=sets))
    result = evaluate(Run(folder), data=data, split="all")
    probabilities = load(folder).predict_proba(result.examples.names)
    told = np.isfinite(probabilities[:, 0])
    several = np.array([" " in name for name in result.examples.names])
    assert told.sum() < len(told)
    origins = result.examples.origins
    expected = sets.measured(sets.tally(probabilities[told], origins[told], several[told]))
    assert result.to_json()["sets"] == expected
    assert {row["names"] for row in expected} == {"all", "one_word", "several_words"}
    row = next(row for row in expected if (row["coverage"], row["names"]) == (0.9, "all"))
    line = ["90%", "all", str(row["n"]), f"{row['measured']:.1%}", f"{row['mean_size']:.2f}"]
    assert line in [line.split() for line in plain(parts(result)).splitlines()]
