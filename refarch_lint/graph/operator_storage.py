"""Where the objects of operators say that a datastore keeps its data on nothing that lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from refarch_lint.graph.place import Place
from refarch_lint.location import Path
from refarch_lint.model.quantity import parse_quantity
from refarch_lint.model.resource import Resource, dig, mapping, sequence


class Fleeting(NamedTuple):
    """Storage that is deleted with its pods: where it is asked for, and in words what it is."""

    place: Place
    what: str


def fleeting_storage(resource: Resource) -> Iterator[Fleeting]:
    """Yield the storage of an operator's object that does not last; nothing where the operator makes claims.

    Read from the definitions of Strimzi, RabbitMQ, ECK, Percona, ClickHouse (Altinity) and K8ssandra.
    """
    read = _READERS.get((resource.group, resource.kind))
    if read is not None:
        yield from read(resource)


def _strimzi(resource: Resource) -> Iterator[Fleeting]:
    for path in (("kafka", "storage"), ("zookeeper", "storage")):
        yield from _strimzi_storage(resource, ("spec", *path))


def _strimzi_pool(resource: Resource) -> Iterator[Fleeting]:
    roles = sequence(resource.spec.get("roles"))
    if not roles or "broker" in roles or "controller" in roles:
        yield from _strimzi_storage(resource, ("spec", "storage"))


def _strimzi_storage(resource: Resource, path: Path) -> Iterator[Fleeting]:
    storage = mapping(dig(resource.data, *path))  # type: ignore[arg-type]
    if storage.get("type") == "ephemeral":
        yield Fleeting(Place(resource, (*path, "type")), "ephemeral storage")
    for index, volume in enumerate(sequence(storage.get("volumes"))):
        if mapping(volume).get("type") == "ephemeral":
            yield Fleeting(Place(resource, (*path, "volumes", index, "type")), "ephemeral storage")


def _rabbitmq(resource: Resource) -> Iterator[Fleeting]:
    size = dig(resource.spec, "persistence", "storage")
    if size is not None and _is_zero(size):
        yield Fleeting(Place(resource, ("spec", "persistence", "storage")), "no volume, its storage is 0")


def _elasticsearch(resource: Resource) -> Iterator[Fleeting]:
    for index, node_set in enumerate(sequence(resource.spec.get("nodeSets"))):
        for position, volume in enumerate(sequence(dig(node_set, "podTemplate", "spec", "volumes"))):
            if mapping(volume).get("name") == "elasticsearch-data" and "emptyDir" in mapping(volume):
                path = ("spec", "nodeSets", index, "podTemplate", "spec", "volumes", position, "emptyDir")
                yield Fleeting(Place(resource, path), "an emptyDir")


def _percona_mongodb(resource: Resource) -> Iterator[Fleeting]:
    for index, replica_set in enumerate(sequence(resource.spec.get("replsets"))):
        yield from _volume_spec(resource, ("spec", "replsets", index, "volumeSpec"), mapping(replica_set))


def _percona_xtradb(resource: Resource) -> Iterator[Fleeting]:
    yield from _volume_spec(resource, ("spec", "pxc", "volumeSpec"), mapping(resource.spec.get("pxc")))


def _volume_spec(resource: Resource, path: Path, owner: Mapping[str, Any]) -> Iterator[Fleeting]:
    spec = mapping(owner.get("volumeSpec"))
    for source in ("emptyDir", "hostPath"):
        if source in spec and not spec.get("persistentVolumeClaim"):
            yield Fleeting(Place(resource, (*path, source)), source)


def _clickhouse(resource: Resource) -> Iterator[Fleeting]:
    templates = sequence(dig(resource.spec, "templates", "volumeClaimTemplates"))
    if not templates and not resource.spec.get("useTemplates"):
        yield Fleeting(
            Place(resource, ("spec", "templates", "volumeClaimTemplates")),
            "no volume, it has no volumeClaimTemplates",
        )


def _is_zero(size: object) -> bool:
    try:
        return parse_quantity(size) == 0
    except ValueError:
        return False


_READERS: Mapping[tuple[str, str], Callable[[Resource], Iterator[Fleeting]]] = {
    ("kafka.strimzi.io", "Kafka"): _strimzi,
    ("kafka.strimzi.io", "KafkaNodePool"): _strimzi_pool,
    ("rabbitmq.com", "RabbitmqCluster"): _rabbitmq,
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): _elasticsearch,
    ("psmdb.percona.com", "PerconaServerMongoDB"): _percona_mongodb,
    ("pxc.percona.com", "PerconaXtraDBCluster"): _percona_xtradb,
    ("clickhouse.altinity.com", "ClickHouseInstallation"): _clickhouse,
}
