"""Everything that the repository around the scanned path shows, gathered by reading files and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from refarch_lint.evaluate.evidence.origin import origin_of, repository_key, repository_root
from refarch_lint.evaluate.evidence.pipelines import Pipeline, Step, pipelines_of
from refarch_lint.evaluate.evidence.steps import StepKind
from refarch_lint.evaluate.evidence.topics import TopicDocument, documents_of
from refarch_lint.evaluate.evidence.tree import FileTree, list_files


class RepositoryEvidence(NamedTuple):
    """What a repository shows. Locations name files from its root. `origin` has no credentials.

    `documents` has every topic: `architecture`, `runbooks`, `deployment`, `owners`, `restore`.
    """

    tree: FileTree
    origin: str | None
    pipelines: tuple[Pipeline, ...]
    documents: Mapping[str, tuple[TopicDocument, ...]]

    def steps(self, kind: StepKind) -> tuple[Step, ...]:
        """Return the steps of one kind over all pipelines, in the order of the files."""
        return tuple(step for pipeline in self.pipelines for step in pipeline.of_kind(kind))

    def is_origin(self, url: str) -> bool:
        """Tell whether an address is this repository's own `origin`, however it is spelt."""
        key = repository_key(url)
        return key is not None and self.origin is not None and key == repository_key(self.origin)

    def has_path(self, path: str) -> bool:
        """Tell whether a file or folder of that path, from the root, is in the repository."""
        return self.tree.has(path)


def gather(start: Path, settings: Mapping[str, tuple[str, ...]]) -> RepositoryEvidence | None:
    """Return the evidence of the repository that holds `start` (the nearest `.git` upwards), or None without one.

    Documents and pipelines are looked for from the root and from every folder between it and `start`, so that a part of
    a large repository may keep its own. `settings` adds globs, from the root, to a topic (`architecture`, `runbooks`,
    `deployment`, `owners`, `restore`) or to `pipelines`. Nothing is executed, no link is followed, and the number of
    files is bounded.
    """
    root = repository_root(start)
    if root is None:
        return None
    tree = list_files(root)
    folders = _folders(root, start)
    return RepositoryEvidence(
        tree,
        origin_of(root),
        pipelines_of(tree, settings.get("pipelines", ()), folders),
        documents_of(tree, settings, folders),
    )


def _folders(root: Path, start: Path) -> tuple[str, ...]:
    folder = (start if start.is_dir() else start.parent).resolve()
    parts = folder.relative_to(root).parts
    return tuple("".join(f"{part}/" for part in parts[:count]) for count in range(len(parts) + 1))
