"""How the API server shares itself out: FlowSchemas and their priority levels (kubernetes/pkg/apis/flowcontrol)."""

from __future__ import annotations

from math import ceil, log2

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
from refarch_lint.model.field_values.common import NOT_NEGATIVE
from refarch_lint.model.field_values.formats import dns_label, dns_subdomain
from refarch_lint.model.field_values.lists import star_alone

_ALL = "*"
_EXEMPT = "exempt"
_PRECEDENCE_MAX = 10_000
_QUEUES_MAX = 10_000_000
_QUEUES_DEFAULT, _HAND_DEFAULT = 64, 8
_ENTROPY_BITS_MAX = 60
_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch")
_SUBJECTS = {"Group": "group", "ServiceAccount": "serviceAccount", "User": "user"}


def _or_all(check: Check) -> Check:
    """Check the items of a list, each of which may also be `*`, which then stands alone."""

    def item(node: Node, faults: Faults) -> None:
        if node.value != _ALL:
            check(node, faults)

    return all_of(each(item), star_alone)


def _url(text: str) -> str | None:
    if not text.startswith("/"):
        return "a path that begins with / is required"
    if "//" in text or " " in text:
        return "which holds // or a space"
    stars = text.count(_ALL)
    return (
        "which holds * elsewhere than in /* at its end" if stars and not (stars == 1 and text.endswith("/*")) else None
    )


def _subject(node: Node, faults: Faults) -> None:
    kind = node["kind"].text
    own = _SUBJECTS.get(kind or "")
    if own is None:
        return
    if not node.has(own):
        faults.append(node.missing(own, f"is required where kind is {kind}"))
    others = (field for field in _SUBJECTS.values() if field != own and node.has(field))
    faults.extend(node[field].fault(f"is not allowed where kind is {kind}") for field in others)


def _some_rule(node: Node, faults: Faults) -> None:
    if isinstance(node.value, dict) and not (node["resourceRules"].value or node["nonResourceRules"].value):
        faults.append(node.fault("sets none of resourceRules, nonResourceRules; one is required"))


def _some_namespace(node: Node, faults: Faults) -> None:
    if isinstance(node.value, dict) and not node["namespaces"].value and node["clusterScope"].value is not True:
        faults.append(node.missing("namespaces", "is required where clusterScope is not true"))


_VERB_LIST: Check = all_of(_or_all(one_of(*_VERBS)), not_empty)
_RULE: Check = fields(
    {
        "subjects": all_of(
            each(
                fields(
                    {
                        "kind": one_of(*_SUBJECTS),
                        "group": fields({"name": not_empty}),
                        "serviceAccount": fields(
                            {"name": not_empty, "namespace": all_of(formatted(dns_label), not_empty)}
                        ),
                        "user": fields({"name": not_empty}),
                    },
                    _subject,
                )
            ),
            not_empty,
        ),
        "resourceRules": each(
            fields(
                {
                    "verbs": _VERB_LIST,
                    "apiGroups": all_of(star_alone, not_empty),
                    "resources": all_of(star_alone, not_empty),
                    "namespaces": _or_all(formatted(dns_label)),
                },
                _some_namespace,
            )
        ),
        "nonResourceRules": each(
            fields({"verbs": _VERB_LIST, "nonResourceURLs": all_of(_or_all(formatted(_url)), not_empty)})
        ),
    },
    _some_rule,
)

#: The spec of a FlowSchema. A precedence of 0 is the default.
FLOW_SCHEMA: Check = fields(
    {
        "distinguisherMethod": fields({"type": one_of("ByNamespace", "ByUser")}),
        "matchingPrecedence": whole_number(0, _PRECEDENCE_MAX),
        "priorityLevelConfiguration": fields({"name": all_of(formatted(dns_subdomain), not_empty)}),
        "rules": each(_RULE),
    }
)


def first_is_exempt(node: Node, faults: Faults) -> None:
    """Keep the first precedence to the schema that Kubernetes itself has for it."""
    precedence = node.down("spec", "matchingPrecedence")
    if precedence.number == 1 and node.down("metadata", "name").value != _EXEMPT:
        faults.append(precedence.fault("is 1, which is that of the FlowSchema exempt alone"))


def _hands(node: Node, faults: Faults) -> None:
    """Each flow is dealt some of the queues; that takes no more random bits than a hash has."""
    queues, hand = node["queues"].number or _QUEUES_DEFAULT, node["handSize"].number or _HAND_DEFAULT
    if not (0 < queues <= _QUEUES_MAX and hand > 0):
        return
    if hand > queues:
        faults.append(node["handSize"].fault(f"is {hand}, at most the queues ({queues}) are allowed"))
    elif (
        bits := ceil(sum(log2(queues - dealt) for dealt in range(min(hand, _ENTROPY_BITS_MAX + 1))))
    ) > _ENTROPY_BITS_MAX:
        says = f"deals {hand} of {queues} queues, which takes {bits} bits; at most {_ENTROPY_BITS_MAX} are allowed"
        faults.append(node["handSize"].fault(says))


def _queued(node: Node, faults: Faults) -> None:
    kind = node["type"].text
    if kind == "Reject" and node.has("queuing"):
        faults.append(node["queuing"].fault("is not allowed where type is Reject"))
    elif kind == "Queue" and not node.has("queuing"):
        faults.append(node.missing("queuing", "is required where type is Queue"))


_SHARE: Check = whole_number(0, 100)
_LIMITED: Check = fields(
    {
        "assuredConcurrencyShares": NOT_NEGATIVE,
        "borrowingLimitPercent": NOT_NEGATIVE,
        "lendablePercent": _SHARE,
        "limitResponse": fields(
            {
                "type": one_of("Queue", "Reject"),
                "queuing": fields(
                    {
                        "handSize": NOT_NEGATIVE,
                        "queueLengthLimit": NOT_NEGATIVE,
                        "queues": whole_number(0, _QUEUES_MAX),
                    },
                    _hands,
                ),
            },
            _queued,
        ),
        "nominalConcurrencyShares": NOT_NEGATIVE,
    }
)


def _fits_type(node: Node, faults: Faults) -> None:
    kind = node["type"].text
    own, other = {"Limited": ("limited", "exempt"), "Exempt": ("exempt", "limited")}.get(kind or "", ("", ""))
    if own == "limited" and not node.has(own):
        faults.append(node.missing(own, f"is required where type is {kind}"))
    if other and node.has(other):
        faults.append(node[other].fault(f"is not allowed where type is {kind}"))


#: The spec of a PriorityLevelConfiguration.
PRIORITY_LEVEL: Check = fields(
    {
        "exempt": fields({"lendablePercent": _SHARE, "nominalConcurrencyShares": NOT_NEGATIVE}),
        "limited": _LIMITED,
        "type": one_of("Exempt", "Limited"),
    },
    _fits_type,
)


def exempt_by_name(node: Node, faults: Faults) -> None:
    """Keep the type Exempt to the level of that name."""
    name, kind = node.down("metadata", "name"), node.down("spec", "type")
    if (
        name.text is not None
        and kind.text in ("Exempt", "Limited")
        and (name.text == _EXEMPT) != (kind.text == "Exempt")
    ):
        wanted = "Exempt" if name.text == _EXEMPT else "Limited"
        faults.append(kind.fault(f"is {kind.text}, {wanted} is required for the level {shown(name.text)}"))
