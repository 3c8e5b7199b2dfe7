"""GitOps objects that a repository keeps outside the manifests that were read."""

from __future__ import annotations

import re

from refarch_lint.evaluate.evidence.tree import FileTree
from refarch_lint.location import Location
from refarch_lint.regex import regex

_PATTERNS = (
    "**argo*/**.yaml", "**argo*/**.yml", "**argo*.yaml", "**argo*.yml", "**flux*/**.yaml", "**flux*/**.yml",
    "**flux*.yaml", "**gitops/**.yaml", "**gitops/**.yml", "**gitops*.yaml", "clusters/**.yaml", "clusters/**.yml",
    "**application.yaml", "**applicationset.yaml", "**applications/**.yaml", "**apps/**.yaml", "**delivery*.yaml",
    "**cicd/**.yaml", "fleet.yaml",
)  # fmt: skip
_LIMIT = 500
_OBJECT = regex(
    r"^apiVersion:\s*[\"']?(?P<group>argoproj\.io/|kustomize\.toolkit\.fluxcd\.io/|helm\.toolkit\.fluxcd\.io/"
    r"|fleet\.cattle\.io/|configsync\.gke\.io/)",
    re.MULTILINE,
)
_KIND = regex(
    r"^kind:\s*[\"']?(?:Application|ApplicationSet|Kustomization|HelmRelease|GitRepo|RootSync|RepoSync)[\"']?\s*(?:#.*)?$",
    re.MULTILINE,
)


def gitops_file(tree: FileTree) -> Location | None:
    """Return where the first GitOps object stands among the files that are named after such objects, or None."""
    for file in tree.matching(_PATTERNS)[:_LIMIT]:
        text = tree.text(file)
        found = _OBJECT.search(text)
        if found is not None and _KIND.search(text):
            line = text.count("\n", 0, found.start()) + 1
            return Location.of_line(file, line)
    return None
