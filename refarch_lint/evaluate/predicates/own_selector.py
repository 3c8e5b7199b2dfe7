"""Selectors by which controllers find the pods that they make."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject
from refarch_lint.graph.own_selector import own_mismatches, own_selector_of
from refarch_lint.graph.place import Place


def matches_template(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """A controller's selector matches the labels of its own pod template (API reference, DeploymentSpec.selector)."""
    workload = subject.pods
    selector = own_selector_of(workload)
    if selector is None or selector.is_empty:
        yield NotApplicable("it has no selector of its own")
        return
    for requirement, path in own_mismatches(workload, selector):
        actual = workload.pod_labels.get(requirement.key)
        carries = f"carries {requirement.key}={actual}" if actual is not None else f"has no label {requirement.key}"
        labels = workload.pod_labels_path
        place = Place(workload.resource, (*labels, requirement.key) if actual is not None else labels)
        yield Fault(
            f"{workload} selects {requirement}, but its own pod template {carries}",
            Place(workload.resource, path),
            (Note("labels of the pod template", place),),
        )
