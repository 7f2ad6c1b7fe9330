"""Letters and names in two dimensions."""

import numpy as np
import pytest
from engine_models import NAMES, random_model
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.architecture import Architecture
from charnn_cli.plots.embedding import (
    COLOURED_ORIGINS,
    Projection,
    draw,
    most_frequent,
    moved_apart,
    name_vectors,
    symbol_vectors,
)

LINE = np.array([[0.0, 0, 1], [3, 4, 1], [6, 8, 1]])  # on one line, 5 apart


def test_points_on_a_line_keep_their_distances_on_the_first_axis() -> None:
    projection = Projection.of(LINE)
    np.testing.assert_allclose(projection.points, [[-5, 0], [0, 0], [5, 0]], atol=1e-12)
    assert projection.shares == pytest.approx((1, 0))


@pytest.mark.parametrize("vectors", [np.zeros((1, 4)), np.ones((5, 1)), np.arange(6.0).reshape(2, 3)])
def test_few_or_equal_points_are_projected_too(vectors: np.ndarray) -> None:
    projection = Projection.of(vectors)
    assert projection.points.shape == (len(vectors), 2)
    assert np.isfinite(projection.points).all()


def test_mirroring_the_input_never_flips_by_chance() -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 5))
    np.testing.assert_allclose(Projection.of(vectors).points, Projection.of(vectors[::-1]).points[::-1], atol=1e-9)


def test_the_most_frequent_origins_are_coloured() -> None:
    assert most_frequent(np.array([2, 2, 0, 1, 1, 2]), 5, 2).tolist() == [2, 1]
    assert most_frequent(np.array([3, 0]), 9).tolist() == [0, 3]


@pytest.mark.parametrize("count", [3, 18, 130])
def test_marks_labels_and_legend(count: int) -> None:
    rng = np.random.default_rng(0)
    origins = np.concatenate([np.arange(count), rng.integers(0, count, 400)])
    names = Projection(rng.normal(size=(len(origins), 2)), (0.5, 0.25))
    symbols = Projection(np.array([[0.0, 0], [0, 1], [0.001, 0]]), (0.75, 0.1))
    labels = [f"Origin_${number}$" for number in range(count)]
    figure = draw("abc", symbols, names, origins, labels, titles=("left", "right"), caption="run r")
    left, right = figure.axes
    assert [text.get_text() for text in left.texts] == ["a", "b", "c"]
    assert left.get_xlabel() == "first principal component (75% of the variance)"
    assert right.get_ylabel() == "second (25%)"
    shown = min(count, COLOURED_ORIGINS)
    assert len(right.texts) == shown
    assert sum(len(dots.get_offsets()) for dots in right.collections) == len(origins)
    key = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(key) == shown + (count > shown)
    if count > shown:
        assert key[-1].startswith(f"{count - shown} other origins (")


BOXES = st.lists(st.tuples(st.floats(0.2, 0.8), st.floats(0.2, 0.8)), min_size=1, max_size=8)


@given(BOXES)
def test_labels_are_moved_until_none_covers_another(centres: list[tuple[float, float]]) -> None:
    size = np.tile([0.1, 0.05], (len(centres), 1))
    places = moved_apart(np.array(centres), size)
    first, second = np.triu_indices(len(places), 1)
    overlap = size[0] - np.abs(places[first] - places[second])
    assert not (overlap > 0.01).all(axis=1).any()
    assert ((places >= size / 2) & (places <= 1 - size / 2)).all()


def test_labels_that_stand_apart_stay_where_they_are() -> None:
    centres = np.array([[0.2, 0.2], [0.8, 0.8]])
    np.testing.assert_array_equal(moved_apart(centres, np.full((2, 2), 0.1)), centres)


ONE_WAY = {"bidirectional": False, "wide": False, "hidden_size": 3}


@pytest.mark.parametrize(
    ("architecture", "width", "what"),
    [
        (Architecture(hidden_size=3, embedding_size=5), 5, "embeddings"),
        (Architecture(cell="gru", input="one_hot", wide=False, hidden_size=3), 18, "weights"),
        (Architecture(cell="lesson", input="one_hot", **ONE_WAY), 3, "weights"),  # type: ignore[arg-type]
        (Architecture(cell="mlp", input="one_hot", **ONE_WAY), 3, "weights"),  # type: ignore[arg-type]
    ],
    ids=["embedding", "one hot", "lesson", "mlp"],
)
def test_every_symbol_has_a_vector_and_every_name_a_state(architecture: Architecture, width: int, what: str) -> None:
    trained = random_model(architecture)
    vectors, letters, title = symbol_vectors(trained)
    assert vectors.shape == (len(trained.alphabet) - 2, width)  # all but padding and unknown
    assert letters[:2] == ("⊢", "⊣")
    assert letters[2:] == tuple(trained.alphabet.characters)
    assert what in title
    states, _ = name_vectors(trained, trained.encode(NAMES[:4]))
    assert states.shape == (4, architecture.head_size(len(trained.alphabet)))


def test_a_one_hot_letter_stands_for_its_column_of_weights() -> None:
    trained = random_model(Architecture(cell="lesson", input="one_hot", **ONE_WAY))  # type: ignore[arg-type]
    vectors, letters, _ = symbol_vectors(trained)
    place = letters.index("a")
    symbol = 4 + trained.alphabet.characters.index("a")
    np.testing.assert_array_equal(vectors[place], trained.tensors["i2h.weight"][:, symbol])
