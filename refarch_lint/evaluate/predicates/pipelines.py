"""Pipelines: that there is one, that it tests and scans, and that it deploys what the repository declares."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.demands import NO_REPOSITORY, attestation, missing
from refarch_lint.evaluate.evidence import Pipeline, StepKind
from refarch_lint.evaluate.evidence.delegation import delegates
from refarch_lint.evaluate.evidence.shown import shown_location
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.gitops import healing_application
from refarch_lint.graph.place import Place
from refarch_lint.location import Location
from refarch_lint.model.image import parse_image

#: Images of operators that scan what runs in a cluster.
_SCANNERS = ("trivy-operator", "starboard-operator", "kubevuln", "neuvector/controller", "stackrox/scanner", "clair")


#: Steps that bring a change nearer to those who use it.
_DELIVERS = (StepKind.BUILD, StepKind.DEPLOY_DECLARATIVE, StepKind.DEPLOY_IMPERATIVE)


def present(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A pipeline of a CI service, or one of Tekton or Argo Workflows, is defined."""
    found = context.run.shared.pipelines
    if not found:
        yield missing(
            context, "the repository has no pipeline: no file of a CI service, no Tekton or Argo Workflows object"
        )
    elif not any(pipeline.steps for pipeline in found):
        yield Unverifiable(f"no step of {found[0].name} is recognised as building, testing or deploying")
    elif not context.run.shared.delivering and not any(
        pipeline.of_kind(kind) for pipeline in found for kind in _DELIVERS
    ):
        yield Unverifiable(f"no step of {found[0].name} is recognised as building or deploying")


def runs_tests(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Some pipeline runs tests."""
    yield from _demanded(StepKind.TEST, "runs tests", context)


def scans_images(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Some pipeline, or an operator in the tree, scans images for vulnerabilities."""
    if not _scanner_in_tree(context):
        yield from _demanded(StepKind.SCAN, "scans images", context)


def _demanded(kind: StepKind, does: str, context: RuleContext) -> Iterator[Outcome]:
    found = context.run.shared.pipelines
    if any(pipeline.of_kind(kind) for pipeline in found):
        return
    evidence = context.run.repository
    if not found:
        yield missing(context, f"the repository has no pipeline that {does}")
    elif (attested := attestation(context)) is not None:
        yield attested
    elif evidence is not None and (other := next((item for item in found if delegates(evidence.tree, item)), None)):
        yield Unverifiable(f"{other.name} takes steps from another repository, which may be those that are missing")
    else:
        yield Fault(f"no step of {_names(found)} {does}", _place(_blamed(found), context))


def _blamed(found: tuple[Pipeline, ...]) -> Location:
    """Return where a step is missed: behind what builds, else at the first pipeline."""
    for pipeline in found:
        for step in pipeline.of_kind(StepKind.BUILD):
            return step.location
    return found[0].location


def _names(found: tuple[Pipeline, ...]) -> str:
    first = found[0].name
    return first if len(found) == 1 else f"{first} and {len(found) - 1} more pipeline(s)"


def deploys_declaratively(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """No pipeline changes running objects by hand instead of applying what the repository declares."""
    found = context.run.shared.pipelines
    if not found:
        yield Unverifiable(NO_REPOSITORY) if context.run.repository is None else NotApplicable("there is no pipeline")
        return
    healing = healing_application(context.run.shared.delivering)
    for pipeline in found:
        for step in pipeline.of_kind(StepKind.DEPLOY_IMPERATIVE):
            consequence = "which no manifest records"
            related: tuple[Note, ...] = ()
            if healing is not None:
                consequence = f"which {healing} undoes"
                related = (
                    Note(f"{healing} keeps the cluster as its source says", Place(healing, ("metadata", "name"))),
                )
            yield Fault(
                f"{pipeline.name}: {step.what} changes running objects, {consequence}",
                _place(step.location, context),
                related,
            )


def _place(location: Location, context: RuleContext) -> Location:
    """Return a location as reports name it: pipelines of the repository count from its root, objects do not."""
    evidence = context.run.repository
    if evidence is None or not any(pipeline.name == location.file for pipeline in evidence.pipelines):
        return location
    return shown_location(evidence.tree.root, location)


def _scanner_in_tree(context: RuleContext) -> bool:
    if context.graph.index.of_kind("VulnerabilityReport"):
        return True
    for workload in context.graph.workloads:
        for container in workload.containers:
            image = container.data.get("image")
            name = parse_image(image) if isinstance(image, str) else None
            if name is not None and any(name.repository.endswith(scanner) for scanner in _SCANNERS):
                return True
    return False
