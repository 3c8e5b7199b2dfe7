"""Values that know where each part of them is written, while patches change them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from refarch_lint.location import Location, Path
from refarch_lint.source.expansion import MAX_DEPTH, MAX_EXPANSION


class Source(Protocol):
    """Something whose values have places."""

    def locate(self, path: Path) -> Location: ...

    def key_location(self, path: Path) -> Location: ...

    def written(self, path: Path) -> str: ...

    def value_location(self, path: Path) -> Location: ...


#: Where a value is written: in what, and at which path of it.
Origin = tuple[Source, Path]


class PlacedValue:
    """A value with where it is written; mappings and lists hold values again, `gone` is where keys were taken away."""

    __slots__ = ("data", "gone", "path", "source")

    def __init__(self, data: Any, source: Source, path: Path, gone: Mapping[str, PlacedValue] | None = None) -> None:
        self.data, self.source, self.path, self.gone = data, source, path, gone or {}

    @classmethod
    def of(cls, data: Any, source: Source, path: Path) -> PlacedValue:
        """Return plain data that stands at `path` of a source."""
        if isinstance(data, dict):
            return cls({key: cls.of(item, source, (*path, key)) for key, item in data.items()}, source, path)
        if isinstance(data, list):
            return cls([cls.of(item, source, (*path, index)) for index, item in enumerate(data)], source, path)
        return cls(data, source, path)


def is_outsized(value: PlacedValue) -> bool:
    """Tell whether a value nests deeper or holds more than a document may: patches can copy what they have copied."""
    level, count = [value], 0
    for _ in range(MAX_DEPTH):
        level = [item for holder in level for item in _parts(holder)]
        count += len(level)
        if not level:
            return False
        if count > MAX_EXPANSION:
            return True
    return True


def _parts(value: PlacedValue) -> Iterable[PlacedValue]:
    if isinstance(value.data, dict):
        return value.data.values()
    return value.data if isinstance(value.data, list) else ()


def plain(value: PlacedValue, expected: Origin) -> tuple[Any, dict[Path, Origin]]:
    """Return a value as plain data, and the origin of each part that stands elsewhere than what holds it.

    `expected` is where the whole stands if nothing changed it. A key that was taken away has its origin where that is
    said.
    """
    origins: dict[Path, Origin] = {}
    return _plain(value, (), expected, origins), origins


def _plain(value: PlacedValue, at: Path, expected: Origin, origins: dict[Path, Origin]) -> Any:
    source, path = value.source, value.path
    if source is not expected[0] or path != expected[1]:
        origins[at] = source, path
    if isinstance(value.data, dict):
        origins.update({(*at, key): (item.source, item.path) for key, item in value.gone.items()})
        return {key: _plain(item, (*at, key), (source, (*path, key)), origins) for key, item in value.data.items()}
    if isinstance(value.data, list):
        return [_plain(item, (*at, index), (source, (*path, index)), origins) for index, item in enumerate(value.data)]
    return value.data
