"""Which reference architecture fits what is deployed, how well, and what is missing."""

from __future__ import annotations

from typing import NamedTuple

from refarch_lint.catalogue.architecture import Architecture, Demand
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
    ranked = sorted(zip(fits, books, strict=True), key=lambda pair: (-pair[0].fit, -_signature(pair[1]), pair[0].id))
    good = [(fit, book) for fit, book in ranked if fit.fit >= ENOUGH]
    if not good:
        return Fitted(RoleBook(None, {}, recognitions), ())
    return Fitted(good[0][1], (good[0][0],))


def measure(book: RoleBook, unit: str, named: bool) -> ArchitectureFit:
    """Return how well the roles of an architecture are filled.

    The roles of its signature decide: the part of them that somebody plays, required roles of the rest counting
    half. An architecture none of whose own signature is played does not fit at all.
    """
    architecture = book.architecture
    assert architecture is not None
    played = {item.role.id for item in book.assignments.values()}
    missing: list[str] = []
    total = reached = 0.0
    for role in architecture.roles:
        filled = role.id in played
        weight = 1.0 if role.id in architecture.signature else 0.5 if role.demand is Demand.REQUIRED else 0.0
        satisfied = filled or any(other in played for other in role.alternatives)
        total += weight
        reached += weight * satisfied
        if not satisfied and role.demand is not Demand.OPTIONAL:
            missing.append(role.id)
    reasons = tuple(
        f"{item.role.id}: {resource} ({item.reason})"
        for resource, item in book.assignments.items()
        if item.role.id in architecture.signature
    )
    fit = round(reached / total, 2) if total else 0.0
    if not any(role in played for role in architecture.signature):
        fit = 0.0
    return ArchitectureFit(architecture.id, unit, fit, named, tuple(missing), reasons)


def _signature(book: RoleBook) -> int:
    architecture: Architecture | None = book.architecture
    played = {item.role.id for item in book.assignments.values()}
    return sum(role in played for role in architecture.signature) if architecture else 0
