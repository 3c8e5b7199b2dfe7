"""From what people type to the ends of a connection: workloads, Services, pods of a namespace, addresses."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple

from refarch_lint.errors import UsageError
from refarch_lint.graph.addresses import parse_address_range
from refarch_lint.graph.connectivity import Endpoint
from refarch_lint.graph.connectivity_pods import pod_in
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.operator_pods import OperatorPod
from refarch_lint.graph.ports import PROTOCOLS
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import Workload

_QUALIFIED = re.compile(r"(?:(?P<namespace>[^/\[\]]+)/)?(?P<name>[^/\[\]]+)\[(?P<kind>\w+)\]")
_NAMESPACE_PREFIX = "namespace:"
_SHOWN = 8


class AskedPort(NamedTuple):
    """A port that was asked about: number or name, and protocol; both are for all where nothing was asked."""

    port: int | str | None
    protocol: str

    def __str__(self) -> str:
        return "any port" if self.port is None else f"{self.protocol} {self.port}"


def port_of(text: str | None) -> AskedPort:
    """Read `5432`, `http`, `UDP/53` or `53/UDP`. Raises UsageError for an unknown protocol or a number out of range."""
    if text is None:
        return AskedPort(None, "TCP")
    parts = text.split("/")
    protocol = next((part.upper() for part in parts if part.upper() in PROTOCOLS), "TCP")
    rest = [part for part in parts if part.upper() not in PROTOCOLS]
    if len(rest) != 1 or not rest[0]:
        raise UsageError(f"no port {text!r}; write a number or a name, with the protocol as in UDP/53")
    if rest[0].isascii() and rest[0].isdigit():
        number = int(rest[0])
        if not 0 < number < 65536:
            raise UsageError(f"no port {number}; ports are 1 to 65535")
        return AskedPort(number, protocol)
    return AskedPort(rest[0], protocol)


def endpoint_of(text: str, graph: ResourceGraph) -> Endpoint | Resource:
    """Return the workload, Service, pods or addresses that a name means; a Service is returned as its resource.

    `shop/api[Deployment]`, `shop/Deployment/api`, `Deployment/api`, `shop/api`, `api`, `namespace:shop`, `10.0.0.0/8`.
    Raises UsageError where the name means nothing, with similar ones, or several things, with all of them.
    """
    if text.startswith(_NAMESPACE_PREFIX):
        return pod_in(text.removeprefix(_NAMESPACE_PREFIX))
    address = parse_address_range(text)
    if address is not None:
        return address
    candidates = _candidates(graph)
    found = [item for item in candidates if _fits(text, _resource(item))]
    found = [item for item in found if isinstance(item, Workload | OperatorPod)] or found
    kinds = {_resource(item).id for item in found}
    if not found:
        names = sorted({_resource(item).id.qualified for item in candidates})
        near = get_close_matches(text, names, n=3, cutoff=0.4) or names[:_SHOWN]
        hint = f"; there are {', '.join(near)}" if near else ""
        raise UsageError(f"no workload {text!r} in what was given{hint}")
    if len(kinds) > 1:
        names = sorted({identity.qualified for identity in kinds})
        raise UsageError(f"{text!r} may be {', '.join(names[:_SHOWN])}: write one of them")
    first = found[0]
    return first.pod if isinstance(first, OperatorPod) else first


def _candidates(graph: ResourceGraph) -> list[Workload | OperatorPod | Resource]:
    found: list[Workload | OperatorPod | Resource] = list(graph.workloads)
    for namespace in dict.fromkeys(resource.namespace for resource in graph.resources):
        found.extend(graph.operator_pods(namespace))
    return [*found, *graph.index.of_kind("Service", "")]


def _resource(item: Workload | OperatorPod | Resource) -> Resource:
    return item if isinstance(item, Resource) else item.resource


def _fits(text: str, resource: Resource) -> bool:
    if match := _QUALIFIED.fullmatch(text):
        wanted = (match["namespace"] or resource.namespace, match["name"], match["kind"])
        return wanted == (resource.namespace, resource.name, resource.kind)
    match text.split("/"):
        case [name]:
            return name == resource.name
        case [first, name]:
            return name == resource.name and first in (resource.kind, resource.namespace)
        case [namespace, kind, name]:
            return (namespace, kind, name) == (resource.namespace, resource.kind, resource.name)
    return False
