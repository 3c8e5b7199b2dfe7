"""Which persistent volume of the tree a claim of the tree is bound to.

Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
"""

from __future__ import annotations

from refarch_lint.graph.claims import ClaimKey
from refarch_lint.graph.index import ResourceIndex
from refarch_lint.model.resource import Resource, dig


def bound_volume(claim: ClaimKey, index: ResourceIndex) -> Resource | None:
    """Return the PersistentVolume that a claim, or one of a claim template's, is bound to; None if it cannot be told.

    A volume reserved for the claim or named by it is; else the tree's only volume of the claim's storage class, where
    no StorageClass of that name makes volumes.
    """
    volumes = index.of_kind("PersistentVolume", "")
    if not volumes:
        return None
    for volume in volumes:
        reserved = dig(volume.spec, "claimRef", "name")
        namespace = dig(volume.spec, "claimRef", "namespace")
        if namespace == claim.namespace and isinstance(reserved, str) and _is_of(reserved, claim):
            return volume
    spec = _spec_of(claim, index)
    if spec is None:
        return None
    if isinstance(name := spec.get("volumeName"), str) and name:
        return next((volume for volume in volumes if volume.name == name), None)
    wanted = spec.get("storageClassName")
    if not isinstance(wanted, str) or any(item.name == wanted for item in index.of_kind("StorageClass")):
        return None
    fitting = [item for item in volumes if (item.spec.get("storageClassName") or "") == wanted]
    return fitting[0] if len(fitting) == 1 else None


def _is_of(name: str, claim: ClaimKey) -> bool:
    return name.startswith(claim.name) if claim.name.endswith("-") else name == claim.name


def _spec_of(claim: ClaimKey, index: ResourceIndex) -> dict[str, object] | None:
    found = index.find("", "PersistentVolumeClaim", claim.namespace, claim.name)
    return found.spec if found is not None else None
