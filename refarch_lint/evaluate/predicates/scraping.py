"""Metrics: every workload that runs throughout is scraped, and what is to be scraped exists."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from refarch_lint.evaluate.context import RuleContext, RunContext
from refarch_lint.evaluate.demands import attestation
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.installers import installations
from refarch_lint.graph.monitors import Endpoint, Monitor, monitor_field
from refarch_lint.graph.place import Place
from refarch_lint.graph.pod_makers import makes_pods
from refarch_lint.graph.scraping import (
    PORT_ANNOTATION,
    SCRAPE_ANNOTATION,
    ScrapeIndex,
    declares_pod_port,
    declares_service_port,
)
from refarch_lint.graph.traffic import NeedStatus
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.workload import Workload
from refarch_lint.regex import regex
from refarch_lint.severity import Severity

_PUSHES = regex(
    r"OTEL_(?:METRICS_EXPORTER|EXPORTER_OTLP(?:_METRICS)?_ENDPOINT)|STATSD_HOST|DD_AGENT_HOST|PUSHGATEWAY\w*"
)
#: Ports of sidecars that are injected and so never declared: Istio's merged metrics and Envoy's own.
_INJECTED = frozenset({15020, 15090})
_MISSING = (NeedStatus.MISSING_SERVICE, NeedStatus.MISSING_PORT)


def scraped(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Something scrapes the pods of a workload, or they push their metrics themselves."""
    workload, index = subject.pods, context.run.shared.scraping
    if (attested := attestation(context)) is not None:
        yield attested
    elif _is_idle(workload, context.run):
        yield NotApplicable("it does not run throughout")
    elif not _is_covered(workload, context.run):
        if index.is_empty:
            yield from _nothing_scrapes(workload, context)
        else:
            yield _not_scraped(workload, index)


def _is_idle(workload: Workload, run: RunContext) -> bool:
    replicas = run.graph.replicas(workload)
    if "helm.sh/hook" in workload.resource.annotations or workload.pod_annotations.get(SCRAPE_ANNOTATION) == "false":
        return True
    return replicas is not None and replicas.maximum == 0


def _is_covered(workload: Workload, run: RunContext) -> bool:
    index = run.shared.scraping
    if _is_reached(workload, index) or _pushes(workload, run):
        return True
    for caller in run.graph.callers(workload.resource):
        exporter = run.graph.workload(caller)
        if exporter is not None and "exporter" in run.roles.traits(caller) and _is_reached(exporter, index):
            return True
    return False


def _is_reached(workload: Workload, index: ScrapeIndex) -> bool:
    monitors = [monitor for monitor in index.monitors_of(workload) if _is_picked_up(monitor, index)]
    return bool(monitors) or index.discovered(workload) is not False


def _is_picked_up(monitor: Monitor, index: ScrapeIndex) -> bool:
    return index.is_picked_up(monitor.resource, monitor_field(monitor))


def _pushes(workload: Workload, run: RunContext) -> bool:
    annotations = workload.pod_annotations
    if any(key.startswith(("ad.datadoghq.com/", "instrumentation.opentelemetry.io/inject-")) for key in annotations):
        return True
    for container in workload.containers:
        variables = run.graph.environment(workload, container)
        exporter = variables.get("OTEL_METRICS_EXPORTER")
        if exporter is not None and exporter.value == "none":
            continue
        pushing = [name for name in variables if _PUSHES.fullmatch(name)]
        if any(not name.startswith("OTEL_EXPORTER") for name in pushing):
            return True
        if pushing and _takes_metrics(workload, run):
            return True
    return False


def _takes_metrics(workload: Workload, run: RunContext) -> bool:
    """Tell whether the collector that a workload exports to takes metrics; one outside the tree may."""
    known = []
    for target in run.graph.connected(workload.resource):
        component, collector = run.roles.component(target), run.graph.workload(target)
        if component is not None and component.id == "otel-collector" and collector is not None:
            known.append(run.shared.telemetry.signals(collector))
    return not known or any(signals is None or "metrics" in signals for signals in known)


def _nothing_scrapes(workload: Workload, context: RuleContext) -> Iterator[Outcome]:
    """Tell once for all workloads of a unit that nothing scrapes any of them."""
    bare = context.run.once(_bare)
    if workload is not bare[0]:
        yield NotApplicable(f"told at {bare[0]}")
        return
    who = f"{workload} and the other workloads are" if len(bare) > 1 else f"{workload} is"
    text = f"{who} scraped by nobody: the tree has no ServiceMonitor, PodMonitor, "
    yield Fault(f"{text}{SCRAPE_ANNOTATION} annotation or scrape configuration", _name(workload.resource))


def _bare(run: RunContext) -> tuple[Workload, ...]:
    running = (item for item in run.graph.workloads if not item.runs_to_completion and not _is_idle(item, run))
    return tuple(item for item in running if not _is_covered(item, run))


def _not_scraped(workload: Workload, index: ScrapeIndex) -> Outcome:
    ignored = [monitor for monitor in index.monitors_of(workload) if not _is_picked_up(monitor, index)]
    subject = f"{workload} in namespace {workload.namespace}"
    if ignored:
        monitor, prometheus = ignored[0].resource, index.prometheuses[0]
        field = f"{monitor_field(ignored[0])}Selector"
        notes: tuple[Note, ...] = (
            Note(f"{monitor} selects it", _name(monitor)),
            Note(f"{prometheus} does not select {monitor}", Place(prometheus, ("spec", field))),
        )
        text = f"{subject} is scraped by nobody: {monitor} selects it, but no Prometheus of the tree selects {monitor}"
        return Fault(text, _name(workload.resource), notes)
    if workload.pod_annotations.get(SCRAPE_ANNOTATION) == "true":
        place = Place(workload.resource, (*workload.template_path, "metadata", "annotations", SCRAPE_ANNOTATION))
        notes = tuple(Note(f"scrape job {job.name}", job.place) for job in index.jobs if job.discoveries)[:3]
        return Fault(
            f"{subject} is scraped by nobody: no scrape job of the tree keeps pods with its annotations", place, notes
        )
    text = (
        f"{subject} is scraped by nobody: no ServiceMonitor, PodMonitor, annotation or scrape configuration leads to it"
    )
    return Fault(text, _name(workload.resource))


def _name(resource: Resource) -> Place:
    return Place(resource, ("metadata", "name"))


def targets_exist(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """What monitors, annotations and scrape configurations name exists: Services, pods, ports."""
    resource, index = subject.resource, context.run.shared.scraping
    monitor = index.monitors.get(resource)
    if monitor is not None:
        yield from _monitor(monitor, index)
    elif subject.workload is not None:
        yield from _annotated_pods(subject.workload)
    elif resource.kind == "Service":
        yield from _annotated_service(resource)
    elif resource.kind in ("ConfigMap", "Secret"):
        yield from _static(resource, context)
    else:
        yield NotApplicable("it scrapes nothing")


def _monitor(monitor: Monitor, index: ScrapeIndex) -> Iterator[Outcome]:
    resource = monitor.resource
    if not (monitor.services or monitor.workloads):
        what = "Service" if monitor.by_service else "pods"
        known = index.services if monitor.by_service else index.index.workloads_by_namespace
        where = [namespace for namespace in monitor.namespaces if namespace in known]
        shown = f"namespace {', '.join(monitor.namespaces)}" if monitor.namespaces else "every namespace"
        if not where:
            yield Unverifiable(f"{resource} looks into {shown}, of which the tree has no {what.lower()}")
        elif maker := _maker(monitor, index):
            yield Unverifiable(f"{maker} may make what {resource} selects")
        else:
            text = f"{resource} scrapes nothing: its selector matches no {what} in {shown}"
            yield Fault(text, Place(resource, ("spec", "selector")))
        return
    for endpoint in monitor.endpoints:
        yield from _endpoint(monitor, endpoint, index)


def _maker(monitor: Monitor, index: ScrapeIndex) -> Resource | None:
    """Return an object whose controller may make what a monitor selects, with labels that no manifest shows."""
    return _hidden_maker(frozenset(monitor.namespaces), index)


def _hidden_maker(namespaces: frozenset[str], index: ScrapeIndex) -> Resource | None:
    installed = (item.resource for item in installations(index.index) if item.namespace in namespaces)
    made = (item for item in index.index.resources if item.namespace in namespaces and makes_pods(item))
    return next(chain(installed, made), None)


def _endpoint(monitor: Monitor, endpoint: Endpoint, index: ScrapeIndex) -> Iterator[Outcome]:
    workloads = monitor.workloads or [item for service in monitor.services for item in index.backends(service)]
    if endpoint.of_pods:
        if not workloads or any(declares_pod_port(workload, endpoint.port) for workload in workloads):
            return
        names, owner = _port_names(workloads[0]), str(workloads[0])
        where = Place(workloads[0].resource, (*workloads[0].pod_spec_path, "containers"))
    else:
        if any(declares_service_port(service, endpoint.port) for service in monitor.services):
            return
        service = monitor.services[0]
        names = [str(mapping(item).get("name", mapping(item).get("port"))) for item in _ports(service)]
        owner, where = str(service), Place(service, ("spec", "ports"))
    others = len(monitor.services or workloads) - 1
    more = f" (nor do {others} more)" if others else ""
    has = f"has {', '.join(names)}" if names else "declares none"
    text = f"{monitor.resource} scrapes port {endpoint.port}, which {owner} does not declare{more}: it {has}"
    yield Fault(text, endpoint.place, (Note(f"the ports of {owner}", where),))


def _ports(service: Resource) -> list[object]:
    return sequence(service.spec.get("ports"))


def _port_names(workload: Workload) -> list[str]:
    ports = (mapping(item) for container in workload.containers for item in sequence(container.data.get("ports")))
    return [str(port.get("name", port.get("containerPort"))) for port in ports]


def _annotated_pods(workload: Workload) -> Iterator[Outcome]:
    annotations = workload.pod_annotations
    if annotations.get(SCRAPE_ANNOTATION) != "true" or PORT_ANNOTATION not in annotations:
        yield NotApplicable("no annotation names a port")
        return
    place = Place(workload.resource, (*workload.template_path, "metadata", "annotations", PORT_ANNOTATION))
    declared = [
        mapping(item).get("containerPort")
        for container in workload.containers
        if container.runs_throughout
        for item in sequence(container.data.get("ports"))
    ]
    yield from _annotated_port(
        str(workload), annotations[PORT_ANNOTATION], declared, place, "no container of it declares"
    )


def _annotated_service(service: Resource) -> Iterator[Outcome]:
    annotations = service.annotations
    if annotations.get(SCRAPE_ANNOTATION) != "true" or PORT_ANNOTATION not in annotations:
        yield NotApplicable("no annotation names a port")
        return
    place = Place(service, ("metadata", "annotations", PORT_ANNOTATION))
    declared = [mapping(item).get(field) for item in _ports(service) for field in ("port", "targetPort")]
    if any(isinstance(item, str) for item in declared):
        declared = []
    yield from _annotated_port(str(service), annotations[PORT_ANNOTATION], declared, place, "it does not serve")


def _annotated_port(subject: str, value: str, declared: list[object], place: Place, lacking: str) -> Iterator[Outcome]:
    if not (value.isascii() and value.isdigit()):
        yield Fault(f"{subject} is to be scraped at port {value}, but {PORT_ANNOTATION} takes a number", place)
    elif declared and int(value) not in declared and int(value) not in _INJECTED:
        yield Fault(f"{subject} is to be scraped at port {value}, which {lacking}", place, severity=Severity.WARNING)


def _static(resource: Resource, context: RuleContext) -> Iterator[Outcome]:
    """Judge the static targets of a scrape configuration, but for those that `service-reference-exists` tells."""
    index, told = context.run.shared.scraping, frozenset[Place]()
    targets = [target for job in index.jobs if job.place.resource is resource for target in job.targets]
    if not targets:
        yield NotApplicable("it names no target")
        return
    if context.run.runs("service-reference-exists"):
        told = frozenset(need.place for need in context.graph.needs if need.status in _MISSING)
    for target in targets:
        if target.place in told:
            yield NotApplicable("told by service-reference-exists")
            continue
        name, namespace, services = index.target_service(target)
        if services or target.host in ("localhost", "127.0.0.1") or target.host.replace(".", "").isdigit():
            ports = [mapping(item).get("port") for service in services for item in _ports(service)]
            if services and target.port is not None and ports and target.port not in ports:
                yield Fault(
                    f"{resource} scrapes port {target.port} of {services[0]}, which it does not serve", target.place
                )
            continue
        if namespace in index.services and not _may_exist(target.host, namespace, index):
            text = f"{resource} scrapes {target.host}, but namespace {namespace} has no Service {name}"
            yield Fault(text, target.place)


def _may_exist(host: str, namespace: str, index: ScrapeIndex) -> bool:
    """Tell whether a host without a Service may be there all the same: outside, or made by an operator."""
    labels = host.split(".")
    if len(labels) > 2 and "svc" not in labels[2:4]:
        return True
    return _hidden_maker(frozenset({namespace}), index) is not None
