"""Tables and lines for people, off a terminal and on one."""

import io

import pytest
from rich.text import Text

from charnn_cli.cli.streams import can_redraw, console, is_fancy
from charnn_cli.cli.tables import plain, show, table


def test_columns_are_aligned_by_the_cells_that_they_take_and_never_folded() -> None:
    wide = "long " * 60 + "end"
    made = table("[b]a title that is longer than the table[/b]", ("who", "number"), [("[red]韓", "1"), ("Lee", wide)])
    *_, first, second = plain(["facts", made, ""]).splitlines()
    assert plain(["facts", made, ""]).splitlines()[:4] == [
        "facts",
        "",
        "[b]a title that is longer than the table[/b]",
        "who      " + "number".rjust(len(wide)),
    ]
    assert first == "[red]韓  " + "1".rjust(len(wide))
    assert second == "Lee      " + wide


class Stream(io.StringIO):
    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self.isatty = lambda: is_terminal  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("is_terminal", "variables", "draws", "colours"),
    [
        (True, {}, True, True),
        (True, {"NO_COLOR": "1"}, True, False),
        (True, {"TERM": "dumb"}, False, False),
        (True, {"TERM": "dumb", "FORCE_COLOR": "1"}, False, False),
        (False, {}, False, False),
        (False, {"FORCE_COLOR": "1"}, True, True),
        (False, {"FORCE_COLOR": "0"}, False, False),
        (False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_what_a_stream_is_shown(
    is_terminal: bool, variables: dict[str, str], draws: bool, colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    stream = Stream(is_terminal=is_terminal)
    assert is_fancy(stream) == draws
    assert can_redraw(stream) == (draws and is_terminal)
    console(stream).print(Text("bold", "bold"), Text("green", "green"))
    show([table("title", ("who",), [("Lee",)])], stream)
    shown = stream.getvalue()
    assert ("\x1b[1m" in shown) == draws
    assert ("\x1b[32m" in shown) == colours
    assert ("─" in shown or "━" in shown) == draws
