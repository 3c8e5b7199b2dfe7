"""How many replicas a workload really has: autoscalers first, then `replicas`, then the API's default of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from refarch_lint.graph.edge import Reference, ReferenceStatus, Relation
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource, mapping
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
    (KEDA ScaledObject specification). A Rollout that borrows a Deployment's template sets its replicas.
    """
    if workload.kind not in REPLICATED:
        return None
    for scaler in autoscalers:
        if scaler.kind == "HorizontalPodAutoscaler":
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
        default = " (its default)" if low is None else ""
        place = Place(scaler, ("spec", field) if low is not None else ("metadata", "name"))
        maximum = minimum if high is None else max(high, minimum)
        return Replicas(minimum, maximum, place, f"{field} of {scaler}{default}", scaler)
    declared = workload.declared_replicas
    if declared is None:
        return Replicas(1, 1, Place(workload.resource, ("spec", "replicas")), "the default, spec.replicas is not set")
    return Replicas(declared, declared, Place(workload.resource, ("spec", "replicas")), "spec.replicas")


def autoscalers_by_target(references: Iterable[Reference]) -> Mapping[Resource, tuple[Resource, ...]]:
    """Return, for each workload that is scaled, what scales it, in reading order."""
    found: dict[Resource, list[Resource]] = defaultdict(list)
    for reference in references:
        if reference.relation is Relation.SCALES and reference.status is ReferenceStatus.FOUND and reference.target:
            found[reference.target].append(reference.place.resource)
    return {target: tuple(scalers) for target, scalers in found.items()}


def has_resource_metrics(autoscaler: Resource) -> bool:
    """Tell whether a HorizontalPodAutoscaler scales on the utilisation of a whole pod's CPU or memory.

    Only then must every container of the pod request that resource (Kubernetes documentation, Horizontal Pod
    Autoscaling, algorithm details).
    """
    if "targetCPUUtilizationPercentage" in autoscaler.spec:
        return True
    metrics = autoscaler.spec.get("metrics")
    if not isinstance(metrics, list):
        return "targetCPUUtilizationPercentage" not in autoscaler.spec and "metrics" not in autoscaler.spec
    return any(
        mapping(metric).get("type") == "Resource"
        and mapping(mapping(mapping(metric).get("resource")).get("target")).get("type") == "Utilization"
        for metric in metrics
    )
