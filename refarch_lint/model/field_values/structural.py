"""Structural schemas of custom resources (apiextensions-apiserver, pkg/apiserver/schema, ValidateStructural)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refarch_lint.model.field_values.check import Faults, Node, one_of, shown
from refarch_lint.model.field_values.lists import no_repetition

INT_OR_STRING = "x-kubernetes-int-or-string"
ANYTHING = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
_LIST_TYPE = "x-kubernetes-list-type"
_MAP_KEYS = "x-kubernetes-list-map-keys"
_MAP_TYPE = "x-kubernetes-map-type"

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_SCALARS = ("boolean", "integer", "number", "string")
_JUNCTORS = ("allOf", "anyOf", "oneOf")
#: What JSON Schema has and schemas of custom resources have not.
_REFERENCE = "$ref"
_UNSUPPORTED = (_REFERENCE, "definitions", "dependencies", "id", "patternProperties")
#: What the schema itself says, and no alternative within it.
_SAID_ONCE = ("additionalProperties", "default", "description", "nullable", "title", "type")
#: Looking ahead and behind, which the API server's regular expressions (RE2) do not know.
_LOOKS_AROUND = ("(?=", "(?!", "(?<=", "(?<!")
_REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")
_IN_METADATA = ("generateName", "name")


def structural(node: Node, faults: Faults) -> None:
    """Check a whole schema: every part of it says its type, so that what it does not name can be pruned."""
    if node["type"].text != "object" and not node.has(_REFERENCE):
        faults.append(node["type"].fault('must be "object" at the root of a schema'))
    if node["nullable"].value is True:
        faults.append(node["nullable"].fault("is not allowed at the root of a schema"))
    for entry in node["properties"]["metadata"]["properties"].entries():
        if entry.key not in _IN_METADATA:
            faults.append(entry.fault("is not allowed: of metadata only name and generateName can be restricted"))
    waiting = [node]
    while waiting:
        schema = waiting.pop()
        if not isinstance(schema.value, dict):
            continue
        if schema is not node and not schema.has(_REFERENCE):
            _typed(schema, faults)
        _supported(schema, faults)
        _validations(schema, faults)
        _of_a_list(schema, faults)
        _embedded(schema, faults)
        _default_fits(schema, faults)
        for alternative in _alternatives(schema):
            _narrows(alternative, schema, faults)
        waiting.extend(schema["properties"].entries())
        waiting.extend(schema[key] for key in ("items", "additionalProperties") if key in schema.value)


def _typed(schema: Node, faults: Faults) -> None:
    kind = schema["type"]
    if kind.value in (None, ""):
        if schema[INT_OR_STRING].value is not True and schema[ANYTHING].value is not True:
            faults.append(schema.missing("type", f"is required in a schema without {INT_OR_STRING}"))
    elif schema[INT_OR_STRING].value is True:
        faults.append(kind.fault(f"is not allowed together with {INT_OR_STRING}"))
    elif kind.text == "array" and not schema.has("items"):
        faults.append(schema.missing("items", "is required in the schema of an array"))
    one_of(*_TYPES)(kind, faults)


def _supported(schema: Node, faults: Faults) -> None:
    faults.extend(schema[key].fault("is not supported in a definition") for key in _UNSUPPORTED if schema.has(key))
    if schema["uniqueItems"].value is True:
        faults.append(schema["uniqueItems"].fault(f"is not allowed: {_LIST_TYPE} set says the same"))
    if isinstance(schema["items"].value, list):
        faults.append(schema["items"].fault("is a list; one schema for all items is required"))
    others = schema["additionalProperties"]
    if others.value not in (None, True) and schema["properties"].value:
        faults.append(others.fault("is not allowed together with properties; fields that are unknown are pruned"))
    if schema[ANYTHING].value is False:
        faults.append(schema[ANYTHING].fault("is false; it is true or left out"))
    if why := _no_pattern(schema["pattern"].value):
        faults.append(schema["pattern"].fault(why))


def _validations(schema: Node, faults: Faults) -> None:
    """What is asked of the rules of validation beside their language."""
    for item in schema["x-kubernetes-validations"].items():
        rule, message = item["rule"], item["message"]
        if not str(rule.value or "").strip():
            faults.append(item.missing("rule"))
        elif message.value is None and isinstance(rule.value, str) and "\n" in rule.value.strip():
            faults.append(item.missing("message", "is required with a rule of several lines"))
        if isinstance(message.value, str) and "\n" in message.value.strip():
            faults.append(message.fault("has several lines, one is allowed"))
        one_of(*_REASONS)(item["reason"], faults)


def _no_pattern(pattern: object) -> str | None:
    """Tell why a text is no regular expression of the API server (RE2), as far as its brackets show it."""
    if not isinstance(pattern, str):
        return None
    depth = at = 0
    while at < len(pattern):
        match pattern[at]:
            case "\\":
                end = pattern.find("\\E", at) if pattern.startswith("\\Q", at) else at
                at = len(pattern) if end < 0 else end + 1
            case "[":
                at = _end_of_class(pattern, at)
                if at >= len(pattern):
                    return "has a [ that nothing closes"
            case "(" if pattern.startswith(_LOOKS_AROUND, at):
                return "looks ahead or behind, which the regular expressions of the API server cannot"
            case "(":
                depth += 1
            case ")":
                depth -= 1
                if depth < 0:
                    return "has a ) that closes nothing"
        at += 1
    return "has a ( that nothing closes" if depth else None


def _end_of_class(pattern: str, at: int) -> int:
    """Return where the class of characters that begins at a bracket ends; a bracket that comes first is a character."""
    at += 2 if pattern.startswith("[^", at) else 1
    first = at
    while at < len(pattern) and (pattern[at] != "]" or at == first):
        named = pattern.find(":]", at) if pattern.startswith("[:", at) else -1
        at = named + 2 if named > 0 else at + (2 if pattern[at] == "\\" else 1)
    return at


def _of_a_list(schema: Node, faults: Faults) -> None:
    kind, keys, items = schema[_LIST_TYPE], schema[_MAP_KEYS], schema["items"]
    one_of("atomic", "map", "set")(kind, faults)
    one_of("atomic", "granular")(schema[_MAP_TYPE], faults)
    for extension, wanted in ((kind, "array"), (schema[_MAP_TYPE], "object")):
        if extension.text is not None and schema["type"].text not in (wanted, None):
            faults.append(extension.fault(f"is allowed only where type is {wanted}"))
    if keys.value and kind.text != "map":
        faults.append(keys.fault(f"is allowed only where {_LIST_TYPE} is map"))
    elif kind.text == "map":
        _map_keys(schema, faults)
    elif kind.text == "set" and not _is_comparable(items):
        faults.append(items.fault("must be of scalars, or of lists and objects that are atomic, to be a set"))


def _map_keys(schema: Node, faults: Faults) -> None:
    keys, items = schema[_MAP_KEYS], schema["items"]
    if not keys.value:
        faults.append(schema.missing(_MAP_KEYS, f"is required where {_LIST_TYPE} is map"))
    if items["type"].text not in ("object", None):
        faults.append(items["type"].fault(f"is {items['type'].text}, object is required where {_LIST_TYPE} is map"))
        return
    no_repetition(keys, faults)
    required = items["required"].value
    for key in keys.items():
        named = items["properties"][key.text or ""]
        if key.text is None:
            continue
        if not isinstance(named.value, dict):
            faults.append(key.fault(f"is {shown(key.text)}, which is no property of the items"))
        elif named["type"].text not in (*_SCALARS, None):
            faults.append(key.fault(f"is {shown(key.text)}, which is no scalar"))
        elif not named.has("default") and not (isinstance(required, list) and key.text in required):
            faults.append(key.fault(f"is {shown(key.text)}, which is neither required of the items nor has a default"))


def _is_comparable(items: Node) -> bool:
    kind = items["type"].text
    if kind == "array":
        return items[_LIST_TYPE].text in ("atomic", None)
    return kind != "object" or items[_MAP_TYPE].text == "atomic"


def _embedded(schema: Node, faults: Faults) -> None:
    if schema[_EMBEDDED].value is not True:
        return
    kind = schema["type"].text
    if kind not in ("object", None):
        faults.append(schema["type"].fault(f"is {kind}, object is required with {_EMBEDDED}"))
    elif not schema["properties"].value and schema[ANYTHING].value is not True:
        faults.append(schema.missing("properties", f"is required with {_EMBEDDED} and without {ANYTHING}"))


def _default_fits(schema: Node, faults: Faults) -> None:
    default, kind, options = schema["default"], schema["type"].text, schema["enum"].value
    if default.value is None or kind is None:
        return
    if kind in _TYPES and not _is_of(default.value, kind):
        faults.append(default.fault(f"is not of the type {kind}"))
    elif isinstance(options, list) and kind == "string" and default.value not in options:
        faults.append(default.fault("is none of the options in enum"))


def _is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    wanted: dict[str, tuple[type, ...]] = {
        "array": (list,),
        "boolean": (),
        "integer": (int,),
        "number": (int, float),
        "object": (dict,),
        "string": (str,),
    }
    return isinstance(value, wanted[kind]) or (kind == "integer" and isinstance(value, float) and value.is_integer())


def _alternatives(schema: Node) -> Iterator[Node]:
    for junctor in _JUNCTORS:
        yield from schema[junctor].items()
    if schema.has("not"):
        yield schema["not"]


def _narrows(alternative: Node, schema: Node, faults: Faults) -> None:
    """An alternative restricts what the schema itself describes and describes nothing more."""
    if not isinstance(alternative.value, dict):
        return
    for key in _SAID_ONCE:
        if alternative.has(key) and not (key == "type" and schema[INT_OR_STRING].value is True):
            faults.append(alternative[key].fault("is not allowed here: the schema itself says it"))
    for part in alternative["properties"].entries():
        described = schema["properties"][str(part.key)]
        if isinstance(described.value, dict):
            _narrows(part, described, faults)
        elif isinstance(schema["additionalProperties"].value, dict):
            _narrows(part, schema["additionalProperties"], faults)
        else:
            faults.append(part.fault("is no property of the schema itself"))
    if isinstance(alternative["items"].value, dict) and isinstance(schema["items"].value, dict):
        _narrows(alternative["items"], schema["items"], faults)
    for deeper in _alternatives(alternative):
        _narrows(deeper, schema, faults)
