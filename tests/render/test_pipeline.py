"""The cache answers as what it remembers, computes once, and stays bounded."""

from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.render.pipeline import LONGEST_KEY, Cache


@given(st.lists(st.lists(st.binary(max_size=2), max_size=12), max_size=12), st.integers(2, 12))
def test_answers_as_computed_in_bounded_memory(windows: list[list[bytes]], capacity: int) -> None:
    asked: list[list[bytes]] = []

    def compute(keys: list[bytes]) -> list[bytes]:
        asked.append(keys)
        return [b"<" + key + b">" for key in keys]

    cache = Cache(compute, capacity)
    for keys in windows:
        assert cache(keys) == [b"<" + key + b">" for key in keys]
        assert len(cache) <= capacity
    for keys in asked:
        assert len(set(keys)) == len(keys)


def test_repeated_names_are_computed_once_and_survive_a_generation() -> None:
    asked: list[bytes] = []

    def compute(keys: list[bytes]) -> list[bytes]:
        asked.extend(keys)
        return keys

    cache = Cache(compute, 8)
    for other in range(40):
        cache([b"Smith", str(other).encode(), b"Smith"])
    assert asked.count(b"Smith") == 1


def test_long_names_are_not_kept() -> None:
    asked: list[bytes] = []

    def compute(keys: list[bytes]) -> list[bytes]:
        asked.extend(keys)
        return keys

    cache, short, long = Cache(compute), b"a" * LONGEST_KEY, b"a" * (LONGEST_KEY + 1)
    for _ in range(3):
        assert cache([short, long]) == [short, long]
    assert (len(cache), asked.count(short), asked.count(long)) == (1, 1, 3)
