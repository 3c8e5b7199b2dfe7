"""Pods that operators make for their objects: the labels and ports by which policies and Services can mean them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from refarch_lint.graph.connectivity_pods import Pod, pod_in
from refarch_lint.graph.connectivity_rules import NamedPort
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, dig, mapping, sequence, string_mapping
from refarch_lint.model.selector import LabelSelector


class OperatorPod(NamedTuple):
    """The pods of one sort that an operator makes for an object; `ports` are the numbers on which they serve."""

    resource: Resource
    pod: Pod
    ports: tuple[int, ...]


class _Template(NamedTuple):
    """How the pods of one kind look: labels (`{name}` and `{namespace}` stand for the object's) and ports by name.

    `variants` are further labels, one set for each sort of pod; `more` leads to labels that the object asks for;
    `inherits` tells that the object's own labels are passed on.
    """

    labels: Mapping[str, str]
    ports: Mapping[str, int]
    variants: tuple[Mapping[str, str], ...] = ({},)
    more: tuple[Path, ...] = ()
    inherits: bool = False


_STRIMZI_POD: Final[Path] = ("spec", "kafka", "template", "pod", "metadata", "labels")

#: From the operators' own documentation of the labels that they set.
_TEMPLATES: Final[Mapping[tuple[str, str], _Template]] = {
    ("postgresql.cnpg.io", "Cluster"): _Template(
        {
            "cnpg.io/cluster": "{name}",
            "cnpg.io/podRole": "instance",
            "app.kubernetes.io/name": "postgresql",
            "app.kubernetes.io/instance": "{name}",
            "app.kubernetes.io/component": "database",
            "app.kubernetes.io/managed-by": "cloudnative-pg",
        },
        {"postgresql": 5432, "metrics": 9187, "status": 8000},
        (
            {"cnpg.io/instanceRole": "primary", "role": "primary"},
            {"cnpg.io/instanceRole": "replica", "role": "replica"},
        ),
        more=(("spec", "inheritedMetadata", "labels"),),
    ),
    ("postgresql.cnpg.io", "Pooler"): _Template(
        {"cnpg.io/poolerName": "{name}", "cnpg.io/podRole": "pooler"},
        {"pgbouncer": 5432, "metrics": 9127},
        more=(("spec", "template", "metadata", "labels"),),
    ),
    ("kafka.strimzi.io", "KafkaConnect"): _Template(
        {"strimzi.io/cluster": "{name}", "strimzi.io/kind": "KafkaConnect", "strimzi.io/name": "{name}-connect"},
        {"rest-api": 8083, "tcp-prometheus": 9404},
        more=(("spec", "template", "pod", "metadata", "labels"),),
        inherits=True,
    ),
    ("kafka.strimzi.io", "KafkaBridge"): _Template(
        {"strimzi.io/cluster": "{name}", "strimzi.io/kind": "KafkaBridge", "strimzi.io/name": "{name}-bridge"},
        {"rest-api": 8080},
        more=(("spec", "template", "pod", "metadata", "labels"),),
        inherits=True,
    ),
    ("kafka.strimzi.io", "KafkaMirrorMaker2"): _Template(
        {
            "strimzi.io/cluster": "{name}",
            "strimzi.io/kind": "KafkaMirrorMaker2",
            "strimzi.io/name": "{name}-mirrormaker2",
        },
        {"rest-api": 8083, "tcp-prometheus": 9404},
        more=(("spec", "template", "pod", "metadata", "labels"),),
        inherits=True,
    ),
    ("rabbitmq.com", "RabbitmqCluster"): _Template(
        {
            "app.kubernetes.io/name": "{name}",
            "app.kubernetes.io/component": "rabbitmq",
            "app.kubernetes.io/part-of": "rabbitmq",
        },
        {"amqp": 5672, "amqps": 5671, "management": 15672, "prometheus": 15692, "epmd": 4369, "clustering": 25672},
        more=(("spec", "override", "statefulSet", "spec", "template", "metadata", "labels"),),
        inherits=True,
    ),
    ("minio.min.io", "Tenant"): _Template({"v1.min.io/tenant": "{name}"}, {"http-minio": 9000, "http-console": 9090}),
    ("clickhouse.altinity.com", "ClickHouseInstallation"): _Template(
        {
            "clickhouse.altinity.com/app": "chop",
            "clickhouse.altinity.com/chi": "{name}",
            "clickhouse.altinity.com/namespace": "{namespace}",
        },
        {"http": 8123, "tcp": 9000, "interserver": 9009},
        inherits=True,
    ),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): _Template(
        {"common.k8s.elastic.co/type": "elasticsearch", "elasticsearch.k8s.elastic.co/cluster-name": "{name}"},
        {"https": 9200, "transport": 9300},
    ),
    ("kibana.k8s.elastic.co", "Kibana"): _Template(
        {"common.k8s.elastic.co/type": "kibana", "kibana.k8s.elastic.co/name": "{name}"},
        {"https": 5601},
        more=(("spec", "podTemplate", "metadata", "labels"),),
    ),
    ("logstash.k8s.elastic.co", "Logstash"): _Template(
        {"common.k8s.elastic.co/type": "logstash", "logstash.k8s.elastic.co/name": "{name}"},
        {"api": 9600},
        more=(("spec", "podTemplate", "metadata", "labels"),),
    ),
    ("monitoring.coreos.com", "Prometheus"): _Template(
        {
            "app.kubernetes.io/name": "prometheus",
            "app.kubernetes.io/instance": "{name}",
            "app.kubernetes.io/managed-by": "prometheus-operator",
            "operator.prometheus.io/name": "{name}",
            "prometheus": "{name}",
        },
        {"web": 9090, "reloader-web": 8080},
        more=(("spec", "podMetadata", "labels"),),
    ),
    ("monitoring.coreos.com", "Alertmanager"): _Template(
        {
            "app.kubernetes.io/name": "alertmanager",
            "app.kubernetes.io/instance": "{name}",
            "app.kubernetes.io/managed-by": "prometheus-operator",
            "alertmanager": "{name}",
        },
        {"web": 9093, "mesh-tcp": 9094, "reloader-web": 8080},
        more=(("spec", "podMetadata", "labels"),),
    ),
    ("grafana.integreatly.org", "Grafana"): _Template(
        {"app": "{name}"},
        {"grafana-http": 3000},
        more=(("spec", "deployment", "spec", "template", "metadata", "labels"),),
    ),
    ("opentelemetry.io", "OpenTelemetryCollector"): _Template(
        {
            "app.kubernetes.io/name": "{name}-collector",
            "app.kubernetes.io/instance": "{namespace}.{name}",
            "app.kubernetes.io/component": "opentelemetry-collector",
            "app.kubernetes.io/managed-by": "opentelemetry-operator",
        },
        {"otlp-grpc": 4317, "otlp-http": 4318, "metrics": 8888},
        inherits=True,
    ),
    ("flink.apache.org", "FlinkDeployment"): _Template(
        {"app": "{name}"},
        {"rest": 8081},
        ({"component": "jobmanager"}, {"component": "taskmanager"}),
        more=(("spec", "podTemplate", "metadata", "labels"),),
    ),
    ("sparkoperator.k8s.io", "SparkApplication"): _Template(
        {"sparkoperator.k8s.io/app-name": "{name}", "sparkoperator.k8s.io/launched-by-spark-operator": "true"},
        {"spark-ui": 4040},
        ({"spark-role": "driver"}, {"spark-role": "executor"}),
    ),
    ("mongodbcommunity.mongodb.com", "MongoDBCommunity"): _Template({"app": "{name}-svc"}, {"mongodb": 27017}),
    ("redis.redis.opstreelabs.in", "Redis"): _Template({"app": "{name}"}, {"redis-client": 6379}),
}  # fmt: skip

#: Kinds whose operators write NetworkPolicies of their own beside those of the tree.
_WITH_OWN_POLICIES: Final = frozenset({("kafka.strimzi.io", "Kafka"), ("kafka.strimzi.io", "KafkaConnect")})


def writes_own_policies(resource: Resource) -> bool:
    """Tell whether an operator adds NetworkPolicies for an object, so that the tree alone does not decide."""
    return (resource.group, resource.kind) in _WITH_OWN_POLICIES


def may_match(selector: LabelSelector, pod: Pod) -> bool:
    """Tell whether an operator's pod may have all labels that a selector asks for.

    No known label may say otherwise, and one at least must be of those that the operator sets.
    """
    labels = pod.label_mapping
    known = [item for item in selector.requirements if item.key in labels]
    return not selector.faults and bool(known) and all(item.matches(labels) for item in known)


def operator_pods(resources: Iterable[Resource]) -> Iterator[OperatorPod]:
    """Yield the pods that operators make for the objects among the resources, in reading order."""
    everything = tuple(resources)
    pools: dict[tuple[str, str], list[Resource]] = {}
    for resource in everything:
        if (resource.group, resource.kind) == ("kafka.strimzi.io", "KafkaNodePool"):
            cluster = resource.labels.get("strimzi.io/cluster", "")
            pools.setdefault((resource.namespace, cluster), []).append(resource)
    for resource in everything:
        key = (resource.group, resource.kind)
        if key == ("kafka.strimzi.io", "Kafka"):
            yield from _kafka(resource, pools.get((resource.namespace, resource.name), []))
        elif (template := _TEMPLATES.get(key)) is not None:
            yield from _from_template(resource, template)


def _from_template(resource: Resource, template: _Template) -> Iterator[OperatorPod]:
    own = dict(resource.labels) if template.inherits else {}
    for path in (*template.more, *_listed_labels(resource)):
        own |= string_mapping(dig(resource.data, *path))  # type: ignore[arg-type]
    for variant in template.variants:
        fixed = {
            key: value.format(name=resource.name, namespace=resource.namespace)
            for key, value in {**template.labels, **variant}.items()
        }
        named = dict(template.ports)
        port_name = resource.spec.get("portName")
        if isinstance(port_name, str) and port_name and "web" in named:
            named = {port_name: named.pop("web"), **named}
        yield _pod(resource, {**own, **fixed}, named)


def _listed_labels(resource: Resource) -> Iterator[Path]:
    """Yield the paths to labels that stand in a list of node sets or pools."""
    for field, tail in (("nodeSets", ("podTemplate", "metadata", "labels")), ("pools", ("labels",))):
        for index, _ in enumerate(sequence(resource.spec.get(field))):
            yield ("spec", field, index, *tail)
    for index, _ in enumerate(sequence(dig(resource.spec, "templates", "podTemplates"))):
        yield ("spec", "templates", "podTemplates", index, "metadata", "labels")


def _kafka(resource: Resource, pools: list[Resource]) -> Iterator[OperatorPod]:
    """Yield the pods of a Strimzi cluster: one sort for each node pool, or one for all (Strimzi, labels on pods)."""
    named = {"tcp-replication": 9091, "tcp-kafkaagent": 8443, "tcp-prometheus": 9404}
    for listener in sequence(dig(resource.spec, "kafka", "listeners")):
        entry = mapping(listener)
        number, name = entry.get("port"), entry.get("name")
        if isinstance(number, int) and isinstance(name, str):
            named[f"tcp-{name}"] = number
    labels = {
        **resource.labels,
        **string_mapping(dig(resource.data, *_STRIMZI_POD)),  # type: ignore[arg-type]
        "strimzi.io/cluster": resource.name,
        "strimzi.io/kind": "Kafka",
        "strimzi.io/name": f"{resource.name}-kafka",
        "strimzi.io/component-type": "kafka",
        "app.kubernetes.io/name": "kafka",
        "app.kubernetes.io/instance": resource.name,
        "app.kubernetes.io/part-of": f"strimzi-{resource.name}",
        "app.kubernetes.io/managed-by": "strimzi-cluster-operator",
    }
    if not pools:
        yield _pod(resource, labels, named)
    for pool in pools:
        roles = [role for role in sequence(pool.spec.get("roles")) if isinstance(role, str)]
        own = {
            **string_mapping(dig(pool.spec, "template", "pod", "metadata", "labels")),
            "strimzi.io/pool-name": pool.name,
            "strimzi.io/broker-role": "true" if "broker" in roles else "false",
            "strimzi.io/controller-role": "true" if "controller" in roles else "false",
        }
        serves = named if "broker" in roles else {"tcp-ctrlplane": 9090, "tcp-kafkaagent": 8443}
        yield _pod(resource, {**labels, **own}, serves)
    for field, suffix, serves in (
        ("entityOperator", "entity-operator", {"topic-operator": 8080, "user-operator": 8081}),
        ("kafkaExporter", "kafka-exporter", {"tcp-prometheus": 9404}),
        ("cruiseControl", "cruise-control", {"rest-api": 9090, "tcp-prometheus": 9404}),
    ):
        if isinstance(resource.spec.get(field), dict):
            own = {"strimzi.io/name": f"{resource.name}-{suffix}", "strimzi.io/component-type": suffix}
            yield _pod(resource, {**labels, **own, "app.kubernetes.io/name": suffix}, serves)


def _pod(resource: Resource, labels: Mapping[str, str], named: Mapping[str, Any]) -> OperatorPod:
    ports = [NamedPort(name, "TCP", number) for name, number in named.items()]
    return OperatorPod(resource, pod_in(resource.namespace, labels, ports), tuple(sorted(set(named.values()))))
