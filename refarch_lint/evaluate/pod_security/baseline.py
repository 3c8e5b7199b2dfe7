"""The controls of the baseline level: known ways from a container to its node.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/ and k8s.io/pod-security-admission/policy.
"""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.pod_security.control import Fault
from refarch_lint.evaluate.pod_security.pod import Pod, Subject
from refarch_lint.model.resource import dig, mapping, sequence
from refarch_lint.model.version import KubernetesVersion

#: The capabilities of a container runtime's default set, which a container may also add by name.
DEFAULT_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)

#: Profile types that keep seccomp and AppArmor on.
CONFINED_PROFILES = ("RuntimeDefault", "Localhost")

_SELINUX_TYPES = ("container_t", "container_init_t", "container_kvm_t")
_SELINUX_TYPES_SINCE_1_31 = (*_SELINUX_TYPES, "container_engine_t")

#: Sysctls that are isolated per pod, by the version that first allows them.
_SAFE_SYSCTLS: dict[KubernetesVersion, tuple[str, ...]] = {
    KubernetesVersion(1, 0): (
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_syncookies",
    ),
    KubernetesVersion(1, 27): ("net.ipv4.ip_local_reserved_ports",),
    KubernetesVersion(1, 29): (
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
    ),
    KubernetesVersion(1, 32): ("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
    KubernetesVersion(1, 37): ("net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_slow_start_after_idle"),
}

_APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD_ANNOTATION = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_ANNOTATION = "container.seccomp.security.alpha.kubernetes.io/"

_HANDLERS = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)


def host_namespaces(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """The pod keeps to its own network, process and IPC namespaces."""
    for field, what in (("hostNetwork", "network"), ("hostPID", "process IDs"), ("hostIPC", "IPC")):
        if pod.spec.get(field) is True:
            yield Fault(("spec", field), f"pod shares the node's {what}: {field} is true")


def privileged(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """No container is privileged."""
    for container in pod.containers:
        if container.value("securityContext", "privileged") is True:
            yield Fault(container.at("securityContext", "privileged"), f"{container.label} is privileged")


def capabilities(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """No container adds a capability beyond the runtime's default set."""
    for container in pod.containers:
        for index, name in enumerate(sequence(container.value("securityContext", "capabilities", "add"))):
            if isinstance(name, str) and name not in DEFAULT_CAPABILITIES:
                path = container.at("securityContext", "capabilities", "add", index)
                yield Fault(path, f"{container.label} adds the capability {name}, which is not in the default set")


def host_path_volumes(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """No volume is a folder of the node."""
    for index, volume in enumerate(sequence(pod.spec.get("volumes"))):
        if mapping(volume).get("hostPath") is not None:
            yield Fault(("spec", "volumes", index, "hostPath"), f"volume {_name(volume, index)} is a path of the node")


def host_ports(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """No container takes a port of the node."""
    for container in pod.containers:
        for index, port in enumerate(sequence(container.value("ports"))):
            number = mapping(port).get("hostPort")
            if isinstance(number, int) and not isinstance(number, bool) and number != 0:
                yield Fault(
                    container.at("ports", index, "hostPort"), f"{container.label} takes the node's port {number}"
                )


def host_probes(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """No probe or lifecycle hook makes the kubelet call another host."""
    for container in pod.containers:
        for handler in _HANDLERS:
            for action in ("httpGet", "tcpSocket"):
                host = container.value(*handler, action, "host")
                if isinstance(host, str) and host:
                    message = f"{container.label} makes the kubelet call the host {host} in {handler[-1]}"
                    yield Fault(container.at(*handler, action, "host"), message)


def app_armor(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """No AppArmor profile other than the runtime's default or one of the node's own is chosen."""
    yield from _unconfined(pod, "appArmorProfile", "AppArmor")
    for key, value in pod.annotations():
        if key.startswith(_APPARMOR_ANNOTATION) and not _is_app_armor_annotation_allowed(value):
            container = key.removeprefix(_APPARMOR_ANNOTATION)
            yield Fault(("metadata", "annotations", key), f"AppArmor profile of container {container} is {value}")


def _is_app_armor_annotation_allowed(value: str) -> bool:
    return value in ("", "runtime/default") or value.startswith("localhost/")


def se_linux(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """No SELinux user or role is set, and no type other than those of containers."""
    allowed = _SELINUX_TYPES_SINCE_1_31 if version >= (1, 31) else _SELINUX_TYPES
    for bearer in pod.bearers():
        options = mapping(bearer.value("securityContext", "seLinuxOptions"))
        for field in ("type", "user", "role"):
            value = options.get(field)
            if isinstance(value, str) and value and not (field == "type" and value in allowed):
                path = bearer.at("securityContext", "seLinuxOptions", field)
                yield Fault(path, f"{bearer.label} sets the SELinux {field} {value}")


def proc_mount(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """`/proc` stays masked; from 1.35 a pod with its own user namespace may unmask it."""
    if version >= (1, 35) and pod.has_own_users:
        return
    yield from unmasked_proc(pod)


def unmasked_proc(pod: Pod) -> Iterator[Fault]:
    """Yield every container whose `/proc` is not masked in the default way."""
    for container in pod.containers:
        value = container.value("securityContext", "procMount")
        if value is not None and value != "Default":
            yield Fault(container.at("securityContext", "procMount"), f"{container.label} mounts /proc as {value}")


def seccomp(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """Seccomp is not switched off; before 1.19 annotations said so, since then fields do."""
    if version >= (1, 19):
        yield from _unconfined(pod, "seccompProfile", "seccomp")
        return
    names = [container.value("name") for container in pod.containers]
    for key, value in pod.annotations():
        is_of_container = key.startswith(_SECCOMP_ANNOTATION) and key.removeprefix(_SECCOMP_ANNOTATION) in names
        if (key == _SECCOMP_POD_ANNOTATION or is_of_container) and not _is_seccomp_annotation_allowed(value):
            yield Fault(("metadata", "annotations", key), f"seccomp profile is {value or 'empty'}")


def _is_seccomp_annotation_allowed(value: str) -> bool:
    return value in ("runtime/default", "docker/default") or value.startswith("localhost/")


def sysctls(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """Only sysctls that are isolated per pod are set."""
    safe = {name for since, names in _SAFE_SYSCTLS.items() if since <= version for name in names}
    for index, sysctl in enumerate(sequence(dig(pod.whole.data, "securityContext", "sysctls"))):
        name = mapping(sysctl).get("name")
        if isinstance(name, str) and name not in safe:
            path = ("spec", "securityContext", "sysctls", index, "name")
            yield Fault(path, f"pod sets the sysctl {name}, which is not isolated from the node")


def windows_host_process(pod: Pod, version: KubernetesVersion) -> Iterator[Fault]:
    """No Windows container runs as a process of the node."""
    for bearer in pod.bearers():
        if bearer.value("securityContext", "windowsOptions", "hostProcess") is True:
            path = bearer.at("securityContext", "windowsOptions", "hostProcess")
            yield Fault(path, f"{bearer.label} runs as a process of the Windows node")


def is_profile_set(bearer: Subject, field: str) -> bool:
    """Tell whether the security context of `bearer` carries a profile under `field`."""
    return isinstance(bearer.value("securityContext", field), dict)


def unconfined_profile(bearer: Subject, field: str, what: str) -> Fault | None:
    """Return the fault of a profile that is set and is neither RuntimeDefault nor Localhost."""
    kind = bearer.value("securityContext", field, "type")
    if not is_profile_set(bearer, field) or kind in CONFINED_PROFILES:
        return None
    shown = kind if isinstance(kind, str) and kind else "not set"
    article = "an" if what[0] in "aA" else "a"
    message = f"{bearer.label} has {article} {what} profile whose type is {shown}, not {' or '.join(CONFINED_PROFILES)}"
    return Fault(bearer.at("securityContext", field, "type"), message)


def _unconfined(pod: Pod, field: str, what: str) -> Iterator[Fault]:
    for bearer in pod.bearers():
        fault = unconfined_profile(bearer, field, what)
        if fault:
            yield fault


def _name(volume: object, index: int) -> str:
    name = mapping(volume).get("name")
    return name if isinstance(name, str) and name else f"[{index}]"
