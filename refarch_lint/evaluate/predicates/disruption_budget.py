"""PodDisruptionBudgets: whether they protect something and still let a node drain."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.edge import Relation
from refarch_lint.graph.place import Place
from refarch_lint.graph.scaling import Replicas
from refarch_lint.graph.selection import pod_selector_of
from refarch_lint.graph.workload_places import pod_labels
from refarch_lint.model.share import share_of
from refarch_lint.model.workload import REPLICATED, Workload
from refarch_lint.severity import Severity

_FIELDS = ("minAvailable", "maxUnavailable")


def allows_eviction(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """At the effective replicas of the workloads that a budget selects together, one pod may be evicted."""
    selected = context.graph.selected(subject.resource, Relation.PROTECTS)
    if (unscaled := _without_scale(subject, selected)) is not None:
        yield unscaled
        return
    protected = [
        (workload, replicas)
        for workload in selected
        if (replicas := context.graph.replicas(workload)) is not None and replicas.minimum > 0
    ]
    if protected:
        yield from _blocked(subject, protected)
    elif selected or (field := _forbids_all(subject)) is None:
        yield NotApplicable("it selects no workload with replicas")
    else:
        value = subject.resource.spec[field]
        yield Fault(f"{subject.resource} allows no eviction: {field} {value}", subject.place("spec", field))


def _forbids_all(subject: Subject) -> str | None:
    """Return the field by which a budget forbids every eviction, whatever it selects; None where it depends."""
    for field in _FIELDS:
        if _allowed(field, subject.resource.spec.get(field), 100) == 0 and subject.resource.spec[field] != 100:
            return field
    return None


def _is_share(value: object) -> bool:
    return isinstance(value, str)


def _without_scale(subject: Subject, selected: tuple[Workload, ...]) -> Fault | None:
    """Blame a budget whose number cannot be worked out: only a plain `minAvailable` needs no scale of the controller.

    The disruption controller then allows no eviction at all (Specifying a Disruption Budget, arbitrary workloads).
    """
    spec = subject.resource.spec
    if spec.get("maxUnavailable") is not None:
        field = "maxUnavailable"
    elif _is_share(spec.get("minAvailable")):
        field = "minAvailable"
    else:
        return None
    unscaled = [workload for workload in selected if not _has_scale(workload)]
    if not unscaled:
        return None
    first = unscaled[0]
    passing = all(workload.runs_to_completion for workload in unscaled)
    when = f" while {first} runs" if passing else ""
    return Fault(
        f"{subject.resource} allows no eviction{when}: it selects pods of {first}, which has no replica count, and "
        f"{field} {spec[field]} needs one",
        subject.place("spec", field),
        (Note(f"{first} is selected by its pod labels", pod_labels(first)),),
        Severity.WARNING if passing else None,
    )


def _has_scale(workload: Workload) -> bool:
    """Tell whether a controller with a scale owns the pods; a Knative revision runs as a Deployment."""
    if workload.kind in REPLICATED or workload.resource.group == "serving.knative.dev":
        return True
    return bool(workload.resource.metadata.get("ownerReferences"))


def _blocked(subject: Subject, protected: list[tuple[Workload, Replicas]]) -> Iterator[Outcome]:
    minimum = sum(replicas.minimum for _, replicas in protected)
    maximum = sum(replicas.maximum for _, replicas in protected)
    names = " and ".join(str(workload) for workload, _ in protected)
    for field in _FIELDS:
        value = subject.resource.spec.get(field)
        allowed = _allowed(field, value, minimum)
        if allowed is None or allowed > 0:
            continue
        at_most = _allowed(field, value, maximum)
        yield Fault(
            f"{subject.resource} allows no eviction: {field} {value} of {minimum} replica(s) of {names}",
            subject.place("spec", field),
            tuple(
                Note(f"{workload} runs {replicas.minimum} replica(s) ({replicas.reason})", replicas.place)
                for workload, replicas in protected
            ),
            Severity.WARNING if at_most is not None and at_most > 0 else None,
        )


def _allowed(field: str, value: object, total: int) -> int | None:
    """Return how many of `total` pods may be evicted; both fields round percentages up."""
    amount = share_of(value, total, up=True)
    if amount is None:
        return None
    return amount if field == "maxUnavailable" else total - amount


def selects_pods(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A budget selects pods of its namespace; silent where nothing of that namespace is in the tree."""
    budget = subject.resource
    if context.graph.selected(budget, Relation.PROTECTS):
        return
    selector = pod_selector_of(budget)
    if selector is None:
        old = budget.api_version == "policy/v1beta1" and "selector" in budget.spec
        cause = "in policy/v1beta1 an empty selector" if old else "a budget without a selector"
        yield Fault(f"{budget} protects nothing: {cause} selects no pods", subject.place("spec", "selector"))
        return
    if (maker := context.graph.possible_maker(selector, budget.namespace)) is not None:
        yield Unverifiable(f"{maker} may make pods that {budget} selects")
    elif not context.graph.index.workloads_by_namespace.get(budget.namespace):
        yield Unverifiable(f"no workload of namespace {budget.namespace} is in the tree")
    else:
        text = f" ({selector})" if str(selector) else ""
        yield Fault(
            f"{budget} protects nothing: its selector{text} matches no pod template in namespace {budget.namespace}",
            subject.place("spec", "selector"),
        )


def not_overlapping(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No pod is selected by two budgets, which the eviction API answers with an error; the first one is not blamed."""
    budget = subject.resource
    selected = context.graph.selected(budget, Relation.PROTECTS)
    if not selected:
        yield NotApplicable("it selects no workload of the tree")
    told: set[Place] = set()
    for workload in selected:
        for edge in context.graph.incoming(workload.resource, Relation.PROTECTS):
            other = edge.source.resource
            if other is budget:
                break
            if other.id != budget.id and edge.source not in told:
                told.add(edge.source)
                yield Fault(
                    f"{budget} selects the pods of {workload}, which {other} selects too; "
                    "no pod that two budgets select can be evicted",
                    subject.place("spec", "selector"),
                    (Note(f"{other} selects them here", edge.source), Note("the pods", pod_labels(workload))),
                )


def has_policy(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """A budget says how many pods must stay or may go."""
    if all(subject.resource.spec.get(field) is None for field in _FIELDS):
        yield Fault(
            f"{subject.resource} has neither minAvailable nor maxUnavailable, so it allows every eviction",
            subject.place("spec"),
        )


def evicts_unhealthy(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Pods that are not ready may always be evicted, except those of datastores, for which waiting is right."""
    budget = subject.resource
    if any(
        "datastore" in context.roles.traits(workload.resource)
        for workload in context.graph.selected(budget, Relation.PROTECTS)
    ):
        yield NotApplicable("it protects a datastore, whose unready pods may be catching up")
    elif (policy := budget.spec.get("unhealthyPodEvictionPolicy")) != "AlwaysAllow":
        stated = "IfHealthyBudget, the default" if policy is None else policy
        yield Fault(
            f"{budget} keeps crash-looping pods from being evicted: unhealthyPodEvictionPolicy is {stated}",
            subject.place("spec", "unhealthyPodEvictionPolicy"),
        )
