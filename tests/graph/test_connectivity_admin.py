"""Cluster-wide policies: tiers, priorities, and peers that depend on the subject."""

from __future__ import annotations

import pytest

from refarch_lint.graph.addresses import AddressRange
from refarch_lint.graph.connectivity_pods import pod_in
from refarch_lint.graph.connectivity_rules import Action
from refarch_lint.location import Path
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


@pytest.mark.parametrize(
    ("rules", "path", "says"),
    [
        (
            "ingress: [{action: Deny, from: [{networks: [10.0.0.0/8]}]}]",
            ("spec", "ingress", 0, "from", 0),
            "must have exactly one of namespaces, pods",
        ),
        (
            "egress: [{action: Pass, to: [{domainNames: [example.com]}]}]",
            ("spec", "egress", 0, "action"),
            "is not the one that allows, as domainNames require",
        ),
        (
            "ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portNumber: {port: 1}, namedPort: http}]}]",
            ("spec", "ingress", 0, "ports", 0),
            "must have exactly one of portNumber, portRange, namedPort",
        ),
        (
            "ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{namedPort: 80}]}]",
            ("spec", "ingress", 0, "ports", 0, "namedPort"),
            "is not a text",
        ),
    ],
)
def test_what_the_api_refuses_of_an_admin_policy(rules: str, path: Path, says: str) -> None:
    net = Net(PODS, policy("wrong", f"priority: 1\n{BROAD}\n{rules}", kind="AdminNetworkPolicy", version=ADMIN))
    assert [(fault.path, fault.message, fault.refused) for fault in net.model.faults] == [(path, says, True)]
    assert net.model.policies == ()


def test_a_baseline_has_no_domain_names_and_addresses_no_port_names() -> None:
    wrong = f"{BROAD}\negress: [{{action: Allow, to: [{{domainNames: [example.com]}}]}}]"
    named = f"{BROAD}\negress: [{{action: Deny, to: [{{networks: [10.0.0.0/8]}}], ports: [{{namedPort: http}}]}}]"
    for rules, path, refused in (
        (wrong, ("spec", "egress", 0, "to", 0), True),
        (named, ("spec", "egress", 0, "to"), False),
    ):
        net = Net(PODS, policy("default", rules, kind="BaselineAdminNetworkPolicy", version=ADMIN))
        assert [(fault.path, fault.refused) for fault in net.model.faults] == [(path, refused)]


@pytest.mark.parametrize(
    ("first", "second", "is_open"),
    [
        ("namespaces: {}", "namespaces: {}", True),
        ("namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}", "namespaces: {}", True),
        (
            "namespaces: {matchLabels: {kubernetes.io/metadata.name: ops}}",
            "pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}",
            False,
        ),
    ],
)
def test_equal_priorities_leave_open_which_policy_is_asked_first(first: str, second: str, is_open: bool) -> None:
    rules = "ingress: [{action: %s, from: [{namespaces: {}}]}]"
    texts = [
        policy(name, f"priority: 7\nsubject: {{{subject}}}\n{rules % action}", kind="AdminNetworkPolicy", version=ADMIN)
        for name, subject, action in (("one", first, "Allow"), ("two", second, "Deny"))
    ]
    net = Net(PODS, *texts)
    decision = net.model.decide(net["shop/web"], net["shop/db"], 80)
    assert decision.partial is is_open
    assert [doubt.reason for doubt in decision.doubts] == [
        "AdminNetworkPolicy one and two have the same priority"
    ] * is_open
    assert [fault.message for fault in net.model.faults] == [
        "is that of AdminNetworkPolicy one: which is asked first is not defined"
    ] * is_open


def test_the_order_of_rules_that_do_the_same_decides_nothing() -> None:
    same = "subject: {namespaces: {}}\ningress: [{action: %s, from: [{namespaces: {}}]}]"
    other = "subject: {namespaces: {}}\negress: [{action: Deny, to: [{namespaces: {}}]}]"
    for rules, is_open in (
        ((same % "Deny", same % "Deny", same % "Deny"), []),
        ((same % "Allow", other, same % "Allow"), []),
        ((same % "Allow", same % "Allow", same % "Deny"), ["a and c", "b and c"]),
        ((same % "Allow", other, same % "Deny"), ["a and c"]),
    ):
        texts = [
            policy(name, f"priority: 7\n{text}", kind="AdminNetworkPolicy", version=ADMIN)
            for name, text in zip("abc", rules, strict=True)
        ]
        net = Net(PODS, *texts)
        doubts = net.model.doubts(net["shop/db"])
        assert [doubt.reason for doubt in doubts] == [
            f"AdminNetworkPolicy {names} have the same priority" for names in is_open
        ]
