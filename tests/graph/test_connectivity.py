"""The NetworkPolicy engine on small inputs whose verdicts can be read off the API's documentation."""

from __future__ import annotations

import pytest

from refarch_lint.graph.addresses import parse_address_range
from refarch_lint.graph.connectivity import HOST_NETWORK_DOUBT
from refarch_lint.graph.connectivity_flows import flows
from refarch_lint.graph.connectivity_pods import pod_in
from refarch_lint.graph.connectivity_rules import Action
from tests.graph.network_manifests import PODS, Net, pod, policy


def test_without_policies_everything_is_allowed_and_nothing_isolated() -> None:
    net = Net(PODS)
    decision = net.model.decide(net["shop/web"], net["ops/probe"], 8080)
    assert decision.allowed
    assert not decision.partial
    assert not decision.egress.isolated
    assert net.model.isolation(net["shop/web"]) == ((), ())
    assert net.ports("shop/web", "shop/db") == "All Connections"


def test_a_verdict_names_the_isolating_policy_and_the_rule() -> None:
    net = Net(
        PODS,
        policy("deny", "podSelector: {}"),
        policy(
            "db",
            """
podSelector: {matchLabels: {app: db}}
ingress:
- from: [{podSelector: {matchLabels: {app: nobody}}}]
- from: [{podSelector: {matchLabels: {app: api}}}]
  ports: [{port: 5432}]
""",
        ),
    )
    allowed = net.model.decide(net["shop/api"], net["shop/db"], 5432)
    assert allowed.allowed
    assert [(rule.policy.name, rule.path, rule.action) for rule in allowed.ingress.rules] == [
        ("db", ("spec", "ingress", 1), Action.ALLOW)
    ]
    denied = net.model.decide(net["shop/web"], net["shop/db"], 5432)
    assert not denied.allowed
    assert denied.egress.allowed
    assert denied.ingress.isolated
    assert [item.name for item in denied.ingress.policies] == ["db", "deny"]
    assert denied.ingress.rules == ()
    assert net.ports("shop/api", "shop/db") == "TCP 5432"


@pytest.mark.parametrize(
    ("spec", "ingress", "egress"),
    [
        ("podSelector: {}", True, False),
        ("podSelector: {}\negress: []", True, False),
        ("podSelector: {}\negress: [{}]", True, True),
        ("podSelector: {}\npolicyTypes: []\ningress: [{}]", True, False),
        ("podSelector: {}\npolicyTypes: [Egress]\ningress: [{}]", False, True),
        ("podSelector: {matchLabels: {app: other}}", False, False),
        ("policyTypes: [Ingress]", True, False),
    ],
)
def test_policy_types(spec: str, ingress: bool, egress: bool) -> None:
    net = Net(PODS, policy("p", spec))
    isolation = net.model.isolation(net["shop/web"])
    assert (bool(isolation.ingress), bool(isolation.egress)) == (ingress, egress)
    assert net.model.isolation(net["ops/probe"]) == ((), ())


OPS = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}"
PROBE = "podSelector: {matchLabels: {app: probe}}"


@pytest.mark.parametrize(
    ("rule", "from_web", "from_probe"),
    [
        ("{}", "All Connections", "All Connections"),
        ("{from: [], ports: []}", "All Connections", "All Connections"),
        ("{from: [{podSelector: {}}]}", "All Connections", "No Connections"),
        ("{from: [{namespaceSelector: {}}]}", "All Connections", "All Connections"),
        (f"{{from: [{OPS}]}}", "No Connections", "All Connections"),
        ("{from: [{namespaceSelector: {matchLabels: {name: ops}}}]}", "No Connections", "No Connections"),
        (f"{{from: [{{namespaceSelector: {{}}, {PROBE}}}]}}", "No Connections", "All Connections"),
        (f"{{from: [{{namespaceSelector: {{}}}}, {{{PROBE}}}]}}", "All Connections", "All Connections"),
        ("{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}", "No Connections", "No Connections"),
        ("{ports: [{port: http}]}", "TCP 8080", "TCP 8080"),
        ("{ports: [{port: http, protocol: UDP}]}", "No Connections", "No Connections"),
        ("{ports: [{port: dns, protocol: UDP}, {protocol: SCTP}]}", "SCTP 1-65535,UDP 53", "SCTP 1-65535,UDP 53"),
        ("{ports: [{port: 90, endPort: 99}, {port: 80}, {port: 100}]}", "TCP 80,90-100", "TCP 80,90-100"),
    ],
)
def test_ingress_rules(rule: str, from_web: str, from_probe: str) -> None:
    net = Net(PODS, policy("db", f"podSelector: {{matchLabels: {{app: db}}}}\ningress: [{rule}]"))
    assert net.model.faults == ()
    assert (net.ports("shop/web", "shop/db"), net.ports("ops/probe", "shop/db")) == (from_web, from_probe)


def test_named_ports_are_those_of_the_destination_sidecars_included() -> None:
    sidecar = "  initContainers:\n  - {name: s, restartPolicy: Always, ports: [{name: admin, containerPort: 9901}]}\n"
    setup = "  initContainers:\n  - {name: s, ports: [{name: admin, containerPort: 9902}]}\n"
    net = Net(
        PODS,
        pod("mesh", spec=sidecar),
        pod("setup", spec=setup),
        policy(
            "web", "podSelector: {matchLabels: {app: web}}\npolicyTypes: [Egress]\negress: [{ports: [{port: admin}]}]"
        ),
    )
    assert net.ports("shop/web", "shop/mesh") == "TCP 9901"
    assert net.ports("shop/web", "shop/setup") == "No Connections"
    assert net.model.decide(net["shop/web"], net["shop/mesh"], "admin").allowed
    undeclared = net.model.decide(net["shop/api"], net["shop/db"], "admin")
    assert not undeclared.allowed
    assert [doubt.reason for doubt in undeclared.doubts] == ["the destination declares no TCP port named admin"]


def test_addresses_with_exceptions() -> None:
    block = "{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, {ipBlock: {cidr: 'fd00::/8'}}"
    net = Net(PODS, policy("web", f"podSelector: {{}}\npolicyTypes: [Egress]\negress: [{{to: [{block}]}}]"))

    def allowed(text: str) -> bool:
        wanted = parse_address_range(text)
        assert wanted is not None
        return net.model.decide(net["shop/web"], wanted, 443).allowed

    assert [allowed(text) for text in ("10.0.0.1", "10.2.0.0/16", "fd12::1")] == [True, True, True]
    assert [allowed(text) for text in ("10.1.2.3", "10.0.0.0/8", "11.0.0.0", "2001:db8::/32")] == [False] * 4
    reach = net.model.destinations_of(net["shop/web"], 443)
    assert [str(item) for item in reach.addresses] == [
        "10.0.0.0-10.0.255.255",
        "10.2.0.0-10.255.255.255",
        "fd00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]
    assert reach.workloads == ()


def test_a_denied_pod_shows_the_address_rule_that_may_have_been_meant_for_it() -> None:
    net = Net(
        PODS, policy("web", "podSelector: {}\negress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 1}]}]")
    )
    decision = net.model.decide(net["shop/web"], net["ops/probe"], 1)
    assert not decision.allowed
    assert [rule.path for rule in decision.egress.address_rules] == [("spec", "egress", 0)]
    assert net.model.decide(net["shop/web"], net["ops/probe"], 2).egress.address_rules == ()


def test_pods_outside_the_input() -> None:
    dns = (
        "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, "
        "podSelector: {matchLabels: {k8s-app: kube-dns}}}"
    )
    net = Net(
        PODS, policy("dns", f"podSelector: {{}}\negress: [{{to: [{dns}], ports: [{{port: 53, protocol: UDP}}]}}]")
    )
    server = pod_in("kube-system", {"k8s-app": "kube-dns"})
    assert net.model.decide(net["shop/web"], server, 53, "UDP").allowed
    assert not net.model.decide(net["shop/web"], server, 53).allowed
    assert not net.model.decide(net["shop/web"], pod_in("kube-system"), 53, "UDP").allowed
    assert [item.name for item in net.model.isolation(pod_in("shop")).ingress] == ["dns"]


def test_namespace_isolation_counts_only_policies_for_every_pod() -> None:
    net = Net(
        PODS,
        policy("some", "podSelector: {matchExpressions: [{key: app, operator: Exists}]}"),
        policy("all", "podSelector: {}\npolicyTypes: [Egress]"),
    )
    isolation = net.model.namespace_isolation("shop")
    assert ([p.name for p in isolation.ingress], [p.name for p in isolation.egress]) == ([], ["all"])


def test_host_network_makes_a_verdict_partial_only_where_it_matters() -> None:
    net = Net(
        PODS,
        pod("node", spec="  hostNetwork: true"),
        policy(
            "db", "podSelector: {matchLabels: {app: db}}\ningress: [{from: [{podSelector: {}}], ports: [{port: 1}]}]"
        ),
    )
    selected = net.model.decide(net["shop/node"], net["shop/db"], 1)
    assert selected.allowed
    assert [doubt.reason for doubt in selected.doubts] == [HOST_NETWORK_DOUBT]
    assert not net.model.decide(net["shop/node"], net["shop/api"], 1).partial
    assert not net.model.decide(net["shop/node"], net["shop/db"], 2).partial


@pytest.mark.parametrize(
    ("version", "kind", "place", "partial"),
    [
        ("cilium.io/v2", "CiliumNetworkPolicy", "shop", True),
        ("cilium.io/v2", "CiliumNetworkPolicy", "elsewhere", False),
        ("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "", True),
        ("crd.projectcalico.org/v1", "NetworkPolicy", "shop", True),
        ("projectcalico.org/v3", "GlobalNetworkPolicy", "", True),
    ],
)
def test_policies_of_network_plugins_make_a_verdict_partial(version: str, kind: str, place: str, partial: bool) -> None:
    foreign = f"---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: other, namespace: '{place}'}}\n"
    net = Net(PODS, foreign)
    decision = net.model.decide(net["shop/web"], net["shop/db"], 1)
    assert decision.partial is partial
    assert decision.allowed
    assert [doubt.resource.name for doubt in decision.doubts if doubt.resource] == ["other"] * partial
    assert bool(net.model.doubts(net["shop/web"])) is partial


@pytest.mark.parametrize(
    ("spec", "partial"),
    [
        ("podSelector: {matchLabels: {statefulset.kubernetes.io/pod-name: db-0}}", True),
        ("podSelector: {matchLabels: {app: db, apps.kubernetes.io/pod-index: '0'}}", True),
        ("podSelector: {matchLabels: {app: web, pod-template-hash: abc}}", False),
        ("podSelector: {matchExpressions: [{key: job-name, operator: Exists}]}", True),
        ("podSelector: {matchLabels: {job-name: load}}", False),
        (
            (
                "podSelector: {matchLabels: {app: db}}\n"
                "ingress: [{from: [{podSelector: {matchLabels: {controller-uid: a}}}]}]"
            ),
            True,
        ),
    ],
)
def test_labels_that_controllers_set_make_a_verdict_partial(spec: str, partial: bool) -> None:
    net = Net(PODS, policy("some", spec))
    decision = net.model.decide(net["shop/api"], net["shop/db"], 1)
    assert decision.partial is partial
    told = [doubt.reason for doubt in net.model.policies_by_pod]
    assert all(reason.startswith("NetworkPolicy some selects by ") for reason in told)
    assert bool(told) is ("job-name: load" not in spec)


def test_rectangles_agree_with_single_verdicts_when_there_are_many_pods() -> None:
    def item(number: int) -> str:
        return pod(f"p{number}", namespace=f"n{number % 40}", labels=f", tier: t{number % 3}")

    def own(number: int) -> str:
        rules = "[{from: [{podSelector: {}}]}, {from: [{namespaceSelector: {}}], ports: [{port: 80}]}]"
        spec = f"podSelector: {{matchLabels: {{tier: t0}}}}\ningress: {rules}"
        return policy(f"own{number}", spec).replace("namespace: shop", f"namespace: n{number}")

    def wide(number: int) -> str:
        rules = "[{to: [{namespaceSelector: {}, podSelector: {matchLabels: {tier: t0}}}]}]"
        spec = f"podSelector: {{matchLabels: {{tier: t1}}}}\npolicyTypes: [Egress]\negress: {rules}"
        return policy(f"wide{number}", spec).replace("namespace: shop", f"namespace: n{number}")

    net = Net(*(item(n) for n in range(240)), *(own(n) for n in range(20)), *(wide(n) for n in range(10, 40)))
    rectangles = list(flows(net.model))
    names = sorted(net.by_name)
    for source in names[::17]:
        for destination in names[::7]:
            ends = [net.model.universe.number_of[net.model.pod(net[name])] for name in (source, destination)]
            found = {
                str(flow.ports)
                for flow in rectangles
                if flow.sources >> ends[0] & 1 and flow.destinations >> ends[1] & 1
            }
            expected = net.ports(source, destination)
            assert (expected in found) if expected != "No Connections" else not found


def test_what_a_policy_selects_and_means() -> None:
    net = Net(
        PODS,
        policy(
            "db",
            """
podSelector: {matchExpressions: [{key: app, operator: In, values: [db, api]}]}
ingress:
- from: [{podSelector: {matchLabels: {app: web}}}, {podSelector: {matchLabels: {app: gone}}}]
""",
        ),
    )
    (found,) = net.model.policies
    assert [w.resource.name for w in net.model.workloads_selected_by(found)] == ["api", "db"]
    peers = [(item.path, [w.resource.name for w in item.workloads]) for item in net.model.peer_members(found)]
    assert peers == [
        (("spec", "ingress", 0, "from", 0), ["web"]),
        (("spec", "ingress", 0, "from", 1), []),
    ]
