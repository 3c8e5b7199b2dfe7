"""Several applications in one tree, named by the configuration or kept in folders apart: an architecture for each."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache, partial

from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.config import Application, Settings
from refarch_lint.evaluate.components import Recognition
from refarch_lint.evaluate.finding import ArchitectureFit
from refarch_lint.evaluate.grouping import running
from refarch_lint.evaluate.measuring import WELL, Fitted, best, closest, measure, together
from refarch_lint.evaluate.roles import RoleBook, assign_roles
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.model.resource import Resource
from refarch_lint.source.folders import common_folder

#: What stands for the objects that no application claims.
_OTHERS = Application("", None, None, (), ())


def fit_applications(
    graph: ResourceGraph,
    catalogue: Catalogue,
    settings: Settings,
    recognitions: Mapping[Resource, Recognition],
    unit: str,
) -> Fitted | None:
    """Return how well each application of a unit fits; None where it has no object of any that the settings name.

    What no application claims is one more part, held against the architecture that the settings name for all, or the
    best fit, if any program is among it. What of it does not run, such as an entry point, may play a role in each.
    """
    claimed = _claimed(graph, settings)
    if not claimed.keys() - {_OTHERS}:
        return None
    present = tuple(running(graph, recognitions))
    others = frozenset(claimed.pop(_OTHERS, ()))
    lent = others.difference(present)

    @cache
    def book_of(name: str) -> RoleBook:
        return assign_roles(catalogue.architectures[name], graph, recognitions, settings.roles)

    found = [
        _fitted(application, frozenset(objects), lent, present, book_of, catalogue, unit)
        for application, objects in claimed.items()
    ]
    if others.intersection(present):
        rest = _OTHERS._replace(architecture=settings.architecture)
        found.append(_fitted(rest, others, frozenset(), present, book_of, catalogue, unit))
    return Fitted(
        together(tuple(part.book for part in found), recognitions),
        tuple(fit for part in found for fit in part.fits),
        tuple(fit for part in found for fit in part.closest),
    )


def fit_folders(
    graph: ResourceGraph,
    catalogue: Catalogue,
    settings: Settings,
    recognitions: Mapping[Resource, Recognition],
    unit: str,
) -> Fitted | None:
    """Return how well each folder of a unit fits where it is an application by itself; None where one is not.

    It is where several programs run in each folder, none of which connects to one of another folder, and where an
    architecture fits each of them well: folders are as often the parts of one application.
    """
    present = tuple(running(graph, recognitions))
    folders = _folders(present)
    sizes = Counter(folders.values())
    if len(sizes) < 2 or min(sizes.values()) < 2:
        return None
    ends = ((folders.get(source), folders.get(target)) for source, target, _ in graph.connections)
    if any(one and other and one != other for one, other in ends):
        return None
    found = tuple(Application(posixpath.basename(folder), None, None, (f"{folder}/*",), ()) for folder in sizes)
    fitted = fit_applications(graph, catalogue, replace(settings, applications=found), recognitions, unit)
    is_well = fitted is not None and len(fitted.fits) == len(found) and all(fit.fit >= WELL for fit in fitted.fits)
    return fitted if is_well else None


def _folders(present: Iterable[Resource]) -> dict[Resource, str]:
    """Return the folder of each program, of those below the folder that holds all; nothing if one is in no other."""
    files = {resource: resource.document.file for resource in present}
    home = common_folder(files.values())
    if home is None:
        return {}
    found: dict[Resource, str] = {}
    for resource, file in files.items():
        first, slash, _ = (posixpath.relpath(file, home) if home else file).partition("/")
        if not slash:
            return {}
        found[resource] = posixpath.join(home, first)
    return found


def _claimed(graph: ResourceGraph, settings: Settings) -> dict[Application, list[Resource]]:
    """Return the objects of each application, in the order of the settings, then those that none claims."""
    found: dict[Application, list[Resource]] = {item: [] for item in (*settings.applications, _OTHERS)}
    for resource in graph.resources:
        application = settings.application_of(resource.document.file, resource.namespace)
        found[application or _OTHERS].append(resource)
    return {application: objects for application, objects in found.items() if objects}


def _fitted(
    application: Application,
    objects: frozenset[Resource],
    lent: frozenset[Resource],
    present: tuple[Resource, ...],
    book_of: Callable[[str], RoleBook],
    catalogue: Catalogue,
    unit: str,
) -> Fitted:
    """Return the book of one part with how well it fits, or a book without an architecture and what comes closest."""
    named = application.architecture is not None
    part = partial(
        RoleBook,
        namespaces=frozenset(resource.namespace for resource in objects if resource.namespace),
        application=application.name,
        objects=objects,
        named=named,
    )
    names = [application.architecture] if application.architecture else [*catalogue.architectures]
    books = []
    for name in names if application.architecture != "none" else ():
        book = book_of(name)
        own = {item: role for item, role in book.assignments.items() if item in objects or item in lent}
        books.append(part(book.architecture, own, book.recognitions))
    fits: tuple[ArchitectureFit, ...] = ()
    if named:
        fits = tuple(measure(book, unit, named=True) for book in books)
        return Fitted(books[0] if books else part(None), fits)
    option = best(books, tuple(item for item in present if item in objects), unit)
    if option is not None:
        return Fitted(option.book, (option.fit,))
    return Fitted(part(None), (), closest(books, unit) if objects.intersection(present) else ())
