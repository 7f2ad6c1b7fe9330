"""The layouts for people, who see names without what a terminal obeys: a table, and the lesson's lines."""

from typing import TYPE_CHECKING

from charnn_cli.predict import Answers, Explanation
from charnn_cli.render import Renderer
from charnn_cli.render.added import Added
from charnn_cli.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

BAR_WIDTH = 24
HALF_WIDTH = 8  # of a bar that goes to either side
BLANK = "␣"
DIGITS, LOG_DIGITS = 3, 2  # behind the point, where nobody says how many
STRONG_WORTH_NATS = 1.0  # a letter that changes the odds by this much gets the full colour
REASONS = {
    "empty": "blank",
    "no_letters": "no letters",
    "no_name": "no name of a person",
    "unsupported_script": "a script that the model has not learned",
    "below_threshold": "no origin is probable enough",
}


class TableRenderer(Renderer):
    """The format `table`: rank, origin, probability and a bar, as far as the stream of the console can show them."""

    keeps_columns = False

    def __init__(self, k: int, console: "Console", added: Added | None = None) -> None:
        super().__init__(k, added)
        self._console = console
        self._fancy = console.is_terminal

    def answers(self, names: list[str], answers: Answers, *, with_name: bool = True) -> list[bytes]:
        from rich.text import Text

        labels = [visible(label) for label in answers.labels]
        width = max(map(len, labels))
        columns = zip(names, answers.reasons, answers.origins.tolist(), answers.probabilities.tolist(), strict=True)
        rows, digits = [], DIGITS if self.added.digits is None else self.added.digits
        told = self._told(answers, digits)
        parts = answers.read_as or [None] * len(names)
        for row, (name, reason, origins, shares) in enumerate(columns):
            lines = [Text(visible(name), style="bold")]
            if (part := parts[row]) is not None:
                lines[0].append(f"   read as {visible(part)}", style="not bold dim" if self._fancy else "")
            if reason is not None:
                lines.append(Text(f"   -  {REASONS[reason]}", style="yellow"))
            else:
                for number, (origin, share) in enumerate(zip(origins, shares, strict=True), start=1):
                    line = Text(f"{number:4}  {labels[origin]:<{width}}  {share:{digits + 3}.{digits}f}  ")
                    lines.append(line.append(bar(share, fancy=self._fancy), style="cyan"))
                lines += [Text(f"      {heading:<5}  {cells[row]}") for heading, cells in told]
            rows.append(self._drawn(lines))
        return rows

    def _told(self, answers: Answers, digits: int) -> list[tuple[str, list[str]]]:
        """What is said of each name below its origins: heading and texts (N,)."""
        cells = {column.name: column.cells(answers) for column in self.added.columns}
        told = []
        if "group" in cells:
            pairs = zip(cells["group"], cells["group_probability"], strict=True)
            told.append(("group", [f"{visible(group)} {share:.{digits}f}" if group else "" for group, share in pairs]))
        if "set" in cells:
            heading = f"{self.added.coverage:.4%}".rstrip("0%").rstrip(".") + "%"
            told.append((heading, [visible(", ".join(members or ())) for members in cells["set"]]))
        return told

    def explained(self, row: bytes, explanation: Explanation | None) -> bytes:
        from rich.padding import Padding
        from rich.text import Text

        if explanation is None:
            return row
        letters = Text("      letters  ")
        for letter, worth in zip(explanation.text, explanation.worth.tolist(), strict=True):
            letters.append(visible(letter), style=_colour(worth))
        lines: list[Text | Padding] = [letters, Padding(self._letters(explanation), (0, 0, 0, 6))]
        if explanation.points_apart:
            lines.append(Text("      given and family name point apart", style="yellow"))
            lines += [Text(f"      {line}") for line in _told_by_parts(explanation)]
        return row + self._drawn(lines)

    def _letters(self, explanation: Explanation) -> "Table":
        """A row for each letter: what it is worth for the likeliest origin, and what is believed up to it."""
        from rich.table import Table
        from rich.text import Text

        made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        made.add_column("letter")
        made.add_column("worth", justify="right")
        made.add_column(Text(f"for {visible(explanation.origin)}, in nats"))
        made.add_column("if it ended here")
        largest = max(STRONG_WORTH_NATS, *map(abs, explanation.worth.tolist()))
        rows = zip(explanation.text, explanation.worth.tolist(), explanation.beliefs, strict=True)
        for letter, worth, shares in rows:
            best, style = int(shares.argmax()), _colour(worth)
            belief = f"{shares[best]:5.3f} {visible(explanation.labels[best])}"
            drawn = signed_bar(worth / largest, fancy=self._fancy)
            made.add_row(
                Text(BLANK if letter == " " else visible(letter), style),
                Text(f"{worth:+.2f}", style),
                Text(drawn, style),
                Text(belief),
            )
        return made

    def _drawn(self, lines: "Sequence[Text | Padding]") -> bytes:
        with self._console.capture() as capture:
            for line in lines:
                self._console.print(line, soft_wrap=True)
        text = "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())
        return text.encode("utf-8", "backslashreplace")


def _told_by_parts(explanation: Explanation) -> list[str]:
    width = max(len(visible(told.name)) for told in explanation.parts)
    return [
        f"{told.part:<6}  {visible(told.name):<{width}}  {told.probability:6.3f} {visible(told.origin)}"
        for told in explanation.parts
    ]


def bar(share: float, *, fancy: bool) -> str:
    """A share as a bar, in eighths of a cell where the stream can show them."""
    if not fancy:
        return "#" * round(share * BAR_WIDTH)
    eighths = round(share * BAR_WIDTH * 8)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].rstrip()


def signed_bar(part: float, *, fancy: bool) -> str:
    """A number from -1 to 1 as a bar to the left or the right of a line, in halves of a cell where these are shown."""
    full, half, line = ("█", ("▌", "▐"), "│") if fancy else ("#", ("", ""), "|")
    halves = round(min(abs(part), 1.0) * 2 * HALF_WIDTH) if fancy else 2 * round(min(abs(part), 1.0) * HALF_WIDTH)
    drawn = full * (halves // 2)
    if part < 0:
        return f"{half[1] * (halves % 2) + drawn:>{HALF_WIDTH}}{line}"
    return " " * HALF_WIDTH + line + drawn + half[0] * (halves % 2)


def _colour(worth: float) -> str:
    if abs(worth) < STRONG_WORTH_NATS / 10:
        return ""
    strong = "bold " if abs(worth) >= STRONG_WORTH_NATS else ""
    return f"{strong}{'green' if worth > 0 else 'red'}"


class TextRenderer(Renderer):
    """The format `text`: the name, and a line with the log-probability of each origin, as the lesson prints them."""

    keeps_columns = False

    def answers(self, names: list[str], answers: Answers, *, with_name: bool = True) -> list[bytes]:
        labels = [visible(label) for label in answers.labels]
        rows, digits = [], LOG_DIGITS if self.added.digits is None else self.added.digits
        columns = zip(names, answers.reasons, answers.origins.tolist(), answers.log_probabilities.tolist(), strict=True)
        for name, reason, origins, logs in columns:
            lines = [f"> {visible(name)}"]
            if reason is None:
                lines += [f"({log:.{digits}f}) {labels[origin]}" for origin, log in zip(origins, logs, strict=True)]
            else:
                lines.append(f"(abstained) {reason}")
            rows.append("\n".join([*lines, ""]).encode())
        return rows

    def explained(self, row: bytes, explanation: Explanation | None) -> bytes:
        if explanation is None:
            return row
        lines = []
        for end, (shares, worth) in enumerate(zip(explanation.beliefs, explanation.worth.tolist(), strict=True)):
            best = int(shares.argmax())
            prefix = visible(explanation.text[: end + 1])
            belief = f"{visible(explanation.labels[best])} {shares[best]:.2f}"
            lines.append(f"  {prefix}: {belief}; without '{visible(explanation.text[end])}' {-worth:+.2f}")
        if explanation.points_apart:
            lines += [f"  {line}" for line in _told_by_parts(explanation)]
        return row + "\n".join([*lines, ""]).encode()
