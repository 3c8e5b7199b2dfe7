"""Old backups are removed: by the job that makes new ones, by a job beside it, or by the operator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject, Unverifiable
from refarch_lint.graph.backup_programs import Purpose, serves
from refarch_lint.graph.backup_schedules import CNPG, VELERO, stanzas
from refarch_lint.graph.backup_targets import unexpanded, written
from refarch_lint.graph.backups import BackupJob
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.place import Place
from refarch_lint.graph.storage import Volume
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.regex import regex

_SETTING = regex(
    r"RETENTION|(?:^|_)KEEP(?:_|$)|(?:^|_)PRUNE|EXPIR|ROTAT|MAX_BACKUPS|OLDER_THAN|DAYS_TO_KEEP|HISTORY|(?:^|_)TTL(?:_|$)",
    re.I,
)
_KEEPS = regex(r"retain|retention|keep|ttl|prune|expire", re.IGNORECASE)
_KEEPS_ALL = regex(r"^(?:restic|rustic|borg|wal-g|wal-e)\b")
_BARMAN_CLOUD = "barmancloud.cnpg.io"


def retained(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """What a backup makes again and again does not pile up for ever."""
    resource = subject.resource
    job = context.run.backup_jobs.get(resource)
    if job is not None and resource.kind == "CronJob":
        yield from _job(job, context.graph)
    elif (resource.group, resource.kind) in ((CNPG, "Cluster"), (_BARMAN_CLOUD, "ObjectStore")):
        yield from _cloud_native_pg(resource)
    elif found := stanzas(resource):
        for stanza in found:
            if stanza.is_bounded is None:
                yield Unverifiable(f"how long the operator of {resource} keeps backups is not in the tree")
            elif not stanza.is_bounded:
                yield Fault(f"{resource} keeps every backup: the schedule has no limit", stanza.retention)
    elif context.graph.backup_schedule(resource) is not None:
        yield from _schedule(resource)
    else:
        yield NotApplicable("it makes no backups")


def _job(job: BackupJob, graph: ResourceGraph) -> Iterator[Outcome]:
    if (literal := unexpanded(job)) is not None:
        text = f"{job.resource} overwrites its last backup on every run: no shell replaces $(date …) in its command"
        yield Fault(text, literal.place)
        return
    if job.does(Purpose.PRUNE) or _is_set(job, graph):
        return
    piling: Volume | None = None
    remote = False
    for item in written(job):
        if item.is_remote:
            remote = remote or item.is_dated or _KEEPS_ALL.search(item.step.command.text) is not None
            if _KEEPS_ALL.search(item.step.command.text):
                text = f"{job.resource} adds a backup on every run ({item.step.command.program}) and removes none"
                yield Fault(text, item.step.place)
                return
        elif item.is_dated and item.volume is not None and not item.volume.vanishes:
            piling = item.volume
            if not _pruned_elsewhere(job, piling, graph):
                text = f"{job.resource} writes a file of a new name to {piling} on every run and removes none"
                yield Fault(text, item.step.place)
                return
    if remote:
        yield Unverifiable(f"how long the store that {job.resource} writes to keeps its objects is not in the tree")
    elif not job.is_visible and piling is None:
        yield Unverifiable(f"what {job.resource} removes is inside its image")


def _is_set(job: BackupJob, graph: ResourceGraph) -> bool:
    """Tell whether a variable or an argument of the job says how long backups are kept."""
    for script in job.scripts:
        if any(_SETTING.search(name) for name in graph.environment(job.workload, script.container)):
            return True
        words = [*sequence(script.container.data.get("command")), *sequence(script.container.data.get("args"))]
        if any(isinstance(word, str) and word.startswith("--") and _KEEPS.search(word) for word in words):
            return True
    return False


def _pruned_elsewhere(job: BackupJob, volume: Volume, graph: ResourceGraph) -> bool:
    """Tell whether another job that mounts the same claim removes files."""
    if volume.claim is None:
        return False
    for mount in graph.mounts_of(volume.claim):
        workload = graph.workload(mount.resource)
        if workload is None or workload is job.workload:
            continue
        for container in workload.containers:
            if any(serves(step.command, Purpose.PRUNE) for step in graph.script(workload, container).steps):
                return True
    return False


def _cloud_native_pg(resource: Resource) -> Iterator[Outcome]:
    if resource.kind == "Cluster":
        backup = mapping(resource.spec.get("backup"))
        if "barmanObjectStore" not in backup:
            yield NotApplicable("its backups are kept elsewhere")
        elif not backup.get("retentionPolicy"):
            place = Place(resource, ("spec", "backup", "retentionPolicy"))
            yield Fault(f"{resource} keeps every backup: spec.backup.retentionPolicy is not set", place)
    elif not resource.spec.get("retentionPolicy"):
        place = Place(resource, ("spec", "retentionPolicy"))
        yield Fault(f"{resource} keeps every backup: spec.retentionPolicy is not set", place)


def _schedule(resource: Resource) -> Iterator[Outcome]:
    """Judge the schedule of an operator; Velero removes after 30 days where no `ttl` is written."""
    if resource.group == VELERO or (resource.group, resource.kind) == (CNPG, "ScheduledBackup"):
        if resource.group == CNPG:
            yield NotApplicable("its Cluster says how long backups are kept")
        return
    if resource.kind == "SnapshotSchedule":
        retention = mapping(resource.spec.get("retention"))
        if not (retention.get("expires") or retention.get("maxCount")):
            place = Place(resource, ("spec", "retention"))
            yield Fault(f"{resource} keeps every snapshot: spec.retention has no limit", place)
    elif resource.kind == "Schedule":
        if not dig(resource.spec, "prune", "retention"):
            yield Fault(f"{resource} keeps every backup: spec.prune is not set", Place(resource, ("spec", "prune")))
    elif not _says_how_long(resource.spec):
        yield Unverifiable(f"how long {resource} keeps backups is not in the tree")


def _says_how_long(data: Any, depth: int = 0) -> bool:
    if depth > 8:
        return False
    if isinstance(data, dict):
        return any(
            (isinstance(key, str) and _KEEPS.search(key) and value not in (None, 0, "", {}))
            or _says_how_long(value, depth + 1)
            for key, value in data.items()
        )
    return any(_says_how_long(item, depth + 1) for item in sequence(data))
