"""Containers: names, ports and what holds for each kind of them (kubernetes/pkg/apis/core/validation)."""

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
    whole_number,
)
from refarch_lint.model.field_values.common import PORT_NUMBER, PROTOCOL
from refarch_lint.model.field_values.environment import ENVIRONMENT, ENVIRONMENT_FILES
from refarch_lint.model.field_values.formats import dns_label, port_name
from refarch_lint.model.field_values.handlers import LIFECYCLE, PROBES
from refarch_lint.model.field_values.lists import unique_field
from refarch_lint.model.field_values.mounts import DEVICES, MOUNTS, mounts_and_devices_apart, shared_with_node
from refarch_lint.model.field_values.resources import CONTAINER_RESOURCES, RESIZE_POLICY
from refarch_lint.model.field_values.security import CONTAINER_CONTEXT
from refarch_lint.model.version import KubernetesVersion

_SIDECARS = KubernetesVersion(1, 29)
_OWN_RESTARTS = KubernetesVersion(1, 35)

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
)

_CONTAINER: dict[str, Check] = {
    **PROBES,
    "name": all_of(formatted(dns_label), not_empty),
    "imagePullPolicy": one_of("Always", "IfNotPresent", "Never"),
    "terminationMessagePolicy": one_of("File", "FallbackToLogsOnError"),
    "restartPolicy": one_of("Always", "OnFailure", "Never"),
    "ports": _PORTS,
    "env": ENVIRONMENT,
    "envFrom": ENVIRONMENT_FILES,
    "volumeMounts": MOUNTS,
    "volumeDevices": DEVICES,
    "resources": CONTAINER_RESOURCES,
    "resizePolicy": RESIZE_POLICY,
    "securityContext": CONTAINER_CONTEXT,
    "lifecycle": LIFECYCLE,
}


def _image(node: Node, faults: Faults) -> None:
    image = node["image"].value
    if not image:
        faults.append(node.missing("image"))
    elif isinstance(image, str) and image != image.strip():
        faults.append(node["image"].fault("begins or ends with a space"))


def _restarted_as_the_pod(node: Node, faults: Faults) -> None:
    """Containers choose for themselves when they are restarted from 1.35 on; init containers could always do so."""
    policy = node["restartPolicy"]
    if _SIDECARS <= faults.version < _OWN_RESTARTS and policy.text is not None:
        faults.append(policy.fault(f"is allowed only in an init container before Kubernetes {_OWN_RESTARTS}"))


def _sidecar_or_none(node: Node, faults: Faults) -> None:
    policy = node["restartPolicy"]
    if _SIDECARS <= faults.version < _OWN_RESTARTS and policy.text in ("OnFailure", "Never"):
        faults.append(policy.fault(f"is {policy.text}, Always is required before Kubernetes {_OWN_RESTARTS}"))


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


_WHOLE: tuple[Check, ...] = (_image, mounts_and_devices_apart, shared_with_node)

#: A container, an init container and an ephemeral container.
CONTAINER: Check = fields(_CONTAINER, *_WHOLE, _restarted_as_the_pod)
INIT_CONTAINER: Check = fields(_CONTAINER, *_WHOLE, _sidecar_or_none, _not_for_init)
EPHEMERAL_CONTAINER: Check = fields(_CONTAINER, *_WHOLE, _not_for_ephemeral)
