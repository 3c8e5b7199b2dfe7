"""GitOps: that a controller delivers, from a pinned source that exists, within a project, and heals what drifts."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.demands import NO_REPOSITORY, missing
from refarch_lint.evaluate.evidence import StepKind
from refarch_lint.evaluate.evidence.gitops_files import gitops_file
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.gitops import (
    ARGO,
    FLUX_HELM,
    FLUX_KUSTOMIZE,
    FLUX_SOURCE,
    Source,
    application_spec,
    argo_sources,
    flux_source,
)
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.regex import regex

_TEMPLATED = ("{{", "${")
#: Revisions at which the files of this checkout can be expected.
_OWN_REVISIONS = frozenset({"", "HEAD", "main", "master", "trunk"})
#: Ranges of versions without an end: the next major version is in them, too.
_EVERYTHING = regex(r"\s*(?:[*xX]|>=?\s*v?[\w.+-]+)?\s*")
_VERSION = regex(r"v?\d+(\.\d+){0,2}([-+][\w.-]+)?")
_FLUX_REFERENCES = ("branch", "tag", "semver", "name", "commit", "digest")


def present(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A GitOps controller delivers this tree: by an object in it or in its repository, or by a step of a pipeline."""
    if context.run.shared.delivering:
        return
    evidence = context.run.repository
    if evidence is not None:
        steps = evidence.steps(StepKind.DEPLOY_DECLARATIVE)
        if any(step.what.startswith(("argocd", "flux")) for step in steps) or gitops_file(evidence.tree) is not None:
            return
    yield missing(context, "nothing delivers the manifests by GitOps: no Argo CD or Flux object in tree or repository")


def source_pinned(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """What is delivered comes from a tag, a commit, a named branch or one version of a chart."""
    resource = subject.resource
    match resource.group, resource.kind:
        case (_, "Application" | "ApplicationSet"):
            found = tuple(argo_sources(resource))
            if not found:
                yield NotApplicable("it names no source")
            for source in found:
                yield from _unpinned(source)
        case (group, "GitRepository" | "OCIRepository") if group == FLUX_SOURCE:
            yield from _unpinned_reference(resource)
        case (group, "HelmRelease") if group == FLUX_HELM:
            version = dig(resource.spec, "chart", "spec", "version")
            if dig(resource.spec, "chart", "spec") is None:
                yield NotApplicable("its chart comes from a reference of its own")
            elif not version or (isinstance(version, str) and _EVERYTHING.fullmatch(version)):
                shown = "no version" if not version else f"version {version}"
                place = Place(resource, ("spec", "chart", "spec", "version"))
                yield Fault(f"{resource} takes the newest chart: it names {shown}", place)
        case _:
            yield NotApplicable("it names no source")


def _unpinned(source: Source) -> Iterator[Outcome]:
    revision, place = source.revision, Place(source.resource, (*source.at, "targetRevision"))
    if any(mark in revision for mark in _TEMPLATED):
        yield Unverifiable(f"the revision of {source.resource} is filled in by a generator")
    elif source.chart or source.url.startswith("oci://"):
        if not _VERSION.fullmatch(revision):
            shown = revision or "empty"
            yield Fault(f"{source.resource} takes whatever chart is newest: targetRevision is {shown}", place)
    elif revision in ("", "HEAD"):
        shown = revision or "empty, which is HEAD"
        yield Fault(f"{source.resource} delivers the newest commit: targetRevision is {shown}", place)


def _unpinned_reference(resource: Resource) -> Iterator[Outcome]:
    ref = mapping(resource.spec.get("ref"))
    if not any(ref.get(key) for key in _FLUX_REFERENCES):
        default = "branch master" if resource.kind == "GitRepository" else "tag latest"
        yield Fault(f"{resource} names no revision, so it follows {default}", Place(resource, ("spec", "ref")))
    elif ref.get("tag") == "latest":
        yield Fault(f"{resource} follows tag latest", Place(resource, ("spec", "ref", "tag")))
    elif isinstance(versions := ref.get("semver"), str) and _EVERYTHING.fullmatch(versions):
        yield Fault(
            f"{resource} follows the newest version: semver is {versions}", Place(resource, ("spec", "ref", "semver"))
        )


def project_scoped(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """An application belongs to a project, and a project limits where things come from and where they go."""
    resource = subject.resource
    if resource.group != ARGO:
        yield NotApplicable("no object of Argo CD")
    elif resource.kind == "AppProject":
        yield from _unscoped(resource)
    elif (found := application_spec(resource)) is not None:
        root, spec = found
        project = spec.get("project")
        if project in (None, "", "default"):
            own = context.graph.index.find(ARGO, "AppProject", resource.namespace, "default")
            if own is None or any(True for _ in _unscoped(own)):
                how = "is in project default" if project else "names no project and is in project default"
                yield Fault(
                    f"{resource} {how}, which allows every repository, cluster and namespace",
                    Place(resource, (*root, "project")),
                )


def _unscoped(project: Resource) -> Iterator[Fault]:
    repositories = sequence(project.spec.get("sourceRepos"))
    if "*" in repositories:
        place = Place(project, ("spec", "sourceRepos", repositories.index("*")))
        yield Fault(f"{project} allows manifests from every repository: sourceRepos has *", place)
    for index, item in enumerate(sequence(project.spec.get("destinations"))):
        destination = mapping(item)
        cluster = destination.get("server", destination.get("name"))
        if destination.get("namespace") == "*" and cluster == "*":
            place = Place(project, ("spec", "destinations", index, "namespace"))
            yield Fault(f"{project} allows every namespace of every cluster as a destination", place)


def self_heals(subject: Subject, _: RuleContext) -> Iterator[Outcome]:
    """A controller puts back what somebody changes in the cluster by hand."""
    resource = subject.resource
    if (found := application_spec(resource)) is not None:
        root, spec = found
        policy = mapping(spec.get("syncPolicy"))
        automated = policy.get("automated")
        if not isinstance(automated, dict) or automated.get("enabled") is False:
            place = Place(resource, (*root, "syncPolicy"))
            yield Fault(f"{resource} waits for somebody to synchronise it: syncPolicy is not automated", place)
        elif automated.get("selfHeal") is not True:
            place = Place(resource, (*root, "syncPolicy", "automated", "selfHeal"))
            yield Fault(f"{resource} leaves changes made by hand as they are: selfHeal is not true", place)
    elif resource.group in (FLUX_KUSTOMIZE, FLUX_HELM):
        if resource.spec.get("suspend") is True:
            yield Fault(f"{resource} is suspended and delivers nothing", Place(resource, ("spec", "suspend")))
        elif resource.group == FLUX_HELM and dig(resource.spec, "driftDetection", "mode") != "enabled":
            place = Place(resource, ("spec", "driftDetection", "mode"))
            yield Fault(f"{resource} leaves changes made by hand as they are: driftDetection is not enabled", place)
    else:
        yield NotApplicable("no application")


def path_exists(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The folder that an application delivers is in the repository, where that is the one that holds this tree."""
    resource = subject.resource
    flux = flux_source(resource, context.graph.index)
    sources = [source for source in (*argo_sources(resource), *([flux] if flux else [])) if source.path]
    if not sources:
        yield NotApplicable("it names no folder")
    for source in sources:
        yield from _absent_path(source, context)


def _absent_path(source: Source, context: RuleContext) -> Iterator[Outcome]:
    evidence = context.run.repository
    if any(mark in source.path + source.url for mark in _TEMPLATED):
        yield Unverifiable(f"the path of {source.resource} is filled in by a generator")
    elif evidence is None:
        yield Unverifiable(NO_REPOSITORY)
    elif not evidence.is_origin(source.url):
        yield Unverifiable(f"{source.resource} takes its manifests from another repository")
    elif evidence.has_path(source.path):
        return
    elif source.revision not in _OWN_REVISIONS:
        yield Unverifiable(f"{source.path} may be there at revision {source.revision}")
    else:
        yield Fault(
            f"{source.resource} delivers {source.path}, which is not in this repository",
            Place(source.resource, (*source.at, "path")),
            _where(source),
        )


def _where(source: Source) -> tuple[Note, ...]:
    if "repoURL" not in mapping(dig(source.resource.data, *source.at)):  # type: ignore[arg-type]
        return ()
    return (Note("this repository is its source", Place(source.resource, (*source.at, "repoURL"))),)
