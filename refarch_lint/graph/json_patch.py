"""JSON patches (RFC 6902): operations on single values, each at its path."""

from __future__ import annotations

from collections.abc import Iterable

from refarch_lint.graph.placed_values import PlacedValue, Source, is_outsized
from refarch_lint.location import Path

#: No list of a manifest is longer than so many digits can count.
_DIGITS = 9


class RefusedError(Exception):
    """An operation cannot be done on a value."""


def operated(value: PlacedValue, operations: Iterable[object], source: Source, path: Path) -> PlacedValue:
    """Return a value as operations leave it; `path` is where their values stand, empty for each at its own place.

    What `test` asks holds, as kustomize builds nothing otherwise. Raises RefusedError for what cannot be done.
    """
    for index, step in enumerate(operations):
        operation = step if isinstance(step, dict) else {}
        action, target = str(operation.get("op")), _pointer(operation.get("path"))
        where = "value" if "value" in operation else "path"
        new = PlacedValue.of(operation.get("value"), source, path or (index, where))
        if action in ("copy", "move"):
            start = _pointer(operation.get("from"))
            new = _found(value, start)
            value = _changed(value, start, "remove", new) if action == "move" else value
            action = "add"
        if action != "test":
            value = _changed(value, target, action, new)
            if isinstance(new.data, dict | list) and is_outsized(value):
                raise RefusedError
    return value


def _pointer(text: object) -> list[str]:
    if not isinstance(text, str) or not text.startswith("/"):
        raise RefusedError
    return [step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/")]


def _found(value: PlacedValue, steps: list[str]) -> PlacedValue:
    for step in steps:
        if isinstance(value.data, dict) and step in value.data:
            value = value.data[step]
        elif isinstance(value.data, list) and 0 <= _index(step) < len(value.data):
            value = value.data[_index(step)]
        else:
            raise RefusedError
    return value


def _index(step: str) -> int:
    """Return a step as the index of a list, -1 for one that is none."""
    return int(step) if step.isascii() and step.isdigit() and len(step) <= _DIGITS else -1


def _changed(value: PlacedValue, steps: list[str], operation: str, new: PlacedValue) -> PlacedValue:
    step, rest = steps[0], steps[1:]
    if isinstance(value.data, dict):
        entries, gone = dict(value.data), dict(value.gone)
        if rest:
            if step not in entries:
                raise RefusedError
            entries[step] = _changed(entries[step], rest, operation, new)
        elif operation == "add" or (operation == "replace" and step in entries):
            entries[step] = new
        elif operation == "remove" and step in entries:
            del entries[step]
            gone[step] = new
        else:
            raise RefusedError
        return PlacedValue(entries, value.source, value.path, gone)
    if not isinstance(value.data, list):
        raise RefusedError
    items = list(value.data)
    at = len(items) if step == "-" else _index(step)
    if not 0 <= at <= len(items) or (at == len(items) and (rest or operation != "add")):
        raise RefusedError
    if rest:
        items[at] = _changed(items[at], rest, operation, new)
    elif operation == "add":
        items.insert(at, new)
    elif operation == "replace":
        items[at] = new
    elif operation == "remove":
        del items[at]
    else:
        raise RefusedError
    return PlacedValue(items, value.source, value.path)
