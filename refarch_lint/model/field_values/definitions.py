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
    shown,
)
from refarch_lint.model.field_values.formats import dns_label_1035, dns_subdomain
from refarch_lint.model.field_values.lists import unique_field
from refarch_lint.model.field_values.structural import ANYTHING, structural
from refarch_lint.model.field_values.webhooks import CLIENT, ONE_CLIENT

_APPROVAL = "api-approved.kubernetes.io"


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
        says = f"is true, which apiextensions.k8s.io/v1 does not allow: write {ANYTHING} in the schema"
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


def _scaled(node: Node, faults: Faults) -> None:
    """Replicas are counted in the spec and in the status."""
    for field, below in (
        ("specReplicasPath", (".spec.",)),
        ("statusReplicasPath", (".status.",)),
        ("labelSelectorPath", (".spec.", ".status.")),
    ):
        path = node[field]
        if path.text is not None and not path.text.startswith(below):
            faults.append(path.fault(f"is {shown(path.text)}, a path below {' or '.join(below)} is required"))


def approved(node: Node, faults: Faults) -> None:
    """Demand of the groups that belong to the Kubernetes community that their review is named."""
    group = node.down("spec", "group").text or ""
    if not f".{group}".endswith((".k8s.io", ".kubernetes.io")):
        return
    review = node.down("metadata", "annotations", _APPROVAL)
    if review.value in (None, ""):
        faults.append(review.fault(f"is missing, which the group {group} requires: the address of its review"))
    elif review.text is not None and not review.text.startswith(("https://", "http://", "unapproved")):
        faults.append(review.fault(f"is {shown(review.text)}, the address of a review or unapproved is required"))


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
        "schema": fields({"openAPIV3Schema": structural}),
        "subresources": fields({"scale": _scaled}),
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
