"""Security contexts of pods and containers (kubernetes/pkg/apis/core/validation, ValidateSecurityContext)."""

from __future__ import annotations

import re

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
    since,
    whole_number,
)
from refarch_lint.model.field_values.common import containers_of
from refarch_lint.model.field_values.formats import dns_subdomain, relative_path, sysctl_name
from refarch_lint.model.field_values.lists import unique_field
from refarch_lint.regex import regex

_USER_ID_MAX = 2**31 - 1
_USER_ID: Check = whole_number(0, _USER_ID_MAX)

#: A NetBIOS name, or a DNS name in any case.
_WINDOWS_DOMAIN = regex(
    r'[^\\/:*?"<>|.\x00-\x1f][^\\/:*?"<>|\x00-\x1f]{0,14}'
    r"|[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
    re.IGNORECASE,
)
_WINDOWS_USER = regex(r'(?![. ]+\Z)[^"/\\:;|=,+*?<>@\[\]\x00-\x1f]{1,104}')
_DOMAIN_MAX = 255


def _profile_file(node: Node, faults: Faults) -> None:
    kind, file = node["type"].text, node["localhostProfile"]
    if kind == "Localhost" and not file.value:
        faults.append(node.missing("localhostProfile", "is required with the type Localhost"))
    elif kind in ("RuntimeDefault", "Unconfined") and file.value:
        faults.append(file.fault(f"is not allowed with the type {kind}"))


def _not_padded(text: str) -> str | None:
    return "which begins or ends with a space" if text != text.strip() else None


_PROFILE_TYPE: Check = one_of("Localhost", "RuntimeDefault", "Unconfined")
_SECCOMP: Check = fields({"type": _PROFILE_TYPE, "localhostProfile": formatted(relative_path)}, _profile_file)
_APPARMOR: Check = fields({"type": _PROFILE_TYPE, "localhostProfile": formatted(_not_padded)}, _profile_file)


def _windows_user(node: Node, faults: Faults) -> None:
    """A user of Windows, with or without its domain: `NT AUTHORITY\\NETWORK SERVICE`."""
    text = node.value
    if not isinstance(text, str) or (text and node.text is None):
        return
    domain, backslash, user = text.rpartition("\\")
    is_domain = not backslash or (len(domain) <= _DOMAIN_MAX and _WINDOWS_DOMAIN.fullmatch(domain))
    if not is_domain or not _WINDOWS_USER.fullmatch(user):
        faults.append(node.fault(f"is {shown(text)}, which is no user of Windows: DOMAIN\\USER is required"))


_WINDOWS: Check = fields(
    {"gmsaCredentialSpecName": all_of(formatted(dns_subdomain), not_empty), "runAsUserName": _windows_user}
)


def _escalation(node: Node, faults: Faults) -> None:
    if node["allowPrivilegeEscalation"].value is not False:
        return
    added = node.down("capabilities", "add").value
    if node["privileged"].value is True:
        faults.append(node["allowPrivilegeEscalation"].fault("cannot be false while privileged is true"))
    elif isinstance(added, list) and "CAP_SYS_ADMIN" in added:
        faults.append(node["allowPrivilegeEscalation"].fault("cannot be false while CAP_SYS_ADMIN is added"))


_SHARED: dict[str, Check] = {
    "appArmorProfile": _APPARMOR,
    "runAsGroup": _USER_ID,
    "runAsUser": _USER_ID,
    "seccompProfile": _SECCOMP,
    "windowsOptions": _WINDOWS,
}

#: The security context of a container, and that of a pod.
CONTAINER_CONTEXT: Check = fields(_SHARED | {"procMount": one_of("Default", "Unmasked")}, _escalation)
POD_CONTEXT: Check = fields(
    _SHARED
    | {
        "fsGroup": _USER_ID,
        "supplementalGroups": each(_USER_ID),
        "fsGroupChangePolicy": one_of("Always", "OnRootMismatch"),
        "seLinuxChangePolicy": one_of("MountOption", "Recursive"),
        "supplementalGroupsPolicy": one_of("Merge", "Strict"),
        "sysctls": each(fields({"name": all_of(formatted(sysctl_name), not_empty)}), unique_field("name")),
    }
)


def _own_users(node: Node, faults: Faults) -> None:
    """A pod with its own users shares no other namespace with the node; /proc is unmasked only in such a pod."""
    if node["hostUsers"].value is False:
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if node[key].value is True:
                faults.append(node[key].fault("is not allowed while hostUsers is false"))
        return
    for container in containers_of(node, "securityContext"):
        mount = container.down("securityContext", "procMount")
        if mount.value == "Unmasked":
            faults.append(mount.fault("is Unmasked, which is allowed only in a pod whose hostUsers is false"))


def _shared_processes(node: Node, faults: Faults) -> None:
    if node["hostPID"].value is True and node["shareProcessNamespace"].value is True:
        faults.append(node["shareProcessNamespace"].fault("is not allowed together with hostPID"))


_OF_IPC = ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")


def _node_sysctls(node: Node, faults: Faults) -> None:
    """Kernel parameters of a namespace that the pod shares with the node."""
    for key, prefixes in (("hostNetwork", ("net.",)), ("hostIPC", _OF_IPC)):
        if node[key].value is not True:
            continue
        for sysctl in node.down("securityContext", "sysctls").items():
            name = sysctl["name"]
            if name.text is not None and name.text.replace("/", ".").startswith(prefixes):
                faults.append(name.fault(f"is {shown(name.text)}, which is not allowed while {key} is true"))


_NOT_IN_WINDOWS_PODS = (
    "appArmorProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "runAsGroup",
    "runAsUser",
    "seLinuxChangePolicy",
    "seLinuxOptions",
    "seccompProfile",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "sysctls",
)
_NOT_IN_WINDOWS_CONTAINERS = (
    "allowPrivilegeEscalation",
    "appArmorProfile",
    "capabilities",
    "privileged",
    "procMount",
    "readOnlyRootFilesystem",
    "runAsGroup",
    "runAsUser",
    "seLinuxOptions",
    "seccompProfile",
)


def _fits_system(node: Node, faults: Faults) -> None:
    """A pod that names its operating system sets nothing that only the other one has."""
    system = node.down("os", "name").text
    context = node["securityContext"]
    if system == "linux":
        for bearer in (context, *(container["securityContext"] for container in containers_of(node))):
            if bearer.has("windowsOptions"):
                faults.append(bearer["windowsOptions"].fault("is not allowed in a pod for linux"))
    elif system == "windows":
        refused = [node[key] for key in ("hostPID", "hostIPC") if node[key].value is True]
        refused += [node[key] for key in ("hostUsers", "shareProcessNamespace") if node.has(key)]
        refused += [context[key] for key in _NOT_IN_WINDOWS_PODS if context.has(key) and context[key].value != []]
        for container in containers_of(node):
            own = container["securityContext"]
            refused += [own[key] for key in _NOT_IN_WINDOWS_CONTAINERS if own.has(key)]
        faults.extend(item.fault("is not allowed in a pod for windows") for item in refused)


def _host_process(node: Node, faults: Faults) -> None:
    """All containers of a pod are processes of a Windows node or none, and those are on the node's network."""
    contexts = (node["securityContext"], *(item["securityContext"] for item in containers_of(node, "securityContext")))
    if not any(context.has("windowsOptions") for context in contexts):
        return
    of_pod = node.down("securityContext", "windowsOptions", "hostProcess")
    effective: list[tuple[Node, bool]] = []
    for container in containers_of(node):
        own = container.down("securityContext", "windowsOptions", "hostProcess")
        if own.value is not None and of_pod.value is not None and own.value is not of_pod.value:
            faults.append(own.fault(f"is not that of the pod ({str(of_pod.value).lower()})"))
            return
        effective.append((own if own.value is not None else container, True in (own.value, of_pod.value)))
    if not any(is_process for _, is_process in effective):
        return
    for place, is_process in effective:
        if not is_process:
            faults.append(place.fault("is no process of the node, as the pod's other containers are"))
    if node["hostNetwork"].value is not True:
        faults.append(
            node["hostNetwork"].fault("is not true, which is required where containers are processes of the node")
        )


#: What the security contexts of a pod and its containers demand of each other and of the pod spec.
SECURITY_IN_POD: tuple[Check, ...] = (
    since("1.33", _own_users),
    _shared_processes,
    _node_sysctls,
    _fits_system,
    _host_process,
)
