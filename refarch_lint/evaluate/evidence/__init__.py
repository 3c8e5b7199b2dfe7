"""What only the repository around the manifests can show: pipelines, documents, owners, its origin."""

from __future__ import annotations

from refarch_lint.evaluate.evidence.gathering import RepositoryEvidence, gather
from refarch_lint.evaluate.evidence.origin import repository_key
from refarch_lint.evaluate.evidence.pipelines import Pipeline, Step
from refarch_lint.evaluate.evidence.steps import StepKind
from refarch_lint.evaluate.evidence.topics import TopicDocument
from refarch_lint.evaluate.evidence.workflows import pipelines_in

__all__ = [
    "Pipeline",
    "RepositoryEvidence",
    "Step",
    "StepKind",
    "TopicDocument",
    "gather",
    "pipelines_in",
    "repository_key",
]
