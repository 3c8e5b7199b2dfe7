"""How many replicas a workload really has: autoscalers first, then `replicas`, then the API's default of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from refarch_lint.graph.edge import Reference, ReferenceStatus, Relation
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.workload import REPLICATED, Workload


class Replicas(NamedTuple):
    """The number of replicas that can be counted on.

    `minimum` is the floor, `maximum` the most there can be; `place` states the floor and `reason` says where it
    comes from, for messages: `spec.replicas`, `the default`, `minReplicas of HorizontalPodAutoscaler/api`.
    """

    minimum: int
    maximum: int
    place: Place
    reason: str
    autoscaler: Resource | None = None


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def effective_replicas(workload: Workload, autoscalers: Iterable[Resource]) -> Replicas | None:
    """Return the replicas of a workload given the autoscalers that target it; None for kinds that have none.

    A HorizontalPodAutoscaler's minimum is 1 where it is absent (autoscaling/v2 API reference), a ScaledObject's 0
    (KEDA ScaledObject specification). A Rollout that borrows a Deployment's template sets its replicas. `replicas: 0`
    switches a HorizontalPodAutoscaler off until somebody scales up (Horizontal Pod Autoscaling, implicit deactivation).
    """
    if workload.kind not in REPLICATED:
        return None
    scalers = tuple(autoscalers)
    borrower = next((scaler for scaler in scalers if scaler.kind == "Rollout"), None)
    stated = workload.declared_replicas if borrower is None else _integer(borrower.spec.get("replicas"))
    for scaler in scalers:
        if scaler.kind == "HorizontalPodAutoscaler":
            if stated == 0:
                continue
            low, high, field = (
                _integer(scaler.spec.get("minReplicas")),
                _integer(scaler.spec.get("maxReplicas")),
                "minReplicas",
            )
            minimum = 1 if low is None else low
        elif scaler.kind == "ScaledObject":
            low, high = _integer(scaler.spec.get("minReplicaCount")), _integer(scaler.spec.get("maxReplicaCount"))
            field, minimum = "minReplicaCount", 0 if low is None else low
            high = 100 if high is None else high
        elif scaler.kind == "Rollout":
            low, field = _integer(scaler.spec.get("replicas")), "replicas"
            minimum, high = 1 if low is None else low, None
        else:
            continue
        default = ", its default" if low is None else ""
        place = Place(scaler, ("spec", field) if low is not None else ("metadata", "name"))
        maximum = minimum if high is None else max(high, minimum)
        return Replicas(minimum, maximum, place, f"{field} of {scaler}{default}", scaler)
    declared = workload.declared_replicas
    if declared is None:
        return Replicas(1, 1, Place(workload.resource, ("spec", "replicas")), "the default, spec.replicas is not set")
    return Replicas(declared, declared, Place(workload.resource, ("spec", "replicas")), "spec.replicas")


def autoscalers_by_target(references: Iterable[Reference]) -> Mapping[Resource, tuple[Resource, ...]]:
    """Return, for each workload that is scaled, what scales it, in reading order.

    What scales a Rollout also scales the Deployment whose template that Rollout borrows, and is named before it.
    """
    found: dict[Resource, list[Resource]] = defaultdict(list)
    for reference in references:
        if reference.relation is Relation.SCALES and reference.status is ReferenceStatus.FOUND and reference.target:
            found[reference.target].append(reference.place.resource)
    return {
        target: tuple(item for scaler in scalers for item in (*found.get(scaler, ()), scaler))
        for target, scalers in found.items()
    }


def autoscalers_by_name(references: Iterable[Reference]) -> Mapping[tuple[str, str, str, str], tuple[Resource, ...]]:
    """Return, for each name that something scales, in the tree or not, what scales it, in reading order.

    The key is the target's group, kind, namespace and name.
    """
    found: dict[tuple[str, str, str, str], list[Resource]] = defaultdict(list)
    for reference in references:
        if reference.relation is Relation.SCALES:
            key = (reference.group, reference.kind, reference.namespace, reference.name)
            found[key].append(reference.place.resource)
    return {key: tuple(scalers) for key, scalers in found.items()}


class MetricDemand(NamedTuple):
    """A share of what pods request that an autoscaler measures: of one container, or of all where it is empty."""

    resource: str
    container: str
    place: Place


def utilisation_demands(autoscaler: Resource) -> tuple[MetricDemand, ...]:
    """Return what an autoscaler measures as utilisation, for which the containers must request that resource.

    Without metrics a HorizontalPodAutoscaler holds CPU at 80 % (API defaulting). Average values, Pods, Object and
    External metrics need no requests (Kubernetes documentation, Horizontal Pod Autoscaling, algorithm details).
    """
    match autoscaler.kind:
        case "HorizontalPodAutoscaler":
            return tuple(_horizontal_demands(autoscaler))
        case "ScaledObject":
            return tuple(_trigger_demands(autoscaler))
    return ()


def _horizontal_demands(autoscaler: Resource) -> Iterator[MetricDemand]:
    spec = autoscaler.spec
    if spec.get("targetCPUUtilizationPercentage") is not None:
        yield MetricDemand("cpu", "", Place(autoscaler, ("spec", "targetCPUUtilizationPercentage")))
        return
    metrics = spec.get("metrics")
    if not metrics:
        yield MetricDemand("cpu", "", Place(autoscaler, ("spec", "metrics")))
        return
    for index, metric in enumerate(sequence(metrics)):
        for field in ("resource", "containerResource"):
            source = mapping(mapping(metric).get(field))
            name, container = source.get("name"), source.get("container")
            if isinstance(name, str) and _is_utilisation(source):
                place = Place(autoscaler, ("spec", "metrics", index, field, "name"))
                yield MetricDemand(name, container if isinstance(container, str) else "", place)


def _is_utilisation(source: Mapping[str, object]) -> bool:
    target = mapping(source.get("target"))
    if target.get("type") == "Utilization" or source.get("targetAverageUtilization") is not None:
        return True
    return "type" not in target and target.get("averageUtilization") is not None


def _trigger_demands(autoscaler: Resource) -> Iterator[MetricDemand]:
    for index, item in enumerate(sequence(autoscaler.spec.get("triggers"))):
        trigger = mapping(item)
        metadata = mapping(trigger.get("metadata"))
        kind, container = trigger.get("type"), metadata.get("containerName")
        metric = trigger.get("metricType") or metadata.get("type") or "Utilization"
        if kind in ("cpu", "memory") and metric == "Utilization":
            place = Place(autoscaler, ("spec", "triggers", index, "type"))
            yield MetricDemand(str(kind), container if isinstance(container, str) else "", place)


def measured_resources(autoscaler: Resource) -> frozenset[str]:
    """Return the resources (`cpu`, `memory`) that an autoscaler acts on, in whatever way it measures them."""
    found = {demand.resource for demand in utilisation_demands(autoscaler)}
    for metric in sequence(autoscaler.spec.get("metrics")):
        for field in ("resource", "containerResource"):
            name = mapping(mapping(metric).get(field)).get("name")
            if isinstance(name, str):
                found.add(name)
    for trigger in sequence(autoscaler.spec.get("triggers")):
        if (kind := mapping(trigger).get("type")) in ("cpu", "memory"):
            found.add(str(kind))
    if autoscaler.kind == "VerticalPodAutoscaler":
        found |= _vertical_resources(autoscaler)
    return frozenset(found)


def _vertical_resources(autoscaler: Resource) -> set[str]:
    """Return what a VerticalPodAutoscaler changes on running pods: CPU and memory unless its policies say less."""
    if mapping(autoscaler.spec.get("updatePolicy")).get("updateMode") in ("Off", "Initial"):
        return set()
    policies = sequence(mapping(autoscaler.spec.get("resourcePolicy")).get("containerPolicies"))
    if not policies:
        return {"cpu", "memory"}
    found: set[str] = set()
    for policy in map(mapping, policies):
        if policy.get("mode") != "Off":
            listed = policy.get("controlledResources")
            names = ["cpu", "memory"] if listed is None else sequence(listed)
            found.update(name for name in names if isinstance(name, str))
    return found
