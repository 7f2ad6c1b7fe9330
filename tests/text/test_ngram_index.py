"""The index finds what a search in the sorted codes finds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.text import ngrams
from charnn_cli.text.ngrams import NgramIndex

codes_of_any_spread = st.sets(st.one_of(st.integers(1, 40), st.integers(1, 2**64 - 1)), max_size=60)


@given(codes_of_any_spread, st.lists(st.integers(0, 2**64 - 1), max_size=30))
def test_rows_of_known_and_unknown_codes(known: set[int], others: list[int]) -> None:
    codes = np.array(sorted(known), dtype=np.uint64)
    wanted = np.array([*known, *others], dtype=np.uint64)
    expected = [sorted(known).index(code) + 1 if code in known else 0 for code in wanted.tolist()]
    assert NgramIndex(codes).rows(wanted).tolist() == expected


@given(codes_of_any_spread, st.lists(st.integers(0, 2**64 - 1), max_size=30))
def test_the_bulk_search_finds_the_same(known: set[int], others: list[int]) -> None:
    codes = np.array(sorted(known), dtype=np.uint64)
    wanted = np.array([*known, *others, 0, 2**64 - 1], dtype=np.uint64)
    one, many = NgramIndex(codes), NgramIndex(codes)
    many.rows(np.zeros(ngrams.BULK, dtype=np.uint64))
    assert many.starts is not None
    np.testing.assert_array_equal(many.rows(wanted), one.rows(wanted))
