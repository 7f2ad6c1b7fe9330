"""The layouts for people, who see names without what a terminal obeys: a table, and the lesson's lines."""

from typing import TYPE_CHECKING

from charnn_cli.predict import Answers, Explanation
from charnn_cli.render import Renderer
from charnn_cli.render.added import Added
from charnn_cli.terminal import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text
BAR_WIDTH = 24
DIGITS, LOG_DIGITS = 3, 2  # behind the point, where nobody says how many
STRONG_WORTH_NATS = 1.0  # a letter that changes the odds by this much gets the full colour
REASONS = {
    "empty": "blank",
    "no_letters": "no letters",
    "no_name": "no form that a name has",
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
        from rich.text import Text

        if explanation is None:
            return row
        letters = Text("      letters  ")
        for letter, worth in zip(explanation.text, explanation.worth.tolist(), strict=True):
            letters.append(visible(letter), style=_colour(worth))
        origin = visible(explanation.origin)
        letters.append(f"   (worth for {origin}, in nats, below)", style="dim" if self._fancy else "")
        lines = [letters]
        width = len(visible(explanation.text))
        for end, (shares, worth) in enumerate(zip(explanation.beliefs, explanation.worth.tolist(), strict=True)):
            best = int(shares.argmax())
            line = Text(f"      {visible(explanation.text[: end + 1]):<{width}}  ")
            line.append(f"{worth:+6.2f}", style=_colour(worth))
            line.append(f"  {shares[best]:6.3f} {visible(explanation.labels[best])}")
            lines.append(line)
        if explanation.points_apart:
            lines.append(Text("      given and family name point apart", style="yellow"))
            lines += [Text(f"      {line}") for line in _told_by_parts(explanation)]
        return row + self._drawn(lines)

    def _drawn(self, lines: "list[Text]") -> bytes:
        with self._console.capture() as capture:
            for line in lines:
                self._console.print(line, soft_wrap=True)
        return capture.get().encode("utf-8", "backslashreplace")


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
