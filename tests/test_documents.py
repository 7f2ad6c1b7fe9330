"""The samples in the documents are what their commands print; what they link to is there."""

import re
import runpy
import sys
import types
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


def test_on_an_index_no_link_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    interface = types.ModuleType("hatchling.metadata.plugin.interface")
    monkeypatch.setattr(interface, "MetadataHookInterface", object, raising=False)
    for name in ("hatchling", "hatchling.metadata", "hatchling.metadata.plugin", interface.__name__):
        monkeypatch.setitem(sys.modules, name, interface)
    for_index = runpy.run_path(str(ROOT / "hatch_build.py"))["for_index"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = for_index(text, None)
    assert all(path.startswith("http") for path, *_ in LINK.findall(shown) if path)
    assert for_index("![a\nb](c.svg) [d](e.md) [f](#g)", "https://h/r") == (
        "![a\nb](https://h/r/raw/HEAD/c.svg) [d](https://h/r/blob/HEAD/e.md) [f](#g)"
    )
    assert for_index("![a](c.svg) [d](e.md#f)", None) == " d"


def headings(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_front_door_is_small() -> None:
    assert (ROOT / "README.md").stat().st_size <= 12_000
