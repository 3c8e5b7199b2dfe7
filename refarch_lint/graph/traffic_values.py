"""What a named value says about traffic: whether `DB_HOST: postgres` names a host, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from refarch_lint.graph.endpoints import DEFAULT_PORTS, Endpoint, endpoints_in, hosts_of, is_address, is_self
from refarch_lint.graph.traffic_names import Meaning, meaning_of, port_names
from refarch_lint.regex import regex


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


_NOT_WORDS = frozenset(
    {"true", "false", "yes", "no", "on", "off", "none", "null", "nil", "auto", "default", "enabled", "disabled", "all"}
    | {"any", "undefined", "unknown", "local", "self", "files", "dns", "example", "changeme", "hostname", "host", "tcp"}
    | {"udp", "http", "https", "ssl", "tls", "dev", "prod", "production", "staging", "test", "info", "debug", "warn"}
)
_MAY_NAME_HOST = regex(r"[:.=]")
_KEYWORD = regex(
    r"(?:^|[\s;])(?P<key>host|hostaddr|server|data source|addr|address|network address)\s*=\s*"
    r"(?:tcp:)?(?P<host>[A-Za-z0-9][\w.-]*)(?:[,:](?P<port>\d{2,5}))?(?=[\s;]|$)",
    re.IGNORECASE,
)
_KEYWORD_PORT = regex(r"(?:^|[\s;])port\s*=\s*(\d{2,5})(?=[\s;]|$)", re.IGNORECASE)
_CONNECTION_SHAPE = regex(r"(?:^|[\s;])(?:dbname|database|initial catalog|user|user id|uid|username|port)\s*=", re.I)


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
