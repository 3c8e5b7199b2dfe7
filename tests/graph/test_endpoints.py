"""Hosts and ports in text: what is found, and what is not taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.graph.endpoints import endpoints_in, hosts_of, is_address, is_self

URLS = [
    ("http://user-service", [("user-service", 80)]),
    ("https://api.shop.svc.cluster.local/v1", [("api.shop.svc.cluster.local", 443)]),
    ("HTTP://Web:8080", [("web", 8080)]),
    ("amqp://rabbitmq", [("rabbitmq", 5672)]),
    ("amqps://rabbitmq/vhost", [("rabbitmq", 5671)]),
    ("postgres://db/app", [("db", 5432)]),
    ("postgresql+psycopg2://user@db:6432/app", [("db", 6432)]),
    ("jdbc:postgresql://db-1:5432,db-2:5432/app", [("db-1", 5432), ("db-2", 5432)]),
    ("jdbc:mysql://mysql/app?useSSL=false", [("mysql", 3306)]),
    ("jdbc:sqlserver://sql:1433;databaseName=app", [("sql", 1433)]),
    ("jdbc:oracle:thin:@//ora:1521/service", [("ora", 1521)]),
    ("jdbc:oracle:thin:@ora:1521:SID", [("ora", 1521)]),
    ("r2dbc:postgresql://db/app", [("db", 5432)]),
    ("mysql://mysql:3307/app", [("mysql", 3307)]),
    ("mongodb://m-0.m:27017,m-1.m:27017/app?replicaSet=rs0", [("m-0.m", 27017), ("m-1.m", 27017)]),
    ("mongodb+srv://cluster0.example.net/app", [("cluster0.example.net", 27017)]),
    ("redis://redis/0", [("redis", 6379)]),
    ("rediss://redis.cache:6380", [("redis.cache", 6380)]),
    ("kafka://kafka", [("kafka", 9092)]),
    ("PLAINTEXT://kafka:9092,SASL_SSL://kafka-2", [("kafka", 9092), ("kafka-2", 9092)]),
    ("nats://nats:4222,nats://nats-2:4222", [("nats", 4222), ("nats-2", 4222)]),
    ("grpc://payments:50051", [("payments", 50051)]),
    ("dns:///payments.shop:50051", [("payments.shop", 50051)]),
    ("tcp://10.1.2.3:6379", [("10.1.2.3", 6379)]),
    ("failover:(tcp://mq-1:61616,tcp://mq-2:61616)", [("mq-1", 61616), ("mq-2", 61616)]),
    ("http://[2001:db8::1]:8080/", [("2001:db8::1", 8080)]),
    ("s3://key:word@minio:9000/bucket", [("minio", 9000)]),
    ("custom://cache:7000", [("cache", 7000)]),
    ("see (http://docs/), http://wiki.", [("docs", 80), ("wiki", 80)]),
]


@pytest.mark.parametrize(("text", "expected"), URLS, ids=[text for text, _ in URLS])
def test_urls_name_their_host_and_the_scheme_s_port(text: str, expected: list[tuple[str, int]]) -> None:
    assert [(item.host, item.port) for item in endpoints_in(text)] == expected


PLAIN = [
    ("redis:6379", [("redis", 6379)]),
    ("a:9092,b:9092", [("a", 9092), ("b", 9092)]),
    ("--brokers=kafka-0.kafka:9092", [("kafka-0.kafka", 9092)]),
    ("root:1234@tcp(mysql:3306)/app", [("mysql", 3306)]),
    ('hosts => ["search:9200"]', [("search", 9200)]),
    ("server.1=zoo-0.zoo:2888:3888", [("zoo-0.zoo", 2888), ("zoo-0.zoo", 3888)]),
    ("db.data.svc.cluster.local", [("db.data.svc.cluster.local", None)]),
    ("db-0.db.data.svc", [("db-0.db.data.svc", None)]),
    ("db.data.svc.example.org:5432", [("db.data.svc.example.org", 5432)]),
    ("kubernetes.default.svc", [("kubernetes.default.svc", None)]),
]


@pytest.mark.parametrize(("text", "expected"), PLAIN, ids=[text for text, _ in PLAIN])
def test_host_port_pairs_and_cluster_names_are_found(text: str, expected: list[tuple[str, int | None]]) -> None:
    assert [(item.host, item.port) for item in endpoints_in(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "info",
        "postgres",
        "12:30:45",
        "2024-01-01T12:30:45",
        "nginx:1.25",
        "postgres:15-alpine",
        "registry/app:8080",
        "s3://bucket/path",
        "gs://bucket",
        "file:///etc/passwd",
        "unix:///var/run/docker.sock",
        "http://${HOST}:${PORT}/",
        "http://$(HOST)/",
        "http://{{ .Values.host }}/",
        "http:///path",
        "http://",
        "PLAINTEXT://:9092",
        "http://host:99999",
        "http://host:port",
        "aa:11:22:33:44:55",
        "foo.bar.svcs",
        "key: value",
        "custom://something",
        "${HOST}:8080",
        "8080:80",
        "-Xmx512m:80x",
    ],
)
def test_other_texts_name_no_endpoint(text: str) -> None:
    assert endpoints_in(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "amqp://guest:hunter2@rabbit:5672/",
        "amqp://guest:hun@ter2@rabbit:5672/",
        "postgres://app:$(hunter2)@rabbit:5672/app",
        "mongodb://app:hunter2@rabbit:5672",
        "app:hunter2@tcp(rabbit:5672)/db",
        "https://hunter2@rabbit:5672/x",
    ],
)
def test_credentials_are_never_part_of_an_endpoint(text: str) -> None:
    (endpoint,) = endpoints_in(text)
    assert (endpoint.host, endpoint.port) == ("rabbit", 5672)
    assert text[endpoint.start : endpoint.end] == "rabbit:5672"
    assert "hunter" not in repr(endpoint)


def test_offsets_and_lines_count_from_the_start_of_the_text() -> None:
    text = "first\n  url: http://web:8080/\nlast: db:5432"
    first, second = endpoints_in(text)
    assert (first.line, text[first.start : first.end]) == (1, "web:8080")
    assert (second.line, text[second.start : second.end]) == (2, "db:5432")
    assert (first.protocol, endpoints_in("udp://statsd:8125")[0].protocol) == ("TCP", "UDP")


VALUES = [
    ("postgres", [("postgres", None)]),
    ("a,b;c", [("a", None), ("b", None), ("c", None)]),
    ("redis:6379/0", [("redis", 6379)]),
    ("a:1 b:2", [("a", 1), ("b", 2)]),
    ("http://a:80,http://b", [("a", 80), ("b", 80)]),
    ("['a:80', \"b:81\"]", [("a", 80), ("b", 81)]),
    ("dnssrv+_grpc._tcp.thanos.monitoring.svc", [("_grpc._tcp.thanos.monitoring.svc", None)]),
    ("[::1]:80", [("::1", 80)]),
    ("web.shop.svc.cluster.local.", [("web.shop.svc.cluster.local", None)]),
    ("  spaced:80  ", [("spaced", 80)]),
]


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=[value for value, _ in VALUES])
def test_a_value_that_is_nothing_but_hosts_is_read_as_hosts(value: str, expected: list[tuple[str, int | None]]) -> None:
    assert [(item.host, item.port) for item in hosts_of(value) or ()] == expected


@pytest.mark.parametrize(
    "value",
    ["hello world", "a b=c", "{x}", "", "5432", "1.5", "x:y", "/etc/hosts", "a@b", "http://$(H)/", "$HOST", "0:2"],
)
def test_a_value_with_anything_else_in_it_is_not(value: str) -> None:
    assert hosts_of(value) is None


def test_own_addresses_are_told_from_others() -> None:
    own = ["localhost", "127.0.0.1", "127.8.8.8", "0.0.0.0", "::1", "::", "[::]", "app.localhost", "239.0.0.1"]
    others = ["10.0.0.1", "db", "local", "localhost.example.com", "1app"]
    assert [host for host in own if not is_self(host)] == []
    assert [host for host in others if is_self(host)] == []
    assert [is_address(host) for host in ("10.0.0.1", "::1", "1.2", "db", "10")] == [True, True, False, False, False]


@given(st.text(max_size=200))
def test_any_text_is_read_without_failing_and_spans_lie_inside_it(text: str) -> None:
    for endpoint in (*endpoints_in(text), *(hosts_of(text) or ())):
        assert 0 <= endpoint.start < endpoint.end <= len(text)
        assert endpoint.host
        assert endpoint.port is None or 0 < endpoint.port < 65536
