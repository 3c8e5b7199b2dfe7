"""Names for findings that survive edits: by rule, object and path, list items by their name, never by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from refarch_lint.evaluate.finding import Finding
from refarch_lint.graph.place import Place
from refarch_lint.location import Path, TextLine


def fingerprint(rule: str, place: Place, message: str, related: Iterable[Place] = ()) -> str:
    """Return 32 hexadecimal digits for a finding of `rule` at a place.

    Related places take part, as one policy may deny several flows. The message takes part only where the path ends in a
    line of a text, whose number would not survive edits.
    """
    parts = [rule, *_address(place)]
    for other in related:
        parts += _address(other)
    if place.path and isinstance(place.path[-1], TextLine):
        parts.append(message)
    return _digest(parts)


def file_fingerprint(rule: str, file: str, message: str) -> str:
    """Return 32 hexadecimal digits for a finding about a file rather than an object."""
    return _digest((rule, file, message))


def distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in their order, no two of one name.

    The first keeps its name. One that says something else of the same place takes part with its message, and one that
    says the same of the same object in another file with its number.
    """
    taken: set[str] = set()
    named = []
    for finding in findings:
        name, number = finding.fingerprint, 0
        while name in taken:
            name = _digest((finding.fingerprint, finding.message, str(number)))
            number += 1
        taken.add(name)
        named.append(finding if name == finding.fingerprint else replace(finding, fingerprint=name))
    return tuple(named)


def _digest(parts: Iterable[str]) -> str:
    # A clean run has nothing to name, and is spared what loads a cryptographic library.
    from hashlib import sha256

    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def _address(place: Place) -> list[str]:
    resource = place.resource
    identity = [resource.group, resource.kind, resource.namespace, resource.name]
    return [*identity, *_named(resource.data, place.path)]


def _named(data: Any, path: Path) -> list[str]:
    """Return the path with list items known by their name, host, key or port where they have one."""
    parts: list[str] = []
    for part in path:
        if isinstance(part, TextLine):
            parts.append("line")
            continue
        if isinstance(part, int) and isinstance(data, list) and part < len(data):
            data = data[part]
            parts.append(_item_name(data, part))
            continue
        data = data.get(part) if isinstance(data, dict) else None
        parts.append(str(part))
    return parts


def _item_name(item: Any, index: int) -> str:
    if isinstance(item, dict):
        for key in ("name", "key", "host", "containerPort", "port", "mountPath"):
            if isinstance(item.get(key), str | int):
                return f"{key}={item[key]}"
    return f"value={item}" if isinstance(item, str | int) and len(str(item)) < 64 else str(index)
