"""Volumes of pods, PersistentVolumes and StorageClasses (kubernetes/pkg/apis/core, storage)."""

from __future__ import annotations

import posixpath

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    at_most_one,
    each,
    exactly_one,
    fields,
    formatted,
    not_empty,
    one_of,
    required,
)
from refarch_lint.model.field_values.claims import CLAIMED, CLAIMED_WHOLE
from refarch_lint.model.field_values.common import positive_quantity
from refarch_lint.model.field_values.formats import dns_label, label_key
from refarch_lint.model.field_values.lists import no_repetition, unique_field
from refarch_lint.model.field_values.scheduling import NODE_SELECTOR
from refarch_lint.model.field_values.volume_sources import PERSISTENT_SOURCES, SOURCES

#: A pod's volumes. One without a source is an emptyDir to the API, so only a second source is refused.
VOLUMES: Check = each(
    fields({"name": all_of(formatted(dns_label), not_empty), **SOURCES}, at_most_one(*SOURCES)),
    unique_field("name", "names two volumes of this pod"),
)


def _capacity(node: Node, faults: Faults) -> None:
    capacity = node["capacity"]
    if not capacity.has("storage"):
        faults.append(capacity.missing("storage"))
    faults.extend(
        entry.fault("is no capacity of a volume: storage is") for entry in capacity.entries() if entry.key != "storage"
    )


def _tied_to_node(node: Node, faults: Faults) -> None:
    if node.has("local") and not node.has("nodeAffinity"):
        faults.append(node.missing("nodeAffinity", "is required for a local volume"))


def _root_kept(node: Node, faults: Faults) -> None:
    path, policy = node.down("hostPath", "path").text, node["persistentVolumeReclaimPolicy"]
    if path is not None and policy.text == "Recycle" and posixpath.normpath(path).strip("/") == "":
        faults.append(policy.fault("is Recycle, which is not allowed for the root of the node"))


#: The spec of a PersistentVolume.
VOLUME_SPEC: Check = fields(
    PERSISTENT_SOURCES
    | CLAIMED
    | {
        "capacity": fields({"storage": positive_quantity}),
        "nodeAffinity": fields({"required": NODE_SELECTOR}, required("required")),
        "persistentVolumeReclaimPolicy": one_of("Delete", "Recycle", "Retain"),
    },
    *CLAIMED_WHOLE,
    _capacity,
    _tied_to_node,
    _root_kept,
    exactly_one(*PERSISTENT_SOURCES),
)


def _provisioner(text: str) -> str | None:
    return label_key(text.lower())


_PROVISIONER: Check = all_of(formatted(_provisioner), not_empty)

_TOPOLOGY: Check = each(
    fields(
        {"key": all_of(formatted(label_key), not_empty), "values": all_of(no_repetition, not_empty)},
    ),
    unique_field("key"),
)

#: A StorageClass.
STORAGE_CLASS: dict[str, Check] = {
    "allowedTopologies": each(fields({"matchLabelExpressions": _TOPOLOGY})),
    "provisioner": _PROVISIONER,
    "reclaimPolicy": one_of("Delete", "Retain"),
    "volumeBindingMode": one_of("Immediate", "WaitForFirstConsumer"),
}


def parameters_given(node: Node, faults: Faults) -> None:
    """Demand what a VolumeAttributesClass is for."""
    if not node["parameters"].value:
        faults.append(node.missing("parameters"))


#: A VolumeAttributesClass.
ATTRIBUTES_CLASS: dict[str, Check] = {"driverName": _PROVISIONER}
