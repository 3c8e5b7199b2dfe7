"""YAML text into plain data: the parser's events, built by hand with kubectl's rules for scalars, keys and merges."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from refarch_lint.source.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NextEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
    parse,
)
from refarch_lint.source.expansion import MAX_DEPTH, MAX_EXPANSION, TOO_DEEP, TOO_LARGE, expansion_fault
from refarch_lint.source.scalars import PlainKeys, PlainValues, Scalar, ScalarError, key_text, resolve, tagged_value
from refarch_lint.source.unreadable import UnreadableError

#: The unquoted key that merges other mappings into its own (https://yaml.org/type/merge.html).
MERGE_KEY: Final = "<<"

MERGE_FAULT: Final = "a merge key (<<) needs a mapping or a list of mappings"


class Reading(NamedTuple):
    """What one document holds; `present` is False where its text is only comments and blank lines."""

    data: Any
    present: bool
    has_duplicates: bool


class YamlReader:
    """Reads documents one by one, remembering the scalars it has already resolved."""

    def __init__(self, *, pure: bool = False) -> None:
        self._values = PlainValues()
        self._keys = PlainKeys()
        self._pure = pure

    def read(self, text: str) -> Reading:
        """Return the data of the one document in `text`.

        Raises UnreadableError where it is not YAML or not what kubectl can read.
        """
        return parse(text, self._build, pure=self._pure)

    def _build(self, following: NextEvent) -> Reading:
        return _Build(following, self._values, self._keys).document()


class _Build:
    """One document under construction. The methods work on local names: they are the hot path."""

    def __init__(self, following: NextEvent, values: PlainValues, keys: PlainKeys) -> None:
        self.next = following
        self.values = values
        self.keys = keys
        self.anchors: dict[str, Any] = {}
        self.open: set[int] = set()
        self.has_duplicates = False
        self.has_aliases = False
        self.merged = 0

    def document(self) -> Reading:
        self.next()
        event = self.next()
        if event.__class__ is StreamEndEvent:
            return Reading(None, False, False)
        event = self.next()
        start = event.start_mark.index
        data = self.value(event, 1)
        self.next()
        event = self.next()
        if event.__class__ is DocumentStartEvent:
            raise UnreadableError("a second document begins without a --- line", event.start_mark.index)
        if self.has_aliases:
            fault = expansion_fault(data)
            if fault:
                raise UnreadableError(fault, start)
        return Reading(data, True, self.has_duplicates)

    def value(self, event: Any, depth: int) -> Any:
        kind = event.__class__
        if kind is ScalarEvent:
            return self.scalar(event)
        if kind is AliasEvent:
            return self.alias(event)
        if depth > MAX_DEPTH:
            raise UnreadableError(TOO_DEEP, event.start_mark.index)
        container: Any = {} if kind is MappingStartEvent else []
        fill = self.mapping if kind is MappingStartEvent else self.sequence
        if event.anchor is None:
            fill(container, depth)
        else:
            self.anchors[event.anchor] = container
            self.open.add(id(container))
            fill(container, depth)
            self.open.discard(id(container))
        return container

    def mapping(self, result: dict[str, Any], depth: int) -> None:
        following, values, keys = self.next, self.values, self.keys
        inherited: set[str] = set()
        while True:
            event = following()
            kind = event.__class__
            try:
                if kind is ScalarEvent and event.ctag is None and event.anchor is None:
                    key = event.value if event.style else keys[event.value]
                elif kind is MappingEndEvent:
                    return
                else:
                    key = self.key(event)
                if key == MERGE_KEY and is_merge(event):
                    event = following()
                    self.merge(self.value(event, depth + 1), result, inherited, event.start_mark.index)
                    continue
                event = following()
                kind = event.__class__
                if kind is ScalarEvent and event.ctag is None and event.anchor is None:
                    value = event.value if event.style else values[event.value]
                else:
                    value = self.value(event, depth + 1)
            except ScalarError as error:
                raise UnreadableError(str(error), event.start_mark.index) from error
            if key in result:
                if key in inherited:
                    inherited.discard(key)
                else:
                    self.has_duplicates = True
            result[key] = value

    def sequence(self, result: list[Any], depth: int) -> None:
        following, values = self.next, self.values
        while True:
            event = following()
            kind = event.__class__
            if kind is SequenceEndEvent:
                return
            try:
                if kind is ScalarEvent and event.ctag is None and event.anchor is None:
                    result.append(event.value if event.style else values[event.value])
                else:
                    result.append(self.value(event, depth + 1))
            except ScalarError as error:
                raise UnreadableError(str(error), event.start_mark.index) from error

    def scalar(self, event: Any) -> Scalar:
        try:
            if event.ctag is not None:
                value = tagged_value(event.tag, event.value)
            else:
                value = event.value if event.style else self.values[event.value]
        except ScalarError as error:
            raise UnreadableError(str(error), event.start_mark.index) from error
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        return value

    def alias(self, event: Any) -> Any:
        if event.anchor not in self.anchors:
            raise UnreadableError("an alias has no anchor of its name before it", event.start_mark.index)
        value = self.anchors[event.anchor]
        if id(value) in self.open:
            raise UnreadableError("an anchor contains itself", event.start_mark.index)
        self.has_aliases = True
        return value

    def key(self, event: Any) -> str:
        if event.__class__ is ScalarEvent:
            if event.anchor is not None:
                self.scalar(event)
            return scalar_key(event)
        if event.__class__ is AliasEvent:
            value = self.alias(event)
            if not isinstance(value, dict | list):
                return key_text(value)
        raise UnreadableError("a mapping key is itself a mapping or a list", event.start_mark.index)

    def merge(self, source: Any, target: dict[str, Any], inherited: set[str], index: int) -> None:
        """Copy a merged mapping into its target; what stands later wins, as in kubectl's decoder."""
        sources = reversed(source) if isinstance(source, list) else (source,)
        for mapping in sources:
            if not isinstance(mapping, dict):
                raise UnreadableError(MERGE_FAULT, index)
            self.merged += len(mapping)
            if self.merged > MAX_EXPANSION:
                raise UnreadableError(TOO_LARGE, index)
            inherited.update(mapping.keys() - target.keys())
            target.update(mapping)


def is_merge(event: Any) -> bool:
    """Tell whether a key spelt `<<` merges: only where it is neither quoted nor tagged."""
    return event.__class__ is ScalarEvent and not event.style and event.ctag is None


def scalar_key(event: Any) -> str:
    """Return the text of a scalar key, whatever its tag and style. Raises ScalarError where it has none."""
    if event.ctag is not None:
        return key_text(tagged_value(event.tag, event.value))
    return event.value if event.style else key_text(resolve(event.value))
