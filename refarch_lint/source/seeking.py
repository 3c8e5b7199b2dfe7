"""Where one scalar near the beginning of a YAML document stands, found without reading the rest of it."""

from __future__ import annotations

from typing import Any

from refarch_lint.source.events import (
    BYTE_ORDER_MARK,
    MappingEndEvent,
    MappingStartEvent,
    NextEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    parse,
)


def find_scalar(text: str, keys: tuple[str, ...]) -> tuple[int, int] | None:
    """Return the range of the scalar at a path of keys; None where only the tree of the whole document can tell.

    The document is readable, writes no key twice and merges no mappings.
    """
    base = 1 if text.startswith(BYTE_ORDER_MARK) else 0
    event = parse(text[base:], lambda following: _seek(following, keys))
    if event is None or event.style in ("|", ">") or event.anchor is not None or event.ctag is not None:
        return None
    start, end = event.start_mark.index + base, event.end_mark.index + base
    return (start, end) if end > start else None


def _seek(following: NextEvent, keys: tuple[str, ...]) -> Any:
    following()
    if following().__class__ is StreamEndEvent:
        return None
    event = following()
    for key in keys:
        if event.__class__ is not MappingStartEvent:
            return None
        event = _value(following, key)
    return event if event.__class__ is ScalarEvent else None


def _value(following: NextEvent, wanted: str) -> Any:
    """Return the event that begins the value of a key in the mapping just begun."""
    while True:
        key = following()
        if key.__class__ is not ScalarEvent or key.ctag is not None:
            return None
        value = following()
        if key.value == wanted:
            return value
        _pass_over(value, following)


def _pass_over(event: Any, following: NextEvent) -> None:
    depth = 0
    while True:
        kind = event.__class__
        if kind is MappingStartEvent or kind is SequenceStartEvent:
            depth += 1
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            depth -= 1
        if depth == 0:
            return
        event = following()
