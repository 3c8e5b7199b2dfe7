"""Positions in the graph by which a role may be recognised when names and images say nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from refarch_lint.graph.edge import Relation
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.model.resource import Resource, mapping, sequence

#: Tells the role that a resource plays so far, empty for none.
Played = Callable[[Resource], str]


def _routed_from_entry_point(resource: Resource, graph: ResourceGraph, _: Played) -> str | None:
    for edge in graph.incoming(resource, Relation.SELECTS):
        service = edge.source.resource
        for route in graph.incoming(service, Relation.ROUTES_TO):
            return f"{route.source.resource} routes to it through {service}"
        if service.spec.get("type") == "LoadBalancer":
            return f"{service} exposes it"
    return None


def _calls_datastore(resource: Resource, graph: ResourceGraph, played: Played) -> str | None:
    for target in graph.connected(resource):
        if played(target).endswith(("database", "cache", "search", "db")):
            return f"it connects to {target}"
    return None


def _called_by_none(resource: Resource, graph: ResourceGraph, _: Played) -> str | None:
    return None if graph.callers(resource) else "nothing in the tree connects to it"


def _behind_gateway(resource: Resource, graph: ResourceGraph, played: Played) -> str | None:
    for caller in graph.callers(resource):
        if played(caller) in ("gateway", "entry-point"):
            return f"{caller} connects to it"
    return None


def _consumes_queue(resource: Resource, graph: ResourceGraph, played: Played) -> str | None:
    if graph.callers(resource) or _service_of(resource, graph) is not None:
        return None
    for target in graph.connected(resource):
        if played(target) in ("message-queue", "broker"):
            return f"it connects to {target} and serves nobody"
    return None


def _serves(resource: Resource, graph: ResourceGraph, played: Played) -> str | None:
    """A Service selects it, not only to collect its metrics; a mere client of a broker must be called as well."""
    service, targets = _service_of(resource, graph), graph.connected(resource)
    if targets and all(played(target) in ("message-queue", "broker") for target in targets):
        service = service if graph.callers(resource) else None
    return f"{service} serves it" if service is not None else None


def _service_of(resource: Resource, graph: ResourceGraph) -> Resource | None:
    """Return a Service by which others call a workload: one whose ports all carry metrics is none."""
    for edge in graph.incoming(resource, Relation.SELECTS):
        service = edge.source.resource
        names = [mapping(port).get("name") for port in sequence(service.spec.get("ports"))]
        if not names or not all(isinstance(name, str) and "metrics" in name for name in names):
            return service
    return None


def _feeds_broker(resource: Resource, graph: ResourceGraph, played: Played) -> str | None:
    """It takes in from whoever calls its Service and hands on to a broker."""
    broker = _broker_of(resource, graph, played)
    service = _service_of(resource, graph)
    return f"it connects to {broker} and {service} serves it" if broker and service else None


def _works_on_stream(resource: Resource, graph: ResourceGraph, played: Played) -> str | None:
    """It takes from a broker and serves nobody, or hands on to where results are kept."""
    broker = _broker_of(resource, graph, played)
    if broker is None:
        return None
    for target in graph.connected(resource):
        if played(target) in ("data-lake", "analytics"):
            return f"it connects to {broker} and to {target}"
    if graph.callers(resource) or _service_of(resource, graph) is not None:
        return None
    return f"it connects to {broker} and serves nobody"


def _broker_of(resource: Resource, graph: ResourceGraph, played: Played) -> Resource | None:
    return next((target for target in graph.connected(resource) if played(target) == "broker"), None)


def _saves_data(resource: Resource, graph: ResourceGraph, _: Played) -> str | None:
    job = graph.backup_job(resource)
    return f"it saves data: {job.reason}" if job is not None else None


def _reads_datastore_on_schedule(resource: Resource, graph: ResourceGraph, played: Played) -> str | None:
    if resource.kind != "CronJob" or graph.backup_job(resource) is not None:
        return None
    for target in graph.connected(resource):
        if played(target):
            return f"it connects to {target} on a schedule"
    return None


PLACES: Final[Mapping[str, Callable[[Resource, ResourceGraph, Played], str | None]]] = {
    "behind-gateway": _behind_gateway,
    "called-by-none": _called_by_none,
    "calls-datastore": _calls_datastore,
    "consumes-queue": _consumes_queue,
    "feeds-broker": _feeds_broker,
    "reads-datastore-on-schedule": _reads_datastore_on_schedule,
    "routed-from-entry-point": _routed_from_entry_point,
    "saves-data": _saves_data,
    "serves": _serves,
    "works-on-stream": _works_on_stream,
}
