"""Figures → bytes → files: PNG, SVG or PDF by suffix, whole or not at all, the same bytes for the same figure."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np

from charnn_cli import files
from charnn_cli.plots.style import MARGIN, drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

Format = Literal["png", "svg", "pdf"]
MOST_LAYOUTS = 4
ALLOWED = 0.005  # inches beyond the figure: less than a dot
# The letters of an SVG are drawn where it is looked at: Verdana is as wide as DejaVu Sans.
BROWSERS_FONTS = (b"'DejaVu Sans'", b"'DejaVu Sans', Verdana, sans-serif")
FORMATS: dict[str, Format] = {".png": "png", ".svg": "svg", ".pdf": "pdf"}


def check_target(path: Path) -> Format:
    """The format that a file's suffix asks for; raises before any work is done where it cannot be written."""
    return FORMATS[files.check_target(path, tuple(FORMATS), "a plot")]


def render(figure: "Figure", file_format: Format) -> bytes:
    """The figure as a file's content, without dates or versions, so that the same input gives the same bytes."""
    _escape_undecodable(figure)
    title, caption = figure.get_suptitle(), " ".join(figure.get_supxlabel().split())
    metadata: dict[Format, dict[str, str | None]] = {
        "png": {"Software": None, "Title": title, "Description": caption},
        "svg": {"Date": None, "Creator": "charnn", "Title": title, "Description": caption},
        "pdf": {"CreationDate": None, "Creator": "charnn", "Producer": None, "Title": title, "Subject": caption},
    }
    content = io.BytesIO()
    with drawing():
        settle(figure)
        figure.savefig(content, format=file_format, metadata=metadata[file_format], bbox_inches=_larger_than(figure))
    return content.getvalue().replace(*BROWSERS_FONTS) if file_format == "svg" else content.getvalue()


def settle(figure: "Figure") -> None:
    """Lay out until nothing reaches beyond the figure: once may not do, as labels and axes move each other."""
    layout = figure.get_layout_engine()
    if layout is None:
        return
    for _ in range(MOST_LAYOUTS):
        layout.execute(figure)
        if _larger_than(figure) is None:
            break
    figure.set_layout_engine(None)  # savefig would draw the whole figure once more for it


def _tight(figure: "Figure") -> "Bbox":
    """The box around all that is drawn, in inches; what is inside a cell of a matrix is not asked."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    return figure.get_tightbbox(canvas.get_renderer())


def _larger_than(figure: "Figure") -> "Bbox | None":
    """Where something found no room, the box in inches that holds it beside the figure: nothing is ever cut."""
    from matplotlib.transforms import Bbox

    whole = Bbox.union([figure.bbox_inches, _tight(figure)])
    return None if np.allclose(whole.extents, figure.bbox_inches.extents, atol=ALLOWED) else whole.padded(MARGIN)


def _escape_undecodable(figure: "Figure") -> None:
    """Show bytes of a path that are no text (a run's name, or that of its data) as `\\udcff`: no font knows them."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        if isinstance(text, Text):
            text.set_text(text.get_text().encode("utf-8", "backslashreplace").decode())


def write_file(figure: "Figure", path: Path) -> None:
    """Write the figure in the format of the suffix: beside, then renamed, so that no half picture is ever seen."""
    files.write_bytes(path, render(figure, check_target(path)), do=files.ANOTHER_FILE)


def write_stream(figure: "Figure", stream: BinaryIO) -> None:
    """Write the figure as PNG to a pipe or redirected output."""
    stream.write(render(figure, "png"))
    stream.flush()
