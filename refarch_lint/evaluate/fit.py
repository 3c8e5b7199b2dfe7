"""Which reference architecture fits what is deployed, how well, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.config import Settings
from refarch_lint.errors import UsageError
from refarch_lint.evaluate.applications import fit_applications, fit_folders
from refarch_lint.evaluate.components import ComponentIndex, Recognition
from refarch_lint.evaluate.grouping import Group, groups, repeats, running
from refarch_lint.evaluate.measuring import WELL, Fitted, Option, best, closest, measure, signature, together
from refarch_lint.evaluate.roles import RoleBook, assign_roles
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.model.resource import Resource


def recognise(graph: ResourceGraph, catalogue: Catalogue) -> dict[Resource, Recognition]:
    """Return the well-known software of a tree, in reading order."""
    components = ComponentIndex(catalogue.components.values())
    found = ((resource, components.recognise(resource, graph.workload(resource))) for resource in graph.resources)
    return {resource: recognition for resource, recognition in found if recognition is not None}


def fit_architecture(graph: ResourceGraph, catalogue: Catalogue, settings: Settings, unit: str = ".") -> Fitted:
    """Return the architecture named in the settings, else the one that fits best, else none.

    Where the settings name the applications of a tree, each is held against the architecture given to it. Else, where a
    unit holds several in namespaces or folders that have nothing to do with each other, each of them is held against
    the one that fits it best. Raises UsageError if the settings name an architecture that the catalogue does not have.
    """
    recognitions = recognise(graph, catalogue)
    for name in (settings.architecture, *(item.architecture for item in settings.applications)):
        if name not in (None, "none", *catalogue.architectures):
            raise UsageError(f"no architecture {name!r}; known are {', '.join(sorted(catalogue.architectures))}")
    declared = fit_applications(graph, catalogue, settings, recognitions, unit)
    if declared is not None:
        return declared
    if settings.architecture == "none":
        return Fitted(RoleBook(None, {}, recognitions), ())
    if settings.architecture is not None:
        book = assign_roles(catalogue.architectures[settings.architecture], graph, recognitions, settings.roles)
        return Fitted(replace(book, named=True), (measure(book, unit, named=True),))
    return _detected(graph, catalogue, settings, recognitions, unit)


def _detected(
    graph: ResourceGraph,
    catalogue: Catalogue,
    settings: Settings,
    recognitions: Mapping[Resource, Recognition],
    unit: str,
) -> Fitted:
    """Return the architecture that fits a unit best, or each of its parts; what comes closest where none does."""
    books = [
        assign_roles(architecture, graph, recognitions, settings.roles)
        for architecture in catalogue.architectures.values()
    ]
    whole = best(books, tuple(running(graph, recognitions)), unit)
    apart = groups(graph, recognitions)
    if len(apart) > 1:
        parts = _parts(books, apart)
        found = [option for group in apart if (option := best(parts[group], group.running, unit))]
        if found and (whole is None or repeats(apart) or _says_more(found, apart, whole)):
            members = tuple(option.book for option in found)
            return Fitted(together(members, recognitions), tuple(option.fit for option in found))
        if repeats(apart):
            whole = None
            books = [book for group in apart for book in parts[group]]
    elif (in_folders := fit_folders(graph, catalogue, settings, recognitions, unit)) is not None:
        return in_folders
    if whole is None and not graph.workloads and not recognitions:
        return Fitted(RoleBook(None, {}, recognitions), ())  # nothing runs that an architecture could fit
    if whole is None:
        return Fitted(RoleBook(None, {}, recognitions), (), closest(books, unit))
    return Fitted(whole.book, (whole.fit,))


def _parts(books: Iterable[RoleBook], apart: tuple[Group, ...]) -> dict[Group, list[RoleBook]]:
    """Return for each group of namespaces the books of it and of what belongs to no group.

    An architecture that spreads over namespaces is only asked of the whole.
    """
    group_of = {namespace: group for group in apart for namespace in group.namespaces}
    found: dict[Group, list[RoleBook]] = {group: [] for group in apart}
    for book in books:
        if book.architecture is None or book.architecture.namespaces:
            continue
        members: dict[Group | None, dict[int, Resource]] = defaultdict(dict)
        for index, resource in enumerate(book.assignments):
            members[group_of.get(resource.namespace)][index] = resource
        for group, into in found.items():
            own = {**members[None], **members[group]}
            assignments = {own[index]: book.assignments[own[index]] for index in sorted(own)}
            into.append(RoleBook(book.architecture, assignments, book.recognitions, group.namespaces))
    return found


def _says_more(found: list[Option], apart: tuple[Group, ...], whole: Option) -> bool:
    """Tell whether several architectures, each for a part, fit better than one for the whole."""
    sizes = {group.namespaces: len(group.running) for group in apart}
    total = sum(sizes.values())
    score = sum(option.score * sizes[option.book.namespaces or frozenset()] for option in found) / total
    says = max(signature(option.book) for option in found)
    return (score < WELL, -says, -score) <= whole.rank[:3]
