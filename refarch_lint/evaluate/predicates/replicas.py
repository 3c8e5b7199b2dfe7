"""Numbers of replicas that contradict an autoscaler or leave nothing running."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.controllers import sign_of_controller
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.severity import Severity

#: Where a number comes from that knows nothing of the workload itself.
_GENERAL = ("rule ", "profile ", "architecture ")
_AUTOSCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


def enough(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A workload runs the replicas that are asked of it; what serves nobody and plays no role is less critical."""
    replicas = context.graph.replicas(subject.pods)
    floor, origin = context.parameter("min_replicas", subject)
    if replicas is None or replicas.minimum == 0 or not isinstance(floor, int):
        yield NotApplicable("it runs nothing, or no number is asked of it")
    elif replicas.minimum < floor:
        if origin.startswith(_GENERAL):
            why = _has_a_number_of_its_own(context.roles.traits(subject.resource))
            if why := why or sign_of_controller(subject.pods, context.graph):
                yield NotApplicable(why)
                return
        idle = context.roles.role_of(subject.resource) is None and context.graph.serves_nobody(subject.pods)
        yield Fault(
            f"{subject.resource} runs {replicas.minimum} replica(s) ({replicas.reason}), {floor} required by {origin}",
            replicas.place,
            severity=Severity.WARNING if idle else None,
        )


def _has_a_number_of_its_own(traits: frozenset[str]) -> str:
    """Return why a number that is asked of every workload says nothing about one with these traits."""
    if traits & {"datastore", "cache"}:
        return "how many replicas suit a store of an unknown kind is not known"
    return "part of the platform, no critical component" if "platform" in traits else ""


def not_fixed(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A workload whose number of replicas an autoscaler owns does not state one itself."""
    scaled_by = context.graph.autoscalers(subject.resource)
    scalers = [item for item in scaled_by if item.kind in _AUTOSCALERS]
    if any(item.kind == "Rollout" for item in scaled_by):
        yield NotApplicable("a Rollout borrows its template and runs the pods")
        return
    if not scalers:
        yield NotApplicable("no autoscaler targets it")
        return
    replicas = subject.pods.declared_replicas
    if replicas is None:
        return
    scaler = scalers[0]
    if replicas == 0 and scaler.kind == "HorizontalPodAutoscaler":
        told = f"{subject.resource} fixes 0 replicas, which switches {scaler} off"
    else:
        told = (
            f"{subject.resource} fixes {replicas} replica(s), though {scaler} scales it; every apply resets the number"
        )
    target = Place(scaler, ("spec", "scaleTargetRef", "name"))
    yield Fault(told, subject.place("spec", "replicas"), (Note(f"{scaler} scales it", target),))


def runs(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A workload is not scaled to zero, unless an autoscaler is told to do so."""
    replicas = context.graph.replicas(subject.pods)
    if replicas is None or replicas.minimum > 0:
        return
    if replicas.autoscaler is None:
        if context.graph.autoscalers(subject.resource):
            yield NotApplicable("an autoscaler targets it")
            return
        yield Fault(f"{subject.resource} is scaled to zero ({replicas.reason})", replicas.place)
    elif replicas.autoscaler.spec.get("minReplicaCount") is None and context.graph.services_of(subject.pods):
        yield Fault(
            f"{subject.resource} serves requests and may be scaled to zero ({replicas.reason})",
            replicas.place,
            (Note(f"{subject.resource} is scaled", subject.place("metadata", "name")),),
        )
