"""Who collects metrics from whom, on which port of the pods: monitors, and annotations on pods and Services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from refarch_lint.graph.edge import Relation
from refarch_lint.graph.flow_ends import Arrival, FlowEnd, arrivals_at_service, end_of, end_of_operator
from refarch_lint.graph.outside_sources import SCRAPER
from refarch_lint.graph.place import Place
from refarch_lint.model.image import parse_image
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.selector import parse_selector
from refarch_lint.model.workload import Workload

if TYPE_CHECKING:
    from refarch_lint.graph.graph import ResourceGraph


class Scrape(NamedTuple):
    """A collector, the pods and port from which it collects, and the place that says so."""

    source: FlowEnd
    arrival: Arrival
    place: Place
    reason: str


def scrapes(graph: ResourceGraph) -> Iterator[Scrape]:
    """Yield every collection of metrics that monitors and annotations ask for."""
    for kind, field in (("ServiceMonitor", "endpoints"), ("PodMonitor", "podMetricsEndpoints")):
        for monitor in graph.index.of_kind(kind, "monitoring.coreos.com"):
            collectors = _collectors(monitor, graph)
            for index, item in enumerate(sequence(monitor.spec.get(field))):
                place = Place(monitor, ("spec", field, index, "port" if "port" in mapping(item) else "targetPort"))
                for arrival in _arrivals(monitor, mapping(item), graph):
                    for source in collectors:
                        yield Scrape(source, arrival, place, f"{monitor} collects from it")
    annotated = [workload for workload in graph.workloads if _annotated_port(workload) is not None]
    if annotated:
        collectors = _annotation_collectors(graph)
        for workload in annotated:
            port = _annotated_port(workload)
            path = (*workload.template_path, "metadata", "annotations", "prometheus.io/scrape")
            place = Place(workload.resource, path)
            for source in collectors:
                arrival = Arrival(end_of(workload, graph), port, "TCP")
                yield Scrape(source, arrival, place, "annotation prometheus.io/scrape asks for it")


def _annotated_port(workload: Workload) -> int | None:
    annotations = workload.pod_annotations
    port = annotations.get("prometheus.io/port", "")
    asked = annotations.get("prometheus.io/scrape") == "true"
    return int(port) if asked and port.isascii() and port.isdigit() and 0 < int(port) < 65536 else None


def _collectors(monitor: Resource, graph: ResourceGraph) -> list[FlowEnd]:
    """Return the Prometheus objects that select a monitor, else one that the tree does not show."""
    field = "serviceMonitorSelector" if monitor.kind == "ServiceMonitor" else "podMonitorSelector"
    found = []
    for prometheus in graph.index.of_kind("Prometheus", "monitoring.coreos.com"):
        selector = parse_selector(prometheus.spec.get(field))
        end = end_of_operator(prometheus, graph)
        if end is not None and selector is not None and selector.matches(monitor.labels):
            found.append(end)
    return found or [FlowEnd(monitor, SCRAPER.name, (), SCRAPER)]


def _annotation_collectors(graph: ResourceGraph) -> list[FlowEnd]:
    """Return the workloads that run Prometheus; annotations mean nothing where there is none in the tree."""
    return [end_of(workload, graph) for workload in graph.workloads if _runs_prometheus(workload)]


def _runs_prometheus(workload: Workload) -> bool:
    for container in workload.containers:
        image = container.data.get("image")
        parsed = parse_image(image) if isinstance(image, str) and container.runs_throughout else None
        if parsed is not None and parsed.repository.rpartition("/")[2] in ("prometheus", "vmagent"):
            return True
    return False


def _arrivals(monitor: Resource, endpoint: dict[str, object], graph: ResourceGraph) -> Iterator[Arrival]:
    port, target = endpoint.get("port"), endpoint.get("targetPort", endpoint.get("portNumber"))
    for edge in graph.outgoing(monitor, Relation.SCRAPES):
        resource = edge.target.resource
        if resource.kind == "Service" and isinstance(port, str):
            yield from arrivals_at_service(resource, port, "TCP", graph)
            continue
        workloads = graph.selected(resource) if resource.kind == "Service" else (graph.workload(resource),)
        for workload in workloads:
            if workload is not None:
                number = _pod_port(workload, port if isinstance(port, str) else target, graph)
                if number is not None:
                    yield Arrival(end_of(workload, graph), number, "TCP")


def _pod_port(workload: Workload, port: object, graph: ResourceGraph) -> int | None:
    if isinstance(port, int) and not isinstance(port, bool):
        return port
    named = (item for item in graph.network.pod(workload).ports if item.name == port and item.protocol == "TCP")
    return next((item.number for item in named), None)
