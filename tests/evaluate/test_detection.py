"""Trees as teams write them, named after their product, without labels: roles, architectures, namespaces."""

from __future__ import annotations

from refarch_lint.evaluate.finding import Report, Verdict
from tests.evaluate.running import check
from tests.graph.trees import service, thing, workload


def program(
    name: str, image: str = "", port: int = 0, kind: str = "Deployment", namespace: str = "shop", **env: str
) -> str:
    """Return a workload with a plain image and variables, and its Service where it has a port."""
    variables = ", ".join(f"{{name: {key}, value: '{value}'}}" for key, value in env.items())
    text = workload(kind, name, namespace=namespace, container=f"env: [{variables}]" if env else "")
    text = text.replace("registry.example/main:1", image or f"registry.example/{name}:1")
    return f"{text}---\n{service(name, namespace=namespace, port=port)}" if port else text


def job(name: str, script: str, image: str = "postgres:17", namespace: str = "shop") -> str:
    pod = f"{{containers: [{{name: main, image: '{image}', command: [sh, -c, '{script}']}}]}}"
    spec = f"spec: {{schedule: '0 2 * * *', jobTemplate: {{spec: {{template: {{spec: {pod}}}}}}}}}\n"
    return thing("batch/v1", "CronJob", name, spec, namespace=namespace)


def door(target: str, port: int, namespace: str = "shop") -> str:
    spec = f"spec: {{defaultBackend: {{service: {{name: {target}, port: {{number: {port}}}}}}}}}\n"
    return thing("networking.k8s.io/v1", "Ingress", "door", spec, namespace=namespace)


def database(name: str = "pg", image: str = "postgres:17", port: int = 5432, namespace: str = "shop") -> str:
    return program(name, image, port, "StatefulSet", namespace)


def blog(namespace: str = "shop") -> tuple[str, ...]:
    return (
        program("wordpress", "wordpress:6.8-apache", 80, namespace=namespace, WORDPRESS_DB_HOST="mysql"),
        database("mysql", "mysql:8.4", 3306, namespace),
        door("wordpress", 80, namespace),
        job("nightly", "mysqldump -h mysql blog > /b/x.sql", "mysql:8.4", namespace),
    )


MARKET = (
    program("web", port=80, CART_URL="http://cart:8080", CATALOG_URL="http://catalog:8080", PAY="http://billing:8080"),
    program("cart", port=8080, MONGO_URL="mongodb://cart-mongo:27017"),
    database("cart-mongo", "mongo:8", 27017),
    program("catalog", port=8080, DB_HOST="catalog-store"),
    database("catalog-store"),
    program("billing", port=8080, AMQP_URL="amqp://rabbit:5672"),
    database("rabbit", "rabbitmq:4", 5672),
    program("mailer", AMQP_URL="amqp://rabbit:5672"),
    door("web", 80),
)
TRACKS = (
    database("nats", "nats:2.11", 4222),
    program("gps-receiver", port=8080, NATS_URL="nats://nats:4222"),
    program("track-builder", NATS_URL="nats://nats:4222", OLAP_URL="http://olap:8123"),
    database("olap", "clickhouse/clickhouse-server:25.3", 8123),
    database("store", "quay.io/minio/minio:RELEASE.2025-04-22T22-12-26Z", 9000),
    program("superset", "apache/superset:4.1.2", 8088),
    job("nightly-numbers", "curl http://olap:8123", "curlimages/curl:8.13.0"),
)


def made(api: str, kind: str, name: str, namespace: str = "shop") -> str:
    return thing(api, kind, name, "spec: {}\n", namespace=namespace)


OPERATED = (
    made("kafka.strimzi.io/v1beta2", "Kafka", "events"),
    made("kafka.strimzi.io/v1beta2", "KafkaConnect", "connect"),
    made("clickhouse.altinity.com/v1", "ClickHouseInstallation", "olap"),
    made("minio.min.io/v2", "Tenant", "lake"),
    made("sparkoperator.k8s.io/v1beta2", "ScheduledSparkApplication", "nightly"),
    made("flink.apache.org/v1beta1", "FlinkDeployment", "sessions"),
    made("grafana.integreatly.org/v1beta1", "Grafana", "boards"),
)
WATCHING = (
    program("prometheus", "prom/prometheus:v3.4.0", 9090, namespace="monitoring"),
    program("grafana", "grafana/grafana:12.0.0", 3000, namespace="monitoring"),
    program("alertmanager", "prom/alertmanager:v0.28.1", 9093, namespace="monitoring"),
)
STACK = (
    program("website", port=80),
    program("app", port=8080, DB_HOST="pg-rw", ES_URL="http://es-es-http:9200"),
    made("postgresql.cnpg.io/v1", "Cluster", "pg"),
    made("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "es"),
    door("website", 80),
    made("monitoring.coreos.com/v1", "Prometheus", "k8s", "monitoring"),
    made("monitoring.coreos.com/v1", "Alertmanager", "main", "monitoring"),
    made("grafana.integreatly.org/v1beta1", "Grafana", "boards", "monitoring"),
    made("loki.grafana.com/v1", "LokiStack", "logs", "logging"),
    made("velero.io/v1", "Schedule", "nightly", "velero"),
    made("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "apps", "flux-system"),
)


def report(*texts: str, configuration: str = "") -> Report:
    return check("---\n".join(texts), configuration)


def fits(*texts: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(fit.id, fit.namespaces) for fit in report(*texts).architectures]


def roles(*texts: str) -> dict[str, str]:
    return {item.resource.name: item.role for item in report(*texts).roles}


def test_a_backup_is_known_by_what_it_runs() -> None:
    found = report(*blog())
    assert [(fit.id, fit.missing) for fit in found.architectures] == [("web-app", ("cache",))]
    (backup,) = (item for item in found.roles if item.role == "backup")
    assert (backup.resource.name, backup.reason) == ("nightly", "kind CronJob, it saves data: it runs mysqldump")


def test_several_services_with_databases_of_their_own_and_a_queue_are_no_web_application() -> None:
    assert fits(*MARKET) == [("microservices", ())]
    assert roles(*MARKET) == {
        "web": "services",
        "cart": "services",
        "cart-mongo": "databases",
        "catalog": "services",
        "catalog-store": "databases",
        "billing": "services",
        "rabbit": "message-queue",
        "mailer": "workers",
        "door": "entry-point",
    }


def test_a_pipeline_is_known_by_what_feeds_the_broker_and_what_works_on_the_stream() -> None:
    assert fits(*TRACKS) == [("data-pipeline", ())]
    assert roles(*TRACKS) == {
        "nats": "broker",
        "gps-receiver": "ingestion",
        "track-builder": "stream-processing",
        "olap": "analytics",
        "store": "data-lake",
        "superset": "visualisation",
        "nightly-numbers": "batch-processing",
    }


def test_operators_alone_make_a_pipeline() -> None:
    assert fits(*OPERATED) == [("data-pipeline", ())]
    assert set(roles(*OPERATED).values()) == {
        "broker",
        "ingestion",
        "analytics",
        "data-lake",
        "batch-processing",
        "stream-processing",
        "visualisation",
    }


def test_an_application_with_its_platform_from_operators_is_a_full_stack() -> None:
    assert fits(*STACK) == [("full-stack", ())]
    assert roles(*STACK)["website"] == "frontend"
    assert roles(*STACK)["app"] == "backend"


def test_known_software_behind_a_service_is_no_microservice() -> None:
    lake = (
        program("airflow", "apache/airflow:3.0.1", 8080),
        program("trino", "trinodb/trino:475", 8080),
        program("metabase", "metabase/metabase:v0.54.6", 3000),
        database("store", "minio/minio:RELEASE.2025-04-22T22-12-26Z", 9000),
        database("airflow-pg"),
    )
    assert [name for name, _ in fits(*lake)] != ["microservices"]


def test_what_watches_an_application_does_not_change_what_it_is() -> None:
    assert fits(*blog(), *WATCHING) == [("web-app", ())]
    here = [text.replace("namespace: monitoring", "namespace: shop") for text in WATCHING]
    assert fits(*blog(), *here) == [("web-app", ())]


PIPELINE = tuple(text.replace("namespace: shop", "namespace: tracks") for text in TRACKS)


def test_applications_in_namespaces_that_have_nothing_to_do_with_each_other_are_told_apart() -> None:
    assert fits(*blog(), *PIPELINE) == [("web-app", ("shop",)), ("data-pipeline", ("tracks",))]


def test_of_several_applications_those_that_nothing_fits_are_held_against_nothing() -> None:
    alone = program("worker", namespace="tools")
    found = report(*blog(), *PIPELINE, alone)
    assert [fit.namespaces for fit in found.architectures] == [("shop",), ("tracks",)]
    assert [(card.architecture, card.namespaces) for card in found.units] == [
        ("web-app", ("shop",)),
        ("data-pipeline", ("tracks",)),
        ("", ("tools",)),
    ]


def test_namespaces_whose_programs_connect_are_one_application() -> None:
    front = program("site", port=80, namespace="edge", API_URL="http://shop.core:8080")
    core = program("shop", port=8080, namespace="core", DB_HOST="pg.data")
    parts = (front, core, database(namespace="data"), door("site", 80, "edge"))
    assert fits(*parts) == [("web-app", ())]


def test_environments_side_by_side_are_no_services_of_one_another() -> None:
    one = [program("api", port=80, namespace=name) for name in ("dev", "staging", "prod")]
    found = report(*one)
    assert found.architectures == ()
    assert found.notes == (
        "no reference architecture fits, web-app comes closest with 33 %; the checklist is judged without one",
    )
    both = [*blog("blog-dev"), *blog("blog-prod")]
    assert fits(*both) == [("web-app", ("blog-dev",)), ("web-app", ("blog-prod",))]


def test_each_part_has_a_scorecard_and_what_is_said_of_it_names_its_namespace() -> None:
    small = [text for text in blog() if "CronJob" not in text]
    found = report(*small, *PIPELINE, configuration="rules: {datastore-backed-up: 'off'}")
    cards = {card.namespaces: {item.id: item for item in card.checklist} for card in found.units}
    assert cards["shop",]["security.tls"].verdict is Verdict.FAIL
    assert cards["tracks",]["security.tls"].verdict is Verdict.NOT_APPLICABLE
    assert cards["tracks",]["performance.cache"].evidence == ("the architecture does not ask for it",)
    assert cards["shop",]["performance.cache"].evidence == ("nothing plays the role cache",)
    missing = [item.message for item in found.findings if item.rule == "architecture-roles"]
    (message,) = (message for message in missing if "requires role backup" in message)
    assert message.startswith("architecture web-app requires role backup in namespace shop, which nothing plays")


def test_numbers_of_an_architecture_reach_only_its_part() -> None:
    merged = next(item for item in report(*blog(), *PIPELINE).checklist if item.id == "availability.replicas")
    assert merged.verdict is Verdict.FAIL
    assert merged.evidence[0].startswith("namespace shop: app.yaml:")


def test_a_worker_that_only_shows_its_metrics_serves_nobody() -> None:
    plain = service("mailer", port=9100)
    assert roles(*MARKET, plain).get("mailer") is None
    assert roles(*MARKET, plain.replace("name: main", "name: http-metrics"))["mailer"] == "workers"


def test_a_named_architecture_holds_for_the_whole() -> None:
    found = report(*blog(), *PIPELINE, configuration="architecture: web-app")
    assert [(fit.id, fit.namespaces, fit.named) for fit in found.architectures] == [("web-app", (), True)]
    assert len(found.units) == 1


def test_of_many_units_that_nothing_fits_three_are_named() -> None:
    notes = check({f"{name}/app.yaml": program("worker") for name in "abcde"}).notes
    assert [note.partition(",")[0].partition(";")[0] for note in notes] == [
        "no reference architecture fits a",
        "no reference architecture fits b",
        "no reference architecture fits c",
        "nor does one fit 2 more of the units",
    ]


def test_where_nothing_runs_no_architecture_is_looked_for() -> None:
    assert check(thing("v1", "Namespace", "shop")).notes == ()


def test_one_program_alone_is_no_architecture() -> None:
    report = check("---\n".join((program("jenkins", port=80, kind="StatefulSet"), door("jenkins", 80))))
    assert report.architectures == ()


def test_a_broker_with_its_consoles_makes_no_microservices() -> None:
    names = ("console", "rest-proxy", "lag", "schemas")
    clients = (program(name, port=8080, KAFKA_BROKERS="kafka:9092") for name in names)
    assert fits(database("kafka", "apache/kafka:4.0.0", 9092), *clients) == []


def missing(report: Report) -> dict[str, str]:
    """Return the severity of each finding about a required role that nothing plays, by role."""
    found = (
        item for item in report.findings if item.rule == "architecture-roles" and " requires role " in item.message
    )
    return {item.message.partition(" requires role ")[2].split()[0].rstrip(","): str(item.severity) for item in found}


def test_what_an_architecture_that_hardly_fits_requires_is_a_warning() -> None:
    parts = [program("frontend", port=80, BACKEND_URL="http://backend:80"), program("backend", port=80)]
    tree = "---\n".join([*parts, program("cache", "redis:7.4", 6379)])
    guessed = check(tree)
    assert [(fit.id, fit.fit < 0.75) for fit in guessed.architectures] == [("web-app", True)]
    assert missing(guessed) == {"database": "warning", "entry-point": "warning"}
    assert missing(check(tree, "architecture: web-app")) == {"database": "error", "entry-point": "error"}


def test_who_comes_in_past_a_missing_entry_point_is_told_in_its_verdict() -> None:
    tree = "---\n".join(program(name, port=80) for name in ("orders", "stock", "bills"))
    tree = tree.replace(
        "  selector: {app: orders}\n  ports", "  type: LoadBalancer\n  selector: {app: orders}\n  ports"
    )
    report = check(tree, "architecture: microservices")
    item = next(item for item in report.checklist if item.id == "security.tls")
    assert item.verdict is Verdict.FAIL
    door = "Service/orders of type LoadBalancer lets users in"
    assert item.evidence == (f"nothing plays the role entry-point: {door} without it",)
    assert [item.severity for item in report.findings if item.message.startswith(f"{door}, but")] == ["warning"]


def test_a_flow_may_stand_in_settings_that_a_program_reads_by_itself() -> None:
    gateway = program("api-gateway", port=80, MODE="https://example.com").replace("registry.example/", "gateway/")
    parts = [gateway, *(program(f"{name}-service", port=80) for name in ("orders", "stock", "bills"))]
    settings = thing("v1", "ConfigMap", "routes", "data: {routes: 'http://orders-service:80'}\n")
    rights = thing("rbac.authorization.k8s.io/v1", "Role", "reader")
    rights += "rules: [{apiGroups: [''], resources: [configmaps], verbs: [get, watch]}]\n"
    bound = thing("rbac.authorization.k8s.io/v1", "RoleBinding", "reader")
    bound += "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}\n"
    bound += "subjects: [{kind: ServiceAccount, name: default}]\n"

    def said(*texts: str) -> tuple[list[str], tuple[str, ...]]:
        report = check("---\n".join([*parts, *texts]), select=("architecture-flows",))
        return [item.message for item in report.findings], report.outcomes[0].unverifiable

    assert len(said(settings)[0]) == 1
    findings, unverifiable = said(settings, rights, bound)
    assert not findings
    why = "by Role/reader, Deployment/api-gateway may read ConfigMap/routes through the API server"
    assert unverifiable == (f"flow gateway to services: {why}",)
