"""The resource graph: resources, typed edges with evidence at both ends, indexed questions; built once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from refarch_lint.graph.accounts import AccountIndex
from refarch_lint.graph.api_access import ApiAccess
from refarch_lint.graph.backup_schedules import BackupSchedule, backup_schedules
from refarch_lint.graph.backups import BackupJob, backup_jobs
from refarch_lint.graph.claims import ClaimKey, ClaimMount, claim_mounts, mounts_by_claim, mounts_by_resource
from refarch_lint.graph.compute import ComputeIndex
from refarch_lint.graph.connectivity import NetworkModel
from refarch_lint.graph.connectivity_pods import namespace_labels
from refarch_lint.graph.edge import Edge, Reference, ReferenceStatus, Relation
from refarch_lint.graph.elsewhere import NOWHERE, Elsewhere
from refarch_lint.graph.flows import FlowBook
from refarch_lint.graph.images import kustomized_images
from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.name_resolution import NameResolution
from refarch_lint.graph.operator_pods import OperatorPod, may_match, operator_pods
from refarch_lint.graph.place import Place
from refarch_lint.graph.placement import SpreadTerm, spread_terms, stands_with
from refarch_lint.graph.pod_makers import pod_makers
from refarch_lint.graph.provision import ProvisionIndex
from refarch_lint.graph.references import ExternalName, resolve_references
from refarch_lint.graph.routes import RouteIndex
from refarch_lint.graph.scaling import Replicas, autoscalers_by_name, autoscalers_by_target, effective_replicas
from refarch_lint.graph.scripts import Script, script_of
from refarch_lint.graph.selection import rivals, selection_edges
from refarch_lint.graph.traffic import BrokenEnd, Need, broken_end, needs
from refarch_lint.graph.traffic_environment import Variable, environment_of
from refarch_lint.graph.usage import Usage
from refarch_lint.model.resource import Resource
from refarch_lint.model.selector import LabelSelector
from refarch_lint.model.workload import Container, Workload


class Connection(NamedTuple):
    """A needed connection with both ends in the tree."""

    source: Resource
    target: Resource
    need: Need


class ResourceGraph:
    """What the documents of a run mean together.

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
        found: dict[str, list[Resource]] = defaultdict(list)
        for resource in self.resources:
            found[resource.api_version].append(resource)
        return {version: tuple(items) for version, items in found.items()}

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
    def kustomized_images(self) -> Mapping[str, Place]:
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
        found: dict[Resource, list[Reference]] = defaultdict(list)
        for reference in self.references:
            found[reference.place.resource].append(reference)
        return {resource: tuple(items) for resource, items in found.items()}

    @cached_property
    def missing_objects(self) -> Mapping[tuple[str, str, str, str], tuple[Reference, ...]]:
        """The references to each object that is certainly missing, by group, kind, namespace and name."""
        found: dict[tuple[str, str, str, str], list[Reference]] = defaultdict(list)
        for item in self.references:
            if item.status is ReferenceStatus.MISSING:
                found[item.group, item.kind, item.namespace, item.name].append(item)
        return {key: tuple(items) for key, items in found.items()}

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
        found: dict[tuple[Resource, Relation], list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.source.resource, edge.relation].append(edge)
        return {key: tuple(items) for key, items in found.items()}

    @cached_property
    def _incoming(self) -> Mapping[tuple[Resource, Relation], tuple[Edge, ...]]:
        found: dict[tuple[Resource, Relation], list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.target.resource, edge.relation].append(edge)
        return {key: tuple(items) for key, items in found.items()}

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
    def needs(self) -> tuple[Need, ...]:
        """Every connection that the manifests say somebody needs, with its evidence."""
        return needs(self.workloads, self.resources, self.provisions, self._elsewhere)

    @cached_property
    def needs_by_source(self) -> Mapping[Resource, tuple[Need, ...]]:
        """The needed connections of each resource."""
        found: dict[Resource, list[Need]] = defaultdict(list)
        for need in self.needs:
            source = need.source.resource if isinstance(need.source, Workload) else need.source
            found[source].append(need)
        return {resource: tuple(items) for resource, items in found.items()}

    @cached_property
    def broken_needs(self) -> Mapping[BrokenEnd, tuple[Need, ...]]:
        """The needs that lead to one Service or port that is certainly missing, in the order in which they are read."""
        found: dict[BrokenEnd, list[Need]] = defaultdict(list)
        for need in self.needs:
            if (end := broken_end(need)) is not None:
                found[end].append(need)
        return {end: tuple(items) for end, items in found.items()}

    @cached_property
    def connections(self) -> tuple[Connection, ...]:
        """Every needed connection whose destination is in the tree: from a workload or route to what it reaches."""
        found = []
        for need in self.needs:
            if need.service is None:
                continue
            source = need.source.resource if isinstance(need.source, Workload) else need.source
            if need.service.kind == "Service" and need.service.group == "":
                found += [Connection(source, workload.resource, need) for workload in self.selected(need.service)]
            elif need.service is not source:
                found.append(Connection(source, need.service, need))
        return tuple(found)

    @cached_property
    def _connected(self) -> Mapping[Resource, tuple[Resource, ...]]:
        found: dict[Resource, dict[Resource, None]] = defaultdict(dict)
        for connection in self.connections:
            found[connection.source].setdefault(connection.target)
        return {source: tuple(targets) for source, targets in found.items()}

    @cached_property
    def _callers(self) -> Mapping[Resource, tuple[Resource, ...]]:
        found: dict[Resource, dict[Resource, None]] = defaultdict(dict)
        for connection in self.connections:
            found[connection.target].setdefault(connection.source)
        return {target: tuple(sources) for target, sources in found.items()}

    def connected(self, resource: Resource) -> tuple[Resource, ...]:
        """Return what a resource needs to reach: workloads, and operator objects that stand for workloads."""
        return self._connected.get(resource, ())

    def callers(self, resource: Resource) -> tuple[Resource, ...]:
        """Return what needs to reach a resource."""
        return self._callers.get(resource, ())

    @cached_property
    def network(self) -> NetworkModel:
        """The NetworkPolicy engine over this tree."""
        return NetworkModel.build(self.workloads, self.resources)

    @cached_property
    def flows(self) -> FlowBook:
        """Every needed connection with the verdict of the network policies on it."""
        return FlowBook(self)

    @cached_property
    def _flow_books(self) -> dict[tuple[str, ...], FlowBook]:
        return {self.flows.ingress_namespaces: self.flows}

    def flows_where(self, ingress_namespaces: tuple[str, ...]) -> FlowBook:
        """Return the needed connections, judged for ingress controllers in these namespaces."""
        return self._flow_books.setdefault(ingress_namespaces, FlowBook(self, ingress_namespaces))

    @cached_property
    def name_resolution(self) -> NameResolution:
        """Which workloads may not ask the cluster's DNS."""
        return NameResolution(self)

    @cached_property
    def usage(self) -> Usage:
        """Which objects anything of the tree uses."""
        return Usage(self)

    @cached_property
    def namespace_label_values(self) -> Mapping[str, frozenset[str]]:
        """The labels that the Namespaces of the tree carry: every key with its values."""
        found: dict[str, set[str]] = defaultdict(set)
        for namespace in self.index.of_kind("Namespace", ""):
            for key, value in namespace.labels.items():
                found[key].add(value)
        return {key: frozenset(values) for key, values in found.items()}

    @cached_property
    def compute(self) -> ComputeIndex:
        """What containers request and may use, LimitRanges and ResourceQuotas of the tree included."""
        return ComputeIndex(self.index)

    @cached_property
    def _namespace_labels(self) -> Mapping[str, Mapping[str, str]]:
        return namespace_labels(self.resources, ())

    def spread_terms(self, workload: Workload) -> tuple[SpreadTerm, ...]:
        """Return what asks the scheduler to keep the replicas of a workload apart."""
        return spread_terms(workload, self._namespace_labels)

    def stands_with(self, workload: Workload, other: Workload) -> bool:
        """Tell whether the pods of a workload must run on the node of another's."""
        return stands_with(workload, other, self._namespace_labels)

    @cached_property
    def _pod_makers(self) -> Mapping[str, tuple[Resource, ...]]:
        return pod_makers(self.resources)

    def pod_makers(self, namespace: str) -> tuple[Resource, ...]:
        """Return the objects of a namespace whose controllers may make pods that no manifest spells out."""
        return self._pod_makers.get(namespace, ())

    @cached_property
    def _operator_pods(self) -> Mapping[str, tuple[OperatorPod, ...]]:
        found: dict[str, list[OperatorPod]] = defaultdict(list)
        for item in operator_pods(self.resources):
            found[item.resource.namespace].append(item)
        return {namespace: tuple(items) for namespace, items in found.items()}

    def operator_pods(self, namespace: str) -> tuple[OperatorPod, ...]:
        """Return the pods of a namespace that operators make with labels that are known."""
        return self._operator_pods.get(namespace, ())

    @cached_property
    def _rivals(self) -> Mapping[Resource, tuple[Workload, ...]]:
        return rivals(self.index)

    def rivals(self, workload: Workload) -> tuple[Workload, ...] | None:
        """Return the other workloads whose pods a workload's own selector matches; None where it has no selector."""
        return self._rivals.get(workload.resource)

    def possible_maker(self, selector: LabelSelector, namespace: str) -> Resource | None:
        """Return an object of a namespace for which pods with these labels may be made, or None.

        Of operators whose pods are known, only those count whose known labels do not say otherwise.
        """
        known: dict[Resource, list[OperatorPod]] = defaultdict(list)
        for item in self.operator_pods(namespace):
            known[item.resource].append(item)
        for maker in self.pod_makers(namespace):
            pods = known.get(maker)
            if maker.kind != "KafkaNodePool" and (not pods or any(may_match(selector, item.pod) for item in pods)):
                return maker
        return None

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
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for workload in self.workloads:
            found[workload.kind, workload.resource.name].append(workload.resource)
        return {key: tuple(items) for key, items in found.items()}

    def namesakes(self, kind: str, name: str) -> tuple[Resource, ...]:
        """Return the workloads of a kind and name in whatever namespace and API group."""
        return self._namesakes.get((kind, name), ())

    @cached_property
    def _texts_by_name(self) -> Mapping[str, Mapping[tuple[str, str], Resource]]:
        return {
            kind: {(item.namespace, item.name): item for item in reversed(self.index.of_kind(kind, ""))}
            for kind in ("ConfigMap", "Secret")
        }

    def environment(self, workload: Workload, container: Container) -> Mapping[str, Variable]:
        """Return the variables that a container starts with; the values of Secrets are not among them."""
        return environment_of(workload, container, self._texts_by_name["ConfigMap"], self._texts_by_name["Secret"])

    @cached_property
    def _namespaces_with_services(self) -> frozenset[str]:
        return frozenset(service.namespace for service in self.index.of_kind("Service", ""))

    def serves_nobody(self, workload: Workload) -> bool:
        """Tell whether the tree has Services in a workload's namespace and none of them selects its pods."""
        return workload.namespace in self._namespaces_with_services and not self.services_of(workload)

    def script(self, workload: Workload, container: Container) -> Script:
        """Return the commands that a container runs, as far as the tree shows them."""
        variables = self.environment(workload, container)
        return script_of(workload, container, variables, self._texts_by_name["ConfigMap"])

    @cached_property
    def _connections_by_source(self) -> Mapping[Resource, tuple[Connection, ...]]:
        found: dict[Resource, list[Connection]] = defaultdict(list)
        for connection in self.connections:
            found[connection.source].append(connection)
        return {source: tuple(items) for source, items in found.items()}

    def connections_of(self, resource: Resource) -> tuple[Connection, ...]:
        """Return the needed connections of a resource whose destination is in the tree."""
        return self._connections_by_source.get(resource, ())

    @cached_property
    def backup_jobs(self) -> tuple[BackupJob, ...]:
        """The workloads that save data again and again."""
        return backup_jobs(self)

    @cached_property
    def _backup_jobs_by_resource(self) -> Mapping[Resource, BackupJob]:
        return {job.resource: job for job in self.backup_jobs}

    def backup_job(self, resource: Resource) -> BackupJob | None:
        """Return the backup that a workload is, or None."""
        return self._backup_jobs_by_resource.get(resource)

    @cached_property
    def backup_schedules(self) -> tuple[BackupSchedule, ...]:
        """The objects of operators that schedule backups."""
        return backup_schedules(self.resources)

    @cached_property
    def _backup_schedules_by_resource(self) -> Mapping[Resource, BackupSchedule]:
        return {schedule.resource: schedule for schedule in self.backup_schedules}

    def backup_schedule(self, resource: Resource) -> BackupSchedule | None:
        """Return the schedule that an operator's object is, or None."""
        return self._backup_schedules_by_resource.get(resource)
