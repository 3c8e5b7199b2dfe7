"""Who opens a needed connection and where it arrives: pods of workloads, of operators, of nobody the tree shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from refarch_lint.graph.connectivity_pods import Pod
from refarch_lint.graph.outside_sources import SCRAPER, Outsider
from refarch_lint.graph.traffic import Need
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.selector import equality_selector
from refarch_lint.model.workload import Workload
from refarch_lint.model.written import selector_as_written

if TYPE_CHECKING:
    from refarch_lint.graph.graph import ResourceGraph

#: Objects by which requests from outside the cluster come in.
ENTRANCE_KINDS = frozenset(
    {"Ingress", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"}
    | {"IngressRoute", "IngressRouteTCP", "IngressRouteUDP", "Route", "HTTPProxy"}
)


class FlowEnd(NamedTuple):
    """One end of a needed connection.

    `resource` is the object that runs there, or that speaks for somebody outside; `pods` are its pods as policies see
    them, several where an operator makes several sorts, none for what is outside. `outsider` is set where the tree
    does not show the pods.
    """

    resource: Resource | None
    name: str
    pods: tuple[Pod, ...] = ()
    outsider: Outsider | None = None

    def __str__(self) -> str:
        return self.name


class Arrival(NamedTuple):
    """Where a connection arrives: pods and their own port, None where it is not known."""

    end: FlowEnd
    port: int | None
    protocol: str


def end_of(workload: Workload, graph: ResourceGraph) -> FlowEnd:
    """Return a workload as an end."""
    return FlowEnd(workload.resource, str(workload), (graph.network.pod(workload),))


def end_of_operator(resource: Resource, graph: ResourceGraph) -> FlowEnd | None:
    """Return the pods that an operator makes for an object as one end, or None where they are not known."""
    pods = tuple(item.pod for item in graph.operator_pods(resource.namespace) if item.resource is resource)
    return FlowEnd(resource, str(resource), pods) if pods else None


def sources_of(need: Need, graph: ResourceGraph, controller: Outsider) -> Iterator[FlowEnd]:
    """Yield who opens a needed connection; nobody for objects that only describe connections of others."""
    source = need.source
    if isinstance(source, Workload):
        yield end_of(source, graph)
        return
    match source.kind, source.group:
        case kind, _ if kind in ENTRANCE_KINDS:
            yield FlowEnd(source, controller.name, (), controller)
        case "VirtualService", "networking.istio.io":
            gateways = [name for name in sequence(source.spec.get("gateways")) if name != "mesh"]
            if gateways:
                yield FlowEnd(source, "the ingress gateway", (), controller._replace(name="the ingress gateway"))
        case "GrafanaDatasource", _:
            for item in graph.operator_pods(source.namespace):
                if item.resource.kind == "Grafana":
                    yield FlowEnd(item.resource, str(item.resource), (item.pod,))
        case "ConfigMap", "":
            yield FlowEnd(source, SCRAPER.name, (), near(SCRAPER, source.namespace))
        case _:
            if (end := end_of_operator(source, graph)) is not None:
                yield end


def near(outsider: Outsider, namespace: str) -> Outsider:
    """Return an outsider that is likely to run in one more namespace."""
    return outsider._replace(namespaces=(namespace, *outsider.namespaces))


def arrivals(need: Need, graph: ResourceGraph) -> Iterator[Arrival]:
    """Yield where a needed connection arrives, with the port of the pods rather than that of the Service."""
    service = need.service
    if service is None:
        return
    if service.kind == "Service" and service.group == "":
        yield from arrivals_at_service(service, need.port, need.protocol, graph)
        return
    every = [item for item in graph.operator_pods(service.namespace) if item.resource is service]
    serving = [item.pod for item in every if need.port in item.ports] or [item.pod for item in every]
    if serving:
        yield Arrival(FlowEnd(service, str(service), tuple(serving)), need.port, need.protocol)


def arrivals_at_service(
    service: Resource, port: int | str | None, protocol: str, graph: ResourceGraph
) -> Iterator[Arrival]:
    """Yield where a connection to a Service's port arrives; without a port, at every workload behind it."""
    selector = equality_selector(selector_as_written(service, ("spec", "selector"), service.spec.get("selector")))
    if selector is None or service.spec.get("type") == "ExternalName":
        return
    if port is None:
        for workload in graph.selected(service):
            yield Arrival(end_of(workload, graph), None, protocol)
        return
    for target in graph.network.resolve_service_port(service, port):
        yield Arrival(end_of(target.workload, graph), target.port, target.protocol)
    for item in graph.operator_pods(service.namespace):
        if selector.matches(item.pod.label_mapping):
            number = _operator_port(service, port, item.pod)
            yield Arrival(FlowEnd(item.resource, str(item.resource), (item.pod,)), number, protocol)


def _operator_port(service: Resource, port: int | str, pod: Pod) -> int | None:
    key = "port" if isinstance(port, int) else "name"
    for entry in sequence(service.spec.get("ports")):
        if mapping(entry).get(key) != port:
            continue
        target = mapping(entry).get("targetPort") or mapping(entry).get("port")
        if isinstance(target, int):
            return target
        return next((named.number for named in pod.ports if named.name == target), None)
    return None


def parent_namespaces(route: Resource) -> tuple[str, ...]:
    """Return the namespaces of the Gateways that a route names: their proxies may run there."""
    names = [dig(parent, "namespace") for parent in sequence(route.spec.get("parentRefs"))]
    return tuple(dict.fromkeys(name if isinstance(name, str) else route.namespace for name in names))
