"""Whether what an application's pods get fits the traffic for which the profile is meant."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.controllers import sign_of_controller
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject, Unverifiable
from refarch_lint.graph.compute import quantity_or_none
from refarch_lint.graph.place import Place
from refarch_lint.model.quantity import format_amount
from refarch_lint.model.resource import dig, mapping
from refarch_lint.model.workload import Container, ContainerType, Workload


def fits(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The main container of an application's workload requests what lies within its traffic band.

    Requests up to the end of the next band above are left alone. Well-known software and what keeps state have needs
    of their own; sidecars and what no Service selects have nothing to do with traffic.
    """
    workload = subject.pods
    if not context.graph.services_of(workload) or context.roles.traits(subject.resource) & {"datastore", "platform"}:
        yield NotApplicable("it serves no traffic of the application")
        return
    if controller := sign_of_controller(workload, context.graph):
        yield NotApplicable(controller)
        return
    if workload.kind == "StatefulSet" or context.roles.component(subject.resource) is not None:
        yield NotApplicable("well-known software, and what keeps state, has needs of its own")
        return
    band, origin = context.parameter("traffic", subject)
    bands = mapping(context.parameter("bands", subject).value)
    container = _main(workload)
    if band not in bands or container is None:
        yield Unverifiable(f"there is no traffic band {band}")
        return
    names = list(bands)
    above = names[names.index(band) + 1 :][:1]
    for name in ("cpu", "memory"):
        request = context.graph.compute.request(workload, container, name)
        if request is None or not request.number:
            continue
        least = quantity_or_none(dig(bands, band, "requests", name))
        most = quantity_or_none(dig(bands, above[0], "limits", name)) if above else None
        if least is not None and request.number < least:
            bound = f"traffic band {band} of {origin} starts at {format_amount(name, least)}"
        elif most is not None and request.number > most:
            bound = f"even the band above {band} of {origin}, {above[0]}, ends at {format_amount(name, most)}"
        else:
            continue
        yield Fault(
            f"{subject.resource}: container {container.name} requests {request.value} of {name}; {bound}",
            Place(subject.resource, (*container.path, "resources", "requests", name)),
        )


def _main(workload: Workload) -> Container | None:
    return next((item for item in workload.containers if item.type is ContainerType.REGULAR), None)
