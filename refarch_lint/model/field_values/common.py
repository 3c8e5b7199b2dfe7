"""Checks that many kinds share: metadata, label selectors, quantities, ports and shares; the containers of a pod."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    entries,
    fields,
    formatted,
    not_empty,
    one_of,
    shown,
    since,
    whole_number,
)
from refarch_lint.model.field_values.formats import (
    Format,
    annotation_key,
    cidr,
    dns_label,
    ip_address,
    label_key,
    label_value,
    percentage,
    port_name,
    unambiguous_address,
    unambiguous_cidr,
)
from refarch_lint.model.quantity import parse_quantity

_ANNOTATIONS_MAX = 256 * 1024
_ONE_VALUE = ("Gt", "Lt")
_NO_VALUES = ("Exists", "DoesNotExist")
_VALUES = ("In", "NotIn")
_CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")

LABELS: Check = entries(formatted(label_value), label_key)
PORT_NUMBER: Check = whole_number(1, 65535)
PROTOCOL: Check = one_of("TCP", "UDP", "SCTP")
NOT_NEGATIVE: Check = whole_number(0)


def containers_of(node: Node, bearing: str | None = None) -> Iterator[Node]:
    """Yield every container of a pod spec, of whatever kind; or only those that set the field `bearing`."""
    for key in _CONTAINER_LISTS:
        for container in node[key].items():
            if bearing is None or container.has(bearing):
                yield container


#: From 1.36 on addresses and blocks are refused that programs read differently: leading zeros, IPv4 in IPv6, host bits.
ADDRESS: Check = all_of(formatted(ip_address), since("1.36", formatted(unambiguous_address)))
BLOCK: Check = all_of(formatted(cidr), since("1.36", formatted(unambiguous_cidr)))


def port_number_or_name(node: Node, faults: Faults) -> None:
    """A port as a number from 1 to 65535 or by its name."""
    if isinstance(node.value, str):
        formatted(port_name)(node, faults)
    else:
        PORT_NUMBER(node, faults)


def count_or_share(highest: int | None = None) -> Check:
    """Demand a count that is not negative or a percentage, which may be limited to `highest`."""
    checked = formatted(percentage)

    def check(node: Node, faults: Faults) -> None:
        if not isinstance(node.value, str):
            NOT_NEGATIVE(node, faults)
            return
        before = len(faults)
        checked(node, faults)
        text = node.text
        if highest is not None and text and len(faults) == before and int(text[:-1]) > highest:
            faults.append(node.fault(f"is {shown(text)}, at most {highest}% is allowed"))

    return check


def is_zero(node: Node) -> bool:
    """Tell whether a count or share is set to nothing."""
    return node.number == 0 or (isinstance(node.value, str) and node.value.strip("0") == "%" and node.value != "%")


def quantity(node: Node, faults: Faults) -> None:
    """A resource quantity that is not negative."""
    value = node.value
    if isinstance(value, str) and value and node.text is None:
        return
    if isinstance(value, bool | list | dict):
        return
    try:
        amount = parse_quantity(value)
    except ValueError as error:
        faults.append(node.fault(f"is no quantity: {error}"))
        return
    if amount < 0:
        faults.append(node.fault("is negative, at least 0 is required"))


def amount_of(node: Node) -> Fraction | None:
    """Return the amount that a quantity states, None where it is none or is filled in later."""
    value = node.value
    if value is None or isinstance(value, bool | list | dict) or (isinstance(value, str) and node.text is None):
        return None
    try:
        return parse_quantity(value)
    except ValueError:
        return None


def positive_quantity(node: Node, faults: Faults) -> None:
    """A resource quantity above zero."""
    before = len(faults)
    quantity(node, faults)
    if len(faults) == before and amount_of(node) == 0:
        faults.append(node.fault("is 0, more than 0 is required"))


QUANTITIES: Check = entries(quantity)


def _requirement(*operators: str) -> Check:
    def values(node: Node, faults: Faults) -> None:
        operator, given = node["operator"].text, node["values"].value
        count = len(given) if isinstance(given, list) else 0
        if operator in _VALUES and not count and isinstance(node.value, dict):
            faults.append(node["values"].fault(f"is empty; the operator {operator} requires values"))
        elif operator in _NO_VALUES and count:
            faults.append(node["values"].fault(f"is not allowed with the operator {operator}"))
        elif operator in _ONE_VALUE and count != 1:
            faults.append(node["values"].fault(f"has {count} values; the operator {operator} requires one"))

    table = {
        "key": all_of(formatted(label_key), not_empty),
        "operator": one_of(*operators),
    }
    return fields(table, values)


LABEL_REQUIREMENT: Check = _requirement("In", "NotIn", "Exists", "DoesNotExist")
NODE_REQUIREMENT: Check = _requirement("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")

#: A `LabelSelector`.
SELECTOR: Check = fields(
    {
        "matchLabels": LABELS,
        "matchExpressions": each(fields({"values": each(formatted(label_value))}, LABEL_REQUIREMENT)),
    }
)


def selects_something(node: Node, faults: Faults) -> None:
    """Refuse a workload's selector that is there but empty: it would take every pod."""
    if isinstance(node.value, dict) and not (node["matchLabels"].value or node["matchExpressions"].value):
        faults.append(node.fault("is empty; a workload's selector requires labels"))


WORKLOAD_SELECTOR: Check = all_of(SELECTOR, selects_something)


def _annotations_fit(node: Node, faults: Faults) -> None:
    if not isinstance(node.value, dict):
        return
    size = sum(len(str(key).encode("utf-8", "replace")) for key in node.value)
    size += sum(len(value.encode("utf-8", "replace")) for value in node.value.values() if isinstance(value, str))
    if size > _ANNOTATIONS_MAX:
        faults.append(node.fault(f"hold {size} bytes, at most {_ANNOTATIONS_MAX} are allowed"))


_STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")


def domain_finalizer(text: str) -> str | None:
    """The finalizer of an object: a key with a domain, or one of Kubernetes' own without."""
    if "/" in text or text in _STANDARD_FINALIZERS:
        return label_key(text)
    return "which has no domain before it: DOMAIN/NAME is required"


def _one_controller(node: Node, faults: Faults) -> None:
    controllers = [item for item in node.items() if item["controller"].value is True]
    faults.extend(item["controller"].fault("is true for a second owner") for item in controllers[1:])


_OWNERS: Check = each(
    fields({"apiVersion": not_empty, "kind": not_empty, "name": not_empty, "uid": not_empty}), _one_controller
)

#: What the metadata of objects and of pod templates have in common.
LABELLED: Check = fields({"labels": LABELS, "annotations": all_of(entries(key=annotation_key), _annotations_fit)})


def metadata(name: Format, longest: int | None = None, finalizer: Format = domain_finalizer) -> Check:
    """Return the check of an object's metadata: its name in a format and not longer than `longest`, its finalizers."""

    def named(node: Node, faults: Faults) -> None:
        if not node.has("name") and not node.has("generateName"):
            faults.append(node.missing("name"))
        generated = node["generateName"]
        if (prefix := generated.text) and (why := name(prefix.rstrip("-"))):
            faults.append(generated.fault(f"is {shown(prefix)}, {why}"))
        text = node["name"].text
        if longest is not None and text and len(text) > longest:
            faults.append(node["name"].fault(f"is {len(text)} characters long, at most {longest} are allowed"))

    table = {
        "finalizers": each(formatted(finalizer)),
        "name": all_of(formatted(name), not_empty),
        "namespace": formatted(dns_label),
        "ownerReferences": _OWNERS,
    }
    return all_of(LABELLED, fields(table, named))


def metadata_present(check: Check) -> Check:
    """Apply a check of metadata, and demand a name where there is no metadata at all."""

    def whole(node: Node, faults: Faults) -> None:
        if node.value is None and node.parent is not None:
            faults.append(node.parent[str(node.key)].missing("name"))
        else:
            check(node, faults)

    return whole
