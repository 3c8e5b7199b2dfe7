"""What the API would refuse in a policy: reported at its path, not in force, and a reason for doubt."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.graph.connections import connections
from refarch_lint.graph.connectivity import NetworkModel
from refarch_lint.location import format_path
from refarch_lint.model.resource import resource_of
from refarch_lint.model.workload import workload_of
from refarch_lint.source.document import Document
from tests.graph.network_manifests import ADMIN, PODS, Net, pod, policy


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ("ingress: [{from: [{}]}]", "spec.ingress[0].from[0]"),
        ("ingress: [{from: [null]}]", "spec.ingress[0].from[0]"),
        ("ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 0.0.0.0/0}}]}]", "spec.ingress[0].from[0]"),
        ("ingress: [{from: [{ipBlock: {cidr: A}}]}]", "spec.ingress[0].from[0].ipBlock.cidr"),
        ("ingress: [{from: [{ipBlock: {}}]}]", "spec.ingress[0].from[0].ipBlock.cidr"),
        (
            "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/9]}}]}]",
            "spec.ingress[0].from[0].ipBlock.except[0]",
        ),
        (
            "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]",
            "spec.ingress[0].from[0].ipBlock.except[0]",
        ),
        ("ingress: [{ports: [{port: 0}]}]", "spec.ingress[0].ports[0].port"),
        ("ingress: [{ports: [{port: true}]}]", "spec.ingress[0].ports[0].port"),
        ("ingress: [{ports: [{port: '80'}]}]", "spec.ingress[0].ports[0].port"),
        ("ingress: [{ports: [{port: a-very-long-port-name}]}]", "spec.ingress[0].ports[0].port"),
        ("ingress: [{ports: [{port: http, endPort: 90}]}]", "spec.ingress[0].ports[0].endPort"),
        ("ingress: [{ports: [{endPort: 90}]}]", "spec.ingress[0].ports[0].endPort"),
        ("ingress: [{ports: [{port: 10, endPort: 1}]}]", "spec.ingress[0].ports[0].endPort"),
        ("ingress: [{ports: [{port: 10, protocol: tcp}]}]", "spec.ingress[0].ports[0].protocol"),
        ("ingress: {from: []}", "spec.ingress"),
        ("ingress: [from]", "spec.ingress[0]"),
        ("policyTypes: [ingress]", "spec.policyTypes[0]"),
        ("policyTypes: [Ingress, Egress, Ingress]", "spec.policyTypes"),
        ("podSelector: {matchLabels: {app: [1]}}", "spec.podSelector.matchLabels.app"),
        ("podSelector: {matchExpressions: [{key: a, operator: In}]}", "spec.podSelector.matchExpressions[0].values"),
    ],
)
def test_refused_policies(spec: str, path: str) -> None:
    net = Net(PODS, policy("bad", spec))
    assert [(fault.policy.name, format_path(fault.path), fault.refused) for fault in net.model.faults] == [
        ("bad", path, True)
    ]
    decision = net.model.decide(net["shop/web"], net["shop/db"], 80)
    assert decision.allowed
    assert [doubt.reason for doubt in decision.doubts] == ["NetworkPolicy bad is not valid"]
    assert not net.model.decide(net["ops/probe"], net["ops/probe"], 80).partial


@pytest.mark.parametrize(
    ("kind", "name", "spec", "path"),
    [
        ("AdminNetworkPolicy", "a", "subject: {namespaces: {}}", "spec.priority"),
        ("AdminNetworkPolicy", "a", "priority: 1001\nsubject: {namespaces: {}}", "spec.priority"),
        ("AdminNetworkPolicy", "a", "priority: 1", "spec.subject"),
        (
            "AdminNetworkPolicy",
            "a",
            "priority: 1\nsubject: {namespaces: {}}\ningress: [{action: Drop, from: [{namespaces: {}}]}]",
            "spec.ingress[0].action",
        ),
        (
            "AdminNetworkPolicy",
            "a",
            "priority: 1\nsubject: {namespaces: {}}\ningress: [{action: Deny}]",
            "spec.ingress[0]",
        ),
        (
            "AdminNetworkPolicy",
            "a",
            "priority: 1\nsubject: {namespaces: {}}\negress: [{action: Deny, to: [{networks: [x]}]}]",
            "spec.egress[0].to[0].networks[0]",
        ),
        ("BaselineAdminNetworkPolicy", "other", "subject: {namespaces: {}}", "metadata.name"),
        ("ClusterNetworkPolicy", "c", "priority: 1\nsubject: {namespaces: {}}", "spec.tier"),
    ],
)
def test_refused_cluster_wide_policies(kind: str, name: str, spec: str, path: str) -> None:
    net = Net(PODS, policy(name, spec, kind=kind, version=ADMIN))
    assert [format_path(fault.path) for fault in net.model.faults] == [path]
    assert net.model.policies == ()


def test_a_port_name_on_an_address_is_told_but_the_policy_stays_in_force() -> None:
    spec = "podSelector: {}\negress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}, {podSelector: {}}], ports: [{port: http}]}]"
    net = Net(PODS, policy("p", spec))
    assert [(format_path(fault.path), fault.refused) for fault in net.model.faults] == [
        ("spec.egress[0].ports[0].port", False)
    ]
    decision = net.model.decide(net["shop/web"], net["shop/db"], 8080)
    assert (decision.egress.allowed, decision.partial) == (True, False)


def test_repeated_names_are_faults() -> None:
    space = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    other = space.replace("{name: shop}", "{name: shop, labels: {team: a}}")
    policies = policy("p", "podSelector: {}"), policy("p", "podSelector: {}\ningress: [{}]")
    net = Net(PODS, *policies, space, space, other)
    assert [(fault.policy.kind, fault.refused) for fault in net.model.faults] == [
        ("NetworkPolicy", False),
        ("Namespace", False),
    ]
    decision = net.model.decide(net["shop/web"], net["shop/db"], 80)
    assert [doubt.reason for doubt in decision.doubts] == ["NetworkPolicy p is given more than once"]


def test_a_selector_that_splits_the_pods_of_one_owner_is_a_fault() -> None:
    owned = "".join(
        pod(name).replace("labels:", "ownerReferences: [{kind: DaemonSet, name: agents, controller: true}], labels:")
        for name in ("one", "two")
    )
    whole = policy("whole", "podSelector: {matchExpressions: [{key: app, operator: In, values: [one, two]}]}")
    assert Net(owned, whole).model.faults == ()
    net = Net(owned, whole, policy("part", "podSelector: {matchLabels: {app: one}}"))
    assert [(fault.policy.name, format_path(fault.path), fault.message) for fault in net.model.faults] == [
        ("part", "spec.podSelector", "selects some of the pods of shop/agents[DaemonSet] and not the others")
    ]


PORT = {"port": 80, "endPort": 90, "protocol": "TCP"}
RULE = {
    "from": [
        {"podSelector": {"matchLabels": {"app": "a"}}, "namespaceSelector": {}},
        {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
        {"podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["a"]}]}},
    ],
    "ports": [PORT, {"port": "http"}],
}
ADMIN_RULE = {
    "action": "Deny",
    "from": [{"namespaces": {"sameLabels": ["a"]}}, {"pods": {"namespaceSelector": {}, "podSelector": {}}}],
    "ports": [{"portNumber": {"port": 80, "protocol": "TCP"}}, {"portRange": {"start": 1, "end": 2}}],
}
CLUSTER_RULE = {
    "action": "Accept",
    "from": [{"networks": ["10.0.0.0/8"]}],
    "protocols": [{"tcp": {"destinationPort": {"range": {"start": 1, "end": 2}}}}, {"destinationNamedPort": "http"}],
}
CONTAINER = {"name": "c", "ports": [{"name": "http", "containerPort": 80}], "restartPolicy": "Always"}
BACKEND = {"service": {"name": "default", "port": {"number": 80}}}
SPECS: list[tuple[str, str, Any]] = [
    ("networking.k8s.io/v1", "NetworkPolicy", {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [RULE]}),
    (ADMIN, "AdminNetworkPolicy", {"priority": 1, "subject": {"namespaces": {}}, "ingress": [ADMIN_RULE]}),
    (ADMIN, "ClusterNetworkPolicy", {"tier": "Admin", "subject": {"namespaces": {}}, "ingress": [CLUSTER_RULE]}),
    ("networking.k8s.io/v1", "Ingress", {"rules": [{"http": {"paths": [{"backend": BACKEND}]}}]}),
    ("v1", "Service", {"selector": {"app": "a"}, "ports": [{"port": 80, "targetPort": "http", "protocol": "TCP"}]}),
    ("v1", "Pod", {"containers": [CONTAINER], "initContainers": [CONTAINER], "hostNetwork": True}),
]
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        70000,
        1.5,
        float("nan"),
        "",
        "a",
        "80",
        "\n",
        [],
        [None],
        [[]],
        [{}],
        {},
        {"a": None},
        {"a": [1]},
    ]
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of every value in a tree, its root included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in places(item, (*path, key)))]


def replaced(value: Any, path: tuple[str | int, ...], junk: Any) -> Any:
    if not path:
        return junk
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], junk)
    return copy


@given(st.data(), st.integers(0, len(SPECS) - 1))
def test_no_value_of_any_type_in_any_place_stops_the_engine(data: st.DataObject, broken: int) -> None:
    resources = []
    for number, (version, kind, spec) in enumerate(SPECS):
        item = {
            "apiVersion": version,
            "kind": kind,
            "metadata": {"name": "default", "labels": {"app": "a"}, "ownerReferences": [{"kind": "Job", "name": "j"}]},
            "spec": spec,
        }
        if number == broken:
            item = replaced(item, data.draw(st.sampled_from(places(item)[3:])), data.draw(JUNK))
        found = resource_of(Document("any.yaml", number, "", 1, item), item, ())
        resources.extend([found] if found else [])
    workloads = [workload for item in resources if (workload := workload_of(item))]
    model = NetworkModel.build(workloads, resources)
    assert all(fault.message for fault in model.faults)
    listed = connections(model)
    assert listed == sorted(listed)
    for workload in workloads:
        assert model.decide(workload, workload, "http").ports <= model.allowed_connections(workload, workload)
