"""Autoscalers and disruption budgets (kubernetes/pkg/apis/autoscaling and policy)."""

from __future__ import annotations

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    at_most_one,
    each,
    fields,
    formatted,
    not_empty,
    one_of,
    since,
    whole_number,
)
from refarch_lint.model.field_values.common import SELECTOR, count_or_share, positive_quantity
from refarch_lint.model.field_values.formats import path_segment

_STABILIZATION_MAX = 3600
_SCALING_PERIOD_MAX = 1800

_SOURCES = {
    "ContainerResource": "containerResource",
    "External": "external",
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
}


def _metric_source(node: Node, faults: Faults) -> None:
    kind = node["type"].text
    wanted = _SOURCES.get(kind or "")
    if wanted is None:
        return
    if not node.has(wanted):
        faults.append(node.missing(wanted, f"is required where type is {kind}"))
    for other in _SOURCES.values():
        if other != wanted and node.has(other):
            faults.append(node[other].fault(f"is not allowed where type is {kind}"))


def _target(*values: str, alone: bool = True) -> Check:
    """A metric's target; the API asks for one of the values that its source compares with, whatever the type says."""

    def one_value(node: Node, faults: Faults) -> None:
        if isinstance(node.value, dict) and not any(node.has(value) for value in values):
            faults.append(node.fault(f"sets no value; {' or '.join(values)} is required"))
        if alone:
            at_most_one(*values)(node, faults)

    return fields(
        {
            "type": one_of("Utilization", "AverageValue", "Value"),
            "averageUtilization": whole_number(1),
            "averageValue": positive_quantity,
            "value": positive_quantity,
        },
        one_value,
    )


_SEGMENT: Check = all_of(formatted(path_segment), not_empty)
_NAMED: Check = fields({"name": _SEGMENT})
_REFERENCE: Check = fields({"kind": _SEGMENT, "name": _SEGMENT})
_SHARE_OR_AMOUNT: Check = _target("averageUtilization", "averageValue")
_METRIC: Check = fields(
    {
        "type": one_of(*sorted(_SOURCES)),
        "containerResource": fields({"container": not_empty, "name": not_empty, "target": _SHARE_OR_AMOUNT}),
        "external": fields({"metric": _NAMED, "target": _target("value", "averageValue")}),
        "object": fields(
            {
                "describedObject": _REFERENCE,
                "metric": _NAMED,
                "target": _target("value", "averageValue", alone=False),
            }
        ),
        "pods": fields({"metric": _NAMED, "target": _target("averageValue")}),
        "resource": fields({"name": not_empty, "target": _SHARE_OR_AMOUNT}),
    },
    _metric_source,
)
_SCALING: Check = fields(
    {
        "policies": all_of(
            each(
                fields(
                    {
                        "type": one_of("Pods", "Percent"),
                        "value": whole_number(1),
                        "periodSeconds": whole_number(1, _SCALING_PERIOD_MAX),
                    }
                )
            ),
            not_empty,
        ),
        "selectPolicy": one_of("Max", "Min", "Disabled"),
        "stabilizationWindowSeconds": whole_number(0, _STABILIZATION_MAX),
    }
)


def _woken_from_outside(node: Node, faults: Faults) -> None:
    """Pods that are not there have no metrics: what scales to nothing is woken by those of other things."""
    kinds = {metric["type"].text for metric in node["metrics"].items()}
    if node["minReplicas"].number == 0 and kinds.isdisjoint(("External", "Object")):
        faults.append(node["minReplicas"].fault("is 0, which is allowed only with a metric of type Object or External"))


#: The spec of a HorizontalPodAutoscaler.
AUTOSCALER: Check = fields(
    {
        "behavior": fields({"scaleDown": _SCALING, "scaleUp": _SCALING}),
        "maxReplicas": whole_number(1),
        "metrics": each(_METRIC),
        "minReplicas": since("1.37", whole_number(0), before=whole_number(1)),
        "scaleTargetRef": _REFERENCE,
        "targetCPUUtilizationPercentage": whole_number(1),
    },
    since("1.37", _woken_from_outside),
)

_DISRUPTION: Check = count_or_share(100)

#: The spec of a PodDisruptionBudget.
DISRUPTION_BUDGET: Check = fields(
    {
        "maxUnavailable": _DISRUPTION,
        "minAvailable": _DISRUPTION,
        "selector": SELECTOR,
        "unhealthyPodEvictionPolicy": one_of("AlwaysAllow", "IfHealthyBudget"),
    },
    at_most_one("minAvailable", "maxUnavailable"),
)
