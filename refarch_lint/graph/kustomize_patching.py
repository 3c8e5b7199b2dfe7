"""An object with the patches of its kustomizations applied; each of its values still knows where it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from refarch_lint.graph.kustomize_patches import Inline, Patch
from refarch_lint.location import Location, Path
from refarch_lint.model.known import is_native_group
from refarch_lint.model.resource import Resource, sequence
from refarch_lint.source.document import Document

#: By which entries the items of a list are the same for a strategic merge; other lists are replaced (API reference).
#: A slash means the top of an object: a ServiceAccount's `imagePullSecrets` are replaced, those of a pod merged.
_MERGE_KEYS: Mapping[str, tuple[str, ...]] = {
    "/secrets": ("name",),
    "/webhooks": ("name",),
    "containers": ("name",),
    "env": ("name",),
    "ephemeralContainers": ("name",),
    "hostAliases": ("ip",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "ports": ("containerPort", "port", "protocol"),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
}


class Source(Protocol):
    """Something whose values have places."""

    def locate(self, path: Path) -> Location: ...

    def key_location(self, path: Path) -> Location: ...

    def written(self, path: Path) -> str: ...

    def value_location(self, path: Path) -> Location: ...


@dataclass(frozen=True, eq=False)
class Patched(Resource):
    """An object as patches leave it; `origins` are the values that stand elsewhere than in `base`, by path."""

    base: Resource | None = None
    origins: Mapping[Path, tuple[Source, Path]] = field(default_factory=dict)

    def locate(self, path: Path = ()) -> Location:
        source, own = self._origin(path)
        return source.locate(own)

    def key_location(self, path: Path) -> Location:
        source, own = self._origin(path)
        return source.key_location(own)

    def value_location(self, path: Path) -> Location:
        source, own = self._origin(path)
        return source.value_location(own)

    def written(self, path: Path) -> str:
        source, own = self._origin(path)
        return source.written(own)

    @property
    def files(self) -> frozenset[str]:
        """The files in which values stand that patches bring."""
        return frozenset(source.file for source, _ in self.origins.values() if isinstance(source, Document | Inline))

    def _origin(self, path: Path) -> tuple[Source, Path]:
        for length in range(len(path), 0, -1):
            if (found := self.origins.get(path[:length])) is not None:
                source, start = found
                return source, start + path[length:]
        assert self.base is not None
        return self.base, path


class _Value:
    """A value with where it is written; mappings and lists hold values again, `gone` is where keys were taken away."""

    __slots__ = ("data", "gone", "path", "source")

    def __init__(self, data: Any, source: Source, path: Path, gone: Mapping[str, _Value] | None = None) -> None:
        self.data, self.source, self.path, self.gone = data, source, path, gone or {}

    @classmethod
    def of(cls, data: Any, source: Source, path: Path) -> _Value:
        if isinstance(data, dict):
            return cls({key: cls.of(item, source, (*path, key)) for key, item in data.items()}, source, path)
        if isinstance(data, list):
            return cls([cls.of(item, source, (*path, index)) for index, item in enumerate(data)], source, path)
        return cls(data, source, path)


class _RefusedError(Exception):
    """A patch cannot be applied to an object."""


def patched(resource: Resource, patches: Iterable[Patch]) -> Resource:
    """Return an object as patches leave it, in their order; one that cannot be applied changes nothing."""
    value: _Value | None = None
    for patch in patches:
        if not patch.target.matches(resource):
            continue
        value = _Value.of(resource.data, resource, ()) if value is None else value
        try:
            if isinstance(patch.content, dict):
                change = _Value.of(_without_identity(patch.content), patch.source, patch.path)
                value = _merged(value, change, is_native_group(resource.group), "/")
            else:
                value = _operated(value, patch)
        except _RefusedError:
            continue
    if value is None:
        return resource
    origins: dict[Path, tuple[Source, Path]] = {}
    data = _plain(value, (), (resource, ()), origins)
    if not origins and data == resource.data:
        return resource
    return Patched(
        resource.document,
        resource.root,
        data,
        resource.id,
        resource.api_version,
        resource.namespace_declared,
        resource,
        origins,
    )


def _without_identity(change: dict[str, Any]) -> dict[str, Any]:
    """Return a patch without what says which object it is about, which it cannot change."""
    rest = {key: value for key, value in change.items() if key not in ("apiVersion", "kind")}
    if isinstance(metadata := rest.get("metadata"), dict):
        rest["metadata"] = {key: value for key, value in metadata.items() if key not in ("name", "namespace")}
    return rest


def _plain(value: _Value, at: Path, expected: tuple[Source, Path], origins: dict[Path, tuple[Source, Path]]) -> Any:
    """Return a value as plain data; what stands elsewhere than what holds it is noted in `origins`."""
    own: tuple[Source, Path] = (value.source, value.path)
    if own[0] is not expected[0] or own[1] != expected[1]:
        origins[at] = own
    if isinstance(value.data, dict):
        origins.update({(*at, key): (item.source, item.path) for key, item in value.gone.items()})
        return {key: _plain(item, (*at, key), (own[0], (*own[1], key)), origins) for key, item in value.data.items()}
    if isinstance(value.data, list):
        return [
            _plain(item, (*at, index), (own[0], (*own[1], index)), origins) for index, item in enumerate(value.data)
        ]
    return value.data


def _merged(base: _Value, change: _Value, by_key: bool, name: str) -> _Value:
    """Merge a change into a value as kubectl does: null removes, lists of known form are merged by key."""
    if isinstance(base.data, dict) and isinstance(change.data, dict):
        directive = change.data.get("$patch")
        if directive is not None and directive.data == "replace":
            return _without_directives(change)
        merged, gone = dict(base.data), dict(base.gone)
        for key, item in change.data.items():
            if isinstance(key, str) and key.startswith("$"):
                continue
            if item.data is None:
                merged.pop(key, None)
                gone[key] = item
            else:
                inner = f"/{key}" if name == "/" else str(key)
                merged[key] = _merged(merged[key], item, by_key, inner) if key in merged else _without_directives(item)
        return _Value(merged, base.source, base.path, gone)
    keys = _MERGE_KEYS.get(name, ()) if by_key else ()
    if keys and isinstance(base.data, list) and isinstance(change.data, list):
        return _Value(_merged_items(base.data, change.data, keys), base.source, base.path)
    same = not isinstance(base.data, (dict, list)) and base.data == change.data and type(base.data) is type(change.data)
    return base if same else _without_directives(change)


def _merged_items(base: list[_Value], change: list[_Value], keys: tuple[str, ...]) -> list[_Value]:
    """Return the items of the change, each merged with what has the same key, before those that it leaves alone."""
    items, added = list(base), list[_Value]()
    if any(map(_replaces, change)):
        items, change = [], [item for item in change if not _replaces(item)]
    for item in change:
        meant = [_entry(item, key) for key in keys]
        known = [[_entry(other, key) for key in keys] for other in items]
        at = known.index(meant) if any(meant) and meant in known else None
        if _entry(item, "$patch") == "delete":
            items = items if at is None else items[:at] + items[at + 1 :]
        elif at is not None:
            added.append(_merged(items.pop(at), item, True, ""))
        elif [None if key == "protocol" else value for key, value in zip(keys, meant, strict=True)] not in known:
            added.append(_without_directives(item))
    return added + items


def _is_directive(item: _Value) -> bool:
    return _replaces(item) or _entry(item, "$patch") == "delete"


def _replaces(item: _Value) -> bool:
    return isinstance(item.data, dict) and len(item.data) == 1 and _entry(item, "$patch") == "replace"


def _entry(item: _Value, key: str) -> Any:
    found = item.data.get(key) if isinstance(item.data, dict) else None
    return found.data if found is not None and not isinstance(found.data, (dict, list)) else None


def _without_directives(value: _Value) -> _Value:
    if isinstance(value.data, dict):
        data: Any = {
            key: _without_directives(item)
            for key, item in value.data.items()
            if not (isinstance(key, str) and key.startswith("$")) and item.data is not None
        }
    elif isinstance(value.data, list):
        data = [_without_directives(item) for item in value.data if not _is_directive(item)]
    else:
        return value
    return _Value(data, value.source, value.path)


def _operated(value: _Value, patch: Patch) -> _Value:
    """Apply the operations of a JSON patch (RFC 6902); one that cannot be done refuses the whole patch.

    What `test` asks holds: kustomize builds nothing otherwise.
    """
    for index, step in enumerate(sequence(patch.content)):
        operation = step if isinstance(step, dict) else {}
        action, target = str(operation.get("op")), _pointer(operation.get("path"))
        where = "value" if "value" in operation else "path"
        new = _Value.of(operation.get("value"), patch.source, patch.path or (index, where))
        if action in ("copy", "move"):
            start = _pointer(operation.get("from"))
            new = _found(value, start)
            value = _changed(value, start, "remove", new) if action == "move" else value
            action = "add"
        if action != "test":
            value = _changed(value, target, action, new)
    return value


def _pointer(text: object) -> list[str]:
    if not isinstance(text, str) or not text.startswith("/"):
        raise _RefusedError
    return [step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/")]


def _found(value: _Value, steps: list[str]) -> _Value:
    for step in steps:
        if isinstance(value.data, dict) and step in value.data:
            value = value.data[step]
        elif isinstance(value.data, list) and step.isascii() and step.isdigit() and int(step) < len(value.data):
            value = value.data[int(step)]
        else:
            raise _RefusedError
    return value


def _changed(value: _Value, steps: list[str], operation: str, new: _Value) -> _Value:
    step, rest = steps[0], steps[1:]
    if isinstance(value.data, dict):
        entries, gone = dict(value.data), dict(value.gone)
        if rest:
            if step not in entries:
                raise _RefusedError
            entries[step] = _changed(entries[step], rest, operation, new)
        elif operation == "add" or (operation == "replace" and step in entries):
            entries[step] = new
        elif operation == "remove" and step in entries:
            del entries[step]
            gone[step] = new
        else:
            raise _RefusedError
        return _Value(entries, value.source, value.path, gone)
    if not isinstance(value.data, list):
        raise _RefusedError
    items = list(value.data)
    at = len(items) if step == "-" else int(step) if step.isascii() and step.isdigit() else -1
    if not 0 <= at <= len(items) or (at == len(items) and (rest or operation != "add")):
        raise _RefusedError
    if rest:
        items[at] = _changed(items[at], rest, operation, new)
    elif operation == "add":
        items.insert(at, new)
    elif operation == "replace":
        items[at] = new
    elif operation == "remove":
        del items[at]
    else:
        raise _RefusedError
    return _Value(items, value.source, value.path)
