"""The look that all plots share: colours and marks that stay apart for the colour-blind and in grey, a caption.

Everything is drawn and written inside `drawing()`, so that neither the user's matplotlib settings nor markup in a
name or label (`$`, `_`, `^`) changes a picture.
"""

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from charnn_cli.plots.lettering import Lettering, lettering

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

# Okabe and Ito, Color Universal Design (2008), without the yellow that fades on white, then four of Paul Tol's
# muted scheme (2021); each has a mark of its own, which tells them apart in grey.
COLOURS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9"),
    *("#882255", "#999933", "#332288", "#661100"),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "*")
DASHES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (6, 1.5, 1, 1.5)))
GREY = "#595959"
SEQUENTIAL = "Blues"  # its lightness falls steadily, so it reads the same in grey
DIVERGING = "RdBu_r"  # around 0; where it is used, what is below 0 is marked
CAPTION_SIZE = 7.0  # points
LETTER_WIDTH = 0.55  # mean width of a character, of the font size
MARGIN = 0.08  # inches
LEGEND_ROW = 0.185  # inches
MANY_POWERS = 100  # the largest of the values of an axis by the smallest, from which on ticks at powers are enough

STYLE: dict[str, Any] = {
    "axes.formatter.useoffset": False,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "figure.dpi": 150,
    "figure.titlesize": "large",
    "font.size": 9.0,
    "grid.alpha": 0.3,
    "image.interpolation": "none",
    "legend.frameon": False,
    "legend.handlelength": 3.0,
    "legend.fontsize": "small",
    "lines.linewidth": 1.6,
    "lines.markersize": 4.0,
    "pdf.fonttype": 42,
    "savefig.dpi": 150,
    "svg.fonttype": "none",  # text that can be searched, copied and read aloud
    "svg.hashsalt": "charnn",
    "text.parse_math": False,
}


@contextmanager
def drawing(texts: Iterable[str] = ()) -> Iterator[Lettering]:
    """Set the shared look, with fonts that draw `texts`; what is yielded spells them for the picture."""
    import matplotlib.style

    letters = lettering(texts)
    with matplotlib.style.context(["default", {**STYLE, "font.family": list(letters.families)}]):
        yield letters


def new_figure(width: float, height: float, *, title: str, caption: str, legend_rows: int = 0) -> "Figure":
    """An empty figure of so many inches, its title above and its caption below; call it inside `drawing`.

    `legend_rows` lines are kept free between the plot and the caption, for `legend_below`.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    scale = scale_of(width)
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    figure.suptitle(title, x=MARGIN / width, ha="left", fontsize=11 * scale)
    figure.supxlabel(
        wrapped(caption, width - 2 * MARGIN, CAPTION_SIZE * scale),
        x=MARGIN / width,
        y=MARGIN / height,
        ha="left",
        va="bottom",
        fontsize=CAPTION_SIZE * scale,
        color=GREY,
    )
    below = _caption_height(figure) + (legend_rows * LEGEND_ROW + MARGIN if legend_rows else 0) / height
    pads = {"w_pad": MARGIN, "h_pad": MARGIN / 2}
    figure.set_layout_engine("constrained", rect=(0, below, 1, 1 - below), **pads)
    return figure


def wrapped(text: str, inches: float, size: float) -> str:
    """Text in lines of letters of `size` points that are no longer than so many inches, about."""
    characters = max(int(inches * 72 / (LETTER_WIDTH * size)), 8)
    return "\n".join(textwrap.wrap(text, characters, break_long_words=True, break_on_hyphens=False))


def legend_below(figure: "Figure", handles: Sequence["Line2D"], *, columns: int, right: bool = False) -> None:
    """A legend between the plot and the caption, on the left or the right, clear of all data."""
    figure.legend(
        handles=handles,
        loc="lower right" if right else "lower left",
        bbox_to_anchor=(1.0 if right else 0.0, _caption_height(figure)),
        ncols=columns,
        borderaxespad=0.3,
        labelspacing=0.35,
    )


def _caption_height(figure: "Figure") -> float:
    """Of the figure's height."""
    lines = figure.get_supxlabel().count("\n") + 1
    points = lines * 1.25 * CAPTION_SIZE * scale_of(figure.get_figwidth())
    return float((points / 72 + 2 * MARGIN) / figure.get_figheight())


def scale_of(width: float) -> float:
    """Of the letters around a picture so many inches wide: a wide one is looked at from further away."""
    return min(max(width / 10, 1.0), 2.0)


def colour(index: int) -> str:
    """The colour of the series at this place."""
    return COLOURS[index % len(COLOURS)]


def marker(index: int) -> str:
    """The mark of the series at this place, for those who see no colour; another where a colour comes again."""
    return MARKERS[(index + index // len(COLOURS)) % len(MARKERS)]


def look(index: int) -> dict[str, Any]:
    """Colour, mark and dashes of the series at this place: lines that cross stay apart in grey, too."""
    return {"color": colour(index), "marker": marker(index), "linestyle": DASHES[index % len(DASHES)]}


def key(label: str, **properties: Any) -> "Line2D":
    """A legend's entry for what is drawn with these properties."""
    from matplotlib.lines import Line2D

    return Line2D([], [], label=label, **properties)


def percent(probability: float) -> str:
    """A probability in whole percents, none of them 0."""
    return "<1%" if probability < 0.01 else f"{probability:.0%}"


def power_of_ten(value: float, position: int | None = None) -> str:
    """A tick of a log axis in plain letters: 0.001 → 10⁻³; '' between whole powers."""
    exponent = round(math.log10(value)) if value > 0 else 0
    if not math.isclose(value, 10.0**exponent):
        return ""
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def log_scale(axes: "Axes") -> None:
    """A logarithmic vertical axis whose ticks need no mathematical markup."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(10, numticks=9))
    axes.yaxis.set_major_formatter(FuncFormatter(power_of_ten))
    axes.yaxis.set_minor_formatter(NullFormatter())


def whole_ticks(axes: "Axes") -> None:
    """Ticks of the horizontal axis at whole numbers only: there is no symbol 2.5."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, position: f"{value:,.0f}"))


def letter_ticks(axes: "Axes", places: Sequence[int], letters: Sequence[str]) -> None:
    """Letters along the horizontal axis; what takes more than one character stands upright."""
    axes.set_xticks(places[: len(letters)], letters)
    for tick, letter in zip(axes.get_xticklabels(), letters, strict=True):
        if len(letter) > 1:
            tick.set(rotation=90, fontsize=7)


def counted_ticks(axes: "Axes", *, is_log: bool) -> None:
    """Ticks of a horizontal axis of names, in few digits: 500, 20k; on a logarithm at powers, or 1, 2 and 5 of few."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    axis = axes.xaxis
    if is_log:
        axes.set_xscale("log")
        low, high = axes.get_xlim()
        few = high < MANY_POWERS * low
        axis.set_major_locator(LogLocator(10, subs=(1, 2, 5) if few else (1,), numticks=7))
        axis.set_minor_formatter(NullFormatter())
    else:
        axis.set_major_locator(MaxNLocator(nbins=5, integer=True, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(short_count))


def short_count(value: float, position: int | None = None) -> str:
    """A number of names in few digits."""
    for power, letter in ((1e6, "M"), (1e3, "k")):
        if value >= power:
            return f"{value / power:g}{letter}"
    return f"{value:g}"
