"""The listing of all allowed connections, and what leads from Services and Ingresses to the pods' ports."""

from __future__ import annotations

import pytest

from refarch_lint.graph.connections import connections
from tests.graph.network_manifests import Net, pod, policy

DEPLOYMENT = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
      - name: main
        ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]
"""


def lines(*texts: str) -> list[str]:
    return connections(Net(*texts).model)


def service(ports: str, more: str = "") -> str:
    spec = f"{{selector: {{app: api}}, ports: {ports}{more}}}"
    return f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: api, namespace: shop}}\nspec: {spec}\n"


def ingress(port: str, *, name: str = "api") -> str:
    backend = f"backend: {{service: {{name: {name}, port: {{{port}}}}}}}"
    return (
        "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: in, namespace: shop}\n"
        f"spec: {{rules: [{{http: {{paths: [{{path: /, {backend}}}]}}}}]}}\n"
    )


def test_open_workloads_connect_to_each_other_and_to_the_outside() -> None:
    assert lines(DEPLOYMENT, pod("web")) == [
        "0.0.0.0-255.255.255.255[External] => shop/api[Deployment] : All Connections",
        "0.0.0.0-255.255.255.255[External] => shop/web[Pod] : All Connections",
        "shop/api[Deployment] => 0.0.0.0-255.255.255.255[External] : All Connections",
        "shop/api[Deployment] => shop/web[Pod] : All Connections",
        "shop/web[Pod] => 0.0.0.0-255.255.255.255[External] : All Connections",
        "shop/web[Pod] => shop/api[Deployment] : All Connections",
    ]


def test_address_ranges_are_as_large_as_equal_ports_let_them_be() -> None:
    rule = """
podSelector: {}
policyTypes: [Ingress, Egress]
ingress:
- {from: [{ipBlock: {cidr: 10.0.0.0/9}}, {ipBlock: {cidr: 10.128.0.0/9}}], ports: [{port: 80}]}
- {from: [{ipBlock: {cidr: 10.0.0.0/16}}], ports: [{port: 90, endPort: 99}]}
- {from: [{ipBlock: {cidr: '::/0'}}], ports: [{port: 1}]}
"""
    assert lines(DEPLOYMENT, policy("p", rule)) == [
        "10.0.0.0-10.0.255.255[External] => shop/api[Deployment] : TCP 80,90-99",
        "10.1.0.0-10.255.255.255[External] => shop/api[Deployment] : TCP 80",
    ]
    only_some = rule.replace("::/0", "fd00::/8")
    assert lines(DEPLOYMENT, policy("p", only_some))[-1] == (
        "fd00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff[External] => shop/api[Deployment] : TCP 1"
    )


def test_pods_are_written_by_their_top_owner() -> None:
    def owned(name: str, kind: str, owner: str) -> str:
        return pod(name).replace("labels:", f"ownerReferences: [{{kind: {kind}, name: {owner}}}], labels:")

    replica_set = """
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: api-1, namespace: shop, ownerReferences: [{kind: Deployment, name: api, controller: true}]}
spec: {replicas: 0, template: {metadata: {labels: {app: api, old: 'yes'}}}}
"""
    net = Net(
        DEPLOYMENT,
        replica_set,
        owned("api-1-a", "ReplicaSet", "api-1"),
        owned("static", "Node", "node-1"),
        owned("gone", "StatefulSet", "db"),
        owned("loop", "Pod", "loop"),
    )
    assert [str(group) for group in net.model.groups] == [
        "shop/api[Deployment]",
        "shop/db[StatefulSet]",
        "shop/loop[Pod]",
        "shop/static[Pod]",
    ]
    assert [len(group.workloads) for group in net.model.groups] == [2, 1, 1, 1]


def test_two_workloads_with_the_same_labels_connect_to_each_other() -> None:
    twin = DEPLOYMENT.replace("name: api, namespace", "name: twin, namespace")
    between = [line for line in lines(DEPLOYMENT, twin) if "External" not in line]
    assert between == [
        "shop/api[Deployment] => shop/twin[Deployment] : All Connections",
        "shop/twin[Deployment] => shop/api[Deployment] : All Connections",
    ]


@pytest.mark.parametrize(
    ("ports", "asked", "expected"),
    [
        ("[{port: 80, targetPort: http}]", 80, [(8080, "TCP")]),
        ("[{port: 80, targetPort: 9000}]", 80, [(9000, "TCP")]),
        ("[{port: 80}]", 80, [(80, "TCP")]),
        ("[{name: web, port: 80, targetPort: http}]", "web", [(8080, "TCP")]),
        ("[{port: 53, targetPort: dns, protocol: UDP}]", 53, [(53, "UDP")]),
        ("[{port: 53, targetPort: dns}]", 53, []),
        ("[{port: 80, targetPort: missing}]", 80, []),
        ("[{port: 80}]", 81, []),
        ("[{port: 80, targetPort: 9000}], clusterIP: None", 9000, [(9000, "TCP")]),
        ("[{port: 80, targetPort: 9000}], clusterIP: None", 80, [(80, "TCP")]),
        ("[{name: web, port: 80, targetPort: 9000}], clusterIP: None", "web", [(9000, "TCP")]),
        ("[{port: 80}], type: ExternalName", 80, []),
    ],
)
def test_service_ports_lead_to_pod_ports(ports: str, asked: int | str, expected: list[tuple[int, str]]) -> None:
    net = Net(DEPLOYMENT, service(ports))
    found = net.model.resolve_service_port(net.resources[-1], asked)
    assert [(target.port, target.protocol) for target in found] == expected
    assert all(target.workload is net["shop/api"] for target in found)


@pytest.mark.parametrize(
    ("port", "rule", "expected"),
    [
        ("number: 80", "{}", ["TCP 8080"]),
        ("name: web", "{}", ["TCP 8080"]),
        ("number: 81", "{}", []),
        ("number: 80", "{from: [{namespaceSelector: {}}]}", ["TCP 8080"]),
        ("number: 80", "{from: [{namespaceSelector: {matchLabels: {a: b}}}]}", []),
        ("number: 80", "{from: [{podSelector: {}}]}", []),
        ("number: 80", "{ports: [{port: 9}]}", []),
    ],
)
def test_the_ingress_controller_is_a_pod_of_which_nothing_is_known(port: str, rule: str, expected: list[str]) -> None:
    net = policy("p", f"podSelector: {{}}\ningress: [{rule}]")
    found = lines(DEPLOYMENT, service("[{name: web, port: 80, targetPort: http}]"), ingress(port), net)
    prefix = "{ingress-controller} => shop/api[Deployment] : "
    assert [line.removeprefix(prefix) for line in found if line.startswith(prefix)] == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("web", ["TCP 8080"]),
        ("admin", ["TCP 9001"]),
        ("9001", ["TCP 9001"]),
        ("'9001'", ["TCP 9001"]),
        ("8080", ["TCP 8080"]),
        ("http", ["TCP 8080"]),
        ("9000", ["TCP 9001"]),
        ("7", []),
        ("other", []),
    ],
)
def test_the_port_of_a_route_is_the_name_of_a_services_port_or_the_number_of_the_pods(
    target: str, expected: list[str]
) -> None:
    behind = service("[{name: web, port: 80, targetPort: http}, {name: admin, port: 9000, targetPort: 9001}]")
    route = f"""
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {{name: r, namespace: shop}}
spec: {{to: {{kind: Service, name: api}}, port: {{targetPort: {target}}}}}
"""
    prefix = "{ingress-controller} => shop/api[Deployment] : "
    found = lines(DEPLOYMENT, behind, route)
    assert [line.removeprefix(prefix) for line in found if line.startswith(prefix)] == expected


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ("[{name: web, port: 80, targetPort: http}], clusterIP: None", ["TCP 8080"]),
        ("[{name: quic, port: 80, targetPort: http, protocol: UDP}]", []),
        (
            "[{name: quic, port: 80, targetPort: 8443, protocol: UDP}, {name: web, port: 80, targetPort: 9000}]",
            ["TCP 9000"],
        ),
    ],
)
def test_ingress_controllers_connect_to_the_pods_over_tcp(ports: str, expected: list[str]) -> None:
    prefix = "{ingress-controller} => shop/api[Deployment] : "
    found = lines(DEPLOYMENT, service(ports), ingress("number: 80"))
    assert [line.removeprefix(prefix) for line in found if line.startswith(prefix)] == expected


def test_entrances_of_other_kinds_and_versions() -> None:
    old = """
---
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: old, namespace: shop}
spec: {backend: {serviceName: api, servicePort: web}}
"""
    route = """
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: r, namespace: shop}
spec: {to: {kind: Service, name: api}}
"""
    behind = service("[{name: web, port: 80, targetPort: http}]")
    for entrance in (old, route):
        assert "{ingress-controller} => shop/api[Deployment] : TCP 8080" in lines(DEPLOYMENT, behind, entrance)
    assert not [line for line in lines(DEPLOYMENT, behind, ingress("number: 80", name="other")) if "ingress" in line]
