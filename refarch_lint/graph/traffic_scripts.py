"""Hosts that shell scripts and argument lists dial: client programs, flags, URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from refarch_lint.graph.endpoints import hosts_of, is_self
from refarch_lint.graph.traffic_clients import (
    CLIENTS,
    HTTP_CLIENTS,
    POSITIONAL,
    PREFIXES,
    SHELLS,
    SILENT,
    VALUE_FLAGS,
    Client,
)
from refarch_lint.graph.traffic_values import Meaning, Mention, Strength, as_port, meaning_of, read_value

_TOKEN = re.compile(
    r"(?P<newline>\n)|(?P<continuation>\\\r?\n)|(?P<space>[ \t\r]+)|(?P<comment>#[^\n]*)"
    r"|(?P<operator>&&|\|\||;;|[;|&()<>`])"
    r"|(?P<word>(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|\\.|\$\((?:[^()]|\([^()]*\))*\)|\$\{[^{}]*\}|[^\s\"';|&()<>`\\])+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_SUBSTITUTION = re.compile(r"\$\(((?:[^()]|\([^()]*\))*)\)|`([^`]*)`")
_PARAMETER = re.compile(r"\$(?:\{([A-Za-z_]\w*)(?::?[-=]([^{}]*))?\}|([A-Za-z_]\w*))")
_PREFILTER = re.compile(
    r"://|:\d\d|\.svc|host|addr|server|broker|endpoint|\b(?:nc|ncat|netcat|telnet|curl|wget|cqlsh|ssh|scp|sftp)\b"
    r"|(?:^|[\s\"'])-[hHb]",
    re.IGNORECASE,
)
_FLAG = re.compile(r"-{1,2}(?:D(?=[\w.]+=))?(?P<name>[A-Za-z][\w.-]*)(?:=(?P<value>.*))?", re.DOTALL)


class Word(NamedTuple):
    """One word of a command with the line it stands on, from 0."""

    text: str
    line: int


def read_script(text: str, variables: Mapping[str, str]) -> list[Mention]:
    """Return the hosts that a shell script dials; `variables` are the environment it runs in, as far as it is known.

    The script is read, never run: assignments and `$VAR` are followed, conditions are not.
    """
    if not _PREFILTER.search(text) and "$" not in text:
        return []
    known = dict(variables)
    found: list[Mention] = []
    for words in _commands(text):
        found.extend(_read_command(words, known))
    return found


def read_arguments(words: Sequence[Word], subject: str = "") -> list[Mention]:
    """Return the hosts among a program's arguments: flags that name a host, URLs and `host:port` words."""
    flags = {
        match["name"]: match["value"] if match["value"] is not None else following
        for word, following in _with_next(words)
        if (match := _FLAG.fullmatch(word.text))
    }
    found: list[Mention] = []

    def port_of(name: str) -> int | None:
        return as_port(flags.get(name))

    skip = False
    for word, following in _with_next(words):
        if skip:
            skip = False
            continue
        match = _FLAG.fullmatch(word.text)
        if match and match["value"] is not None:
            found.extend(_at(word.line, read_value(match["name"], _unquoted(match["value"]), port_of)))
        elif match and following and not following.startswith("-"):
            meaning = meaning_of(match["name"])
            if meaning is Meaning.OTHER:
                skip = True
            elif meaning is not Meaning.NEUTRAL:
                found.extend(_at(word.line, read_value(match["name"], _unquoted(following), port_of)))
                skip = True
        elif not match:
            name, _, value = word.text.partition("=")
            if value and re.fullmatch(r"[A-Za-z][\w.-]*", name):
                found.extend(_at(word.line, read_value(name, _unquoted(value), port_of, Strength.FAIR)))
            else:
                found.extend(_at(word.line, read_value(subject, _unquoted(word.text), port_of)))
    return found


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace `$VAR`, `${VAR}` and `${VAR:-default}` by what is known of them; the rest stays."""
    if "$" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        value = variables.get(match[1] or match[3])
        if value is None or "\n" in value:
            return match[2] if match[2] is not None and value is None else match[0]
        return value

    return _PARAMETER.sub(replace, text)


def program_of(word: str) -> str:
    """Return the name of a program without its folder: `/usr/bin/psql` -> psql."""
    return word.rpartition("/")[2]


def _commands(text: str) -> Iterator[list[Word]]:
    """Split a script into simple commands; those inside `$(…)` come before the command around them."""
    words: list[Word] = []
    line = 0
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match[0]
        if kind == "word":
            if "$(" in token or "`" in token:
                for inner in _SUBSTITUTION.finditer(token):
                    offset = line + token.count("\n", 0, inner.start())
                    for command in _commands(inner[1] or inner[2] or ""):
                        yield [Word(word.text, word.line + offset) for word in command]
            words.append(Word(token, line))
        elif kind in ("newline", "operator") and words and token not in ("<", ">"):
            yield words
            words = []
        line += token.count("\n")
    if words:
        yield words


def _read_command(words: list[Word], known: dict[str, str]) -> list[Mention]:
    found: list[Mention] = []
    index = 0
    assigned: dict[str, str] = {}
    while index < len(words):
        text = words[index].text
        match = _ASSIGNMENT.fullmatch(text)
        if match:
            value = _unquoted(expand(match[2], known))
            if "$" not in value and "`" not in value:
                assigned[match[1]] = value
            found.extend(_at(words[index].line, read_value(match[1], value, _ports(known | assigned))))
        elif text not in PREFIXES and text not in ("export", "local", "readonly", "declare", "set"):
            break
        index += 1
        if text in ("timeout",) and index < len(words):
            index += 1
    known.update(assigned)
    if index == len(words):
        return found
    program = program_of(_unquoted(words[index].text))
    arguments = [Word(_unquoted(expand(word.text, known)), word.line) for word in words[index + 1 :]]
    if program in SILENT:
        return found
    if program in SHELLS:
        script = shell_script([word.text for word in arguments], 0)
        if script is not None:
            word = arguments[script]
            found.extend(mention._replace(line=mention.line + word.line) for mention in read_script(word.text, known))
            return found
    found.extend(read_program(program, arguments))
    return found


def read_program(program: str, arguments: Sequence[Word]) -> list[Mention]:
    """Return the hosts that a program dials, given its name and its arguments."""
    client = CLIENTS.get(program)
    found: list[Mention] = []
    rest = list(arguments)
    if client:
        found, rest = _read_client(program, client, arguments)
    if program in POSITIONAL:
        found.extend(_read_positional(program, rest))
    elif program in HTTP_CLIENTS:
        found.extend(_read_http(program, rest))
    elif program in ("ssh", "scp", "sftp"):
        return found
    else:
        found.extend(
            mention._replace(strength=Strength.STRONG) if "wait" in program and mention.port_written else mention
            for mention in read_arguments(rest)
        )
    return found


def shell_script(words: Sequence[str], start: int) -> int | None:
    """Return the index of the script after a shell's `-c`, searched from `start`, or None."""
    for index in range(start, len(words) - 1):
        word = words[index]
        if re.fullmatch(r"-[a-z]*c", word):
            return index + 1
        if not word.startswith("-") and index > start and word not in ("pipefail", "errexit"):
            return None
    return None


def _read_client(program: str, client: Client, words: Sequence[Word]) -> tuple[list[Mention], list[Word]]:
    host: Word | None = None
    port: int | None = None
    rest: list[Word] = []
    index = 0
    while index < len(words):
        word = words[index]
        flag, equals, value = word.text.partition("=")
        attached = word.text[:2] if len(word.text) > 2 and word.text[1] != "-" and word.text[0] == "-" else ""
        if flag in client.host or flag in client.port:
            if not equals and index + 1 < len(words):
                index += 1
                value = words[index].text
            if flag in client.host:
                host = Word(value, word.line)
            else:
                port = as_port(value)
        elif attached in client.host:
            host = Word(word.text[2:], word.line)
        elif attached in client.port and as_port(word.text[2:]):
            port = as_port(word.text[2:])
        else:
            rest.append(word)
        index += 1
    found: list[Mention] = []
    if host is not None:
        hosts = re.sub(r"^[\w-]+/(?=[\w.-]+:\d)", "", re.sub(r",(\d+)$", r":\1", host.text))
        for endpoint in hosts_of(_unquoted(hosts)) or ():
            if is_self(endpoint.host):
                continue
            dialled = endpoint.port or port or client.default
            written = endpoint.port_written or port is not None
            found.append(Mention(endpoint.host, dialled, written, endpoint.scheme, host.line, Strength.STRONG, program))
    return found, rest


def _read_positional(program: str, words: Sequence[Word]) -> list[Mention]:
    plain = list(_plain(program, words))
    if not plain:
        return []
    first = hosts_of(plain[0].text)
    if not first or len(first) != 1 or is_self(first[0].host):
        return []
    port = as_port(plain[1].text) if len(plain) > 1 else None
    endpoint = first[0]
    dialled = endpoint.port or port or POSITIONAL[program]
    strength = Strength.STRONG if dialled else Strength.WEAK
    written = endpoint.port_written or port is not None
    return [Mention(endpoint.host, dialled, written, endpoint.scheme, plain[0].line, strength, program)]


def _read_http(program: str, words: Sequence[Word]) -> list[Mention]:
    found: list[Mention] = []
    for word in _plain(program, words):
        for endpoint in hosts_of(word.text) or ():
            if is_self(endpoint.host) or (not endpoint.scheme and "$" in word.text):
                continue
            strength = Strength.STRONG if endpoint.scheme or endpoint.port_written else Strength.WEAK
            port = endpoint.port if endpoint.port or program == "grpcurl" else 80
            found.append(
                Mention(endpoint.host, port, endpoint.port_written, endpoint.scheme, word.line, strength, program)
            )
    return found


def _plain(program: str, words: Sequence[Word]) -> Iterator[Word]:
    valued = VALUE_FLAGS.get(program, frozenset())
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.text.startswith("-"):
            skip = word.text in valued
        elif word.text:
            yield word


def _with_next(words: Sequence[Word]) -> Iterator[tuple[Word, str | None]]:
    for index, word in enumerate(words):
        yield word, words[index + 1].text if index + 1 < len(words) else None


def _ports(variables: Mapping[str, str]) -> _PortLookup:
    return _PortLookup(variables)


class _PortLookup:
    """Reads ports from variables of a script."""

    __slots__ = ("_variables",)

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def __call__(self, name: str) -> int | None:
        return as_port(self._variables.get(name))


def _at(line: int, mentions: list[Mention]) -> Iterator[Mention]:
    return (mention._replace(line=mention.line + line) for mention in mentions)


def _unquoted(word: str) -> str:
    if '"' not in word and "'" not in word and "\\" not in word:
        return word
    if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" and word[0] not in word[1:-1]:
        return word[1:-1]
    return re.sub(r"\\(.)", r"\1", word, flags=re.DOTALL) if "{" in word else re.sub(r"[\"'\\]", "", word)
