"""Whether a controller's selector matches the pods that it makes itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from refarch_lint.location import Path
from refarch_lint.model.resource import dig, mapping, sequence
from refarch_lint.model.selector import LabelSelector, Requirement, equality_selector, parse_selector
from refarch_lint.model.workload import Workload
from refarch_lint.model.written import selector_as_written

#: Kinds whose selector is a plain mapping.
_PLAIN = frozenset({"ReplicationController", "DeploymentConfig"})
#: Kinds that own pods by a selector; that of a Job is made by the server unless `manualSelector` is set.
_OWNERS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout", "Job", *_PLAIN})


class Mismatch(NamedTuple):
    """A requirement of a controller's selector that its own pod template does not meet, and the path to it."""

    requirement: Requirement
    path: Path


def own_selector_of(workload: Workload) -> LabelSelector | None:
    """Return the selector by which a controller finds its pods; None where it has none or it is not for the author."""
    if workload.kind not in _OWNERS or (
        workload.kind == "Job" and workload.resource.spec.get("manualSelector") is not True
    ):
        return None
    value = selector_as_written(workload.resource, ("spec", "selector"), workload.resource.spec.get("selector"))
    return equality_selector(value) if workload.kind in _PLAIN else parse_selector(value)


def own_mismatches(workload: Workload, selector: LabelSelector) -> Iterator[Mismatch]:
    """Yield what the pod template's labels fail to meet; nothing where the API refuses selector or labels anyway."""
    labels = mapping(workload.pod_metadata.get("labels"))
    if selector.faults or len(workload.pod_labels) != len(labels):
        return
    for requirement in selector.requirements:
        if not requirement.matches(workload.pod_labels):
            yield Mismatch(requirement, _path(workload, requirement))


def _path(workload: Workload, requirement: Requirement) -> Path:
    value = workload.resource.spec.get("selector")
    if workload.kind in _PLAIN:
        return ("spec", "selector", requirement.key)
    for index, expression in enumerate(sequence(dig(value, "matchExpressions"))):
        if dig(expression, "key") == requirement.key and dig(expression, "operator") == requirement.operator:
            return ("spec", "selector", "matchExpressions", index, "key")
    return ("spec", "selector", "matchLabels", requirement.key)
