"""Labels and selectors whose values YAML reads as another type: taken as they are written, the graph holds together."""

from __future__ import annotations

import pytest

from tests.graph.trees import graph_of

PODS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop, labels: {release: 1.10}}
spec:
  selector: {matchLabels: {app: %(label)s}}
  template:
    metadata: {labels: {app: %(label)s}, annotations: {prometheus.io/scrape: true, prometheus.io/port: 8080}}
    spec: {containers: [{name: api, image: "registry.example.com/shop/api:1.4.0"}]}
"""
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\nspec: {selector: {app: %s}}\n"
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec: {podSelector: {matchExpressions: [{key: app, operator: In, values: [other, %s]}]}}
"""


@pytest.mark.parametrize("label", ["on", "y", "1.10", "007", "1e3"])
def test_services_and_policies_select_pods_by_values_of_another_type(label: str) -> None:
    graph = graph_of(PODS % {"label": label}, SERVICE % label, POLICY % label)
    (workload,) = graph.workloads
    assert workload.pod_labels == {"app": label}
    assert [str(service) for service in graph.services_of(workload)] == ["Service/api"]
    assert [str(policy) for policy in graph.network.isolation(workload).ingress] == ["NetworkPolicy/api"]
    assert graph.network.faults == ()


def test_values_that_are_read_alike_and_written_differently_stay_apart() -> None:
    graph = graph_of(PODS % {"label": "on"}, SERVICE % "y", POLICY % "yes")
    (workload,) = graph.workloads
    assert graph.services_of(workload) == ()
    assert graph.network.isolation(workload).ingress == ()


def test_labels_and_annotations_are_texts() -> None:
    (workload,) = graph_of(PODS % {"label": "a"}).workloads
    assert workload.resource.labels == {"release": "1.10"}
    assert workload.pod_annotations == {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"}


@pytest.mark.parametrize("value", ["[a]", "{a: b}", "null"])
def test_what_is_no_scalar_is_no_label(value: str) -> None:
    graph = graph_of(PODS % {"label": value}, SERVICE % value, POLICY % value)
    (workload,) = graph.workloads
    assert workload.pod_labels == {}
    assert graph.services_of(workload) == ()
