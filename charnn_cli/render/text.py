"""The lesson's layout: the name, and a line with the log-probability of each origin."""

from charnn_cli.predict.answers import Answers
from charnn_cli.predict.explain import Explanation
from charnn_cli.render.base import Renderer
from charnn_cli.terminal import visible


class Text(Renderer):
    """The format `text`, for people: names are shown without what a terminal obeys."""

    keeps_columns = False

    def answers(self, names: list[str], answers: Answers, *, with_name: bool = True) -> list[bytes]:
        labels = [visible(label) for label in answers.labels]
        rows = []
        columns = zip(names, answers.reasons, answers.origins.tolist(), answers.log_probabilities.tolist(), strict=True)
        for name, reason, origins, logs in columns:
            lines = [f"> {visible(name)}"]
            if reason is None:
                lines += [f"({log:.2f}) {labels[origin]}" for origin, log in zip(origins, logs, strict=True)]
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
        return row + "\n".join([*lines, ""]).encode()
