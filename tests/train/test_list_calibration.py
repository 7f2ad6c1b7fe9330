"""What a training keeps for the shares of lists."""

from pathlib import Path

import numpy as np
from small_examples import settings_of

from charnn_cli.data import read
from charnn_cli.store import RunWriter, load_trained
from charnn_cli.train import Session

ENDINGS = {"Italian": "elli", "Russian": "nov"}


def test_a_training_with_enough_validation_names_keeps_a_calibration_of_their_kind(tmp_path: Path) -> None:
    letters = "abdefgklmnprstvz"
    for origin, ending in ENDINGS.items():
        names = [f"{one}a{two}{ending}" for one in letters for two in letters]
        (tmp_path / f"{origin}.txt").write_text("\n".join(names))
    settings = settings_of("training.epochs=1", "training.batch_size=64", "data.validation_fraction=0.4")
    dataset = read(tmp_path, rules=settings.config.text.rules())
    with RunWriter(tmp_path / "run") as writer:
        session = Session.prepare(settings, dataset, tmp_path)
        list(session.run(writer))
    ((kind, found),) = load_trained(tmp_path / "run").calibrations.items()
    assert kind == "one_word"
    np.testing.assert_array_equal(found.names, np.bincount(session.data.origins[session.data.validation]))
