"""Checks as small parts that combine: what a field may hold, said in the shape of the object that holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from refarch_lint.location import Path, PathPart, format_path
from refarch_lint.model.blank import is_filled_in_later
from refarch_lint.model.field_values.formats import Format
from refarch_lint.model.version import LATEST_VERSION, KubernetesVersion, parse_version

_SHOWN_LENGTH = 63


class ValueFault(NamedTuple):
    """A value that the API refuses although its type is right, at its path."""

    path: Path
    message: str


class Node:
    """A value inside an object, and the way back to the root; the path is put together only when there is a fault."""

    __slots__ = ("key", "parent", "value")

    def __init__(self, value: Any, parent: Node | None = None, key: PathPart = "") -> None:
        self.value = value
        self.parent = parent
        self.key = key

    @property
    def path(self) -> Path:
        """The route from the root of the object."""
        parts: list[PathPart] = []
        node = self
        while node.parent is not None:
            parts.append(node.key)
            node = node.parent
        return tuple(reversed(parts))

    def __getitem__(self, key: str) -> Node:
        """Return the field `key`; its value is None where it is missing, null, or this is no mapping."""
        return Node(self.value.get(key) if isinstance(self.value, dict) else None, self, key)

    def has(self, key: str) -> bool:
        """Tell whether the field is there with a value other than null, which is what the API calls set."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def down(self, *keys: str) -> Node:
        """Return the field at the end of a way through mappings."""
        node = self
        for key in keys:
            node = node[key]
        return node

    def items(self) -> Iterator[Node]:
        """Iterate over a list's items; nothing for what is no list."""
        if isinstance(self.value, list):
            for index, item in enumerate(self.value):
                yield Node(item, self, index)

    def entries(self) -> Iterator[Node]:
        """Iterate over a mapping's values; nothing for what is no mapping, and for keys that are no texts."""
        if isinstance(self.value, dict):
            for key, item in self.value.items():
                if isinstance(key, str):
                    yield Node(item, self, key)

    @property
    def name(self) -> str:
        """The key of an entry of a mapping."""
        return str(self.key)

    @property
    def text(self) -> str | None:
        """The value if it is a string that is not empty and holds no placeholder; an empty one counts as not set."""
        value = self.value
        return value if isinstance(value, str) and value and not _is_put_together(value) else None

    @property
    def number(self) -> int | None:
        """The value if it is a whole number."""
        value = self.value
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def fault(self, says: str) -> ValueFault:
        """Return a fault of this value; `says` goes on after the path: `is 0, at least 1 is required`."""
        return ValueFault(self.path, f"{format_path(self.path) or 'the object'} {says}")

    def missing(self, key: str, why: str = "is required") -> ValueFault:
        """Return the fault that the field `key` is not set."""
        return self[key].fault(f"is missing; it {why}" if why != "is required" else "is required but missing")


class Faults(list[ValueFault]):
    """The faults that are found, and the version of Kubernetes whose API server would refuse the values."""

    __slots__ = ("version",)

    def __init__(self, version: KubernetesVersion = LATEST_VERSION) -> None:
        super().__init__()
        self.version = version


Check = Callable[[Node, Faults], None]


def since(release: str, check: Check, before: Check | None = None) -> Check:
    """Make a check from a release of Kubernetes on, and `before` it another one or none.

    The releases are those in which the feature gate is on where nobody switches it (kubernetes/pkg/features).
    """
    first = parse_version(release)

    def chosen(node: Node, faults: Faults) -> None:
        if faults.version >= first:
            check(node, faults)
        elif before is not None:
            before(node, faults)

    return chosen


def fields(table: Mapping[str, Check], *whole: Check) -> Check:
    """Check the fields of a mapping by name, then the mapping as a whole."""

    def check(node: Node, faults: Faults) -> None:
        if not isinstance(node.value, dict):
            return
        for key, value in node.value.items():
            if value is not None and (part := table.get(key)) is not None:
                part(Node(value, node, key), faults)
        for demand in whole:
            demand(node, faults)

    return check


def each(item: Check, *whole: Check) -> Check:
    """Check every item of a list, then the list as a whole."""

    def check(node: Node, faults: Faults) -> None:
        if not isinstance(node.value, list):
            return
        for index, value in enumerate(node.value):
            item(Node(value, node, index), faults)
        for part in whole:
            part(node, faults)

    return check


def entries(value: Check | None = None, key: Format | None = None) -> Check:
    """Check the values of a mapping, and its keys by their format."""

    def check(node: Node, faults: Faults) -> None:
        for name, item in node.value.items() if isinstance(node.value, dict) else ():
            if not isinstance(name, str):
                continue
            if key is not None and (why := key(name)):
                path = (*node.path, name)
                faults.append(ValueFault(path, f"{format_path(node.path)} has the key {shown(name)}, {why}"))
            if value is not None and item is not None:
                value(Node(item, node, name), faults)

    return check


def one_of(*options: str) -> Check:
    """Demand one of the options; an empty text counts as not set, as the API server takes the default for it."""
    allowed = frozenset(options)
    listed = ", ".join(options)
    choice = f"one of {listed}" if len(options) > 1 else listed

    def check(node: Node, faults: Faults) -> None:
        value = node.value
        if isinstance(value, str) and value not in allowed and node.text is not None:
            faults.append(node.fault(f"is {shown(value)}, {choice} is required"))

    return check


def whole_number(low: int, high: int | None = None) -> Check:
    """Demand a whole number in a range, bounds included."""

    def check(node: Node, faults: Faults) -> None:
        number = node.number
        if number is None or (number >= low and (high is None or number <= high)):
            return
        wanted = f"at least {low}" if high is None else f"a number from {low} to {high}"
        faults.append(node.fault(f"is {number}, {wanted} is required"))

    return check


def formatted(*formats: Format) -> Check:
    """Demand a text in all of the formats."""

    def check(node: Node, faults: Faults) -> None:
        text = node.value
        if not isinstance(text, str) or not text:
            return
        for find_why in formats:
            if why := find_why(text):
                if not _is_put_together(text):
                    faults.append(node.fault(f"is {shown(text)}, {why}"))
                return

    return check


def all_of(*checks: Check) -> Check:
    """Make several checks of one value."""

    def check(node: Node, faults: Faults) -> None:
        for part in checks:
            part(node, faults)

    return check


def required(*keys: str) -> Check:
    """Demand fields that the schema leaves open: set, and not an empty text or list."""

    def check(node: Node, faults: Faults) -> None:
        if isinstance(node.value, dict):
            faults.extend(node.missing(key) for key in keys if node.value.get(key) in (None, "", []))

    return check


def not_empty(node: Node, faults: Faults) -> None:
    """Refuse a text or list that the API requires and that is there but empty."""
    if node.value in ("", []):
        faults.append(node.fault("is empty, a value is required"))


def at_most_one(*keys: str) -> Check:
    """Refuse fields that exclude each other."""

    def check(node: Node, faults: Faults) -> None:
        present = _set_of(node, keys)
        faults.extend(node[key].fault(f"is not allowed together with {present[0]}") for key in present[1:])

    return check


def _set_of(node: Node, keys: Iterable[str]) -> list[str]:
    """Return which of the fields are set."""
    value = node.value
    return [key for key in keys if value.get(key) is not None] if isinstance(value, dict) else []


def exactly_one(*keys: str) -> Check:
    """Demand one of the fields and refuse a second."""
    alternatives = at_most_one(*keys)

    def check(node: Node, faults: Faults) -> None:
        if isinstance(node.value, dict) and not _set_of(node, keys):
            faults.append(node.fault(f"sets none of {', '.join(keys)}; one is required"))
        alternatives(node, faults)

    return check


def _is_put_together(text: str) -> bool:
    """Tell whether something else puts a value into a text, such as a variable of the container or a template."""
    return "$(" in text or is_filled_in_later(text)


def shown(text: str) -> str:
    """Return a text as messages quote it, cut where it is long."""
    cut = text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}…"
    return f'"{cut}"'
