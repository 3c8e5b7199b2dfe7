"""Names that one object uses for another: whether what is named is there, key and all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.edge import Reference, ReferenceStatus, Relation
from refarch_lint.graph.naming import GATEWAY
from refarch_lint.graph.place import Place
from refarch_lint.location import Path, format_path
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.severity import Severity

#: Kinds whose names other rules judge: certificates and backends of entry points. So are the Services that routes lead
#: to, and those that govern StatefulSets.
_JUDGED_ELSEWHERE = frozenset({"Ingress", "Gateway"})

_CONTAINERS = frozenset({"containers", "initContainers", "ephemeralContainers"})


def exist(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every object of one kind (argument `kind`) that a resource names exists, with the keys asked of it.

    A missing object is one fault, told at the first resource that names it; the other uses are related places.
    """
    yield from judged(str(context.arguments["kind"]), subject, context)


def objects_exist(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every object of an operator or of another API group that a resource names exists.

    What the whole cluster shares, such as classes and cluster issuers, comes with the cluster.
    """
    named = _named(subject, context, _is_object)
    ours = [item for item in named if item.namespace or item.status is not ReferenceStatus.UNVERIFIABLE]
    if ours:
        yield from _told(ours, _is_object, subject, context)
    else:
        yield NotApplicable("what it names comes with the cluster" if named else "it names no object of another group")


def judged(kind: str, subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Yield what becomes of the objects of one kind that a resource names."""

    def is_ours(reference: Reference) -> bool:
        return (reference.kind, reference.group) == (kind, "") and _is_ours(reference)

    references = _named(subject, context, is_ours)
    if references:
        yield from _told(references, is_ours, subject, context)
    else:
        yield NotApplicable(f"it names no {kind}")


def _named(subject: Subject, context: RuleContext, is_ours: Callable[[Reference], bool]) -> list[Reference]:
    return [item for item in context.graph.references_by_source.get(subject.resource, ()) if is_ours(item)]


def _told(
    references: list[Reference], is_ours: Callable[[Reference], bool], subject: Subject, context: RuleContext
) -> Iterator[Outcome]:
    """Yield what becomes of references, a missing object once: at the first of all resources that name it."""
    missing: dict[tuple[str, str, str, str], Reference] = {}
    without_key: dict[tuple[str, str | int | None], list[Reference]] = {}
    for reference in references:
        if reference.status is ReferenceStatus.UNVERIFIABLE:
            yield Unverifiable(f"{subject.resource}: {reference.kind}/{reference.name}: {reference.note}")
        elif reference.status is ReferenceStatus.MISSING:
            named = (reference.group, reference.kind, reference.namespace, reference.name)
            missing.setdefault(named, reference)
        elif reference.status is ReferenceStatus.KEY_MISSING:
            without_key.setdefault((reference.name, reference.key), []).append(reference)
    for named in missing:
        uses = [use for use in context.graph.missing_objects[named] if is_ours(use)]
        if uses[0].place.resource is subject.resource:
            yield _missing(uses, context)
        else:
            yield NotApplicable(f"told at {uses[0].place.resource}")
    for uses in without_key.values():
        yield _without_key(uses)


def _is_object(reference: Reference) -> bool:
    """Tell whether a name is one of an object outside the core group; routes and their Gateways are judged apart."""
    is_used = reference.relation is Relation.USES and reference.group != ""
    return is_used and reference.place.resource.group != GATEWAY


def _is_ours(reference: Reference) -> bool:
    resource = reference.place.resource
    if resource.kind in _JUDGED_ELSEWHERE:
        return False
    if reference.kind == "Service":
        return reference.relation is Relation.USES
    return not (resource.kind == "ServiceAccount" and reference.place.path[0] == "secrets")


def _missing(uses: list[Reference], context: RuleContext) -> Fault:
    first = uses[0]
    resource, shown = first.place.resource, f"{first.kind}/{first.name}"
    alike = _named_alike(first.name, context.graph.index.of_kind(first.kind, first.group), first.namespace)
    notes = [Note(f"{other} has a similar name", Place(other, ("metadata", "name"))) for other in alike]
    notes += [Note(f"{use.place.resource} needs it for {use_of(use.place)}", use.place) for use in uses[1:]]
    others = len({use.place.resource for use in uses} - {resource})
    too = f" ({others} more {'needs' if others == 1 else 'need'} it too)" if others else ""
    where = f" in namespace {first.namespace}" if first.namespace else ""
    pulls_only = all("imagePullSecrets" in use.place.path for use in uses)
    return Fault(
        f"{resource} needs {shown} for {use_of(first.place)}, but nothing in the tree provides it{where}{too}",
        first.place,
        tuple(dict.fromkeys(notes)),
        Severity.WARNING if pulls_only else None,
    )


def _without_key(uses: list[Reference]) -> Fault:
    first = uses[0]
    notes = [Note("used here too", other.place) for other in uses[1:]]
    holder = first.target
    if holder is not None:
        notes.insert(0, Note(f"{holder} stands here", Place(holder, ("metadata", "name"))))
    return Fault(
        f"{first.place.resource} needs key {first.key} of {first.kind}/{first.name} for {use_of(first.place)}, "
        f"but {first.note or f'{holder} has no such key'}",
        _key_place(first),
        tuple(notes),
    )


def _named_alike(name: str, candidates: Iterable[Resource], namespace: str) -> list[Resource]:
    near = {resource.name: resource for resource in candidates if resource.namespace == namespace}
    return [near[found] for found in get_close_matches(name, sorted(near), n=1, cutoff=0.8)]


def use_of(place: Place) -> str:
    """Say in words what a reference is used for: `DB_PASSWORD of container api`, `volume data`."""
    path, data = place.path, place.resource.data
    for position, part in enumerate(path):
        if part in _CONTAINERS and position + 1 < len(path):
            container = _name(data, path[: position + 2])
            if "env" in path[position:]:
                index = path.index("env", position)
                return f"{_name(data, path[: index + 2])} of container {container}"
            return f"{path[position + 2]} of container {container}" if position + 2 < len(path) else container
        if part == "env" and position + 1 < len(path):
            return f"{_name(data, path[: position + 2])} of {format_path(path[:position])}"
        if part == "volumes" and position + 1 < len(path):
            return f"volume {_name(data, path[: position + 2])}"
        if part == "imagePullSecrets":
            return "pulling images"
    return format_path(path)


def _name(data: object, path: Path) -> str:
    name = mapping(dig(data, *path)).get("name")  # type: ignore[arg-type]
    return name if isinstance(name, str) and name else format_path(path[-2:])


def _key_place(reference: Reference) -> Place:
    """Return the place of the key that is asked for, beside the name or among the items of a volume."""
    resource, path = reference.place.resource, reference.place.path
    source = mapping(dig(resource.data, *path[:-1]))  # type: ignore[arg-type]
    if source.get("key") == reference.key:
        return Place(resource, (*path[:-1], "key"))
    for index, item in enumerate(sequence(source.get("items"))):
        if mapping(item).get("key") == reference.key:
            return Place(resource, (*path[:-1], "items", index, "key"))
    return reference.place


def governing_service(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The Service that governs a StatefulSet exists, is headless and selects its pods."""
    workload, resource = subject.pods, subject.resource
    references = context.graph.references_by_source.get(resource, ())
    named = [reference for reference in references if reference.relation is Relation.GOVERNED_BY]
    if not named:
        replicas = context.graph.replicas(workload)
        if replicas is None or replicas.maximum < 2:
            yield NotApplicable("it runs one replica, which needs no name of its own")
        else:
            message = f"{resource} names no governing Service, so its pods get no names by which they find each other"
            yield Fault(message, subject.place("spec", "serviceName"), severity=Severity.WARNING)
        return
    reference = named[0]
    place, service = reference.place, reference.target
    if reference.status is ReferenceStatus.UNVERIFIABLE:
        yield Unverifiable(f"{resource}: Service/{reference.name}: {reference.note}")
    elif reference.is_broken:
        alike = _named_alike(reference.name, context.graph.index.of_kind("Service", ""), reference.namespace)
        yield Fault(
            f"{resource} is governed by Service/{reference.name}, "
            f"which does not exist in namespace {reference.namespace}",
            place,
            tuple(Note(f"{other} has a similar name", Place(other, ("metadata", "name"))) for other in alike),
        )
    elif service is not None and service.kind == "Service":
        yield from _governs(resource, service, place, service in context.graph.services_of(workload))


def _governs(resource: Resource, service: Resource, place: Place, selects: bool) -> Iterator[Outcome]:
    if service.spec.get("selector") and not selects:
        yield Fault(
            f"{resource} is governed by {service}, which does not select its pods, so they get no names",
            place,
            (Note("the selector of the Service", Place(service, ("spec", "selector"))),),
            Severity.WARNING,
        )
    elif service.spec.get("clusterIP") != "None":
        yield Fault(
            f"{resource} is governed by {service}, which is not headless, so its pods get no names of their own",
            place,
            (Note("clusterIP is not None here", Place(service, ("spec", "clusterIP"))),),
            Severity.WARNING,
        )
