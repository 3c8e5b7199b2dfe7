"""Databases: each has one owner."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.listing import listed
from refarch_lint.model.resource import Resource


def owned(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No two services use one database; their workers, backups and monitoring may."""
    database = subject.resource
    callers = [
        connection
        for caller in context.graph.callers(database)
        if context.roles.plays(caller, "services")
        for connection in context.graph.connections_of(caller)
        if connection.target is database
    ]
    owners: dict[str, Place] = {}
    for connection in callers:
        owners.setdefault(_service_name(connection.source), connection.need.place)
    if not callers:
        yield NotApplicable("no service connects to it")
    elif len(owners) > 1:
        names = list(dict.fromkeys(str(connection.source) for connection in callers))
        shown = " and ".join(names) if len(names) == 2 else listed(names)
        yield Fault(
            f"{database} is shared by {shown}; each service should have a database of its own",
            Place(database, ("metadata", "name")),
            tuple(Note(f"{name} uses it", place) for name, place in list(owners.items())[:5]),
        )


def _service_name(resource: Resource) -> str:
    """Return what tells services apart: the recommended name label, else the object's name."""
    return resource.labels.get("app.kubernetes.io/name", resource.name)
