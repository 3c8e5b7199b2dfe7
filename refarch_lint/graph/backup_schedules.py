"""Objects of operators that back datastores up: their schedules, what they cover, and for how long they keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from refarch_lint.graph.place import Place
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.regex import regex

CNPG = "postgresql.cnpg.io"
VELERO = "velero.io"
KASTEN = "config.kio.kasten.io"


class Timing(NamedTuple):
    """When something runs: the place and the value as written; `with_seconds` asks for six fields."""

    place: Place
    value: Any
    with_seconds: bool = False


class BackupSchedule(NamedTuple):
    """An object that makes backups again and again; `suspended` is the field that stops it."""

    resource: Resource
    timings: tuple[Timing, ...]
    suspended: Place | None = None


class Stanza(NamedTuple):
    """A scheduled backup inside a datastore's own object.

    `is_bounded` tells whether old backups are removed, None where the object does not say; `retention` is the place
    that would say so.
    """

    timing: Timing
    is_bounded: bool | None
    retention: Place


_BACKS_UP = regex(r"Backup|Snapshot|ReplicationSource")
_ONE_OFF = frozenset({"VolumeSnapshot", "VolumeSnapshotClass", "VolumeSnapshotContent", "VolumeGroupSnapshot"})


def backup_schedules(resources: tuple[Resource, ...]) -> tuple[BackupSchedule, ...]:
    """Return the objects that schedule backups, in reading order: of Velero, CloudNativePG, K8up and their kin."""
    return tuple(found for resource in resources if (found := _schedule(resource)) is not None)


def _schedule(resource: Resource) -> BackupSchedule | None:
    spec, key = resource.spec, (resource.group, resource.kind)
    if key == (VELERO, "Schedule"):
        return BackupSchedule(
            resource, (Timing(Place(resource, ("spec", "schedule")), spec.get("schedule")),), _off(resource)
        )
    if key == (CNPG, "ScheduledBackup"):
        timing = Timing(Place(resource, ("spec", "schedule")), spec.get("schedule"), True)
        return BackupSchedule(resource, (timing,), _off(resource))
    if resource.kind == "Schedule" and resource.group in ("k8up.io", "backup.appuio.ch"):
        path: Path = ("spec", "backup", "schedule")
        return BackupSchedule(
            resource, (Timing(Place(resource, path), dig(spec, "backup", "schedule")),), _off(resource)
        )
    if key == (KASTEN, "Policy"):
        saves = any(mapping(action).get("action") == "backup" for action in sequence(spec.get("actions")))
        return BackupSchedule(resource, (), _off(resource)) if saves else None
    if not _is_generic(resource):
        return None
    timings = tuple(_timings(resource, spec, ("spec",)))
    return BackupSchedule(resource, timings, _off(resource)) if timings else None


def _is_generic(resource: Resource) -> bool:
    native = resource.group == "" or resource.group in ("apps", "batch") or resource.group.endswith("storage.k8s.io")
    return bool(_BACKS_UP.search(resource.kind)) and not native and resource.kind not in _ONE_OFF


def _off(resource: Resource) -> Place | None:
    for field in ("suspend", "paused", "suspended"):
        if resource.spec.get(field) is True:
            return Place(resource, ("spec", field))
    return None


def _timings(resource: Resource, data: Any, path: Path, depth: int = 0) -> Iterator[Timing]:
    if depth > 6:
        return
    for key, value in mapping(data).items():
        if key in ("schedule", "cron", "cronSchedule") and isinstance(value, str):
            yield Timing(Place(resource, (*path, key)), value)
        else:
            yield from _timings(resource, value, (*path, key), depth + 1)
    for index, item in enumerate(sequence(data)):
        yield from _timings(resource, item, (*path, index), depth + 1)


def mentions(data: Any, names: frozenset[str], depth: int = 0) -> bool:
    """Tell whether a value below `data` is one of the names."""
    if depth > 12:
        return False
    if isinstance(data, str):
        return data in names
    if isinstance(data, dict):
        return any(mentions(value, names, depth + 1) for value in data.values())
    return isinstance(data, list) and any(mentions(item, names, depth + 1) for item in data)


def stanzas(resource: Resource) -> tuple[Stanza, ...]:
    """Return the scheduled backups that a datastore's own object asks its operator for."""
    read = _STANZAS.get((resource.group, resource.kind))
    return tuple(read(resource)) if read is not None else ()


def _crunchy(resource: Resource) -> Iterator[Stanza]:
    base: Path = ("spec", "backups", "pgbackrest")
    options = mapping(dig(resource.data, *base, "global"))  # type: ignore[arg-type]
    for index, repo in enumerate(sequence(dig(resource.data, *base, "repos"))):  # type: ignore[arg-type]
        name = mapping(repo).get("name")
        bounded = any(isinstance(key, str) and key.startswith(f"{name}-retention-") for key in options)
        for kind, text in mapping(mapping(repo).get("schedules")).items():
            if kind == "full":
                place = Place(resource, (*base, "repos", index, "schedules", kind))
                yield Stanza(Timing(place, text), bounded, place)


def _percona_xtradb(resource: Resource) -> Iterator[Stanza]:
    yield from _listed(resource, ("spec", "backup", "schedule"), "schedule", _keeps)


def _percona_mongodb(resource: Resource) -> Iterator[Stanza]:
    if dig(resource.spec, "backup", "enabled") is not False:
        yield from _listed(resource, ("spec", "backup", "tasks"), "schedule", _keeps)


def _innodb(resource: Resource) -> Iterator[Stanza]:
    yield from _listed(resource, ("spec", "backupSchedules"), "schedule", lambda _: None)


def _scylla(resource: Resource) -> Iterator[Stanza]:
    yield from _listed(resource, ("spec", "backups"), "cron", lambda _: True)


def _zalando(resource: Resource) -> Iterator[Stanza]:
    if resource.spec.get("enableLogicalBackup") is True:
        place = Place(resource, ("spec", "enableLogicalBackup"))
        text = resource.spec.get("logicalBackupSchedule", "30 00 * * *")
        yield Stanza(Timing(Place(resource, ("spec", "logicalBackupSchedule")), text), None, place)


def _listed(
    resource: Resource, path: Path, field: str, bounded: Callable[[dict[str, Any]], bool | None]
) -> Iterator[Stanza]:
    for index, item in enumerate(sequence(dig(resource.data, *path))):  # type: ignore[arg-type]
        entry = mapping(item)
        if entry.get("enabled") is not False:
            text = entry.get(field, entry.get("interval", "@daily"))
            timing = Timing(Place(resource, (*path, index, field)), text)
            yield Stanza(timing, bounded(entry), Place(resource, (*path, index)))


def _keeps(entry: dict[str, Any]) -> bool:
    amount = entry.get("keep", dig(entry, "retention", "count"))
    return isinstance(amount, int) and amount > 0


_STANZAS: Mapping[tuple[str, str], Callable[[Resource], Iterator[Stanza]]] = {
    ("postgres-operator.crunchydata.com", "PostgresCluster"): _crunchy,
    ("pxc.percona.com", "PerconaXtraDBCluster"): _percona_xtradb,
    ("psmdb.percona.com", "PerconaServerMongoDB"): _percona_mongodb,
    ("mysql.oracle.com", "InnoDBCluster"): _innodb,
    ("scylla.scylladb.com", "ScyllaCluster"): _scylla,
    ("acid.zalan.do", "postgresql"): _zalando,
}
