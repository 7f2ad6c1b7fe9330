"""Files: by suffix, whole, the same bytes each time."""

import io
import re
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from charnn_cli.errors import OutputError, UsageError
from charnn_cli.plots import confusion
from charnn_cli.plots.save import Format, check_target, render, write_file, write_stream

COUNTS = np.array([[8, 1, 0], [2, 5, 1], [0, 3, 6]])


def picture() -> Figure:
    return confusion.draw(COUNTS, ["<a>", "$b_1$", "Ελλάδα"], caption="run r · data d · test split")


@pytest.mark.parametrize(("file_format", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_same_input_gives_the_same_bytes(file_format: Format, start: bytes) -> None:
    figure = picture()
    content = render(figure, file_format)
    assert content.startswith(start)
    assert render(figure, file_format) == content
    with matplotlib.rc_context({"savefig.dpi": 31, "svg.hashsalt": "other", "font.size": 4}):
        assert render(picture(), file_format) == content
    assert not re.search(rb"20\d\d-\d\d-\d\d|CreationDate|matplotlib v", content)


def test_title_and_caption_are_in_the_svg_for_those_who_cannot_see_it() -> None:
    text = render(picture(), "svg").decode()
    assert "<dc:title>Confusion: true origin by predicted origin, ordered by similarity</dc:title>" in text
    assert "run r · data d · test split" in text


def test_the_suffix_decides_and_nothing_is_left_beside(tmp_path: Path) -> None:
    for name, start in (("a.png", b"\x89PNG"), ("b.SVG", b"<?xml"), ("c.pdf", b"%PDF")):
        write_file(picture(), tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(start)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.SVG", "c.pdf"]


def test_a_pipe_gets_png() -> None:
    stream = io.BytesIO()
    write_stream(picture(), stream)
    assert stream.getvalue() == render(picture(), "png")


def test_targets_that_cannot_be_written_are_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'a\.jpg'; end the file's name in \.png, \.svg or \.pdf"):
        check_target(tmp_path / "a.jpg")
    with pytest.raises(OutputError, match="no such folder; make it first"):
        check_target(tmp_path / "none" / "a.png")
    (tmp_path / "d.png").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        check_target(tmp_path / "d.png")
