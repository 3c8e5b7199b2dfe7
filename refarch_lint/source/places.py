"""From a path to the characters a reader would point at: values, keys, the names people grab, lines of a text."""

from __future__ import annotations

from typing import Final, NamedTuple

from refarch_lint.location import Path, TextLine
from refarch_lint.source.block_scalars import block_line, block_part
from refarch_lint.source.spans import Entry, LineTable, MappingNode, Node, ScalarNode, SequenceNode

#: The keys whose value names an object or an item of a list, in the order in which a reader would look for them.
_NAME_PATHS: Final[tuple[tuple[str, ...], ...]] = (("name",), ("metadata", "name"), ("metadata", "generateName"))
_ROOT_NAME_PATHS: Final[tuple[tuple[str, ...], ...]] = (*_NAME_PATHS[1:], ("kind",))

Range = tuple[int, int]


class Step(NamedTuple):
    """One step of a walk: the node reached and the key that led to it, if a key did."""

    node: Node
    entry: Entry | None


class Places:
    """Answers where paths stand in one composed document; offsets count from the start of its text."""

    def __init__(self, text: str, root: Node | None, lines: LineTable) -> None:
        self._text = text
        self._root = root
        self._lines = lines

    def place(self, path: Path) -> Range:
        """Return the range of the value at `path`, or of what stands for it: its key, its name, its ancestor."""
        if self._root is None:
            return self._first_line()
        walk, missing = self._walk(path)
        step = walk[-1]
        if missing:
            return self._grip(step, is_root=len(walk) == 1)
        last = path[-1] if path else None
        if isinstance(last, TextLine):
            return self._text_line(step, last)
        if isinstance(step.node, ScalarNode) and not step.node.is_block and step.node.end > step.node.start:
            return step.node.start, step.node.end
        return self._grip(step, is_root=len(walk) == 1)

    def key(self, path: Path) -> Range:
        """Return the range of the key at `path`; where a list item or nothing stands there, the same as `place`."""
        if self._root is not None:
            walk, missing = self._walk(path)
            entry = walk[-1].entry
            if not missing and entry is not None:
                return entry.key_node.start, entry.key_node.end
        return self.place(path)

    def value(self, path: Path) -> Range:
        """Return the range of the whole value at `path`, mappings and lists included; absent ones as `place`."""
        if self._root is not None and not (path and isinstance(path[-1], TextLine)):
            walk, missing = self._walk(path)
            node = walk[-1].node
            if not missing and node.end > node.start:
                return node.start, node.end
        return self.place(path)

    def text(self, path: Path, value: str, start: int, end: int) -> Range:
        """Return the range of `value[start:end]`, where `value` is the text at `path`, if it is written out.

        Escapes, folded lines and breaks between lines hide where a part stands: then the same as `place`, or its line.
        """
        if self._root is not None:
            walk, missing = self._walk(path)
            node = walk[-1].node
            if not missing and isinstance(node, ScalarNode):
                if node.style == "|":
                    return self._part_of_block(path, node, value, start, end)
                inset = 1 if node.style else 0
                if not node.is_block and self._text[node.start + inset : node.end - inset] == value:
                    return node.start + inset + start, node.start + inset + end
        return self.place(path)

    def _part_of_block(self, path: Path, node: ScalarNode, value: str, start: int, end: int) -> Range:
        number = value.count("\n", 0, start)
        line_start = value.rfind("\n", 0, start) + 1
        line = value[line_start:].partition("\n")[0]
        row = self._lines.line_of(node.start) + 1 + number
        if row < len(self._lines):
            left, right = self._lines.line_bounds(row)
            if self._text[left:right].endswith(line):
                place = right - len(line) + start - line_start
                return place, min(place + end - start, right)
        return self.place((*path, TextLine(number)))

    def _walk(self, path: Path) -> tuple[list[Step], bool]:
        """Return the steps that exist along `path`, root first, and whether the path goes on beyond them."""
        assert self._root is not None
        walk = [Step(self._root, None)]
        for part in path:
            node = walk[-1].node
            if isinstance(part, TextLine):
                return walk, not isinstance(node, ScalarNode)
            if isinstance(node, MappingNode) and isinstance(part, str):
                entry = node.find(part)
                if entry is None:
                    return walk, True
                walk.append(Step(entry.value, entry))
            elif isinstance(node, SequenceNode) and isinstance(part, int) and 0 <= part < len(node.items):
                walk.append(Step(node.items[part], None))
            else:
                return walk, True
        return walk, False

    def _grip(self, step: Step, *, is_root: bool) -> Range:
        if step.entry is not None:
            return step.entry.key_node.start, step.entry.key_node.end
        node = step.node
        if isinstance(node, MappingNode):
            for path in _ROOT_NAME_PATHS if is_root else _NAME_PATHS:
                named = _scalar_at(node, path)
                if named is not None:
                    return named.start, named.end
            if node.entries:
                return node.entries[0].key_node.start, node.entries[0].key_node.end
        elif isinstance(node, SequenceNode) and node.items:
            return self._grip(Step(node.items[0], None), is_root=False)
        return self._head(node)

    def _head(self, node: Node) -> Range:
        """Return the first line of a node without a key or a name; an empty list item is its dash."""
        start, end = node.start, node.end
        if start == end and self._text[start - 1 : start] == "-":
            return start - 1, start
        line_end = self._lines.line_bounds(self._lines.line_of(start))[1]
        return start, max(min(end, line_end), start)

    def _first_line(self) -> Range:
        start, end = self._lines.line_bounds(0)
        return start, end

    def _text_line(self, step: Step, line: TextLine) -> Range:
        node = step.node
        assert isinstance(node, ScalarNode)
        if node.is_block:
            found = block_part(self._text, node, self._lines, line.number, line.part) if line.part else None
            found = found or block_line(self._text, node, self._lines, line.number)
            return found if found is not None else self._grip(step, is_root=False)
        if node.end > node.start:
            return node.start, node.end
        return self._grip(step, is_root=False)


def _scalar_at(node: Node, path: tuple[str, ...]) -> ScalarNode | None:
    for key in path:
        entry = node.find(key) if isinstance(node, MappingNode) else None
        if entry is None:
            return None
        node = entry.value
    return node if isinstance(node, ScalarNode) and node.end > node.start and not node.is_block else None
