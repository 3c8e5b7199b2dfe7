"""Checks of lists as a whole: how long they are, and what may not be in them twice."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from refarch_lint.model.field_values.check import Check, Faults, Node, shown


def unique(identity: Callable[[dict[str, Any]], Hashable | None], blamed: str, says: str) -> Check:
    """Refuse a second item of the same identity, at its field `blamed`; items without an identity are passed over."""

    def check(node: Node, faults: Faults) -> None:
        if not isinstance(node.value, list) or len(node.value) < 2:
            return
        seen: set[Hashable] = set()
        for item in node.items():
            if not isinstance(item.value, dict):
                continue
            try:
                found = identity(item.value)
                known = found in seen
            except TypeError:
                continue
            if found is not None and known:
                faults.append(item[blamed].fault(says))
            seen.add(found)

    return check


def unique_field(key: str, says: str = "is used twice in this list") -> Check:
    """Refuse a second item with the same value in one field."""
    return unique(lambda item: item.get(key) or None, key, says)


def no_repetition(node: Node, faults: Faults) -> None:
    """Refuse a text that is in a list already."""
    seen: set[str] = set()
    for item in node.items():
        text = item.text
        if text in seen:
            faults.append(item.fault(f"is {shown(text)}, which is in this list already"))
        elif text is not None:
            seen.add(text)


def star_alone(node: Node, faults: Faults) -> None:
    """Refuse `*`, which stands for everything, beside others."""
    if isinstance(node.value, list) and "*" in node.value and len(node.value) > 1:
        faults.append(node.fault("holds * and more; * has to stand alone"))


def at_most(most: int, what: str = "entries") -> Check:
    """Refuse a list of more items than `most`; messages call them `what`."""

    def check(node: Node, faults: Faults) -> None:
        if isinstance(node.value, list) and len(node.value) > most:
            faults.append(node.fault(f"has {len(node.value)} {what}, at most {most} are allowed"))

    return check
