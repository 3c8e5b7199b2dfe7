"""Who needs to reach whom: connections that the manifests declare, each with the value that declares it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from refarch_lint.graph.elsewhere import NOWHERE, Elsewhere
from refarch_lint.graph.endpoints import is_self
from refarch_lint.graph.grouped import grouped
from refarch_lint.graph.place import Place
from refarch_lint.graph.provision import ProvisionIndex
from refarch_lint.graph.traffic_names import DATASTORE_PORTS, default_ports, tokens_of
from refarch_lint.graph.traffic_routes import Route, routes_of
from refarch_lint.graph.traffic_services import Outcome, Resolution, Services, selects, service_ports
from refarch_lint.graph.traffic_sources import Sourced, Texts
from refarch_lint.graph.traffic_values import Mention, Strength
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.workload import Workload


class NeedStatus(StrEnum):
    """What became of a needed destination."""

    RESOLVED = "resolved"
    MISSING_SERVICE = "missing-service"
    MISSING_PORT = "missing-port"
    EXTERNAL = "external"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """A connection that something must be able to open.

    `host` is the name as written, lower case, empty where a Secret holds it. `port` is the port dialled (a Service's
    port, not the pod's), None where nothing tells it. `service` is the Service, or the operator's object that makes
    it. `place` is where the destination is written; `via` where the source takes that value in, if elsewhere. `reason`
    says in words what names the destination, and never holds a value.
    """

    source: Workload | Resource
    host: str
    port: int | None
    protocol: str
    service: Resource | None
    place: Place
    reason: str
    status: NeedStatus
    via: Place | None = None
    to_pods: bool = False

    @property
    def asked_by(self) -> Resource:
        """The object that states the need: the workload's own, or the route."""
        return self.source.resource if isinstance(self.source, Workload) else self.source


class BrokenEnd(NamedTuple):
    """A Service (`port` None) or a port of one that is needed and certainly missing."""

    namespace: str
    name: str
    port: int | None = None


def broken_end(need: Need) -> BrokenEnd | None:
    """Return what is missing of what somebody needs; None where nothing is."""
    if need.status is NeedStatus.MISSING_PORT and need.service is not None:
        return BrokenEnd(need.service.namespace, need.service.name, need.port)
    if need.status is not NeedStatus.MISSING_SERVICE:
        return None
    name, _, rest = need.host.partition(".")
    return BrokenEnd(rest.partition(".")[0] or need.asked_by.namespace, name)


def needs(
    workloads: Iterable[Workload],
    resources: Iterable[Resource],
    provisions: ProvisionIndex | None = None,
    elsewhere: Elsewhere = NOWHERE,
) -> tuple[Need, ...]:
    """Return every connection that workloads and routing objects declare, in the order of the input.

    A source's needs are distinct by destination and port; the first evidence is kept.
    """
    every_workload, every_resource = tuple(workloads), tuple(resources)
    services = Services.build(every_workload, every_resource, provisions, elsewhere)
    texts = Texts(every_resource)
    found: list[Need] = []
    for workload in every_workload:
        found.extend(_distinct(_workload_needs(workload, texts, services)))
    for config_map, sourced in texts.unread_scrape_configurations():
        resolved = [(item, _resolve(item, config_map, services)) for item in sourced]
        made = (_need(item, resolution, config_map, services) for item, resolution in resolved if resolution)
        found.extend(_distinct(need for need in made if need is not None))
    for resource in every_resource:
        found.extend(_distinct(_route_needs(resource, services)))
    return tuple(found)


def _workload_needs(workload: Workload, texts: Texts, services: Services) -> Iterator[Need]:
    sourced = texts.of(workload)
    resolved = [(item, _resolve(item, workload.resource, services)) for item in sourced]
    directories = _directories(resolved, workload)
    for item, resolution in resolved:
        if item.mention is None:
            yield Need(workload, "", None, "TCP", None, item.place, item.reason, NeedStatus.UNVERIFIABLE, item.via)
        elif resolution is not None:
            need = _need(item, resolution, workload, services)
            if need is not None and not _is_directory_entry(item, need, directories):
                yield need


def _resolve(item: Sourced, source: Resource, services: Services) -> Resolution | None:
    if item.mention is None or is_self(item.mention.host):
        return None
    return services.resolve(item.mention.host, source.namespace, source.namespace_declared)


def _need(item: Sourced, resolution: Resolution, source: Workload | Resource, services: Services) -> Need | None:
    mention = item.mention
    assert mention is not None
    strength, service = mention.strength, resolution.service
    protocol = "UDP" if mention.scheme in ("udp", "statsd") else "TCP"

    def made(status: NeedStatus, port: int | None, protocol: str = protocol, reason: str = item.reason) -> Need:
        return Need(source, mention.host, port, protocol, service, item.place, reason, status, item.via, resolution.pod)

    match resolution.outcome:
        case Outcome.SERVICE if service is not None:
            is_own = isinstance(source, Workload) and selects(service, source)
            if is_own and not (resolution.pod or _names_peers(mention.subject)):
                return None
            port, protocol, declared = _port(service, mention, protocol)
            if declared or is_own or resolution.pod:
                return made(NeedStatus.RESOLVED, port, protocol)
            return made(NeedStatus.MISSING_PORT, port) if strength >= Strength.FAIR else None
        case Outcome.MISSING:
            if strength < Strength.STRONG or _is_own_name(mention.host, source):
                return None
            return made(NeedStatus.MISSING_SERVICE, mention.port)
        case Outcome.UNKNOWN:
            if strength < Strength.STRONG:
                return None
            return made(NeedStatus.UNVERIFIABLE, mention.port, reason=f"{item.reason}: {resolution.why}")
        case Outcome.OUTSIDE:
            if strength < Strength.STRONG or services.is_public(mention.host) or _is_alias(mention.host, source):
                return None
            return made(NeedStatus.EXTERNAL, mention.port)
    return None


def _port(service: Resource, mention: Mention, protocol: str) -> tuple[int | None, str, bool]:
    """Return the port dialled, its protocol, and whether the Service answers on it."""
    declared = service_ports(service)
    port = mention.port
    if not declared:
        return port, protocol, True
    numbers = {number: kind for number, kind, _ in declared}
    if port is None:
        known = default_ports(mention.subject, mention.host)
        choice = next((number for number in known if number in numbers), None)
        if choice is None and len(numbers) == 1:
            choice = next(iter(numbers))
        return choice, numbers[choice] if choice is not None else protocol, True
    kinds = [kind for number, kind, _ in declared if number == port]
    if kinds:
        return port, protocol if protocol in kinds else kinds[0], True
    return port, protocol, service.spec.get("clusterIP") == "None"


def _directories(resolved: list[tuple[Sourced, Resolution | None]], workload: Workload) -> frozenset[tuple[int, str]]:
    """Return (ConfigMap, last word of the key) of addresses that a shared ConfigMap lists for everybody.

    A ConfigMap taken as a whole that also holds the workload's own address is a directory of services: being given
    it does not mean calling all of them.
    """
    return frozenset(
        (id(item.directory), tokens_of(item.mention.subject)[-1])
        for item, resolution in resolved
        if item.directory is not None
        and item.mention is not None
        and resolution is not None
        and resolution.service is not None
        and selects(resolution.service, workload)
    )


def _is_directory_entry(item: Sourced, need: Need, directories: frozenset[tuple[int, str]]) -> bool:
    if item.directory is None or item.mention is None or need.status is not NeedStatus.RESOLVED:
        return False
    shape = (id(item.directory), tokens_of(item.mention.subject)[-1])
    return shape in directories and need.port not in DATASTORE_PORTS


_PEER_WORDS = frozenset(
    {"peer", "peers", "cluster", "seed", "seeds", "servers", "join", "quorum", "voters", "members", "nodes", "initial"}
    | {"replicas", "replicaof", "retry", "discovery"}
)


def _names_peers(subject: str) -> bool:
    return not _PEER_WORDS.isdisjoint(tokens_of(subject))


def _is_own_name(host: str, workload: Workload | Resource) -> bool:
    """Tell whether a name without a Service is the pod's own, another container's of the pod, or a host alias."""
    if isinstance(workload, Resource):
        return False
    if host in (workload.resource.name, workload.pod_spec.get("hostname")) or _is_alias(host, workload):
        return True
    return any(container.name == host for container in workload.containers)


def _is_alias(host: str, workload: Workload | Resource) -> bool:
    if isinstance(workload, Resource):
        return False
    aliases = sequence(workload.pod_spec.get("hostAliases"))
    return any(host in sequence(mapping(alias).get("hostnames")) for alias in aliases)


def _route_needs(resource: Resource, services: Services) -> Iterator[Need]:
    for route in routes_of(resource):
        declared = resource.namespace_declared or route.namespace != resource.namespace
        resolution = services.resolve(route.host, route.namespace, declared)
        need = _route_need(resource, route, resolution)
        if need is not None:
            yield need


def _route_need(resource: Resource, route: Route, resolution: Resolution) -> Need | None:
    place = Place(resource, route.path)
    number = route.port if isinstance(route.port, int) else None
    service = resolution.service

    def made(status: NeedStatus, port: int | None, protocol: str = "TCP", reason: str = route.reason) -> Need:
        return Need(resource, route.host, port, protocol, service, place, reason, status)

    match resolution.outcome:
        case Outcome.SERVICE if service is not None:
            declared = service_ports(service)
            if not declared or route.port is None:
                only = declared[0] if len(declared) == 1 else (number, "TCP", "")
                return made(NeedStatus.RESOLVED, only[0], only[1])
            for port, protocol, name in declared:
                if route.port in (port, name):
                    return made(NeedStatus.RESOLVED, port, protocol)
            return made(NeedStatus.MISSING_PORT, number)
        case Outcome.MISSING:
            return made(NeedStatus.MISSING_SERVICE, number)
        case Outcome.UNKNOWN:
            return made(NeedStatus.UNVERIFIABLE, number, reason=f"{route.reason}: {resolution.why}")
    return None


def _distinct(found: Iterable[Need]) -> list[Need]:
    """Keep the first need of each destination and port; one without a port gives way to one with."""
    kept: dict[tuple[object, ...], Need] = {}
    with_port: set[tuple[object, ...]] = set()
    for need in found:
        target: object = id(need.service) if need.service is not None else need.host or need.place.path
        kept.setdefault((target, need.to_pods and need.host, need.port, need.protocol, need.status), need)
        if need.port is not None:
            with_port.add((target, need.status))
    return [
        need
        for (target, _, port, _, status), need in kept.items()
        if port is not None or not need.host or (target, status) not in with_port
    ]


def by_source(found: Iterable[Need]) -> Mapping[Workload | Resource, tuple[Need, ...]]:
    """Group needs by their source, in order."""
    return grouped((need.source, need) for need in found)
