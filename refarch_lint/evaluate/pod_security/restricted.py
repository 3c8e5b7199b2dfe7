"""The controls that the restricted level adds: what a hardened pod has to declare.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/ and k8s.io/pod-security-admission/policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refarch_lint.evaluate.pod_security.baseline import (
    CONFINED_PROFILES,
    is_profile_set,
    unconfined_profile,
    unmasked_proc,
)
from refarch_lint.evaluate.pod_security.control import Fault
from refarch_lint.evaluate.pod_security.pod import Pod
from refarch_lint.model.resource import mapping, sequence
from refarch_lint.model.version import KubernetesVersion

#: Volume sources that hold nothing of the node and nothing the cluster's storage classes do not govern.
ALLOWED_VOLUMES = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)


def volume_types(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """Only volume types that the cluster governs are used; a volume without a source is an emptyDir."""
    for index, volume in enumerate(sequence(pod.spec.get("volumes"))):
        sources = [key for key, value in mapping(volume).items() if key != "name" and value is not None]
        if sources and not ALLOWED_VOLUMES.intersection(sources):
            name = mapping(volume).get("name")
            label = name if isinstance(name, str) and name else f"[{index}]"
            yield Fault(("spec", "volumes", index, sources[0]), f"volume {label} is of the type {sources[0]}")


def privilege_escalation(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """Every container rules out that a process gains more privileges than its parent."""
    if _exempt_as_windows(pod, version):
        return
    for container in pod.containers:
        if container.value("securityContext", "allowPrivilegeEscalation") is not False:
            path = container.at("securityContext", "allowPrivilegeEscalation")
            yield Fault(path, f"{container.label} may gain privileges: allowPrivilegeEscalation is not false")


def run_as_non_root(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """The kubelet refuses root: `runAsNonRoot` is true for the pod or for each container, and false nowhere."""
    if _relaxed_by_own_users(pod, version):
        return
    of_pod = pod.whole.value("securityContext", "runAsNonRoot")
    if of_pod is False:
        yield Fault(pod.whole.at("securityContext", "runAsNonRoot"), "pod may run as root: runAsNonRoot is false")
    for container in pod.containers:
        value = container.value("securityContext", "runAsNonRoot")
        path = container.at("securityContext", "runAsNonRoot")
        if value is False:
            yield Fault(path, f"{container.label} may run as root: runAsNonRoot is false")
        elif value is not True and of_pod is not True and of_pod is not False:
            message = f"{container.label} may run as root: runAsNonRoot is true neither for it nor for the pod"
            yield Fault(path, message)


def run_as_user(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """No user ID is 0, which is root."""
    if _relaxed_by_own_users(pod, version):
        return
    for bearer in pod.bearers():
        user = bearer.value("securityContext", "runAsUser")
        if isinstance(user, int) and not isinstance(user, bool) and user == 0:
            yield Fault(bearer.at("securityContext", "runAsUser"), f"{bearer.label} runs as root: runAsUser is 0")


def seccomp_restricted(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """A seccomp profile is set for the pod or for each container."""
    if _exempt_as_windows(pod, version):
        return
    of_pod = unconfined_profile(pod.whole, "seccompProfile", "seccomp")
    if of_pod:
        yield of_pod
    inherited = is_profile_set(pod.whole, "seccompProfile")
    for container in pod.containers:
        fault = unconfined_profile(container, "seccompProfile", "seccomp")
        if fault:
            yield fault
        elif not inherited and not is_profile_set(container, "seccompProfile"):
            path = container.at("securityContext", "seccompProfile")
            choice = " or ".join(CONFINED_PROFILES)
            yield Fault(path, f"{container.label} has no seccomp profile: neither it nor the pod asks for {choice}")


def capabilities_restricted(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """Every container drops ALL capabilities and adds back NET_BIND_SERVICE at most."""
    if _exempt_as_windows(pod, version):
        return
    for container in pod.containers:
        dropped = sequence(container.value("securityContext", "capabilities", "drop"))
        if "ALL" not in dropped:
            shown = _dropped(dropped)
            path = container.at("securityContext", "capabilities", "drop")
            yield Fault(path, f"{container.label} does not drop ALL capabilities: {shown}")
        added = enumerate(sequence(container.value("securityContext", "capabilities", "add")))
        undue = {index: name for index, name in added if isinstance(name, str) and name != "NET_BIND_SERVICE"}
        if undue:
            path = container.at("securityContext", "capabilities", "add", next(iter(undue)))
            noun = "capability" if len(undue) == 1 else "capabilities"
            shown = ", ".join(undue.values())
            yield Fault(path, f"{container.label} adds the {noun} {shown}; only NET_BIND_SERVICE may be added")


def _dropped(names: list[Any]) -> str:
    if any(isinstance(name, str) and name.upper() == "ALL" for name in names):
        return "only ALL in capitals counts"
    return f"capabilities.drop has {', '.join(map(str, names))}" if names else "capabilities.drop is not set"


def proc_mount_restricted(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """`/proc` stays masked, even in a pod with its own user namespace."""
    yield from unmasked_proc(pod)


def _exempt_as_windows(pod: Pod, version: KubernetesVersion) -> bool:
    """From 1.25 pods declared as Windows need not set what only Linux has."""
    return version >= (1, 25) and pod.is_windows


def _relaxed_by_own_users(pod: Pod, version: KubernetesVersion) -> bool:
    """From 1.35 root is allowed where it is root in the pod's own user namespace alone."""
    return version >= (1, 35) and pod.has_own_users
