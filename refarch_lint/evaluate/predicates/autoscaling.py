"""Autoscalers: that they find their target, can measure it, have room to act and do not fight each other."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.edge import Reference, ReferenceStatus, Relation
from refarch_lint.graph.place import Place
from refarch_lint.graph.scaling import MetricDemand, measured_resources, utilisation_demands
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.workload import REPLICATED, Workload
from refarch_lint.severity import Severity

_UNSCALABLE = frozenset({"CronJob", "DaemonSet", "Job", "Pod"})
_KEDA_MAXIMUM = 100


def _target(subject: Subject, context: RuleContext) -> Reference | None:
    for reference in context.graph.references_by_source.get(subject.resource, ()):
        if reference.relation is Relation.SCALES:
            return reference
    return None


def targets_workload(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """What an autoscaler names exists in its namespace and API group, and has a scale."""
    scaler, reference = subject.resource, _target(subject, context)
    if reference is None:
        yield NotApplicable("it names no target")
        return
    named = f"{reference.kind}/{reference.name}"
    if _lacks_group(scaler) and reference.kind != "ReplicationController":
        yield Fault(
            f"{scaler} cannot find {named}: scaleTargetRef has no apiVersion, which stands for the core API group",
            subject.place("spec", "scaleTargetRef", "apiVersion"),
        )
    elif reference.status is ReferenceStatus.UNVERIFIABLE:
        yield Unverifiable(reference.note)
    elif reference.is_broken:
        yield from _missing(subject, reference, named, context)
    elif scaler.kind != "VerticalPodAutoscaler" and reference.kind in _UNSCALABLE:
        yield Fault(f"{scaler} cannot scale {named}: a {reference.kind} has no replicas", reference.place)


def _lacks_group(scaler: Resource) -> bool:
    reference = mapping(scaler.spec.get("scaleTargetRef"))
    return scaler.kind == "HorizontalPodAutoscaler" and not reference.get("apiVersion")


def _field(scaler: Resource) -> str:
    return "targetRef" if scaler.kind == "VerticalPodAutoscaler" else "scaleTargetRef"


def _missing(subject: Subject, reference: Reference, named: str, context: RuleContext) -> Iterator[Outcome]:
    scaler = subject.resource
    namesakes = context.graph.namesakes(reference.kind, reference.name)
    for other in namesakes:
        where = Note(f"{other} is declared here", Place(other, ("metadata", "name")))
        if other.namespace == reference.namespace:
            group = reference.group or "core"
            text = f"{scaler} scales {named} of API group {group}; the tree has it in {other.group or 'core'}"
            yield Fault(text, subject.place("spec", _field(scaler), "apiVersion"), (where,))
        else:
            yield Fault(
                f"{scaler} scales {named}, which is in namespace {other.namespace}, not {reference.namespace}",
                reference.place,
                (where,),
            )
        return
    if context.graph.index.workloads_by_namespace.get(reference.namespace):
        yield Fault(f"{scaler} scales {named}, which is not in namespace {reference.namespace}", reference.place)
    else:
        yield Unverifiable(f"no workload of namespace {reference.namespace} is in the tree")


def bounds_sane(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """The maximum of an autoscaler is above its minimum."""
    scaler = subject.resource
    keda = scaler.kind == "ScaledObject"
    low_field, high_field = ("minReplicaCount", "maxReplicaCount") if keda else ("minReplicas", "maxReplicas")
    low, high = _count(scaler, low_field), _count(scaler, high_field)
    minimum = (0 if keda else 1) if low is None else low
    maximum = _KEDA_MAXIMUM if keda and high is None else high
    if maximum is None:
        yield Fault(f"{scaler} has no {high_field}", subject.place("spec", high_field))
    elif minimum > maximum:
        yield Fault(
            f"{scaler} has a minimum above its maximum: {low_field} {minimum}, {high_field} {maximum}",
            subject.place("spec", low_field if low is not None else high_field),
        )
    elif minimum == maximum:
        stated = f"{low_field} is {minimum} by default, as is" if low is None else f"{low_field} is {minimum}, as is"
        yield Fault(
            f"{scaler} cannot scale: {stated} {high_field}",
            subject.place("spec", high_field),
            severity=Severity.WARNING,
        )
    elif not keda and minimum == 0 and not _has_outside_metric(scaler):
        yield Fault(
            f"{scaler} may scale to zero, which needs a metric of type Object or External",
            subject.place("spec", low_field),
        )


def _count(scaler: Resource, field: str) -> int | None:
    value = scaler.spec.get(field)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _has_outside_metric(scaler: Resource) -> bool:
    return any(mapping(metric).get("type") in ("External", "Object") for metric in sequence(scaler.spec.get("metrics")))


def has_requests(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every container that an autoscaler measures as a share of its request has that request."""
    demands = utilisation_demands(subject.resource)
    edges = context.graph.outgoing(subject.resource, Relation.SCALES)
    workload = context.graph.workload(edges[0].target.resource) if edges else None
    if not demands:
        yield NotApplicable("it measures no utilisation")
    elif workload is None:
        yield Unverifiable(f"the pods that {subject.resource} scales are not in the tree")
    else:
        for demand in demands:
            yield from _unmeasurable(subject.resource, demand, workload, context)


def _unmeasurable(
    scaler: Resource, demand: MetricDemand, workload: Workload, context: RuleContext
) -> Iterator[Outcome]:
    running = [container for container in workload.containers if container.runs_throughout]
    if demand.container:
        running = [container for container in running if container.name == demand.container]
        if not running:
            yield Fault(f"{scaler} measures container {demand.container}, which {workload} has not", demand.place)
            return
    silent = [item for item in running if context.graph.compute.request(workload, item, demand.resource) is None]
    if silent:
        names = ", ".join(container.name for container in silent)
        which = f"container {names} of {workload} has" if len(silent) == 1 else f"containers {names} of {workload} have"
        yield Fault(
            f"{scaler} cannot work out the utilisation of {demand.resource}: {which} no {demand.resource} request",
            demand.place,
            tuple(
                Note(
                    f"container {container.name} has no {demand.resource} request",
                    Place(workload.resource, (*container.path, "resources", "requests", demand.resource)),
                )
                for container in silent
            ),
        )


def not_overlapping(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No two autoscalers decide the same thing about one workload; the first one read is not blamed."""
    scaler, graph = subject.resource, context.graph
    reference = _target(subject, context)
    if reference is None:
        yield NotApplicable("it names no target")
        return
    edges = graph.outgoing(scaler, Relation.SCALES)
    target = edges[0].target.resource if edges else f"{reference.kind}/{reference.name}"
    named = (reference.group, reference.kind, reference.namespace, reference.name)
    others = graph.autoscalers(edges[0].target.resource) if edges else graph.autoscalers_named(*named)
    for other in others:
        if other is scaler:
            return
        if other.id == scaler.id or other.kind == "Rollout":
            continue
        place = Place(other, ("spec", _field(other), "name"))
        vertical = "VerticalPodAutoscaler" in (other.kind, scaler.kind)
        if not vertical or other.kind == scaler.kind:
            what = f"{scaler} and {other} both scale {target}"
        elif shared := sorted(measured_resources(scaler) & measured_resources(other)):
            what = f"{scaler} and {other} both act on the {' and '.join(shared)} of {target}"
        else:
            continue
        yield Fault(what, reference.place, (Note(f"{other} scales it here", place),))
        return


def _keeps_state(subject: Subject) -> bool:
    return subject.pods.kind == "StatefulSet" and bool(sequence(subject.resource.spec.get("volumeClaimTemplates")))


def covers_workload(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A workload of the application is scaled by an autoscaler, where the profile asks for one."""
    required, origin = context.parameter("autoscaler_required", subject)
    traits = context.roles.traits(subject.resource)
    if required is not True:
        yield NotApplicable("the profile asks for no autoscaler")
    elif traits & {"broker", "cache", "coordination", "datastore", "platform"} or _keeps_state(subject):
        yield NotApplicable("its replicas hold state or belong to the platform")
    elif not context.graph.autoscalers(subject.resource) and subject.pods.kind in REPLICATED:
        yield Fault(
            f"no autoscaler targets {subject.resource}, required by {origin}", subject.place("metadata", "name")
        )
