"""The look that all plots share: colours and marks that stay apart for the colour-blind and in grey, fonts, a caption.

Everything is drawn and written inside `drawing()`, so that neither the user's matplotlib settings nor markup in a
name or label (`$`, `_`, `^`) changes a picture.
"""

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

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
GATE_COLOURS, STATE_COLOURS = "cividis", "inferno"
DIVERGING = "RdBu_r"  # around 0; where it is used, what is below 0 is marked
CAPTION_SIZE = 7.0  # points
CAPTION_WIDTH = 0.55  # mean width of a character, of the font size
MARGIN = 0.08  # inches
LEGEND_ROW = 0.185  # inches

BASE_FAMILY = "DejaVu Sans"  # comes with matplotlib: Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic
LONGEST_TEXT = 40  # characters; a longer label would take the picture's room

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


class Lettering(NamedTuple):
    """`families` in the order they are tried for a letter, and the characters that none of them draws."""

    families: tuple[str, ...]
    undrawable: frozenset[str]

    def spell(self, text: str, longest: int = LONGEST_TEXT) -> str:
        """A text as the picture shows it: undrawable characters as `‹code point›`, the end of a long one as `…`."""
        shown = text if len(text) <= longest else text[: longest - 1] + "…"
        return "".join(
            f"‹{ord(letter):X}›" if letter in self.undrawable or not letter.isprintable() else letter
            for letter in shown
        )


def told_apart(names: Sequence[str], longest: int = LONGEST_TEXT) -> list[str]:
    """Names of `longest` characters at most, cut where they are alike; numbered where that leaves no difference."""
    if max(map(len, names), default=0) <= longest:
        return list(names)
    alike = len(set(names)) == 1
    head = "" if alike else _shared_start(names)
    tail = "" if alike else _shared_start([name[len(head) :][::-1] for name in names])[::-1]
    inner = [name[len(head) : len(name) - len(tail)] for name in names]
    spare = max(longest - max(map(len, inner)) - 2, 0) // 2  # of what is alike, as much as there is room for
    before = head if len(head) <= spare else "…" + head[len(head) - spare :]
    after = tail if len(tail) <= spare else tail[:spare] + "…"
    half = longest // 2 - 3
    shown = [before + name + after for name in inner]
    cut = [name if len(name) <= longest else f"{name[:half]}…{name[-half:]}" for name in shown]
    if len(set(cut)) == len(set(names)):
        return cut
    return [f"{number}. {name}" for number, name in enumerate(cut, start=1)]


def _shared_start(names: Sequence[str]) -> str:
    """What all of the names begin with."""
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in same)


def lettering(texts: Iterable[str]) -> Lettering:
    """The installed fonts that draw these texts, as few as will do."""
    letters = frozenset(letter for text in texts for letter in text if letter.isprintable())
    if all(map(str.isascii, letters)):
        return Lettering((BASE_FAMILY,), frozenset())
    return _lettering(letters)


@lru_cache(maxsize=32)
def _lettering(letters: frozenset[str]) -> Lettering:
    families = [BASE_FAMILY]
    missing = letters - _drawn_by(_base_file())
    for family, file in _installed() if missing else ():
        drawn = missing & _drawn_by(file)
        if drawn:
            families.append(family)
            missing -= drawn
        if not missing:
            break
    return Lettering(tuple(families), missing)


def _base_file() -> str:
    from matplotlib.font_manager import findfont

    return str(findfont(BASE_FAMILY))


def _installed() -> list[tuple[str, str]]:
    """Name and file of every upright, regular font, sans serif first, by name: the same choice every time."""
    from matplotlib.font_manager import fontManager

    fonts = {
        (entry.name, entry.fname)
        for entry in fontManager.ttflist
        if entry.style == "normal"
        and entry.weight in (400, "normal", "regular")
        and not entry.name.startswith("Last Resort")  # boxes for every letter there is
        and "Emoji" not in entry.name  # colour bitmaps, which matplotlib does not draw
    }
    return sorted(fonts, key=lambda font: ("Sans" not in font[0], font))


@lru_cache(maxsize=256)
def _drawn_by(file: str) -> frozenset[str]:
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(map(chr, FT2Font(file).get_charmap()))
    except (OSError, RuntimeError):  # a font that FreeType cannot open draws nothing
        return frozenset()


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
    characters = int((width - 2 * MARGIN) * 72 / (CAPTION_WIDTH * CAPTION_SIZE * scale))
    lines = textwrap.wrap(caption, characters, break_long_words=True, break_on_hyphens=False)
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    figure.suptitle(title, x=MARGIN / width, ha="left", fontsize=11 * scale)
    figure.supxlabel(
        "\n".join(lines),
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


class LineEnd(NamedTuple):
    """Where a line ends, in its axes' data, what it is called, and its colour."""

    x: float
    y: float
    text: str
    colour: str


def name_ends(axes: "Axes", ends: Sequence[LineEnd], *, height: float, size: float = 8.0) -> None:
    """Each line's name to the right of the axes, as near to its end as the others allow, tied to it where it is not.

    The axes have their final limits, and are about `height` inches high.
    """
    to_axes = axes.transScale + axes.transLimits
    levels = [float(to_axes.transform((end.x, end.y))[1]) for end in ends]
    rows = [end.text.count("\n") + 1 for end in ends]
    places = apart(levels, [1.25 * size * count / 72 / height for count in rows])
    for end, level, place in zip(ends, levels, places, strict=True):
        x = float(to_axes.transform((end.x, end.y))[0])
        tie = None
        if abs(place - level) * height > 0.08 or x < 0.97:
            tie = {"arrowstyle": "-", "color": end.colour, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 2}
        axes.annotate(
            end.text,
            (x, level),
            (1.02, place),
            xycoords="axes fraction",
            textcoords="axes fraction",
            arrowprops=tie,
            color=end.colour,
            fontsize=size,
            va="center",
            annotation_clip=False,
        )


def apart(levels: Sequence[float], heights: Sequence[float]) -> list[float]:
    """New places for things of these heights, in the order of their levels, none above another, moved as little.

    Least squares under order (pool adjacent violators); within 0 and 1 as far as they fit.
    """
    order = sorted(range(len(levels)), key=lambda place: levels[place])
    offsets = [0.0]  # of each thing's middle above the first one's, where all touch
    for below, above in pairwise(order):
        offsets.append(offsets[-1] + (heights[below] + heights[above]) / 2)
    pools: list[list[float]] = []  # sum and number of the wishes of those that touch
    for place, offset in zip(order, offsets, strict=False):
        pools.append([levels[place] - offset, 1])
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            total, count = pools.pop()
            pools[-1] = [pools[-1][0] + total, pools[-1][1] + count]
    wishes = [total / count for total, count in pools for _ in range(int(count))]
    spare = (1 - offsets[-1]) if order else 0
    wishes = [min(max(wish, 0.0), max(spare, 0.0)) for wish in wishes]
    places = [0.0] * len(levels)
    for place, offset, wish in zip(order, offsets, wishes, strict=False):
        places[place] = wish + offset
    return places


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
    """Ticks of the horizontal axis at whole numbers only: there is no epoch 2.5."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, position: f"{value:,.0f}"))
