"""Needed connections and the verdict of network policies on them, without any rule in between."""

from __future__ import annotations

import pytest

from refarch_lint.graph.flows import FlowKind, FlowVerdict, NeededFlow
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.model.resource import resources_of
from refarch_lint.source.loading import read_bytes

API = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: registry.example.com/shop/api:1.4.0
          env: [{name: DATABASE_URL, value: "postgresql://database:5432/shop"}]
          ports: [{name: metrics, containerPort: 9090}]
---
"""
DATABASE = """
apiVersion: v1
kind: Service
metadata: {name: database, namespace: shop}
spec: {selector: {app: database}, ports: [{port: 5432, targetPort: sql}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: database, namespace: shop}
spec:
  serviceName: database
  selector: {matchLabels: {app: database}}
  template:
    metadata: {labels: {app: database}}
    spec:
      containers:
        - name: database
          image: registry.example.com/shop/database:16.4
          ports: [{name: sql, containerPort: 15432}]
---
"""
INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  defaultBackend: {service: {name: api, port: {number: 80}}}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{port: 80, targetPort: 8080}]}
---
"""


def policy(app: str, peer: str, port: int, namespace: str = "shop") -> str:
    """Return a policy that lets one peer reach one port of an application's pods."""
    return f"""
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: {app}-{port}, namespace: {namespace}}}
spec:
  podSelector: {{matchLabels: {{app: {app}}}}}
  ingress: [{{from: [{peer}], ports: [{{port: {port}}}]}}]
---
"""


def named(namespace: str) -> str:
    return f"{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {namespace}}}}}}}"


def flows(text: str, *ingress_namespaces: str) -> tuple[NeededFlow, ...]:
    documents = read_bytes("shop.yaml", text.encode()).documents
    graph = ResourceGraph(resource for document in documents for resource in resources_of(document))
    return graph.flows_where(ingress_namespaces).flows if ingress_namespaces else graph.flows.flows


def the_flow(text: str, *ingress_namespaces: str) -> NeededFlow:
    [flow] = flows(text, *ingress_namespaces)
    return flow


def test_the_port_of_the_pods_is_judged_and_that_of_the_service_kept() -> None:
    flow = the_flow(API + DATABASE + policy("database", "{podSelector: {matchLabels: {app: api}}}", 15432))
    assert (flow.port, flow.dialled, flow.verdict) == (15432, 5432, FlowVerdict.ALLOWED)


def test_a_rule_for_the_port_of_the_service_denies() -> None:
    flow = the_flow(API + DATABASE + policy("database", "{podSelector: {matchLabels: {app: api}}}", 5432))
    assert flow.verdict is FlowVerdict.DENIED
    assert flow.decision is not None
    assert not flow.decision.ingress.allowed
    assert [str(item) for item in flow.decision.ingress.policies] == ["NetworkPolicy/database-5432"]


def test_evidence_leads_to_the_value() -> None:
    flow = the_flow(API + DATABASE)
    [evidence] = flow.evidence
    assert evidence.reason == "DATABASE_URL of container api"
    assert str(evidence.place.locate()) == "shop.yaml:13:45"


def test_the_same_connection_twice_is_one_with_both_places() -> None:
    second = "env: [{name: REPORTS_URL, value: 'postgresql://database:5432/reports'}, "
    flow = the_flow(API.replace("env: [", second) + DATABASE)
    assert len(flow.evidence) == 1
    text = API + API.replace("name: api,", "name: worker,").replace("app: api", "app: worker") + DATABASE
    assert [str(item.source) for item in flows(text)] == ["Deployment/api", "Deployment/worker"]


@pytest.mark.parametrize(
    ("peer", "verdict"),
    [
        (named("ingress-nginx"), FlowVerdict.ALLOWED),
        ("{namespaceSelector: {}}", FlowVerdict.ALLOWED),
        (named("edge"), FlowVerdict.ALLOWED),
        ("{ipBlock: {cidr: 10.0.0.0/8}}", FlowVerdict.ALLOWED),
        ("{namespaceSelector: {matchLabels: {name: traefik}}}", FlowVerdict.ALLOWED),
        (named("monitoring"), FlowVerdict.DENIED),
        ("{podSelector: {}}", FlowVerdict.DENIED),
        ("{podSelector: {matchLabels: {app: api}}}", FlowVerdict.DENIED),
        ("{namespaceSelector: {matchLabels: {name: monitoring}}}", FlowVerdict.DENIED),
    ],
)
def test_who_may_be_the_ingress_controller(peer: str, verdict: FlowVerdict) -> None:
    flow = the_flow(
        INGRESS + API.replace("DATABASE_URL", "TEXT").replace("postgresql://", "") + policy("api", peer, 8080)
    )
    assert (flow.kind, flow.verdict) == (FlowKind.ENTRANCE, verdict)


def test_the_configuration_says_where_the_controller_runs() -> None:
    text = INGRESS + API.replace("DATABASE_URL", "TEXT").replace("postgresql://", "")
    text += policy("api", named("monitoring"), 8080)
    assert the_flow(text, "monitoring").verdict is FlowVerdict.ALLOWED


def test_a_namespace_whose_pods_are_shown_is_no_controller_s() -> None:
    others = API.replace("namespace: shop", "namespace: edge").replace("DATABASE_URL", "TEXT")
    text = INGRESS + API.replace("DATABASE_URL", "TEXT") + others + policy("api", named("edge"), 8080)
    entrance = [flow for flow in flows(text.replace("postgresql://", "")) if flow.kind is FlowKind.ENTRANCE]
    assert [flow.verdict for flow in entrance] == [FlowVerdict.DENIED]


def test_ip_blocks_may_or_may_not_cover_pods() -> None:
    flow = the_flow(API + DATABASE + policy("database", "{ipBlock: {cidr: 10.0.0.0/8}}", 15432))
    assert flow.verdict is FlowVerdict.PARTIAL
    assert "ipBlock of NetworkPolicy/database-15432" in flow.why


def test_hosts_outside_need_an_address_or_everyone() -> None:
    outside = API.replace("database:5432/shop", "db.example.com:5432/shop")
    egress = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: egress, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{to: [PEER], ports: [{port: 5432}]}]
"""
    denied = the_flow(outside + egress.replace("PEER", "{namespaceSelector: {}}"))
    allowed = the_flow(outside + egress.replace("PEER", "{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}"))
    assert (denied.kind, denied.verdict) == (FlowKind.OUTSIDE, FlowVerdict.DENIED)
    assert (str(allowed.destination), allowed.verdict) == ("db.example.com", FlowVerdict.ALLOWED)


def test_pods_of_operators_are_known_by_their_labels() -> None:
    cluster = """
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: orders, namespace: shop}
spec: {instances: 3}
---
"""
    text = API.replace("database:5432", "orders-rw:5432") + cluster
    rule = policy("x", "{podSelector: {matchLabels: {app: api}}}", 5432).replace("app: x", "cnpg.io/cluster: orders")
    assert the_flow(text + rule).verdict is FlowVerdict.ALLOWED
    assert the_flow(text + rule.replace("app: api", "app: web")).verdict is FlowVerdict.DENIED


def test_operators_that_write_policies_leave_a_denial_open() -> None:
    kafka = """
apiVersion: kafka.strimzi.io/v1
kind: Kafka
metadata: {name: events, namespace: shop}
spec: {kafka: {listeners: [{name: plain, port: 9092, type: internal, tls: false}]}}
---
"""
    deny = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: shop}
spec: {podSelector: {}}
"""
    text = API.replace("postgresql://database:5432/shop", "events-kafka-bootstrap:9092").replace("_URL", "_BROKERS")
    flow = the_flow(text + kafka + deny)
    assert (flow.port, flow.verdict) == (9092, FlowVerdict.PARTIAL)


def test_monitors_and_annotations_make_connections() -> None:
    monitor = """
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: api, namespace: shop}
spec: {selector: {matchLabels: {app: api}}, podMetricsEndpoints: [{port: metrics}]}
---
"""
    text = API.replace("DATABASE_URL", "TEXT").replace("postgresql://", "") + monitor
    flow = the_flow(text)
    assert (flow.kind, str(flow.source), flow.port) == (FlowKind.SCRAPE, "Prometheus", 9090)
    assert the_flow(text + policy("api", named("monitoring"), 9090)).verdict is FlowVerdict.ALLOWED
    assert the_flow(text + policy("api", "{podSelector: {}}", 9090)).verdict is FlowVerdict.DENIED


def test_hostile_values_do_no_harm() -> None:
    text = API + DATABASE.replace("ports: [{port: 5432, targetPort: sql}]", "ports: {port: [5432]}")
    text += INGRESS.replace("{name: api, port: {number: 80}}", "[1, 2]")
    text += (
        "apiVersion: v1\nkind: Service\nmetadata: {name: x, namespace: shop}\nspec: {type: LoadBalancer, ports: 7}\n"
    )
    assert all(isinstance(flow.verdict, FlowVerdict) for flow in flows(text))
