"""Compute resources of containers and pods (kubernetes/pkg/apis/core/validation, validateResourceRequirements)."""

from __future__ import annotations

from fractions import Fraction

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    exactly_one,
    fields,
    formatted,
    not_empty,
    one_of,
    shown,
)
from refarch_lint.model.field_values.common import QUANTITIES, amount_of, containers_of
from refarch_lint.model.field_values.formats import dns_label, dns_subdomain, label_key
from refarch_lint.model.field_values.lists import unique_field

_STANDARD = ("cpu", "memory", "ephemeral-storage")
_OF_PODS = ("cpu", "memory")
_HUGE_PAGES = "hugepages-"
_OWN_PREFIX = "requests."


def is_extended(name: str) -> bool:
    """Tell whether a resource is one that devices and operators define: `nvidia.com/gpu`."""
    return "/" in name and "kubernetes.io/" not in name and not name.startswith(_OWN_PREFIX)


def is_whole(name: str) -> bool:
    """Tell whether a resource cannot be shared: a device or huge pages."""
    return is_extended(name) or name.startswith(_HUGE_PAGES)


def resource_name(name: str, standard: tuple[str, ...], of: str) -> str | None:
    """Tell why a name is none of a resource; `standard` are those without a domain, and `of` is whose they are."""
    if label_key(name):
        return label_key(name)
    if "/" not in name:
        is_known = name in standard or name.startswith(_HUGE_PAGES)
        listed = ", ".join(standard)
        return None if is_known else f"which is no resource of {of}: {listed}, {_HUGE_PAGES}SIZE or DOMAIN/NAME"
    return "which begins with requests., the mark of a quota" if name.startswith(_OWN_PREFIX) else None


def names_of_resources(standard: tuple[str, ...], of: str) -> Check:
    """Check the names of amounts, as `resource_name` does."""

    def check(node: Node, faults: Faults) -> None:
        for entry in node.entries():
            if why := resource_name(entry.name, standard, of):
                faults.append(entry.fault(f"is an amount of {shown(entry.name)}, {why}"))

    return check


def _whole(node: Node, faults: Faults) -> None:
    """Devices and huge pages come in whole ones."""
    for entry in node.entries():
        amount, name = amount_of(entry), entry.name
        if amount is None or amount < 0:
            continue
        if is_extended(name) and amount.denominator != 1:
            faults.append(entry.fault(f"is {entry.value}, a whole number is required"))
        elif name.startswith(_HUGE_PAGES):
            size = amount_of(Node(name.removeprefix(_HUGE_PAGES)))
            if size and amount % size:
                faults.append(
                    entry.fault(f"is {entry.value}, a multiple of {name.removeprefix(_HUGE_PAGES)} is required")
                )


def _not_overcommitted(node: Node, faults: Faults) -> None:
    """What cannot be shared is asked for as a limit, and requested in the same amount if at all."""
    requests, limits = node["requests"], node["limits"]
    for request in requests.entries():
        name = request.name
        if not is_whole(name):
            continue
        limit = limits[name]
        if limit.value is None:
            faults.append(request.fault("is allowed only with a limit of the same amount"))
        elif None not in (amount_of(request), amount_of(limit)) and amount_of(request) != amount_of(limit):
            faults.append(request.fault(f"is {request.value}, the limit ({limit.value}) is required"))
    named = {entry.name for part in (requests, limits) for entry in part.entries()}
    pages = next((entry for entry in limits.entries() if entry.name.startswith(_HUGE_PAGES)), None)
    if pages is not None and named.isdisjoint(_OF_PODS):
        faults.append(pages.fault("is allowed only together with cpu or memory"))


def _requirements(standard: tuple[str, ...], of: str) -> dict[str, Check]:
    amounts = all_of(QUANTITIES, names_of_resources(standard, of), _whole)
    return {"limits": amounts, "requests": amounts}


#: The resources of a container, and those of a pod as a whole.
CONTAINER_RESOURCES: Check = fields(
    _requirements(_STANDARD, "containers") | {"claims": each(fields({"name": not_empty}))}, _not_overcommitted
)
POD_RESOURCES: Check = fields(_requirements(_OF_PODS, "pods"), _not_overcommitted)

RESIZE_POLICY: Check = each(
    fields(
        {
            "resourceName": one_of("cpu", "memory"),
            "restartPolicy": one_of("NotRequired", "RestartContainer"),
        }
    ),
    unique_field("resourceName"),
)

#: A pod's `resourceClaims`.
RESOURCE_CLAIMS: Check = each(
    fields(
        {
            "name": all_of(formatted(dns_label), not_empty),
            "resourceClaimName": formatted(dns_subdomain),
            "resourceClaimTemplateName": formatted(dns_subdomain),
        },
        exactly_one("resourceClaimName", "resourceClaimTemplateName"),
    ),
    unique_field("name", "names two claims of this pod"),
)


def _claims_declared(node: Node, faults: Faults) -> None:
    claiming = [item for item in containers_of(node, "resources") if item["resources"].has("claims")]
    if not claiming:
        return
    declared = {claim["name"].value for claim in node["resourceClaims"].items() if claim["name"].text is not None}
    for container in claiming:
        for claim in container.down("resources", "claims").items():
            name = claim["name"].text
            if name is not None and name not in declared:
                faults.append(claim["name"].fault(f"is {shown(name)}, which is no resource claim of this pod"))


def _restart_to_resize(node: Node, faults: Faults) -> None:
    if node["restartPolicy"].text != "Never":
        return
    for container in containers_of(node, "resizePolicy"):
        for policy in container["resizePolicy"].items():
            if policy["restartPolicy"].text == "RestartContainer":
                says = "is RestartContainer, NotRequired is required in a pod that is never restarted"
                faults.append(policy["restartPolicy"].fault(says))


def _within_pod(node: Node, faults: Faults) -> None:
    """The amounts of containers lie within those of the pod, where it has any."""
    if not node.has("resources"):
        return
    for name in _OF_PODS:
        limit, request = (amount_of(node.down("resources", part, name)) for part in ("limits", "requests"))
        sum_requested = Fraction(0)
        for container in node["containers"].items():
            own = container.down("resources", "limits", name)
            amount = amount_of(own)
            if limit is not None and amount is not None and amount > limit:
                faults.append(own.fault(f"is {own.value}, at most the limit of the pod is allowed"))
            sum_requested += amount_of(container.down("resources", "requests", name)) or amount or 0
        if request is not None and sum_requested > request:
            faults.append(
                node.down("resources", "requests", name).fault("is less than what the containers of the pod request")
            )


#: What resources demand of the other parts of a pod spec.
RESOURCES_IN_POD: tuple[Check, ...] = (_claims_declared, _restart_to_resize, _within_pod)
