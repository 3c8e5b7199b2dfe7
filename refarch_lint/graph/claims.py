"""Who mounts which persistent volume claim, and how many nodes may attach it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from refarch_lint.graph.edge import Reference, ReferenceStatus, Relation
from refarch_lint.graph.grouped import grouped
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource, dig, mapping, sequence

ONE_NODE = "ReadWriteOnce"
ONE_POD = "ReadWriteOncePod"
_MANY = frozenset({"ReadWriteMany", "ReadOnlyMany"})


class ClaimKey(NamedTuple):
    """What makes a claim the one it is."""

    namespace: str
    name: str


class ClaimMount(NamedTuple):
    """A workload's pods mount a claim by name: where it is named, and the claim's access modes with their place.

    `modes` is None where the claim is not in the tree.
    """

    claim: ClaimKey
    resource: Resource
    place: Place
    modes: tuple[str, ...] | None
    modes_place: Place | None
    owner: Resource | None = None

    @property
    def exclusive_mode(self) -> str:
        """The access mode that keeps a second node (or pod) from attaching the claim, empty where there is none."""
        if not self.modes or _MANY.intersection(self.modes):
            return ""
        return ONE_POD if ONE_POD in self.modes and ONE_NODE not in self.modes else ONE_NODE


def claim_mounts(references: Iterable[Reference]) -> tuple[ClaimMount, ...]:
    """Return one mount for each workload and claim, in reading order.

    A claim made from a StatefulSet's template counts as declared there; `owner` is that StatefulSet.
    """
    found: dict[tuple[Resource, ClaimKey], ClaimMount] = {}
    for reference in references:
        if reference.relation is not Relation.MOUNTS or reference.kind != "PersistentVolumeClaim":
            continue
        key = ClaimKey(reference.namespace, reference.name)
        modes, place, owner = _modes(reference)
        mount = ClaimMount(key, reference.place.resource, reference.place, modes, place, owner)
        found.setdefault((reference.place.resource, key), mount)
    return tuple(found.values())


def _modes(reference: Reference) -> tuple[tuple[str, ...] | None, Place | None, Resource | None]:
    target = reference.target
    if target is None:
        return None, None, None
    if reference.status is ReferenceStatus.FOUND:
        path: tuple[str | int, ...] = ("spec", "accessModes")
        return _listed(target, path), Place(target, path), None
    if target.kind == "StatefulSet":
        for index, template in enumerate(sequence(target.spec.get("volumeClaimTemplates"))):
            name = mapping(mapping(template).get("metadata")).get("name")
            if isinstance(name, str) and reference.name.startswith(f"{name}-{target.name}-"):
                path = ("spec", "volumeClaimTemplates", index, "spec", "accessModes")
                return _listed(target, path), Place(target, path), target
    return None, None, None


def _listed(resource: Resource, path: tuple[str | int, ...]) -> tuple[str, ...] | None:
    modes = tuple(mode for mode in sequence(dig(resource.data, *path)) if isinstance(mode, str))
    return modes or None


def mounts_by_resource(mounts: Iterable[ClaimMount]) -> Mapping[Resource, tuple[ClaimMount, ...]]:
    """Return the claims that each workload mounts."""
    return grouped((mount.resource, mount) for mount in mounts)


def mounts_by_claim(mounts: Iterable[ClaimMount]) -> Mapping[ClaimKey, tuple[ClaimMount, ...]]:
    """Return who mounts each claim, in reading order."""
    return grouped((mount.claim, mount) for mount in mounts)
