from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.evaluate.pod_security import (
    CONTROLS,
    Level,
    Policy,
    check_control,
    controls_in_force,
    namespace_policy,
    violations,
)
from refarch_lint.location import Path, format_path
from refarch_lint.model.version import LATEST_VERSION, KubernetesVersion, parse_version

CONTEXT = ("spec", "securityContext")
APP = ("spec", "containers", 0)
INIT = ("spec", "initContainers", 0)
DEBUG = ("spec", "ephemeralContainers", 0)
APP_CONTEXT = (*APP, "securityContext")
ABSENT = object()
ALL_VERSIONS = [KubernetesVersion(1, minor) for minor in range(LATEST_VERSION.minor + 1)]


def hardened_pod() -> dict[str, Any]:
    """A pod that the restricted level admits at every version."""

    def container(name: str) -> dict[str, Any]:
        return {
            "name": name,
            "image": "example.com/app:1",
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }

    return {
        "metadata": {"annotations": {"example.com/owner": "shop"}},
        "spec": {
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container("app")],
            "initContainers": [container("prepare")],
            "ephemeralContainers": [container("debug")],
            "volumes": [{"name": "data", "emptyDir": {}}],
        },
    }


def spoiled(*changes: tuple[Path, object]) -> dict[str, Any]:
    """The hardened pod with values set, or taken away where the value is ABSENT."""
    pod = hardened_pod()
    for path, value in changes:
        place: Any = pod
        for part, following in itertools.pairwise(path):
            if isinstance(part, int):
                while len(place) <= part:
                    place.append({})
                place = place[part]
            else:
                place = place.setdefault(part, [] if isinstance(following, int) else {})
        last: Any = path[-1]
        if value is ABSENT:
            del place[last]
        elif isinstance(last, int) and last == len(place):
            place.append(value)
        else:
            place[last] = value
    return pod


def found(pod: dict[str, Any], level: str, version: str = "latest") -> list[tuple[str, str]]:
    result = violations(pod["metadata"], pod["spec"], level, parse_version(version))
    return [(violation.control, format_path(violation.path)) for violation in result]


@pytest.mark.parametrize("version", ALL_VERSIONS, ids=str)
@pytest.mark.parametrize("level", list(Level))
def test_hardened_pod_is_admitted_everywhere(level: Level, version: KubernetesVersion) -> None:
    pod = hardened_pod()
    assert violations(pod["metadata"], pod["spec"], level, version) == ()


@pytest.mark.parametrize(
    ("control", "path", "value"),
    [
        ("host-namespaces", ("spec", "hostNetwork"), True),
        ("host-namespaces", ("spec", "hostPID"), True),
        ("host-namespaces", ("spec", "hostIPC"), True),
        ("privileged", (*APP_CONTEXT, "privileged"), True),
        ("privileged", (*INIT, "securityContext", "privileged"), True),
        ("privileged", (*DEBUG, "securityContext", "privileged"), True),
        ("capabilities", (*APP_CONTEXT, "capabilities", "add", 0), "SYS_ADMIN"),
        ("capabilities", (*APP_CONTEXT, "capabilities", "add", 0), "ALL"),
        ("capabilities", (*APP_CONTEXT, "capabilities", "add", 0), "CAP_CHOWN"),
        ("capabilities", (*INIT, "securityContext", "capabilities", "add", 0), "chown"),
        ("host-path-volumes", ("spec", "volumes", 1, "hostPath"), {"path": "/var/run"}),
        ("host-path-volumes", ("spec", "volumes", 0, "hostPath"), {}),
        ("host-ports", (*APP, "ports", 0, "hostPort"), 80),
        ("host-ports", (*INIT, "ports", 1, "hostPort"), 80),
        ("host-probes", (*APP, "livenessProbe", "httpGet", "host"), "10.0.0.1"),
        ("host-probes", (*APP, "readinessProbe", "tcpSocket", "host"), "db"),
        ("host-probes", (*INIT, "startupProbe", "httpGet", "host"), "db"),
        ("host-probes", (*APP, "lifecycle", "postStart", "httpGet", "host"), "db"),
        ("host-probes", (*APP, "lifecycle", "preStop", "tcpSocket", "host"), "db"),
        ("app-armor", (*CONTEXT, "appArmorProfile", "type"), "Unconfined"),
        ("app-armor", (*APP_CONTEXT, "appArmorProfile", "type"), "Unconfined"),
        ("se-linux", (*CONTEXT, "seLinuxOptions", "type"), "spc_t"),
        ("se-linux", (*APP_CONTEXT, "seLinuxOptions", "user"), "sysadm_u"),
        ("se-linux", (*DEBUG, "securityContext", "seLinuxOptions", "role"), "sysadm_r"),
        ("proc-mount", (*APP_CONTEXT, "procMount"), "Unmasked"),
        ("proc-mount", (*INIT, "securityContext", "procMount"), ""),
        ("seccomp", (*CONTEXT, "seccompProfile", "type"), "Unconfined"),
        ("seccomp", (*APP_CONTEXT, "seccompProfile", "type"), "Unconfined"),
        ("sysctls", (*CONTEXT, "sysctls", 0, "name"), "kernel.msgmax"),
        ("sysctls", (*CONTEXT, "sysctls", 0, "name"), "net/ipv4/tcp_syncookies"),
        ("windows-host-process", (*CONTEXT, "windowsOptions", "hostProcess"), True),
        ("windows-host-process", (*APP_CONTEXT, "windowsOptions", "hostProcess"), True),
    ],
)
def test_baseline_refuses_at_the_field(control: str, path: Path, value: object) -> None:
    assert found(spoiled((path, value)), "baseline") == [(control, format_path(path))]
    assert found(spoiled((path, value)), "privileged") == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("spec", "hostNetwork"), False),
        (("spec", "hostPID"), None),
        ((*APP_CONTEXT, "privileged"), False),
        ((*APP_CONTEXT, "capabilities", "add", 0), "SYS_CHROOT"),
        (("spec", "volumes", 0, "hostPath"), None),
        ((*APP, "ports", 0, "hostPort"), 0),
        ((*APP, "livenessProbe", "httpGet", "host"), ""),
        ((*APP, "livenessProbe", "httpGet", "port"), 80),
        ((*APP_CONTEXT, "appArmorProfile", "type"), "Localhost"),
        ((*APP_CONTEXT, "seLinuxOptions", "level"), "s0:c1,c2"),
        ((*APP_CONTEXT, "seLinuxOptions", "type"), "container_t"),
        ((*APP_CONTEXT, "seLinuxOptions", "user"), ""),
        ((*APP_CONTEXT, "procMount"), "Default"),
        ((*APP_CONTEXT, "seccompProfile", "type"), "Localhost"),
        ((*CONTEXT, "sysctls", 0, "name"), "net.ipv4.tcp_syncookies"),
        ((*APP_CONTEXT, "windowsOptions", "hostProcess"), False),
        ((*APP_CONTEXT, "runAsUser"), 0),
        ((*CONTEXT, "runAsNonRoot"), False),
        ((*APP_CONTEXT, "allowPrivilegeEscalation"), True),
    ],
)
def test_baseline_admits(path: Path, value: object) -> None:
    assert found(spoiled((path, value)), "baseline") == []


@pytest.mark.parametrize(
    ("control", "path", "value"),
    [
        ("volume-types", ("spec", "volumes", 0, "nfs"), {"server": "files", "path": "/"}),
        ("volume-types", ("spec", "volumes", 0, "hostPath"), {"path": "/"}),
        ("privilege-escalation", (*APP_CONTEXT, "allowPrivilegeEscalation"), True),
        ("privilege-escalation", (*APP_CONTEXT, "allowPrivilegeEscalation"), ABSENT),
        ("privilege-escalation", (*INIT, "securityContext", "allowPrivilegeEscalation"), None),
        ("privilege-escalation", (*DEBUG, "securityContext", "allowPrivilegeEscalation"), "false"),
        ("run-as-non-root", (*APP_CONTEXT, "runAsNonRoot"), False),
        ("run-as-non-root", (*CONTEXT, "runAsNonRoot"), False),
        ("run-as-user", (*CONTEXT, "runAsUser"), 0),
        ("run-as-user", (*INIT, "securityContext", "runAsUser"), 0),
        ("seccomp-restricted", (*CONTEXT, "seccompProfile", "type"), "Unconfined"),
        ("seccomp-restricted", (*CONTEXT, "seccompProfile", "type"), ABSENT),
        ("seccomp-restricted", (*APP_CONTEXT, "seccompProfile", "type"), "Unconfined"),
        ("capabilities-restricted", (*APP_CONTEXT, "capabilities", "drop"), ["all"]),
        ("capabilities-restricted", (*APP_CONTEXT, "capabilities", "drop"), ["NET_RAW"]),
        ("capabilities-restricted", (*APP_CONTEXT, "capabilities", "drop"), ABSENT),
        ("capabilities-restricted", (*APP_CONTEXT, "capabilities", "add", 0), "CHOWN"),
        ("proc-mount-restricted", (*APP_CONTEXT, "procMount"), "Unmasked"),
    ],
)
def test_restricted_refuses_at_the_field(control: str, path: Path, value: object) -> None:
    pod = spoiled((path, value))
    if path[:3] == ("spec", "volumes", 0):
        del pod["spec"]["volumes"][0]["emptyDir"]
    assert found(pod, "restricted") == [(control, format_path(path))]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((*APP_CONTEXT, "capabilities", "add", 0), "NET_BIND_SERVICE"),
        ((*APP_CONTEXT, "capabilities", "drop"), ["NET_RAW", "ALL"]),
        ((*APP_CONTEXT, "runAsNonRoot"), True),
        ((*APP_CONTEXT, "runAsUser"), 1000),
        ((*APP_CONTEXT, "runAsUser"), None),
        (("spec", "volumes", 0), {"name": "data"}),
        (("spec", "volumes", 0), {"name": "data", "image": {"reference": "example.com/data:1"}}),
        (("spec", "volumes", 0), {"name": "data", "csi": {"driver": "d"}}),
        (("spec", "volumes", 0), {"name": "data", "ephemeral": {}}),
    ],
)
def test_restricted_admits(path: Path, value: object) -> None:
    assert found(spoiled((path, value)), "restricted") == []


def test_root_is_refused_per_container_where_nothing_is_declared() -> None:
    pod = spoiled(((*CONTEXT, "runAsNonRoot"), ABSENT), ((*APP_CONTEXT, "runAsNonRoot"), True))
    assert found(pod, "restricted") == [
        ("run-as-non-root", "spec.initContainers[0].securityContext.runAsNonRoot"),
        ("run-as-non-root", "spec.ephemeralContainers[0].securityContext.runAsNonRoot"),
    ]


def test_a_pod_that_allows_root_is_refused_even_if_every_container_forbids_it() -> None:
    changes = [((*container, "securityContext", "runAsNonRoot"), True) for container in (APP, INIT, DEBUG)]
    pod = spoiled(((*CONTEXT, "runAsNonRoot"), False), *changes)
    assert found(pod, "restricted") == [("run-as-non-root", "spec.securityContext.runAsNonRoot")]


def test_seccomp_is_demanded_per_container_where_the_pod_has_none() -> None:
    pod = spoiled(((*CONTEXT, "seccompProfile"), ABSENT), ((*APP_CONTEXT, "seccompProfile", "type"), "RuntimeDefault"))
    assert found(pod, "restricted") == [
        ("seccomp-restricted", "spec.initContainers[0].securityContext.seccompProfile"),
        ("seccomp-restricted", "spec.ephemeralContainers[0].securityContext.seccompProfile"),
    ]
    assert found(pod, "baseline") == []


def test_one_container_may_break_several_controls() -> None:
    pod = spoiled((APP_CONTEXT, ABSENT), ((*APP_CONTEXT, "privileged"), True))
    assert found(pod, "restricted") == [
        ("privileged", "spec.containers[0].securityContext.privileged"),
        ("privilege-escalation", "spec.containers[0].securityContext.allowPrivilegeEscalation"),
        ("capabilities-restricted", "spec.containers[0].securityContext.capabilities.drop"),
    ]


def check_boundary(control: str, level: str, pod: dict[str, Any], before: str, since: str, refused_since: bool) -> None:
    """Assert that a pod is refused by one control only from (or only until) a version."""
    refused = {version: control in {name for name, _ in found(pod, level, version)} for version in (before, since)}
    assert refused == {before: not refused_since, since: refused_since}


@pytest.mark.parametrize(
    ("control", "level", "changes", "before", "since", "refused_since"),
    [
        ("host-probes", "baseline", [((*APP, "livenessProbe", "httpGet", "host"), "x")], "1.33", "1.34", True),
        ("se-linux", "baseline", [((*CONTEXT, "seLinuxOptions", "type"), "container_engine_t")], "1.30", "1.31", False),
        (
            "sysctls",
            "baseline",
            [((*CONTEXT, "sysctls", 0, "name"), "net.ipv4.ip_local_reserved_ports")],
            "1.26",
            "1.27",
            False,
        ),
        (
            "sysctls",
            "baseline",
            [((*CONTEXT, "sysctls", 0, "name"), "net.ipv4.tcp_keepalive_time")],
            "1.28",
            "1.29",
            False,
        ),
        ("sysctls", "baseline", [((*CONTEXT, "sysctls", 0, "name"), "net.ipv4.tcp_rmem")], "1.31", "1.32", False),
        (
            "sysctls",
            "baseline",
            [((*CONTEXT, "sysctls", 0, "name"), "net.ipv4.tcp_notsent_lowat")],
            "1.36",
            "1.37",
            False,
        ),
        ("seccomp", "baseline", [((*APP_CONTEXT, "seccompProfile", "type"), "Unconfined")], "1.18", "1.19", True),
        (
            "proc-mount",
            "baseline",
            [((*APP_CONTEXT, "procMount"), "Unmasked"), (("spec", "hostUsers"), False)],
            "1.34",
            "1.35",
            False,
        ),
        ("proc-mount", "restricted", [((*APP_CONTEXT, "procMount"), "Unmasked")], "1.34", "1.35", False),
        (
            "proc-mount-restricted",
            "restricted",
            [((*APP_CONTEXT, "procMount"), "Unmasked"), (("spec", "hostUsers"), False)],
            "1.34",
            "1.35",
            True,
        ),
        (
            "privilege-escalation",
            "restricted",
            [((*APP_CONTEXT, "allowPrivilegeEscalation"), True)],
            "1.7",
            "1.8",
            True,
        ),
        (
            "privilege-escalation",
            "restricted",
            [((*APP_CONTEXT, "allowPrivilegeEscalation"), True), (("spec", "os", "name"), "windows")],
            "1.24",
            "1.25",
            False,
        ),
        ("seccomp-restricted", "restricted", [((*CONTEXT, "seccompProfile"), ABSENT)], "1.18", "1.19", True),
        (
            "seccomp-restricted",
            "restricted",
            [((*CONTEXT, "seccompProfile"), ABSENT), (("spec", "os", "name"), "windows")],
            "1.24",
            "1.25",
            False,
        ),
        ("capabilities-restricted", "restricted", [((*APP_CONTEXT, "capabilities"), ABSENT)], "1.21", "1.22", True),
        (
            "capabilities-restricted",
            "restricted",
            [((*APP_CONTEXT, "capabilities"), ABSENT), (("spec", "os", "name"), "windows")],
            "1.24",
            "1.25",
            False,
        ),
        ("capabilities", "restricted", [((*APP_CONTEXT, "capabilities", "add", 0), "SYS_TIME")], "1.21", "1.22", False),
        ("run-as-user", "restricted", [((*CONTEXT, "runAsUser"), 0)], "1.22", "1.23", True),
        (
            "run-as-user",
            "restricted",
            [((*CONTEXT, "runAsUser"), 0), (("spec", "hostUsers"), False)],
            "1.34",
            "1.35",
            False,
        ),
        (
            "run-as-non-root",
            "restricted",
            [((*CONTEXT, "runAsNonRoot"), ABSENT), (("spec", "hostUsers"), False)],
            "1.34",
            "1.35",
            False,
        ),
    ],
)
def test_controls_change_at_their_version(
    control: str, level: str, changes: list[tuple[Path, object]], before: str, since: str, refused_since: bool
) -> None:
    check_boundary(control, level, spoiled(*changes), before, since, refused_since)


def test_host_users_true_relaxes_nothing() -> None:
    pod = spoiled(((*APP_CONTEXT, "procMount"), "Unmasked"), (("spec", "hostUsers"), True))
    assert found(pod, "baseline") == [("proc-mount", "spec.containers[0].securityContext.procMount")]


@pytest.mark.parametrize(
    ("key", "value", "control", "version"),
    [
        ("container.apparmor.security.beta.kubernetes.io/app", "unconfined", "app-armor", "latest"),
        ("container.apparmor.security.beta.kubernetes.io/other", "unconfined", "app-armor", "1.0"),
        ("seccomp.security.alpha.kubernetes.io/pod", "unconfined", "seccomp", "1.18"),
        ("container.seccomp.security.alpha.kubernetes.io/prepare", "", "seccomp", "1.18"),
    ],
)
def test_annotations_that_open_a_profile_are_refused(key: str, value: str, control: str, version: str) -> None:
    pod = spoiled((("metadata", "annotations", key), value))
    assert found(pod, "baseline", version) == [(control, format_path(("metadata", "annotations", key)))]


@pytest.mark.parametrize(
    ("key", "value", "version"),
    [
        ("container.apparmor.security.beta.kubernetes.io/app", "runtime/default", "latest"),
        ("container.apparmor.security.beta.kubernetes.io/app", "localhost/shop", "latest"),
        ("container.apparmor.security.beta.kubernetes.io/app", "", "latest"),
        ("container.apparmor.security.beta.kubernetes.io/app", True, "latest"),
        ("seccomp.security.alpha.kubernetes.io/pod", "docker/default", "1.18"),
        ("seccomp.security.alpha.kubernetes.io/pod", "unconfined", "1.19"),
        ("container.seccomp.security.alpha.kubernetes.io/absent", "unconfined", "1.18"),
    ],
)
def test_annotations_that_keep_a_profile_are_admitted(key: str, value: object, version: str) -> None:
    assert found(spoiled((("metadata", "annotations", key), value)), "baseline", version) == []


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            (*APP_CONTEXT, "allowPrivilegeEscalation"),
            ABSENT,
            "container app may gain privileges: allowPrivilegeEscalation is not false",
        ),
        ((*INIT, "restartPolicy"), "Always", None),
        ((*INIT, "securityContext", "privileged"), True, "init container prepare is privileged"),
        ((*DEBUG, "securityContext", "runAsUser"), 0, "ephemeral container debug runs as root: runAsUser is 0"),
        (("spec", "hostPID"), True, "pod shares the node's process IDs: hostPID is true"),
        (
            (*APP_CONTEXT, "capabilities", "drop"),
            ["NET_RAW"],
            "container app does not drop ALL capabilities: capabilities.drop has NET_RAW",
        ),
        (
            (*CONTEXT, "seccompProfile", "type"),
            "Unconfined",
            "pod has a seccomp profile whose type is Unconfined, not RuntimeDefault or Localhost",
        ),
        (
            (*CONTEXT, "seccompProfile", "type"),
            ABSENT,
            "pod has a seccomp profile whose type is not set, not RuntimeDefault or Localhost",
        ),
        (("spec", "volumes", 0), {"name": "data", "nfs": {}}, "volume data is of the type nfs"),
        (("spec", "volumes", 0), {"hostPath": {}}, "volume [0] is of the type hostPath"),
    ],
)
def test_messages_name_the_container_and_the_value(path: Path, value: object, message: str | None) -> None:
    pod = spoiled((path, value))
    messages = [violation.message for violation in violations(pod["metadata"], pod["spec"], "restricted")]
    assert messages == ([message] if message else [])


def test_a_sidecar_is_called_a_sidecar() -> None:
    pod = spoiled(((*INIT, "restartPolicy"), "Always"), ((*INIT, "securityContext", "privileged"), True))
    assert [violation.message for violation in violations({}, pod["spec"], "baseline")] == [
        "sidecar prepare is privileged"
    ]


def test_controls_have_unique_ids_and_known_replacements() -> None:
    ids = [control.id for control in CONTROLS]
    assert len(set(ids)) == len(ids) == 19
    assert {control.replaces for control in CONTROLS} - {None} <= set(ids)


def test_stricter_controls_replace_those_of_baseline() -> None:
    names = [control.id for control in controls_in_force("restricted", LATEST_VERSION)]
    assert not {"host-path-volumes", "capabilities", "seccomp", "proc-mount"}.intersection(names)
    old = [control.id for control in controls_in_force("restricted", KubernetesVersion(1, 0))]
    assert {"capabilities", "seccomp", "proc-mount", "volume-types", "run-as-non-root"} <= set(old)
    assert controls_in_force("privileged") == ()


def test_a_level_nobody_knows_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="strict"):
        controls_in_force("strict")


def test_one_control_can_be_checked_by_itself() -> None:
    pod = spoiled(((*APP_CONTEXT, "capabilities", "add", 0), "SYS_TIME"))
    for control in ("capabilities", "capabilities-restricted"):
        result = check_control(control, pod["metadata"], pod["spec"])
        assert [(violation.control, violation.path[-1]) for violation in result] == [(control, 0)]
    assert check_control("capabilities-restricted", pod["metadata"], pod["spec"], KubernetesVersion(1, 21)) == ()


def test_versions_yet_to_come_are_judged_by_the_latest() -> None:
    pod = spoiled(((*CONTEXT, "sysctls", 0, "name"), "net.ipv4.tcp_notsent_lowat"))
    assert found(pod, "baseline", "1.99") == []


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({}, None),
        ({"enforce": "baseline"}, Policy(Level.BASELINE, LATEST_VERSION)),
        ({"enforce": "restricted", "enforce-version": "v1.30"}, Policy(Level.RESTRICTED, KubernetesVersion(1, 30))),
        ({"enforce": "restricted", "enforce-version": "latest"}, Policy(Level.RESTRICTED, LATEST_VERSION)),
        ({"enforce": "restricted", "enforce-version": "1.30"}, Policy(Level.RESTRICTED, LATEST_VERSION)),
        ({"enforce": "baseline", "enforce-version": 1.3}, Policy(Level.BASELINE, LATEST_VERSION)),
        ({"enforce": "Restricted"}, Policy(Level.RESTRICTED, LATEST_VERSION)),
        ({"enforce": ["baseline"]}, Policy(Level.RESTRICTED, LATEST_VERSION)),
        ({"warn": "restricted"}, None),
    ],
)
def test_reads_the_labels_of_a_namespace(labels: dict[str, Any], expected: Policy | None) -> None:
    prefixed = {f"pod-security.kubernetes.io/{key}": value for key, value in labels.items()}
    assert namespace_policy(prefixed) == expected


def test_audit_and_warn_fail_open() -> None:
    labels = {"pod-security.kubernetes.io/warn": "strict"}
    assert namespace_policy(labels, "warn") == Policy(Level.PRIVILEGED, LATEST_VERSION)
    assert namespace_policy(labels, "audit") is None


def test_a_policy_writes_itself_as_the_option_takes_it() -> None:
    assert str(Policy(Level.RESTRICTED, KubernetesVersion(1, 30))) == "restricted:v1.30"
    assert str(Policy(Level.BASELINE, LATEST_VERSION)) == "baseline"


HOSTILE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 1)
    | st.just(float("nan"))
    | st.sampled_from(["", "x", "ALL", "windows"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "type", "host", "add"]), inner)
    ),
    max_leaves=6,
)
FIELDS = [
    (),
    ("metadata",),
    ("metadata", "annotations"),
    ("spec",),
    CONTEXT,
    (*CONTEXT, "sysctls"),
    (*CONTEXT, "seccompProfile"),
    (*CONTEXT, "seLinuxOptions"),
    ("spec", "containers"),
    ("spec", "volumes"),
    ("spec", "os"),
    (*APP, "name"),
    (*APP, "ports"),
    (*APP, "lifecycle"),
    (*APP, "livenessProbe"),
    APP_CONTEXT,
    (*APP_CONTEXT, "capabilities"),
    (*APP_CONTEXT, "capabilities", "drop"),
    (*APP_CONTEXT, "capabilities", "add"),
    (*APP_CONTEXT, "procMount"),
]


@given(path=st.sampled_from(FIELDS), value=HOSTILE, version=st.sampled_from(ALL_VERSIONS))
def test_any_type_anywhere_is_judged_without_a_crash(path: Path, value: object, version: KubernetesVersion) -> None:
    pod: Any = spoiled((path, value)) if path else value
    metadata, spec = (pod.get("metadata"), pod.get("spec")) if isinstance(pod, dict) else (pod, pod)
    for violation in violations(metadata, spec, "restricted", version):
        assert violation.path[0] in ("metadata", "spec")
        assert violation.message
