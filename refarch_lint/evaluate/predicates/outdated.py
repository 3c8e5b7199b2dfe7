"""Fields and annotations that are deprecated, or that look like protection and are ignored."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.model.outdated_fields import outdated


def current(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Nothing that an object says is deprecated or without effect in the target version."""
    resource = subject.resource
    workload = context.graph.workload(resource)
    for path, message, key in outdated(resource, workload, context.run.schemas.requested_version):
        yield Fault(f"{resource}: {message}", Place(resource, path, key))
