"""Looking resources up by identity or kind without ever scanning them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from refarch_lint.graph.grouped import grouped
from refarch_lint.model.resource import KUSTOMIZE, Resource, ResourceId
from refarch_lint.model.workload import Workload, workload_of


class ResourceIndex(NamedTuple):
    """Every resource and workload of a run, by identity, by kind and by namespace."""

    resources: tuple[Resource, ...]
    workloads: tuple[Workload, ...]
    by_id: Mapping[ResourceId, tuple[Resource, ...]]
    by_kind: Mapping[str, tuple[Resource, ...]]
    workload_by_resource: Mapping[Resource, Workload]
    workloads_by_namespace: Mapping[str, tuple[Workload, ...]]

    @classmethod
    def build(cls, resources: Iterable[Resource]) -> ResourceIndex:
        """Index resources in the order in which they were read."""
        everything = tuple(resources)
        workloads: dict[Resource, Workload] = {}
        for resource in everything:
            workload = workload_of(resource)
            if workload is not None and resource.kind != "PodTemplate":
                workloads[resource] = workload
        return cls(
            everything,
            tuple(workloads.values()),
            grouped((resource.id, resource) for resource in everything),
            grouped((resource.kind, resource) for resource in everything),
            workloads,
            grouped((resource.namespace, workload) for resource, workload in workloads.items()),
        )

    def find(self, group: str, kind: str, namespace: str, name: str) -> Resource | None:
        """Return the first resource of that identity, or None."""
        found = self.by_id.get(ResourceId(group, kind, namespace, name))
        return found[0] if found else None

    @property
    def kustomizations(self) -> tuple[Resource, ...]:
        """Every kustomization, then every component of one; those of Flux, which name a folder, are none."""
        return self.of_kind("Kustomization", KUSTOMIZE) + self.of_kind("Component", KUSTOMIZE)

    def of_kind(self, kind: str, group: str | None = None) -> tuple[Resource, ...]:
        """Return the resources of a kind, in reading order; with `group`, of that API group only."""
        found = self.by_kind.get(kind, ())
        return found if group is None else tuple(resource for resource in found if resource.group == group)
