"""Effective replicas: what scales a workload, by name, namespace and API group, and what it starts from."""

from __future__ import annotations

import pytest

from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.scaling import Replicas, measured_resources, utilisation_demands
from tests.graph.trees import graph_of, named, thing, workload


def autoscaler(spec: str = "minReplicas: 3, maxReplicas: 6", target: str = "", *, namespace: str = "shop") -> str:
    reference = target or "apiVersion: apps/v1, kind: Deployment, name: api"
    body = f"spec: {{scaleTargetRef: {{{reference}}}, {spec}}}\n"
    return thing("autoscaling/v2", "HorizontalPodAutoscaler", "scaler", body, namespace=namespace)


def scaled_object(spec: str = "", target: str = "name: api") -> str:
    return thing("keda.sh/v1alpha1", "ScaledObject", "scaler", f"spec: {{scaleTargetRef: {{{target}}}{spec}}}\n")


def replicas(graph: ResourceGraph, kind: str = "Deployment") -> Replicas:
    found = graph.workload(named(graph, kind))
    assert found is not None
    answer = graph.replicas(found)
    assert answer is not None
    return answer


def figures(*texts: str, kind: str = "Deployment") -> tuple[int, int, str]:
    found = replicas(graph_of(*texts), kind)
    return found.minimum, found.maximum, found.reason


def test_absent_replicas_are_one() -> None:
    found = replicas(graph_of(workload()))
    assert (found.minimum, found.maximum, found.reason) == (1, 1, "the default, spec.replicas is not set")
    assert str(found.place.locate()) == "app.yaml:4:1"


def test_declared_replicas_are_stated_at_their_place() -> None:
    found = replicas(graph_of(workload(spec="replicas: 4")))
    assert (found.minimum, found.maximum, found.reason) == (4, 4, "spec.replicas")
    assert str(found.place.locate()) == "app.yaml:6:13"


@pytest.mark.parametrize("value", ["three", "true", "1.5", "[3]", "null"])
def test_replicas_of_another_type_are_no_number(value: str) -> None:
    assert figures(workload(spec=f"replicas: {value}"))[0] == 1


@pytest.mark.parametrize("kind", ["DaemonSet", "Job", "CronJob"])
def test_kinds_without_replicas_have_none(kind: str) -> None:
    text = workload(kind, api="batch/v1" if "Job" in kind else "apps/v1").replace("  template:", "  template:")
    if kind == "CronJob":
        text = thing("batch/v1", "CronJob", "api", "spec: {jobTemplate: {spec: {template: {spec: {}}}}}\n")
    graph = graph_of(text)
    found = graph.workload(named(graph, kind))
    assert found is not None
    assert graph.replicas(found) is None


def test_an_autoscaler_counts_before_replicas() -> None:
    found = replicas(graph_of(workload(spec="replicas: 5"), autoscaler()))
    assert (found.minimum, found.maximum) == (3, 6)
    assert found.reason == "minReplicas of HorizontalPodAutoscaler/scaler"
    assert found.place.resource.kind == "HorizontalPodAutoscaler"


def test_the_minimum_of_an_autoscaler_is_one_by_default() -> None:
    reason = "minReplicas of HorizontalPodAutoscaler/scaler, its default"
    assert figures(workload(spec="replicas: 5"), autoscaler("maxReplicas: 6")) == (1, 6, reason)


def test_the_minimum_of_keda_is_zero_by_default_and_its_maximum_a_hundred() -> None:
    reason = "minReplicaCount of ScaledObject/scaler, its default"
    assert figures(workload(spec="replicas: 5"), scaled_object()) == (0, 100, reason)
    assert figures(workload(), scaled_object(", minReplicaCount: 2, maxReplicaCount: 9"))[:2] == (2, 9)


def test_no_replicas_switch_an_autoscaler_off() -> None:
    assert figures(workload(spec="replicas: 0"), autoscaler())[0] == 0


@pytest.mark.parametrize(
    "target",
    [
        "apiVersion: apps/v1, kind: Deployment, name: web",
        "apiVersion: apps/v1, kind: StatefulSet, name: api",
        "apiVersion: example.org/v1, kind: Deployment, name: api",
        "apiVersion: v1, kind: Deployment, name: api",
    ],
)
def test_an_autoscaler_of_something_else_does_not_count(target: str) -> None:
    assert figures(workload(spec="replicas: 2"), autoscaler(target=target))[0] == 2


def test_the_version_of_the_target_does_not_matter() -> None:
    target = "apiVersion: apps/v1beta2, kind: Deployment, name: api"
    assert figures(workload(spec="replicas: 2"), autoscaler(target=target))[0] == 3


def test_an_autoscaler_of_another_namespace_does_not_count() -> None:
    assert figures(workload(spec="replicas: 2"), autoscaler(namespace="elsewhere"))[0] == 2


def test_a_maximum_below_the_minimum_is_not_taken() -> None:
    assert figures(workload(), autoscaler("minReplicas: 4, maxReplicas: 2"))[:2] == (4, 4)


BORROWED = "spec: {replicas: 4, workloadRef: {apiVersion: apps/v1, kind: Deployment, name: api}}\n"


def test_a_rollout_sets_the_replicas_of_the_deployment_whose_template_it_borrows() -> None:
    rollout = thing("argoproj.io/v1alpha1", "Rollout", "api", BORROWED)
    assert figures(workload(spec="replicas: 0"), rollout) == (4, 4, "replicas of Rollout/api")


def test_what_scales_a_rollout_scales_the_template_that_it_borrows() -> None:
    rollout = thing("argoproj.io/v1alpha1", "Rollout", "api", BORROWED.replace("replicas: 4, ", ""))
    target = "apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: api"
    reason = "minReplicas of HorizontalPodAutoscaler/scaler"
    assert figures(workload(spec="replicas: 0"), rollout, autoscaler(target=target)) == (3, 6, reason)


def test_a_rollout_with_a_template_of_its_own_is_scaled_by_name_and_group() -> None:
    rollout = workload("Rollout", api="argoproj.io/v1alpha1", spec="replicas: 2")
    target = "apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: api"
    assert figures(rollout, autoscaler(target=target), kind="Rollout")[0] == 3
    assert figures(rollout, autoscaler(), kind="Rollout")[0] == 2


def test_a_vertical_autoscaler_says_nothing_of_replicas() -> None:
    vertical = thing(
        "autoscaling.k8s.io/v1",
        "VerticalPodAutoscaler",
        "v",
        "spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: api}}\n",
    )
    assert figures(workload(spec="replicas: 2"), vertical)[0] == 2


def demands(text: str) -> list[tuple[str, str]]:
    graph = graph_of(text)
    (scaler,) = graph.resources
    return [(item.resource, item.container) for item in utilisation_demands(scaler)]


def metric(text: str) -> str:
    return autoscaler(f"maxReplicas: 6, metrics: [{text}]")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (autoscaler("maxReplicas: 6"), [("cpu", "")]),
        (autoscaler("maxReplicas: 6, targetCPUUtilizationPercentage: 70"), [("cpu", "")]),
        (metric("{type: Resource, resource: {name: cpu, target: {type: Utilization}}}"), [("cpu", "")]),
        (metric("{type: Resource, resource: {name: memory, target: {type: AverageValue}}}"), []),
        (metric("{type: Resource, resource: {name: cpu, targetAverageUtilization: 70}}"), [("cpu", "")]),
        (
            metric(
                "{type: ContainerResource, containerResource: {name: cpu, container: a, target: {type: Utilization}}}"
            ),
            [("cpu", "a")],
        ),
        (metric("{type: Pods, pods: {metric: {name: requests}}}"), []),
        (metric("{type: External, external: {metric: {name: queue}}}"), []),
        (scaled_object(", triggers: [{type: cpu, metricType: Utilization}]"), [("cpu", "")]),
        (scaled_object(", triggers: [{type: cpu, metricType: AverageValue}]"), []),
        (scaled_object(", triggers: [{type: memory, metadata: {containerName: a}}]"), [("memory", "a")]),
        (scaled_object(", triggers: [{type: kafka}, 5]"), []),
    ],
)
def test_what_is_measured_as_utilisation(text: str, wanted: list[tuple[str, str]]) -> None:
    assert demands(text) == wanted


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ("", {"cpu", "memory"}),
        (", updatePolicy: {updateMode: 'Off'}", set()),
        (", resourcePolicy: {containerPolicies: [{containerName: '*', controlledResources: [memory]}]}", {"memory"}),
        (", resourcePolicy: {containerPolicies: [{containerName: '*', mode: 'Off'}]}", set()),
    ],
)
def test_what_a_vertical_autoscaler_acts_on(spec: str, wanted: set[str]) -> None:
    text = f"spec: {{targetRef: {{kind: Deployment, name: api}}{spec}}}\n"
    graph = graph_of(thing("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", "v", text))
    assert measured_resources(graph.resources[0]) == wanted
