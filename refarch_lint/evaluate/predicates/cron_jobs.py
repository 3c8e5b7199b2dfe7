"""CronJobs: whether they ever run, are started in time, and run one at a time.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject, Unverifiable
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource, dig
from refarch_lint.model.schedule import Schedule, parse_schedule
from refarch_lint.severity import Severity

#: The CronJob controller looks for due jobs every so many seconds (CronJob API reference, startingDeadlineSeconds).
_CONTROLLER_PERIOD = 10
#: A job that runs more seldom is hardly still at work when it is due again.
_OFTEN = timedelta(hours=1)


def runs(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A CronJob runs at some time, its controller is in time for it, and a slow run does not pile up."""
    job, spec = subject.resource, subject.resource.spec
    if job in context.run.backup_jobs and context.run.runs("backup-schedule-valid"):
        yield NotApplicable("backup-schedule-valid tells")
        return
    try:
        schedule = parse_schedule(str(spec.get("schedule")))
    except ValueError:
        yield Unverifiable(f"{job}: its schedule cannot be read")
        return
    if not schedule.ever_fires:
        message = f"{job} never runs: no date matches its schedule {schedule.text}"
        yield Fault(message, subject.place("spec", "schedule"))
        return
    if spec.get("suspend") is True:
        yield Fault(f"{job} is suspended: it does not run", subject.place("spec", "suspend"), severity=Severity.INFO)
        return
    yield from missed_starts(job, Severity.WARNING)
    yield from _overlaps(job, schedule, subject)


def missed_starts(job: Resource, severity: Severity | None = None) -> Iterator[Fault]:
    """Yield the deadline of a CronJob that is over before its controller looks for due jobs again."""
    deadline = job.spec.get("startingDeadlineSeconds")
    if isinstance(deadline, int) and not isinstance(deadline, bool) and deadline < _CONTROLLER_PERIOD:
        yield Fault(
            f"{job} may never start: startingDeadlineSeconds is {deadline}, but due jobs are looked for every "
            f"{_CONTROLLER_PERIOD} seconds",
            Place(job, ("spec", "startingDeadlineSeconds")),
            severity=severity,
        )


def overlapping(job: Resource) -> str:
    """Return in words by which policy a CronJob lets one run begin beside another, an empty text where it does not."""
    policy = job.spec.get("concurrencyPolicy")
    if policy not in (None, "", "Allow"):
        return ""
    return "concurrencyPolicy is Allow" if policy else "concurrencyPolicy is not set, which means Allow"


def _overlaps(job: Resource, schedule: Schedule, subject: Subject) -> Iterator[Outcome]:
    policy, interval = overlapping(job), schedule.interval
    if not policy or interval is None or interval > _OFTEN:
        return
    template = ("jobTemplate", "spec")
    limits = (
        dig(job.spec, *template, "activeDeadlineSeconds"),
        dig(job.spec, *template, "template", "spec", "activeDeadlineSeconds"),
    )
    if any(isinstance(limit, int) and limit <= interval.total_seconds() for limit in limits):
        return
    yield Fault(
        f"{job} is due every {interval.total_seconds() / 60:g} minutes, and a run that takes longer goes on beside the "
        f"next: {policy}",
        subject.place("spec", "concurrencyPolicy"),
        severity=Severity.INFO,
    )
