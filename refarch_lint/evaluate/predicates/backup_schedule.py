"""Schedules of backups: they can be read, they come, they are not suspended, and runs do not overlap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.predicates.cron_jobs import missed_starts, overlapping
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject
from refarch_lint.graph.backup_schedules import CNPG, VELERO, Timing, stanzas
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource
from refarch_lint.model.schedule import Schedule, parse_schedule
from refarch_lint.regex import regex
from refarch_lint.severity import Severity

_TIME_ZONE = regex(r"^(?:CRON_)?TZ=\S+\s+")
_SECONDS = regex(r"(?:\*|[0-5]?\d)(?:[-/,](?:[0-5]?\d))*(?:/\d+)?")
_RANDOM = regex(r"@(?:hourly|daily|weekly|monthly|yearly)-random")
_CRON_GROUPS = frozenset({VELERO, CNPG, "k8up.io", "backup.appuio.ch", "volsync.backube", "snapscheduler.backube"})


def valid(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The schedule of a backup brings a run about."""
    resource = subject.resource
    schedule = context.graph.backup_schedule(resource)
    if resource.kind == "CronJob" and resource in context.run.backup_jobs:
        yield from _cron_job(resource)
    elif schedule is not None:
        if schedule.suspended is not None:
            how = "paused" if schedule.suspended.path[-1] == "paused" else "suspended"
            yield Fault(f"{resource} is {how}: it makes no backup", schedule.suspended)
        if resource.group in _CRON_GROUPS:
            for timing in schedule.timings:
                yield from _timing(resource, timing)
    elif found := stanzas(resource):
        for stanza in found:
            yield from _timing(resource, stanza.timing)
    else:
        yield NotApplicable("it schedules no backup")


def _cron_job(resource: Resource) -> Iterator[Fault]:
    spec = resource.spec
    yield from _timing(resource, Timing(Place(resource, ("spec", "schedule")), spec.get("schedule")))
    if spec.get("suspend") is True:
        yield Fault(f"{resource} is suspended: it makes no backup", Place(resource, ("spec", "suspend")))
    yield from missed_starts(resource)
    if policy := overlapping(resource):
        text = f"two runs of {resource} may write at the same time: {policy}"
        yield Fault(text, Place(resource, ("spec", "concurrencyPolicy")), severity=Severity.WARNING)


def _timing(resource: Resource, timing: Timing) -> Iterator[Fault]:
    if timing.value is None:
        return
    try:
        schedule = _parsed(timing)
    except ValueError as cause:
        yield Fault(f"{resource} has a schedule that cannot be read: {cause}", timing.place)
        return
    if schedule is not None and not schedule.ever_fires:
        yield Fault(f"{resource} never runs: no date matches its schedule {timing.value}", timing.place)


def _parsed(timing: Timing) -> Schedule | None:
    """Return the schedule of a timing, None for one that its operator draws by lot. Raises ValueError."""
    value: Any = timing.value
    if not isinstance(value, str):
        raise ValueError("it is no text")
    if _RANDOM.fullmatch(value):
        return None
    if timing.place.resource.kind != "CronJob":
        value = _TIME_ZONE.sub("", value)
    if timing.with_seconds and not value.startswith("@"):
        seconds, _, rest = value.partition(" ")
        if len(value.split()) != 6:
            found = len(value.split())
            raise ValueError(
                f"expected 6 fields (second, minute, hour, day of month, month, day of week), found {found}"
            )
        if not _SECONDS.fullmatch(seconds):
            raise ValueError(f"second: {seconds!r} is not between 0 and 59")
        value = rest
    return parse_schedule(value)
