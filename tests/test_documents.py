"""The samples in the documents are what their commands print; what they link to is there."""

import re
from pathlib import Path

import pytest
from cogapp import Cog
from samples import DOCUMENTS, ROOT

LINK = re.compile(r"\]\(([^)#\s]+)(?:#([\w-]+))?\)|\]\(#([\w-]+)\)")
PAGES = [
    path
    for folder in ("", "charnn_cli", "configs", "data", "tests")
    for path in (ROOT / folder).glob("*.md" if not folder else "**/*.md")
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_samples_are_what_the_commands_print(document: str) -> None:
    stale = Cog().main(["cog", "--check", "-P", "-p", "from samples import output, sample", str(ROOT / document)])
    assert not stale, "make docs writes them anew"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_what_is_there(page: Path) -> None:
    for target, section, own in LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith("http"):
            continue
        found = (page.parent / target).resolve() if target else page
        assert found.exists(), target
        if wanted := section or own:
            assert wanted in headings(found), f"{target}#{wanted}"


def headings(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_front_door_is_small() -> None:
    assert (ROOT / "README.md").stat().st_size <= 12_000
