"""Hosts that a program dials, given its name and its arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from refarch_lint.graph.endpoints import hosts_of, is_self
from refarch_lint.graph.traffic_clients import CLIENTS, HTTP_CLIENTS, POSITIONAL, VALUE_FLAGS, Client
from refarch_lint.graph.traffic_names import Meaning, meaning_of
from refarch_lint.graph.traffic_values import Mention, Strength, as_port, read_value
from refarch_lint.regex import regex

_FLAG = regex(r"-{1,2}(?:D(?=[\w.]+=))?(?P<name>[A-Za-z][\w.-]*)(?:=(?P<value>.*))?", re.DOTALL)


class Word(NamedTuple):
    """One word of a command with the line it stands on, from 0."""

    text: str
    line: int


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
            found.extend(at_line(word.line, read_value(match["name"], unquoted(match["value"]), port_of)))
        elif match and following and not following.startswith("-"):
            meaning = meaning_of(match["name"])
            if meaning is Meaning.OTHER:
                skip = True
            elif meaning is not Meaning.NEUTRAL:
                found.extend(at_line(word.line, read_value(match["name"], unquoted(following), port_of)))
                skip = True
        elif not match:
            name, _, value = word.text.partition("=")
            if value and re.fullmatch(r"[A-Za-z][\w.-]*", name):
                found.extend(at_line(word.line, read_value(name, unquoted(value), port_of, Strength.FAIR)))
            else:
                found.extend(at_line(word.line, read_value(subject, unquoted(word.text), port_of)))
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
        for endpoint in hosts_of(unquoted(hosts)) or ():
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


def at_line(line: int, mentions: list[Mention]) -> Iterator[Mention]:
    """Yield mentions of a text that itself begins on a line of a larger one."""
    return (mention._replace(line=mention.line + line) for mention in mentions)


def unquoted(word: str) -> str:
    """Return a word of a shell command without its quotes and escapes; JSON keeps its inner quotes."""
    if '"' not in word and "'" not in word and "\\" not in word:
        return word
    if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" and word[0] not in word[1:-1]:
        return word[1:-1]
    return re.sub(r"\\(.)", r"\1", word, flags=re.DOTALL) if "{" in word else re.sub(r"[\"'\\]", "", word)
