"""What extends the API: admission webhooks and definitions of custom resources."""

from __future__ import annotations

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    at_most_one,
    each,
    fields,
    formatted,
    not_empty,
    one_of,
    unique_field,
    whole_number,
)
from refarch_lint.model.field_values.common import SELECTOR
from refarch_lint.model.field_values.formats import dns_subdomain

_OPERATIONS: Check = each(one_of("*", "CREATE", "UPDATE", "DELETE", "CONNECT"))
_WEBHOOK: dict[str, Check] = {
    "admissionReviewVersions": not_empty,
    "clientConfig": at_most_one("service", "url"),
    "failurePolicy": one_of("Fail", "Ignore"),
    "matchPolicy": one_of("Equivalent", "Exact"),
    "namespaceSelector": SELECTOR,
    "objectSelector": SELECTOR,
    "reinvocationPolicy": one_of("IfNeeded", "Never"),
    "rules": each(fields({"operations": _OPERATIONS, "scope": one_of("*", "Cluster", "Namespaced")})),
    "sideEffects": one_of("None", "NoneOnDryRun"),
    "timeoutSeconds": whole_number(1, 30),
}
WEBHOOKS: dict[str, Check] = {
    "webhooks": each(fields({"name": formatted(dns_subdomain), **_WEBHOOK}), unique_field("name"))
}


def _one_storage_version(node: Node, faults: Faults) -> None:
    versions = node["versions"]
    stored = [version for version in versions.items() if version["storage"].value is True]
    if isinstance(versions.value, list) and versions.value and len(stored) != 1:
        faults.append(versions.fault(f"has {len(stored)} storage versions, exactly one is required"))


DEFINITION: Check = fields(
    {
        "scope": one_of("Cluster", "Namespaced"),
        "versions": all_of(not_empty, unique_field("name", "is declared twice")),
    },
    _one_storage_version,
)


def definition_name(node: Node, faults: Faults) -> None:
    """A definition's name is put together from its plural and its group."""
    plural, group, name = (
        node.down("spec", "names", "plural"),
        node.down("spec", "group"),
        node.down("metadata", "name"),
    )
    if plural.text and group.text and name.text and name.text != f"{plural.text}.{group.text}":
        faults.append(name.fault(f"is {name.text}, {plural.text}.{group.text} is required"))


#: A PriorityClass.
PRIORITY_CLASS: dict[str, Check] = {"preemptionPolicy": one_of("Never", "PreemptLowerPriority")}
