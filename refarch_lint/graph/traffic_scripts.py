"""Hosts that shell scripts and argument lists dial: client programs, flags, URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from refarch_lint.graph.traffic_clients import PREFIXES, SHELLS, SILENT
from refarch_lint.graph.traffic_programs import Word, at_line, read_program, unquoted
from refarch_lint.graph.traffic_values import Mention, as_port, read_value
from refarch_lint.regex import regex

_TOKEN = regex(
    r"(?P<newline>\n)|(?P<continuation>\\\r?\n)|(?P<space>[ \t\r]+)|(?P<comment>#[^\n]*)"
    r"|(?P<operator>&&|\|\||;;|[;|&()<>`])"
    r"|(?P<word>(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|\\.|\$\((?:[^()]|\([^()]*\))*\)|\$\{[^{}]*\}|[^\s\"';|&()<>`\\])+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_ASSIGNMENT = regex(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_SUBSTITUTION = regex(r"\$\(((?:[^()]|\([^()]*\))*)\)|`([^`]*)`")
_PARAMETER = regex(r"\$(?:\{([A-Za-z_]\w*)(?::?[-=]([^{}]*))?\}|([A-Za-z_]\w*))")
_PREFILTER = regex(
    r"://|:\d\d|\.svc|host|addr|server|broker|endpoint|\b(?:nc|ncat|netcat|telnet|curl|wget|cqlsh|ssh|scp|sftp)\b"
    r"|(?:^|[\s\"'])-[hHb]",
    re.IGNORECASE,
)


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
            value = unquoted(expand(match[2], known))
            if "$" not in value and "`" not in value:
                assigned[match[1]] = value
            found.extend(at_line(words[index].line, read_value(match[1], value, _ports(known | assigned))))
        elif text not in PREFIXES and text not in ("export", "local", "readonly", "declare", "set"):
            break
        index += 1
        if text in ("timeout",) and index < len(words):
            index += 1
    known.update(assigned)
    if index == len(words):
        return found
    program = program_of(unquoted(words[index].text))
    arguments = [Word(unquoted(expand(word.text, known)), word.line) for word in words[index + 1 :]]
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


def shell_script(words: Sequence[str], start: int) -> int | None:
    """Return the index of the script after a shell's `-c`, searched from `start`, or None."""
    for index in range(start, len(words) - 1):
        word = words[index]
        if re.fullmatch(r"-[a-z]*c", word):
            return index + 1
        if not word.startswith("-") and index > start and word not in ("pipefail", "errexit"):
            return None
    return None


def _ports(variables: Mapping[str, str]) -> _PortLookup:
    return _PortLookup(variables)


class _PortLookup:
    """Reads ports from variables of a script."""

    __slots__ = ("_variables",)

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def __call__(self, name: str) -> int | None:
        return as_port(self._variables.get(name))
