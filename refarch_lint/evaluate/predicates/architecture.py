"""The architecture that a tree is held against: every role is played, and every flow that it draws is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from refarch_lint.catalogue.architecture import Architecture, Demand, Flow, Matcher, Role
from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.measuring import WELL, measure
from refarch_lint.evaluate.open_services import open_services
from refarch_lint.evaluate.roles import ROLE_LABEL, RoleBook
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.edge import Relation
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.place import Place
from refarch_lint.graph.traffic import NeedStatus
from refarch_lint.listing import listed
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.severity import Severity

_NAMES_SHOWN = 3
_BACKUP = "backup"


def roles(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every role that an architecture requires or recommends is played by enough resources."""
    yield from _unknown(context)
    if not context.roles.parts:
        yield NotApplicable("no architecture fits")
    for part in context.roles.parts:
        if part.architecture is not None:
            yield from _roles(part, part.architecture, subject, context)


def _unknown(context: RuleContext) -> Iterator[Outcome]:
    """Yield the labels that give a role which no architecture has: what they mean is not played."""
    architectures = context.run.catalogue.architectures.values()
    known = sorted({role.id for architecture in architectures for role in architecture.roles})
    for resource in context.graph.resources:
        for path, role in _given(resource, context.graph).items():
            if role not in known:
                near = get_close_matches(role, known, 1)
                hint = f"; {near[0]} is meant?" if near else ""
                message = f"{resource}: label {ROLE_LABEL}: {role} names no role of any architecture{hint}"
                yield Fault(message, Place(resource, path), severity=Severity.WARNING)


def _given(resource: Resource, graph: ResourceGraph) -> dict[Path, str]:
    """Return the roles that labels of an object and of its pods give, by path."""
    workload = graph.workload(resource)
    found: dict[Path, str] = {}
    if ROLE_LABEL in resource.labels:
        found["metadata", "labels", ROLE_LABEL] = resource.labels[ROLE_LABEL]
    if workload is not None and ROLE_LABEL in workload.pod_labels:
        found[*workload.pod_labels_path, ROLE_LABEL] = workload.pod_labels[ROLE_LABEL]
    return found


def _roles(part: RoleBook, architecture: Architecture, subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    for role in architecture.roles:
        players = part.players(role.id)
        stand_ins = [other for other in role.alternatives if part.players(other)]
        demand = role.beside_alternative if stand_ins else role.demand
        if demand is Demand.OPTIONAL or len(players) >= role.at_least:
            continue
        severity = _severity(demand, part, context)
        if role.id == _BACKUP and (context.run.runs("datastore-backed-up") or not _has_datastore(part, context)):
            continue  # that rule tells of each datastore whether something saves it; nothing else has to be saved
        if players:
            yield Fault(
                f"architecture {architecture.id} {_verb(demand)} {role.at_least} resources in role {role.id}"
                f"{_where(part)}, but only {listed(players)} {'play' if len(players) > 1 else 'plays'} it",
                Place(players[0], ("metadata", "name")),
                (),
                severity,
            )
            continue
        if "entry-point" in role.traits and (doors := open_services(context.graph, context.roles, part)):
            yield _way_round(architecture, demand, role, part, doors)
            continue
        place = _where_missed(role, architecture, part, subject, context)
        yield Fault(
            f"architecture {architecture.id} {_verb(demand)} role {role.id}{_where(part)}{_beside(stand_ins)}, "
            f"which nothing plays; recognised by {_recognition(role)}",
            place,
            (Note(f"{role.id}: {role.description.rstrip('.')}", place),),
            severity,
        )


def _way_round(
    architecture: Architecture, demand: Demand, role: Role, part: RoleBook, doors: Sequence[Resource]
) -> Fault:
    """Return the finding for Services that let users in where an entry point should."""
    first, *others = (Place(door, ("spec", "type")) for door in doors)
    return Fault(
        f"{_door(doors[0])} lets users in, but nothing plays role {role.id}, which architecture {architecture.id} "
        f"{_verb(demand)}{_where(part)}: TLS, host names and limits are left to the program behind it",
        first,
        tuple(Note(f"{_door(place.resource)} does, too", place) for place in others),
        Severity.WARNING,
    )


def _door(service: Resource) -> str:
    return f"{service} of type {service.spec.get('type')}"


def _beside(stand_ins: list[str]) -> str:
    return f" beside {' and '.join(stand_ins)}" if stand_ins else ""


def _has_datastore(part: RoleBook, context: RuleContext) -> bool:
    return any(part.holds(resource) for resource in context.roles.with_trait("datastore"))


def _where(part: RoleBook) -> str:
    """Return in words which part of the tree is meant; empty for the whole."""
    if part.application:
        return f" in application {part.application}"
    if part.namespaces is None:
        return ""
    names = sorted(part.namespaces)
    return f" in namespace{'s' if len(names) > 1 else ''} {', '.join(names)}"


def _severity(demand: Demand, part: RoleBook, context: RuleContext) -> Severity | None:
    """Return how far a demand lowers the rule's severity; of an architecture that nobody chose less is demanded.

    What it only recommends is advice then, and what it requires a warning where it does not fit well.
    """
    chosen = part.named
    if demand is Demand.REQUIRED:
        return None if chosen or measure(part, "", named=False).fit >= WELL else Severity.WARNING
    return Severity.WARNING if chosen else Severity.INFO


def _verb(demand: Demand) -> str:
    return "requires" if demand is Demand.REQUIRED else "recommends"


def _where_missed(
    role: Role, architecture: Architecture, part: RoleBook, subject: Subject, context: RuleContext
) -> Place:
    """Return the best place to tell that a role is missing: who would talk to it, its namespace, who is exposed."""
    order = sorted(architecture.flows, key=lambda flow: flow.demand is not Demand.REQUIRED)
    for flow in order:
        if role.id in (flow.source, flow.target):
            other = flow.target if flow.source == role.id else flow.source
            if players := part.players(other):
                return Place(players[0], ("metadata", "name"))
    namespace = context.graph.index.find("", "Namespace", "", role.namespace) if role.namespace else None
    if namespace is not None:
        return Place(namespace, ("metadata", "name"))
    for other in architecture.signature:
        if players := part.players(other):
            return Place(players[0], ("metadata", "name"))
    return Place(subject.resource, ("metadata", "name"))


def _recognition(role: Role) -> str:
    way = next((way for matcher in role.matchers if (way := _way(matcher))), "")
    label = f"label {ROLE_LABEL}: {role.id}"
    return f"{way}, or {label}" if way else label


def _way(matcher: Matcher) -> str:
    parts = []
    if matcher.kinds:
        parts.append("kind " + _some([kind.partition(".")[0] for kind in matcher.kinds]))
    if matcher.labels:
        key, values = next(iter(matcher.labels.items()))
        parts.append(f"label {key}: {_some(values)}")
    if matcher.components:
        parts.append(f"software of the sort {_some(matcher.components)}")
    if matcher.images:
        parts.append(f"image {_some(matcher.images)}")
    if matcher.names:
        parts.append(f"name {_some(matcher.names)}")
    return " with ".join(parts)


def _some(values: Sequence[str]) -> str:
    return " or ".join(values[:_NAMES_SHOWN]) + (" or …" if len(values) > _NAMES_SHOWN else "")


def flows(_: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Somebody in the source role of every flow connects to somebody in its target role, where both are played."""
    if not context.roles.parts:
        yield NotApplicable("no architecture fits")
    for part in context.roles.parts:
        for flow in part.architecture.flows if part.architecture else ():
            if flow.demand is Demand.OPTIONAL:
                continue
            sources = part.players(flow.source)
            targets = [target for target in part.players(flow.target) if _serves(target, context.graph)]
            if sources and targets and not _is_drawn(sources, targets, context.graph):
                yield from _missing(flow, part, sources, targets, context)


def _read_by_themselves(sources: Sequence[Resource], graph: ResourceGraph) -> Iterator[str]:
    """Yield in words which settings with addresses some of the sources may read, though they do not take them in."""
    for settings in graph.index.of_kind("ConfigMap", ""):
        texts = mapping(settings.data.get("data")).values()
        near = next((source for source in sources if source.namespace == settings.namespace), None)
        if near is not None and any(isinstance(text, str) and "://" in text for text in texts):
            role = graph.api_access.reader("ConfigMap", settings.namespace, settings.name)
            if role is not None:
                yield f"by {role}, {near} may read {settings} through the API server"


def _serves(resource: Resource, graph: ResourceGraph) -> bool:
    """Tell whether a resource can be connected to: a workload or what an operator makes pods for."""
    if graph.workload(resource) is not None:
        return True
    return any(item.resource is resource for item in graph.operator_pods(resource.namespace)) or bool(
        graph.callers(resource)
    )


def _is_drawn(sources: Sequence[Resource], targets: Sequence[Resource], graph: ResourceGraph) -> bool:
    wanted = set(targets)
    for source in sources:
        if not wanted.isdisjoint(graph.connected(source)) or _covers(source, targets):
            return True
    return any(_is_scraped(target, graph) for target in targets if _scrapes(sources, graph))


def _covers(source: Resource, targets: Sequence[Resource]) -> bool:
    """Tell whether an operator's schedule saves a target by naming it or its namespace."""
    match source.group, source.kind:
        case "velero.io", "Schedule":
            included = sequence(dig(source.spec, "template", "includedNamespaces"))
            return not included or any(
                item == "*" or item == target.namespace for item in included for target in targets
            )
        case "postgresql.cnpg.io", "ScheduledBackup":
            name = dig(source.spec, "cluster", "name")
            return any((target.kind, target.name) == ("Cluster", name) for target in targets)
    return False


def _scrapes(sources: Sequence[Resource], graph: ResourceGraph) -> bool:
    """Tell whether a source collects metrics: a Prometheus, by operator or by its own configuration."""
    for source in sources:
        workload = graph.workload(source)
        images = [container.data.get("image") for container in workload.containers] if workload else []
        if source.kind == "Prometheus" or any(isinstance(image, str) and "prometheus" in image for image in images):
            return True
    return False


def _is_scraped(target: Resource, graph: ResourceGraph) -> bool:
    workload = graph.workload(target)
    if workload is None:
        return False
    if workload.pod_annotations.get("prometheus.io/scrape") == "true" or graph.incoming(target, Relation.SCRAPES):
        return True
    return any(graph.incoming(service, Relation.SCRAPES) for service in graph.services_of(workload))


def _missing(
    flow: Flow,
    part: RoleBook,
    sources: Sequence[Resource],
    targets: Sequence[Resource],
    context: RuleContext,
) -> Iterator[Outcome]:
    graph = context.graph
    for source in sources:
        hidden = [need for need in graph.needs_by_source.get(source, ()) if need.status is NeedStatus.UNVERIFIABLE]
        if hidden:
            yield Unverifiable(f"flow {flow.source} to {flow.target}: {source}: {hidden[0].reason}")
            return
    for reason in () if part.named else _read_by_themselves(sources, graph):
        yield Unverifiable(f"flow {flow.source} to {flow.target}: {reason}")
        return
    silent = all(graph.workload(source) is not None and not graph.needs_by_source.get(source) for source in sources)
    if silent and not part.named:
        does = "connect" if len(sources) > 1 else "connects"
        yield Unverifiable(f"flow {flow.source} to {flow.target}: nothing says whom {listed(sources)} {does} to")
        return
    assert part.architecture is not None
    yield Fault(
        f"architecture {part.architecture.id} {_verb(flow.demand)} a flow from {flow.source} to {flow.target}"
        f"{_where(part)}, but nothing in {listed(sources)} names {listed(targets)}",
        Place(sources[0], ("metadata", "name")),
        tuple(Note(f"{target} plays {flow.target}", Place(target, ("metadata", "name"))) for target in targets[:2]),
        _severity(flow.demand, part, context),
    )
