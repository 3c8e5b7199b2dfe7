"""Volumes against the containers that use them: mounts, block devices (ValidateVolumeMounts, ValidateVolumeDevices)."""

from __future__ import annotations

from refarch_lint.model.blank import is_filled_in_later
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
    shown,
)
from refarch_lint.model.field_values.common import containers_of
from refarch_lint.model.field_values.formats import no_parent, relative_path
from refarch_lint.model.field_values.lists import unique_field


def _recursively_read_only(node: Node, faults: Faults) -> None:
    mode = node["recursiveReadOnly"]
    if mode.text not in ("Enabled", "IfPossible"):
        return
    if node["readOnly"].value is not True:
        faults.append(mode.fault(f"is {mode.text}, which is allowed only where readOnly is true"))
    if node["mountPropagation"].text not in (None, "None"):
        faults.append(mode.fault(f"is {mode.text}, which is not allowed with mountPropagation"))


def _expanded_path(node: Node, faults: Faults) -> None:
    """A path with variables such as `$(POD_NAME)`, which Kubernetes itself puts in."""
    text = node.value
    if isinstance(text, str) and not is_filled_in_later(text) and (why := relative_path(text)):
        faults.append(node.fault(f"is {shown(text)}, {why}"))


#: A container's `volumeMounts` and `volumeDevices`.
MOUNTS: Check = each(
    fields(
        {
            "name": not_empty,
            "mountPath": not_empty,
            "mountPropagation": one_of("None", "HostToContainer", "Bidirectional"),
            "recursiveReadOnly": one_of("Disabled", "IfPossible", "Enabled"),
            "subPath": formatted(relative_path),
            "subPathExpr": _expanded_path,
        },
        at_most_one("subPath", "subPathExpr"),
        _recursively_read_only,
    ),
    unique_field("mountPath", "is mounted twice in this container"),
)

DEVICES: Check = each(
    fields({"name": not_empty, "devicePath": all_of(formatted(no_parent), not_empty)}),
    unique_field("devicePath", "is used twice"),
    unique_field("name", "is used twice"),
)


def mounts_and_devices_apart(node: Node, faults: Faults) -> None:
    """Refuse a container that uses a volume, or a path, both as a file system and as a block device."""
    if not node.has("volumeDevices"):
        return
    mounts = list(node["volumeMounts"].items())
    for device in node["volumeDevices"].items():
        for field, other in (("name", "name"), ("devicePath", "mountPath")):
            value = device[field].text
            if value is not None and any(mount[other].text == value for mount in mounts):
                faults.append(device[field].fault(f"is {shown(value)}, which volumeMounts of this container use too"))


def shared_with_node(node: Node, faults: Faults) -> None:
    """Refuse mounts that spread to the node from a container that is not privileged."""
    if not node.has("volumeMounts") or node.down("securityContext", "privileged").value is True:
        return
    for mount in node["volumeMounts"].items():
        if mount["mountPropagation"].value == "Bidirectional":
            says = "is Bidirectional, which is allowed only in a privileged container"
            faults.append(mount["mountPropagation"].fault(says))


def undeclared_mounts(node: Node, faults: Faults, claims: frozenset[str] = frozenset()) -> None:
    """Refuse mounts and devices that name no volume of the pod; `claims` are a StatefulSet's claim templates."""
    volumes = {volume["name"].value: volume for volume in node["volumes"].items() if volume["name"].text is not None}
    for container in containers_of(node):
        for key in ("volumeMounts", "volumeDevices"):
            for mount in container[key].items():
                name = mount["name"].text
                if name is not None and name not in volumes and name not in claims:
                    faults.append(mount["name"].fault(f'is "{name}", which is no volume of this pod'))
        for device in container["volumeDevices"].items():
            volume = volumes.get(device["name"].text)
            if volume is not None and not (volume.has("persistentVolumeClaim") or volume.has("ephemeral")):
                faults.append(device["name"].fault(f'is "{device["name"].text}", a volume that is no claim'))
