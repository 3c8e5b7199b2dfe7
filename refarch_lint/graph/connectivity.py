"""The NetworkPolicy engine: is a connection allowed, and by which rule of which policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from refarch_lint.graph.addresses import AddressRange, merged
from refarch_lint.graph.connectivity_answers import Isolation, PeerMembers, Reach
from refarch_lint.graph.connectivity_decision import Decision, DirectionDecision, Judge, together
from refarch_lint.graph.connectivity_faults import between_policies, repeated_namespaces, undefined_order
from refarch_lint.graph.connectivity_pods import Pod, PodGroup, group_by_owner, namespace_labels, pod_of
from refarch_lint.graph.connectivity_policies import Doubt, PolicySet, selects
from refarch_lint.graph.connectivity_profile import Blocks, allowed_blocks, ends_on, ports_towards
from refarch_lint.graph.connectivity_rules import Direction, Policy, PolicyFault
from refarch_lint.graph.connectivity_services import ServiceResolver, ServiceTarget
from refarch_lint.graph.connectivity_universe import Ends, Universe, numbers
from refarch_lint.graph.grouped import grouped
from refarch_lint.graph.ports import ALL_PORTS, NO_PORTS, PortSet
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import Workload

#: What a question can be asked about: a workload, any pod (also one that is not in the input), or addresses.
Endpoint = Workload | Pod | AddressRange


HOST_NETWORK_DOUBT = "whether policies reach pods on the host's network depends on the network plugin"


@dataclass(frozen=True, eq=False)
class NetworkModel:
    """The workloads, namespaces and policies of one input, ready for questions; nothing in it changes afterwards."""

    groups: tuple[PodGroup, ...]
    resources: tuple[Resource, ...]
    universe: Universe
    _policies: PolicySet
    _pod_by_resource: Mapping[Resource, Pod]
    _workloads: Sequence[tuple[Workload, ...]]
    _selecting: Sequence[tuple[Policy, ...]]
    _profiles: dict[tuple[object, ...], Blocks]
    _owners: dict[Direction, Mapping[Blocks, Ends]]

    @classmethod
    def build(cls, workloads: Sequence[Workload], resources: Sequence[Resource]) -> NetworkModel:
        """Read the policies, number the pods and note which policies select which pods."""
        groups = group_by_owner(workloads, resources)
        policies = PolicySet.read(resources)
        pod_by_resource = {workload.resource: pod_of(workload) for group in groups for workload in group.workloads}
        names = dict.fromkeys(("", *(w.namespace for w in workloads), *(r.namespace for r in resources)))
        namespaces = namespace_labels(resources, names)
        universe = Universe(pod_by_resource.values(), policies.address_ranges(), namespaces)
        members: list[list[Workload]] = [[] for _ in universe.pods]
        for group in groups:
            for workload in group.workloads:
                members[universe.number_of[pod_by_resource[workload.resource]]].append(workload)
        selecting: list[list[Policy]] = [[] for _ in universe.pods]
        for policy in policies.in_force:
            for number in numbers(universe.subjects(policy.subject, policy.namespace)):
                selecting[number].append(policy)
        return cls(
            groups,
            tuple(resources),
            universe,
            policies,
            pod_by_resource,
            [tuple(items) for items in members],
            [tuple(items) for items in selecting],
            {},
            {},
        )

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies in force, in the order in which they are asked."""
        return self._policies.in_force

    @property
    def faults(self) -> tuple[PolicyFault, ...]:
        """What is wrong with the policies and namespaces, in reading order, those that show beside others last."""
        return (*self._policies.faults, *repeated_namespaces(self.resources), *self._between_policies)

    @cached_property
    def _between_policies(self) -> tuple[PolicyFault, ...]:
        return tuple(between_policies(self.groups, self._pod_by_resource, self.policies, self.universe))

    @property
    def foreign_policies(self) -> tuple[Doubt, ...]:
        """The policies that only some network plugins know, which are not evaluated."""
        return self._policies.foreign()

    @property
    def policies_by_pod(self) -> tuple[Doubt, ...]:
        """The policies that tell apart the pods of one template, by labels that their controller sets."""
        return self._policies.telling_pods_apart()

    def pod(self, endpoint: Workload | Pod) -> Pod:
        """Return an endpoint as network policies see it."""
        if isinstance(endpoint, Pod):
            return endpoint
        return self._pod_by_resource.get(endpoint.resource) or pod_of(endpoint)

    def faults_of(self, resource: Resource) -> tuple[PolicyFault, ...]:
        """Return what is wrong with one policy, seen by itself."""
        return self._faults_by_resource.get(resource, ())

    @cached_property
    def _faults_by_resource(self) -> Mapping[Resource, tuple[PolicyFault, ...]]:
        return grouped((fault.policy, fault) for fault in self._policies.faults)

    def faults_beside_others(self, policy: Resource) -> tuple[PolicyFault, ...]:
        """Return the selectors of a policy that tell apart the pods of one owner, and a priority that another has."""
        return self._between_by_policy.get(policy, ())

    @cached_property
    def _between_by_policy(self) -> Mapping[Resource, tuple[PolicyFault, ...]]:
        return grouped((fault.policy, fault) for fault in self._between_policies)

    def policies_selecting(self, endpoint: Workload | Pod) -> tuple[Policy, ...]:
        """Return the policies that are about a pod, in the order in which they are asked."""
        pod = self.pod(endpoint)
        number = self.universe.number_of.get(pod)
        if number is not None:
            return self._selecting[number]
        everywhere, here = self.policies_in(""), self.policies_in(pod.namespace) if pod.namespace else ()
        candidates = sorted((*everywhere, *here), key=lambda policy: policy.order) if everywhere else here
        return tuple(policy for policy in candidates if selects(policy.subject, pod, self.universe.namespaces))

    def isolation(self, endpoint: Workload | Pod) -> Isolation:
        """Return the NetworkPolicies that isolate a pod, per direction."""
        return Isolation.of(self.policies_selecting(endpoint))

    def namespace_isolation(self, namespace: str) -> Isolation:
        """Return the NetworkPolicies that isolate every pod of a namespace, whatever its labels."""
        return Isolation.of([policy for policy in self.policies_in(namespace) if policy.subject.pods.is_empty])

    def policies_in(self, namespace: str) -> tuple[Policy, ...]:
        """Return the policies in force that stand in a namespace."""
        return self._policies_by_namespace.get(namespace, ())

    def policy_of(self, resource: Resource) -> Policy | None:
        """Return a policy as read, or None where it is not in force."""
        return self._policy_by_resource.get(resource)

    @cached_property
    def _policy_by_resource(self) -> Mapping[Resource, Policy]:
        return {policy.resource: policy for policy in self.policies}

    def isolates(self, resource: Resource, direction: Direction) -> bool:
        """Tell whether a NetworkPolicy is in force and isolates a workload of the input in a direction."""
        policy = self.policy_of(resource)
        return policy is not None and policy.rules(direction) is not None and bool(self.workloads_selected_by(policy))

    @cached_property
    def _policies_by_namespace(self) -> Mapping[str, tuple[Policy, ...]]:
        return grouped((policy.namespace, policy) for policy in self.policies)

    def doubts(self, endpoint: Workload | Pod) -> tuple[Doubt, ...]:
        """Return what is not evaluated about a pod: policies of network plugins, refused or repeated policies."""
        found = self._policies.doubts_about(self.pod(endpoint), self.universe.namespaces)
        return (*found, *undefined_order(self.policies_selecting(endpoint)))

    def decide(
        self, source: Endpoint, destination: Endpoint, port: int | str | None = None, protocol: str = "TCP"
    ) -> Decision:
        """Tell whether `source` may connect to `destination`.

        `port` is a pod's port (after any Service), by number or by the name that the destination declares; None asks
        whether any port of any protocol is allowed. An address range is allowed if each of its addresses is. A pod
        that is asked about itself stands for two pods of one workload. NetworkPolicies are taken to reach pods on the
        host's network; where the verdict hangs on that, it is partial.
        """
        asked, doubts = self._asked(destination, port, protocol)
        judge = Judge(self.universe.namespaces)
        egress = self._judge(judge, source, destination, asked, Direction.EGRESS)
        ingress = self._judge(judge, destination, source, asked, Direction.INGRESS)
        ports = egress.ports & ingress.ports
        pods = [self.pod(end) for end in (source, destination) if not isinstance(end, AddressRange)]
        for pod in pods:
            doubts.extend(self.doubts(pod))
        if any(pod.host_network for pod in pods):
            other = judge._replace(reaches_host_network=False)
            outgoing = self._judge(other, source, destination, asked, Direction.EGRESS)
            incoming = self._judge(other, destination, source, asked, Direction.INGRESS)
            if outgoing.ports & incoming.ports != ports:
                doubts.append(Doubt(HOST_NETWORK_DOUBT))
        doubts.extend((*egress.doubts, *ingress.doubts))
        return Decision(not ports.is_empty, ports, egress, ingress, tuple(dict.fromkeys(doubts)))

    def egress_of(
        self, source: Endpoint, destination: Endpoint, port: int | str | None = None, protocol: str = "TCP"
    ) -> DirectionDecision:
        """Return what the side of `source` says to a connection, whatever the other side says."""
        asked, _ = self._asked(destination, port, protocol)
        return self._judge(Judge(self.universe.namespaces), source, destination, asked, Direction.EGRESS)

    def allowed_connections(self, source: Endpoint, destination: Endpoint) -> PortSet:
        """Return every port on which `source` may connect to `destination`."""
        return self.decide(source, destination).ports

    def blocks(self, endpoint: Workload | Pod, direction: Direction) -> Blocks:
        """Return what a pod of the input may connect to, or be connected from, seen from its side alone."""
        number = self.universe.number_of[self.pod(endpoint)]
        return self._blocks(number, direction)

    def sources_of(self, destination: Workload, port: int, protocol: str = "TCP") -> Reach:
        """Return everything that may connect to a port of a workload, without trying every pair."""
        number = self.universe.number_of[self.pod(destination)]
        return self._reach(number, port, protocol, Direction.INGRESS)

    def destinations_of(self, source: Workload, port: int, protocol: str = "TCP") -> Reach:
        """Return everything to which a workload may connect on a port, without trying every pair."""
        number = self.universe.number_of[self.pod(source)]
        return self._reach(number, port, protocol, Direction.EGRESS)

    def workloads_selected_by(self, policy: Policy) -> tuple[Workload, ...]:
        """Return the workloads that a policy is about."""
        return self.workloads_of(self.universe.subjects(policy.subject, policy.namespace))

    def peer_members(self, policy: Policy) -> Iterator[PeerMembers]:
        """Yield each peer of a policy with the workloads that it means, for subjects in the policy's namespace."""
        for direction in Direction:
            for rule in policy.rules(direction) or ():
                for entry in rule.peers or ():
                    ends = self.universe.peers(entry.peer, policy.namespace)
                    yield PeerMembers(entry.path, direction, entry.peer, self.workloads_of(ends))

    @cached_property
    def services(self) -> ServiceResolver:
        """What stands behind the Services of the input."""
        return ServiceResolver([workload for group in self.groups for workload in group.workloads], self.resources)

    def resolve_service_port(self, service: Resource, port: int | str) -> tuple[ServiceTarget, ...]:
        """Return the workloads and pod ports at which a connection to a Service's port arrives."""
        return self.services.resolve_service_port(service, port)

    def workloads_of(self, ends: Ends) -> tuple[Workload, ...]:
        """Return the workloads whose pods are in a set of ends."""
        found = numbers(ends & self.universe.all_pods)
        return tuple(workload for number in found for workload in self._workloads[number])

    def owners_of_blocks(self, direction: Direction) -> Mapping[Blocks, Ends]:
        """Return the distinct profiles of a direction, each with the pods that have it (the unknown pod has none)."""
        if direction not in self._owners:
            found: dict[Blocks, Ends] = {}
            for number in range(len(self.universe.pods) - 1):
                blocks = self._blocks(number, direction)
                found[blocks] = found.get(blocks, 0) | 1 << number
            self._owners[direction] = found
        return self._owners[direction]

    def _blocks(self, number: int, direction: Direction) -> Blocks:
        pod = self.universe.pods[number]
        policies = tuple(p for p in self._selecting[number] if p.rules(direction) is not None)
        named_ports = pod.ports if direction is Direction.INGRESS else ()
        key = (direction, policies, pod.namespace if policies else "", named_ports if policies else ())
        if key not in self._profiles:
            self._profiles[key] = allowed_blocks(self.universe, pod, policies, direction)
        return self._profiles[key]

    def _reach(self, number: int, port: int, protocol: str, near: Direction) -> Reach:
        far = Direction.EGRESS if near is Direction.INGRESS else Direction.INGRESS
        candidates = ends_on(self._blocks(number, near), port, protocol)
        found = candidates & (self.universe.all_pieces | self.universe.unknown)
        for blocks, owners in self.owners_of_blocks(far).items():
            if candidates & owners and ports_towards(blocks, number).contains(port, protocol):
                found |= candidates & owners
        pieces = (self.universe.piece(n) for n in numbers(found & self.universe.all_pieces))
        addresses = merged(piece for piece in pieces if piece is not None)
        return Reach(self.workloads_of(found), addresses, bool(found & self.universe.unknown))

    def _asked(self, destination: Endpoint, port: int | str | None, protocol: str) -> tuple[PortSet, list[Doubt]]:
        if port is None:
            return ALL_PORTS, []
        if isinstance(port, int):
            return PortSet.of(protocol, port, port), []
        declared = () if isinstance(destination, AddressRange) else self.pod(destination).ports
        asked = PortSet.union_of(
            PortSet.of(protocol, found.number, found.number)
            for found in declared
            if (found.name, found.protocol) == (port, protocol)
        )
        if asked.is_empty:
            return NO_PORTS, [Doubt(f"the destination declares no {protocol} port named {port}")]
        return asked, []

    def _judge(
        self, judge: Judge, subject: Endpoint, peer: Endpoint, asked: PortSet, direction: Direction
    ) -> DirectionDecision:
        if isinstance(subject, AddressRange):
            return DirectionDecision(direction, allowed=not asked.is_empty, ports=asked)
        pod = self.pod(subject)
        policies = self.policies_selecting(pod)
        if not isinstance(peer, AddressRange):
            return judge.judge(pod, self.pod(peer), asked, direction, policies)
        pieces = [self.universe.pieces[index] for index in self.universe.pieces_of(peer)]
        return together([judge.judge(pod, piece, asked, direction, policies) for piece in pieces])
