"""What a value is by its looks alone: a placeholder, a reference to something else, a harmless setting, or random."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

from refarch_lint.evaluate.credentials.names import promise_of
from refarch_lint.regex import regex
from refarch_lint.remembering import remembered

#: Words that nobody means as a value, and words that nobody means as a credential.
_PLACEHOLDER_WORDS = frozenset(
    {
        "change-it",
        "change-this",
        "changeit",
        "changeme",
        "fixme",
        "placeholder",
        "replace-this",
        "replaceme",
        "to-be-defined",
        "to-be-replaced",
    }
)
_CREDENTIAL_PLACEHOLDER_WORDS = frozenset(
    {"dummy", "example", "fill-in", "insert", "redacted", "replace", "sample", "tbc", "tbd", "todo"}
)

_PLACEHOLDER = regex(
    r"""
      \A<(?:[A-Z]|[a-z]+[ ._-])[\w .-]*>\Z              # <YOUR TOKEN>, <your-token>
    | (?<![A-Za-z-])(?:YOUR(?![a-z])|your[-_])         # YOUR_API_KEY, your-token
    | (?i:(?<![a-z])(?:change|replace)[-_]?me(?![a-z]))
    | (?i:(?<![a-z])(?:insert|put|enter|add|paste|replace|fill)[-_][\w-]*[-_](?:here|in)(?![a-z]))
    | (?i:[-_](?:placeholder|goes[-_]here)(?![a-z]))
    | \A(?:TODO|TBD|FIXME)(?![A-Za-z0-9])
    | \A[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:VAL|HERE|PLACEHOLDER)\Z
    | \A(?!/)(?i:(?:.*[^a-z0-9.])?x{3,}(?![a-z0-9]))     # xxx, xoxb-xxxx-xxxx, but not mktemp's /tmp/a.XXXXXX
    | \A(?!/)(?i:(?:.*[^x.])?x{8,})
    | \A\*{3,}\Z
    """,
    re.VERBOSE,
)
_CREDENTIAL_PLACEHOLDER = regex(r"\A<[\w .:-]+>\Z|\A(?i:your)\w+\Z")
_PROSE_PLACEHOLDER = regex(r"\A<[A-Za-z][\w .-]*>\Z|(?<![A-Za-z-])YOUR_[A-Z]|\ATODO:")

_REFERENCE = regex(
    r"""
      \$\(|\$\{|\{\{|<%|\#\{                           # $(VAR) ${VAR} {{ .Values.x }} <%= x %> #{x}
    | %\(\w+\)s|%[sdvq](?![a-z0-9])                    # %(ENV)s, and the verbs of a format string
    | \A\$[A-Za-z_]\w*(?:[/.:-]|\Z)|\A"?\$[\d@*]|\A%\w+%\Z|\A@\w+@\Z
    | \A`|\A\$__\w+\{
    | \A(?:ENC\[|ENC\(|\{cipher\})                     # SOPS, Jasypt, Spring Cloud Config
    | \A(?:vault|ref\+\w+|op|secretref|secretKeyRef|awssm|gcpsm|azurekv|env|file|sm|ssm):
    | \Aarn:aws
    | \Aprojects/[^/\s]+/secrets/
    | \A/?(?:run|etc|var|mnt|opt|home|usr|tmp|vault|secrets?)/[\w./-]*\Z
    """,
    re.VERBOSE,
)

_SETTINGS = frozenset(
    {
        "always",
        "auto",
        "basic",
        "bearer",
        "default",
        "disable",
        "disabled",
        "enable",
        "enabled",
        "external",
        "false",
        "fd",
        "internal",
        "n",
        "never",
        "nil",
        "no",
        "none",
        "null",
        "oauth2",
        "off",
        "on",
        "optional",
        "prompt",
        "required",
        "stdin",
        "str",
        "string",
        "true",
        "undefined",
        "y",
        "yes",
    }
)

_PATH = regex(r"(?:~|\.{1,2})?/[^\s:;,]*|[A-Za-z]:\\\S*")
_FILE_NAME = regex(
    r"[\w.-]+\.(?:asc|cer|conf|crt|der|env|gpg|ini|jks|json|key|keystore|p12|pem|pfx|properties|pub|toml|txt|ya?ml)"
)
_URL = regex(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://\S*")
_EMAIL = regex(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DURATION_OR_SIZE = regex(r"\d+(?:\.\d+)?\s?(?:ns|us|ms|s|m|h|d|w|y|[KMGT]i?B?|%)?")
_PUBLIC = regex(
    r"-----BEGIN (?:[A-Z0-9 ]*PUBLIC KEY|CERTIFICATE|CERTIFICATE REQUEST)-----|ssh-(?:rsa|ed25519|dss) |ecdsa-sha2-"
)
_DIGEST = regex(r"(?:sha(?:1|256|384|512)|md5)[:-][0-9A-Fa-f]{32,}={0,2}")

_UUID = regex(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEX = regex(r"(?=.*[a-f])(?=.*[0-9])[0-9a-f]{16,}", re.IGNORECASE)
_RESOURCE_NAME = regex(r"[a-z0-9]+(?:[-.][a-z0-9]+)+")

#: A step between letters, capitals and digits as words do not take it: only a capital may begin a word.
_CHANGES = frozenset({"dl", "du", "ld", "lu", "ud"})
_MIXED = regex(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9!@#$%^&*_+=]{8,}")
_RANDOM_ENTROPY = 3.0
_RANDOM_CHANGES = 3
_RANDOM_LENGTH = 12
_MAX_PLACEHOLDER = 2048


@remembered
def is_placeholder(value: str, name: str = "") -> bool:
    """Tell whether a value is a hole that somebody was to fill in: `YOUR_API_KEY`, `<api-token>`, `changeme`, `xxxx`.

    Words such as `example` count only under a `name` that promises a credential.
    """
    text = value.strip().strip("'\"")
    if not 3 <= len(text) <= _MAX_PLACEHOLDER or "\n" in text:
        return False
    word = re.sub(r"[\s_-]+", "-", text.lower())
    if word in _PLACEHOLDER_WORDS:
        return True
    if text.split() != [text]:
        return _PROSE_PLACEHOLDER.search(text) is not None
    if _PLACEHOLDER.search(text):
        return True
    of_credential = word in _CREDENTIAL_PLACEHOLDER_WORDS or _CREDENTIAL_PLACEHOLDER.match(text) is not None
    return of_credential and promise_of(name) is not None


def is_reference(value: str) -> bool:
    """Tell whether a value names a credential kept elsewhere: a variable, a template, a vault path, a mounted file."""
    return _REFERENCE.search(value) is not None


def is_setting(value: str) -> bool:
    """Tell whether a value is an ordinary setting: empty, a switch, a path, a file name, an address, a public key."""
    text = value.strip()
    return (
        not text
        or text.lower() in _SETTINGS
        or _PATH.fullmatch(text) is not None
        or _FILE_NAME.fullmatch(text) is not None
        or _URL.fullmatch(text) is not None
        or _PUBLIC.match(text) is not None
        or _DIGEST.fullmatch(text) is not None
    )


def is_quantity_like(value: str) -> bool:
    """Tell whether a value is a number, a duration, a size or a share."""
    return _DURATION_OR_SIZE.fullmatch(value.strip()) is not None


def is_resource_name(value: str) -> bool:
    """Tell whether a value reads as the name of an object or host: lower-case words joined by hyphens or dots."""
    return _RESOURCE_NAME.fullmatch(value) is not None and not looks_random(value)


def is_email(value: str) -> bool:
    """Tell whether a value is an e-mail address."""
    return _EMAIL.fullmatch(value.strip()) is not None


def entropy(text: str) -> float:
    """Return the Shannon entropy of a text in bits per character."""
    total = len(text)
    return -sum(count / total * math.log2(count / total) for count in Counter(text).values()) if total else 0.0


def looks_random(value: str) -> bool:
    """Tell whether a value was drawn by a machine rather than chosen from words."""
    if _UUID.fullmatch(value) or _HEX.fullmatch(value):
        return True
    if len(value) < _RANDOM_LENGTH or value.split() != [value]:
        return False
    classes = ["d" if c.isdigit() else "u" if c.isupper() else "l" if c.islower() else "-" for c in value[:4096]]
    changes = sum(before + after in _CHANGES for before, after in pairwise(classes))
    return "d" in classes and changes >= _RANDOM_CHANGES and entropy(value) >= _RANDOM_ENTROPY


def looks_chosen(value: str) -> bool:
    """Tell whether a value mixes letters and digits as a chosen password does, and reads as no name or address."""
    return _MIXED.fullmatch(value) is not None
