"""Packed texts are what a list of them would be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.data.packed import PackedTexts

# Few letters, so that texts share long beginnings; of one to four bytes; and a surrogate, which file names may hold.
LETTERS = st.sampled_from("ab'ž한𝔘\udc80")
TEXTS = st.lists(st.text(LETTERS | st.characters(exclude_characters="\0"), max_size=30))


in_blocks = pytest.mark.parametrize("block", [1 << 16, 3])


@in_blocks
@given(texts=TEXTS)
def test_they_hold_what_a_list_holds(block, texts):
    packed = PackedTexts.of(iter(texts), block)
    assert len(packed) == len(texts)
    assert list(packed) == texts == [packed[row] for row in range(len(texts))]
    assert packed == texts
    assert packed == PackedTexts.of(texts, block)
    assert packed != [*texts, "a"]
    assert packed.lengths.tolist() == [len(text) for text in texts]
    assert packed.ascii.tolist() == [text.isascii() for text in texts]
    assert packed.code_points.tolist() == [ord(letter) for letter in "".join(texts)]
    assert packed.characters == "".join(sorted(set("".join(texts))))
    assert PackedTexts.joined([packed, PackedTexts.of([]), packed], block) == texts * 2


@in_blocks
@given(texts=TEXTS, data=st.data())
def test_rows_are_taken_as_from_a_list(block, texts, data):
    packed = PackedTexts.of(texts, block)
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1))) if texts else []
    assert packed.take(np.array(rows, dtype=np.int64)) == [texts[row] for row in rows]
    part = data.draw(st.slices(len(texts)))
    assert packed[part] == texts[part]
    if texts:
        assert packed[-1] == texts[-1]
    with pytest.raises(IndexError):
        packed[len(texts)]


@in_blocks
@given(texts=st.lists(st.text(LETTERS, max_size=20)), data=st.data())
def test_the_order_is_that_of_python(block, texts, data):
    then = data.draw(st.lists(st.integers(0, 2), min_size=len(texts), max_size=len(texts)))
    order, begins = PackedTexts.of(texts, block).order(np.array(then, dtype=np.int32))
    expected = sorted(range(len(texts)), key=lambda row: (texts[row], then[row]))
    assert order.tolist() == expected
    in_order = [texts[row] for row in expected]
    assert begins.tolist() == [not n or text != in_order[n - 1] for n, text in enumerate(in_order)]


@in_blocks
def test_ten_thousand_letters_are_a_text_as_well(block):
    texts = ["a" * 10**4, "b", "a" * 10**4 + "b", "a" * 9 + "b" + "a" * 10**4]
    assert PackedTexts.of(texts, block).order(np.zeros(4, dtype=np.int32))[0].tolist() == [0, 2, 3, 1]
