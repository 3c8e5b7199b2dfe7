"""Facts that rule files may ask: their values and the places that state them."""

from __future__ import annotations

from typing import Any

import pytest

from refarch_lint.catalogue.rule import Rule, Target
from refarch_lint.evaluate.context import RuleContext, RunContext, Shared
from refarch_lint.evaluate.facts import FACTS, Fact
from refarch_lint.evaluate.fit import fit_architecture
from refarch_lint.evaluate.operators import MISSING
from refarch_lint.evaluate.subject import Subject
from refarch_lint.severity import Severity
from tests.evaluate.running import catalogue, settings
from tests.graph.trees import graph_of, service, thing, workload

RULE = Rule("own-rule", "Title", "custom", Severity.ERROR, "", "", Target(), ())


def ask(fact: str, *texts: str) -> Fact:
    """Return a fact about the first workload of a tree."""
    graph, chosen = graph_of(*texts), settings("architecture: none")
    book = fit_architecture(graph, catalogue(), chosen).book
    run = RunContext(graph, book, catalogue(), chosen, (), Shared(chosen))
    first = graph.workloads[0]
    subject = Subject(first.resource, (), first.resource.data, first, namespace=first.namespace)
    return FACTS[fact](subject, RuleContext(run, RULE))


HPA = thing(
    "autoscaling/v2",
    "HorizontalPodAutoscaler",
    "scaler",
    "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}, minReplicas: 4, maxReplicas: 9}\n",
)
POSTGRES = workload("StatefulSet", "db").replace("registry.example/main:1", "postgres:17")


def hooked(value: str) -> str:
    return workload().replace("namespace: shop}", f"namespace: shop, annotations: {{helm.sh/hook: {value}}}}}", 1)


@pytest.mark.parametrize(
    ("fact", "texts", "value"),
    [
        ("effective-replicas", [workload(spec="replicas: 2")], 2),
        ("effective-replicas", [workload(spec="replicas: 2"), HPA], 4),
        ("effective-replicas", [workload()], 1),
        ("effective-replicas", [workload("DaemonSet")], MISSING),
        ("behind-service", [workload(), service()], True),
        ("behind-service", [workload(), service(name="web")], False),
        ("behind-service", [workload(), service(namespace="other")], False),
        ("host-network", [workload(pod="hostNetwork: true")], True),
        ("host-network", [workload(pod="hostNetwork: 'true'")], False),
        ("is-datastore", [POSTGRES], True),
        ("is-datastore", [workload()], False),
        ("keeps-data", [POSTGRES], True),
        ("keeps-data", [workload()], False),
        ("traits", [workload()], []),
        ("helm-hook", [hooked("pre-install")], True),
        ("helm-hook", [workload()], False),
        ("helm-test", [hooked("test")], True),
        ("helm-test", [hooked("'post-install, test-success'")], True),
        ("helm-test", [hooked("pre-install")], False),
    ],
)
def test_fact(fact: str, texts: list[str], value: Any) -> None:
    found = ask(fact, *texts).value
    assert found is value if value is MISSING else found == value


def test_replicas_stand_where_they_are_stated() -> None:
    found = ask("effective-replicas", workload(spec="replicas: 2"), HPA)
    assert found.place.resource.kind == "HorizontalPodAutoscaler"
    assert found.source == "minReplicas of HorizontalPodAutoscaler/scaler"


def test_traits_are_sorted() -> None:
    found = ask("traits", POSTGRES).value
    assert "datastore" in found
    assert found == sorted(found)
