"""Where pods may run: tolerations, affinity and spread (kubernetes/pkg/apis/core/validation)."""

from __future__ import annotations

from typing import Any

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    fields,
    formatted,
    not_empty,
    one_of,
    shown,
    whole_number,
)
from refarch_lint.model.field_values.common import NODE_REQUIREMENT, SELECTOR
from refarch_lint.model.field_values.formats import dns_label, dns_subdomain, label_key, label_value
from refarch_lint.model.field_values.lists import unique

_COMPARING = ("Lt", "Gt")


def _toleration(node: Node, faults: Faults) -> None:
    operator, effect = node["operator"].text, node["effect"].text
    if not node["key"].value and isinstance(node.value, dict) and operator != "Exists":
        faults.append(node["operator"].fault("must be Exists where no key is given"))
    if operator == "Exists" and node["value"].value:
        faults.append(node["value"].fault("is not allowed with the operator Exists"))
    elif operator in _COMPARING:
        _number_compared(node["value"], faults)
    elif operator in (None, "Equal"):
        formatted(label_value)(node["value"], faults)
    if node.has("tolerationSeconds") and effect != "NoExecute":
        faults.append(node["tolerationSeconds"].fault("is allowed only with the effect NoExecute"))


def _number_compared(value: Node, faults: Faults) -> None:
    text = value.text
    if text is not None and not text.removeprefix("-").isdecimal():
        faults.append(value.fault(f"is {shown(text)}, a whole number is required with the operators Lt and Gt"))


_TOLERATION: Check = fields(
    {
        "key": formatted(label_key),
        "operator": one_of("Exists", "Equal", "Lt", "Gt"),
        "effect": one_of("NoSchedule", "PreferNoSchedule", "NoExecute"),
    },
    _toleration,
)


def _keys_of_labels(node: Node, faults: Faults) -> None:
    """Label keys whose values are those of the pod itself: with a selector, and not both of the same and of others."""
    selector = node["labelSelector"]
    for field in ("matchLabelKeys", "mismatchLabelKeys"):
        keys = node[field]
        if not keys.value:
            continue
        if selector.value is None:
            faults.append(keys.fault("is allowed only with a labelSelector"))
        asked: set[object] = {entry.key for entry in selector["matchLabels"].entries()}
        asked |= {term["key"].text for term in selector["matchExpressions"].items()}
        other = node["matchLabelKeys"].value if field == "mismatchLabelKeys" else None
        for key in keys.items():
            formatted(label_key)(key, faults)
            if field == "matchLabelKeys" and key.text is not None and key.text in asked:
                faults.append(key.fault(f"is {shown(key.text)}, which the labelSelector asks for already"))
            elif key.text is not None and isinstance(other, list) and key.text in other:
                faults.append(key.fault(f"is {shown(key.text)}, which is one of matchLabelKeys"))


def _min_domains(node: Node, faults: Faults) -> None:
    if node.has("minDomains") and node["whenUnsatisfiable"].text == "ScheduleAnyway":
        faults.append(node["minDomains"].fault("is allowed only where whenUnsatisfiable is DoNotSchedule"))


def _spread_identity(constraint: dict[str, Any]) -> tuple[Any, Any] | None:
    key = constraint.get("topologyKey")
    return (key, constraint.get("whenUnsatisfiable")) if key else None


_SPREAD: Check = each(
    fields(
        {
            "maxSkew": whole_number(1),
            "minDomains": whole_number(1),
            "topologyKey": not_empty,
            "whenUnsatisfiable": one_of("DoNotSchedule", "ScheduleAnyway"),
            "nodeAffinityPolicy": one_of("Honor", "Ignore"),
            "nodeTaintsPolicy": one_of("Honor", "Ignore"),
            "labelSelector": SELECTOR,
        },
        _min_domains,
        _keys_of_labels,
    ),
    unique(_spread_identity, "topologyKey", "is used twice with the same whenUnsatisfiable"),
)


def _of_one_node(node: Node, faults: Faults) -> None:
    """A requirement on a field of the node: only its name can be asked for, and only one."""
    operator, values = node["operator"].text, node["values"]
    if operator in ("Exists", "DoesNotExist", *_COMPARING):
        faults.append(node["operator"].fault(f"is {operator}, In or NotIn is required for a field of the node"))
    elif operator is not None and isinstance(values.value, list) and len(values.value) > 1:
        faults.append(values.fault(f"has {len(values.value)} values, one is required for a field of the node"))


_NODE_FIELD: Check = fields(
    {"key": one_of("metadata.name"), "values": each(formatted(dns_subdomain))}, NODE_REQUIREMENT, _of_one_node
)
_PREFERRED_TERM: Check = fields({"matchExpressions": each(NODE_REQUIREMENT), "matchFields": each(_NODE_FIELD)})
_REQUIRED_TERM: Check = fields(
    {
        "matchExpressions": each(fields({"values": each(formatted(label_value))}, NODE_REQUIREMENT)),
        "matchFields": each(_NODE_FIELD),
    }
)

#: A `NodeSelector`: of a pod that must run on some nodes, or of a volume that can be used on some.
NODE_SELECTOR: Check = fields({"nodeSelectorTerms": all_of(each(_REQUIRED_TERM), not_empty)})

_POD_TERM: Check = fields(
    {
        "topologyKey": all_of(formatted(label_key), not_empty),
        "labelSelector": SELECTOR,
        "namespaceSelector": SELECTOR,
        "namespaces": each(formatted(dns_label)),
    },
    _keys_of_labels,
)
_WEIGHT: Check = whole_number(1, 100)
_POD_AFFINITY: Check = fields(
    {
        "requiredDuringSchedulingIgnoredDuringExecution": each(_POD_TERM),
        "preferredDuringSchedulingIgnoredDuringExecution": each(
            fields({"weight": _WEIGHT, "podAffinityTerm": _POD_TERM})
        ),
    }
)
_AFFINITY: Check = fields(
    {
        "nodeAffinity": fields(
            {
                "requiredDuringSchedulingIgnoredDuringExecution": NODE_SELECTOR,
                "preferredDuringSchedulingIgnoredDuringExecution": each(
                    fields({"weight": _WEIGHT, "preference": _PREFERRED_TERM})
                ),
            }
        ),
        "podAffinity": _POD_AFFINITY,
        "podAntiAffinity": _POD_AFFINITY,
    }
)

#: A pod's `tolerations`.
TOLERATIONS: Check = each(_TOLERATION)

#: The fields of a pod spec that say where it may run.
SCHEDULING: dict[str, Check] = {
    "affinity": _AFFINITY,
    "tolerations": TOLERATIONS,
    "topologySpreadConstraints": _SPREAD,
}
