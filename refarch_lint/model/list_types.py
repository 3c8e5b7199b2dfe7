"""Lists of custom resources that are sets or maps: the API server refuses a second item of one identity.

The definition says which lists are which (`x-kubernetes-list-type` and `x-kubernetes-list-map-keys` of structural
schemas); a key that an item leaves out has its default.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from refarch_lint.location import Path, format_path
from refarch_lint.model.resource import dig, mapping, sequence

#: What a converted schema says of a list: `SET`, or the keys of a map with their defaults.
LIST_TYPE = "x-kubernetes-list-type"
MAP_KEYS = "x-kubernetes-list-map-keys"
SET = "set"

Repetition = tuple[Path, str]


def list_type(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a converted schema keeps of the type of a list, nothing for a list that is taken as a whole."""
    match schema.get(LIST_TYPE):
        case "set":
            return {LIST_TYPE: SET}
        case "map":
            keys = [key for key in sequence(schema.get(MAP_KEYS)) if isinstance(key, str)]
            return {MAP_KEYS: {key: dig(schema, "items", "properties", key, "default") for key in keys}} if keys else {}
    return {}


def has_list_types(schema: Any) -> bool:
    """Tell whether any list that a converted schema describes is a set or a map."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if LIST_TYPE in node or MAP_KEYS in node:
                return True
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return False


def repetitions(schema: Any, data: Any, path: Path = ()) -> Iterator[Repetition]:
    """Yield the path of every item that its list holds already, and what to say of it; values are not quoted."""
    if not isinstance(schema, dict):
        return
    if isinstance(data, dict):
        properties, others = mapping(schema.get("properties")), schema.get("additionalProperties")
        for key, value in data.items():
            yield from repetitions(properties.get(key, others), value, (*path, key))
    elif isinstance(data, list):
        yield from _repeated(schema, data, path)
        for index, item in enumerate(data):
            yield from repetitions(schema.get("items"), item, (*path, index))
    if "else" in schema:
        yield from repetitions(schema["else"], data, path)


def _repeated(schema: dict[str, Any], items: list[Any], path: Path) -> Iterator[Repetition]:
    keys = schema.get(MAP_KEYS)
    if schema.get(LIST_TYPE) != SET and not isinstance(keys, dict):
        return
    seen: dict[str, int] = {}
    for index, item in enumerate(items):
        if isinstance(keys, dict) and not isinstance(item, dict):
            continue
        identity = {key: item.get(key, default) for key, default in keys.items()} if isinstance(keys, dict) else item
        text = json.dumps(identity, sort_keys=True, default=str)
        first = seen.setdefault(text, index)
        if first != index:
            before, place = format_path((*path, first)), (*path, index)
            same = f"has the {' and '.join(keys)} of {before}" if isinstance(keys, dict) else f"is {before} once more"
            yield place, f"{format_path(place)} {same}, which is not allowed in this list"
