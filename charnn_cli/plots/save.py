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
STILL = 5e-4  # of the figure's side, half a dot or so
LEAST = 0.3  # of the figure's side, that the axes keep
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
    """Lay out until nothing reaches beyond the figure: once is not enough, as labels and axes move each other."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = figure.get_layout_engine()
    if not isinstance(layout, ConstrainedLayoutEngine):
        return
    for _ in range(MOST_LAYOUTS):
        layout.execute(figure)
        left, below, right, above = _beyond(figure)
        x, y, width, height = layout.get()["rect"]
        if max(left, below, right, above) < STILL or width - left - right < LEAST or height - below - above < LEAST:
            break
        layout.set(rect=(x + left, y + below, width - left - right, height - below - above))
    figure.set_layout_engine(None)  # savefig would draw the whole figure once more for it


def _beyond(figure: "Figure") -> tuple[float, float, float, float]:
    """How far things reach beyond the figure on the left, below, on the right and above, of its width or height."""
    drawn = _tight(figure)
    width, height = figure.get_size_inches()
    ends = (-drawn.x0 / width, -drawn.y0 / height, drawn.x1 / width - 1, drawn.y1 / height - 1)
    left, below, right, above = (max(float(end), 0.0) for end in ends)
    return left, below, right, above


def _tight(figure: "Figure") -> "Bbox":
    """The box around all that is drawn, in inches; what is inside a cell of a matrix is not asked."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    return figure.get_tightbbox(canvas.get_renderer())


def _larger_than(figure: "Figure") -> "Bbox | None":
    """Where something found no room, the box in inches that holds it beside the figure: nothing is ever cut."""
    from matplotlib.transforms import Bbox

    whole = Bbox.union([figure.bbox_inches, _tight(figure)])
    return None if np.allclose(whole.extents, figure.bbox_inches.extents, atol=0.005) else whole.padded(MARGIN)


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
