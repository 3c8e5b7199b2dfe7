"""Who scrapes what: monitors of the Prometheus operator and its kin, annotations, and scrape configurations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from refarch_lint.graph.connectivity_pods import labels_of_namespace, namespace_labels
from refarch_lint.graph.grouped import grouped
from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.monitors import MONITORS, OPERATOR, Monitor, endpoints_of
from refarch_lint.graph.place import Place
from refarch_lint.graph.scrape_config import ScrapeJob, StaticTarget, meta_labels, scrape_jobs
from refarch_lint.graph.selection import monitored_namespaces
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.selector import LabelIndex, equality_selector, parse_selector
from refarch_lint.model.workload import Workload
from refarch_lint.model.written import selector_as_written

SCRAPE_ANNOTATION: Final = "prometheus.io/scrape"
PORT_ANNOTATION: Final = "prometheus.io/port"


class ScrapeIndex:
    """Answers who scrapes a workload, over all resources of a run."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.index = ResourceIndex.build(resources)

    @cached_property
    def _pods(self) -> Mapping[str, LabelIndex[Workload]]:
        return {
            namespace: LabelIndex((workload, workload.pod_labels) for workload in workloads)
            for namespace, workloads in self.index.workloads_by_namespace.items()
        }

    @cached_property
    def services(self) -> Mapping[str, tuple[Resource, ...]]:
        """The Services of the run by namespace."""
        return grouped((service.namespace, service) for service in self.index.of_kind("Service", ""))

    @cached_property
    def _service_labels(self) -> Mapping[str, LabelIndex[Resource]]:
        return {
            namespace: LabelIndex((service, service.labels) for service in items)
            for namespace, items in self.services.items()
        }

    def _adrift(self, by_service: bool) -> LabelIndex[Any]:
        """Return what names no namespace: it may land in one of which the run has nothing."""
        return self._adrift_services if by_service else self._adrift_pods

    @cached_property
    def _adrift_services(self) -> LabelIndex[Resource]:
        services = (item for item in self.index.of_kind("Service", "") if not item.namespace_declared)
        return LabelIndex((service, service.labels) for service in services)

    @cached_property
    def _adrift_pods(self) -> LabelIndex[Workload]:
        workloads = (item for item in self.index.workloads if not item.resource.namespace_declared)
        return LabelIndex((workload, workload.pod_labels) for workload in workloads)

    def backends(self, service: Resource) -> tuple[Workload, ...]:
        """Return the workloads whose pods a Service selects."""
        selector = equality_selector(selector_as_written(service, ("spec", "selector"), service.spec.get("selector")))
        pods = self._pods.get(service.namespace)
        return tuple(pods.matching(selector)) if selector is not None and pods is not None else ()

    @cached_property
    def monitors(self) -> Mapping[Resource, Monitor]:
        """The monitors of the run with what they match."""
        found = (self._monitor(kind, group, *how) for (group, kind), how in MONITORS.items())
        return {monitor.resource: monitor for monitors in found for monitor in monitors}

    def _monitor(self, kind: str, group: str, field: str, by_service: bool) -> Iterator[Monitor]:
        for resource in self.index.of_kind(kind, group):
            # The operators read an absent selector as an empty one, which takes everything.
            selector = parse_selector({} if (written := resource.spec.get("selector")) is None else written)
            known: Mapping[str, Any] = self._service_labels if by_service else self._pods
            namespaces = tuple(known) if kind == "ClusterPodMonitoring" else monitored_namespaces(resource, known)
            services: list[Resource] = []
            workloads: list[Workload] = []
            for namespace in namespaces:
                assert selector is not None
                matched = (known.get(namespace) or self._adrift(by_service)).matching(selector)
                if by_service:
                    services += matched
                else:
                    workloads += matched
            yield Monitor(
                resource,
                by_service,
                tuple(endpoints_of(resource, field, by_service)),
                namespaces,
                tuple(services),
                tuple(workloads),
            )

    @cached_property
    def prometheuses(self) -> tuple[Resource, ...]:
        """The objects for which the Prometheus operator runs a Prometheus."""
        return (*self.index.of_kind("Prometheus", OPERATOR), *self.index.of_kind("PrometheusAgent", OPERATOR))

    @cached_property
    def _namespace_labels(self) -> Mapping[str, Mapping[str, str]]:
        return namespace_labels(self.index.resources, ())

    def is_picked_up(self, resource: Resource, field: str) -> bool:
        """Tell whether a Prometheus object takes a monitor or rule in; `field` is such as `serviceMonitor` or `rule`.

        Where the run has no such object, whoever picks it up is outside. API reference, PrometheusSpec: an absent
        selector takes nothing, an empty one everything; an absent namespace selector stands for the own namespace.
        """
        if not self.prometheuses or resource.group != OPERATOR:
            return True
        return any(self._picks(prometheus, resource, field) for prometheus in self.prometheuses)

    def _picks(self, prometheus: Resource, resource: Resource, field: str) -> bool:
        selectors = ("serviceMonitorSelector", "podMonitorSelector", "probeSelector", "scrapeConfigSelector")
        if field != "rule" and all(prometheus.spec.get(name) is None for name in selectors):
            return True
        selector = parse_selector(prometheus.spec.get(f"{field}Selector"))
        if selector is None or not selector.matches(resource.labels):
            return False
        namespaces = parse_selector(prometheus.spec.get(f"{field}NamespaceSelector"))
        if namespaces is None:
            return resource.namespace == prometheus.namespace
        return namespaces.matches(labels_of_namespace(self._namespace_labels, resource.namespace))

    @cached_property
    def jobs(self) -> tuple[ScrapeJob, ...]:
        """The scrape jobs that configurations of the run define."""
        return tuple(scrape_jobs(self.index.resources))

    @cached_property
    def is_empty(self) -> bool:
        """Whether nothing in the run scrapes anything or asks to be scraped."""
        if self.monitors or self.jobs or self.index.of_kind("ScrapeConfig", OPERATOR):
            return False
        annotated = (item.pod_annotations for item in self.index.workloads)
        services = (item.annotations for item in self.index.of_kind("Service", ""))
        return not any(
            annotations.get(SCRAPE_ANNOTATION) == "true" for found in (annotated, services) for annotations in found
        )

    def target_service(self, target: StaticTarget) -> tuple[str, str, tuple[Resource, ...]]:
        """Return name, namespace and Services of a static target; several where the run has variants of it."""
        labels = target.host.split(".")
        name, namespace = labels[0], labels[1] if len(labels) > 1 else target.place.resource.namespace
        if "svc" in labels[3:4]:
            name, namespace = labels[1], labels[2]
        return name, namespace, tuple(item for item in self.services.get(namespace, ()) if item.name == name)

    @cached_property
    def _static(self) -> Mapping[Resource, Place]:
        found: dict[Resource, Place] = {}
        for job in self.jobs:
            for target in job.targets:
                if target.host in ("localhost", "127.0.0.1"):
                    backends: Iterable[Workload] = self._readers(job.place.resource)
                else:
                    backends = [item for service in self.target_service(target)[2] for item in self.backends(service)]
                for workload in backends:
                    found.setdefault(workload.resource, target.place)
        return found

    def _readers(self, config_map: Resource) -> Iterator[Workload]:
        """Yield the workloads that mount a ConfigMap."""
        for workload in self.index.workloads_by_namespace.get(config_map.namespace, ()):
            names = (dig(volume, "configMap", "name") for volume in sequence(workload.pod_spec.get("volumes")))
            if config_map.name in names:
                yield workload

    @cached_property
    def _monitored(self) -> Mapping[Resource, tuple[Monitor, ...]]:
        return grouped(
            (workload.resource, monitor)
            for monitor in self.monitors.values()
            for workload in dict.fromkeys(
                (*monitor.workloads, *(item for service in monitor.services for item in self.backends(service)))
            )
        )

    def monitors_of(self, workload: Workload) -> tuple[Monitor, ...]:
        """Return the monitors whose selectors lead to the pods of a workload, picked up or not."""
        return self._monitored.get(workload.resource, ())

    @cached_property
    def _services_by_workload(self) -> Mapping[Resource, tuple[Resource, ...]]:
        return grouped(
            (workload.resource, service)
            for service in self.index.of_kind("Service", "")
            for workload in self.backends(service)
        )

    def discovered(self, workload: Workload) -> bool | None:
        """Tell whether a scrape configuration or an annotation leads to a workload's pods, None where it may."""
        if workload.resource in self._static:
            return True
        services = self._services_by_workload.get(workload.resource, ())
        annotations = [workload.pod_annotations, *(service.annotations for service in services)]
        is_annotated = any(found.get(SCRAPE_ANNOTATION) == "true" for found in annotations)
        if not any(job.discoveries for job in self.jobs):
            return is_annotated
        verdicts = [job.keeps(labels) for job in self.jobs for labels in self._targets(job, workload, services)]
        if True in verdicts:
            return True
        return None if None in verdicts else False

    def _targets(self, job: ScrapeJob, workload: Workload, services: tuple[Resource, ...]) -> Iterator[dict[str, str]]:
        pod = {"__meta_kubernetes_namespace": workload.namespace, "__meta_kubernetes_pod_phase": "Running"}
        pod["__meta_kubernetes_pod_ready"] = "true"
        pod |= meta_labels("pod", workload.pod_labels, workload.pod_annotations)
        if job.finds("pod", workload.namespace):
            for name, number, container in _container_ports(workload) or [("", "", "")]:
                yield pod | {
                    "__meta_kubernetes_pod_container_name": container,
                    "__meta_kubernetes_pod_container_port_name": name,
                    "__meta_kubernetes_pod_container_port_number": number,
                }
        for service in services:
            labels = meta_labels("service", service.labels, service.annotations)
            labels |= {"__meta_kubernetes_service_name": service.name, "__meta_kubernetes_endpoints_name": service.name}
            if job.finds("endpoints", workload.namespace) or job.finds("service", workload.namespace):
                for port in sequence(service.spec.get("ports")):
                    name = str(mapping(port).get("name", ""))
                    yield (
                        pod
                        | labels
                        | {
                            "__meta_kubernetes_endpoint_port_name": name,
                            "__meta_kubernetes_endpointslice_port_name": name,
                        }
                    )


def _container_ports(workload: Workload) -> list[tuple[str, str, str]]:
    found = []
    for container in workload.containers:
        for port in sequence(container.data.get("ports")):
            entry = mapping(port)
            found.append((str(entry.get("name", "")), str(entry.get("containerPort", "")), container.name))
    return found


def declares_pod_port(workload: Workload, port: str | int) -> bool:
    """Tell whether a container of a workload has a port of that name; a number need not be declared."""
    if isinstance(port, int) or port.isdigit():
        return True
    return any(
        mapping(item).get("name") == port
        for container in workload.containers
        if container.runs_throughout
        for item in sequence(container.data.get("ports"))
    )


def declares_service_port(service: Resource, port: str | int) -> bool:
    """Tell whether a Service has a port of that name."""
    return any(mapping(item).get("name") == port for item in sequence(service.spec.get("ports")))
