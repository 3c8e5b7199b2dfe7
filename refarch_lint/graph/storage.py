"""What stands behind a folder of a container: a claim that lasts, something deleted with the pod, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from posixpath import normpath
from typing import Any, NamedTuple

from refarch_lint.graph.claims import ClaimKey
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import dig, mapping, sequence
from refarch_lint.model.workload import Container, Workload


class Backing(StrEnum):
    """What a volume is made of, named as the API names it."""

    CLAIM = "persistentVolumeClaim"
    TEMPLATE = "volumeClaimTemplate"
    NETWORK = "network volume"
    CSI = "csi"
    HOST_PATH = "hostPath"
    EPHEMERAL = "ephemeral"
    EMPTY_DIR = "emptyDir"
    CONTENT = "content"


_SOURCES: Mapping[str, Backing] = {
    "persistentVolumeClaim": Backing.CLAIM,
    "emptyDir": Backing.EMPTY_DIR,
    "ephemeral": Backing.EPHEMERAL,
    "hostPath": Backing.HOST_PATH,
    "csi": Backing.CSI,
    **dict.fromkeys(("configMap", "secret", "projected", "downwardAPI", "image", "gitRepo"), Backing.CONTENT),
}


class Volume(NamedTuple):
    """A volume of a pod; `place` is its source, `claim` the claim behind it.

    For the template of a StatefulSet the claim's name is the beginning that its ordinals complete.
    """

    name: str
    backing: Backing
    place: Place
    claim: ClaimKey | None = None

    @property
    def lasts(self) -> bool:
        """Whether the content outlives the pod and follows it to another node."""
        return self.backing in (Backing.CLAIM, Backing.TEMPLATE, Backing.NETWORK)

    @property
    def vanishes(self) -> bool:
        """Whether the content is deleted with the pod; a generic ephemeral volume is a claim that is."""
        return self.backing in (Backing.EMPTY_DIR, Backing.EPHEMERAL)

    def __str__(self) -> str:
        if self.claim is not None:
            return f"claim {self.claim.name.rstrip('-')}"
        label = "ephemeral claim" if self.backing is Backing.EPHEMERAL else str(self.backing)
        return f"{label} {self.name}"


class VolumeMount(NamedTuple):
    """A volume at a folder of a container; `place` is its entry in `volumeMounts`."""

    folder: str
    volume: Volume
    place: Place


def volumes_of(workload: Workload) -> dict[str, Volume]:
    """Return the volumes of a pod template by name; a claim template replaces a volume of its name."""
    found: dict[str, Volume] = {}
    resource, namespace, root = workload.resource, workload.namespace, (*workload.pod_spec_path, "volumes")
    for index, item in enumerate(sequence(workload.pod_spec.get("volumes"))):
        volume = mapping(item)
        name = volume.get("name")
        if not isinstance(name, str):
            continue
        source = next((key for key in volume if key != "name"), None)
        if source is None:
            found[name] = Volume(name, Backing.EMPTY_DIR, Place(resource, (*root, index, "name")))
            continue
        claim_name = dig(volume, "persistentVolumeClaim", "claimName")
        claim = ClaimKey(namespace, claim_name) if isinstance(claim_name, str) else None
        place = Place(resource, (*root, index, source))
        found[name] = Volume(name, _SOURCES.get(source, Backing.NETWORK), place, claim)
    if workload.kind == "StatefulSet":
        for index, template in enumerate(sequence(resource.spec.get("volumeClaimTemplates"))):
            name = dig(template, "metadata", "name")
            if isinstance(name, str) and name:
                place = Place(resource, ("spec", "volumeClaimTemplates", index, "metadata", "name"))
                found[name] = Volume(name, Backing.TEMPLATE, place, ClaimKey(namespace, f"{name}-{resource.name}-"))
    return found


def mounts_in(workload: Workload, container: Container) -> tuple[VolumeMount, ...]:
    """Return the volumes that a container mounts; an entry that names no volume of the pod is left out."""
    volumes = volumes_of(workload)
    found = []
    for index, item in enumerate(sequence(container.data.get("volumeMounts"))):
        folder, volume = _folder(item), volumes.get(_name(item))
        if folder and volume is not None:
            place = Place(workload.resource, (*container.path, "volumeMounts", index))
            found.append(VolumeMount(folder, volume, place))
    return tuple(found)


def mount_at(mounts: tuple[VolumeMount, ...], folder: str) -> VolumeMount | None:
    """Return the mount that holds a folder: the deepest one at it or above it."""
    above = [mount for mount in mounts if is_within(folder, mount.folder)]
    return max(above, key=lambda mount: len(mount.folder), default=None)


def has_lasting_volume(workload: Workload) -> bool:
    """Tell whether some container of a workload mounts a volume that outlives the pod."""
    return any(mount.volume.lasts for container in workload.containers for mount in mounts_in(workload, container))


def is_within(path: str, folder: str) -> bool:
    """Tell whether an absolute path is a folder or below it."""
    return path == folder or folder == "/" or path.startswith(f"{folder}/")


def clean_path(path: str) -> str:
    """Return an absolute path in its one form, without a trailing slash."""
    text = normpath(path)
    return text[1:] if text.startswith("//") else text


def is_same_claim(one: Volume, other: Volume) -> bool:
    """Tell whether two volumes are, or may be, the same claim; a template stands for the claims of its ordinals."""
    if one.claim is None or other.claim is None or one.claim.namespace != other.claim.namespace:
        return False
    if one.backing is other.backing:
        return one.claim.name == other.claim.name
    template, named = (one, other) if one.backing is Backing.TEMPLATE else (other, one)
    beginning, name = template.claim.name if template.claim else "", named.claim.name if named.claim else ""
    return name.startswith(beginning) and name.removeprefix(beginning).isdigit()


def _folder(item: Any) -> str:
    path = mapping(item).get("mountPath")
    return clean_path(path) if isinstance(path, str) and path.startswith("/") else ""


def _name(item: Any) -> str:
    name = mapping(item).get("name")
    return name if isinstance(name, str) else ""
