"""Which routes attach to which listeners, and which claims are the same."""

from __future__ import annotations

import pytest

from refarch_lint.graph.routes import claims_of, intersect, listeners
from tests.graph.trees import graph_of

GATEWAY = """apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: infra}
spec:
  gatewayClassName: envoy
  listeners:
  - {name: http, port: 80, protocol: HTTP}
  - {name: https, port: 443, protocol: HTTPS, hostname: "*.example.com"}
---
"""


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "shop.example.com", True),
        ("shop.example.com", "shop.example.com", True),
        ("shop.example.com", "www.example.com", False),
        ("*.example.com", "shop.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "v1.shop.example.com", True),
        ("*.example.com", "*.shop.example.com", True),
        ("*.example.com", "*.example.org", False),
    ],
)
def test_host_names_intersect_as_the_gateway_api_says(one: str, other: str, expected: bool) -> None:
    assert intersect(one, other) is expected
    assert intersect(other, one) is expected


@pytest.mark.parametrize(
    ("parent", "hosts", "expected"),
    [
        ("", "", ["http", "https"]),
        ("sectionName: https", "", ["https"]),
        ("port: 80", "", ["http"]),
        ("sectionName: none", "", []),
        ("", "shop.example.com", ["http", "https"]),
        ("", "shop.example.org", ["http"]),
        ("kind: Service, group: ''", "", []),
    ],
)
def test_a_route_attaches_by_section_port_and_host(parent: str, hosts: str, expected: list[str]) -> None:
    route = (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web, namespace: infra}\n"
        f"spec: {{parentRefs: [{{name: edge, {parent}}}], hostnames: [{hosts}]}}\n"
    )
    found = graph_of(GATEWAY + route)
    gateway = found.resources[0]
    assert [item.name for item in listeners(gateway) if found.routes.attached(item)] == expected


def ingress(host: str = "shop.example.com", path: str = "/", kind: str = "Prefix", extra: str = "") -> str:
    return (
        f"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: a, {extra}}}\n"
        f"spec: {{rules: [{{host: {host}, http: {{paths: [{{path: {path}, pathType: {kind}}}]}}}}]}}\n"
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ingress(path="/api"), ingress(path="/api/"), True),
        (ingress(), ingress(host="SHOP.example.com"), True),
        (ingress(path="/api"), ingress(path="/api", kind="ImplementationSpecific"), True),
        (ingress(path="/api"), ingress(path="/api", kind="Exact"), False),
        (ingress(path="/api/", kind="Exact"), ingress(path="/api", kind="Exact"), False),
        (ingress(), ingress(host="www.example.com"), False),
        (ingress(), ingress(extra="annotations: {kubernetes.io/ingress.class: internal}"), False),
    ],
)
def test_claims_are_equal_where_a_controller_could_not_tell_them_apart(one: str, other: str, same: bool) -> None:
    first, second = (next(claims_of(resource)) for resource in graph_of(f"{one}---\n{other}").resources)
    assert (first.key == second.key) is same


def test_a_canary_claims_nothing() -> None:
    annotations = "annotations: {nginx.ingress.kubernetes.io/canary: 'true'}"
    (resource,) = graph_of(ingress(extra=annotations)).resources
    assert list(claims_of(resource)) == []
