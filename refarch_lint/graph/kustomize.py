"""What kustomizations say belongs together: which files each one takes as resources, and which are only patches."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from refarch_lint.model.resource import KUSTOMIZATION_FILES, mapping, sequence
from refarch_lint.source.loading import FileContent

#: Fields by which a kustomization changes the objects that it takes in.
_TRANSFORMING = (
    "commonAnnotations",
    "commonLabels",
    "images",
    "labels",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "replicas",
    "transformers",
)


class Kustomization(NamedTuple):
    """One kustomization file: its folder, what it takes in, and the files that only change other objects.

    `transforms` tells that the objects it gives differ from those it takes in.
    """

    file: str
    folder: str
    component: bool
    takes: tuple[str, ...]
    patches: tuple[str, ...]
    transforms: bool


def kustomizations(contents: Iterable[FileContent]) -> dict[str, Kustomization]:
    """Return the kustomizations among files, by folder (API reference: kustomize.config.k8s.io)."""
    found: dict[str, Kustomization] = {}
    for content in contents:
        folder, name = posixpath.split(content.name)
        if name in KUSTOMIZATION_FILES and content.documents:
            data = mapping(content.documents[0].data)
            found[folder] = Kustomization(
                content.name,
                folder,
                data.get("kind") == "Component",
                tuple(_paths(folder, data, ("resources", "bases", "components", "crds"))),
                tuple(_patches(folder, data)),
                any(data.get(field) for field in _TRANSFORMING),
            )
    return found


def _paths(folder: str, data: Mapping[str, Any], fields: Iterable[str]) -> Iterator[str]:
    for field in fields:
        for item in sequence(data.get(field)):
            if isinstance(item, str) and "://" not in item:
                yield posixpath.normpath(posixpath.join(folder, item))


def _patches(folder: str, data: Mapping[str, Any]) -> Iterator[str]:
    yield from _paths(folder, data, ("patchesStrategicMerge", "transformers", "generators", "configurations"))
    for field in ("patches", "patchesJson6902", "replacements"):
        for item in sequence(data.get(field)):
            path = mapping(item).get("path")
            if isinstance(path, str):
                yield posixpath.normpath(posixpath.join(folder, path))
    for field in ("configMapGenerator", "secretGenerator"):
        for item in sequence(data.get(field)):
            for entry in sequence(mapping(item).get("files")):
                if isinstance(entry, str):
                    yield posixpath.normpath(posixpath.join(folder, entry.rpartition("=")[2]))


def closure(root: Kustomization, known: Mapping[str, Kustomization]) -> frozenset[str]:
    """Return the files that a kustomization takes in, those of its bases and components included."""
    files: set[str] = set()
    waiting, seen = [root], {root.folder}
    while waiting:
        current = waiting.pop()
        files.add(current.file)
        for path in current.takes:
            if path in known:
                if path not in seen:
                    seen.add(path)
                    waiting.append(known[path])
            else:
                files.add(path)
    return frozenset(files)


def roots(known: Mapping[str, Kustomization]) -> tuple[Kustomization, ...]:
    """Return the kustomizations that no other one takes in: what people build and apply."""
    taken = {path for item in known.values() for path in item.takes if path != item.folder}
    return tuple(item for folder, item in known.items() if folder not in taken)
