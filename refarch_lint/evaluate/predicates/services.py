"""Services: whether pods stand behind them, and whether those that route to them or call them name what exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.predicates.references import judged
from refarch_lint.evaluate.renaming import is_new_name, renamed
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.connectivity_pods import Pod
from refarch_lint.graph.connectivity_services import target_port
from refarch_lint.graph.edge import Reference, ReferenceStatus, Relation
from refarch_lint.graph.place import Place
from refarch_lint.graph.traffic import Need, NeedStatus, broken_end
from refarch_lint.graph.traffic_services import service_ports
from refarch_lint.graph.workload_places import pod_labels, ports_path
from refarch_lint.listing import listed
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.selector import LabelSelector, equality_selector
from refarch_lint.model.workload import Workload
from refarch_lint.model.written import selector_as_written
from refarch_lint.severity import Severity

#: Objects that lead requests from outside to Services.
ENTRANCES = frozenset(
    {"Ingress", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"}
    | {"IngressRoute", "IngressRouteTCP", "IngressRouteUDP", "Route", "HTTPProxy"}
)


def has_endpoints(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A Service with a selector selects pods, and every named target port is declared by one of them."""
    service = subject.resource
    selector = equality_selector(selector_as_written(service, ("spec", "selector"), service.spec.get("selector")))
    if selector is None or selector.faults or service.spec.get("type") == "ExternalName":
        yield NotApplicable("its endpoints do not come from a selector")
        return
    graph = context.graph
    workloads = graph.selected(service)
    operated = [item for item in graph.operator_pods(service.namespace) if selector.matches(item.pod.label_mapping)]
    if not workloads and not operated:
        yield from _without_endpoints(service, selector, context)
        return
    pods = [graph.network.pod(workload) for workload in workloads]
    if operated or any(workload.kind == "Service" for workload in workloads):
        return
    for index, entry in enumerate(sequence(service.spec.get("ports"))):
        yield from _target(service, mapping(entry), index, workloads, pods)


def _without_endpoints(service: Resource, selector: LabelSelector, context: RuleContext) -> Iterator[Outcome]:
    graph, namespace = context.graph, service.namespace
    if (maker := graph.possible_maker(selector, namespace)) is not None:
        yield Unverifiable(f"{service}: {maker} may make pods with the labels {selector}")
        return
    neighbours = graph.index.workloads_by_namespace.get(namespace, ())
    elsewhere = [workload for workload in graph.workloads if selector.matches(workload.pod_labels)]
    if not neighbours and not elsewhere:
        yield Unverifiable(f"{service}: no workload of namespace {namespace} is in the tree")
        return
    if elsewhere:
        other = elsewhere[0]
        yield Fault(
            f"{service} selects no pods: those with the labels {selector} are in namespace {other.namespace}, "
            f"not in {namespace}",
            Place(service, ("spec", "selector")),
            (Note(f"{other} has these labels", pod_labels(other)),),
        )
        return
    path: Path = ("spec", "selector")
    unmet = [item for item in selector.requirements if not any(item.matches(other.pod_labels) for other in neighbours)]
    if len(unmet) == 1:
        path = (*path, unmet[0].key)
    if len(unmet) == 1 and (setter := _sets_label(unmet[0].key, namespace, context)) is not None:
        yield Unverifiable(f"{service}: {setter} may set the label {unmet[0].key} on running pods")
        return
    nearest = _nearest(service, selector, neighbours)
    notes = (Note(f"the labels of {nearest}", pod_labels(nearest)),) if nearest else ()
    yield Fault(
        f"{service} selects no pods: no pod template of namespace {namespace} has the labels {selector}",
        Place(service, path),
        notes,
    )


def _sets_label(key: str, namespace: str, context: RuleContext) -> Resource | None:
    """Return a ConfigMap of the namespace with a script that labels pods with this key, such as an init script."""
    for config_map in context.graph.index.of_kind("ConfigMap", ""):
        if config_map.namespace == namespace:
            for text in mapping(config_map.data.get("data")).values():
                if isinstance(text, str) and " label " in text and key in text:
                    return config_map
    return None


def _nearest(service: Resource, selector: LabelSelector, workloads: Iterable[Workload]) -> Workload | None:
    """Return the workload that the Service most likely means: by name, else by the labels that fit."""
    candidates = tuple(workloads)
    for workload in candidates:
        if workload.resource.name == service.name:
            return workload
    fitting = [(sum(item.matches(other.pod_labels) for item in selector.requirements), other) for other in candidates]
    best = max((count for count, _ in fitting), default=0)
    return next((workload for count, workload in fitting if count == best), None) if best else None


def _target(
    service: Resource, entry: dict[str, object], index: int, workloads: tuple[Workload, ...], pods: list[Pod]
) -> Iterator[Outcome]:
    target, protocol = target_port(entry), entry.get("protocol", "TCP")
    if not isinstance(target, str) or target.isdigit():
        return
    declared = [port for pod in pods for port in pod.ports if port.name == target]
    if any(port.protocol == protocol for port in declared):
        return
    names = sorted({port.name for pod in pods for port in pod.ports if port.protocol == protocol})
    shown = entry.get("name") or entry.get("port")
    what = f"declares it for {declared[0].protocol} only" if declared else f"no container of {_joined(workloads)} has"
    offer = f"declares {', '.join(names) or 'no named port'}"
    related = tuple(
        Note(f"{workload} {offer}", Place(workload.resource, ports_path(workload))) for workload in workloads[:3]
    )
    yield Fault(
        f"{service} sends port {shown} to target port {target}, which {what}"
        if not declared
        else f"{service} sends {protocol} port {shown} to target port {target}, but {_joined(workloads)} {what}",
        Place(service, ("spec", "ports", index, "targetPort")),
        related,
    )


def _joined(workloads: Iterable[object]) -> str:
    names = [str(workload) for workload in workloads]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def backend_exists(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every Service and port to which an Ingress or a route sends requests exists; one fault for each backend."""
    resource = subject.resource
    references = [
        reference
        for reference in context.graph.references_by_source.get(resource, ())
        if reference.relation is Relation.ROUTES_TO
    ]
    needs = [] if references else list(context.graph.needs_by_source.get(resource, ()))
    if not references and not needs:
        yield NotApplicable("it routes to no Service")
    broken: dict[tuple[str, str, str | int | None], list[Reference]] = {}
    for reference in references:
        if reference.status is ReferenceStatus.UNVERIFIABLE:
            yield Unverifiable(f"{resource}: {reference.kind}/{reference.name}: {reference.note}")
        elif reference.is_broken:
            key = reference.key if reference.status is ReferenceStatus.KEY_MISSING else None
            broken.setdefault((reference.namespace, reference.name, key), []).append(reference)
    for uses in broken.values():
        yield _backend(resource, uses, context)
    for need in needs:
        if need.status is NeedStatus.UNVERIFIABLE:
            yield Unverifiable(f"{resource}: {need.host}: {need.reason}")
        elif (fault := _unresolved(need, context)) is not None:
            yield fault


def _backend(resource: Resource, uses: list[Reference], context: RuleContext) -> Fault:
    first = uses[0]
    shown = f"{first.kind}/{first.name}"
    notes = [Note("routed here too", use.place) for use in uses[1:]]
    if first.status is ReferenceStatus.KEY_MISSING and first.target is not None:
        target = first.target
        notes.insert(0, Note(f"{target} offers {_offer(target)}", Place(target, ("spec", "ports"))))
        return Fault(
            f"{resource} routes to port {first.key} of {shown}, which offers {_offer(target)}",
            _port_place(first),
            tuple(notes),
        )
    notes = _similar(first.name, first.namespace, context) + notes
    return Fault(
        f"{resource} routes to {shown}, which does not exist in namespace {first.namespace}", first.place, tuple(notes)
    )


def _offer(service: Resource) -> str:
    ports = [f"{number} ({name})" if name else str(number) for number, _, name in service_ports(service)]
    return ", ".join(ports) or "no port"


def _port_place(reference: Reference) -> Place:
    """Return the place of the port beside the name of a backend, in whichever form the API version has."""
    resource, path = reference.place.resource, reference.place.path
    parent: object = resource.data
    for part in path[:-1]:
        parent = parent[part]  # type: ignore[index]
    fields = mapping(parent)
    if path[-1] == "serviceName":
        return Place(resource, (*path[:-1], "servicePort"))
    if isinstance(fields.get("port"), dict):
        return Place(resource, (*path[:-1], "port", "name" if "name" in fields["port"] else "number"))
    return Place(resource, (*path[:-1], "port"))


def _similar(name: str, namespace: str, context: RuleContext) -> list[Note]:
    services = context.graph.index.of_kind("Service", "")
    near = {item.name: item for item in services if item.namespace == namespace}
    found = get_close_matches(name, sorted(near), n=1, cutoff=0.75)
    notes = [Note(f"{near[item]} has a similar name", Place(near[item], ("metadata", "name"))) for item in found]
    notes += [
        Note(f"{item} is in namespace {item.namespace}", Place(item, ("metadata", "name")))
        for item in services
        if item.name == name
    ]
    return notes


def reference_exists(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every Service and port that a value, a command, a configuration file or a mesh object names exists.

    What is missing is told once, at the first need of it; the others are related places.
    """
    resource = subject.resource
    needs = context.graph.needs_by_source.get(resource, ())
    named = list(judged("Service", subject, context))
    yield from (outcome for outcome in named if not isinstance(outcome, NotApplicable))
    if not needs or resource.kind in ENTRANCES:
        if any(isinstance(outcome, NotApplicable) for outcome in named):
            yield NotApplicable("it names no Service" if not needs else "ingress-backend-exists tells")
        return
    for need in needs:
        end = broken_end(need)
        if need.status is NeedStatus.UNVERIFIABLE:
            yield Unverifiable(f"{resource}: {need.reason}")
        elif need.status is NeedStatus.MISSING_SERVICE and end is not None and is_new_name(end.name, context):
            continue
        elif need.service is not None and (fault := renamed(need, need.service, context)) is not None:
            yield fault
        elif end is not None:
            alike = [item for item in context.graph.broken_needs[end] if item.asked_by.kind not in ENTRANCES]
            if alike[0] is not need:
                yield NotApplicable(f"told at {alike[0].asked_by}")
            elif (fault := _unresolved(need, context)) is not None:
                yield _told_for_all(fault, alike)


def _told_for_all(fault: Fault, needs: list[Need]) -> Fault:
    """Return the fault of the first of several needs with the places of the others."""
    first = needs[0]
    others = len({need.asked_by for need in needs} - {first.asked_by})
    too = f" ({others} more {'needs' if others == 1 else 'need'} it too)" if others else ""
    places = {need.place: f"{need.asked_by} needs it too" for need in needs[1:] if need.place != first.place}
    notes = tuple(Note(text, place) for place, text in places.items())
    return fault._replace(message=fault.message + too, related=(*fault.related, *notes))


def _unresolved(need: Need, context: RuleContext) -> Fault | None:
    source, end = need.asked_by, broken_end(need)
    notes = [Note(f"{source} takes it in here", need.via)] if need.via is not None else []
    if end is None:
        return None
    if need.service is None or need.status is NeedStatus.MISSING_SERVICE:
        shown = f"{need.host}:{need.port}" if need.port is not None else need.host
        return Fault(
            f"{source} needs {shown} ({need.reason}), but namespace {end.namespace} has no Service {end.name}",
            need.place,
            tuple(_similar(end.name, end.namespace, context) + notes),
        )
    offer = _offer(need.service)
    return Fault(
        f"{source} needs port {need.port} of {need.service} ({need.reason}), which offers {offer}",
        need.place,
        (Note(f"{need.service} offers {offer}", Place(need.service, ("spec", "ports"))), *notes),
    )


def selectors_disjoint(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No other workload's selector matches the pods of this one."""
    workload = subject.pods
    rivals = context.graph.rivals(workload)
    if rivals is None:
        yield NotApplicable("it has no selector, or another object owns it")
        return
    if rivals:
        yield Fault(
            f"the selector of {workload} also matches the pods of {listed(rivals)}",
            Place(workload.resource, ("spec", "selector")),
            tuple(Note(f"the labels of {rival}", pod_labels(rival)) for rival in rivals),
            Severity.WARNING,
        )
