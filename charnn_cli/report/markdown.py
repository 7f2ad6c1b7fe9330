"""The little Markdown that model cards are written in, as HTML; whatever else stands there is shown as it is."""

import re
from collections.abc import Iterator
from itertools import groupby

from charnn_cli.report.html import text


def to_html(markdown: str, *, top_level: int = 3) -> str:
    """Headings (the first kind as h`top_level`), paragraphs, lists, tables, code and bold text."""
    blocks = [[]]  # type: list[list[str]]
    for line in markdown.splitlines():
        if not line.strip():
            blocks.append([])
        elif line.startswith("#"):
            blocks += [[line], []]
        else:
            blocks[-1].append(line)
    return "\n".join(_block(block, top_level) for block in blocks if block)


def _block(lines: list[str], top_level: int) -> str:
    heading = re.match(r"(#+)\s*(.*)", lines[0])
    if heading:
        level = min(top_level + len(heading[1]) - 1, 6)
        return f"<h{level}>{_inline(heading[2])}</h{level}>"
    if all(line.lstrip().startswith("|") for line in lines):
        return _table(lines)
    return "\n".join(_run(is_item, list(run)) for is_item, run in groupby(_joined(lines), key=_is_item))


def _is_item(line: str) -> bool:
    return line.startswith(("- ", "* "))


def _joined(lines: list[str]) -> Iterator[str]:
    """Lines with each list item's indented further lines behind it."""
    item = ""
    for line in lines:
        if item and line.startswith("  "):
            item += " " + line.strip()
            continue
        if item:
            yield item
        item = line if _is_item(line) else ""
        if not item:
            yield line
    if item:
        yield item


def _run(is_item: bool, lines: list[str]) -> str:
    if is_item:
        return "<ul>" + "".join(f"<li>{_inline(line[2:])}</li>" for line in lines) + "</ul>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _table(lines: list[str]) -> str:
    rows = [_row(line) for line in lines]
    header = ""
    if len(rows) > 1 and all(re.fullmatch(r":?-+:?", cell) for cell in rows[1]):
        header = "<thead><tr>" + "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in rows[0]) + "</tr></thead>"
        rows = rows[2:]
    body = "".join("<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        '<div class="scroll" role="region" tabindex="0" aria-label="Table of the model card">'
        f"<table>{header}<tbody>{body}</tbody></table></div>"
    )


def _row(line: str) -> list[str]:
    """Cells of `| a | b |`; a backslash before `|` keeps it in the cell."""
    cells = re.split(r"(?<!\\)\|", line.strip())[1:]
    return [cell.strip().replace("\\|", "|") for cell in (cells[:-1] if cells and not cells[-1].strip() else cells)]


def _inline(line: str) -> str:
    parts = re.split(r"`([^`]+)`", line)
    shown = [
        f"<code>{text(part)}</code>" if index % 2 else re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text(part))
        for index, part in enumerate(parts)
    ]
    return "".join(shown)
