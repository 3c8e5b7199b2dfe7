"""The engine against a naive reading of the API's definition, on random namespaces, pods and policies."""

from __future__ import annotations

import ipaddress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refarch_lint.graph.addresses import AddressRange
from refarch_lint.graph.connectivity import NetworkModel
from refarch_lint.graph.connectivity_flows import flows
from refarch_lint.model.resource import Resource, resource_of
from refarch_lint.model.workload import Workload, workload_of
from refarch_lint.source.document import Document
from tests.graph.naive_network import Data, World

PROTOCOLS = ("TCP", "UDP", "SCTP")
PROBES = [(number, protocol) for number in (79, 80, 81, 8080, 9000) for protocol in PROTOCOLS]
ADDRESSES = ("10.0.0.1", "10.1.0.1", "192.168.0.1", "fd00::1", "2001:db8::1")

KEYS, VALUES, SPACES = st.sampled_from(["a", "b"]), st.sampled_from(["x", "y"]), st.sampled_from(["n1", "n2", "n3"])
LABELS = st.dictionaries(KEYS, VALUES, max_size=2)
EXPRESSIONS = st.one_of(
    st.builds(
        lambda key, operator, values: {"key": key, "operator": operator, "values": values},
        KEYS,
        st.sampled_from(["In", "NotIn"]),
        st.lists(VALUES, min_size=1, max_size=2),
    ),
    st.builds(
        lambda key, operator: {"key": key, "operator": operator}, KEYS, st.sampled_from(["Exists", "DoesNotExist"])
    ),
)
SELECTORS = st.fixed_dictionaries(
    {}, optional={"matchLabels": LABELS, "matchExpressions": st.lists(EXPRESSIONS, max_size=1)}
)
NAMESPACE_SELECTORS = st.one_of(
    SELECTORS, st.builds(lambda name: {"matchLabels": {"kubernetes.io/metadata.name": name}}, SPACES)
)
PROTOCOL = st.sampled_from(PROTOCOLS)
PORT_NAMES = st.sampled_from(["http", "dns", "none"])
NUMBERS = st.sampled_from([79, 80, 8080])
PORTS = st.one_of(
    st.fixed_dictionaries({}, optional={"protocol": PROTOCOL, "port": st.one_of(NUMBERS, PORT_NAMES)}),
    st.builds(lambda p, n: {"protocol": p, "port": n, "endPort": n + 1000}, PROTOCOL, NUMBERS),
)
BLOCKS = st.sampled_from(
    [
        {"cidr": "0.0.0.0/0"},
        {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]},
        {"cidr": "::/0", "except": ["fd00::/8"]},
        {"cidr": "fd00::/16"},
    ]
)
PEERS = st.one_of(
    st.fixed_dictionaries({"podSelector": SELECTORS}),
    st.fixed_dictionaries({"namespaceSelector": NAMESPACE_SELECTORS}, optional={"podSelector": SELECTORS}),
    st.builds(lambda block: {"ipBlock": block}, BLOCKS),
)


def rules(peers_key: str) -> st.SearchStrategy[list[Data]]:
    rule = st.fixed_dictionaries(
        {}, optional={peers_key: st.lists(PEERS, max_size=2), "ports": st.lists(PORTS, max_size=2)}
    )
    return st.lists(rule, max_size=2)


NETWORK_POLICIES = st.builds(
    lambda namespace, spec: {"kind": "NetworkPolicy", "metadata": {"namespace": namespace}, "spec": spec},
    SPACES,
    st.fixed_dictionaries(
        {"podSelector": SELECTORS},
        optional={
            "policyTypes": st.lists(st.sampled_from(["Ingress", "Egress"]), max_size=2, unique=True),
            "ingress": rules("from"),
            "egress": rules("to"),
        },
    ),
)
SUBJECTS = st.one_of(
    st.builds(lambda selector: {"namespaces": selector}, NAMESPACE_SELECTORS),
    st.builds(
        lambda spaces, pods: {"pods": {"namespaceSelector": spaces, "podSelector": pods}},
        NAMESPACE_SELECTORS,
        SELECTORS,
    ),
)
RELATED = st.builds(
    lambda key, keys: {"namespaces": {key: keys}},
    st.sampled_from(["sameLabels", "notSameLabels"]),
    st.lists(KEYS, min_size=1, max_size=2, unique=True),
)
NETWORKS = st.builds(lambda cidr: {"networks": [cidr]}, st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "fd00::/8"]))
ADMIN_PORTS = st.one_of(
    st.builds(lambda p, n: {"portNumber": {"protocol": p, "port": n}}, PROTOCOL, NUMBERS),
    st.builds(lambda p, n: {"portRange": {"protocol": p, "start": n, "end": n + 1}}, PROTOCOL, NUMBERS),
    st.builds(lambda name: {"namedPort": name}, PORT_NAMES),
)


def admin_rules(side: str, actions: list[str]) -> st.SearchStrategy[list[Data]]:
    peers = st.one_of(SUBJECTS, RELATED, NETWORKS) if side == "to" else st.one_of(SUBJECTS, RELATED)
    rule = st.fixed_dictionaries(
        {"action": st.sampled_from(actions), side: st.lists(peers, min_size=1, max_size=2)},
        optional={"ports": st.lists(ADMIN_PORTS, max_size=2)},
    )
    return st.lists(rule, max_size=2)


def admin_policies(kind: str, actions: list[str]) -> st.SearchStrategy[Data]:
    spec: dict[str, st.SearchStrategy[Any]] = {"subject": SUBJECTS}
    if kind == "AdminNetworkPolicy":
        spec["priority"] = st.integers(0, 3)
    optional = {"ingress": admin_rules("from", actions), "egress": admin_rules("to", actions)}
    return st.builds(
        lambda spec: {"kind": kind, "metadata": {}, "spec": spec}, st.fixed_dictionaries(spec, optional=optional)
    )


CONTAINER_PORTS = st.builds(
    lambda name, number, protocol: {"name": name, "containerPort": number, "protocol": protocol},
    st.sampled_from(["http", "dns"]),
    NUMBERS,
    PROTOCOL,
)
PODS = st.builds(
    lambda namespace, labels, ports, sidecar, policy: {
        "metadata": {"namespace": namespace, "labels": labels},
        "spec": {
            "containers": [{"name": "main", "ports": ports}],
            "initContainers": [{"name": "side", "ports": sidecar, "restartPolicy": policy}],
        },
    },
    SPACES,
    LABELS,
    st.lists(CONTAINER_PORTS, max_size=2),
    st.lists(CONTAINER_PORTS, max_size=1),
    st.sampled_from(["Always", None]),
)
NAMESPACES = st.lists(
    st.builds(lambda name, labels: {"metadata": {"name": name, "labels": labels}}, SPACES, LABELS),
    max_size=3,
    unique_by=lambda item: item["metadata"]["name"],
)


def resource(data: Data) -> Resource:
    found = resource_of(Document("generated.yaml", 0, "", 1, data), data, ())
    assert found is not None
    return found


def model_of(world: World, namespaces: list[Data]) -> tuple[NetworkModel, list[Workload]]:
    for number, pod in enumerate(world.pods):
        pod.update(apiVersion="v1", kind="Pod")
        pod["metadata"]["name"] = f"pod-{number}"
    for number, policy in enumerate(world.policies):
        group = "networking.k8s.io/v1" if policy["kind"] == "NetworkPolicy" else "policy.networking.k8s.io/v1alpha1"
        policy["apiVersion"] = group
        baseline = policy["kind"] == "BaselineAdminNetworkPolicy"
        policy["metadata"]["name"] = "default" if baseline else f"policy-{number}"
    spaces = [{"apiVersion": "v1", "kind": "Namespace", **item} for item in namespaces]
    resources = [resource(item) for item in (*spaces, *world.pods, *world.policies)]
    workloads = [found for item in resources if (found := workload_of(item))]
    return NetworkModel.build(workloads, resources), workloads


def address(text: str) -> AddressRange:
    ip = ipaddress.ip_address(text)
    return AddressRange(ip.version, int(ip), int(ip))


def check(namespaces: list[Data], pods: list[Data], policies: list[Data]) -> None:
    world = World(namespaces, pods, policies)
    model, workloads = model_of(world, namespaces)
    universe = model.universe
    ends: list[tuple[Data | str, Workload | AddressRange, int]] = [
        (pod, workload, universe.number_of[model.pod(workload)])
        for pod, workload in zip(world.pods, workloads, strict=True)
    ]
    for text in ADDRESSES:
        (index,) = universe.pieces_of(address(text))
        ends.append((text, address(text), universe.piece_number(index)))
    rectangles = list(flows(model))
    for source, from_end, from_number in ends:
        for destination, to_end, to_number in ends:
            if isinstance(source, str) and isinstance(destination, str):
                continue
            connections = model.allowed_connections(from_end, to_end)
            for port, protocol in PROBES:
                expected = world.allowed(source, destination, port, protocol)
                decision = model.decide(from_end, to_end, port, protocol)
                assert decision.allowed == expected
                assert not decision.partial
                assert connections.contains(port, protocol) == expected
                covered = any(
                    flow.sources >> from_number & 1
                    and flow.destinations >> to_number & 1
                    and flow.ports.contains(port, protocol)
                    for flow in rectangles
                )
                assert covered == expected
                for side in (decision.egress, decision.ingress):
                    assert {rule.action for rule in side.rules} <= {"Allow" if side.allowed else "Deny"}
                    assert side.allowed or side.isolated or side.rules
    for destination, workload, _ in ends[: len(workloads)]:
        assert isinstance(workload, Workload)
        for port, protocol in PROBES[:3]:
            reach = model.sources_of(workload, port, protocol)
            sources = [pod for pod in world.pods if world.allowed(pod, destination, port, protocol)]
            assert sorted(w.resource.name for w in reach.workloads) == sorted(p["metadata"]["name"] for p in sources)
            for text in ADDRESSES:
                inside = any(item.contains(address(text)) for item in reach.addresses)
                assert inside == world.allowed(text, destination, port, protocol)
            onward = model.destinations_of(workload, port, protocol)
            targets = [pod for pod in world.pods if world.allowed(destination, pod, port, protocol)]
            assert sorted(w.resource.name for w in onward.workloads) == sorted(p["metadata"]["name"] for p in targets)


slow = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@slow
@given(NAMESPACES, st.lists(PODS, min_size=1, max_size=4), st.lists(NETWORK_POLICIES, max_size=4))
def test_network_policies(namespaces: list[Data], pods: list[Data], policies: list[Data]) -> None:
    check(namespaces, pods, policies)


@slow
@given(
    NAMESPACES,
    st.lists(PODS, min_size=1, max_size=3),
    st.lists(NETWORK_POLICIES, max_size=2),
    st.lists(
        admin_policies("AdminNetworkPolicy", ["Allow", "Deny", "Pass"]),
        max_size=3,
        unique_by=lambda item: item["spec"]["priority"],  # among equal ones the API defines no order
    ),
    st.lists(admin_policies("BaselineAdminNetworkPolicy", ["Allow", "Deny"]), max_size=1),
)
def test_network_policies_between_admin_tiers(
    namespaces: list[Data], pods: list[Data], policies: list[Data], admin: list[Data], baseline: list[Data]
) -> None:
    check(namespaces, pods, [*policies, *admin, *baseline])
