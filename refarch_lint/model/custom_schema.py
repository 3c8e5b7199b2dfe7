"""Custom resources: from the OpenAPI schema of a definition, or a schema file, to a JSON Schema that decides alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refarch_lint.model.list_types import list_type
from refarch_lint.model.resource import dig, mapping, sequence

#: What says nothing about validity, or is asserted in another way below.
_SILENT = frozenset({"default", "description", "example", "externalDocs", "format", "nullable", "title"})
_NOT_STRUCTURAL = ("allOf", "anyOf", "oneOf")
_SUBSCHEMA_MAPS = ("$defs", "definitions", "patternProperties")
_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_EMBEDDED_HEAD: dict[str, Any] = {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"type": "object"},
}


def definition_schemas(definition: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield `(apiVersion, kind, schema)` for each version that a CustomResourceDefinition serves.

    Unknown fields are refused unless the definition preserves them, as the server's strict field validation does
    (apiextensions.k8s.io/v1, structural schemas; in v1beta1 preserving them is the default). A version without a schema
    accepts anything.
    """
    spec = mapping(definition.get("spec"))
    group, kind = spec.get("group"), dig(spec, "names", "kind")
    if not (isinstance(group, str) and isinstance(kind, str)):
        return
    legacy = definition.get("apiVersion") == "apiextensions.k8s.io/v1beta1"
    preserving = spec.get("preserveUnknownFields", legacy) is True
    shared = dig(spec, "validation", "openAPIV3Schema")
    versions = sequence(spec.get("versions")) or [{"name": spec.get("version")}]
    for version in versions:
        name = mapping(version).get("name")
        if isinstance(name, str) and mapping(version).get("served", True) is not False:
            schema = dig(version, "schema", "openAPIV3Schema")
            schema = schema if isinstance(schema, dict) else shared
            yield f"{group}/{name}", kind, custom_resource_schema(schema, preserving=preserving)


def custom_resource_schema(schema: Any, *, preserving: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of whole objects for the `openAPIV3Schema` of one version, or a schema for anything."""
    if not isinstance(schema, dict) or not schema:
        return {"type": "object"}
    whole: dict[str, Any] = convert(schema, closed=not preserving)
    whole["properties"] = mapping(whole.get("properties")) | _EMBEDDED_HEAD
    if "status" in whole["properties"]:
        whole["properties"]["status"] = {"type": ["object", "null"]}
        whole["required"] = [name for name in sequence(whole.get("required")) if name != "status"]
    return whole


def convert(schema: Any, *, closed: bool) -> Any:
    """Return a JSON Schema for an OpenAPI v3 schema with the Kubernetes extensions, or for a JSON Schema made from one.

    `closed` refuses fields that an object's schema does not name, where it does not say otherwise. Null is accepted
    for every optional field, and a required field with a default may be left out: the server sets defaults and drops
    null before it validates. Formats are not asserted, integer sizes are.
    """
    if not isinstance(schema, dict):
        return schema
    result = {key: value for key, value in schema.items() if key not in _SILENT and not key.startswith("x-")}
    result |= list_type(schema)
    if schema.get("x-kubernetes-int-or-string") is True or schema.get("format") == "int-or-string":
        result["type"] = ["integer", "string"]
        result.pop("anyOf", None)
        result.pop("oneOf", None)
    _bound(schema, result)
    _convert_children(schema, result, closed)
    if schema.get("nullable") is True:
        result = _or_null(result)
    return result


def _convert_children(schema: dict[str, Any], result: dict[str, Any], closed: bool) -> None:
    properties = schema.get("properties")
    required = frozenset(
        name
        for name in sequence(schema.get("required"))
        if isinstance(name, str) and "default" not in mapping(mapping(properties).get(name))
    )
    if "required" in result:
        result["required"] = sorted(required)
    if isinstance(properties, dict):
        result["properties"] = {
            name: convert(item, closed=closed) if name in required else _or_null(convert(item, closed=closed))
            for name, item in properties.items()
        }
    embedded = schema.get("x-kubernetes-embedded-resource") is True
    if embedded:
        result["properties"] = _EMBEDDED_HEAD | mapping(result.get("properties"))
        result["required"] = sorted({*required, "apiVersion", "kind"})
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        result["additionalProperties"] = _or_null(convert(extra, closed=closed))
    elif extra is None and closed and schema.get("type") == "object":
        result["additionalProperties"] = schema.get("x-kubernetes-preserve-unknown-fields") is True
    if result.get("additionalProperties") is False:
        result.setdefault("properties", {})
    if isinstance(schema.get("items"), dict):
        result["items"] = convert(schema["items"], closed=closed)
    for keyword in _NOT_STRUCTURAL:
        if isinstance(result.get(keyword), list):
            result[keyword] = [convert(item, closed=False) for item in result[keyword]]
    if "not" in result:
        result["not"] = convert(result["not"], closed=False)
    for keyword in _SUBSCHEMA_MAPS:
        if isinstance(result.get(keyword), dict):
            result[keyword] = {name: convert(item, closed=closed) for name, item in result[keyword].items()}


def _bound(schema: dict[str, Any], result: dict[str, Any]) -> None:
    """Set integer sizes as bounds and write OpenAPI's boolean exclusive bounds as numbers."""
    for exclusive, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            del result[exclusive]
            if flag and inclusive in result:
                result[exclusive] = result.pop(inclusive)
    size = schema.get("format")
    if schema.get("type") == "integer" and isinstance(size, str) and size in _BOUNDS:
        low, high = _BOUNDS[size]
        result.setdefault("minimum", low)
        result.setdefault("maximum", high)


def _or_null(schema: Any) -> Any:
    """Return `schema` with null allowed; combinators go into an `else`, so that their faults are told as they are."""
    if not isinstance(schema, dict) or not schema:
        return schema
    if any(keyword in schema for keyword in ("$ref", "const", "if", "not", *_NOT_STRUCTURAL)):
        return {"if": {"type": "null"}, "else": schema}
    result = dict(schema)
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        result["type"] = types if "null" in types else [*types, "null"]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        result["enum"] = [*schema["enum"], None]
    return result


def without_patterns(schema: Any) -> Any:
    """Return a schema without its `pattern` keywords, for those that the engine's regular expressions cannot read."""
    if isinstance(schema, dict):
        return {
            key: without_patterns(value)
            for key, value in schema.items()
            if not (key == "pattern" and isinstance(value, str))
        }
    return [without_patterns(item) for item in schema] if isinstance(schema, list) else schema
