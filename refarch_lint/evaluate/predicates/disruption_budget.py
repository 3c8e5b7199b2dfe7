"""PodDisruptionBudgets: whether they protect something and still let a node drain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from math import ceil

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject
from refarch_lint.graph.edge import Relation
from refarch_lint.graph.scaling import Replicas
from refarch_lint.model.workload import Workload
from refarch_lint.severity import Severity

_PERCENTAGE = re.compile(r"([0-9]+)%")


def scaled(value: object, total: int) -> int | None:
    """Return an int-or-percent of `total`, percentages rounded up; None for what is neither.

    Both fields of a budget round up (Kubernetes documentation, Specifying a Disruption Budget, rounding logic).
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _PERCENTAGE.fullmatch(value) if isinstance(value, str) else None
    return ceil(Fraction(int(found[1]) * total, 100)) if found else None


def allows_eviction(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """At the effective replicas of each workload that a budget selects, one pod may be evicted."""
    budget = subject.resource
    protected = [
        (workload, replicas)
        for workload in context.graph.selected(budget, Relation.PROTECTS)
        if (replicas := context.graph.replicas(workload)) is not None and replicas.minimum > 0
    ]
    if not protected:
        yield NotApplicable("it selects no workload with replicas")
    for workload, replicas in protected:
        yield from _blocked(subject, workload, replicas)


def _blocked(subject: Subject, workload: Workload, replicas: Replicas) -> Iterator[Outcome]:
    for field, spare in (("minAvailable", False), ("maxUnavailable", True)):
        value = subject.resource.spec.get(field)
        amount = scaled(value, replicas.minimum)
        if amount is None:
            continue
        allowed = amount if spare else replicas.minimum - amount
        if allowed <= 0:
            more_pods_may_help = not spare and replicas.maximum > replicas.minimum and amount < replicas.maximum
            yield Fault(
                f"{subject.resource} allows no eviction: "
                f"{field} {value} of {replicas.minimum} replica(s) of {workload}",
                subject.place("spec", field),
                (Note(f"{workload} runs {replicas.minimum} replica(s)", replicas.place),),
                Severity.WARNING if more_pods_may_help else None,
            )
