"""Passwords that commands, SQL and the files of some programs take by their place, without naming them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from refarch_lint.evaluate.credentials.literal import name_reason
from refarch_lint.evaluate.credentials.values import is_quantity_like
from refarch_lint.regex import regex

#: A value of a shell, and one that may stand after spaces.
_REST = r"[^\s\"';|&]{0,256}"
_VALUE = rf"[\"']?(?P<value>[^\s\"'$`;|&-]{_REST})"


class _Form(NamedTuple):
    """How a password is taken by its place: words that a line must hold, in small letters, and the form of the line.

    `programs` are those that take it so: of commands an expression on their names, of files the name that messages use.
    `name` is what the setting is called.
    """

    words: tuple[str, ...]
    line: re.Pattern[str]
    programs: str = ""
    name: str = ""


def _command(programs: str, words: tuple[str, ...], rest: str) -> _Form:
    """Return the form of a command: the name of a program, and what stands behind it."""
    return _Form(words, regex(rf"\b(?:{programs})\b{rest}"), programs)


#: What some commands take a password by, as in `mysql -pX` and `curl -u user:X`.
_COMMANDS = (
    _command(
        r"mysql(?:dump|admin|check|import|show)?|mariadb(?:-dump|-admin)?",
        ("mysql", "mariadb"),
        rf"[^|;&\n]{{0,200}}?\s-p(?P<value>[^\s\"'$`;|&-]{_REST})",
    ),
    _command(r"(?:redis|valkey|keydb)-cli", ("-cli",), rf"[^|;&\n]{{0,200}}?\s(?:-a|--pass)[ =]{_VALUE}"),
    _command(
        r"docker|podman|buildah|skopeo|nerdctl|helm|oras|crane|oc|az",
        ("login",),
        r"[^|;&\n]{0,100}?\blogin\b[^|;&\n]{0,200}?\s-p[ =]?[\"']?(?P<value>[^\s\"'$`;|&=-][^\s\"';|&]{0,1024})",
    ),
    _command("sshpass", ("sshpass",), rf"\s{{1,5}}-p\s{{0,5}}{_VALUE}"),
    _command(
        r"curl|wget",
        ("curl", "wget"),
        r"[^|;\n]{0,400}?\s(?:-u|--user)[ =][\"']?[^\s:\"'$]{1,100}:(?P<value>[^\s\"'$`]{1,256})",
    ),
    _command(
        "etcdctl",
        ("etcdctl",),
        rf"[^|;&\n]{{0,200}}?\s--user[ =][\"']?[^\s:\"'$]{{1,100}}:(?P<value>[^\s\"'$`;|&]{_REST})",
    ),
    _command(
        r"mongo(?:sh|dump|restore|export|import|stat)?|cqlsh",
        ("mongo", "cqlsh"),
        rf"[^|;&\n]{{0,200}}?\s-p[ =]{_VALUE}",
    ),
    _command("sqlcmd", ("sqlcmd",), rf"[^|;&\n]{{0,200}}?\s-P\s{{0,5}}{_VALUE}"),
    _command("sqlplus", ("sqlplus",), r"[^|;&\n]{0,100}?\s[\"']?\w{1,60}/(?P<value>[^\s\"'$`;|&@/]{1,256})@"),
    _command(r"ldap(?:search|add|modify|delete|passwd|whoami)", ("ldap",), rf"[^|;&\n]{{0,400}}?\s-w\s{{1,5}}{_VALUE}"),
    _command(
        "rabbitmqctl",
        ("rabbitmqctl",),
        rf"[^|;&\n]{{0,100}}?\s(?:add_user|change_password)\s{{1,5}}[^\s|;&]{{1,100}}\s{{1,5}}{_VALUE}",
    ),
    _command(
        "mc",
        ("mc ", "mc\t"),
        r"[^|;&\n]{0,100}?\s(?:(?:alias\s{1,5}set|config\s{1,5}host\s{1,5}add)\s{1,5}[^\s|;&]{1,100}"
        r"|admin\s{1,5}user\s{1,5}add)\s{1,5}[^\s|;&]{1,300}\s{1,5}[^\s|;&]{1,200}\s{1,5}" + _VALUE,
    ),
    _command(
        "htpasswd",
        ("htpasswd",),
        r"(?=[^|;&\n]{0,100}?\s-[a-zA-Z]{0,8}b)[^|;&>)\n]{0,200}\s"
        rf"{_VALUE}[\"']?(?=\s{{0,5}}(?:[|;&>)]|\Z))",
    ),
    _command(
        "aws",
        ("aws ",),
        rf"\s{{1,5}}configure\s{{1,5}}set\s{{1,5}}aws_(?:secret_access_key|session_token)\s{{1,5}}{_VALUE}",
    ),
    _Form(
        ("storepass", "keypass"),
        regex(rf"(?<!\S)-(?:src|dest)?(?:storepass|keypass)\s{{1,5}}{_VALUE}"),
        programs="keytool",
    ),
    _Form(
        ("pass:",),
        regex(rf"\s-pass(?:in|out)?\s{{1,5}}pass:(?P<value>[^\s\"'$`;|&]{_REST})"),
        programs="openssl",
    ),
    _Form(
        ("chpasswd",),
        regex(
            r"\becho\s{1,5}[\"']?[^\s:\"'$|]{1,60}:(?P<value>[^\s\"'$`|]{1,256})[\"']?\s{0,5}\|\s{0,5}(?:\w{1,10}\s)?"
            r"chpasswd\b"
        ),
    ),
    _Form(
        ("authorization",),
        regex(
            r"(?i)\bAuthorization\b[\"']?\s{0,5}[:,=]?\s{0,5}[\"']?(?:Basic|Bearer)\s{1,5}"
            r"(?P<value>[A-Za-z0-9+/=._~-]{8,2048})"
        ),
    ),
)

#: What SQL and the files of some programs take a password by, such as the lines of .netrc and .pgpass.
_FILES = (
    _Form(
        ("requirepass", "masterauth"),
        regex(
            r"""(?:^\s{0,40}|["']|\\n|--|\b(?i:set)\s{1,5})(?:requirepass|masterauth)(?:[^\S\n]{1,10}|=)["']?"""
            r"""(?P<value>[^\s"']{1,512})"""
        ),
        "Redis",
        "requirepass",
    ),
    _Form(
        ("password", "identified"),
        regex(r"(?i)\b(?:PASSWORD|IDENTIFIED\s{1,10}BY)\s{1,10}'(?P<value>[^'\n]{1,256})'"),
        "SQL",
    ),
    _Form(
        ("login",),
        regex(
            r"(?:\bmachine\s{1,5}\S{1,255}|^\s*default)\s{1,5}login\s{1,5}\S{1,100}\s{1,5}password\s{1,5}(?P<value>\S{1,256})"
        ),
        ".netrc",
    ),
    _Form(
        (":5432:", ":6432:", ":*:"),
        regex(r"^\s*[\w.*-]{1,255}:(?:5432|6432|\*):[\w.*-]{1,63}:[\w.*-]{1,63}:(?P<value>[^\s:]{1,256})\s*$"),
        ".pgpass",
    ),
    _Form(
        ('" "',),
        regex(r"^\s*\"[A-Za-z_][\w.-]{0,62}\" \"(?P<value>(?=\D{0,256}\d)[^\s\"]{4,256})\"\s*$"),
        "PgBouncer",
    ),
    _Form(
        ("user ", "user\t"),
        regex(
            r"(?i:^\s*user|\bACL\s{1,5}SETUSER)\s{1,5}[^\s>]{1,100}\s(?=[^\n]{0,400}\bon\b)[^\n>]{0,400}?(?<=\s)"
            r">(?P<value>[^\s\"'$>&]{1,256})"
        ),
        "Redis",
    ),
    _Form(
        ("insecure-password", "auth"),
        regex(r"\b(?:insecure-password\s{1,5}|stats\s{1,5}auth\s{1,5}[^\s:]{1,100}:)(?P<value>\S{1,256})"),
        "HAProxy",
    ),
)

#: Without any of these in it a line holds nothing that this module knows; in small letters.
HINTS = tuple(dict.fromkeys(word for form in (*_COMMANDS, *_FILES) for word in form.words))

#: The commands that take a password by an argument whose name says nothing, and those that start another.
_NAMES = regex(rf"(?:.*/)?(?:{'|'.join(form.programs for form in _COMMANDS if form.programs)})")
_STARTERS = regex(r"(?:.*/)?(?:timeout|env|exec|tini|dumb-init|gosu|su-exec|nice|sudo|nohup|time|[\w.-]+\.sh)")
_OF_STARTERS = regex(r"-.*|\d+[smh]?|\w+=.*")
#: What containers publish, and addresses, stand after `-p` as well.
_PORTS = regex(r"[\d.:]+(?:/\w+)?")


def unnamed_passwords(line: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield the columns, the name if any and the reason of each password of a line that is known by its place."""
    folded = line.casefold()
    for form in _FILES:
        for match in _matches(form, line, folded):
            if name_reason("password", match["value"]):
                yield *match.span("value"), form.name, f"{form.programs} takes it as a password"
    for start, end in _of_commands(line, folded):
        yield start, end, "", "the command takes it as a password"


def _of_commands(line: str, folded: str) -> Iterator[tuple[int, int]]:
    for form in _COMMANDS:
        for match in _matches(form, line, folded):
            value = match["value"]
            if not (is_quantity_like(value) or _PORTS.fullmatch(value)) and name_reason("password", value):
                yield match.span("value")


def _matches(form: _Form, line: str, folded: str) -> Iterable[re.Match[str]]:
    return form.line.finditer(line) if any(word in folded for word in form.words) else ()


def passwords_among(arguments: Sequence[object]) -> Iterator[tuple[int, int, str]]:
    """Yield each argument, by its number, that a command takes as a password, from which column on, and why.

    `["redis-cli", "-a", "X"]` says what `redis-cli -a X` says in a script.
    """
    first = 0
    while first < len(arguments) and (
        _is_word(arguments[first], _STARTERS) or (first and _is_word(arguments[first], _OF_STARTERS))
    ):
        first += 1
    if first == len(arguments) or not _is_word(arguments[first], _NAMES):
        return
    starts: list[int] = []
    line = ""
    for argument in arguments[first:]:
        is_word = isinstance(argument, str) and argument.split() == [argument]
        starts.append(len(line))
        line += f"{argument if is_word else 'x'} "
    for start, _ in _of_commands(line, line.casefold()):
        index = max(at for at, begin in enumerate(starts) if begin <= start)
        yield first + index, start - starts[index], "the command takes it as a password"


def _is_word(argument: object, words: re.Pattern[str]) -> bool:
    return isinstance(argument, str) and words.fullmatch(argument) is not None
