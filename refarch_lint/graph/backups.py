"""Which workloads save data, on what schedule, and what they reach: the jobs among a tree's workloads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from refarch_lint.graph.backup_programs import BACKUP_IMAGE, Purpose, is_backup_tool, purposes, serves
from refarch_lint.graph.place import Place
from refarch_lint.graph.scripts import Script, Step
from refarch_lint.graph.storage import Volume, is_same_claim, volumes_of
from refarch_lint.graph.traffic import NeedStatus
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import ContainerType, Workload
from refarch_lint.regex import regex

if TYPE_CHECKING:
    from refarch_lint.graph.graph import ResourceGraph

_SAVES = regex(r"(?:^|[-_.])(?:backups?|dumps?|snapshots?)(?:$|[-_.])|backup|pgdump|mysqldump|mongodump", re.IGNORECASE)
_RESTORES = regex(r"restore|rehears|recover|verif|drill|prune|clean|retention|expire|purge|delete", re.IGNORECASE)
_COMPONENT = "app.kubernetes.io/component"


@dataclass(frozen=True, eq=False)
class BackupJob:
    """A workload that saves data, what its containers run, and why it is taken for a backup."""

    workload: Workload
    scripts: tuple[Script, ...]
    reason: str

    @property
    def resource(self) -> Resource:
        return self.workload.resource

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every command of every container, init containers first."""
        ordered = sorted(self.scripts, key=lambda script: script.container.type is not ContainerType.INIT)
        return tuple(step for script in ordered for step in script.steps)

    @cached_property
    def is_visible(self) -> bool:
        """Whether the tree shows what every container runs."""
        return all(script.is_visible for script in self.scripts)

    def does(self, purpose: Purpose) -> bool:
        """Tell whether a command of it has a purpose."""
        return any(serves(step.command, purpose) for step in self.steps)


class Saving(NamedTuple):
    """A datastore is saved by something: the place that shows it, and in words how."""

    place: Place
    how: str


def backup_jobs(graph: ResourceGraph) -> tuple[BackupJob, ...]:
    """Return the workloads of a tree that save data again and again, in reading order."""
    found = (backup_job(graph, workload) for workload in graph.workloads)
    return tuple(job for job in found if job is not None)


def backup_job(graph: ResourceGraph, workload: Workload, reason: str = "") -> BackupJob | None:
    """Return a workload as a backup, or None if it is none; with `reason` somebody else knows that it is.

    A CronJob is one by its name or label, or because it runs a program that dumps a datastore; one that restores,
    verifies or only removes is not. A workload that runs for ever is one by its image.
    """
    if workload.kind == "CronJob":
        scripts = _scripts(graph, workload)
        reason = reason or _names_backup(workload.resource) or _runs_backup(scripts)
        if reason and not _is_other(workload.resource, scripts):
            return BackupJob(workload, scripts, reason)
    elif not workload.runs_to_completion:
        for container in workload.containers:
            image = container.data.get("image")
            name = image.partition("@")[0].rpartition("/")[2] if isinstance(image, str) else ""
            named = container.type is ContainerType.REGULAR and BACKUP_IMAGE.search(name.partition(":")[0])
            if named and _may_save(graph.script(workload, container)):
                return BackupJob(workload, _scripts(graph, workload), f"image {name}")
    return None


def restore_jobs(graph: ResourceGraph) -> tuple[Workload, ...]:
    """Return the Jobs and CronJobs that bring a backup back: by name, by label or by what they run; none suspended."""
    found = []
    for workload in graph.workloads:
        if workload.kind not in ("CronJob", "Job") or workload.resource.spec.get("suspend") is True:
            continue
        resource = workload.resource
        named = re.search(r"restor|rehears|disaster-recovery|backup-verif|verify-backup", resource.name, re.IGNORECASE)
        labelled = resource.labels.get(_COMPONENT, "").startswith("restore")
        if named or labelled or _restores(_scripts(graph, workload)):
            found.append(workload)
    return tuple(found)


def savings(graph: ResourceGraph, job: BackupJob, datastore: Resource) -> Iterator[Saving]:
    """Yield what shows that a backup reaches a datastore: a connection, a shared claim, a command run in its pod."""
    for connection in graph.connections_of(job.resource):
        if connection.target is datastore:
            yield Saving(connection.need.place, f"{job.resource} connects to it ({connection.need.reason})")
    workload = graph.workload(datastore)
    for mine, theirs in shared_claims(job.workload, workload) if workload and workload is not job.workload else ():
        yield Saving(mine.place, f"{job.resource} mounts its {theirs}")
    pattern = _pod_pattern(datastore)
    for step in job.steps:
        if "exec" in step.command.words and "kubectl" in step.command.words[0] and pattern.search(step.command.text):
            yield Saving(step.place, f"{job.resource} runs a command in its pod")


def own_savings(graph: ResourceGraph, datastore: Workload) -> Iterator[Saving]:
    """Yield the containers of a datastore's own pods that save its data."""
    for container in datastore.containers:
        if container.type is ContainerType.INIT:
            continue
        image = container.data.get("image")
        name = image.partition("@")[0].rpartition("/")[2].partition(":")[0] if isinstance(image, str) else ""
        script = graph.script(datastore, container)
        runs = any(is_backup_tool(step.command) or serves(step.command, Purpose.DUMP) for step in script.steps)
        named = BACKUP_IMAGE.search(name) and "exporter" not in name
        if runs or (named and _may_save(script)):
            yield Saving(Place(datastore.resource, container.path), f"container {container.name} saves its data")
            continue
        for variable in graph.environment(datastore, container):
            if re.fullmatch(
                r"(?:USE_)?WAL[GE]?_(?:S3_BUCKET|S3_PREFIX|GS_\w+|AZ_\w+)|WALG_\w+_PREFIX|BACKUP_SCHEDULE", variable
            ):
                yield Saving(
                    Place(datastore.resource, (*container.path, "env")), f"{variable} of container {container.name}"
                )
                break


def _may_save(script: Script) -> bool:
    """Tell whether a container of an image named after backups may make one: no script of the tree shows otherwise."""
    if not (script.is_visible and script.is_shell):
        return True
    return any(BACKUP_IMAGE.search(step.command.program) for step in script.steps)


def shared_claims(one: Workload, other: Workload) -> Iterator[tuple[Volume, Volume]]:
    """Yield the volumes of two workloads that are the same claim."""
    mine = [volume for volume in volumes_of(one).values() if volume.claim is not None]
    theirs = [volume for volume in volumes_of(other).values() if volume.claim is not None] if mine else []
    yield from ((first, second) for first in mine for second in theirs if is_same_claim(first, second))


def hides_its_aim(graph: ResourceGraph, job: BackupJob) -> bool:
    """Tell whether a backup may reach more than the tree shows: a program inside its image, a host inside a Secret."""
    needs = graph.needs_by_source.get(job.resource, ())
    if any(need.status is NeedStatus.UNVERIFIABLE for need in needs):
        return True
    reads_volume = any(volume.claim is not None for volume in volumes_of(job.workload).values())
    return not graph.connected(job.resource) and (not job.is_visible or not (needs or reads_volume))


def _scripts(graph: ResourceGraph, workload: Workload) -> tuple[Script, ...]:
    return tuple(
        graph.script(workload, container)
        for container in workload.containers
        if container.type is not ContainerType.EPHEMERAL
    )


def _names_backup(resource: Resource) -> str:
    label = resource.labels.get(_COMPONENT, "")
    if label.startswith("backup"):
        return f"label {_COMPONENT}: {label}"
    return f"name {resource.name}" if _SAVES.search(resource.name) else ""


def _runs_backup(scripts: Iterable[Script]) -> str:
    for script in scripts:
        for step in script.steps:
            if serves(step.command, Purpose.DUMP) or is_backup_tool(step.command):
                return f"it runs {step.command.program}"
    return ""


def _is_other(resource: Resource, scripts: Iterable[Script]) -> bool:
    """Tell whether a job named after backups does something else with them: restore, verify, remove."""
    if resource.labels.get(_COMPONENT, "").startswith("restore"):
        return True
    saves = bool(_runs_backup(scripts))
    return not saves and (bool(_RESTORES.search(resource.name)) or _restores(scripts))


def _restores(scripts: Iterable[Script]) -> bool:
    everything = [purposes(step.command) for script in scripts for step in script.steps]
    restoring = any(Purpose.RESTORE in found for found in everything)
    return restoring and not any(Purpose.DUMP in found for found in everything)


def _pod_pattern(datastore: Resource) -> re.Pattern[str]:
    name = re.escape(datastore.name)
    return re.compile(rf"(?:^|[\s/='\"]){name}(?:-\d+|-\$\S+)?(?:$|[\s'\"])")
