"""Strategic merge patches: what `kubectl` and kustomize make of an object and a patch of its own shape.

Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refarch_lint.graph.placed_values import PlacedValue

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


def merged(base: PlacedValue, change: PlacedValue, *, by_key: bool) -> PlacedValue:
    """Return an object with a change merged into it; `by_key` off, as for other APIs' kinds, replaces every list."""
    return _merged(base, change, by_key, "/")


def _merged(base: PlacedValue, change: PlacedValue, by_key: bool, name: str) -> PlacedValue:
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
        return PlacedValue(merged, base.source, base.path, gone)
    keys = _MERGE_KEYS.get(name, ()) if by_key else ()
    if keys and isinstance(base.data, list) and isinstance(change.data, list):
        return PlacedValue(_merged_items(base.data, change.data, keys), base.source, base.path)
    same = not isinstance(base.data, (dict, list)) and base.data == change.data and type(base.data) is type(change.data)
    return base if same else _without_directives(change)


def _merged_items(base: list[PlacedValue], change: list[PlacedValue], keys: tuple[str, ...]) -> list[PlacedValue]:
    """Return the items of the change, each merged with what has the same key, before those that it leaves alone."""
    items, added = list(base), list[PlacedValue]()
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


def _is_directive(item: PlacedValue) -> bool:
    return _replaces(item) or _entry(item, "$patch") == "delete"


def _replaces(item: PlacedValue) -> bool:
    return isinstance(item.data, dict) and len(item.data) == 1 and _entry(item, "$patch") == "replace"


def _entry(item: PlacedValue, key: str) -> Any:
    found = item.data.get(key) if isinstance(item.data, dict) else None
    return found.data if found is not None and not isinstance(found.data, (dict, list)) else None


def _without_directives(value: PlacedValue) -> PlacedValue:
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
    return PlacedValue(data, value.source, value.path)
