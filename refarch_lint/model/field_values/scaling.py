"""Autoscalers, disruption budgets, limits and quotas (kubernetes/pkg/apis/autoscaling, policy and core)."""

from __future__ import annotations

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    at_most_one,
    each,
    fields,
    not_empty,
    one_of,
    whole_number,
)
from refarch_lint.model.field_values.common import LABEL_REQUIREMENT, QUANTITIES, SELECTOR, count_or_share, quantity

_STABILIZATION_MAX = 3600
_SCALING_PERIOD_MAX = 1800


def _metric_source(node: Node, faults: Faults) -> None:
    kind = node["type"].text
    names = {
        "ContainerResource": "containerResource",
        "External": "external",
        "Object": "object",
        "Pods": "pods",
        "Resource": "resource",
    }
    if kind in names and not node.has(names[kind]):
        faults.append(node.missing(names[kind], f"is required where type is {kind}"))


def _target(*values: str) -> Check:
    """A metric's target; the API asks for one of the values that its source compares with, whatever the type says."""

    def one_value(node: Node, faults: Faults) -> None:
        if isinstance(node.value, dict) and not any(node.has(value) for value in values):
            faults.append(node.fault(f"sets no value; {' or '.join(values)} is required"))

    return fields(
        {
            "target": fields(
                {
                    "type": one_of("Utilization", "AverageValue", "Value"),
                    "averageUtilization": whole_number(1),
                    "averageValue": quantity,
                    "value": quantity,
                },
                one_value,
            )
        }
    )


_METRIC: Check = fields(
    {
        "type": one_of("ContainerResource", "External", "Object", "Pods", "Resource"),
        "containerResource": _target("averageUtilization", "averageValue"),
        "external": _target("value", "averageValue"),
        "object": _target("value", "averageValue"),
        "pods": _target("averageValue"),
        "resource": _target("averageUtilization", "averageValue"),
    },
    _metric_source,
)
_SCALING: Check = fields(
    {
        "policies": each(
            fields(
                {
                    "type": one_of("Pods", "Percent"),
                    "value": whole_number(1),
                    "periodSeconds": whole_number(1, _SCALING_PERIOD_MAX),
                }
            )
        ),
        "selectPolicy": one_of("Max", "Min", "Disabled"),
        "stabilizationWindowSeconds": whole_number(0, _STABILIZATION_MAX),
    }
)
AUTOSCALER: Check = fields(
    {
        "behavior": fields({"scaleDown": _SCALING, "scaleUp": _SCALING}),
        "maxReplicas": whole_number(1),
        "metrics": each(_METRIC),
        "minReplicas": whole_number(0),
        "scaleTargetRef": fields({"kind": not_empty, "name": not_empty}),
        "targetCPUUtilizationPercentage": whole_number(1),
    }
)

_DISRUPTION: Check = count_or_share(100)
DISRUPTION_BUDGET: Check = fields(
    {
        "maxUnavailable": _DISRUPTION,
        "minAvailable": _DISRUPTION,
        "selector": SELECTOR,
        "unhealthyPodEvictionPolicy": one_of("AlwaysAllow", "IfHealthyBudget"),
    },
    at_most_one("minAvailable", "maxUnavailable"),
)

LIMIT_RANGE: Check = fields(
    {
        "limits": each(
            fields(
                {
                    "type": not_empty,
                    **dict.fromkeys(("default", "defaultRequest", "max", "maxLimitRequestRatio", "min"), QUANTITIES),
                }
            )
        )
    }
)
_SCOPE: Check = one_of(
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
    "VolumeAttributesClass",
)
RESOURCE_QUOTA: Check = fields(
    {
        "hard": QUANTITIES,
        "scopes": each(_SCOPE),
        "scopeSelector": fields({"matchExpressions": each(all_of(fields({"scopeName": _SCOPE}), LABEL_REQUIREMENT))}),
    }
)
