"""Volumes, their sources, and claims (kubernetes/pkg/apis/core/validation)."""

from __future__ import annotations

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
    unique_field,
    whole_number,
)
from refarch_lint.model.field_values.common import QUANTITIES, SELECTOR, positive_quantity, quantity
from refarch_lint.model.field_values.formats import (
    absolute_path,
    config_key,
    dns_label,
    dns_subdomain,
    no_parent,
    relative_path,
)

_FILE_MODE: Check = whole_number(0, 0o777)
_TOKEN_LIFE: Check = whole_number(600, 2**32)

_KEY_TO_PATH: Check = each(
    fields(
        {
            "key": all_of(formatted(config_key), not_empty),
            "path": all_of(formatted(relative_path), not_empty),
            "mode": _FILE_MODE,
        }
    )
)
_DOWNWARD_FILES: Check = each(
    fields(
        {"path": all_of(formatted(relative_path), not_empty), "mode": _FILE_MODE},
        exactly_one("fieldRef", "resourceFieldRef"),
    )
)
_PROJECTED: dict[str, Check] = {
    "configMap": fields({"items": _KEY_TO_PATH}, required("name")),
    "secret": fields({"items": _KEY_TO_PATH}, required("name")),
    "downwardAPI": fields({"items": _DOWNWARD_FILES}),
    "serviceAccountToken": fields({"expirationSeconds": _TOKEN_LIFE, "path": formatted(relative_path)}),
    "clusterTrustBundle": fields({"path": formatted(relative_path)}),
}

ACCESS_MODE: Check = one_of("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")


def _single_pod_alone(node: Node, faults: Faults) -> None:
    modes = node["accessModes"].value
    if isinstance(modes, list) and "ReadWriteOncePod" in modes and len(modes) > 1:
        faults.append(node["accessModes"].fault("holds ReadWriteOncePod, which is not allowed with other modes"))


def _storage_requested(node: Node, faults: Faults) -> None:
    requests = node.down("resources", "requests")
    if not requests.has("storage"):
        faults.append(requests.missing("storage"))


#: The spec of a PersistentVolumeClaim, as an object or as a template.
CLAIM_SPEC: Check = fields(
    {
        "accessModes": each(ACCESS_MODE),
        "volumeMode": one_of("Block", "Filesystem"),
        "storageClassName": formatted(dns_subdomain),
        "selector": SELECTOR,
        "resources": fields({"limits": QUANTITIES, "requests": fields({"storage": positive_quantity})}),
    },
    required("accessModes"),
    _single_pod_alone,
    _storage_requested,
)

_SOURCES: dict[str, Check] = {
    "awsElasticBlockStore": fields({"volumeID": not_empty}),
    "azureDisk": fields({}),
    "azureFile": fields({}),
    "cephfs": fields({}),
    "cinder": fields({}),
    "configMap": fields({"items": _KEY_TO_PATH, "defaultMode": _FILE_MODE}, required("name")),
    "csi": fields({"driver": not_empty}),
    "downwardAPI": fields({"items": _DOWNWARD_FILES, "defaultMode": _FILE_MODE}),
    "emptyDir": fields({"sizeLimit": quantity}),
    "ephemeral": fields({"volumeClaimTemplate": fields({"spec": CLAIM_SPEC})}, required("volumeClaimTemplate")),
    "fc": fields({}),
    "flexVolume": fields({}),
    "flocker": fields({}),
    "gcePersistentDisk": fields({"pdName": not_empty}),
    "gitRepo": fields({}),
    "glusterfs": fields({}),
    "hostPath": fields(
        {
            "path": all_of(formatted(no_parent), not_empty),
            "type": one_of(
                "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"
            ),
        }
    ),
    "image": fields({"pullPolicy": one_of("Always", "IfNotPresent", "Never")}),
    "iscsi": fields({}),
    "nfs": fields({"path": all_of(formatted(absolute_path), not_empty), "server": not_empty}),
    "persistentVolumeClaim": fields({"claimName": all_of(formatted(dns_subdomain), not_empty)}),
    "photonPersistentDisk": fields({}),
    "portworxVolume": fields({}),
    "projected": fields({"sources": each(fields(_PROJECTED)), "defaultMode": _FILE_MODE}),
    "quobyte": fields({}),
    "rbd": fields({}),
    "scaleIO": fields({}),
    "secret": fields({"items": _KEY_TO_PATH, "defaultMode": _FILE_MODE}, required("secretName")),
    "storageos": fields({}),
    "vsphereVolume": fields({}),
}

#: A pod's volumes. One without a source is an emptyDir to the API, so only a second source is refused.
VOLUMES: Check = each(
    fields({"name": all_of(formatted(dns_label), not_empty), **_SOURCES}, at_most_one(*_SOURCES)),
    unique_field("name", "names two volumes of this pod"),
)

_RECLAIM: Check = one_of("Delete", "Recycle", "Retain")


def _capacity(node: Node, faults: Faults) -> None:
    if not node["capacity"].has("storage"):
        faults.append(node["capacity"].missing("storage"))


#: The spec of a PersistentVolume.
VOLUME_SPEC: Check = fields(
    {
        **_SOURCES,
        "accessModes": each(ACCESS_MODE),
        "capacity": fields({"storage": positive_quantity}),
        "persistentVolumeReclaimPolicy": _RECLAIM,
        "storageClassName": formatted(dns_subdomain),
        "volumeMode": one_of("Block", "Filesystem"),
        "local": fields({"path": all_of(formatted(no_parent), not_empty)}),
    },
    required("accessModes"),
    _single_pod_alone,
    _capacity,
    exactly_one(*_SOURCES, "local"),
)

#: A StorageClass.
STORAGE_CLASS: dict[str, Check] = {
    "reclaimPolicy": one_of("Delete", "Retain"),
    "volumeBindingMode": one_of("Immediate", "WaitForFirstConsumer"),
    "provisioner": not_empty,
}
