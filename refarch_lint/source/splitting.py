"""The text of a YAML file cut at its document markers, so that one broken document cannot hide another.

A `---` or `...` at the start of a line ends a document whatever stands around it (YAML 1.2 §9.1.2), so cutting needs no
parser. Like kubectl, a line that begins with `---` and goes on without a blank is taken for a marker, too.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from refarch_lint.regex import regex

_MARKER: Final = regex(r"\ufeff?(?:---|\.\.\.(?=[ \t\r\n]|\Z))")
_MARKER_BEGINNINGS: Final = ("\n---", "\n...", "\n\ufeff")
_MARKER_AFTER_CR: Final = regex(r"(?<![^\r\n])\ufeff?(?:---|\.\.\.(?=[ \t\r\n]|\Z))")
_LINE: Final = regex(r"\r\n|\n|\r")


class Chunk(NamedTuple):
    """A piece of a file that holds at most one document; `first_line` counts from 1, `start` is its offset."""

    text: str
    first_line: int
    start: int

    @property
    def marker_line(self) -> str:
        """The line that opens the document when it is a marker (`---…` or `...`), else nothing."""
        line = _LINE.split(self.text, maxsplit=1)[0].removeprefix("\ufeff")
        return line if line.startswith(("---", "...")) else ""

    @property
    def directive(self) -> str:
        """The first directive (`%YAML 1.2`) before the document, or nothing."""
        if not self.text.startswith("%") and "\n%" not in self.text and "\r%" not in self.text:
            return ""
        for line in _LINE.split(self.text):
            if line.startswith("%"):
                return line
            if line.strip() and not line.lstrip().startswith("#") and not line.startswith("..."):
                break
        return ""


def split(text: str) -> list[Chunk]:
    """Return the pieces of a YAML text in order; together they are the whole text."""
    mixed = "\r" in text and text.count("\r") != text.count("\r\n")
    starts = [match.start() for match in _MARKER_AFTER_CR.finditer(text)] if mixed else _marker_starts(text)
    if not starts or starts[0] > 0:
        starts.insert(0, 0)
    chunks: list[Chunk] = []
    line, pending = 1, None
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        piece = text[start:end]
        chunk = Chunk(piece, line, start)
        line += len(_LINE.findall(piece)) if mixed else piece.count("\n")
        if pending is not None:
            chunk = Chunk(pending.text + piece, pending.first_line, pending.start)
            pending = None
        if text.startswith(("---", "\ufeff---"), end) and _is_prologue(chunk):
            pending = chunk
        else:
            chunks.append(chunk)
    return chunks


def _marker_starts(text: str) -> list[int]:
    """Return where the markers of a text begin whose lines all end in a line feed."""
    found = [0] if _MARKER.match(text) else []
    for beginning in _MARKER_BEGINNINGS:
        before = text.find(beginning)
        while before >= 0:
            if _MARKER.match(text, before + 1):
                found.append(before + 1)
            before = text.find(beginning, before + 1)
    return sorted(found)


def _is_prologue(chunk: Chunk) -> bool:
    """Tell whether a piece holds only directives and comments, which belong to the document that follows."""
    if "%" not in chunk.text or chunk.text.startswith("---") or not chunk.directive:
        return False
    lines = _LINE.split(chunk.text)
    return all(not line.strip() or line.lstrip().startswith("#") or line.startswith(("%", "...")) for line in lines)
