"""Pipelines that take their steps from elsewhere, where they cannot be read: remote templates and shared libraries."""

from __future__ import annotations

import re

from refarch_lint.evaluate.evidence.pipelines import Pipeline
from refarch_lint.evaluate.evidence.tree import FileTree
from refarch_lint.regex import regex

_ELSEWHERE = {
    "GitLab CI": regex(
        r"""^\s*-?\s*(?:project|remote|component)\s*:\s*\S|^\s*(?:include\s*:|-)\s*["']?https?://""", re.MULTILINE
    ),
    "GitHub Actions": regex(r"""^\s*(?:-\s+)?uses\s*:\s*["']?(?!\./)[^\s"']+\.github/workflows/""", re.MULTILINE),
    "Azure Pipelines": regex(r"^\s*-?\s*template\s*:\s*\S+@\S+", re.MULTILINE),
    "Jenkins": regex(r"^\s*@Library\b|^\s*library\s*[('\"]", re.MULTILINE),
    "CircleCI": regex(r"^\s*setup\s*:\s*true", re.MULTILINE),
}


def delegates(tree: FileTree, pipeline: Pipeline) -> bool:
    """Tell whether a pipeline of the repository runs steps that other repositories define."""
    pattern = _ELSEWHERE.get(pipeline.system)
    return pattern is not None and pattern.search(tree.text(pipeline.name)) is not None
