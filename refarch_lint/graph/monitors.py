"""Monitors: the objects of the Prometheus operator and its kin that name what is scraped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.workload import Workload

OPERATOR: Final = "monitoring.coreos.com"

#: Kinds that name what is scraped: the field with their endpoints, and whether they go by Services.
MONITORS: Final[Mapping[tuple[str, str], tuple[str, bool]]] = {
    (OPERATOR, "ServiceMonitor"): ("endpoints", True),
    (OPERATOR, "PodMonitor"): ("podMetricsEndpoints", False),
    ("operator.victoriametrics.com", "VMServiceScrape"): ("endpoints", True),
    ("operator.victoriametrics.com", "VMPodScrape"): ("podMetricsEndpoints", False),
    ("monitoring.googleapis.com", "PodMonitoring"): ("endpoints", False),
    ("monitoring.googleapis.com", "ClusterPodMonitoring"): ("endpoints", False),
    ("azmonitoring.coreos.com", "ServiceMonitor"): ("endpoints", True),
    ("azmonitoring.coreos.com", "PodMonitor"): ("podMetricsEndpoints", False),
}


class Endpoint(NamedTuple):
    """One port that a monitor scrapes: its place and value, and whether it is a port of the pods."""

    place: Place
    port: str | int
    of_pods: bool


class Monitor(NamedTuple):
    """A monitor with what it matches: Services or pods, whatever becomes of the ports."""

    resource: Resource
    by_service: bool
    endpoints: tuple[Endpoint, ...]
    namespaces: tuple[str, ...]
    services: tuple[Resource, ...]
    workloads: tuple[Workload, ...]


def endpoints_of(resource: Resource, field: str, by_service: bool) -> Iterator[Endpoint]:
    """Yield the ports that a monitor names, under its field of endpoints."""
    for index, item in enumerate(sequence(resource.spec.get(field))):
        entry, path = mapping(item), ("spec", field, index)
        for key, of_pods in (("port", not by_service), ("targetPort", True), ("portNumber", True)):
            port = entry.get(key)
            if isinstance(port, (str, int)) and not isinstance(port, bool) and port != "":
                yield Endpoint(Place(resource, (*path, key)), port, of_pods)
                break


def monitor_field(monitor: Monitor) -> str:
    """Return the beginning of the names of the Prometheus fields that select a monitor."""
    return "serviceMonitor" if monitor.by_service else "podMonitor"
