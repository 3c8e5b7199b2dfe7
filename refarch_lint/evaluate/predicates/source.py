"""What can be said of files before anybody asks what they mean: readable, rendered, keys and objects unique."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.location import Location, format_path

KUSTOMIZE = "kustomize.config.k8s.io"


def readable(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """Every document of a file can be read."""
    yield from _problems(subject, "manifest-readable")


def rendered(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """No document is an unrendered template."""
    yield from _problems(subject, "template-rendered")


def _problems(subject: Subject, rule: str) -> Iterator[Outcome]:
    for problem in subject.data.problems:
        if problem.rule == rule:
            yield Fault(problem.message, problem.location)


def keys_unique(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """No mapping has the same key twice."""
    for document in subject.data.documents:
        for duplicate in document.duplicates:
            first = Location(document.file, duplicate.first)
            yield Fault(
                f"key {format_path(duplicate.path)} is written twice; only the second value counts",
                Location(document.file, duplicate.second),
                (Note("first written here", first),),
            )


def resource_unique(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No other document describes the same object; the first one read is not blamed."""
    resource = subject.resource
    if resource.group == KUSTOMIZE:
        yield NotApplicable("a kustomization is no object of the cluster")
        return
    if "generateName" in resource.metadata and "name" not in resource.metadata:
        yield NotApplicable("its name is generated")
        return
    first = context.graph.index.by_id[resource.id][0]
    if first is not resource:
        where = f" in namespace {resource.namespace}" if resource.namespace else ""
        yield Fault(
            f"{resource}{where} is described twice; what is applied last wins",
            Place(resource, ("metadata", "name")),
            (Note("first described here", Place(first, ("metadata", "name"))),),
        )


def suppressions(_: Subject, __: RuleContext) -> Iterator[Outcome]:
    """Suppressions are judged after all rules have run, when it is known which of them match; nothing is found here."""
    yield NotApplicable("judged when all findings are known")
