"""Names with their literal values in a line of text, whatever the syntax: YAML, JSON, INI, shell, options, XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from refarch_lint.evaluate.credentials.names import promise_of
from refarch_lint.regex import regex


class Pair(NamedTuple):
    """A name and its literal value, the columns of the value, and whether the name is a command-line option."""

    name: str
    value: str
    start: int
    end: int
    is_option: bool


_NAME = r"[A-Za-z_][\w.-]{0,80}"
_QUOTED = r"""\"(?P<double>[^\"\\\n]{0,1024})\"|'(?P<apostrophe>[^'\n]{0,1024})'"""
_GAP = r"[^\S\n]"

#: `key: value` as YAML and JSON write it, at the beginning of a line or after a brace or comma.
_COLON = regex(
    rf"""(?:^|[{{,])\s{{0,200}}(?:-\s{{1,10}})?
         (?:"(?P<quoted>{_NAME})"|'(?P<single>{_NAME})'|(?P<plain>{_NAME}))\s{{0,10}}:(?:\s{{1,10}}|(?=["']))
         (?:{_QUOTED}|(?P<bare>[^\s"'{{\[|>&!*\#,}}<][^\s,}}]{{0,1024}}|<[^<>\n]{{1,200}}>))
         (?:(?=(?P<prose>{_GAP}+[^\s,}}\]\#])))?""",
    re.VERBOSE,
)

#: `key=value` as INI files, properties, shells, command lines and connection strings write it.
_EQUALS = regex(
    rf"""(?<![\w.$%-])(?<!\$\{{)(?P<dashes>-{{0,2}})(?P<plain>{_NAME})
         (?P<gap>{_GAP}{{0,40}})(?<![!<>~:+?])=(?![=~>])(?P<gap_after>{_GAP}{{0,40}})
         (?:{_QUOTED}|(?P<bare>[^\s"';&|,)}}\]]{{1,1024}}))
         (?:(?=(?P<prose>,|{_GAP}+[^\s\#;])))?""",
    re.VERBOSE,
)

#: `--password value` as commands take it.
_OPTION = regex(
    rf"""(?<!\S)(?P<dashes>--?)(?P<plain>{_NAME}){_GAP}{{1,10}}(?:{_QUOTED}|(?P<bare>[^\s"'-][^\s"';|&]{{0,1024}}))""",
    re.VERBOSE,
)

#: `<password>value</password>`.
_ELEMENT = regex(rf"<(?P<plain>{_NAME})>(?P<bare>[^<>\s]{{1,512}})</")

_CODE = regex(r"[(\[{]|::|=>|->|\\")
_IDENTIFIER = regex(r"[A-Za-z_]\w*")
_ATTRIBUTE = regex(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


def pairs(line: str) -> Iterator[Pair]:
    """Yield the names and literal values of a line; what is code or prose rather than a literal is left out."""
    for syntax in (_COLON, _EQUALS, _OPTION, _ELEMENT):
        match = syntax.search(line)
        while match:
            pair = _pair(match)
            if pair:
                yield pair
            # A value may hold pairs of its own: --from-literal=password=x, url=jdbc:...?password=x.
            is_bare = syntax is _EQUALS and match["bare"] is not None
            match = syntax.search(line, match.start("bare") if is_bare else match.end())


def _pair(match: re.Match[str]) -> Pair | None:
    groups = match.groupdict()
    name = groups.get("quoted") or groups.get("single") or groups["plain"] or ""
    is_option = bool(groups.get("dashes"))
    for group in ("double", "apostrophe"):
        if groups.get(group) is not None:
            return Pair(name, match[group], *match.span(group), is_option)
    value = match["bare"]
    is_spaced = "gap" not in groups or bool(groups["gap"] or groups["gap_after"])
    if _CODE.search(value) or _is_attribute_of_credential(value) or (is_spaced and _is_expression(name, value, groups)):
        return None
    return Pair(name, value, *match.span("bare"), is_option)


def _is_attribute_of_credential(value: str) -> bool:
    """Tell whether a bare value is a path to a credential in a program: `process.env.API_KEY`, `config.apiKey`."""
    is_attribute = _ATTRIBUTE.fullmatch(value) is not None
    return is_attribute and (value.startswith("process.env.") or promise_of(value) is not None)


def _is_expression(name: str, value: str, groups: dict[str, str | None]) -> bool:
    """Tell whether a bare value is the start of a sentence, or a name in a program (`self.password = password`)."""
    if groups.get("prose"):
        return True
    if "gap" not in groups:
        return False
    is_variable = _IDENTIFIER.fullmatch(value) is not None and promise_of(f"the_{value}") is not None
    return is_variable or name.endswith(value) or _ATTRIBUTE.fullmatch(value) is not None
