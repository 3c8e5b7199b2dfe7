"""Schemas of custom resources: what the API server refuses in a definition, each at its place, and what it accepts."""

from __future__ import annotations

from typing import Any

import pytest

from refarch_lint.location import format_path
from refarch_lint.model.field_values import value_faults

Data = dict[str, Any]
ROOT = "spec.versions[0].schema.openAPIV3Schema"
TEXT: Data = {"type": "string"}
ITEMS: Data = {"type": "object", "required": ["a"], "properties": {"a": TEXT, "b": TEXT, "c": {"type": "object"}}}
ANYTHING = "x-kubernetes-preserve-unknown-fields"
EITHER = "x-kubernetes-int-or-string"
EMBEDDED = "x-kubernetes-embedded-resource"


def definition(schema: Data, group: str = "example.com", **metadata: Any) -> Data:
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}", **metadata},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "things", "singular": "thing", "kind": "Thing"},
            "versions": [version],
        },
    }


def whole(part: Data) -> Data:
    return definition({"type": "object", "properties": {"spec": part}})


def listed(kind: str, items: Data | None = None, *keys: str) -> Data:
    schema: Data = {"type": "array", "x-kubernetes-list-type": kind, "items": items or TEXT}
    return schema | ({"x-kubernetes-list-map-keys": list(keys)} if keys else {})


def ruled(**rule: Any) -> Data:
    return {"type": "object", "x-kubernetes-validations": [rule]}


REFUSED: list[tuple[Data, str, str]] = [
    ({"type": "object", "$ref": "#/a"}, "['$ref']", "is not supported in a definition"),
    ({"$ref": "#/a"}, "['$ref']", "is not supported in a definition"),
    ({"type": "object", "patternProperties": {"a": TEXT}}, ".patternProperties", "is not supported in a definition"),
    ({"type": "array", "uniqueItems": True, "items": TEXT}, ".uniqueItems", "x-kubernetes-list-type set says the same"),
    ({"type": "array", "items": [TEXT]}, ".items", "one schema for all items is required"),
    (
        {"type": "object", "properties": {"a": TEXT}, "additionalProperties": TEXT},
        ".additionalProperties",
        "properties",
    ),
    ({"type": "object", "properties": {"a": TEXT}, "additionalProperties": False}, ".additionalProperties", "pruned"),
    ({"type": "object", ANYTHING: False}, f".{ANYTHING}", "it is true or left out"),
    ({"type": "string", "pattern": "^(a"}, ".pattern", "has a ( that nothing closes"),
    ({"type": "string", "pattern": "a)"}, ".pattern", "has a ) that closes nothing"),
    ({"type": "string", "pattern": "[a"}, ".pattern", "has a [ that nothing closes"),
    ({"type": "string", "pattern": "^(?!a)"}, ".pattern", "looks ahead or behind"),
    ({"type": "string", "default": 1}, ".default", "is not of the type string"),
    ({"type": "integer", "default": True}, ".default", "is not of the type integer"),
    ({"type": "string", "enum": ["a"], "default": "b"}, ".default", "is none of the options in enum"),
    ({"type": "object", "anyOf": [{"type": "object"}]}, ".anyOf[0].type", "the schema itself says it"),
    ({"type": "object", "not": {"description": "a"}}, ".not.description", "the schema itself says it"),
    (
        {"type": "object", "properties": {"a": TEXT}, "oneOf": [{"properties": {"b": {"minLength": 1}}}]},
        ".oneOf[0].properties.b",
        "is no property of the schema itself",
    ),
    (
        {
            "type": "object",
            "properties": {"a": TEXT},
            "allOf": [{"anyOf": [{"properties": {"a": {"type": "string"}}}]}],
        },
        ".allOf[0].anyOf[0].properties.a.type",
        "the schema itself says it",
    ),
    (listed("bag"), ".x-kubernetes-list-type", "one of atomic, map, set is required"),
    ({"type": "string", "x-kubernetes-list-type": "set"}, ".x-kubernetes-list-type", "only where type is array"),
    ({"type": "string", "x-kubernetes-map-type": "atomic"}, ".x-kubernetes-map-type", "only where type is object"),
    (listed("map", ITEMS), ".x-kubernetes-list-map-keys", "is required where x-kubernetes-list-type is map"),
    (listed("set", None, "a"), ".x-kubernetes-list-map-keys", "only where x-kubernetes-list-type is map"),
    (listed("map", TEXT, "a"), ".items.type", "object is required where x-kubernetes-list-type is map"),
    (listed("map", ITEMS, "d"), ".x-kubernetes-list-map-keys[0]", "is no property of the items"),
    (listed("map", ITEMS, "b"), ".x-kubernetes-list-map-keys[0]", "neither required of the items nor has a default"),
    (listed("map", ITEMS, "c"), ".x-kubernetes-list-map-keys[0]", "is no scalar"),
    (listed("map", ITEMS, "a", "a"), ".x-kubernetes-list-map-keys[1]", "is in this list already"),
    (listed("set", ITEMS), ".items", "to be a set"),
    ({"type": "string", EMBEDDED: True}, ".type", "object is required with x-kubernetes-embedded-resource"),
    ({"type": "object", EMBEDDED: True}, ".properties", "is required with x-kubernetes-embedded-resource"),
    (ruled(rule=" "), ".x-kubernetes-validations[0].rule", "is required but missing"),
    (ruled(rule="a\nb"), ".x-kubernetes-validations[0].message", "is required with a rule of several lines"),
    (ruled(rule="a", message="a\nb"), ".x-kubernetes-validations[0].message", "one is allowed"),
    (ruled(rule="a", reason="Bad"), ".x-kubernetes-validations[0].reason", "FieldValueInvalid"),
]


@pytest.mark.parametrize(("part", "path", "says"), REFUSED, ids=[path for _, path, _ in REFUSED])
def test_a_refused_schema_is_told_once_at_its_place(part: Data, path: str, says: str) -> None:
    (fault,) = value_faults(whole(part))
    assert format_path(fault.path) == f"{ROOT}.properties.spec{path}"
    assert says in fault.message


def test_a_reference_at_the_root_is_told_once() -> None:
    (fault,) = value_faults(definition({"$ref": "#/a"}))
    assert format_path(fault.path) == f"{ROOT}['$ref']"


ACCEPTED: list[Data] = [
    {"type": "object", "additionalProperties": False},
    {"type": "object", "additionalProperties": True, "properties": {"a": TEXT}},
    {"type": "object", "additionalProperties": TEXT},
    {EITHER: True, "anyOf": [{"type": "integer"}, {"type": "string"}], "pattern": r"^[0-9]+\(?=$"},
    {EITHER: True, "allOf": [{"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"pattern": "[(?=]"}]},
    {"type": "string", "pattern": r"[]\]a[:alpha:]]\Q((\E(?P<name>a)"},
    {"type": "string", "default": "a", "enum": ["a"], "nullable": True},
    {"type": "number", "default": 1},
    {"type": "integer", "default": 1.0},
    {
        "type": "object",
        "properties": {"a": TEXT, "b": TEXT},
        "oneOf": [
            {"not": {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}},
            {"properties": {"a": {"minLength": 1}}},
        ],
    },
    {"type": "object", "additionalProperties": TEXT, "anyOf": [{"properties": {"a": {"minLength": 1}}}]},
    listed("set"),
    listed("set", {"type": "object", "x-kubernetes-map-type": "atomic"}),
    listed("map", ITEMS, "a"),
    listed("map", {"type": "object", "properties": {"a": TEXT | {"default": "x"}}}, "a"),
    {"type": "object", EMBEDDED: True, ANYTHING: True},
    ruled(rule="self.a\n> 0", message="a is above 0", reason="FieldValueInvalid"),
]


@pytest.mark.parametrize("part", ACCEPTED, ids=range(len(ACCEPTED)))
def test_an_accepted_schema_has_no_faults(part: Data) -> None:
    assert value_faults(whole(part)) == ()


def test_what_is_asked_of_the_root_alone() -> None:
    labels = {"type": "object", "properties": {"labels": {"type": "object"}, "name": TEXT}}
    schema = {"type": "object", "nullable": True, "properties": {"metadata": labels}}
    assert [format_path(fault.path) for fault in value_faults(definition(schema))] == [
        f"{ROOT}.nullable",
        f"{ROOT}.properties.metadata.properties.labels",
    ]


@pytest.mark.parametrize(
    ("group", "annotation", "is_refused"),
    [
        ("example.com", None, False),
        ("notk8s.io", None, False),
        ("things.k8s.io", None, True),
        ("things.kubernetes.io", "later", True),
        ("things.k8s.io", "https://github.com/kubernetes/enhancements/pull/1111", False),
        ("things.k8s.io", "unapproved, experimental-only", False),
    ],
)
def test_groups_of_the_community_name_their_review(group: str, annotation: str | None, is_refused: bool) -> None:
    annotations = {"api-approved.kubernetes.io": annotation} if annotation else {}
    faults = value_faults(definition({"type": "object"}, group, annotations=annotations))
    path = "metadata.annotations['api-approved.kubernetes.io']"
    assert [format_path(fault.path) for fault in faults] == [path] * is_refused


def test_replicas_are_counted_below_spec_and_status() -> None:
    data = definition({"type": "object"})
    scale = {
        "specReplicasPath": "spec.replicas",
        "statusReplicasPath": ".spec.replicas",
        "labelSelectorPath": ".spec.s",
    }
    data["spec"]["versions"][0]["subresources"] = {"scale": scale}
    prefix = "spec.versions[0].subresources.scale"
    found = [format_path(fault.path) for fault in value_faults(data)]
    assert found == [f"{prefix}.specReplicasPath", f"{prefix}.statusReplicasPath"]


@pytest.mark.parametrize("hostile", [None, 1, "a", True, [], [None], {}, {"a": []}], ids=str)
def test_any_type_anywhere_is_no_crash(hostile: Any) -> None:
    for part in (*(part for part, _, _ in REFUSED), *ACCEPTED):
        for key in part:
            assert isinstance(value_faults(whole(part | {key: hostile})), tuple)
        described: list[Data] = [{"properties": hostile}, {"required": hostile, "properties": {"a": hostile}}]
        for items in described:
            assert isinstance(value_faults(whole(part | {"items": items})), tuple)
