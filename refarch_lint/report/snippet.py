"""Source lines with a marker under the blamed place, as compilers show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from refarch_lint.location import Span
from refarch_lint.report.columns import expand, text_width
from refarch_lint.report.style import Meaning, Paint

#: A longer span is shown by its first and last line.
_MAX_LINES = 3

_MIN_WIDTH = 20


class _Piece(NamedTuple):
    """The part of a span on one line: the line's number and the code points `start` to `end`, counted from 0."""

    line: int
    start: int
    end: int


def snippet(
    lines: Sequence[str], span: Span, marker: str, meaning: Meaning, label: str, gutter: int, width: int, paint: Paint
) -> list[str]:
    """Return the lines of `span` with line numbers in a gutter and `marker` repeated under the span.

    `gutter` is the width of the line numbers, `width` the width of the terminal, `label` stands after the last marker.
    Columns of the span count code points; wide characters and tabs are allowed for. No lines if the file is unknown.
    """
    pieces = list(_pieces(lines, span))
    room = max(width - gutter - 3, _MIN_WIDTH)
    bar = paint("frame", " " * gutter + " |")
    shown: list[str] = []
    for index, piece in enumerate(pieces):
        if index and piece.line > pieces[index - 1].line + 1:
            shown.append(paint("frame", "..."))
        text, offset, length = _window(lines[piece.line - 1], piece, room)
        shown.append(f"{paint('frame', f'{piece.line:>{gutter}} |')} {text}".rstrip())
        tail = f" {label}" if label and index == len(pieces) - 1 else ""
        shown.append(f"{bar} {' ' * offset}{paint(meaning, marker * length + tail)}")
    return [bar, *shown] if shown else []


def _pieces(lines: Sequence[str], span: Span) -> Iterator[_Piece]:
    """Yield what a span covers of each line to be shown."""
    first, last = max(1, span.start.line), min(span.end.line, len(lines))
    if last > first and span.end.line == last and span.end.column <= 1:
        last -= 1
    numbers = range(first, last + 1)
    if len(numbers) > _MAX_LINES:
        for number in (first, last):
            yield _piece(lines[number - 1], number, span)
    else:
        for number in numbers:
            yield _piece(lines[number - 1], number, span)


def _piece(line: str, number: int, span: Span) -> _Piece:
    indent = len(line) - len(line.lstrip())
    start = span.start.column - 1 if number == span.start.line else indent
    end = span.end.column - 1 if number == span.end.line else len(line.rstrip())
    start = max(0, min(start, len(line)))
    return _Piece(number, start, max(start, min(end, len(line))))


def _window(line: str, piece: _Piece, room: int) -> tuple[str, int, int]:
    """Return what to show of a line, where the marker starts in it and how long it is, in columns.

    Only the surroundings of the piece are looked at: a line may hold megabytes.
    """
    begin = max(0, piece.start - 2 * room)
    stop = min(len(line), piece.start + 2 * room)
    before, marked, after = (
        expand(line[begin : piece.start]),
        expand(line[piece.start : min(piece.end, stop)]),
        expand(line[min(piece.end, stop) : stop]),
    )
    text = (before + marked + after).rstrip()
    offset, length = text_width(before), max(1, text_width(marked))
    if begin == 0 and stop == len(line) and text_width(text) <= room:
        return text, offset, length
    keep = max(room - length - 2, room // 3)
    left = before if begin == 0 and offset <= keep else "…" + _last(before, min(keep // 2, offset))
    offset = text_width(left)
    right = _first(marked + after, room - offset - 1)
    cut = len(right) < len(marked + after) or stop < len(line)
    return (left + right).rstrip() + ("…" if cut else ""), offset, max(1, min(length, text_width(right)))


def _first(text: str, width: int) -> str:
    """Return the longest start of `text` that takes at most `width` columns."""
    kept = text[:width]
    while text_width(kept) > width:
        kept = kept[:-1]
    return kept


def _last(text: str, width: int) -> str:
    """Return the longest end of `text` that takes at most `width` columns."""
    kept = text[-width:] if width else ""
    while text_width(kept) > width:
        kept = kept[1:]
    return kept
