"""What is written down beside the manifests: architecture, runbooks, deployment, owners."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.demands import missing
from refarch_lint.evaluate.subject import Fault, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.model.workload import Workload
from refarch_lint.wildcards import fits_glob

#: Where each topic is looked for, in short.
_PLACES = {
    "architecture": "docs/architecture*, docs/adr/, an Architecture heading or a diagram in a README",
    "deployment": "docs/deploy*, a Deployment heading in a README",
}


def written(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The repository has a document about the topic that the rule names by `with: {topic}`."""
    topic = str(context.arguments["topic"])
    if not _documents(topic, context):
        yield missing(
            context,
            f"the repository says nothing about {topic}: looked for {_PLACES[topic]} and evidence.{topic} of the "
            "configuration",
        )


def runbooks(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Runbooks are in the repository, or every alert links one."""
    if _documents("runbooks", context):
        return
    defined = context.run.shared.alerts
    bare = [alert for alert in defined if not alert.has_runbook]
    if defined and not bare:
        return
    if bare:
        few = f" (nor do {len(bare) - 1} more of {len(defined)} alerts)" if len(bare) > 1 else ""
        yield missing(
            context, f"alert {bare[0].name} links no runbook{few}, and the repository has none", bare[0].place
        )
    else:
        yield missing(context, "the repository has no runbook: looked for runbooks/, docs/runbook*, docs/operations/")


def owners(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The repository names its owners, or every workload does by itself or by its namespace."""
    if _documents("owners", context):
        return
    names = tuple(context.parameter("owner_keys", subject).value)
    nobody = [workload for workload in subject.members if not _owned(workload, names, context)]
    if subject.members and not nobody:
        return
    if len(nobody) < len(subject.members):
        more = f" (nor do {len(nobody) - 1} more)" if len(nobody) > 1 else ""
        place = Place(nobody[0].resource, ("metadata", "labels"))
        yield Fault(f"{nobody[0]} names no owner{more}, while other workloads here do", place)
    else:
        yield missing(
            context,
            "nobody is named to turn to: no CODEOWNERS, no contacts in a document, no owner label or annotation",
        )


def _owned(workload: Workload, names: tuple[str, ...], context: RuleContext) -> bool:
    namespace = context.graph.index.find("", "Namespace", "", workload.namespace)
    places = [workload.resource.labels, workload.resource.annotations, workload.pod_labels, workload.pod_annotations]
    places += [namespace.labels, namespace.annotations] if namespace else []
    return any(
        value and fits_glob(key.lower(), name) for found in places for key, value in found.items() for name in names
    )


def _documents(topic: str, context: RuleContext) -> bool:
    evidence = context.run.repository
    return evidence is not None and bool(evidence.documents[topic])
