"""Containers: names, ports, environment, mounts and security context (kubernetes/pkg/apis/core/validation)."""

from __future__ import annotations

from typing import Any

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
    unique,
    unique_field,
    whole_number,
)
from refarch_lint.model.field_values.common import PORT_NUMBER, PROTOCOL, QUANTITIES
from refarch_lint.model.field_values.formats import (
    config_key,
    dns_label,
    environment_name,
    no_parent,
    port_name,
    relative_path,
)
from refarch_lint.model.field_values.handlers import LIFECYCLE, PROBES

_USER_ID_MAX = 2**31 - 1
USER_ID: Check = whole_number(0, _USER_ID_MAX)


def _profile_file(node: Node, faults: Faults) -> None:
    kind, file = node["type"].text, node["localhostProfile"]
    if kind == "Localhost" and not file.value:
        faults.append(node.missing("localhostProfile", "is required with the type Localhost"))
    elif kind in ("RuntimeDefault", "Unconfined") and file.value:
        faults.append(file.fault(f"is not allowed with the type {kind}"))


#: A seccomp or AppArmor profile.
PROFILE: Check = fields({"type": one_of("Localhost", "RuntimeDefault", "Unconfined")}, _profile_file)


def _escalation(node: Node, faults: Faults) -> None:
    if node["allowPrivilegeEscalation"].value is not False:
        return
    added = node.down("capabilities", "add").value
    if node["privileged"].value is True:
        faults.append(node["allowPrivilegeEscalation"].fault("cannot be false while privileged is true"))
    elif isinstance(added, list) and "CAP_SYS_ADMIN" in added:
        faults.append(node["allowPrivilegeEscalation"].fault("cannot be false while CAP_SYS_ADMIN is added"))


SECURITY_CONTEXT: Check = fields(
    {
        "procMount": one_of("Default", "Unmasked"),
        "seccompProfile": PROFILE,
        "appArmorProfile": PROFILE,
        "runAsUser": USER_ID,
        "runAsGroup": USER_ID,
    },
    _escalation,
)

RESOURCES: Check = fields({"limits": QUANTITIES, "requests": QUANTITIES})


def _port_identity(port: dict[str, Any]) -> tuple[Any, Any] | None:
    number = port.get("containerPort")
    return (number, port.get("protocol") or "TCP") if isinstance(number, int) else None


_PORTS: Check = each(
    fields(
        {
            "containerPort": PORT_NUMBER,
            "hostPort": whole_number(0, 65535),
            "name": formatted(port_name),
            "protocol": PROTOCOL,
        }
    ),
    unique_field("name", "names two ports of this container"),
    unique(_port_identity, "containerPort", "is declared twice with the same protocol"),
)

_KEYED: Check = fields({"key": all_of(formatted(config_key), not_empty)})
_VALUE_SOURCES: dict[str, Check] = {
    "configMapKeyRef": _KEYED,
    "secretKeyRef": _KEYED,
    "fieldRef": fields({"fieldPath": not_empty}),
    "resourceFieldRef": fields({"resource": not_empty}),
    "fileKeyRef": _KEYED,
}


def _one_origin(node: Node, faults: Faults) -> None:
    if node["value"].value not in (None, "") and node.has("valueFrom"):
        faults.append(node["valueFrom"].fault("is not allowed together with value"))


_ENVIRONMENT: Check = each(
    fields(
        {
            "name": all_of(formatted(environment_name), not_empty),
            "valueFrom": fields(_VALUE_SOURCES, exactly_one(*_VALUE_SOURCES)),
        },
        _one_origin,
    ),
    unique_field("name", "is set twice in this container; only the last value counts"),
)
_NAMED: Check = required("name")
_ENVIRONMENT_FILES: Check = each(
    fields({"configMapRef": _NAMED, "secretRef": _NAMED}, exactly_one("configMapRef", "secretRef"))
)


_MOUNTS: Check = each(
    fields(
        {
            "name": not_empty,
            "mountPath": not_empty,
            "mountPropagation": one_of("None", "HostToContainer", "Bidirectional"),
            "recursiveReadOnly": one_of("Disabled", "IfPossible", "Enabled"),
            "subPath": formatted(relative_path),
            "subPathExpr": formatted(no_parent),
        },
        at_most_one("subPath", "subPathExpr"),
    ),
    unique_field("mountPath", "is mounted twice in this container"),
)

_CONTAINER: dict[str, Check] = {
    **PROBES,
    "name": all_of(formatted(dns_label), not_empty),
    "imagePullPolicy": one_of("Always", "IfNotPresent", "Never"),
    "terminationMessagePolicy": one_of("File", "FallbackToLogsOnError"),
    "restartPolicy": one_of("Always", "OnFailure", "Never"),
    "ports": _PORTS,
    "env": _ENVIRONMENT,
    "envFrom": _ENVIRONMENT_FILES,
    "volumeMounts": _MOUNTS,
    "volumeDevices": each(
        fields({"name": not_empty, "devicePath": not_empty}), unique_field("devicePath", "is used twice")
    ),
    "resources": RESOURCES,
    "securityContext": SECURITY_CONTEXT,
    "lifecycle": LIFECYCLE,
    "resizePolicy": each(
        fields(
            {
                "resourceName": one_of("cpu", "memory"),
                "restartPolicy": one_of("NotRequired", "RestartContainer"),
            }
        ),
        unique_field("resourceName"),
    ),
}


def _image(node: Node, faults: Faults) -> None:
    image = node["image"].value
    if not image:
        faults.append(node.missing("image"))
    elif isinstance(image, str) and image != image.strip():
        faults.append(node["image"].fault("begins or ends with a space"))


def _not_for_init(node: Node, faults: Faults) -> None:
    """Ordinary init containers end before the pod runs, so the API refuses what watches a running container."""
    if node["restartPolicy"].value == "Always":
        return
    for key in (*PROBES, "lifecycle"):
        if node.has(key):
            faults.append(
                node[key].fault("is not allowed in an init container unless its restartPolicy is Always (a sidecar)")
            )


def _not_for_ephemeral(node: Node, faults: Faults) -> None:
    for key in (*PROBES, "lifecycle", "ports", "resources"):
        if node.has(key) and node[key].value not in ({}, []):
            faults.append(node[key].fault("is not allowed in an ephemeral container"))


#: A container, an init container and an ephemeral container.
CONTAINER: Check = fields(_CONTAINER, _image)
INIT_CONTAINER: Check = fields(_CONTAINER, _image, _not_for_init)
EPHEMERAL_CONTAINER: Check = fields(_CONTAINER, _image, _not_for_ephemeral)
