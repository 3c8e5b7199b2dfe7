"""Cluster-wide policies: tiers, priorities, and peers that depend on the subject."""

from __future__ import annotations

import pytest

from refarch_lint.graph.addresses import AddressRange
from refarch_lint.graph.connectivity_pods import pod_in
from refarch_lint.graph.connectivity_rules import Action
from tests.graph.network_manifests import ADMIN, PODS, Net, pod, policy

BROAD = "subject: {namespaces: {}}"


@pytest.mark.parametrize(
    ("admin", "expected"),
    [
        ([], "TCP 80"),
        ([(5, "Deny")], "No Connections"),
        ([(5, "Allow")], "TCP 80-90"),
        ([(5, "Pass"), (9, "Deny")], "TCP 80"),
        ([(9, "Allow"), (5, "Deny")], "TCP 81-90"),
        ([(9, "Deny"), (5, "Allow")], "TCP 80-90"),
    ],
)
def test_admin_policies_are_asked_first_in_the_order_of_their_priority(
    admin: list[tuple[int, str]], expected: str
) -> None:
    port = {"Allow": "90", "Deny": "80", "Pass": "80"}
    texts = [
        policy(
            f"admin-{number}",
            f"""
priority: {priority}
{BROAD}
ingress:
- action: {action}
  from: [{{namespaces: {{}}}}]
  ports: [{{portRange: {{protocol: TCP, start: 80, end: {port[action]}}}}}]
""",
            kind="AdminNetworkPolicy",
            version=ADMIN,
        )
        for number, (priority, action) in enumerate(admin)
    ]
    net = Net(PODS, policy("net", "podSelector: {}\ningress: [{ports: [{port: 80}]}]"), *texts)
    assert net.model.faults == ()
    assert net.ports("shop/web", "shop/db") == expected


def test_the_baseline_rules_only_where_no_network_policy_isolates() -> None:
    baseline = f"{BROAD}\ningress: [{{name: closed, action: Deny, from: [{{namespaces: {{}}}}]}}]"
    net = Net(
        PODS,
        policy("default", baseline, kind="BaselineAdminNetworkPolicy", version=ADMIN),
        policy("db", "podSelector: {matchLabels: {app: db}}\ningress: [{}]"),
    )
    assert net.ports("shop/web", "shop/db") == "All Connections"
    denied = net.model.decide(net["shop/web"], net["shop/api"], 80)
    assert not denied.allowed
    assert not denied.ingress.isolated
    assert [(rule.policy.kind, rule.action) for rule in denied.ingress.rules] == [
        ("BaselineAdminNetworkPolicy", Action.DENY)
    ]


def spaces(**labels: str) -> str:
    return "".join(
        f"---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {value}}}\n"
        for name, value in labels.items()
    )


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        ("{sameLabels: [team]}", ["shop/web", "twin/t"]),
        ("{sameLabels: [team, zone]}", ["shop/web"]),
        ("{notSameLabels: [team]}", ["ops/probe"]),
        ("{notSameLabels: [team, zone]}", ["ops/probe", "twin/t"]),
        ("{sameLabels: []}", []),
        ("{namespaceSelector: {matchLabels: {team: b}}}", ["ops/probe"]),
    ],
)
def test_peers_related_to_the_subject(relation: str, expected: list[str]) -> None:
    labels = spaces(shop="{team: a, zone: x}", twin="{team: a, zone: y}", ops="{team: b, zone: x}", odd="{zone: z}")
    spec = f"""
priority: 1
subject: {{pods: {{namespaceSelector: {{}}, podSelector: {{matchLabels: {{app: db}}}}}}}}
ingress:
- {{action: Pass, from: [{{pods: {{namespaces: {relation}, podSelector: {{}}}}}}]}}
- {{action: Deny, from: [{{namespaces: {{}}}}]}}
"""
    pods = (
        pod("web") + pod("db") + pod("probe", namespace="ops") + pod("t", namespace="twin") + pod("o", namespace="odd")
    )
    net = Net(labels, pods, policy("admin", spec, kind="AdminNetworkPolicy", version=ADMIN))
    reach = net.model.sources_of(net["shop/db"], 80)
    found = sorted(f"{w.namespace}/{w.resource.name}" for w in reach.workloads if w.resource.name != "db")
    assert found == expected
    decided = [
        name for name in net.by_name if name != "shop/db" and net.model.decide(net[name], net["shop/db"], 80).allowed
    ]
    assert sorted(decided) == expected


def test_cluster_network_policy_networks_reach_pods_and_domain_names_leave_doubt() -> None:
    spec = f"""
tier: Admin
priority: 1
{BROAD}
egress:
- {{action: Accept, to: [{{domainNames: ['*.example.com']}}]}}
- action: Deny
  to: [{{networks: [0.0.0.0/0]}}]
  protocols:
  - {{tcp: {{destinationPort: {{number: 80}}}}}}
  - {{udp: {{destinationPort: {{range: {{start: 1, end: 9}}}}}}}}
"""
    net = Net(PODS, policy("cnp", spec, kind="ClusterNetworkPolicy", version="policy.networking.k8s.io/v1alpha2"))
    assert net.model.faults == ()
    assert net.ports("shop/web", "shop/db") == "SCTP 1-65535,TCP 1-79,81-65535,UDP 10-65535"
    outside = AddressRange(4, 1, 1)
    decision = net.model.decide(net["shop/web"], outside, 80)
    assert (decision.allowed, decision.partial) == (False, True)
    assert not net.model.decide(net["shop/web"], net["shop/db"], 80).partial


def test_cluster_wide_policies_do_not_reach_the_host_network() -> None:
    deny = f"priority: 1\n{BROAD}\ningress: [{{action: Deny, from: [{{namespaces: {{}}}}]}}]"
    net = Net(
        PODS,
        pod("node", spec="  hostNetwork: true"),
        policy("admin", deny, kind="AdminNetworkPolicy", version=ADMIN),
    )

    def verdict(source: str, destination: str) -> bool:
        return net.model.decide(net[source], net[destination], 80).allowed

    assert verdict("shop/web", "shop/node")
    assert verdict("shop/node", "shop/web")
    assert not verdict("shop/api", "shop/web")
    reach = net.model.sources_of(net["shop/web"], 80)
    assert [workload.resource.name for workload in reach.workloads] == ["node"]
    reach = net.model.destinations_of(net["shop/web"], 80)
    assert [workload.resource.name for workload in reach.workloads] == ["node"]


def test_cluster_wide_policies_select_pods_outside_the_input_by_their_namespace() -> None:
    shop = "{namespaces: {matchLabels: {kubernetes.io/metadata.name: other}}}"
    deny = f"priority: 1\nsubject: {shop}\ningress: [{{action: Deny, from: [{{namespaces: {{}}}}]}}]"
    net = Net(PODS, policy("admin", deny, kind="AdminNetworkPolicy", version=ADMIN))
    assert not net.model.decide(net["shop/web"], pod_in("other"), 80).allowed
    assert net.model.decide(net["shop/web"], pod_in("another"), 80).allowed
