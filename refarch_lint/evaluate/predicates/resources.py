"""Requests and limits of containers, whoever gives them: the container, its pod, a LimitRange."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject
from refarch_lint.graph.compute import own_amount, pod_amount, resource_names

_NAMES = {"cpu": "CPU", "memory": "memory"}


def requested(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A container's request of the resource that the rule names is given."""
    assert subject.container is not None
    name = str(context.arguments["resource"])
    if context.graph.compute.request(subject.pods, subject.container, name) is None:
        yield Fault(
            f"{subject.resource}: container {subject.container.name} requests no {_NAMES.get(name, name)}",
            subject.place("resources", "requests", name),
        )


def limited(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A container's limit of the resource that the rule names is given."""
    assert subject.container is not None
    name = str(context.arguments["resource"])
    if context.graph.compute.limit(subject.pods, subject.container, name) is None:
        yield Fault(
            f"{subject.resource}: container {subject.container.name} has no {_NAMES.get(name, name)} limit",
            subject.place("resources", "limits", name),
        )


def cpu_limit(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A container has a CPU limit, or has none, as the parameter demands."""
    assert subject.container is not None
    wanted, origin = context.parameter("cpu_limit", subject)
    if wanted == "required":
        if context.graph.compute.limit(subject.pods, subject.container, "cpu") is None:
            yield Fault(
                f"{subject.resource}: container {subject.container.name} has no CPU limit, required by {origin}",
                subject.place("resources", "limits", "cpu"),
            )
    elif wanted == "forbidden":
        own = own_amount(subject.pods, subject.container, "limits", "cpu")
        amount = own or pod_amount(subject.pods, "limits", "cpu")
        if amount is not None:
            yield Fault(
                f"{subject.resource}: container {subject.container.name} is limited to {amount.value} of CPU, "
                f"forbidden by {origin}",
                amount.place,
            )
    else:
        yield NotApplicable(f"CPU limits are {wanted} by {origin}")


def request_within_limit(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """No container requests more of a resource than its own limit, which the API refuses."""
    assert subject.container is not None
    compared = False
    for name in resource_names(subject.container):
        request = own_amount(subject.pods, subject.container, "requests", name)
        limit = own_amount(subject.pods, subject.container, "limits", name)
        if request is None or limit is None or request.number is None or limit.number is None:
            continue
        compared = True
        if request.number > limit.number:
            yield Fault(
                f"{subject.resource}: container {subject.container.name} requests {request.value} of {name}, more than "
                f"its limit of {limit.value}",
                request.place,
                (Note("the limit", limit.place),),
            )
    if not compared:
        yield NotApplicable("no resource has both a request and a limit")
