"""Needed connections of whole trees: what resolves, what is missing, what cannot be known, and where it stands."""

from __future__ import annotations

import textwrap

import pytest

from refarch_lint.graph.place import Place
from refarch_lint.graph.traffic import Need, NeedStatus, by_source, needs
from refarch_lint.location import TextLine
from refarch_lint.model.resource import Resource, resources_of
from refarch_lint.model.workload import Workload, workload_of
from refarch_lint.source.loading import read_bytes


def load(text: str) -> tuple[Resource, ...]:
    content = read_bytes("app.yaml", textwrap.dedent(text).encode())
    assert content.problems == ()
    return tuple(resource for document in content.documents for resource in resources_of(document))


def needs_of(text: str) -> tuple[Need, ...]:
    resources = load(text)
    workloads = [workload for resource in resources if (workload := workload_of(resource))]
    return needs(workloads, resources)


def shown(found: tuple[Need, ...]) -> list[str]:
    return [
        f"{need.source} -> {need.host}:{need.port} {need.status}" + (f" {need.service}" if need.service else "")
        for need in found
    ]


def deployment(container: str, namespace: str = "shop", name: str = "api", extra: str = "") -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
{textwrap.indent(extra, "      ")}
      containers:
      - name: main
        image: registry.example/main:1
{textwrap.indent(textwrap.dedent(container), "        ")}
---
"""


def service(name: str, *ports: int, namespace: str = "shop", app: str = "", extra: str = "") -> str:
    listed = ", ".join(f"{{port: {port}, name: p{port}}}" for port in ports)
    return f"""\
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{selector: {{app: {app or name}}}, ports: [{listed}]{extra}}}
---
"""


POSTGRES = service("postgres", 5432)


def env(**variables: str) -> str:
    return "env:\n" + "".join(f"- {{name: {name}, value: '{value}'}}\n" for name, value in variables.items())


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (env(DB_HOST="postgres", DB_PORT="5432"), "postgres:5432 resolved Service/postgres"),
        (env(DB_HOST="postgres"), "postgres:5432 resolved Service/postgres"),
        (env(DB_URL="postgres://u:p@postgres/app"), "postgres:5432 resolved Service/postgres"),
        (env(DB_HOST="postgres.shop"), "postgres.shop:5432 resolved Service/postgres"),
        (env(DB_HOST="postgres.shop.svc"), "postgres.shop.svc:5432 resolved Service/postgres"),
        (env(DB="postgres.shop.svc.local:5432"), "postgres.shop.svc.local:5432 resolved Service/postgres"),
        (env(HOST_PART="postgres", DB_URL="pgsql://$(HOST_PART):5432"), "postgres:5432 resolved Service/postgres"),
        (env(DB_URL="pgsql://$(POSTGRES_SERVICE_HOST)/app"), "postgres:5432 resolved Service/postgres"),
        (env(DB_HOST="postgres", DB_PORT="5433"), "postgres:5433 missing-port Service/postgres"),
        (env(DB_URL="http://postgres/"), "postgres:80 missing-port Service/postgres"),
        (env(DB_HOST="database", DB_PORT="5432"), "database:5432 missing-service"),
        (env(DB_HOST="database.shop"), "database.shop:None missing-service"),
        (env(API_URL="http://nowhere"), "nowhere:80 missing-service"),
        (env(API_URL="http://web.shop.svc.cluster.local"), "web.shop.svc.cluster.local:80 missing-service"),
        (env(ZIPKIN="zipkin.tracing.svc.cluster.local"), "zipkin.tracing.svc.cluster.local:None unverifiable"),
        (env(LOKI_URL="http://loki.monitoring:3100"), "loki.monitoring:3100 unverifiable"),
        (env(API_URL="https://api.stripe.com/v1"), "api.stripe.com:443 external"),
        (env(SMTP_HOST="smtp.mailer.io"), "smtp.mailer.io:None external"),
        (env(API_URL="https://kubernetes.default.svc"), "kubernetes.default.svc:443 external"),
        ("args: [--db-host=postgres, --db-port=5432]", "postgres:5432 resolved Service/postgres"),
        ("command: [pg_dump, -h, postgres]", "postgres:5432 resolved Service/postgres"),
        ("command: [sh, -c]\nargs: ['pg_dump -h postgres > /backup/x']", "postgres:5432 resolved Service/postgres"),
        ("env: [{name: BOOKS_SITE, value: 'http://postgres:5432'}]", "postgres:5432 resolved Service/postgres"),
        ("command: [/app, 'postgres://postgres:5432/x']", "postgres:5432 resolved Service/postgres"),
        (
            "env:\n- {name: DB_URL, valueFrom: {secretKeyRef: {name: db, key: url}}}",
            ":None unverifiable",
        ),
        (
            "env:\n- {name: DB_HOST, valueFrom: {configMapKeyRef: {name: absent, key: host}}}",
            ":None unverifiable",
        ),
        (
            "env:\n- {name: H, valueFrom: {secretKeyRef: {name: db, key: h}}}\n- {name: DB_URL, value: 'pg://u@$(H)/x'}",
            ":None unverifiable",
        ),
    ],
)  # fmt: skip
def test_a_workload_needs_what_its_container_names(container: str, expected: str) -> None:
    assert shown(needs_of(deployment(container) + POSTGRES)) == [f"Deployment/api -> {expected}"]


@pytest.mark.parametrize(
    "container",
    [
        env(LOG_LEVEL="info", APP_NAME="postgres", DB_USER="postgres", DB_DRIVER="postgres", CACHE_TYPE="redis"),
        env(DB_HOST="localhost", OTHER_HOST="127.0.0.1", LISTEN_HOST="postgres", BIND_ADDR="0.0.0.0:80"),
        env(DB_HOST="main"),
        env(DB_HOST="api"),
        env(SELF_URL="http://api:8080", API_HOST="api"),
        env(SITE_URL="http://postgres:5432", SITE="http://postgres:5432", PUBLIC_SITE="http://postgres:5432"),
        env(CALLBACK_URL="https://shop.example.org/cb", CORS_ORIGIN="https://x.example.org"),
        env(WEB_URL="https://shop.example.org/"),
        env(IMAGE="postgres:5432", TAG="postgres:5432"),
        env(CACHE="rediss:9999", NOTE="talk to web:80 please"),
        env(DB_HOST="alias.example.com"),
        env(DB_URL="http://{{ .Values.host }}/", API_HOST="${HOST}"),
        "env:\n- {name: AGENT_HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}",
        "env:\n- {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}",
        "env:\n- {name: DB_URL, valueFrom: {secretKeyRef: {name: db, key: url, optional: true}}}",
        "command: [pg_ctl, start]\nargs: ['--listen=postgres:5432']",
    ],
)
def test_other_values_are_no_needs(container: str) -> None:
    aliases = "hostAliases: [{ip: 10.0.0.9, hostnames: [alias.example.com]}]"
    ingress = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  rules: [{host: shop.example.org, http: {paths: []}}]
---
"""
    tree = deployment(container, extra=aliases) + POSTGRES + service("api", 8080) + ingress
    assert shown(needs_of(tree)) == []


def test_evidence_is_the_value_itself_at_its_line_and_column() -> None:
    (need,) = needs_of(deployment(env(DB_HOST="postgres")) + POSTGRES)
    path = ("spec", "template", "spec", "containers", 0, "env", 0, "value")
    assert need.place.path == path
    assert str(need.place.locate()) == "app.yaml:14:34"
    assert need.via is None
    assert need.reason == "DB_HOST of container main"


def test_a_line_of_a_script_is_evidence_by_its_line() -> None:
    tree = """\
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: backup, namespace: shop}
        spec:
          jobTemplate:
            spec:
              template:
                spec:
                  containers:
                  - name: dump
                    command:
                    - sh
                    - -c
                    - |
                      set -e
                      pg_dump -h postgres | gzip > /backup/x
        """
    (need,) = needs_of(textwrap.dedent(tree) + "---\n" + POSTGRES)
    assert need.place.path[-2:] == (2, TextLine(1, (11, 19)))
    span = need.place.locate().span
    assert (span.start, span.end) == ((16, 26), (16, 34))
    assert (need.host, need.port, need.status) == ("postgres", 5432, NeedStatus.RESOLVED)


CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data:
  DB_HOST: postgres
  app.yaml: |
    cache:
      host: redis
      port: 6379
  ignored.yaml: |
    url: http://nowhere
---
"""


def test_a_config_map_s_value_is_evidence_in_the_config_map_and_says_how_it_is_taken_in() -> None:
    source = "env:\n- {name: DB_HOST, valueFrom: {configMapKeyRef: {name: settings, key: DB_HOST}}}"
    (need,) = needs_of(CONFIG + deployment(source) + POSTGRES)
    assert (need.place.resource.kind, need.place.path) == ("ConfigMap", ("data", "DB_HOST"))
    assert isinstance(need.via, Place)
    assert need.via.path[-3:] == ("valueFrom", "configMapKeyRef", "key")


def test_env_from_is_taken_with_its_prefix_and_env_goes_over_it() -> None:
    source = "envFrom: [{prefix: MAIN_, configMapRef: {name: settings}}]"
    (need,) = needs_of(CONFIG + deployment(source) + POSTGRES)
    assert need.reason == "MAIN_DB_HOST of container main"
    assert need.via is not None
    assert need.via.path[-2:] == ("configMapRef", "name")
    over = "envFrom: [{configMapRef: {name: settings}}]\nenv: [{name: DB_HOST, value: localhost}]"
    assert needs_of(CONFIG + deployment(over) + POSTGRES) == ()


def test_mounted_files_count_only_as_far_as_they_are_mounted() -> None:
    mount = "volumeMounts: [{name: config, mountPath: /etc/app}]"
    items = "volumes: [{name: config, configMap: {name: settings, items: [{key: app.yaml, path: app.yaml}]}}]"
    (need,) = needs_of(CONFIG + deployment(mount, extra=items) + service("redis", 6379))
    assert (need.place.path, need.port) == (("data", "app.yaml", TextLine(1, (8, 13))), 6379)
    assert need.place.locate().span.start.line == 8
    sub_path = "volumeMounts: [{name: config, mountPath: /etc/app.yaml, subPath: app.yaml}]"
    whole = "volumes: [{name: config, configMap: {name: settings}}]"
    assert len(needs_of(CONFIG + deployment(sub_path, extra=whole) + service("redis", 6379))) == 1
    assert needs_of(CONFIG + deployment("", extra=whole) + service("redis", 6379)) == ()
    projected = "volumes: [{name: config, projected: {sources: [{configMap: {name: settings}}]}}]"
    found = needs_of(CONFIG + deployment(mount, extra=projected) + service("redis", 6379))
    assert [need.host for need in found] == ["redis", "nowhere"]


def test_the_values_of_secrets_are_not_read() -> None:
    secret = """\
apiVersion: v1
kind: Secret
metadata: {name: db, namespace: shop}
stringData: {DB_URL: "postgres://u:hunter2@postgres:5432", PASSWORD: hunter2, app.yaml: "url: http://hunter2"}
---
"""
    source = """\
envFrom: [{secretRef: {name: db}}]
volumeMounts: [{name: config, mountPath: /etc/app}]
"""
    found = needs_of(
        secret + deployment(source, extra="volumes: [{name: config, secret: {secretName: db}}]") + POSTGRES
    )
    assert [(need.host, need.status) for need in found] == [("", NeedStatus.UNVERIFIABLE)] * 2
    assert [need.place.path for need in found] == [("stringData", "DB_URL"), ("stringData", "app.yaml")]
    assert "hunter2" not in "".join(need.reason for need in found)


def test_a_shared_directory_of_services_does_not_make_everybody_call_everybody() -> None:
    shared = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: addresses, namespace: shop}
data: {USERS_ADDR: "users:80", ORDERS_ADDR: "orders:80", DB_ADDR: "postgres:5432"}
---
"""
    tree = shared + POSTGRES + service("users", 80) + service("orders", 80)
    source = "envFrom: [{configMapRef: {name: addresses}}]"
    found = needs_of(tree + deployment(source, name="users") + deployment(source, name="web"))
    assert shown(found) == [
        "Deployment/users -> postgres:5432 resolved Service/postgres",
        "Deployment/web -> users:80 resolved Service/users",
        "Deployment/web -> orders:80 resolved Service/orders",
        "Deployment/web -> postgres:5432 resolved Service/postgres",
    ]


def test_the_pods_of_a_stateful_set_need_their_peers() -> None:
    peers = env(PEERS="db-0.db:7000,db-1.db:7000")
    found = needs_of(deployment(peers, name="db") + service("db", 9042, extra=", clusterIP: None"))
    assert shown(found) == [
        "Deployment/db -> db-0.db:7000 resolved Service/db",
        "Deployment/db -> db-1.db:7000 resolved Service/db",
    ]
    assert [need.to_pods for need in found] == [True, True]


def test_headless_services_answer_on_every_port_and_external_names_lead_outside() -> None:
    headless = service("cache", 6379, extra=", clusterIP: None")
    (need,) = needs_of(deployment(env(CACHE_ADDR="cache:16379")) + headless)
    assert need.status is NeedStatus.RESOLVED
    outside = service("payments", 443, extra=", type: ExternalName, externalName: pay.example.net")
    (need,) = needs_of(deployment(env(PAY_URL="https://payments")) + outside)
    assert (need.status, str(need.service)) == (NeedStatus.EXTERNAL, "Service/payments")
    inside = service("db", 5432, extra=", type: ExternalName, externalName: postgres.shop.svc.cluster.local")
    (need,) = needs_of(deployment(env(DB_HOST="db")) + inside + POSTGRES)
    assert (need.status, str(need.service), need.port) == (NeedStatus.RESOLVED, "Service/postgres", 5432)


def test_operators_provide_services_and_installers_may() -> None:
    cluster = """\
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db, namespace: shop}
---
"""
    (need,) = needs_of(deployment(env(DB_HOST="db-rw", DB_PORT="5432")) + cluster)
    assert (need.status, str(need.service)) == (NeedStatus.RESOLVED, "Cluster/db")
    release = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cache, namespace: shop}
---
"""
    (need,) = needs_of(deployment(env(CACHE_HOST="cache-master")) + release + POSTGRES)
    assert need.status is NeedStatus.UNVERIFIABLE
    assert need.reason.endswith("cache may install it")


def test_the_cluster_itself_may_have_services_in_kube_system() -> None:
    (need,) = needs_of(deployment(env(LOG_HOST="logs")).replace("shop", "kube-system") + POSTGRES)
    assert (need.status, need.service) == (NeedStatus.UNVERIFIABLE, None)


def test_names_without_a_declared_namespace_are_matched_with_care() -> None:
    undeclared = deployment(env(DB_HOST="postgres", LOG_URL="http://logs.ops:80")).replace(", namespace: shop", "")
    found = needs_of(undeclared + POSTGRES + service("logs", 80).replace(", namespace: shop", ""))
    assert shown(found) == [
        "Deployment/api -> postgres:None unverifiable",
        "Deployment/api -> logs.ops:80 resolved Service/logs",
    ]


def test_ports_are_chosen_by_product_and_udp_is_kept() -> None:
    several = service("mq", 15672, 5672)
    (need,) = needs_of(deployment(env(RABBITMQ_HOST="mq")) + several)
    assert need.port == 5672
    (need,) = needs_of(deployment(env(THING_HOST="mq")) + several)
    assert need.port is None
    udp = service("statsd", 8125).replace("{port: 8125,", "{port: 8125, protocol: UDP,")
    (need,) = needs_of(deployment(env(STATSD_HOST="statsd")) + udp)
    assert (need.port, need.protocol) == (8125, "UDP")


def test_the_same_destination_counts_once_and_a_port_beats_none() -> None:
    tree = deployment(env(DB_HOST="mq", A_URL="http://mq:5672", B_URL="http://mq:5672/x")) + service("mq", 15672, 5672)
    (need,) = needs_of(tree)
    assert (need.port, need.reason) == (5672, "A_URL of container main")


NETWORKING, GATEWAY, ISTIO = "networking.k8s.io/v1", "gateway.networking.k8s.io/v1", "networking.istio.io/v1"
MONITORING, STRIMZI, CLICKHOUSE = "monitoring.coreos.com/v1", "kafka.strimzi.io/v1", "clickhouse.altinity.com/v1"
CHI = "ClickHouseInstallation"
BACKEND = "{service: {name: web, port: {number: 80}}}"
ROUTES = [
    (NETWORKING, "Ingress", f"defaultBackend: {BACKEND}", "web:80 resolved"),
    (NETWORKING, "Ingress", f"rules: [{{http: {{paths: [{{backend: {BACKEND}}}]}}}}]", "web:80 resolved"),
    (NETWORKING, "Ingress", "defaultBackend: {service: {name: web, port: {name: p80}}}", "web:80 resolved"),
    (NETWORKING, "Ingress", "defaultBackend: {service: {name: web, port: {number: 81}}}", "web:81 missing-port"),
    (NETWORKING, "Ingress", "defaultBackend: {service: {name: gone}}", "gone:None missing-service"),
    ("extensions/v1beta1", "Ingress", "backend: {serviceName: web, servicePort: 80}", "web:80 resolved"),
    (GATEWAY, "HTTPRoute", "rules: [{backendRefs: [{name: web, port: 80}]}]", "web:80 resolved"),
    (GATEWAY, "GRPCRoute", "rules: [{backendRefs: [{name: web, port: 1}]}]", "web:1 missing-port"),
    (GATEWAY, "HTTPRoute", "rules: [{backendRefs: [{name: web, namespace: ops}]}]", "web:None unverifiable"),
    (ISTIO, "VirtualService", "http: [{route: [{destination: {host: web, port: {number: 80}}}]}]", "web:80 resolved"),
    (ISTIO, "VirtualService", "tcp: [{route: [{destination: {host: gone}}]}]", "gone:None missing-service"),
    (ISTIO, "DestinationRule", "host: web.shop.svc", "web.shop.svc:80 resolved"),
    ("traefik.io/v1alpha1", "IngressRoute", "routes: [{services: [{name: web, port: 80}]}]", "web:80 resolved"),
    (MONITORING, "Prometheus", "alerting: {alertmanagers: [{name: web, port: p80}]}", "web:80 resolved"),
    (MONITORING, "Prometheus", "remoteWrite: [{url: 'http://web/api'}]", "web:80 resolved"),
    (STRIMZI, "KafkaConnect", "bootstrapServers: 'web:80'", "web:80 resolved"),
    (STRIMZI, "KafkaMirrorMaker2", "clusters: [{alias: a, bootstrapServers: 'web:80'}]", "web:80 resolved"),
    (STRIMZI, "KafkaMirrorMaker2", "mirrors: [{source: {bootstrapServers: 'web:80'}}]", "web:80 resolved"),
    (CLICKHOUSE, CHI, "configuration: {zookeeper: {nodes: [{host: web, port: 80}]}}", "web:80 resolved"),
    ("kibana.k8s.elastic.co/v1", "Kibana", "elasticsearchRef: {name: logs}", "logs-es-http:9200 missing-service"),
    ("beat.k8s.elastic.co/v1beta1", "Beat", "kibanaRef: {name: logs}", "logs-kb-http:5601 missing-service"),
]


@pytest.mark.parametrize(("version", "kind", "spec", "expected"), ROUTES)
def test_routing_objects_name_services(version: str, kind: str, spec: str, expected: str) -> None:
    route = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: entry, namespace: shop}}\nspec: {{{spec}}}\n---\n"
    (found,) = shown(needs_of(route + service("web", 80) + deployment("", name="web")))
    assert found.removesuffix(" Service/web") == f"{kind}/entry -> {expected}"


def test_a_prometheus_configuration_that_nothing_mounts_speaks_for_itself() -> None:
    config = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: prometheus, namespace: monitoring}
data:
  prometheus.yml: |
    scrape_configs:
    - job_name: web
      static_configs:
      - targets: ['web.shop:80', 'gone.shop:80']
---
"""
    found = needs_of(config + service("web", 80))
    assert shown(found) == [
        "ConfigMap/prometheus -> web.shop:80 resolved Service/web",
        "ConfigMap/prometheus -> gone.shop:80 missing-service",
    ]


@pytest.mark.parametrize("odd", ["null", "7", "[]", "{}", "[7]", "[{}]", "text", "[[]]", "{name: 7}", "[{name: 7}]"])
def test_values_of_the_wrong_type_are_passed_over(odd: str) -> None:
    tree = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: odd, namespace: shop}}
spec:
  template:
    spec:
      hostAliases: {odd}
      volumes: {odd}
      containers:
      - {{name: a, env: {odd}, envFrom: {odd}, command: {odd}, args: {odd}, volumeMounts: {odd}}}
      - {{name: b, env: [{{name: DB_HOST, valueFrom: {odd}}}, {{name: A_HOST, value: {odd}}}]}}
      - {{name: c, envFrom: [{{configMapRef: {odd}, secretRef: {odd}}}], env: [{{name: A_HOST, value: nowhere}}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: odd, namespace: shop}}
data: {odd}
---
apiVersion: v1
kind: Service
metadata: {{name: odd, namespace: shop}}
spec: {{selector: {odd}, ports: {odd}, type: {odd}, externalName: {odd}, clusterIP: {odd}}}
---
"""
    for version, kind, spec, _ in ROUTES:
        head = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: odd, namespace: shop}}\n"
        tree += f"{head}spec: {odd}\n---\n{head}spec: {{{spec.partition(':')[0]}: {odd}}}\n---\n"
    found = needs_of(tree)
    assert "Deployment/odd -> nowhere:None missing-service" in shown(found)


def test_needs_are_grouped_by_source_in_order() -> None:
    found = needs_of(deployment(env(A_URL="http://a", B_URL="http://b")) + POSTGRES)
    (group,) = by_source(found).items()
    assert isinstance(group[0], Workload)
    assert [need.host for need in group[1]] == ["a", "b"]
