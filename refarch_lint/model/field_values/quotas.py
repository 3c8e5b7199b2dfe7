"""What a namespace may hold: LimitRanges and ResourceQuotas (kubernetes/pkg/apis/core/validation)."""

from __future__ import annotations

from collections.abc import Mapping

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
)
from refarch_lint.model.field_values.common import LABEL_REQUIREMENT, QUANTITIES, amount_of
from refarch_lint.model.field_values.formats import label_key
from refarch_lint.model.field_values.lists import unique_field
from refarch_lint.model.field_values.resources import is_extended, is_whole, names_of_resources

_LIMITED = ("Container", "PersistentVolumeClaim", "Pod")
_OF_CONTAINERS = ("cpu", "memory", "ephemeral-storage")
#: What must not be above what, in the order in which it is told.
_ORDERED = (
    ("min", "max"),
    ("min", "defaultRequest"),
    ("min", "default"),
    ("defaultRequest", "default"),
    ("defaultRequest", "max"),
    ("default", "max"),
)


_AMOUNTS = ("default", "defaultRequest", "max", "maxLimitRequestRatio", "min")
_NAMES: Check = names_of_resources(_OF_CONTAINERS, "containers")


def _limited(text: str) -> str | None:
    if "/" in text:
        return label_key(text)
    return None if text in _LIMITED else f"one of {', '.join(_LIMITED)} is required"


def _in_order(node: Node, faults: Faults) -> None:
    for low_field, high_field in _ORDERED:
        for low in node[low_field].entries():
            high = node[high_field][low.name]
            low_amount, high_amount = amount_of(low), amount_of(high)
            if low_amount is not None and high_amount is not None and low_amount > high_amount:
                faults.append(low.fault(f"is {low.value}, at most {high_field} ({high.value}) is allowed"))


def _not_overcommitted(node: Node, faults: Faults) -> None:
    """What cannot be shared has the same default as request and as limit."""
    for request in node["defaultRequest"].entries():
        limit = node["default"][request.name]
        amounts = (amount_of(request), amount_of(limit))
        if is_whole(request.name) and None not in amounts and amounts[0] != amounts[1]:
            faults.append(request.fault(f"is {request.value}, the default ({limit.value}) is required"))


def _ratio(node: Node, faults: Faults) -> None:
    """How far a limit may be above a request: not below 1, nor above what minimum and maximum leave."""
    for entry in node["maxLimitRequestRatio"].entries():
        ratio = amount_of(entry)
        low, high = (amount_of(node[key][entry.name]) for key in ("min", "max"))
        if ratio is None:
            continue
        if ratio < 1:
            faults.append(entry.fault(f"is {entry.value}, at least 1 is required"))
        elif low and high and ratio > high / low:
            faults.append(entry.fault(f"is {entry.value}, more than max is above min"))


def _fits_kind(node: Node, faults: Faults) -> None:
    kind = node["type"].text
    if kind == "Pod":
        for key in ("default", "defaultRequest"):
            if node[key].value:
                faults.append(node[key].fault("is not allowed for the type Pod"))
    elif kind == "PersistentVolumeClaim" and not (node["min"].has("storage") or node["max"].has("storage")):
        faults.append(node["max"].missing("storage", "or min.storage is required for the type PersistentVolumeClaim"))
    if kind not in ("Pod", "Container"):
        return
    for key in _AMOUNTS:
        _NAMES(node[key], faults)


#: The spec of a LimitRange.
LIMIT_RANGE: Check = fields(
    {
        "limits": each(
            fields(
                {
                    "type": all_of(formatted(_limited), not_empty),
                    **dict.fromkeys(_AMOUNTS, QUANTITIES),
                },
                _fits_kind,
                _in_order,
                _not_overcommitted,
                _ratio,
            ),
            unique_field("type", "is limited twice in this LimitRange"),
        )
    }
)

_COMPUTE = ("cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory")
_STORAGE = ("ephemeral-storage", "limits.ephemeral-storage", "requests.ephemeral-storage", "requests.storage")
_COUNTS = (
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
)
_QUOTAS = frozenset((*_COMPUTE, *_STORAGE, *_COUNTS))
_HUGE_PAGES = ("hugepages-", "requests.hugepages-")

_OF_PODS = frozenset(("pods", *_COMPUTE))
#: The resources that a scope can count, where that is not all.
_COUNTED: Mapping[str, frozenset[str]] = {
    "BestEffort": frozenset({"pods"}),
    "NotBestEffort": _OF_PODS,
    "NotTerminating": _OF_PODS,
    "Terminating": _OF_PODS,
}
_OPPOSITES = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
_NAMED_SCOPES = ("PriorityClass", "VolumeAttributesClass")
_SCOPE: Check = one_of(
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
    "VolumeAttributesClass",
)


def _quotas(node: Node, faults: Faults) -> None:
    for entry in node.entries():
        name = entry.name
        if why := label_key(name):
            faults.append(entry.fault(f"is a quota of {shown(name)}, {why}"))
        elif "/" not in name and name not in _QUOTAS and not name.startswith(_HUGE_PAGES):
            faults.append(entry.fault(f"is a quota of {shown(name)}, which is no resource that quotas know"))
        elif name in _COUNTS or is_extended(name):
            amount = amount_of(entry)
            if amount is not None and amount >= 0 and amount.denominator != 1:
                faults.append(entry.fault(f"is {entry.value}, a whole number is required"))


def _scopes_fit(node: Node, faults: Faults) -> None:
    """Scopes do not contradict each other, and the quota counts only what they can tell apart."""
    expressions = list(node.down("scopeSelector", "matchExpressions").items())
    lists = (list(node["scopes"].items()), [item["scopeName"] for item in expressions])
    for places in lists:
        named = {place.text: place for place in places}
        for first, second in _OPPOSITES:
            if first in named and second in named:
                faults.append(named[second].fault(f"is {second}, which is not allowed together with {first}"))
    scopes = {place.text: place for places in lists for place in places if place.text is not None}
    limited = [entry.name for entry in node["hard"].entries() if entry.name in _QUOTAS]
    for scope, place in scopes.items():
        counted = _COUNTED.get(scope)
        stray = [name for name in limited if counted and name not in counted]
        if stray:
            faults.append(place.fault(f"is {scope}, which cannot count {stray[0]}"))
    for item in expressions:
        wanted, operator = item["scopeName"].text, item["operator"]
        if wanted is not None and wanted not in _NAMED_SCOPES and operator.text not in (None, "Exists"):
            faults.append(operator.fault(f"is {operator.text}, Exists is required for the scope {wanted}"))


#: The spec of a ResourceQuota.
RESOURCE_QUOTA: Check = fields(
    {
        "hard": all_of(QUANTITIES, _quotas),
        "scopes": each(_SCOPE),
        "scopeSelector": fields({"matchExpressions": each(all_of(fields({"scopeName": _SCOPE}), LABEL_REQUIREMENT))}),
    },
    _scopes_fit,
)
