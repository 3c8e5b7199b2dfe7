"""What a named value says about traffic: whether `DB_HOST: postgres` names a host, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, IntEnum
from functools import lru_cache
from typing import NamedTuple

from refarch_lint.graph.endpoints import DEFAULT_PORTS, Endpoint, endpoints_in, hosts_of, is_address, is_self


class Strength(IntEnum):
    """How much a mention of a host proves.

    WEAK: counts only if a Service of that name and port exists. FAIR: counts if a Service of that name exists, even if
    the port does not. STRONG: a destination whether it exists or not.
    """

    WEAK = 1
    FAIR = 2
    STRONG = 3


class Mention(NamedTuple):
    """A host named in a text as a destination; `line` counts from 0, `subject` is the variable, flag or key."""

    host: str
    port: int | None
    port_written: bool
    scheme: str | None
    line: int
    strength: Strength
    subject: str


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
_JOINED = re.compile(r"(?:host|hostname|addr|url|uri|endpoint|brokers?|servers?)$")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPLIT = re.compile(r"[^A-Za-z0-9]+")
_NOT_WORDS = frozenset(
    {"true", "false", "yes", "no", "on", "off", "none", "null", "nil", "auto", "default", "enabled", "disabled", "all"}
    | {"any", "undefined", "unknown", "local", "self", "files", "dns", "example", "changeme", "hostname", "host", "tcp"}
    | {"udp", "http", "https", "ssl", "tls", "dev", "prod", "production", "staging", "test", "info", "debug", "warn"}
)
_MAY_NAME_HOST = re.compile(r"[:.=]")
_KEYWORD = re.compile(
    r"(?:^|[\s;])(?P<key>host|hostaddr|server|data source|addr|address|network address)\s*=\s*"
    r"(?:tcp:)?(?P<host>[A-Za-z0-9][\w.-]*)(?:[,:](?P<port>\d{2,5}))?(?=[\s;]|$)",
    re.IGNORECASE,
)
_KEYWORD_PORT = re.compile(r"(?:^|[\s;])port\s*=\s*(\d{2,5})(?=[\s;]|$)", re.IGNORECASE)
_CONNECTION_SHAPE = re.compile(
    r"(?:^|[\s;])(?:dbname|database|initial catalog|user|user id|uid|username|port)\s*=", re.I
)
_HOST_ENDING = re.compile(
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


@lru_cache(maxsize=8192)
def tokens_of(name: str) -> tuple[str, ...]:
    """Return the words of a variable, flag or key in lower case: `spring.kafkaBrokers` -> spring, kafka, brokers."""
    return tuple(part.lower() for piece in _SPLIT.split(name) for part in _CAMEL.split(piece) if part)


@lru_cache(maxsize=8192)
def meaning_of(name: str) -> Meaning:
    """Return what the value of a variable, flag or configuration key is, judged by its name."""
    tokens = tokens_of(name)
    if not tokens:
        return Meaning.NEUTRAL
    last, before = tokens[-1], tokens[-2] if len(tokens) > 1 else ""
    if last in _OTHER_TOKENS or before in _LINK_TOKENS or (before, last) in (("no", "proxy"), ("account", "issuer")):
        return Meaning.OTHER
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


@lru_cache(maxsize=8192)
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


def as_port(value: object) -> int | None:
    """Return a port number written as text or number, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        stripped = value.strip().strip("\"'")
        value = int(stripped) if stripped.isascii() and stripped.isdigit() and len(stripped) <= 5 else None
    return value if isinstance(value, int) and 0 < value < 65536 else None


def read_value(
    name: str, value: str, port_of: Callable[[str], int | None], bare: Strength = Strength.STRONG
) -> list[Mention]:
    """Return the hosts that the value of `name` mentions as destinations, none for names that are no destinations.

    `port_of` answers the port that stands beside a host variable (`DB_PORT` for `DB_HOST`). `bare` is what a bare word
    proves in a variable that holds hosts.
    """
    meaning = meaning_of(name)
    if meaning is Meaning.OTHER or (meaning is Meaning.NEUTRAL and not _MAY_NAME_HOST.search(value)):
        return []
    whole = hosts_of(value)
    if whole is not None:
        return [
            mention
            for endpoint in whole
            if (mention := _whole_mention(name, value, endpoint, meaning, port_of, bare)) is not None
        ]
    return _partial_mentions(name, value, meaning)


def _whole_mention(
    name: str,
    value: str,
    endpoint: Endpoint,
    meaning: Meaning,
    port_of: Callable[[str], int | None],
    bare: Strength,
) -> Mention | None:
    located = meaning in (Meaning.HOST, Meaning.LOCATION)
    host, port, written = endpoint.host, endpoint.port, endpoint.port_written
    if is_self(host):
        return None
    if endpoint.scheme:
        strength = Strength.STRONG if endpoint.scheme.partition("+")[0] in DEFAULT_PORTS else Strength.FAIR
    elif is_address(host):
        if not located or re.match(r"/\d", value[endpoint.end :]) or not any(mark in host for mark in ".:"):
            return None
        strength = Strength.STRONG if "." in host or ":" in host else Strength.WEAK
    elif written:
        strength = Strength.STRONG if located else Strength.FAIR
    elif ".svc" in host:
        strength = Strength.STRONG
    elif "." in host:
        if not name:
            return None
        strength = Strength.STRONG if meaning is Meaning.HOST else Strength.FAIR if located else Strength.WEAK
    elif host in _NOT_WORDS or value[endpoint.start : endpoint.end] != host:
        return None
    elif meaning is Meaning.HOST:
        strength = bare
    elif meaning is Meaning.NEUTRAL:
        return None
    else:
        strength = Strength.WEAK
    if port is None or not written:
        beside = next((found for key in port_names(name) if (found := port_of(key)) is not None), None)
        if beside is not None and not endpoint.scheme:
            port, written = beside, True
            if meaning is Meaning.HOST or (located and "." not in host):
                strength = max(strength, Strength.STRONG)
    return Mention(host, port, written, endpoint.scheme, endpoint.line, strength, name)


def _partial_mentions(name: str, value: str, meaning: Meaning) -> list[Mention]:
    located = meaning in (Meaning.HOST, Meaning.LOCATION)
    found: list[Mention] = []
    if "=" in value and (located or _CONNECTION_SHAPE.search(value)):
        beside = _KEYWORD_PORT.search(value)
        for match in _KEYWORD.finditer(value):
            host = match["host"].lower()
            port = as_port(match["port"]) or (as_port(beside[1]) if beside else None)
            if not is_self(host) and host not in _NOT_WORDS and not host.isdigit():
                line = value.count("\n", 0, match.start())
                found.append(Mention(host, port, port is not None, None, line, Strength.STRONG, name))
    prose = " " in value.strip()
    keyed = {mention.host for mention in found}
    for endpoint in endpoints_in(value):
        if is_self(endpoint.host) or endpoint.host in keyed:
            continue
        if endpoint.scheme:
            strength = Strength.STRONG if located and not prose else Strength.FAIR
        elif ".svc" in endpoint.host:
            strength = Strength.FAIR if prose and not located else Strength.STRONG
        else:
            strength = Strength.STRONG if located and not prose else Strength.WEAK
        found.append(
            Mention(endpoint.host, endpoint.port, endpoint.port_written, endpoint.scheme, endpoint.line, strength, name)
        )
    return found
