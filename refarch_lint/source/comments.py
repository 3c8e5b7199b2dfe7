"""The real comments of a YAML file with their places: never a `#` inside a scalar or a block of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from refarch_lint.regex import regex
from refarch_lint.source.events import BYTE_ORDER_MARK, NextEvent, ScalarEvent, StreamEndEvent, parse
from refarch_lint.source.loading import FileContent
from refarch_lint.source.spans import LineTable
from refarch_lint.source.splitting import split
from refarch_lint.source.unreadable import UnreadableError

#: A comment follows a blank or the start of the text; kubectl also takes `---#` for a marker and a comment.
_COMMENT: Final = regex(r"(?:(?<![^\s\ufeff])|(?<![^\ufeff])---)(#[^\r\n]*)")
_WHOLE_LINE: Final = regex(r"(?<![^\r\n])[ \t]*(#[^\r\n]*)")
_LINE_END: Final = regex(r"[\r\n]|\Z")


class Comment(NamedTuple):
    """A comment: its 1-based line and column, its text from the `#` on, and whether it has its line for itself."""

    line: int
    column: int
    text: str
    own_line: bool


def comments(content: FileContent, containing: str = "#") -> tuple[Comment, ...]:
    """Return the comments of a file that contain a string, in order; a file without that string costs nothing.

    In a document that cannot be parsed, only comments with a line of their own are known beyond the error. JSON has
    none.
    """
    text = content.text
    if containing not in text or content.is_json:
        return ()
    lines: LineTable | None = None
    found: list[Comment] = []
    for chunk in split(text):
        if containing not in chunk.text:
            continue
        lines = lines or LineTable(text)
        for start, end in _comment_ranges(chunk.text):
            words = chunk.text[start:end].rstrip()
            if containing in words:
                position = lines.position(chunk.start + start)
                line_start = lines.line_bounds(lines.line_of(chunk.start + start))[0]
                own_line = not text[line_start : chunk.start + start].strip(" \t\ufeff")
                found.append(Comment(position.line, position.column, words, own_line))
    return tuple(found)


def _comment_ranges(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the comments between the scalars of one document."""
    base = 1 if text.startswith(BYTE_ORDER_MARK) else 0
    scalars: list[tuple[int, int, bool]] = []

    def collect(following: NextEvent) -> None:
        scalars.clear()
        event: Any = following()
        while event.__class__ is not StreamEndEvent:
            if event.__class__ is ScalarEvent:
                block = event.style in ("|", ">")
                scalars.append((event.start_mark.index + base, event.end_mark.index + base, block))
            event = following()

    readable = len(text)
    try:
        parse(text[base:], collect)
    except UnreadableError as error:
        readable = error.index + base
    position = base
    for start, end, block in scalars:
        yield from _matches(_COMMENT, text, position, start)
        if block:
            header_end = _LINE_END.search(text, start)
            yield from _matches(_COMMENT, text, start, header_end.start() if header_end else end)
            end = start + len(text[start:end].rstrip())
        position = max(position, end)
    readable = max(readable, position)
    yield from _matches(_COMMENT, text, position, readable)
    yield from _matches(_WHOLE_LINE, text, readable, len(text))


def _matches(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(text, start, end):
        yield match.span(pattern.groups)
