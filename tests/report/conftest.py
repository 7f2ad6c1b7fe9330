"""A run whose names and labels try to break out of the page."""

from pathlib import Path

import pytest
from evaluation_runs import HOSTILE_LABEL, HOSTILE_NAME, made_up_names, make_run, write_data

from charnn_cli.evaluate import Evaluation, evaluate
from charnn_cli.store import Run


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("report")
    made = Run(make_run(folder / "<i>run", write_data(folder / "names", made_up_names())))
    with (made.folder / "MODEL_CARD.md").open("a", encoding="utf-8") as card:
        card.write("\n<script>alert(3)</script>\n\n| a | b |\n| --- | --- |\n| 1 | `<u>` |\n")
    return made


@pytest.fixture(scope="session")
def hostile(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    path = tmp_path_factory.mktemp("data") / "hostile.csv"
    rows = [f"{name},{origin}" for origin, names in made_up_names(60, seed=1).items() for name in names]
    quoted = [text.replace('"', '""') for text in (HOSTILE_NAME, HOSTILE_LABEL)]
    rows += [f'"{quoted[0]}",Alpha', f'Zäz,"{quoted[1]}"', "王小明,Beta"]
    path.write_text("\n".join(["name,origin", *rows]) + "\n", encoding="utf-8")
    return evaluate(run, data=path, compare=[run], with_baseline=True)


@pytest.fixture(scope="session")
def page(run: Run, hostile: Evaluation) -> str:
    from charnn_cli.report import render_report

    return render_report(run, hostile)


@pytest.fixture(scope="session")
def page_file(page: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path
