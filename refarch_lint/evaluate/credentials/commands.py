"""Passwords that commands, SQL and the files of some programs take by their place, without naming them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from refarch_lint.evaluate.credentials.literal import name_reason
from refarch_lint.evaluate.credentials.values import is_quantity_like
from refarch_lint.regex import regex

#: Without any of these in it a line holds nothing that this module knows; in small letters.
HINTS = (
    "auth", "pass", "login", "identified", "user ", "mysql", "mariadb", "-cli", "curl", "wget", "mc ", "mc\t", "mongo",
    "cqlsh", "sqlcmd", "sqlplus", "ldap", "etcdctl", "rabbitmqctl", "keypass", "aws ", ":5432:", ":6432:", ":*:", '" "',
)  # fmt: skip

#: A value of a shell, and one that may stand after spaces.
_REST = r"[^\s\"';|&]{0,256}"
_VALUE = rf"[\"']?(?P<value>[^\s\"'$`;|&-]{_REST})"

#: What some commands take a password by, as in mysql -pX and curl -u user:X, each with words that a line must hold, in
#: small letters.
_COMMANDS = (
    (
        ("mysql", "mariadb"),
        regex(
            r"\b(?:mysql(?:dump|admin|check|import|show)?|mariadb(?:-dump|-admin)?)\b[^|;&\n]{0,200}?\s-p"
            rf"(?P<value>[^\s\"'$`;|&-]{_REST})"
        ),
    ),
    (("-cli",), regex(rf"\b(?:redis|valkey|keydb)-cli\b[^|;&\n]{{0,200}}?\s(?:-a|--pass)[ =]{_VALUE}")),
    (
        ("login",),
        regex(
            r"\b(?:docker|podman|buildah|skopeo|nerdctl|helm|oras|crane|oc|az)\b[^|;&\n]{0,100}?\blogin\b[^|;&\n]{0,200}?"
            r"\s-p[ =]?[\"']?(?P<value>[^\s\"'$`;|&=-][^\s\"';|&]{0,1024})"
        ),
    ),
    (("sshpass",), regex(rf"\bsshpass\s{{1,5}}-p\s{{0,5}}{_VALUE}")),
    (
        ("curl", "wget"),
        regex(
            r"\b(?:curl|wget)\b[^|;\n]{0,400}?\s(?:-u|--user)[ =][\"']?[^\s:\"'$]{1,100}:(?P<value>[^\s\"'$`]{1,256})"
        ),
    ),
    (
        ("etcdctl",),
        regex(rf"\betcdctl\b[^|;&\n]{{0,200}}?\s--user[ =][\"']?[^\s:\"'$]{{1,100}}:(?P<value>[^\s\"'$`;|&]{_REST})"),
    ),
    (
        ("mongo", "cqlsh"),
        regex(
            rf"\b(?:mongo(?:sh|dump|restore|export|import|stat)?|cqlsh)\b[^|;&\n]{{0,200}}?\s-p[ =]{_VALUE}",
        ),
    ),
    (("sqlcmd",), regex(rf"\bsqlcmd\b[^|;&\n]{{0,200}}?\s-P\s{{0,5}}{_VALUE}")),
    (("sqlplus",), regex(r"\bsqlplus\b[^|;&\n]{0,100}?\s[\"']?\w{1,60}/(?P<value>[^\s\"'$`;|&@/]{1,256})@")),
    (
        ("ldap",),
        regex(rf"\bldap(?:search|add|modify|delete|passwd|whoami)\b[^|;&\n]{{0,400}}?\s-w\s{{1,5}}{_VALUE}"),
    ),
    (
        ("rabbitmqctl",),
        regex(r"\brabbitmqctl\b[^|;&\n]{0,100}?\s(?:add_user|change_password)\s{1,5}[^\s|;&]{1,100}\s{1,5}" + _VALUE),
    ),
    (
        ("mc ", "mc\t"),
        regex(
            r"\bmc\b[^|;&\n]{0,100}?\s(?:(?:alias\s{1,5}set|config\s{1,5}host\s{1,5}add)\s{1,5}[^\s|;&]{1,100}"
            r"|admin\s{1,5}user\s{1,5}add)\s{1,5}[^\s|;&]{1,300}\s{1,5}[^\s|;&]{1,200}\s{1,5}" + _VALUE
        ),
    ),
    (
        ("htpasswd",),
        regex(
            r"\bhtpasswd(?=[^|;&\n]{0,100}?\s-[a-zA-Z]{0,8}b)[^|;&>)\n]{0,200}\s"
            rf"{_VALUE}[\"']?(?=\s{{0,5}}(?:[|;&>)]|\Z))"
        ),
    ),
    (("storepass", "keypass"), regex(rf"(?<!\S)-(?:src|dest)?(?:storepass|keypass)\s{{1,5}}{_VALUE}")),
    (("pass:",), regex(rf"\s-pass(?:in|out)?\s{{1,5}}pass:(?P<value>[^\s\"'$`;|&]{_REST})")),
    (
        ("chpasswd",),
        regex(
            r"\becho\s{1,5}[\"']?[^\s:\"'$|]{1,60}:(?P<value>[^\s\"'$`|]{1,256})[\"']?\s{0,5}\|\s{0,5}(?:\w{1,10}\s)?"
            r"chpasswd\b"
        ),
    ),
    (
        ("aws ",),
        regex(rf"\baws\s{{1,5}}configure\s{{1,5}}set\s{{1,5}}aws_(?:secret_access_key|session_token)\s{{1,5}}{_VALUE}"),
    ),
    (
        ("authorization",),
        regex(
            r"(?i)\bAuthorization\b[\"']?\s{0,5}[:,=]?\s{0,5}[\"']?(?:Basic|Bearer)\s{1,5}"
            r"(?P<value>[A-Za-z0-9+/=._~-]{8,2048})"
        ),
    ),
)

#: What programs take a password by in SQL and in their own files, such as requirepass in redis.conf and the lines of
#: .netrc, .pgpass and PgBouncer's userlist.txt: words that a line must hold, the form, a name, and the program.
_PROGRAMS = (
    (
        ("requirepass", "masterauth"),
        regex(
            r"""(?:^\s{0,40}|["']|\\n|--|\b(?i:set)\s{1,5})(?:requirepass|masterauth)(?:[^\S\n]{1,10}|=)["']?"""
            r"""(?P<value>[^\s"']{1,512})"""
        ),
        "requirepass",
        "Redis",
    ),
    (
        ("password", "identified"),
        regex(r"(?i)\b(?:PASSWORD|IDENTIFIED\s{1,10}BY)\s{1,10}'(?P<value>[^'\n]{1,256})'"),
        "",
        "SQL",
    ),
    (
        ("login",),
        regex(
            r"(?:\bmachine\s{1,5}\S{1,255}|^\s*default)\s{1,5}login\s{1,5}\S{1,100}\s{1,5}password\s{1,5}(?P<value>\S{1,256})"
        ),
        "",
        ".netrc",
    ),
    (
        (":5432:", ":6432:", ":*:"),
        regex(r"^\s*[\w.*-]{1,255}:(?:5432|6432|\*):[\w.*-]{1,63}:[\w.*-]{1,63}:(?P<value>[^\s:]{1,256})\s*$"),
        "",
        ".pgpass",
    ),
    (
        ('" "',),
        regex(r"^\s*\"[A-Za-z_][\w.-]{0,62}\" \"(?P<value>(?=\D{0,256}\d)[^\s\"]{4,256})\"\s*$"),
        "",
        "PgBouncer",
    ),
    (
        (" >",),
        regex(
            r"(?i:^\s*user|\bACL\s{1,5}SETUSER)\s{1,5}[^\s>]{1,100}\s(?=[^\n]{0,400}\bon\b)[^\n>]{0,400}?(?<=\s)"
            r">(?P<value>[^\s\"'$>&]{1,256})"
        ),
        "",
        "Redis",
    ),
    (
        ("insecure-password", "stats"),
        regex(r"\b(?:insecure-password\s{1,5}|stats\s{1,5}auth\s{1,5}[^\s:]{1,100}:)(?P<value>\S{1,256})"),
        "",
        "HAProxy",
    ),
)

#: Commands that take a password by an argument whose name says nothing, and those that start another.
_NAMES = regex(
    r"(?:.*/)?(?:mysql\w*|mariadb[\w-]*|(?:redis|valkey|keydb)-cli|docker|podman|buildah|skopeo|nerdctl|helm|oras|crane|oc"
    r"|az|sshpass|curl|wget|etcdctl|mongo\w*|cqlsh|sqlcmd|sqlplus|ldap\w+|rabbitmqctl|mc|htpasswd|keytool|openssl|aws)"
)
_STARTERS = regex(r"(?:.*/)?(?:timeout|env|exec|tini|dumb-init|gosu|su-exec|nice|sudo|nohup|time|[\w.-]+\.sh)")
_OF_STARTERS = regex(r"-.*|\d+[smh]?|\w+=.*")
#: What containers publish, and addresses, stand after `-p` as well.
_PORTS = regex(r"[\d.:]+(?:/\w+)?")


def unnamed_passwords(line: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield the columns, the name if any and the reason of each password of a line that is known by its place."""
    folded = line.casefold()
    for words, form, name, program in _PROGRAMS:
        for match in form.finditer(line) if any(word in folded for word in words) else ():
            if name_reason("password", match["value"]):
                yield *match.span("value"), name, f"{program} takes it as a password"
    for start, end in _of_commands(line, folded):
        yield start, end, "", "the command takes it as a password"


def _of_commands(line: str, folded: str) -> Iterator[tuple[int, int]]:
    for words, form in _COMMANDS:
        for match in form.finditer(line) if any(word in folded for word in words) else ():
            value = match["value"]
            if not (is_quantity_like(value) or _PORTS.fullmatch(value)) and name_reason("password", value):
                yield match.span("value")


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
