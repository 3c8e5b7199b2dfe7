"""One document of a manifest file: plain data, and the way back from a path to its place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from refarch_lint.location import Location, Path, Span


class DuplicateKey(NamedTuple):
    """A key written twice in one mapping: its path, where it stands first and where again."""

    path: Path
    first: Span
    second: Span


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

    def locate(self, path: Path) -> Location:
        """Return where the value at `path` stands, as tightly as a reader would point at it."""
        raise NotImplementedError
