"""Letters and names in two dimensions."""

import numpy as np
import pytest
from engine_models import NAMES, random_model
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.architecture import Architecture
from charnn_cli.plots.embedding import (
    Neighbours,
    Projection,
    densest,
    draw,
    kind_of,
    name_vectors,
    nearest,
    rare,
    symbol_vectors,
)
from charnn_cli.plots.placing import moved_apart
from charnn_cli.plots.request import evenly

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


def test_neighbours_stay_neighbours_and_the_same_input_gives_the_same_bits() -> None:
    rng = np.random.default_rng(0)
    vectors = np.concatenate([rng.normal(size=(30, 6)) + 40 * (group == np.arange(6)) for group in range(2)])
    found = Neighbours.of(vectors)
    assert found.points.tobytes() == Neighbours.of(vectors).points.tobytes()
    groups = np.repeat([0, 1], 30)
    assert (groups[nearest(found.points)] == groups[:, None]).all()
    own, here = nearest(vectors), nearest(found.points)
    shared = [len(set(one) & set(other)) for one, other in zip(own.tolist(), here.tolist(), strict=True)]
    assert found.kept == pytest.approx(np.mean(shared) / 10)


def test_names_are_drawn_evenly() -> None:
    origins = np.repeat([0, 1, 2], [100, 5, 10])
    rows = evenly(np.arange(115), origins, 30)
    assert np.bincount(origins[rows]).tolist() == [15, 5, 10]
    assert rows.tolist() == sorted(rows.tolist()) == evenly(np.arange(115), origins, 30).tolist()
    assert evenly(np.arange(115), origins, 200).tolist() == list(range(115))


def test_a_name_stands_where_its_points_lie_densest() -> None:
    points = np.array([[0.0, 0], [9, 9], [5, 5], [5.1, 5], [5, 5.1], [0, 9]])
    assert densest(points).tolist() in [[5, 5], [5.1, 5], [5, 5.1]]
    assert densest(points[:1]).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("letter", "kind"), [("a", 0), ("é", 0), ("Y", 0), ("+ü", 0), ("b", 1), ("č", 1), ("⊢", 2), ("ж", 2)]
)
def test_vowels_consonants_and_other_signs(letter: str, kind: int) -> None:
    assert kind_of(letter) == kind


@pytest.mark.parametrize("count", [3, 18, 60])
def test_every_letter_and_every_origin_has_its_name(count: int) -> None:
    rng = np.random.default_rng(0)
    origins = np.concatenate([np.arange(count), rng.integers(0, count, 400)])
    names = Neighbours(rng.normal(size=(len(origins), 2)), 0.5)
    letters = Projection(np.array([[0.0, 0], [0, 1], [0.001, 0]]), (0.75, 0.1))
    labels = [f"Origin_${number}$" for number in range(count)]
    figure = draw("abé", letters, names, origins, labels, titles=("left", "right"), caption="run r")
    left, right = figure.axes
    assert [text.get_text() for text in left.texts] == ["a", "b", "é"]
    assert left.texts[0].get_color() == left.texts[2].get_color() != left.texts[1].get_color()
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["vowels", "consonants"]
    assert left.get_xlabel() == "first principal component (75% of the variance)"
    assert "50% of each name's 10 nearest" in right.get_xlabel()
    assert [text.get_text() for text in right.texts] == labels
    assert sum(len(dots.get_offsets()) for dots in right.collections) == len(origins)
    assert {text.get_fontsize() >= 7 for text in right.texts} == {True}


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


def test_letters_that_hardly_occur_are_rare() -> None:
    trained = random_model(Architecture(hidden_size=3, embedding_size=5))
    _, letters, _ = symbol_vectors(trained)
    names = trained.encode(["aab"] * 1000 + ["c"])
    found = dict(zip(letters, rare(letters, names, trained).tolist(), strict=True))
    assert {letter for letter, is_rare in found.items() if not is_rare} == {"⊢", "⊣", "a", "b"}
