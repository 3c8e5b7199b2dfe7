"""Which reference architecture fits what is deployed, how well, and what is missing."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from refarch_lint.catalogue.architecture import Demand, Role
from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.config import Settings
from refarch_lint.errors import UsageError
from refarch_lint.evaluate.components import ComponentIndex, Recognition
from refarch_lint.evaluate.finding import ArchitectureFit
from refarch_lint.evaluate.roles import RoleBook, assign_roles
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.model.resource import Resource

#: The least fit at which an architecture is held against a tree that did not name it.
ENOUGH = 0.5

#: From this fit on, the architecture with the longer signature is preferred, as it says more.
WELL = 0.75

#: The part of the long-running workloads that must have a role in an architecture that was not named.
MOST = 0.6


class Fitted(NamedTuple):
    """The roles of a tree under the architecture chosen for it, and how well each architecture fits."""

    book: RoleBook
    fits: tuple[ArchitectureFit, ...]


def recognise(graph: ResourceGraph, catalogue: Catalogue) -> dict[Resource, Recognition]:
    """Return the well-known software of a tree, in reading order."""
    components = ComponentIndex(catalogue.components.values())
    found = ((resource, components.recognise(resource, graph.workload(resource))) for resource in graph.resources)
    return {resource: recognition for resource, recognition in found if recognition is not None}


def fit_architecture(graph: ResourceGraph, catalogue: Catalogue, settings: Settings, unit: str = ".") -> Fitted:
    """Return the architecture named in the settings, else the one that fits best, else none.

    Raises UsageError if the settings name an architecture that the catalogue does not have.
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
    fits = [measure(book, unit, named=False) for book in books]
    good = [pair for pair in zip(fits, books, strict=True) if pair[0].fit >= ENOUGH and _explains(pair[1], graph)]
    if not good:
        return Fitted(RoleBook(None, {}, recognitions), ())
    fit, book = min(good, key=lambda pair: (pair[0].fit < WELL, -_signature(pair[1]), -pair[0].fit, pair[0].id))
    return Fitted(book, (fit,))


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
    return ArchitectureFit(architecture.id, unit, fit, named, tuple(missing), reasons)


def _filled(role: Role, count: int, wanted: int) -> float:
    """Return from 0 to 1 how well a number of players fills a role."""
    if role.at_most and count > role.at_most:
        return role.at_most / count
    return min(1.0, count / max(wanted, 1))


def _signature(book: RoleBook) -> int:
    """Return how many roles of its architecture's signature somebody plays."""
    played = {item.role.id for item in book.assignments.values()}
    return sum(role in played for role in book.architecture.signature) if book.architecture else 0


def _explains(book: RoleBook, graph: ResourceGraph) -> bool:
    """Tell whether most of what runs for long has a role, and enough of the signature is known for sure.

    Else the architecture is only a part of what is there, or what is there only looks like it.
    """
    architecture = book.architecture
    sure = {item.role.id for item in book.assignments.values() if not item.by_surroundings}
    if architecture is None or len(sure & architecture.signature.keys()) < architecture.sure:
        return False
    running = [workload.resource for workload in graph.workloads if not workload.runs_to_completion]
    return sum(resource in book.assignments for resource in running) >= MOST * len(running)
