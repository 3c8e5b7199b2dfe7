"""Edits of manifests at exact places: a scalar replaced, an entry or item removed or added, a document removed.

Every edit is made in the text, as a person would make it, and is checked against the same edit of the plain data.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from refarch_lint.location import Path, Position, Span, format_path
from refarch_lint.source.document import Document
from refarch_lint.source.loading import read_bytes


def value_at(data: Any, path: Path) -> Any:
    """Return the value at a path that exists."""
    for part in path:
        data = data[part]
    return data


class Text:
    """The text of a file with the way from positions to offsets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def offset(self, position: Position) -> int:
        return self._starts[position.line - 1] + position.column - 1

    def cut(self, start: int, end: int, new: str = "") -> str:
        return self.text[:start] + new + self.text[end:]

    def without_lines(self, first: int, last: int) -> str:
        return "\n".join((*self.lines[: first - 1], *self.lines[last:]))


def replace_scalar(text: str, document: Document, path: Path, new: str) -> str:
    """Return the text with the scalar at a path replaced by other YAML."""
    file, span = Text(text), document.value_location(path).span
    return file.cut(file.offset(span.start), file.offset(span.end), new)


def remove(text: str, document: Document, path: Path) -> str:
    """Return the text without the mapping entry or list item at a path; what becomes empty is written as such."""
    parent = value_at(document.data, path[:-1])
    file = Text(text)
    if len(parent) == 1:
        empty = "{}" if isinstance(parent, dict) else "[]"
        if not path[:-1]:
            raise ValueError("a document cannot become empty")
        return _emptied(file, document, path[:-1], empty)
    span = document.value_location(path).span
    start = document.key_location(path).span.start if isinstance(path[-1], str) else span.start
    opening = file.text[file.offset(document.value_location(path[:-1]).span.start)]
    if opening in "{[":
        return _flow_removed(file, file.offset(start), file.offset(span.end))
    return _block_removed(file, start, span, is_item=isinstance(path[-1], int))


def _emptied(file: Text, document: Document, path: Path, empty: str) -> str:
    span = document.value_location(path).span
    start, end = file.offset(span.start), file.offset(span.end)
    if file.text[start] in "{[":
        return file.cut(start, end, empty)
    if isinstance(path[-1], str):
        after_key = file.offset(document.key_location(path).span.end)
        colon = file.text.index(":", after_key)
        return file.cut(colon + 1, end, f" {empty}")
    return file.cut(start, end, empty)


def _flow_removed(file: Text, start: int, end: int) -> str:
    if behind := re.match(r"\s*,\s*", file.text[end:]):
        return file.cut(start, end + behind.end())
    before = re.search(r",\s*$", file.text[:start])
    return file.cut(before.start() if before else start, end)


def _block_removed(file: Text, start: Position, span: Span, *, is_item: bool) -> str:
    last = span.end.line if span.end.column > 1 else span.end.line - 1
    lead = file.lines[start.line - 1][: start.column - 1]
    if is_item or not lead.strip():
        return file.without_lines(start.line, last)
    following = file.lines[last]
    while following.lstrip().startswith("#"):
        last += 1
        following = file.lines[last]
    kept = lead + following[start.column - 1 :]
    return "\n".join((*file.lines[: start.line - 1], kept, *file.lines[last + 1 :]))


def add_entry(text: str, document: Document, beside: Path, line: str) -> str:
    """Return the text with an entry before the one at a path, in the same block mapping."""
    file, start = Text(text), document.key_location(beside).span.start
    lead = file.lines[start.line - 1][: start.column - 1]
    indent = " " * (start.column - 1)
    offset = file.offset(start)
    return (
        file.cut(offset, offset, f"{line}\n{indent}") if lead.strip() else file.cut(offset, offset, f"{line}\n{lead}")
    )


def add_item(text: str, document: Document, before: Path, lines: tuple[str, ...]) -> str:
    """Return the text with an item before the one at a path, in the same block list."""
    file, start = Text(text), document.value_location(before).span.start
    dash = file.lines[start.line - 1].index("-")
    indent = " " * dash
    item = "\n".join([f"{indent}- {lines[0]}", *(f"{indent}  {line}" for line in lines[1:])])
    return "\n".join((*file.lines[: start.line - 1], item, *file.lines[start.line - 1 :]))


def rename_key(text: str, document: Document, path: Path, new: str) -> str:
    """Return the text with another key for the entry at a path."""
    file, span = Text(text), document.key_location(path).span
    return file.cut(file.offset(span.start), file.offset(span.end), new)


def remove_document(text: str, document: Document) -> str:
    """Return the text of a file of several documents without one of them."""
    own = document.text
    start = text.index(own)
    rest = text[:start] + text[start + len(own) :]
    return rest if rest.strip() else "# nothing is left\n"


def edited_data(data: Any, path: Path, change: Any) -> Any:
    """Return a copy of plain data in which `change` has been made to the parent of a path."""
    found = copy.deepcopy(data)
    change(value_at(found, path[:-1]), path[-1])
    return found


def check_edit(name: str, document: Document, text: str, expected: Any, path: Path) -> None:
    """Raise AssertionError unless the edited text holds the expected data where the document stood."""
    content = read_bytes(name, text.encode())
    assert content.problems == (), f"{name}: {format_path(path)}: {content.problems}"
    found = next(item.data for item in content.documents if item.index == document.index)
    assert found == expected, f"{name}: {format_path(path)} was edited wrongly"
