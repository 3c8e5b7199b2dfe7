"""Objects that install a chart whose objects the tree does not show: Flux, Argo CD and k3s."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from refarch_lint.graph.index import ResourceIndex
from refarch_lint.model.resource import Resource, dig, mapping, sequence


class Installation(NamedTuple):
    """A chart that something in the tree installs: the namespace it goes to, and the names by which it is known."""

    resource: Resource
    namespace: str
    names: tuple[str, ...]

    def is_about(self, words: Iterable[str]) -> bool:
        """Tell whether a name of the chart or of its release has one of these words in it."""
        return any(word in name.lower() for word in words for name in self.names)


def installations(index: ResourceIndex) -> Iterator[Installation]:
    """Yield the charts that the tree installs, in reading order by kind.

    An Argo CD Application counts only with a chart: one that points at a path deploys manifests, often these very ones.
    """
    for release in index.of_kind("HelmRelease"):
        spec = release.spec
        chart = dig(spec, "chart", "spec", "chart") or dig(spec, "chart", "name") or dig(spec, "chartRef", "name")
        yield _installation(release, spec.get("targetNamespace"), (spec.get("releaseName"), chart))
    for release in index.of_kind("HelmChart"):
        yield _installation(release, release.spec.get("targetNamespace"), (release.spec.get("chart"),))
    for kind in ("Application", "ApplicationSet"):
        for release in index.of_kind(kind, "argoproj.io"):
            spec = release.spec if kind == "Application" else mapping(dig(release.spec, "template", "spec"))
            sources = [mapping(spec.get("source")), *map(mapping, sequence(spec.get("sources")))]
            charts = [source.get("chart") for source in sources if source.get("chart")]
            if charts:
                yield _installation(release, dig(spec, "destination", "namespace"), tuple(charts))


def _installation(release: Resource, namespace: object, names: Iterable[object]) -> Installation:
    where = namespace if isinstance(namespace, str) and namespace else release.namespace
    return Installation(release, where, (release.name, *(name for name in names if isinstance(name, str) and name)))
