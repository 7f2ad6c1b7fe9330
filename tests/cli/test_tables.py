"""Tables and lines for people, off a terminal."""

from charnn_cli.cli.tables import plain, table


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
