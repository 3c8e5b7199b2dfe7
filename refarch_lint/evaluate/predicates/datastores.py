"""Datastores: what they keep must outlive their pods."""

from __future__ import annotations

import re
from collections.abc import Iterator

from refarch_lint.catalogue.component import Component
from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.data_folders import DataFolders, data_folders, is_foreign_build, main_container
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.bound_volumes import bound_volume
from refarch_lint.graph.edge import ReferenceStatus
from refarch_lint.graph.operator_storage import fleeting_storage
from refarch_lint.graph.place import Place
from refarch_lint.graph.placement import pinned_node
from refarch_lint.graph.storage import Backing, Volume, VolumeMount, is_within, mount_at, mounts_in
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.workload import Container, ContainerType, Workload
from refarch_lint.regex import regex
from refarch_lint.severity import Severity

_GONE = "it is deleted with the container"
_STANDS_BEFORE = regex(r"proxy|pgbouncer|pgpool|odyssey|exporter|haproxy|router", re.IGNORECASE)


def persistent(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The data folder of a datastore is on a volume that outlives the pod."""
    workload = subject.workload
    if workload is None:
        for item in fleeting_storage(subject.resource):
            yield Fault(f"{subject.resource} keeps its data on {item.what}: it is deleted with the pod", item.place)
        return
    component = context.roles.component(subject.resource)
    container = main_container(workload, component)
    if workload.runs_to_completion or container is None:
        yield NotApplicable("it keeps nothing")
        return
    folders = DataFolders((), ())
    is_store = "datastore" in context.roles.traits(subject.resource)
    if component is not None and ("datastore" in component.traits or not is_store):
        variables = context.graph.environment(workload, container)
        known = {name: item.value for name, item in variables.items() if item.value is not None}
        folders = data_folders(container, component, known)
    if folders.folders:
        outcomes = _kept(workload, container, folders, component, context)
        yield from outcomes if is_store else map(_of_a_cache, outcomes)
    elif is_store:
        yield from _anywhere(workload, container)
    else:
        yield NotApplicable("where a cache of an unknown kind keeps its data is not known")


def _of_a_cache(outcome: Outcome) -> Outcome:
    """Return an outcome as it is for a cache, whose volume was meant to keep what can be made again."""
    return outcome._replace(severity=Severity.WARNING) if isinstance(outcome, Fault) else outcome


def _kept(
    workload: Workload, container: Container, data: DataFolders, component: Component | None, context: RuleContext
) -> Iterator[Outcome]:
    """Judge a container whose data folders are known; of several defaults any will do, of those set each must last."""
    mounts = mounts_in(workload, container)
    judged = [_folder(workload, container, folder, data, mounts, context) for folder in data.folders]
    faulty = [outcome for outcome in judged if outcome is not None]
    if not faulty or (not data.told_by and len(faulty) < len(judged)):
        return
    lasting = [
        mount for mount in mounts if mount.volume.lasts and _folder_of_any_node(workload, mount.volume, context) is None
    ]
    is_foreign = component is not None and is_foreign_build(container, component)
    fleeting = next((mount for mount in mounts if mount.volume.vanishes), None)
    unmounted = all(mount_at(mounts, folder) is None for folder in data.folders)
    if fleeting is not None and unmounted and is_foreign and not (data.told_by or lasting):
        note = Note(f"mounted at {fleeting.folder}", fleeting.place)
        yield _without_lasting_volume(workload, fleeting.volume.place, note)
        return
    if not data.told_by:
        if any(is_within(mount.folder, folder) for mount in lasting for folder in data.folders):
            return
        for mount in lasting:
            if _is_mentioned(workload, container, mount.folder, context):
                yield Unverifiable(f"{workload} may be told to keep its data in {mount.folder}")
                return
            is_above = any(is_within(folder, mount.folder) for folder in data.folders)
            if is_foreign and not is_above:
                yield Unverifiable(f"the image of {workload} may keep its data in {mount.folder}")
                return
    yield next((outcome for outcome in faulty if "volumeMounts" in str(outcome)), faulty[0])


def _folder(
    workload: Workload,
    container: Container,
    folder: str,
    data: DataFolders,
    mounts: tuple[VolumeMount, ...],
    context: RuleContext,
) -> Fault | Unverifiable | None:
    subject = f"{workload}: container {container.name}"
    mount = mount_at(mounts, folder)
    own = next((path for path in data.image_volumes if is_within(folder, path)), "")
    if mount is None or (len(own) > len(mount.folder) and mount.volume.lasts):
        return _not_mounted(workload, container, folder, own, mounts)
    note: tuple[Note, ...] = (Note(f"mounted at {mount.folder}", mount.place),)
    if mount.volume.vanishes or mount.volume.backing is Backing.CONTENT:
        text = f"{subject} keeps its data in {folder} on {mount.volume}: it is deleted with the pod"
        return Fault(text, mount.volume.place, note)
    if mount.volume.backing is Backing.HOST_PATH and pinned_node(workload) is None and workload.kind != "DaemonSet":
        text = f"{subject} keeps its data in {folder} on {mount.volume}: it stays behind when the pod changes its node"
        return Fault(text, mount.volume.place, note, Severity.WARNING)
    if (node_folder := _folder_of_any_node(workload, mount.volume, context)) is not None:
        text = f"{subject} keeps its data in {folder} on {mount.volume}, which is a folder of whatever node it runs on"
        note = (*note, Note(f"{node_folder} is a hostPath", Place(node_folder, ("spec", "hostPath"))))
        return Fault(text, mount.volume.place, note, Severity.WARNING)
    if mount.volume.backing is Backing.CSI:
        return Unverifiable(f"whether the inline volume {mount.volume.name} of {workload} lasts depends on its driver")
    return None


def _folder_of_any_node(workload: Workload, volume: Volume, context: RuleContext) -> Resource | None:
    """Return the persistent volume behind a claim that is a folder of the node, and says of none which."""
    if volume.claim is None or pinned_node(workload) is not None:
        return None
    bound = bound_volume(volume.claim, context.graph.index)
    if bound is None or bound.spec.get("hostPath") is None or bound.spec.get("nodeAffinity") is not None:
        return None
    return bound


def _not_mounted(
    workload: Workload, container: Container, folder: str, own: str, mounts: tuple[VolumeMount, ...]
) -> Fault:
    subject = f"{workload}: container {container.name}"
    elsewhere = next((mount for mount in mounts if mount.volume.lasts), None)
    if elsewhere is None:
        place = Place(workload.resource, (*container.path, "volumeMounts"))
        return Fault(f"{subject} keeps its data in {folder}, where no volume is mounted: {_GONE}", place)
    text = f"{subject} mounts {elsewhere.volume} at {elsewhere.folder}, but keeps its data in {folder}"
    if own and is_within(folder, elsewhere.folder):
        text += f": the image has a volume of its own at {own}, deleted with the container"
    else:
        text += f": {_GONE}"
    return Fault(text, Place(workload.resource, (*elsewhere.place.path, "mountPath")))


def _anywhere(workload: Workload, container: Container) -> Iterator[Outcome]:
    """Judge a datastore of which only the role is known: some volume of its pod must last."""
    if _STANDS_BEFORE.search(str(container.data.get("image"))):
        yield NotApplicable("it stands before a datastore")
        return
    regular = [item for item in workload.containers if item.type is not ContainerType.EPHEMERAL]
    mounts = [mount for item in regular for mount in mounts_in(workload, item)]
    if any(mount.volume.lasts for mount in mounts):
        return
    if any(mount.volume.backing in (Backing.CSI, Backing.HOST_PATH) for mount in mounts):
        yield Unverifiable(f"the data folder of {workload} is not known")
        return
    yield _without_lasting_volume(workload, Place(workload.resource, (*container.path, "volumeMounts")))


def _without_lasting_volume(workload: Workload, place: Place, *notes: Note) -> Fault:
    return Fault(f"{workload} is a datastore, but mounts no volume that outlives its pod", place, notes)


def _is_mentioned(workload: Workload, container: Container, folder: str, context: RuleContext) -> bool:
    """Tell whether a folder is named in the command, the environment or a ConfigMap of a container."""
    values: list[object] = [
        *sequence(container.data.get("command")),
        *sequence(container.data.get("args")),
        *(variable.value for variable in context.graph.environment(workload, container).values()),
    ]
    for reference in context.graph.references_by_source.get(workload.resource, ()):
        if reference.kind == "ConfigMap" and reference.status is ReferenceStatus.FOUND and reference.target:
            values.extend(mapping(reference.target.data.get("data")).values())
    return any(isinstance(value, str) and folder in value for value in values)
