"""Shell scripts as lists of simple commands with what joins them; read, never run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from refarch_lint.regex import regex

_TOKEN = regex(
    r"(?P<continuation>\\\r?\n)|(?P<newline>\n)|(?P<space>[ \t\r]+)|(?P<comment>#[^\n]*)"
    r"|(?P<redirect>(?:\b\d(?=[<>]))?(?:&>>?|>>|>\||>&-?|<<<|<<-?|<&-?|>|<)(?:\d(?![\w./])|-(?=\s|$))?)"
    r"|(?P<operator>&&|\|\||;;&?|;&|\|&|[;|&()])"
    r"|(?P<word>(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|\$'(?:[^'\\]|\\.)*'|\\.|\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
    r"|\$\{[^{}]*\}|`[^`]*`|[^\s\"';|&()<>`\\])+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_ASSIGNMENT = regex(r"([A-Za-z_]\w*)\+?=(.*)", re.DOTALL)
_SUBSTITUTION = regex(r"\$\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)|`([^`]*)`")
_PARAMETER = regex(r"\$(?:\{([A-Za-z_]\w*)(?::?[-=]([^{}]*))?\}|([A-Za-z_]\w*))")
_HEREDOC = regex(r"<<-?\s*(['\"]?)([A-Za-z_]\w*)\1[^\n]*\n.*?\n\s*\2(?=\n|$)", re.DOTALL)
_CONDITIONS = frozenset({"if", "elif", "while", "until"})
_OPENINGS = frozenset({"then", "else", "do", "{", "!", "time"})
_CLOSINGS = frozenset({"fi", "done", "esac", "}", "in"})
#: Programs that run the program that follows them.
_PREFIXES = frozenset(
    {"sudo", "exec", "env", "nohup", "nice", "ionice", "command", "time", "stdbuf", "gosu", "su-exec"} | {"timeout"}
)


class Command(NamedTuple):
    """A simple command: its words without quotes, the line on which it begins (from 0), and what surrounds it.

    `joined_by` is the operator between it and the next command: `|`, `&&`, `||`, `&` or `;` (a line's end too).
    `outputs` are the files that it writes to. `is_condition` tells that its failure decides a branch or a loop.
    `depth` counts the substitutions around it.
    """

    words: tuple[str, ...]
    line: int
    joined_by: str = ";"
    outputs: tuple[str, ...] = ()
    is_condition: bool = False
    depth: int = 0
    assigned: tuple[tuple[str, str], ...] = ()

    @property
    def program(self) -> str:
        """The name of the program without its folder; programs that only run another one are passed over."""
        return self.arguments[0] if self.arguments else ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words from the program on: `sudo -u postgres pg_dump app` begins at `pg_dump`."""
        words = self.words
        while words and (name := words[0].rpartition("/")[2]) in _PREFIXES:
            words = words[1:]
            while words and (words[0].startswith("-") or _ASSIGNMENT.fullmatch(words[0])):
                words = words[2:] if words[0] in ("-u", "-g", "-n", "-c", "-k", "-s") else words[1:]
            words = words[1:] if name in ("timeout", "gosu", "su-exec") else words
        return (words[0].rpartition("/")[2], *words[1:]) if words else ()

    @property
    def text(self) -> str:
        """The program and its arguments in one line."""
        return " ".join(self.arguments)


def read_shell(text: str, variables: Mapping[str, str] | None = None) -> tuple[Command, ...]:
    """Return the simple commands of a script in order; those inside `$(…)` come before the command around them.

    `variables` are the environment as far as it is known; assignments in the script are followed.
    """
    known = dict(variables or {})
    return tuple(_commands(_without_heredocs(text), 0, 0, known))


def options(commands: tuple[Command, ...], given: str = "") -> frozenset[str]:
    """Return the shell options that hold in a script: of `errexit` and `pipefail`.

    `given` are the words before the script, such as `-ec` or `-o pipefail`.
    """
    settings = [given.split()] if given else []
    settings += [list(command.words[1:]) for command in commands if command.words[:1] == ("set",)]
    found: set[str] = set()
    for words in settings:
        for index, word in enumerate(words):
            if re.fullmatch(r"-[A-Za-z]*e[A-Za-z]*", word):
                found.add("errexit")
            if re.fullmatch(r"-[A-Za-z]*o", word) and index + 1 < len(words):
                found.add(words[index + 1])
    return frozenset(found & {"errexit", "pipefail"})


def _without_heredocs(text: str) -> str:
    return _HEREDOC.sub(lambda match: "\n" * match[0].count("\n"), text) if "<<" in text else text


class _Reader:
    """Gathers the words of one simple command."""

    def __init__(self, depth: int, known: dict[str, str]) -> None:
        self.depth, self.known = depth, known
        self.condition = False
        self.reset()

    def reset(self) -> None:
        self.words: list[str] = []
        self.outputs: list[str] = []
        self.assigned: list[tuple[str, str]] = []
        self.line: int | None = None
        self.redirect = ""

    def add(self, token: str, line: int) -> None:
        value = _unquoted(expand(token, self.known))
        if self.redirect:
            if ">" in self.redirect and not self.redirect.startswith("2"):
                self.outputs.append(value)
            self.redirect = ""
            return
        if not self.words:
            if token in _CONDITIONS:
                self.condition = True
                return
            if token in _OPENINGS:
                self.condition = self.condition and token in ("!", "{", "time")
                return
            if token in _CLOSINGS:
                return
            if match := _ASSIGNMENT.fullmatch(token):
                name, given = match[1], _unquoted(expand(match[2], self.known))
                self.known[name] = given
                self.assigned.append((name, given))
                self.line = line if self.line is None else self.line
                return
        elif self.words[0] in ("export", "local", "readonly", "declare") and (match := _ASSIGNMENT.fullmatch(token)):
            self.known[match[1]] = _unquoted(expand(match[2], self.known))
        self.line = line if self.line is None else self.line
        self.words.append(value)

    def finish(self, operator: str) -> Iterator[Command]:
        if self.words or self.assigned or self.outputs:
            yield Command(
                tuple(self.words),
                self.line or 0,
                operator,
                tuple(self.outputs),
                self.condition,
                self.depth,
                tuple(self.assigned),
            )
        self.reset()


def _commands(text: str, first_line: int, depth: int, known: dict[str, str]) -> Iterator[Command]:
    reader, line = _Reader(depth, known), first_line
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match[0]
        if kind == "word":
            if depth < 4 and ("$(" in token or "`" in token) and not token.startswith("'"):
                for inner in _SUBSTITUTION.finditer(token):
                    offset = line + token.count("\n", 0, inner.start())
                    yield from _commands(inner[1] or inner[2] or "", offset, depth + 1, known)
            reader.add(token, line)
        elif kind == "redirect":
            has_target = not token.rstrip("-")[-1:].isdigit() and not token.endswith("-")
            reader.redirect = token if has_target else ""
        elif kind == "newline":
            yield from reader.finish(";")
        elif kind == "operator":
            yield from reader.finish({"|&": "|", "(": ";", ")": ";", ";;": ";", ";&": ";"}.get(token, token))
        line += token.count("\n")
    yield from reader.finish(";")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace `$VAR` and `${VAR:-default}` by what is known of them, outside single quotes; the rest stays."""
    if "$" not in text or text.startswith("'"):
        return text

    def replace(match: re.Match[str]) -> str:
        value = variables.get(match[1] or match[3])
        return match[0] if value is None else value

    return _PARAMETER.sub(replace, text)


def _unquoted(word: str) -> str:
    if '"' not in word and "'" not in word and "\\" not in word:
        return word
    if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" and word[0] not in word[1:-1]:
        return word[1:-1]
    return re.sub(r"[\"'\\]", "", word)
