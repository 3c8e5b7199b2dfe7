"""Which namespaces of a unit belong together: those whose programs connect to each other are one application."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from refarch_lint.evaluate.components import Recognition
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.model.resource import Resource

#: Traits of software that serves every application of a cluster and makes none by itself.
_SHARED = frozenset({"platform", "ingress-controller", "load-balancer"})


class Group(NamedTuple):
    """Namespaces that make one application, and what runs in them throughout, in reading order."""

    namespaces: frozenset[str]
    running: tuple[Resource, ...]


def running(graph: ResourceGraph, recognitions: Mapping[Resource, Recognition]) -> Iterator[Resource]:
    """Yield what runs throughout for an application: its workloads, and what operators run; not the platform's."""
    for resource in graph.resources:
        workload, known = graph.workload(resource), recognitions.get(resource)
        if known is not None and known.component.traits & _SHARED:
            continue
        if (workload is not None and not workload.runs_to_completion) or (workload is None and known is not None):
            yield resource


def groups(graph: ResourceGraph, recognitions: Mapping[Resource, Recognition]) -> tuple[Group, ...]:
    """Return the applications of a unit, in reading order; namespaces in which none of them runs are in no group."""
    by_namespace: dict[str, list[Resource]] = defaultdict(list)
    for resource in running(graph, recognitions):
        by_namespace[resource.namespace].append(resource)
    joined = _Joined(by_namespace)
    for source, target in _crossings(graph):
        known = (recognitions.get(source), recognitions.get(target))
        if not any(item is not None and item.component.traits & _SHARED for item in known):
            joined.join(source.namespace, target.namespace)
    return tuple(
        Group(frozenset(names), tuple(resource for name in names for resource in by_namespace[name]))
        for names in joined.sets()
    )


def repeats(found: Iterable[Group]) -> bool:
    """Tell whether groups are copies of one application, such as its environments: most of it has a namesake."""
    counts: Counter[tuple[str, str]] = Counter()
    for group in found:
        counts.update({(resource.kind, resource.name) for resource in group.running})
    return 2 * sum(number for number in counts.values() if number > 1) >= counts.total() > 0


def _crossings(graph: ResourceGraph) -> Iterator[tuple[Resource, Resource]]:
    """Yield what connects from one namespace to another: programs, and routes with what they lead to."""
    for source, target, _ in graph.connections:
        if source.namespace != target.namespace:
            yield source, target


class _Joined:
    """Sets of names, joined pair by pair."""

    def __init__(self, names: Iterable[str]) -> None:
        self._parent = {name: name for name in names}

    def join(self, one: str, other: str) -> None:
        """Put two names into one set; names that are not known stay out."""
        if one in self._parent and other in self._parent:
            first, second = self._root(one), self._root(other)
            self._parent[second] = first

    def sets(self) -> Iterable[list[str]]:
        """Return the sets, each in the order in which its names were given."""
        found: dict[str, list[str]] = {}
        for name in self._parent:
            found.setdefault(self._root(name), []).append(name)
        return found.values()

    def _root(self, name: str) -> str:
        while self._parent[name] != name:
            self._parent[name] = self._parent[self._parent[name]]
            name = self._parent[name]
        return name
