"""The source lines that reports may show, with every secret value in them masked."""

from __future__ import annotations

import re
from collections.abc import Iterable

from refarch_lint.evaluate.credentials import text_credentials
from refarch_lint.model.resource import Resource
from refarch_lint.source.loading import FileContent

MASK = "********"
_ENTRY = re.compile(r"^(\s*(?:- )?(?:\"[^\"]*\"|'[^']*'|[^\s:#'\"{][^:]*)\s*:)(\s+)(\S.*)$")
_FLOW = re.compile(r"(\"(?:data|stringData)\"|data|stringData)\s*:\s*\{.*")


def masked_lines(content: FileContent, resources: Iterable[Resource]) -> tuple[str, ...]:
    """Return the lines of a file with the values of its Secrets and every recognised credential masked.

    `resources` are the objects of that file.
    """
    lines = list(content.lines)
    for resource in resources:
        if resource.kind == "Secret" and resource.group == "":
            for field in ("data", "stringData"):
                if isinstance(resource.data.get(field), dict):
                    _mask_block(lines, resource.document.key_location((*resource.root, field)).span.start.line)
    for found in text_credentials("\n".join(lines)):
        line = lines[found.line]
        lines[found.line] = line[: found.start] + MASK + line[found.end :]
    return tuple(lines)


def _mask_block(lines: list[str], line: int) -> None:
    """Mask the values of the mapping whose key stands on a line, counted from 1."""
    first = lines[line - 1]
    if flow := _FLOW.search(first):
        lines[line - 1] = first[: flow.end(1)] + f": {{ {MASK} }}"
        return
    indent = len(first) - len(first.lstrip(" -"))
    for index in range(line, len(lines)):
        text = lines[index]
        if not text.strip():
            continue
        depth = len(text) - len(text.lstrip())
        if depth <= indent or text.startswith(("---", "...")):
            return
        if text.lstrip().startswith("#"):
            continue
        entry = _ENTRY.match(text)
        if entry is None:
            lines[index] = " " * depth + MASK
        elif not entry[3].startswith(("|", ">", "{")) or len(entry[3]) > 4:
            lines[index] = f"{entry[1]}{entry[2]}{MASK}"
