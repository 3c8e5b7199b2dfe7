"""GitHub Flavored Markdown: texts from manifests shown as they are, whatever they contain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from refarch_lint.regex import regex
from refarch_lint.report.columns import printable

_SPECIAL = regex(r"([\\`*_{}\[\]#~|])")
_BACKTICKS = regex(r"`+")

#: `$` would begin a formula on GitHub.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"})

#: A zero-width space after the sign keeps a name from being notified.
_MENTION = regex(r"@(?=\w)")


def escape(text: str) -> str:
    """Return `text` so that Markdown shows it literally on one line, in a table too, and notifies nobody."""
    escaped = _SPECIAL.sub(r"\\\1", " ".join(printable(text).split())).translate(_ENTITIES)
    return _MENTION.sub("@&#8203;", escaped)


def code_span(text: str) -> str:
    """Return `text` as code; empty text stays empty."""
    line = " ".join(printable(text).split())
    if not line:
        return ""
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(line)), default=0) + 1)
    space = " " if "`" in line else ""
    return f"{fence}{space}{line}{space}{fence}".replace("|", "\\|")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; without a header only its rows."""
    lines = [_row(header), _row(["---"] * len(header))] if header else []
    return "\n".join([*lines, *map(_row, rows)])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
