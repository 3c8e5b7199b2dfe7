"""The tree of spans of a YAML document that is already known to be readable."""

from __future__ import annotations

from typing import Any, Final

from refarch_lint.regex import regex
from refarch_lint.source.events import (
    BYTE_ORDER_MARK,
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    NextEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
    parse,
)
from refarch_lint.source.scalars import PlainKeys, ScalarError
from refarch_lint.source.spans import Entry, MappingNode, Node, ScalarNode, SequenceNode
from refarch_lint.source.yaml_reader import MERGE_KEY, is_merge, scalar_key

#: One property (tag or anchor) or comment before a value, with the blanks around it.
_PROPERTY: Final = regex(r"\s*(?:!<[^>\s]*>|[&!][^\s,\[\]{}]*|#[^\r\n]*)\s*")


def compose_yaml(text: str) -> Node | None:
    """Return the tree of spans of the one document in `text`, or None where it holds only comments."""
    base = 1 if text.startswith(BYTE_ORDER_MARK) else 0
    return parse(text[base:], lambda following: _Composer(text, base, following).root())


class _Composer:
    def __init__(self, text: str, base: int, following: NextEvent) -> None:
        self.text = text
        self.base = base
        self.next = following
        self.anchors: dict[str, Node] = {}
        self.keys: dict[str, str] = {}
        self.plain_keys = PlainKeys()

    def root(self) -> Node | None:
        self.next()
        if self.next().__class__ is StreamEndEvent:
            return None
        return self.node(self.next())

    def node(self, event: Any) -> Node:
        kind = event.__class__
        node: Node
        if kind is ScalarEvent:
            node = self.scalar(event)
            if event.anchor is not None:
                self.keys[event.anchor] = self.key(event)
        elif kind is AliasEvent:
            return self.anchors[event.anchor]
        elif kind is MappingStartEvent:
            node = self.mapping(event)
        else:
            node = self.sequence(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def scalar(self, event: Any) -> ScalarNode:
        base = self.base
        start, end = event.start_mark.index + base, event.end_mark.index + base
        style = event.style or ""
        if event.anchor is not None or event.ctag is not None:
            start = self.after_properties(start, end)
        if style in ("|", ">"):
            end = start + len(self.text[start:end].rstrip())
        return ScalarNode(start, end, style)

    def mapping(self, event: Any) -> MappingNode:
        following, known = self.next, self.keys
        entries: list[Entry] = []
        start = event.start_mark.index + self.base
        while True:
            key_event = following()
            kind = key_event.__class__
            if kind is MappingEndEvent:
                break
            if kind is ScalarEvent:
                key = self.key(key_event)
                key_node = self.scalar(key_event)
                if key_event.anchor is not None:
                    self.anchors[key_event.anchor] = key_node
                    known[key_event.anchor] = key
            else:
                key = known.get(key_event.anchor, "")
                base = self.base
                key_node = ScalarNode(key_event.start_mark.index + base, key_event.end_mark.index + base, "")
            merges = key == MERGE_KEY and is_merge(key_event)
            entries.append(Entry(key, key_node, self.node(following()), merges))
        if event.flow_style:
            return MappingNode(start, key_event.end_mark.index + self.base, tuple(entries))
        last = entries[-1]
        return MappingNode(entries[0].key_node.start, max(last.value.end, last.key_node.end), tuple(entries))

    def sequence(self, event: Any) -> SequenceNode:
        following = self.next
        items: list[Node] = []
        start = event.start_mark.index + self.base
        while True:
            item = following()
            if item.__class__ is SequenceEndEvent:
                break
            items.append(self.node(item))
        end = item.end_mark.index + self.base if event.flow_style else max(start, items[-1].end)
        return SequenceNode(start, end, tuple(items))

    def key(self, event: Any) -> str:
        try:
            if event.ctag is None and not event.style:
                return self.plain_keys[event.value]
            return scalar_key(event)
        except ScalarError:
            return ""

    def after_properties(self, start: int, end: int) -> int:
        """Return where a value begins once its anchor, its tag and the blanks after them are passed."""
        match = _PROPERTY.match(self.text, start, end)
        while match and match.end() > start:
            start = match.end()
            match = _PROPERTY.match(self.text, start, end)
        return start
