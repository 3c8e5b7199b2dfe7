"""Edges that labels make: pod template labels decide, in the object's own namespace, with the API's own semantics."""

from __future__ import annotations

import pytest

from refarch_lint.graph.edge import Relation
from refarch_lint.graph.graph import ResourceGraph
from tests.graph.trees import graph_of, named, service, thing, workload


def budget(selector: str, *, namespace: str = "shop", version: str = "v1") -> str:
    spec = f"spec: {{minAvailable: 1, selector: {selector}}}\n"
    return thing(f"policy/{version}", "PodDisruptionBudget", "guard", spec, namespace=namespace)


def protected(*texts: str) -> list[str]:
    graph = graph_of(*texts)
    guard = named(graph, "PodDisruptionBudget")
    return [str(found) for found in graph.selected(guard, Relation.PROTECTS)]


def test_labels_of_the_pod_template_decide_and_not_the_selector_of_the_controller() -> None:
    text = workload(labels="app: other")
    assert protected(text, budget("{matchLabels: {app: api}}")) == []
    assert protected(text, budget("{matchLabels: {app: other}}")) == ["Deployment/api"]


def test_every_label_and_every_expression_must_hold() -> None:
    text = workload(labels="app: api, tier: front")
    assert protected(text, budget("{matchLabels: {app: api, tier: back}}")) == []
    both = "{matchLabels: {app: api}, matchExpressions: [{key: tier, operator: In, values: [back, front]}]}"
    assert protected(text, budget(both)) == ["Deployment/api"]


@pytest.mark.parametrize("operator", ["NotIn, values: [x]", "DoesNotExist"])
def test_negative_expressions_hold_where_the_key_is_absent(operator: str) -> None:
    expression = f"{{matchExpressions: [{{key: tier, operator: {operator}}}]}}"
    assert protected(workload(), budget(expression)) == ["Deployment/api"]


def test_an_empty_selector_of_a_budget_takes_all_and_an_absent_one_none() -> None:
    assert protected(workload(), workload(name="web"), budget("{}")) == ["Deployment/api", "Deployment/web"]
    assert protected(workload(), budget("null")) == []
    assert protected(workload(), budget("{}", version="v1beta1")) == []


def test_only_the_own_namespace_counts() -> None:
    assert protected(workload(), budget("{matchLabels: {app: api}}", namespace="elsewhere")) == []


def test_a_service_without_a_selector_picks_nothing() -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\nspec: {ports: [{port: 80}]}\n"
    graph = graph_of(workload(), text)
    assert graph.selected(named(graph, "Service")) == ()


@pytest.mark.parametrize(
    ("kind", "api"),
    [
        ("StatefulSet", "apps/v1"),
        ("DaemonSet", "apps/v1"),
        ("ReplicaSet", "apps/v1"),
        ("Job", "batch/v1"),
        ("Rollout", "argoproj.io/v1alpha1"),
        ("DeploymentConfig", "apps.openshift.io/v1"),
    ],
)
def test_services_select_pods_of_every_kind(kind: str, api: str) -> None:
    graph = graph_of(workload(kind, api=api), service())
    assert [str(found) for found in graph.selected(named(graph, "Service"))] == [f"{kind}/api"]


def test_bare_pods_and_scheduled_jobs_are_selected() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: api, namespace: shop, labels: {app: api}}\nspec: {}\n"
    template = "{metadata: {labels: {app: api}}, spec: {containers: []}}"
    job = thing("batch/v1", "CronJob", "nightly", f"spec: {{jobTemplate: {{spec: {{template: {template}}}}}}}\n")
    graph = graph_of(pod, job, service())
    assert [str(found) for found in graph.selected(named(graph, "Service"))] == ["Pod/api", "CronJob/nightly"]


def test_a_service_of_one_pod_of_a_stateful_set() -> None:
    one = service().replace("{app: api}", "{app: api, statefulset.kubernetes.io/pod-name: api-1}")
    graph = graph_of(workload("StatefulSet"), one)
    assert [str(found) for found in graph.selected(named(graph, "Service"))] == ["StatefulSet/api"]
    other = graph_of(workload("StatefulSet"), one.replace("api-1", "other-1"))
    assert other.selected(named(other, "Service")) == ()


def test_evidence_stands_at_both_ends() -> None:
    graph = graph_of(workload(), service())
    (edge,) = graph.outgoing(named(graph, "Service"), Relation.SELECTS)
    assert (str(edge.source.locate()), str(edge.target.locate())) == ("app.yaml:18:3", "app.yaml:7:16")
    assert graph.services_of(graph.workloads[0]) == (named(graph, "Service"),)


def scraped(graph: ResourceGraph, kind: str) -> list[str]:
    return [str(edge.target.resource) for edge in graph.outgoing(named(graph, kind), Relation.SCRAPES)]


def monitor(kind: str, selector: str, where: str = "", *, namespace: str = "shop") -> str:
    spec = f"spec: {{selector: {selector}{where}}}\n"
    return thing("monitoring.coreos.com/v1", kind, "monitor", spec, namespace=namespace)


def labelled(*, namespace: str = "shop") -> str:
    return service(namespace=namespace).replace("metadata: {", "metadata: {labels: {app: api}, ")


def test_service_monitors_pick_services_by_their_own_labels() -> None:
    assert scraped(graph_of(labelled(), monitor("ServiceMonitor", "{matchLabels: {app: api}}")), "ServiceMonitor") == [
        "Service/api"
    ]
    assert scraped(graph_of(service(), monitor("ServiceMonitor", "{matchLabels: {app: api}}")), "ServiceMonitor") == []


@pytest.mark.parametrize(
    ("where", "found"),
    [("", False), (", namespaceSelector: {any: true}", True), (", namespaceSelector: {matchNames: [shop]}", True)],
)
def test_monitors_look_in_their_own_namespace_unless_they_say_otherwise(where: str, found: bool) -> None:
    text = monitor("ServiceMonitor", "{matchLabels: {app: api}}", where, namespace="monitoring")
    assert bool(scraped(graph_of(labelled(), text), "ServiceMonitor")) is found
    pods = monitor("PodMonitor", "{matchLabels: {app: api}}", where, namespace="monitoring")
    assert bool(scraped(graph_of(workload(), pods), "PodMonitor")) is found


def test_rivals_are_workloads_whose_selectors_meet() -> None:
    graph = graph_of(workload(), workload(name="canary", labels="app: api, track: canary"), workload(name="web"))
    api, canary, web = graph.workloads
    assert graph.rivals(api) == (canary,)
    assert graph.rivals(web) == ()


def test_jobs_have_no_rivals() -> None:
    graph = graph_of(workload(), workload("Job", "migrate", api="batch/v1", labels="app: api"))
    assert graph.rivals(graph.workloads[0]) == ()
    assert graph.rivals(graph.workloads[1]) is None


def test_labels_that_are_read_as_numbers_are_taken_as_they_are_written() -> None:
    assert protected(workload(labels="app: 05"), budget("{matchLabels: {app: '05'}}")) == ["Deployment/api"]
    assert protected(workload(labels="app: [5]"), budget("{matchLabels: {app: '5'}}")) == []


def test_collectors_pick_monitors_of_the_namespaces_that_they_look_in() -> None:
    def monitoring(kind: str, name: str, namespace: str, spec: str) -> str:
        metadata = f"{{name: {name}, namespace: {namespace}, labels: {{team: a}}}}"
        return f"apiVersion: monitoring.coreos.com/v1\nkind: {kind}\nmetadata: {metadata}\nspec: {spec}\n"

    graph = graph_of(
        monitoring("Prometheus", "near", "monitoring", "{serviceMonitorSelector: {}, ruleSelector: {}}"),
        monitoring(
            "Prometheus", "wide", "monitoring", "{serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {}}"
        ),
        monitoring("Prometheus", "none", "monitoring", "{}"),
        monitoring("ServiceMonitor", "api", "shop", "{}"),
        monitoring("ServiceMonitor", "self", "monitoring", "{}"),
        monitoring("PrometheusRule", "alerts", "monitoring", "{}"),
    )
    assert [(edge.source.resource.name, edge.target.resource.name) for edge in graph.edges] == [
        ("near", "self"),
        ("near", "alerts"),
        ("wide", "api"),
        ("wide", "self"),
    ]
