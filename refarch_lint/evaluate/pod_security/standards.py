"""The Pod Security Standards: all controls, which of them a level and version demand, and what a pod violates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from refarch_lint.evaluate.pod_security import baseline, restricted
from refarch_lint.evaluate.pod_security.control import Control, Level, Violation
from refarch_lint.evaluate.pod_security.pod import Pod
from refarch_lint.model.version import LATEST_VERSION, KubernetesVersion, parse_version
from refarch_lint.regex import regex

_V1_0 = KubernetesVersion(1, 0)

#: Every control, baseline before restricted, in the order of the standards' own page.
CONTROLS: tuple[Control, ...] = (
    Control(
        "windows-host-process",
        Level.BASELINE,
        "Windows containers do not run as processes of the node",
        _V1_0,
        baseline.windows_host_process,
    ),
    Control("host-namespaces", Level.BASELINE, "Pods keep to their own namespaces", _V1_0, baseline.host_namespaces),
    Control("privileged", Level.BASELINE, "Containers are not privileged", _V1_0, baseline.privileged),
    Control(
        "capabilities",
        Level.BASELINE,
        "Containers add no capability beyond the default ones",
        _V1_0,
        baseline.capabilities,
    ),
    Control(
        "host-path-volumes", Level.BASELINE, "Volumes are not folders of the node", _V1_0, baseline.host_path_volumes
    ),
    Control("host-ports", Level.BASELINE, "Containers take no port of the node", _V1_0, baseline.host_ports),
    Control(
        "host-probes",
        Level.BASELINE,
        "Probes and lifecycle hooks call the pod itself",
        KubernetesVersion(1, 34),
        baseline.host_probes,
    ),
    Control("app-armor", Level.BASELINE, "AppArmor is not switched off", _V1_0, baseline.app_armor),
    Control("se-linux", Level.BASELINE, "SELinux options are those of a container", _V1_0, baseline.se_linux),
    Control("proc-mount", Level.BASELINE, "/proc is masked", _V1_0, baseline.proc_mount),
    Control("seccomp", Level.BASELINE, "Seccomp is not switched off", _V1_0, baseline.seccomp),
    Control("sysctls", Level.BASELINE, "Sysctls are isolated per pod", _V1_0, baseline.sysctls),
    Control(
        "volume-types",
        Level.RESTRICTED,
        "Volumes are of types that the cluster governs",
        _V1_0,
        restricted.volume_types,
        replaces="host-path-volumes",
    ),
    Control(
        "privilege-escalation",
        Level.RESTRICTED,
        "Containers cannot gain privileges",
        KubernetesVersion(1, 8),
        restricted.privilege_escalation,
    ),
    Control("run-as-non-root", Level.RESTRICTED, "Containers must not run as root", _V1_0, restricted.run_as_non_root),
    Control("run-as-user", Level.RESTRICTED, "User IDs are not 0", KubernetesVersion(1, 23), restricted.run_as_user),
    Control(
        "seccomp-restricted",
        Level.RESTRICTED,
        "Containers run under a seccomp profile",
        KubernetesVersion(1, 19),
        restricted.seccomp_restricted,
        replaces="seccomp",
    ),
    Control(
        "capabilities-restricted",
        Level.RESTRICTED,
        "Containers drop all capabilities",
        KubernetesVersion(1, 22),
        restricted.capabilities_restricted,
        replaces="capabilities",
    ),
    Control(
        "proc-mount-restricted",
        Level.RESTRICTED,
        "/proc is masked, even in a user namespace",
        KubernetesVersion(1, 35),
        restricted.proc_mount_restricted,
        replaces="proc-mount",
    ),
)

_LABEL_VERSION = regex(r"v1\.(?:0|[1-9][0-9]{0,2})")
_BY_ID = {control.id: control for control in CONTROLS}


@lru_cache(maxsize=256)
def controls_in_force(level: str, version: KubernetesVersion = LATEST_VERSION) -> tuple[Control, ...]:
    """Return the controls that a level demands at a version; raises ValueError for an unknown level.

    At the restricted level a stricter control stands in for the baseline control that it replaces.
    """
    chosen = Level(level)
    if chosen is Level.PRIVILEGED:
        return ()
    known = [control for control in CONTROLS if control.since <= version]
    if chosen is Level.BASELINE:
        return tuple(control for control in known if control.level is Level.BASELINE)
    replaced = {control.replaces for control in known}
    return tuple(control for control in known if control.id not in replaced)


@lru_cache(maxsize=1024)
def is_in_force(control_id: str, level: str, version: KubernetesVersion = LATEST_VERSION) -> bool:
    """Tell whether a level demands a control at a version; raises ValueError for an unknown level."""
    return any(control.id == control_id for control in controls_in_force(level, version))


@lru_cache(maxsize=1024)
def stricter_control(control_id: str, level: str, version: KubernetesVersion = LATEST_VERSION) -> str | None:
    """Return the control that a level demands in place of a baseline control, None if it demands that one itself."""
    in_force = controls_in_force(level, version)
    return next((control.id for control in in_force if control.replaces == control_id), None)


def check_control(
    control_id: str, metadata: object, spec: object, version: KubernetesVersion = LATEST_VERSION
) -> tuple[Violation, ...]:
    """Return what a pod violates of one control; raises KeyError for an unknown id.

    `metadata` and `spec` are those of a pod or a pod template; a version from before the control has no violations.
    """
    control = _BY_ID[control_id]
    return tuple(_violations(control, Pod.of(metadata, spec), version)) if version >= control.since else ()


def violations(
    metadata: object, spec: object, level: str, version: KubernetesVersion = LATEST_VERSION
) -> tuple[Violation, ...]:
    """Return everything for which a pod would be refused at this level and version, control by control."""
    pod = Pod.of(metadata, spec)
    return tuple(
        violation for control in controls_in_force(level, version) for violation in _violations(control, pod, version)
    )


def _violations(control: Control, pod: Pod, version: KubernetesVersion) -> Iterator[Violation]:
    return (Violation(control.id, *fault) for fault in control.check(pod, version))


class Policy(NamedTuple):
    """What a namespace asks of its pods: a level of the standards, as of a version."""

    level: Level
    version: KubernetesVersion

    def __str__(self) -> str:
        """Return `restricted:v1.30`, or the level alone for the latest version."""
        return self.level.value if self.version >= LATEST_VERSION else f"{self.level.value}:{self.version.label}"


def namespace_policy(labels: Mapping[str, Any], mode: str = "enforce") -> Policy | None:
    """Return the policy that a namespace's labels set for a mode (`enforce`, `audit` or `warn`), None where none does.

    Admission reads an unknown level as restricted when it enforces, as privileged otherwise, and an unknown version as
    the latest.
    """
    written = labels.get(f"pod-security.kubernetes.io/{mode}")
    if written is None:
        return None
    try:
        level = Level(written)
    except ValueError:
        level = Level.RESTRICTED if mode == "enforce" else Level.PRIVILEGED
    written = labels.get(f"pod-security.kubernetes.io/{mode}-version")
    is_version = isinstance(written, str) and _LABEL_VERSION.fullmatch(written)
    return Policy(level, parse_version(written) if is_version else LATEST_VERSION)
