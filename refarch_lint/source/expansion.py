"""The caps on nesting and on alias expansion that keep a small hostile document from becoming a huge one."""

from __future__ import annotations

from typing import Any, Final

#: How deep mappings and lists may nest; real manifests stay below 50.
MAX_DEPTH: Final = 256

#: How many values a document may have once every alias is replaced by what it stands for.
MAX_EXPANSION: Final = 200_000

TOO_DEEP: Final = f"it nests more than {MAX_DEPTH} levels deep"
TOO_LARGE: Final = f"its aliases expand to more than {MAX_EXPANSION} values"


def expansion_fault(data: Any) -> str | None:
    """Return what is wrong with a value once its aliases are expanded, or None: too deep or too many values."""
    stack = [iter((data,))]
    count = 0
    while stack:
        for value in stack[-1]:
            count += 1
            if count > MAX_EXPANSION:
                return TOO_LARGE
            if isinstance(value, dict | list):
                if len(stack) > MAX_DEPTH:
                    return TOO_DEEP
                stack.append(iter(value.values() if isinstance(value, dict) else value))
                break
        else:
            stack.pop()
    return None


def is_too_deep(data: Any) -> bool:
    """Tell whether a value without aliases nests deeper than `MAX_DEPTH`."""
    level = [data] if isinstance(data, dict | list) else []
    for _ in range(MAX_DEPTH):
        level = [
            value
            for container in level
            for value in (container.values() if isinstance(container, dict) else container)
            if isinstance(value, dict | list)
        ]
        if not level:
            return False
    return True
