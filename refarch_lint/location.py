"""Where something stands: paths inside a document and spans inside a file, 1-based, in code points."""

from __future__ import annotations

from typing import NamedTuple


class TextLine(NamedTuple):
    """The last part of a path into a block scalar: one line of the embedded text, counted from 0.

    `part` is where in the line the thing meant begins and ends, in code points from 0, if it is known.
    """

    number: int
    part: tuple[int, int] | None = None

    @classmethod
    def of(cls, span: Span) -> TextLine:
        """Return the line on which a span of the embedded text begins, and the part of it that the span covers."""
        start, end = span
        part = (start.column - 1, end.column - 1) if start.line == end.line and end > start else None
        return cls(start.line - 1, part)


PathPart = str | int | TextLine

#: The route from a document's root to a value: mapping keys, list indexes and, last, a line of a text.
Path = tuple[PathPart, ...]


class Position(NamedTuple):
    """A place in a file: line and column, both 1-based; columns count code points."""

    line: int
    column: int


class Span(NamedTuple):
    """A range in a file; `end` is the position just after the last character."""

    start: Position
    end: Position


class Location(NamedTuple):
    """A span in a named file; `file` is a relative path with forward slashes, or `<stdin>`."""

    file: str
    span: Span

    @classmethod
    def of_line(cls, file: str, line: int) -> Location:
        """Return the begin of a line, where no part of it is meant."""
        return cls(file, Span(Position(line, 1), Position(line, 1)))

    def __str__(self) -> str:
        """Return `file:line:column`, the form that editors and terminals link."""
        return f"{self.file}:{self.span.start.line}:{self.span.start.column}"


def format_path(path: Path) -> str:
    """Return a path as people write it: `spec.containers[0].env[2].value`; odd keys are quoted in brackets."""
    text = ""
    for part in path:
        if isinstance(part, TextLine):
            text += f"(line {part.number + 1})"
        elif isinstance(part, int):
            text += f"[{part}]"
        elif part.replace("-", "").replace("_", "").isalnum():
            text += f".{part}" if text else part
        else:
            text += f"['{part}']"
    return text
