"""Where every value of a document stands: a tree of nodes with offsets into its text, and lines as editors see them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, NamedTuple

from refarch_lint.location import Position, Span
from refarch_lint.regex import regex

_LINE_BREAK: Final = regex(r"\r\n|\n|\r")


class ScalarNode(NamedTuple):
    """A scalar from `start` to `end`; `style` is its quote, `|` or `>` for a block, empty for an unquoted word."""

    start: int
    end: int
    style: str

    @property
    def is_block(self) -> bool:
        return self.style in ("|", ">")


class SequenceNode(NamedTuple):
    """A list from its first character to the end of its last item."""

    start: int
    end: int
    items: tuple[Node, ...]


class Entry(NamedTuple):
    """One key of a mapping as written, with its value; `merges` where the key is `<<` and merges other mappings."""

    key: str
    key_node: ScalarNode
    value: Node
    merges: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class MappingNode:
    """A mapping from its first character to the end of its last value; `entries` in the order of the text."""

    start: int
    end: int
    entries: tuple[Entry, ...]
    _index: dict[str, Entry] = field(default_factory=dict, init=False, repr=False)

    def find(self, key: str) -> Entry | None:
        """Return the entry that gives `key` its value: the last one written, or the one merged in."""
        return self.index().get(key)

    def index(self) -> dict[str, Entry]:
        """Return the entries by key; later ones win, merged ones take their place in the order of the text."""
        if not self._index:
            for entry in self.entries:
                if entry.merges:
                    for source in merge_sources(entry.value):
                        self._index.update(source.index())
                else:
                    self._index[entry.key] = entry
        return self._index


Node = ScalarNode | SequenceNode | MappingNode


def merge_sources(value: Node) -> Iterator[MappingNode]:
    """Yield the mappings that a merge key brings in, the one that wins last."""
    for source in reversed(value.items) if isinstance(value, SequenceNode) else (value,):
        if isinstance(source, MappingNode):
            yield source


class LineTable:
    """The lines of a text, ended by LF, CRLF or CR only: what editors and code hosts count."""

    def __init__(self, text: str, first_line: int = 1) -> None:
        self._text = text
        self._first_line = first_line
        if "\r" in text:
            self._starts = [0, *(match.end() for match in _LINE_BREAK.finditer(text))]
        else:
            self._starts = list(accumulate((len(line) + 1 for line in text.split("\n")[:-1]), initial=0))

    def position(self, index: int) -> Position:
        """Return the 1-based line and column of an offset into the text."""
        row = bisect_right(self._starts, index) - 1
        return Position(self._first_line + row, index - self._starts[row] + 1)

    def span(self, start: int, end: int) -> Span:
        """Return the span between two offsets."""
        return Span(self.position(start), self.position(max(start, end)))

    def line_of(self, index: int) -> int:
        """Return the number, counted from 0 in this text, of the line that an offset is on."""
        return bisect_right(self._starts, index) - 1

    def line_bounds(self, number: int) -> tuple[int, int]:
        """Return the offsets of a line's first character and of its line break; `number` counts from 0."""
        start = self._starts[number]
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._text)
        return start, start + len(self._text[start:end].rstrip("\r\n"))

    def __len__(self) -> int:
        return len(self._starts)
