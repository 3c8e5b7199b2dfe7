"""Hosts in configuration files that ConfigMaps embed: YAML, JSON, TOML, properties, INI, nginx and their kin, by line.

The files are read line by line rather than parsed: most are templates of some program, and a line is the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from refarch_lint.graph.traffic_names import Meaning, hides_destinations, meaning_of
from refarch_lint.graph.traffic_scripts import read_script
from refarch_lint.graph.traffic_values import Mention, Strength, as_port, read_value
from refarch_lint.regex import regex

_PREFILTER = regex(r"://|:\d\d|\.svc|host|addr|server|broker|endpoint|_pass|replicaof|ur[li]", re.IGNORECASE)
_SKIPPED = regex(r"\.(?:html?|css|jsx?|tsx?|svg|md|txt|crt|pem|key|pub|sql|xsd|png|ico|tmpl|tpl|lua|csv)$", re.I)
_SCRIPT = regex(r"\.(?:sh|bash)$|^(?:entrypoint|run|start)$", re.IGNORECASE)
_SHEBANG = regex(r"\s*#!\s*\S*/(?:env\s+)?(?:ba|da|a|z|k)?sh\b")
_DASHBOARD = regex(r'"(?:panels|schemaVersion)"\s*:')
_RULES = regex(r"^\s*(?:-\s*)?(?:alert|record)\s*:", re.MULTILINE)
_MANIFEST = regex(
    r"^apiVersion:\s*[\"']?[a-z].*\n(?:.*\n){0,2}kind:\s*\w|^kind:\s*\w.*\n(?:.*\n){0,2}apiVersion:\s*[a-z]", re.M
)
_PAIR = regex(
    r"(?P<quote>[\"']?)(?P<key>[A-Za-z_$][\w.\-/$ ]{0,100}?)(?P=quote)[ \t]*(?:=>|:=|:(?=[ \t]|$|[\"'\[{])|=)[ \t]*"
    r"(?P<value>.*)"
)
_INNER = regex(
    r"(?P<quote>[\"']?)(?P<key>[A-Za-z_][\w.-]{0,80})(?P=quote)\s*(?:=>|[:=])\s*"
    r"(?P<value>\"[^\"]*\"|'[^']*'|\[[^\]\[]*\]|[^\s,{}\[\]\"']+)"
)
_DIRECTIVE = regex(
    r"(?P<key>proxy_pass|fastcgi_pass|uwsgi_pass|scgi_pass|grpc_pass|memcached_pass|server|reverse_proxy|forward_auth"
    r"|set \$\w+|ProxyPass|BalancerMember|replicaof|slaveof|sentinel monitor \S+|(?:Host|Hosts|Url|Uri|Endpoint|Brokers"
    r"|Server|Address|Port|host|hosts|url|uri|endpoint|brokers|port|@?forward_to))[ \t]+(?P<value>[^{}=:][^{}]*?);?\s*"
)
_UPSTREAM = regex(r"^\s*upstream\s+([\w.-]+)\s*\{", re.MULTILINE)
_SECTION = regex(r"\[{1,2}\s*[\"']?([\w.\-\"' /:@]+?)[\"']?\s*\]{1,2}")
_DEFAULT = regex(r"\$\{(?:env[.:])?[A-Za-z_][\w.]*:-?([^{}$]*)\}")
_ELEMENT = regex(r">([^<>]+)</")
_PORT_KEYS = ("port", "port_value", "Port", "portNumber")


_PortOf = Callable[[str], "int | None"]


class _Line(NamedTuple):
    """One entry of a file: the keys that lead to it, its value and the block that its neighbours share."""

    line: int
    block: int
    parents: tuple[str, ...]
    key: str
    value: str
    directive: bool = False


def read_config(name: str, text: str) -> list[Mention]:
    """Return the hosts that an embedded file names as destinations; `name` is its key in the ConfigMap.

    Dashboards, alerting rules, web pages, certificates and embedded manifests are passed over: what they name is not
    called by the program that has the file.
    """
    if _SKIPPED.search(name):
        return []
    if _SCRIPT.search(name) or _SHEBANG.match(text):
        return read_script(text, {})
    if _DASHBOARD.search(text) or not _PREFILTER.search(text):
        return []
    if _RULES.search(text) or _MANIFEST.search(text):
        return []
    entries = _entries(text)
    ports: dict[tuple[int, str], int] = {}
    for entry in entries:
        number = as_port(entry.value)
        if number is not None:
            ports[entry.block, entry.key.lower()] = number
    upstreams = frozenset(_UPSTREAM.findall(text))
    found: list[Mention] = []
    for entry in entries:
        found.extend(_read_entry(entry, ports, upstreams))
    return found


def _read_entry(entry: _Line, ports: dict[tuple[int, str], int], upstreams: frozenset[str]) -> list[Mention]:
    if entry.parents and hides_destinations(entry.parents[-1]):
        return []
    value = entry.value
    defaulted = "${" in value and _DEFAULT.search(value)
    if defaulted:
        value = _DEFAULT.sub(r"\1", value)

    def port_of(name: str) -> int | None:
        number = ports.get((entry.block, name.lower()))
        if number is None and "." not in entry.key and "_" not in entry.key:
            number = next((ports[entry.block, key] for key in _PORT_KEYS if (entry.block, key) in ports), None)
        return number

    if entry.directive:
        found = _read_directive(entry, value, port_of)
    else:
        subject = ".".join((*entry.parents[-1:], entry.key)) if entry.key else ".".join(entry.parents[-1:])
        found = _read_pair(entry, subject, value, port_of)
    if defaulted:
        found = [mention._replace(strength=min(mention.strength, Strength.FAIR)) for mention in found]
    return [mention._replace(line=entry.line) for mention in found if mention.host not in upstreams]


def _read_pair(entry: _Line, subject: str, value: str, port_of: _PortOf) -> list[Mention]:
    key = entry.key or (entry.parents[-1] if entry.parents else "")
    if key == "targets" and "://" in value:
        return []
    if meaning_of(key) is Meaning.OTHER:
        return []
    found = read_value(key, value, port_of, Strength.WEAK)
    if not found and "<" in value:
        found = [mention for text in _ELEMENT.findall(value) for mention in read_value("", text, port_of)]
    return [mention._replace(subject=subject) for mention in found]


def _read_directive(entry: _Line, value: str, port_of: _PortOf) -> list[Mention]:
    words = value.split()
    if not words:
        return []
    key = entry.key
    if len(words) > 1 and (key == "ProxyPass" or (key == "server" and ":" in words[1])):
        words = words[1:2]
    elif key in ("replicaof", "slaveof") or key.startswith("sentinel"):
        if len(words) < 2 or as_port(words[1]) is None:
            return []
        words = [f"{words[0]}:{words[1]}"]
    elif key == "reverse_proxy":
        words = [word for word in words if not word.startswith(("/", "*", "@"))]
    else:
        words = words[:1]
    name = "server" if key.startswith(("set ", "sentinel", "replicaof", "slaveof")) else key
    name = "upstream host" if name in ("server", "reverse_proxy") or name.endswith("_pass") else name
    found = [mention for word in words for mention in read_value(name, word, port_of, Strength.FAIR)]
    return [mention._replace(subject=key) for mention in found]


class _Blocks:
    """Follows indentation, sections and braces to tell which keys lead to a line and which lines are its neighbours."""

    def __init__(self) -> None:
        self.stack: list[tuple[int, int, str]] = [(-1, 0, "")]
        self.count = 0

    def open(self, indent: int, key: str) -> None:
        self.count += 1
        self.stack.append((indent, self.count, key))

    def close(self, indent: int) -> None:
        while len(self.stack) > 1 and self.stack[-1][0] >= indent:
            self.stack.pop()

    @property
    def block(self) -> int:
        return self.stack[-1][1]

    @property
    def parents(self) -> tuple[str, ...]:
        return tuple(key for _, _, key in self.stack if key)


def _entries(text: str) -> list[_Line]:
    found: list[_Line] = []
    blocks = _Blocks()
    for number, raw in enumerate(text.split("\n")):
        line = raw.expandtabs(2).rstrip()
        body = line.lstrip()
        if not body or body[0] in "#;!" or body.startswith(("//", "--", "<!--")):
            continue
        indent = len(line) - len(body)
        section = _SECTION.fullmatch(body)
        if section and ":" not in section[1].rpartition("/")[2] and "'" not in body:
            blocks.stack = [(-1, 0, "")]
            blocks.open(-1, section[1])
            continue
        if body[0] in "{}[]" and len(body) <= 3:
            blocks.close(indent + (body[0] in "{["))
            blocks.open(indent, "")
            continue
        while body.startswith("- ") or body == "-":
            blocks.close(indent + 1)
            if blocks.stack[-1][0] == indent and blocks.stack[-1][2] == "":
                blocks.stack.pop()
            blocks.open(indent, "")
            stripped = body[1:].lstrip()
            indent += len(body) - len(stripped)
            body = stripped
        if not body:
            continue
        blocks.close(indent) if blocks.stack[-1][0] >= indent else None
        found.extend(_line_entries(number, indent, body, blocks))
    return found


def _line_entries(number: int, indent: int, body: str, blocks: _Blocks) -> list[_Line]:
    body = re.sub(r"\s#\s.*$", "", body)
    if body.startswith(("{", "[")) and _INNER.search(body):
        blocks.open(indent, "")
        return _inner(number, body, blocks)
    directive = _DIRECTIVE.fullmatch(body)
    if directive:
        return [_Line(number, blocks.block, blocks.parents, directive["key"], directive["value"].strip("\"' "), True)]
    pair = _PAIR.fullmatch(body)
    if not pair:
        return [_Line(number, blocks.block, blocks.parents, "", _clean(body))]
    key, value = pair["key"].strip(), _clean(pair["value"])
    if value in ("", "{", "[", "|", ">", "|-", ">-", "[{"):
        blocks.open(indent, key)
        return []
    if value.startswith(("{", "[{")) and _INNER.search(value):
        blocks.open(indent, key)
        return _inner(number, value, blocks)
    return [_Line(number, blocks.block, blocks.parents, key, value)]


def _inner(number: int, body: str, blocks: _Blocks) -> list[_Line]:
    found: list[_Line] = []
    block, parents = blocks.block, blocks.parents
    for piece in re.split(r"(?<=\})\s*,", body):
        blocks.count += 1
        for match in _INNER.finditer(piece):
            found.append(
                _Line(number, blocks.count if piece != body else block, parents, match["key"], _clean(match["value"]))
            )
    return found


def _clean(value: str) -> str:
    value = value.strip().rstrip(",;").strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return value
