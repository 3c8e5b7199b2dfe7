"""Alertmanager configurations, in ConfigMaps, Secrets and AlertmanagerConfig objects: their routes and receivers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from refarch_lint.graph.place import Place
from refarch_lint.graph.scrape_config import embedded
from refarch_lint.location import Path, TextLine
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.source.document import Document

OPERATOR = "monitoring.coreos.com"


@dataclass(frozen=True, slots=True, eq=False)
class Routing:
    """One configuration: `data` holds `route`, `receivers` and, in a file, `global`; `root` leads to it.

    `document` is the embedded file, None for an object; values of an encoded Secret stand at their key.
    """

    resource: Resource
    root: Path
    data: Mapping[str, Any]
    document: Document | None = None
    is_encoded: bool = False

    @property
    def is_object(self) -> bool:
        return self.document is None

    def place(self, *path: str | int) -> Place:
        """Return the place of a value of the configuration."""
        if self.document is None:
            return Place(self.resource, (*self.root, *path))
        if self.is_encoded:
            return Place(self.resource, self.root)
        return Place(self.resource, (*self.root, TextLine.of(self.document.locate(path).span)))


class Route(NamedTuple):
    """A route and the receiver that it names, empty where it inherits one."""

    path: tuple[str | int, ...]
    receiver: str


def routings(resource: Resource) -> Iterator[Routing]:
    """Yield the Alertmanager configurations that a resource holds."""
    if (resource.kind, resource.group) == ("AlertmanagerConfig", OPERATOR):
        yield Routing(resource, ("spec",), resource.spec)
    elif resource.group == "" and resource.kind in ("ConfigMap", "Secret"):
        for field, encoded in (("data", resource.kind == "Secret"), ("stringData", False)):
            for key, value in mapping(resource.data.get(field)).items():
                text = _decoded(value) if encoded else value
                if not (isinstance(key, str) and isinstance(text, str)):
                    continue
                if "receivers" not in text or "route" not in text:
                    continue
                document = embedded(text)
                data = mapping(document.data) if document is not None else {}
                if document is not None and "route" in data and isinstance(data.get("receivers"), list):
                    yield Routing(resource, (field, key), data, document, encoded)


def routes(routing: Routing) -> Iterator[Route]:
    """Yield every route of a configuration, the root first."""
    yield from _routes(routing.data.get("route"), ("route",), 0)


def _routes(data: Any, path: tuple[str | int, ...], depth: int) -> Iterator[Route]:
    if not isinstance(data, dict) or depth > 20:
        return
    receiver = data.get("receiver")
    yield Route(path, receiver if isinstance(receiver, str) else "")
    for index, child in enumerate(sequence(data.get("routes"))):
        yield from _routes(child, (*path, "routes", index), depth + 1)


class Integration(NamedTuple):
    """One way by which a receiver notifies people: its kind, such as `slack`, its settings and where they stand."""

    receiver: str
    kind: str
    settings: Mapping[str, Any]
    path: tuple[str | int, ...]


def integrations(routing: Routing) -> Iterator[Integration]:
    """Yield the integrations of every receiver."""
    for number, item in enumerate(sequence(routing.data.get("receivers"))):
        receiver = mapping(item)
        for key, entries in receiver.items():
            kind = _kind(key)
            for index, settings in enumerate(sequence(entries) if kind else ()):
                path = ("receivers", number, key, index)
                yield Integration(str(receiver.get("name", "")), kind, mapping(settings), path)


def _kind(key: Any) -> str:
    if not isinstance(key, str):
        return ""
    for ending in ("_configs", "Configs"):
        if key.endswith(ending):
            return key.removesuffix(ending).lower()
    return ""


def _decoded(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode(value, validate=False).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
