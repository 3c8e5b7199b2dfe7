"""Who tells what of the Pod Security Standards: namespace and workload once, single controls where neither does."""

from __future__ import annotations

import pytest

from refarch_lint.config import Settings
from refarch_lint.errors import UsageError
from refarch_lint.evaluate.lint import lint

RULES = ("namespace-pod-security", "pod-admitted", "pod-security/*")

DEPLOYMENT = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostNetwork: true
      containers:
      - name: web
        image: registry.example.com/web:1.4.0
"""


def namespace(*labels: str) -> str:
    shown = "".join(f"\n    pod-security.kubernetes.io/{label}" for label in labels)
    return f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n    team: shop{shown}\n"


def told(text: str, settings: Settings) -> dict[str, int]:
    """Return how often each rule speaks."""
    found: dict[str, int] = {}
    for finding in lint(["-"], settings, stdin=lambda: text.encode()).active:
        found[finding.rule] = found.get(finding.rule, 0) + 1
    return found


CONTROLS = {
    "pod-security/host-namespaces": 1,
    "pod-security/privilege-escalation": 1,
    "pod-security/run-as-non-root": 1,
    "pod-security/seccomp-restricted": 1,
    "pod-security/capabilities-restricted": 1,
}


def test_single_controls_judge_by_the_profile_where_no_namespace_is_known() -> None:
    assert told(DEPLOYMENT, Settings(select=RULES)) == CONTROLS


def test_single_controls_judge_by_the_profile_where_the_namespace_enforces_nothing() -> None:
    assert told(namespace() + DEPLOYMENT, Settings(select=RULES)) == {"namespace-pod-security": 1, **CONTROLS}


def test_the_workload_is_told_once_where_the_namespace_enforces_the_level() -> None:
    assert told(namespace("enforce: restricted") + DEPLOYMENT, Settings(select=RULES)) == {"pod-admitted": 1}


def test_a_laxer_namespace_is_told_once_and_judged_by_its_own_level() -> None:
    text = namespace("enforce: baseline") + DEPLOYMENT
    assert told(text, Settings(select=RULES)) == {"namespace-pod-security": 1, "pod-admitted": 1}


def test_a_privileged_namespace_is_told_once_and_nothing_in_it() -> None:
    text = namespace("enforce: privileged") + DEPLOYMENT
    assert told(text, Settings(select=RULES)) == {"namespace-pod-security": 1}


def test_single_controls_speak_for_themselves_where_pod_admitted_does_not_run() -> None:
    text = namespace("enforce: restricted") + DEPLOYMENT
    assert told(text, Settings(select=("pod-security/*",))) == CONTROLS
    assert told(text, Settings(select=RULES, ignore=("pod-admitted",))) == CONTROLS


def test_the_option_judges_instead_of_namespace_and_profile() -> None:
    text = namespace("enforce: privileged") + DEPLOYMENT
    expected = {"namespace-pod-security": 1, "pod-security/host-namespaces": 1}
    assert told(text, Settings(select=RULES, pod_security="baseline")) == expected
    assert told(text, Settings(select=RULES, pod_security="privileged")) == {}
    assert told(text, Settings(select=RULES, pod_security="restricted")) == {"namespace-pod-security": 1, **CONTROLS}


def test_the_option_names_a_version() -> None:
    found = told(DEPLOYMENT, Settings(select=RULES, pod_security="restricted:v1.7"))
    assert found == {"pod-security/host-namespaces": 1, "pod-security/run-as-non-root": 1}


def test_the_version_of_the_namespace_counts_up_to_that_of_the_cluster() -> None:
    newer = namespace("enforce: restricted", "enforce-version: v1.36") + DEPLOYMENT
    older = namespace("enforce: restricted", "enforce-version: v1.7") + DEPLOYMENT
    sysctl = (
        "      securityContext: {sysctls: [{name: net.ipv4.tcp_keepalive_time, value: '1'}]}\n      hostNetwork: true\n"
    )
    text = newer.replace("      hostNetwork: true\n", sysctl)
    rules = ("pod-security/sysctls",)
    assert told(text, Settings(select=rules, kubernetes_version="1.28")) == {"pod-security/sysctls": 1}
    assert told(text, Settings(select=rules, kubernetes_version="1.37")) == {}
    assert "pod-security/privilege-escalation" not in told(older, Settings(select=("pod-security/*",)))


@pytest.mark.parametrize("option", ["strict", "baseline:1", "baseline:newest"])
def test_an_option_that_means_nothing_is_a_usage_error(option: str) -> None:
    with pytest.raises(UsageError, match="--pod-security"):
        lint(["-"], Settings(select=RULES, pod_security=option), stdin=lambda: DEPLOYMENT.encode())


def test_every_violation_is_a_related_place_of_the_refused_workload() -> None:
    text = namespace("enforce: restricted") + DEPLOYMENT
    report = lint(["-"], Settings(select=("pod-admitted",)), stdin=lambda: text.encode())
    (finding,) = report.active
    assert finding.message == (
        "Deployment/web is accepted while its pods are not: namespace shop enforces restricted; violated: "
        "host-namespaces, privilege-escalation, run-as-non-root, seccomp-restricted, capabilities-restricted"
    )
    assert finding.related[0].message == "namespace shop enforces restricted"
    assert [note.location.span.start.line for note in finding.related[1:]] == [18, 20, 20, 20, 20]
