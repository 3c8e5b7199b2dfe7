"""The resource graph: what the documents of a run mean together; built once, immutable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from refarch_lint.graph.backup_schedules import BackupSchedule, backup_schedules
from refarch_lint.graph.backups import BackupJob, backup_jobs
from refarch_lint.graph.compute import ComputeIndex
from refarch_lint.graph.connectivity import NetworkModel
from refarch_lint.graph.connectivity_pods import namespace_labels
from refarch_lint.graph.flows import FlowBook
from refarch_lint.graph.grouped import grouped
from refarch_lint.graph.linked_resources import LinkedResources
from refarch_lint.graph.name_resolution import NameResolution
from refarch_lint.graph.operator_pods import OperatorPod, may_match, operator_pods
from refarch_lint.graph.placement import SpreadTerm, spread_terms, stands_with
from refarch_lint.graph.pod_makers import pod_makers
from refarch_lint.graph.scripts import Script, script_of
from refarch_lint.graph.selection import rivals
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


class ResourceGraph(LinkedResources):
    """What the documents of a run mean together: their edges, and what follows from them.

    Needed connections and the policies on them, placement, scripts, backups. Every fact is worked out at most once,
    when it is first asked for; nothing in it changes afterwards.
    """

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """Every connection that the manifests say somebody needs, with its evidence."""
        return needs(self.workloads, self.resources, self.provisions, self._elsewhere)

    @cached_property
    def needs_by_source(self) -> Mapping[Resource, tuple[Need, ...]]:
        """The needed connections of each resource."""
        return grouped((need.asked_by, need) for need in self.needs)

    @cached_property
    def broken_needs(self) -> Mapping[BrokenEnd, tuple[Need, ...]]:
        """The needs that lead to one Service or port that is certainly missing, in the order in which they are read."""
        ends = ((broken_end(need), need) for need in self.needs)
        return grouped((end, need) for end, need in ends if end is not None)

    @cached_property
    def connections(self) -> tuple[Connection, ...]:
        """Every needed connection whose destination is in the tree: from a workload or route to what it reaches."""
        found = []
        for need in self.needs:
            if need.service is None:
                continue
            source = need.asked_by
            if need.service.kind == "Service" and need.service.group == "":
                found += [Connection(source, workload.resource, need) for workload in self.selected(need.service)]
            elif need.service is not source:
                found.append(Connection(source, need.service, need))
        return tuple(found)

    @cached_property
    def _connected(self) -> Mapping[Resource, tuple[Resource, ...]]:
        return grouped(dict.fromkeys((connection.source, connection.target) for connection in self.connections))

    @cached_property
    def _callers(self) -> Mapping[Resource, tuple[Resource, ...]]:
        return grouped(dict.fromkeys((connection.target, connection.source) for connection in self.connections))

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
        return grouped((item.resource.namespace, item) for item in operator_pods(self.resources))

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
    def _texts_by_name(self) -> Mapping[str, Mapping[tuple[str, str], Resource]]:
        return {
            kind: {(item.namespace, item.name): item for item in reversed(self.index.of_kind(kind, ""))}
            for kind in ("ConfigMap", "Secret")
        }

    def environment(self, workload: Workload, container: Container) -> Mapping[str, Variable]:
        """Return the variables that a container starts with; the values of Secrets are not among them."""
        return environment_of(workload, container, self._texts_by_name["ConfigMap"], self._texts_by_name["Secret"])

    def script(self, workload: Workload, container: Container) -> Script:
        """Return the commands that a container runs, as far as the tree shows them."""
        variables = self.environment(workload, container)
        return script_of(workload, container, variables, self._texts_by_name["ConfigMap"])

    @cached_property
    def _connections_by_source(self) -> Mapping[Resource, tuple[Connection, ...]]:
        return grouped((connection.source, connection) for connection in self.connections)

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
