"""Definitions of custom resources (apiextensions-apiserver, pkg/apis/apiextensions/validation)."""

from __future__ import annotations

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    fields,
    formatted,
    not_empty,
    one_of,
)
from refarch_lint.model.field_values.formats import dns_label_1035, dns_subdomain
from refarch_lint.model.field_values.lists import unique_field
from refarch_lint.model.field_values.webhooks import CLIENT, ONE_CLIENT

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_INT_OR_STRING = "x-kubernetes-int-or-string"
_ANYTHING = "x-kubernetes-preserve-unknown-fields"


def _group(text: str) -> str | None:
    return dns_subdomain(text) or (None if "." in text else "which is not a domain with at least one dot")


def _kind(text: str) -> str | None:
    return dns_label_1035(text.lower())


def _two_kinds(node: Node, faults: Faults) -> None:
    kind, listed = node["kind"], node["listKind"]
    if kind.text is not None and kind.text == listed.text:
        faults.append(listed.fault(f"is {listed.text}, which is the kind itself"))


def _one_storage_version(node: Node, faults: Faults) -> None:
    versions = node["versions"]
    stored = [version for version in versions.items() if version["storage"].value is True]
    if isinstance(versions.value, list) and versions.value and len(stored) != 1:
        faults.append(versions.fault(f"has {len(stored)} storage versions, exactly one is required"))


def _pruning(node: Node, faults: Faults) -> None:
    if node["preserveUnknownFields"].value is True:
        says = f"is true, which apiextensions.k8s.io/v1 does not allow: write {_ANYTHING} in the schema"
        faults.append(node["preserveUnknownFields"].fault(says))


def _conversion(node: Node, faults: Faults) -> None:
    strategy, webhook = node["strategy"].text, node["webhook"]
    if strategy == "Webhook":
        if not webhook["conversionReviewVersions"].value:
            faults.append(webhook.missing("conversionReviewVersions", "is required with the strategy Webhook"))
        if not webhook.has("clientConfig"):
            faults.append(webhook.missing("clientConfig", "is required with the strategy Webhook"))
        else:
            ONE_CLIENT(webhook["clientConfig"], faults)
    elif strategy == "None" and webhook.value is not None:
        faults.append(webhook.fault("is not allowed with the strategy None"))


def _some_schema(node: Node, faults: Faults) -> None:
    schema = node.down("schema", "openAPIV3Schema")
    if isinstance(node.value, dict) and not isinstance(schema.value, dict):
        faults.append(node["schema"].missing("openAPIV3Schema"))


def _structural(node: Node, faults: Faults) -> None:
    """Every part of a schema says its type, so that what it does not name can be pruned."""
    if node["type"].text != "object":
        faults.append(node["type"].fault('must be "object" at the root of a schema'))
    waiting = [node]
    while waiting:
        schema = waiting.pop()
        if not isinstance(schema.value, dict):
            continue
        if schema is not node:
            _typed(schema, faults)
        waiting.extend(schema["properties"].entries())
        for key in ("items", "additionalProperties"):
            if key in schema.value:
                waiting.append(schema[key])


def _typed(schema: Node, faults: Faults) -> None:
    kind = schema["type"]
    if kind.value in (None, ""):
        if schema[_INT_OR_STRING].value is not True and schema[_ANYTHING].value is not True:
            faults.append(schema.missing("type", f"is required in a schema without {_INT_OR_STRING}"))
    elif schema[_INT_OR_STRING].value is True:
        faults.append(kind.fault(f"is not allowed together with {_INT_OR_STRING}"))
    elif kind.text == "array" and not schema.has("items"):
        faults.append(schema.missing("items", "is required in the schema of an array"))
    one_of(*_TYPES)(kind, faults)


def _column_path(text: str) -> str | None:
    return "which is no JSON path: it begins with a dot" if text[0].isalnum() else None


_VERSION: Check = fields(
    {
        "additionalPrinterColumns": each(
            fields(
                {
                    "jsonPath": all_of(formatted(_column_path), not_empty),
                    "name": not_empty,
                    "type": one_of("boolean", "date", "integer", "number", "string"),
                }
            )
        ),
        "name": all_of(formatted(dns_label_1035), not_empty),
        "schema": fields({"openAPIV3Schema": _structural}),
    },
    _some_schema,
)
_NAMES: Check = fields(
    {
        "categories": each(formatted(dns_label_1035)),
        "kind": all_of(formatted(_kind), not_empty),
        "listKind": formatted(_kind),
        "plural": all_of(formatted(dns_label_1035), not_empty),
        "shortNames": each(formatted(dns_label_1035)),
        "singular": formatted(dns_label_1035),
    },
    _two_kinds,
)

#: The spec of a CustomResourceDefinition.
DEFINITION: Check = fields(
    {
        "conversion": fields(
            {"strategy": one_of("None", "Webhook"), "webhook": fields({"clientConfig": CLIENT})}, _conversion
        ),
        "group": all_of(formatted(_group), not_empty),
        "names": _NAMES,
        "scope": one_of("Cluster", "Namespaced"),
        "versions": all_of(each(_VERSION), not_empty, unique_field("name", "is declared twice")),
    },
    _one_storage_version,
    _pruning,
)


def definition_name(node: Node, faults: Faults) -> None:
    """Refuse a definition whose name is not put together from its plural and its group."""
    plural, group, name = (
        node.down("spec", "names", "plural"),
        node.down("spec", "group"),
        node.down("metadata", "name"),
    )
    if plural.text and group.text and name.text and name.text != f"{plural.text}.{group.text}":
        faults.append(name.fault(f"is {name.text}, {plural.text}.{group.text} is required"))
