"""What names, values, scripts and configuration files say about traffic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.graph.traffic_configs import read_config
from refarch_lint.graph.traffic_names import Meaning, meaning_of, port_names
from refarch_lint.graph.traffic_scripts import read_script
from refarch_lint.graph.traffic_values import Mention, Strength, read_value

WEAK, FAIR, STRONG = Strength.WEAK, Strength.FAIR, Strength.STRONG


def no_port(_: str) -> None:
    return None


def seen(mentions: list[Mention]) -> list[tuple[str, int | None]]:
    return [(mention.host, mention.port) for mention in mentions]


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("DB_HOST", Meaning.HOST),
        ("PGHOST", Meaning.HOST),
        ("dbHost", Meaning.HOST),
        ("REDIS_HOSTNAME", Meaning.HOST),
        ("spring.redis.host", Meaning.HOST),
        ("KAFKA_BROKERS", Meaning.HOST),
        ("DB_HOST_NAME", Meaning.HOST),
        ("KAFKA_BOOTSTRAP_SERVERS", Meaning.LOCATION),
        ("PAYMENT_SERVICE_ADDR", Meaning.LOCATION),
        ("EMAIL_SERVICE_ADDR", Meaning.LOCATION),
        ("IMAGE_SERVICE_URL", Meaning.LOCATION),
        ("DATABASE_URL", Meaning.LOCATION),
        ("DATABASEURL", Meaning.LOCATION),
        ("MONGODB_URI", Meaning.LOCATION),
        ("ConnectionStrings__Default", Meaning.LOCATION),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", Meaning.LOCATION),
        ("HTTP_PROXY", Meaning.LOCATION),
        ("PAYMENT_SERVICE", Meaning.SERVICE),
        ("REDIS_MASTER", Meaning.SERVICE),
        ("LOG_LEVEL", Meaning.NEUTRAL),
        ("SERVICE_NAME", Meaning.NEUTRAL),
        ("SMTP_PORT", Meaning.NEUTRAL),
        ("NO_PROXY", Meaning.OTHER),
        ("LISTEN_ADDR", Meaning.OTHER),
        ("KAFKA_ADVERTISED_LISTENERS", Meaning.OTHER),
        ("web.external-url", Meaning.OTHER),
        ("ALLOWED_HOSTS", Meaning.OTHER),
        ("CORS_ORIGINS", Meaning.OTHER),
        ("GF_SERVER_ROOT_URL", Meaning.OTHER),
        ("LOGO_URL", Meaning.OTHER),
        ("DB_PASSWORD", Meaning.OTHER),
        ("DB_PASSWORD_FILE", Meaning.OTHER),
        ("IMAGE", Meaning.OTHER),
        ("DB_USER", Meaning.OTHER),
        ("POSTGRES_DATABASE", Meaning.OTHER),
        ("service-account-issuer", Meaning.OTHER),
        ("", Meaning.NEUTRAL),
    ],
)
def test_a_name_tells_whether_its_value_is_a_destination(name: str, meaning: Meaning) -> None:
    assert meaning_of(name) is meaning


@pytest.mark.parametrize(
    ("name", "port"),
    [
        ("DB_HOST", "DB_PORT"),
        ("PGHOST", "PGPORT"),
        ("dbHost", "dbPort"),
        ("spring.redis.host", "spring.redis.port"),
        ("db-host", "db-port"),
        ("REDIS_ADDR", "REDIS_PORT"),
        ("AUTH_SERVICE_HOST", "AUTH_PORT"),
        ("AUTH_SERVICE", "AUTH_SERVICE_PORT"),
        ("host", "port"),
    ],
)
def test_the_port_stands_beside_its_host(name: str, port: str) -> None:
    assert port in port_names(name)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DB_HOST", "postgres", [("postgres", None, STRONG)]),
        ("HOST", "postgres", [("postgres", None, WEAK)]),
        ("API_URL", "backend", [("backend", None, WEAK)]),
        ("PAYMENT_SERVICE", "payments", [("payments", None, WEAK)]),
        ("API_URL", "http://backend", [("backend", 80, STRONG)]),
        ("WHATEVER", "http://backend:8080/x", [("backend", 8080, STRONG)]),
        ("mongo", "user-db:27017", [("user-db", 27017, FAIR)]),
        ("CACHE_ADDR", "cache:6379", [("cache", 6379, STRONG)]),
        ("ZIPKIN", "zipkin.tracing.svc.cluster.local", [("zipkin.tracing.svc.cluster.local", None, STRONG)]),
        ("DB_HOST", "db.data", [("db.data", None, STRONG)]),
        ("MAIN", "com.example", [("com.example", None, WEAK)]),
        ("DB_DSN", "app:x@tcp(mysql:3306)/app", [("mysql", 3306, STRONG)]),
        ("DSN", "host=db port=5433 user=app dbname=app", [("db", 5433, STRONG)]),
        ("ConnectionStrings__Sql", "Server=tcp:sql,1433;Database=app", [("sql", 1433, STRONG)]),
        ("CACHE_CONNECTION", "redis:6379,ssl=False", [("redis", 6379, STRONG)]),
        ("NOTE", "ask http://wiki or so", [("wiki", 80, FAIR)]),
        ("API_ADDRESS", "10.20.30.40", [("10.20.30.40", None, STRONG)]),
        ("LEVEL", "info", []),
        ("DB_HOST", "localhost", []),
        ("DB_HOST", "127.0.0.1", []),
        ("DB_HOST", "true", []),
        ("DB_HOST", "", []),
        ("DB_HOST", "$(DB)", []),
        ("SERVER", "Apache", []),
        ("VERSION", "1.2.3", []),
        ("POD_CIDR_HOST", "10.0.0.0/16", []),
        ("BIND_ADDRESS", "web:80", []),
        ("NO_PROXY", ".svc,db:5432", []),
        ("DB_PASSWORD", "pass:8080", []),
        ("RUNBOOK_URL", "https://wiki/runbook", []),
    ],
)
def test_a_value_is_read_by_what_its_name_means(
    name: str, value: str, expected: list[tuple[str, int | None, Strength]]
) -> None:
    found = read_value(name, value, no_port)
    assert [(mention.host, mention.port, mention.strength) for mention in found] == expected


def test_a_port_beside_the_host_is_the_port_dialled_but_never_overrides_a_written_one() -> None:
    beside = {"DB_PORT": 5433}.get
    assert seen(read_value("DB_HOST", "db", beside)) == [("db", 5433)]
    assert seen(read_value("DB_HOST", "db:5432", beside)) == [("db", 5432)]
    assert seen(read_value("DB_URL", "postgres://db", beside)) == [("db", 5432)]


SCRIPTS = [
    ("pg_dump -h postgres -U app db > /backup/x.sql", [("postgres", 5432)]),
    ("/usr/bin/pg_dumpall --host=postgres.production -p 5433", [("postgres.production", 5433)]),
    ("pg_dump -hpostgres", [("postgres", 5432)]),
    ("PGPASSWORD=$P pg_dump -h db | gzip > x", [("db", 5432)]),
    ("pg_dump postgresql://u:p@db:5432/app", [("db", 5432)]),
    ("mysqldump -h mysql -P3307 --all-databases", [("mysql", 3307)]),
    ("mysqldump --host mysql --all-databases", [("mysql", 3306)]),
    ("mongodump --host rs0/mongo-0.mongo:27017 --archive", [("mongo-0.mongo", 27017)]),
    ("mongodump --uri=mongodb://mongo/app", [("mongo", 27017)]),
    ("redis-cli -h cache -p 6380 SAVE", [("cache", 6380)]),
    ("redis-cli ping", []),
    ("clickhouse-client --host clickhouse -q 'select 1'", [("clickhouse", 9000)]),
    ("kafka-topics.sh --bootstrap-server kafka:9092 --list", [("kafka", 9092)]),
    ("kafkacat -b kafka -L", [("kafka", 9092)]),
    ("until nc -z db 5432; do sleep 1; done", [("db", 5432)]),
    ("while ! nc -w 2 -zv db:5432; do :; done", [("db", 5432)]),
    ("curl -fsS -H 'Host: other:80' http://web:8080/health", [("web", 8080)]),
    ("curl --retry 3 backend:8080/ready", [("backend", 8080)]),
    ("wget -qO- http://web", [("web", 80)]),
    ("echo PING | nc redis 6379", [("redis", 6379)]),
    ("wait-for-it.sh db:5432 -- ./run", [("db", 5432)]),
    ("dockerize -wait tcp://db:5432 -timeout 60s", [("db", 5432)]),
    ('mc alias set lake http://minio:9000 "$KEY" "$SECRET"', [("minio", 9000)]),
    ("aws --endpoint-url http://minio:9000 s3 sync /backup s3://bucket", [("minio", 9000)]),
    ("DB=db\npg_dump -h $DB", [("db", 5432)]),
    ('export DB_HOST=db\npg_dump -h "${DB_HOST}"', [("db", None), ("db", 5432)]),
    ("pg_dump -h ${PGHOST:-fallback}", [("fallback", 5432)]),
    ("X=$(pg_isready -h db && echo yes)", [("db", 5432)]),
    ("bash -c 'pg_isready -h db'", [("db", 5432)]),
    ("java -Dspring.redis.host=cache -Dspring.redis.port=6380 -jar app.jar", [("cache", 6380)]),
    ("exec ./app --db-host db --db-port 5433", [("db", 5433)]),
    ("pg_dump \\\n  --host=db \\\n  app", [("db", 5432)]),
    ("# pg_dump -h db", []),
    ("echo 'see http://docs:80'", []),
    ("chown app:1000 /data", []),
    ("pg_dump -h $UNKNOWN", []),
    ("pg_dump -h localhost", []),
    ("sed -i 's|x|http://web:80|' f", []),
    ("nslookup db", []),
]


@pytest.mark.parametrize(("script", "expected"), SCRIPTS, ids=[script for script, _ in SCRIPTS])
def test_scripts_dial_what_their_client_programs_are_told(script: str, expected: list[tuple[str, int | None]]) -> None:
    assert seen(read_script(script, {})) == expected


def test_a_script_knows_its_environment_and_its_lines() -> None:
    script = "set -e\n# dump\npg_dump -h $DB_HOST\n\nif true; then\n  curl http://$HOOK/done\nfi\n"
    found = read_script(script, {"DB_HOST": "db", "HOOK": "hooks:8080"})
    assert [(mention.host, mention.port, mention.line) for mention in found] == [("db", 5432, 2), ("hooks", 8080, 5)]


CONFIGS = [
    ("prometheus.yml", "static_configs:\n- targets: ['backend.production:8080']\n", [("backend.production", 8080, 1)]),
    ("prometheus.yml", "static_configs:\n  - targets:\n      - a:80\n      - b:81\n", [("a", 80, 2), ("b", 81, 3)]),
    ("prometheus.yml", "remote_write:\n- url: http://mimir:9009/api\n", [("mimir", 9009, 1)]),
    (
        "prometheus.yml",
        "alerting:\n  alertmanagers:\n  - static_configs:\n    - targets: [am:9093]\n",
        [("am", 9093, 3)],
    ),
    ("datasources.yaml", "datasources:\n- name: P\n  url: http://prometheus:9090\n", [("prometheus", 9090, 2)]),
    ("kong.yml", "services:\n- name: users\n  host: user-service\n  port: 80\n", [("user-service", 80, 2)]),
    ("kong.yml", "services:\n- host: a\n  port: 80\n- host: b\n  port: 81\n", [("a", 80, 1), ("b", 81, 3)]),
    ("application.yml", "spring:\n  redis:\n    host: cache\n    port: 6379\n", [("cache", 6379, 2)]),
    ("application.yml", "url: jdbc:postgresql://${DB:db}:5432/app\n", [("db", 5432, 0)]),
    ("application.properties", "spring.redis.host=cache\nspring.redis.port=6380\n", [("cache", 6380, 0)]),
    ("app.json", '{\n  "db": {\n    "host": "db",\n    "port": 5432\n  }\n}\n', [("db", 5432, 2)]),
    (
        "app.json",
        '{"db": {"host": "db", "port": 5432}, "cache": "redis://cache"}',
        [("db", 5432, 0), ("cache", 6379, 0)],
    ),
    ("app.toml", '[redis]\naddress = "cache:6379"\n', [("cache", 6379, 1)]),
    ("app.toml", 'servers=[ "kafka-0.kafka:9092" ]\n', [("kafka-0.kafka", 9092, 0)]),
    ("app.ini", "[database]\nhost = db\nport = 5432\n", [("db", 5432, 1)]),
    ("nginx.conf", "location / {\n  proxy_pass http://backend:8080/;\n}\n", [("backend", 8080, 1)]),
    ("nginx.conf", "upstream up {\n  server backend:8080;\n}\nproxy_pass http://up;\n", [("backend", 8080, 1)]),
    ("nginx.conf", "server {\n  listen 80;\n  server_name web;\n  fastcgi_pass php:9000;\n}\n", [("php", 9000, 3)]),
    ("haproxy.cfg", "backend db\n  server one db-0.db:5432 check\n", [("db-0.db", 5432, 1)]),
    ("Caddyfile", ":80 {\n  reverse_proxy web:3000\n}\n", [("web", 3000, 1)]),
    ("redis.conf", "replicaof redis-0.redis 6379\n", [("redis-0.redis", 6379, 0)]),
    ("fluent-bit.conf", "[OUTPUT]\n    Name es\n    Host search\n    Port 9200\n", [("search", 9200, 2)]),
    ("zoo.cfg", "server.1=zoo-0.zoo:2888:3888\n", [("zoo-0.zoo", 2888, 0), ("zoo-0.zoo", 3888, 0)]),
    ("core-site.xml", "<property>\n<value>hdfs://namenode</value>\n</property>\n", [("namenode", 8020, 1)]),
    ("settings.py", "REDIS_HOST = 'cache'\nREDIS_PORT = 6379\n", [("cache", 6379, 0)]),
    ("otel.yaml", "exporters:\n  otlp:\n    endpoint: tempo:4317\n", [("tempo", 4317, 2)]),
    ("init.sh", "pg_isready -h db\n", [("db", 5432, 0)]),
    ("setup", "#!/bin/sh\npg_isready -h db\n", [("db", 5432, 1)]),
    ("otel.yaml", "receivers:\n  otlp:\n    endpoint: 0.0.0.0:4317\n", []),
    ("server.properties", "advertised.listeners=PLAINTEXT://kafka:9092\nlisteners=PLAINTEXT://:9092\n", []),
    ("index.html", "<a href='http://web:80'>", []),
    ("dash.json", '{"panels": [], "url": "http://web:80"}', []),
    ("rules.yml", "groups:\n- rules:\n  - alert: A\n    url: http://web:80\n", []),
    ("job.yaml", "apiVersion: batch/v1\nkind: Job\nurl: http://web:80\n", []),
    ("app.yaml", "cors:\n  allowed_origins:\n  - http://web:80\n", []),
    ("app.yaml", "# url: http://web:80\n", []),
    ("app.yaml", "password: pass:8080\n", []),
]


@pytest.mark.parametrize(
    ("name", "text", "expected"), CONFIGS, ids=[f"{name}-{index}" for index, (name, _, _) in enumerate(CONFIGS)]
)
def test_configuration_files_name_hosts_by_line(
    name: str, text: str, expected: list[tuple[str, int | None, int]]
) -> None:
    assert [(mention.host, mention.port, mention.line) for mention in read_config(name, text)] == expected


@given(st.text(alphabet="ab:/.-=${}()'\"\\\n #0123h|&;<>[],@", max_size=200))
def test_hostile_texts_are_read_without_failing(text: str) -> None:
    lines = text.count("\n")
    for mention in (*read_script(text, {}), *read_config("x.yaml", text), *read_value("A_HOST", text, no_port)):
        assert 0 <= mention.line <= lines
        assert mention.host
