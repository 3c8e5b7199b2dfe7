"""Fields and annotations that are deprecated or ignored, and values that are accepted in vain."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.model.accepted_values import accepted
from refarch_lint.model.outdated_fields import outdated


def current(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Nothing that an object says is deprecated or without effect in the target version, nor accepted in vain."""
    resource = subject.resource
    workload = context.graph.workload(resource)
    told = outdated(resource, workload, context.run.schemas.requested_version)
    for path, message, key in chain(told, accepted(resource, workload)):
        yield Fault(f"{resource}: {message}", Place(resource, path, key))
