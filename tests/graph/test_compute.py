"""What the scheduler counts for a pod, and who gives a container its figures."""

from __future__ import annotations

from fractions import Fraction

import pytest

from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.model.workload import Workload
from tests.graph.trees import graph_of, named, thing

PODS = """
    apiVersion: v1
    kind: Pod
    metadata: {{name: api, namespace: shop}}
    spec:
      {level}
      initContainers:
        - {{name: sidecar, restartPolicy: Always, resources: {{requests: {{cpu: 100m}}}}}}
        - {{name: migrate, resources: {{requests: {{cpu: {migrate}}}}}}}
      containers:
        - {{name: api, resources: {{requests: {{cpu: 200m}}}}}}
        - {{name: proxy, resources: {{limits: {{cpu: 300m}}}}}}
"""


def pod(graph: ResourceGraph) -> Workload:
    found = graph.workload(named(graph, "Pod"))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("migrate", "expected"),
    [
        ("50m", Fraction(600, 1000)),  # the containers that stay weigh more
        ("2", Fraction(2100, 1000)),  # the init container weighs more, with the sidecar started before it
    ],
)
def test_a_pod_costs_the_larger_of_running_and_starting(migrate: str, expected: Fraction) -> None:
    graph = graph_of(PODS.format(level="restartPolicy: Always", migrate=migrate))
    assert graph.compute.pod_total(pod(graph), "requests", "cpu") == expected


def test_the_figure_of_the_pod_comes_first() -> None:
    graph = graph_of(PODS.format(level="resources: {requests: {cpu: 1}}", migrate="2"))
    assert graph.compute.pod_total(pod(graph), "requests", "cpu") == 1


def test_what_nobody_states_has_no_total() -> None:
    graph = graph_of(PODS.format(level="restartPolicy: Always", migrate="1"))
    assert graph.compute.pod_total(pod(graph), "requests", "memory") is None


@pytest.mark.parametrize(
    ("item", "request_of", "limit_of"),
    [
        ("default: {memory: 2Gi}, defaultRequest: {memory: 1Gi}, max: {memory: 4Gi}", "1Gi", "2Gi"),
        ("default: {memory: 2Gi}", "2Gi", "2Gi"),
        ("max: {memory: 4Gi}", "4Gi", "4Gi"),
        ("min: {memory: 64Mi}", "64Mi", None),
    ],
)
def test_limit_ranges_give_what_the_api_defaults(item: str, request_of: str, limit_of: str | None) -> None:
    limits = thing("v1", "LimitRange", "defaults", f"spec: {{limits: [{{type: Container, {item}}}]}}\n")
    graph = graph_of(limits, PODS.format(level="restartPolicy: Always", migrate="1"))
    workload = pod(graph)
    container = workload.containers[0]
    request = graph.compute.request(workload, container, "memory")
    limit = graph.compute.limit(workload, container, "memory")
    assert (request and request.value, limit and limit.value) == (request_of, limit_of)
    assert request is not None
    assert request.origin == "LimitRange/defaults"
