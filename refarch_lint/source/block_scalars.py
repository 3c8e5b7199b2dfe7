"""Which line of the file holds line n of a text written as a block scalar (YAML 1.2 §8.1)."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.source.spans import LineTable, ScalarNode


def block_line(text: str, node: ScalarNode, lines: LineTable, number: int) -> tuple[int, int] | None:
    """Return the range of line `number` of a block scalar's value, from its first non-blank to its end.

    A line folded from several is shown by the first of them. None where the value has no such line.
    """
    found: tuple[int, int] | None = None
    for value_line, start, end in _value_lines(text, node, lines):
        if value_line > number:
            break
        if value_line == number and found is None:
            content = text[start:end]
            found = start + len(content) - len(content.lstrip()), end
    return found


def block_part(
    text: str, node: ScalarNode, lines: LineTable, number: int, part: tuple[int, int]
) -> tuple[int, int] | None:
    """Return the range of a part of line `number` of a literal block scalar, columns counted from 0 in the value.

    None where what is written does not show it: a folded scalar, an indentation given by a digit, no such columns.
    """
    header, _, _ = text[node.start : node.end].partition("\n")
    if node.style != "|" or any(character.isdigit() for character in header.partition("#")[0]):
        return None
    first, last = lines.line_of(node.start) + 1, lines.line_of(max(node.start, node.end - 1))
    bounds = [lines.line_bounds(row) for row in range(first, last + 1)]
    inset = next((_indentation(text[start:end]) for start, end in bounds if text[start:end].strip()), 0)
    if number >= len(bounds) or part[0] >= part[1]:
        return None
    start, end = bounds[number]
    return (start + inset + part[0], start + inset + part[1]) if start + inset + part[1] <= end else None


def _value_lines(text: str, node: ScalarNode, lines: LineTable) -> Iterator[tuple[int, int, int]]:
    """Yield, for each line below the header, the line of the value that it belongs to, and its bounds."""
    first, last = lines.line_of(node.start) + 1, lines.line_of(max(node.start, node.end - 1))
    bounds = [lines.line_bounds(row) for row in range(first, last + 1)]
    if node.style == "|":
        for number, (start, end) in enumerate(bounds):
            yield number, start, end
        return
    indentation = next((_indentation(text[start:end]) for start, end in bounds if text[start:end].strip()), 0)
    value_line, blanks, previous_folds, begun = 0, 0, True, False
    for start, end in bounds:
        content = text[start:end]
        if not content.strip(" "):
            blanks += 1
            continue
        folds = content[indentation : indentation + 1] not in (" ", "\t")
        if not begun:
            value_line = blanks
        elif folds and previous_folds:
            value_line += blanks
        else:
            value_line += blanks + 1
        begun, blanks, previous_folds = True, 0, folds
        yield value_line, start, end


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
