"""Where volumes come from: the sources of pods' volumes and of PersistentVolumes."""

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
    shown,
    whole_number,
)
from refarch_lint.model.field_values.claims import CLAIM_TEMPLATE
from refarch_lint.model.field_values.common import SELECTOR, quantity
from refarch_lint.model.field_values.environment import FILE_FIELD, FILE_RESOURCE
from refarch_lint.model.field_values.formats import (
    absolute_path,
    config_key,
    dns_subdomain,
    driver_name,
    local_path,
    no_parent,
    relative_path,
)
from refarch_lint.regex import regex

_FILE_MODE: Check = whole_number(0, 0o777)
_TOKEN_LIFE: Check = whole_number(600, 2**32)
_PARTITION: Check = whole_number(0, 255)

_ISCSI_NAME = regex(
    r"iqn\.\d{4}-\d{2}\.([^:]+:.+|[^:.]+(\.[^:.]+)*(:.+)?)|eui\.[0-9a-fA-F]{16}|naa\.([0-9a-fA-F]{32}|[0-9a-fA-F]{16})"
)

_FILE: Check = all_of(formatted(local_path), not_empty)
_KEY_TO_PATH: Check = each(fields({"key": all_of(formatted(config_key), not_empty), "path": _FILE, "mode": _FILE_MODE}))
_DOWNWARD_FILES: Check = each(
    fields(
        {"path": _FILE, "mode": _FILE_MODE, "fieldRef": FILE_FIELD, "resourceFieldRef": FILE_RESOURCE},
        exactly_one("fieldRef", "resourceFieldRef"),
    )
)


def _one_trust_bundle(node: Node, faults: Faults) -> None:
    if node.has("name") and node["labelSelector"].value is not None:
        faults.append(node["labelSelector"].fault("is not allowed together with name"))


_PROJECTED: dict[str, Check] = {
    "clusterTrustBundle": fields(
        {"labelSelector": SELECTOR, "path": _FILE}, exactly_one("name", "signerName"), _one_trust_bundle
    ),
    "configMap": fields({"items": _KEY_TO_PATH}, required("name")),
    "downwardAPI": fields({"items": _DOWNWARD_FILES}),
    "secret": fields({"items": _KEY_TO_PATH}, required("name")),
    "serviceAccountToken": fields({"expirationSeconds": _TOKEN_LIFE, "path": _FILE}),
}


def _paths_apart(node: Node, faults: Faults) -> None:
    """Two sources of one projected volume cannot write the same file."""
    seen: set[str] = set()
    for source in node.items():
        paths = [
            item["path"]
            for part in ("secret", "configMap", "downwardAPI")
            for item in source.down(part, "items").items()
        ]
        paths.append(source.down("clusterTrustBundle", "path"))
        for path in paths:
            if path.text in seen:
                faults.append(path.fault(f"is {shown(path.text or '')}, which this volume holds already"))
            elif path.text is not None:
                seen.add(path.text)


def _iscsi_name(text: str) -> str | None:
    return None if _ISCSI_NAME.fullmatch(text) else "which is no iSCSI name: iqn.YYYY-MM.DOMAIN:NAME, eui. or naa."


_ISCSI: Check = fields(
    {
        "initiatorName": formatted(_iscsi_name),
        "iqn": all_of(formatted(_iscsi_name), not_empty),
        "lun": whole_number(0, 255),
        "targetPortal": not_empty,
    }
)


def _disk_address(node: Node, faults: Faults) -> None:
    kind, address = node["kind"].text, node["diskURI"]
    begins = {"Managed": "/subscriptions/", "Shared": "https://", "Dedicated": "https://"}.get(kind or "")
    if begins is not None and address.text is not None and not address.text.startswith(begins):
        faults.append(address.fault(f"does not begin with {begins}, as the kind {kind} requires"))


_DRIVER: Check = all_of(formatted(driver_name), not_empty)
_NAMED_SECRET: Check = fields({"name": formatted(dns_subdomain)}, required("name"))

#: The sources of a pod's volumes, by field.
SOURCES: dict[str, Check] = {
    "awsElasticBlockStore": fields({"partition": _PARTITION, "volumeID": not_empty}),
    "azureDisk": fields(
        {
            "cachingMode": one_of("None", "ReadOnly", "ReadWrite"),
            "diskName": not_empty,
            "diskURI": not_empty,
            "kind": one_of("Shared", "Dedicated", "Managed"),
        },
        _disk_address,
    ),
    "azureFile": fields({"secretName": not_empty, "shareName": not_empty}),
    "cephfs": fields({"monitors": not_empty}),
    "cinder": fields({"volumeID": not_empty}),
    "configMap": fields({"items": _KEY_TO_PATH, "defaultMode": _FILE_MODE}, required("name")),
    "csi": fields({"driver": _DRIVER, "nodePublishSecretRef": _NAMED_SECRET}),
    "downwardAPI": fields({"items": _DOWNWARD_FILES, "defaultMode": _FILE_MODE}),
    "emptyDir": fields({"sizeLimit": quantity}),
    "ephemeral": fields({"volumeClaimTemplate": CLAIM_TEMPLATE}, required("volumeClaimTemplate")),
    "fc": fields({}),
    "flexVolume": fields({"driver": not_empty}),
    "flocker": fields({}),
    "gcePersistentDisk": fields({"partition": _PARTITION, "pdName": not_empty}),
    "gitRepo": fields({"directory": formatted(relative_path), "repository": not_empty}),
    "glusterfs": fields({"endpoints": not_empty, "path": not_empty}),
    "hostPath": fields(
        {
            "path": all_of(formatted(no_parent), not_empty),
            "type": one_of(
                "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"
            ),
        }
    ),
    "image": fields({"pullPolicy": one_of("Always", "IfNotPresent", "Never")}, required("reference")),
    "iscsi": _ISCSI,
    "nfs": fields({"path": all_of(formatted(absolute_path), not_empty), "server": not_empty}),
    "persistentVolumeClaim": fields({"claimName": all_of(formatted(dns_subdomain), not_empty)}),
    "photonPersistentDisk": fields({}),
    "portworxVolume": fields({"volumeID": not_empty}),
    "projected": fields(
        {"sources": all_of(each(fields(_PROJECTED, at_most_one(*_PROJECTED))), _paths_apart), "defaultMode": _FILE_MODE}
    ),
    "quobyte": fields({}),
    "rbd": fields({"image": not_empty, "monitors": not_empty}),
    "scaleIO": fields({}),
    "secret": fields({"items": _KEY_TO_PATH, "defaultMode": _FILE_MODE}, required("secretName")),
    "storageos": fields({}),
    "vsphereVolume": fields({"volumePath": not_empty}),
}

_SECRET_OF_NAMESPACE: Check = required("name", "namespace")

#: The sources of PersistentVolumes, by field.
PERSISTENT_SOURCES: dict[str, Check] = {
    **SOURCES,
    "csi": fields(
        {
            "driver": _DRIVER,
            "volumeHandle": not_empty,
            **dict.fromkeys(
                (
                    "controllerExpandSecretRef",
                    "controllerPublishSecretRef",
                    "nodeExpandSecretRef",
                    "nodePublishSecretRef",
                    "nodeStageSecretRef",
                ),
                _SECRET_OF_NAMESPACE,
            ),
        }
    ),
    "local": fields({"path": all_of(formatted(no_parent), not_empty)}),
}
