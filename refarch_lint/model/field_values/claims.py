"""Claims of volumes: as objects, as templates of a StatefulSet and of a pod's own volumes."""

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
    required,
)
from refarch_lint.model.field_values.common import LABELLED, QUANTITIES, SELECTOR, positive_quantity
from refarch_lint.model.field_values.formats import dns_subdomain

_ACCESS_MODES: Check = each(one_of("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"))


def _single_pod_alone(node: Node, faults: Faults) -> None:
    modes = node["accessModes"].value
    if isinstance(modes, list) and "ReadWriteOncePod" in modes and len(modes) > 1:
        faults.append(node["accessModes"].fault("holds ReadWriteOncePod, which is not allowed with other modes"))


#: What claims and volumes have in common, by field and as a whole.
CLAIMED: dict[str, Check] = {
    "accessModes": _ACCESS_MODES,
    "storageClassName": formatted(dns_subdomain),
    "volumeMode": one_of("Block", "Filesystem"),
}
CLAIMED_WHOLE: tuple[Check, ...] = (required("accessModes"), _single_pod_alone)


def _storage_requested(node: Node, faults: Faults) -> None:
    requests = node.down("resources", "requests")
    if not requests.has("storage"):
        faults.append(requests.missing("storage"))


def _known_source(node: Node, faults: Faults) -> None:
    """Data of the core group comes from another claim; anything else needs the group of its kind."""
    kind, group = node["kind"].text, node["apiGroup"].value
    if kind is not None and group in (None, "") and kind != "PersistentVolumeClaim":
        faults.append(node["kind"].fault(f"is {kind}, which is no kind of the core group: apiGroup is required"))
    if node.has("namespace") and node["namespace"].value != "" and node.key == "dataSource":
        faults.append(node["namespace"].fault("is allowed only in dataSourceRef"))


_SOURCE: Check = fields({"kind": not_empty, "name": not_empty}, _known_source)

#: The spec of a PersistentVolumeClaim, as an object or as a template.
CLAIM_SPEC: Check = fields(
    CLAIMED
    | {
        "dataSource": _SOURCE,
        "dataSourceRef": _SOURCE,
        "resources": fields({"limits": QUANTITIES, "requests": fields({"storage": positive_quantity})}),
        "selector": SELECTOR,
    },
    *CLAIMED_WHOLE,
    _storage_requested,
)


def _labels_only(node: Node, faults: Faults) -> None:
    for entry in node.entries():
        if entry.key not in ("annotations", "labels", "creationTimestamp") and entry.value not in (None, "", {}, []):
            faults.append(entry.fault("is not allowed in this template; only labels and annotations are"))


#: The claim of a pod's own volume, which is named after both.
CLAIM_TEMPLATE: Check = fields({"metadata": all_of(LABELLED, _labels_only), "spec": CLAIM_SPEC})
