"""What a schema finds wrong, in words: subject first, actual against required, free text never shown."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

from refarch_lint.location import Path, format_path
from refarch_lint.model.resource import dig, mapping
from refarch_lint.model.schema_engine import TOO_DEEP, Violation

_REFERENCE = "#/$defs/"
_NAMES = {
    "array": "a list",
    "boolean": "a boolean",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "a mapping",
    "string": "a string",
}
_LIMITS = {
    "minimum": "at least {limit} is required",
    "maximum": "at most {limit} is allowed",
    "exclusiveMinimum": "more than {limit} is required",
    "exclusiveMaximum": "less than {limit} is required",
    "multipleOf": "a multiple of {limit} is required",
    "minItems": "at least {limit} item(s) are required",
    "maxItems": "at most {limit} item(s) are allowed",
    "minLength": "at least {limit} character(s) are required",
    "maxLength": "at most {limit} character(s) are allowed",
    "minProperties": "at least {limit} field(s) are required",
    "maxProperties": "at most {limit} field(s) are allowed",
    "pattern": "text that matches {limit} is required",
}
_SHOWN_LENGTH = 60


class SchemaFault(NamedTuple):
    """One place where an object differs from its schema; `key` says that the field's name is wrong, not its value."""

    path: Path
    message: str
    key: bool = False


def explain(violations: tuple[Violation, ...], data: Any, schema: dict[str, Any]) -> tuple[SchemaFault, ...]:
    """Return the violations of `schema` by `data` as faults, in the order of their paths, each once.

    A field that is missing because its name is misspelt is told at that name.
    """
    faults = {fault: None for violation in violations for fault in _faults(violation, data, schema)}
    misspelt = {
        _missing((*path[:-1], meant)) for path, _, key in faults if key and (meant := _similar_field(path, schema))
    }
    return tuple(sorted(faults.keys() - misspelt, key=lambda fault: (_order(fault.path), fault.message)))


def _order(path: Path) -> list[tuple[bool, int, str]]:
    return [(isinstance(part, str), part if isinstance(part, int) else 0, str(part)) for part in path]


def _faults(violation: Violation, data: Any, schema: dict[str, Any]) -> Iterator[SchemaFault]:
    path, keyword, limit, _ = violation
    value = dig(data, *path)  # type: ignore[arg-type]
    match keyword:
        case "additionalProperties":
            yield SchemaFault((*path, limit), _unknown_field(path, limit, schema), key=True)
        case "required":
            yield _missing((*path, limit))
        case "type":
            yield SchemaFault(path, f"{_subject(path)} is {_kind_of(value)}, {_wanted(limit, value)}")
        case "enum" | "const":
            options = [option for option in (limit if keyword == "enum" else [limit]) if option is not None]
            listed = ", ".join(str(option) for option in options)
            choice = f"one of {listed}" if len(options) > 1 else listed
            yield SchemaFault(path, f"{_subject(path)} is {_shown(value)}, {choice} is required")
        case "anyOf" | "oneOf":
            yield from _choice_faults(violation, data, schema)
        case "falseSchema":
            yield SchemaFault(path, f"{_subject(path)} is not allowed here", key=bool(path))
        case "not":
            yield SchemaFault(path, f"{_subject(path)} combines fields or values that its schema excludes")
        case "uniqueItems":
            yield SchemaFault(path, f"{_subject(path)} holds the same item twice")
        case "depth":
            assert keyword == TOO_DEEP
            yield SchemaFault(path, f"{_subject(path)} is nested too deeply to be validated")
        case _ if keyword in _LIMITS:
            parts = "field(s)" if isinstance(value, dict) else "item(s)"
            shown = f" is {value}" if isinstance(value, int | float) else f" has {len(value)} {parts}"
            shown = shown if isinstance(value, int | float | list | dict) else ""
            ending = _LIMITS[keyword].format(limit=limit)
            yield SchemaFault(path, f"{_subject(path)}{shown}{',' if shown else ':'} {ending}")
        case _:
            yield SchemaFault(path, f"{_subject(path)} breaks the keyword {keyword} of its schema")


def _choice_faults(violation: Violation, data: Any, schema: dict[str, Any]) -> Iterator[SchemaFault]:
    """Tell which fields were to choose from, or what the only alternative of the value's own type finds wrong."""
    path, keyword, _, branches = violation
    missing = [item.limit for branch in branches for item in branch if item.keyword == "required" and item.path == path]
    if branches and all(branches) and missing and all(i.keyword == "required" for b in branches for i in b):
        names = ", ".join(dict.fromkeys(missing))
        yield SchemaFault(path, f"{_subject(path)} needs one of the fields {names}")
        return
    fitting = [
        branch for branch in branches if branch and not any(i.keyword == "type" and i.path == path for i in branch)
    ]
    if len(fitting) == 1 and all(branches):
        for item in fitting[0]:
            yield from _faults(item, data, schema)
        return
    if keyword == "oneOf" and not all(branches):
        yield SchemaFault(path, f"{_subject(path)} matches several of the forms of which its schema allows one")
        return
    types = [name for b in branches for i in b if i.keyword == "type" and i.path == path for name in i.limit]
    if types and not fitting:
        value = dig(data, *path)  # type: ignore[arg-type]
        yield SchemaFault(path, f"{_subject(path)} is {_kind_of(value)}, {_wanted(types, value)}")
        return
    yield SchemaFault(path, f"{_subject(path)} matches none of the forms that its schema allows")


def _subject(path: Path) -> str:
    return format_path(path) or "the object"


def _kind_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _wanted(types: list[str], value: Any) -> str:
    names = [_NAMES.get(name, name) for name in sorted(set(types)) if name != "null"]
    quoted = " (quote it)" if types and "string" in types and isinstance(value, bool | int | float) else ""
    return f"{' or '.join(names)} is required{quoted}"


def _shown(value: Any) -> str:
    if isinstance(value, str) and len(value) <= _SHOWN_LENGTH:
        return repr(value) if "'" not in value else f'"{value}"'
    return str(value) if isinstance(value, bool | int | float) else _kind_of(value)


def _missing(path: Path) -> SchemaFault:
    return SchemaFault(path, f"{format_path(path)} is required but missing")


def _similar_field(path: Path, schema: dict[str, Any]) -> str:
    """Return the field that an unknown one is probably meant to be, an empty text where none is like it."""
    folded = {field.lower(): field for field in fields_at(schema, path[:-1])}
    similar = get_close_matches(str(path[-1]).lower(), folded, n=1, cutoff=0.75)
    return folded[similar[0]] if similar else ""


def _unknown_field(path: Path, name: str, schema: dict[str, Any]) -> str:
    message = f"unknown field {format_path((*path, name))}"
    if similar := _similar_field((*path, name), schema):
        return f"{message}; did you mean {similar}?"
    known = fields_at(schema, path)
    for length in range(len(path) - 1, 0, -1):
        if isinstance(path[length - 1], str) and name in fields_at(schema, path[:length]):
            return f"{message}; {name} is a field of {format_path(path[:length])}"
    if isinstance(name, str) and path:
        deeper = [field for field in known if name in fields_at(schema, (*path, field))]
        if len(deeper) == 1:
            return f"{message}; {name} is a field of {format_path((*path, deeper[0]))}"
        listed = [field for field in known if name in fields_at(schema, (*path, field, 0))]
        if len(listed) == 1:
            return f"{message}; {name} is a field of each item of {format_path((*path, listed[0]))}"
    return message


def fields_at(schema: dict[str, Any], path: Path) -> tuple[str, ...]:
    """Return the names of the fields that a schema defines for the object at `path`."""
    node: Any = _resolved(schema, schema)
    for part in path:
        if isinstance(part, int):
            node = mapping(node).get("items")
        else:
            node = mapping(mapping(node).get("properties")).get(str(part), mapping(node).get("additionalProperties"))
        node = _resolved(node, schema)
    return tuple(mapping(mapping(node).get("properties")))


def _resolved(node: Any, schema: dict[str, Any]) -> Any:
    """Follow a reference into the bundle, and the `else` that holds what applies unless a value is null."""
    for _ in range(8):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            node = mapping(schema.get("$defs")).get(node["$ref"].removeprefix(_REFERENCE))
        elif isinstance(node, dict) and "else" in node:
            node = node["else"]
        else:
            break
    return node
