"""Finished Jobs go away by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject

_LIMITS = ("successfulJobsHistoryLimit", "failedJobsHistoryLimit")
_HOOKS = ("helm.sh/hook", "argocd.argoproj.io/hook")


def bounded(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A CronJob keeps few finished Jobs (3 and 1 by default), a Job of its own has a time to live."""
    resource = subject.resource
    if resource.kind == "CronJob":
        most = context.parameter("max_job_history", subject)
        for field in _LIMITS:
            limit = resource.spec.get(field)
            if isinstance(limit, int) and not isinstance(limit, bool) and limit > most.value:
                text = f"{resource} keeps {limit} finished Jobs ({field}), at most {most.value} by {most.origin}"
                yield Fault(text, subject.place("spec", field))
    elif any(hook in resource.annotations for hook in _HOOKS) or "ownerReferences" in resource.metadata:
        yield NotApplicable("what started it removes it")
    elif resource.spec.get("ttlSecondsAfterFinished") is None:
        text = f"{resource} stays for ever once it is finished: it has no ttlSecondsAfterFinished"
        yield Fault(text, subject.place("spec", "ttlSecondsAfterFinished"))
