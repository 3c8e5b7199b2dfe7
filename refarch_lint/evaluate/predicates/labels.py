"""Labels that people and tools expect on what runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import KUSTOMIZE, mapping, sequence
from refarch_lint.model.workload import Workload


def recommended(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Every workload carries the recommended labels, itself or on its pods; who lacks the same is told once."""
    wanted = tuple(context.parameter("labels", subject).value)
    added = _added_by_kustomize(context)
    lacking: dict[tuple[str, ...], list[Workload]] = defaultdict(list)
    for workload in subject.members:
        carried = {**workload.pod_labels, **workload.resource.labels}
        missing = tuple(name for name in wanted if not carried.get(name) and name not in added)
        if missing:
            lacking[missing].append(workload)
    for missing, workloads in lacking.items():
        who = f"{workloads[0]} and other workloads lack" if len(workloads) > 1 else f"{workloads[0]} lacks"
        yield Fault(f"{who} the recommended labels {', '.join(missing)}", _labels(workloads[0]))


def required(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A workload, or its namespace, carries every label that the project requires."""
    resolved = context.parameter("labels", subject)
    workload = subject.pods
    namespace = context.graph.index.find("", "Namespace", "", workload.namespace)
    carried = {**(namespace.labels if namespace else {}), **workload.pod_labels, **workload.resource.labels}
    added = _added_by_kustomize(context)
    for name in resolved.value:
        if not carried.get(name) and name not in added:
            yield Fault(f"{workload} has no label {name}, required by {resolved.origin}", _labels(workload))


def _labels(workload: Workload) -> Place:
    return Place(workload.resource, ("metadata", "labels"))


def _added_by_kustomize(context: RuleContext) -> frozenset[str]:
    """Return the labels that kustomizations of the unit put on everything they take in."""
    found: set[str] = set()
    for resource in context.graph.index.of_kind("Kustomization", KUSTOMIZE):
        found.update(mapping(resource.data.get("commonLabels")))
        for item in sequence(resource.data.get("labels")):
            found.update(mapping(mapping(item).get("pairs")))
    return frozenset(found)
