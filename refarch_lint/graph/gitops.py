"""What GitOps controllers deliver: the sources that Argo CD and Flux objects name, with the places that name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from refarch_lint.graph.index import ResourceIndex
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, dig, mapping, sequence, text_of

ARGO = "argoproj.io"
FLUX_SOURCE = "source.toolkit.fluxcd.io"
FLUX_KUSTOMIZE = "kustomize.toolkit.fluxcd.io"
FLUX_HELM = "helm.toolkit.fluxcd.io"

#: Kinds whose objects make a controller keep the cluster as a repository describes it.
_DELIVERING = frozenset(
    {
        (ARGO, "Application"),
        (ARGO, "ApplicationSet"),
        (FLUX_KUSTOMIZE, "Kustomization"),
        (FLUX_HELM, "HelmRelease"),
        ("fleet.cattle.io", "GitRepo"),
        ("configsync.gke.io", "RootSync"),
        ("configsync.gke.io", "RepoSync"),
        ("kappctrl.k14s.io", "App"),
    }
)


class Source(NamedTuple):
    """Where manifests or a chart come from; `at` is the path of the source inside the object.

    Texts are empty where the field is absent; `chart` tells a chart from a folder of manifests.
    """

    resource: Resource
    at: Path
    url: str
    revision: str
    path: str
    chart: str


def delivers(resource: Resource) -> bool:
    """Tell whether a GitOps controller delivers what this object says."""
    return (resource.group, resource.kind) in _DELIVERING


def application_spec(resource: Resource) -> tuple[Path, dict[str, Any]] | None:
    """Return the path and data of an Argo CD application's spec, in an Application or an ApplicationSet's template."""
    if resource.group != ARGO:
        return None
    if resource.kind == "Application":
        return ("spec",), resource.spec
    if resource.kind == "ApplicationSet":
        return ("spec", "template", "spec"), mapping(dig(resource.spec, "template", "spec"))
    return None


def argo_sources(resource: Resource) -> Iterator[Source]:
    """Yield the sources of an Argo CD Application or ApplicationSet (argoproj.io/v1alpha1, ApplicationSource)."""
    found = application_spec(resource)
    if found is None:
        return
    root, spec = found
    single = spec.get("source")
    if isinstance(single, dict):
        yield _argo_source(resource, (*root, "source"), single)
    for index, item in enumerate(sequence(spec.get("sources"))):
        if isinstance(item, dict):
            yield _argo_source(resource, (*root, "sources", index), item)


def _argo_source(resource: Resource, at: Path, data: dict[str, Any]) -> Source:
    texts = (text_of(data.get(key)) for key in ("repoURL", "targetRevision", "path", "chart"))
    return Source(resource, at, *texts)


def flux_source(resource: Resource, index: ResourceIndex) -> Source | None:
    """Return the folder that a Flux Kustomization delivers from a GitRepository of the tree; None for other sources."""
    if (resource.group, resource.kind) != (FLUX_KUSTOMIZE, "Kustomization"):
        return None
    reference = mapping(resource.spec.get("sourceRef"))
    name = text_of(reference.get("name"))
    if reference.get("kind") != "GitRepository" or not name:
        return None
    namespace = text_of(reference.get("namespace")) or resource.namespace
    repository = index.find(FLUX_SOURCE, "GitRepository", namespace, name)
    if repository is None:
        return None
    ref = mapping(repository.spec.get("ref"))
    revision = next(
        (text_of(ref[key]) for key in ("commit", "name", "tag", "semver", "branch") if text_of(ref.get(key))), ""
    )
    return Source(
        resource, ("spec",), text_of(repository.spec.get("url")), revision, text_of(resource.spec.get("path")), ""
    )


def healing_application(resources: Iterable[Resource]) -> Resource | None:
    """Return the first object whose controller undoes changes made by hand: of Argo CD, or a Flux Kustomization."""
    for resource in resources:
        if (found := application_spec(resource)) is not None:
            if dig(found[1], "syncPolicy", "automated", "selfHeal") is True:
                return resource
        elif (resource.group, resource.kind) == (FLUX_KUSTOMIZE, "Kustomization") and not resource.spec.get("suspend"):
            return resource
    return None
