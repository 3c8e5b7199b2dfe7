"""From a Service's port, an Ingress or a Route to the pods' own ports, on which network policies are judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from refarch_lint.graph.connectivity_pods import named_ports, pod_of
from refarch_lint.graph.ports import FIRST_PORT, LAST_PORT, PROTOCOLS
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.selector import LabelIndex, equality_selector
from refarch_lint.model.workload import Workload
from refarch_lint.model.written import selector_as_written


class ServiceTarget(NamedTuple):
    """Where a connection to a Service's port arrives: a workload and its own port."""

    workload: Workload
    port: int
    protocol: str


class ServiceResolver:
    """Finds the pods and ports behind Services; built once per input."""

    def __init__(self, workloads: Sequence[Workload], resources: Iterable[Resource]) -> None:
        members: dict[str, list[tuple[Workload, Mapping[str, str]]]] = {}
        for workload in workloads:
            if workload.kind != "PodTemplate":
                members.setdefault(workload.namespace, []).append((workload, pod_of(workload).label_mapping))
        self._workloads = {namespace: LabelIndex(items) for namespace, items in members.items()}
        self._services: dict[tuple[str, str], Resource] = {}
        self._entrances: list[Resource] = []
        for resource in resources:
            if resource.kind == "Service" and not resource.group:
                self._services.setdefault((resource.namespace, resource.name), resource)
            elif (resource.group, resource.kind) in _ENTRANCES:
                self._entrances.append(resource)

    def workloads_behind(self, service: Resource) -> list[Workload]:
        """Return the workloads that a Service selects; none for one without a selector or with an external name."""
        selector = equality_selector(selector_as_written(service, ("spec", "selector"), service.spec.get("selector")))
        index = self._workloads.get(service.namespace)
        if selector is None or index is None or service.spec.get("type") == "ExternalName":
            return []
        return index.matching(selector)

    def resolve_service_port(self, service: Resource, port: int | str) -> tuple[ServiceTarget, ...]:
        """Return where a connection to a Service's port, by number or name, arrives.

        A named target port is looked up on each workload. A headless Service translates nothing: a number is the
        pods' own port, whether or not the Service lists it.
        """
        found: list[ServiceTarget] = []
        entry = service_port(service, port)
        headless = service.spec.get("clusterIP") == "None"
        if entry is None and not (headless and isinstance(port, int)):
            return ()
        protocol = mapping(entry).get("protocol", "TCP")
        if protocol not in PROTOCOLS:
            return ()
        target: object = port if headless and isinstance(port, int) else target_port(mapping(entry))
        for workload in self.workloads_behind(service):
            found.extend(ServiceTarget(workload, number, protocol) for number in _numbers(workload, target, protocol))
        return tuple(found)

    def entrance_targets(self) -> Iterator[ServiceTarget]:
        """Yield where the connections of ingress controllers and routers arrive, as Ingresses and Routes say.

        They connect to the pods behind a Service over TCP, so that a headless Service leads to its target ports too.
        """
        for resource in self._entrances:
            for name, port in _ENTRANCES[resource.group, resource.kind](resource.spec):
                service = self._services.get((resource.namespace, name)) if isinstance(name, str) else None
                if service is None:
                    continue
                arriving = [(entry, self._arrivals(service, entry)) for entry in _tcp_ports(service)]
                if isinstance(port, int | str):
                    arriving = _routed(arriving, port) if resource.kind == "Route" else _backed(arriving, port)
                for _, targets in arriving:
                    yield from targets

    def _arrivals(self, service: Resource, entry: Mapping[str, Any]) -> list[ServiceTarget]:
        return [
            ServiceTarget(workload, number, "TCP")
            for workload in self.workloads_behind(service)
            for number in _numbers(workload, target_port(entry), "TCP")
        ]


_Arrivals = list[tuple[dict[str, Any], list[ServiceTarget]]]


def _tcp_ports(service: Resource) -> list[dict[str, Any]]:
    entries = (mapping(entry) for entry in sequence(service.spec.get("ports")))
    return [entry for entry in entries if entry.get("protocol") in (None, "", "TCP") and entry.get("port") is not None]


def _backed(arriving: _Arrivals, port: int | str) -> _Arrivals:
    """Return the ports of a Service that an Ingress means, by number or name."""
    key = "port" if isinstance(port, int) else "name"
    return [item for item in arriving if item[0].get(key) == port and not isinstance(item[0].get(key), bool)]


def _routed(arriving: _Arrivals, port: int | str) -> _Arrivals:
    """Return the ports of a Service that a Route means: a name is that of the Service's port, a number the pods' own.

    A name that only the pods' ports have and a number that only the Service has are taken as they were meant.
    """
    number = int(port) if isinstance(port, str) and port.isascii() and port.isdigit() else port
    if isinstance(number, int):
        of_pods = [(entry, [target for target in targets if target.port == number]) for entry, targets in arriving]
        found = [item for item in of_pods if item[1]]
        return found or _backed(arriving, number)
    return _backed(arriving, number) or [item for item in arriving if target_port(item[0]) == number]


def service_port(service: Resource, port: int | str) -> dict[str, Any] | None:
    """Return the entry of a Service's ports that has this number or name."""
    key = "port" if isinstance(port, int) else "name"
    for entry in sequence(service.spec.get("ports")):
        if isinstance(entry, dict) and entry.get(key) == port and not isinstance(entry.get(key), bool):
            return entry
    return None


def target_port(entry: Mapping[str, Any]) -> object:
    """Return the target port of a Service's port: number or name; the port's own number where it is left out."""
    target = entry.get("targetPort")
    return entry.get("port") if target in (None, 0, "") else target


def _numbers(workload: Workload, target: object, protocol: str) -> list[int]:
    if isinstance(target, str):
        if target.isascii() and target.isdigit():
            target = int(target)
        else:
            declared = dict.fromkeys(named_ports(workload))
            return [port.number for port in declared if (port.name, port.protocol) == (target, protocol)]
    if isinstance(target, int) and not isinstance(target, bool) and FIRST_PORT <= target <= LAST_PORT:
        return [target]
    return []


def _ingress_backends(spec: dict[str, Any]) -> Iterator[tuple[object, object]]:
    for backend in _backends(spec):
        service = mapping(backend.get("service"))
        if service:
            port = mapping(service.get("port"))
            yield service.get("name"), port.get("number", port.get("name"))
        else:
            yield backend.get("serviceName"), backend.get("servicePort")


def _backends(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield mapping(spec.get("defaultBackend", spec.get("backend")))
    for rule in sequence(spec.get("rules")):
        for path in sequence(dig(rule, "http", "paths")):
            yield mapping(mapping(path).get("backend"))


def _route_backends(spec: dict[str, Any]) -> Iterator[tuple[object, object]]:
    for backend in (spec.get("to"), *sequence(spec.get("alternateBackends"))):
        yield mapping(backend).get("name"), mapping(spec.get("port")).get("targetPort")


_ENTRANCES = {
    ("networking.k8s.io", "Ingress"): _ingress_backends,
    ("extensions", "Ingress"): _ingress_backends,
    ("route.openshift.io", "Route"): _route_backends,
}
