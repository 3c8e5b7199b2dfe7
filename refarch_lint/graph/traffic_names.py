"""What the name of a variable, flag or configuration key says about its value: a host, a location, or neither."""

from __future__ import annotations

from enum import Enum

from refarch_lint.regex import regex
from refarch_lint.remembering import remembered


class Meaning(Enum):
    """What the value of a variable, flag or configuration key is, judged by its name."""

    #: A bare word in it is a host: `DB_HOST`, `KAFKA_BROKERS`.
    HOST = "host"
    #: It locates something to call, but a bare word may be something else: `API_URL`, `LOG_ENDPOINT`.
    LOCATION = "location"
    #: A bare word may be a Service's name: `PAYMENT_SERVICE`, `REDIS_MASTER`.
    SERVICE = "service"
    #: The name says nothing.
    NEUTRAL = "neutral"
    #: The value is not a place to call: what to listen on, an own public address, a credential, a text.
    OTHER = "other"


_HOST_TOKENS = frozenset({"host", "hosts", "hostname", "hostnames", "broker", "brokers"})
_LOCATION_TOKENS = frozenset(
    {
        "addr",
        "addrs",
        "address",
        "addresses",
        "endpoint",
        "endpoints",
        "server",
        "servers",
        "url",
        "urls",
        "uri",
        "uris",
    }
    | {"dsn", "connection", "connectionstring", "datasource", "target", "targets", "bootstrap", "peers", "nodes"}
    | {"upstream", "upstreams", "seeds", "proxy", "voters", "baseurl", "jdbcurl", "hostport", "contactpoints"}
)
_SERVICE_TOKENS = frozenset(
    {"service", "svc", "master", "primary", "leader", "sentinel", "sentinels", "gateway", "destination", "connect"}
    | {"zookeeper", "remote", "api", "collector", "exporter", "join"}
)
#: Words that, anywhere in a name, make its value an own address, as others see it, or a list of those who may call.
_OWN_TOKENS = frozenset(
    {"listen", "listener", "listeners", "listening", "bind", "binding", "advertise", "advertised", "external", "public"}
    | {"root", "site", "virtual", "canonical", "self", "own", "domain", "ingress", "allow", "allowed", "allowlist"}
    | {"whitelist", "trusted", "cors", "origin", "origins", "callback", "redirect", "redirects", "logout", "xmlns"}
)
#: Words that make a URL one for people: `DOCS_URL`, `LOGO_URL`.
_LINK_TOKENS = frozenset(
    {"runbook", "runbooks", "docs", "doc", "documentation", "homepage", "license", "logo", "icon", "avatar", "favicon"}
    | {"badge", "link", "links", "terms", "privacy", "help", "referer", "image", "cookie", "schema"}
)
#: Last words of names whose values are identifiers, texts or credentials.
_OTHER_TOKENS = frozenset(
    {"namespace", "image", "images", "repository", "repo", "tag", "version", "pattern", "regex", "regexp", "format"}
    | {"message", "title", "description", "summary", "comment", "text", "label", "labels", "annotation", "annotations"}
    | {"path", "paths", "file", "files", "dir", "directory", "topic", "topics", "class", "audience", "scope", "scopes"}
    | {"resolver", "cidr", "cidrs", "metric", "header", "headers", "email", "sender", "cookie", "schema", "schemas"}
    | {"password", "passwd", "pwd", "pass", "secret", "secrets", "token", "tokens", "key", "keys", "credential", "user"}
    | {"credentials", "passphrase", "certificate", "cert", "salt", "signature", "username", "database", "dbname"}
    | {"link", "links", "referer", "subject", "id"}
)
_DESCRIPTIVE = frozenset({"labels", "annotations", "headers", "metadata", "comments"})
_JOINED = regex(r"(?:host|hostname|addr|url|uri|endpoint|brokers?|servers?)$")
_CAMEL = regex(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPLIT = regex(r"[^A-Za-z0-9]+")
_HOST_ENDING = regex(
    r"(?i)(host(?:name)?s?|addr(?:ess)?(?:es)?|servers?|service|endpoints?|brokers?|ur[il]s?|svc|_HOST_NAME)$"
)
#: Ports by which products are known, to choose among a Service's ports where none is written.
PRODUCT_PORTS: dict[str, tuple[int, ...]] = {
    "amqp": (5672,),
    "cassandra": (9042,),
    "clickhouse": (8123, 9000),
    "consul": (8500,),
    "elastic": (9200,),
    "elasticsearch": (9200,),
    "es": (9200,),
    "etcd": (2379,),
    "kafka": (9092,),
    "ldap": (389, 636),
    "loki": (3100,),
    "mariadb": (3306,),
    "memcached": (11211,),
    "minio": (9000,),
    "mongo": (27017,),
    "mongodb": (27017,),
    "mysql": (3306,),
    "nats": (4222,),
    "opensearch": (9200,),
    "otel": (4317, 4318),
    "otlp": (4317, 4318),
    "pg": (5432,),
    "postgres": (5432,),
    "postgresql": (5432,),
    "prometheus": (9090,),
    "rabbit": (5672,),
    "rabbitmq": (5672,),
    "redis": (6379,),
    "smtp": (25, 587),
    "valkey": (6379,),
    "vault": (8200,),
    "zipkin": (9411,),
    "zookeeper": (2181,),
}
#: Ports of datastores and message brokers: whoever is given such an address uses it.
DATASTORE_PORTS = frozenset(
    {1433, 1521, 2181, 2379, 3306, 4222, 5432, 5671, 5672, 6379, 7687, 8086, 9042, 9092, 9200, 11211, 26379, 27017}
)


@remembered
def tokens_of(name: str) -> tuple[str, ...]:
    """Return the words of a variable, flag or key in lower case: `spring.kafkaBrokers` -> spring, kafka, brokers."""
    return tuple(part.lower() for piece in _SPLIT.split(name) for part in _CAMEL.split(piece) if part)


@remembered
def meaning_of(name: str) -> Meaning:
    """Return what the value of a variable, flag or configuration key is, judged by its name."""
    tokens = tokens_of(name)
    if not tokens:
        return Meaning.NEUTRAL
    last, before = tokens[-1], tokens[-2] if len(tokens) > 1 else ""
    if last in _OTHER_TOKENS or before in _LINK_TOKENS or (before, last) in (("no", "proxy"), ("account", "issuer")):
        return Meaning.OTHER
    if last == "site" and len(tokens) > 1 and not _OWN_TOKENS.intersection(tokens[:-1]):
        return Meaning.LOCATION
    if _OWN_TOKENS.intersection(tokens) and not {"service", "svc"}.intersection(tokens):
        return Meaning.OTHER
    if last == "name" and len(tokens) > 2 and tokens[-2] == "host":
        return Meaning.HOST
    if last.isdigit() and len(tokens) > 1:
        last = tokens[-2]
    if (
        last in ("string", "strings", "points", "servers")
        and len(tokens) > 1
        and tokens[-2] in ("connection", "contact")
    ):
        return Meaning.LOCATION
    if last in _HOST_TOKENS:
        return Meaning.HOST if len(tokens) > 1 else Meaning.LOCATION
    if last in _LOCATION_TOKENS or "connectionstrings" in tokens or tokens[:2] == ("connection", "strings"):
        return Meaning.LOCATION
    if last in _SERVICE_TOKENS or last in PRODUCT_PORTS:
        return Meaning.SERVICE
    if _JOINED.search(last):
        return Meaning.HOST if last.endswith(("host", "hostname", "broker", "brokers")) else Meaning.LOCATION
    return Meaning.NEUTRAL


def hides_destinations(section: str) -> bool:
    """Tell whether what stands under a key of a configuration file is no destination, whatever its own name is."""
    tokens = tokens_of(section)
    return bool(tokens) and (tokens[-1] in _DESCRIPTIVE or not _OWN_TOKENS.isdisjoint(tokens))


@remembered
def port_names(name: str) -> tuple[str, ...]:
    """Return the names under which the port of a host variable stands: `DB_HOST` -> `DB_PORT`, `PGHOST` -> `PGPORT`."""
    match = _HOST_ENDING.search(name)
    if not match:
        separator = "_" if name.isupper() or "_" in name else "." if "." in name else "-"
        return (f"{name}{separator}{'PORT' if name.isupper() else 'port'}",)
    ending, stem = match[0], name[: match.start()]
    port = "PORT" if ending.isupper() else "Port" if ending[0].isupper() else "port"
    names = [stem + port]
    separator = stem[-1] if stem and stem[-1] in "_.-" else ""
    if separator:
        names.append(name + separator + port)
    if stem.lower().endswith(("service_", "server_")) and separator:
        names.append(stem[: -len(separator)].rpartition(separator)[0] + separator + port)
    return tuple(names)


def default_ports(name: str, host: str) -> tuple[int, ...]:
    """Return the ports that the products named in a variable or host are known for, the variable's first."""
    for token in (*tokens_of(name), *tokens_of(host)):
        if token in PRODUCT_PORTS:
            return PRODUCT_PORTS[token]
    return ()
