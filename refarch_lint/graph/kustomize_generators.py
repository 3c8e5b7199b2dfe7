"""ConfigMaps that kustomizations generate, from their literals and from files of the tree."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from refarch_lint.model.resource import CONFIG_MAP_GENERATOR, Resource, ResourceId, mapping, sequence, text_of


class Texts(Protocol):
    """Gives the text of a file by its name, or None."""

    def text(self, name: str) -> str | None: ...


def generated(kustomizations: Iterable[tuple[Resource, str]], texts: Texts) -> list[Resource]:
    """Return the ConfigMaps that kustomizations generate together; the outermost comes first, each with its namespace.

    A generator of an outer one may merge into what an inner one makes, or replace it. What depends on a file that is
    not in the tree is left out, as its keys are not known.
    """
    found: dict[tuple[str, str], Resource | None] = {}
    for kustomization, namespace in reversed(list(kustomizations)):
        for index, item in enumerate(sequence(kustomization.data.get(CONFIG_MAP_GENERATOR))):
            generator = mapping(item)
            name = text_of(generator.get("name"))
            if not name:
                continue
            where = namespace or text_of(generator.get("namespace")) or kustomization.namespace
            entries = _entries(generator, posixpath.dirname(kustomization.document.file), texts)
            if generator.get("behavior") == "merge":
                before = found.get((where, name))
                entries = {**before.data["data"], **entries} if before is not None and entries is not None else None
            found[where, name] = None if entries is None else _config_map(kustomization, index, where, name, entries)
    return [resource for resource in found.values() if resource is not None]


def _config_map(kustomization: Resource, index: int, namespace: str, name: str, entries: Mapping[str, str]) -> Resource:
    data = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": dict(entries),
    }
    identity = ResourceId("", "ConfigMap", namespace, name)
    return Resource(kustomization.document, (CONFIG_MAP_GENERATOR, index), data, identity, "v1")


def _entries(generator: Mapping[str, Any], folder: str, texts: Texts) -> dict[str, str] | None:
    """Return the entries of a generator, or None where a file of it cannot be read."""
    entries = dict(_literals(item for item in sequence(generator.get("literals")) if isinstance(item, str)))
    for item in sequence(generator.get("files")):
        if isinstance(item, str):
            key, equals, path = item.rpartition("=")
            text = texts.text(posixpath.normpath(posixpath.join(folder, path)))
            if text is None:
                return None
            entries[key if equals else posixpath.basename(path)] = text
    for item in (*sequence(generator.get("envs")), generator.get("env")):
        if isinstance(item, str):
            text = texts.text(posixpath.normpath(posixpath.join(folder, item)))
            if text is None:
                return None
            entries |= _variables(text)
    return entries


def _variables(text: str) -> Iterator[tuple[str, str]]:
    """Yield the entries of an env file, their values as they are written; one without `=` is empty (kustomize, kv)."""
    for line in text.split("\n"):
        key, _, value = line.removesuffix("\r").lstrip().partition("=")
        if key and not key.startswith("#"):
            yield key, value


def _literals(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the entries of literals, their values without the quotes around them."""
    for text in texts:
        key, equals, value = text.partition("=")
        if equals and key:
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            yield key, value[1:-1] if quoted else value
