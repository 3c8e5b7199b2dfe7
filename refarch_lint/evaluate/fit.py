"""Which reference architecture fits what is deployed, how well, and what is missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from refarch_lint.catalogue.architecture import Demand, Role
from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.config import Settings
from refarch_lint.errors import UsageError
from refarch_lint.evaluate.components import ComponentIndex, Recognition
from refarch_lint.evaluate.finding import ArchitectureFit
from refarch_lint.evaluate.grouping import Group, groups, repeats, running
from refarch_lint.evaluate.roles import Assignment, RoleBook, assign_roles
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.model.resource import Resource

#: The least fit to all that runs at which an architecture is held against a tree that did not name it.
ENOUGH = 0.5

#: From this fit on, the architecture with the longer signature is preferred, as it says more.
WELL = 0.75

#: The part of what runs for an application that must have a role in an architecture that was not named.
MOST = 0.6


class Fitted(NamedTuple):
    """The roles of a tree under the architecture chosen for it, how well it fits, what comes closest if none does."""

    book: RoleBook
    fits: tuple[ArchitectureFit, ...]
    closest: ArchitectureFit | None = None


class Option(NamedTuple):
    """An architecture that a tree or a part of it may be held against; `score` is its fit to all that runs there."""

    book: RoleBook
    fit: ArchitectureFit
    score: float

    @property
    def rank(self) -> tuple[bool, int, float, str]:
        """What puts the best option first: those that fit well, of them the one that says most, then the best fit."""
        return self.score < WELL, -_signature(self.book), -self.score, self.fit.id


def recognise(graph: ResourceGraph, catalogue: Catalogue) -> dict[Resource, Recognition]:
    """Return the well-known software of a tree, in reading order."""
    components = ComponentIndex(catalogue.components.values())
    found = ((resource, components.recognise(resource, graph.workload(resource))) for resource in graph.resources)
    return {resource: recognition for resource, recognition in found if recognition is not None}


def fit_architecture(graph: ResourceGraph, catalogue: Catalogue, settings: Settings, unit: str = ".") -> Fitted:
    """Return the architecture named in the settings, else the one that fits best, else none.

    Where a unit holds several applications in namespaces that have nothing to do with each other, each of them is held
    against the architecture that fits it best. Raises UsageError if the settings name an architecture that the
    catalogue does not have.
    """
    recognitions = recognise(graph, catalogue)
    if settings.architecture == "none":
        return Fitted(RoleBook(None, {}, recognitions), ())
    if settings.architecture is not None:
        architecture = catalogue.architectures.get(settings.architecture)
        if architecture is None:
            known = ", ".join(sorted(catalogue.architectures))
            raise UsageError(f"no architecture {settings.architecture!r}; known are {known}")
        book = assign_roles(architecture, graph, recognitions, settings.roles)
        return Fitted(book, (measure(book, unit, named=True),))
    books = [
        assign_roles(architecture, graph, recognitions, settings.roles)
        for architecture in catalogue.architectures.values()
    ]
    whole = _best(books, tuple(running(graph, recognitions)), unit)
    apart = groups(graph, recognitions)
    if len(apart) > 1:
        parts = _parts(books, apart)
        found = [option for group in apart if (option := _best(parts[group], group.running, unit))]
        if found and (whole is None or repeats(apart) or _says_more(found, apart, whole)):
            members = tuple(option.book for option in found)
            return Fitted(_together(members, recognitions), tuple(option.fit for option in found))
        if repeats(apart):
            whole = None
            books = [book for group in apart for book in parts[group]]
    if whole is None and not graph.workloads and not recognitions:
        return Fitted(RoleBook(None, {}, recognitions), ())  # nothing runs that an architecture could fit
    if whole is None:
        closest = max((measure(book, unit, named=False) for book in books), key=lambda fit: fit.fit, default=None)
        return Fitted(RoleBook(None, {}, recognitions), (), closest)
    return Fitted(whole.book, (whole.fit,))


def _best(books: Iterable[RoleBook], present: tuple[Resource, ...], unit: str) -> Option | None:
    """Return the architecture that fits what is present best, or None where none fits.

    An architecture is about programs that work together: one program alone is none.
    """
    if len(present) < 2:
        return None
    options = []
    for book in books:
        explained = sum(resource in book.assignments for resource in present) / len(present) if present else 0.0
        fit = measure(book, unit, named=False)
        if fit.fit * explained >= ENOUGH and explained >= MOST and _is_sure(book):
            options.append(Option(book, fit, fit.fit * explained))
    return min(options, key=lambda option: option.rank, default=None)


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
    says = max(_signature(option.book) for option in found)
    return (score < WELL, -says, -score) <= whole.rank[:3]


def _together(members: tuple[RoleBook, ...], recognitions: Mapping[Resource, Recognition]) -> RoleBook:
    """Return one book for all parts; what belongs to none of them has the role that the first part gives it."""
    assignments: dict[Resource, Assignment] = {}
    for member in members:
        for resource, item in member.assignments.items():
            assignments.setdefault(resource, item)
    return RoleBook(None, assignments, recognitions, None, members)


def measure(book: RoleBook, unit: str, named: bool) -> ArchitectureFit:
    """Return how well the roles of an architecture are filled.

    The roles of its signature decide, each in full from the number of players that the signature asks for; required
    roles of the rest count half, and every recommended one that is played adds a quarter. A role with more players
    than the architecture knows, or played only by an alternative, counts less. An architecture none of whose
    signature is played does not fit at all.
    """
    architecture = book.architecture
    assert architecture is not None
    players = Counter(item.role.id for item in book.assignments.values())
    missing: list[str] = []
    total = reached = 0.0
    for role in architecture.roles:
        wanted, count = architecture.signature.get(role.id, 0), players[role.id]
        found = count or any(players[other] for other in role.alternatives)
        if wanted or role.demand is Demand.REQUIRED:
            weight = 1.0 if wanted else 0.5
            total += weight
            reached += weight * (_filled(role, count, wanted) if count else 0.5 * bool(found))
        elif role.demand is Demand.RECOMMENDED and count:
            reached += 0.25
        if not found and role.demand is not Demand.OPTIONAL:
            missing.append(role.id)
    reasons = tuple(
        f"{item.role.id}: {resource} ({item.reason})"
        for resource, item in book.assignments.items()
        if item.role.id in architecture.signature
    )
    fit = min(1.0, round(reached / total, 2)) if total and _signature(book) else 0.0
    namespaces = tuple(sorted(book.namespaces or ()))
    return ArchitectureFit(architecture.id, unit, fit, named, tuple(missing), reasons, namespaces)


def _filled(role: Role, count: int, wanted: int) -> float:
    """Return from 0 to 1 how well a number of players fills a role."""
    if role.at_most and count > role.at_most:
        return role.at_most / count
    return min(1.0, count / max(wanted, 1))


def _signature(book: RoleBook) -> int:
    """Return how many roles of its architecture's signature somebody plays."""
    played = {item.role.id for item in book.assignments.values()}
    return sum(role in played for role in book.architecture.signature) if book.architecture else 0


def _is_sure(book: RoleBook) -> bool:
    """Tell whether enough of the signature is known by more than its surroundings; else it only looks like it."""
    architecture = book.architecture
    sure = {item.role.id for item in book.assignments.values() if not item.by_surroundings}
    return architecture is not None and len(sure & architecture.signature.keys()) >= architecture.sure
