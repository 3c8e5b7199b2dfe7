"""The resources of a tree and what links them: names, labels, edges with evidence at both ends, indexed lookups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from refarch_lint.graph.accounts import AccountIndex
from refarch_lint.graph.api_access import ApiAccess
from refarch_lint.graph.claims import ClaimKey, ClaimMount, claim_mounts, mounts_by_claim, mounts_by_resource
from refarch_lint.graph.edge import Edge, Reference, ReferenceStatus, Relation
from refarch_lint.graph.elsewhere import NOWHERE, Elsewhere
from refarch_lint.graph.grouped import grouped
from refarch_lint.graph.images import KustomizedImage, kustomized_images
from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.place import Place
from refarch_lint.graph.provision import ProvisionIndex
from refarch_lint.graph.references import ExternalName, resolve_references
from refarch_lint.graph.routes import RouteIndex
from refarch_lint.graph.scaling import Replicas, autoscalers_by_name, autoscalers_by_target, effective_replicas
from refarch_lint.graph.selection import selection_edges
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import Workload


class LinkedResources:
    """The objects of a run with their edges.

    Every fact is worked out at most once, when it is first asked for; nothing in it changes afterwards.
    """

    def __init__(
        self,
        resources: Iterable[Resource],
        external: tuple[ExternalName, ...] = (),
        elsewhere: Elsewhere = NOWHERE,
    ) -> None:
        self._external = external
        self._elsewhere = elsewhere
        self.index = ResourceIndex.build(resources)

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Every resource, in reading order."""
        return self.index.resources

    @property
    def variants(self) -> frozenset[str]:
        """The names of the units that describe some of the same objects as this one, its own included."""
        return self._elsewhere.variants

    @property
    def workloads(self) -> tuple[Workload, ...]:
        """Every resource that makes pods, in reading order."""
        return self.index.workloads

    @cached_property
    def by_api_version(self) -> Mapping[str, tuple[Resource, ...]]:
        """The resources of each API version, in reading order."""
        return grouped((resource.api_version, resource) for resource in self.resources)

    @cached_property
    def provisions(self) -> ProvisionIndex:
        """What exists in the cluster because of something in the tree."""
        return ProvisionIndex(self.resources)

    @cached_property
    def accounts(self) -> AccountIndex:
        """Who runs as which ServiceAccount, and what binds it."""
        return AccountIndex(self.index)

    @cached_property
    def api_access(self) -> ApiAccess:
        """Which programs read or make Secrets and ConfigMaps through the API server."""
        return ApiAccess(self.index)

    @cached_property
    def kustomized_images(self) -> Mapping[str, KustomizedImage]:
        """The images whose tag or digest a kustomization sets, by the name that manifests use."""
        return kustomized_images(self.index)

    @cached_property
    def routes(self) -> RouteIndex:
        """The Gateways and routes of the tree, and who claims which host and path."""
        return RouteIndex(self.index)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every name by which one resource refers to another, with what became of it."""
        return resolve_references(self.index, self.provisions, self._external, self._elsewhere, self.api_access)

    @cached_property
    def references_by_source(self) -> Mapping[Resource, tuple[Reference, ...]]:
        """The references that each resource makes."""
        return grouped((reference.place.resource, reference) for reference in self.references)

    @cached_property
    def missing_objects(self) -> Mapping[tuple[str, str, str, str], tuple[Reference, ...]]:
        """The references to each object that is certainly missing, by group, kind, namespace and name."""
        return grouped(
            ((item.group, item.kind, item.namespace, item.name), item)
            for item in self.references
            if item.status is ReferenceStatus.MISSING
        )

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge between resources of the tree: by labels, by names, by traffic."""
        found = list(selection_edges(self.index))
        for reference in self.references:
            if reference.status is ReferenceStatus.FOUND and reference.target is not None:
                found.append(Edge(reference.relation, reference.place, Place(reference.target, ("metadata", "name"))))
            elif reference.status is ReferenceStatus.PROVIDED and reference.target is not None:
                found.append(Edge(Relation.ISSUES, Place(reference.target), reference.place))
        return tuple(found)

    @cached_property
    def _outgoing(self) -> Mapping[tuple[Resource, Relation], tuple[Edge, ...]]:
        return grouped(((edge.source.resource, edge.relation), edge) for edge in self.edges)

    @cached_property
    def _incoming(self) -> Mapping[tuple[Resource, Relation], tuple[Edge, ...]]:
        return grouped(((edge.target.resource, edge.relation), edge) for edge in self.edges)

    def outgoing(self, resource: Resource, relation: Relation) -> tuple[Edge, ...]:
        """Return the edges of one relation that start at a resource."""
        return self._outgoing.get((resource, relation), ())

    def incoming(self, resource: Resource, relation: Relation) -> tuple[Edge, ...]:
        """Return the edges of one relation that arrive at a resource."""
        return self._incoming.get((resource, relation), ())

    def workload(self, resource: Resource) -> Workload | None:
        """Return the workload that a resource is, or None."""
        return self.index.workload_by_resource.get(resource)

    def selected(self, resource: Resource, relation: Relation = Relation.SELECTS) -> tuple[Workload, ...]:
        """Return the workloads that a Service, budget or policy picks by its labels."""
        targets = (self.workload(edge.target.resource) for edge in self.outgoing(resource, relation))
        return tuple(workload for workload in targets if workload is not None)

    def services_of(self, workload: Workload) -> tuple[Resource, ...]:
        """Return the Services that select a workload's pods."""
        return tuple(edge.source.resource for edge in self.incoming(workload.resource, Relation.SELECTS))

    @cached_property
    def _namespaces_with_services(self) -> frozenset[str]:
        return frozenset(service.namespace for service in self.index.of_kind("Service", ""))

    def serves_nobody(self, workload: Workload) -> bool:
        """Tell whether the tree has Services in a workload's namespace and none of them selects its pods."""
        return workload.namespace in self._namespaces_with_services and not self.services_of(workload)

    @cached_property
    def _autoscalers(self) -> Mapping[Resource, tuple[Resource, ...]]:
        return autoscalers_by_target(self.references)

    def autoscalers(self, resource: Resource) -> tuple[Resource, ...]:
        """Return what scales a workload's resource: autoscalers, and a Rollout that borrows its template."""
        return self._autoscalers.get(resource, ())

    @cached_property
    def _autoscalers_by_name(self) -> Mapping[tuple[str, str, str, str], tuple[Resource, ...]]:
        return autoscalers_by_name(self.references)

    def autoscalers_named(self, group: str, kind: str, namespace: str, name: str) -> tuple[Resource, ...]:
        """Return what scales an object of that name, whether or not the tree has it."""
        return self._autoscalers_by_name.get((group, kind, namespace, name), ())

    def replicas(self, workload: Workload) -> Replicas | None:
        """Return the effective replicas of a workload; None for kinds without replicas."""
        return effective_replicas(workload, self.autoscalers(workload.resource))

    @cached_property
    def _claim_mounts(self) -> tuple[ClaimMount, ...]:
        return claim_mounts(self.references)

    @cached_property
    def _mounts_by_resource(self) -> Mapping[Resource, tuple[ClaimMount, ...]]:
        return mounts_by_resource(self._claim_mounts)

    @cached_property
    def _mounts_by_claim(self) -> Mapping[ClaimKey, tuple[ClaimMount, ...]]:
        return mounts_by_claim(self._claim_mounts)

    def claims_of(self, resource: Resource) -> tuple[ClaimMount, ...]:
        """Return the persistent volume claims that the pods of a workload mount by name."""
        return self._mounts_by_resource.get(resource, ())

    def mounts_of(self, claim: ClaimKey) -> tuple[ClaimMount, ...]:
        """Return who mounts a claim by name, in reading order."""
        return self._mounts_by_claim.get(claim, ())

    @cached_property
    def _namesakes(self) -> Mapping[tuple[str, str], tuple[Resource, ...]]:
        return grouped(((workload.kind, workload.resource.name), workload.resource) for workload in self.workloads)

    def namesakes(self, kind: str, name: str) -> tuple[Resource, ...]:
        """Return the workloads of a kind and name in whatever namespace and API group."""
        return self._namesakes.get((kind, name), ())

    @cached_property
    def namespace_label_values(self) -> Mapping[str, frozenset[str]]:
        """The labels that the Namespaces of the tree carry: every key with its values."""
        found: dict[str, set[str]] = defaultdict(set)
        for namespace in self.index.of_kind("Namespace", ""):
            for key, value in namespace.labels.items():
                found[key].add(value)
        return {key: frozenset(values) for key, values in found.items()}
