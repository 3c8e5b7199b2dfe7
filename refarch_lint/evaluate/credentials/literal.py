"""Whether the literal value of a named setting is a credential, and why it looks like one."""

from __future__ import annotations

from refarch_lint.evaluate.credentials.names import Promise, promise_of
from refarch_lint.evaluate.credentials.tokens import URL_PASSWORD, Token, decode_base64
from refarch_lint.evaluate.credentials.values import (
    is_email,
    is_placeholder,
    is_quantity_like,
    is_reference,
    is_resource_name,
    is_setting,
    looks_chosen,
    looks_random,
)
from refarch_lint.regex import regex

_OBJECT_NAME_ENDINGS = (
    "secret",
    "secrets",
    "credentials",
    "creds",
    "token",
    "tls",
    "cert",
    "key",
    "keys",
    "auth",
    "password",
)
_KEY_NAMES = frozenset({"data", "key", "password", "secret", "token", "user", "username", "value"})
_SCHEME = regex(r"\A(?:Basic|Bearer|Token)\s+")
_SCHEMES = ("Basic ", "Bearer ", "Token ")
_BEARER_TOKEN = regex(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9+/=._~-]{16,}")
_USER_AND_PASSWORD = regex(r"[A-Za-z_][\w.-]{0,63}:(?P<password>[^\s:/@,;]{3,})")
#: Last words of names whose value is a user and a password with a colon between them.
_OF_USER_AND_PASSWORD = ("basicauth", "credential", "credentials", "cred", "creds", "userpass")
_SHORTEST_PASSWORD_OF_DIGITS = 4
_SHORTEST = 4
_MAX_LENGTH = 8192


def form_reason(token: Token) -> str:
    """Return the clause that says why something is a credential by its form alone."""
    return "its URL carries a password" if token.kind == URL_PASSWORD else f"it has the form of {token.kind}"


def name_reason(name: str, value: str) -> str | None:
    """Return why a value is a credential given the name it stands under, None if it is none.

    Variables, references to a vault or a file, placeholders and ordinary settings are none.
    """
    promise = promise_of(name)
    if promise is None and not value.startswith(_SCHEMES):
        return None
    text = _SCHEME.sub("", value.strip())
    if len(text) > _MAX_LENGTH or text.split() != [text]:
        return None
    if is_placeholder(text, name) or is_reference(text) or is_setting(text) or _is_a_label(name, text):
        return None
    if value.startswith(_SCHEMES):
        if _is_user_and_password(text):
            return "it encodes a user name and a password"
        if _BEARER_TOKEN.fullmatch(text):
            return "it is what an Authorization header holds"
    if promise is Promise.MAYBE and _joins_user_and_password(name, text):
        return "it joins a user name and a password"
    return None if promise is None else _reason(promise, text)


def _is_a_label(name: str, text: str) -> bool:
    """Tell whether a value is the name itself, or what a form shows beside the field: `login.password=Password`."""
    folded = text.lower()
    return folded == name.lower() or (text.istitle() and name.lower().endswith((f".{folded}", f"_{folded}")))


def _reason(promise: Promise, text: str) -> str | None:
    if promise is Promise.PASSWORD:
        is_count = text.isdigit() and len(text) < _SHORTEST_PASSWORD_OF_DIGITS
        return None if is_count else f"its name promises {promise.value}"
    if is_quantity_like(text) or is_email(text) or len(text) < _SHORTEST:
        return None
    if _is_user_and_password(text):
        return "it encodes a user name and a password"
    if looks_random(text):
        return f"its name promises {promise.value} and its value is random"
    if promise is Promise.LIKELY and not looks_chosen(text):
        return None
    if promise is Promise.MAYBE or _names_an_object(text) or (promise is Promise.KEY and text in _KEY_NAMES):
        return None
    return f"its name promises {promise.value}"


def _is_user_and_password(text: str) -> bool:
    decoded = decode_base64(text) if len(text) >= 8 else None
    user, colon, password = (decoded or "").partition(":")
    return bool(colon and user and password and (user + password).isprintable() and " " not in user)


def _joins_user_and_password(name: str, text: str) -> bool:
    """Tell whether a value is `user:password` under a name that asks for both, or what Neo4j takes."""
    folded = name.replace("_", "").replace("-", "").replace(".", "").lower()
    if folded.endswith("neo4jauth"):
        return text.startswith("neo4j/")
    match = _USER_AND_PASSWORD.fullmatch(text) if folded.endswith(_OF_USER_AND_PASSWORD) else None
    return match is not None and not is_quantity_like(match["password"]) and not is_resource_name(match["password"])


def _names_an_object(text: str) -> bool:
    """Tell whether the value reads as the name of an object that holds the credential."""
    return is_resource_name(text) and text.replace(".", "-").rpartition("-")[2] in _OBJECT_NAME_ENDINGS
