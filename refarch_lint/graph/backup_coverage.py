"""Which datastore is saved by which schedule of an operator, and what falls short of saving it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from refarch_lint.graph.backup_schedules import CNPG, KASTEN, VELERO, BackupSchedule, mentions, stanzas
from refarch_lint.graph.backups import Saving
from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.place import Place
from refarch_lint.graph.storage import Backing, Volume, volumes_of
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.selector import parse_selector
from refarch_lint.model.workload import Workload
from refarch_lint.wildcards import fits_glob

_VOLUME_KINDS = frozenset(
    {"*", "*.*", "persistentvolumeclaims", "persistentvolumeclaim", "pvc", "pvcs", "pods", "pod", "po"}
)
_CLAIM_KINDS = frozenset(
    {"*", "persistentvolumeclaims", "persistentvolumeclaim", "pvc", "pvcs", "persistentvolumes", "pv"}
)


class Shortfall(NamedTuple):
    """What looks like a backup of a datastore and is none: where, why, and whether that is the thing to mend."""

    place: Place
    message: str
    is_cause: bool = True


def schedule_savings(
    index: ResourceIndex, schedules: tuple[BackupSchedule, ...], datastore: Resource, workload: Workload | None
) -> Iterator[Saving | Shortfall]:
    """Yield how schedules of operators save a datastore, and what falls short of it. A suspended one counts."""
    if (datastore.group, datastore.kind) == (CNPG, "Cluster"):
        yield from _cloud_native_pg(index, datastore)
    for stanza in stanzas(datastore):
        yield Saving(stanza.timing.place, f"{datastore} schedules backups of its own")
    volumes = list(volumes_of(workload).values()) if workload else []
    for schedule in schedules:
        if schedule.resource.group == VELERO:
            yield from _velero(schedule.resource, datastore, workload, volumes)
        elif schedule.resource.group != CNPG:
            yield from _other(index, schedule.resource, datastore, workload, volumes)


def _cloud_native_pg(index: ResourceIndex, cluster: Resource) -> Iterator[Saving | Shortfall]:
    plugins = [name for item in sequence(cluster.spec.get("plugins")) if (name := _enabled_plugin(item))]
    backup = mapping(cluster.spec.get("backup"))
    scheduled = [
        item
        for item in index.of_kind("ScheduledBackup", CNPG)
        if item.namespace == cluster.namespace and dig(item.spec, "cluster", "name") == cluster.name
    ]
    for item in scheduled:
        method = item.spec.get("method", "barmanObjectStore")
        plugin = dig(item.spec, "pluginConfiguration", "name")
        if (method == "plugin" and plugin in plugins) or (method != "plugin" and method in backup):
            yield Saving(Place(item, ("spec", "cluster", "name")), f"{item} saves it")
        else:
            wanted = f"plugin {plugin}" if method == "plugin" else f"spec.backup.{method}"
            text = f"{item} backs up {cluster} by method {method}, but {cluster} has no {wanted}"
            yield Shortfall(Place(item, ("spec", "method" if "method" in item.spec else "cluster")), text)
    path: Path | None = None
    if "barmanObjectStore" in backup:
        path = ("spec", "backup", "barmanObjectStore")
    elif any("barman" in name for name in plugins):
        path = ("spec", "plugins")
    if path is not None and not scheduled:
        text = (
            f"{cluster} archives its write-ahead log, but no ScheduledBackup makes the base backup that a restore "
            "begins with"
        )
        yield Shortfall(Place(cluster, path), text)


def _enabled_plugin(item: Any) -> str:
    plugin = mapping(item)
    name = plugin.get("name")
    return name if isinstance(name, str) and plugin.get("enabled") is not False else ""


def _velero(
    schedule: Resource, datastore: Resource, workload: Workload | None, volumes: list[Volume]
) -> Iterator[Saving | Shortfall]:
    template = mapping(schedule.spec.get("template"))
    if not _covers_namespace(template, datastore.namespace) or not _selects(template, datastore, workload):
        return
    lasting = [volume for volume in volumes if volume.lasts]
    if workload is not None and not lasting:
        return
    copies_files = template.get("defaultVolumesToFsBackup", template.get("defaultVolumesToRestic")) is True
    annotated = _words(workload.pod_annotations.get("backup.velero.io/backup-volumes")) if workload else frozenset()
    excluded = frozenset(word.lower().partition(".")[0] for word in _strings(template.get("excludedResources")))
    included = frozenset(word.lower().partition(".")[0] for word in _strings(template.get("includedResources")))
    path: Path = ("spec", "template")
    why = ""
    if excluded & _CLAIM_KINDS:
        path, why = (*path, "excludedResources"), "leaves claims out"
    elif included and not included & _VOLUME_KINDS:
        path, why = (*path, "includedResources"), "includes no claims"
    elif (
        template.get("snapshotVolumes") is False
        and not copies_files
        and not any(volume.name in annotated for volume in lasting)
    ):
        path, why = (*path, "snapshotVolumes"), "takes no volumes"
    if why:
        yield Shortfall(Place(schedule, path), f"{schedule} covers namespace {datastore.namespace}, but {why}", False)
    else:
        yield Saving(Place(schedule, ("spec", "template", "includedNamespaces")), f"{schedule} covers its namespace")


def _covers_namespace(template: dict[str, Any], namespace: str) -> bool:
    included = _strings(template.get("includedNamespaces")) or ["*"]
    excluded = _strings(template.get("excludedNamespaces"))
    return any(fits_glob(namespace, item) for item in included) and not any(
        fits_glob(namespace, item) for item in excluded
    )


def _selects(template: dict[str, Any], datastore: Resource, workload: Workload | None) -> bool:
    selectors = [template.get("labelSelector"), *sequence(template.get("orLabelSelectors"))]
    parsed = [selector for item in selectors if (selector := parse_selector(item)) is not None]
    labels = {**datastore.labels, **(workload.pod_labels if workload else {})}
    if labels.get("velero.io/exclude-from-backup") == "true":
        return False
    return not parsed or any(selector.matches(labels) for selector in parsed)


def _other(
    index: ResourceIndex, schedule: Resource, datastore: Resource, workload: Workload | None, volumes: list[Volume]
) -> Iterator[Saving]:
    """Schedules that name the datastore or its claim, and those that take every claim of their namespace."""
    place = Place(schedule, ("metadata", "name"))
    lasting = [volume for volume in volumes if volume.lasts]
    if schedule.group == KASTEN:
        selector = schedule.spec.get("selector")
        if (lasting or workload is None) and (not selector or mentions(selector, frozenset({datastore.namespace}))):
            yield Saving(place, f"{schedule} covers its namespace")
        return
    if schedule.namespace != datastore.namespace:
        return
    if schedule.kind == "Schedule" and (lasting or workload is None):
        yield Saving(place, f"{schedule} saves every claim of its namespace")
    elif schedule.kind == "SnapshotSchedule" and lasting:
        selector = parse_selector(schedule.spec.get("claimSelector"))
        if selector is None or any(selector.matches(_claim_labels(index, volume)) for volume in lasting):
            yield Saving(place, f"{schedule} takes snapshots of its claims")
    else:
        names = {datastore.name}
        for volume in lasting:
            if volume.claim is not None:
                names |= {volume.claim.name, f"{volume.claim.name}0"}
        if mentions(schedule.spec, frozenset(names)):
            yield Saving(place, f"{schedule} names it")


def _claim_labels(index: ResourceIndex, volume: Volume) -> dict[str, str]:
    if volume.claim is None:
        return {}
    if volume.backing is Backing.TEMPLATE:
        template = dig(volume.place.resource.data, *volume.place.path[:-2])  # type: ignore[arg-type]
        labels = mapping(dig(template, "metadata", "labels"))
        return {key: value for key, value in labels.items() if isinstance(value, str)}
    claim = index.find("", "PersistentVolumeClaim", volume.claim.namespace, volume.claim.name)
    return claim.labels if claim is not None else {}


def _strings(value: Any) -> list[str]:
    return [item for item in sequence(value) if isinstance(item, str)]


def _words(text: str | None) -> frozenset[str]:
    return frozenset(part.strip() for part in (text or "").split(",") if part.strip())
