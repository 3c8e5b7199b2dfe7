"""The tree of spans of a JSON document that is already known to be readable."""

from __future__ import annotations

import json
import re
from typing import Final

from refarch_lint.regex import regex
from refarch_lint.source.spans import Entry, MappingNode, Node, ScalarNode, SequenceNode

_TOKEN: Final = regex(r'[ \t\r\n,:]*("[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s{}\[\],:"]+)', re.DOTALL)


def compose_json(text: str) -> Node | None:
    """Return the tree of spans of the first JSON value in `text`, or None where there is none."""
    return _Composer(text).node()


class _Composer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def token(self) -> tuple[int, int]:
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            return len(self.text), len(self.text)
        self.position = match.end()
        return match.span(1)

    def node(self) -> Node | None:
        start, end = self.token()
        first = self.text[start:end][:1]
        if first == "{":
            return self.mapping(start)
        if first == "[":
            return self.sequence(start)
        if first in ("", "}", "]"):
            return None
        return ScalarNode(start, end, '"' if first == '"' else "")

    def mapping(self, start: int) -> MappingNode:
        entries: list[Entry] = []
        while True:
            key_start, key_end = self.token()
            if self.text[key_start:key_end][:1] != '"':
                return MappingNode(start, key_end, tuple(entries))
            value = self.node()
            if value is None:
                return MappingNode(start, key_end, tuple(entries))
            key = json.loads(self.text[key_start:key_end])
            entries.append(Entry(key, ScalarNode(key_start, key_end, '"'), value))

    def sequence(self, start: int) -> SequenceNode:
        items: list[Node] = []
        while True:
            item = self.node()
            if item is None:
                return SequenceNode(start, self.position, tuple(items))
            items.append(item)
