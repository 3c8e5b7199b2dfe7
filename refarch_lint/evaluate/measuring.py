"""How well an architecture fits what is deployed, and which of several fits best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from refarch_lint.catalogue.architecture import Demand, Role
from refarch_lint.evaluate.components import Recognition
from refarch_lint.evaluate.finding import ArchitectureFit
from refarch_lint.evaluate.roles import Assignment, RoleBook
from refarch_lint.model.resource import Resource

#: The least fit to all that runs at which an architecture is held against a tree that did not name it.
ENOUGH = 0.5

#: From this fit on, the architecture with the longer signature is preferred, as it says more.
WELL = 0.75

#: The part of what runs for an application that must have a role in an architecture that was not named.
MOST = 0.6


class Fitted(NamedTuple):
    """The roles of a tree under the architecture chosen for it, and how well it fits, or each for its own part.

    `closest` holds what comes closest to the whole or to an application that nothing fits.
    """

    book: RoleBook
    fits: tuple[ArchitectureFit, ...]
    closest: tuple[ArchitectureFit, ...] = ()


class Option(NamedTuple):
    """An architecture that a tree or a part of it may be held against; `score` is its fit to all that runs there."""

    book: RoleBook
    fit: ArchitectureFit
    score: float

    @property
    def rank(self) -> tuple[bool, int, float, str]:
        """What puts the best option first: those that fit well, of them the one that says most, then the best fit."""
        return self.score < WELL, -signature(self.book), -self.score, self.fit.id


def best(books: Iterable[RoleBook], present: tuple[Resource, ...], unit: str) -> Option | None:
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
    fit = min(1.0, round(reached / total, 2)) if total and signature(book) else 0.0
    return ArchitectureFit(architecture.id, unit, fit, named, tuple(missing), reasons, *book.part)


def _filled(role: Role, count: int, wanted: int) -> float:
    """Return from 0 to 1 how well a number of players fills a role."""
    if role.at_most and count > role.at_most:
        return role.at_most / count
    return min(1.0, count / max(wanted, 1))


def signature(book: RoleBook) -> int:
    """Return how many roles of its architecture's signature somebody plays."""
    played = {item.role.id for item in book.assignments.values()}
    return sum(role in played for role in book.architecture.signature) if book.architecture else 0


def _is_sure(book: RoleBook) -> bool:
    """Tell whether enough of the signature is known by more than its surroundings; else it only looks like it."""
    architecture = book.architecture
    sure = {item.role.id for item in book.assignments.values() if not item.by_surroundings}
    return architecture is not None and len(sure & architecture.signature.keys()) >= architecture.sure


def closest(books: Iterable[RoleBook], unit: str) -> tuple[ArchitectureFit, ...]:
    """Return how well the architecture fits that comes closest; nothing where there are none."""
    fits = [measure(book, unit, named=False) for book in books]
    return (max(fits, key=lambda fit: fit.fit),) if fits else ()


def together(members: tuple[RoleBook, ...], recognitions: Mapping[Resource, Recognition]) -> RoleBook:
    """Return one book for all parts; what belongs to none of them has the role that the first part gives it."""
    assignments: dict[Resource, Assignment] = {}
    for member in members:
        for resource, item in member.assignments.items():
            assignments.setdefault(resource, item)
    return RoleBook(None, assignments, recognitions, None, members)
