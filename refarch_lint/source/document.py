"""One document of a manifest file: plain data, and the way back from a path to its place in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from refarch_lint.location import Location, Path, Position, Span
from refarch_lint.source.places import Places
from refarch_lint.source.seeking import find_scalar
from refarch_lint.source.spans import LineTable, MappingNode, Node, SequenceNode
from refarch_lint.source.yaml_spans import compose_yaml

#: The paths of what a reader grabs at the object's name.
_NAMED_BY_NAME: Final[tuple[Path, ...]] = ((), ("metadata", "name"))


class DuplicateKey(NamedTuple):
    """A key written twice in one mapping: its path, where it stands first and where again."""

    path: Path
    first: Span
    second: Span


class _Composed(NamedTuple):
    root: Node | None
    lines: LineTable
    places: Places


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A YAML or JSON document as plain data (`dict`, `list`, `str`, `int`, `float`, `bool`, `None`).

    `file` is the name shown in reports, `index` counts the documents of the file from 0, `text` is the
    document's own text and `first_line` the 1-based line of the file on which that text begins.
    """

    file: str
    index: int
    text: str
    first_line: int
    data: Any
    duplicates: tuple[DuplicateKey, ...] = ()
    is_json: bool = False
    #: Filled on the first question about a place, once.
    _composed: list[_Composed] = field(default_factory=list, init=False, repr=False)

    def locate(self, path: Path) -> Location:
        """Return where the value at `path` stands, as tightly as a reader would point at it.

        A scalar is its own place; a mapping, a list, an empty value or a block of text is its key; an item of a list is
        its name or its first key; the whole document is `metadata.name`, `kind` or its first key. What is absent stands
        at its nearest existing ancestor. `TextLine` as the last part asks for a line of a block of text.
        """
        if path in _NAMED_BY_NAME and (name := self._name()) is not None:
            return name
        return self._location(self._compose().places.place(path))

    def _name(self) -> Location | None:
        """Return where `metadata.name` stands if it is quickly found: many documents are asked for nothing else."""
        if self._composed or self.is_json or self.duplicates or "<<" in self.text or "\r" in self.text:
            return None
        found = find_scalar(self.text, ("metadata", "name"))
        if found is None or "\n" in self.text[slice(*found)]:
            return None
        start, end = found
        first = Position(self.first_line + self.text.count("\n", 0, start), start - self.text.rfind("\n", 0, start))
        return Location(self.file, Span(first, Position(first.line, first.column + end - start)))

    def written(self, path: Path) -> str:
        """Return the text of a plain scalar at `path` as it is written, whatever type it is read as: `y` or `0123`."""
        start, end = self._compose().places.value(path)
        return self.text[start:end]

    def key_location(self, path: Path) -> Location:
        """Return where the key at `path` stands; where there is no such key, the same as `locate`."""
        return self._location(self._compose().places.key(path))

    def value_location(self, path: Path) -> Location:
        """Return the whole extent of the value at `path`, mappings and lists included; absent ones as `locate`."""
        return self._location(self._compose().places.value(path))

    def locate_text(self, path: Path, start: int, end: int) -> Location:
        """Return where characters `start` to `end` of the text at `path` stand, or the text where that is unclear."""
        value: Any = self.data
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return self.locate(path)
        if not isinstance(value, str) or not 0 <= start <= end <= len(value):
            return self.locate(path)
        return self._location(self._compose().places.text(path, value, start, end))

    def _location(self, found: tuple[int, int]) -> Location:
        return Location(self.file, self._compose().lines.span(*found))

    def _compose(self) -> _Composed:
        if not self._composed:
            root = self._tree()
            lines = LineTable(self.text, self.first_line)
            self._composed.append(_Composed(root, lines, Places(self.text, root, lines)))
        return self._composed[0]

    def _tree(self) -> Node | None:
        if not self.is_json:
            return compose_yaml(self.text)
        from refarch_lint.source.json_spans import compose_json

        return compose_json(self.text)


def duplicate_keys(document: Document) -> tuple[DuplicateKey, ...]:
    """Return every key that is written again in the same mapping of a document, in the order of the text."""
    composed = document._compose()
    found: list[DuplicateKey] = []
    seen: set[int] = set()
    waiting: list[tuple[Path, Node]] = [((), composed.root)] if composed.root is not None else []
    while waiting:
        path, node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            waiting.extend(((*path, index), item) for index, item in enumerate(node.items))
        elif isinstance(node, MappingNode):
            first: dict[str, Span] = {}
            for entry in node.entries:
                if not entry.merges:
                    span = composed.lines.span(entry.key_node.start, entry.key_node.end)
                    if entry.key in first:
                        found.append(DuplicateKey((*path, entry.key), first[entry.key], span))
                    first.setdefault(entry.key, span)
                waiting.append(((*path, entry.key), entry.value))
    return tuple(sorted(found, key=lambda duplicate: duplicate.second))
