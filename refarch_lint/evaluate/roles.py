"""Which resource plays which role of an architecture, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from refarch_lint.catalogue.architecture import Architecture, Matcher, Role
from refarch_lint.catalogue.component import Component
from refarch_lint.config import RoleChoice
from refarch_lint.evaluate.components import Recognition
from refarch_lint.evaluate.matching import is_kind, label_of, readings
from refarch_lint.evaluate.subject import ALL_PARTS, NO_PART, WHOLE, Area
from refarch_lint.evaluate.surroundings import PLACES
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.grouped import grouped
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import Workload
from refarch_lint.wildcards import fits_glob

ROLE_LABEL = "refarch-lint.io/role"

#: Traits of software that keeps or passes on what other programs give it.
_KEEPING = frozenset({"datastore", "cache", "broker"})


class Assignment(NamedTuple):
    """A role that a resource plays, the place that says so, and why in words; whether only its surroundings say so."""

    role: Role
    place: Place
    reason: str
    by_surroundings: bool = False


@dataclass(frozen=True, eq=False)
class RoleBook:
    """The roles of one tree under one architecture, and the components recognised under any.

    `namespaces` are those of the part of a tree that the book is about, None for the whole; `objects` are those of the
    part, where parts share namespaces. Where parts of a tree are held against an architecture each, `architecture` is
    None and `members` holds a book for each. `application` is what the configuration calls the part, or its folder,
    `named` tells that somebody chose the architecture.
    """

    architecture: Architecture | None
    assignments: Mapping[Resource, Assignment] = field(default_factory=dict)
    recognitions: Mapping[Resource, Recognition] = field(default_factory=dict)
    namespaces: frozenset[str] | None = None
    members: tuple[RoleBook, ...] = ()
    application: str = ""
    objects: frozenset[Resource] | None = None
    named: bool = False

    @property
    def parts(self) -> tuple[RoleBook, ...]:
        """The books of one architecture each: those of the parts, else this one; none where nothing fits."""
        return tuple(part for part in self.members or (self,) if part.architecture)

    @property
    def part(self) -> tuple[tuple[str, ...], str]:
        """What tells a part from others in reports: its namespaces, sorted, and what its application is called."""
        return tuple(sorted(self.namespaces or ())), self.application

    def held_against(self, architecture: str) -> tuple[RoleBook, ...]:
        """Return the parts that are held against an architecture."""
        return tuple(part for part in self.parts if part.architecture and part.architecture.id == architecture)

    def part_of(self, resource: Resource, namespace: str) -> RoleBook | None:
        """Return the part that an object belongs to, or one that stands for a namespace; None where there is none."""
        if self._positions:
            position = self._positions.get((resource.document.file, resource.namespace))
            return None if position is None else self.members[position]
        if self.members:
            return self._by_namespace.get(namespace)
        return self if self.architecture else None

    def holds(self, resource: Resource) -> bool:
        """Tell whether an object is of the part that the book is about."""
        if self.objects is not None:
            return resource in self.objects
        return self.namespaces is None or resource.namespace in self.namespaces

    @cached_property
    def _by_namespace(self) -> Mapping[str, RoleBook]:
        return {namespace: part for part in self.members for namespace in part.namespaces or ()}

    @cached_property
    def _positions(self) -> Mapping[tuple[str, str], int]:
        """The position of the part of each object by its file and namespace, where parts share namespaces."""
        return {
            (resource.document.file, resource.namespace): position
            for position, part in enumerate(self.members)
            for resource in part.objects or ()
        }

    def area(self, file: str, namespace: str) -> Area:
        """Return the area of an object: its namespace, and its part of that."""
        if not self._positions:
            return Area(namespace)
        position = self._positions.get((file, namespace), NO_PART)
        return Area(namespace, position) if namespace or position != NO_PART else WHOLE

    def areas(self, part: RoleBook) -> frozenset[Area]:
        """Return all areas of a part; what is said of a whole namespace counts for all that share it."""
        if part.objects is None:
            return frozenset(map(Area, part.namespaces or ()))
        position = self.members.index(part)
        namespaces = {resource.namespace for resource in part.objects}
        return frozenset(Area(name, which) for name in namespaces for which in (ALL_PARTS, position))

    def role_of(self, resource: Resource) -> Role | None:
        """Return the role that a resource plays, or None."""
        assignment = self.assignments.get(resource)
        return assignment.role if assignment else None

    def plays(self, resource: Resource, role: str) -> bool:
        """Tell whether a resource plays a role."""
        found = self.role_of(resource)
        return found is not None and found.id == role

    def players(self, role: str) -> tuple[Resource, ...]:
        """Return the resources that play a role, in reading order."""
        return self._by_role.get(role, ())

    @cached_property
    def _by_role(self) -> Mapping[str, tuple[Resource, ...]]:
        return grouped((item.role.id, resource) for resource, item in self.assignments.items())

    def component(self, resource: Resource) -> Component | None:
        """Return the well-known software that a resource deploys, or None."""
        found = self.recognitions.get(resource)
        return found.component if found else None

    def traits(self, resource: Resource) -> frozenset[str]:
        """Return what is known of a resource: the traits of its component and of its role."""
        component, role = self.component(resource), self.role_of(resource)
        traits = component.traits if component else frozenset()
        return traits | frozenset(role.traits) if role else traits

    def with_trait(self, trait: str) -> tuple[Resource, ...]:
        """Return the resources that have a trait, in reading order."""
        return self._by_trait.get(trait, ())

    @cached_property
    def _by_trait(self) -> Mapping[str, tuple[Resource, ...]]:
        known = dict.fromkeys([*self.recognitions, *self.assignments])
        return grouped((trait, resource) for resource in known for trait in self.traits(resource))


def assign_roles(
    architecture: Architecture,
    graph: ResourceGraph,
    recognitions: Mapping[Resource, Recognition],
    choices: tuple[RoleChoice, ...],
) -> RoleBook:
    """Return who plays which role: by label, by configuration, then by the architecture's matchers, strongest first."""
    assignments: dict[Resource, Assignment] = {}
    for resource in graph.resources:
        if found := _by_hand(resource, graph.workload(resource), architecture, choices):
            assignments[resource] = found
    for rank in range(_RANKS):
        for role, matcher in _ranked(architecture, rank):
            for resource in _candidates(matcher, graph, recognitions):
                if resource not in assignments and not _is_passed_over(role, architecture, recognitions.get(resource)):
                    reason = _match(matcher, resource, graph, recognitions, assignments)
                    if reason is not None:
                        place = Place(resource, ("metadata", "name"))
                        assignments[resource] = Assignment(role, place, reason, bool(matcher.place))
    order = {resource: index for index, resource in enumerate(graph.resources)}
    ordered = dict(sorted(assignments.items(), key=lambda item: order[item[0]]))
    return RoleBook(architecture, ordered, recognitions)


def _is_passed_over(role: Role, architecture: Architecture, known: Recognition | None) -> bool:
    """Tell whether a role is one for programs of one's own, while another asks for this datastore, cache or broker.

    A label such as `tier: backend` on Redis says where it stands, not that it is a service.
    """
    if known is None or not known.component.traits & _KEEPING or _asks_for(role, None):
        return False
    return any(_asks_for(other, known.component) for other in architecture.roles)


def _asks_for(role: Role, component: Component | None) -> bool:
    """Tell whether a role asks for well-known software: this one, or any."""
    wanted = {name for matcher in role.matchers for name in matcher.components}
    return bool(wanted) if component is None else bool(wanted & ({component.id} | component.traits))


def _candidates(
    matcher: Matcher, graph: ResourceGraph, recognitions: Mapping[Resource, Recognition]
) -> Iterator[Resource]:
    """Yield the resources that a matcher may fit: of its kinds, else known software, else what runs for long."""
    if matcher.kinds:
        for kind in dict.fromkeys(name.partition(".")[0] for name in matcher.kinds):
            yield from graph.index.of_kind(kind)
    elif matcher.components:
        yield from recognitions
    else:
        yield from (workload.resource for workload in graph.workloads if not workload.runs_to_completion)


def _by_hand(
    resource: Resource, workload: Workload | None, architecture: Architecture, choices: tuple[RoleChoice, ...]
) -> Assignment | None:
    named = label_of(resource, workload, ROLE_LABEL)
    role = architecture.role(named) if named is not None else None
    if role is not None:
        place = Place(resource, ("metadata", "labels", ROLE_LABEL))
        return Assignment(role, place, f"label {ROLE_LABEL}: {role.id}")
    for choice in choices:
        if (
            fits_glob(resource.kind, choice.kind)
            and fits_glob(resource.namespace, choice.namespace)
            and fits_glob(resource.name, choice.name)
            and (chosen := architecture.role(choice.role)) is not None
        ):
            return Assignment(chosen, Place(resource, ("metadata", "name")), "named in the configuration")
    return None


_RANKS = 4


def _rank(matcher: Matcher) -> int:
    if matcher.labels:
        return 0
    if (
        matcher.components
        or matcher.images
        or (matcher.kinds and not (matcher.names or matcher.ports or matcher.place))
    ):
        return 1
    return 3 if matcher.place else 2


def _ranked(architecture: Architecture, rank: int) -> Iterator[tuple[Role, Matcher]]:
    return ((role, matcher) for role in architecture.roles for matcher in role.matchers if _rank(matcher) == rank)


def _match(
    matcher: Matcher,
    resource: Resource,
    graph: ResourceGraph,
    recognitions: Mapping[Resource, Recognition],
    assignments: Mapping[Resource, Assignment],
) -> str | None:
    """Return why a candidate fits a matcher, or None.

    Surroundings say nothing of software that is known, nor do names where it is a platform's.
    """
    workload = graph.workload(resource)
    known = recognitions.get(resource)
    if known is not None and (matcher.place or ("platform" in known.component.traits and _rank(matcher) > 1)):
        return None
    if matcher.kinds and not is_kind(resource, matcher.kinds):
        return None
    reasons = [f"kind {resource.kind}"] if matcher.kinds else []
    for reason in readings(matcher, resource, workload):
        if reason is None:
            return None
        reasons.append(reason)
    if matcher.components:
        recognition = recognitions.get(resource)
        if recognition is None or not (
            recognition.component.id in matcher.components or recognition.component.traits & set(matcher.components)
        ):
            return None
        reasons.append(recognition.reason)
    if matcher.place:
        reason = PLACES[matcher.place](resource, graph, lambda peer: _played(peer, assignments))
        if reason is None:
            return None
        reasons.append(reason)
    return ", ".join(reasons)


def _played(resource: Resource, assignments: Mapping[Resource, Assignment]) -> str:
    assignment = assignments.get(resource)
    return assignment.role.id if assignment else ""
