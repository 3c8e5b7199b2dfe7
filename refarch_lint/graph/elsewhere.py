"""What the rest of a tree may bring to a unit: parts that are deployed beside it, and what it takes from outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from refarch_lint.graph.units import Unit
from refarch_lint.model.resource import KUSTOMIZE, Resource, ResourceId


class Elsewhere(NamedTuple):
    """What a unit's own files do not show.

    `beside` maps an object to the units that hold it, `variants` names the units that describe the same objects as this
    one: of several variants one is deployed, so that what another one holds is no help. `untold` is the first path
    that the unit takes in from outside the tree. `removed` holds kind and name of what patches delete: they may change
    who names it as well.
    """

    beside: Mapping[ResourceId, tuple[str, ...]] = {}
    variants: frozenset[str] = frozenset()
    untold: str = ""
    removed: frozenset[tuple[str, str]] = frozenset()

    def reason(self, group: str, kind: str, namespace: str, name: str) -> str:
        """Return why an object may exist although the unit lacks it; empty where nothing speaks for it."""
        if self.untold:
            return f"{self.untold}, which is not in the tree, may bring it"
        if (kind, name) in self.removed:
            return f"a patch deletes {kind}/{name} and may change who names it"
        for unit in self.beside.get(ResourceId(group, kind, namespace, name), ()):
            if unit not in self.variants:
                return f"{unit} has it, which may be deployed beside"
        return ""


#: What a tree of one unit without anything from outside has.
NOWHERE = Elsewhere()


def surroundings(units: Sequence[Unit], members: Sequence[Iterable[Resource]]) -> tuple[Elsewhere, ...]:
    """Return for each unit what the others bring; a Namespace that two of them describe makes no variants of them."""
    if len(units) == 1:
        return (Elsewhere(untold=units[0].untold, removed=units[0].removed),)
    owners: dict[ResourceId, dict[str, None]] = defaultdict(dict)
    for unit, resources in zip(units, members, strict=True):
        for resource in resources:
            owners[resource.id][unit.name] = None
    beside = {identity: tuple(found) for identity, found in owners.items()}
    variants: dict[str, set[str]] = defaultdict(set)
    for identity, found in beside.items():
        if identity.kind != "Namespace" and identity.group != KUSTOMIZE:
            for name in found:
                variants[name].update(found)
    return tuple(Elsewhere(beside, frozenset(variants[unit.name]), unit.untold, unit.removed) for unit in units)
