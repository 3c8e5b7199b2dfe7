"""Labels that controllers set on each pod by itself, so that no pod template shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from refarch_lint.model.selector import LabelIndex, LabelSelector, Requirement, SelectorOperator
from refarch_lint.model.workload import Workload

_POD_NAME = "statefulset.kubernetes.io/pod-name"
_JOB_NAMES = frozenset({"batch.kubernetes.io/job-name", "job-name"})
#: Kubernetes documentation, Well-Known Labels, Annotations and Taints.
_SET_BY_CONTROLLERS = _JOB_NAMES | {
    _POD_NAME,
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "controller-revision-hash",
    "controller-uid",
    "pod-template-generation",
    "pod-template-hash",
}


def without_controllers(selector: LabelSelector) -> LabelSelector | None:
    """Return what a selector asks of pod templates, None where it asks for no label that controllers set."""
    others = tuple(item for item in selector.requirements if item.key not in _SET_BY_CONTROLLERS)
    return None if len(others) == len(selector.requirements) else LabelSelector(others, selector.faults)


def undecided(selector: LabelSelector) -> Requirement | None:
    """Return a requirement of which templates cannot tell whether pods meet it; the names of Jobs are known."""
    for item in selector.requirements:
        is_named = item.key in _JOB_NAMES and item.operator in (SelectorOperator.IN, SelectorOperator.NOT_IN)
        if item.key in _SET_BY_CONTROLLERS and not is_named:
            return item
    return None


def some_pods(selector: LabelSelector, pods: LabelIndex[Workload]) -> list[Workload]:
    """Return the workloads some of whose pods a selector matches, labels that controllers set included."""
    others = without_controllers(selector)
    if others is None:
        return pods.matching(selector)
    found = pods.matching(others)
    for item in selector.requirements:
        if item.key == _POD_NAME and item.values:
            found = [w for w in found if w.kind == "StatefulSet" and any(_is_pod(w, name) for name in item.values)]
    return found


def some_pods_of(selector: LabelSelector, workloads: Iterable[Workload]) -> Sequence[Workload]:
    """Return those of a few workloads some of whose pods a selector matches by a label that controllers set."""
    if without_controllers(selector) is None:
        return ()
    return some_pods(selector, LabelIndex((workload, workload.pod_labels) for workload in workloads))


def _is_pod(workload: Workload, name: str) -> bool:
    owner, _, ordinal = name.rpartition("-")
    return owner == workload.resource.name and ordinal.isdigit()
