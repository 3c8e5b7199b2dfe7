"""Rolling back: what keeps a workload from returning to the version before."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.model.image import LATEST, parse_image

_WITH_HISTORY = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Rollout"})
#: The greatest number that the field holds, by which kubectl means no deadline.
_NO_DEADLINE = 2**31 - 1


def possible(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A workload keeps its old versions, names images that stay what they are, and notices a rollout that fails."""
    workload, spec = subject.pods, subject.resource.spec
    if workload.kind not in _WITH_HISTORY:
        yield NotApplicable("it keeps no versions")
        return
    limit = spec.get("revisionHistoryLimit")
    if limit == 0 and not isinstance(limit, bool):
        yield Fault(
            f"{workload} keeps no earlier version to return to: revisionHistoryLimit is 0",
            subject.place("spec", "revisionHistoryLimit"),
        )
    if spec.get("progressDeadlineSeconds") == _NO_DEADLINE:
        yield Fault(
            f"{workload} never reports a rollout that hangs: progressDeadlineSeconds is {_NO_DEADLINE}, no deadline",
            subject.place("spec", "progressDeadlineSeconds"),
        )
    if workload.kind == "Deployment" and spec.get("paused") is True:
        yield Fault(
            f"{workload} is paused, and a paused Deployment cannot be rolled back", subject.place("spec", "paused")
        )
    yield from _moving_images(subject, context)


def _moving_images(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Blame tags that move by their meaning, which image-pinned tells where it runs."""
    if context.run.runs("image-pinned"):
        return
    moving = context.parameter("moving_tags", subject).value
    for container in subject.pods.containers:
        image = container.data.get("image")
        parsed = parse_image(image) if isinstance(image, str) else None
        if parsed is None or parsed.digest is not None or parsed.effective_tag not in (LATEST, *moving):
            continue
        yield Fault(
            f"{subject.pods}: container {container.name} runs {parsed.familiar}, and tag {parsed.effective_tag} moves: "
            "an earlier version of the workload would start the same image",
            Place(subject.resource, (*container.path, "image")),
        )
