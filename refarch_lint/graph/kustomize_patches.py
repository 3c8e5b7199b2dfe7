"""Patches of kustomizations: which objects each is about, and where it is written."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from refarch_lint.graph.text_selectors import Term, parse_terms
from refarch_lint.location import Location, Path, Span, TextLine
from refarch_lint.model.resource import Resource, mapping, sequence, text_of
from refarch_lint.regex import regex
from refarch_lint.source.document import Document
from refarch_lint.source.loading import FileContent, read_bytes

_PATTERN = regex(r"\^?(?:[\w\-|]|\\[.\-]|\.[*+?]?|\((?:[\w\-|]|\\[.\-])*\))*\$?")
_REPEATED = regex(r"[*+?]")
_SCALED = regex(r"Deployment|StatefulSet|ReplicaSet|ReplicationController")


class Inline:
    """A patch written as a text inside a kustomization; its places are lines of that text."""

    def __init__(self, outer: Document, path: Path, inner: Document) -> None:
        self.file, self._outer, self._path, self._inner = outer.file, outer, path, inner

    def locate(self, path: Path) -> Location:
        """Return the line of the kustomization on which a value of the patch stands."""
        return self._line(self._inner.locate(path))

    def key_location(self, path: Path) -> Location:
        """Return the line of the kustomization on which a key of the patch stands."""
        return self._line(self._inner.key_location(path))

    def value_location(self, path: Path) -> Location:
        """Return the lines of the kustomization on which a value of the patch stands."""
        span = self._inner.value_location(path).span
        first, last = self._at(span.start.line), self._at(span.end.line)
        return Location(self.file, Span(first.span.start, last.span.end))

    def written(self, path: Path) -> str:
        """Return the text of a scalar of the patch as it is written."""
        return self._inner.written(path)

    def _line(self, inner: Location) -> Location:
        return self._at(inner.span.start.line)

    def _at(self, number: int) -> Location:
        return self._outer.locate((*self._path, TextLine(number - 1)))


class Target(NamedTuple):
    """Which objects a patch is about: patterns that match as a whole, None for any, and terms of selectors.

    One that is not `legible`, such as a pattern of an unusual form, is taken to mean none.
    """

    group: re.Pattern[str] | None = None
    version: re.Pattern[str] | None = None
    kind: re.Pattern[str] | None = None
    name: re.Pattern[str] | None = None
    namespace: re.Pattern[str] | None = None
    labels: tuple[Term, ...] = ()
    annotations: tuple[Term, ...] = ()
    legible: bool = True

    def matches(self, resource: Resource) -> bool:
        """Tell whether an object is meant."""
        if not self.legible:
            return False
        group, _, version = resource.api_version.rpartition("/")
        values = (group, version, resource.kind, resource.name, resource.namespace)
        patterns = (self.group, self.version, self.kind, self.name, self.namespace)
        if any(
            pattern is not None and not pattern.fullmatch(text) for pattern, text in zip(patterns, values, strict=True)
        ):
            return False
        return all(term.holds(resource.labels) for term in self.labels) and all(
            term.holds(resource.annotations) for term in self.annotations
        )


class Patch(NamedTuple):
    """One patch: a mapping to be merged or a list of operations, and what tells where its values stand.

    `entry` is the list and the position at which the kustomization says which objects it is about; None where the patch
    says so itself.
    """

    target: Target
    content: Any
    source: Document | Inline
    path: Path = ()
    entry: tuple[str, int] | None = None


def patches_in(folder: str, document: Document, files: Mapping[str, FileContent]) -> tuple[Patch, ...]:
    """Return the patches of a kustomization in the order in which they are applied (kustomize API reference)."""
    data = mapping(document.data)
    found: list[Patch] = []
    for path, merge in strategic_merges(data):
        found += _read(folder, document, path, merge, files, None)
    for field in ("patches", "patchesJson6902"):
        for index, entry in enumerate(map(mapping, sequence(data.get(field)))):
            target = _target(mapping(entry["target"])) if isinstance(entry.get("target"), dict) else None
            for key in ("patch", "path"):
                if isinstance(text := entry.get(key), str):
                    found += _read(folder, document, (field, index, key), text, files, target, (field, index))
    for index, entry in enumerate(map(mapping, sequence(data.get("replicas")))):
        name, count = entry.get("name"), entry.get("count")
        if isinstance(name, str) and isinstance(count, int):
            target = Target(kind=_SCALED, name=re.compile(re.escape(name)))
            operation = {"op": "add", "path": "/spec/replicas", "value": count}
            found.append(Patch(target, [operation], document, ("replicas", index, "count")))
    return tuple(found)


def strategic_merges(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield place and text of the patches that are given without more: a path, or the patch itself.

    Kustomize reads `patches` that are texts as it reads `patchesStrategicMerge` (FixKustomizationPreUnmarshalling).
    """
    for field in ("patchesStrategicMerge", "patches"):
        for index, item in enumerate(sequence(data.get(field))):
            if isinstance(item, str):
                yield (field, index), item


def _read(
    folder: str,
    document: Document,
    path: Path,
    text: str,
    files: Mapping[str, FileContent],
    target: Target | None,
    entry: tuple[str, int] | None = None,
) -> Iterator[Patch]:
    content = files.get(posixpath.normpath(posixpath.join(folder, text))) if "\n" not in text else None
    inline = content is None
    if content is None:
        content = read_bytes("patch.yaml", text.encode())
    for found in content.documents:
        source = Inline(document, path, found) if inline else found
        meant = target if target is not None else _own_target(found.data)
        if meant is not None and isinstance(found.data, (dict, list)):
            yield Patch(meant, found.data, source, (), entry if target is not None else None)


def _own_target(data: object) -> Target | None:
    """Return what a patch without a target is about: the object that it names."""
    change = mapping(data)
    version, kind, name = change.get("apiVersion"), change.get("kind"), mapping(change.get("metadata")).get("name")
    if not isinstance(kind, str) or not isinstance(name, str):
        return None
    group = version.rpartition("/")[0] if isinstance(version, str) else None
    return Target(
        re.compile(re.escape(group)) if group is not None else None,
        kind=re.compile(re.escape(kind)),
        name=re.compile(re.escape(name)),
    )


def _target(given: Mapping[str, Any]) -> Target:
    texts = [given.get(field) for field in ("group", "version", "kind", "name", "namespace")]
    if not all(map(_is_plain, texts)):
        return Target(legible=False)
    try:
        labels, annotations = (parse_terms(text_of(given.get(f"{what}Selector"))) for what in ("label", "annotation"))
    except ValueError:
        return Target(legible=False)
    group, version, kind, name, namespace = (re.compile(text) if text else None for text in texts)
    return Target(group, version, kind, name, namespace, labels, annotations)


def _is_plain(text: object) -> bool:
    """Tell whether a pattern is none or one of the usual form, which no name makes slow to match."""
    if not text:
        return True
    return isinstance(text, str) and bool(_PATTERN.fullmatch(text)) and len(_REPEATED.findall(text)) < 3
