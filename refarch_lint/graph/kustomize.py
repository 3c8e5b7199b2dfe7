"""What kustomizations say belongs together: which files each one takes as resources, and which are only patches."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from refarch_lint.graph.kustomize_patches import Patch, patches_in, strategic_merges
from refarch_lint.model.resource import KUSTOMIZATION_FILES, mapping, sequence, text_of
from refarch_lint.source.loading import FileContent, read_bytes

#: Fields by which a kustomization changes the objects that it takes in, in ways that are not followed here.
_TRANSFORMING = (
    "commonAnnotations",
    "commonLabels",
    "images",
    "labels",
    "namePrefix",
    "nameSuffix",
    "replacements",
    "transformers",
    "vars",
)


class Kustomization(NamedTuple):
    """One kustomization file: its folder, what it takes in, and the files that only change other objects.

    `transforms` tells that the objects it gives differ from those it takes in by more than is followed here. `removes`
    holds the kind and name of the objects that its patches delete, `namespace` the namespace that it puts objects into,
    `changes` its patches, `prefix` and `suffix` what it puts around the names of objects.
    """

    file: str
    folder: str
    component: bool
    takes: tuple[str, ...]
    patches: tuple[str, ...]
    transforms: bool
    removes: frozenset[tuple[str, str]] = frozenset()
    namespace: str = ""
    changes: tuple[Patch, ...] = ()
    prefix: str = ""
    suffix: str = ""


def kustomizations(contents: Iterable[FileContent]) -> dict[str, Kustomization]:
    """Return the kustomizations among files, by folder (API reference: kustomize.config.k8s.io)."""
    found: dict[str, Kustomization] = {}
    by_name = {content.name: content for content in contents}
    for content in by_name.values():
        folder, name = posixpath.split(content.name)
        if name in KUSTOMIZATION_FILES and content.documents:
            data = mapping(content.documents[0].data)
            found[folder] = Kustomization(
                file=content.name,
                folder=folder,
                component=data.get("kind") == "Component",
                takes=tuple(_paths(folder, data, ("resources", "bases", "components", "crds"))),
                patches=tuple(_patches(folder, data)),
                transforms=any(data.get(field) for field in _TRANSFORMING),
                removes=frozenset(_removed(folder, data, by_name)),
                namespace=text_of(data.get("namespace")),
                changes=patches_in(folder, content.documents[0], by_name),
                prefix=text_of(data.get("namePrefix")),
                suffix=text_of(data.get("nameSuffix")),
            )
    return found


def _paths(folder: str, data: Mapping[str, Any], fields: Iterable[str]) -> Iterator[str]:
    for field in fields:
        for item in sequence(data.get(field)):
            if isinstance(item, str):
                is_remote = "://" in item or item.startswith(("github.com/", "git@"))
                yield item if is_remote else posixpath.normpath(posixpath.join(folder, item))


def _patches(folder: str, data: Mapping[str, Any]) -> Iterator[str]:
    yield from _paths(
        folder, data, ("patchesStrategicMerge", "patches", "transformers", "generators", "configurations")
    )
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


def _removed(folder: str, data: Mapping[str, Any], files: Mapping[str, FileContent]) -> Iterator[tuple[str, str]]:
    """Yield kind and name of the objects that strategic merge patches delete, inline ones and those in files."""
    texts = [text for _, text in strategic_merges(data)]
    for item in map(mapping, sequence(data.get("patches"))):
        texts += [value for key in ("patch", "path") if isinstance(value := item.get(key), str)]
    for text in texts:
        path = posixpath.normpath(posixpath.join(folder, text)) if "\n" not in text else ""
        patch = files.get(path) or (read_bytes("patch.yaml", text.encode()) if "$patch" in text else None)
        for document in patch.documents if patch else ():
            change = mapping(document.data)
            kind, name = change.get("kind"), mapping(change.get("metadata")).get("name")
            if change.get("$patch") == "delete" and isinstance(kind, str) and isinstance(name, str):
                yield kind, name


class Taken(NamedTuple):
    """What a kustomization takes in, its bases and components included.

    `files` maps each file to the namespace that the outermost kustomization around it gives, empty for none. `removed`
    holds kind and name of the objects that patches delete. `order` are the files of the kustomizations themselves, what
    takes in before what is taken in. `renamed` maps the files whose objects get other names to what is put around them.
    """

    files: Mapping[str, str]
    removed: frozenset[tuple[str, str]]
    order: tuple[str, ...] = ()
    renamed: Mapping[str, tuple[str, str]] = MappingProxyType({})


def closure(root: Kustomization, known: Mapping[str, Kustomization]) -> Taken:
    """Return what a kustomization takes in, those of its bases and components included."""
    files: dict[str, str] = {}
    removed: set[tuple[str, str]] = set()
    order: list[str] = []
    renamed: dict[str, tuple[str, str]] = {}
    waiting, seen = [(root, root.namespace, root.prefix, root.suffix)], {root.folder}
    while waiting:
        current, namespace, prefix, suffix = waiting.pop()
        files[current.file] = namespace
        order.append(current.file)
        removed |= current.removes
        for path in current.takes:
            if path not in known:
                files[path] = namespace
                if prefix or suffix:
                    renamed[path] = prefix, suffix
            elif path not in seen:
                seen.add(path)
                inner = known[path]
                around = prefix + inner.prefix, inner.suffix + suffix
                waiting.append((inner, namespace or inner.namespace, *around))
    return Taken(files, frozenset(removed), tuple(order), renamed)


class Change(NamedTuple):
    """The patches of one kustomization file, and the files whose objects they may be about."""

    file: str
    files: frozenset[str]
    patches: tuple[Patch, ...]


def changes(root: Kustomization, known: Mapping[str, Kustomization]) -> tuple[Change, ...]:
    """Return what the kustomizations below one change, in the order in which it happens: what is taken in comes first.

    A component changes what the kustomization that takes it in has (kustomize, components).
    """
    found: list[Change] = []
    waiting, seen = [(root, root, False)], {root.folder}
    while waiting:
        current, owner, is_done = waiting.pop()
        if is_done:
            if current.changes:
                found.append(Change(current.file, frozenset(closure(owner, known).files), current.changes))
            continue
        waiting.append((current, owner, True))
        for path in reversed(current.takes):
            inner = known.get(path)
            if inner is not None and path not in seen:
                seen.add(path)
                waiting.append((inner, owner if inner.component else inner, False))
    return tuple(found)


def roots(known: Mapping[str, Kustomization]) -> tuple[Kustomization, ...]:
    """Return the kustomizations that no other one takes in: what people build and apply."""
    taken = {path for item in known.values() for path in item.takes if path != item.folder}
    return tuple(item for folder, item in known.items() if folder not in taken)
