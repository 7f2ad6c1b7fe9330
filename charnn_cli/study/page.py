"""A study as one HTML page that needs nothing beside itself."""

from collections.abc import Sequence

from charnn_cli.plots import pages
from charnn_cli.report.page import Picture
from charnn_cli.study.forest import forest
from charnn_cli.study.outcome import Outcome
from charnn_cli.study.tables import cells, costs, differences, figures, sentences, suspected, title
from charnn_cli.version import __version__

METHOD = (
    "Each recipe minus the first, on the same splits: the means over the seeds of each split, then a t-test whose "
    "variance is (1/J + n_test/n_train) · s² for J splits, since splits of the same names overlap (Nadeau and Bengio "
    "2003). p (Holm) allows for the number of recipes that are compared, an interval is that of its own comparison. "
    "Below 0.05 the verdict is better or worse; elsewhere no difference is shown, which is not that there is none."
)
SUSPECTED = (
    "Names that most of the cells which did not learn from them get wrong, and with confidence (confident learning, "
    "Northcutt, Jiang and Chuang 2021). Look at each before you change it: a name may be rare, and its label right."
)


def render(outcome: Outcome, files: Sequence[str]) -> str:
    """The page; `files` are the names of the others that lie beside it. The same outcome gives the same text."""
    picture = Picture.of("Figures and differences", " ".join(sentences(outcome)), forest(outcome))
    every = (
        ("figures", "Figures", figures(outcome), "A cell is one training, measured on names that it has not seen."),
        ("differences", "Differences", differences(outcome), METHOD),
        ("costs", "What it takes", costs(outcome), "Seconds are those of a machine that all cells shared."),
        ("labels", "Labels to look at", suspected(outcome), SUSPECTED),
        ("cells", "Cells", cells(outcome), "Every training, with what came of it."),
    )
    return pages.render(
        "study/page.html",
        title=title(outcome),
        outcome=outcome,
        sentences=sentences(outcome),
        sections=[section for section in every if section[2].rows],
        picture=picture,
        files=files,
        made_by=f"charnn {__version__}",
    )
