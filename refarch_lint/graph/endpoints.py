"""Hosts and ports written in text: URLs, connection strings, `host:port` lists and names of the cluster's DNS."""

from __future__ import annotations

import ipaddress
import re
from bisect import bisect_left
from typing import NamedTuple

from refarch_lint.regex import regex

#: Default port of each URL scheme (IANA service names; where a product has none registered, its own documentation).
#: None: the scheme names a transport and has no port of its own.
DEFAULT_PORTS: dict[str, int | None] = {
    "amqp": 5672,
    "amqps": 5671,
    "bolt": 7687,
    "cassandra": 9042,
    "clickhouse": 9000,
    "couchdb": 5984,
    "dns": 53,
    "elasticsearch": 9200,
    "etcd": 2379,
    "ftp": 21,
    "git": 9418,
    "grpc": None,
    "grpcs": 443,
    "h2c": 80,
    "hdfs": 8020,
    "hive2": 10000,
    "http": 80,
    "https": 443,
    "kafka": 9092,
    "kubernetes": None,
    "ldap": 389,
    "ldaps": 636,
    "mariadb": 3306,
    "memcached": 11211,
    "mongodb": 27017,
    "mqtt": 1883,
    "mqtts": 8883,
    "mssql": 1433,
    "mysql": 3306,
    "mysql2": 3306,
    "mysqlx": 33060,
    "nats": 4222,
    "neo4j": 7687,
    "opensearch": 9200,
    "passthrough": None,
    "pgsql": 5432,
    "plaintext": 9092,
    "postgis": 5432,
    "postgres": 5432,
    "postgresql": 5432,
    "pulsar": 6650,
    "rabbitmq": 5672,
    "redis": 6379,
    "rediss": 6379,
    "sasl_plaintext": 9092,
    "sasl_ssl": 9092,
    "sftp": 22,
    "smtp": 25,
    "smtps": 465,
    "socks5": 1080,
    "spark": 7077,
    "sqlserver": 1433,
    "ssh": 22,
    "ssl": None,
    "statsd": 8125,
    "stomp": 61613,
    "syslog": 514,
    "tcp": None,
    "thrift": 9083,
    "tls": None,
    "udp": None,
    "valkey": 6379,
    "ws": 80,
    "wss": 443,
    "zk": 2181,
    "zookeeper": 2181,
}

#: Schemes that name a file, a bucket or an image: what follows `://` is not a host, unless it carries a port.
NOT_HOSTS = frozenset(
    {"abfs", "abfss", "arn", "chrome", "data", "docker", "file", "gs", "jar", "mailto", "oci", "s3", "s3a", "s3n"}
    | {"unix", "urn", "wasb", "wasbs", "local", "classpath", "projects", "secret", "sm", "vault", "memory", "sqlite"}
)

#: Schemes of gRPC name resolvers, written with three slashes.
RESOLVER_SCHEMES = frozenset({"dns", "kubernetes", "k8s", "passthrough", "xds"})

#: Schemes of datagram protocols; everything else runs over TCP.
UDP_SCHEMES = frozenset({"udp", "statsd"})

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = rf"{_LABEL}(?:\.{_LABEL})*\.?"
_VARIABLE = r"\$\([^()\s]*\)|\$\{[^{}\s]*\}|\{\{[^{}]*\}\}"

_URL = regex(
    rf"(?<![\w+-])(?P<scheme>[a-z][a-z0-9+_.-]{{0,30}})://(?P<slash>/?)"
    rf"(?P<authority>(?:{_VARIABLE}|(?!,[a-z][a-z0-9+_.-]*://)[^\s/?#\"'`<>|\\;(){{}}\[\]]|\[[0-9a-f:.]+\])*)",
    re.IGNORECASE,
)
_HOST_PORT = regex(
    rf"(?<![\w./:$%~*+-])(?P<host>(?=[a-z0-9_.-]*[a-z]){_NAME}|\d{{1,3}}(?:\.\d{{1,3}}){{3}}|\[[0-9a-f:.]+\])"
    r":(?P<port>\d{2,5})(?::(?P<second>\d{4,5})(?!\d))?(?![\w.@:$%-]|\(\w)",
    re.IGNORECASE,
)
_CLUSTER_NAME = regex(
    rf"(?<![\w./:$%~*-])(?P<host>(?:{_LABEL}\.){{2,5}}svc(?:\.{_LABEL})*)(?::(?P<port>\d{{1,5}}))?(?![\w@(-])",
    re.IGNORECASE,
)
_ORACLE = regex(rf"jdbc:oracle:[a-z]+:(?:\S*/\S*)?@(?://)?(?P<host>{_NAME}):(?P<port>\d{{2,5}})", re.IGNORECASE)
_WHOLE = regex(
    rf"(?:(?:dns|dnssrv|dnssrvnoa)\+)?(?P<host>{_NAME}|\[[0-9a-f:.]+\])(?::(?P<port>\d{{1,5}}))?(?:/[^\s,;]*)?",
    re.IGNORECASE,
)
_AUTHORITY = regex(rf"(?P<host>{_NAME}|\[[0-9a-f:.]+\])(?::(?P<port>\d{{1,5}}))?:?", re.IGNORECASE)
_LEADING_SCHEME = regex(r"(?:[a-z0-9]+:){0,2}[a-z][\w+.-]*://", re.IGNORECASE)
_PREFILTER = regex(r"://|:\d\d|\.svc|jdbc:oracle:", re.IGNORECASE)
_DOTTED_DIGITS = regex(r"[\d.]+")
_PLAIN_NAME = regex(r"[a-z](?:[a-z0-9-]*[a-z0-9])?")
_NUMBER = regex(r"[\d_-]*(?:\.[\d_-]*){0,2}")
_SEPARATORS = regex(r"[^\s,;|]+")
_QUOTES = "\"'`[]()<>"


class Endpoint(NamedTuple):
    """A host named in a text: lower case, with the port it is dialled on.

    `port` is the written one, else the scheme's default (`port_written` tells which), else None. `start` and `end` are
    offsets of the host and its port in the text, never of a user name or a password; `line` counts from 0.
    """

    host: str
    port: int | None
    scheme: str | None
    start: int
    end: int
    line: int
    port_written: bool = True

    @property
    def protocol(self) -> str:
        """`UDP` for the schemes of datagram protocols, else `TCP`."""
        return "UDP" if self.scheme in UDP_SCHEMES else "TCP"


def endpoints_in(text: str) -> tuple[Endpoint, ...]:
    """Return every endpoint of a text, in order: URLs, `host:port`, and names that end in `.svc` and a cluster domain.

    A bare word is never an endpoint here; see `hosts_of` for values that are known to be hosts.
    """
    if not _PREFILTER.search(text):
        return ()
    lines = _Lines(text)
    found: list[Endpoint] = []
    for match in _URL.finditer(text):
        found.extend(_of_url(match, lines))
    rest, folded = _URL.sub(_blank, text), text.casefold()
    for pattern, sign, scheme in (
        (_ORACLE, "jdbc:oracle:", "oracle"),
        (_CLUSTER_NAME, ".svc", None),
        (_HOST_PORT, ":", None),
    ):
        if sign not in folded:
            continue
        matches = [match for match in pattern.finditer(rest) if _valid_port(match["port"])]
        found.extend(_endpoint(match, scheme, lines) for match in matches)
        if pattern is _HOST_PORT:
            found.extend(
                _endpoint(match, scheme, lines)._replace(port=int(match["second"]))
                for match in matches
                if match["second"] and _valid_port(match["second"])
            )
        if matches:
            rest = pattern.sub(_blank, rest)
    return tuple(sorted(found, key=lambda endpoint: endpoint.start))


def hosts_of(value: str) -> tuple[Endpoint, ...] | None:
    """Read a whole value as hosts: one, or a list of words, `host:port` and URLs; None if any part is something else.

    Lists are separated by commas, semicolons, bars or white space (`a:9092,b:9092`); words separated by nothing but
    white space are prose, not hosts.
    """
    if _PLAIN_NAME.fullmatch(value):
        return (Endpoint(value, None, None, 0, len(value), 0, False),)
    lines = _Lines(value)
    found: list[Endpoint] = []
    words = 0
    for part in _SEPARATORS.finditer(value):
        start, token = part.start(), part[0]
        inner = token.strip(_QUOTES if "]:" not in token else _QUOTES.replace("[", ""))
        start += token.find(inner)
        if not inner:
            continue
        if "://" in inner:
            urls = [item for item in endpoints_in(inner) if item.scheme] if _LEADING_SCHEME.match(inner) else []
            if not urls:
                return None
            found.extend(
                item._replace(start=item.start + start, end=item.end + start, line=lines.at(start)) for item in urls
            )
            continue
        match = _WHOLE.fullmatch(inner)
        if not match or not _valid_port(match["port"]) or _NUMBER.fullmatch(match["host"]):
            return None
        endpoint = _endpoint(match, None, lines)
        words += not endpoint.port_written
        found.append(endpoint._replace(start=endpoint.start + start, end=endpoint.end + start, line=lines.at(start)))
    if words > 1 and not re.search(r"[,;|]", value):
        return None
    return tuple(found) or None


def is_address(host: str) -> bool:
    """Tell whether a host is an IP address rather than a name."""
    if ":" not in host and not _DOTTED_DIGITS.fullmatch(host):
        return False
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_self(host: str) -> bool:
    """Tell whether a host always means the machine itself: loopback, unspecified and link-local addresses."""
    if host in ("", "localhost", "ip6-localhost", "localhost.localdomain") or host.endswith(".localhost"):
        return True
    if not is_address(host):
        return False
    address = ipaddress.ip_address(host.strip("[]"))
    return address.is_loopback or address.is_unspecified or address.is_multicast


class _Lines:
    """The line of each offset of a text, found in logarithmic time."""

    def __init__(self, text: str) -> None:
        self.breaks = [match.start() for match in re.finditer("\n", text)]

    def at(self, offset: int) -> int:
        return bisect_left(self.breaks, offset)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _of_url(match: re.Match[str], lines: _Lines) -> list[Endpoint]:
    scheme = match["scheme"].lower()
    base = scheme if scheme in DEFAULT_PORTS else scheme.partition("+")[0]
    if match["slash"] and base not in RESOLVER_SCHEMES:
        return []
    authority = match["authority"]
    userinfo, separator, hosts = authority.rpartition("@")
    offset = match.start("authority") + len(userinfo) + len(separator)
    found: list[Endpoint] = []
    for part in hosts.split(","):
        start, offset = offset, offset + len(part) + 1
        parsed = _AUTHORITY.fullmatch(part)
        if not parsed or not _valid_port(parsed["port"]):
            continue
        known = base in DEFAULT_PORTS or bool(parsed["port"])
        if not known or (base in NOT_HOSTS and not (parsed["port"] or ".svc" in part)):
            continue
        port = int(parsed["port"]) if parsed["port"] else DEFAULT_PORTS.get(base)
        end = start + parsed.end("port" if parsed["port"] else "host")
        found.append(Endpoint(_normal(parsed["host"]), port, scheme, start, end, lines.at(start), bool(parsed["port"])))
    return found


def _endpoint(match: re.Match[str], scheme: str | None, lines: _Lines) -> Endpoint:
    port = int(match["port"]) if match["port"] else None
    start, end = match.start("host"), match.end("port" if match["port"] else "host")
    return Endpoint(_normal(match["host"]), port, scheme, start, end, lines.at(start), port is not None)


def _normal(host: str) -> str:
    return host.lower().rstrip(".").strip("[]")


def _valid_port(port: str | None) -> bool:
    return port is None or 0 < int(port) < 65536
